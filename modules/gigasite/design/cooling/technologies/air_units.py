"""Units that cool the room's air: air handlers and fan walls on facility water, air conditioners with a compressor.

All move the air that racks and leaks ask for; their fans follow the flow by the cube law, and the fans' heat goes
with the air. An air conditioner gives heat, fans and compressor to its own condenser: it takes no facility water.
"""

from __future__ import annotations

from gigasite.catalog.models import AirUnit
from gigasite.design.cooling.airflow import air_unit_kw, airflow_m3_s
from gigasite.design.cooling.basics import units_needed
from gigasite.design.cooling.compressors import conditioner_cop
from gigasite.design.cooling.conditions import Conditions, Duty, UnitGroup, installed_count
from gigasite.design.cooling.fluids import flow_of_heat_rate_lpm
from gigasite.design.cooling.pumps import affinity_kw

KIND = "air-unit"
WATER_RISE_K = 6.0
"""Of the water through a unit whose sheet does not say: the usual 7 to 13 °C of chilled-water coils."""


def size(duty: Duty, conditions: Conditions, product: str) -> UnitGroup:
    """The air units of a hall."""
    unit = conditions.catalog.air_unit(product)
    approach_k = conditions.air_approach_k if unit.form != "crac" else None
    capacity_kw, limited_by = air_unit_kw(
        unit.capacity_kw,
        rated_rise_k=unit.air_rise_k,
        rated_approach_k=unit.approach_k,
        rise_k=duty.rise_k,
        approach_k=approach_k,
        density_ratio=conditions.density_ratio,
    )
    required = None
    if duty.heat_kw is not None:
        required = units_needed(duty.heat_kw, capacity_kw or unit.capacity_kw)
    count = installed_count(required, conditions.air.redundancy, duty.given_count)
    fans_kw = _fan_kw(unit, duty, count, conditions.density_ratio)
    compressor_kw = _compressor_kw(unit, duty.heat_kw, fans_kw, count, conditions)
    total_kw = None if duty.heat_kw is None or fans_kw is None else duty.heat_kw + fans_kw * (count or 0)
    on_water = unit.form != "crac"
    rise_k = unit.water_rise_k or WATER_RISE_K
    return UnitGroup(
        kind=KIND,
        product=unit.key,
        group=duty.group,
        hall=duty.hall,
        required_count=required,
        count=count,
        heat_kw=duty.heat_kw,
        capacity_kw=capacity_kw,
        limited_by=limited_by,
        electric_kw=None if fans_kw is None or compressor_kw is None else fans_kw + compressor_kw,
        electric_max_kw=_most_kw(unit, conditions),
        on_ups=bool(conditions.air.fans_on_ups),
        leak_zone=duty.leak_zone if on_water else None,
        water="air" if on_water else None,
        water_kw=total_kw if on_water else None,
        water_flow_lpm=None
        if total_kw is None or not on_water
        else flow_of_heat_rate_lpm(total_kw / rise_k, conditions.water),
    )


def _fan_kw(unit: AirUnit, duty: Duty, count: int | None, density_ratio: float) -> float | None:
    """Fans of one of `count` units: P_r·ρ/ρ₀·(V̇/V̇_r)³; by the heat where the sheet gives no airflow."""
    if unit.fan_kw is None or duty.heat_kw is None or count is None:
        return None
    if not count or not duty.heat_kw:
        return 0.0
    if unit.air_rise_k is None or duty.airflow_m3_s is None:
        ratio = duty.heat_kw / count / (unit.capacity_kw * density_ratio)
    else:
        ratio = duty.airflow_m3_s / count / airflow_m3_s(unit.capacity_kw, unit.air_rise_k)
    return affinity_kw(unit.fan_kw, min(ratio, 1.0)) * density_ratio


def _compressor_kw(
    unit: AirUnit, heat_kw: float | None, fans_kw: float | None, count: int | None, conditions: Conditions
) -> float | None:
    """Compressor and condenser fans of one unit on the extreme day: (heat + fans) / COP; 0 on facility water."""
    if unit.form != "crac":
        return 0.0
    if heat_kw is None or fans_kw is None or count is None:
        return None
    if not count:
        return 0.0
    cop = extreme_cop(unit, heat_kw / count / unit.capacity_kw, conditions)
    return None if cop is None else (heat_kw / count + fans_kw) / cop


def extreme_cop(unit: AirUnit, load_ratio: float, conditions: Conditions) -> float | None:
    """COP of an air conditioner on the extreme day; that of its sheet where the day is unknown."""
    if conditions.extreme_dry_bulb_c is None or conditions.air.supply_c is None:
        return unit.cop
    found = conditioner_cop(
        unit, load_ratio, conditions.air.supply_c, conditions.extreme_dry_bulb_c, conditions.density_ratio
    )
    return None if found is None else float(found)


def _most_kw(unit: AirUnit, conditions: Conditions) -> float | None:
    if unit.fan_kw is None or unit.form != "crac":
        return unit.fan_kw
    cop = extreme_cop(unit, 1.0, conditions)
    return None if cop is None else unit.fan_kw + (unit.capacity_kw + unit.fan_kw) / cop
