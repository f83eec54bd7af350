"""Cooling: coolant and air inside the halls, heat rejection outside."""

from __future__ import annotations

from gigasite.design.cooling.basics import (
    air_density_ratio,
    air_rise_k,
    cdu_usable_kw,
    cdus_needed,
    coolant_flow_lpm,
    coolant_rise_k,
    curve_flow_lpm,
    heat_split,
    pressure_drop_kpa,
    rack_flow_lpm,
    redundant_count,
    units_needed,
)
from gigasite.design.cooling.rejection import coldest_facility_water_c

__all__ = [
    "air_density_ratio",
    "air_rise_k",
    "cdu_usable_kw",
    "cdus_needed",
    "coldest_facility_water_c",
    "coolant_flow_lpm",
    "coolant_rise_k",
    "curve_flow_lpm",
    "heat_split",
    "pressure_drop_kpa",
    "rack_flow_lpm",
    "redundant_count",
    "units_needed",
]
