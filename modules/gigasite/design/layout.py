"""Gives every rack, node and device its place: racks are filled first, then stand on the floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.optical_products import OpticalSwitch
from gigasite.design import names
from gigasite.design.floor import FloorPlan, Room, plan_floor, seats_of_unit
from gigasite.design.pools import PoolPlan
from gigasite.design.racks import RACK_COLUMNS, Shelf, fill_in_order
from gigasite.design.shell.paths import Trays, trays_of
from gigasite.design.site_racks import SiteRacks
from gigasite.spec.halls import RacksSpec
from gigasite.spec.site import SiteSpec

_ORDER = ["fabric_index", "slot"]  # places that are fixed for the ultimate size


@dataclass(frozen=True, slots=True)
class Layout:
    """Racks with their places, and devices with their racks."""

    racks: pl.DataFrame
    devices: pl.DataFrame
    floor: FloorPlan


def shelf_of(model: str | None, catalog: Catalog, racks: RacksSpec) -> Shelf:
    """The room that a device takes. A switch of unknown height is taken for 1U: a finding says so."""
    if model is None:
        return Shelf(racks.server_u or 1, racks.server_kw, racks.server_kg)
    if catalog.has("optical-switch", model):
        optical = catalog.of(OpticalSwitch, model)
        return Shelf(optical.height_u or 1, optical.max_kw, optical.weight_kg)
    switch = catalog.switch(model)
    return Shelf(switch.height_u or 1, switch.max_kw, switch.weight_kg, switch.liquid_ratio or 0.0)


def lay_out_site(
    site: SiteSpec,
    pools: tuple[PoolPlan, ...],
    pool_racks: Mapping[str, pl.DataFrame],
    devices: pl.DataFrame,
    site_racks: SiteRacks,
    catalog: Catalog,
    rack_limit_kw: float,
    prefix: str,
) -> Layout:
    """Fills racks of switches, then places all racks in halls, rows and positions."""
    racks = site.racks
    usable_u = max((racks.height_u or 48) - (racks.reserved_u or 0), 1)
    shelves = {model: shelf_of(model, catalog, racks) for model in devices["model"].unique()}
    by_unit, net_rack_count = _unit_devices(devices, pools, shelves, usable_u, rack_limit_kw, prefix)
    settled = devices.filter(pl.col("home_rack").is_not_null()).with_columns(
        rack=pl.col("home_rack"), unit=pl.col("home_unit")
    )
    placed = pl.concat([by_unit, site_racks.devices, settled], how="diagonal")
    gear_racks = _gear_racks(placed.filter(pl.col("home") != "rack"), shelves, site)
    rooms = [
        Room(
            pool=pool.name,
            positions=(pool.racks_per_su * (pool.system.rack_position_count or 1)) + net_rack_count[pool.name],
            kw=_unit_kw(pool, by_unit, shelves),
            build_to_su_count=pool.build_to_su_count,
            built_su_count=pool.su_count,
        )
        for pool in pools
    ]
    site_kw = float(gear_racks.filter(pl.col("pool").is_null())["it_kw"].fill_null(0).sum())
    floor = plan_floor(site.halls, rooms, site_racks.core_count + site_racks.storage_count, site_kw)
    seats = _seats(
        pools, floor, net_rack_count, site_racks, prefix, trays_of(site, floor.hall_count, floor.rack_positions)
    )
    everything = pl.concat([*(pool_racks[pool.name] for pool in pools), gear_racks.select(RACK_COLUMNS)])
    table = everything.join(seats, on="rack", how="left", maintain_order="left")
    return Layout(table, placed.drop("home_rack", "home_unit"), floor)


def _unit_devices(
    devices: pl.DataFrame,
    pools: tuple[PoolPlan, ...],
    shelves: Mapping[str | None, Shelf],
    usable_u: int,
    limit_kw: float,
    prefix: str,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Switches of scalable units in the network racks of their unit; units of equal equipment are filled once."""
    parts, counts = [], {}
    for pool in pools:
        own = devices.filter((pl.col("home") == "su") & (pl.col("pool") == pool.name)).sort("su", *_ORDER)
        counts[pool.name] = 0
        if not own.height:
            continue
        kits = own.group_by("su", maintain_order=True).agg(kit=pl.col("model").str.join(","))
        own = own.join(kits, on="su", maintain_order="left").with_columns(place=pl.int_range(pl.len()).over("su"))
        for (kit,), same in own.group_by("kit", maintain_order=True):
            filled = fill_in_order([(shelves[model], 1) for model in str(kit).split(",")], usable_u, limit_kw)
            counts[pool.name] = max(counts[pool.name], filled.rack_count)
            place = same["place"].to_numpy()
            parts.append(
                same.with_columns(
                    rack_in_su=pl.Series(filled.rack[place] + 1),
                    unit=pl.Series(filled.unit[place]),
                ).with_columns(rack=names.network_rack(prefix, pool.name))
            )
    if not parts:
        return nowhere(devices), counts
    return pl.concat(parts).drop("kit", "place"), counts


