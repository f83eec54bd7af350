"""Many losses at once: what each leaves dark, overloaded or short of cooling, as one table.

Losses inside of different zones are played in the same columns, for they can't touch each other; what they add to
the loads of common elements follows from a matrix, because those loads are sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design.failures.network import (
    COMMON,
    SLACK_RATIO,
    Bools,
    Chain,
    Floats,
    Ints,
    Network,
    Parts,
    overload_limit_kw,
    part_of,
    zones_alone,
)
from gigasite.design.failures.play import Entries, Play, entries_of, feed_bits, living, play, rack_gaps, upward

# Supplies of servers bridge 20 ms without voltage: ITI (CBEMA) curve, 2000 revision.
HOLD_UP_S: Final = 0.02
_CELLS: Final = 4_000_000

OVERLOADS: Final = {"scenario": pl.Int64, "element": pl.Int64, "load_kw": pl.Float64}
SHORTS: Final = {"scenario": pl.Int64, "group": pl.Int64, "left_kw": pl.Float64, "left_count": pl.Int64}


@dataclass(frozen=True, slots=True)
class Losses:
    """Scenarios as pairs: scenario `scenario[i]` loses element `element[i]` (likewise its units)."""

    count: int
    scenario: Ints
    element: Ints
    unit_scenario: Ints
    unit: Ints


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One entry a scenario in each array of `tallies`; overloads and shortages one row each, by scenario.

    Tallies: racks `dark`, `over_feeds`, `over_supplies`, `paths`, `gap` (without power for longer than supplies
    bridge), and `gpus`, `nodes` of the dark ones.
    """

    tallies: dict[str, Floats]
    overloads: pl.DataFrame
    shorts: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each scenario is played: its zone (COMMON: it has the column for itself) and its column."""

    zone: Ints
    column: Ints
    shared_count: int
    """Columns of losses inside of zones; they come first."""
    count: int


@dataclass(frozen=True, slots=True)
class Bench:
    """A network, ready for many losses: its normal state and how zones load common elements."""

    network: Network
    entries: Entries
    normal: Play
    lift: Floats
    """(common elements, entries): load of each common element for a kilowatt over each entry, in normal operation."""

    def with_usual_ways(self, out: Bools) -> Bench:
        """The bench with elements out for maintenance: the ways that are used without them cost no transfer."""
        chain = self.network.chain
        live = living(chain, out[:, None])[:, 0]
        priority = np.where(live[chain.source], chain.priority, np.iinfo(np.int64).max)
        usual = chain.usual.copy()
        if len(priority):
            usual[chain.runs.keys] = np.minimum.reduceat(priority, chain.runs.starts)
        return replace(self, network=replace(self.network, chain=replace(chain, usual=usual)))


def bench_of(network: Network) -> Bench:
    """The network with its normal state played."""
    entries = entries_of(network)
    elements, units = len(network.chain.names), len(network.loads.units)
    normal = play(network, entries, np.zeros((elements, 1), bool), np.zeros((units, 1), bool))
    return Bench(network, entries, normal, _lift(network.chain, entries, normal))


def _lift(chain: Chain, entries: Entries, normal: Play) -> Floats:
    """See `Bench.lift`: one kilowatt over each common element that zones hang on, drawn from what is above it."""
    common = chain.zone == COMMON
    above, links = part_of(chain, common), common[chain.target]
    sources, place = np.unique(entries.source, return_inverse=True)
    load = np.zeros((len(above.names), len(sources)))
    load[(np.cumsum(common) - 1)[sources], np.arange(len(sources))] = 1.0
    upward(above, np.repeat(normal.fraction[links], len(sources), axis=1), load)
    return load[:, place.reshape(-1)]


def outcomes(bench: Bench, losses: Losses) -> Outcomes:
    """Plays every scenario."""
    loads = bench.network.loads
    names = [*loads.tallies, "gap"]
    tallies = {name: np.zeros(losses.count) for name in names}
    overloads: list[pl.DataFrame] = [pl.DataFrame(schema=OVERLOADS)]
    shorts: list[pl.DataFrame] = [pl.DataFrame(schema=SHORTS)]
    normal_kw = bench.normal.load_kw[:, 0]
    limit_kw = overload_limit_kw(bench.network.chain, normal_kw)
    columns = columns_of(bench.network, losses)
    for start, stop in _chunks(columns, _width(bench)):
        lost, unit_lost = lost_in(bench.network, losses, columns, start, stop)
        places = places_of(bench.network, columns, start, stop)
        here, at = _active(bench, places)
        played = play(here.network, here.entries, lost[at.elements], unit_lost[at.units])
        _tally(here, played, places, tallies)
        overloads.append(_overloads(here, played, places, at))
        if start < columns.shared_count:
            overloads.append(_common_overloads(here, played, places, at, limit_kw, normal_kw))
        shorts.append(_shorts(here, played, places, at))
    return Outcomes(
        tallies,
        pl.concat(overloads).sort("scenario", "element"),
        pl.concat(shorts).sort("scenario", "group"),
    )


def _active(bench: Bench, places: Ints) -> tuple[Bench, Parts]:
    """The bench, or that of the zones alone in which something is lost, where these are few."""
    network = bench.network
    zones = np.flatnonzero((places[:-1] >= 0).any(axis=1))
    if 2 * len(zones) > network.zone_count or (places[COMMON] >= 0).any():
        chain, loads = network.chain, network.loads
        whole = (chain.names, loads.pattern_kw, loads.units, loads.groups)
        return bench, Parts(*(np.arange(len(rows)) for rows in whole))
    alone, at = zones_alone(network, zones)
    return bench_of(alone), at


def touched_patterns(bench: Bench, losses: Losses) -> pl.DataFrame:
    """`scenario`, `pattern`, `live_bits`: patterns of racks of which a feed is lost."""
    schema = {"scenario": pl.Int64, "pattern": pl.Int64, "live_bits": pl.Int64}
    found = [pl.DataFrame(schema=schema)]
    network, columns = bench.network, columns_of(bench.network, losses)
    for start, stop in _chunks(columns, _width(bench)):
        lost, _ = lost_in(network, losses, columns, start, stop)
        bits = feed_bits(network.loads, living(network.chain, lost))
        scenario = places_of(network, columns, start, stop)[network.loads.pattern_zone]
        pattern, column = np.nonzero((scenario >= 0) & (bits != bench.normal.live_bits))
        found.append(_frame(schema, scenario[pattern, column], pattern, bits[pattern, column]))
    return pl.concat(found).sort("scenario", "pattern")


def columns_of(network: Network, losses: Losses) -> Columns:
    """Scenarios inside of one zone share columns with those of other zones; others have their own."""
    zone = np.full(losses.count, -2, np.int64)
    for scenario, of in (
        (losses.scenario, network.chain.zone[losses.element]),
        (losses.unit_scenario, network.loads.unit_zone[losses.unit]),
    ):
        low, high = np.full(losses.count, np.iinfo(np.int64).max), np.full(losses.count, -2)
        np.minimum.at(low, scenario, of)
        np.maximum.at(high, scenario, of)
        told = high > -2
        mixed = told & ((low != high) | ((zone != -2) & (zone != high)))
        zone[told] = high[told]
        zone[mixed] = COMMON
    zone[zone == -2] = COMMON
    column = np.zeros(losses.count, np.int64)
    inside = np.flatnonzero(zone >= 0)
    inside = inside[np.argsort(zone[inside], kind="stable")]
    if len(inside):
        _, first, size = np.unique(zone[inside], return_index=True, return_counts=True)
        column[inside] = np.arange(len(inside)) - np.repeat(first, size)
    shared = int(column[inside].max()) + 1 if len(inside) else 0
    alone = np.flatnonzero(zone < 0)
    column[alone] = shared + np.arange(len(alone))
    return Columns(zone, column, shared, shared + len(alone))


def _width(bench: Bench) -> int:
    chain, loads = bench.network.chain, bench.network.loads
    rows = max(len(chain.source), len(chain.names), loads.feed_source.size, len(loads.units), 1)
    return max(_CELLS // rows, 1)


def _chunks(columns: Columns, width: int) -> Iterator[tuple[int, int]]:
    """Ranges of columns: shared by many zones, by few large ones, or each alone."""
    zone, sizes = np.unique(columns.zone[columns.zone >= 0], return_counts=True)
    common = min(int(np.quantile(sizes, 0.9)), columns.shared_count) if len(zone) else 0
    for low, high in ((0, common), (common, columns.shared_count), (columns.shared_count, columns.count)):
        for start in range(low, high, width):
            yield start, min(start + width, high)


def lost_in(network: Network, losses: Losses, columns: Columns, start: int, stop: int) -> tuple[Bools, Bools]:
    """Lost elements and units of a range of columns."""
    lost = np.zeros((len(network.chain.names), stop - start), np.bool_)
    unit_lost = np.zeros((len(network.loads.units), stop - start), np.bool_)
    for grid, scenario, row in (
        (lost, losses.scenario, losses.element),
        (unit_lost, losses.unit_scenario, losses.unit),
    ):
        at = columns.column[scenario]
        here = (at >= start) & (at < stop)
        grid[row[here], at[here] - start] = True
    return lost, unit_lost


def places_of(network: Network, columns: Columns, start: int, stop: int) -> Ints:
    """(zones + 1, columns): the scenario that a zone's rows show in each column; -1: none. The last row: common."""
    places = np.full((network.zone_count + 1, stop - start), -1, np.int64)
    here = np.flatnonzero((columns.column >= start) & (columns.column < stop))
    at = columns.column[here] - start
    inside = columns.zone[here] >= 0
    places[columns.zone[here[inside]], at[inside]] = here[inside]
    places[:, at[~inside]] = here[~inside]
    return places


