"""A design's power chain as arrays: what feeds what, what hangs on it, and which parts can't touch each other.

Elements are ordered by level, so that every connection leads to a higher row. Racks whose feeds hang on the same
elements in the same proportions form a pattern; a failure meets them alike. Elements of no hall that feed
halls or racks, and all that feeds them, are the common part; what hangs together without it is a zone. Whatever fails
inside of one zone changes nothing in another: only the loads of common elements, which add up.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design.failures.patterns import Grouping, RackPatterns, alike, patterns_of
from gigasite.design.failures.zones import components, connected
from gigasite.design.model import Design

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

COMMON = -1
# Sums of many floats differ in their last digits from the limit that they were sized for.
SLACK_RATIO = 1 + 1e-9
LEAST_LOAD_RATIO: Final = 0.01
"""Load over capacity below which losses, nearly all of them constant then, are taken as of this load."""
# What is overloaded in normal operation already is told anew where a loss adds more than this to its load.
WORSE_RATIO = 1.01


@dataclass(frozen=True, slots=True)
class Runs:
    """Rows of an array sorted by `key` in runs of equal keys: `order` sorts, run i is of `keys[i]` from `starts[i]`."""

    order: Ints
    starts: Ints
    keys: Ints


def runs_of(key: Ints) -> Runs:
    """Runs of equal keys, in ascending order of keys; rows with a negative key are left out."""
    order = np.argsort(key, kind="stable")
    order = order[np.searchsorted(key[order], 0) :]
    keys, starts = np.unique(key[order], return_index=True)
    return Runs(order, starts, keys)


@dataclass(frozen=True, slots=True)
class Chain:
    """Elements (E rows, by level) and connections (sorted by level and row of their target)."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    is_source: Bools
    capacity_kw: Floats
    """NaN: no limit is known."""
    loss_ratio: Floats
    """Loss over output. In normal operation; an idle element takes the mean of the loaded ones of its kind."""
    hold_s: Floats
    """How long an element gives power without any itself: the batteries of a UPS."""
    zone: Ints
    source: Ints
    target: Ints
    priority: Ints
    share: Floats
    transfer_s: Floats
    steps: tuple[tuple[int, int, Ints, Ints], ...]
    """By level of the target, from the lowest: its connections (from, to), starts of their runs, rows of targets."""
    runs: Runs
    """Connections by target."""
    usual: Ints
    """Priority of the ways over which each element is fed in normal operation."""


@dataclass(frozen=True, slots=True)
class Loads:
    """Racks in patterns (P rows, up to F feeds) and units of the cooling plant (U rows, in G groups)."""

    racks: tuple[str, ...]
    pattern: Ints
    """Of each rack; COMMON where no element feeds it."""
    feed_source: Ints
    """(P, F): row of the element; -1: the pattern has no such feed."""
    feed_share: Floats
    """(P, F): part of the load in normal operation."""
    pattern_kw: Floats
    pattern_zone: Ints
    tallies: dict[str, Floats]
    """(P, 2^F) by bits of live feeds: racks `dark`, `over_feeds`, `over_supplies`, `hurt` (any of these), `paths` (hurt
    by the loss of more than one block), and `gpus`, `nodes` of the dark ones."""
    units: tuple[str, ...]
    unit_source: Ints
    unit_alternate: Ints
    unit_group: Ints
    unit_zone: Ints
    unit_capacity_kw: Floats
    unit_heat_kw: Floats
    unit_electric_kw: Floats
    unit_electric_max_kw: Floats
    groups: tuple[str, ...]
    group_required: Floats
    group_heat_kw: Floats
    group_zone: Ints


@dataclass(frozen=True, slots=True)
class Network:
    """The chain and what hangs on it. `zone_count` zones; COMMON marks what belongs to none."""

    chain: Chain
    loads: Loads
    zone_count: int


