"""What each rack gives to coolant, tanks, its rear door and the room, and the air and pressure that it asks for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from gigasite.catalog.cooling_products import ImmersionTank, RearDoor
from gigasite.catalog.models import System
from gigasite.design.cooling.airflow import AIR_KJ_M3K, m3_s
from gigasite.design.cooling.basics import pressure_drop_kpa
from gigasite.design.cooling.conditions import Conditions
from gigasite.design.cooling.technologies.rear_door import door_fan_kw, door_heat_kw
from gigasite.spec.pools import PoolSpec


def rack_loads(racks: pl.DataFrame, pools: tuple[PoolSpec, ...], conditions: Conditions) -> pl.DataFrame:
    """One row a placed rack that gives off heat, in the order of the table.

    Columns: rack, hall, row, pool, liquid_kw (coolant), flow_lpm, rack_flow_lpm, rack_dp_kpa, tank, tank_kw, lost_kw
    (from tanks into the room), door, door_kw, door_fan_kw, air_kw (racks' heat into air, doors not taken off), room_kw
    (what goes into the room), airflow_m3_s, room_airflow_m3_s (of it, what air units move: a door cools its rack's air,
    and as much of it as the door takes of the heat goes round without them), rise_k. Unknown heat is null.
    """
    placed = racks.filter(pl.col("hall").is_not_null())
    # Racks of switches stand beside a pool's racks; its doors, tanks and airflow are not theirs.
    owner = placed.with_columns(owner=pl.when(pl.col("kind") == "pool").then("pool"))
    facts = _pool_facts(placed, pools, conditions).rename({"pool": "owner"})
    found = owner.join(facts, on="owner", how="left", maintain_order="left")
    immersed = pl.col("tank").is_not_null()
    rise_k = conditions.air.rise_k or 12.0
    loads = found.select(
        "rack",
        "hall",
        "row",
        "pool",
        "tank",
        "door",
        liquid_kw=pl.when(immersed).then(0.0).otherwise(pl.col("liquid_kw")),
        flow_lpm=pl.when(immersed).then(0.0).otherwise(pl.col("flow_lpm")),
        rack_flow_lpm=pl.when(immersed).then(0.0).otherwise(pl.coalesce("rack_flow_lpm", "flow_lpm")),
        rack_dp_kpa=pl.col("pool_dp_kpa").fill_null(conditions.loop.rack_dp_kpa),
        tank_kw=pl.when(immersed).then(pl.col("liquid_kw") + pl.col("air_kw")).otherwise(0.0),
        air_kw=pl.when(immersed).then(0.0).otherwise(pl.col("air_kw")),
        lost_kw=pl.when(immersed)
        .then((pl.col("liquid_kw") + pl.col("air_kw")) * pl.col("pool_lost_ratio"))
        .otherwise(0.0),
        rise_k=pl.col("pool_rise_k").fill_null(rise_k),
    )
    loads = loads.with_columns(
        airflow_m3_s=pl.col("air_kw") / (AIR_KJ_M3K * conditions.density_ratio * pl.col("rise_k"))
    )
    loads = _with_doors(loads, conditions).with_columns(
        room_kw=pl.col("air_kw") - pl.col("door_kw") + pl.col("door_fan_kw") + pl.col("lost_kw")
    )
    left_ratio = (pl.col("air_kw") - pl.col("door_kw") + pl.col("door_fan_kw")) / pl.col("air_kw")
    behind_door = pl.col("door").is_not_null() & (pl.col("air_kw") > 0)
    return loads.with_columns(
        room_airflow_m3_s=pl.col("airflow_m3_s") * pl.when(behind_door).then(left_ratio).otherwise(1.0)
    )


def _pool_facts(racks: pl.DataFrame, pools: tuple[PoolSpec, ...], conditions: Conditions) -> pl.DataFrame:
    """What is equal in the racks of a pool: pool, tank, door, pool_rise_k, pool_dp_kpa, pool_lost_ratio."""
    flows = racks.filter(pl.col("kind") == "pool", pl.col("system_count") > 0)
    each = flows.group_by("pool").agg(
        (pl.coalesce("rack_flow_lpm", "flow_lpm") / pl.col("system_count")).max().alias("lpm")
    )
    lpm: Mapping[str, float | None] = dict(each.iter_rows())
    rows = []
    for pool in pools:
        system = conditions.catalog.system(pool.system)
        rows.append(
            (
                pool.name,
                pool.cooling.immersion,
                pool.cooling.rear_door,
                published_rise_k(system),
                rack_pressure_kpa(system, lpm.get(pool.name)),
                tank_of(conditions, pool.cooling.immersion).lost_ratio if pool.cooling.immersion else 0.0,
            )
        )
    schema = {
        "pool": pl.String,
        "tank": pl.String,
        "door": pl.String,
        "pool_rise_k": pl.Float64,
        "pool_dp_kpa": pl.Float64,
        "pool_lost_ratio": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def published_rise_k(system: System) -> float | None:
    """Rise of the air through a system whose airflow a kW is published, for sea level.

    Its fans are driven by its temperatures: in thin air they turn faster, and the rise stays.
    """
    if system.airflow_cfm_per_kw is None:
        return None
    return 1 / (AIR_KJ_M3K * m3_s(system.airflow_cfm_per_kw))


def rack_pressure_kpa(system: System, flow_lpm: float | None) -> float | None:
    """Pressure of one system at its own flow; beyond the end of its curve the parabola goes on. None: no curve."""
    if system.tcs_pressure_curve is None or flow_lpm is None:
        return None
    return pressure_drop_kpa(flow_lpm, system.tcs_pressure_curve)


def _with_doors(loads: pl.DataFrame, conditions: Conditions) -> pl.DataFrame:
    """Heat that rear doors take, and what their fans add."""
    taken, fans = np.zeros(loads.height), np.zeros(loads.height)
    keys = loads["door"].to_numpy()
    air_kw = loads["air_kw"].fill_null(0.0).to_numpy().astype(np.float64)
    rise_k = loads["rise_k"].to_numpy().astype(np.float64)
    supply_c = conditions.air.supply_c if conditions.air.supply_c is not None else 24.0
    for key in loads["door"].drop_nulls().unique().sort():
        own = (keys == key) & (air_kw > 0)
        door = conditions.catalog.of(RearDoor, key)
        taken[own] = door_heat_kw(
            door,
            air_kw[own],
            rise_k[own],
            inlet_c=supply_c,
            water_c=conditions.facility.air_supply_c,
            density_ratio=conditions.density_ratio,
        )
        fans[own] = door_fan_kw(door, air_kw[own], rise_k[own], conditions.density_ratio)
    return loads.with_columns(door_kw=pl.Series(taken), door_fan_kw=pl.Series(fans))


def tank_of(conditions: Conditions, key: str) -> ImmersionTank:
    """The tank of a pool."""
    return conditions.catalog.of(ImmersionTank, key)
