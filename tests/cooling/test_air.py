"""Room air: flow, mixing, units away from their rating point, classes, rear doors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog.cooling_products import ImmersionTank, RearDoor
from gigasite.design.cooling import airflow, classes
from gigasite.design.cooling.rack_loads import published_rise_k
from gigasite.design.cooling.technologies.immersion import fluid_c, tank_capacity_kw
from gigasite.design.cooling.technologies.rear_door import door_fan_kw, door_heat_kw

from .sites import H100, catalog, design_of, found

ENTRIES = {
    entry["id"]: entry
    for name in ("31_cooling.yaml", "90_contradictions.yaml")
    for entry in yaml.safe_load((Path(__file__).parent.parent / "reference" / name).read_text())["entries"]
}
RATIO = st.floats(0, 0.6)
RATED = {"rated_rise_k": 10.0, "rated_approach_k": 5.0}


@given(st.floats(1, 5000), st.floats(0.1, 500), st.floats(10, 35), RATIO, RATIO, st.floats(0.5, 1.0))
def test_air_units_carry_just_what_racks_give_however_air_mixes(
    heat: float, flow: float, supply: float, bypass: float, back: float, density: float
) -> None:
    air = airflow.room_air(heat, flow, supply, bypass_ratio=bypass, recirculation_ratio=back, density_ratio=density)
    carried = airflow.AIR_KJ_M3K * density * air.unit_flow_m3_s * (air.return_c - supply)
    assert carried == pytest.approx(heat)
    assert air.exhaust_c - air.inlet_c == pytest.approx(airflow.airflow_rise_k(heat, flow, density))
    # What racks breathe is units' air and their own exhaust in the given proportion.
    assert air.inlet_c == pytest.approx((1 - back) * supply + back * air.exhaust_c)
    assert air.inlet_c >= supply


def test_published_airflows_give_their_rise() -> None:
    """cool-airflow-h100-guide, and the other systems' CFM a kW."""
    assert published_rise_k(catalog().system("dgx-h100")) == pytest.approx(11.25, rel=0.01)
    assert published_rise_k(catalog().system("dgx-b200")) == pytest.approx(11.25 * 157 / 108.4, rel=0.01)
    assert published_rise_k(catalog().system("gb300-nvl72")) is None
    assert airflow.cfm(airflow.m3_s(157)) == pytest.approx(157)


def test_an_air_unit_gives_its_plate_at_its_rating_point_and_less_away_from_it() -> None:
    at = {"rise_k": 10.0, "approach_k": 5.0}
    assert airflow.air_unit_kw(100, **RATED, **at) == (100, "name plate")
    assert airflow.air_unit_kw(100, **RATED, rise_k=8.0, approach_k=9.0) == (pytest.approx(80), "airflow")
    assert airflow.air_unit_kw(100, **RATED, rise_k=10.0, approach_k=2.0) == (pytest.approx(80), "coil")
    assert airflow.air_unit_kw(100, **RATED, rise_k=10.0, approach_k=0.0)[0] == 0
    assert airflow.air_unit_kw(100, **RATED, **at, density_ratio=0.7) == (pytest.approx(70), "thin air")
    assert airflow.air_unit_kw(100, rated_rise_k=None, rated_approach_k=None, rise_k=3, approach_k=1)[0] == 100


@given(st.floats(1, 30), st.floats(0.1, 20), st.floats(0.5, 1))
def test_air_units_never_give_more_than_their_plate(rise: float, approach: float, density: float) -> None:
    kw, _ = airflow.air_unit_kw(100, **RATED, rise_k=rise, approach_k=approach, density_ratio=density)
    assert 0 <= kw <= 100 * density + 1e-9
    wider, _ = airflow.air_unit_kw(100, **RATED, rise_k=rise * 1.1, approach_k=approach * 1.1, density_ratio=density)
    assert wider >= kw


def test_open_aisles_need_more_air_and_warm_the_racks() -> None:
    racks = {**H100, "scalable_units": 4}
    shut, open_ = (design_of(racks, cooling={"air": {"containment": how}}) for how in ("hot-aisle", "none"))
    assert (open_.halls[0].airflow_m3_s or 0) > (shut.halls[0].airflow_m3_s or 0)
    assert (open_.halls[0].inlet_c or 0) > (shut.halls[0].inlet_c or 0) > 24
    assert (open_.cooling.air_units_installed or 0) > (shut.cooling.air_units_installed or 0)
    warm = design_of(H100, cooling={"air": {"containment": "none", "supply_c": 28.5}})
    assert {f.code for f in found(warm, "CLG111")} == {"CLG111"}
    assert not found(design_of(H100, cooling={"air": {"supply_c": 28.5}}), "CLG111")


