"""One loss in full: who goes dark, what is overloaded, which cooling is short, and what follows from that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
import polars as pl

from gigasite.design.electrical.ratings import continuous_ratio
from gigasite.design.failures.network import SLACK_RATIO, Bools, Ints, Network, network_of, overload_limit_kw
from gigasite.design.failures.outcomes import HOLD_UP_S, Bench, bench_of, is_short
from gigasite.design.failures.patterns import each
from gigasite.design.failures.play import Play, play, rack_gaps
from gigasite.design.failures.targets import Target, targets
from gigasite.design.model import Design

_OWN_GENERATION: Final = ("generation", "generator", "bess")
_BEHIND_BREAKERS: Final = ("lv-board", "busway", "mechanical-board")
"""Kinds whose capacity is that of a breaker in continuous use."""


@dataclass(frozen=True, slots=True)
class Overload:
    """An element that carries more than its capacity, and did not before. Real power at its output."""

    element: str
    kind: str
    load_kw: float
    capacity_kw: float


@dataclass(frozen=True, slots=True)
class Shortage:
    """A group of the cooling plant that no longer takes its heat. None: unknown."""

    group: str
    hall: int | None
    left_count: int
    required_count: int | None
    left_kw: float | None
    heat_kw: float | None


@dataclass(frozen=True, slots=True)
class PoolEffect:
    """What a pool loses: its racks that are down, and the scalable units that they belong to. None: network racks."""

    pool: str | None
    rack_count: int
    node_count: int
    gpu_count: int
    scalable_units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a loss leaves. Racks are named; what was so before the loss is left out."""

    lost: Target
    dark_racks: tuple[str, ...]
    """No feed is left, or the rack itself is lost."""
    over_feed_racks: tuple[str, ...]
    """A surviving feed's breakers carry more than they may continuously; above their rating they trip."""
    over_supply_racks: tuple[str, ...]
    """The supplies on the surviving feeds give less than the systems may draw."""
    interrupted_racks: tuple[str, ...]
    """Power comes back, but later than supplies bridge (20 ms): every system restarts."""
    longest_gap_s: float
    pools: tuple[PoolEffect, ...]
    """Of racks that are dark, or on feeds or supplies too small."""
    touched_units: tuple[tuple[str, int], ...]
    """Scalable units of which a rack lost a feed."""
    overloads: tuple[Overload, ...]
    shortages: tuple[Shortage, ...]
    grid_shortfall_kw: float
    """By how much the grid circuits that are left are overloaded, together."""
    generation_shortfall_kw: float
    """The same of generators, generation and storage."""
    tripped: tuple[str, ...] = ()
    """Elements that tripped on overload in turn, where a cascade was asked for."""
    unknown_load: bool = False
    """The load of some rack or unit is unknown: overloads above it can't be told."""

    @property
    def down_racks(self) -> tuple[str, ...]:
        """Racks that are dark, or on feeds or supplies too small."""
        return tuple(sorted({*self.dark_racks, *self.over_feed_racks, *self.over_supply_racks}))

    @property
    def is_harmless(self) -> bool:
        """Nothing is dark, on too little, overloaded, short of cooling or interrupted."""
        return not (self.down_racks or self.interrupted_racks or self.overloads or self.shortages)


@dataclass(frozen=True, slots=True)
class _State:
    """What is lost, as arrays."""

    elements: Bools
    units: Bools
    feeds: Bools
    """(racks, feeds)"""
    racks: Bools


def lose(design: Design, names: Sequence[str], *, out: Sequence[str] = (), cascade: bool = False) -> Effect:
    """Plays the loss of what `names` stand for, while `out` is out for maintenance.

    What is out was transferred in order: that interrupted nothing. With `cascade`, elements and feeds that are
    overloaded trip in turn. Raises UsageError where a name stands for nothing in the site.
    """
    return lose_target(design, targets(design, names), out=targets(design, out), cascade=cascade)


def lose_target(design: Design, names: Target, *, out: Target | None = None, cascade: bool = False) -> Effect:
    """Plays the loss of a target; see `lose`."""
    bench = bench_of(network_of(design, each))
    lost = names | (out or Target())
    state = _state(design, bench.network, lost)
    if out:
        bench = bench.with_usual_ways(_state(design, bench.network, out).elements)
    effect = _effect(design, bench, state, lost)
    tripped: list[str] = []
    while cascade:
        feeds = _over_feeds(design, bench, state, _trip_ratio(design, of_racks=True))
        more = [overload.element for overload in effect.overloads if _trips(overload, design)]
        if not more and not feeds.any():
            break
        tripped += [*more, *(design_feed for design_feed in _feed_names(design, bench, feeds))]
        state = _tripped(bench, state, more, feeds)
        effect = _effect(design, bench, state, lost)
    return replace(effect, tripped=tuple(tripped))


