"""Feeds and blocks: every rack hangs on different blocks, and the load of a lost one spreads evenly."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.checks import run
from gigasite.design import power
from gigasite.errors import Severity
from tests.design.sites import CATALOG, design, pool


def test_feeds_of_a_rack_hang_on_different_blocks_of_one_set() -> None:
    found = design(
        pool("gb300-nvl72", scalable_units=4),
        power={"blocks": {"topology": "4N3R", "unit_kw": 2500}},
        racks={"feeds": 2},
    )
    feeds = found.tables.feeds
    assert feeds.group_by("rack").agg(pl.col("block").n_unique())["block"].unique().to_list() == [2]
    pairs = (
        feeds.filter(pl.col("rack").str.contains("-train-su"))
        .group_by("rack")
        .agg(pl.col("block").sort().str.join("+").alias("pair"))
        .group_by("pair")
        .len()
    )
    per_set = pairs.with_columns(power_set=pl.col("pair").str.extract(r"-s(\d+)-"))
    assert per_set.group_by("power_set").len()["len"].unique().to_list() == [6], "all six pairs of four blocks"


@pytest.mark.parametrize(
    ("supplies", "feeds", "dealt"), [(8, 2, [4, 4]), (8, 3, [3, 3, 2]), (6, 2, [3, 3]), (6, 4, [2, 2, 1, 1])]
)
def test_supplies_are_dealt_to_feeds_in_turn(supplies: int, feeds: int, dealt: list[int]) -> None:
    assert power.supplies_by_feed(supplies, feeds).tolist() == dealt


def test_a_power_shelf_has_a_circuit_of_its_own_and_a_rack_of_nodes_one_a_feed() -> None:
    rack_scale = design(pool("gb200-nvl72")).tables.feeds
    shelves = rack_scale.filter(pl.col("rack").str.contains("-r0"))
    shelves = shelves.filter(~pl.col("rack").str.contains("core"))
    assert shelves["circuit_count"].unique().to_list() == [4]
    assert shelves["supply_kw"].unique().to_list() == [4 * 33]
    nodes = design(pool("dgx-h100", scalable_units=1)).tables.feeds.filter(pl.col("rack").str.contains("-train-su"))
    assert nodes["circuit_count"].unique().to_list() == [1]
    assert sorted(nodes["letter"].unique().to_list()) == ["A", "B", "C"]


@pytest.mark.parametrize(("name", "blocks"), [("N", 1), ("N+1", 2), ("2N", 2), ("3N2R", 3), ("4N3R", 4), ("5N4R", 5)])
def test_each_topology_gives_the_blocks_that_its_name_says(name: str, blocks: int) -> None:
    found = design(pool("dgx-h100", scalable_units=1), power={"blocks": {"topology": name, "unit_kw": 2500}})
    assert found.power.block_count == blocks
    assert found.tables.blocks["load_kw"].sum() == pytest.approx(found.power.it_kw)


def test_blocks_that_the_site_declares_are_not_resized() -> None:
    found = design(
        pool("gb300-nvl72", scalable_units=2),
        power={"blocks": {"topology": "2N", "unit_kw": 1000, "count": 2}},
    )
    assert found.power.block_count == 2
    assert found.tables.blocks["load_kw"].sum() == pytest.approx(found.power.it_kw)


def test_a_power_cap_lowers_the_draw_and_the_heat_but_never_raises_them() -> None:
    full = design(pool("gb300-nvl72"))
    capped = design(pool("gb300-nvl72", scalable_units=1, power_cap_kw=120))
    assert full.pools["train"].system_kw == 142
    assert capped.pools["train"].system_kw == 120
    assert capped.power.it_kw < full.power.it_kw  # type: ignore[operator]
    assert capped.cooling.liquid_kw < full.cooling.liquid_kw  # type: ignore[operator]
    above = design(pool("gb300-nvl72", scalable_units=1, power_cap_kw=500))
    assert above.power.it_kw == full.power.it_kw


@pytest.mark.parametrize(("count", "topology", "built"), [(3, "4N3R", 0), (5, "2N", 4), (4, "2N", 4)])
def test_no_more_blocks_are_drawn_than_the_site_has(count: int, topology: str, built: int) -> None:
    found = design(
        pool("gb200-nvl72", scalable_units=1),
        power={"blocks": {"topology": topology, "unit_kw": 2500, "count": count}},
    )
    assert found.power.block_count == built
    assert [f.code for f in found.findings if f.code == "PWR107"] == ([] if count == built else ["PWR107"])


def test_unequal_feeds_take_turns_on_the_blocks() -> None:
    """Six supplies on four feeds hang 2, 2, 1, 1: rack by rack another block has the heavy ones."""
    found = design(
        pool("dgx-h100", scalable_units=4),
        racks={"feeds": 4},
        power={"blocks": {"topology": "4N3R", "unit_kw": 2500}},
    )
    loads = found.tables.blocks["load_kw"]
    assert loads.max() < 1.1 * loads.min()  # type: ignore[operator]


SYSTEMS = ["dgx-h100", "dgx-h200", "dgx-b300", "gb200-nvl72", "gb300-nvl72"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("built", "build_to"), [(1, 1), (2, 2), (1, 4), (4, 4), (2, 5), (3, 8), (8, 8), (2, 20)])
def test_what_the_design_chooses_by_itself_passes_its_own_checks(system: str, built: int, build_to: int) -> None:
    found = design(pool(system, scalable_units=built, build_to_scalable_units=build_to))
    assert [f for f in run(found, CATALOG) if f.severity is Severity.ERROR] == []
