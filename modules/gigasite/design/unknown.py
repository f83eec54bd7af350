"""Sums that are unknown as soon as one part is: an unknown quantity is never counted as zero."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import polars as pl

N = TypeVar("N", int, float)


def column_total(column: pl.Series) -> float | None:
    """The sum of a column; None where one of its values is unknown."""
    return None if column.null_count() else float(column.sum())


def total(parts: Iterable[N | None]) -> N | None:
    """The sum of single values; None where one of them is unknown."""
    listed = list(parts)
    known = [part for part in listed if part is not None]
    return sum(known) if len(known) == len(listed) else None


def known_sum(column: str) -> pl.Expr:
    """The sum of a column within its group; null where one of its values is unknown."""
    return pl.when(pl.col(column).is_null().any()).then(None).otherwise(pl.col(column).sum())
