"""Mistakes of whoever plugged the cables: each is told once, with both ends, where they stand, and what to do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.errors import Severity

from .plugged import NODE, OTHER_NODE, at_node, cables, findings, in_each_others_place, leaf, renamed

GOOD = cables()


def codes(plugged: list[tuple[str, int, str, int]]) -> list[str]:
    return [finding.code for finding in findings(plugged)]


def test_cables_as_designed_have_no_finding() -> None:
    assert findings(GOOD) == []


def test_a_missing_cable_is_named_by_both_ends() -> None:
    gone = at_node(GOOD)[3]
    (found,) = findings([cable for place, cable in enumerate(GOOD) if place != gone])
    assert found.code == "DEP111"
    assert f"{NODE} rail4 (hall 1, row 1, position 3, rack demo-train-su001-r01 U1)" in found.message
    assert f"{leaf(4)} port 1 (hall 1, row 1, position 7, rack demo-train-su001-net01 U4)" in found.message
    assert found.at == "halls[1].rows[1].racks.demo-train-su001-r01"


def test_a_cable_in_a_free_port_is_told_with_where_it_belongs() -> None:
    plugged = list(GOOD)
    place = at_node(GOOD)[7]
    plugged[place] = (*plugged[place][:3], 32)  # port 32 of the eighth leaf is kept for a manager that it has not
    (found,) = findings(plugged)
    assert found.code == "DEP112"
    assert f"{NODE} rail8" in found.message
    assert f"goes to {leaf(8)} port 32" in found.message
    assert f"instead of {leaf(8)} port 1 " in found.message
    assert found.hint == f"move its end from {leaf(8)} port 32 to {leaf(8)} port 1"


def test_a_cable_in_another_ones_port_says_whose_it_is_and_what_lacks_a_cable() -> None:
    plugged = list(GOOD)
    wrong, gone = at_node(GOOD)[0], at_node(GOOD, OTHER_NODE)[0]
    plugged[wrong] = (*plugged[wrong][:2], *plugged[gone][2:])
    del plugged[gone]
    found = {finding.code: finding.message for finding in findings(plugged)}
    assert set(found) == {"DEP111", "DEP112"}
    assert f"which belongs to {OTHER_NODE} rail1" in found["DEP112"]
    assert f"{OTHER_NODE} rail1" in found["DEP111"]


def test_two_exchanged_cables_are_one_mistake_with_one_remedy() -> None:
    plugged = list(GOOD)
    one, other = at_node(GOOD)[3], at_node(GOOD, OTHER_NODE)[3]
    plugged[one], plugged[other] = (
        (*GOOD[one][:2], *GOOD[other][2:]),
        (*GOOD[other][:2], *GOOD[one][2:]),
    )
    (found,) = findings(plugged)
    assert found.code == "DEP113"
    assert found.severity is Severity.ERROR
    assert found.hint == f"swap the plugs at {leaf(4)} port 7 and {leaf(4)} port 1"


def test_cables_exchanged_between_the_same_two_switches_only_warn() -> None:
    plugged = list(GOOD)
    one, other = [place for place, cable in enumerate(GOOD) if cable[0] == leaf(1) and cable[2].endswith("spine001")][
        :2
    ]
    plugged[one] = (*GOOD[one][:2], *GOOD[other][2:])
    plugged[other] = (*GOOD[other][:2], *GOOD[one][2:])
    (found,) = findings(plugged)
    assert (found.code, found.severity) == ("DEP113", Severity.WARNING)


@pytest.mark.parametrize("shift", [1, 3, 7])
def test_permuted_rails_of_a_node_are_one_mistake(shift: int) -> None:
    plugged = list(GOOD)
    rails = at_node(GOOD)
    for place, own in enumerate(rails):
        plugged[own] = (*GOOD[own][:2], *GOOD[rails[(place + shift) % len(rails)]][2:])
    (found,) = findings(plugged)
    assert found.code == "DEP114"
    assert found.message.startswith(
        f"{NODE} (hall 1, row 1, position 3, rack demo-train-su001-r01 U1): 8 of its cables"
    )
    assert found.hint.startswith(f"they belong: rail1 at {leaf(1)} port 1, rail2 at {leaf(2)} port 1")


def test_nodes_that_took_each_others_place_are_one_mistake() -> None:
    (found,) = findings(renamed(GOOD, in_each_others_place(NODE, OTHER_NODE)))
    assert found.code == "DEP115"
    assert {NODE, OTHER_NODE} <= set(re.findall(r"demo-train-su001-r\d\d-n\d\d", found.message))
    assert "all 16 cables" in found.message


def test_leaves_that_took_each_others_place_are_one_mistake_whatever_else_hangs_on_one_of_them() -> None:
    (found,) = findings(renamed(GOOD, in_each_others_place(leaf(2), leaf(5))))  # a manager hangs on the second
    assert found.code == "DEP115"
    assert "all 127 cables" in found.message


def test_a_device_that_nobody_sees_is_one_mistake() -> None:
    (found,) = findings([cable for cable in GOOD if leaf(2) not in (cable[0], cable[2])])
    assert found.code == "DEP116"
    assert f"nothing is seen of {leaf(2)} " in found.message
    assert "none of its 64 cables" in found.message


def test_a_node_that_nobody_knows_is_one_mistake() -> None:
    (found,) = findings(renamed(GOOD, lambda device: "visitor" if device == NODE else device))
    assert found.code == "DEP112"
    assert found.message.startswith(f"8 cables go to visitor, which the design does not know, instead of {NODE} ")


def test_a_cable_on_free_ports_warns() -> None:
    (found,) = findings([*GOOD, (leaf(7), 32, leaf(8), 32)])
    assert (found.code, found.severity) == ("DEP117", Severity.WARNING)
    assert f"{leaf(7)} port 32" in found.message


def test_slow_cables_are_told_by_device_and_speed() -> None:
    assert findings(GOOD, 400.0) == []
    found = findings(GOOD, 200.0)
    assert {finding.code for finding in found} == {"DEP118"}
    assert len(found) == 12
    assert "64 cables run at 200 Gb/s instead of 400" in found[0].message


def test_findings_come_in_the_order_of_a_walk_and_are_the_same_each_time() -> None:
    plugged = [
        cable for place, cable in enumerate(GOOD) if place not in (at_node(GOOD, OTHER_NODE)[0], at_node(GOOD)[0])
    ]
    found = findings(plugged)
    assert [finding.at for finding in found] == [
        "halls[1].rows[1].racks.demo-train-su001-r01",
        "halls[1].rows[1].racks.demo-train-su001-r02",
    ]
    assert found == findings(reversed(plugged))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_permutation_of_cables_is_told_without_a_missing_or_an_extra_one(data: st.DataObject) -> None:
    """Where every port holds a cable, nothing is missing: all is exchange, and each wrong cable is in a finding."""
    places = data.draw(st.lists(st.integers(0, len(GOOD) - 1), min_size=2, max_size=8, unique=True))
    order = data.draw(st.permutations(places))
    plugged = list(GOOD)
    for own, far in zip(places, order, strict=True):
        plugged[own] = (*GOOD[own][:2], *GOOD[far][2:])
    found = findings(plugged)
    assert {finding.code for finding in found} <= {"DEP113", "DEP114"}
    moved = {GOOD[own][0] for own, far in zip(places, order, strict=True) if own != far}
    text = " ".join(f"{finding.message} {finding.hint}" for finding in found)
    assert all(name.partition(" rdma_")[0] in text for name in moved)
    assert bool(found) == bool(moved)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, len(GOOD) - 1), min_size=1, max_size=12))
def test_any_cables_taken_out_are_told_and_nothing_else(gone: set[int]) -> None:
    found = findings([cable for place, cable in enumerate(GOOD) if place not in gone])
    assert {finding.code for finding in found} == {"DEP111"}
    assert len(found) == len(gone)