def _state(design: Design, network: Network, lost: Target) -> _State:
    loads, chain = network.loads, network.chain
    racks = np.isin(np.array(loads.racks, np.str_), np.array(lost.racks, np.str_))
    feeds = np.zeros(loads.feed_source.shape, np.bool_)
    for row, place in (
        _feed_rows(design, network)
        .filter(pl.col("feed").is_in(list(lost.feeds)))
        .select("rack_row", "place")
        .iter_rows()
    ):
        feeds[row, place] = True
    return _State(
        elements=np.isin(np.array(chain.names, np.str_), np.array(lost.elements, np.str_)),
        units=np.isin(np.array(loads.units, np.str_), np.array(lost.units, np.str_)),
        feeds=feeds,
        racks=racks,
    )


def _feed_rows(design: Design, network: Network) -> pl.DataFrame:
    """`feed`, `rack_row`, `place` of every feed of the network's racks, as the network orders them."""
    row = {rack: index for index, rack in enumerate(network.loads.racks)}
    feeds = design.tables.feeds.filter(pl.col("rack").is_in(list(row))).sort("rack", "letter")
    return feeds.select(
        "feed",
        rack_row=pl.col("rack").replace_strict(row, default=-1, return_dtype=pl.Int64),
        place=pl.int_range(pl.len()).over("rack"),
    )


def _feed_names(design: Design, bench: Bench, feeds: Bools) -> list[str]:
    rows = _feed_rows(design, bench.network)
    hit = feeds[rows["rack_row"].to_numpy(), rows["place"].to_numpy()]
    return rows.filter(pl.Series(hit))["feed"].to_list()


def _tripped(bench: Bench, state: _State, elements: list[str], feeds: Bools) -> _State:
    gone = np.isin(np.array(bench.network.chain.names, np.str_), np.array(elements, np.str_))
    return replace(state, elements=state.elements | gone, feeds=state.feeds | feeds)


def _played(bench: Bench, state: _State) -> Play:
    loads = bench.network.loads
    return play(
        bench.network,
        bench.entries,
        state.elements[:, None],
        state.units[:, None],
        feed_lost=state.feeds | state.racks[:, None],
        pattern_kw=np.where(state.racks, 0.0, loads.pattern_kw),
    )


def _trip_ratio(design: Design, *, of_racks: bool) -> float:
    """Rating of a breaker over what it may carry continuously: 1.25 under the NEC, unless it is listed for all of it.

    Between the two a breaker is used against the code, but stays closed.
    """
    site = design.resolved
    listed = site.racks.hundred_percent_rated if of_racks else site.power.distribution.hundred_percent_rated
    return 1 / continuous_ratio(site.standards.electrical or "nec", hundred_percent_rated=listed)


def _trips(overload: Overload, design: Design) -> bool:
    ratio = _trip_ratio(design, of_racks=False) if overload.kind in _BEHIND_BREAKERS else 1.0
    return overload.load_kw > overload.capacity_kw * ratio * SLACK_RATIO


def _over_feeds(design: Design, bench: Bench, state: _State, trip_ratio: float) -> Bools:
    """(racks, feeds): live feeds whose breakers carry more than they may continuously times a ratio, and did not."""
    loads, played = bench.network.loads, _played(bench, state)
    rows = _feed_rows(design, bench.network)
    usable = np.full(loads.feed_source.shape, np.nan)
    kw = design.tables.feeds.select("feed", "usable_kw")
    joined = rows.join(kw, on="feed", how="left", maintain_order="left")
    usable[joined["rack_row"].to_numpy(), joined["place"].to_numpy()] = joined["usable_kw"].fill_null(np.nan).to_numpy()
    places = np.arange(loads.feed_source.shape[1])

    def over(bits: Ints) -> Bools:
        live = (bits[:, :1] >> places) & 1 == 1
        share = np.where(live, loads.feed_share, 0.0)
        left = share.sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            carried = share / left * loads.pattern_kw[:, None]
            heavy: Bools = live & (carried > usable * trip_ratio * SLACK_RATIO)
        return heavy

    return over(played.live_bits) & ~over(bench.normal.live_bits) & ~state.racks[:, None]


