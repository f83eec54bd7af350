"""How each loop fares on the extreme day: whole, and with one unit of any way lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gigasite.design.cooling.rejection.circuit import Circuit, Units
from gigasite.design.cooling.rejection.plan import RejectionPlan

_TOLERANCE = 1e-6


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


def reaches(circuit: Circuit, plan: RejectionPlan) -> bool:
    """Whether some way gives the water that is asked for on the extreme day at its rated approach, or compresses."""
    for units in circuit.units:
        model = units.technology
        if not model.free:
            return True
        bulb_c = float(model.bulb_c(plan.extreme).max())
        if bulb_c + (units.product.approach_k or 0.0) <= circuit.supply_c + 1e-9:
            return True
    return False


def shortfalls(plan: RejectionPlan, *, after_loss: bool) -> Iterator[Shortfall]:
    """Loops that stay too warm: with all units, or with the one lost that hurts most.

    Loops whose water no way reaches, however many units there are, are left out.
    """
    for circuit in plan.circuits:
        if not reaches(circuit, plan):
            continue
        losses: list[Units | None] = [None]
        if after_loss:
            losses = [units for units in circuit.units if units.count and units.technology.on_site]
        found = [
            Shortfall(circuit, lost, float(plan.at_extreme(circuit, {lost.way: 1} if lost else None).unmet_kw.max()))
            for lost in losses
        ]
        worst = max(found, key=lambda short: short.unmet_kw, default=None)
        if worst is not None and worst.unmet_kw > _TOLERANCE * circuit.heat_kw:
            yield worst