def network_of(design: Design, grouping: Grouping = alike) -> Network:
    """The arrays of a design. An empty chain where the design has no elements.

    `grouping` says which racks form a pattern: those that a failure meets alike, or each by itself.
    """
    tables = design.tables
    elements = tables.elements.sort("level", "element", nulls_last=True)
    names = elements["element"].to_list()
    row = {name: index for index, name in enumerate(names)}
    links = _links(tables.connections, elements, row)
    feeds = _feeds(design, row)
    units = _units(tables.plant, row)
    common = _common(elements, links, feeds["source_row"].to_numpy())
    labels, count = components(
        len(names),
        common,
        links["source"].to_numpy(),
        links["target"].to_numpy(),
        feeds["rack_row"].to_numpy(),
        feeds["source_row"].to_numpy(),
        units["group_row"].to_numpy(),
        units.select("source_row", "alternate_row").to_numpy(),
    )
    chain = _chain(elements, links, labels.elements, _hold_s(design))
    return Network(chain, _loads(patterns_of(feeds, labels.racks, grouping), units, labels.groups), count)


def merged_by_hall(network: Network, elements: pl.DataFrame) -> Network:
    """The network with the zones of a hall as one, for losses that take several of them."""
    chain, loads = network.chain, network.loads
    hall_of = dict(elements.select("element", "hall").iter_rows())
    halls = np.array([hall_of[name] or 0 for name in chain.names], np.int64)
    inside = (chain.zone >= 0) & (halls > 0)
    most = int(halls.max(initial=0)) + 1
    edges = np.column_stack([chain.zone[inside], network.zone_count + halls[inside]])
    labels = connected(network.zone_count + most, edges)[: network.zone_count]
    _, numbered = np.unique(labels, return_inverse=True)
    label = np.append(numbered.reshape(-1), COMMON).astype(np.int64)  # the last: common

    return Network(
        replace(chain, zone=label[chain.zone]),
        replace(
            loads,
            pattern_zone=label[loads.pattern_zone],
            unit_zone=label[loads.unit_zone],
            group_zone=label[loads.group_zone],
        ),
        int(label.max(initial=-1)) + 1,
    )


