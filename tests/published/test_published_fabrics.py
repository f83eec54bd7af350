"""Published compute fabrics, and the laws they rest on, counted on the cables themselves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from gigasite.design.model import Design

from .sites import design_of

PUBLISHED = yaml.safe_load((Path(__file__).parent / "published_fabrics.yaml").read_text(encoding="utf-8"))
GPUS_PER_NODE = {"gb200-nvl72": 4, "gb300-nvl72": 4}


def name_of(entry: dict[str, Any]) -> str:
    return f"{entry['source']}-{entry['su']}su"


@pytest.mark.parametrize("entry", PUBLISHED["fabrics"], ids=name_of)
def test_a_published_fabric_has_its_published_counts(entry: dict[str, Any]) -> None:
    extra = {"reference_architecture": entry["architecture"]} if "architecture" in entry else {}
    design = design_of({"system": entry["system"], "scalable_units": entry["su"], **extra})
    pool, fabric = design.pools["train"], design.fabrics["compute"]
    assert (pool.node_count, pool.gpu_count) == (entry["nodes"], entry["nodes"] * GPUS_PER_NODE.get(entry["system"], 8))
    assert (fabric.leaf_count, fabric.spine_count, fabric.core_count) == (entry["leaf"], entry["spine"], entry["core"])
    assert fabric.cables_node_leaf + fabric.cables_ufm_leaf == entry["to_leaf"]
    assert fabric.cables_leaf_spine == entry["leaf_spine"]
    assert fabric.cables_spine_core == entry.get("spine_core", 0)


BALANCED = {
    "h100 of 3 SU": {"system": "dgx-h100", "scalable_units": 3},
    "b200 of 10 SU, three tiers": {"system": "dgx-b200", "scalable_units": 10},
    "b300 of 5 SU on 144 ports": {"system": "dgx-b300", "scalable_units": 5},
    "b300 of 3 SU in two planes": {
        "system": "dgx-b300",
        "scalable_units": 3,
        "reference_architecture": "dgx-superpod-b300-ethernet",
    },
    "gb200 of 2 SU built to 4": {"system": "gb200-nvl72", "scalable_units": 2, "build_to_scalable_units": 4},
    "gb300 of 7 SU": {"system": "gb300-nvl72", "scalable_units": 7},
    "mi300x of 100 nodes": {"system": "instinct-mi300x", "nodes": 100},
}


def compute_cables(design: Design, tier: str) -> pl.DataFrame:
    return design.tables.cables.filter(pl.col("fabric") == "compute", pl.col("tier") == tier)


@pytest.mark.parametrize("pool", BALANCED.values(), ids=BALANCED)
def test_a_leaf_has_the_same_whole_number_of_links_to_every_spine_that_it_reaches(pool: dict[str, Any]) -> None:
    trunks = compute_cables(design_of(pool), "leaf-spine")
    pairs = trunks.group_by("a_device", "b_device").len()
    assert pairs["len"].n_unique() == 1
    assert pairs.group_by("a_device").len()["len"].n_unique() == 1


@pytest.mark.parametrize("pool", BALANCED.values(), ids=BALANCED)
def test_a_leaf_gives_up_what_its_full_unit_takes(pool: dict[str, Any]) -> None:
    """Non-blocking: no leaf has more links down than up, and none is short of ports."""
    design = design_of(pool)
    down = Counter(compute_cables(design, "node-leaf")["b_device"].to_list())
    up = Counter(compute_cables(design, "leaf-spine")["a_device"].to_list())
    assert down.keys() <= up.keys()
    assert len(set(up.values())) == 1
    assert all(down[leaf] <= up[leaf] for leaf in up)


@pytest.mark.parametrize("pool", BALANCED.values(), ids=BALANCED)
def test_no_switch_uses_more_ports_than_it_has_and_spines_are_non_blocking(pool: dict[str, Any]) -> None:
    design = design_of(pool)
    tables = design.tables
    switches = tables.devices.filter(pl.col("fabric") == "compute", pl.col("kind") == "switch")
    ports = tables.ports.filter(pl.col("fabric") == "compute").join(
        switches.select("device", "port_count"), on="device"
    )
    assert ports.filter((pl.col("cage") < 1) | (pl.col("cage") > pl.col("port_count"))).is_empty()
    assert not ports.select("device", "cage", "lane").is_duplicated().any()
    up = Counter(compute_cables(design, "spine-core")["a_device"].to_list())
    down = Counter(compute_cables(design, "leaf-spine")["b_device"].to_list())
    assert all(down[spine] <= up[spine] for spine in up)


@pytest.mark.parametrize("system", ["dgx-h100", "dgx-b200", "dgx-b300", "gb300-nvl72"])
def test_a_rail_of_a_unit_never_leaves_its_leaf_or_pair_of_leaves(system: str) -> None:
    """Rail r of the nodes of a unit lands on the unit's own leaves of rail r, and on no other rail's."""
    design = design_of({"system": system, "scalable_units": 2})
    su_of_node = design.tables.nodes.select(a_device="node", su="su")
    ends = compute_cables(design, "node-leaf").join(su_of_node, on="a_device")
    leaves = ends.group_by("b_device").agg(pl.col("su").n_unique(), pl.col("rail").n_unique())
    assert leaves["su"].to_list() == leaves["rail"].to_list() == [1] * leaves.height
    per_rail = 2 if system == "gb300-nvl72" else 1
    assert ends.group_by("su", "rail").agg(pl.col("b_device").n_unique())["b_device"].unique().to_list() == [per_rail]


def test_core_switches_of_gb200_join_one_spine_of_every_rail_and_unit() -> None:
    """Six groups of 24 core switches, as published: a group a spine of a rail, its switches shared by all rails."""
    pool = {"system": "gb200-nvl72", "scalable_units": 2, "build_to_scalable_units": 16}
    trunks = compute_cables(design_of(pool), "spine-core")
    cores = trunks.group_by(core="b_device").agg(spines=pl.col("a_device").sort(), links=pl.len())
    assert cores["links"].unique().to_list() == [2 * 4]
    groups = cores.group_by(pl.col("spines").list.join(" ")).len()
    assert groups["len"].to_list() == [24] * 6


@pytest.mark.parametrize("nodes", [33, 40, 63, 64])
def test_a_unit_that_is_not_full_has_all_its_leaves_and_trunks(nodes: int) -> None:
    part = design_of({"system": "dgx-b200", "nodes": nodes}).fabrics["compute"]
    full = design_of({"system": "dgx-b200", "scalable_units": 2}).fabrics["compute"]
    assert (part.leaf_count, part.spine_count, part.cables_leaf_spine) == (16, 8, 512)
    assert part.cables_leaf_spine == full.cables_leaf_spine
    assert part.cables_node_leaf == 8 * nodes


@pytest.mark.parametrize(("asked", "uplinks"), [(1, 32), (1.5, 22), (2, 16), (3, 11), (7, 5)])
def test_an_oversubscribed_leaf_is_never_worse_than_asked(asked: float, uplinks: int) -> None:
    """32 links down over `asked`, rounded up: 11 uplinks for 3:1 are 2.91:1."""
    compute = {"roles": ["compute"], "oversubscription": asked}
    design = design_of({"system": "dgx-b200", "scalable_units": 8}, fabrics={"compute": compute})
    fabric = design.fabrics["compute"]
    assert (fabric.leaf_count, fabric.cables_leaf_spine) == (64, 64 * uplinks)
    assert fabric.leaf_oversubscription == pytest.approx(32 / uplinks)
    assert fabric.leaf_oversubscription <= asked


@pytest.mark.parametrize(("build_to", "spines", "tiers"), [(2, 8, 2), (4, 16, 2), (8, 32, 2), (16, 16, 3)])
def test_spines_are_those_of_the_ultimate_size_and_leaves_those_of_the_built_one(
    build_to: int, spines: int, tiers: int
) -> None:
    """Up to the two-tier limit of 2,048 ports all spines stand from the first day; beyond it, those of the pods."""
    pool = {"system": "dgx-b200", "scalable_units": 2, "build_to_scalable_units": build_to}
    fabric = design_of(pool).fabrics["compute"]
    assert (fabric.tiers, fabric.leaf_count, fabric.spine_count) == (tiers, 16, spines)
    assert fabric.cables_leaf_spine == 512


@pytest.mark.parametrize("planes", [1, 2, 4])
def test_planes_are_separate_and_share_the_speed_of_the_nic(planes: int) -> None:
    pool = {"system": "dgx-b300", "nodes": 64, "reference_architecture": "dgx-superpod-b300-ethernet"}
    compute = {"roles": ["compute"], "switch": "sn5600", "planes": planes}
    design = design_of(pool, fabrics={"compute": compute})
    cables = design.tables.cables.filter(pl.col("fabric") == "compute")
    plane_of = dict(design.tables.devices.filter(pl.col("fabric") == "compute").select("device", "plane").iter_rows())
    trunks = cables.filter(pl.col("tier") == "leaf-spine")
    assert all(plane_of[a] == plane_of[b] for a, b in trunks.select("a_device", "b_device").iter_rows())
    to_nodes = cables.filter(pl.col("tier") == "node-leaf")
    assert set(to_nodes["gbps"]) == {800 / planes}
    assert to_nodes.height == 64 * 8 * planes
    assert design.fabrics["compute"].cables_node_leaf == 64 * 8
