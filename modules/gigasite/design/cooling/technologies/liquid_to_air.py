"""Liquid-to-air CDUs (sidecars, in-row): coolant of the racks is cooled by the air of the room.

They take no heat out of the hall: whatever they take from the coolant, and their own electricity, air units carry.
The coil keeps its effectiveness: Q goes with the coolant's return above the room's supply air.
"""

from __future__ import annotations

from collections.abc import Mapping

from gigasite.catalog.models import Cdu
from gigasite.design.cooling.conditions import Conditions, Duty, UnitGroup, installed_count, tightest
from gigasite.design.cooling.fluids import heat_rate_kw_k
from gigasite.design.cooling.pumps import affinity_kw
from gigasite.design.cooling.technologies.cdu import EXCHANGER, KIND, PLATE, PUMPS, cdu_model


def coil_kw(
    cdu: Cdu, rated_rise_k: float | None, rise_k: float, approach_k: float | None, density_ratio: float = 1.0
) -> float | None:
    """Heat of the coil: Q = Q_r · σ · (A + ΔT) / (A_r + ΔT_r), A: coolant's supply above the air; None: unknown.

    Its fans move a volume: thin air, of density σ over that at sea level, takes less.
    """
    if cdu.approach_k is None or rated_rise_k is None or approach_k is None:
        return None
    if approach_k <= 0:
        return 0.0
    return cdu.capacity_kw * density_ratio * (approach_k + rise_k) / (cdu.approach_k + rated_rise_k)


def _fans_kw(cdu: Cdu, heat_kw: float, limits: Mapping[str, float | None], density_ratio: float) -> float:
    """Fans of one unit, P_r·σ·n³: the speed n follows the heat over what the coil takes at full speed."""
    full_kw = limits.get(EXCHANGER) or cdu.capacity_kw * density_ratio
    return affinity_kw(cdu.fan_kw or 0.0, min(heat_kw / full_kw, 1.0)) * density_ratio


def size(duty: Duty, conditions: Conditions, product: str) -> UnitGroup:
    """The units of a group; all their heat is `room_kw`."""
    cdu = conditions.catalog.cdu(product)
    rating_fluid = conditions.catalog.fluid(cdu.rating_fluid) if cdu.rating_fluid else conditions.coolant
    model = cdu_model(cdu, conditions.coolant, conditions.water, rating_fluid)
    heat_kw, flow_lpm = duty.heat_kw, duty.flow_lpm
    required = limits = electric_kw = None
    capacity_kw, limited_by = cdu.capacity_kw, PLATE
    if heat_kw and flow_lpm:
        rise_k = heat_kw / heat_rate_kw_k(flow_lpm, conditions.coolant)
        rated_rise_k = cdu.capacity_kw / heat_rate_kw_k(cdu.tcs_flow_lpm, rating_fluid) if cdu.tcs_flow_lpm else None
        supply_c, air_c = conditions.loop.supply_c, conditions.air.supply_c
        approach_k = None if supply_c is None or air_c is None else supply_c - air_c
        pump_lpm = model.pump_lpm(duty.head_kpa)
        limits = {
            PLATE: cdu.capacity_kw * conditions.density_ratio,
            EXCHANGER: coil_kw(cdu, rated_rise_k, rise_k, approach_k, conditions.density_ratio),
            PUMPS: None if pump_lpm is None else pump_lpm * heat_kw / flow_lpm,
        }
        capacity_kw, limited_by = tightest(limits, PLATE)
        basis = capacity_kw or cdu.capacity_kw
        required = max(-int(-(heat_kw - 1e-9) // basis), 1)
    elif heat_kw == 0:
        required = 0
    count = installed_count(required, conditions.loop.redundancy, duty.given_count)
    if heat_kw is not None and flow_lpm is not None and count:
        fans_kw = _fans_kw(cdu, heat_kw / count, limits or {}, conditions.density_ratio)
        electric_kw = fans_kw + model.electric_kw(heat_kw / count, flow_lpm / count, duty.head_kpa)
    elif heat_kw == 0:
        electric_kw = 0.0
    return UnitGroup(
        kind=KIND,
        product=cdu.key,
        group=duty.group,
        hall=duty.hall,
        required_count=required,
        count=count,
        heat_kw=heat_kw,
        capacity_kw=capacity_kw,
        limited_by=limited_by,
        electric_kw=electric_kw,
        electric_max_kw=model.electric_max_kw + (cdu.fan_kw or 0.0),
        on_ups=bool(conditions.loop.pumps_on_ups),
        leak_zone=duty.leak_zone,
        flow_lpm=flow_lpm,
        room_kw=None if heat_kw is None or electric_kw is None else heat_kw + electric_kw * (count or 0),
        limits=limits,
    )
