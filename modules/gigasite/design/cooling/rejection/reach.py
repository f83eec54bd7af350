"""How each loop fares on the extreme day: by the units of its duty, whole, and with one unit of any way lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gigasite.design.cooling.rejection.circuit import Circuit, Units
from gigasite.design.cooling.rejection.plan import RejectionPlan

_TOLERANCE = 1e-6
_WARMEST_C = 200.0
"""Water above it tells nothing: the units take next to no heat."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Heat of a loop that stays on the extreme day, kW, and the way of the unit that is lost (None: none is)."""

    circuit: Circuit
    units: Units | None
    unmet_kw: float

    @property
    def unmet_ratio(self) -> float:
        return self.unmet_kw / self.circuit.heat_kw

    @property
    def warmer_k(self) -> float:
        """How much warmer than asked water comes when nothing else changes: the heat that stays over the flow."""
        return self.unmet_kw / self.circuit.kw_per_k


def on_duty(circuit: Circuit, redundancy: str) -> Circuit:
    """The loop with the units that its duty counts on."""
    return replace(circuit, units=tuple(replace(u, count=u.duty_count(redundancy)) for u in circuit.units))


def reaches(circuit: Circuit, plan: RejectionPlan) -> bool:
    """Whether the loop gets the water that it asks for on the extreme day.

    Something compresses; or a way reaches it at its rated approach, so that units enough carry the heat; or those
    that the site counts carry it at a closer approach.
    """
    for units in circuit.units:
        model = units.technology
        if not model.free:
            return True
        bulb_c = float(model.bulb_c(plan.extreme).max())
        if bulb_c + (units.product.approach_k or 0.0) <= circuit.supply_c + 1e-9:
            return True
    return _unmet_kw(on_duty(circuit, plan.redundancy), plan) <= _TOLERANCE * circuit.heat_kw


def coldest_c(circuit: Circuit, plan: RejectionPlan) -> float | None:
    """The water that the units on duty give on the extreme day at full load, °C: at which they take all heat.

    None where there is none below 200 °C. Found by halving: warmer water gives more heat to the air.
    """
    duty = on_duty(circuit, plan.redundancy)

    def enough(supply_c: float) -> bool:
        return _unmet_kw(replace(duty, supply_c=supply_c), plan) <= _TOLERANCE * circuit.heat_kw

    low, high = circuit.supply_c, _WARMEST_C
    if enough(low):
        return low
    if not enough(high):
        return None
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def unreached(plan: RejectionPlan) -> Iterator[tuple[Circuit, float | None]]:
    """Loops that don't get the water that they ask for, and what they get."""
    for circuit in plan.circuits:
        if not reaches(circuit, plan):
            yield circuit, coldest_c(circuit, plan)


def shortfalls(plan: RejectionPlan, *, after_loss: bool) -> Iterator[Shortfall]:
    """Loops that stay too warm: with all units, or with the one lost that hurts most.

    Loops that don't reach their water are left out: see `unreached`.
    """
    for circuit in plan.circuits:
        if not reaches(circuit, plan):
            continue
        losses: list[Units | None] = [None]
        if after_loss:
            losses = [units for units in circuit.units if units.count and units.technology.on_site]
        found = [Shortfall(circuit, lost, _unmet_kw(circuit, plan, {lost.way: 1} if lost else None)) for lost in losses]
        worst = max(found, key=lambda short: short.unmet_kw, default=None)
        if worst is not None and worst.unmet_kw > _TOLERANCE * circuit.heat_kw:
            yield worst


def needed_count(circuit: Circuit, units: Units, plan: RejectionPlan) -> int:
    """Units of a way without which the loop's heat stays on the extreme day, those of the other ways on duty.

    A free way that has chillers behind it is needed as far as they don't take its heat: often by none of its units.
    """
    if not units.technology.free or all(other.technology.free for other in circuit.units):
        return units.required_count
    duty = on_duty(circuit, plan.redundancy)
    most = replace(
        duty,
        units=tuple(
            replace(other, count=units.required_count) if other.way == units.way else other for other in duty.units
        ),
    )
    if _unmet_kw(most, plan) > _TOLERANCE * circuit.heat_kw:
        return units.required_count
    low, high = 0, units.required_count
    while low < high:
        middle = (low + high) // 2
        lost = {units.way: units.required_count - middle}
        if _unmet_kw(most, plan, lost) <= _TOLERANCE * circuit.heat_kw:
            high = middle
        else:
            low = middle + 1
    return high


def _unmet_kw(circuit: Circuit, plan: RejectionPlan, lost: dict[str, int] | None = None) -> float:
    return float(plan.at_extreme(circuit, lost).unmet_kw.max())