def zones_alone(network: Network, zones: Ints) -> tuple[Network, Parts]:
    """The network with these zones and the common part only, and which of its parts these are."""
    chain, loads = network.chain, network.loads
    wanted = np.zeros(network.zone_count + 1, np.bool_)
    wanted[zones] = True
    wanted[COMMON] = True
    elements = wanted[chain.zone]
    wanted[COMMON] = False
    patterns, units, groups = wanted[loads.pattern_zone], wanted[loads.unit_zone], wanted[loads.group_zone]
    row = np.append(np.where(elements, np.cumsum(elements) - 1, -1), -1)
    group_row = np.cumsum(groups) - 1
    part = replace(
        loads,
        feed_source=row[loads.feed_source[patterns]],
        feed_share=loads.feed_share[patterns],
        pattern_kw=loads.pattern_kw[patterns],
        pattern_zone=loads.pattern_zone[patterns],
        tallies={name: table[patterns] for name, table in loads.tallies.items()},
        units=tuple(itertools.compress(loads.units, units)),
        unit_source=row[loads.unit_source[units]],
        unit_alternate=row[loads.unit_alternate[units]],
        unit_group=group_row[loads.unit_group[units]],
        unit_zone=loads.unit_zone[units],
        unit_capacity_kw=loads.unit_capacity_kw[units],
        unit_heat_kw=loads.unit_heat_kw[units],
        unit_electric_kw=loads.unit_electric_kw[units],
        unit_electric_max_kw=loads.unit_electric_max_kw[units],
        groups=tuple(itertools.compress(loads.groups, groups)),
        group_required=loads.group_required[groups],
        group_heat_kw=loads.group_heat_kw[groups],
        group_zone=loads.group_zone[groups],
    )
    at = Parts(*(np.flatnonzero(kept) for kept in (elements, patterns, units, groups)))
    return Network(part_of(chain, elements), part, network.zone_count), at


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows of a network that make up a part of it."""

    elements: Ints
    patterns: Ints
    units: Ints
    groups: Ints


def overload_limit_kw(chain: Chain, normal_kw: Floats) -> Floats:
    """What each element may carry after a loss: its capacity, or somewhat more than what already is above that."""
    with np.errstate(invalid="ignore"):
        already = normal_kw > chain.capacity_kw * SLACK_RATIO
    limit: Floats = np.where(already, normal_kw * WORSE_RATIO, chain.capacity_kw * SLACK_RATIO)
    return limit


def part_of(chain: Chain, kept: Bools) -> Chain:
    """The chain with these elements alone. Whatever feeds one of them must be among them."""
    links = np.flatnonzero(kept[chain.target])
    at, row = np.flatnonzero(kept), np.cumsum(kept) - 1
    target = row[chain.target[links]]
    steps = []
    place = 0
    for start, stop, _, _ in chain.steps:
        size = int(kept[chain.target[start:stop]].sum())
        if size:
            targets, starts = np.unique(target[place : place + size], return_index=True)
            steps.append((place, place + size, starts, targets))
        place += size
    return replace(
        chain,
        names=tuple(itertools.compress(chain.names, kept)),
        kinds=tuple(itertools.compress(chain.kinds, kept)),
        is_source=chain.is_source[at],
        capacity_kw=chain.capacity_kw[at],
        loss_ratio=chain.loss_ratio[at],
        hold_s=chain.hold_s[at],
        zone=chain.zone[at],
        source=row[chain.source[links]],
        target=target,
        priority=chain.priority[links],
        share=chain.share[links],
        transfer_s=chain.transfer_s[links],
        steps=tuple(steps),
        runs=runs_of(target),
        usual=chain.usual[at],
    )


def _hold_s(design: Design) -> float:
    minutes = design.resolved.power.blocks.ups_min
    return 60.0 * minutes if minutes is not None else 0.0


def _rows(column: pl.Series, row: dict[str, int]) -> pl.Series:
    """Rows of named elements; -1 where there is none of that name."""
    if not row:
        return pl.Series(column.name, np.full(len(column), -1, np.int64))
    return column.replace_strict(row, default=-1, return_dtype=pl.Int64).fill_null(-1)


def _links(connections: pl.DataFrame, elements: pl.DataFrame, row: dict[str, int]) -> pl.DataFrame:
    levels = elements["level"].fill_null(0).cast(pl.Int64).to_numpy()
    found = connections.select(
        source=_rows(connections["source"], row),
        target=_rows(connections["target"], row),
        priority=pl.col("priority").fill_null(1).cast(pl.Int64),
        share=pl.col("share_ratio").fill_null(0.0),
        transfer_s=pl.col("transfer_s").fill_null(0.0),
    ).filter(pl.col("source") >= 0, pl.col("target") >= 0)
    return found.with_columns(level=pl.Series(levels[found["target"].to_numpy()], dtype=pl.Int64)).sort(
        "level", "target", "priority", "source"
    )


def _common(elements: pl.DataFrame, links: pl.DataFrame, rack_sources: Ints) -> Bools:
    """Elements of no hall that feed a hall or a rack, and everything that feeds them."""
    own = elements["hall"].is_not_null().to_numpy()
    source, target = links["source"].to_numpy(), links["target"].to_numpy()
    feeds_some = own.copy()
    feeds_some[rack_sources[rack_sources >= 0]] = True
    bounds = _level_bounds(links["level"].to_numpy())
    for start, stop in reversed(bounds):
        feeds_some[source[start:stop][feeds_some[target[start:stop]]]] = True
    common: Bools = feeds_some & ~own
    for start, stop in reversed(bounds):
        common[source[start:stop][common[target[start:stop]]]] = True
    return common


def _level_bounds(levels: Ints) -> list[tuple[int, int]]:
    _, starts = np.unique(levels, return_index=True)
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(levels)], strict=True)) if len(levels) else []


def _chain(elements: pl.DataFrame, links: pl.DataFrame, zone: Ints, hold_s: float) -> Chain:
    target, priority = links["target"].to_numpy(), links["priority"].to_numpy()
    runs = runs_of(target)
    usual = np.zeros(elements.height, np.int64)
    if len(target):
        usual[runs.keys] = np.minimum.reduceat(priority, runs.starts)
    steps = []
    for start, stop in _level_bounds(links["level"].to_numpy()):
        targets, starts = np.unique(target[start:stop], return_index=True)
        steps.append((start, stop, starts, targets))
    return Chain(
        names=tuple(elements["element"].to_list()),
        kinds=tuple(elements["kind"].fill_null("").to_list()),
        is_source=elements["is_source"].fill_null(value=False).to_numpy(),
        capacity_kw=_floats(elements["capacity_kw"]),
        loss_ratio=_loss_ratio(elements),
        hold_s=np.where((elements["kind"] == "ups").fill_null(value=False).to_numpy(), hold_s, 0.0),
        zone=zone,
        source=links["source"].to_numpy(),
        target=target,
        priority=priority,
        share=links["share"].to_numpy(),
        transfer_s=links["transfer_s"].to_numpy(),
        steps=tuple(steps),
        runs=runs,
        usual=usual,
    )


def _floats(column: pl.Series) -> Floats:
    """Null as NaN."""
    values: Floats = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values


def _loss_ratio(elements: pl.DataFrame) -> Floats:
    """Losses over load. What an element loses next to idle is no measure of what it loses when a loss loads it."""
    loaded = (pl.col("load_kw") > 0) & pl.col("loss_kw").is_not_null()
    measured_kw = pl.max_horizontal("load_kw", pl.col("capacity_kw") * LEAST_LOAD_RATIO)
    own = pl.when(loaded).then(pl.col("loss_kw") / measured_kw)
    ratios = elements.select(ratio=own.fill_null(own.mean().over("kind")).fill_null(0.0))
    return _floats(ratios["ratio"])


def _feeds(design: Design, row: dict[str, int]) -> pl.DataFrame:
    """Feeds of racks of which at least one feed hangs on an element, with rows of racks and elements."""
    tables = design.tables
    per_rack = tables.nodes.group_by("rack").agg(gpus=pl.col("gpu_count").sum(), nodes=pl.len())
    feeds = tables.feeds.with_columns(source_row=_rows(tables.feeds["source"], row))
    fed = feeds.filter((pl.col("source_row") >= 0).any().over("rack")).sort("rack", "letter")
    need = {name: pool.system_kw for name, pool in design.pools.items()}
    system_kw = pl.col("pool").replace_strict(need, default=None, return_dtype=pl.Float64)
    racks = tables.racks.select(
        "rack", need_kw=pl.when(pl.col("kind") == "pool").then(pl.col("system_count") * system_kw)
    )
    return (
        fed.join(racks, on="rack", how="left", maintain_order="left")
        .join(per_rack, on="rack", how="left", maintain_order="left")
        .with_columns(pl.col("gpus", "nodes").fill_null(0))
        .with_columns(
            rack_row=pl.col("rack").rank("dense").cast(pl.Int64) - 1,
            place=pl.int_range(pl.len()).over("rack"),
            total_kw=_sum_or_null(pl.col("load_kw")).over("rack"),
        )
    )


def _sum_or_null(values: pl.Expr) -> pl.Expr:
    return pl.when(values.is_null().any()).then(None).otherwise(values.sum())


def _units(plant: pl.DataFrame, row: dict[str, int]) -> pl.DataFrame:
    group = pl.col("group").fill_null(pl.col("unit"))
    return plant.with_columns(
        source_row=_rows(plant["source"], row),
        alternate_row=_rows(plant["alternate"], row),
        group_name=group,
        group_row=group.rank("dense").cast(pl.Int64) - 1,
    )


def _loads(racks: RackPatterns, units: pl.DataFrame, group_zone: Ints) -> Loads:
    by_group = units.group_by("group_row").agg(
        name=pl.col("group_name").first(),
        required=pl.col("required_count").max(),
        heat_kw=_sum_or_null(pl.col("heat_kw")),
    )
    by_group = by_group.sort("group_row")
    group = units["group_row"].to_numpy()
    return Loads(
        racks=racks.names,
        pattern=racks.pattern,
        feed_source=racks.feed_source,
        feed_share=racks.feed_share,
        pattern_kw=racks.load_kw,
        pattern_zone=racks.zone,
        tallies=racks.tallies,
        units=tuple(units["unit"].to_list()),
        unit_source=units["source_row"].to_numpy(),
        unit_alternate=units["alternate_row"].to_numpy(),
        unit_group=group,
        unit_zone=group_zone[group] if len(group) else np.zeros(0, np.int64),
        unit_capacity_kw=_floats(units["capacity_kw"]),
        unit_heat_kw=_floats(units["heat_kw"]),
        unit_electric_kw=_floats(units["electric_kw"]),
        unit_electric_max_kw=_floats(units["electric_max_kw"]),
        groups=tuple(by_group["name"].to_list()),
        group_required=_floats(by_group["required"]),
        group_heat_kw=_floats(by_group["heat_kw"]),
        group_zone=group_zone,
    )
