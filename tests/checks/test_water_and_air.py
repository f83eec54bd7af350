"""Cooling on the extreme day: what the outside gives against what coolant and room air need."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite import checks
from gigasite.catalog import load_catalog
from gigasite.design.expand import expand
from gigasite.errors import Finding, Severity
from gigasite.spec.loader import load_text

from .designs import GB300, H100, findings_of

AIR_UNIT = """
kind: air-unit
key: house-air
title: An air handler of the house
facts:
  - source: {doc: data sheet, tier: primary, confidence: verified}
    values: {capacity_kw: 100, fan_kw: 4}
"""


def of_code(code: str, text: str) -> list[Finding]:
    return [finding for finding in findings_of(text) if finding.code == code]


def with_cooling(site: str, cooling: str, location: str = "{}") -> str:
    return f"{site}cooling: {cooling}\nlocation: {location}\n"


@pytest.mark.parametrize(("dry_bulb_c", "enough"), [(11.0, True), (11.1, False)])
def test_room_air_needs_water_colder_by_the_approach_of_the_air_unit(dry_bulb_c: float, enough: bool) -> None:
    """The dry cooler gives the dry bulb and 8 K; air at 24 °C needs water at 19 °C."""
    text = with_cooling(
        H100,
        "{rejection: [dry-cooler], air: {supply_c: 24}}",
        f"{{extreme_dry_bulb_c: {dry_bulb_c}, extreme_wet_bulb_c: 5}}",
    )
    assert (of_code("CLG114", text) == []) is enough


def test_water_that_is_cold_enough_for_the_racks_can_be_too_warm_for_the_room() -> None:
    text = with_cooling(GB300, "{rejection: [cooling-tower], loop: {supply_c: 40}}")
    assert not of_code("CLG105", text)
    (found,) = of_code("CLG114", text)
    assert found.severity is Severity.ERROR
    assert "31.8 °C" in found.message  # in warmer air than 13 °C, for which it is sized, a tower comes closer


def test_a_chiller_cools_the_room_on_any_day() -> None:
    assert not of_code("CLG114", with_cooling(H100, "{rejection: [chiller]}", "{extreme_dry_bulb_c: 50}"))


def test_a_cdu_of_unknown_approach_is_told_where_nothing_compresses() -> None:
    cdu = "loop: {cdu: vertiv-coolchip-2300}"
    (found,) = [
        f
        for f in of_code("PHS111", with_cooling(GB300, f"{{rejection: [cooling-tower], {cdu}}}"))
        if f.at == "cooling.loop.cdu"
    ]
    assert "vertiv-coolchip-2300" in found.message
    with_chiller = of_code("PHS111", with_cooling(GB300, f"{{rejection: [cooling-tower, trim-chiller], {cdu}}}"))
    assert "cooling.loop.cdu" not in {f.at for f in with_chiller}


def test_an_air_unit_of_unknown_approach_is_told_where_nothing_compresses(tmp_path: Path) -> None:
    (tmp_path / "air-units").mkdir()
    (tmp_path / "air-units" / "house-air.yaml").write_text(AIR_UNIT)
    catalog = load_catalog(tmp_path)

    def found(rejection: str) -> set[tuple[str, str]]:
        text = with_cooling(H100, f"{{rejection: [{rejection}], air: {{unit: house-air}}}}")
        design = expand(load_text(text, catalog=catalog).spec, catalog)
        return {(finding.code, finding.at) for finding in checks.run(design, catalog, {"PHS111", "CLG114"})}

    assert found("dry-cooler") == {("PHS111", "cooling.air.unit"), ("CLG114", "cooling.rejection")}
    assert found("chiller") == set()


def test_pumps_without_ups_matter_to_racks_with_coolant_alone() -> None:
    off = "{loop: {pumps_on_ups: false}}"
    (found,) = of_code("CLG115", with_cooling(GB300, off))
    assert found.severity is Severity.WARNING
    assert "pool train" in found.message
    assert not of_code("CLG115", with_cooling(H100, off))
    assert not of_code("CLG115", GB300)


def test_thin_air_makes_air_units_of_a_given_number_too_few() -> None:
    """115 kW on three units, of which one is spare, as long as air has 58 % of its density."""
    assert not of_code("CLG107", with_cooling(H100, "{air: {unit_count: 3}}", "{altitude_m: 3000}"))
    assert of_code("CLG107", with_cooling(H100, "{air: {unit_count: 3}}", "{altitude_m: 5000}"))
