"""Rear doors: a coil behind each rack takes heat out of its exhaust air; what it leaves goes on into the room.

The coil keeps its effectiveness: Q = ρ·cp·V̇·ε·(T_exhaust − T_water), ε = ΔT_r / (ΔT_r + A_r). A passive door is
moved by the fans of the systems; an active one by its own, of which each draws by the cube of its airflow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gigasite.catalog.cooling_products import RearDoor
from gigasite.design.cooling.airflow import AIR_KJ_M3K

KIND = "rear-door"
Floats = NDArray[np.float64]


def door_heat_kw(
    door: RearDoor,
    air_kw: Floats,
    rise_k: Floats,
    *,
    inlet_c: float,
    water_c: float | None,
    density_ratio: float = 1.0,
) -> Floats:
    """Heat that the doors take out of exhaust air at `inlet_c + rise_k`, at most the racks' own and the name plate.

    A door whose sheet gives no rise or approach, or whose water is unknown, takes its name plate. A colder exhaust
    than its water gives nothing.
    """
    most: Floats = np.minimum(air_kw, door.capacity_kw * density_ratio)
    if door.air_rise_k is None or door.approach_k is None or water_c is None:
        return most
    effect = door.air_rise_k / (door.air_rise_k + door.approach_k)
    rate_kw_k = np.divide(air_kw, rise_k, out=np.zeros_like(air_kw), where=rise_k > 0)
    taken = rate_kw_k * effect * np.maximum(inlet_c + rise_k - water_c, 0.0)
    return np.clip(taken, 0.0, most)


def door_fan_kw(door: RearDoor, air_kw: Floats, rise_k: Floats, density_ratio: float = 1.0) -> Floats:
    """Fans of the doors: P_r·ρ/ρ₀·(V̇/V̇_r)³; 0 of passive doors, their rated power where no airflow is known."""
    if not door.fan_kw:
        return np.zeros_like(air_kw)
    if door.air_rise_k is None:
        return np.full_like(air_kw, door.fan_kw)
    rated = door.capacity_kw / door.air_rise_k / AIR_KJ_M3K
    flow = np.divide(air_kw, rise_k * AIR_KJ_M3K * density_ratio, out=np.zeros_like(air_kw), where=rise_k > 0)
    return door.fan_kw * density_ratio * np.minimum(flow / rated, 1.0) ** 3
