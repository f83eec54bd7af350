"""The tables of power: which block feeds which rack through which circuits, and what each carries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Form
from gigasite.catalog.power_products import PowerShelf
from gigasite.design.pools import PoolPlan
from gigasite.design.power import (
    Topology,
    block_name,
    blocks_for,
    circuit_kw,
    continuous_ratio,
    feed_circuit_kw,
    feed_letters,
    pairings,
    set_of_rack,
    supplies_by_feed,
)
from gigasite.errors import Finding, Severity
from gigasite.spec.halls import RacksSpec
from gigasite.spec.site import SiteSpec


@dataclass(frozen=True, slots=True)
class Supply:
    """Racks with their block sets, feeds, and blocks."""

    racks: pl.DataFrame
    feeds: pl.DataFrame
    blocks: pl.DataFrame
    blocks_by_hall: Mapping[int, int]
    set_block_count: int
    set_required_count: int
    findings: tuple[Finding, ...] = ()


def supply(
    site: SiteSpec,
    how: Topology,
    pools: tuple[PoolPlan, ...],
    racks: pl.DataFrame,
    catalog: Catalog,
    prefix: str,
    *,
    feed_given: bool,
) -> Supply:
    """Divides each hall's racks into sets of blocks and hangs their feeds on the blocks.

    `feed_given`: the site file names the rack circuit, which then holds for all pools.
    """
    unit_kw = site.power.blocks.unit_kw or 1.0
    placed = racks.filter(pl.col("hall").is_not_null()).sort("hall", "row", "position", "rack")
    halls = {int(number): hall for (number,), hall in placed.group_by("hall", maintain_order=True)}
    given, findings = _given_sets(site.power.blocks.count, how, len(halls))
    sizes = dict(zip(halls, given, strict=True)) if given else {}
    for number, hall in halls.items():
        if not given:
            load = hall["it_kw"].fill_null(0.0).to_numpy()
            limit_kw = site.halls.it_mw * 1000 if site.halls.it_mw else float(load.sum())
            sizes[number] = blocks_for(limit_kw, unit_kw, how)
    while True:
        racks = _with_sets(racks, halls, sizes)
        feeds = _feeds(site, how, pools, racks, catalog, prefix, feed_given)
        tight = [] if given or how.shared_bus else _overloaded_halls(racks, feeds, unit_kw)
        tight = [number for number in tight if sizes[number][0] < halls[number].height]
        if not tight:
            break
        # Sets end at racks and racks hang on few blocks: a set that just carries the sum may still overload one.
        sizes |= {number: (sizes[number][0] + 1, sizes[number][1]) for number in tight}
    rows = [_blocks(number, n, per_set, unit_kw, how, prefix) for number, (n, per_set) in sizes.items() if n]
    blocks = _loaded(pl.concat(rows), feeds, how) if rows else _blocks(1, 0, 0, unit_kw, how, prefix)
    by_hall = {number: n * per_set for number, (n, per_set) in sizes.items()}
    set_blocks = how.block_count or max(by_hall.values(), default=0)
    required = how.required_count if how.required_count is not None else set_blocks - how.spare_count
    return Supply(racks, feeds, blocks, by_hall, set_blocks, required, findings)


def _with_sets(
    racks: pl.DataFrame, halls: Mapping[int, pl.DataFrame], sizes: Mapping[int, tuple[int, int]]
) -> pl.DataFrame:
    """Racks with the set that feeds each; none where its hall has no block."""
    set_of: dict[str, int] = {}
    for number, hall in halls.items():
        if sizes[number][0]:
            sets = set_of_rack(hall["it_kw"].fill_null(0.0).to_numpy(), sizes[number][0]) + 1
            set_of |= dict(zip(hall["rack"].to_list(), sets.tolist(), strict=True))
    if not set_of:
        return racks.with_columns(power_set=pl.lit(None, pl.Int32))
    power_set = pl.col("rack").replace_strict(set_of, default=None, return_dtype=pl.Int32)
    return racks.with_columns(power_set=power_set)


def _overloaded_halls(racks: pl.DataFrame, feeds: pl.DataFrame, unit_kw: float) -> list[int]:
    """Halls in which a block carries more than its unit, in normal operation or with any one other lost.

    The feeds of a rack that outlive a block take over its load in proportion to their own.
    """
    known = feeds.filter(pl.col("load_kw").is_not_null() & pl.col("block").is_not_null())
    by_block = known.group_by("rack", "block").agg(pl.col("load_kw").sum())
    normal = by_block.group_by("block").agg(normal_kw=pl.col("load_kw").sum())
    total = pl.col("load_kw").sum().over("rack")
    shares = by_block.with_columns(left_kw=total - pl.col("load_kw"))
    moved = (
        shares.join(by_block.rename({"block": "other", "load_kw": "other_kw"}), on="rack")
        .filter((pl.col("block") != pl.col("other")) & (pl.col("left_kw") > 0))
        .group_by("block", "other")
        .agg(extra_kw=(pl.col("load_kw") * pl.col("other_kw") / pl.col("left_kw")).sum())
        .group_by("other")
        .agg(pl.col("extra_kw").max())
    )
    loads = normal.join(moved.rename({"other": "block"}), on="block", how="left").with_columns(
        worst_kw=pl.col("normal_kw") + pl.col("extra_kw").fill_null(0.0)
    )
    heavy = loads.filter(pl.col("worst_kw") > unit_kw * (1 + 1e-9))
    hit = known.join(heavy, on="block", how="semi").join(racks.select("rack", "hall"), on="rack")
    return sorted(hit["hall"].unique().to_list())


def _given_sets(count: int | None, how: Topology, hall_count: int) -> tuple[list[tuple[int, int]], tuple[Finding, ...]]:
    """Sets and blocks of each hall from the number of blocks that the site has: never more than it has."""
    if count is None or not hall_count:
        return [], ()
    if how.block_count is None:  # one set a hall, as large as its part
        parts = [count // hall_count + (place < count % hall_count) for place in range(hall_count)]
        sets = [(1 if part else 0, part) for part in parts]
        size = 1
    else:
        size = how.block_count
        total = count // size
        sets = [(total // hall_count + (place < total % hall_count), size) for place in range(hall_count)]
    if all(n for n, _ in sets) and count % size == 0:
        return sets, ()
    whole = max(hall_count * size, -(-count // size) * size)
    finding = Finding(
        "PWR107",
        Severity.ERROR,
        f"{count} block{'s' if count != 1 else ''} do not make whole sets of {how.name} ({size} each) "
        f"for {hall_count} hall{'s' if hall_count != 1 else ''}",
        hint=f"write power.blocks.count: {whole}, or leave it out to have it sized",
        at="power.blocks.count",
    )
    return sets, (finding,)


def _blocks(hall: int, sets: int, per_set: int, unit_kw: float, how: Topology, prefix: str) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "hall": np.full(sets * per_set, hall, np.int32),
            "power_set": np.repeat(np.arange(1, sets + 1, dtype=np.int32), per_set),
            "index": np.tile(np.arange(1, per_set + 1, dtype=np.int32), sets),
        }
    )
    letter = pl.col("index").cast(pl.String).str.zfill(2)
    named = frame.with_columns(block=block_name(prefix, pl.col("hall"), pl.col("power_set"), letter))
    bus = bus_name(prefix) if how.shared_bus else pl.col("block")
    return named.with_columns(bus=bus, unit_kw=pl.lit(unit_kw))


def bus_name(prefix: str) -> pl.Expr:
    """`{prefix}-h01-s01-bus`: what the blocks of a set feed together."""
    return pl.format(
        f"{prefix}-h{{}}-s{{}}-bus",
        pl.col("hall").cast(pl.String).str.zfill(2),
        pl.col("power_set").cast(pl.String).str.zfill(2),
    )


def _feeds(
    site: SiteSpec,
    how: Topology,
    pools: tuple[PoolPlan, ...],
    racks: pl.DataFrame,
    catalog: Catalog,
    prefix: str,
    feed_given: bool,
) -> pl.DataFrame:
    """A row for each feed of each rack, with its circuits, its share of the supplies and of the load."""
    count = site.racks.feeds or 1
    letters = feed_letters(count)
    ways = pairings(how.block_count, count, how.catcher_count) if how.block_count else np.zeros((1, count), np.int32)
    in_set = pl.int_range(pl.len(), dtype=pl.Int32).over("hall", "power_set")
    ordered = racks.sort("hall", "row", "position", "rack", nulls_last=True).with_columns(way=in_set % len(ways))
    facts = pl.concat([_supplies(pool, site, catalog, feed_given) for pool in pools])
    base = ordered.join(facts, on="pool", how="left", maintain_order="left").with_columns(own=pl.col("kind") == "pool")
    voltage = site.power.blocks.rack_voltage_v or 415.0
    factor = site.power.blocks.power_factor or 1.0
    default_a, default_kw = feed_circuit_kw(site.racks, catalog, site.standards.electrical or "nec", voltage, factor)
    parts = []
    for place, letter in enumerate(letters):
        share = pl.col(f"supplies_{place}") / pl.col("supply_count")
        circuits = pl.when(pl.col("own") & pl.col("rack_scale")).then(pl.col(f"supplies_{place}")).otherwise(1)
        breaker_a = pl.when("own").then(pl.col("breaker_a")).otherwise(default_a)
        one_kw = pl.when("own").then(pl.col("circuit_kw")).otherwise(default_kw)
        index = pl.col("way").replace_strict(
            {way: int(ways[way][place]) + 1 for way in range(len(ways))}, return_dtype=pl.Int32
        )
        block = (
            bus_name(prefix)
            if how.shared_bus
            else block_name(prefix, pl.col("hall"), pl.col("power_set"), index.cast(pl.String).str.zfill(2))
        )
        systems = pl.when(pl.col("rack_scale")).then(1).otherwise(pl.col("system_count"))
        parts.append(
            base.select(
                feed=pl.format("{}-{}", "rack", pl.lit(letter.lower())),
                rack="rack",
                letter=pl.lit(letter),
                block=block,
                circuit_count=circuits.cast(pl.Int32),
                breaker_a=breaker_a,
                usable_kw=circuits * one_kw,
                supply_kw=pl.when("own").then(systems * pl.col(f"supplies_{place}") * pl.col("supply_kw")),
                load_kw=pl.col("it_kw") * pl.when("own").then(share).otherwise(None).fill_null(1.0 / count),
            )
        )
    return pl.concat(parts).sort("rack", "letter")


def _supplies(pool: PoolPlan, site: SiteSpec, catalog: Catalog, feed_given: bool) -> pl.DataFrame:
    """A pool's supplies by feed, as one row to join on."""
    system, count = pool.system, site.racks.feeds or 1
    rack_scale = system.form is Form.RACK and bool(system.shelf_count)
    supply_count = system.shelf_count if rack_scale else system.psu_count
    supply_kw = system.shelf_kw if rack_scale else system.psu_kw
    dealt: list[int | None] = [None] * count
    if supply_count:
        dealt = [int(n) for n in supplies_by_feed(supply_count, count)]
    voltage = site.power.blocks.rack_voltage_v or 415.0
    electrical = site.standards.electrical or "nec"
    factor = site.power.blocks.power_factor or 1.0
    breaker_a, one_kw = feed_circuit_kw(_racks_of(pool, site, feed_given), catalog, electrical, voltage, factor)
    if system.power_input == "dc-busbar":
        direct = _direct_current(pool, site, catalog, breaker_a)
        if direct is not None:
            rack_scale, supply_kw = True, direct.supply_kw
            supply_count, one_kw = direct.per_feed_count * count, direct.circuit_kw or one_kw
            dealt = [direct.per_feed_count] * count
    row = {
        "pool": pool.name,
        "rack_scale": rack_scale,
        "supply_count": supply_count,
        "supply_kw": supply_kw,
        "breaker_a": breaker_a,
        "circuit_kw": one_kw,
        **{f"supplies_{place}": n for place, n in enumerate(dealt)},
    }
    schema: dict[str, type[pl.DataType]] = {
        "pool": pl.String,
        "rack_scale": pl.Boolean,
        "supply_count": pl.Int32,
        "supply_kw": pl.Float64,
        "breaker_a": pl.Float64,
        "circuit_kw": pl.Float64,
        **{f"supplies_{place}": pl.Int32 for place in range(count)},
    }
    return pl.DataFrame([row], schema=schema)


