"""Power: feeds and supplies of a rack, blocks, halls, the utility."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.dynamics.caps import enforced_cap_kw
from gigasite.design.dynamics.stages import fitting, grid_stages
from gigasite.design.electrical.figures import firm_generation_kw
from gigasite.design.power import topology
from gigasite.errors import Severity

# Sums of many floats differ in their last digits from the limit that they were sized for.
_SLACK = 1 + 1e-9

declare("PWR107", Severity.ERROR, "A declared number of blocks makes whole sets for the halls")


@check("PWR101", Severity.ERROR, "The breakers of the surviving feeds carry a rack alone")
def surviving_feeds_carry_the_rack(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    after = after_path_loss(context).filter(pl.col("after_kw") > pl.col("usable_kw") * _SLACK)
    for pool, racks, worst in _by_pool(after, pl.col("after_kw") / pl.col("usable_kw")):
        yield Hit(
            f"{count(len(racks), 'rack')} of {pool or 'the network'}: without feed {worst['lost']}, feed "
            f"{worst['letter']} carries {kilowatts(worst['after_kw'])} on {kilowatts(worst['usable_kw'])} "
            f"({some(racks)})",
            "use larger breakers, a higher rack voltage, more feeds, or fewer nodes a rack",
            context.pool_at(pool),
        )


@check("PWR102", Severity.ERROR, "The supplies on the surviving feeds carry a rack's systems")
def surviving_supplies_carry_the_systems(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    feeds = _feeds(context).filter(pl.col("kind") == "pool")
    feeds = feeds.join(context.pool_facts, on="pool", maintain_order="left").drop_nulls("system_kw")
    feeds = feeds.filter(pl.col("supply_kw").is_not_null().all().over("rack"))
    left_kw = pl.col("supply_kw").sum().over("rack") - pl.col("lost_supply_kw")
    need_kw = pl.col("system_count") * pl.col("system_kw")
    lost = (
        _with_paths(feeds)
        .with_columns(lost_supply_kw=pl.col("supply_kw").sum().over("rack", "path"), lost=_letters_of_path())
        .with_columns(left_kw=left_kw, need_kw=need_kw)
        .filter(pl.col("path_count") > 1, pl.col("need_kw") > pl.col("left_kw") * _SLACK)
    )
    for pool, racks, worst in _by_pool(lost, pl.col("need_kw") / pl.col("left_kw")):
        yield Hit(
            f"{count(len(racks), 'rack')} of {pool}: without feed {worst['lost']} the supplies left give "
            f"{kilowatts(worst['left_kw'])}, the systems draw {kilowatts(worst['need_kw'])} ({some(racks)})",
            "spread the supplies over more feeds, or enforce a cap: power_cap_kw of the pool",
            context.pool_at(pool),
        )


@check("PWR103", Severity.ERROR, "A system runs on when one of its supplies fails")
def systems_survive_the_loss_of_a_supply(context: Context) -> Iterator[Hit]:
    for name, pool in context.design.pools.items():
        system = context.systems[name]
        units = (
            ("power supply", system.psu_count, system.psu_kw),
            ("power shelf", system.shelf_count, system.shelf_kw),
        )
        for noun, unit_count, unit_kw in units:
            if not unit_count or unit_kw is None or pool.system_kw is None:
                continue
            left_kw = (unit_count - 1) * unit_kw
            if pool.system_kw > left_kw * _SLACK:
                yield Hit(
                    f"{system.key} draws {kilowatts(pool.system_kw)}; with one {noun} lost, {unit_count - 1} "
                    f"x {kilowatts(unit_kw)} give {kilowatts(left_kw)}",
                    "enforce a cap below that: power_cap_kw of the pool",
                    context.pool_at(name),
                )


@check("PWR104", Severity.ERROR, "A feed's breaker carries its load in normal operation")
def breakers_carry_the_normal_load(context: Context) -> Iterator[Hit]:
    feeds = _feeds(context).filter(pl.col("load_kw") > pl.col("usable_kw") * _SLACK)
    for pool, racks, worst in _by_pool(feeds, pl.col("load_kw") / pl.col("usable_kw")):
        yield Hit(
            f"{count(len(racks), 'rack')} of {pool or 'the network'}: feed {worst['letter']} carries "
            f"{kilowatts(worst['load_kw'])} on {kilowatts(worst['usable_kw'])} ({some(racks)})",
            "use larger breakers, a higher rack voltage, more feeds, or fewer nodes a rack",
            context.pool_at(pool),
        )


@check("PWR105", Severity.ERROR, "The topology of the power blocks keeps the promised availability")
def topology_keeps_the_promise(context: Context) -> Iterator[Hit]:
    power = context.design.power
    if context.promises_maintenance and power.set_block_count <= power.set_required_count:
        promise = context.design.resolved.standards.availability.value
        yield Hit(
            f"topology {power.topology} has no spare block, and the site promises to be {promise}",
            "choose 2N or xNyR such as 4N3R, or promise `basic`: standards.availability",
            "power.blocks.topology",
        )


@check("PWR106", Severity.ERROR, "A rack has at least two feeds, each from another block")
def feeds_come_from_different_blocks(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    feeds = _feeds(context)
    racks = feeds.group_by("rack", "pool", maintain_order=True).agg(
        feed_count=pl.len(),
        blocks=pl.col("block").drop_nulls().n_unique(),
        placed=pl.col("block").is_not_null().all(),
        ways=pl.col("source").drop_nulls().n_unique(),
    )
    single = racks.filter(pl.col("feed_count") < 2)
    if single.height:
        yield Hit(
            f"{count(single.height, 'rack')} with a single feed: its maintenance stops them ({some(single['rack'])})",
            "give each rack two feeds or more: racks.feeds",
            "racks.feeds",
        )
    # Behind static switches a catcher stands in for the one block: what counts are busways of their own.
    independent = "ways" if topology(context.design.power.topology).catcher_count else "blocks"
    shared = racks.filter(pl.col("feed_count") >= 2, pl.col("placed"), pl.col(independent) < 2)
    if shared.height:
        bus = "one bus" if context.tables.blocks["bus"].is_duplicated().any() else "one block"
        yield Hit(
            f"{count(shared.height, 'rack')} with all feeds from {bus}: its maintenance stops them "
            f"({some(shared['rack'])})",
            "choose 2N or xNyR such as 4N3R, whose blocks feed the racks on paths of their own",
            "power.blocks.topology",
        )


@check("PWR108", Severity.ERROR, "The racks' voltage lies in the band that the systems' power shelves take")
def voltage_suits_the_shelves(context: Context) -> Iterator[Hit]:
    rack_v = context.design.power.rack_voltage_v
    for name, system in context.systems.items():
        band_v = system.shelf_input_v
        if band_v and not band_v[0] <= rack_v <= band_v[1]:
            yield Hit(
                f"racks get {rack_v:g} V line to line; the power shelves of {system.key} of pool {name} take "
                f"{band_v[0]:g} to {band_v[1]:g} V",
                "choose a voltage that they take: power.blocks.rack_voltage_v",
                "power.blocks.rack_voltage_v",
            )


@check("PWR111", Severity.ERROR, "Power blocks carry their load in normal operation")
def blocks_carry_the_normal_load(context: Context) -> Iterator[Hit]:
    over = context.tables.blocks.filter(pl.col("load_kw") > pl.col("unit_kw") * _SLACK)
    if over.height:
        worst = over.sort(pl.col("load_kw") / pl.col("unit_kw"), descending=True).row(0, named=True)
        yield Hit(
            f"{count(over.height, 'block')} above the rating in normal operation: {worst['block']} carries "
            f"{kilowatts(worst['load_kw'])} on {kilowatts(worst['unit_kw'])} ({some(over['block'])})",
            "use larger blocks or more of them: power.blocks.unit_kw, power.blocks.count",
            "power.blocks",
        )


@check("PWR112", Severity.ERROR, "Power blocks carry the load after the loss of any one block")
def blocks_survive_the_loss_of_one(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    after = after_block_loss(context)
    over = after.filter(pl.col("after_kw") > pl.col("unit_kw") * _SLACK)
    if over.height:
        worst = over.sort(pl.col("after_kw") / pl.col("unit_kw"), descending=True).row(0, named=True)
        blocks = over["block"].unique(maintain_order=True)
        yield Hit(
            f"{count(len(blocks), 'block')} overloaded when another is lost: without {worst['lost']}, "
            f"{worst['block']} carries {kilowatts(worst['after_kw'])} on {kilowatts(worst['unit_kw'])}",
            "use larger blocks or more of them: power.blocks.unit_kw, power.blocks.count",
            "power.blocks",
        )


@check("PWR121", Severity.ERROR, "The grid connection carries the site when all of it is energised")
def utility_carries_the_site(context: Context) -> Iterator[Hit]:
    power = context.design.power
    if power.utility_kw is None or power.utility_available_kw is None:
        return
    own_kw = firm_generation_kw(context.design, context.catalog)
    if power.utility_kw > (power.utility_available_kw + own_kw) * _SLACK:
        own = f" and its own generation {own_kw / 1000:,.2f} MW" if own_kw else ""
        yield Hit(
            f"the site draws {power.utility_kw / 1000:,.2f} MW, the grid gives "
            f"{power.utility_available_kw / 1000:,.2f} MW{own}",
            "ask the utility for more, build less, or cap the pools: power_cap_kw",
            "power.utility.available_mw",
        )


@check("PWR122", Severity.INFO, "The grid connection carries the whole site from its first month")
def months_before_the_connection_is_whole(context: Context) -> Iterator[Hit]:
    power = context.design.power
    months = context.design.resolved.power.utility.available_mw
    if power.utility_kw is None or not isinstance(months, Mapping):
        return
    need_mw = power.utility_kw / 1000
    own_kw = firm_generation_kw(context.design, context.catalog)
    own = f" and the site's own plant {own_kw / 1000:,.1f} MW" if own_kw else ""
    for stage in grid_stages(context.design, own_kw):
        given_kw = stage.available_kw + own_kw
        if given_kw >= power.utility_kw or stage.date == max(months):
            continue
        yield Hit(
            f"from {stage.date} the grid gives {stage.available_kw / 1000:,.1f} MW{own}, "
            f"{given_kw / power.utility_kw:.0%} of the {need_mw:,.1f} MW that the whole site draws: "
            f"{fitting(context.design, stage)}",
            "energise no more of the pools than that, until the next step",
            f"power.utility.available_mw.{stage.date}",
        )


@check("PWR123", Severity.ERROR, "A hall feeds and cools the IT load that stands in it")
def halls_carry_their_load(context: Context) -> Iterator[Hit]:
    over = [
        h
        for h in context.design.halls
        if h.it_kw is not None and h.it_limit_kw is not None and h.it_kw > h.it_limit_kw * _SLACK
    ]
    if over:
        worst = max(over, key=lambda h: h.it_kw or 0.0)
        yield Hit(
            f"{count(len(over), 'hall')} above {kilowatts(worst.it_limit_kw or 0.0)} of IT load: "
            f"{worst.name} holds {kilowatts(worst.it_kw or 0.0)} ({some(h.name for h in over)})",
            "use more halls, or more load a hall: halls.count, halls.it_mw",
            "halls.it_mw",
        )


@check("PWR131", Severity.INFO, "Power is designed for what the systems can draw")
def caps_have_to_be_enforced(context: Context) -> Iterator[Hit]:
    for spec in context.design.spec.pools:
        pool = context.design.pools.get(spec.name)
        cap_kw = None if pool is None else enforced_cap_kw(spec, context.systems[spec.name])
        most_kw = context.systems[spec.name].max_kw
        if cap_kw is None or (most_kw is not None and cap_kw >= most_kw):
            continue
        most = "an unknown maximum" if most_kw is None else kilowatts(most_kw)
        yield Hit(
            f"pool {spec.name} is designed for {kilowatts(cap_kw)} a system, its systems can draw {most}",
            "see that the cap is enforced in firmware before the load is",
            f"{context.pool_at(spec.name)}.{'load.profile' if spec.power_cap_kw is None else 'power_cap_kw'}",
        )


def after_path_loss(context: Context) -> pl.DataFrame:
    """What a rack's feeds carry when one path is lost: `rack, pool, lost, letter, after_kw, usable_kw`.

    A path is a power block with all of the rack's feeds that hang on it. Its load moves to the surviving
    feeds in proportion to their normal load: after = load · total / (total - lost).
    """
    feeds = _with_paths(_feeds(context)).with_columns(total_kw=pl.col("load_kw").sum().over("rack"))
    lost = feeds.group_by("rack", lost_path="path", maintain_order=True).agg(
        lost_kw=pl.col("load_kw").sum(), lost=pl.col("letter").str.join(" and ")
    )
    pairs = feeds.join(lost, on="rack", maintain_order="left").filter(pl.col("path") != pl.col("lost_path"))
    rest_kw = pl.col("total_kw") - pl.col("lost_kw")
    return pairs.filter(rest_kw > 0).with_columns(after_kw=pl.col("load_kw") * pl.col("total_kw") / rest_kw)


def after_block_loss(context: Context) -> pl.DataFrame:
    """What each block carries when another one is lost: `lost, block, after_kw, unit_kw`.

    Blocks that share a bus carry its load in equal parts: after = load · n / (n - 1). The first catcher of a set
    takes over a lost block whole. Else each rack's share moves to the rack's feeds from other blocks, in proportion
    to their normal load.
    """
    if topology(context.design.power.topology).catcher_count:
        return _after_block_loss_with_catchers(context)
    blocks = context.tables.blocks.select("block", "bus", "unit_kw", "load_kw")
    on_bus = pl.len().over("bus")
    siblings = blocks.filter(on_bus > 1).with_columns(
        moved_kw=pl.col("load_kw").sum().over("bus") / (on_bus - 1) - pl.col("load_kw")
    )
    shared = siblings.join(siblings.select("bus", lost="block"), on="bus").filter(pl.col("block") != pl.col("lost"))
    own = blocks.filter(on_bus == 1)
    feeds = context.tables.feeds.select("rack", "load_kw", bus="block").join(own.select("bus", "block"), on="bus")
    lost = feeds.group_by("rack", lost="block", maintain_order=True).agg(lost_kw=pl.col("load_kw").sum())
    pairs = feeds.join(lost, on="rack").filter(pl.col("block") != pl.col("lost"))
    share = pl.col("load_kw") / pl.col("load_kw").sum().over("rack", "lost")
    moved = (
        pairs.with_columns(moved_kw=pl.col("lost_kw") * share)
        .group_by("lost", "block", maintain_order=True)
        .agg(pl.col("moved_kw").sum())
        .join(own, on="block", maintain_order="left")
    )
    columns = ("lost", "block", "unit_kw", "load_kw", "moved_kw")
    after = pl.concat([shared.select(columns), moved.select(columns)])
    return after.with_columns(after_kw=pl.col("load_kw") + pl.col("moved_kw"))


def _after_block_loss_with_catchers(context: Context) -> pl.DataFrame:
    required = topology(context.design.power.topology).required_count or 0
    blocks = context.tables.blocks.select("hall", "power_set", "index", "block", "unit_kw", "load_kw")
    lost = blocks.filter(pl.col("index") <= required).select("hall", "power_set", lost="block", moved_kw="load_kw")
    catchers = blocks.filter(pl.col("index") == required + 1)
    pairs = catchers.join(lost, on=["hall", "power_set"], maintain_order="left")
    columns = ("lost", "block", "unit_kw", "load_kw", "moved_kw")
    return pairs.select(columns).with_columns(after_kw=pl.col("load_kw") + pl.col("moved_kw"))


def _feeds(context: Context) -> pl.DataFrame:
    racks = context.tables.racks.select("rack", "kind", "pool", "system_count")
    return context.tables.feeds.join(racks, on="rack", how="left", maintain_order="left")


def _with_paths(feeds: pl.DataFrame) -> pl.DataFrame:
    """Feeds with their `path` and the rack's `path_count`.

    Where all feeds hang on one bus, which PWR106 reports, each feed counts as a path of its own.
    """
    blocks = pl.col("block").n_unique().over("rack")
    known = pl.col("block").is_not_null().all().over("rack")
    path = pl.when(known & (blocks > 1)).then("block").otherwise("letter")
    return feeds.with_columns(path=path).with_columns(path_count=pl.col("path").n_unique().over("rack"))


def _letters_of_path() -> pl.Expr:
    return pl.col("letter").str.join(" and ").over("rack", "path")


def _by_pool(rows: pl.DataFrame, measure: pl.Expr) -> Iterator[tuple[str | None, list[str], dict[str, Any]]]:
    """Each pool with its racks, and its row with the highest measure."""
    for (pool,), group in rows.group_by("pool", maintain_order=True):
        worst = group.sort(measure, descending=True, maintain_order=True).row(0, named=True)
        yield pool, group["rack"].unique(maintain_order=True).to_list(), worst
