"""Compressors: the part of the ideal machine that a rating point reaches, and the COP that follows elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigasite.catalog.models import AirUnit

Floats = NDArray[np.float64]

KELVIN = 273.15


def carnot_ratio(cop: float, leaving_c: float, entering_c: float, evaporator_k: float, condenser_k: float) -> float:
    """Part of the ideal coefficient of performance, T_e/(T_c − T_e), that a rating point reaches."""
    evaporating_k = leaving_c - evaporator_k + KELVIN
    lift_k = entering_c + condenser_k + KELVIN - evaporating_k
    return cop * lift_k / evaporating_k


def conditioner_cop(
    unit: AirUnit, load_ratio: ArrayLike, supply_c: float, outside_c: ArrayLike, density_ratio: float = 1.0
) -> Floats | None:
    """COP of an air conditioner with its own condenser: η·T_e/(T_c − T_e), η of its rating point.

    T_e = supply air − evaporator approach · load; T_c = outside air + condenser approach · load over the density ratio
    of the air outside; T_c − T_e at least `lift_min_k`. The COP of the sheet in all air where it gives no rating point;
    None where it gives no COP.
    """
    load, outside = np.broadcast_arrays(np.asarray(load_ratio, np.float64), np.asarray(outside_c, np.float64))
    rated_c, entering_c = unit.cop_supply_c, unit.cop_entering_c
    evaporator_k, condenser_k = unit.evaporator_approach_k, unit.condenser_approach_k
    if unit.cop is None:
        return None
    if rated_c is None or entering_c is None or evaporator_k is None or condenser_k is None:
        return np.full(load.shape, unit.cop)
    eta = carnot_ratio(unit.cop, rated_c, entering_c, evaporator_k, condenser_k)
    evaporating_c = supply_c - evaporator_k * load
    lift_k = np.maximum(outside + condenser_k / density_ratio * load - evaporating_c, unit.lift_min_k or 1.0)
    return np.asarray(eta * (evaporating_c + KELVIN) / lift_k)
