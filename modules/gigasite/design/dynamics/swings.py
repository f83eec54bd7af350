"""Steps, ramps and swings as plain relations of kilowatts, seconds and kilowatt-hours."""

from __future__ import annotations

import math


def ramp_s(step_kw: float, ramp_kw_per_s: float) -> float:
    """Least time in which a load may change by `step_kw`: ΔP / r."""
    return step_kw / ramp_kw_per_s


def ramp_energy_kwh(step_kw: float, ramp_kw_per_s: float) -> float:
    """Energy that a store gives so that the supply rises at `ramp_kw_per_s` while the load steps: ΔP² / (2r).

    The store carries ΔP at first and nothing after ΔP / r: a triangle. The same falling edge fills it again.
    """
    return step_kw**2 / (2 * ramp_kw_per_s) / 3600


def buffer_s(storage_j: float, draw_kw: float) -> float:
    """How long a store carries a draw: E / P. 65 J for each of 72 GPUs at 140 kW are 33 ms."""
    return storage_j / (draw_kw * 1000)


def residual_swing_kw(swing_kw: float, storage_kj: float, period_s: float, duty_ratio: float) -> float:
    """What a lossless store leaves of a square wave of height `swing_kw`: A - E / (T · d · (1 - d)).

    It lowers the high part by E / (d·T) and raises the low part by E / ((1-d)·T); it is full at the end of the
    low part and empty at the end of the high one. Never below zero; no swing at all for a duty of 0 or 1.
    """
    halves = period_s * duty_ratio * (1 - duty_ratio)
    return 0.0 if halves <= 0 else max(swing_kw - storage_kj / halves, 0.0)


def flattening_kw(swing_kw: float, duty_ratio: float) -> float:
    """Power of a store that makes a square wave its mean: the farther of its two levels from it, A · max(d, 1-d)."""
    return swing_kw * max(duty_ratio, 1 - duty_ratio)


def flattening_kwh(swing_kw: float, period_s: float, duty_ratio: float) -> float:
    """Usable energy of that store: what the high part has above the mean, A · (1-d) · d · T."""
    return swing_kw * (1 - duty_ratio) * duty_ratio * period_s / 3600


def voltage_change_max_ratio(step_kw: float, voltage_kv: float, fault_level_ka: float) -> float:
    """Most that a step can move the voltage at the connection: ΔS / S_sc, with S_sc = √3 · V · I_k.

    The bound holds for a step of reactive power in an inductive grid; active power moves it less (IEC TR 61000-3-7).
    """
    return step_kw / (math.sqrt(3) * voltage_kv * fault_level_ka * 1000)


def block_load_s(load_ratio: float, step_ratio: float, ramp_ratio_per_s: float) -> float:
    """Least time in which a generator takes a load, all over its rating: a first step at once, the rest as a ramp."""
    return max(load_ratio - step_ratio, 0.0) / ramp_ratio_per_s
