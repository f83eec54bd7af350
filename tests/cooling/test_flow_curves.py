"""Flow by the system's own curve and by the facility's minimum; pressure beyond the end of the curve."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.cooling import coolant_rise_k, curve_flow_lpm, pressure_drop_kpa, rack_flow_lpm
from gigasite.design.cooling.rack_loads import rack_pressure_kpa
from gigasite.spec.cooling import LoopSpec

from .sites import GB300, catalog, design_of, found

SYSTEM = catalog().system("gb300-nvl72")


@given(st.floats(5, 53), st.floats(0.01, 5), st.floats(1, 200))
def test_warmer_supply_never_lowers_the_flow(supply_c: float, warmer_k: float, heat_kw: float) -> None:
    cold, warm = (curve_flow_lpm(SYSTEM, heat_kw, c) for c in (supply_c, min(supply_c + warmer_k, 53.9)))
    assert cold is not None
    assert warm is not None
    assert warm >= cold * (1 - 1e-9)


@given(st.floats(5, 53), st.floats(1, 200), st.floats(1.0, 3))
def test_more_heat_never_lowers_the_flow_and_keeps_the_return(supply_c: float, heat_kw: float, more: float) -> None:
    base, high = (curve_flow_lpm(SYSTEM, kw, supply_c) for kw in (heat_kw, heat_kw * more))
    assert base
    assert high
    assert high >= base
    pg25 = catalog().fluid("pg25")
    assert coolant_rise_k(heat_kw * more, high, pg25) == pytest.approx(coolant_rise_k(heat_kw, base, pg25))


@pytest.mark.parametrize(
    ("supply_c", "binding"), [(25, "facility-minimum"), (45, "facility-minimum"), (48, "system-curve")]
)
def test_the_design_says_which_flow_binds(supply_c: float, binding: str) -> None:
    """con-gb300-flow-against-dsx-minimum: 0.56 to 1.38 l/min a kW against 1.5."""
    assert design_of(GB300, cooling={"loop": {"supply_c": supply_c}}).cooling.flow_bound_by == binding


@given(st.floats(10, 50), st.floats(1, 150), st.floats(0.5, 3))
def test_piping_carries_the_larger_flow_and_the_rack_its_own(supply_c: float, heat_kw: float, minimum: float) -> None:
    piping, own = rack_flow_lpm(SYSTEM, heat_kw, LoopSpec(supply_c=supply_c, flow_lpm_per_kw_min=minimum))
    assert piping is not None
    assert own is not None
    assert piping == pytest.approx(max(own, minimum * heat_kw))


def test_pressure_goes_on_beyond_the_end_of_the_curve() -> None:
    """cool-gb300-dp-curve: 132.8 kPa at 160 l/min; 174 l/min lie beyond it."""
    assert rack_pressure_kpa(SYSTEM, 160) == pytest.approx(132.8, rel=0.01)
    assert rack_pressure_kpa(SYSTEM, 174) == pytest.approx(pressure_drop_kpa(174, (0.0048, 0.0617)))
    assert rack_pressure_kpa(catalog().system("gb200-nvl72"), 174) is None


def test_the_head_is_that_of_the_rack_at_its_own_flow_and_the_piping() -> None:
    site = design_of(GB300, cooling={"loop": {"supply_c": 45, "piping_dp_kpa": 90}})
    rack = site.tables.racks.filter(site.tables.racks["kind"] == "pool").row(0, named=True)
    assert rack["rack_flow_lpm"] == pytest.approx(160, rel=0.01)
    assert site.cooling.tcs_head_kpa == pytest.approx(pressure_drop_kpa(rack["rack_flow_lpm"], (0.0048, 0.0617)) + 90)


def test_coolant_comes_back_by_the_heat_balance() -> None:
    """cool-15lpm-pg25: 1.5 l/min a kW warm by 10.18 K."""
    site = design_of(GB300, cooling={"loop": {"supply_c": 30}})
    assert site.cooling.tcs_return_c == pytest.approx(30 + 10.18, abs=0.05)


def test_the_loop_mixes_what_the_racks_warm_with_what_passes_them_by() -> None:
    """Heat is the same on both sides of the bypass: V_loop·(mixed - supply) = V_rack·(rack - supply)."""
    site = design_of(GB300, cooling={"loop": {"supply_c": 30}})
    cooling = site.cooling
    assert cooling.flow_lpm
    assert cooling.rack_flow_lpm
    assert cooling.tcs_return_c
    assert cooling.rack_return_c
    assert cooling.rack_flow_lpm < cooling.flow_lpm
    assert cooling.flow_lpm * (cooling.tcs_return_c - 30) == pytest.approx(
        cooling.rack_flow_lpm * (cooling.rack_return_c - 30), rel=1e-6
    )


@pytest.mark.parametrize("above_k", [-0.1, 0.1])
def test_the_limit_of_the_loop_is_held_against_the_return_that_the_design_tells(above_k: float) -> None:
    told_c = design_of(GB300, cooling={"loop": {"supply_c": 30}}).cooling.tcs_return_c
    assert told_c
    site = design_of(GB300, cooling={"loop": {"supply_c": 30, "return_c_max": round(told_c - above_k, 3)}})
    hits = found(site, "CLG132")
    assert [f"{told_c:.1f} °C" in finding.message for finding in hits] == ([True] if above_k > 0 else [])


@pytest.mark.parametrize(("per_kw", "low_k", "high_k"), [(1.25, 11.9, 12.5), (1.5, 9.5, 10.5), (2.0, 7.4, 7.9)])
def test_the_ocp_flow_rule_gives_its_rises(per_kw: float, low_k: float, high_k: float) -> None:
    """cool-oai-flow-rule: 1.25, 1.5 and 2 l/min a kW warm by about 12, 10 and 7.5 K."""
    assert low_k <= coolant_rise_k(100.0, 100.0 * per_kw, catalog().fluid("pg25")) <= high_k


def test_defaults_are_those_of_the_published_facility_design() -> None:
    """cool-dsx-tcs: 1.5 l/min a kW, N+1 CDUs on shared piping, air handlers on facility water."""
    site = design_of(GB300, halls={"count": 1})
    loop = site.resolved.cooling.loop
    assert (loop.flow_lpm_per_kw_min, loop.redundancy, loop.group) == (1.5, "N+1", "hall")
    assert site.cooling.air_water_kw
    assert catalog().air_unit(site.cooling.air_unit).form == "crah"


def test_a_flow_curve_is_met_with_the_coolant_that_fills_the_loop() -> None:
    """Water carries 6 % more a litre than PG25: the same return temperature takes less of it."""
    pg25, water = (catalog().fluid(key) for key in ("pg25", "water"))
    flows = [curve_flow_lpm(SYSTEM, 116.0, 35.0, fluid) or 0.0 for fluid in (pg25, water)]
    assert flows[0] == pytest.approx(92.6, rel=0.01)
    assert coolant_rise_k(116.0, flows[1], water) == pytest.approx(coolant_rise_k(116.0, flows[0], pg25))
    assert flows[1] < flows[0]


def test_a_single_published_point_keeps_its_return_temperature() -> None:
    point = SYSTEM.model_copy(update={"tcs_flow_curve": ((35.0, 92.6),)})
    return_c = 35 + coolant_rise_k(116.0, 92.6, catalog().fluid("pg25"))
    for supply_c in (20.0, 35.0, 45.0):
        flow = curve_flow_lpm(point, 116.0, supply_c)
        assert flow
        assert supply_c + coolant_rise_k(116.0, flow, catalog().fluid("pg25")) == pytest.approx(return_c)
    assert curve_flow_lpm(point, 116.0, 60.0) == float("inf")
