"""Sums over halls and the site: loads against what is there, the plant, the way to the utility."""

from __future__ import annotations

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling import air_density_ratio, cdu_usable_kw, coldest_facility_water_c, hall_plant
from gigasite.design.floor import FloorPlan
from gigasite.design.model import CoolingDesign, HallDesign
from gigasite.design.supply import Supply
from gigasite.spec.site import SiteSpec

# Pumps of a CDU whose sheet gives no power: as the Vertiv CoolChip 1350, 13.7 kW for 1,350 kW.
PUMP_KW_PER_HEAT_KW = 13.7 / 1350


def halls_design(
    site: SiteSpec, racks: pl.DataFrame, floor: FloorPlan, power: Supply, catalog: Catalog
) -> tuple[HallDesign, ...]:
    """Each hall's racks and loads, and its cooling plant."""
    return tuple(_hall(site, racks, floor, power, catalog, number) for number in range(1, floor.hall_count + 1))


def _hall(
    site: SiteSpec, racks: pl.DataFrame, floor: FloorPlan, power: Supply, catalog: Catalog, number: int
) -> HallDesign:
    own = racks.filter(pl.col("hall") == number)
    sums = {name: _column_total(own[name]) for name in ("it_kw", "liquid_kw", "air_kw", "flow_lpm")}
    # A system without a curve of its own asks for what the facility gives.
    rack_flow = _column_total(own.select(pl.coalesce("rack_flow_lpm", "flow_lpm")).to_series())
    plant = hall_plant(
        site.cooling,
        catalog,
        altitude_m=site.location.altitude_m or 0.0,
        liquid_kw=sums["liquid_kw"],
        air_kw=sums["air_kw"],
        flow_lpm=sums["flow_lpm"],
    )
    return HallDesign(
        name=f"h{number:02d}",
        index=number,
        rack_count=own.height,
        rack_positions=floor.rack_positions,
        it_kw=sums["it_kw"],
        it_limit_kw=site.halls.it_mw * 1000 if site.halls.it_mw else None,
        liquid_kw=sums["liquid_kw"],
        air_kw=sums["air_kw"],
        flow_lpm=sums["flow_lpm"],
        rack_flow_lpm=rack_flow,
        cdu_required_count=plant.cdu_required_count,
        cdu_count=plant.cdu_count,
        air_unit_required_count=plant.air_unit_required_count,
        air_unit_count=plant.air_unit_count,
        block_count=power.blocks_by_hall.get(number, 0) if sums["it_kw"] is not None else None,
    )


def _column_total(column: pl.Series) -> float | None:
    """A sum that is unknown as soon as one part is."""
    return None if column.null_count() else float(column.sum())


def cooling_design(
    site: SiteSpec, racks: pl.DataFrame, halls: tuple[HallDesign, ...], catalog: Catalog
) -> CoolingDesign:
    """The site's cooling in sums: heat and flow of all racks, placed or not, and the plant of the halls."""
    loop, air = site.cooling.loop, site.cooling.air
    assert loop.cdu is not None
    assert air.unit is not None
    assert loop.supply_c is not None
    assert loop.flow_lpm_per_kw_min is not None
    cdu = catalog.cdu(loop.cdu)
    liquid, flow = _column_total(racks["liquid_kw"]), _column_total(racks["flow_lpm"])
    own_flow = _column_total(racks.select(pl.coalesce("rack_flow_lpm", "flow_lpm")).to_series())
    per_kw = flow / liquid if liquid and flow else loop.flow_lpm_per_kw_min
    usable_kw, limited_by = cdu_usable_kw(cdu, per_kw)
    cdus = [hall.cdu_count for hall in halls]
    units = [hall.air_unit_count for hall in halls]
    ways = tuple(catalog.heat_rejection(way.value) for way in site.cooling.rejection or ())
    minimum = liquid * loop.flow_lpm_per_kw_min if liquid else 0.0
    by_curve = flow is not None and flow > minimum + 1e-6
    return CoolingDesign(
        supply_c=loop.supply_c,
        fluid=loop.fluid or "",
        cdu=cdu.key,
        cdu_usable_kw=usable_kw,
        cdu_limited_by=limited_by,
        air_unit=air.unit,
        air_unit_kw=catalog.air_unit(air.unit).capacity_kw * air_density_ratio(site.location.altitude_m or 0.0),
        liquid_kw=liquid,
        air_kw=_column_total(racks["air_kw"]),
        flow_lpm=flow,
        rack_flow_lpm=own_flow,
        flow_bound_by="system-curve" if by_curve else "facility-minimum",
        cdu_installed=None if None in cdus else sum(n for n in cdus if n is not None),
        air_units_installed=None if None in units else sum(n for n in units if n is not None),
        facility_supply_c=loop.supply_c - cdu.approach_k if cdu.approach_k is not None else None,
        rejection_c_min=coldest_facility_water_c(ways, site.location),
    )
