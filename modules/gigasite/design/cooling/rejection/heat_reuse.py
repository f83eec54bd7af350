"""Heat reuse: heat of the return water for somebody else, through an exchanger or lifted by a heat pump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gigasite.design.cooling.rejection.base import Floats
from gigasite.spec.outside import HeatReuseSpec

KELVIN = 273.15


@dataclass(frozen=True, slots=True)
class Reuse:
    """Heat that is handed over, what of it the site's water gives, and the heat pump's electricity; kW."""

    delivered_kw: Floats
    from_water_kw: Floats
    electric_kw: Floats


def heat_pump_cop(source_c: ArrayLike, supply_c: float, carnot_ratio: float) -> Floats:
    """COP of heating = η·T_h/(T_h − T_c); infinite where the source is warm enough by itself."""
    source = np.asarray(source_c, np.float64)
    lift_k = supply_c - source
    with np.errstate(divide="ignore"):
        return np.where(lift_k > 0, np.maximum(carnot_ratio * (supply_c + KELVIN) / np.abs(lift_k), 1.0), np.inf)


def reused(spec: HeatReuseSpec, heat_kw: Floats, hot_c: Floats, demand_kw: ArrayLike) -> Reuse:
    """What a taker gets of water that arrives at `hot_c` with `heat_kw` to give.

    An exchanger hands over nothing where the return less its approach is below what the taker asks for. A heat pump
    delivers D for D·(1 − 1/COP) of the water's heat and D/COP of electricity.
    """
    source_c = hot_c - (spec.approach_k or 0.0)
    asked_kw = np.minimum(np.broadcast_to(np.asarray(demand_kw, np.float64), heat_kw.shape), spec.heat_kw)
    if spec.way == "exchanger":
        taken = np.where(source_c >= spec.supply_c - 1e-9, np.minimum(asked_kw, heat_kw), 0.0)
        return Reuse(taken, taken, np.zeros_like(taken))
    cop = heat_pump_cop(source_c, spec.supply_c, spec.carnot_ratio or 0.5)
    from_water_ratio = 1 - 1 / cop
    most_kw = np.divide(heat_kw, from_water_ratio, out=np.zeros_like(heat_kw), where=from_water_ratio > 0)
    delivered = np.where(heat_kw > 0, np.minimum(asked_kw, most_kw), 0.0)
    return Reuse(delivered, delivered * from_water_ratio, delivered / cop)
