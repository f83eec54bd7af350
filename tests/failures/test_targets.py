"""What the names of a loss mean."""

from __future__ import annotations

import pytest

from gigasite.design.failures import known_names, lose, targets
from gigasite.errors import UsageError

from .sites import base, two_sides

DESIGN = base()
FIRST = DESIGN.tables.blocks["block"][0]


def test_an_element_is_called_by_its_name_with_or_without_the_prefix() -> None:
    name = DESIGN.tables.elements["element"][0]
    assert targets(DESIGN, [name]).elements == (name,)
    assert targets(DESIGN, [name.removeprefix("demo-")]).elements == (name,)


def test_a_block_is_called_by_number_or_name_and_takes_all_that_stands_in_it() -> None:
    by_number = targets(DESIGN, ["power.blocks.b1"])
    assert by_number == targets(DESIGN, [f"power.blocks.{FIRST}"])
    assert by_number == targets(DESIGN, [f"power.blocks.{FIRST.removeprefix('demo-')}"])
    kinds = set(DESIGN.tables.elements.filter(element=FIRST + "-ups")["kind"])
    assert kinds == {"ups"}
    assert {FIRST + "-ups", FIRST + "-board", FIRST + "-tx"} <= set(by_number.elements)


def test_halls_take_their_racks_elements_and_cooling() -> None:
    hall = targets(DESIGN, ["halls.h01"])
    assert len(hall.racks) == DESIGN.tables.racks.height
    assert hall.elements
    assert set(hall.units) <= set(DESIGN.tables.plant["unit"])


def test_racks_feeds_rooms_units_and_circuits_have_paths() -> None:
    rack = DESIGN.tables.racks["rack"][0]
    feed = DESIGN.tables.feeds["feed"][0]
    room = DESIGN.tables.elements["room"].drop_nulls()[0]
    assert targets(DESIGN, [f"racks.{rack}"]).racks == (rack,)
    assert targets(DESIGN, [f"feeds.{feed}"]).feeds == (feed,)
    assert targets(DESIGN, [f"rooms.{room}"]).elements
    assert targets(DESIGN, ["power.utility.circuits.1"]).elements == ("demo-grid-c1",)
    assert targets(DESIGN, ["power.utility"]).elements == ("demo-grid-c1", "demo-grid-c2")
    unit = DESIGN.tables.plant["unit"][0]
    assert targets(DESIGN, [f"plant.{unit}"]).units == (unit,)


def test_patterns_take_all_that_they_match_and_names_add_up() -> None:
    ups = targets(DESIGN, ["*-ups"])
    assert len(ups.elements) == DESIGN.tables.elements.filter(kind="ups").height
    both = targets(DESIGN, ["power.blocks.b1", "power.utility.circuits.1"])
    assert "demo-grid-c1" in both.elements
    assert len(both.elements) == len(targets(DESIGN, ["power.blocks.b1"]).elements) + 1


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("power.blocks.b99", "power.blocks.b1"), ("demo-grid-c9", "demo-grid-c"), ("Halls.H01", "halls.h01")],
)
def test_a_wrong_name_is_a_usage_error_with_near_ones(wrong: str, near: str) -> None:
    with pytest.raises(UsageError, match="nothing of this site is called") as caught:
        targets(DESIGN, [wrong])
    assert near in caught.value.hint


def test_nonsense_gets_the_kinds_of_names() -> None:
    with pytest.raises(UsageError) as caught:
        targets(DESIGN, ["%%%"])
    assert "power.blocks.b1" in caught.value.hint


def test_every_known_name_can_be_lost() -> None:
    design = two_sides().design()
    for name in known_names(design):
        assert lose(design, [name]).lost


def test_a_single_rack_or_feed_can_be_lost() -> None:
    design = two_sides().design()
    effect = lose(design, ["racks.r01"])
    assert effect.dark_racks == ("r01",)
    assert [(pool.pool, pool.gpu_count) for pool in effect.pools] == [("train", 8)]
    feed = lose(design, ["feeds.r02-a"])
    assert feed.dark_racks == ()
    assert feed.touched_units == (("train", 1),)
    assert lose(design, ["feeds.r02-*"]).dark_racks == ("r02",)


def test_a_lost_rack_takes_its_load_along() -> None:
    design = two_sides(load_kw=26, capacity_kw=100).design()
    assert [o.element for o in lose(design, ["ups-a"]).overloads] == ["ups-b"]
    assert lose(design, ["ups-a", "racks.r01"]).overloads == ()


def test_a_cascade_trips_what_is_overloaded_and_says_so() -> None:
    design = two_sides(load_kw=26, capacity_kw=100).design()
    still = lose(design, ["ups-a"])
    assert still.dark_racks == ()
    assert still.overloads[0].load_kw == pytest.approx(104)
    fallen = lose(design, ["ups-a"], cascade=True)
    assert fallen.tripped == ("ups-b",)
    assert fallen.dark_racks == ("r01", "r02", "r03", "r04")
    assert fallen.overloads == ()


def test_breakers_that_carry_too_much_trip_in_a_cascade() -> None:
    chain = two_sides(load_kw=10)
    chain.rack_facts["r01"]["usable_kw"] = 7.9
    effect = lose(chain.design(), ["ups-a"], cascade=True)
    assert effect.tripped == ("r01-b",)
    assert effect.dark_racks == ("r01",)
    chain.rack_facts["r01"]["usable_kw"] = 8.1  # of a breaker for 10.1 kW, which stays closed at 10 kW
    effect = lose(chain.design(), ["ups-a"], cascade=True)
    assert effect.tripped == ()
    assert effect.over_feed_racks == ("r01",)
