"""Heat and flow: what a rack gives to liquid and air, the flow it asks for, and the plant that carries it.

Heat balance of a coolant: Q = ρ · V̇ · cp · ΔT, with Q in kW, V̇ in l/min, ρ in kg/m³, cp in kJ/(kg·K).
"""

from __future__ import annotations

import itertools
import math

from gigasite.catalog.models import Cdu, Fluid, System
from gigasite.spec.cooling import LoopSpec

LITRES_PER_MINUTE_IN_M3_PER_S = 60_000.0
M3_PER_S_IN_CFM = 0.000471947  # a cubic foot a minute


def coolant_flow_lpm(heat_kw: float, rise_k: float, fluid: Fluid) -> float:
    """Volume flow that carries `heat_kw` at a rise of `rise_k`: V̇ = Q / (ρ·cp·ΔT)."""
    return LITRES_PER_MINUTE_IN_M3_PER_S * heat_kw / (fluid.density_kg_m3 * fluid.specific_heat_kj_kgk * rise_k)


def coolant_rise_k(heat_kw: float, flow_lpm: float, fluid: Fluid) -> float:
    """Temperature rise of a flow that takes up `heat_kw`: ΔT = Q / (ρ·V̇·cp)."""
    return LITRES_PER_MINUTE_IN_M3_PER_S * heat_kw / (fluid.density_kg_m3 * fluid.specific_heat_kj_kgk * flow_lpm)


def air_rise_k(heat_kw: float, airflow_cfm: float, air_kj_m3k: float = 1.2 * 1.006) -> float:
    """Temperature rise of an airflow that takes up `heat_kw`: ΔT = Q / (ρ·cp·V̇); sea level, 20 °C by default."""
    return heat_kw / (air_kj_m3k * airflow_cfm * M3_PER_S_IN_CFM)


def air_density_ratio(altitude_m: float) -> float:
    """Density of the air at a height over that at sea level, at one temperature: the pressure ratio.

    (1 − 2.25577e-5·h)^5.25588, the International Standard Atmosphere (ISO 2533) below 11 km.
    """
    return float((1 - 2.25577e-5 * altitude_m) ** 5.25588)


def pressure_drop_kpa(flow_lpm: float, curve: tuple[float, float]) -> float:
    """Pressure that a system asks for at a flow: dp = a·q² + b·q."""
    a, b = curve
    return a * flow_lpm**2 + b * flow_lpm


def heat_split(system: System, heat_kw: float | None) -> tuple[float | None, float | None]:
    """Heat of one system into liquid and air, in the published proportion; unknown where none is published."""
    if heat_kw is None or system.liquid_kw is None or system.air_kw is None:
        return None, None
    total = system.liquid_kw + system.air_kw
    if not total:
        return 0.0, heat_kw
    return heat_kw * system.liquid_kw / total, heat_kw * system.air_kw / total


CURVE_KJ_M3K = 1015.0 * 3.87
"""ρ·cp of the coolant that published flow curves are for: PG25 at its reference point."""


def curve_flow_lpm(system: System, liquid_kw: float, supply_c: float, fluid: Fluid | None = None) -> float | None:
    """Flow that a system's published curve asks for at a supply temperature; None without a curve.

    Published points are limited by the return temperature, T_r = T_s + Q / (ρ·cp·V̇) with the curve's own coolant
    (PG25). Between and beyond them the return temperature is interpolated (it moves slowly and nearly in a line; a
    single point keeps its own), and the flow follows from the heat balance V̇ = Q / (ρ·cp·(T_r − T_s)) with the
    coolant of the loop, the curve's where none is given. At the points themselves this is the published flow; with
    less heat the flow is less in proportion. A supply at or above the return that the curve leads to cannot cool:
    the answer is infinity.
    """
    points = system.tcs_flow_curve
    if not points or not system.liquid_kw:
        return None
    scale = LITRES_PER_MINUTE_IN_M3_PER_S / CURVE_KJ_M3K
    returns = [(inlet, inlet + scale * system.liquid_kw / flow) for inlet, flow in points]
    rise = (_interpolated(returns, supply_c) if len(returns) > 1 else returns[0][1]) - supply_c
    if rise <= 0:
        return math.inf
    if fluid is not None:
        scale = LITRES_PER_MINUTE_IN_M3_PER_S / (fluid.density_kg_m3 * fluid.specific_heat_kj_kgk)
    return scale * liquid_kw / rise


def _interpolated(points: list[tuple[float, float]], x: float) -> float:
    """Piecewise linear through the points, the end segments continued."""
    ordered = sorted(points)
    for (x0, y0), (x1, y1) in itertools.pairwise(ordered):
        if x <= x1 or (x1, y1) == ordered[-1]:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    raise AssertionError("two points at least")


def rack_flow_lpm(
    system: System, liquid_kw: float | None, loop: LoopSpec, fluid: Fluid | None = None
) -> tuple[float | None, float | None]:
    """Flow of one system for piping and CDUs, and what its own curve asks for.

    The larger of the system's curve and the facility's minimum counts for the piping; a system without a
    curve is given the minimum. Where the supply is too warm to cool at all, both are unknown.
    """
    if liquid_kw is None:
        return None, None
    assert loop.supply_c is not None
    assert loop.flow_lpm_per_kw_min is not None
    minimum = liquid_kw * loop.flow_lpm_per_kw_min
    own = curve_flow_lpm(system, liquid_kw, loop.supply_c, fluid)
    if own is None:
        return minimum, None
    return (None, None) if math.isinf(own) else (max(own, minimum), own)


def cdu_usable_kw(cdu: Cdu, flow_lpm_per_kw: float) -> tuple[float, str]:
    """Heat that a CDU takes: the least of its name plate and what its flow carries at the wanted l/min per kW."""
    if cdu.tcs_flow_lpm is None:
        return cdu.capacity_kw, "name plate (its flow is unknown)"
    by_flow = cdu.tcs_flow_lpm / flow_lpm_per_kw
    if by_flow < cdu.capacity_kw:
        return by_flow, "flow"
    return cdu.capacity_kw, "name plate"


def redundant_count(needed: int, redundancy: str) -> int:
    """Units installed for `needed` ones: N, N+k or 2N."""
    if needed == 0:
        return 0
    if redundancy == "2N":
        return 2 * needed
    return needed + (int(redundancy[2:]) if redundancy.startswith("N+") else 0)


def spare_count(installed: int, redundancy: str) -> int:
    """Units of `installed` ones that are spare: none of N, k of N+k, half of 2N."""
    if redundancy == "2N":
        return installed // 2
    return min(int(redundancy[2:]), installed) if redundancy.startswith("N+") else 0


def units_needed(load_kw: float, unit_kw: float) -> int:
    """ceil(load / unit), safe against rounding of the last digit."""
    return math.ceil(load_kw / unit_kw - 1e-9)


def cdus_needed(cdu: Cdu, liquid_kw: float, flow_lpm: float) -> int:
    """CDUs that carry the heat and the flow, none of them spare."""
    by_heat = units_needed(liquid_kw, cdu.capacity_kw)
    by_flow = units_needed(flow_lpm, cdu.tcs_flow_lpm) if cdu.tcs_flow_lpm else 0
    return max(by_heat, by_flow)
