"""Codes of whole numbers for what many rows have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def numbered(code: Ints) -> tuple[Ints, Ints]:
    """The codes that occur, ascending, and the place of each code among them."""
    if not len(code):
        return code, code
    low, high = int(code.min()), int(code.max())
    if high - low > 16 * len(code) + 1024:
        used, number = np.unique(code, return_inverse=True)
        return used, number
    occurs = np.bincount(code - low) > 0
    return np.flatnonzero(occurs) + low, (np.cumsum(occurs) - 1)[code - low]
