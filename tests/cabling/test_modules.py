"""Cables and modules that fit both ends, counted by what NVIDIA publishes and by an independent count."""

from __future__ import annotations

from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.catalog.cabling_products import CableAssembly, Cage, Transceiver
from gigasite.design.expand import expand
from gigasite.design.model import Design, Tables
from gigasite.spec.loader import load_text

CATALOG = load_catalog()
KINDS = {kind.key: kind for kind in CATALOG.cables}
SITE = """\
schema_version: 1
name: modules
pools: [{{name: train, system: {system}, {size}}}]
"""


def site(system: str, size: str) -> Design:
    return expand(load_text(SITE.format(system=system, size=size), catalog=CATALOG).spec, CATALOG)


def test_an_h100_superpod_of_four_units_has_its_published_cables_on_half_as_many_modules() -> None:
    tables = site("dgx-h100", "scalable_units: 4").tables
    compute = tables.cables.filter(pl.col("fabric") == "compute")
    tiers = dict(compute.group_by("tier").agg(pl.col("cable").n_unique()).iter_rows())
    assert tiers == {"node-leaf": 1016, "ufm-leaf": 4, "leaf-spine": 1024}
    modules = tables.modules.filter(pl.col("fabric") == "compute")
    by_product = dict(modules.group_by("product").len().iter_rows())
    # Four cages a node; 16 + 16 a leaf; 32 a spine: no port of a cage is bought a module of its own.
    assert by_product == {"mma4z00-ns-flt": 127 * 4, "mma4z00-ns": 32 * 32 + 16 * 32, "mma4z00-ns400": 4}


def by_hand(tables: Tables) -> dict[tuple[str, int], set[str | None]]:
    """Media in each cage that takes modules, link by link."""
    pluggable = {cage.key for cage in CATALOG.all_of(Cage) if cage.pluggable}
    media = tables.cables["media"].to_list()
    rows = sorted(
        (row["device"], row["module_cage"], row["link"])
        for row in tables.ports.iter_rows(named=True)
        if row["connector"] in pluggable and row["module_cage"] is not None
    )
    grouped = groupby(rows, key=lambda row: (row[0], row[1]))
    return {cage: {media[link] for _, _, link in links} for cage, links in grouped}


@settings(max_examples=12, deadline=None)
@given(
    system=st.sampled_from(["dgx-h100", "dgx-b200", "dgx-b300", "gb300-nvl72", "gb200-nvl72", "instinct-mi300x"]),
    nodes=st.integers(1, 90),
)
def test_each_cage_holds_one_module_and_nothing_is_beyond_its_reach(system: str, nodes: int) -> None:
    whole = nodes if "nvl72" not in system else 18 * (1 + nodes % 4)
    tables = site(system, f"nodes: {whole}").tables
    cages = by_hand(tables)
    assert all(len(media) == 1 for media in cages.values())
    optics = {kind.key for kind in CATALOG.cables if kind.media in ("mmf", "smf")}
    lit = {cage for cage, media in cages.items() if media <= optics}
    held = tables.modules.filter(pl.col("product").is_not_null()).select("device", "cage")
    assert held.is_duplicated().sum() == 0
    assert set(held.iter_rows()) == lit
    reach = {item.key: item.reach_m for item in CATALOG.all_of(Transceiver)}
    products_of = {(row["device"], row["cage"]): row["product"] for row in tables.modules.iter_rows(named=True)}
    lengths, products = tables.cables["length_m"].to_list(), tables.cables["product"].to_list()
    assemblies = {item.key: item for item in CATALOG.all_of(CableAssembly)}
    for row in tables.ports.iter_rows(named=True):
        length, product = lengths[row["link"]], products[row["link"]]
        limit = reach.get(products_of.get((row["device"], row["module_cage"])) or "")
        assert length is None or limit is None or length <= limit
        if product in assemblies and assemblies[product].lengths_m and length is not None:
            assert length in assemblies[product].lengths_m


@pytest.mark.parametrize("key", [item.key for item in CATALOG.all_of(CableAssembly)])
def test_products_speak_of_media_and_form_factors_that_exist(key: str) -> None:
    item = CATALOG.of(CableAssembly, key)
    plugs = {plug for cage in CATALOG.all_of(Cage) for plug in cage.plugs}
    assert item.media in KINDS
    assert {item.plug_a, item.plug_b} <= plugs
    assert item.ports_a % item.ports_b == 0
    assert max(item.lengths_m, default=0) <= KINDS[item.media].reach_m
