"""What a change does to cables: growth as planned touches none, growth beyond it says how many."""

from __future__ import annotations

from dataclasses import asdict

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.recabling import recabling

from .sites import design, pool

LINK = {"fabric": "compute", "plane": 1}


def links(*cables: tuple[str, str]) -> pl.DataFrame:
    """Links as `a:port`, `b:port`; links whose first ends differ in a letter behind the port share a cable."""
    rows = []
    for a, b in cables:
        (a_device, a_port), (b_device, b_port) = (end.split(":") for end in (a, b))
        cable = f"{a_device}:{a_port.rstrip('xy')}"
        number = int(a_port.rstrip("xy")) * 10 + a_port.endswith("y")
        rows.append({**LINK, "cable": cable, "a_device": a_device, "a_port": number, "b_device": b_device,
                     "b_port": int(b_port)})  # fmt: skip
    return pl.DataFrame(rows)


def counts(before: pl.DataFrame, after: pl.DataFrame) -> tuple[int, int, int, int]:
    """Stay, new, moved, removed."""
    (found,) = recabling(before, after)
    return found.stay_count, found.new_count, found.moved_count, found.removed_count


BEFORE = links(("n1:1", "leaf1:1"), ("n2:1", "leaf1:2"), ("n3:1", "leaf2:1"))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([("n1:1", "leaf1:1"), ("n2:1", "leaf1:2"), ("n3:1", "leaf2:1")], (3, 0, 0, 0)),
        ([("n1:1", "leaf1:1"), ("n2:1", "leaf1:2"), ("n3:1", "leaf2:1"), ("n4:1", "leaf2:2")], (3, 1, 0, 0)),
        ([("n1:1", "leaf1:1"), ("n2:1", "leaf1:3"), ("n3:1", "leaf2:1")], (2, 0, 1, 0)),
        ([("n1:1", "leaf1:1"), ("n4:1", "leaf1:2"), ("n3:1", "leaf2:1")], (2, 0, 1, 0)),
        ([("n1:1", "leaf1:1"), ("n3:1", "leaf2:1")], (2, 0, 0, 1)),
        ([("n1:1", "leaf1:2"), ("n2:1", "leaf1:1"), ("n3:1", "leaf2:1")], (1, 0, 2, 0)),
        ([("n7:1", "leaf7:1")], (0, 1, 0, 3)),
    ],
)
def test_each_cable_is_told_once(after: list[tuple[str, str]], expected: tuple[int, ...]) -> None:
    assert counts(BEFORE, links(*after)) == expected


def test_a_cable_of_two_links_moves_if_one_of_them_does() -> None:
    before = links(("leaf1:1x", "spine1:1"), ("leaf1:1y", "spine1:2"))
    after = links(("leaf1:1x", "spine1:1"), ("leaf1:1y", "spine2:1"))
    assert counts(before, after) == (0, 0, 1, 0)
    assert counts(before, before) == (1, 0, 0, 0)


def grown(units: int, build_to: int) -> pl.DataFrame:
    return design(pool("dgx-h100", scalable_units=units, build_to_scalable_units=build_to)).tables.cables


def test_growth_up_to_the_size_that_is_built_to_touches_no_cable() -> None:
    found = recabling(grown(1, 4), grown(3, 4))
    assert {each.fabric for each in found} == {"compute", "storage", "inband", "oob"}
    assert not [each for each in found if each.touches_existing]
    assert all(each.stay_count and each.new_count for each in found)


def test_growth_beyond_it_says_what_must_be_recabled() -> None:
    before, after = grown(1, 1), grown(4, 4)
    found = {each.fabric: each for each in recabling(before, after)}["compute"]
    assert found.touches_existing
    own = before.filter(pl.col("fabric") == "compute")["cable"].n_unique()
    assert found.stay_count + found.moved_count + found.removed_count == own


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(8)), st.integers(0, 8), st.integers(0, 8))
def test_nothing_is_lost_or_counted_twice(order: list[int], before_count: int, after_count: int) -> None:
    before = links(*[(f"n{n}:1", f"leaf1:{n}") for n in range(before_count)]) if before_count else BEFORE.clear()
    after = links(*[(f"n{n}:1", f"leaf1:{order[n]}") for n in range(after_count)]) if after_count else BEFORE.clear()
    found = [asdict(each) for each in recabling(before, after)]
    total = found[0] if found else dict.fromkeys(("stay_count", "new_count", "moved_count", "removed_count"), 0)
    assert total["stay_count"] + total["moved_count"] + total["new_count"] == after_count
    assert total["stay_count"] + total["moved_count"] + total["removed_count"] == before_count
