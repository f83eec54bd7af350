"""Cooling inside the halls: CDUs at their actual point, pumps, condensation, classes, rear doors, tanks, leaks."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.cooling_products import ImmersionTank, Pump
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.cooling.classes import s_limit_c, w_limit_c
from gigasite.design.cooling.conditions import Conditions, conditions_of
from gigasite.design.cooling.fluids import heat_rate_kw_k
from gigasite.design.cooling.pumps import flow_at_head_lpm
from gigasite.design.cooling.rack_loads import rack_loads
from gigasite.design.cooling.technologies.cdu import EXCHANGER, PUMPS, CduModel, cdu_model
from gigasite.design.cooling.technologies.immersion import tank_capacity_kw
from gigasite.errors import Severity

DEW_POINT_MARGIN_K = 2.0
"""Coolant and water of bare pipes above the room's dew point (HPE and Motivair liquid-cooled doors, QuickSpecs)."""

_SLACK = 1 + 1e-9


@check("CLG121", Severity.ERROR, "The pumps of the CDUs move the coolant against racks and piping")
def cdu_pumps_reach_the_head(context: Context) -> Iterator[Hit]:
    model = _model(context)
    if model.cdu.tcs_flow_lpm is None or model.cdu.tcs_head_kpa is None:
        return
    for group in context.cdu_groups:
        flow_lpm, head_kpa, left = group.duty.flow_lpm, group.duty.head_kpa, _left(context, group.unit_count)
        if not flow_lpm or head_kpa is None:
            continue
        each_lpm = model.pump_lpm(head_kpa) or 0.0
        if flow_lpm > left * each_lpm * _SLACK:
            yield Hit(
                f"{group.duty.group}: {flow_lpm:,.0f} l/min against {head_kpa:,.0f} kPa on "
                f"{count(left, 'CDU')} that {_move(left, each_lpm)} there (rated {model.cdu.tcs_flow_lpm:,.0f} l/min "
                f"at {model.cdu.tcs_head_kpa:,.0f} kPa)",
                "larger pipes (cooling.loop.piping_dp_kpa), colder coolant, more CDUs, or CDUs of a higher head",
                "cooling.loop",
            )
            return


@check("CLG122", Severity.ERROR, "The heat exchangers of the CDUs carry the heat at the approach that they have")
def cdu_exchangers_carry_the_heat(context: Context) -> Iterator[Hit]:
    model, conditions = _model(context), _conditions(context)
    if model.cdu.is_liquid_to_air or conditions.approach_k is None:
        return
    per_kw = conditions.facility.flow_lpm_per_kw
    for group in context.cdu_groups:
        heat_kw, flow_lpm, left = group.duty.heat_kw, group.duty.flow_lpm, _left(context, group.unit_count)
        if not heat_kw or not flow_lpm or not left:
            continue
        water = heat_rate_kw_k(per_kw, conditions.water) * heat_kw / left if per_kw else None
        each_lpm = min(flow_lpm / left, model.pump_lpm(group.duty.head_kpa) or flow_lpm)
        each_kw = model.exchanger_kw(each_lpm, conditions.approach_k, water)
        if each_kw is not None and heat_kw > left * each_kw * _SLACK:
            yield Hit(
                f"{group.duty.group}: {kilowatts(heat_kw)} on {count(left, 'CDU')} of {kilowatts(each_kw)} each at an "
                f"approach of {conditions.approach_k:.1f} K (coolant {conditions.loop.supply_c:g} °C, facility water "
                f"{conditions.facility.supply_c:g} °C); {model.cdu.key} is rated {kilowatts(model.cdu.capacity_kw)} at "
                f"{model.cdu.approach_k:g} K",
                "colder facility water (cooling.facility.supply_c), warmer coolant, or more CDUs",
                "cooling.facility" if context.design.spec.cooling.facility.supply_c is not None else "cooling.loop",
            )
            return


@check("CLG123", Severity.ERROR, "The pumps of the facility water carry it when one is lost")
def facility_pumps_carry_the_water(context: Context) -> Iterator[Hit]:
    facility, cooling = context.design.resolved.cooling.facility, context.design.cooling
    if facility.pump is None or facility.head_kpa is None:
        return
    pump = context.catalog.of(Pump, facility.pump)
    most_lpm = flow_at_head_lpm(pump.flow_lpm, pump.head_kpa, facility.head_kpa)
    pumps = context.tables.plant.filter(pl.col("kind") == "facility-pump")["group"]
    lost = 1 if context.promises_maintenance else 0
    for name, flow_lpm in (("fws", cooling.facility_lpm), ("cws", cooling.air_water_lpm)):
        has = int((pumps == f"{context.design.prefix}-{name}").sum())
        left = max(has - lost, 0)
        if flow_lpm and flow_lpm > left * most_lpm * _SLACK:
            after = " when one is lost" if lost else ""
            yield Hit(
                f"{flow_lpm:,.0f} l/min of facility water at {facility.head_kpa:,.0f} kPa on {count(left, 'pump')}"
                f"{after} that {_move(left, most_lpm)} there",
                "raise cooling.facility.pump_count, choose a larger pump, or leave the count out to have it sized",
                "cooling.facility",
            )


