"""What circuits and machines may carry: currents, continuous load, derating, voltage drop, fault level.

Rules that are law somewhere stand with their paragraph; the 80 % rule of the NEC is for overcurrent devices, not
for IEC devices, transformers, busbars or UPS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SQRT3: Final = math.sqrt(3.0)
# IEC 60909-0, table 1: voltage factor for the largest fault current, 400 V with +10 % and above 1 kV; the ANSI
# calculations (IEEE C37.010, IEEE 551) take the rated voltage.
VOLTAGE_FACTOR_IEC: Final = 1.1
CONTINUOUS_RATIO_NEC: Final = 0.8  # NEC 210.20(A), 215.3: breaker at least 125 % of the continuous load

# NEC 240.6(A), standard ratings of overcurrent devices; IEC 60059 (R10 and usual breaker frames).
NEC_AMPERES: Final = (
    *(15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100, 110, 125, 150, 175, 200, 225, 250, 300, 350, 400, 450),
    *(500, 600, 700, 800, 1000, 1200, 1600, 2000, 2500, 3000, 4000, 5000, 6000),
)
IEC_AMPERES: Final = (
    *(6, 10, 16, 20, 25, 32, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600),
    *(2000, 2500, 3200, 4000, 5000, 6300),
)
# IEEE C57.12.00 and IEC 60076-1 (R10 series), preferred ratings of three-phase transformers.
NEC_KVA: Final = (
    *(45, 75, 112.5, 150, 225, 300, 500, 750, 1000, 1500, 2000, 2500, 3000, 3750, 5000, 7500, 10_000, 12_000, 15_000),
    *(20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 80_000, 100_000, 120_000, 160_000, 200_000, 250_000, 300_000),
)
IEC_KVA: Final = (
    *(50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000),
    *(6300, 8000, 10_000, 12_500, 16_000, 20_000, 25_000, 31_500, 40_000, 50_000, 63_000, 80_000, 100_000, 125_000),
    *(160_000, 200_000, 250_000, 315_000),
)
# Standby ratings in which makers list generator sets.
GENERATOR_KW: Final = (
    *(50, 100, 150, 200, 250, 300, 400, 500, 600, 750, 800, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000),
    *(3250, 3500, 4000),
)


def apparent_kva(voltage_v: float, current_a: float, *, phases: int = 3) -> float:
    """S = √3·V·I of three phases (V line to line), V·I of one phase (V across the load). kVA."""
    return (SQRT3 if phases == 3 else 1.0) * voltage_v * current_a / 1000


def current_a(power_kw: float, voltage_v: float, *, phases: int = 3, power_factor: float = 1.0) -> float:
    """I = P / (√3·V·cosφ) of three phases, P / (V·cosφ) of one, P / V of DC (phases=1, power factor 1). Amperes."""
    return power_kw * 1000 / ((SQRT3 if phases == 3 else 1.0) * voltage_v * power_factor)


def line_to_neutral_v(line_voltage_v: float) -> float:
    """Voltage from a line to neutral: V / √3 (415 V: 240 V; 208 V: 120 V; 480 V: 277 V)."""
    return line_voltage_v / SQRT3


def busbar_current_a(rack_kw: float, bus_v: float) -> float:
    """Current on a rack's DC busbar: I = P / U (120 kW at 48 V: 2,500 A; at 800 V: 150 A)."""
    return current_a(rack_kw, bus_v, phases=1)


def continuous_ratio(electrical: str, *, hundred_percent_rated: bool = False, is_breaker: bool = True) -> float:
    """Share of a rating that a load of three hours and more may use.

    NEC: 80 % of an overcurrent device, all of one that is listed for 100 %. IEC: all (IEC 60364-4-43: the load is
    at most the device's rated current, and that at most what the conductor carries). Transformers, generators and
    UPS carry their rating under either.
    """
    return CONTINUOUS_RATIO_NEC if electrical == "nec" and is_breaker and not hundred_percent_rated else 1.0


def breaker_needed_a(load_a: float, electrical: str, *, hundred_percent_rated: bool = False) -> float:
    """The smallest rating that may carry a continuous current: 125 % of it under the NEC, all of it under IEC."""
    return load_a / continuous_ratio(electrical, hundred_percent_rated=hundred_percent_rated)


def circuit_kw(
    voltage_v: float, breaker_a: float, *, phases: int = 3, derate_ratio: float = 1.0, power_factor: float = 1.0
) -> float:
    """Power of a circuit: √3·V·I·derate·cosφ (three-phase, V line to line), or V·I·derate·cosφ."""
    return apparent_kva(voltage_v, breaker_a, phases=phases) * derate_ratio * power_factor


def next_standard(value: float, sizes: Sequence[float]) -> float:
    """The smallest size that is not below `value`; beyond the largest, the next multiple of it."""
    for size in sizes:
        if size >= value * (1 - 1e-9):
            return float(size)
    return sizes[-1] * math.ceil(value / sizes[-1] - 1e-9)


