"""Power and cooling of a design as plain data: sums, and what stands there by kind."""

from __future__ import annotations

from typing import Any

import polars as pl

from gigasite.design.model import Design
from gigasite.design.unknown import known_sum


def power_summary(design: Design) -> dict[str, Any]:
    """The chain from the meter to the racks. Unknown figures are null; loads are those of normal operation."""
    power = design.power
    return {
        "topology": power.topology,
        "it_kw": rounded(power.it_kw),
        "coincident_it_kw": rounded(power.coincident_it_kw),
        "mechanical_kw": rounded(power.mechanical_kw),
        "loss_kw": rounded(power.loss_kw),
        "loss_by_stage_kw": {kind: rounded(kw) for kind, kw in power.loss_by_stage_kw.items()},
        "chain_efficiency_ratio": rounded(power.chain_efficiency_ratio, 5),
        "utility_kw": rounded(power.utility_kw),
        "utility_mva": rounded(power.utility_mva),
        "power_factor": rounded(power.power_factor, 4),
        "utility_available_kw": rounded(power.utility_available_kw),
        "available_mw_by_date": dict(power.available_mw_by_date),
        "blocks": power.block_count,
        "unit_kw": rounded(power.unit_kw),
        "rack_voltage_v": power.rack_voltage_v,
        "feeds_per_rack": power.feeds_per_rack,
        "breaker_a": power.breaker_a,
        "feed_usable_kw": rounded(power.feed_usable_kw),
        "elements": _elements(design.tables.elements),
    }


def _elements(elements: pl.DataFrame) -> dict[str, Any]:
    """By kind, in the order from the grid to the racks: how many, what they carry and lose, and the fullest of them."""
    used = pl.col("load_kw") / pl.col("capacity_kw")
    by_kind = (
        elements.with_columns(used=used)
        .sort("level", "element")
        .group_by("kind", maintain_order=True)
        .agg(
            pl.len().alias("count"),
            load_kw=known_sum("load_kw"),
            loss_kw=known_sum("loss_kw"),
            capacity_kw=known_sum("capacity_kw"),
            fullest=pl.col("element").get(pl.col("used").fill_null(-1.0).arg_max()),
            fullest_ratio=pl.col("used").max(),
        )
    )
    return {
        row["kind"]: {
            "count": row["count"],
            "load_kw": rounded(row["load_kw"]),
            "loss_kw": rounded(row["loss_kw"]),
            "capacity_kw": rounded(row["capacity_kw"]),
            "fullest": row["fullest"] if row["fullest_ratio"] is not None else None,
            "fullest_ratio": rounded(row["fullest_ratio"], 4),
        }
        for row in by_kind.iter_rows(named=True)
    }


def cooling_summary(design: Design) -> dict[str, Any]:
    """Heat, flows, temperatures and plant at the design point. Unknown figures are null."""
    cooling = design.cooling
    return {
        "liquid_kw": rounded(cooling.liquid_kw),
        "air_kw": rounded(cooling.air_kw),
        "flow_lpm": rounded(cooling.flow_lpm),
        "flow_bound_by": cooling.flow_bound_by,
        "rack_flow_lpm": rounded(cooling.rack_flow_lpm),
        "supply_c": cooling.supply_c,
        "tcs_return_c": rounded(cooling.tcs_return_c),
        "rack_return_c": rounded(cooling.rack_return_c),
        "tcs_head_kpa": rounded(cooling.tcs_head_kpa),
        "fluid": cooling.fluid,
        "coolant_class": cooling.coolant_class or None,
        "water_class": cooling.water_class or None,
        "cdu": cooling.cdu,
        "cdu_usable_kw": rounded(cooling.cdu_usable_kw),
        "cdu_limited_by": cooling.cdu_limited_by,
        "cdu_limits_kw": {name: rounded(kw) for name, kw in cooling.cdu_limits_kw.items()},
        "cdu_installed": cooling.cdu_installed,
        "air_unit": cooling.air_unit,
        "air_unit_kw": rounded(cooling.air_unit_kw),
        "air_units_installed": cooling.air_units_installed,
        "warm_water": {
            "supply_c": rounded(cooling.facility_supply_c),
            "return_c": rounded(cooling.facility_return_c),
            "flow_lpm": rounded(cooling.facility_lpm),
            "heat_kw": rounded(cooling.facility_kw),
        },
        "cold_water": {
            "supply_c": rounded(cooling.air_water_supply_c),
            "return_c": rounded(cooling.air_water_return_c),
            "flow_lpm": rounded(cooling.air_water_lpm),
            "heat_kw": rounded(cooling.air_water_kw),
        },
        "own_condenser_kw": rounded(cooling.own_condenser_kw),
        "plant": _plant(design.tables.plant),
    }


def _plant(plant: pl.DataFrame) -> dict[str, Any]:
    """By kind: units, how many of them carry the heat, what they take and draw at the design point."""
    by_group = plant.group_by("kind", "product", "group", maintain_order=True).agg(
        pl.len().alias("count"),
        pl.col("required_count").first(),
        capacity_kw=known_sum("capacity_kw"),
        heat_kw=known_sum("heat_kw"),
        electric_kw=known_sum("electric_kw"),
    )
    by_kind = by_group.group_by("kind", maintain_order=True).agg(
        pl.col("product").unique(maintain_order=True),
        pl.col("count").sum(),
        required_count=known_sum("required_count"),
        group_count=pl.len(),
        capacity_kw=known_sum("capacity_kw"),
        heat_kw=known_sum("heat_kw"),
        electric_kw=known_sum("electric_kw"),
    )
    return {
        row["kind"]: {
            "products": [product for product in row["product"] if product is not None],
            "count": row["count"],
            "required_count": row["required_count"],
            "groups": row["group_count"],
            "capacity_kw": rounded(row["capacity_kw"]),
            "heat_kw": rounded(row["heat_kw"]),
            "electric_kw": rounded(row["electric_kw"]),
        }
        for row in by_kind.iter_rows(named=True)
    }


def rounded(value: float | None, digits: int = 3) -> float | None:
    """Three decimals of a kW are watts: more is noise of the arithmetic."""
    return None if value is None else round(value, digits)
