"""Losses of real designs: what the tables say by themselves, rack by rack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from benchmarks.failures import searched
from gigasite import checks
from gigasite.catalog import load_catalog
from gigasite.checks.context import Context
from gigasite.checks.reachability import management_outlives_any_loss_of_power
from gigasite.design.expand import expand
from gigasite.design.failures import analyse, lose
from gigasite.design.model import Design
from gigasite.spec.loader import load_site, load_text

from .sites import base

STACKS = Path(__file__).parents[2] / "stacks"
CATALOG = load_catalog()


@pytest.fixture(scope="module", params=["superpod-h100", "nvl72-pod"])
def site(request: pytest.FixtureRequest) -> Design:
    return expand(load_site(STACKS / request.param / "site.yaml", CATALOG).spec, CATALOG)


def test_a_search_of_the_graph_finds_the_same_racks_dark(site: Design) -> None:
    found = dict(analyse(site).singles.select("name", "dark_rack_count").iter_rows())
    for name, dark in searched(site).items():
        assert found[name] == dark, name


def test_the_normal_loads_are_those_of_the_tables(site: Design) -> None:
    """Losses in proportion to the load give the design's own loads back in normal operation."""
    report = analyse(site)
    load = dict(zip(report.network.chain.names, report.bench.normal.load_kw[:, 0].tolist(), strict=True))
    for name, wanted in site.tables.elements.select("element", "load_kw").iter_rows():
        assert load[name] == pytest.approx(wanted, rel=1e-3, abs=0.5), name


def test_published_sites_can_be_maintained(site: Design) -> None:
    singles = analyse(site).singles
    assert singles.filter(~pl.col("maintainable"))["name"].to_list() == []


def test_losing_a_block_touches_the_units_that_it_feeds(site: Design) -> None:
    effect = lose(site, ["power.blocks.b1"])
    assert effect.is_harmless
    fed = site.tables.feeds.filter(block=site.tables.blocks["block"][0]).join(
        site.tables.racks.filter(kind="pool"), on="rack"
    )
    assert set(effect.touched_units) >= set(fed.select("pool", "su").unique().iter_rows())


def _with_feeds(design: Design, rack: str, source: str) -> Design:
    """All feeds of a rack hang on one element."""
    feeds = design.tables.feeds.with_columns(
        source=pl.when(pl.col("rack") == rack).then(pl.lit(source)).otherwise("source")
    )
    return replace(design, tables=replace(design.tables, feeds=feeds))


def test_a_management_switch_in_a_dark_rack_cuts_off_what_runs_elsewhere() -> None:
    design = base()
    leaf = design.tables.devices.filter(fabric="oob", kind="switch", tier="leaf").join(
        design.tables.racks.filter(kind="network").select("rack"), on="rack", how="semi"
    )
    rack = leaf["rack"][0]
    busway = design.tables.feeds.filter(rack=rack)["source"][0]
    assert not list(management_outlives_any_loss_of_power(Context(design, CATALOG)))
    hits = list(management_outlives_any_loss_of_power(Context(_with_feeds(design, rack, busway), CATALOG)))
    assert len(hits) == 1
    assert leaf["device"][0] in hits[0].message


def test_a_switch_with_one_supply_hangs_on_the_first_feed() -> None:
    """Its rack keeps power from the other feeds; the switch does not."""
    from gigasite.checks import reachability

    design = base()
    context = Context(design, CATALOG)
    switches = reachability._switches(context, "oob").with_columns(is_single=pl.lit(value=True))
    lost = reachability._losses(context, switches)
    first = design.tables.feeds.filter(letter="A").select("rack", "source")
    wanted = switches.join(first, on="rack").select(name="source", device="device")
    assert set(wanted.iter_rows()) <= set(lost.iter_rows())


def test_default_sites_keep_their_promise() -> None:
    found = checks.run(base(), CATALOG, {"PWR171", "PWR172", "PWR173", "PWR174", "PWR177", "OPS101", "OPS102"})
    assert [str(finding) for finding in found] == []


def test_a_cascade_trips_breakers_at_their_rating_and_not_at_the_load_that_the_code_allows() -> None:
    """A rack of 40.8 kW on one 60 A feed at 415 V: above the 34.5 kW of the NEC, below the breaker's 43.1 kW."""
    site = (
        "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 32}\n"
        "power: {blocks: {topology: 2N, unit_kw: 500, rack_voltage_v: %d}}\nracks: {feeds: 2}\n"
    )
    for volts, trips in ((415, False), (380, True)):
        catalog = load_catalog()
        design = expand(load_text(site % volts, catalog=catalog).spec, catalog)
        effect = lose(design, ["power.blocks.b1"], cascade=True)
        assert lose(design, ["power.blocks.b1"]).over_feed_racks
        assert bool(effect.tripped) is trips
        assert bool(effect.dark_racks) is trips
