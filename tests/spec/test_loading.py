"""What a site file says is what the model holds, and every value knows its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.errors import Finding, Place, Severity
from gigasite.spec.loader import load_site
from gigasite.spec.yamlmarks import parse

from .sites import GOOD, findings, load

PLACES = """\
name: lab
power:
  utility:
    voltage_kv: 138
pools:
  - name: train
    system: dgx-h100
    nodes: 8
  - {name: serve, system: dgx-h200, nodes: 4}
fabrics:
  compute: {roles: [compute]}
"""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2500", 2500.0),
        ("2.5 MW", 2500.0),
        ("2.5MW", 2500.0),
        ("'2_500 kW'", 2500.0),
        ("2500000 W", 2500.0),
        ("2.5e3", 2500.0),
        ("0.0025 GW", 2500.0),
    ],
)
def test_a_number_may_carry_its_unit(written: str, value: float) -> None:
    site = load(GOOD + f"power: {{blocks: {{unit_kw: {written}}}}}")
    assert site.spec.power.blocks.unit_kw == pytest.approx(value)


def test_units_reach_into_lists_and_maps() -> None:
    site = load(
        GOOD + "halls: {door_mm: [1.2 m, 260 cm]}\npower: {utility: {available_mw: {2027-03: 40000 kW, 2027-09: 130}}}"
    )
    assert site.spec.halls.door_mm == (1200, 2600)
    assert site.spec.power.utility.available_mw == {"2027-03": 40, "2027-09": 130}
    assert site.spec.power.utility.final_mw == 130


def test_units_of_whole_numbers_stay_whole() -> None:
    assert load(GOOD + "racks: {height_u: 48 U}").spec.racks.height_u == 48


def test_a_bound_per_unit_takes_no_unit() -> None:
    (finding,) = findings(GOOD + "cooling: {loop: {flow_lpm_per_kw_min: 1.2 min}}")
    assert finding.code == "SPC103"


def test_names_that_look_like_units_are_names() -> None:
    site = load(GOOD + "fabrics: {a: {roles: [compute]}, m: {roles: [storage]}}\nnetwork: {supernets: {a: 10.0.0.0/8}}")
    assert site.spec.network.supernets == {"a": "10.0.0.0/8"}


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "y", "1:30", "010", "0x10", "2027-03", "1_000", ".inf", "0o7"]
)
def test_scalars_that_yaml_1_1_reads_otherwise_are_text(text: str) -> None:
    assert _read(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("-3", -3), ("+3", 3), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), ("-1.5E-2", -0.015), ("true", True)],
)
def test_numbers_and_booleans_are_read_as_yaml_1_2_does(text: str, value: object) -> None:
    read = _read(f"a: {text}")
    assert read == {"a": value}
    assert type(read["a"]) is type(value)


def test_quotes_and_blocks_are_text() -> None:
    assert _read("a: '1'\nb: \"true\"\nc: |\n  5\n") == {"a": "1", "b": "true", "c": "5\n"}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_json_writes_is_read_back(number: float) -> None:
    import json

    assert _read(f"a: {json.dumps(number)}") == {"a": number}


def test_places_are_those_of_values_and_of_the_keys_of_sections() -> None:
    site = load(PLACES)
    assert str(site.places["power.utility.voltage_kv"]) == "site.yaml:4:17"
    assert str(site.places["power.utility"]) == "site.yaml:3:3"
    assert str(site.places["pools[0].system"]) == "site.yaml:7:13"
    assert str(site.places["pools[1].nodes"]) == "site.yaml:9:44"
    assert str(site.places["fabrics.compute"]) == "site.yaml:11:3"


@pytest.mark.parametrize(
    ("at", "place"),
    [
        ("power.blocks.unit_kw", "2:1"),
        ("pools[1].build_to_scalable_units", "9:5"),
        ("pools.train.system", "7:13"),
        ("pools[serve].fabric", "9:5"),
        ("pools[7]", "5:1"),
        ("fabrics.oob.switch", "10:1"),
        ("economics", "1:1"),
        ("", "1:1"),
    ],
)
def test_a_path_that_the_file_lacks_has_the_place_of_what_is_nearest_above(at: str, place: str) -> None:
    assert str(load(PLACES).place_of(at)) == f"site.yaml:{place}"


def test_findings_of_later_stages_get_the_line_of_what_they_are_about() -> None:
    finding = Finding("PWR101", Severity.ERROR, "too much", at="pools[0].nodes")
    assert str(load(PLACES).placed(finding)) == "site.yaml:8:12: PWR101 error: too much"
    elsewhere = Finding("X", Severity.INFO, "there", place=Place("other.yaml", 3))
    assert load(PLACES).placed(elsewhere) is elsewhere


def test_sections_left_empty_say_nothing() -> None:
    site = load(GOOD + "power:\ncooling: {loop: }\ntenants:\nfabrics:\nstorage:\n")
    assert site.spec == load(GOOD).spec


def test_a_pool_may_name_its_fabric_without_a_section_for_fabrics() -> None:
    assert not findings("name: lab\npools: [{name: a, system: dgx-h100, nodes: 8, fabric: blue}]")


def test_aliases_of_products_are_known() -> None:
    assert not findings("name: lab\npools: [{name: a, system: dgx-gb200, nodes: 18}]")


def test_without_a_catalog_products_are_not_looked_up(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD.replace("dgx-h100", "of-my-own"))
    assert load_site(file).spec.pools[0].system == "of-my-own"


def test_the_file_is_named_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    assert str(load_site(Path("site.yaml")).places["name"]) == "site.yaml:1:7"


def _read(text: str) -> dict[str, object]:
    document = parse(text.encode(), "test.yaml")
    assert not document.faults
    plain = document.root.plain()
    assert isinstance(plain, dict)
    return plain
