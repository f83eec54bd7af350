"""Losses of a whole site at any load."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.electrical.energy import chain_loss_kw

from .sites import CATALOG, TOPOLOGIES, design_of, flow_of

ALL = pytest.mark.parametrize("site", TOPOLOGIES.values(), ids=TOPOLOGIES)


@ALL
def test_the_design_point_loses_the_same_by_either_way(site: str) -> None:
    design = design_of(site)
    power = design.power
    assert power.it_kw is not None
    assert power.mechanical_kw is not None
    loss = chain_loss_kw(design, CATALOG, np.array([power.it_kw]), np.array([power.mechanical_kw]))
    assert loss[0] == pytest.approx(power.loss_kw, rel=1e-9)
    assert loss[0] == pytest.approx(design.tables.elements["loss_kw"].sum(), rel=1e-9)
    assert sum(power.loss_by_stage_kw.values()) == pytest.approx(power.loss_kw, rel=1e-9)


@ALL
def test_utility_is_it_and_mechanical_and_losses(site: str) -> None:
    power = design_of(site).power
    assert power.utility_kw == pytest.approx(power.it_kw + power.mechanical_kw + power.loss_kw, rel=1e-12)
    assert 0.8 < power.power_factor <= 1
    assert power.utility_mva == pytest.approx(power.utility_kw / power.power_factor / 1000)


@pytest.mark.parametrize("scale", [0.0, 0.11, 0.37, 0.9, 1.0, 1.2])
def test_losses_between_scales_are_those_of_a_load_flow(scale: float) -> None:
    design = design_of(TOPOLOGIES["high voltage"])
    _, flow = flow_of(design, scale=scale)
    it = np.array([design.power.it_kw * scale])
    loss = chain_loss_kw(design, CATALOG, it, np.array([design.power.mechanical_kw]))
    assert loss[0] == pytest.approx(flow.loss_kw.sum(), rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1.6), st.floats(0, 1.6), st.floats(0, 0.3), st.floats(0, 0.3))
def test_losses_rise_with_either_load(it: float, mechanical: float, more_it: float, more_mechanical: float) -> None:
    design = design_of(TOPOLOGIES["high voltage"])
    base_it, base_mechanical = design.power.it_kw, design.power.mechanical_kw
    its = base_it * np.array([it, it + more_it, it])
    mechanicals = base_mechanical * np.array([mechanical, mechanical, mechanical + more_mechanical])
    low, more, other = chain_loss_kw(design, CATALOG, its, mechanicals)
    assert more >= low - 1e-9
    assert other >= low - 1e-9


def test_a_year_of_hours_is_one_pass() -> None:
    design = design_of(TOPOLOGIES["high voltage"])
    hours = np.linspace(0.2, 1.1, 8760)
    loss = chain_loss_kw(design, CATALOG, design.power.it_kw * hours, np.full(8760, design.power.mechanical_kw))
    assert loss.shape == (8760,)
    assert (np.diff(loss) > 0).all()


def test_an_idle_site_still_loses_iron_and_no_load_losses() -> None:
    design = design_of(TOPOLOGIES["2N"])
    idle = chain_loss_kw(design, CATALOG, np.zeros(1), np.zeros(1))
    assert idle[0] > 0


def test_diversity_lowers_what_the_meter_sees_and_not_what_a_block_carries() -> None:
    whole = design_of(TOPOLOGIES["2N"])
    part = design_of(TOPOLOGIES["2N"].replace("power: {", "power: {load: {diversity_ratio: 0.83}, "))
    assert part.power.it_kw == whole.power.it_kw
    assert part.power.coincident_it_kw == pytest.approx(0.83 * whole.power.it_kw)
    assert part.power.utility_kw < whole.power.utility_kw
    assert part.power.utility_kw == pytest.approx(
        part.power.coincident_it_kw + part.power.mechanical_kw + part.power.loss_kw
    )
    assert sum(part.power.loss_by_stage_kw.values()) == pytest.approx(part.power.loss_kw, rel=1e-6)
    assert part.tables.blocks["load_kw"].to_list() == whole.tables.blocks["load_kw"].to_list()


def test_grid_power_stands_by_date() -> None:
    dated = design_of("power: {utility: {available_mw: {2027-09: 9, 2027-03: 4}}}\n")
    assert list(dated.power.available_mw_by_date.items()) == [("2027-03", 4.0), ("2027-09", 9.0)]
