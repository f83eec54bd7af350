"""Pumps of the facility water: one group for the warm water of CDUs and tanks, one for the cold of air units."""

from __future__ import annotations

from gigasite.catalog.cooling_products import Pump
from gigasite.design.cooling.basics import units_needed
from gigasite.design.cooling.conditions import Conditions, Duty, UnitGroup, Water, installed_count
from gigasite.design.cooling.pumps import flow_at_head_lpm, pump_kw

KIND = "facility-pump"


def size(duty: Duty, conditions: Conditions, product: str, level: Water = "liquid") -> UnitGroup:
    """The pumps of one level of facility water: as many as its flow asks for at the head.

    Their electricity ends up in the water: Q_water = heat + V̇·Δp/η.
    """
    pump = conditions.catalog.of(Pump, product)
    head_kpa = conditions.facility.head_kpa
    most_lpm = flow_at_head_lpm(pump.flow_lpm, pump.head_kpa, head_kpa) if head_kpa is not None else pump.flow_lpm
    flow_lpm, heat_kw = duty.flow_lpm, duty.heat_kw
    required = None if flow_lpm is None else units_needed(flow_lpm, most_lpm or pump.flow_lpm)
    count = installed_count(required, conditions.facility.pump_redundancy, duty.given_count)
    work_kw = None
    if flow_lpm is not None and count is not None:
        work_kw = pump_kw(flow_lpm, head_kpa if head_kpa is not None else pump.head_kpa, pump.efficiency_ratio)
    capacity_kw = most_lpm * heat_kw / flow_lpm if heat_kw is not None and flow_lpm else None
    return UnitGroup(
        kind=KIND,
        product=pump.key,
        group=duty.group,
        hall=duty.hall,
        required_count=required,
        count=count,
        heat_kw=heat_kw,
        capacity_kw=capacity_kw,
        limited_by="flow at the head",
        electric_kw=work_kw / count if work_kw is not None and count else (0.0 if count == 0 else None),
        electric_max_kw=pump_kw(pump.flow_lpm, pump.head_kpa, pump.efficiency_ratio),
        on_ups=bool(conditions.facility.pumps_on_ups),
        leak_zone=duty.leak_zone,
        flow_lpm=flow_lpm,
        water=level,
        water_kw=None if heat_kw is None or work_kw is None else heat_kw + work_kw,
        water_flow_lpm=flow_lpm,
    )
