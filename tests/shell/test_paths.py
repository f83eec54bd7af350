"""Ways over the trays: no shorter than they can be, the same in both directions, and no detour pays."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.cabling.lengths import sold_length_m
from gigasite.design.shell.geometry import Rows
from gigasite.design.shell.paths import Places, Trays, cable_m, cross_trays_around, rise_m, route_m, wings_needed

ROWS = Rows(row_positions=16, pitch_m=0.6, row_pitch_m=3.0, cold_aisle_m=1.8, hot_aisle_m=1.8, end_aisle_m=1.8)


def trays(rows: Rows = ROWS, cross_every: int = 8, per_corridor: int = 8, stories: int = 1) -> Trays:
    return Trays(rows, cross_every, 10.0, per_corridor, stories, story_height_m=7.0, wing_pitch_m=40.0)


def places(spots: list[tuple[int, int, int]], of: Trays) -> Places:
    """Hall, row and position, all from 0."""
    hall, row, position = (np.array(part, float) for part in zip(*spots, strict=True))
    x_m = position * of.rows.pitch_m + of.hall_column(hall) * of.hall_pitch_m
    return Places(hall, row, x_m, of.rows.row_y_m(row) + of.hall_wing(hall) * of.wing_pitch_m)


def way(a: tuple[int, int, int], b: tuple[int, int, int], of: Trays | None = None) -> float:
    of = of or trays()
    return float(route_m(places([a, b], of), np.array([0]), np.array([1]), of)[0])


def test_along_a_row_the_way_is_straight() -> None:
    assert way((0, 3, 2), (0, 3, 15)) == pytest.approx(13 * 0.6)


def test_over_an_aisle_the_way_leads_by_the_nearest_cross_tray() -> None:
    """Positions 3 and 4 of 16 with cross trays at the ends and in the middle: 4 positions to the end, 3.5 to it."""
    assert way((0, 0, 3), (0, 1, 4)) == pytest.approx(0.6 + 3.0 + 2 * min(3.5, 3.5) * 0.6)
    assert way((0, 0, 0), (0, 1, 0)) == pytest.approx(3.0 + 2 * 0.5 * 0.6)


def test_a_cross_tray_between_the_racks_costs_no_detour() -> None:
    assert way((0, 0, 3), (0, 2, 12)) == pytest.approx(9 * 0.6 + 6.0)


def test_trays_at_the_ends_alone_make_the_way_longer() -> None:
    ends = trays(cross_every=16)
    assert way((0, 0, 7), (0, 1, 7), ends) == pytest.approx(3.0 + 2 * 7.5 * 0.6)


def test_to_another_hall_the_way_leads_along_the_corridor() -> None:
    """Hall pitch 9.6 + 10 m; from row 2 and row 3 (6 and 9 m) to the corridor, 0.6 + 1.8 m before the first row."""
    assert way((0, 2, 5), (1, 3, 5)) == pytest.approx(19.6 + 6.0 + 9.0 + 2 * 2.4)


def test_to_another_storey_the_way_leads_over_the_riser() -> None:
    two = trays(per_corridor=1, stories=2)
    assert two.spine_x_m == pytest.approx(4.5)
    assert way((0, 0, 0), (1, 0, 0), two) == pytest.approx(7.0 + 2 * (2.4 + 0.3 + 4.8))


def test_to_another_wing_the_way_leads_along_the_spine() -> None:
    two = trays(per_corridor=1)
    assert way((0, 0, 0), (1, 1, 0), two) == pytest.approx(40.0 + 3.0 + 2 * (2.4 + 0.3 + 4.8))


@given(halls=st.integers(1, 500), stories=st.integers(1, 4), pitch_m=st.floats(8, 60))
def test_corridors_are_as_few_as_keep_their_length(halls: int, stories: int, pitch_m: float) -> None:
    wings = wings_needed(halls, stories, pitch_m)
    assert ceil(halls / (wings * stories)) * pitch_m <= 200
    assert wings == 1 or ceil(halls / ((wings - 1) * stories)) * pitch_m > 200


def test_a_place_that_nobody_knows_has_no_way() -> None:
    of = trays()
    found = places([(0, 0, 0), (0, 1, 1)], of)
    lost = Places(np.array([0, np.nan]), np.array([0, np.nan]), np.array([0, np.nan]), np.array([0, np.nan]))
    assert np.isnan(route_m(lost, np.array([0]), np.array([1]), of)[0])
    assert not np.isnan(route_m(found, np.array([0]), np.array([1]), of)[0])


spot = st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 15))
layouts = st.builds(
    lambda pitch, cold, hot, every, per_corridor, stories: trays(
        Rows(16, pitch, 1.2 + (cold + hot) / 2, cold, hot, 1.5), every, per_corridor, stories
    ),
    st.sampled_from([0.6, 0.8]),
    st.sampled_from([1.2, 1.8, 2.4]),
    st.sampled_from([0.9, 1.8]),
    st.integers(1, 16),
    st.integers(1, 6),
    st.integers(1, 3),
)


@given(a=spot, b=spot, of=layouts)
def test_a_way_is_the_same_in_both_directions_and_never_shorter_than_the_grid(
    a: tuple[int, int, int], b: tuple[int, int, int], of: Trays
) -> None:
    there, back = way(a, b, of), way(b, a, of)
    found = places([a, b], of)
    grid = abs(found.y_m[0] - found.y_m[1]) + abs(found.x_m[0] - found.x_m[1])
    assert there == pytest.approx(back)
    assert there >= grid - 1e-9
    assert (there < 1e-9) == (a == b)


@given(a=spot, b=spot, c=spot, of=layouts)
def test_no_way_by_a_third_rack_is_shorter(
    a: tuple[int, int, int], b: tuple[int, int, int], c: tuple[int, int, int], of: Trays
) -> None:
    assert way(a, c, of) <= way(a, b, of) + way(b, c, of) + 1e-9


@given(a=spot, b=spot, every=st.integers(1, 8))
def test_more_cross_trays_make_no_way_longer(a: tuple[int, int, int], b: tuple[int, int, int], every: int) -> None:
    assert way(a, b, trays(cross_every=every)) <= way(a, b, trays(cross_every=2 * every)) + 1e-9


@given(position=st.integers(0, 15), every=st.integers(1, 20))
def test_every_place_lies_between_its_cross_trays(position: int, every: int) -> None:
    x_m = np.array([position * 0.6])
    before, behind = cross_trays_around(x_m, trays(cross_every=every))
    assert -0.3 - 1e-9 <= before[0] < x_m[0] < behind[0] <= 9.3 + 1e-9


@pytest.mark.parametrize(
    ("run_m", "slack", "end_m", "ordered_m"),
    [(3.6, 0.1, 0.5, 5.0), (10.0, 0.1, 0.5, 12.0), (10.0, 0.0, 0.0, 10.0), (10.01, 0.0, 0.0, 10.5), (0.0, 0.2, 0.5, 1)],
)
def test_slack_is_a_share_of_the_run_and_a_length_at_each_end(
    run_m: float, slack: float, end_m: float, ordered_m: float
) -> None:
    assert cable_m(np.array([run_m]), slack, end_m)[0] == pytest.approx(ordered_m)


def test_a_port_at_the_bottom_has_a_longer_way_up() -> None:
    """48 U: unit 1 lies 23.5 units below the middle; unknown units count as the middle."""
    rise = rise_m(1.5, np.array([48.0, 48.0, np.nan]), np.array([1.0, 48.0, 5.0]))
    assert rise == pytest.approx([1.5 + 23.5 * 0.04445, 1.5 - 23.5 * 0.04445, 1.5])


def test_cables_are_ordered_in_lengths_that_are_sold() -> None:
    sold = sold_length_m(np.array([0.5, 3.5, 5.0, 31.0]), (1, 2, 3, 5, 10, 30))
    assert sold.tolist() == [1, 5, 5, 31.0]
