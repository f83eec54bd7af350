"""Coolant distribution units, liquid to liquid: coolant of the racks on one side, facility water on the other.

A unit takes the least of three: its name plate; what its heat exchanger takes at the site's approach and flows
(rating point, ε-NTU); what its pumps move against the racks and the piping, at the design's l/min per kW.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gigasite.catalog.models import Cdu, Fluid
from gigasite.design.cooling.basics import units_needed
from gigasite.design.cooling.conditions import Conditions, Duty, UnitGroup, installed_count, tightest
from gigasite.design.cooling.exchangers import Exchanger, rated
from gigasite.design.cooling.fluids import flow_of_heat_rate_lpm, heat_rate_kw_k
from gigasite.design.cooling.pumps import flow_at_head_lpm, hydraulic_kw, pump_kw

KIND = "cdu"
PLATE, EXCHANGER, PUMPS = "name plate", "heat exchanger", "flow"

PUMP_KW_PER_HEAT_KW = 13.7 / 1350
"""Pumps of a CDU whose sheet gives no power and whose head is unknown: as the Vertiv CoolChip 1350."""
PUMP_EFFICIENCY_RATIO = 0.6
"""Wire to water, of CDU pumps of a known head whose sheet gives no power: pump 0.72, motor and drive 0.85."""


@dataclass(frozen=True, slots=True)
class CduModel:
    """A CDU with what follows from its rating point. None: its sheet does not give enough."""

    cdu: Cdu
    coolant: Fluid
    water: Fluid
    exchanger: Exchanger | None

    @property
    def water_kw_k(self) -> float | None:
        """The most heat rate of facility water that it takes."""
        return self.exchanger.cold_kw_k if self.exchanger else None

    def pump_lpm(self, head_kpa: float | None) -> float | None:
        """The most coolant that it moves against a head; its rated flow where either head is unknown."""
        rated_lpm, rated_kpa = self.cdu.tcs_flow_lpm, self.cdu.tcs_head_kpa
        if rated_lpm is None or rated_kpa is None or head_kpa is None:
            return rated_lpm
        return flow_at_head_lpm(rated_lpm, rated_kpa, head_kpa)

    def exchanger_kw(self, flow_lpm: float, approach_k: float | None, water_kw_k: float | None = None) -> float | None:
        """Heat that its exchanger takes at a coolant flow and an approach, with all the water that it takes or less."""
        if self.exchanger is None or approach_k is None:
            return None
        most = self.exchanger.cold_kw_k if water_kw_k is None else min(water_kw_k, self.exchanger.cold_kw_k)
        return self.exchanger.capacity_kw(heat_rate_kw_k(flow_lpm, self.coolant), most, approach_k)

    def limits_kw(
        self,
        flow_lpm: float,
        heat_kw: float,
        *,
        approach_k: float | None,
        head_kpa: float | None,
        water_kw_k: float | None = None,
    ) -> dict[str, float | None]:
        """Capacity of one unit by each limit while it moves `flow_lpm` for `heat_kw`."""
        pump_lpm = self.pump_lpm(head_kpa)
        by_pumps = None if pump_lpm is None else pump_lpm * heat_kw / flow_lpm if flow_lpm else math.inf
        return {
            PLATE: self.cdu.capacity_kw,
            EXCHANGER: self.exchanger_kw(min(flow_lpm, pump_lpm or flow_lpm), approach_k, water_kw_k),
            PUMPS: by_pumps,
        }

    def needed(
        self,
        heat_kw: float,
        flow_lpm: float,
        *,
        approach_k: float | None,
        head_kpa: float | None,
        water_kw_per_k_kw: float | None = None,
    ) -> int:
        """The least number of units that carry heat and flow, none spare.

        The exchangers of n units at a shared flow take more than those of n - 1 (each sees less flow), so that the
        count is found by doubling and halving. Where no number does, heat and flow alone count.
        """
        least = units_needed(heat_kw, self.cdu.capacity_kw)
        pump_lpm = self.pump_lpm(head_kpa)
        if pump_lpm is None or pump_lpm <= 0:
            pump_lpm = self.cdu.tcs_flow_lpm
        if pump_lpm:
            least = max(least, units_needed(flow_lpm, pump_lpm))
        if not least or self.exchanger is None or approach_k is None:
            return least

        def enough(count: int) -> bool:
            water = None if water_kw_per_k_kw is None else water_kw_per_k_kw * heat_kw / count
            return (self.exchanger_kw(flow_lpm / count, approach_k, water) or 0.0) * count >= heat_kw * (1 - 1e-9)

        high = least
        while not enough(high):
            high *= 2
            if high > 1024 * least:
                return least
        low = max(high // 2, least)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle + 1, high)
        return high

    def electric_kw(self, heat_kw: float, flow_lpm: float, head_kpa: float | None) -> float:
        """What its pumps draw while it moves a flow against a head: V̇·Δp/η.

        η is that of its sheet (flow, head and power), else an assumed one. Without a head, power goes with the heat:
        units that share a loop work against one head, whatever their number.
        """
        rated_lpm, rated_kpa, rated_kw = self.cdu.tcs_flow_lpm, self.cdu.tcs_head_kpa, self.cdu.pump_power_kw
        if rated_kw is not None and rated_lpm is not None and rated_kpa is not None and head_kpa is not None:
            return pump_kw(flow_lpm, head_kpa, hydraulic_kw(rated_lpm, rated_kpa) / rated_kw)
        if rated_kw is not None:
            share = flow_lpm / rated_lpm if rated_lpm else heat_kw / self.cdu.capacity_kw
            return rated_kw * share
        if head_kpa is not None:
            return pump_kw(flow_lpm, head_kpa, PUMP_EFFICIENCY_RATIO)
        return PUMP_KW_PER_HEAT_KW * heat_kw

    @property
    def electric_max_kw(self) -> float:
        """What its pumps draw at its rating point."""
        if self.cdu.pump_power_kw is not None:
            return self.cdu.pump_power_kw
        if self.cdu.tcs_flow_lpm is not None and self.cdu.tcs_head_kpa is not None:
            return pump_kw(self.cdu.tcs_flow_lpm, self.cdu.tcs_head_kpa, PUMP_EFFICIENCY_RATIO)
        return PUMP_KW_PER_HEAT_KW * self.cdu.capacity_kw


def cdu_model(cdu: Cdu, coolant: Fluid, water: Fluid, rating_fluid: Fluid | None = None) -> CduModel:
    """A CDU with its exchanger, where its sheet gives approach and flow.

    The rating point was measured with `rating_fluid`. A facility flow that the sheet leaves open is taken at equal
    heat rates on both sides.
    """
    exchanger = None
    if cdu.approach_k is not None and cdu.tcs_flow_lpm is not None:
        hot = heat_rate_kw_k(cdu.tcs_flow_lpm, rating_fluid or coolant)
        cold = heat_rate_kw_k(cdu.facility_flow_lpm, water) if cdu.facility_flow_lpm else hot
        exchanger = rated(cdu.capacity_kw, cdu.approach_k, hot, cold)
    return CduModel(cdu, coolant, water, exchanger)


def size(duty: Duty, conditions: Conditions, product: str) -> UnitGroup:
    """The CDUs of a group: as many as heat, flow, head and approach ask for, or as the site says it has."""
    cdu = conditions.catalog.cdu(product)
    rating_fluid = conditions.catalog.fluid(cdu.rating_fluid) if cdu.rating_fluid else None
    model = cdu_model(cdu, conditions.coolant, conditions.water, rating_fluid)
    heat_kw, flow_lpm, approach_k = duty.heat_kw, duty.flow_lpm, conditions.approach_k
    required = limits = None
    per_kw = conditions.facility.flow_lpm_per_kw
    water_rate = heat_rate_kw_k(per_kw, conditions.water) if per_kw else None
    if heat_kw is not None and flow_lpm is not None:
        required = model.needed(
            heat_kw, flow_lpm, approach_k=approach_k, head_kpa=duty.head_kpa, water_kw_per_k_kw=water_rate
        )
    count = installed_count(required, conditions.loop.redundancy, duty.given_count)
    running = min(required, count) if required and count else required
    capacity_kw, limited_by = cdu.capacity_kw, PLATE
    electric_kw = water_lpm = None
    if heat_kw is not None and flow_lpm is not None and running:
        limits = model.limits_kw(
            flow_lpm / running,
            heat_kw / running,
            approach_k=approach_k,
            head_kpa=duty.head_kpa,
            water_kw_k=None if water_rate is None else water_rate * heat_kw / running,
        )
        capacity_kw, limited_by = tightest(limits, PLATE)
        share = count or running
        electric_kw = model.electric_kw(heat_kw / share, flow_lpm / share, duty.head_kpa)
        water_lpm = running * facility_flow_lpm(model, heat_kw / running, flow_lpm / running, approach_k)
    elif heat_kw == 0:
        electric_kw = water_lpm = 0.0
    pumps_kw = None if electric_kw is None else electric_kw * (count or 0)
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
        electric_max_kw=model.electric_max_kw,
        on_ups=bool(conditions.loop.pumps_on_ups),
        leak_zone=duty.leak_zone,
        flow_lpm=flow_lpm,
        water="liquid",
        water_kw=None if heat_kw is None or pumps_kw is None else heat_kw + pumps_kw,
        water_flow_lpm=water_lpm,
        limits=limits,
    )


def facility_flow_lpm(model: CduModel, heat_kw: float, flow_lpm: float, approach_k: float | None) -> float:
    """Facility water that the control valve of one CDU lets through for a heat at an approach.

    Its rated flow where the approach cannot be held; as much as coolant, by heat rate, where its exchanger is unknown.
    """
    if model.exchanger is None or approach_k is None:
        return flow_of_heat_rate_lpm(heat_rate_kw_k(flow_lpm, model.coolant), model.water)
    hot, most = heat_rate_kw_k(flow_lpm, model.coolant), model.exchanger.cold_kw_k
    rate = model.exchanger.cold_rate_for(heat_kw, hot, approach_k, most) if approach_k > 0 else None
    return flow_of_heat_rate_lpm(most if rate is None else rate, model.water)
