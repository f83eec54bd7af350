"""What the program chooses by itself passes its own checks, at every size; what a site declares is kept."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from gigasite.design.model import Design

from .sites import design_of, errors_of

GROWING = [
    ("dgx-h100", 16, 32),
    ("dgx-b300", 2, 16),
    ("gb200-nvl72", 1, 8),
    ("gb200-nvl72", 2, 4),
    ("gb200-nvl72", 3, 8),
    ("gb300-nvl72", 2, 8),
    ("gb300-nvl72", 4, 4),
    ("gb300-nvl72", 6, 6),
    ("gb300-nvl72", 16, 16),
]


@pytest.mark.parametrize(("system", "built", "build_to"), GROWING)
def test_chosen_blocks_and_management_switches_survive_any_single_loss(system: str, built: int, build_to: int) -> None:
    design = design_of({"system": system, "scalable_units": built, "build_to_scalable_units": build_to})
    assert not errors_of(design, "PWR11")
    assert not errors_of(design, "FAB")


@pytest.mark.parametrize("system", ["dgx-h100", "dgx-h200", "dgx-b300", "gb200-nvl72", "gb300-nvl72"])
@pytest.mark.parametrize("electrical", ["nec", "iec"])
def test_a_published_unit_stands_on_its_defaults(system: str, electrical: str) -> None:
    design = design_of({"system": system, "scalable_units": 1}, standards={"electrical": electrical})
    assert not errors_of(design, "")


@pytest.mark.parametrize("halls", [1, 2, 3])
@pytest.mark.parametrize("given", [1, 2, 3, 5, 8, 9])
@pytest.mark.parametrize("topology", ["N", "N+1", "2N", "4N3R"])
def test_no_design_has_more_blocks_than_the_site_declares(topology: str, given: int, halls: int) -> None:
    blocks = {"topology": topology, "unit_kw": 1000, "count": given}
    design = design_of({"system": "dgx-h100", "scalable_units": 4}, power={"blocks": blocks}, halls={"count": halls})
    assert (design.power.block_count or 0) <= given
    assert design.tables.blocks.height == design.power.block_count
    if design.power.block_count != given:
        assert "PWR107" in errors_of(design, "PWR")


COUNTED: dict[str, tuple[dict[str, Any], ...]] = {
    "h100": ({"system": "dgx-h100", "scalable_units": 4},),
    "b200 in three tiers": ({"system": "dgx-b200", "scalable_units": 16},),
    "b300 in two planes": (
        {"system": "dgx-b300", "scalable_units": 3, "reference_architecture": "dgx-superpod-b300-ethernet"},
    ),
    "gb200": ({"system": "gb200-nvl72", "scalable_units": 2},),
    "two pools": (
        {"system": "dgx-h200", "nodes": 64},
        {"name": "more", "system": "gb300-nvl72", "scalable_units": 1, "fabric": "xdr"},
    ),
}


@pytest.mark.parametrize("pools", COUNTED.values(), ids=COUNTED)
def test_counts_of_every_fabric_are_those_of_its_tables(pools: tuple[dict[str, Any], ...]) -> None:
    design = design_of(*pools)
    for name, fabric in design.fabrics.items():
        switches, cables = _switches(design, name), _cables(design, name)
        assert [switches.get(tier, 0) for tier in ("leaf", "spine", "core")] == [
            fabric.leaf_count,
            fabric.spine_count,
            fabric.core_count,
        ]
        assert cables.pop("leaf-spine", 0) == fabric.cables_leaf_spine
        assert cables.pop("spine-core", 0) == fabric.cables_spine_core
        assert sum(cables.values()) == fabric.cables_node_leaf + fabric.cables_ufm_leaf


def _switches(design: Design, fabric: str) -> dict[str, int]:
    own = design.tables.devices.filter(pl.col("fabric") == fabric, pl.col("kind") == "switch")
    return dict(own.group_by("tier").len().iter_rows())


def _cables(design: Design, fabric: str) -> dict[str, int]:
    own = design.tables.cables.filter(pl.col("fabric") == fabric)
    return dict(own.group_by("tier").agg(pl.col("cable").n_unique()).iter_rows())
