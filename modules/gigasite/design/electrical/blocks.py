"""The power blocks as elements: transformer, generator, board, UPS, busways to the rows of racks."""

from __future__ import annotations

import polars as pl

from gigasite.catalog.power_products import TransferSwitch
from gigasite.design.electrical.parts import Parts, two_digits
from gigasite.design.electrical.sizes import (
    Machine,
    Power,
    board_for,
    generator_for,
    run_loss_per_kva2,
    run_of,
    transformer_for,
    ups_for,
    ups_input_kw,
)
from gigasite.design.power import Topology
from gigasite.design.supply import Supply

STATIC_SWITCH = "static"


def busways(power: Power, how: Topology, supply: Supply, racks: pl.DataFrame) -> pl.DataFrame:
    """One row a busway: `busway, block, hall, row, letter, load_kw, worst_kw`.

    A busway runs from a block over a row of racks. Feeds of one rack that hang on the same block or bus (catchers,
    shared buses) have a busway for each letter, so that one can be maintained. `worst_kw`: with all of its racks
    carried after the loss of the largest of their other ways.
    """
    feeds = feeds_with_busways(how, supply, racks)
    known = feeds.filter(pl.col("source").is_not_null())
    loads = way_loads(known)
    places = known.group_by("source").agg(pl.col("block", "hall", "row", "letter").first())
    return places.join(loads, on="source").rename({"source": "busway"}).sort("busway")


def way_loads(feeds: pl.DataFrame) -> pl.DataFrame:
    """What busways carry: `source, load_kw, worst_kw`, from feeds with `rack, source, load_kw`.

    `worst_kw`: each rack without the largest of its other ways, whose load moves to the rest in proportion to theirs:
    load · total / (total - lost).
    """
    known = feeds.filter(pl.col("source").is_not_null())
    ways = known.group_by("rack", "source").agg(pl.col("load_kw").fill_null(0.0).sum())
    largest = pl.col("load_kw").max().over("rack")
    second = pl.col("load_kw").top_k(2).sum().over("rack", mapping_strategy="group_to_rows") - largest
    other = pl.when(pl.col("load_kw") < largest).then(largest).otherwise(second)
    total = pl.col("load_kw").sum().over("rack")
    worst = ways.with_columns(
        worst_kw=pl.when(total - other > 0).then(pl.col("load_kw") * total / (total - other)).otherwise("load_kw")
    )
    return worst.group_by("source").agg(pl.col("load_kw").sum(), pl.col("worst_kw").sum())


def feeds_with_busways(how: Topology, supply: Supply, racks: pl.DataFrame) -> pl.DataFrame:
    """The feeds with `source`, the busway that each hangs on, and the place of their rack."""
    places = racks.select("rack", "hall", "row")
    feeds = supply.feeds.drop("source", strict=False).join(places, on="rack", how="left", maintain_order="left")
    name = pl.format("{}-r{}", "block", two_digits("row"))
    if how.shared_bus or how.catcher_count:
        name = pl.format("{}-{}", name, pl.col("letter").str.to_lowercase())
    return feeds.with_columns(source=name)


