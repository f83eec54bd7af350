"""Oversubscription: what systems can draw above what is set aside for them, and how likely that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gigasite.design.dynamics.loads import PoolLoad

MANY = 30
"""Systems from which their sum counts as normally distributed."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """An oversubscribed pool."""

    pool: str
    ratio: float
    can_draw_kw: float
    set_aside_kw: float
    safe_ratio: float | None
    """Oversubscription that the published peaks of such work allow without capping; None: nobody published any."""
    probability: float | None
    """Share of time above what is set aside, if nothing capped it; None: too few systems for the model."""

    @property
    def above_kw(self) -> float:
        return self.can_draw_kw - self.set_aside_kw


def normal_exceedance(mean_kw: float, deviation_kw: float, limit_kw: float) -> float:
    """Probability that a normally distributed draw is above a limit: erfc((limit - mean) / (σ·√2)) / 2."""
    if deviation_kw <= 0:
        return 1.0 if mean_kw > limit_kw else 0.0
    return 0.5 * math.erfc((limit_kw - mean_kw) / (deviation_kw * math.sqrt(2)))


def exceedance(
    count: int, each_kw: float, idle_ratio: float, utilisation_ratio: float, synchronous_ratio: float, limit_kw: float
) -> float:
    """Share of time in which systems draw more than a limit.

    Each is at work (`each_kw`) with probability u, or idle. The synchronous part is one system as far as chance is
    concerned; the others are independent, their sum normal: mean n·(idle + u·swing), variance n·u·(1-u)·swing².
    """
    together, alone = count * synchronous_ratio, count * (1 - synchronous_ratio)
    idle_kw, swing_kw = each_kw * idle_ratio, each_kw * (1 - idle_ratio)
    mean = count * idle_kw + alone * utilisation_ratio * swing_kw
    deviation = swing_kw * math.sqrt(alone * utilisation_ratio * (1 - utilisation_ratio))
    busy = normal_exceedance(mean + together * swing_kw, deviation, limit_kw)
    waiting = normal_exceedance(mean, deviation, limit_kw)
    return utilisation_ratio * busy + (1 - utilisation_ratio) * waiting


def exposures(pools: Sequence[PoolLoad], system_counts: dict[str, int]) -> tuple[Exposure, ...]:
    """The pools that can draw more than is set aside for them."""
    found = []
    for p in pools:
        if p.oversubscription_ratio <= 1 or p.design_kw is None or p.set_aside_kw is None:
            continue
        n = system_counts[p.pool]
        chance = None
        if n * (1 - p.synchronous_ratio) >= MANY or p.synchronous_ratio == 1:
            chance = exceedance(
                n, p.design_kw / n, p.idle_ratio, p.utilisation_ratio, p.synchronous_ratio, p.set_aside_kw
            )
        safe = None if not p.peak_ratio else 1 / p.peak_ratio
        found.append(Exposure(p.pool, p.oversubscription_ratio, p.design_kw, p.set_aside_kw, safe, chance))
    return tuple(found)


def overload_s(overload_points: Sequence[tuple[float, float]], load_ratio: float) -> float:
    """How long equipment stands an overload, from points (load, seconds): the time of the next higher load.

    Infinite up to its rating, zero beyond the last point.
    """
    if load_ratio <= 1:
        return float("inf")
    return max((seconds for load, seconds in overload_points if load >= load_ratio - 1e-9), default=0.0)
