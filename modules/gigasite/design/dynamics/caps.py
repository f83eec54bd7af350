"""What one system may draw: its maximum, or less where the site enforces a cap or a power profile."""

from __future__ import annotations

from gigasite.catalog.models import System
from gigasite.spec.pools import PoolSpec


def enforced_cap_kw(pool: PoolSpec, system: System) -> float | None:
    """The lower of the pool's `power_cap_kw` and its power profile; None where it has neither.

    A profile that the system's sheet does not give caps nothing (the loader refuses its name).
    """
    profile = system.power_profiles_kw.get(pool.load.profile or "")
    caps = [cap for cap in (pool.power_cap_kw, profile) if cap is not None]
    return min(caps, default=None)


def draw_kw(pool: PoolSpec, system: System) -> float | None:
    """The most that one system draws: its maximum, or the enforced cap where that is lower; None: unknown."""
    known = [kw for kw in (system.max_kw, enforced_cap_kw(pool, system)) if kw is not None]
    return min(known, default=None)


def set_aside_kw(pool: PoolSpec, system: System) -> float | None:
    """What power and cooling are designed for, a system: its draw over the pool's oversubscription; None: unknown."""
    kw = draw_kw(pool, system)
    return None if kw is None else kw / (pool.load.oversubscription_ratio or 1.0)
