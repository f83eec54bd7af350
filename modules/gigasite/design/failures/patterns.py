"""Racks that a failure meets alike, and what becomes of them for every combination of live feeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SLACK_RATIO = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class RackPatterns:
    """Patterns of racks; see `network.Loads`."""

    names: tuple[str, ...]
    pattern: Ints
    feed_source: Ints
    feed_share: Floats
    load_kw: Floats
    zone: Ints
    tallies: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What becomes of each rack (rows) by the bits of its live feeds (columns)."""

    dark: Bools
    """No feed is left."""
    over_feeds: Bools
    """A surviving feed's breakers carry more than they may, and not in normal operation."""
    over_supplies: Bools
    """The supplies on the surviving feeds give less than the systems draw, and all together give enough."""
    many_paths: Bools
    """Any of these, through the loss of feeds from more than one block of a rack that has several."""


def verdicts(
    present: Bools, load_kw: Floats, usable_kw: Floats, supply_kw: Floats, need_kw: Floats, block: Ints
) -> Verdicts:
    """Verdicts from arrays (racks, feeds); `need_kw` is what a rack's systems draw. NaN is unknown and hurts nobody.

    The feeds that live take over a rack's load in proportion to their own: load · total / live. Redundancy of
    supplies is another matter than redundancy of feeds: supplies that hang on a dead feed give nothing.
    """
    count = present.shape[1]
    live = ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(bool)  # (masks, feeds)
    shown = present[:, None, :] & live[None, :, :]  # (racks, masks, feeds)
    dark = ~shown.any(axis=2)
    total = _masked_sum(load_kw, present[:, None, :])
    left = _masked_sum(load_kw, shown)
    with np.errstate(invalid="ignore", divide="ignore"):
        after = load_kw[:, None, :] * np.where(left > 0, total / left, np.nan)[:, :, None]
        over_feeds = (shown & (after > usable_kw[:, None, :] * _SLACK_RATIO)).any(axis=2)
        over_supplies = ~dark & (need_kw[:, None] > _masked_sum(supply_kw, shown) * _SLACK_RATIO)
    over_feeds &= ~over_feeds[:, -1:]
    over_supplies &= ~over_supplies[:, -1:]
    lost = present[:, None, :] & ~live[None, :, :]
    many = (_distinct(block, present[:, None, :]) > 1) & (_distinct(block, lost) > 1)
    return Verdicts(dark, over_feeds, over_supplies, many & (dark | over_feeds | over_supplies))


def _masked_sum(values: Floats, mask: Bools) -> Floats:
    found: Floats = np.where(mask, values[:, None, :], 0.0).sum(axis=2)
    return found


def _distinct(block: Ints, mask: Bools) -> Ints:
    """How many different blocks the masked feeds of each rack hang on; -1 is no block."""
    blocks = np.where(mask & (block[:, None, :] >= 0), block[:, None, :], -1)
    ordered = np.sort(blocks, axis=2)
    first = np.ones_like(ordered, np.bool_)
    first[:, :, 1:] = ordered[:, :, 1:] != ordered[:, :, :-1]
    found: Ints = (first & (ordered >= 0)).sum(axis=2)
    return found


Grouping = Callable[[Ints, Floats], NDArray[np.generic]]
"""From sources and shares (racks, feeds) to a key (racks, any): racks with equal keys form a pattern."""


def alike(source: Ints, share: Floats) -> NDArray[np.generic]:
    """Racks on the same elements, in the same proportions, are one pattern."""
    return np.column_stack([source, np.round(share * 1e9).astype(np.int64)])


def each(source: Ints, share: Floats) -> NDArray[np.generic]:
    """Each rack is a pattern of its own."""
    return np.arange(len(source))[:, None]


def patterns_of(feeds: pl.DataFrame, rack_zone: Ints, grouping: Grouping) -> RackPatterns:
    """Patterns from feeds with `rack_row`, `place` and `source_row`."""
    names = tuple(feeds["rack"].unique(maintain_order=True).to_list())
    rack, place = feeds["rack_row"].to_numpy(), feeds["place"].to_numpy()
    width = int(place.max()) + 1 if len(place) else 1
    block = feeds["block"].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()

    def spread(values: NDArray[np.generic], empty: float) -> NDArray[np.generic]:
        grid = np.full((len(names), width), empty, values.dtype)
        grid[rack, place] = values
        return grid

    def number(column: str) -> Floats:
        values = feeds[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return spread(values, 0.0).astype(np.float64)

    source = spread(feeds["source_row"].to_numpy(), -1).astype(np.int64)
    load = number("load_kw")
    total = load.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total[:, None] > 0, load / total[:, None], 1.0)
    share = np.where(source >= 0, share, 0.0)
    by_rack = feeds.unique("rack_row", maintain_order=True).sort("rack_row")
    found = verdicts(
        source >= 0,
        load,
        number("usable_kw"),
        number("supply_kw"),
        by_rack["need_kw"].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
        spread(block, -1).astype(np.int64),
    )
    _, first, pattern = np.unique(grouping(source, share), axis=0, return_index=True, return_inverse=True)
    pattern = pattern.reshape(-1).astype(np.int64)
    counts = {
        "dark": found.dark,
        "over_feeds": found.over_feeds,
        "over_supplies": found.over_supplies,
        "hurt": found.dark | found.over_feeds | found.over_supplies,
        "paths": found.many_paths,
        "gpus": found.dark * by_rack["gpus"].to_numpy()[:, None],
        "nodes": found.dark * by_rack["nodes"].to_numpy()[:, None],
    }
    return RackPatterns(
        names=names,
        pattern=pattern,
        feed_source=source[first],
        feed_share=share[first],
        load_kw=_summed(total, pattern, len(first)),
        zone=rack_zone[first] if len(first) else np.zeros(0, np.int64),
        tallies={name: _summed(flags.astype(np.float64), pattern, len(first)) for name, flags in counts.items()},
    )


def _summed(values: Floats, pattern: Ints, count: int) -> Floats:
    total = np.zeros((count, *values.shape[1:]))
    np.add.at(total, pattern, values)
    return total
