"""Heat rejection that is broken on purpose, each by its own check; what the site does not decide stands."""

from __future__ import annotations

from typing import Any

import pytest

from gigasite.design.cooling.rejection.plan import rejection_plan
from gigasite.design.cooling.rejection.wettest import wettest_day
from gigasite.errors import Severity

from .sites import CATALOG, GB300, H100, design, findings

OWN = tuple(f"CLG{number}" for number in range(141, 152))


def codes(pool: dict[str, Any], **site: Any) -> set[str]:
    return {f.code for f in findings(design(pool, **site), *OWN) if f.severity is not Severity.INFO}


@pytest.mark.parametrize("system", ["dgx-h100", "dgx-b300", "gb200-nvl72", "gb300-nvl72", "vera-rubin-nvl72"])
@pytest.mark.parametrize(("dry", "wet"), [(28.0, 20.0), (40.0, 27.0), (49.0, 31.0)])
def test_defaults_stand_in_any_climate(system: str, dry: float, wet: float) -> None:
    place = {"extreme_dry_bulb_c": dry, "extreme_wet_bulb_c": wet, "altitude_m": 800}
    assert codes({"system": system, "scalable_units": 1}, location=place) == set()


def chillers(count: int, unit_kw: float) -> dict[str, Any]:
    units = [{"way": "chiller", "count": count, "unit_kw": unit_kw}]
    return {"cooling": {"rejection": ["chiller"], "outside": {"units": units}}}


@pytest.mark.parametrize(
    ("factor", "count", "expected"),
    [
        (1.001, 3, set()),
        (0.999, 3, {"CLG142", "CLG149"}),
        (0.666, 3, {"CLG141", "CLG149"}),
        (1.001, 2, {"CLG142", "CLG149"}),
    ],
)
def test_counted_chillers_are_judged_at_their_exact_capacity(factor: float, count: int, expected: set[str]) -> None:
    """Two chillers carry the heat; 1 % of their capacity goes with each of the 5 K above the rating point."""
    made = design(H100)
    heat_kw = made.cooling.air_water_kw
    assert heat_kw
    unit_kw = heat_kw / 2 / 0.95 * factor
    assert codes(H100, location={"altitude_m": 0}, **chillers(count, unit_kw)) == expected


def test_a_spare_cooler_fewer_is_told_at_n_minus_1() -> None:
    """A tower each for the heat of the CDUs: no chiller steps in."""
    site = {"location": {"altitude_m": 0, "extreme_wet_bulb_c": 20}}
    cooling = {"rejection": ["cooling-tower"], "loop": {"supply_c": 40}, "air": {"supply_c": 32}}
    assert codes(GB300, cooling=cooling, **site) == set()
    assert "CLG142" in codes(GB300, cooling={**cooling, "outside": {"redundancy": "N"}}, **site)


def test_altitude_is_asked_for_where_units_are_counted() -> None:
    assert "CLG146" in codes(H100, **chillers(9, 1000))
    assert "CLG146" not in codes(H100, location={"altitude_m": 0}, **chillers(9, 1000))


def test_thin_air_turns_enough_coolers_into_too_few() -> None:
    cooling = {
        "rejection": ["dry-cooler"],
        "loop": {"supply_c": 45},
        "air": {"supply_c": 35},
        "outside": {"units": [{"way": "dry-cooler", "loop": "liquid", "count": 2, "unit_kw": 1000}]},
    }
    place = {"extreme_dry_bulb_c": 22, "extreme_wet_bulb_c": 15}
    low = codes({"system": "gb300-nvl72", "scalable_units": 1}, cooling=cooling, location={**place, "altitude_m": 0})
    high = codes(
        {"system": "gb300-nvl72", "scalable_units": 1}, cooling=cooling, location={**place, "altitude_m": 5000}
    )
    assert "CLG142" not in low
    assert "CLG142" in high or "CLG141" in high


@pytest.mark.parametrize(("wet", "severity"), [(10.0, Severity.ERROR), (25.0, None), (36.0, Severity.WARNING)])
def test_bulbs_that_cannot_be_are_told(wet: float, severity: Severity | None) -> None:
    made = design(H100, location={"extreme_dry_bulb_c": 43, "extreme_wet_bulb_c": wet})
    assert [finding.severity for finding in findings(made, "CLG148")] == ([severity] if severity else [])


@pytest.mark.parametrize(("ask_c", "fires"), [(40.0, False), (60.0, True)])
def test_heat_that_is_too_cold_for_its_taker_is_told(ask_c: float, *, fires: bool) -> None:
    reuse = {"heat_kw": 50, "supply_c": ask_c}
    made = design(GB300, cooling={"loop": {"supply_c": 40}, "outside": {"reuse": reuse}})
    assert bool(findings(made, "CLG147")) is fires


def test_more_heat_than_there_is_is_a_warning() -> None:
    reuse = {"heat_kw": 50_000, "supply_c": 35}
    (found,) = findings(design(GB300, cooling={"loop": {"supply_c": 40}, "outside": {"reuse": reuse}}), "CLG147")
    assert found.severity is Severity.WARNING


def towers(coc: float = 5.0, limit: float | None = None) -> dict[str, Any]:
    cooling = {"rejection": ["cooling-tower", "trim-chiller"], "outside": {"cycles_of_concentration": coc}}
    return {"cooling": cooling if limit is None else {**cooling, "water_limit_m3_day": limit}}


def test_the_wettest_day_is_not_the_hottest_where_chillers_step_in() -> None:
    made = design(H100, **towers())
    plan = rejection_plan(made.resolved, made.cooling, CATALOG)
    day = wettest_day(plan)
    assert day.wet_bulb_c < 15
    assert day.heat_ratio == pytest.approx(1)
    assert day.evaporated_m3 == pytest.approx((made.cooling.air_water_kw or 0) * 24 * 3600 / 2450 / 1000)
    assert day.makeup_m3 == pytest.approx(day.evaporated_m3 * 5 / 4)


@pytest.mark.parametrize("coc", [2.0, 5.0, 10.0])
@pytest.mark.parametrize(("factor", "fires"), [(0.999, True), (1.001, False)])
def test_water_is_judged_at_its_exact_limit(coc: float, factor: float, *, fires: bool) -> None:
    heat_kw = design(H100, **towers(coc)).cooling.air_water_kw or 0.0
    limit = heat_kw * 24 * 3600 / 2450 / 1000 * coc / (coc - 1) * factor
    assert bool(findings(design(H100, **towers(coc, limit)), "CLG109")) is fires


def test_a_dry_site_needs_no_water() -> None:
    made = design(GB300, cooling={"water_limit_m3_day": 0})
    assert not findings(made, "CLG109")
