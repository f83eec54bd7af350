"""Puts the shell together from the design's tables, and gives its figures as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.shell.areas import BuildingNeed, building_need, white_m2_per_mw
from gigasite.design.shell.bodies import rack_bodies
from gigasite.design.shell.geometry import exits_needed, rows_of
from gigasite.design.shell.model import HallShell, ShellDesign
from gigasite.design.shell.paths import trays_of
from gigasite.design.shell.trays import Bundles, stretches, tray_loads
from gigasite.design.unknown import column_total
from gigasite.spec.site import Demarcation, SiteSpec

if TYPE_CHECKING:
    from gigasite.design.model import Design, HallDesign

_IN_HALL = ("cdu", "air-unit")


def shell_design(
    site: SiteSpec,
    halls: tuple[HallDesign, ...],
    racks: pl.DataFrame,
    plant: pl.DataFrame,
    cables: Bundles,
    catalog: Catalog,
) -> ShellDesign:
    """The shell of a resolved site: from its halls, the tables of racks and plant, and the bundles of its cables."""
    shells = tuple(_hall(site, hall, plant) for hall in halls)
    white_m2 = sum(shell.given_m2 or shell.area_m2 for shell in shells)
    it_mw = _it_mw(halls, racks)
    need = _need(site, white_m2, it_mw)
    per_mw = white_m2_per_mw(white_m2, it_mw)
    positions = sum(hall.rack_positions for hall in halls)
    bodies = rack_bodies(racks, site, catalog)
    known = bodies.drop_nulls("wet_kg").sort("wet_kg", "rack", descending=[True, False])
    loads = tray_loads(cables, racks, trays_of(site, len(halls), halls[0].rack_positions if halls else 0))
    return ShellDesign(
        halls=shells,
        white_m2=white_m2,
        rack_m2=white_m2 / positions if positions else None,
        it_mw=it_mw,
        white_m2_per_mw=per_mw,
        white_kw_per_m2=1000 / per_mw if per_mw else None,
        support_m2=need.support_m2 if need else None,
        gross_m2=need.gross_m2 if need else None,
        gross_given_m2=site.shell.building.gross_m2,
        footprint_m2=need.footprint_m2 if need else None,
        land_ha=need.land_ha if need else None,
        land_given_ha=site.shell.land.area_ha,
        heaviest_rack=known["rack"][0] if known.height else None,
        heaviest_wet_kg=known["wet_kg"][0] if known.height else None,
        coolant_l=column_total(bodies["coolant_l"]),
        foot_kpa=_most(bodies["foot_kpa"]),
        share_kpa=_most(bodies["share_kpa"]),
        foot_kn=_most(bodies["foot_kn"]),
        cable_count=cables.cable_count,
        cable_km=cables.cable_km,
        trays=stretches(loads, site.shell.trays),
        unmeasured_media=cables.unmeasured_media,
    )


def shell_figures(design: Design) -> dict[str, Any]:
    """The shell for `gigasite design --format json`; an unknown figure is null."""
    shell = design.shell
    if shell is None:
        return {}
    figures = asdict(shell)
    figures["halls"] = {hall.pop("name"): hall for hall in figures["halls"]}
    figures["trays"] = {tray.pop("kind"): tray for tray in figures["trays"]}
    figures["unmeasured_media"] = list(shell.unmeasured_media)
    figures["demarcation"] = design.resolved.demarcation.value
    return {name: _rounded(value) for name, value in figures.items()}


def _hall(site: SiteSpec, hall: HallDesign, plant: pl.DataFrame) -> HallShell:
    rows, spec = rows_of(site.halls, site.racks), site.halls
    length_m, width_m = rows.length_m(hall.rack_positions), rows.width_m(hall.rack_positions)
    each = {"cdu": spec.cdu_m2 or 0.0, "air-unit": spec.air_unit_m2 or 0.0}
    inside = plant.filter(pl.col("hall") == hall.index)["kind"].to_list() if plant.height else []
    plant_m2 = sum(inside.count(kind) * each[kind] for kind in _IN_HALL)
    given = spec.length_m * spec.width_m if spec.length_m and spec.width_m else None
    return HallShell(
        name=hall.name,
        row_count=rows.row_count(hall.rack_positions),
        length_m=length_m,
        width_m=width_m,
        exit_count=spec.exit_count or exits_needed(length_m, width_m, spec.travel_limit_m or 91.4),
        plant_m2=plant_m2,
        area_m2=length_m * width_m + plant_m2,
        given_m2=given,
    )


def _it_mw(halls: tuple[HallDesign, ...], racks: pl.DataFrame) -> float | None:
    """What the halls are planned for; where they have no limit, what stands in the racks."""
    limits = [hall.it_limit_kw for hall in halls]
    if halls and None not in limits:
        return sum(limit for limit in limits if limit is not None) / 1000
    it_kw = column_total(racks["it_kw"])
    return None if it_kw is None else it_kw / 1000


def _need(site: SiteSpec, white_m2: float, it_mw: float | None) -> BuildingNeed | None:
    """Building and land; None where they are a landlord's or the load is unknown."""
    land, building = site.shell.land, site.shell.building
    if site.demarcation is Demarcation.COLOCATION or it_mw is None:
        return None
    return building_need(
        white_m2,
        it_mw,
        support_m2_per_mw=building.support_m2_per_mw or 0.0,
        circulation_ratio=building.circulation_ratio or 0.0,
        stories=building.stories or 1,
        yard_m2_per_mw=land.yard_m2_per_mw or 0.0,
        substation_m2=land.substation_m2 or 0.0,
        usable_ratio=land.usable_ratio or 1.0,
    )


def _most(column: pl.Series) -> float | None:
    """The largest value; None where one is unknown, for it might be larger."""
    value = column.max()
    return float(value) if not column.null_count() and isinstance(value, int | float) else None


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return value