def nowhere(devices: pl.DataFrame) -> pl.DataFrame:
    return devices.clear().with_columns(
        rack_in_su=pl.lit(None, pl.Int32), unit=pl.lit(None, pl.Int32), rack=pl.lit(None, pl.String)
    )


def _gear_racks(devices: pl.DataFrame, shelves: Mapping[str | None, Shelf], site: SiteSpec) -> pl.DataFrame:
    """The racks of switches, servers and storage with their load: everything but liquid shares goes to air."""
    racks, lpm_per_kw = site.racks, site.cooling.loop.flow_lpm_per_kw_min or 0.0
    facts = pl.DataFrame(
        {
            "model": list(shelves),
            "u": [s.height_u for s in shelves.values()],
            "kw": [s.max_kw for s in shelves.values()],
            "kg": [s.weight_kg for s in shelves.values()],
            "liquid": [s.liquid_ratio for s in shelves.values()],
        },
        schema={"model": pl.String, "u": pl.Int32, "kw": pl.Float64, "kg": pl.Float64, "liquid": pl.Float64},
    )
    for column, dtype in (("own_u", pl.Int32), ("own_kw", pl.Float64), ("own_kg", pl.Float64)):
        if column not in devices.columns:
            devices = devices.with_columns(pl.lit(None, dtype).alias(column))
    known = devices.join(facts, on="model", how="left", nulls_equal=True, maintain_order="left").with_columns(
        u=pl.coalesce("own_u", "u"), kw=pl.coalesce("own_kw", "kw"), kg=pl.coalesce("own_kg", "kg")
    )

    def total(column: pl.Expr) -> pl.Expr:
        """A sum that is unknown as soon as one part is."""
        return pl.when(column.is_null().any()).then(pl.lit(None)).otherwise(column.sum())

    liquid = pl.col("kw") * pl.col("liquid").fill_null(0.0)
    return (
        known.group_by("rack", maintain_order=True)
        .agg(
            pool=pl.col("pool").drop_nulls().first(),
            su=pl.col("su").drop_nulls().first(),
            rack_in_su=pl.col("rack_in_su").drop_nulls().first(),
            stored=(pl.col("kind") == "storage").any(),
            used_u=pl.col("u").sum().cast(pl.Int32),
            it_kw=total(pl.col("kw")),
            liquid_kw=total(liquid),
            air_kw=total(pl.col("kw") - liquid),
            weight_kg=total(pl.col("kg")) + (racks.empty_kg or 0.0),
        )
        .with_columns(
            kind=pl.when("stored")
            .then(pl.lit("storage"))
            .when(pl.col("pool").is_null())
            .then(pl.lit("core"))
            .otherwise(pl.lit("network")),
            system=pl.lit(None, pl.String),
            system_count=pl.lit(0, pl.Int32),
            height_u=pl.lit(racks.height_u, pl.Int32),
            flow_lpm=pl.col("liquid_kw") * lpm_per_kw,
            rack_flow_lpm=pl.lit(None, pl.Float64),
        )
        .sort("rack")
    )


