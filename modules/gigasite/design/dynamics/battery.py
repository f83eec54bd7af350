"""What a battery at the site's distribution must give so that the grid's step and ramp limits hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigasite.design.dynamics.loads import PoolLoad, SiteLoad
from gigasite.design.dynamics.swings import flattening_kw, flattening_kwh
from gigasite.design.model import Design

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What the grid accepts at the meter. None: it sets no such limit."""

    step_kw: float | None
    """The largest change at once."""
    ramp_kw_per_min: float | None
    """The largest change within a minute."""


@dataclass(frozen=True, slots=True)
class Need:
    """A change of load that the grid does not take as it comes, and the battery that would make it fit."""

    what: str
    """`swing` of running jobs, or `job`: their start and end."""
    change_kw: float
    """At the meter."""
    limit_kw: float
    """Of a change at once, or within a minute."""
    limit: str
    """`step` or `ramp`."""
    power_kw: float
    energy_kwh: float | None
    """None: the grid names no ramp, so that nobody knows how long the battery must carry the step."""
    response_max_s: float | None
    """It must give its power within this time; None: a start can wait for it."""


def limits_of(design: Design) -> Limits:
    """The connection's limits, from the resolved site."""
    utility = design.resolved.power.utility
    return Limits(_kilo(utility.step_mw), _kilo(utility.ramp_mw_per_min))


def steepest_minute_kw(change_kw: float, ramp_s: float) -> float:
    """The most that a change of that length moves within a minute: ΔP · min(1, 60 s / t)."""
    return change_kw * min(1.0, MINUTE_S / ramp_s) if ramp_s > 0 else change_kw


def ramp_need(change_kw: float, ramp_s: float, step_kw: float, ramp_kw_per_min: float) -> tuple[float, float]:
    """Power (kW) and energy (kWh) of a battery that lets a grid follow one change: `ramps_need` of it alone.

    With no step and no ramp of the load that is P = ΔP and E = ΔP² / (2r).
    """
    return ramps_need(((change_kw, ramp_s),), step_kw, ramp_kw_per_min)


def ramps_need(moves: Sequence[tuple[float, float]], step_kw: float, ramp_kw_per_min: float) -> tuple[float, float]:
    """Power (kW) and energy (kWh) of a battery for changes (kW, seconds) that begin in the same instant.

    The load rises by L(τ) = Σ ΔP · min(1, τ/t), the grid follows as s + r·τ: power max(L - s - rτ), energy the area
    where that is above zero, nothing where the grid is as fast. L is concave, so that it is above in one stretch,
    between corners that are those of the load.
    """
    ramp_kw_per_s = ramp_kw_per_min / MINUTE_S
    whole_kw = sum(kw for kw, _ in moves)
    if whole_kw <= step_kw:
        return 0.0, 0.0
    end_s = (whole_kw - step_kw) / ramp_kw_per_s
    at_s = np.unique([0.0, end_s, *(t for _, t in moves if t < end_s)])
    load_kw = np.array([sum(kw * (1.0 if t <= 0 else min(1.0, x / t)) for kw, t in moves) for x in at_s])
    left_kw = load_kw - step_kw - ramp_kw_per_s * at_s
    low, high, wide = left_kw[:-1], left_kw[1:], np.diff(at_s)
    one, other = np.maximum(low, 0.0), np.maximum(high, 0.0)
    crossed = low * high < 0
    part = np.where(crossed, (one + other) / np.where(crossed, np.abs(high - low), 1.0), 1.0)
    return max(float(left_kw.max()), 0.0), float(((one + other) / 2 * wide * part).sum()) / 3600


def needs(load: SiteLoad, limits: Limits, meter_ratio: float) -> tuple[Need, ...] | None:
    """Where the load moves faster than the grid takes; None: a pool's draw is unknown.

    `meter_ratio`: kW at the meter for one kW at the racks. All synchronous pools move in the same instant. Jobs whose
    firmware or scheduler holds any ramp (ramp unknown) start as slowly as the grid asks.
    """
    if load.step_kw is None or load.swing_kw is None:
        return None
    found = [_swing(load, limits, meter_ratio), *_jobs(load, limits, meter_ratio)]
    return tuple(need for need in found if need is not None)


def _swing(load: SiteLoad, limits: Limits, meter_ratio: float) -> Need | None:
    """The swing against the step that the grid takes; where it names none, against what it takes within a minute."""
    change_kw = (load.swing_kw or 0.0) * meter_ratio
    limit_kw, limit = (limits.ramp_kw_per_min, "ramp") if limits.step_kw is None else (limits.step_kw, "step")
    if limit_kw is None or change_kw <= limit_kw * (1 + 1e-9):
        return None
    part = 1 - limit_kw / change_kw
    moving = [(p, (p.swing_kw or 0.0) * meter_ratio * part) for p in load.pools if p.swing_kw]
    power = sum(flattening_kw(kw, p.swing_duty_ratio) for p, kw in moving)
    energy = sum(flattening_kwh(kw, p.swing_period_s, p.swing_duty_ratio) for p, kw in moving)
    return Need("swing", change_kw, limit_kw, limit, power, energy, min(_shorter_part_s(p) for p, _ in moving))


def _jobs(load: SiteLoad, limits: Limits, meter_ratio: float) -> list[Need | None]:
    moving = [(p, (p.step_kw or 0.0) * meter_ratio, p.ramp_s) for p in load.pools if p.step_kw]
    timed = [(kw, ramp_s) for _, kw, ramp_s in moving if ramp_s is not None]
    at_once = sum(kw for kw, ramp_s in timed if ramp_s == 0)
    found: list[Need | None] = []
    ramp = limits.ramp_kw_per_min
    if limits.step_kw is not None and at_once > limits.step_kw * (1 + 1e-9):
        power = at_once - limits.step_kw
        energy = None if ramp is None else ramp_need(at_once, 0.0, limits.step_kw, ramp)[1]
        found.append(Need("job", at_once, limits.step_kw, "step", power, energy, 0.0))
    minute = sum(steepest_minute_kw(kw, ramp_s) for kw, ramp_s in timed)
    if ramp is not None and minute > ramp * (1 + 1e-9):
        power, energy = ramps_need(timed, 0.0, ramp)  # both limits hold: no step is on top of the ramp
        found.append(Need("job", sum(kw for kw, _ in timed), ramp, "ramp", power, energy, None))
    return found


def _shorter_part_s(pool: PoolLoad) -> float:
    return pool.swing_period_s * min(pool.swing_duty_ratio, 1 - pool.swing_duty_ratio)


def _kilo(mega: float | None) -> float | None:
    return None if mega is None else mega * 1000
