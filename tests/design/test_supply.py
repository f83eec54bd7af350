"""Feeds and blocks: every rack hangs on different blocks, and the load of a lost one spreads evenly."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.design import power
from tests.design.sites import design, pool


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
