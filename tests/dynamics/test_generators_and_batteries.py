"""Steps on generators, and batteries for the limits of the grid."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.dynamics.battery import Limits, needs
from gigasite.design.dynamics.generators import cold_start, full_load_s, generator_steps
from gigasite.design.dynamics.loads import SiteLoad, site_load
from gigasite.design.dynamics.meter import meter_ratio
from gigasite.design.dynamics.smoothing import site_load_kw, smoothed_load_kw

from .sites import catalog, design_of, pool

BLOCKS = {"topology": "2N", "unit_kw": 100}
SET = {"location": "block", "unit_kw": 100}


def test_a_block_meets_the_step_of_the_racks_on_it() -> None:
    design = design_of(pool(), racks={"feeds": 2}, power={"blocks": BLOCKS, "generators": SET})
    steps = generator_steps(design, site_load(design, catalog()), catalog())
    assert len(steps) == design.tables.blocks.height
    assert sum(step.step_kw for step in steps) == pytest.approx(81.6 * 0.8)
    assert steps[0].step_ratio == max(step.step_ratio for step in steps)


def test_blocks_on_one_bus_share_the_step() -> None:
    blocks = {"topology": "N+1", "unit_kw": 50}
    design = design_of(pool(), power={"blocks": blocks, "generators": {"location": "block", "unit_kw": 50}})
    steps = generator_steps(design, site_load(design, catalog()), catalog())
    assert len({round(step.step_kw, 9) for step in steps}) == 1
    assert sum(step.step_kw for step in steps) == pytest.approx(81.6 * 0.8)


def test_a_common_plant_meets_the_step_of_the_site_less_what_a_battery_takes() -> None:
    plant = {"location": "site", "unit_kw": 200, "count": 2}
    design = design_of(pool(), power={"generators": plant})
    (step,) = generator_steps(design, site_load(design, catalog()), catalog())
    meter = meter_ratio(design, catalog(), 81.6 * 0.8)
    assert step.step_kw == pytest.approx(81.6 * 0.8 * meter)
    helped = design_of(pool(), power={"generators": plant, "bess": {"power_kw": 30, "energy_kwh": 10}})
    (less,) = generator_steps(helped, site_load(helped, catalog()), catalog())
    assert less.step_kw == pytest.approx(step.step_kw - 30)


def test_adding_synchronous_load_never_softens_the_step() -> None:
    ratios = []
    for nodes in (4, 8, 12, 16):
        power = {"blocks": {**BLOCKS, "unit_kw": 400, "count": 2}, "generators": {**SET, "unit_kw": 400}}
        design = design_of(pool(nodes=nodes), racks={"feeds": 2}, power=power)
        ratios.append(generator_steps(design, site_load(design, catalog()), catalog())[0].step_ratio)
    assert ratios == sorted(ratios)


@pytest.mark.parametrize(
    ("start", "load", "step", "ramp", "seconds"),
    [
        (10, 0.4, 0.5, 0.1, 10),
        (10, 1.0, 0.5, 0.1, 15),
        (30, 0.9, 0.2, 0.02, 65),
        (10, 1.0, 0.5, None, None),
        (8, 0.3, 0.5, None, 8),
    ],
)
def test_time_to_full_load(start: float, load: float, step: float, ramp: float | None, seconds: float | None) -> None:
    assert full_load_s(start, load, step, ramp) == seconds or full_load_s(start, load, step, ramp) == pytest.approx(
        seconds
    )


def load_of(**load: float) -> SiteLoad:
    return site_load(design_of(pool(load=load)), catalog())


def test_no_limit_asks_for_no_battery() -> None:
    assert needs(load_of(), Limits(None, None), 1.1) == ()


def test_a_step_above_the_limit_asks_for_the_difference() -> None:
    swing, job = needs(load_of(), Limits(50, 100), 1.0) or ()
    assert (swing.what, job.what) == ("swing", "job")
    assert job.change_kw == pytest.approx(65.28)
    assert job.power_kw == pytest.approx(15.28)
    assert job.energy_kwh == pytest.approx(15.28**2 / (2 * 100 / 60) / 3600)
    assert swing.power_kw == pytest.approx(15.28 / 2)


def test_the_energy_for_a_step_is_unknown_without_a_ramp() -> None:
    job = (needs(load_of(), Limits(50, None), 1.0) or ())[-1]
    assert job.energy_kwh is None


def test_slow_jobs_meet_the_ramp() -> None:
    def limits_met(**fields: float) -> list[tuple[str, str]]:
        return [(n.what, n.limit) for n in needs(load_of(**fields), Limits(None, 30), 1.0) or ()]

    assert limits_met(power_floor_ratio=1.0) == [("job", "ramp")]
    assert limits_met(power_floor_ratio=1.0, ramp_min=3) == []
    assert limits_met(ramp_min=3) == [("swing", "ramp")], "a slow start does not slow the swing of a running job"


def test_a_slow_pool_does_not_hide_a_fast_one_from_the_battery() -> None:
    fast, slow = load_of(ramp_min=1, power_floor_ratio=1.0), load_of(ramp_min=60, power_floor_ratio=1.0)
    alone = (needs(fast, Limits(None, 30), 1.0) or ())[-1]
    both = (needs(replace(fast, pools=(*fast.pools, *slow.pools)), Limits(None, 30), 1.0) or ())[-1]
    assert alone.power_kw == pytest.approx(65.28 - 30)
    assert both.power_kw >= alone.power_kw
    assert (both.energy_kwh or 0) >= (alone.energy_kwh or 0)


def test_a_ramp_that_is_broken_always_asks_for_a_battery() -> None:
    for step in (None, 5, 64, 80, 500):
        ramps = [n for n in needs(load_of(), Limits(step, 30), 1.0) or () if (n.what, n.limit) == ("job", "ramp")]
        assert len(ramps) == 1
        assert ramps[0].power_kw > 30
        assert (ramps[0].energy_kwh or 0) > 0


def test_jobs_out_of_step_are_a_smaller_step() -> None:
    assert needs(load_of(synchronous_ratio=0.1), Limits(50, 30), 1.0) == ()


@pytest.mark.parametrize("nodes", [8, 64])
def test_the_meter_sees_a_change_and_the_losses_that_go_with_it(nodes: int) -> None:
    design = design_of(pool(nodes=nodes))
    step = nodes * 10.2 * 0.8
    ratio = meter_ratio(design, catalog(), step)
    assert 1.0 < ratio < 1 / design.power.chain_efficiency_ratio


def test_a_dark_site_is_picked_up_in_stages_that_the_plant_takes() -> None:
    stages, seconds = cold_start([100] * 7, 1000, 0.25, 0.05)
    assert stages == (2, 2, 2, 1)
    assert seconds == pytest.approx(3 * 0.2 / 0.05)
    assert cold_start([300, 100], 1000, 0.25, None) == ((1, 1), None)
    assert cold_start([], 1000, 0.25, 0.1)[0] == ()


LIMITS = st.tuples(st.floats(1, 80), st.floats(1, 400))


@settings(deadline=None, max_examples=40)
@given(LIMITS, st.floats(0.1, 1), st.floats(0.05, 0.9), st.floats(0.2, 0.8))
def test_the_battery_that_is_asked_for_keeps_a_start_within_the_ramp(
    limits: tuple[float, float], together: float, idle: float, duty: float
) -> None:
    """The closed form against the load in time: a job starts at once behind a battery of the size asked for."""
    _, ramp_per_min = limits
    fields = {"synchronous_ratio": together, "idle_ratio": idle, "swing_duty_ratio": duty, "power_floor_ratio": 1.0}
    load = with_fields(fields)
    wanted = needs(load, Limits(None, ramp_per_min), 1.0) or ()
    ramp = ramp_per_min / 60
    for need in wanted:
        dt = need.change_kw / ramp / 500
        series = np.concatenate([np.zeros(3), np.full(600, need.change_kw)])
        run = smoothed_load_kw(series, dt, ramp, need.power_kw, (need.energy_kwh or 0.0) * 1.01, charge_ratio=1.0)
        assert run.ramp_max_kw_per_s <= ramp * (1 + 1e-6)
    if not wanted:
        assert (load.step_kw or 0.0) <= ramp_per_min * (1 + 1e-6)


def test_the_load_in_time_has_the_swing_and_the_step_of_its_figures() -> None:
    load = load_of(power_floor_ratio=0.7, synchronous_ratio=0.5)
    series = site_load_kw(load, 0.05, 20)
    assert series is not None
    busy = series[40:-40]
    assert busy.max() - busy.min() == pytest.approx(load.swing_kw)
    assert series.max() - series.min() == pytest.approx(load.step_kw)


def with_fields(fields: dict[str, float]) -> SiteLoad:
    base = _base()
    pool = replace(
        base.pools[0],
        synchronous_ratio=fields["synchronous_ratio"],
        idle_ratio=fields["idle_ratio"],
        floor_ratio=max(fields["power_floor_ratio"], fields["idle_ratio"]),
        swing_duty_ratio=fields["swing_duty_ratio"],
    )
    return replace(base, pools=(pool,))


@cache
def _base() -> SiteLoad:
    return load_of()
