"""Racks as bodies: weights with coolant, loads by area and by foot, and the way in."""

from __future__ import annotations

from math import atan, degrees

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.design.shell.bodies import rack_bodies
from gigasite.design.shell.delivery import Load, missed_limits, slope_deg, turns_corner
from gigasite.design.shell.floor_loads import (
    floor_load_kpa,
    foot_load_kn,
    heaviest_foot_ratio,
    wet_weight_kg,
    working_load_kn,
)
from gigasite.spec.shell import DeliverySpec, DeliveryStep

from .sites import GB200, H100, codes, design_of, hits

RACK = Load(600, 1068, 2236, 1383.0, 0.3)


def bodies(text: str) -> pl.DataFrame:
    design = design_of(text)
    return rack_bodies(design.tables.racks, design.resolved, load_catalog())


def test_a_liquid_cooled_rack_weighs_more_with_its_coolant() -> None:
    """1,360 kg (cool-gb200-rack) and 0.2 l for each of 115 kW into liquid, of PG25."""
    rack = bodies(GB200).filter(pl.col("kind") == "pool").row(0, named=True)
    density = load_catalog().fluid("pg25").density_kg_m3
    assert rack["weight_kg"] == 1360
    assert rack["coolant_l"] == pytest.approx(23)
    assert rack["wet_kg"] == pytest.approx(wet_weight_kg(1360, 23, density))


def test_an_air_cooled_rack_holds_no_coolant() -> None:
    racks = bodies(H100)
    assert (racks["wet_kg"] == racks["weight_kg"]).all()


def test_a_system_that_is_a_rack_has_its_own_size() -> None:
    rack = bodies(GB200).filter(pl.col("kind") == "pool").row(0, named=True)
    assert (rack["depth_mm"], rack["height_mm"], rack["width_mm"]) == (1068, 2236, 600)
    site = bodies(GB200).filter(pl.col("kind") == "core").row(0, named=True)
    assert (site["depth_mm"], site["height_mm"]) == (1200, 2300)


@given(kg=st.floats(50, 4000), area=st.floats(0.3, 4), feet=st.integers(3, 8))
def test_no_foot_carries_less_than_its_equal_share(kg: float, area: float, feet: int) -> None:
    share = heaviest_foot_ratio(feet, 0.1)
    assert foot_load_kn(kg, share) * feet >= floor_load_kpa(kg, area) * area - 1e-9


@pytest.mark.parametrize(("load_class", "kn"), [(1, 2.0), (2, 3.0), (3, 4.0), (4, 4.5), (5, 5.0), (6, 6.0)])
def test_classes_of_raised_floors_have_half_their_ultimate_load(load_class: int, kn: float) -> None:
    assert working_load_kn(load_class) == kn


@pytest.mark.parametrize(("load_class", "stands"), [(1, False), (3, False), (5, True), (6, True)])
def test_a_full_nvl72_stands_on_a_raised_floor_of_class_5(load_class: int, stands: bool) -> None:
    found = hits(GB200 + f"shell: {{floor: {{load_class: {load_class}}}}}\n", "RCK121")
    assert bool(found) is not stands


def test_filling_racks_in_their_place_spares_the_castors() -> None:
    floor = "shell: {floor: {point_kn: 5, rolling_kn: 4.02}, delivery: {charged: %s}}\n"
    assert hits(GB200 + floor % "true", "RCK122")
    assert not hits(GB200 + floor % "false", "RCK122")


@pytest.mark.parametrize(
    ("from_mm", "into_mm", "passes"),
    [(600, 1068, True), (590, 3000, False), (1068, 600, True), (801, 801, False), (803, 803, True), (700, 800, False)],
)
def test_a_rack_turns_a_corner_or_passes_broadside(from_mm: float, into_mm: float, passes: bool) -> None:
    assert turns_corner(1068, 600, from_mm, into_mm) == passes


