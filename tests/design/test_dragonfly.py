"""Dragonflies: their numbers, their links, and what holds for every size."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gigasite.design.clos import FabricTooLarge, SwitchShape
from gigasite.design.topologies.dragonfly import (
    DragonflyPlan,
    dragonfly_plan,
    dragonfly_shape,
    global_links,
    local_links,
)
from gigasite.errors import GigasiteError
from gigasite.spec.topologies import DragonflySpec

from .sites import design, pool


def shape_of(ports: int, **numbers: Any) -> Any:
    switch = SwitchShape(ports)
    return dragonfly_shape(DragonflySpec(**numbers), switch, switch)


def graph_of(plan: DragonflyPlan, built: int) -> nx.MultiGraph:
    """Switches as (group, switch, is global one) and their links; no port may be used twice."""
    graph, used = nx.MultiGraph(), set()
    groups = np.arange(built, dtype=np.int32)
    mesh = plan.shape.is_mesh
    for links, sides in (
        (local_links(plan, groups), ("leaf", "leaf" if mesh else "spine")),
        (global_links(plan, groups), ("leaf" if mesh else "spine",) * 2),
    ):
        columns = (links.a_group, links.a_switch, links.a_port, links.b_group, links.b_switch, links.b_port)
        for a_group, a, a_port, b_group, b, b_port in zip(*(c.tolist() for c in columns), strict=True):
            ends = ((sides[0], a_group, a), (sides[1], b_group, b))
            for end, port in zip(ends, (a_port, b_port), strict=True):
                assert (end, port) not in used
                used.add((end, port))
            graph.add_edge(*ends)
    graph.graph["ports"] = max((port for _, port in used), default=-1) + 1
    return graph


def leaf_diameter(graph: nx.MultiGraph) -> int:
    """The longest of the shortest ways between switches with endpoints, found by search."""
    lengths = dict(nx.all_pairs_shortest_path_length(nx.Graph(graph)))
    return max(
        length
        for here, ways in lengths.items()
        for there, length in ways.items()
        if here[0] == "leaf" and there[0] == "leaf"
    )


@st.composite
def dragonflies(draw: st.DrawFn) -> DragonflyPlan:
    ports = draw(st.integers(6, 40))
    mesh = draw(st.booleans())
    numbers: dict[str, Any] = {"group": "full-mesh" if mesh else "leaf-spine"}
    for name in ("group_switches", "endpoints_per_switch", "global_links_per_switch"):
        if draw(st.booleans()):
            numbers[name] = draw(st.integers(1, 8))
    numbers["links_between_switches"] = draw(st.integers(1, 2))
    try:
        shape = shape_of(ports, **numbers)
    except GigasiteError:
        assume(False)
    groups = draw(st.integers(1, min(shape.group_count_max, 9)))
    return dragonfly_plan(DragonflySpec(**numbers), shape, groups)


@settings(max_examples=80, deadline=None)
@given(dragonflies(), st.data())
def test_any_built_part_of_a_dragonfly_is_three_links_across_and_balanced(
    plan: DragonflyPlan, data: st.DataObject
) -> None:
    built = data.draw(st.integers(1, plan.group_count))
    graph = graph_of(plan, built)
    if built > 1:
        assert nx.is_connected(graph)
        assert leaf_diameter(graph) <= 3
    pairs: dict[tuple[int, int], int] = {}
    for here, there in graph.edges():
        if here[1] != there[1]:
            pair = (min(here[1], there[1]), max(here[1], there[1]))
            pairs[pair] = pairs.get(pair, 0) + 1
    assert set(pairs.values()) <= {plan.links_per_group_pair}
    assert len(pairs) == built * (built - 1) // 2


@settings(max_examples=60, deadline=None)
@given(dragonflies(), st.data())
def test_growing_by_groups_keeps_every_link(plan: DragonflyPlan, data: st.DataObject) -> None:
    few = data.draw(st.integers(1, plan.group_count))

    def rows(built: int) -> set[tuple[int, ...]]:
        groups = np.arange(built, dtype=np.int32)
        return {
            row
            for links in (local_links(plan, groups), global_links(plan, groups))
            for row in zip(*(getattr(links, name).tolist() for name in links.__slots__), strict=True)
        }

    assert rows(few) <= rows(plan.group_count)


@settings(max_examples=60, deadline=None)
@given(dragonflies())
def test_global_links_of_a_full_dragonfly_differ_by_one_from_switch_to_switch(plan: DragonflyPlan) -> None:
    assume(plan.group_count > 1)
    links = global_links(plan, np.arange(plan.group_count, dtype=np.int32))
    switches = plan.shape.global_switch_count
    ends = np.concatenate([links.a_group * switches + links.a_switch, links.b_group * switches + links.b_switch])
    counts = np.bincount(ends, minlength=plan.group_count * switches)
    assert counts.max() - counts.min() <= 1
    assert counts.max() <= plan.shape.global_count


@pytest.mark.parametrize("ports", range(7, 65))
def test_what_is_not_stated_is_balanced(ports: int) -> None:
    shape = shape_of(ports)
    assert shape.switch_count == 2 * shape.endpoint_count == 2 * shape.global_count
    assert shape.endpoint_count + shape.switch_count - 1 + shape.global_count <= ports < 4 * (shape.endpoint_count + 1)


def test_the_largest_slingshot_has_545_groups_and_279040_endpoints() -> None:
    """De Sensi et al., SC 2020: 16 endpoints, 31 local and 17 global links on 64 ports."""
    shape = shape_of(64, group_switches=32, endpoints_per_switch=16, global_links_per_switch=17)
    assert shape.group_count_max == 545
    assert shape.group_count_max * shape.endpoints_per_group == 279_040


def test_a_dragonfly_plus_of_radix_k_has_a_quarter_of_its_square_global_links_a_group() -> None:
    """Shpiner et al., 2017: k²/4 endpoints and global links a group, k²/4 + 1 groups."""
    shape = shape_of(40, group="leaf-spine")
    assert (shape.switch_count, shape.spine_count, shape.endpoint_count, shape.global_count) == (20, 20, 20, 20)
    assert shape.group_count_max == 401


def test_a_balanced_dragonfly_of_full_size_has_half_of_the_bandwidth_across() -> None:
    plan = dragonfly_plan(DragonflySpec(), shape_of(11), 19)
    assert plan.group_count == plan.shape.group_count_max == 19
    assert plan.bisection_ratio(18) == pytest.approx(0.5)


def test_more_groups_than_global_links_reach_are_refused() -> None:
    with pytest.raises(FabricTooLarge, match="at most 19"):
        dragonfly_plan(DragonflySpec(), shape_of(11), 20)


def test_a_switch_with_too_few_ports_is_refused() -> None:
    with pytest.raises(GigasiteError, match="needs 71 ports and has 64"):
        shape_of(64, group_switches=8, endpoints_per_switch=32, global_links_per_switch=32)


NUMBERS = {"group_switches": 8, "endpoints_per_switch": 32, "groups": 8}
PLUS = {"group": "leaf-spine", "group_switches": 8, "group_spines": 8}


def site(units: int, numbers: dict[str, Any] = NUMBERS, **fabric: Any) -> Any:
    compute = {"roles": ["compute"], "topology": "dragonfly", "dragonfly": numbers, **fabric}
    train = pool("dgx-h100", scalable_units=units, build_to_scalable_units=8)
    return design(train, fabrics={"compute": compute})


@pytest.mark.parametrize(
    ("numbers", "fabric"),
    [(NUMBERS, {}), (PLUS, {}), (NUMBERS, {"planes": 2}), (NUMBERS, {"rail_optimised": False})],
    ids=["mesh", "dragonfly-plus", "two-planes", "plain"],
)
def test_a_site_that_grows_keeps_its_switches_and_cables(numbers: dict[str, Any], fabric: dict[str, Any]) -> None:
    small, large = site(2, numbers, **fabric).tables, site(5, numbers, **fabric).tables
    ends = ["tier", "plane", "rail", "a_device", "a_port", "b_device", "b_port", "gbps"]
    own = pl.col("fabric") == "compute"
    assert set(small.cables.filter(own).select(ends).rows()) < set(large.cables.filter(own).select(ends).rows())
    columns = ["device", "model", "tier", "rack", "unit", "asn", "pod", "index"]
    assert set(small.devices.filter(own).select(columns).rows()) < set(large.devices.filter(own).select(columns).rows())


def test_rails_of_a_node_land_on_switches_of_their_own() -> None:
    tables = site(2).tables
    nics = tables.cables.filter((pl.col("fabric") == "compute") & (pl.col("tier") == "node-leaf"))
    rails = nics.group_by("b_device").agg(pl.col("rail").n_unique())
    assert rails["rail"].max() == 1
    leaves = tables.devices.filter((pl.col("fabric") == "compute") & (pl.col("tier") == "leaf"))
    assert leaves["rail"].min() == 1
    assert leaves["rail"].max() == 8


def test_the_numbers_that_were_balanced_are_explained() -> None:
    found = {s.path: s for s in site(1, {"group_switches": 16, "groups": 65}).settings}
    assert found["fabrics.compute.dragonfly.group_switches"].origin == "site"
    assert found["fabrics.compute.dragonfly.endpoints_per_switch"].value == 8


def test_storage_has_groups_of_its_own_behind_those_of_the_pools() -> None:
    storage = {"appliances": 8, "port_gbps": 400, "height_u": 2, "max_kw": 2, "weight_kg": 40}
    fabric = {"roles": ["compute", "storage"], "switch": "sn5600", "topology": "dragonfly", "dragonfly": NUMBERS}
    found = design(
        pool("dgx-h100", scalable_units=2, build_to_scalable_units=4), fabrics={"compute": fabric}, storage=storage
    )
    leaves = found.tables.devices.filter((pl.col("fabric") == "compute") & (pl.col("tier") == "leaf"))
    pods = dict(leaves.group_by("pool").agg(pl.col("pod").unique().sort()).iter_rows())
    assert max(pods["train"]) < min(pods[None])
    assert leaves.filter(pl.col("pool").is_null())["rack"].str.contains("core").all()
