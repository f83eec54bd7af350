"""Racks and the floor: height, weight, power, positions, doors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from gigasite.catalog.models import Form
from gigasite.catalog.optical_products import OpticalSwitch
from gigasite.checks.context import Context
from gigasite.checks.grouping import by_pool, most, racks_of
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.shell.bodies import rack_bodies
from gigasite.design.shell.floor_loads import floor_load_kpa as floor_load_kpa
from gigasite.errors import Severity

declare("RCK110", Severity.WARNING, "The halls hold the size that the site builds to")

_SLACK = 1 + 1e-9


@check("RCK101", Severity.ERROR, "Equipment fits the height of its rack")
def equipment_fits_the_rack(context: Context) -> Iterator[Hit]:
    reserved_u = context.design.resolved.racks.reserved_u or 0
    # A rack-scale system comes with its rack: nothing of it is reserved for the site.
    reserve = pl.when(pl.col("is_rack_scale").fill_null(False)).then(0).otherwise(reserved_u)
    racks = _racks(context).with_columns(free_u=pl.col("height_u") - reserve)
    for pool, group in by_pool(racks.filter(pl.col("used_u") > pl.col("free_u"))):
        worst = group.sort("used_u", descending=True, maintain_order=True).row(0, named=True)
        yield Hit(
            f"{racks_of(group, pool)}: equipment of {worst['used_u']} U in {worst['free_u']} "
            f"U{f' ({reserved_u} U reserved)' if worst['free_u'] < worst['height_u'] else ''} "
            f"({some(group['rack'])})",
            "use taller racks (racks.height_u), or fewer nodes a rack (nodes_per_rack of the pool)",
            context.pool_at(pool),
        )


@check("RCK102", Severity.ERROR, "A rack weighs no more than the floor's limit for one rack")
def racks_are_light_enough(context: Context) -> Iterator[Hit]:
    limit_kg = context.design.resolved.halls.max_rack_kg
    if limit_kg is None:
        return
    for pool, group in by_pool(_bodies(context).filter(pl.col("wet_kg") > limit_kg * _SLACK)):
        worst = group.sort("wet_kg", descending=True, maintain_order=True).row(0, named=True)
        yield Hit(
            f"{racks_of(group, pool)}: {worst['wet_kg']:,.0f} kg{_of_coolant(worst)}, the limit is {limit_kg:,.0f} kg "
            f"({some(group['rack'])})",
            "put fewer nodes in a rack (nodes_per_rack of the pool), or strengthen the floor",
            context.pool_at(pool),
        )


@check("RCK103", Severity.ERROR, "The floor bears the racks")
def floor_bears_the_racks(context: Context) -> Iterator[Hit]:
    limit_kpa = context.design.resolved.halls.floor_kpa
    if limit_kpa is None:
        return
    for pool, group in by_pool(_bodies(context).filter(_most_kpa() > limit_kpa * _SLACK)):
        foot_kpa, share_kpa = most(group, "foot_kpa"), most(group, "share_kpa")
        spread = share_kpa <= limit_kpa * _SLACK
        own = f"{foot_kpa:,.1f} kPa on the rack's own footprint" if foot_kpa else "an unknown load on its own footprint"
        yield Hit(
            f"{racks_of(group, pool)}: {own}, {share_kpa:,.1f} kPa with its share of the aisles, on a floor of "
            f"{limit_kpa:,.1f} kPa ({some(group['rack'])})",
            "spread the load with plates, and have the slab checked"
            if spread
            else "put fewer nodes in a rack, widen the aisles, or strengthen the floor",
            context.pool_at(pool),
            Severity.WARNING if spread else None,
        )


@check("RCK104", Severity.ERROR, "A hall has a position for each of its racks")
def halls_have_positions(context: Context) -> Iterator[Hit]:
    over = [h for h in context.design.halls if h.rack_count > h.rack_positions]
    if over:
        worst = max(over, key=lambda h: h.rack_count - h.rack_positions)
        yield Hit(
            f"{count(len(over), 'hall')} with more racks than positions: {worst.name} holds "
            f"{worst.rack_count} racks on {worst.rack_positions} positions",
            "use more halls, or more positions: halls.count, halls.rack_positions",
            "halls.rack_positions",
        )


@check("RCK105", Severity.ERROR, "Every rack found a place")
def racks_found_a_place(context: Context) -> Iterator[Hit]:
    lost = context.tables.racks.filter(pl.col("hall").is_null())
    if lost.height:
        yield Hit(
            f"{count(lost.height, 'rack')} of {context.tables.racks.height:,} without a place ({some(lost['rack'])})",
            "use more halls, more positions or more power a hall: halls.count, halls.rack_positions, halls.it_mw",
            "halls",
        )


@check("RCK106", Severity.ERROR, "A rack draws no more than the limit for one rack")
def racks_draw_within_the_limit(context: Context) -> Iterator[Hit]:
    limit_kw = context.design.resolved.racks.max_kw
    if limit_kw is None:
        return
    for pool, group in by_pool(_racks(context).filter(pl.col("it_kw") > limit_kw * _SLACK)):
        yield Hit(
            f"{racks_of(group, pool)}: {kilowatts(most(group, 'it_kw'))}, the limit is "
            f"{kilowatts(limit_kw)} ({some(group['rack'])})",
            "put fewer nodes in a rack (nodes_per_rack of the pool), or raise racks.max_kw",
            context.pool_at(pool),
        )


@check("RCK107", Severity.ERROR, "Racks pass the doors on the delivery path")
def racks_pass_the_doors(context: Context) -> Iterator[Hit]:
    door_mm = context.design.resolved.halls.door_mm
    if door_mm is None:
        return
    racks = _bodies(context).with_columns(narrow_mm=pl.min_horizontal("width_mm", "depth_mm"))
    for side, limit_mm, is_what, key in (
        ("narrow_mm", door_mm[0], "wide at their narrow side", "racks.width_mm"),
        ("height_mm", door_mm[1], "high", "racks.height_u, racks.height_mm"),
    ):
        verb = "widen the delivery path" if side == "narrow_mm" else "raise the door"
        smaller = "narrower" if side == "narrow_mm" else "lower"
        for pool, group in by_pool(racks.filter(pl.col(side) > limit_mm)):
            yield Hit(
                f"{racks_of(group, pool)}: {most(group, side):,.0f} mm {is_what}, the door {limit_mm:,.0f} mm",
                f"{verb}, or choose {smaller} racks: {key}",
                "halls.door_mm",
            )


@check("RCK108", Severity.ERROR, "No two racks stand on one position")
def positions_hold_one_rack(context: Context) -> Iterator[Hit]:
    placed = context.tables.racks.drop_nulls(["hall", "row", "position"])
    twice = placed.filter(pl.struct("hall", "row", "position").is_duplicated())
    if twice.height:
        yield Hit(
            f"{count(twice.height, 'rack')} share their position with another ({some(twice['rack'])})",
            "this is a fault of the design, not of the site file: please report it",
            "halls",
        )


@check("RCK109", Severity.ERROR, "Each unit of a rack holds one device, and none lies above the rack")
def units_hold_one_device(context: Context) -> Iterator[Hit]:
    racks = context.tables.racks.select("rack", "pool", "height_u")
    held = equipment_units(context).join(racks, on="rack", how="left", maintain_order="left")
    held = held.sort("rack", "unit", "device", maintain_order=True)
    next_free = pl.col("above").cum_max().shift(1).over("rack")
    twice = held.filter(pl.col("unit") < next_free)
    outside = held.filter((pl.col("unit") < 1) | (pl.col("above") > pl.col("height_u") + 1))
    for wrong, what in ((twice, "in units that another device takes"), (outside, "outside of their rack's units")):
        for pool, group in by_pool(wrong):
            first = group.row(0, named=True)
            yield Hit(
                f"{count(group.height, 'device')} of {f'pool {pool}' if pool else 'the site'} {what}: "
                f"{first['device']} in unit {first['unit']} of {first['rack']} ({some(group['device'])})",
                "this is a fault of the design, not of the site file: please report it",
                context.pool_at(pool),
            )


def equipment_units(context: Context) -> pl.DataFrame:
    """Nodes and devices with a known place in a rack of the site: `device, rack, unit, above` (the unit above it).

    Trays of rack-scale systems have numbers of their own instead of units; what has no known height is left out.
    """
    systems = {name: system.height_u for name, system in context.systems.items() if system.form is Form.NODE}
    models = context.tables.devices["model"].drop_nulls().unique().to_list()
    catalog = context.catalog
    switches = {
        model: (
            catalog.of(OpticalSwitch, model) if catalog.has("optical-switch", model) else catalog.switch(model)
        ).height_u
        for model in models
    }
    server_u = context.design.resolved.racks.server_u
    height_u = pl.when(pl.col("model").is_null()).then(server_u).otherwise("height_u").cast(pl.Int32)
    nodes = context.tables.nodes.rename({"node": "device"}).join(_heights("pool", systems), on="pool")
    devices = context.tables.devices.join(_heights("model", switches), on="model", how="left")
    columns = ("device", "rack", "unit", "height_u")
    placed = pl.concat([nodes.select(columns), devices.with_columns(height_u=height_u).select(columns)])
    known = placed.drop_nulls(["rack", "unit", "height_u"])
    return known.select("device", "rack", "unit", above=pl.col("unit") + pl.col("height_u"))


def _heights(key: str, heights_u: Mapping[str, int | None]) -> pl.DataFrame:
    return pl.DataFrame(list(heights_u.items()), schema={key: pl.String, "height_u": pl.Int32}, orient="row")


def _bodies(context: Context) -> pl.DataFrame:
    return rack_bodies(context.tables.racks, context.design.resolved, context.catalog)


def _most_kpa() -> pl.Expr:
    """A rack whose own footprint nobody knows is judged by its share of the floor."""
    return pl.coalesce("foot_kpa", "share_kpa")


def _of_coolant(rack: Mapping[str, object]) -> str:
    litres = rack["coolant_l"]
    return f" with {litres:,.0f} l of coolant" if isinstance(litres, float) and litres >= 0.5 else ""


def _racks(context: Context) -> pl.DataFrame:
    """Racks with the facts of their pool's system; a network rack of a pool is a plain one."""
    own_pool = pl.when(pl.col("kind") == "pool").then("pool")
    return context.tables.racks.with_columns(_system_of=own_pool).join(
        context.pool_facts, left_on="_system_of", right_on="pool", how="left", maintain_order="left"
    )
