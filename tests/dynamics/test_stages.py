"""The grid connection by date, in whole scalable units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog.load import load_catalog
from gigasite.design.dynamics.figures import dynamics_figures
from gigasite.design.dynamics.stages import fitting, fitting_units, grid_stages

from .sites import design_of, found, pool

UNITS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.lists(st.floats(1, 1000), min_size=1, max_size=8).map(np.array), min_size=1
)


@given(st.floats(0, 1e4), st.floats(0, 1e3), UNITS)
def test_what_fits_never_draws_more_than_there_is(
    available: float, shared: float, units: dict[str, np.ndarray]
) -> None:
    counts, used = fitting_units(available, shared, units)
    taken = sum(float(loads[: counts[name]].sum()) for name, loads in units.items())
    assert used == pytest.approx(shared + taken)
    assert used <= max(available, shared) * (1 + 1e-8)
    more, _ = fitting_units(available * 2 + shared, shared, units)
    assert sum(more.values()) >= 0


@given(st.floats(0, 1e4), st.floats(0, 1e4), UNITS)
def test_more_power_never_carries_less_of_one_pool(a: float, b: float, units: dict[str, np.ndarray]) -> None:
    first = next(iter(units))
    low, high = (fitting_units(kw, 10, {first: units[first]})[0][first] for kw in sorted((a, b)))
    assert low <= high


def test_each_step_names_the_units_that_it_carries() -> None:
    whole = design_of(pool(scalable_units=4))
    need_mw = (whole.power.utility_kw or 0) / 1000
    steps = {"2027-01": need_mw / 2, "2027-06": need_mw * 1.01}
    design = design_of(pool(scalable_units=4), power={"utility": {"available_mw": steps}})
    first, last = grid_stages(design)
    assert (first.date, last.date) == ("2027-01", "2027-06")
    assert 0 < first.su_counts["train"] < 4
    assert last.su_counts["train"] == 4
    assert first.used_kw <= first.available_kw
    assert last.used_kw == pytest.approx(design.power.utility_kw)
    told = [f.message for f in found(design, "PWR122")]
    assert len(told) == 1
    assert f"{first.su_counts['train']} of 4 scalable units of train" in told[0]


def test_the_interruptible_part_is_set_apart() -> None:
    need_mw = (design_of(pool(scalable_units=4)).power.utility_kw or 0) / 1000
    utility = {"available_mw": need_mw * 1.01, "interruptible_mw": need_mw / 2}
    design = design_of(pool(scalable_units=4), power={"utility": utility})
    (stage,) = grid_stages(design)
    assert stage.firm_kw == pytest.approx(stage.available_kw - need_mw * 500)
    assert stage.firm_su_counts["train"] < stage.su_counts["train"] == 4
    assert "when the utility calls its part back" in fitting(design, stage)


def test_own_firm_generation_carries_units_that_the_grid_does_not() -> None:
    whole = design_of(pool(scalable_units=4))
    need_mw = (whole.power.utility_kw or 0) / 1000
    gas = [{"name": "gas", "kind": "gas-turbine", "unit_count": 3, "unit_kw": need_mw * 1000}]
    power = {"utility": {"available_mw": {"2027-01": need_mw / 4, "2027-06": need_mw * 1.01}}, "generation": gas}
    design = design_of(pool(scalable_units=4), power=power)
    told = dynamics_figures(design, load_catalog())["grid"][0]
    assert told["available_kw"] == pytest.approx(need_mw * 250, rel=1e-3)
    assert told["scalable_units"] == {"train": 4}


def test_without_a_figure_of_the_grid_there_are_no_steps() -> None:
    assert grid_stages(design_of()) == ()