@check("CLG124", Severity.ERROR, "The facility water takes the heat and gives the flow that the halls need")
def facility_water_is_enough(context: Context) -> Iterator[Hit]:
    facility, cooling = context.design.resolved.cooling.facility, context.design.cooling
    heats, flows = (cooling.facility_kw, cooling.air_water_kw), (cooling.facility_lpm, cooling.air_water_lpm)
    if facility.capacity_kw is not None:
        heat_kw = sum(heat for heat in heats if heat is not None)
        if heat_kw > facility.capacity_kw * _SLACK:
            yield Hit(
                f"{kilowatts(heat_kw)} of heat, pumps and fans included, goes into facility water that takes "
                f"{kilowatts(facility.capacity_kw)}",
                "ask for more (cooling.facility.capacity_kw), or cap the pools",
                "cooling.facility.capacity_kw",
            )
    if facility.flow_lpm_max is not None:
        flow_lpm = sum(flow for flow in flows if flow is not None)
        if flow_lpm > facility.flow_lpm_max * _SLACK:
            yield Hit(
                f"CDUs and air units need {flow_lpm:,.0f} l/min of facility water; {facility.flow_lpm_max:,.0f} are "
                "given",
                "colder facility water or warmer coolant need less of it; or ask for more",
                "cooling.facility.flow_lpm_max",
            )


@check("CLG125", Severity.ERROR, "Coolant and water in bare pipes are warmer than the room's dew point")
def nothing_condenses(context: Context) -> Iterator[Hit]:
    cooling = context.design.resolved.cooling
    dew_c = cooling.air.dew_point_c
    doors = any(pool.cooling.rear_door for pool in context.design.resolved.pools)
    cold = [("the coolant", cooling.loop.supply_c, context.design.cooling.liquid_kw, "cooling.loop.supply_c")]
    cold.append(("water to rear doors", cooling.facility.air_supply_c, doors, "cooling.facility.air_supply_c"))
    for what, supply_c, used, at in cold:
        if dew_c is None or supply_c is None or not used or supply_c >= dew_c + DEW_POINT_MARGIN_K - 1e-9:
            continue
        wet = supply_c < dew_c
        yield Hit(
            f"{what} enters at {supply_c:g} °C; room air is let up to a dew point of {dew_c:g} °C, and "
            f"{DEW_POINT_MARGIN_K:g} K between keep pipes dry",
            f"warm it to {dew_c + DEW_POINT_MARGIN_K:g} °C, or dry the air: cooling.air.dew_point_c",
            at,
            None if wet else Severity.WARNING,
        )


@check("CLG126", Severity.ERROR, "Coolant and facility water keep the ASHRAE class that the site names")
def classes_are_kept(context: Context) -> Iterator[Hit]:
    cooling = context.design.resolved.cooling
    named = [
        ("coolant", cooling.loop.s_class, cooling.loop.supply_c, "cooling.loop.supply_c", s_limit_c),
        ("facility water", cooling.facility.w_class, cooling.facility.supply_c, "cooling.facility.supply_c", w_limit_c),
    ]
    for what, name, supply_c, at, limit_of in named:
        limit_c = limit_of(name) if name is not None else None
        if limit_c is not None and supply_c is not None and supply_c > limit_c + 1e-9:
            yield Hit(
                f"{what} at {supply_c:g} °C is warmer than {name} lets it be, {limit_c:g} °C",
                f"lower it to {limit_c:g} °C, or name the class that it is",
                at,
            )


