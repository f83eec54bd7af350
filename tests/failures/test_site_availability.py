"""Availability at the rack follows from what stands above it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.catalog.reliability_products import Reliability
from gigasite.design.failures import site_availability
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
