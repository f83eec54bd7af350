"""How the load moves: what of the pools runs together, how fast it swings, what may be curtailed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gigasite.spec.base import Model
from gigasite.units import Minutes, PositiveRatio, Ratio


class LoadSpec(Model):
    """The site's load as it moves in time."""

    diversity_ratio: PositiveRatio | None = None
    """The most that all pools draw together, over the sum of what each can draw."""
    flexible_ratio: Ratio | None = None
    """Part of the IT load that may be curtailed when the grid asks."""
    flexible_notice_min: Minutes | None = None
    """Warning that curtailing needs."""
    ride_through_s: Annotated[float, Field(ge=0, le=600)] | None = None
    """How long the IT load stays up through a dip of the grid's voltage; from UPS where absent."""


class PoolLoadSpec(Model):
    """How the load of a pool moves."""

    profile: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] | None = None
    """A power profile of the system's sheet, e.g. `max-q`; an enforced cap."""
    utilisation_ratio: Ratio | None = None
    """Mean share of time that its accelerators work."""
    idle_ratio: Ratio | None = None
    """Draw of a powered system without work, over its design draw."""
    synchronous_ratio: Ratio | None = None
    """Part of the pool that starts and stops work in the same instant (one job of synchronous training)."""
    swing_period_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    """Time from one step of a training job's load to the next."""
    swing_duty_ratio: Ratio | None = None
    """Part of that time at full draw."""
    power_floor_ratio: Ratio | None = None
    """Draw that firmware or filler work keeps up while a job waits, over the design draw."""
    ramp_min: Minutes | None = None
    """Time that starting and stopping jobs are made to take, from idle to design draw; 0: nothing slows them."""
    oversubscription_ratio: Annotated[float, Field(ge=1, le=3)] | None = None
    """What the pool's systems can draw together over the power that is set aside for them."""