@check("CLG127", Severity.ERROR, "The room's air takes what liquid-to-air CDUs give it")
def the_room_takes_the_heat_of_liquid_to_air_units(context: Context) -> Iterator[Hit]:
    if not _model(context).cdu.is_liquid_to_air:
        return
    units = context.tables.plant.filter(pl.col("kind") == "cdu", pl.col("heat_kw") > 0)
    weak = units.filter(pl.col("heat_kw") > pl.col("capacity_kw") * _SLACK)
    cooling = context.design.resolved.cooling
    if weak.height:
        worst = weak.sort("capacity_kw").row(0, named=True)
        yield Hit(
            f"{some(weak['group'].unique().sort())}: {kilowatts(worst['heat_kw'])} on each liquid-to-air CDU, which "
            f"takes {kilowatts(worst['capacity_kw'])} from coolant at {cooling.loop.supply_c:g} °C into air at "
            f"{cooling.air.supply_c:g} °C",
            "warmer coolant, colder room air, or more units",
            "cooling.loop",
        )
    lost = 1 if context.promises_maintenance else 0
    for hall in context.design.halls:
        own = units.filter(pl.col("hall") == hall.index)
        room_kw, unit_kw = hall.room_kw, hall.air_unit_kw
        if not own.height or room_kw is None or unit_kw is None or hall.air_unit_count is None:
            continue
        left = max(hall.air_unit_count - lost, 0)
        if room_kw > left * unit_kw * _SLACK:
            yield Hit(
                f"{hall.name}: {kilowatts(room_kw)} in the room, {kilowatts(float(own['heat_kw'].sum()))} of it from "
                f"liquid-to-air CDUs, on {count(left, 'air unit')} of {kilowatts(unit_kw)}",
                "raise cooling.air.unit_count, or use CDUs on facility water",
                "cooling.air",
            )


@check("CLG128", Severity.WARNING, "Rear doors take the heat of their racks")
def rear_doors_take_their_racks(context: Context) -> Iterator[Hit]:
    pools = {pool.name: pool.cooling.rear_door for pool in context.design.resolved.pools if pool.cooling.rear_door}
    if not pools:
        return
    conditions = _conditions(context)
    loads = rack_loads(context.tables.racks, context.design.resolved.pools, conditions)
    short = loads.filter(pl.col("door").is_not_null(), pl.col("door_kw") < pl.col("air_kw") * 0.999)
    for (pool,), racks in short.group_by("pool", maintain_order=True):
        left_kw = float((racks["air_kw"] - racks["door_kw"]).sum())
        row = racks.row(0, named=True)
        yield Hit(
            f"{row['door']} takes {kilowatts(row['door_kw'])} of {kilowatts(row['air_kw'])} a rack of pool {pool} with "
            f"water at {_c(conditions.facility.air_supply_c)}; {kilowatts(left_kw)} of "
            f"{count(racks.height, 'rack')} stays in the room",
            "colder water, a larger door, or fewer nodes a rack; the room's air units are sized for the rest",
            context.pool_at(str(pool)),
        )


@check("CLG129", Severity.ERROR, "Only systems that are made for it stand in immersion tanks")
def immersed_systems_are_made_for_it(context: Context) -> Iterator[Hit]:
    for pool in context.design.resolved.pools:
        if pool.cooling.immersion is None:
            continue
        system = context.systems[pool.name]
        if system.immersion_ready:
            continue
        known = system.immersion_ready is False
        yield Hit(
            f"{system.key} of pool {pool.name} is immersed in {pool.cooling.immersion}; "
            + ("its maker does not allow it" if known else "no source says that its maker allows it"),
            "choose a system made for immersion, or state immersion_ready with its source in catalog/",
            f"{context.pool_at(pool.name)}.cooling.immersion",
        )


@check("CLG130", Severity.ERROR, "A tank holds and cools the systems in it")
def tanks_carry_their_systems(context: Context) -> Iterator[Hit]:
    conditions = _conditions(context)
    for pool in context.design.resolved.pools:
        if pool.cooling.immersion is None:
            continue
        tank = context.catalog.of(ImmersionTank, pool.cooling.immersion)
        racks = context.tables.racks.filter(pl.col("pool") == pool.name, pl.col("kind") == "pool")
        heat_kw, used_u = racks.select((pl.col("liquid_kw") + pl.col("air_kw")).max(), pl.col("used_u").max()).row(0)
        capacity_kw = tank_capacity_kw(tank, conditions.facility.supply_c)
        at = f"{context.pool_at(pool.name)}.cooling.immersion"
        if heat_kw is not None and heat_kw > capacity_kw * _SLACK:
            yield Hit(
                f"{kilowatts(heat_kw)} of pool {pool.name} in a tank that takes {kilowatts(capacity_kw)} with facility "
                f"water at {_c(conditions.facility.supply_c)}",
                "fewer nodes a tank (nodes_per_rack), colder facility water, or a larger tank",
                at,
            )
        if used_u is not None and tank.height_u is not None and used_u > tank.height_u:
            yield Hit(
                f"{used_u} units of pool {pool.name} in a tank that holds {tank.height_u}",
                "fewer nodes a tank: nodes_per_rack",
                at,
            )