def _effect(design: Design, bench: Bench, state: _State, lost: Target) -> Effect:
    loads, played = bench.network.loads, _played(bench, state)
    row = np.arange(len(loads.racks))
    bits, before = played.live_bits[:, 0], bench.normal.live_bits[:, 0]

    def hit(tally: str) -> Bools:
        table = loads.tallies[tally]
        return (table[row, bits] > table[row, before]) & ~state.racks

    names = np.array(loads.racks, np.str_)
    dark = hit("dark") | state.racks
    feeds, supplies = hit("over_feeds") & ~dark, hit("over_supplies") & ~dark
    gap = rack_gaps(loads, played)[:, 0]
    gaps = (gap > HOLD_UP_S) & ~dark
    # Racks that stand in no network, for they hang on no element, can still be lost by name.
    dark_names = sorted({*names[dark].tolist(), *lost.racks})
    touched = sorted({*names[bits != before].tolist(), *lost.racks})
    overloads = _overloads(bench, played, state)
    down = sorted({*dark_names, *names[feeds].tolist(), *names[supplies].tolist()})
    return Effect(
        lost=lost,
        dark_racks=tuple(dark_names),
        over_feed_racks=tuple(names[feeds].tolist()),
        over_supply_racks=tuple(names[supplies].tolist()),
        interrupted_racks=tuple(names[gaps].tolist()),
        longest_gap_s=float(gap[gaps].max(initial=0.0)),
        pools=_pools(design, down),
        touched_units=_scalable_units(design, touched),
        overloads=overloads,
        shortages=_shortages(design, bench, played),
        grid_shortfall_kw=sum(o.load_kw - o.capacity_kw for o in overloads if o.kind == "grid-circuit"),
        generation_shortfall_kw=sum(o.load_kw - o.capacity_kw for o in overloads if o.kind in _OWN_GENERATION),
        unknown_load=bool(np.isnan(played.load_kw).any()),
    )


def _overloads(bench: Bench, played: Play, state: _State) -> tuple[Overload, ...]:
    """Elements above their capacity that were not before, the worst first."""
    chain, load = bench.network.chain, played.load_kw[:, 0]
    rows = np.flatnonzero((load > overload_limit_kw(chain, bench.normal.load_kw[:, 0])) & ~state.elements)
    found = [Overload(chain.names[i], chain.kinds[i], float(load[i]), float(chain.capacity_kw[i])) for i in rows]
    return tuple(sorted(found, key=lambda o: (-o.load_kw / max(o.capacity_kw, 1e-9), o.element)))


def _shortages(design: Design, bench: Bench, played: Play) -> tuple[Shortage, ...]:
    loads = bench.network.loads
    if not loads.groups:
        return ()
    short = is_short(bench, played.group_left_kw, played.group_left_count)[:, 0]
    short &= ~is_short(bench, bench.normal.group_left_kw, bench.normal.group_left_count)[:, 0]
    plant = design.tables.plant.select(pl.coalesce("group", "unit").alias("group"), "hall")
    halls = dict(plant.unique("group", keep="first").iter_rows())
    return tuple(
        Shortage(
            group=loads.groups[i],
            hall=halls.get(loads.groups[i]),
            left_count=int(played.group_left_count[i, 0]),
            required_count=_or_none(loads.group_required[i], int),
            left_kw=_or_none(played.group_left_kw[i, 0], float),
            heat_kw=_or_none(loads.group_heat_kw[i], float),
        )
        for i in np.flatnonzero(short)
    )


N = TypeVar("N", int, float)


def _or_none(value: float, kind: Callable[[float], N]) -> N | None:
    return None if np.isnan(value) else kind(value)


def _pools(design: Design, racks: list[str]) -> tuple[PoolEffect, ...]:
    tables = design.tables
    down = tables.racks.filter(pl.col("rack").is_in(racks))
    nodes = tables.nodes.filter(pl.col("rack").is_in(racks))
    of_nodes = nodes.group_by("pool").agg(nodes=pl.len(), gpus=pl.col("gpu_count").sum())
    by_pool = (
        down.group_by("pool")
        .agg(racks=pl.len(), units=pl.col("su").drop_nulls().unique().sort())
        .join(of_nodes, on="pool", how="left", nulls_equal=True)
        .sort("pool", nulls_last=True)
        .with_columns(pl.col("nodes", "gpus").fill_null(0))
    )
    return tuple(
        PoolEffect(pool, count, node_count, gpu_count, tuple(units))
        for pool, count, units, node_count, gpu_count in by_pool.iter_rows()
    )


def _scalable_units(design: Design, racks: list[str]) -> tuple[tuple[str, int], ...]:
    found = design.tables.racks.filter(pl.col("rack").is_in(racks), pl.col("kind") == "pool").drop_nulls("su")
    return tuple(found.select("pool", "su").unique().sort("pool", "su").iter_rows())