def add_blocks(parts: Parts, power: Power, how: Topology, supply: Supply, racks: pl.DataFrame, prefix: str) -> None:
    """Every block of the site with what stands in it, and the busways behind."""
    site = power.site.power
    runs = busways(power, how, supply, racks)
    sized = _runs_by_rating(runs, power)
    _add_busways(parts, power, how, sized, prefix)
    blocks = supply.blocks.with_columns(room=_room(power, supply, prefix))
    if blocks.is_empty():
        return
    unit_kw = site.blocks.unit_kw or 1.0
    need_kw = unit_kw * (1 + _run_loss_ratio(sized, power))
    ups = ups_for(need_kw, power.load_power_factor, power)
    drawn_kw = ups_input_kw(need_kw, ups, power)
    factor = power.ups.input_power_factor
    board = board_for(drawn_kw, factor, power)
    transformer = transformer_for(drawn_kw, factor, power, site.transformers.block_mva)
    shared = blocks["bus"] != blocks["block"]
    _machine(parts, blocks, "transformer", "-tx", transformer, site.transformers.block_product)
    _machine(parts, blocks, "lv-board", "-board", board, None)
    control = pl.format("{}-control", "bus") if shared.any() else pl.lit(None, pl.String)
    _machine(parts, blocks, "ups", "-ups", ups, site.ups.product, control=control)
    parts.connect(blocks, source=_part("-tx"), target=_part("-board"))
    parts.connect(blocks, source=_part("-board"), target=_part("-ups"))
    if site.generators.location != "site":
        generator = generator_for(drawn_kw, power, site.generators.unit_kw)
        room = _part("-gen")
        _machine(
            parts, blocks, "generator", "-gen", generator, site.generators.product, room=room, source=power.has_fuel
        )
        start_s = site.generators.start_s or 0.0
        parts.connect(blocks, source=_part("-gen"), target=_part("-board"), priority=3, transfer_s=start_s)
    if how.shared_bus:
        _add_shared_buses(parts, power, how, blocks, need_kw, unit_kw)
        parts.connect(runs, source=pl.col("block"), target=pl.col("busway"))
    elif how.catcher_count:
        _add_static_switches(parts, power, how, blocks, sized)
    else:
        parts.connect(runs, source=pl.format("{}-ups", "block"), target=pl.col("busway"))


def _part(suffix: str) -> pl.Expr:
    return pl.format("{}" + suffix, "block")


def _machine(
    parts: Parts,
    blocks: pl.DataFrame,
    kind: str,
    suffix: str,
    machine: Machine,
    product: str | None,
    *,
    room: pl.Expr | None = None,
    control: pl.Expr | None = None,
    source: bool = False,
) -> None:
    parts.add(
        blocks,
        element=_part(suffix),
        kind=kind,
        product=product,
        hall=pl.col("hall"),
        block=pl.col("block"),
        room=pl.col("room") if room is None else room,
        control=control if control is not None else pl.lit(None, pl.String),
        unit_count=machine.unit_count,
        required_count=machine.required_count,
        capacity_kw=machine.capacity_kw,
        limited_by=machine.limited_by,
        rated_kva=machine.rated_kva,
        is_source=source,
    )


def _room(power: Power, supply: Supply, prefix: str) -> pl.Expr:
    """Electrical room of a block: blocks of a hall are dealt over its rooms by their index in the set."""
    rooms = power.site.power.blocks.rooms or max(supply.set_block_count, 1)
    number = ((pl.col("index") - 1) % rooms + 1).cast(pl.String).str.zfill(2)
    return pl.format(f"{prefix}-h{{}}-elec-{{}}", two_digits("hall"), number)


def _runs_by_rating(runs: pl.DataFrame, power: Power) -> pl.DataFrame:
    """Busways with `rating_a`, `unit_count`, `capacity_kw`, `rated_kva`, `limited_by`."""
    given = power.site.power.distribution.rating_a
    ratings = [float(a) for a, _, _ in power.run.impedance_points]
    factor, ratio = power.load_power_factor, power.breaker_ratio
    per_a = run_of(1.0, 1, power).capacity_kw
    need_a = pl.col("worst_kw") / per_a
    count = pl.lit(1) if given else (need_a / ratings[-1] - 1e-9).ceil().clip(1).cast(pl.Int32)
    rating = pl.lit(float(given)) if given else pl.lit(ratings[-1])
    if not given:
        for size in reversed(ratings[:-1]):
            rating = pl.when(pl.col("need_a") <= size * (1 + 1e-9)).then(size).otherwise(rating)
    where = f"A at {power.run_voltage_v:g} V" + (f", {ratio:.0%} for continuous load" if ratio < 1 else "")
    return (
        runs.with_columns(unit_count=count)
        .with_columns(need_a=need_a / pl.col("unit_count"))
        .with_columns(rating_a=rating)
        .with_columns(
            capacity_kw=pl.col("rating_a") * pl.col("unit_count") * per_a,
            rated_kva=pl.col("rating_a") * pl.col("unit_count") * per_a / (ratio * factor),
            limited_by=pl.format(
                f"{{}} x {{}} {where}",
                "unit_count",
                pl.col("rating_a").cast(pl.Int64),
            ),
        )
    )


