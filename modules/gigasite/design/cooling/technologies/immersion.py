"""Single-phase immersion: systems stand in a dielectric fluid, which a pump drives past an exchanger to facility water.

All heat of the systems goes into the fluid. A small part leaves through walls and lid into the room; the rest, with
the pump's power, goes to the warm facility water. At fixed flows the exchanger keeps its effectiveness, so that the
heat goes with the fluid's return above the water: Q = Q_r · A / A_r for one approach of the fluid's supply.
"""

from __future__ import annotations

from gigasite.catalog.cooling_products import ImmersionTank

KIND = "immersion-tank"
WATER_RISE_K = 8.0
"""Of the water through a tank whose sheet does not say."""


def tank_capacity_kw(tank: ImmersionTank, approach_k: float | None) -> float:
    """Heat that a tank takes while its fluid enters the systems `approach_k` above the facility water.

    At fixed flows T_supply − T_water is in proportion to the heat. Never more than the name plate, which holds where
    either approach is unknown.
    """
    if tank.approach_k is None or approach_k is None:
        return tank.capacity_kw
    return tank.capacity_kw * min(max(approach_k / tank.approach_k, 0.0), 1.0)
