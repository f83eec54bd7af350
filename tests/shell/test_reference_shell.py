"""Reference facts of rows, cabinets and racks, each by its id, as rules of general code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from gigasite.catalog import load_catalog
from gigasite.catalog.shell_products import HallLayout
from gigasite.design.shell.floor_loads import floor_load_kpa

from .sites import design_of, hits

REFERENCE = Path(__file__).parents[1] / "reference"


def expected(file: str, key: str) -> dict[str, Any]:
    entries = yaml.safe_load((REFERENCE / file).read_text(encoding="utf-8"))["entries"]
    (found,) = [entry["expected"] for entry in entries if entry["id"] == key]
    return dict(found)


def test_dsx_cabinet() -> None:
    fact, layout = expected("70_dsx_iren.yaml", "dsx-cabinet"), load_catalog().of(HallLayout, "nvidia-dsx-facilities")
    assert layout.row_rack_count_max == fact["max_racks_per_compute_row"]
    assert (layout.cabinet_kw_min, layout.cabinet_kw_max) == (fact["cabinet_tdp_kw_min"], fact["cabinet_tdp_kw_max"])
    assert (layout.compute_containments_per_su, layout.support_containments_per_su) == (1, 1)


@pytest.mark.parametrize("scalable_units", [1, 2, 4])
@pytest.mark.parametrize("system", ["gb200-nvl72", "gb300-nvl72", "vera-rubin-nvl72"])
def test_dsx_cabinet_rows_hold_no_more_racks_than_the_layout_allows(system: str, scalable_units: int) -> None:
    most = expected("70_dsx_iren.yaml", "dsx-cabinet")["max_racks_per_compute_row"]
    text = (
        f"name: demo\npools:\n  - {{name: train, system: {system}, scalable_units: {scalable_units}}}\n"
        "halls: {layout: nvidia-dsx-facilities}\n"
    )
    racks = design_of(text).tables.racks.filter(pl.col("kind") == "pool")
    assert racks.group_by("hall", "row").len()["len"].to_list()
    assert (racks.group_by("hall", "row").len()["len"] <= most).all()
    assert not hits(text, "RCK130")


def test_dsx_vr_pod_has_the_racks_of_one_scalable_unit_of_the_layout() -> None:
    """1,152 GPUs are 16 racks of 72: two rows of eight, one compute containment."""
    fact = expected("70_dsx_iren.yaml", "dsx-vr-pod")
    layout = load_catalog().of(HallLayout, "nvidia-dsx-facilities")
    assert layout.row_rack_count_max is not None
    assert fact["rubin_gpus"] / 72 == fact["nvl72_racks_implied"] == 2 * layout.row_rack_count_max


def test_cool_gb200_rack_weighs_what_the_floor_is_checked_for() -> None:
    kg = expected("31_cooling.yaml", "cool-gb200-rack")["weight_kg"]
    rack = design_of("name: demo\npools:\n  - {name: train, system: gb200-nvl72, nodes: 18}\n").tables.racks
    assert rack.filter(pl.col("kind") == "pool")["weight_kg"].to_list() == [pytest.approx(kg, rel=0.01)]
    assert floor_load_kpa(kg, 0.6 * 1.068) == pytest.approx(20.8, abs=0.1)