@given(length=st.floats(600, 2000), width=st.floats(300, 600), both=st.floats(300, 1999))
def test_between_equal_corridors_the_corner_is_worst_at_45_degrees(length: float, width: float, both: float) -> None:
    """√2·c - l/2 >= w: the long side touches both outer walls at 45°; or the corridor is as wide as the box is long."""
    room = 2**0.5 * both - length / 2 - width
    if abs(room) > 0.01:
        assert turns_corner(length, width, both, both) == (both >= width and (room > 0 or both >= length))


@given(length=st.floats(600, 2000), width=st.floats(300, 600), a=st.floats(300, 3000), b=st.floats(300, 3000))
def test_a_wider_corridor_never_stops_what_passed(length: float, width: float, a: float, b: float) -> None:
    assert turns_corner(length, width, a, b) == turns_corner(length, width, b, a)
    if turns_corner(length, width, a, b):
        assert turns_corner(length, width, a + 100, b)


STEPS: dict[str, tuple[dict[str, object], str | None]] = {
    "door wide enough": ({"kind": "door", "width_mm": 700, "height_mm": 2286}, None),
    "door too narrow": ({"kind": "door", "width_mm": 699}, "width"),
    "door too low": ({"kind": "door", "height_mm": 2285}, "height"),
    "cabin too shallow": ({"kind": "lift", "depth_mm": 1100}, "depth"),
    "lift too weak": ({"kind": "lift", "max_kg": 1582}, "weight"),
    "lift strong enough": ({"kind": "lift", "max_kg": 1583}, None),
    "floor too weak": ({"kind": "floor", "rolling_kn": 4.0}, "castor"),
    "corner too tight": ({"kind": "corridor", "width_mm": 800, "turn_mm": 800}, "corner"),
    "ramp too steep": ({"kind": "ramp", "slope_ratio": 0.1}, "slope"),
}


@pytest.mark.parametrize(("step", "missed"), STEPS.values(), ids=STEPS)
def test_each_limit_of_a_step_is_held_against_the_rack(step: dict[str, object], missed: str | None) -> None:
    spec = DeliverySpec(
        trolley_kg=200,
        clearance_mm=50,
        slope_limit_ratio=1 / 12,
        path=(DeliveryStep.model_validate({"name": "step", **step}),),
    )
    assert [miss.what for miss in missed_limits(RACK, spec)] == ([missed] if missed else [])


def test_an_unknown_weight_is_told_and_not_passed_over() -> None:
    spec = DeliverySpec(trolley_kg=0, path=(DeliveryStep(name="lift", kind="lift", max_kg=5000),))
    (miss,) = missed_limits(Load(600, 1068, 2236, None, 0.3), spec)
    assert (miss.what, miss.figure) == ("weight", None)


def test_a_crate_counts_only_where_racks_are_packed() -> None:
    """2,236 mm, 50 mm of room and 300 mm of crate; 1,383 kg, 200 kg of trolley and 150 kg of crate."""
    step = {"name": "dock", "kind": "door", "height_mm": 2500, "max_kg": 1700}
    for packed, missed in ((False, []), (True, ["height", "weight"])):
        spec = DeliverySpec(
            trolley_kg=200,
            clearance_mm=50,
            packing_mm=300,
            packing_kg=150,
            path=(DeliveryStep.model_validate({**step, "packed": packed}),),
        )
        assert [miss.what for miss in missed_limits(RACK, spec)] == missed


def test_a_ramp_of_one_in_twelve_rises_by_less_than_five_degrees() -> None:
    assert slope_deg(1 / 12) == pytest.approx(degrees(atan(1 / 12)))
    assert slope_deg(1 / 12) == pytest.approx(4.76, abs=0.01)


@pytest.mark.parametrize("text", [H100, GB200])
def test_a_site_of_defaults_has_no_finding_of_its_shell(text: str) -> None:
    assert codes(text) == set()
