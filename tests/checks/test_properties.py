"""Laws that hold for any load: conservation, monotony, redundancy rules."""

from __future__ import annotations

from functools import partial

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.checks.context import Context
from gigasite.checks.power import after_block_loss, after_path_loss
from gigasite.checks.racks import floor_load_kpa
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.cooling import redundant_count
from gigasite.design.cooling.water import evaporation_m3_day
from gigasite.design.model import Design

from .designs import GB200, design_of, found, with_table

H100_4N3R = (
    "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 40}\n"
    "power: {blocks: {topology: 4N3R, unit_kw: 250}}\nracks: {feeds: 3}\n"
)
H100_N1 = "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 40}\npower: {blocks: {topology: N+1}}\n"
POWER = {"PWR101", "PWR102", "PWR104", "PWR111", "PWR112", "RCK106"}
factors = st.floats(1.0, 4.0)


def _multiplied(table: pl.DataFrame, column: str, factor: float) -> pl.DataFrame:
    return table.with_columns(pl.col(column) * factor)


def loaded(design: Design, factor: float) -> Design:
    """The same design with all of its loads multiplied."""
    for table, column in (("racks", "it_kw"), ("feeds", "load_kw"), ("blocks", "load_kw")):
        design = with_table(design, table, partial(_multiplied, column=column, factor=factor))
    return design


@settings(max_examples=15, deadline=None)
@given(factors, factors)
def test_more_load_never_removes_a_power_finding(less: float, more: float) -> None:
    design = design_of(H100_4N3R)
    assert found(loaded(design, less), POWER) <= found(loaded(design, less * more), POWER)


@settings(max_examples=15, deadline=None)
@given(factors, factors)
def test_larger_breakers_and_blocks_never_add_a_power_finding(factor: float, larger: float) -> None:
    design = loaded(design_of(H100_4N3R), factor)
    better = with_table(design, "feeds", lambda f: f.with_columns(pl.col("usable_kw") * larger))
    better = with_table(better, "blocks", lambda f: f.with_columns(pl.col("unit_kw") * larger))
    assert found(better, POWER) <= found(design, POWER)


@pytest.mark.parametrize("text", [H100_4N3R, GB200])
def test_the_surviving_feeds_of_a_rack_carry_all_of_it(text: str) -> None:
    context = Context(design_of(text), load_catalog())
    after = after_path_loss(context).group_by("rack", "lost").agg(pl.col("after_kw").sum())
    compared = after.join(context.tables.racks.select("rack", "it_kw"), on="rack")
    assert compared.height
    assert compared.select((pl.col("after_kw") - pl.col("it_kw")).abs().max()).item() < 1e-6


@pytest.mark.parametrize("text", [H100_4N3R, H100_N1, GB200])
def test_the_surviving_blocks_carry_all_of_the_load(text: str) -> None:
    context = Context(design_of(text), load_catalog())
    blocks = context.tables.blocks
    after = after_block_loss(context)
    moved = after.group_by("lost").agg(pl.col("moved_kw").sum()).rename({"lost": "block"})
    compared = blocks.join(moved, on="block")
    assert compared.height == blocks.filter(pl.col("load_kw") > 0).height > 0
    assert compared.select((pl.col("load_kw") - pl.col("moved_kw")).abs().max()).item() < 1e-6


def test_a_lost_block_of_a_shared_bus_leaves_equal_parts() -> None:
    context = Context(design_of(H100_N1), load_catalog())
    blocks = context.tables.blocks
    after = after_block_loss(context)["after_kw"]
    total = blocks["load_kw"].sum()
    assert after.to_list() == pytest.approx([total / (blocks.height - 1)] * len(after))


@pytest.mark.parametrize(
    ("needed", "redundancy", "installed"),
    [(3, "N", 3), (3, "N+1", 4), (3, "N+2", 5), (3, "2N", 6), (1, "2N", 2), (0, "2N", 0)],
)
def test_redundancy_adds_its_spares(needed: int, redundancy: str, installed: int) -> None:
    assert redundant_count(needed, redundancy) == installed


def test_a_megawatt_evaporates_35_cubic_metres_a_day() -> None:
    """1.47 l/kWh from a latent heat of 2.45 MJ/kg."""
    assert evaporation_m3_day(1000) == pytest.approx(35.27, rel=0.005)


def test_floor_load_is_weight_over_area() -> None:
    frame = pl.DataFrame({"kg": [1360.0], "m2": [0.72]})
    assert frame.select(floor_load_kpa(pl.col("kg"), pl.col("m2"))).item() == pytest.approx(18.52, rel=1e-3)


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (1, "rack", "1 rack"),
        (1200, "rack", "1,200 racks"),
        (2, "management switch", "2 management switches"),
        (2, "address", "2 addresses"),
        (3, "power supply", "3 power supplies"),
    ],
)
def test_things_are_counted_in_words(number: int, noun: str, words: str) -> None:
    assert count(number, noun) == words


def test_long_lists_are_cut_and_counted() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some(f"n{i}" for i in range(640)) == "n0, n1, n2 and 637 more"


@pytest.mark.parametrize(("kw", "words"), [(9.9, "9.9 kW"), (1234, "1,234 kW"), (117_300, "117.3 MW")])
def test_power_is_printed_with_the_digits_that_matter(kw: float, words: str) -> None:
    assert kilowatts(kw) == words