@check("CLG131", Severity.ERROR, "One leak takes no more racks than the site promises")
def a_leak_takes_few_racks(context: Context) -> Iterator[Hit]:
    loop = context.design.resolved.cooling.loop
    if loop.leak_racks_max is None:
        return
    wet = context.tables.racks.filter(pl.col("liquid_kw") > 0, pl.col("hall").is_not_null())
    keys = {"hall": ["hall"], "row": ["hall", "row"], "rack": ["rack"]}[loop.isolation or "row"]
    zones = wet.group_by(keys).len().sort("len", descending=True)
    if zones.height and zones["len"][0] > loop.leak_racks_max:
        yield Hit(
            f"a leak takes up to {count(zones['len'][0], 'rack')}, all of one {loop.isolation or 'row'} (valves part "
            f"{count(zones.height, 'zone')}); the site allows {loop.leak_racks_max}",
            "valves closer to the racks: cooling.loop.isolation",
            "cooling.loop.leak_racks_max",
        )


@check("CLG132", Severity.ERROR, "Coolant comes back no warmer than allowed")
def coolant_comes_back_cool_enough(context: Context) -> Iterator[Hit]:
    conditions = _conditions(context)
    supply_c, site_max_c = conditions.loop.supply_c, conditions.loop.return_c_max
    mixed_c = context.design.cooling.tcs_return_c
    if site_max_c is not None and mixed_c is not None and mixed_c > site_max_c + 1e-6:
        yield Hit(
            f"coolant comes back to the CDUs at {mixed_c:.1f} °C; cooling.loop.return_c_max allows {site_max_c:g} °C",
            "colder coolant (cooling.loop.supply_c), or more flow (cooling.loop.flow_lpm_per_kw_min)",
            "cooling.loop.return_c_max",
        )
    racks = context.tables.racks.filter(pl.col("liquid_kw") > 0, pl.col("kind") == "pool")
    own = racks.with_columns(own_lpm=pl.coalesce("rack_flow_lpm", "flow_lpm"))
    for (pool,), group in own.group_by("pool", maintain_order=True):
        system = context.systems.get(str(pool))
        limit_c = system.tcs_return_c_max if system else None
        per_lpm = group.select((pl.col("liquid_kw") / pl.col("own_lpm")).max()).item()
        if limit_c is None or supply_c is None or per_lpm is None:
            continue
        return_c = supply_c + per_lpm / heat_rate_kw_k(1.0, conditions.coolant)
        if return_c > limit_c + 1e-6:
            yield Hit(
                f"coolant leaves racks of pool {pool} at {return_c:.1f} °C, at their own flow; {limit_c:g} °C is "
                "what their sheet allows",
                "colder coolant (cooling.loop.supply_c), or less heat a rack",
                "cooling.loop",
            )


@check("CLG133", Severity.INFO, "The capacity of a CDU is known at the point where it runs")
def cdu_limits_are_known(context: Context) -> Iterator[Hit]:
    cooling = context.design.cooling
    if not cooling.cdu_limits_kw:
        return
    facts = {EXCHANGER: ("approach_k", "tcs_flow_lpm"), PUMPS: ("tcs_flow_lpm", "tcs_head_kpa")}
    cdu = context.catalog.cdu(cooling.cdu)
    missing = {fact: None for group in facts.values() for fact in group if getattr(cdu, fact) is None}
    unknown = [name for name, group in facts.items() if any(fact in missing for fact in group)]
    if missing:
        yield Hit(
            f"{cooling.cdu} is counted for {kilowatts(cooling.cdu_usable_kw)}, its {cooling.cdu_limited_by}; what "
            f"{' and '.join(unknown)} allow at the site's temperatures and head cannot be told",
            f"state {' and '.join(missing)} in catalog/ beside the site file, with the source",
            "cooling.loop.cdu",
        )


def _conditions(context: Context) -> Conditions:
    return conditions_of(context.design.resolved, context.catalog)


def _left(context: Context, unit_count: int) -> int:
    """Units that carry a group when one may be lost."""
    return max(unit_count - (1 if context.promises_maintenance else 0), 0)


def _model(context: Context) -> CduModel:
    """The site's CDU with what follows from its rating point."""
    conditions = _conditions(context)
    cdu = context.catalog.cdu(conditions.loop.cdu or "")
    rating = context.catalog.fluid(cdu.rating_fluid) if cdu.rating_fluid else None
    return cdu_model(cdu, conditions.coolant, conditions.water, rating)


def _move(units: int, each_lpm: float) -> str:
    return f"move{'s' if units == 1 else ''} {each_lpm:,.0f} l/min each" if each_lpm else "move nothing"


def _c(value: float | None) -> str:
    return "an unknown temperature" if value is None else f"{value:g} °C"