def _tally(bench: Bench, played: Play, places: Ints, tallies: dict[str, Floats]) -> None:
    loads = bench.network.loads
    if not len(loads.pattern_zone):
        return
    scenario = places[loads.pattern_zone]
    known = scenario >= 0
    pattern = np.broadcast_to(np.arange(len(scenario))[:, None], scenario.shape)
    touched = known & (played.live_bits != bench.normal.live_bits)
    rows, bits, of = pattern[touched], played.live_bits[touched], scenario[touched]
    for name, table in loads.tallies.items():
        np.add.at(tallies[name], of, table[rows, bits] - table[rows, bench.normal.live_bits[rows, 0]])
    gaps = known & (rack_gaps(loads, played) > HOLD_UP_S)
    if gaps.any():
        sizes = loads.tallies["dark"][:, 0]  # no feed lives: all of its racks are dark
        np.add.at(tallies["gap"], scenario[gaps], sizes[pattern[gaps]])


def _overloads(bench: Bench, played: Play, places: Ints, at: Parts) -> pl.DataFrame:
    """Elements above their capacity that are not in normal operation; common ones only in columns of their own."""
    chain = bench.network.chain
    scenario = places[chain.zone]
    over = (scenario >= 0) & (played.load_kw > overload_limit_kw(chain, bench.normal.load_kw[:, 0])[:, None])
    element, column = np.nonzero(over)
    return _frame(OVERLOADS, scenario[over], at.elements[element], played.load_kw[element, column])