def _run_loss_ratio(runs: pl.DataFrame, power: Power) -> float:
    """The most that a block's busways lose, over what they give: at the worst load of each."""
    worst = 0.0
    for (rating, count), group in runs.group_by("rating_a", "unit_count", maintain_order=True):
        factor = power.load_power_factor
        per_kva2 = run_loss_per_kva2(float(rating), int(count), power)
        rated = float(group["rated_kva"].max() or 0.0)  # type: ignore[arg-type]
        kva = float(group["worst_kw"].max() or 0.0) / factor  # type: ignore[arg-type]
        if kva:
            fixed = power.run.no_load_loss_ratio * rated + power.run.load_loss_ratio * kva**2 / rated
            worst = max(worst, (per_kva2 * kva**2 + fixed) / (kva * factor))
    return worst


def _add_busways(parts: Parts, power: Power, how: Topology, runs: pl.DataFrame, prefix: str) -> None:
    parts.add(
        runs,
        element=pl.col("busway"),
        kind="busway",
        product=power.run.key,
        hall=pl.col("hall"),
        block=pl.lit(None, pl.String) if how.shared_bus else pl.col("block"),
        room=pl.format(f"{prefix}-h{{}}", two_digits("hall")),
        unit_count=pl.col("unit_count"),
        required_count=pl.col("unit_count"),
        capacity_kw=pl.col("capacity_kw"),
        limited_by=pl.col("limited_by"),
        rated_kva=pl.col("rated_kva"),
        is_source=False,
    )


def _add_shared_buses(
    parts: Parts, power: Power, how: Topology, blocks: pl.DataFrame, need_kw: float, unit_kw: float
) -> None:
    """N and N+k: the blocks of a set in parallel on one bus, under one control of their sharing."""
    buses = blocks.group_by("bus", maintain_order=True).agg(
        pl.col("hall").first(), pl.col("room").first(), count=pl.len()
    )
    required = pl.col("count") - how.spare_count
    parts.add(
        buses,
        element=pl.col("bus"),
        kind="lv-board",
        hall=pl.col("hall"),
        room=pl.format("{}-room", "bus"),
        control=pl.lit(None, pl.String),
        unit_count=1,
        required_count=1,
        capacity_kw=required * need_kw,
        limited_by=pl.format("bus for {} blocks", required),
        is_source=False,
    )
    parts.connect(blocks, source=_part("-ups"), target=pl.col("bus"))


def _add_static_switches(parts: Parts, power: Power, how: Topology, blocks: pl.DataFrame, runs: pl.DataFrame) -> None:
    """Block redundant: each busway behind a static switch between its block and the catchers of the set."""
    switch = power.catalog.of(TransferSwitch, STATIC_SWITCH)
    name = pl.format("{}-sts", "busway")
    rooms = blocks.select("block", "room", "power_set")
    placed = runs.join(rooms, on="block", maintain_order="left")
    parts.add(
        placed,
        element=name,
        kind="sts",
        product=switch.key,
        hall=pl.col("hall"),
        block=pl.col("block"),
        room=pl.col("room"),
        unit_count=pl.col("unit_count"),
        required_count=pl.col("unit_count"),
        capacity_kw=pl.col("capacity_kw"),
        limited_by=pl.col("limited_by"),
        rated_kva=pl.col("rated_kva"),
        is_source=False,
    )
    parts.connect(placed, source=pl.format("{}-ups", "block"), target=name)
    parts.connect(placed, source=name, target=pl.col("busway"))
    catchers = blocks.filter(pl.col("index") > (how.required_count or 0)).select(
        "hall", "power_set", catcher="block", place=pl.col("index") - (how.required_count or 0)
    )
    pairs = placed.join(catchers, on=["hall", "power_set"], maintain_order="left")
    parts.connect(
        pairs,
        source=pl.format("{}-ups", "catcher"),
        target=name,
        priority=pl.col("place") + 1,
        transfer_s=switch.transfer_s,
    )