@dataclass(frozen=True, slots=True)
class _DirectCurrent:
    """How a rack gets DC: shelves or circuits on each feed, enough of them when one feed is lost."""

    per_feed_count: int
    supply_kw: float | None
    """Of one shelf; None where the room brings the DC."""
    circuit_kw: float | None
    """Of one DC circuit; None where shelves hang on circuits of alternating current."""


def _direct_current(pool: PoolPlan, site: SiteSpec, catalog: Catalog, breaker_a: float) -> _DirectCurrent | None:
    """Shelves in the rack, or circuits from the room, of a rack of systems without supplies of their own."""
    spread, feeds = site.power.distribution, site.racks.feeds or 1
    if pool.system_kw is None or spread.rack_dc_v is None:
        return None
    per_feed_kw = pool.system_kw * pool.systems_per_rack / max(feeds - 1, 1)
    if spread.shelf_product:
        shelf = catalog.of(PowerShelf, spread.shelf_product)
        return _DirectCurrent(max(math.ceil(per_feed_kw / shelf.rated_kw - 1e-9), 1), shelf.rated_kw, None)
    derate = continuous_ratio(
        site.standards.electrical or "nec", hundred_percent_rated=site.racks.hundred_percent_rated
    )
    one_kw = circuit_kw(spread.rack_dc_v, breaker_a, phases=1, derate_ratio=derate)
    return _DirectCurrent(max(math.ceil(per_feed_kw / one_kw - 1e-9), 1), None, one_kw)


def _racks_of(pool: PoolPlan, site: SiteSpec, feed_given: bool) -> RacksSpec:
    """The rack circuit of a pool: the site's where the file names one, else its architecture's."""
    published = pool.architecture.rack_feeds.get(site.standards.electrical or "nec")
    if site.racks.breaker_a or not published or feed_given:
        return site.racks
    return site.racks.model_copy(update={"feed": published})


def _loaded(blocks: pl.DataFrame, feeds: pl.DataFrame, how: Topology) -> pl.DataFrame:
    """Blocks with the load that they carry in normal operation; on a shared bus it spreads evenly."""
    unknown = pl.col("load_kw").is_null().any()
    load = feeds.group_by("block").agg(load_kw=pl.when(unknown).then(pl.lit(None)).otherwise(pl.col("load_kw").sum()))
    joined = blocks.join(load.rename({"block": "bus"}), on="bus", how="left", maintain_order="left").with_columns(
        pl.col("load_kw").fill_null(0.0) if not feeds["load_kw"].null_count() else pl.col("load_kw")
    )
    if how.shared_bus:
        joined = joined.with_columns(load_kw=pl.col("load_kw") / pl.len().over("bus"))
    return joined
