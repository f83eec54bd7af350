"""Single-phase immersion: systems stand in a dielectric fluid, which a pump drives past an exchanger to facility water.

All heat of the systems goes into the fluid. A small part leaves through walls and lid into the room; the rest, with
the pump's power, goes to the warm facility water. At fixed flows the exchanger keeps its effectiveness: the fluid
floats above the water in proportion to the heat.
"""

from __future__ import annotations

from gigasite.catalog.cooling_products import ImmersionTank

KIND = "immersion-tank"
WATER_RISE_K = 8.0
"""Of the water through a tank whose sheet does not say."""


def tank_capacity_kw(tank: ImmersionTank, water_c: float | None) -> float:
    """Heat that a tank takes on facility water of a temperature before its fluid is too warm for the systems.

    At fixed flows the fluid floats above the water in proportion to the heat: Q = Q_r · (T_max − T_water) / A_r. Never
    more than the name plate, which holds where a figure is unknown.
    """
    if tank.approach_k is None or tank.fluid_c_max is None or water_c is None:
        return tank.capacity_kw
    return tank.capacity_kw * min(max((tank.fluid_c_max - water_c) / tank.approach_k, 0.0), 1.0)


def fluid_c(tank: ImmersionTank, heat_kw: float, water_c: float) -> float | None:
    """Fluid into the systems: water + A_r · Q / Q_r; None where the sheet gives no approach."""
    return None if tank.approach_k is None else water_c + tank.approach_k * heat_kw / tank.capacity_kw
