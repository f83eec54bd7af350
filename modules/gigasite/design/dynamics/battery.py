"""What a battery at the site's distribution must give so that the grid's step and ramp limits hold."""

from __future__ import annotations

from dataclasses import dataclass

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
    """Power (kW) and energy (kWh) of a battery that lets a grid follow a change.

    The load changes by ΔP within t; the grid takes s at once and then r: power ΔP - s - r·t, energy
    (ΔP - s) · ((ΔP - s) / r - t) / 2, the area between the two; nothing where the grid is as fast.
    """
    ramp_kw_per_s = ramp_kw_per_min / MINUTE_S
    left_kw = max(change_kw - step_kw, 0.0)
    behind_s = max(left_kw / ramp_kw_per_s - ramp_s, 0.0)
    return max(left_kw - ramp_kw_per_s * ramp_s, 0.0), left_kw * behind_s / 2 / 3600


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
    change_kw = (load.swing_kw or 0.0) * meter_ratio
    if limits.step_kw is None or change_kw <= limits.step_kw * (1 + 1e-9):
        return None
    part = 1 - limits.step_kw / change_kw
    moving = [(p, (p.swing_kw or 0.0) * meter_ratio * part) for p in load.pools if p.swing_kw]
    power = sum(flattening_kw(kw, p.swing_duty_ratio) for p, kw in moving)
    energy = sum(flattening_kwh(kw, p.swing_period_s, p.swing_duty_ratio) for p, kw in moving)
    return Need("swing", change_kw, limits.step_kw, "step", power, energy, min(_shorter_part_s(p) for p, _ in moving))


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
        change = sum(kw for kw, _ in timed)
        longest = max(ramp_s for _, ramp_s in timed)
        power, energy = ramp_need(change, longest if at_once == 0 else 0.0, limits.step_kw or 0.0, ramp)
        found.append(Need("job", change, ramp, "ramp", power, energy, None))
    return found


def _shorter_part_s(pool: PoolLoad) -> float:
    return pool.swing_period_s * min(pool.swing_duty_ratio, 1 - pool.swing_duty_ratio)


def _kilo(mega: float | None) -> float | None:
    return None if mega is None else mega * 1000
