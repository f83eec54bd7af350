"""The day on which the heat rejection takes most water: not always the hottest one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigasite.design.cooling.psychrometrics import driest_wet_bulb_c
from gigasite.design.cooling.rejection.base import Air
from gigasite.design.cooling.rejection.circuit import run
from gigasite.design.cooling.rejection.plan import RejectionPlan
from gigasite.design.cooling.water import makeup_l

_COLDEST_C = -10.0
_STEPS = 33


@dataclass(frozen=True, slots=True)
class WettestDay:
    """A day at full load in unchanging air, m³; what evaporates and what is drawn with the blowdown."""

    evaporated_m3: float
    makeup_m3: float
    dry_bulb_c: float
    wet_bulb_c: float
    heat_ratio: float
    """Part of the heat that ways which evaporate water take then."""


def wettest_day(plan: RejectionPlan) -> WettestDay:
    """The most water of any air up to the extreme bulbs.

    Towers ahead of chillers take less heat on the hottest day than on a mild one, dry coolers ahead of towers more in
    the cold: a grid of bulbs between -10 °C and the extremes is looked through, the extreme hour in it.
    """
    top_dry, top_wet = float(plan.extreme.dry_bulb_c), float(plan.extreme.wet_bulb_c)
    dry, wet = np.meshgrid(
        np.linspace(min(_COLDEST_C, top_dry), top_dry, _STEPS), np.linspace(min(_COLDEST_C, top_wet), top_wet, _STEPS)
    )
    # No air of a dry bulb has a wet bulb below that without any water in it.
    wet = np.clip(wet, driest_wet_bulb_c(dry, plan.extreme.pressure_kpa), dry)
    air = Air(dry.ravel(), wet.ravel(), plan.extreme.pressure_kpa)
    works = [run(circuit, circuit.heat_kw, air, reuse_demand_kw=0.0) for circuit in plan.circuits]
    evaporated = sum((work.evaporated_l_h for work in works), np.zeros(air.dry_bulb_c.shape))
    wet_kw = np.zeros(air.dry_bulb_c.shape)
    for circuit, work in zip(plan.circuits, works, strict=True):
        for units in circuit.units:
            if units.product.uses_water:
                wet_kw = wet_kw + work.taken_kw[units.way]
    # Of hours with equal water the hottest: the grid rises in both bulbs.
    worst = int(evaporated.size - 1 - np.argmax(np.round(evaporated[::-1], 6)))
    day_m3 = float(evaporated[worst]) * 24 / 1000
    heat_kw = sum(circuit.heat_kw for circuit in plan.circuits)
    return WettestDay(
        evaporated_m3=day_m3,
        makeup_m3=makeup_l(day_m3, plan.cycles_of_concentration),
        dry_bulb_c=float(air.dry_bulb_c[worst]),
        wet_bulb_c=float(air.wet_bulb_c[worst]),
        heat_ratio=float(wet_kw[worst]) / heat_kw if heat_kw else 0.0,
    )
