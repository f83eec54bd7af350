"""Racks as bodies: how large and heavy each is, wet and dry, and what it presses on the floor."""

from __future__ import annotations

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Form, System
from gigasite.design.shell.floor_loads import floor_load_kpa, foot_load_kn, heaviest_foot_ratio
from gigasite.spec.site import SiteSpec

_SCHEMA = {
    "system": pl.String,
    "own_width_mm": pl.Float64,
    "own_depth_mm": pl.Float64,
    "own_height_mm": pl.Float64,
    "own_coolant_l": pl.Float64,
    "own_position_count": pl.Int32,
    "is_rack_scale": pl.Boolean,
}


def standing_racks(racks: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Where racks stand, for cables; `rack_u` is their height, null where a system counts trays instead of units."""
    scale = [s.key for s in _systems(racks, catalog) if s.form is Form.RACK]
    counts_trays = pl.col("system").is_in(scale).fill_null(False)
    return racks.select("rack", "hall", "row", "x_m", "y_m", rack_u=pl.when(~counts_trays).then(pl.col("height_u")))


def rack_bodies(racks: pl.DataFrame, site: SiteSpec, catalog: Catalog) -> pl.DataFrame:
    """The racks with their bodies and loads; what no source gives is null.

    Adds `position_count`, `width_mm`, `depth_mm`, `height_mm`, `coolant_l`, `wet_kg`, `foot_kpa` (on the rack's own
    footprint), `share_kpa` (with its share of the aisles), `foot_kn` (on its most loaded foot). A rack of the site
    has the site's dimensions, a system that is a rack its own. Coolant: the catalog's figure, else the site's
    litres per kW of liquid heat.
    """
    spec, floor = site.racks, site.shell.floor
    pitch_m, row_pitch_m = spec.pitch_m or 0.6, spec.row_pitch_m or 3.0
    density_kg_m3 = catalog.fluid(site.cooling.loop.fluid).density_kg_m3 if site.cooling.loop.fluid else 1000.0
    facts = pl.DataFrame([_facts(s) for s in _systems(racks, catalog)], schema=_SCHEMA, orient="row")
    own = racks.join(facts, on="system", how="left", maintain_order="left")
    scale = pl.col("is_rack_scale").fill_null(False)
    positions = pl.when(scale).then(pl.col("own_position_count")).otherwise(1).fill_null(1)
    coolant_l = pl.coalesce(
        pl.col("own_coolant_l") * pl.col("system_count"), pl.col("liquid_kw") * (spec.coolant_l_per_kw or 0.0)
    )

    def side(name: str, of_site: float | None, of_positions: pl.Expr | None = None) -> pl.Expr:
        usual = pl.lit(None, pl.Float64) if of_positions is None else of_positions
        return pl.when(scale).then(pl.coalesce(pl.col(f"own_{name}"), usual)).otherwise(pl.lit(of_site, pl.Float64))

    bodies = own.with_columns(
        position_count=positions.cast(pl.Int32),
        width_mm=side("width_mm", spec.width_mm, positions * pitch_m * 1000),
        depth_mm=side("depth_mm", spec.depth_mm),
        height_mm=side("height_mm", spec.height_mm),
        coolant_l=coolant_l,
        wet_kg=pl.col("weight_kg") + coolant_l.fill_null(0.0) * density_kg_m3 / 1000,
    )
    weight = pl.col("wet_kg")
    foot_ratio = heaviest_foot_ratio(floor.feet_count or 4, floor.heaviest_foot_ratio)
    return bodies.with_columns(
        foot_kpa=floor_load_kpa(weight, pl.col("width_mm") * pl.col("depth_mm") / 1e6),
        share_kpa=floor_load_kpa(weight, pl.col("position_count") * pitch_m * row_pitch_m),
        foot_kn=foot_load_kn(weight, foot_ratio),
    ).drop([name for name in _SCHEMA if name.startswith("own_")])


def _systems(racks: pl.DataFrame, catalog: Catalog) -> list[System]:
    return [catalog.system(key) for key in racks["system"].drop_nulls().unique().sort()]


def _facts(system: System) -> tuple[object, ...]:
    rack = system.form is Form.RACK
    return (
        system.key,
        system.width_mm if rack else None,
        system.depth_mm if rack else None,
        system.height_mm if rack else None,
        system.coolant_l,
        system.rack_position_count or 1,
        rack,
    )
