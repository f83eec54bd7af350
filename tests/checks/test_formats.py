"""Findings in each format, as its readers parse it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gigasite.checks import formats
from gigasite.cli.check import check
from gigasite.errors import Finding, Place, Severity

LOAD = Finding(
    "PWR101",
    Severity.ERROR,
    "feed A carries 40.8 kW",
    "use three feeds",
    "racks.feeds",
    Place("stacks/llano/site.yaml", 12, 5),
)
NOTE = Finding("PHS201", Severity.INFO, "assumed 415", at="power.blocks.rack_voltage_v")
WARNING = Finding("SPC990", Severity.WARNING, "odd", place=Place("a b,c.yaml", 3))
ALL = (LOAD, WARNING, NOTE)

# The parts of the SARIF 2.1.0 schema that these logs use, with the constraints that it puts on them.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"$ref": "#/$defs/rule"},
                                    },
                                },
                            }
                        },
                    },
                    "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "text": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/text"},
                "fullDescription": {"$ref": "#/$defs/text"},
                "help": {"$ref": "#/$defs/text"},
                "defaultConfiguration": {
                    "type": "object",
                    "properties": {"level": {"enum": ["none", "note", "warning", "error"]}},
                },
                "properties": {"type": "object"},
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"$ref": "#/$defs/text"},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "locations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "physicalLocation": {
                                "type": "object",
                                "additionalProperties": False,
                                "anyOf": [{"required": ["artifactLocation"]}, {"required": ["address"]}],
                                "properties": {
                                    "artifactLocation": {
                                        "type": "object",
                                        "properties": {"uri": {"type": "string", "pattern": r"^[^\\ ]+$"}},
                                    },
                                    "region": {
                                        "type": "object",
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "startColumn": {"type": "integer", "minimum": 1},
                                        },
                                    },
                                },
                            },
                            "logicalLocations": {"type": "array", "items": {"type": "object"}},
                        },
                    },
                },
            },
        },
    },
}


def test_text_is_one_line_a_finding_and_a_line_of_counts() -> None:
    lines = formats.text(ALL).splitlines()
    assert lines[0] == str(LOAD)
    assert lines[0].startswith("stacks/llano/site.yaml:12:5: PWR101 error: ")
    assert lines[-1] == "1 error, 1 warning, 1 info"


def test_text_says_so_when_there_is_nothing() -> None:
    assert formats.text(()) == "no findings\n"


def test_text_keeps_a_finding_on_one_line() -> None:
    assert len(formats.text([Finding("PWR101", Severity.ERROR, "a\nb\r\nc")]).splitlines()) == 2


def infos(count: int, code: str = "PHS201") -> list[Finding]:
    return [
        Finding(code, Severity.INFO, f"assumed {n}", at=f"racks.x{n}", place=Place("s.yaml", n)) for n in range(count)
    ]


def test_text_folds_infos_of_one_code_and_counts_each() -> None:
    lines = formats.text([LOAD, *infos(20), NOTE, *infos(3, "CLG113")]).splitlines()
    assert len(lines) == 6
    assert lines[0] == str(LOAD)
    assert lines[1].startswith("s.yaml: PHS201 info: 21 exceptions to “every setting is decided”: racks.x0, ")
    assert "--only PHS201" in lines[1]
    assert lines[-1] == "1 error, 24 infos"


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_text_never_folds_what_has_to_be_seen(severity: Severity) -> None:
    alike = [Finding("PHS201", severity, f"number {n}") for n in range(9)]
    assert len(formats.text(alike).splitlines()) == 10
    assert len(formats.text(infos(9, "PHS202")).splitlines()) == 10


def test_full_text_shows_each() -> None:
    assert formats.full_text(infos(20)).splitlines() == [*map(str, infos(20)), "20 infos"]


@pytest.mark.parametrize("make", [formats.json, formats.sarif, formats.github])
def test_formats_for_machines_never_fold(make: Callable[[list[Finding]], str]) -> None:
    assert all(finding.message in make(infos(20)) for finding in infos(20))


def test_the_command_shows_each_where_asked() -> None:
    site = str(Path(__file__).parents[2] / "stacks" / "superpod-h100" / "site.yaml")

    def lines(*options: str) -> int:
        ended = CliRunner().invoke(check, [site, *options], standalone_mode=False)
        assert ended.return_value == 0
        return len(ended.stdout.splitlines())

    assert lines() < 10 < lines("--only", "PHS201") < lines("--all")


def test_json_holds_every_field_and_the_counts() -> None:
    document = json.loads(formats.json(ALL))
    assert document["counts"] == {"error": 1, "warning": 1, "info": 1}
    assert document["findings"][0] == {
        "code": "PWR101",
        "severity": "error",
        "message": "feed A carries 40.8 kW",
        "hint": "use three feeds",
        "at": "racks.feeds",
        "file": "stacks/llano/site.yaml",
        "line": 12,
        "column": 5,
    }
    assert document["findings"][1]["column"] is None
    assert document["findings"][2]["file"] is None


def test_github_shows_file_line_and_column() -> None:
    assert formats.github([LOAD]) == (
        "::error file=stacks/llano/site.yaml,line=12,col=5,title=PWR101 racks.feeds"
        "::feed A carries 40.8 kW (use three feeds)\n"
    )


def test_github_calls_infos_notices_and_leaves_unknown_lines_out() -> None:
    assert formats.github([NOTE]) == "::notice title=PHS201 power.blocks.rack_voltage_v::assumed 415\n"


def test_github_escapes_what_would_end_a_command() -> None:
    finding = Finding("PWR101", Severity.WARNING, "50 % lost\nnext: a, b", place=Place("a,b:c%.yaml", 1))
    assert formats.github([finding]) == (
        "::warning file=a%2Cb%3Ac%25.yaml,line=1,title=PWR101::50 %25 lost%0Anext: a, b\n"
    )


def test_sarif_follows_the_schema() -> None:
    jsonschema.validate(json.loads(formats.sarif(ALL)), SARIF)
    jsonschema.validate(json.loads(formats.sarif(())), SARIF)


def test_sarif_maps_severities_to_levels() -> None:
    results = json.loads(formats.sarif(ALL))["runs"][0]["results"]
    assert [r["level"] for r in results] == ["error", "warning", "note"]


def test_sarif_rules_carry_the_page_and_results_point_at_them() -> None:
    run = json.loads(formats.sarif(ALL))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [f.code for f in ALL]
    power = next(rule for rule in rules if rule["id"] == "PWR101")
    assert power["help"]["markdown"].startswith("# PWR101")
    assert power["shortDescription"]["text"]


def test_sarif_places_are_relative_uris() -> None:
    run = json.loads(formats.sarif(ALL))["runs"][0]
    first, second, third = (r["locations"][0] for r in run["results"])
    assert first["physicalLocation"]["artifactLocation"] == {
        "uri": "stacks/llano/site.yaml",
        "uriBaseId": "%SRCROOT%",
    }
    assert first["physicalLocation"]["region"] == {"startLine": 12, "startColumn": 5}
    assert second["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%2Cc.yaml"
    assert third == {"logicalLocations": [{"fullyQualifiedName": "power.blocks.rack_voltage_v"}]}


def fingerprints(*findings: Finding) -> list[str]:
    results = json.loads(formats.sarif(findings))["runs"][0]["results"]
    return [r["partialFingerprints"]["gigasiteFinding/v1"] for r in results]


def test_fingerprints_stay_when_lines_and_numbers_move() -> None:
    moved = Finding(LOAD.code, LOAD.severity, "feed A carries 41.9 kW", LOAD.hint, LOAD.at, Place("site.yaml", 99, 1))
    assert fingerprints(LOAD) == fingerprints(moved)


def test_fingerprints_tell_findings_apart() -> None:
    assert len(set(fingerprints(LOAD, LOAD, NOTE, WARNING))) == 4


texts = st.text(max_size=30)
findings = st.builds(
    Finding,
    code=st.sampled_from(["PWR101", "SPC990", "ADR103"]),
    severity=st.sampled_from(list(Severity)),
    message=texts,
    hint=texts,
    at=texts,
    place=st.none()
    | st.builds(Place, file=st.text(min_size=1, max_size=9).filter(lambda t: "\0" not in t), line=st.integers(0, 9)),
)


@given(st.lists(findings, max_size=4))
def test_any_finding_has_a_form_in_every_format(found: list[Finding]) -> None:
    assert len(json.loads(formats.json(found))["findings"]) == len(found)
    assert len(json.loads(formats.sarif(found))["runs"][0]["results"]) == len(found)
    assert formats.text(found).endswith("\n")
    commands = formats.github(found)
    assert commands.count("\n") == len(found)
    assert "\r" not in commands


@pytest.mark.parametrize("make", [formats.text, formats.json, formats.sarif, formats.github])
def test_formats_take_any_iterable(make: object) -> None:
    assert callable(make)
    assert make(iter(ALL)) == make(ALL)