def test_fans_follow_the_cube_of_their_share_of_the_air() -> None:
    few, many = (
        design_of(H100, cooling={"air": {"unit_count": count}}, halls={"count": 1}).tables.plant for count in (10, 20)
    )
    kw = [plant.filter(plant["kind"] == "air-unit")["electric_kw"][0] for plant in (few, many)]
    assert kw[0] == pytest.approx(8 * kw[1], rel=1e-6)


@pytest.mark.parametrize(
    ("supply_c", "name"),
    [
        (2, "W17"),
        (17, "W17"),
        (17.1, "W27"),
        (27, "W27"),
        (32, "W32"),
        (33, "W40"),
        (40, "W40"),
        (45, "W45"),
        (46, "W+"),
    ],
)
def test_facility_water_has_the_class_that_covers_it(supply_c: float, name: str) -> None:
    assert classes.w_class(supply_c) == name


def test_classes_are_ashraes() -> None:
    """cool-ashrae-w, -s, -air, -h1, con-w40."""
    water = ENTRIES["cool-ashrae-w"]["expected"]
    assert dict(classes.W_CLASSES_C) == water["facility_supply_max_c"]
    assert dict(classes.W_OLD_NAMES) == water["old_names"]
    assert classes.w_limit_c("W4") == 45
    assert classes.w_limit_c("W40") == 40
    assert classes.w_limit_c("W5") is None
    assert dict(classes.S_CLASSES_C) == ENTRIES["cool-ashrae-s"]["expected"]["tcs_supply_max_c"]
    for key, band in ENTRIES["cool-ashrae-air"]["expected"].items():
        assert classes.AIR_ALLOWABLE_C[key[:2]] == tuple(band)
    high = ENTRIES["cool-ashrae-h1"]["expected"]
    assert classes.AIR_ALLOWABLE_C["H1"] == tuple(high["H1_allowable_c"])
    assert classes.AIR_RECOMMENDED_C["H1"] == tuple(high["H1_recommended_c"])
    assert classes.AIR_RECOMMENDED_C["A1"] == tuple(high["recommended_a_c"])
    assert set(ENTRIES["con-w40"]["published"]["classes"]) <= set(classes.W_CLASSES_C)
    assert classes.air_classes(38) == ("A3", "A4")
    assert classes.is_recommended(24, "A1")
    assert not classes.is_recommended(24, "H1")


@pytest.mark.parametrize(
    ("supply_c", "name"), [(18, "S20"), (30, "S30"), (40, "S40"), (45.5, "S50"), (51, "above S50")]
)
def test_coolant_has_the_class_that_covers_it(supply_c: float, name: str) -> None:
    assert classes.s_class(supply_c) == name


DOOR = catalog().of(RearDoor, "rear-door-active-70kw")


@given(st.floats(1, 150), st.floats(5, 25), st.floats(14, 30), st.floats(0.6, 1))
def test_a_door_takes_no_more_than_there_is(air_kw: float, rise: float, water_c: float, density: float) -> None:
    def taken(water: float) -> float:
        heat = door_heat_kw(
            DOOR, np.array([air_kw]), np.array([rise]), inlet_c=24.0, water_c=water, density_ratio=density
        )
        return float(heat[0])

    assert 0 <= taken(water_c) <= min(air_kw, DOOR.capacity_kw)
    assert taken(water_c + 1) <= taken(water_c)
    assert taken(24 + rise + 1) == 0


def test_a_door_gives_its_plate_at_its_rating_point() -> None:
    """70 kW of air that warms by 15 K, with water 6 K below the air behind the door."""
    heat = door_heat_kw(DOOR, np.array([70.0]), np.array([15.0]), inlet_c=24.0, water_c=18.0)
    assert heat[0] == pytest.approx(70)
    fans = door_fan_kw(DOOR, np.array([70.0, 35.0]), np.array([15.0, 15.0]))
    assert fans == pytest.approx([1.2, 1.2 / 8])


def test_a_tank_is_worth_what_its_water_leaves_to_the_fluid() -> None:
    tank = catalog().of(ImmersionTank, "immersion-100kw")
    assert tank_capacity_kw(tank, 37) == pytest.approx(100)
    assert tank_capacity_kw(tank, 41) == pytest.approx(50)
    assert tank_capacity_kw(tank, 50) == 0
    assert tank_capacity_kw(tank, None) == 100
    assert fluid_c(tank, 50, 41) == pytest.approx(45)