def _common_overloads(
    bench: Bench, played: Play, places: Ints, at: Parts, limit_kw: Floats, normal_kw: Floats
) -> pl.DataFrame:
    """Common elements that a loss inside of a zone overloads: normal load plus what the zone draws more.

    `limit_kw` and `normal_kw` are those of the whole network.
    """
    if not len(bench.entries.zone):
        return pl.DataFrame(schema=OVERLOADS)
    common = np.flatnonzero(bench.network.chain.zone == COMMON)
    whole = at.elements[common]
    order = np.argsort(bench.entries.zone, kind="stable")
    zones, first = np.unique(bench.entries.zone[order], return_index=True)
    found: list[pl.DataFrame] = [pl.DataFrame(schema=OVERLOADS)]
    for zone, entries in zip(zones.tolist(), np.split(order, first[1:]), strict=True):
        scenario = places[zone]
        columns = np.flatnonzero(scenario >= 0)
        if not len(columns):
            continue
        more = played.entries_kw[entries][:, columns] - bench.normal.entries_kw[entries]
        load = normal_kw[whole, None] + bench.lift[:, entries] @ more
        row, column = np.nonzero(load > limit_kw[whole, None])
        found.append(_frame(OVERLOADS, scenario[columns[column]], whole[row], load[row, column]))
    return pl.concat(found)


def _shorts(bench: Bench, played: Play, places: Ints, at: Parts) -> pl.DataFrame:
    """Groups of the cooling plant whose units left don't carry the group's duty, and did before."""
    loads = bench.network.loads
    if not len(loads.groups):
        return pl.DataFrame(schema=SHORTS)
    scenario = places[loads.group_zone]
    short = is_short(bench, played.group_left_kw, played.group_left_count)
    before = is_short(bench, bench.normal.group_left_kw, bench.normal.group_left_count)
    hit = (scenario >= 0) & short & ~before
    group, column = np.nonzero(hit)
    return _frame(
        SHORTS,
        scenario[hit],
        at.groups[group],
        played.group_left_kw[group, column],
        played.group_left_count[group, column].astype(np.int64),
    )


def is_short(bench: Bench, left_kw: Floats, left_count: Floats) -> Bools:
    """(groups, columns): whether what is left of a group is too little.

    Fewer units than its duty requires; where that is unknown, less capacity than the heat that the group takes.
    Unknown capacity or heat is short of nothing.
    """
    loads = bench.network.loads
    heat, required = loads.group_heat_kw[:, None], loads.group_required[:, None]
    with np.errstate(invalid="ignore"):
        return np.where(np.isnan(required), heat > left_kw * SLACK_RATIO, left_count < required)


def _frame(schema: Mapping[str, type[pl.DataType]], *columns: NDArray[np.generic]) -> pl.DataFrame:
    return pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema)
