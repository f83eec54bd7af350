"""The JSON Schema accepts what the loader accepts, and tells editors what keys mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gigasite.spec.codes import LOADER_CODES
from gigasite.spec.loader import load_text
from gigasite.spec.schema import site_json_schema, site_keys_markdown
from gigasite.spec.shape import key_places
from gigasite.spec.yamlmarks import read_document

STACKS = Path(__file__).parents[2] / "stacks"


def _valid(site: object) -> bool:
    return jsonschema.Draft202012Validator(site_json_schema()).is_valid(site)


def _site(**more: Any) -> dict[str, Any]:
    return {"name": "lab", "pools": [{"name": "a", "system": "dgx-h100", "nodes": 8}], **more}


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(site_json_schema())


def test_it_is_the_same_every_time() -> None:
    assert json.dumps(site_json_schema()) == json.dumps(site_json_schema())


@pytest.mark.parametrize("file", sorted(STACKS.glob("*/site.yaml")), ids=lambda file: file.parent.name)
def test_the_sites_of_this_project_are_valid(file: Path) -> None:
    assert _valid(read_document(file).root.plain())


@pytest.mark.parametrize("value", [2500, "2.5 MW", "2500kW"])
def test_numbers_may_carry_a_unit(value: object) -> None:
    assert _valid(_site(power={"blocks": {"unit_kw": value}}))


@pytest.mark.parametrize("value", ["2500 A", "much", True, -1])
def test_other_values_are_refused(value: object) -> None:
    assert not _valid(_site(power={"blocks": {"unit_kw": value}}))


def test_unknown_keys_are_refused() -> None:
    assert not _valid(_site(power={"utility": {"voltage": 138}}))


def test_units_are_told_to_editors() -> None:
    utility = site_json_schema()["$defs"]["UtilitySpec"]["properties"]
    assert "kV" in utility["voltage_kv"]["description"]


def test_every_key_can_be_found_by_its_name() -> None:
    assert set(key_places()["topology"]) == {"power.blocks.topology", "fabrics.NAME.topology"}
    assert "pools[].system" in key_places()["system"]
    assert "fabrics.NAME.switch" in key_places()["switch"]


def test_the_page_of_the_site_file_lists_every_key_and_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "site-file.md").read_text(encoding="utf-8")
    listed = page.partition("<!-- keys -->\n")[2]
    assert listed == site_keys_markdown(), "renew it with `gigasite schema --format markdown`"
    assert all(f"| {code} | {known.title} |" in page for code, known in LOADER_CODES.items())


def test_the_page_of_the_site_file_shows_true_examples() -> None:
    page = (Path(__file__).parents[2] / "docs" / "site-file.md").read_text(encoding="utf-8")
    smallest = page.partition("```yaml\n")[2].partition("```")[0]
    assert load_text(smallest).spec.name == "lab"


def test_every_key_is_explained() -> None:
    for row in site_keys_markdown().splitlines()[2:]:
        assert len(row.split(" | ")[2].strip(" |")) > 3, row
