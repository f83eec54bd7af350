"""A load in time behind a battery: what the grid sees of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigasite.design.dynamics.loads import SiteLoad

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Time series of one run, in steps of `dt_s`: `grid_kw + bess_kw = load_kw`."""

    dt_s: float
    load_kw: Series
    grid_kw: Series
    bess_kw: Series
    """Given by the store; negative: taken."""
    energy_kwh: Series
    """In the store at the end of each step."""

    @property
    def ramp_max_kw_per_s(self) -> float:
        """Steepest change that the grid sees, from one step of time to the next."""
        return _steepest_kw(self.grid_kw) / self.dt_s

    @property
    def step_max_kw(self) -> float:
        """Largest change that the grid sees from one step of time to the next."""
        return _steepest_kw(self.grid_kw)

    def amplitude_kw(self, window_s: float) -> float:
        """Largest difference between the highest and the lowest draw within any window of that length."""
        size = min(max(round(window_s / self.dt_s), 1) + 1, len(self.grid_kw))
        windows = np.lib.stride_tricks.sliding_window_view(self.grid_kw, size)
        return float((windows.max(axis=1) - windows.min(axis=1)).max())

    @property
    def energy_used_kwh(self) -> float:
        """Between the fullest and the emptiest state of the store."""
        return float(self.energy_kwh.max() - self.energy_kwh.min()) if len(self.energy_kwh) else 0.0


def training_load_kw(
    idle_kw: float, low_kw: float, high_kw: float, period_s: float, duty_ratio: float, dt_s: float, times_s: float
) -> Series:
    """A training job in time: one period idle, then periods of `duty_ratio` high and the rest low, one period idle."""
    t = (np.arange(round(times_s / dt_s)) + 0.5) * dt_s
    phase = np.mod(t, period_s) / period_s
    busy = np.where(phase < duty_ratio, high_kw, low_kw)
    outside = (t < period_s) | (t >= times_s - period_s)
    return np.where(outside, idle_kw, busy).astype(np.float64)


def site_load_kw(load: SiteLoad, dt_s: float, times_s: float) -> Series | None:
    """IT load of the site in time: all synchronous jobs run together, the rest draws its mean; None: unknown.

    The jobs' swing is that left by floors and storage in the racks. Jobs start and end at once.
    """
    series = np.zeros(round(times_s / dt_s))
    for pool in load.pools:
        if pool.design_kw is None or pool.swing_kw is None or pool.mean_kw is None:
            return None
        together = pool.design_kw * pool.synchronous_ratio
        series += pool.mean_kw * (1 - pool.synchronous_ratio)
        idle, low = together * pool.idle_ratio, together - pool.swing_kw
        series += training_load_kw(idle, low, together, pool.swing_period_s, pool.swing_duty_ratio, dt_s, times_s)
    return series


def smoothed_load_kw(
    load_kw: Series,
    dt_s: float,
    ramp_kw_per_s: float,
    bess_kw: float,
    bess_kwh: float,
    charge_ratio: float = 0.5,
) -> Smoothed:
    """The grid's draw when a store keeps it from changing faster than `ramp_kw_per_s`.

    The grid follows the load as fast as it may, the store gives the difference, up to its power and as long as it is
    neither empty nor full; what it can't give, the grid sees at once. Lossless; `charge_ratio` is its state at
    the start. Each step depends on the one before, hence the loop: 10,000 steps take some 10 ms.
    """
    step_kw, hours = ramp_kw_per_s * dt_s, dt_s / 3600
    stored = bess_kwh * charge_ratio
    grid, energy = [], []
    seen = float(load_kw[0]) if len(load_kw) else 0.0
    for load in load_kw.tolist():
        wanted = min(max(load, seen - step_kw), seen + step_kw)
        most = min(bess_kw, stored / hours)
        least = -min(bess_kw, (bess_kwh - stored) / hours)
        given = min(max(load - wanted, least), most)
        stored -= given * hours
        seen = load - given
        grid.append(seen)
        energy.append(stored)
    drawn = np.array(grid, np.float64)
    return Smoothed(dt_s, load_kw, drawn, load_kw - drawn, np.array(energy, np.float64))


def _steepest_kw(series: Series) -> float:
    return float(np.abs(np.diff(series)).max()) if len(series) > 1 else 0.0
