"""Air: how much racks and air units move, how it warms, how hot and cold mix, what fans draw."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.design.cooling.basics import M3_PER_S_IN_CFM

AIR_KJ_M3K = 1.2 * 1.006
"""ρ·cp of air at sea level and 20 °C."""


def airflow_m3_s(heat_kw: float, rise_k: float, density_ratio: float = 1.0) -> float:
    """Airflow that carries sensible heat at a rise: V̇ = Q / (ρ·cp·ΔT)."""
    return heat_kw / (AIR_KJ_M3K * density_ratio * rise_k)


def airflow_rise_k(heat_kw: float, flow_m3_s: float, density_ratio: float = 1.0) -> float:
    """Rise of an airflow: ΔT = Q / (ρ·cp·V̇)."""
    return heat_kw / (AIR_KJ_M3K * density_ratio * flow_m3_s)


def cfm(flow_m3_s: float) -> float:
    """Cubic feet a minute."""
    return flow_m3_s / M3_PER_S_IN_CFM


def m3_s(flow_cfm: float) -> float:
    """Cubic metres a second."""
    return flow_cfm * M3_PER_S_IN_CFM


@dataclass(frozen=True, slots=True)
class RoomAir:
    """The air of a room with its leaks: what units supply, how warm it comes to racks and goes back."""

    unit_flow_m3_s: float
    inlet_c: float
    exhaust_c: float
    return_c: float


def room_air(
    heat_kw: float,
    rack_flow_m3_s: float,
    supply_c: float,
    *,
    bypass_ratio: float = 0.0,
    recirculation_ratio: float = 0.0,
    density_ratio: float = 1.0,
) -> RoomAir:
    """Mixing of hot and cold air. `bypass_ratio` of the units' air goes back unused, `recirculation_ratio` of the
    racks' air is their own exhaust.

    Mass balance: units move V̇·(1 − r)/(1 − b). Heat balance: T_in = T_s + r/(1 − r)·ΔT with the racks' rise ΔT,
    T_return = T_s + ΔT·(1 − b)/(1 − r). No heat is lost: units carry what the racks give.
    """
    rise_k = airflow_rise_k(heat_kw, rack_flow_m3_s, density_ratio) if rack_flow_m3_s else 0.0
    kept, used = 1 - recirculation_ratio, 1 - bypass_ratio
    inlet_c = supply_c + recirculation_ratio / kept * rise_k
    return RoomAir(rack_flow_m3_s * kept / used, inlet_c, inlet_c + rise_k, supply_c + rise_k * used / kept)


def air_unit_kw(
    capacity_kw: float,
    *,
    rated_rise_k: float | None,
    rated_approach_k: float | None,
    rise_k: float | None,
    approach_k: float | None,
    density_ratio: float = 1.0,
) -> tuple[float, str]:
    """Heat that an air unit takes, and what binds it.

    At its rated airflow the heat is ρ·cp·V̇·ΔT, so that a smaller rise of the air carries less. The coil keeps its
    effectiveness ε = ΔT_r / (ΔT_r + A_r), so that its heat goes with (ΔT + A): return air above entering water.
    Thin air carries less in proportion to its density. Never more than the name plate at sea level. What a sheet
    leaves open does not bind.
    """
    bounds = {"name plate": 1.0}
    if rated_rise_k is not None and rise_k is not None:
        bounds["airflow"] = rise_k / rated_rise_k
        if rated_approach_k is not None and approach_k is not None:
            bounds["coil"] = max((rise_k + approach_k) / (rated_rise_k + rated_approach_k), 0.0)
            if approach_k <= 0:
                bounds["coil"] = 0.0
    binding = min(bounds, key=lambda name: bounds[name])
    ratio = bounds[binding]
    if density_ratio < 1 and binding == "name plate":
        binding = "thin air"
    return capacity_kw * density_ratio * ratio, binding
