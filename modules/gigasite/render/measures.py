"""Values as devices want them written: whole percent, bytes, seconds, quoted text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final


def percent(ratio: float) -> int:
    """A ratio as whole percent, at least 1."""
    return max(1, round(100 * ratio))


def rest_percent(ratio: float) -> int:
    """What a ratio leaves of the whole, as whole percent, at least 1."""
    return max(1, 100 - percent(ratio))


def whole(value: float) -> int:
    """The nearest whole number, at least 1."""
    return max(1, round(value))


def kilobytes(value: float) -> int:
    """Bytes of so many kB of 1,000 bytes."""
    return round(1000 * value)


def seconds(milliseconds: int) -> str:
    """`0.40`: seconds with two decimals."""
    return f"{milliseconds / 1000:.2f}"


def rows(names: Iterable[str], pattern: str, by: str = ",\n    ") -> str:
    """`pattern` for each name, which stands for its `@`; in one go, as there are thousands."""
    return by.join([pattern.replace("@", name) for name in names])


MEASURES: Final[dict[str, Callable[..., Any]]] = {
    "percent": percent,
    "rest_percent": rest_percent,
    "whole": whole,
    "bytes": kilobytes,
    "seconds": seconds,
    "quoted": json.dumps,
    "rows": rows,
}
