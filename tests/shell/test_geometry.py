"""Rows, aisles, halls and the ways out of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.shell.areas import building_need, white_m2_per_mw
from gigasite.design.shell.geometry import Rows, aisles, dead_end_m, exits_needed, way_out_m

from .sites import H100, design_of, hits


@pytest.mark.parametrize(
    ("cold", "hot", "pitch", "expected"),
    [
        (None, None, None, (1.8, 1.8, 3.0)),
        (None, None, 2.4, (1.2, 1.2, 2.4)),
        (1.8, None, 2.7, (1.8, 1.2, 2.7)),
        (None, 0.9, 2.7, (2.1, 0.9, 2.7)),
        (2.4, 1.2, None, (2.4, 1.2, 3.0)),
        (2.4, None, None, (2.4, 1.8, 3.3)),
    ],
)
def test_aisles_and_pitch_follow_from_each_other(
    cold: float | None, hot: float | None, pitch: float | None, expected: tuple[float, float, float]
) -> None:
    found = aisles(cold, hot, pitch, depth_m=1.2, usual_m=1.8)
    assert (found.cold_m, found.hot_m, found.row_pitch_m) == pytest.approx(expected)


def test_rows_stand_back_to_back_over_their_hot_aisle() -> None:
    rows = Rows(16, 0.6, row_pitch_m=1.2 + 1.5, cold_aisle_m=1.8, hot_aisle_m=1.2, end_aisle_m=1.8)
    assert rows.depth_m == pytest.approx(1.2)
    assert rows.row_y_m(np.arange(4.0)) == pytest.approx([0, 2.4, 5.4, 7.8])
    assert rows.width_m(64) == pytest.approx(7.8 + 1.2 + 3.6)
    assert rows.length_m(64) == pytest.approx(16 * 0.6 + 3.6)


@given(
    positions=st.integers(1, 500),
    more=st.integers(0, 100),
    row=st.integers(1, 40),
    cold=st.floats(0.9, 4),
    hot=st.floats(0.9, 4),
)
def test_more_positions_never_ask_for_a_smaller_hall(
    positions: int, more: int, row: int, cold: float, hot: float
) -> None:
    rows = Rows(row, 0.6, 1.2 + (cold + hot) / 2, cold, hot, 1.8)
    assert rows.width_m(positions + more) >= rows.width_m(positions) - 1e-9
    assert rows.length_m(positions + more) >= rows.length_m(positions) - 1e-9
    assert rows.length_m(positions) * rows.width_m(positions) >= positions * 0.6 * 1.2


def test_a_dead_end_is_the_row_where_one_end_is_open() -> None:
    assert dead_end_m(9.6, 1) == 9.6
    assert dead_end_m(9.6, 2) == 0


@given(length=st.floats(5, 150), width=st.floats(5, 400), limit=st.floats(80, 200))
def test_as_many_exits_as_needed_keep_the_way_out_within_its_limit(length: float, width: float, limit: float) -> None:
    exits = exits_needed(length, width, limit)
    assert exits is not None
    assert way_out_m(length, width, exits) <= limit + 1e-6
    assert exits == 1 or way_out_m(length, width, exits - 1) > limit


def test_rows_that_are_too_long_have_no_exits_enough() -> None:
    assert exits_needed(190, 20, 91.4) is None
    assert hits(H100 + "halls: {rack_positions: 320}\nracks: {row_positions: 320}\n", "RCK132")


def test_building_and_land_follow_from_halls_and_load() -> None:
    """2,000 m² of halls and 180 m² a MW for 20 MW: 5,600 m², 7,000 with ways; on two storeys 3,500 on the ground."""
    need = building_need(
        2000,
        20,
        support_m2_per_mw=180,
        circulation_ratio=0.25,
        stories=2,
        yard_m2_per_mw=300,
        substation_m2=4000,
        usable_ratio=0.6,
    )
    assert need.gross_m2 == pytest.approx(7000)
    assert need.footprint_m2 == pytest.approx(3500)
    assert need.land_ha == pytest.approx((3500 + 6000 + 4000) / 0.6 / 1e4)
    assert white_m2_per_mw(2000, 20) == 100
    assert white_m2_per_mw(2000, None) is None


def test_the_assumed_rooms_of_a_large_site_agree_with_the_published_area_per_megawatt() -> None:
    """RLB (2024): 40 MW in 10,000 to 12,500 m²: 250 to 313 m² gross per MW."""
    site = "name: big\npools:\n  - {name: train, system: gb300-nvl72, scalable_units: 32, power_cap_kw: 132}\n"
    shell = design_of(site).shell
    assert shell is not None
    assert shell.gross_m2 is not None
    assert shell.it_mw is not None
    assert 250 <= shell.gross_m2 / shell.it_mw <= 313


def test_a_denser_rack_takes_less_white_space_a_megawatt() -> None:
    def of(system: str) -> float:
        shell = design_of(f"name: demo\npools:\n  - {{name: train, system: {system}, scalable_units: 1}}\n").shell
        assert shell is not None
        assert shell.white_m2_per_mw is not None
        return shell.white_m2_per_mw

    assert of("gb300-nvl72") < of("dgx-h100")


@pytest.mark.parametrize("depth_mm", [1000, 1200, 1400])
def test_deeper_racks_move_rows_apart_and_keep_the_aisles(depth_mm: int) -> None:
    racks = design_of(H100 + f"racks: {{depth_mm: {depth_mm}}}\n").resolved.racks
    assert racks.row_pitch_m == pytest.approx(depth_mm / 1000 + 1.8)
