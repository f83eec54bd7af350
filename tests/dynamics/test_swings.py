"""Steps, ramps and swings as plain relations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog.workload_products import PowerControl
from gigasite.design.dynamics import swings
from gigasite.design.dynamics.battery import ramp_need, ramps_need, steepest_minute_kw

from .sites import catalog, entries

KW = st.floats(1, 1e6)
DUTY = st.floats(0.05, 0.95)


def test_65_joules_a_gpu_smooth_milliseconds_not_steps_of_seconds() -> None:
    """con-65j-smoothing: 65 J for each of 72 GPUs at 140 kW is about 33 ms."""
    assert "33 ms" in entries()["con-65j-smoothing"]["note"]
    storage = catalog().of(PowerControl, "rack-energy-storage")
    assert storage.storage_j_per_gpu is not None
    joules = storage.storage_j_per_gpu * 72
    assert swings.buffer_s(joules, 140) == pytest.approx(0.0334, abs=1e-4)
    assert swings.residual_swing_kw(140 * 0.8, joules / 1000, 2.0, 0.5) > 0.9 * 140 * 0.8 - 10
    assert swings.residual_swing_kw(140 * 0.8, joules / 1000, 0.1, 0.5) == 0


def test_the_storage_of_a_gb300_rack_is_as_published() -> None:
    expected = entries()["pow-gb300-smoothing"]["expected"]
    storage = catalog().of(PowerControl, "rack-energy-storage")
    assert storage.storage_j_per_gpu == expected["energy_storage_j_per_gpu"]
    assert storage.peak_reduction_ratio == expected["peak_grid_demand_reduction_pct_up_to"] / 100
    assert "rack-energy-storage" in catalog().system(entries()["pow-gb300-smoothing"]["given"]["system"]).power_controls


@pytest.mark.parametrize(
    ("step_mw", "mw_per_min", "minutes", "kwh"), [(60, 10, 6, 3000), (10, 10, 1, 83.333), (1, 60, 1 / 60, 0.13889)]
)
def test_a_ramp_takes_its_time_and_its_triangle_of_energy(
    step_mw: float, mw_per_min: float, minutes: float, kwh: float
) -> None:
    ramp = mw_per_min * 1000 / 60
    assert swings.ramp_s(step_mw * 1000, ramp) == pytest.approx(minutes * 60)
    assert swings.ramp_energy_kwh(step_mw * 1000, ramp) == pytest.approx(kwh, rel=1e-4)


@given(KW, st.floats(1, 1e6))
def test_a_step_without_ramp_or_allowance_needs_the_whole_triangle(step_kw: float, ramp_per_min: float) -> None:
    power, energy = ramp_need(step_kw, 0.0, 0.0, ramp_per_min)
    assert power == pytest.approx(step_kw)
    assert energy == pytest.approx(swings.ramp_energy_kwh(step_kw, ramp_per_min / 60))


@given(KW, st.floats(0, 1e4), st.floats(0, 1e6), st.floats(1, 1e6))
def test_slower_jobs_and_kinder_grids_never_need_more_battery(
    step_kw: float, ramp_s: float, allowed_kw: float, ramp: float
) -> None:
    power, energy = ramp_need(step_kw, ramp_s, allowed_kw, ramp)
    for other in (
        ramp_need(step_kw, ramp_s * 2 + 1, allowed_kw, ramp),
        ramp_need(step_kw, ramp_s, allowed_kw * 2 + 1, ramp),
        ramp_need(step_kw, ramp_s, allowed_kw, ramp * 2),
    ):
        assert other[0] <= power * (1 + 1e-9)
        assert other[1] <= energy * (1 + 1e-9)
    assert power >= 0
    assert energy >= 0


@given(
    st.lists(st.tuples(st.floats(1, 500), st.sampled_from([0.0, 7.0, 60.0, 900.0, 3600.0])), min_size=1, max_size=3),
    st.floats(0, 300),
    st.floats(5, 2000),
)
def test_several_changes_need_what_their_sum_in_time_needs(
    moves: list[tuple[float, float]], step_kw: float, ramp_kw_per_min: float
) -> None:
    power, energy = ramps_need(moves, step_kw, ramp_kw_per_min)
    end_s = max(sum(kw for kw, _ in moves) - step_kw, 0.0) / ramp_kw_per_min * 60
    t = np.linspace(0, end_s, 20_001)
    load = sum(kw * (np.minimum(t / ramp, 1) if ramp else np.ones_like(t)) for kw, ramp in moves)
    left = np.maximum(load - step_kw - ramp_kw_per_min / 60 * t, 0.0)
    assert power == pytest.approx(float(left.max()), rel=1e-2, abs=0.5)
    assert energy * 3600 == pytest.approx(float(np.trapezoid(left, t)), rel=1e-2, abs=0.5 * max(end_s, 1) / 1000 + 0.5)


@given(KW, st.floats(0, 1e5))
def test_no_minute_moves_more_than_the_change_itself(change_kw: float, ramp_s: float) -> None:
    minute = steepest_minute_kw(change_kw, ramp_s)
    assert minute <= change_kw
    assert minute == pytest.approx(change_kw * 60 / ramp_s) if ramp_s > 60 else minute == change_kw


@given(KW, st.floats(0.1, 60), DUTY)
def test_flattening_takes_what_lies_above_the_mean(swing_kw: float, period_s: float, duty: float) -> None:
    above_kw = swing_kw * (1 - duty)
    assert swings.flattening_kwh(swing_kw, period_s, duty) == pytest.approx(above_kw * duty * period_s / 3600)
    assert swings.flattening_kw(swing_kw, duty) == pytest.approx(max(above_kw, swing_kw * duty))
    store_kj = swings.flattening_kwh(swing_kw, period_s, duty) * 3600
    assert swings.residual_swing_kw(swing_kw, store_kj, period_s, duty) == pytest.approx(0, abs=swing_kw * 1e-9)


def test_a_step_moves_the_voltage_by_no_more_than_its_share_of_the_fault_level() -> None:
    """100 MW at 138 kV and 20 kA: S_sc is 4,780 MVA, so at most 2.1 %."""
    assert swings.voltage_change_max_ratio(100_000, 138, 20) == pytest.approx(0.0209, abs=1e-4)
    assert swings.voltage_change_max_ratio(1000, 10, 10 / math.sqrt(3)) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("load", "step", "ramp", "seconds"), [(0.4, 0.5, 0.1, 0), (1, 0.5, 0.1, 5), (0.9, 0.2, 0.02, 35)]
)
def test_generators_take_a_first_step_and_then_a_ramp(load: float, step: float, ramp: float, seconds: float) -> None:
    assert swings.block_load_s(load, step, ramp) == pytest.approx(seconds)
