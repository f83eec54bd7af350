"""Places: racks never overlap, halls are never overfilled, and growth never moves a unit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.floor import FloorPlan, Room, plan_floor, seats_of_unit
from gigasite.design.racks import Shelf, fill_in_order
from gigasite.spec.halls import HallsSpec

rooms = st.lists(
    st.tuples(st.integers(1, 12), st.floats(1, 2000), st.integers(1, 30), st.integers(0, 10)), min_size=1, max_size=4
).map(lambda found: [Room(f"p{i}", w, kw, n + more, n) for i, (w, kw, n, more) in enumerate(found)])


def seats(plan: FloorPlan, asked: list[Room]) -> list[tuple[int, int]]:
    taken = [(int(h), int(p)) for h, p in zip(plan.site_hall, plan.site_position, strict=True) if h >= 0]
    for room in asked:
        placed = plan.units[room.pool]
        for hall, first in zip(placed.hall, placed.position, strict=True):
            if hall >= 0:
                taken += [(int(hall), int(first) + k) for k in range(room.positions)]
    return taken


@settings(deadline=None)
@given(asked=rooms, count=st.integers(1, 6), positions=st.integers(1, 80), racks=st.integers(0, 20))
def test_no_two_racks_share_a_position_and_none_stands_outside(
    asked: list[Room], count: int, positions: int, racks: int
) -> None:
    plan = plan_floor(HallsSpec(count=count, rack_positions=positions, it_mw=2), asked, racks, 10.0 * racks)
    taken = seats(plan, asked)
    assert len(taken) == len(set(taken))
    assert all(0 <= hall < count and 0 <= position < positions for hall, position in taken)


@settings(deadline=None)
@given(asked=rooms, racks=st.integers(0, 9))
def test_open_halls_are_made_large_enough_for_everything(asked: list[Room], racks: int) -> None:
    plan = plan_floor(HallsSpec(), asked, racks, 0.0)
    assert not any(plan.unplaced.values())
    assert (plan.site_hall >= 0).all()


@settings(deadline=None)
@given(asked=rooms, limit_mw=st.floats(0.5, 5))
def test_no_hall_is_planned_above_its_power(asked: list[Room], limit_mw: float) -> None:
    plan = plan_floor(HallsSpec(count=4, rack_positions=200, it_mw=limit_mw), asked, 0, 0.0)
    load = np.zeros(4)
    for room in asked:
        hall = plan.units[room.pool].hall
        np.add.at(load, hall[hall >= 0], room.kw)
    assert (load <= limit_mw * 1000 + 1e-6).all()


@settings(deadline=None)
@given(asked=rooms, more=st.integers(1, 5))
def test_a_pool_that_grows_within_its_ultimate_size_moves_nothing(asked: list[Room], more: int) -> None:
    halls = HallsSpec(count=3, rack_positions=400)
    first = asked[0]
    built = min(first.built_su_count + more, first.build_to_su_count)
    grown = [Room(first.pool, first.positions, first.kw, first.build_to_su_count, built), *asked[1:]]
    before, after = plan_floor(halls, asked, 4, 0.0), plan_floor(halls, grown, 4, 0.0)
    for plan in (before, after):  # halls that do not hold the ultimate size hold what is built, and reserve nothing
        if any(plan.unplaced.values()) or any(len(plan.units[r.pool].hall) < r.build_to_su_count for r in asked):
            return
    for room in asked:
        assert (before.units[room.pool].position == after.units[room.pool].position).all()
        assert (before.units[room.pool].hall == after.units[room.pool].hall).all()


@given(
    kinds=st.lists(st.tuples(st.integers(1, 10), st.floats(0.05, 9), st.integers(0, 60)), min_size=1, max_size=5),
    usable=st.integers(10, 60),
)
def test_filled_racks_hold_what_height_and_load_allow(kinds: list[tuple[int, float, int]], usable: int) -> None:
    limit_kw = 30.0
    filled = fill_in_order([(Shelf(u, kw, 1.0), n) for u, kw, n in kinds], usable, limit_kw)
    heights = np.repeat([u for u, _, _ in kinds], [n for _, _, n in kinds]).astype(int)
    draws = np.repeat([kw for _, kw, _ in kinds], [n for _, _, n in kinds])
    assert len(filled.rack) == len(heights)
    units = [
        (int(rack), int(unit) + k)
        for rack, unit, height in zip(filled.rack, filled.unit, heights, strict=True)
        for k in range(height)
    ]
    assert len(units) == len(set(units))
    assert all(1 <= unit <= usable for _, unit in units)
    if len(draws):
        assert np.bincount(filled.rack, weights=draws).max() <= limit_kw + 1e-6


@given(racks=st.integers(1, 60), network=st.integers(0, 8))
def test_switches_stand_in_the_middle_of_their_unit(racks: int, network: int) -> None:
    compute, middle = seats_of_unit(racks, network)
    assert sorted([*compute.tolist(), *middle.tolist()]) == list(range(racks + network))
    before = [seat for seat in compute.tolist() if network and seat < middle[0]]
    assert not network or abs(len(before) - (racks - len(before))) <= 1
