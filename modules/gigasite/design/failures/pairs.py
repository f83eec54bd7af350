"""What goes dark when one thing fails while another is out for maintenance, though neither alone does it.

An element is darkened by two losses that alone leave it alive only where both stand above it. So two losses in
different zones never meet: pairs inside of a zone are played in the same columns as those of other zones, and of
them only pairs above a common rack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from gigasite.design.failures.network import COMMON, Bools, Ints, Network
from gigasite.design.failures.play import feed_bits, living

PAIRS: Final = {
    "out": pl.String,  # out for maintenance; the two may change places
    "lost": pl.String,  # fails meanwhile
    "dark_rack_count": pl.Int64,  # that neither darkens alone
    "dark_node_count": pl.Int64,
    "dark_gpu_count": pl.Int64,
    "hurt_rack_count": pl.Int64,  # dark, or on feeds or supplies too small, and neither alone does that
}
_TALLIES: Final = {"dark": "dark", "nodes": "dark", "gpus": "dark", "hurt": "hurt"}  # what to count, and when it is new
_CELLS: Final = 8_000_000
_NOTHING: Final = -1


@dataclass(frozen=True, slots=True)
class PairReport:
    """Pairs of elements that together hurt racks which neither hurts alone, each pair once, the worst first."""

    pairs: pl.DataFrame
    played_count: int
    """Pairs that were played; all others can't meet."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Pairs to play, a column each: two common elements, one with the k-th element of every zone, or two of these."""

    commons: Ints
    """(columns, 2): rows of elements, or -1."""
    locals: Ints
    """(columns, 2): numbers of elements within their zones, or -1."""


