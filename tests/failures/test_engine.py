"""The analysis says what the rules say, for any chain; losses only take away."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.failures import analyse, lose
from gigasite.design.failures.network import COMMON, network_of

from .brute import Brute, brute
from .sites import Chain, base, two_sides


def worse(normal: Brute, after: Brute) -> set[str]:
    """Elements that a loss overloads, or overloads by a hundredth more than they were."""
    return {e for e in after.over if e not in normal.over or after.load[e] > 1.01 * normal.load[e]}


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Layers of elements: a common top, then two halls; racks and cooling units at the bottom."""
    chain = Chain()
    number = st.integers
    ids = itertools.count()
    layers: list[list[tuple[str, int | None]]] = []
    for level in range(draw(number(2, 4))):
        layer: list[tuple[str, int | None]] = []
        for _ in range(draw(number(1, 4))):
            hall = None if level == 0 else draw(st.sampled_from([None, 1, 2] if level == 1 else [1, 2]))
            name = f"e{next(ids)}"
            above = [n for n, h in itertools.chain(*layers) if h is None or h == hall]
            if hall is None:
                above = [n for n, h in itertools.chain(*layers) if h is None]
            ways = draw(st.lists(st.sampled_from(above), unique=True, max_size=3)) if above else []
            facts: dict[str, Any] = {
                "hall": hall,
                "capacity_kw": draw(st.sampled_from([None, 30.0, 60.0, 200.0])),
                "load_kw": 10.0,
                "loss_kw": draw(st.sampled_from([0.0, 0.5])),
                "room": draw(st.sampled_from([None, "x", "y"])),
            }
            chain.add(name, source=not ways, **facts)
            for way in ways:
                chain.link(way, name, draw(number(1, 2)), draw(st.sampled_from([0.0, 0.5, 1.0])), 10.0)
            layer.append((name, hall))
        layers.append(layer)
    for hall in (1, 2):
        places = [n for n, h in itertools.chain(*layers) if h in (None, hall)]
        for rack in range(draw(number(0, 3))):
            feeds = draw(st.lists(st.sampled_from(places), unique=True, min_size=1, max_size=3))
            chain.rack(f"r{hall}{rack}", {feed: draw(st.sampled_from([5.0, 10.0])) for feed in feeds}, hall=hall)
        required = draw(st.sampled_from([None, 1, 2]))
        for unit in range(draw(number(0, 3))):
            source, alternate = draw(st.sampled_from(places)), draw(st.sampled_from([None, *places]))
            facts = {"capacity_kw": 12.0, "heat_kw": 8.0, "electric_kw": 2.0, "electric_max_kw": 4.0, "hall": hall}
            facts["required_count"] = required
            chain.unit(f"u{hall}{unit}", f"g{hall}", source, alternate, **facts)
    return chain


@settings(max_examples=25, deadline=None)
@given(chains())
def test_every_single_loss_is_what_the_rules_say(chain: Chain) -> None:
    design = chain.design()
    report = analyse(design)
    normal = brute(design, set())
    overloads = report.overloads.filter(pl.col("of") == "singles")
    shorts = report.shorts.filter(pl.col("of") == "singles")
    for row in report.singles.iter_rows(named=True):
        wanted = brute(design, {row["name"]})
        assert row["dark_rack_count"] == len(wanted.dark - normal.dark), row["name"]
        over = set(overloads.filter(pl.col("name") == row["name"])["element"])
        assert over == worse(normal, wanted), row["name"]
        assert set(shorts.filter(pl.col("name") == row["name"])["group"]) == wanted.short - normal.short


@settings(max_examples=25, deadline=None)
@given(chains())
def test_every_pair_that_darkens_is_found_and_no_other(chain: Chain) -> None:
    design = chain.design()
    report = analyse(design)
    names = design.tables.elements["element"].to_list()
    normal = brute(design, set()).dark
    alone = {name: brute(design, {name}).dark for name in names}
    wanted = {}
    for one, other in itertools.combinations(names, 2):
        new = brute(design, {one, other}).dark - alone[one] - alone[other] - normal
        if new:
            wanted[frozenset((one, other))] = len(new)
    pairs = report.pairs.pairs
    found = {frozenset(row[:2]): row[2] for row in pairs.iter_rows()}
    assert found == wanted
    assert pairs.height == len(found)


@settings(max_examples=25, deadline=None)
@given(chains(), st.data())
def test_losing_more_never_lights_a_rack_nor_adds_capacity(chain: Chain, data: st.DataObject) -> None:
    design = chain.design()
    names = design.tables.elements["element"].to_list()
    some = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    more = [*some, data.draw(st.sampled_from(names))]
    before, after = lose(design, some), lose(design, more)
    assert set(before.dark_racks) <= set(after.dark_racks)
    assert {s.group for s in before.shortages} <= {s.group for s in after.shortages}
    cascaded = lose(design, some, cascade=True)
    assert set(before.dark_racks) <= set(cascaded.dark_racks)
    # Boards stand behind breakers of 125 % of what they may carry continuously.
    assert all(over.kind == "lv-board" and over.load_kw <= 1.25 * over.capacity_kw for over in cascaded.overloads)


@settings(max_examples=25, deadline=None)
@given(chains())
def test_a_single_loss_in_full_says_what_its_row_says(chain: Chain) -> None:
    design = chain.design()
    report = analyse(design)
    for row in report.singles.iter_rows(named=True):
        effect = lose(design, [row["name"]])
        assert len(effect.dark_racks) == row["dark_rack_count"]
        assert len(effect.overloads) == row["overloaded_count"]
        assert len(effect.shortages) == row["short_group_count"]
        assert len(effect.interrupted_racks) == row["interrupted_rack_count"]
        down = effect.down_racks or effect.overloads or effect.shortages
        assert row["maintainable"] is not bool(down)
        assert row["tolerated"] is effect.is_harmless


