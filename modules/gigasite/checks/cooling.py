"""Cooling: coolant flow and temperature, CDUs, room air, heat rejection, water."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from gigasite.catalog.models import System
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.cooling import redundant_count
from gigasite.design.cooling.classes import inlet_derate_k
from gigasite.design.cooling.rejection.reach import unreached
from gigasite.design.cooling.rejection.wettest import wettest_day
from gigasite.design.model import HallDesign
from gigasite.errors import Severity

_SLACK = 1 + 1e-9


@check("CLG101", Severity.ERROR, "The CDUs of a hall carry its heat and its flow")
def cdus_carry_the_hall(context: Context) -> Iterator[Hit]:
    yield from _short_of_cdus(context, lost=0)


@check("CLG102", Severity.ERROR, "The CDUs of a hall carry its heat and its flow when one is lost")
def cdus_carry_the_hall_after_a_loss(context: Context) -> Iterator[Hit]:
    if context.promises_maintenance:
        yield from _short_of_cdus(context, lost=1)


@check("CLG103", Severity.ERROR, "A hall has the CDUs that its redundancy asks for")
def cdu_redundancy_is_installed(context: Context) -> Iterator[Hit]:
    asked = context.design.resolved.cooling.loop.redundancy
    if asked is None:
        return
    short = [
        hall
        for hall in context.design.halls
        if hall.cdu_required_count
        and hall.cdu_count is not None
        and hall.cdu_count < redundant_count(hall.cdu_required_count, asked)
    ]
    if short:
        hall = short[0]
        need = hall.cdu_required_count or 0
        yield Hit(
            f"{_halls(short)}: {count(hall.cdu_count or 0, 'CDU')} where {need} carry the load; {asked} asks "
            f"for {redundant_count(need, asked)}",
            "raise cooling.loop.cdu_count, or leave it out to have it sized",
            "cooling.loop",
        )


@check("CLG104", Severity.ERROR, "The coolant is no warmer than the systems accept")
def coolant_is_cool_enough(context: Context) -> Iterator[Hit]:
    supply_c = context.design.cooling.supply_c
    for name, system in _liquid_systems(context):
        if system.tcs_supply_c_max is not None and supply_c > system.tcs_supply_c_max:
            limit_c, what = system.tcs_supply_c_max, "accepts"
        elif system.tcs_flow_curve and supply_c > system.tcs_flow_curve[-1][0]:
            limit_c, what = system.tcs_flow_curve[-1][0], "has flow figures only"
        else:
            continue
        yield Hit(
            f"coolant at {supply_c:g} °C; {system.key} of pool {name} {what} up to {limit_c:g} °C",
            f"lower cooling.loop.supply_c to {limit_c:g} °C",
            "cooling.loop.supply_c",
        )


@check(
    "CLG105",
    Severity.ERROR,
    "The heat rejection gives the facility water that the CDUs need on the extreme day",
)
def rejection_reaches_the_supply_temperature(context: Context) -> Iterator[Hit]:
    cooling, resolved = context.design.cooling, context.design.resolved.cooling
    for circuit, gives_c in unreached(context.rejection):
        if circuit.loop != "liquid":
            continue
        who = f"a supply of {cooling.supply_c:g} °C needs" if cooling.liquid_kw else "immersion tanks need"
        assumed = cooling.liquid_kw and resolved.facility.supply_c is None
        by = f" (an approach of {resolved.outside.approach_k:g} K is assumed for {cooling.cdu})" if assumed else ""
        yield Hit(
            f"{who} facility water at {circuit.supply_c:g} °C{by}; {_given_on_the_extreme_day(context, gives_c)}",
            "add a trim-chiller or chiller to cooling.rejection, or raise "
            + ("cooling.loop.supply_c" if cooling.liquid_kw else "cooling.facility.supply_c"),
            "cooling.rejection",
        )


@check("CLG106", Severity.ERROR, "A rack's flow lies on its published pressure curve")
def flow_lies_on_the_pressure_curve(context: Context) -> Iterator[Hit]:
    flows = context.tables.racks.filter(pl.col("kind") == "pool", pl.col("system_count") > 0)
    each = flows.group_by("pool").agg(
        (pl.col("rack_flow_lpm") / pl.col("system_count")).max(),
        (pl.col("flow_lpm") / pl.col("system_count")).max(),
    )
    for row in each.sort("pool").iter_rows(named=True):
        system = context.systems.get(row["pool"])
        end_lpm = system.tcs_pressure_curve_lpm_max if system else None
        if system is None or end_lpm is None:
            continue
        asked_lpm, piping_lpm = row["rack_flow_lpm"], row["flow_lpm"]
        if asked_lpm is not None and asked_lpm > end_lpm * _SLACK:
            yield Hit(
                f"{system.key} of pool {row['pool']} needs {asked_lpm:,.0f} l/min at "
                f"{context.design.cooling.supply_c:g} °C; its pressure curve ends at {end_lpm:,.0f} l/min",
                "lower cooling.loop.supply_c, or the pool's power_cap_kw",
                context.pool_at(row["pool"]),
            )
        elif piping_lpm is not None and piping_lpm > end_lpm * _SLACK:
            yield Hit(
                f"piping for {system.key} of pool {row['pool']} is laid out for {piping_lpm:,.0f} l/min a "
                f"rack (the facility's minimum); the rack's pressure curve ends at {end_lpm:,.0f} l/min",
                f"balance each rack to its own flow{f' of {asked_lpm:,.0f} l/min' if asked_lpm else ''}",
                context.pool_at(row["pool"]),
                Severity.INFO,
            )


@check("CLG107", Severity.ERROR, "Room air carries what liquid does not, with one air unit lost")
def air_units_carry_the_residual(context: Context) -> Iterator[Hit]:
    lost = 1 if context.promises_maintenance else 0

    def unit_kw(hall: HallDesign) -> float:
        return context.design.cooling.air_unit_kw if hall.air_unit_kw is None else hall.air_unit_kw

    def heat_kw(hall: HallDesign) -> float:
        return (hall.air_kw if hall.room_kw is None else hall.room_kw) or 0.0

    short = [
        hall
        for hall in context.design.halls
        if heat_kw(hall) > max((hall.air_unit_count or 0) - lost, 0) * unit_kw(hall) * _SLACK
    ]
    if short:
        worst = max(short, key=heat_kw)
        units = worst.air_unit_count or 0
        has = f"{count(units, 'air unit')} of {kilowatts(unit_kw(worst))}" if units else "no air unit"
        without = ", one of which may be lost" if lost and units else ""
        yield Hit(
            f"{_halls(short)}: {kilowatts(heat_kw(worst))} of heat goes into the room air of "
            f"{worst.name}, which has {has}{without}",
            "raise cooling.air.unit_count, or leave it out to have it sized",
            "cooling.air",
        )


@check("CLG108", Severity.ERROR, "Heat that goes into the air is never left out")
def air_heat_is_known(context: Context) -> Iterator[Hit]:
    racks = context.tables.racks
    # Liquid and air together carry the systems' design heat; a rack may hold more than its systems.
    heats = pl.DataFrame(
        [(name, _design_heat_kw(context, name)) for name in context.systems],
        schema={"pool": pl.String, "heat_kw": pl.Float64},
        orient="row",
    )
    heat_kw = pl.when(pl.col("kind") == "pool").then(pl.col("system_count") * pl.col("heat_kw")).otherwise("it_kw")
    known = racks.join(heats, on="pool", how="left", maintain_order="left").with_columns(heat_kw=heat_kw)
    silent = known.filter(pl.col("heat_kw") > 0, pl.col("air_kw").is_null())
    dropped = known.filter(pl.col("liquid_kw") + pl.col("air_kw") < pl.col("heat_kw") * 0.999)
    for rows, what in ((silent, "is unknown"), (dropped, "is less than what liquid leaves over")):
        for (pool,), group in rows.group_by("pool", maintain_order=True):
            yield Hit(
                f"{count(group.height, 'rack')}: heat into the room air {what} ({some(group['rack'])})",
                "give the system's liquid_kw and air_kw in catalog/ beside the site file, with their source",
                context.pool_at(pool if isinstance(pool, str) else None),
            )


@check("CLG109", Severity.ERROR, "Evaporation and blowdown on the wettest day stay below the water limit")
def water_stays_below_its_limit(context: Context) -> Iterator[Hit]:
    limit, plan = context.design.resolved.cooling.water_limit_m3_day, context.rejection
    wet = {u.way: u for c in plan.circuits for u in c.units if u.count and u.product.uses_water}
    if limit is None or not wet:
        return
    day = wettest_day(plan)
    if day.makeup_m3 > limit * _SLACK:
        yield Hit(
            f"{' and '.join(wet)} draws {day.makeup_m3:,.0f} m³ a day at full load, {day.evaporated_m3:,.0f} m³ of it "
            f"evaporates and the rest is blown down at {plan.cycles_of_concentration:g} cycles of concentration (air "
            f"of {day.dry_bulb_c:.0f} °C dry, {day.wet_bulb_c:.0f} °C wet; {day.heat_ratio:.0%} of the heat goes that "
            f"way); the limit is {limit:,.0f} m³",
            "use dry coolers, treat the water for more cycles (cooling.outside.cycles_of_concentration), or ask for "
            "more water: cooling.water_limit_m3_day",
            "cooling.water_limit_m3_day",
        )


@check("CLG110", Severity.ERROR, "The facility's piping carries the coolant flow")
def piping_carries_the_flow(context: Context) -> Iterator[Hit]:
    limit_lpm = context.design.resolved.cooling.facility_flow_lpm_max
    flow_lpm = context.design.cooling.flow_lpm
    if limit_lpm is not None and flow_lpm is not None and flow_lpm > limit_lpm * _SLACK:
        yield Hit(
            f"the site needs {flow_lpm:,.0f} l/min, the piping carries {limit_lpm:,.0f} l/min",
            "lower the supply temperature or the flow per kW, or enlarge the piping",
            "cooling.facility_flow_lpm_max",
        )


@check("CLG111", Severity.ERROR, "Room air is no warmer than the systems accept")
def air_is_cool_enough(context: Context) -> Iterator[Hit]:
    supply_c = context.design.resolved.cooling.air.supply_c
    if supply_c is None:
        return
    # Exhaust that comes back around the racks warms what they breathe.
    warmest_c = max([supply_c, *(hall.inlet_c for hall in context.design.halls if hall.inlet_c is not None)])
    mixed = f" ({warmest_c:.1f} °C with what comes back around the racks)" if warmest_c > supply_c + 0.05 else ""
    altitude_m = context.design.resolved.location.altitude_m or 0.0
    derate_k = inlet_derate_k(altitude_m)
    thin = f", {derate_k:.1f} K less at {altitude_m:,.0f} m," if derate_k else ""
    for name, system in context.systems.items():
        if system.inlet_c_max is not None and warmest_c > system.inlet_c_max - derate_k:
            limit, said = f"above the {system.inlet_c_max:g} °C{thin}", mixed
        elif system.inlet_c_min is not None and supply_c < system.inlet_c_min:
            limit, said = f"below the {system.inlet_c_min:g} °C", ""
        else:
            continue
        yield Hit(
            f"room air at {supply_c:g} °C{said} is {limit} that {system.key} of pool {name} accepts",
            "change cooling.air.supply_c" + (", or contain the aisles: cooling.air.containment" if said else ""),
            "cooling.air.supply_c",
        )


@check("CLG112", Severity.INFO, "The CDU is rated with the fluid that the loop holds")
def cdu_is_rated_with_the_fluid(context: Context) -> Iterator[Hit]:
    cooling = context.design.cooling
    if not cooling.liquid_kw or not cooling.cdu:
        return
    rated = context.catalog.cdu(cooling.cdu).rating_fluid
    if rated is None or rated == cooling.fluid:
        return
    rated_fluid, fluid = context.catalog.fluid(rated), context.catalog.fluid(cooling.fluid)
    ratio = (fluid.density_kg_m3 * fluid.specific_heat_kj_kgk) / (
        rated_fluid.density_kg_m3 * rated_fluid.specific_heat_kj_kgk
    )
    yield Hit(
        f"{cooling.cdu} is rated with {rated}, the loop holds {cooling.fluid}: at the same flow it carries "
        f"{ratio:.0%} of the heat a kelvin",
        "ask the vendor for the rating with this fluid",
        "cooling.loop.fluid",
    )


@check("CLG113", Severity.INFO, "Cooling is sized for all that the systems can draw")
def cooling_is_sized_for_the_draw(context: Context) -> Iterator[Hit]:
    for name, pool in context.design.pools.items():
        heat_kw = _design_heat_kw(context, name)
        if heat_kw is not None and pool.system_kw is not None and heat_kw < pool.system_kw * 0.999:
            yield Hit(
                f"pool {name} is cooled for the published design heat of {kilowatts(heat_kw)} a system, and "
                f"powered for {kilowatts(pool.system_kw)}",
                "expect the coolant to warm while all systems draw their maximum, or cap them",
                context.pool_at(name),
            )


@check("CLG114", Severity.ERROR, "The heat rejection gives water that cools the room air on the extreme day")
def rejection_cools_the_room_air(context: Context) -> Iterator[Hit]:
    cooling, resolved = context.design.cooling, context.design.resolved.cooling
    doors = any(pool.cooling.rear_door for pool in context.design.resolved.pools)
    for circuit, gives_c in unreached(context.rejection):
        if circuit.loop != "air":
            continue
        unit = context.catalog.air_unit(cooling.air_unit)
        takers = [*([unit.key] if unit.form != "crac" else []), *(["rear doors"] if doors else [])]
        assumed = resolved.facility.air_supply_c is None
        by = f" (an approach of {resolved.outside.approach_k:g} K is assumed)" if assumed else ""
        yield Hit(
            f"{kilowatts(circuit.heat_kw)} of heat of room air at {resolved.air.supply_c:g} °C goes into water, "
            f"which {' and '.join(takers)} need at {circuit.supply_c:g} °C{by}; "
            f"{_given_on_the_extreme_day(context, gives_c)}",
            "add a trim-chiller or chiller to cooling.rejection, or raise cooling.air.supply_c",
            "cooling.rejection",
        )


@check("CLG115", Severity.WARNING, "Coolant flows on while generators start")
def coolant_flows_while_generators_start(context: Context) -> Iterator[Hit]:
    if context.design.resolved.cooling.loop.pumps_on_ups is not False:
        return
    liquid = context.tables.racks.filter(pl.col("liquid_kw") > 0)
    for (pool,), group in liquid.group_by("pool", maintain_order=True):
        most_kw = max(group["liquid_kw"])
        yield Hit(
            f"{count(group.height, 'rack')} of {f'pool {pool}' if pool else 'the network'} with up to "
            f"{kilowatts(most_kw)} into the coolant of each, which stands still from a loss of the grid until "
            "generators carry the pumps",
            "feed the pumps from the UPS: cooling.loop.pumps_on_ups: true",
            "cooling.loop.pumps_on_ups",
        )


def needs_the_outside(context: Context) -> bool:
    """Whether the water is as cold as the outside lets it be: nothing in the heat rejection compresses."""
    ways = context.design.resolved.cooling.rejection or ()
    return all(context.catalog.heat_rejection(way.value).against != "none" for way in ways)


def _short_of_cdus(context: Context, lost: int) -> Iterator[Hit]:
    """Groups whose CDUs, `lost` of them gone, are fewer than heat, flow, head and approach ask for."""
    needed = [(group, group.sized.required_count or 0) for group in context.cdu_groups]
    short = [group for group, count_ in needed if count_ and group.unit_count - lost < count_]
    if not short:
        return
    worst = short[0]
    left = max(worst.unit_count - lost, 0)
    after = "with one lost, " if lost else ""
    yield Hit(
        f"{some(group.duty.group for group in short)}: {after}{kilowatts(worst.duty.heat_kw or 0.0)} of heat and "
        f"{worst.duty.flow_lpm or 0.0:,.0f} l/min on {count(left, 'CDU')}, where {worst.sized.required_count} of "
        f"{kilowatts(worst.sized.capacity_kw or 0.0)} carry them ({worst.sized.limited_by})",
        "raise cooling.loop.cdu_count, choose a larger CDU, or leave the count out to have it sized",
        "cooling.loop",
    )


def _design_heat_kw(context: Context, pool: str) -> float | None:
    """Heat of one system that cooling is sized for: the published design heat, never above the draw."""
    system, draw_kw = context.systems[pool], context.design.pools[pool].system_kw
    published = system.design_heat_kw or system.max_kw
    return draw_kw if published is None or draw_kw is None else min(published, draw_kw)


def _liquid_systems(context: Context) -> Iterator[tuple[str, System]]:
    for name, system in context.systems.items():
        if system.liquid_kw:
            yield name, system


def _given_on_the_extreme_day(context: Context, gives_c: float | None) -> str:
    """`dry-cooler alone gives 51 °C on the extreme day (43 °C dry, 27 °C wet)`."""
    location = context.design.resolved.location
    ways = " and ".join(way.value for way in context.design.resolved.cooling.rejection or ())
    air = f"{_celsius(location.extreme_dry_bulb_c)} dry, {_celsius(location.extreme_wet_bulb_c)} wet"
    water = "takes next to no heat" if gives_c is None else f"gives {gives_c:.1f} °C"
    return f"{ways} alone {water.replace('.0 ', ' ')} on the extreme day ({air})"


def _halls(halls: Iterable[HallDesign]) -> str:
    return some(hall.name for hall in halls)


def _celsius(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g} °C"
