"""Catalog models of the load that moves: kinds of work, what shapes their draw, and what voltage they stand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Workload(Product):
    """How the draw of systems with one purpose moves. Ratios are over the design draw."""

    kind: Literal["workload"] = "workload"
    idle_ratio: Share | None = None
    """Draw of a powered system without work."""
    peak_ratio: Share | None = None
    """The most that a row of such systems was seen to draw, over what was set aside for it."""
    utilisation_ratio: Share | None = None
    """Mean share of time at work."""
    synchronous_ratio: Share | None = None
    """Part that starts and stops in the same instant."""
    swing_period_s: Positive | None = None
    """Time from one step of a job to the next."""
    swing_duty_ratio: Share | None = None
    """Part of that time at full draw."""
    shed_ratio: Share | None = None
    """Part of the draw that can be taken away at once while the work goes on, slower."""
    pausable: bool | None = None
    """Whether the work can stop for hours when it is told in time."""
    pause_notice_min: Positive | None = None
    """Warning that stopping needs: to write a checkpoint."""


class PowerControl(Product):
    """Firmware, software or storage that shapes what systems draw."""

    kind: Literal["power-control"] = "power-control"
    limits_ramps: bool | None = None
    """Whether it holds the rate at which a job's draw rises and falls."""
    floor_ratio_max: Share | None = None
    """The highest draw, over the maximum, that it keeps up while a job waits."""
    swing_ratio: Share | None = None
    """What is left of a job's swing with the highest floor, over the maximum, peaks included."""
    storage_j_per_gpu: Positive | None = None
    peak_reduction_ratio: Share | None = None
    """How much lower the peaks are that the grid sees, at best."""
    extra_gpu_ratio: Share | None = None
    """More accelerators in the same power, at best."""
    shed_ratio: Share | None = None
    """Part of the draw that was taken away on call."""
    shed_h: Positive | None = None
    """For how long."""
    response_s: Positive | None = None
    """From the call to the lower draw."""


class VoltageCurve(Product):
    """Which dips of the voltage equipment stands, or must stand: steps of (seconds, remaining voltage over nominal)."""

    kind: Literal["voltage-curve"] = "voltage-curve"
    points: tuple[tuple[float, Share], ...]
    """Until the given time, voltages at or above the ratio are ridden through; times rise."""
    steady_ratio: Share
    """Voltage that is stood for ever."""


class LoadRule(Product):
    """What a grid asks of large loads."""

    kind: Literal["load-rule"] = "load-rule"
    grids: tuple[str, ...]
    """Keys of the grids where it holds."""
    from_mw: Positive
    """Peak demand of a site from which it holds."""
    asks: str
    """In a few words."""
