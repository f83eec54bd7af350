"""Steps on generators, and batteries for the limits of the grid."""

from __future__ import annotations

import pytest

from gigasite.design.dynamics.battery import Limits, needs
from gigasite.design.dynamics.generators import full_load_s, generator_steps
from gigasite.design.dynamics.loads import site_load
from gigasite.design.dynamics.meter import meter_ratio

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


def load_of(**load: float):
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
    assert [n.limit for n in needs(load_of(), Limits(None, 30), 1.0) or ()] == ["ramp"]
    assert needs(load_of(ramp_min=3), Limits(None, 30), 1.0) == ()


def test_jobs_out_of_step_are_a_smaller_step() -> None:
    assert needs(load_of(synchronous_ratio=0.1), Limits(50, 30), 1.0) == ()


@pytest.mark.parametrize("nodes", [8, 64])
def test_the_meter_sees_a_change_and_the_losses_that_go_with_it(nodes: int) -> None:
    design = design_of(pool(nodes=nodes))
    step = nodes * 10.2 * 0.8
    ratio = meter_ratio(design, catalog(), step)
    assert 1.0 < ratio < 1 / design.power.chain_efficiency_ratio
