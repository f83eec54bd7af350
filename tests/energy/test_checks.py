"""What checks say of a year: files with their lines, and nothing new on a plain site."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite import checks
from gigasite.errors import Finding, Severity

from .years import CATALOG, GB300, H100, csv, design_of

CODES = frozenset(f"ECO1{number:02}" for number in range(1, 12))


def _found(text: str, folder: Path | None = None) -> list[Finding]:
    return [f for f in checks.run(design_of(text), CATALOG, {"ECO"}, folder) if f.code in CODES]


def test_a_plain_site_gets_infos_only() -> None:
    found = _found("name: demo\npools: [{name: train, system: dgx-h100, nodes: 8}]\n")
    assert {f.code for f in found} == {"ECO101", "ECO105"}
    assert {f.severity for f in found} == {Severity.INFO}


def test_a_site_with_a_climate_and_a_grid_gets_nothing() -> None:
    assert _found(H100) == []
    assert _found(GB300) == []


def test_a_file_of_hours_is_told_with_file_and_line(tmp_path: Path) -> None:
    dry: list[object] = [20.0] * 8760
    dry[10] = ""
    (tmp_path / "w.csv").write_bytes(csv({"dry_bulb_c": dry, "wet_bulb_c": 12}))
    text = H100.replace("climate: us-il-chicago", "weather_csv: w.csv")
    (found,) = [f for f in _found(text, tmp_path) if f.code == "ECO102"]
    assert (found.severity, found.at) == (Severity.ERROR, "location.weather_csv")
    assert found.message == "w.csv:12: dry_bulb_c has no number"


def test_a_good_file_of_hours_is_used(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_bytes(csv({"dry_bulb_c": 20, "wet_bulb_c": 12}))
    text = H100.replace("climate: us-il-chicago", "weather_csv: w.csv")
    assert _found(text, tmp_path) == []


@pytest.mark.parametrize(("key", "column"), [("load_csv", "it_ratio"), ("grid_co2e_csv", "co2e_kg_per_kwh")])
def test_faults_of_other_files_stand_at_their_keys(key: str, column: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(csv({column: 9}))
    (found,) = [
        f
        for f in _found(H100 + f"energy: {{{key}: x.csv}}\n", tmp_path)
        if f.code == "ECO102" and "more" not in f.message
    ][:1]
    assert found.at == f"energy.{key}"
    assert found.message.startswith("x.csv:2: ")


def test_surplus_of_a_contracted_plant_is_told() -> None:
    plant = "power: {generation: [{name: sun, kind: solar, unit_count: 1, unit_kw: 90000, delivery: contracted}]}\n"
    found = {f.code: f for f in _found(GB300 + plant)}
    assert "more than the site draws" in found["ECO108"].message
    assert "ECO111" in found
