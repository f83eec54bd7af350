"""Racks in findings: grouped by their pool, named together, with the worst figure."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.checks.wording import count


def by_pool(racks: pl.DataFrame) -> Iterator[tuple[str | None, pl.DataFrame]]:
    """The racks of each pool, and those of none under None, in their order."""
    for (pool,), group in racks.group_by("pool", maintain_order=True):
        yield pool, group


def racks_of(group: pl.DataFrame, pool: str | None) -> str:
    """`8 racks of pool train`, `2 racks of core and storage`."""
    kinds = group["kind"].unique(maintain_order=True).to_list()
    return f"{count(group.height, 'rack')} of {f'pool {pool}' if pool else ' and '.join(kinds)}"


def most(group: pl.DataFrame, column: str) -> float:
    """The largest value of a column; nothing where none is known."""
    value = group[column].max()
    return float(value) if isinstance(value, int | float) else 0.0
