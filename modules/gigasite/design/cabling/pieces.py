"""Pieces of cable: what is bought and pulled, from the table of links."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.cabling_products import CableAssembly, FibreCable
from gigasite.catalog.load import Catalog


def pieces(cables: pl.DataFrame) -> pl.DataFrame:
    """One row a piece, by its first link: the columns of `cables`, with the `gbps` of all its links, and `links`."""
    number = cables["piece"].to_numpy()
    if not number.size:
        return cables.with_columns(links=pl.lit(0, pl.Int32))
    first = first_links(number)
    if first.size == number.size:
        return cables.with_columns(pl.col("gbps").fill_null(0.0), links=pl.lit(1, pl.Int32))
    total = np.bincount(number, cables["gbps"].fill_null(0.0).to_numpy())[number[first]]
    links = np.bincount(number)[number[first]]
    return cables[first].with_columns(gbps=pl.Series(total), links=pl.Series(links, dtype=pl.Int32))


def first_links(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows in which a number comes for the first time, ascending."""
    first = np.full(int(number.max(initial=-1)) + 1, -1, np.int64)
    first[number[::-1]] = np.arange(number.size)[::-1]  # written last: the first
    is_first = np.zeros(number.size, bool)
    is_first[first[first >= 0]] = True
    return np.flatnonzero(is_first)


def legs(
    cables: pl.DataFrame, a_row: NDArray[np.unsignedinteger], b_row: NDArray[np.unsignedinteger]
) -> NDArray[np.int64]:
    """Rows that stand for a length of cable of their own: the first link from one device to another in each piece."""
    number = cables["piece"].to_numpy()
    if not number.size:
        return number
    own = np.bincount(number)[number] == 1
    shared = np.flatnonzero(~own)
    width = int(max(a_row.max(), b_row.max())) + 1
    ends = (number[shared] * width + a_row[shared].astype(np.int64)) * width + b_row[shared].astype(np.int64)
    own[shared[np.unique(ends, return_index=True)[1]]] = True
    return np.flatnonzero(own)


def diameters_mm(catalog: Catalog) -> dict[str, float]:
    """By product: its diameter, where it states one."""
    found = {item.key: item.diameter_mm for item in catalog.all_of(CableAssembly)}
    found |= {item.key: item.diameter_mm for item in catalog.all_of(FibreCable)}
    return {key: diameter for key, diameter in found.items() if diameter is not None}
