"""The load in time behind a battery, against the closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.dynamics import swings
from gigasite.design.dynamics.smoothing import smoothed_load_kw, training_load_kw


def step(low: float, high: float, before_s: float, after_s: float, dt_s: float) -> np.ndarray:
    return np.concatenate([np.full(round(before_s / dt_s), low), np.full(round(after_s / dt_s), high)])


@pytest.mark.parametrize(("change", "ramp"), [(1000.0, 10.0), (64_000.0, 166.7), (500.0, 500.0)])
def test_a_step_uses_the_energy_of_the_closed_form(change: float, ramp: float) -> None:
    dt = change / ramp / 2000
    load = step(200, 200 + change, 10 * dt, 1.2 * change / ramp, dt)
    run = smoothed_load_kw(load, dt, ramp, change, 10 * swings.ramp_energy_kwh(change, ramp))
    assert run.ramp_max_kw_per_s <= ramp * (1 + 1e-6)
    assert run.energy_used_kwh == pytest.approx(swings.ramp_energy_kwh(change, ramp), rel=2e-3)
    assert run.bess_kw.max() == pytest.approx(change, rel=2e-3)
    assert run.grid_kw[-1] == pytest.approx(200 + change)


def test_a_battery_that_is_too_small_lets_the_rest_of_the_step_through() -> None:
    change, ramp, dt = 1000.0, 10.0, 0.05
    load = step(0, change, 1, 150, dt)
    needed = swings.ramp_energy_kwh(change, ramp)
    weak = smoothed_load_kw(load, dt, ramp, change * 0.6, 10 * needed)
    assert weak.step_max_kw >= change * 0.4 * (1 - 1e-9)
    empty = smoothed_load_kw(load, dt, ramp, change, needed * 0.5, charge_ratio=1.0)
    assert empty.ramp_max_kw_per_s > ramp * 10
    assert empty.energy_kwh.min() >= 0


def test_what_a_start_took_is_room_for_the_stop() -> None:
    """The store is full before the start and takes the stop with what the start took: one triangle is enough."""
    change, ramp, dt = 1000.0, 10.0, 0.02
    load = np.concatenate([step(0, change, 1, 200, dt), np.zeros(round(200 / dt))])
    size = swings.ramp_energy_kwh(change, ramp) * 1.01
    run = smoothed_load_kw(load, dt, ramp, change, size, charge_ratio=1.0)
    assert run.ramp_max_kw_per_s <= ramp * (1 + 1e-6)


@pytest.mark.parametrize("duty", [0.3, 0.5, 0.8])
def test_a_training_job_is_flattened_by_the_battery_of_the_closed_form(duty: float) -> None:
    low, high, period, dt = 200.0, 1000.0, 2.0, 0.01
    load = np.tile(
        np.concatenate([np.full(round(duty * period / dt), high), np.full(round((1 - duty) * period / dt), low)]), 40
    )
    size = 2 * swings.flattening_kwh(high - low, period, duty)
    mean = low + duty * (high - low)
    started = np.concatenate([[mean], load])
    run = smoothed_load_kw(started, dt, 1e-6, high, size * 1.01)
    assert run.amplitude_kw(period) < 1e-3
    assert run.energy_used_kwh == pytest.approx(size / 2, rel=0.02)


def test_a_job_in_time_is_idle_then_swings_then_is_idle() -> None:
    load = training_load_kw(200, 900, 1000, 2.0, 0.5, 0.1, 20)
    assert len(load) == 200
    assert set(load[:20]) == {200.0}
    assert set(load[20:-20]) == {900.0, 1000.0}
    assert set(load[-20:]) == {200.0}


LOADS = st.lists(st.floats(0, 1e5), min_size=2, max_size=60)


@settings(deadline=None)
@given(LOADS, st.floats(0.01, 10), st.floats(0.1, 1e5), st.floats(0, 1e5), st.floats(0, 1e3), st.floats(0, 1))
def test_energy_is_conserved_and_the_store_keeps_its_limits(
    loads: list[float], dt: float, ramp: float, power: float, energy: float, charge: float
) -> None:
    load = np.array(loads)
    run = smoothed_load_kw(load, dt, ramp, power, energy, charge)
    assert np.allclose(run.grid_kw + run.bess_kw, load)
    assert (np.abs(run.bess_kw) <= power * (1 + 1e-9) + 1e-6).all()
    assert (run.energy_kwh >= -1e-6).all()
    assert (run.energy_kwh <= energy + 1e-6).all()
    assert run.energy_kwh[-1] == pytest.approx(energy * charge - run.bess_kw.sum() * dt / 3600, abs=1e-4)


def test_without_a_battery_the_grid_sees_the_load() -> None:
    load = step(0, 500, 1, 1, 0.1)
    run = smoothed_load_kw(load, 0.1, 1.0, 0, 0)
    assert (run.grid_kw == load).all()
    assert run.step_max_kw == 500
