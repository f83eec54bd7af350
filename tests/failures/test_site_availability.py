"""Availability at the rack follows from what stands above it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.catalog.reliability_products import Reliability
from gigasite.design.failures import analyse, site_availability
from gigasite.design.failures.network import network_of
from gigasite.design.failures.site_availability import minimal_cut_sets, unavailability

from .brute import brute
from .sites import Chain, base, two_sides

CATALOG = load_catalog()


def facts(**values: float) -> Reliability:
    return Reliability(key="x", title="as given", **values)  # type: ignore[arg-type]


def test_every_kind_of_element_has_figures_with_an_uncertainty_and_a_common_cause() -> None:
    for kind in base().tables.elements["kind"].unique():
        known = CATALOG.of(Reliability, kind)
        assert known.uncertainty_factor is not None
        assert known.uncertainty_factor > 1
        assert known.common_cause_ratio is not None
        assert unavailability(known, is_standby=kind == "generator", run_h=2.0) is not None


def test_one_path_is_a_series_of_its_elements() -> None:
    chain = Chain().add("c", "grid-circuit", source=True, hall=None).add("b", "lv-board").add("u", "ups")
    chain.link("c", "b").link("b", "u").rack("r", {"u": 5.0})
    (racks,) = site_availability(chain.design(), CATALOG)
    wanted = 1.0
    for kind in ("grid-circuit", "lv-board", "ups"):
        known = CATALOG.of(Reliability, kind)
        wanted *= 1 / (1 + known.failures_per_year * known.repair_h / 8760)  # type: ignore[operator]
    assert racks.available_ratio is not None
    assert racks.available_ratio.mid == pytest.approx(wanted, rel=1e-9)
    assert racks.available_ratio.low < racks.available_ratio.mid < racks.available_ratio.high


def test_a_second_path_helps_as_far_as_the_common_cause_lets_it() -> None:
    (two,) = site_availability(two_sides().design(), CATALOG)
    assert two.rack_count == 4
    assert two.downtime_h_per_year is not None
    ups = CATALOG.of(Reliability, "ups")
    assert ups.failures_per_year
    alone_h = ups.failures_per_year * (ups.repair_h or 0)
    assert two.downtime_h_per_year.mid < alone_h / 5
    assert two.downtime_h_per_year.mid > (ups.common_cause_ratio or 0) * alone_h * 0.99
    assert two.cut_sets[0].events == ("all ups",)
    assert two.assumed, "figures that are assumed are named"


def test_a_kind_without_figures_makes_the_availability_unknown_and_is_named() -> None:
    chain = two_sides().add("odd", "flywheel")
    chain.link("ups-a", "odd").rack("r09", {"odd": 5.0})
    unknown = [racks for racks in site_availability(chain.design(), CATALOG) if racks.available_ratio is None]
    assert [(racks.example, racks.missing) for racks in unknown] == [("r09", ("flywheel",))]


def test_what_waits_must_be_ready_start_and_run() -> None:
    known = facts(standby_unavailable_ratio=0.005, start_failure_ratio=0.0094, failures_per_year=7.96, repair_h=24)
    chance = unavailability(known, is_standby=True, run_h=1100)
    assert chance is not None
    assert chance.mid == pytest.approx(1 - 0.995 * 0.9906 * (1 - 7.96 * 1100 / 8760), rel=1e-9)
    at_work = unavailability(known, is_standby=False, run_h=1.0)
    assert at_work is not None
    assert at_work.mid == pytest.approx(7.96 * 24 / (8760 + 7.96 * 24))
    assert unavailability(facts(failures_per_year=1.0), is_standby=False, run_h=1.0) is None


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_minimal_cut_sets_are_those_of_trying_every_set(data: st.DataObject) -> None:
    chain = Chain()
    names = [f"e{i}" for i in range(data.draw(st.integers(2, 7)))]
    for place, name in enumerate(names):
        ways = data.draw(st.lists(st.sampled_from(names[:place]), unique=True, max_size=2)) if place else []
        chain.add(name, source=not ways)
        for way in ways:
            chain.link(way, name)
    feeds = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    design = chain.rack("r", dict.fromkeys(feeds, 1.0)).design()
    network = network_of(design)
    takes = np.eye(len(names), dtype=bool)
    rows = network.loads.feed_source[0]
    cuts = minimal_cut_sets(network.chain, rows[rows >= 0], takes, 3)
    found = {frozenset(network.chain.names[e] for e in cut) for cut in cuts}
    wanted: set[frozenset[str]] = set()
    for size in (1, 2, 3):
        for lost in itertools.combinations(names, size):
            if not any(cut <= set(lost) for cut in wanted) and brute(design, set(lost)).dark:
                wanted.add(frozenset(lost))
    assert found == wanted


def common_plant(count: int, need_kw: float, capacity_kw: float = 100.0) -> Chain:
    """A grid circuit and standby generators on one bus, which a rack hangs on."""
    chain = Chain().add("c", "grid-circuit", source=True, hall=None).add("b", "mv-bus", hall=None).link("c", "b")
    for number in range(count):
        chain.add(f"g{number}", "generator", source=True, hall=None, capacity_kw=capacity_kw)
        chain.link(f"g{number}", "b", 3, 1 / count, 10.0)
    return chain.rack("r", {"b": need_kw})


@pytest.mark.parametrize(
    ("count", "need_kw", "may_fail"), [(4, 250.0, 1), (4, 99.0, 3), (4, 400.0, 0), (40, 3750.0, 2)]
)
def test_of_generators_side_by_side_as_many_must_run_as_carry_the_load(
    count: int, need_kw: float, may_fail: int
) -> None:
    (racks,) = site_availability(common_plant(count, need_kw).design(), CATALOG)
    grid, sets = CATALOG.of(Reliability, "grid-circuit"), CATALOG.of(Reliability, "generator")
    one = unavailability(sets, is_standby=True, run_h=grid.repair_h or 0.0)
    assert one is not None
    beta = sets.common_cause_ratio or 0.0
    q = one.mid * (1 - beta)
    too_many = sum(math.comb(count, n) * q**n * (1 - q) ** (count - n) for n in range(may_fail + 1, count + 1))
    rate = (grid.failures_per_year or 0.0) * (grid.repair_h or 0.0) / 8760
    no_grid = rate / (1 + rate)
    wanted = {f"{may_fail + 1} of {count} generator": no_grid * too_many, "all generator": no_grid * beta * one.mid}
    found = {cut.events: cut.downtime_h_per_year for cut in racks.cut_sets}
    for name, chance in wanted.items():
        assert found[tuple(sorted(("grid-circuit", name)))] == pytest.approx(8760 * chance, rel=1e-6)


def test_hundreds_of_generators_are_one_event() -> None:
    (racks,) = site_availability(common_plant(400, 39_000.0).design(), CATALOG)
    assert ("11 of 400 generator", "grid-circuit") in [cut.events for cut in racks.cut_sets]


def test_a_rack_whose_other_feed_is_too_small_has_two_paths_and_needs_both() -> None:
    def minutes(**facts: float) -> float:
        chain = Chain()
        for side in "ab":
            chain.add(f"c{side}", "grid-circuit", source=True, hall=None).add(f"u{side}", "ups").link(
                f"c{side}", f"u{side}"
            )
        (racks,) = site_availability(chain.rack("r", {"ua": 5.0, "ub": 5.0}, **facts).design(), CATALOG)
        assert racks.downtime_h_per_year is not None
        return 60 * racks.downtime_h_per_year.mid

    both = minutes(usable_kw=10.0)
    each = minutes(usable_kw=9.9)
    alone = sum(
        (k.failures_per_year or 0.0) * (k.repair_h or 0.0) * 60
        for k in (CATALOG.of(Reliability, "grid-circuit"), CATALOG.of(Reliability, "ups"))
    )
    assert both < alone / 5
    assert each == pytest.approx(2 * alone, rel=0.1)


def test_a_plant_with_a_spare_turbine_is_down_when_two_of_them_are() -> None:
    known = CATALOG.of(Reliability, "generation")
    q = 1 - 1 / (1 + (known.failures_per_year or 0.0) * (known.repair_h or 0.0) / 8760)
    beta = known.common_cause_ratio or 0.0
    own = (1 - beta) * q
    for required, count, independent in (
        (3, 4, 1 - (1 - own) ** 4 - 4 * own * (1 - own) ** 3),
        (1, 2, own**2),
    ):
        chain = Chain().add("t", "generation", source=True, hall=None, required_count=required, unit_count=count)
        (racks,) = site_availability(chain.add("b", "lv-board").link("t", "b").rack("r", {"b": 5.0}).design(), CATALOG)
        down = {cut.events: cut.downtime_h_per_year for cut in racks.cut_sets}
        assert down[("generation",)] == pytest.approx(8760 * (1 - (1 - beta * q) * (1 - independent)), rel=1e-9)


def test_two_circuits_are_down_together_as_long_as_the_survey_says() -> None:
    """IEEE Std 493: loss of both of two circuits 0.312 times a year, 0.52 h each."""
    chain = Chain().add("b", "lv-board")
    for name in ("c1", "c2"):
        chain.add(name, "grid-circuit", source=True, hall=None).link(name, "b")
    (racks,) = site_availability(chain.rack("r", {"b": 5.0}).design(), CATALOG)
    down = {cut.events: cut.downtime_h_per_year for cut in racks.cut_sets}
    assert down[("all grid-circuit",)] == pytest.approx(0.312 * 0.52, rel=0.01)


def test_a_plant_with_spare_units_can_be_maintained_and_its_control_is_a_common_cause() -> None:
    for count, harmless in ((4, True), (3, False)):
        chain = Chain().add(
            "t", "generation", source=True, hall=None, required_count=3, unit_count=count, room="t", control="t-control"
        )
        report = analyse(chain.add("b", "lv-board").link("t", "b").rack("r", {"b": 5.0}).design())
        (plant,) = report.singles.filter(name="t").iter_rows(named=True)
        assert plant["maintainable"] is harmless
        assert ("t-control" in report.commons["name"].to_list()) is harmless
        if harmless:
            assert not report.commons["tolerated"].any()