def standard_amperes(electrical: str) -> tuple[float, ...]:
    """Ratings of overcurrent devices where that code holds."""
    return NEC_AMPERES if electrical == "nec" else IEC_AMPERES


def standard_kva(electrical: str) -> tuple[float, ...]:
    """Ratings of three-phase transformers where that code holds."""
    return NEC_KVA if electrical == "nec" else IEC_KVA


def curve_at(points: Sequence[tuple[float, float]], x: float) -> float:
    """A published curve at `x`: linear between its points, level beyond them. 1.0 where there are none."""
    if not points:
        return 1.0
    return float(np.interp(x, [p[0] for p in points], [p[1] for p in points]))


def transformer_derate_ratio(
    altitude_m: float,
    ambient_c: float,
    *,
    from_m: float | None = 1000.0,
    per_100m: float | None = 0.004,
    ambient_c_max: float | None = 40.0,
    per_k: float | None = 0.015,
) -> float:
    """Share of a transformer's rating that thin or hot air leaves it (IEEE C57.91, IEC 60076-2). 0..1."""
    height = max(altitude_m - from_m, 0.0) / 100 * per_100m if from_m is not None and per_100m else 0.0
    heat = max(ambient_c - ambient_c_max, 0.0) * per_k if ambient_c_max is not None and per_k else 0.0
    return max((1 - height) * (1 - heat), 0.0)


def machine_derate_ratio(
    altitude_m: float,
    ambient_c: float,
    altitude_points: Sequence[tuple[float, float]],
    temperature_points: Sequence[tuple[float, float]],
) -> float:
    """Share of an engine's or turbine's rating that altitude and heat leave it (ISO 3046-1, ISO 3977-2). 0..1."""
    return curve_at(altitude_points, altitude_m) * curve_at(temperature_points, ambient_c)


def voltage_drop_v(
    current: float, length_m: float, r_milliohm_m: float, x_milliohm_m: float = 0.0, *, power_factor: float = 1.0
) -> float:
    """ΔU = √3·I·L·(R·cosφ + X·sinφ) of a balanced three-phase run, line to line (IEC 60364-5-52, annex G). Volts."""
    sine = math.sqrt(max(1 - power_factor**2, 0.0))
    return SQRT3 * current * length_m * (r_milliohm_m * power_factor + x_milliohm_m * sine) / 1000


def single_phase_drop_v(
    current: float, length_m: float, r_milliohm_m: float, x_milliohm_m: float = 0.0, *, power_factor: float = 1.0
) -> float:
    """ΔU = 2·I·L·(R·cosφ + X·sinφ) of a single-phase run, there and back. Volts."""
    return voltage_drop_v(current, length_m, r_milliohm_m, x_milliohm_m, power_factor=power_factor) * 2 / SQRT3


def transformer_fault_ka(
    rated_kva: float,
    voltage_v: float,
    impedance_ratio: float,
    *,
    source_mva: float | None = None,
    voltage_factor: float = 1.0,
) -> float:
    """Three-phase fault current at a transformer's secondary: Ik = c·S / (√3·U·uk). kA.

    With the fault level of what feeds it (`source_mva` at its primary, c included) the two impedances stand in series:
    1 / Sk = 1 / Sk_source + uk / (c·S_t). None: an infinite source, which errs on the safe side.
    """
    through_mva = voltage_factor * rated_kva / 1000 / impedance_ratio
    total = through_mva if source_mva is None else 1 / (1 / through_mva + 1 / source_mva)
    return fault_ka(total, voltage_v)


def machine_fault_mva(rated_kva: float, subtransient_reactance_ratio: float, *, voltage_factor: float = 1.0) -> float:
    """Fault level that a machine adds to its bus in the first cycles: Sk = c·S / x″d. MVA."""
    return voltage_factor * rated_kva / 1000 / subtransient_reactance_ratio


def voltage_factor(electrical: str) -> float:
    """c of IEC 60909-0 for the largest fault current where IEC holds, else 1."""
    return VOLTAGE_FACTOR_IEC if electrical == "iec" else 1.0


def fault_mva(current_ka: float, voltage_kv: float) -> float:
    """Fault level in MVA of a fault current: Sk = √3·U·Ik."""
    return SQRT3 * voltage_kv * current_ka


def fault_ka(level_mva: float, voltage_v: float) -> float:
    """Fault current in kA of a fault level in MVA: Ik = Sk / (√3·U)."""
    return level_mva * 1000 / (SQRT3 * voltage_v)


def deal_over_phases(loads_kw: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Load of each of three phases when single-phase loads are dealt over them in turn. kW, three figures."""
    loads = np.asarray(loads_kw, dtype=np.float64)
    return np.array([loads[phase::3].sum() for phase in range(3)])


def phase_unbalance_ratio(phases_kw: Sequence[float] | NDArray[np.float64]) -> float:
    """How far the fullest phase lies above the mean of the three (NEMA MG 1: greatest deviation over mean)."""
    phases = np.asarray(phases_kw, dtype=np.float64)
    mean = float(phases.mean())
    return float(phases.max()) / mean - 1 if mean else 0.0
