"""A site makes its parts from one design, and a design that cannot stand is refused before anything is made."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from components_bench import outputs_of

from gigasite.components import Site
from gigasite.components.planning import Plan, plan_file
from gigasite.errors import FindingsError, GigasiteError
from gigasite.provider.schema import package_schema

CLONE = Path(__file__).resolve().parents[2]
SMALL: dict[str, Any] = {
    "name": "small",
    "pools": [{"name": "train", "system": "dgx-h100", "nodes": 16}],
}


def test_a_site_has_one_resource_for_each_unit_of_work(bench: Any) -> None:
    result = bench.up(lambda: outputs_of(Site("small", {"site": SMALL})))
    parts = [step.type for step in result.steps if step.type.startswith("gigasite:index:")]
    assert parts.count("gigasite:index:Site") == 1
    assert parts.count("gigasite:index:PowerSystem") == parts.count("gigasite:index:CoolingPlant") == 1
    assert parts.count("gigasite:index:NodePool") == 1
    assert parts.count("gigasite:index:Fabric") == 4
    built = bench.built()
    for path in ("documents/design.md", "documents/summary.json", "power/hall-01/feeds.csv"):
        assert any(file.endswith(path) for file in built), path


def test_outputs_of_a_site_are_its_capacity_and_its_margins(bench: Any) -> None:
    outputs = bench.up(lambda: outputs_of(Site("small", {"site": SMALL}))).outputs
    assert (outputs["node_count"], outputs["gpu_count"]) == (16, 128)
    assert outputs["it_kw"] > 16 * 10.2
    assert outputs["pools"]["train"]["gpu_count"] == 128
    assert outputs["fabrics"]["compute"]["leaf_count"] == 8
    assert set(outputs["margins"]["halls"])


def test_what_nobody_knows_is_no_output_and_no_zero(bench: Any) -> None:
    outputs = bench.up(lambda: outputs_of(Site("small", {"site": SMALL}))).outputs
    assert "utility_margin_kw" not in outputs["margins"]


def test_a_design_with_errors_is_refused_with_its_findings(bench: Any) -> None:
    tight = {**SMALL, "halls": {"count": 1, "rack_positions": 1}}
    with pytest.raises(FindingsError) as caught:
        bench.up(lambda: Site("small", {"site": tight}) and None)
    assert any(finding.code == "RCK105" for finding in caught.value.findings)
    assert "RCK105" in str(caught.value)
    assert bench.built() == set()


def test_findings_of_a_file_have_their_line(bench: Any) -> None:
    file = bench.root / "stacks" / "site.yaml"
    file.write_text("name: small\npools:\n  - {name: train, system: dgx-h1000, nodes: 16}\n")
    with pytest.raises(FindingsError) as caught:
        bench.up(lambda: Site("small", {"site_file": "site.yaml"}) and None)
    place = caught.value.findings[0].place
    assert place is not None
    assert place.line == 3


def test_a_site_is_described_once(bench: Any) -> None:
    for args in ({}, {"site": SMALL, "site_file": "site.yaml"}):
        with pytest.raises(GigasiteError, match="once"):
            bench.up(lambda args=args: Site("small", args) and None)


def test_a_catalog_beside_the_site_file_is_used(bench: Any) -> None:
    folder = bench.root / "stacks" / "catalog" / "systems"
    folder.mkdir(parents=True)
    (folder / "dgx-h100.yaml").write_text(
        "kind: system\nkey: dgx-h100\nfacts:\n"
        "  - source: {doc: measured here, tier: primary, confidence: verified}\n    values: {max_kw: 9.5}\n"
    )
    file = bench.root / "stacks" / "site.yaml"
    file.write_text("name: small\npools:\n  - {name: train, system: dgx-h100, nodes: 16}\n")
    plans: list[Plan] = []
    bench.preview(lambda: plans.append(plan_file(Path("site.yaml"))))
    assert plans[0].design.pools["train"].system_kw == 9.5


@pytest.mark.parametrize("site", ["superpod-h100", "nvl72-pod"])
def test_the_sites_that_come_along_preview_from_their_stack_files(bench: Any, site: str) -> None:
    shutil.copy(CLONE / "stacks" / "__main__.py", bench.root / "stacks")
    shutil.copytree(CLONE / "stacks" / site, bench.root / "stacks" / "dev")
    result = bench.engine.preview(bench.project, "dev")
    assert result.changes["create"] > 20
    assert result.outputs["node_count"] == {"superpod-h100": 127, "nvl72-pod": 144}[site]


def test_the_schema_has_every_component_with_plain_camel_case_inputs() -> None:
    resources = package_schema()["resources"]
    parts = {token.rpartition(":")[2] for token in resources if token.startswith("gigasite:index:")}
    assert parts == {"CoolingPlant", "Fabric", "NodePool", "PowerSystem", "RackRow", "Site"}
    fabric = resources["gigasite:index:Fabric"]
    assert fabric["inputProperties"]["scalableUnits"]["plain"]
    assert fabric["requiredInputs"] == ["system"]
    assert all(prop.get("description") for prop in fabric["inputProperties"].values())
    assert "utilityKw" not in resources["gigasite:index:Site"].get("required", [])
