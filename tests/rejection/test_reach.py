"""Water that loops get on the extreme day: worked out here from approaches and heat rates."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from gigasite import checks
from gigasite.design.cooling.psychrometrics import driest_wet_bulb_c
from gigasite.design.cooling.rejection.circuit import Circuit
from gigasite.design.cooling.rejection.plan import RejectionPlan, rejection_plan
from gigasite.design.cooling.rejection.reach import coldest_c, needed_count, reaches
from gigasite.design.cooling.rejection.wettest import wettest_day
from gigasite.design.model import Design

from .sites import CATALOG, GB300, H100, design

HOT = {"extreme_dry_bulb_c": 43.0, "extreme_wet_bulb_c": 27.0}


def plan_and(loop: str, made: Design) -> tuple[RejectionPlan, Circuit]:
    plan = rejection_plan(made.resolved, made.cooling, CATALOG)
    circuit = plan.circuit(loop)
    assert circuit is not None
    return plan, circuit


def codes(made: Design) -> set[str]:
    return {f.code for f in checks.run(made, CATALOG, {"CLG"}) if f.severity.value == "error"}


def of(pool: dict[str, Any], location: dict[str, float], **cooling: Any) -> Design:
    return design(pool, location=location, cooling=cooling)


@pytest.mark.parametrize("dry_c", [20.0, 31.0, 43.0])
@pytest.mark.parametrize("altitude_m", [0.0, 2500.0])
def test_dry_coolers_that_are_too_few_kelvins_give_the_air_and_their_approach(dry_c: float, altitude_m: float) -> None:
    place = {"extreme_dry_bulb_c": dry_c, "extreme_wet_bulb_c": 10.0, "altitude_m": altitude_m}
    plan, circuit = plan_and("liquid", of(GB300, place, rejection=["dry-cooler"], loop={"supply_c": 30}))
    assert reaches(circuit, plan) is (dry_c + 8 <= 26)
    assert coldest_c(circuit, plan) == pytest.approx(max(dry_c + 8, 26), abs=1e-3)


@pytest.mark.parametrize(("count", "enough"), [(4, False), (6, True)])
def test_units_that_the_site_counts_are_judged_by_what_they_reach(count: int, enough: bool) -> None:
    """n coolers at 32 °C: T = 32 + (8 + R)·Q/(n·q) − R; 36 °C are asked for, and the spare one is not counted on."""
    place = {"extreme_dry_bulb_c": 32.0, "extreme_wet_bulb_c": 20.0, "altitude_m": 0.0}
    units = [{"way": "dry-cooler", "loop": "liquid", "count": count, "unit_kw": 300}]
    made = of(GB300, place, rejection=["dry-cooler"], loop={"supply_c": 40}, outside={"units": units})
    plan, circuit = plan_and("liquid", made)
    heat_kw, rise_k = circuit.heat_kw, circuit.rise_k
    gives_c = 32 + (8 + rise_k) * heat_kw / ((count - 1) * 300) - rise_k
    assert (gives_c <= 36) is enough
    assert reaches(circuit, plan) is enough
    assert coldest_c(circuit, plan) == pytest.approx(max(gives_c, 36), abs=1e-3)
    assert ("CLG105" in codes(made)) is not enough


def test_a_cdu_whose_sheet_is_silent_is_judged_by_the_assumed_approach() -> None:
    loop = {"supply_c": 40, "cdu": "motivair-mcdu-70"}
    assert "CLG105" in codes(of(GB300, HOT, rejection=["dry-cooler"], loop=loop))
    assert "CLG105" not in codes(of(GB300, {**HOT, "extreme_dry_bulb_c": 27.0}, rejection=["dry-cooler"], loop=loop))


@pytest.mark.parametrize(("dry_c", "wrong"), [(4.0, False), (4.1, True), (10.0, True)])
def test_water_that_the_site_asks_for_counts_and_not_what_a_sheet_would_need(dry_c: float, wrong: bool) -> None:
    place = {"extreme_dry_bulb_c": dry_c, "extreme_wet_bulb_c": 2.0}
    made = of(H100, place, rejection=["dry-cooler"], facility={"air_supply_c": 12})
    assert ("CLG114" in codes(made)) is wrong


def test_rear_doors_beside_air_conditioners_need_water_too() -> None:
    pool = {**H100, "cooling": {"rear_door": "rear-door-active-70kw"}}
    air = {"unit": "crac-100kw", "supply_c": 24}
    made = of(pool, HOT, rejection=["dry-cooler"], air=air)
    assert made.cooling.air_water_supply_c == pytest.approx(24 - 6)
    assert "CLG114" in codes(made)
    assert "CLG114" not in codes(of(pool, HOT, rejection=["chiller"], air=air))


def test_tanks_need_their_water_without_any_coolant_in_racks() -> None:
    pool = {**H100, "cooling": {"immersion": "immersion-100kw"}}
    assert "CLG105" in codes(of(pool, HOT, rejection=["dry-cooler"]))


def test_coolers_are_needed_as_far_as_chillers_behind_them_dont_take_their_heat() -> None:
    pool = {**GB300, "scalable_units": 8}
    for dry_c in (30.0, 36.0, 40.0, 43.0, 48.0):
        place = {"extreme_dry_bulb_c": dry_c, "extreme_wet_bulb_c": 20.0}
        made = of(pool, place, rejection=["dry-cooler", "trim-chiller"], loop={"supply_c": 40})
        plan, circuit = plan_and("liquid", made)
        coolers = next(units for units in circuit.units if units.way == "dry-cooler")
        chillers = next(units for units in circuit.units if units.way == "trim-chiller")
        need = needed_count(circuit, coolers, plan)
        spare = {"trim-chiller": chillers.count - chillers.required_count}
        left = plan.at_extreme(circuit, {**spare, "dry-cooler": coolers.count - need})
        assert float(left.unmet_kw) <= 1e-6 * circuit.heat_kw
        if need:
            fewer = plan.at_extreme(circuit, {**spare, "dry-cooler": coolers.count - need + 1})
            assert float(fewer.unmet_kw) > 1e-6 * circuit.heat_kw
        rows = made.tables.plant.filter(pl.col("group").str.ends_with("liquid-dry-cooler"))
        assert set(rows["required_count"]) == {need}
        assert (need == 0) is (dry_c > 46.2)


def test_nobody_is_counted_on_to_take_heat_on_the_extreme_day() -> None:
    reuse = {"heat_kw": 500, "supply_c": 30}
    with_reuse = of(GB300, HOT, rejection=["dry-cooler", "trim-chiller"], outside={"reuse": reuse})
    without = of(GB300, HOT, rejection=["dry-cooler", "trim-chiller"])
    assert with_reuse.tables.plant["electric_kw"].sum() == pytest.approx(without.tables.plant["electric_kw"].sum())


def test_coolers_ahead_of_chillers_that_the_site_leaves_out_are_no_fault() -> None:
    none = [{"way": "dry-cooler", "count": 0}]
    for supply_c in (30, 40):
        made = of(
            GB300, HOT, rejection=["dry-cooler", "trim-chiller"], loop={"supply_c": supply_c}, outside={"units": none}
        )
        _, circuit = plan_and("liquid", made)
        assert codes(made) == set()
        chillers = next(units for units in circuit.units if units.way == "trim-chiller")
        capacity_kw = chillers.required_count * chillers.unit_kw * (1 - 0.01 * (43 - 35))
        assert capacity_kw == pytest.approx(circuit.heat_kw, rel=1e-6)


def test_pads_cool_no_air_that_cannot_be() -> None:
    """Air of 48 °C without any water has a wet bulb of 15.8 °C: no water evaporates for less."""
    place = {"extreme_dry_bulb_c": 48.0, "extreme_wet_bulb_c": 22.0}
    made = of(GB300, place, rejection=["adiabatic-cooler", "trim-chiller"], loop={"supply_c": 40})
    plan = rejection_plan(made.resolved, made.cooling, CATALOG)
    day = wettest_day(plan)
    assert day.wet_bulb_c >= float(driest_wet_bulb_c(day.dry_bulb_c)) - 1e-9