@settings(max_examples=20, deadline=None)
@given(chains())
def test_loads_of_common_causes_are_what_the_rules_say(chain: Chain) -> None:
    design = chain.design()
    report = analyse(design)
    rooms = dict(design.tables.elements.drop_nulls("room").group_by("room").agg("element").iter_rows())
    normal = brute(design, set())
    for row in report.commons.filter(pl.col("kind") == "room").iter_rows(named=True):
        wanted = brute(design, set(rooms[row["name"]]))
        assert row["dark_rack_count"] == len(wanted.dark - normal.dark)
        assert row["overloaded_count"] == len(worse(normal, wanted))


def test_zones_are_what_hangs_together_without_the_common_elements() -> None:
    network = network_of(two_sides().design())
    zones = dict(zip(network.chain.names, network.chain.zone.tolist(), strict=True))
    assert {zones[name] for name in ("c1", "c2", "mv-a", "mv-b")} == {COMMON}
    assert len({zones[name] for name in ("lv-a", "lv-b", "ups-a", "ups-b", "gen-a")}) == 1


def test_two_sides_are_maintainable_until_one_is_too_small_for_both() -> None:
    assert analyse(two_sides(load_kw=20, capacity_kw=80).design()).singles["maintainable"].all()
    tight = analyse(two_sides(load_kw=20.1, capacity_kw=80).design())
    assert not tight.singles.filter(pl.col("name") == "ups-a")["maintainable"].item()
    assert tight.overloads.filter(pl.col("name") == "lv-a")["element"].to_list() == ["ups-b"]


def test_generators_take_over_through_the_batteries_of_the_ups() -> None:
    report = analyse(two_sides().design())
    grid = report.commons.row(by_predicate=pl.col("kind") == "utility", named=True)
    assert grid["tolerated"]
    assert grid["dark_rack_count"] == 0
    short = base("name: demo\npower: {blocks: {ups_min: 0.2}}\npools:\n  - {name: train, system: dgx-h100, nodes: 8}\n")
    gap = analyse(two_sides().design(short)).commons.row(by_predicate=pl.col("kind") == "utility", named=True)
    assert gap["interrupted_rack_count"] == 4, "15 s to the generators, 12 s of batteries"
    assert not gap["tolerated"]


def test_what_was_transferred_in_order_interrupts_nothing_later() -> None:
    short = base("name: demo\npower: {blocks: {ups_min: 0.2}}\npools:\n  - {name: train, system: dgx-h100, nodes: 8}\n")
    design = two_sides().design(short)
    assert len(lose(design, ["mv-a", "mv-b"]).interrupted_racks) == 4
    assert lose(design, ["mv-b"], out=["mv-a"]).interrupted_racks == ()


def test_unknown_loads_are_told_and_overload_nothing() -> None:
    chain = two_sides()
    design = chain.design()
    feeds = design.tables.feeds.with_columns(load_kw=pl.lit(None, pl.Float64))
    unknown = replace(design, tables=replace(design.tables, feeds=feeds))
    report = analyse(unknown)
    assert report.unknown_load
    assert not report.overloads.height
    assert lose(unknown, ["rooms.room-a", "rooms.room-b"]).dark_racks == ("r01", "r02", "r03", "r04")


def test_a_design_without_a_chain_has_no_failures() -> None:
    design = base()
    bare = replace(
        design,
        tables=replace(
            design.tables,
            elements=design.tables.elements.clear(),
            connections=design.tables.connections.clear(),
            plant=design.tables.plant.clear(),
        ),
    )
    report = analyse(bare)
    assert not report.singles.height
    assert not report.pairs.pairs.height


@pytest.mark.parametrize(("usable_kw", "over"), [(10.0, 0), (9.0, 4)])
def test_a_feed_that_cannot_carry_its_rack_alone_is_told(usable_kw: float, over: int) -> None:
    chain = two_sides(load_kw=10)
    for facts in chain.rack_facts.values():
        facts["usable_kw"] = usable_kw
    row = analyse(chain.design()).singles.row(by_predicate=pl.col("name") == "ups-a", named=True)
    assert (row["over_feed_rack_count"], row["dark_rack_count"]) == (over, 0)
    assert row["many_path_rack_count"] == 0, "only one of the racks' two blocks is lost"


def test_supplies_on_a_dead_feed_give_nothing() -> None:
    """con-psu-is-not-feed-redundancy: six supplies of 3.3 kW on two feeds are 9.9 kW after the loss of one."""
    chain = two_sides(load_kw=10.2)
    for facts in chain.rack_facts.values():
        facts.update(system_count=1, supply_kw=9.9)
    design = chain.design()
    assert design.pools["train"].system_kw == 10.2
    effect = lose(design, ["ups-a"])
    assert effect.over_supply_racks == ("r01", "r02", "r03", "r04")
    assert effect.over_feed_racks == ()
    assert effect.down_racks == effect.over_supply_racks
    assert effect.dark_racks == ()


def test_a_chain_of_common_elements_alone_has_pairs_too() -> None:
    chain = Chain().add("a", source=True, hall=None).add("b", source=True, hall=None)
    report = analyse(chain.rack("r", {"a": 1.0, "b": 1.0}).design())
    assert report.pairs.pairs.select("out", "lost", "dark_rack_count").rows() == [("a", "b", 1)]
    assert report.singles["maintainable"].all()
