"""`design`, `check`, `explain` and `schema` on a small site."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from gigasite.design.model import COLUMNS

from .conftest import SITE, Run

POOL_KEYS = {"system", "nodes", "gpus", "racks"}
FABRIC_KEYS = {
    *("roles", "pools", "leaf", "spine", "core", "planes", "tiers"),
    *("cables_node_leaf", "cables_leaf_spine", "cables_spine_core"),
}


def test_design_as_json_has_the_promised_shape(run: Run) -> None:
    summary = json.loads(run("design", "lab", "--format", "json").stdout)
    assert {"site", "pools", "fabrics", "power", "cooling", "shell", "economics", "energy", "carbon", "racks"} <= set(
        summary
    )
    assert summary["site"] == "lab"
    assert set(summary["pools"]["train"]) >= POOL_KEYS
    assert all(set(fabric) >= FABRIC_KEYS for fabric in summary["fabrics"].values())
    assert {"it_kw", "utility_kw"} <= set(summary["power"])
    assert {"liquid_kw", "air_kw", "flow_lpm", "cdu_installed"} <= set(summary["cooling"])
    assert (summary["pools"]["train"]["nodes"], summary["pools"]["train"]["gpus"]) == (31, 248)


def test_design_as_text_shows_pools_fabrics_halls_power_cooling_shell_and_cost(run: Run) -> None:
    shown = run("design", "lab")
    assert shown.exit_code == 0
    for title in ("Pools", "Fabrics", "Halls", "Power", "Cooling", "Shell", "Cost, energy, carbon"):
        assert f"\n{title}" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_design_explains_settings_and_facts(run: Run) -> None:
    told = json.loads(run("design", "lab", "--explain", "--format", "json").stdout)
    settings = {setting["path"]: setting for setting in told["settings"]}
    assert settings["power.blocks.topology"]["origin"] == "site"
    assert settings["power.blocks.topology"]["line"] == 7
    facts = {(fact["product"], fact["fact"]): fact for fact in told["facts"]}
    assert facts["system/dgx-h100", "max_kw"]["value"] == 10.2
    assert all(fact["source"] and fact["confidence"] for fact in facts.values())
    text = run("design", "lab", "--explain").stdout
    assert "\nSettings" in text
    assert "\nFacts of the catalog" in text


def test_design_writes_every_table_twice(run: Run, project: Path) -> None:
    assert run("design", "lab", "--tables", "out/tables").exit_code == 0
    folder = project / "out" / "tables"
    assert {file.name for file in folder.iterdir()} == {f"{n}.{e}" for n in COLUMNS for e in ("csv", "parquet")}
    for name in COLUMNS:
        frame = pl.read_parquet(folder / f"{name}.parquet")
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            assert sum(1 for _ in csv.reader(file)) == frame.height + 1


def test_tables_where_a_file_stands_are_wrong_use(run: Run, project: Path) -> None:
    ended = run("design", "lab", "--tables", "Pulumi.yaml")
    assert ended.exit_code == 2
    assert "tables cannot be written" in ended.stderr


def test_a_site_file_with_mistakes_ends_every_verb_with_1_and_all_messages(run: Run, project: Path) -> None:
    (project / "bad.yaml").write_text("name: lab\nfoo: 1\npools: [{name: a, system: dgx-h10, nodes: 0}]\n")
    for verb in ("design", "check"):
        ended = run(verb, "bad.yaml")
        assert ended.exit_code == 1
        for code in ("bad.yaml:2:1: SPC101", "bad.yaml:3:27: SPC120", "bad.yaml:3:43: SPC104"):
            assert code in ended.output


def test_mistakes_reach_a_pipeline_in_its_own_format(run: Run, project: Path) -> None:
    (project / "bad.yaml").write_text("name: lab\nfoo: 1\npools: [{name: a, system: dgx-h100, nodes: 8}]\n")
    assert json.loads(run("check", "bad.yaml", "--format", "json").stdout)["findings"][0]["line"] == 2
    sarif = json.loads(run("check", "bad.yaml", "--format", "sarif").stdout)
    assert sarif["runs"][0]["results"][0]["ruleId"] == "SPC101"
    assert run("check", "bad.yaml", "--format", "github").stdout.startswith("::error file=bad.yaml,line=2,col=1")


def test_check_points_to_the_line(run: Run, project: Path) -> None:
    (project / "stacks" / "lab" / "site.yaml").write_text(SITE.replace("available_mw: 5", "available_mw: 0.1"))
    ended = run("check", "lab", "--format", "json")
    assert ended.exit_code == 1
    lines = {
        f["code"]: (f["file"], f["line"]) for f in json.loads(ended.stdout)["findings"] if f["severity"] == "error"
    }
    assert lines
    assert set(lines.values()) == {("stacks/lab/site.yaml", 6)}


def test_check_can_be_kept_to_a_domain_and_to_what_matters(run: Run) -> None:
    only = json.loads(run("check", "lab", "--only", "PHS", "--format", "json").stdout)["findings"]
    assert {finding["code"][:3] for finding in only} == {"PHS"}
    loud = json.loads(run("check", "lab", "--severity", "warning", "--format", "json").stdout)["findings"]
    assert "info" not in {finding["severity"] for finding in loud}


def test_the_catalog_folder_beside_the_site_file_is_read(run: Run, project: Path) -> None:
    folder = project / "stacks" / "lab" / "catalog" / "fluids"
    folder.mkdir(parents=True)
    (folder / "broken.yaml").write_text("kind: fluid\nkey: broken\n")
    ended = run("check", "lab")
    assert ended.exit_code == 1
    assert "broken.yaml" in ended.stdout


def test_explain_tells_codes_of_checks_and_of_the_loader(run: Run) -> None:
    assert run("explain", "PWR101").stdout.startswith("# PWR101")
    assert run("explain", "spc101").stdout.startswith("# SPC101")
    assert json.loads(run("explain", "SPC105", "--format", "json").stdout)["code"] == "SPC105"


def test_explain_tells_where_a_value_came_from(run: Run) -> None:
    told = json.loads(run("explain", "power.blocks", "lab", "--format", "json").stdout)["values"]
    assert {"power.blocks.topology", "power.blocks.unit_kw"} <= {value["path"] for value in told}
    own = json.loads(run("explain", "pools[0].scalable_units", "lab", "--format", "json").stdout)["values"]
    assert [(value["value"], value["line"]) for value in own] == [(1, 11)]


def test_explain_of_a_setting_that_is_not_there_names_near_ones(run: Run) -> None:
    ended = run("explain", "power.blocks.topologie", "lab")
    assert ended.exit_code == 2
    assert "power.blocks.topology" in ended.stderr


def test_explain_of_a_code_for_a_site_lists_what_was_found(run: Run) -> None:
    assert "stacks/lab/site.yaml" in run("explain", "PHS201", "lab").stdout


def test_schema_is_json(run: Run) -> None:
    assert json.loads(run("schema").stdout)["title"] == "Gigasite site file"


@pytest.mark.parametrize("style", ["text", "json"])
def test_version_names_what_is_installed(run: Run, style: str) -> None:
    assert "polars" in run("version", "--format", style).stdout
