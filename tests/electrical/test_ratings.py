"""Currents, ratings, voltage drop, fault levels and phases, against references and textbook relations."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.catalog.power_products import PowerShelf
from gigasite.design.electrical import ratings
from gigasite.design.power import circuit_voltage_v, feed_circuit_kw, pairings, topology
from gigasite.spec.halls import RacksSpec

ENTRIES = {
    entry["id"]: entry
    for entry in yaml.safe_load((Path(__file__).parents[1] / "reference" / "30_power.yaml").read_text())["entries"]
}


def test_busbar_current_is_power_over_voltage() -> None:
    entry = ENTRIES["pow-busbar-current-48v"]
    found = ratings.busbar_current_a(entry["given"]["rack_kw"], entry["given"]["bus_v"])
    assert found == pytest.approx(entry["expected"]["current_a"], rel=0.005)
    assert ratings.busbar_current_a(1000, 800) == pytest.approx(1250)


def test_the_orv3_shelf_is_as_its_deck_says() -> None:
    said = ENTRIES["pow-orv3-shelf"]["expected"]
    shelf = load_catalog().of(PowerShelf, "orv3-18kw")
    assert (shelf.psu_kw, shelf.psu_count) == (said["psu_kw"], said["psus_per_shelf"])
    assert (shelf.rated_kw, shelf.redundant_kw) == (said["shelf_kw_n"], said["shelf_kw_n_plus_1"])
    assert (shelf.input_v_min, shelf.input_v_max) == (said["input_v_ln_min"], said["input_v_ln_max"])
    assert shelf.output_v == said["output_v_nominal"]
    assert dict(shelf.efficiency_points)[1.0] == said["psu_full_load_efficiency_pct"] / 100
    assert max(e for _, e in shelf.efficiency_points) == said["psu_peak_efficiency_pct"] / 100


@pytest.mark.parametrize("key", ["pow-gb300-shelves", "pow-vr-nvl72-shelves"])
def test_shelves_of_racks_add_up(key: str) -> None:
    said = ENTRIES[key]["expected"]
    shelf = load_catalog().of(PowerShelf, "gb300-33kw" if "gb300" in key else "vera-rubin-110kw")
    assert shelf.rated_kw == pytest.approx(said["shelf_kw"], rel=0.001)
    if "shelf_kw_n_plus_1" in said:
        assert shelf.redundant_kw == pytest.approx(said["shelf_kw_n_plus_1"])
    if "input_vac_min" in said:
        assert (shelf.input_v_min, shelf.input_v_max) == (said["input_vac_min"], said["input_vac_max"])


@pytest.mark.parametrize(
    ("voltage", "amperes", "phases", "ratio", "kw"),
    [
        (208, 30, 3, 0.8, 8.646),
        (240, 30, 1, 0.8, 5.76),
        (400, 63, 3, 1.0, 43.648),
        (480, 100, 3, 0.8, 66.511),
        (230, 32, 1, 1.0, 7.36),
        (415, 125, 3, 1.0, 89.850),
        (277, 20, 1, 0.8, 4.432),
    ],
)
def test_circuits_of_other_voltages_and_breakers(
    voltage: float, amperes: float, phases: int, ratio: float, kw: float
) -> None:
    assert ratings.circuit_kw(voltage, amperes, phases=phases, derate_ratio=ratio) == pytest.approx(kw, rel=1e-3)


def test_the_eighty_percent_rule_is_for_breakers_under_the_nec_alone() -> None:
    assert ratings.continuous_ratio("nec") == 0.8
    assert ratings.continuous_ratio("nec", hundred_percent_rated=True) == 1.0
    assert ratings.continuous_ratio("nec", is_breaker=False) == 1.0
    assert ratings.continuous_ratio("iec") == 1.0
    assert ratings.breaker_needed_a(48, "nec") == pytest.approx(60)
    assert ratings.breaker_needed_a(48, "iec") == 48


@pytest.mark.parametrize(
    ("electrical", "line", "phases", "across"),
    [
        ("iec", 400, 1, 230.94),
        ("iec", 415, 1, 239.6),
        ("nec", 208, 1, 208),
        ("nec", 480, 1, 277.1),
        ("iec", 400, 3, 400),
    ],
)
def test_single_phase_circuits_run_to_neutral_or_between_lines(
    electrical: str, line: float, phases: int, across: float
) -> None:
    assert circuit_voltage_v(line, phases, electrical) == pytest.approx(across, rel=1e-3)


def test_a_power_factor_below_one_leaves_less_power() -> None:
    racks = RacksSpec(feed="nec-60a-3ph")
    _, unity = feed_circuit_kw(racks, load_catalog(), "nec", 415)
    _, lower = feed_circuit_kw(racks, load_catalog(), "nec", 415, 0.9)
    assert unity == pytest.approx(34.5, rel=0.005)
    assert lower == pytest.approx(0.9 * unity)


def test_standard_sizes_are_never_below_what_is_asked() -> None:
    assert ratings.next_standard(2600, ratings.NEC_KVA) == 3000
    assert ratings.next_standard(2600, ratings.IEC_KVA) == 3150
    assert ratings.next_standard(2500, ratings.NEC_KVA) == 2500
    assert ratings.next_standard(700_000, ratings.NEC_KVA) == 900_000


@given(st.floats(0.1, 1e6))
def test_next_standard_size_is_the_smallest_that_is_enough(value: float) -> None:
    size = ratings.next_standard(value, ratings.IEC_KVA)
    assert size >= value * (1 - 1e-6)
    assert not [other for other in ratings.IEC_KVA if value <= other < size]


def test_voltage_drop_of_the_textbook_case() -> None:
    """225 A over 100 ft of 46.15 and 18.2 microohm/ft at a power factor of 0.8: 1.865 V line to line."""
    foot = 0.3048
    drop = ratings.voltage_drop_v(225, 100 * foot, 0.04615 / foot, 0.0182 / foot, power_factor=0.8)
    assert drop == pytest.approx(1.865, rel=0.002)
    assert ratings.single_phase_drop_v(10, 10, 1.0) == pytest.approx(0.2)


def test_fault_current_is_limited_by_impedance_and_by_the_source() -> None:
    infinite = ratings.transformer_fault_ka(2500, 415, 0.0575)
    assert infinite == pytest.approx(2500 / (math.sqrt(3) * 0.415 * 0.0575) / 1000, rel=1e-6)
    behind = ratings.transformer_fault_ka(2500, 415, 0.0575, source_mva=500)
    assert behind == pytest.approx(infinite / (1 + 2.5 / 0.0575 / 500), rel=1e-6)
    assert ratings.fault_ka(ratings.fault_mva(40, 138), 138_000) == pytest.approx(40)


def test_machines_give_less_where_air_is_thin_or_hot() -> None:
    assert ratings.transformer_derate_ratio(1000, 40) == 1
    assert ratings.transformer_derate_ratio(2000, 40) == pytest.approx(0.96)
    assert ratings.transformer_derate_ratio(0, 50) == pytest.approx(0.85)
    points = ((0.0, 1.0), (1500.0, 1.0), (2500.0, 0.9))
    assert ratings.machine_derate_ratio(2000, 20, points, ()) == pytest.approx(0.95)
    assert ratings.machine_derate_ratio(9000, 20, points, ()) == pytest.approx(0.9)


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=60))
def test_dealing_loads_over_phases_loses_none(loads: list[float]) -> None:
    phases = ratings.deal_over_phases(loads)
    assert phases.sum() == pytest.approx(sum(loads))
    assert ratings.phase_unbalance_ratio(phases) >= -1e-12


def test_equal_loads_in_threes_are_balanced() -> None:
    assert ratings.phase_unbalance_ratio(ratings.deal_over_phases([5.0] * 9)) == pytest.approx(0)
    assert ratings.phase_unbalance_ratio(ratings.deal_over_phases([5.0] * 4)) == pytest.approx(0.5)


def test_block_redundant_is_another_topology_than_distributed_redundant() -> None:
    catcher, distributed = topology("4+1C"), topology("5N4R")
    assert (catcher.block_count, catcher.required_count) == (distributed.block_count, distributed.required_count)
    assert (catcher.catcher_count, distributed.catcher_count) == (1, 0)
    alone = pairings(5, 2, catcher.catcher_count)
    assert alone.max() == 3, "no rack hangs on the catcher"
    assert (alone[:, 0] == alone[:, 1]).all(), "a rack hangs on one block"
    assert len({tuple(sorted(way)) for way in pairings(5, 2).tolist()}) == 10
