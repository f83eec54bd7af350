"""Cooling units that belong to a rack each, rear doors and immersion tanks: rows of `plant`, all racks at once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.catalog.cooling_products import ImmersionTank, RearDoor
from gigasite.design.cooling.conditions import Conditions
from gigasite.design.cooling.fluids import flow_of_heat_rate_lpm
from gigasite.design.cooling.technologies import immersion, rear_door
from gigasite.design.model import COLUMNS

WATER_RISE_K = 6.0
"""Of the water through a rear door whose sheet does not say."""


@dataclass(frozen=True, slots=True)
class RackUnits:
    """Rows of `plant`, and the facility water that they need together."""

    rows: pl.DataFrame
    water_kw: float | None
    water_flow_lpm: float | None


def door_rows(loads: pl.DataFrame, conditions: Conditions) -> RackUnits:
    """A rear door on each rack of the pools that have them; they take the cold facility water."""
    found, waters = [], []
    for (key,), racks in loads.filter(pl.col("door").is_not_null()).group_by("door", maintain_order=True):
        door = conditions.catalog.of(RearDoor, str(key))
        found.append(
            racks.select(
                unit=pl.col("rack") + "-door",
                kind=pl.lit(rear_door.KIND),
                product=pl.lit(door.key),
                hall=pl.col("hall"),
                group=pl.col("rack") + "-door",
                required_count=pl.lit(1),
                capacity_kw=pl.lit(door.capacity_kw * conditions.density_ratio),
                heat_kw=pl.when(pl.col("air_kw").is_not_null()).then(pl.col("door_kw")),
                electric_kw=pl.col("door_fan_kw"),
                electric_max_kw=pl.lit(door.fan_kw),
                on_ups=pl.lit(bool(conditions.air.fans_on_ups)),
                leak_zone=pl.col("rack") + "-door",
            )
        )
        waters.append((found[-1]["heat_kw"], door.water_rise_k or WATER_RISE_K))
    return _together(found, waters, conditions)


def tank_rows(loads: pl.DataFrame, conditions: Conditions) -> RackUnits:
    """A tank in place of each rack of the pools that are immersed; they take the warm facility water."""
    found, waters = [], []
    for (key,), racks in loads.filter(pl.col("tank").is_not_null()).group_by("tank", maintain_order=True):
        tank = conditions.catalog.of(ImmersionTank, str(key))
        found.append(
            racks.select(
                unit=pl.col("rack") + "-tank",
                kind=pl.lit(immersion.KIND),
                product=pl.lit(tank.key),
                hall=pl.col("hall"),
                group=pl.col("rack") + "-tank",
                required_count=pl.lit(1),
                capacity_kw=pl.lit(immersion.tank_capacity_kw(tank, conditions.facility.supply_c)),
                heat_kw=pl.col("tank_kw"),
                electric_kw=pl.lit(tank.pump_kw),
                electric_max_kw=pl.lit(tank.pump_kw),
                on_ups=pl.lit(bool(conditions.loop.pumps_on_ups)),
                leak_zone=pl.col("rack") + "-tank",
            )
        )
        to_water = found[-1]["heat_kw"] * (1 - tank.lost_ratio) + (tank.pump_kw or 0.0)
        waters.append((to_water, tank.water_rise_k or immersion.WATER_RISE_K))
    return _together(found, waters, conditions)


def _together(found: list[pl.DataFrame], waters: list[tuple[pl.Series, float]], conditions: Conditions) -> RackUnits:
    schema = COLUMNS["plant"]
    if not found:
        return RackUnits(pl.DataFrame(schema=schema), 0.0, 0.0)
    rows = pl.concat(found).with_columns(source=pl.lit(None, pl.String), alternate=pl.lit(None, pl.String))
    rows = rows.select(pl.col(name).cast(kind) for name, kind in schema.items())
    if any(heat.null_count() for heat, _ in waters):
        return RackUnits(rows, None, None)
    heat_kw = sum(float(heat.sum()) for heat, _ in waters)
    flow_lpm = sum(flow_of_heat_rate_lpm(float(heat.sum()) / rise_k, conditions.water) for heat, rise_k in waters)
    return RackUnits(rows, heat_kw, flow_lpm)
