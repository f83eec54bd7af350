"""Published networks that rest on choices of their publishers, laid out from site files that state them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from gigasite import checks
from gigasite.design.model import Design
from gigasite.errors import Severity

from .choices import catalog, design_of

DESIGNS = yaml.safe_load((Path(__file__).parent / "published_choices.yaml").read_text(encoding="utf-8"))["designs"]
GPUS_PER_NODE = 8


def only(values: pl.Series) -> Any:
    """The one value that a column has throughout."""
    assert values.n_unique() == 1, values.unique()
    return values[0]


def figures(design: Design) -> dict[str, Any]:
    """What tables print, counted on the cables and taken from the summary."""
    fabric = design.fabrics["compute"]
    cables = design.tables.cables.filter(pl.col("fabric") == "compute")
    to_leaf, up, over = (cables.filter(pl.col("tier") == tier) for tier in ("node-leaf", "leaf-spine", "spine-core"))
    leaves = to_leaf.group_by("b_device").agg(pl.col("a_device").n_unique(), ports=pl.len())
    trunks = up.group_by("a_device").agg(pl.col("b_device").n_unique(), links=pl.len())
    spines = up.group_by("b_device").agg(pl.col("a_device").n_unique())
    found = {
        "leaf": fabric.leaf_count,
        "spine": fabric.spine_count,
        "core": fabric.core_count,
        "rails": to_leaf["rail"].n_unique(),
        "links_node_leaf": to_leaf.height,
        "links_leaf_spine": up.height,
        "links_spine_core": over.height,
        "nodes_per_leaf": only(leaves["a_device"]),
        "ports_per_leaf": only(leaves["ports"]),
        "uplinks_per_leaf": only(trunks["links"]),
        "spines_of_a_leaf": only(trunks["b_device"]),
        "leaves_of_a_spine": only(spines["a_device"]),
        "pods": design.tables.devices.filter(pl.col("fabric") == "compute", pl.col("tier") == "spine")[
            "pod"
        ].n_unique(),
    }
    if over.height:
        found["uplinks_per_spine"] = only(over.group_by("a_device").len()["len"])
    for name in ("tiers", "planes", "cables_node_leaf", "cables_leaf_spine", "cables_spine_core", "rails_meet"):
        found[name] = getattr(fabric, name)
    for name in ("bisection_ratio", "leaf_oversubscription", "diameter_switches"):
        found[name] = getattr(fabric, name)
    return found


@pytest.mark.parametrize("entry", DESIGNS, ids=lambda entry: entry["name"])
def test_a_published_network_comes_out_of_the_choices_that_it_states(entry: dict[str, Any]) -> None:
    design = design_of(entry["pool"], entry["compute"])
    assert not [finding for finding in design.findings if finding.code.startswith("FAB")]
    found = figures(design)
    expected = {key: pytest.approx(value) for key, value in entry["expected"].items()}
    assert {key: found[key] for key in expected} == expected
    errors = {
        f.code for f in checks.run(design, catalog()) if f.severity is Severity.ERROR and f.code.startswith("FAB")
    }
    assert not errors
    also = entry.get("also", {})
    if "gpus_without_backup" in also:
        assert (136 - 8) * 15 * GPUS_PER_NODE == also["gpus_without_backup"] == found["links_node_leaf"] * 128 / 136 / 2
    if "gbps_across_pods_at_least" in also:
        assert design.fabrics["compute"].bisection_ratio * 400 >= also["gbps_across_pods_at_least"]
