"""Availability: the published vectors through the general code, and what must hold of it."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.failures import availability as av

REFERENCE = Path(__file__).parents[1] / "reference"
ENTRIES = {
    entry["id"]: entry
    for name in ("30_power.yaml", "90_contradictions.yaml")
    for entry in yaml.safe_load((REFERENCE / name).read_text())["entries"]
}
RATIO = st.floats(0, 1)
SMALL = st.integers(0, 6)


@pytest.mark.parametrize("tier", ["i", "ii", "iii", "iv"])
def test_hours_down_a_year_follow_from_the_percentages_of_the_tiers(tier: str) -> None:
    entry = ENTRIES[f"pow-uptime-tier-{tier}"]
    hours = av.downtime_h_per_year(entry["given"]["availability_pct"] / 100)
    assert hours == pytest.approx(entry["expected"]["downtime_h_per_year"], rel=entry["tolerance"]["rel"])


def test_tier_two_is_computed_from_its_availability_not_printed() -> None:
    """con-uptime-tier2: 22.0 and 22.7 h are in print; only the latter follows from 99.741 %."""
    printed = ENTRIES["con-uptime-tier2"]["published"]["downtime_h"]
    hours = av.downtime_h_per_year(0.99741)
    assert hours == pytest.approx(22.69, abs=0.01)
    assert min(printed, key=lambda value: abs(value - hours)) == 22.7


def test_mean_times_and_rates_say_the_same() -> None:
    assert av.availability(999, 1) == pytest.approx(0.999)
    assert av.availability_of_rate(8760 / 999, 1) == pytest.approx(0.999)
    assert av.availability(math.inf, 5) == 1.0
    assert av.availability_of_downtime(av.downtime_h_per_year(0.9995)) == pytest.approx(0.9995)


def test_two_in_parallel_and_two_in_series() -> None:
    assert av.parallel([0.99, 0.99]) == pytest.approx(0.9999)
    assert av.series([0.99, 0.99]) == pytest.approx(0.9801)
    assert av.k_of_n(2, 3, 0.99) == pytest.approx(3 * 0.99**2 * 0.01 + 0.99**3)


@given(SMALL, SMALL, RATIO)
def test_k_of_n_counts_every_combination(required: int, installed: int, part: float) -> None:
    ways = itertools.product((True, False), repeat=installed)
    wanted = math.fsum(math.prod(part if up else 1 - part for up in way) for way in ways if sum(way) >= required)
    assert av.k_of_n(required, installed, part) == pytest.approx(wanted, abs=1e-9)
    assert av.k_of_unequal(required, [part] * installed) == pytest.approx(wanted, abs=1e-9)


@given(st.lists(RATIO, max_size=6))
def test_series_and_parallel_are_the_ends_of_k_of_n(parts: list[float]) -> None:
    assert av.series(parts) == pytest.approx(av.k_of_unequal(len(parts), parts), abs=1e-9)
    assert av.parallel(parts) == pytest.approx(av.k_of_unequal(1, parts) if parts else 0.0, abs=1e-9)


@given(st.integers(1, 5), st.integers(0, 4), st.floats(0.99, 1), RATIO)
def test_a_common_cause_never_helps_and_bounds_what_redundancy_gives(
    k: int, spare: int, part: float, beta: float
) -> None:
    with_cause = av.k_of_n_with_common_cause(k, k + spare, part, beta)
    assert with_cause <= av.k_of_n(k, k + spare, part) + 1e-12
    if spare:
        assert with_cause <= 1 - beta * (1 - part) + 1e-12
    assert av.k_of_n_with_common_cause(k, k + spare, part, 0.0) == pytest.approx(av.k_of_n(k, k + spare, part))


@given(st.floats(0, 1), st.floats(1, 100))
def test_an_interval_keeps_its_order_through_any_relation(value: float, factor: float) -> None:
    interval = av.around(value, factor).map(lambda rate: av.availability_of_rate(rate, 10))
    assert interval.low <= interval.mid <= interval.high


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: av.availability(0, 1),
        lambda: av.availability_of_rate(-1, 1),
        lambda: av.downtime_h_per_year(1.1),
        lambda: av.availability_of_downtime(9000),
        lambda: av.k_of_n(1, 2, -0.1),
        lambda: av.k_of_n(-1, 2, 0.5),
        lambda: av.around(1, 0.5),
    ],
)
def test_what_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wrong()  # type: ignore[operator]
