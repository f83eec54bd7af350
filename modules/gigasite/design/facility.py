"""Sums over halls and the site: loads against what is there, and the cooling plant."""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Fluid
from gigasite.design.cooling import air_density_ratio, cdu_usable_kw, coldest_facility_water_c
from gigasite.design.cooling.classes import s_class, w_class
from gigasite.design.cooling.conditions import UnitGroup
from gigasite.design.cooling.fluids import heat_rate_kw_k
from gigasite.design.cooling.inside import HallCooling, Inside
from gigasite.design.floor import FloorPlan
from gigasite.design.model import CoolingDesign, HallDesign
from gigasite.design.supply import Supply
from gigasite.design.unknown import column_total, total
from gigasite.spec.site import SiteSpec


def halls_design(
    site: SiteSpec, racks: pl.DataFrame, floor: FloorPlan, power: Supply, within: Inside
) -> tuple[HallDesign, ...]:
    """Each hall's racks and loads, and its cooling plant."""
    own = {int(number): frame for (number,), frame in racks.group_by("hall") if number is not None}
    empty = racks.clear()
    return tuple(_hall(site, own.get(hall.hall, empty), floor, power, hall) for hall in within.halls)


def _hall(site: SiteSpec, racks: pl.DataFrame, floor: FloorPlan, power: Supply, cooling: HallCooling) -> HallDesign:
    it_kw = column_total(racks["it_kw"])
    air = cooling.air
    tightest = _tightest(cooling.cdus)
    return HallDesign(
        name=f"h{cooling.hall:02d}",
        index=cooling.hall,
        rack_count=racks.height,
        rack_positions=floor.rack_positions,
        it_kw=it_kw,
        it_limit_kw=site.halls.it_mw * 1000 if site.halls.it_mw else None,
        liquid_kw=cooling.liquid_kw,
        air_kw=cooling.air_kw,
        flow_lpm=cooling.flow_lpm,
        rack_flow_lpm=cooling.rack_flow_lpm,
        cdu_required_count=total([group.required_count for group in cooling.cdus]),
        cdu_count=total([group.count for group in cooling.cdus]),
        air_unit_required_count=cooling.air_units.required_count,
        air_unit_count=cooling.air_units.count,
        block_count=power.blocks_by_hall.get(cooling.hall, 0) if it_kw is not None else None,
        tank_kw=cooling.tank_kw,
        rear_door_kw=cooling.door_kw,
        room_kw=cooling.room_kw,
        tcs_head_kpa=cooling.head_kpa,
        tcs_return_c=cooling.return_c,
        rack_return_c=cooling.rack_return_c,
        airflow_m3_s=air.unit_flow_m3_s if air else None,
        inlet_c=air.inlet_c if air else None,
        air_return_c=air.return_c if air else None,
        air_unit_kw=cooling.air_units.capacity_kw,
        cdu_kw=tightest.capacity_kw if tightest else None,
    )


def _tightest(groups: tuple[UnitGroup, ...]) -> UnitGroup | None:
    """The group whose units take least; None where no group's heat is known."""
    known = [group for group in groups if group.limits is not None]
    return min(known, key=lambda group: group.capacity_kw or 0.0) if known else None


def cooling_design(
    site: SiteSpec, racks: pl.DataFrame, halls: tuple[HallDesign, ...], within: Inside, catalog: Catalog
) -> CoolingDesign:
    """The site's cooling in sums: heat and flow of all racks, placed or not, and the plant of the halls."""
    loop, air, facility = site.cooling.loop, site.cooling.air, site.cooling.facility
    assert loop.cdu is not None
    assert air.unit is not None
    assert loop.supply_c is not None
    assert loop.flow_lpm_per_kw_min is not None
    cdu = catalog.cdu(loop.cdu)
    liquid, flow = column_total(racks["liquid_kw"]), column_total(racks["flow_lpm"])
    own_flow = column_total(racks.select(pl.coalesce("rack_flow_lpm", "flow_lpm")).to_series())
    per_kw = flow / liquid if liquid and flow else loop.flow_lpm_per_kw_min
    usable_kw, limited_by = cdu_usable_kw(cdu, per_kw)
    tightest = _tightest(tuple(group for hall in within.halls for group in hall.cdus))
    if tightest is not None and tightest.capacity_kw is not None:
        usable_kw, limited_by = tightest.capacity_kw, tightest.limited_by
    ways = tuple(catalog.heat_rejection(way.value) for way in site.cooling.rejection or ())
    minimum = liquid * loop.flow_lpm_per_kw_min if liquid else 0.0
    by_curve = flow is not None and flow > minimum + 1e-6
    air_unit_kw = [hall.air_unit_kw for hall in halls if hall.room_kw and hall.air_unit_kw is not None]
    nominal_kw = catalog.air_unit(air.unit).capacity_kw * air_density_ratio(site.location.altitude_m or 0.0)
    heads = [hall.tcs_head_kpa for hall in halls if hall.tcs_head_kpa is not None]
    returns = [hall.tcs_return_c for hall in halls if hall.tcs_return_c is not None]
    rack_returns = [hall.rack_return_c for hall in halls if hall.rack_return_c is not None]
    water = catalog.fluid(facility.fluid or "")
    wet_air = catalog.air_unit(air.unit).form != "crac" or bool(within.air_water_kw)
    return CoolingDesign(
        supply_c=loop.supply_c,
        fluid=loop.fluid or "",
        cdu=cdu.key,
        cdu_usable_kw=usable_kw,
        cdu_limited_by=limited_by,
        air_unit=air.unit,
        air_unit_kw=min(air_unit_kw, default=nominal_kw),
        liquid_kw=liquid,
        air_kw=column_total(racks["air_kw"]),
        flow_lpm=flow,
        rack_flow_lpm=own_flow,
        flow_bound_by="system-curve" if by_curve else "facility-minimum",
        cdu_installed=total([hall.cdu_count for hall in halls]),
        air_units_installed=total([hall.air_unit_count for hall in halls]),
        facility_supply_c=facility.supply_c,
        rejection_c_min=coldest_facility_water_c(ways, site.location),
        cdu_limits_kw=_bounds(tightest.limits or {}) if tightest else {},
        tcs_head_kpa=max(heads, default=None),
        tcs_return_c=max(returns, default=None),
        rack_return_c=max(rack_returns, default=None),
        facility_return_c=_return_c(facility.supply_c, within.liquid_water_kw, within.liquid_water_lpm, water),
        facility_lpm=within.liquid_water_lpm,
        facility_kw=within.liquid_water_kw,
        air_water_supply_c=facility.air_supply_c if wet_air else None,
        air_water_return_c=_return_c(facility.air_supply_c, within.air_water_kw, within.air_water_lpm, water),
        air_water_lpm=within.air_water_lpm,
        air_water_kw=within.air_water_kw,
        own_condenser_kw=within.own_condenser_kw,
        water_class=w_class(facility.supply_c) if facility.supply_c is not None and liquid else "",
        coolant_class=s_class(loop.supply_c) if liquid else "",
    )


def _return_c(supply_c: float | None, heat_kw: float | None, flow_lpm: float | None, water: Fluid) -> float | None:
    """Water on its way back: supply + Q / (ρ·cp·V̇)."""
    if supply_c is None or heat_kw is None or not flow_lpm:
        return None
    return supply_c + heat_kw / heat_rate_kw_k(flow_lpm, water)


def _bounds(limits: Mapping[str, float | None]) -> dict[str, float | None]:
    """The limits that bind at some heat; an exchanger that takes any heat at its approach is none."""
    return {name: kw for name, kw in limits.items() if kw is None or math.isfinite(kw)}
