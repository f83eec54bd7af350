"""From the loss of the grid until generators, drives and chillers run: what warms meanwhile, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.cooling.ridethrough import (
    RideThrough,
    heat_until_cooled_kj,
    ride_throughs,
    seconds_to_rise,
    still_coolant_s,
    stored_kj,
    tank_m3,
)
from gigasite.errors import Severity

from .sites import CATALOG, GB300, H100, design, findings

WATER, PG25 = CATALOG.fluid("water"), CATALOG.fluid("pg25")


def of(loop: str, pool: dict[str, Any], **site: Any) -> RideThrough:
    return next(ride for ride in ride_throughs(design(pool, **site), CATALOG) if ride.loop == loop)


def test_water_stores_its_heat_capacity() -> None:
    """10 m³ that warm by 5 K: 995.7 · 10 · 4.18 · 5 kJ; a megawatt fills it in 208 s."""
    stored = stored_kj(10_000, WATER, 5)
    assert stored == pytest.approx(208_101, rel=1e-4)
    assert seconds_to_rise(1000, stored) == pytest.approx(208.1, rel=1e-3)


def test_coolant_that_stands_still_lasts_seconds() -> None:
    """0.25 l a kW of PG25 and 15 K: 0.25 · 1.015 · 3.87 · 15 = 14.7 s."""
    assert still_coolant_s(0.25, PG25, 15) == pytest.approx(14.73, rel=1e-3)


def test_nothing_cools_until_drives_run_and_chillers_wait_longer() -> None:
    assert heat_until_cooled_kj(1000, 0, 10, 20, 120) == 1000 * 130
    assert heat_until_cooled_kj(1000, 400, 10, 20, 120) == 1000 * 30 + 600 * 100
    assert heat_until_cooled_kj(1000, 1000, 10, 20, 120) == 1000 * 30


@given(st.floats(0, 1), st.floats(0, 600), st.floats(0, 600), st.floats(0, 900))
def test_later_starts_and_less_free_cooling_never_need_less(
    free: float, start: float, drives: float, chillers: float
) -> None:
    base = heat_until_cooled_kj(1000, 1000 * free, start, drives, chillers)
    assert heat_until_cooled_kj(1000, 1000 * free, start + 1, drives, chillers) >= base
    assert heat_until_cooled_kj(1000, 1000 * free, start, drives, chillers + 1) >= base - 1e-9
    assert heat_until_cooled_kj(1000, 900 * free, start, drives, max(chillers, drives)) >= (
        heat_until_cooled_kj(1000, 1000 * free, start, drives, max(chillers, drives)) - 1e-6
    )


def test_a_tank_holds_what_is_missing_over_the_rise_of_its_water() -> None:
    """100 MJ at 10 K, 85 % of it usable."""
    assert tank_m3(100_000, WATER, 10, 0.85) == pytest.approx(100_000 / (995.7 * 4.18 * 10 * 0.85))
    assert tank_m3(-1, WATER, 10, 0.85) == 0


@pytest.mark.parametrize("pool", [GB300, H100])
def test_tanks_are_sized_to_hold_by_default(pool: dict[str, Any]) -> None:
    rides = ride_throughs(design(pool), CATALOG)
    assert rides
    assert all(ride.holds in (True, None) for ride in rides)
    assert not findings(design(pool), "CLG143", "CLG144", "CLG145")


def test_water_of_40_degrees_has_5_kelvin_to_go_at_a_gb300() -> None:
    found = of("liquid", GB300, cooling={"loop": {"supply_c": 40}})
    assert (found.margin_k, found.limited_by) == (5, "gb300-nvl72")


@pytest.mark.parametrize(("factor", "fires"), [(1.0001, False), (0.99, True)])
def test_a_tank_is_judged_at_its_exact_size(factor: float, *, fires: bool) -> None:
    need = of("air", H100).buffer_m3
    assert need
    made = design(H100, cooling={"outside": {"ride_through": {"air_buffer_m3": need * factor}}})
    assert bool(findings(made, "CLG144")) is fires


@pytest.mark.parametrize("start_s", [5.0, 15.0, 60.0])
@pytest.mark.parametrize("restart_s", [30.0, 120.0, 300.0])
def test_slower_generators_and_chillers_need_larger_tanks(start_s: float, restart_s: float) -> None:
    def tank(start: float, restart: float) -> float:
        power = {"generators": {"start_s": start}, "mechanical": {"chillers_restart_s": restart}}
        return of("air", H100, power=power).buffer_m3 or 0.0

    assert tank(start_s, restart_s) <= tank(start_s + 10, restart_s)
    assert tank(start_s, restart_s) <= tank(start_s, restart_s + 10)


@pytest.mark.parametrize(
    ("cooling", "code"),
    [
        ({"loop": {"pumps_on_ups": False}}, "CLG143"),
        ({"facility": {"pumps_on_ups": False}}, "CLG143"),
        ({"air": {"fans_on_ups": False}}, "CLG144"),
    ],
)
def test_what_stands_still_does_not_last_until_generators_run(cooling: dict[str, Any], code: str) -> None:
    found = findings(design(GB300 if code == "CLG143" else H100, cooling=cooling), code)
    assert [finding.severity for finding in found] == [Severity.ERROR]


def test_cooling_without_generators_is_told_and_for_a_basic_site_a_warning() -> None:
    power = {"mechanical": {"on_generators": False}}
    (told,) = findings(design(H100, power=power), "CLG145")
    (mild,) = findings(design(H100, power=power, standards={"availability": "basic"}), "CLG145")
    assert (told.severity, mild.severity) == (Severity.ERROR, Severity.WARNING)


def test_a_limit_that_no_source_gives_leaves_the_ride_through_unknown() -> None:
    assert of("liquid", {"system": "gb200-nvl72", "scalable_units": 1}).holds in (None, True)


def test_a_landlord_has_his_own_ride_through() -> None:
    assert ride_throughs(design(GB300, demarcation="colocation"), CATALOG) == ()


def test_a_room_without_water_warms_by_itself() -> None:
    """The air of the hall and a quarter of the racks' steel over the heat of the racks.

    30 °C are allowed, 24 °C are supplied; 2 % of the racks' air is their own exhaust, warmer by what 157 CFM carry.
    """
    made = design(H100, cooling={"air": {"unit": "crac-100kw"}})
    (ride,) = ride_throughs(made, CATALOG)
    racks = made.tables.racks
    kj_k = racks.height * 12 * 1.2 * 1.006 + racks["weight_kg"].sum() * 0.46 * 0.25
    margin_k = 30 - (made.halls[0].inlet_c or 0.0)
    assert margin_k == pytest.approx(6 - 0.02 / 0.98 / (1.2 * 1.006 * 157 * 0.000471947), abs=0.02)
    assert ride.covered_s == pytest.approx(kj_k * margin_k / racks["air_kw"].sum(), rel=1e-5)
    assert [finding.at for finding in findings(made, "CLG144")] == ["cooling.air.unit"]
    soon = {"mechanical": {"chillers_restart_s": 5}, "generators": {"start_s": 5}}
    assert not findings(design(H100, cooling={"air": {"unit": "crac-100kw"}}, power=soon), "CLG144")
