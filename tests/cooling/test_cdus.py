"""CDUs at the point where they run: exchanger, pumps, name plate."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gigasite.catalog.models import Cdu
from gigasite.design.cooling import exchangers, pumps
from gigasite.design.cooling.technologies.cdu import CduModel, cdu_model, facility_flow_lpm

from .sites import GB300, catalog, design_of, found

POSITIVE = st.floats(1.0, 500.0)


def model(**facts: Any) -> CduModel:
    cdu = catalog().cdu("ocp-rating-1mw").model_copy(update=facts)
    return cdu_model(cdu, catalog().fluid("pg25"), catalog().fluid("water"), catalog().fluid("pg25"))


@given(st.floats(0.01, 20), st.floats(0, 1))
def test_effectiveness_and_transfer_units_are_each_others_inverse(ntu: float, ratio: float) -> None:
    effect = exchangers.effectiveness(ntu, ratio)
    assert 0 < effect <= 1
    assume(effect < 0.9999)
    assert exchangers.transfer_units(effect, ratio) == pytest.approx(ntu, rel=1e-4)


@pytest.mark.parametrize(("ntu", "ratio", "expected"), [(1, 0, 0.632), (1, 1, 0.5), (2, 0.5, 0.775), (3, 0.75, 0.817)])
def test_effectiveness_of_counterflow_is_the_textbooks(ntu: float, ratio: float, expected: float) -> None:
    assert exchangers.effectiveness(ntu, ratio) == pytest.approx(expected, abs=0.002)


@given(heat=st.floats(100, 3000), approach=st.floats(1, 10), hot=st.floats(20, 300), cold=st.floats(20, 300))
def test_an_exchanger_takes_its_rated_heat_at_its_rating_point(
    heat: float, approach: float, hot: float, cold: float
) -> None:
    assume(heat / hot > 0.5)
    assume(heat / (min(hot, cold) * (approach + heat / hot)) < 0.98)
    exchanger = exchangers.rated(heat, approach, hot, cold)
    assert exchanger.capacity_kw(hot, cold, approach) == pytest.approx(heat, rel=1e-6)
    assert exchanger.capacity_kw(hot, cold, approach / 2) < heat
    assert exchanger.capacity_kw(hot, cold, 0.0) == 0.0
    assert exchanger.capacity_kw(hot, cold * 0.8, approach) <= heat


@given(share=st.floats(0.1, 1.0), approach=st.floats(0.5, 12))
def test_the_water_that_a_valve_lets_through_carries_just_the_heat(share: float, approach: float) -> None:
    unit = model()
    assert unit.exchanger is not None
    hot = 100.0 * share
    heat = min(900 * share, unit.exchanger.capacity_kw(hot, unit.exchanger.cold_kw_k, approach))
    rate = unit.exchanger.cold_rate_for(heat, hot, approach, unit.exchanger.cold_kw_k)
    assert rate is not None
    assert unit.exchanger.capacity_kw(hot, rate, approach) == pytest.approx(heat, rel=1e-3, abs=0.1)


def test_the_ocp_rating_point_is_met() -> None:
    """cool-cdu-rating-point: 1 MW at 4 K and 1,591 l/min."""
    limits = model().limits_kw(1591, 1000, approach_k=4.0, head_kpa=276)
    assert limits["heat exchanger"] == pytest.approx(1000, rel=1e-6)
    assert limits["flow"] == pytest.approx(1000)


def test_a_flow_of_1890_lpm_carries_1260_kw_at_one_and_a_half() -> None:
    """con-cdu-rating-point: whatever the name plate says."""
    boyd = cdu_model(catalog().cdu("boyd-rol4000"), catalog().fluid("pg25"), catalog().fluid("water"))
    limits = boyd.limits_kw(1890, 1260, approach_k=4.0, head_kpa=None)
    assert limits == {"name plate": 2000, "heat exchanger": None, "flow": pytest.approx(1260)}
    assert boyd.needed(12_600, 18_900, approach_k=None, head_kpa=None) == 10
    assert boyd.needed(12_601, 18_901.5, approach_k=None, head_kpa=None) == 11


@given(st.floats(10, 20_000), st.floats(1.0, 3.0), st.floats(1.0, 8.0), st.floats(50, 330))
def test_the_count_is_the_least_that_carries_heat_and_flow(
    heat: float, per_kw: float, approach: float, head: float
) -> None:
    unit = model()
    flow = heat * per_kw
    count = unit.needed(heat, flow, approach_k=approach, head_kpa=head)
    each = unit.limits_kw(flow / count, heat / count, approach_k=approach, head_kpa=head)
    assert min(limit for limit in each.values() if limit is not None) * count >= heat * (1 - 1e-6)
    if count > 1:
        fewer = count - 1
        less = unit.limits_kw(flow / fewer, heat / fewer, approach_k=approach, head_kpa=head)
        assert min(limit for limit in less.values() if limit is not None) * fewer < heat


@given(st.floats(10, 10_000), st.floats(1.01, 3), st.floats(0.6, 8))
def test_more_heat_never_asks_for_fewer_cdus_and_a_smaller_approach_neither(
    heat: float, more: float, approach: float
) -> None:
    unit = model()

    def needed(kw: float, k: float) -> int:
        return unit.needed(kw, kw * 1.5, approach_k=k, head_kpa=200)

    assert needed(heat * more, approach) >= needed(heat, approach)
    assert needed(heat, approach * 0.8) >= needed(heat, approach)


@given(st.floats(10, 3000), st.floats(20, 400), st.floats(10, 1000))
def test_pumps_deliver_less_against_more(rated_lpm: float, rated_kpa: float, head_kpa: float) -> None:
    flow = pumps.flow_at_head_lpm(rated_lpm, rated_kpa, head_kpa)
    assert 0 <= flow <= rated_lpm
    assert pumps.flow_at_head_lpm(rated_lpm, rated_kpa, head_kpa * 1.1) <= flow
    assert pumps.flow_at_head_lpm(rated_lpm, rated_kpa, rated_kpa) == rated_lpm
    assert pumps.flow_at_head_lpm(rated_lpm, rated_kpa, rated_kpa * 1.2) == 0


def test_power_of_pumps_goes_with_the_cube_of_the_speed() -> None:
    assert pumps.affinity_kw(8.0, 0.5) == pytest.approx(1.0)
    assert pumps.head_at_flow_kpa(200.0, 0.5) == pytest.approx(50.0)
    assert pumps.pump_kw(1500, 200, 0.5) == pytest.approx(10.0)
    half = pumps.pump_kw(750, pumps.head_at_flow_kpa(200, 0.5), 0.5)
    assert half == pytest.approx(pumps.affinity_kw(10.0, 0.5))


def test_a_published_pump_power_sets_the_efficiency() -> None:
    unit = model(pump_power_kw=13.7)
    assert unit.electric_kw(1000, 1591, 276) == pytest.approx(13.7)
    assert unit.electric_kw(500, 795.5, 276) == pytest.approx(13.7 / 2)
    assert unit.electric_max_kw == 13.7


def test_cdus_of_unknown_head_and_power_count_as_much_as_a_published_one() -> None:
    plate = Cdu(key="x", title="x", capacity_kw=1000)
    unit = cdu_model(plate, catalog().fluid("pg25"), catalog().fluid("water"))
    assert unit.electric_kw(1350, 2000, None) == pytest.approx(13.7)


@pytest.mark.parametrize("approach_k", [2.0, 3.0, 4.0, 6.0])
def test_facility_water_shrinks_as_the_approach_grows(approach_k: float) -> None:
    narrow = facility_flow_lpm(model(), 600, 950, approach_k)
    assert narrow >= facility_flow_lpm(model(), 600, 950, approach_k + 1)


@pytest.mark.parametrize(("water_c", "more"), [(36.0, False), (37.5, True), (39.0, True)])
def test_warmer_facility_water_asks_for_more_cdus(water_c: float, more: bool) -> None:
    pool = {"system": "gb300-nvl72", "scalable_units": 4}
    halls = {"count": 1}
    at_rating = design_of(pool, halls=halls, cooling={"loop": {"supply_c": 40}})
    warm = design_of(pool, halls=halls, cooling={"loop": {"supply_c": 40}, "facility": {"supply_c": water_c}})
    assert (warm.cooling.cdu_installed or 0) > (at_rating.cooling.cdu_installed or 0) or not more
    assert not found(warm, "CLG101", "CLG102", "CLG121", "CLG122")


def test_facility_water_as_warm_as_the_coolant_cools_nothing() -> None:
    site = design_of(GB300, cooling={"loop": {"supply_c": 40}, "facility": {"supply_c": 41}})
    assert site.cooling.cdu_usable_kw == 0
    assert found(site, "CLG122")


@pytest.mark.parametrize(("piping_kpa", "fires"), [(100, False), (200, False), (262, True)])
def test_long_piping_stops_the_flow(piping_kpa: float, fires: bool) -> None:
    loop = {"supply_c": 40, "cdu_count": 2, "piping_dp_kpa": piping_kpa}
    site = design_of({"system": "gb300-nvl72", "nodes": 144, "power_cap_kw": 132}, cooling={"loop": loop})
    assert bool(found(site, "CLG121")) is fires


def test_groups_by_row_have_their_own_spare() -> None:
    pool = {"system": "gb300-nvl72", "scalable_units": 4}
    hall = design_of(pool, halls={"count": 1})
    rows = design_of(pool, halls={"count": 1}, cooling={"loop": {"group": "row"}})
    cdus = rows.tables.plant.filter(rows.tables.plant["kind"] == "cdu")
    groups = cdus.group_by("group").agg(pl.len(), pl.col("required_count").first())
    assert groups["len"].to_list() == (groups["required_count"] + 1).to_list()
    assert groups.height > 1
    assert (rows.cooling.cdu_installed or 0) > (hall.cooling.cdu_installed or 0)
    assert not found(rows, "CLG101", "CLG102", "CLG103")