def dark_pairs(network: Network) -> PairReport:
    """All pairs of elements that hurt racks together."""
    chain = network.chain
    common = np.flatnonzero(chain.zone == COMMON)
    by_zone = _numbered(chain.zone, network.zone_count)
    columns = _columns(network, common, by_zone)
    alone = _alone(network, columns, by_zone)
    nothing = np.zeros((len(chain.names), 1), np.bool_)
    normal = feed_bits(network.loads, living(chain, nothing))
    width = max(_CELLS // max(len(chain.source), len(chain.names), network.loads.feed_source.size, 1), 1)
    found = [pl.DataFrame(schema={"zone": pl.Int64, "column": pl.Int64, **dict.fromkeys(_TALLIES, pl.Float64)})]
    for start in range(0, len(columns.commons), width):
        part = _Columns(columns.commons[start : start + width], columns.locals[start : start + width])
        found.append(_new(network, part, alone, by_zone, normal).with_columns(pl.col("column") + start))
    return _report(network, columns, by_zone, pl.concat(found))


def _numbered(zone: Ints, zone_count: int) -> Ints:
    """(zones, most elements of one): the k-th element of each zone; -1 where it has fewer."""
    inside = np.flatnonzero(zone >= 0)
    inside = inside[np.argsort(zone[inside], kind="stable")]
    _, first, size = np.unique(zone[inside], return_index=True, return_counts=True)
    number = np.arange(len(inside)) - np.repeat(first, size)
    table = np.full((zone_count, int(size.max(initial=0))), _NOTHING, np.int64)
    table[zone[inside], number] = inside
    return table


def _columns(network: Network, common: Ints, by_zone: Ints) -> _Columns:
    above = _above_racks(network)
    common = common[above[common]]
    numbers = np.flatnonzero((above[by_zone] & (by_zone >= 0)).any(axis=0))
    two = np.column_stack(np.triu_indices(len(common), 1))
    mixed = np.array(np.meshgrid(common, numbers, indexing="ij")).reshape(2, -1).T
    meet = np.column_stack(np.nonzero(np.triu(_meet(network, by_zone), 1)))
    nothing = [np.full(len(part), _NOTHING) for part in (mixed, meet)]
    return _Columns(
        np.concatenate([common[two], np.column_stack([mixed[:, 0], nothing[0]]), np.column_stack([nothing[1]] * 2)]),
        np.concatenate([np.full_like(two, _NOTHING), np.column_stack([mixed[:, 1], nothing[0]]), meet]),
    )


def _above_racks(network: Network) -> Bools:
    """Which elements stand above any rack; of the others no pair can darken one."""
    chain, loads = network.chain, network.loads
    above = np.zeros(len(chain.names), np.bool_)
    above[loads.feed_source[loads.feed_source >= 0]] = True
    for start, stop, _, _ in reversed(chain.steps):
        np.logical_or.at(above, chain.source[start:stop], above[chain.target[start:stop]])
    return above


def _meet(network: Network, by_zone: Ints) -> Bools:
    """Whether, in some zone, the i-th and the k-th element stand above a common pattern of racks."""
    chain, loads = network.chain, network.loads
    patterns = _numbered(loads.pattern_zone, network.zone_count)
    number = np.zeros(len(loads.pattern_zone), np.int64)
    zone, place = np.nonzero(patterns >= 0)
    number[patterns[zone, place]] = place
    above = np.zeros((len(chain.names) + 1, patterns.shape[1]), np.bool_)  # the last row: no element
    pattern, feed = np.nonzero(loads.feed_source >= 0)
    above[loads.feed_source[pattern, feed], number[pattern]] = True
    for start, stop, _, _ in reversed(chain.steps):
        np.logical_or.at(above, chain.source[start:stop], above[chain.target[start:stop]])
    above[-1] = False
    meet = np.zeros((by_zone.shape[1], by_zone.shape[1]), np.bool_)
    for members in by_zone:
        count = int((members >= 0).sum())
        mine = above[members[:count]]
        if mine.any():
            below = mine.astype(np.float32)
            meet[:count, :count] |= below @ below.T > 0
    return meet


def _alone(network: Network, columns: _Columns, by_zone: Ints) -> tuple[Ints, Ints]:
    """Bits of live feeds (patterns, ...) without each element: by row of the common ones, by number of the others."""
    common = np.unique(columns.commons[columns.commons >= 0])
    numbers = np.unique(columns.locals[columns.locals >= 0])
    lost = np.zeros((len(network.chain.names) + 1, len(common) + len(numbers)), np.bool_)
    lost[common, np.arange(len(common))] = True
    lost[by_zone[:, numbers], len(common) + np.arange(len(numbers))] = True
    bits = feed_bits(network.loads, living(network.chain, lost[:-1]))
    of_common = np.zeros((len(bits), len(network.chain.names)), np.int64)
    of_common[:, common] = bits[:, : len(common)]
    of_number = np.zeros((len(bits), max(by_zone.shape[1], 1)), np.int64)
    of_number[:, numbers] = bits[:, len(common) :]
    return of_common, of_number


def _new(network: Network, columns: _Columns, alone: tuple[Ints, Ints], by_zone: Ints, normal: Ints) -> pl.DataFrame:
    """By zone and column: racks, nodes and GPUs that only both losses together hurt. `normal`: bits without a loss."""
    loads, count = network.loads, len(columns.commons)
    lost = np.zeros((len(network.chain.names) + 1, count), np.bool_)
    for side in (0, 1):
        at = np.flatnonzero(columns.commons[:, side] >= 0)
        lost[columns.commons[at, side], at] = True
        at = np.flatnonzero(columns.locals[:, side] >= 0)
        lost[by_zone[:, columns.locals[at, side]], at] = True
    bits = feed_bits(loads, living(network.chain, lost[:-1]))
    pattern, column = np.nonzero(bits != normal)
    now = bits[pattern, column]
    fresh = {when: loads.tallies[when][pattern, now] > 0 for when in set(_TALLIES.values())}
    for members, by_member in ((columns.commons, alone[0]), (columns.locals, alone[1])):
        for side in (0, 1):
            member = members[column, side]
            before = by_member[pattern, member]  # of no member: the last one's, which does not count
            for when, flags in fresh.items():
                flags &= (member == _NOTHING) | (loads.tallies[when][pattern, before] == 0)
    together = (columns.commons[column] >= 0).all(axis=1)
    frame = pl.DataFrame(
        {
            "zone": np.where(together, COMMON, loads.pattern_zone[pattern]),
            "column": column,
            **{name: loads.tallies[name][pattern, now] * fresh[when] for name, when in _TALLIES.items()},
        },
        schema={"zone": pl.Int64, "column": pl.Int64, **dict.fromkeys(_TALLIES, pl.Float64)},
    )
    return frame.filter(pl.col("hurt") > 0).group_by("zone", "column").agg(pl.all().sum())


def _report(network: Network, columns: _Columns, by_zone: Ints, found: pl.DataFrame) -> PairReport:
    column, zone = found["column"].to_numpy(), found["zone"].to_numpy()
    inside = by_zone[zone[:, None], columns.locals[column]] if by_zone.size else columns.locals[column]
    members = np.where(columns.locals[column] >= 0, inside, _NOTHING)
    rows = np.sort(np.concatenate([columns.commons[column], members], axis=1), axis=1)[:, -2:]
    names = pl.Series("name", network.chain.names, pl.String)
    pairs = found.select(
        out=names.gather(pl.Series(rows[:, 0], dtype=pl.Int64)),
        lost=names.gather(pl.Series(rows[:, 1], dtype=pl.Int64)),
        dark_rack_count="dark",
        dark_node_count="nodes",
        dark_gpu_count="gpus",
        hurt_rack_count="hurt",
    )
    order = ["dark_rack_count", "hurt_rack_count", "out", "lost"]
    pairs = pairs.select([pl.col(name).cast(kind) for name, kind in PAIRS.items()])
    return PairReport(pairs.sort(order, descending=[True, True, False, False]), len(columns.commons))