def _unit_kw(pool: PoolPlan, unit_devices: pl.DataFrame, shelves: Mapping[str | None, Shelf]) -> float:
    """Load of a full scalable unit with its switches; unknown draws count as nothing here."""
    systems = -(-pool.architecture.su_node_count // pool.system.node_count)
    own = unit_devices.filter((pl.col("pool") == pool.name) & (pl.col("su") == 1))
    switches = sum((shelves[model].max_kw or 0.0) for model in own["model"])
    return systems * (pool.system_kw or 0.0) + switches


def _seats(
    pools: tuple[PoolPlan, ...],
    floor: FloorPlan,
    net_rack_count: Mapping[str, int],
    site_racks: SiteRacks,
    prefix: str,
    trays: Trays,
) -> pl.DataFrame:
    """Every seat of the plan by the name of the rack that belongs there, built or not."""
    parts = []
    for pool in pools:
        placed = floor.units[pool.name]
        units = np.arange(1, len(placed.hall) + 1, dtype=np.int32)
        width = pool.system.rack_position_count or 1
        compute, network = seats_of_unit(pool.racks_per_su, net_rack_count[pool.name])
        half = (pool.racks_per_su + 1) // 2
        wide = np.where(np.arange(pool.racks_per_su) < half, 0, net_rack_count[pool.name])
        compute = (np.arange(pool.racks_per_su) * width + wide).astype(np.int32) if width > 1 else compute
        network = network + half * (width - 1)
        for seats, name in (
            (compute, names.pool_rack(prefix, pool.name)),
            (network, names.network_rack(prefix, pool.name)),
        ):
            count = len(seats)
            parts.append(
                pl.DataFrame(
                    {
                        "su": np.repeat(units, count),
                        "rack_in_su": np.tile(np.arange(1, count + 1, dtype=np.int32), len(units)),
                        "hall_index": np.repeat(placed.hall, count),
                        "seat": np.repeat(placed.position, count) + np.tile(seats, len(units)),
                    }
                ).select("hall_index", "seat", rack=name)
            )
    for kind, first, count in (
        ("core", 0, site_racks.core_count),
        ("storage", site_racks.core_count, site_racks.storage_count),
    ):
        parts.append(
            pl.DataFrame(
                {
                    "rack_in_su": np.arange(1, count + 1, dtype=np.int32),
                    "hall_index": floor.site_hall[first : first + count],
                    "seat": floor.site_position[first : first + count],
                }
            ).select("hall_index", "seat", rack=names.site_rack(prefix, kind))
        )
    rows = trays.rows
    has_place = pl.col("hall_index") >= 0
    seat = pl.col("seat")
    hall_column = pl.col("hall_index") % trays.halls_per_corridor
    wing = pl.col("hall_index") // (trays.halls_per_corridor * trays.story_count)
    x_m = (seat % rows.row_positions) * rows.pitch_m + hall_column * trays.hall_pitch_m
    row = seat // rows.row_positions
    y_m = (row // 2) * 2 * rows.row_pitch_m + (row % 2) * rows.row_step_m + wing * trays.wing_pitch_m
    casts = [pl.col("hall_index").cast(pl.Int32), pl.col("seat").cast(pl.Int32), "rack"]
    return (
        pl.concat([part.select(casts) for part in parts])
        .with_columns(
            hall=pl.when(has_place).then(pl.col("hall_index") + 1).cast(pl.Int32),
            row=pl.when(has_place).then(seat // rows.row_positions + 1).cast(pl.Int32),
            position=pl.when(has_place).then(seat % rows.row_positions + 1).cast(pl.Int32),
            x_m=pl.when(has_place).then(x_m),
            y_m=pl.when(has_place).then(y_m),
            seat=pl.when(has_place).then(seat),
        )
        .drop("hall_index")
    )
