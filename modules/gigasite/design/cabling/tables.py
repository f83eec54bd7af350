"""The tables of cables, ports and modules: what was chosen, written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design.cabling.choose import Choice
from gigasite.design.cabling.faces import LAST_OWN, Spots
from gigasite.design.cabling.lengths import sold_length_m
from gigasite.design.cabling.links import Floats, Ints, Links
from gigasite.design.cabling.optics import NONE


@dataclass(frozen=True, slots=True)
class Cabling:
    """The tables of all cabling, and the rows of both ends in the table of places."""

    cables: pl.DataFrame
    ports: pl.DataFrame
    modules: pl.DataFrame
    a_row: NDArray[np.uint32]
    b_row: NDArray[np.uint32]


def cables_table(links: pl.DataFrame, numbers: pl.Series, choice: Choice) -> pl.DataFrame:
    """One row a link, with what makes it."""
    first = choice.piece == np.arange(len(choice.piece))
    pieces = np.cumsum(first)[choice.piece] if len(first) else np.zeros(0, np.int64)
    return links.select(
        numbers,
        "fabric",
        "tier",
        pl.col("plane").cast(pl.Int32),
        pl.col("rail").cast(pl.Int32),
        "a_device",
        pl.col("a_port").cast(pl.Int32),
        "b_device",
        pl.col("b_port").cast(pl.Int32),
        "gbps",
        pl.Series("length_m", _ordered_m(choice)).fill_nan(None),
        _named("media", [kind.key for kind in choice.kinds], choice.kind),
        _named("product", [item.key for item in choice.assemblies], choice.assembly),
        pl.Series("piece", pieces, dtype=pl.Int64),
        pl.Series("piece_count", choice.piece_count, dtype=pl.Int32),
    )


def _ordered_m(choice: Choice) -> Floats:
    """The length that is bought: the next one sold, and for a piece of several legs that of the longest."""
    length_m = choice.links.length_m.copy()
    legs = np.flatnonzero(choice.piece != np.arange(len(choice.piece)))
    if len(legs):
        longest = np.nan_to_num(length_m)
        np.maximum.at(longest, choice.piece[legs], longest[legs])
        shared = np.union1d(legs, choice.piece[legs])
        length_m[shared] = np.where(np.isnan(length_m[shared]), np.nan, longest[choice.piece[shared]])
    # Places in the list of assemblies, behind them those in the list of kinds; the last one: neither.
    items = (*choice.assemblies, *choice.kinds)
    kind = np.where(choice.kind == NONE, len(choice.kinds), choice.kind) + len(choice.assemblies)
    place = np.where(choice.assembly == NONE, kind, choice.assembly)
    for used in np.flatnonzero(np.bincount(place, minlength=len(items))[: len(items)]).tolist():
        if items[used].lengths_m:
            own = place == used
            length_m[own] = sold_length_m(length_m[own], items[used].lengths_m)
    return length_m


def ports_table(cables: pl.DataFrame, a: Spots, b: Spots, links: Links) -> pl.DataFrame:
    """Both ends of every link: the logical port, the port on the front and its lane, the cage and its kind."""
    kinds = pl.Series("connector", [socket.cage for socket in links.sockets], dtype=pl.String)
    ends = [
        cables.select(
            pl.col(f"{end}_device").alias("device"),
            pl.col(f"{end}_port").alias("port"),
            pl.Series("cage", spots.front, dtype=pl.Int32),
            pl.Series("lane", spots.lane, dtype=pl.Int32),
            pl.Series("module_cage", np.where(spots.socket > LAST_OWN, spots.cage, 0), dtype=pl.Int32).replace(0, None),
            pl.Series("cage_port", np.where(spots.socket > LAST_OWN, spots.position, 0), dtype=pl.Int32).replace(
                0, None
            ),
            pl.Series("site_cage", site_cage, dtype=pl.Int32),
            kinds.gather(spots.socket),
            "fabric",
            "plane",
            "gbps",
            link=pl.int_range(pl.len(), dtype=pl.Int64),
        )
        for end, spots, site_cage in (("a", a, links.groups.a_cage), ("b", b, links.groups.b_cage))
    ]
    return pl.concat(ends)


def modules_table(
    cables: pl.DataFrame, choice: Choice, devices: pl.Series, a_row: NDArray[np.uint32], b_row: NDArray[np.uint32]
) -> pl.DataFrame:
    """One row a cage that holds a module, told by the first link in it. `devices`: the names behind the rows."""
    links, rows = choice.links, np.flatnonzero(choice.has_modules)
    cage = np.concatenate([links.groups.a_cage[rows], links.groups.b_cage[rows]])
    first = np.full(links.groups.cage_count, -1, np.int64)
    first[cage[::-1]] = np.arange(len(cage))[::-1]  # written last: the first
    is_first = np.zeros(len(cage), bool)
    is_first[first[first >= 0]] = True
    own = np.flatnonzero(is_first)
    link = rows[own % max(len(rows), 1)]

    def ends(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
        """What is at the end that the cage is."""
        return np.where(own < len(rows), a[link], b[link])

    return pl.DataFrame(
        {
            "device": devices.gather(ends(a_row, b_row)),
            "cage": pl.Series(ends(links.a.cage, links.b.cage), dtype=pl.Int32),
            "site_cage": pl.Series(cage[own], dtype=pl.Int32),
            "fabric": cables["fabric"].gather(link),
            "media": cables["media"].gather(link),
            "product": _named(
                "product", [item.key for item in choice.products.transceivers], ends(choice.a_module, choice.b_module)
            ),
            "link_count": pl.Series(np.bincount(cage)[cage[own]] if len(cage) else own, dtype=pl.Int32),
        }
    )


def _named(name: str, keys: list[str], place: Ints) -> pl.Series:
    """Names of places; null for none."""
    named = pl.Series(name, [*keys, None], dtype=pl.String)
    return named.gather(np.where(place == NONE, len(keys), place).astype(np.uint32))
