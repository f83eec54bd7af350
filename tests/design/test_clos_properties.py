"""Laws that hold for a fabric of any size, shape and oversubscription."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isclose

import numpy as np
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from gigasite.design.clos import (
    ClosPlan,
    ClosRequest,
    FabricTooLarge,
    JointLinks,
    SwitchShape,
    bisection_ratio,
    cabled_ports,
    links,
    plan,
)
from gigasite.design.clos.links import Column, Table
from gigasite.errors import GigasiteError

SWEEP = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
RATIOS = st.sampled_from([0.5, 1.0, 1.0, 1.0, 1.5, 2.0, 3.0, 7.0])
SWITCHES = st.builds(
    lambda cages, lanes: SwitchShape(cages * lanes, breakout=lanes),
    st.integers(16, 128),
    st.sampled_from([1, 1, 2, 4]),
)


@st.composite
def requests(draw: st.DrawFn, nodes_max: int = 20_000) -> ClosRequest:
    """Fabrics of 1 to `nodes_max` nodes, partly built, with nodes missing and slots reserved."""
    nodes_per_su = min(draw(st.one_of(st.integers(1, 80), st.integers(1, nodes_max))), nodes_max)
    su_count = draw(st.integers(1, max(1, min(nodes_max // nodes_per_su, 300))))
    present = draw(st.integers(1, nodes_per_su))
    reserved = nodes_per_su > 1 and draw(st.booleans())
    rails = draw(st.integers(1, 8))
    rail_optimised = draw(st.booleans())
    switch = draw(SWITCHES)
    return ClosRequest(
        node_counts=(nodes_per_su - reserved,) * (su_count - 1) + (max(present - reserved, 1),),
        nodes_per_su=nodes_per_su,
        build_to_su_count=su_count * draw(st.integers(1, 3)) + draw(st.integers(0, 2)),
        rails=rails,
        planes=draw(st.integers(1, 4)),
        leaf=switch,
        spine=draw(st.one_of(st.just(switch), SWITCHES)),
        core=draw(st.one_of(st.just(switch), SWITCHES)),
        rail_optimised=rail_optimised,
        leaf_scope_nodes=draw(st.one_of(st.none(), st.integers(1, 40))),
        spine_scope=draw(st.sampled_from(["shared", "rail"])) if rail_optimised else "shared",
        pod=draw(st.sampled_from(["su", "fewest-switches"])),
        leaf_oversubscription=draw(RATIOS),
        spine_oversubscription=draw(RATIOS),
        spine_count_min=draw(st.integers(1, 2)),
        reserved_slots=tuple((su, nodes_per_su - 1) for su in range(su_count)) if reserved else (),
        extra_links=draw(st.integers(0, rails * su_count)) if reserved else 0,
    )


def laid_out(request: ClosRequest) -> ClosPlan:
    """The plan, leaving out requests that no fabric meets."""
    try:
        return plan(request)
    except GigasiteError:
        assume(False)
        raise


def end_columns(fabric: JointLinks, device: str) -> tuple[Column, Column]:
    """Device and port of every link end on the devices of one tier."""
    ends = [
        (table.columns()[f"{device}_id"], table.columns()[f"{device}_port"])
        for table in (fabric.node_leaf, fabric.extra_leaf, fabric.leaf_spine, fabric.spine_core)
        if f"{device}_id" in table.columns()
    ]
    return np.concatenate([ids for ids, _ in ends]), np.concatenate([ports for _, ports in ends])


def keys(*columns: Iterable[int] | Column) -> Column:
    """One number for each row."""
    key = np.zeros(1, dtype=np.int64)
    for column in columns:
        values = np.asarray(column, dtype=np.int64)
        key = key * 100_003 + values if len(values) else values
    return key


@SWEEP
@given(requests())
def test_no_port_is_used_twice_nor_missing_on_the_switch(request: ClosRequest) -> None:
    fabric = links(laid_out(request))
    for device, shape, positions in (
        ("leaf", request.leaf, fabric.leaves),
        ("spine", request.spine, fabric.spines),
        ("core", request.core, fabric.cores),
    ):
        ids, ports = end_columns(fabric, device)
        assert len(np.unique(keys(ids, ports))) == len(ids)
        if len(ids):
            assert ports.min() >= 0
            assert ports.max() < shape.port_count
            assert ids.min() >= 0
            assert ids.max() < len(positions)
        assert len(np.unique(keys(*positions.columns().values()))) == len(positions)


@SWEEP
@given(requests())
def test_every_present_node_has_each_rail_once_in_each_plane_on_a_leaf_of_both(request: ClosRequest) -> None:
    fabric = links(laid_out(request))
    for table, count in (
        (fabric.node_leaf, request.node_count * request.rails),
        (fabric.extra_leaf, request.extra_links),
    ):
        assert len(table) == count * request.planes
        assert len(np.unique(keys(table.su, table.node_slot, table.rail, table.plane))) == len(table)
        assert np.array_equal(fabric.leaves.plane[table.leaf_id], table.plane)
        if request.rail_optimised:
            assert np.array_equal(fabric.leaves.rail[table.leaf_id], table.rail)
    for su, slot in request.reserved_slots:
        assert not np.any((fabric.node_leaf.su == su) & (fabric.node_leaf.node_slot == slot))


@SWEEP
@given(requests())
def test_trunks_are_balanced_and_stay_in_their_plane_pod_and_rail(request: ClosRequest) -> None:
    layout = laid_out(request)
    fabric, trunks = links(layout), layout.trunks
    leaf_spine, spine_core = fabric.leaf_spine, fabric.spine_core
    _, per_pair = np.unique(keys(leaf_spine.leaf_id, leaf_spine.spine_id), return_counts=True)
    assert np.all(per_pair == trunks.links_per_leaf_spine)
    assert len(per_pair) == len(fabric.leaves) * trunks.spines_per_pod
    _, per_pair = np.unique(keys(spine_core.spine_id, spine_core.core_id), return_counts=True)
    assert np.all(per_pair == trunks.links_per_spine_core)
    assert len(per_pair) == (len(fabric.spines) * trunks.cores_per_group if len(fabric.cores) else 0)
    assert np.array_equal(fabric.leaves.plane[leaf_spine.leaf_id], fabric.spines.plane[leaf_spine.spine_id])
    assert np.array_equal(fabric.spines.plane[spine_core.spine_id], fabric.cores.plane[spine_core.core_id])
    assert np.array_equal(fabric.spines.index[spine_core.spine_id], fabric.cores.group[spine_core.core_id])
    if request.spine_scope == "rail":
        assert np.array_equal(fabric.leaves.rail[leaf_spine.leaf_id], fabric.spines.rail[leaf_spine.spine_id])
        assert np.array_equal(fabric.spines.rail[spine_core.spine_id], fabric.cores.rail[spine_core.core_id])


@SWEEP
@given(requests(nodes_max=600))
def test_all_leaves_of_a_plane_and_scope_reach_each_other(request: ClosRequest) -> None:
    fabric = links(laid_out(request))
    assume(len(fabric.leaves) < 1500)
    up = np.zeros((len(fabric.leaves), len(fabric.spines)), dtype=np.float32)
    up[fabric.leaf_spine.leaf_id, fabric.leaf_spine.spine_id] = 1
    over = np.zeros((len(fabric.spines), len(fabric.cores)), dtype=np.float32)
    over[fabric.spine_core.spine_id, fabric.spine_core.core_id] = 1
    by_core = up @ over
    reach = (up @ up.T + by_core @ by_core.T + np.eye(len(up), dtype=np.float32)) > 0
    leaves = fabric.leaves
    scope = keys(leaves.plane, leaves.rail) if request.spine_scope == "rail" else leaves.plane
    assert np.array_equal(reach, scope[:, np.newaxis] == scope[np.newaxis, :])


@SWEEP
@given(requests())
def test_bandwidth_up_is_at_least_what_was_asked_at_every_switch(request: ClosRequest) -> None:
    layout = laid_out(request)
    fabric = links(layout)
    down = np.bincount(fabric.node_leaf.leaf_id, minlength=len(fabric.leaves))
    up = np.bincount(fabric.leaf_spine.leaf_id, minlength=len(fabric.leaves))
    if layout.trunks.tiers > 1:
        assert np.all(up * request.leaf_oversubscription >= down - 1e-9)
        asked = 1 / request.leaf_oversubscription * min(1.0, 1 / request.spine_oversubscription)
        assert bisection_ratio(layout) >= asked or isclose(bisection_ratio(layout), asked)
    if len(fabric.cores):
        down = np.bincount(fabric.leaf_spine.spine_id, minlength=len(fabric.spines))
        up = np.bincount(fabric.spine_core.spine_id, minlength=len(fabric.spines))
        assert np.all(up * request.spine_oversubscription >= down - 1e-9)


@SWEEP
@given(requests())
def test_nodes_and_trunks_never_share_a_cabled_port(request: ClosRequest) -> None:
    layout = laid_out(request)
    assume(layout.trunks.tiers > 1)
    fabric = links(layout)
    node_cages, _ = cabled_ports(request.leaf, fabric.node_leaf.leaf_port)
    trunk_cages, _ = cabled_ports(request.leaf, fabric.leaf_spine.leaf_port)
    assert node_cages.max() < trunk_cages.min()
    if len(fabric.cores):
        down_cages, _ = cabled_ports(request.spine, fabric.leaf_spine.spine_port)
        up_cages, _ = cabled_ports(request.spine, fabric.spine_core.spine_port)
        assert down_cages.max() < up_cages.min()


@SWEEP
@given(requests(nodes_max=4000), st.integers(0, 3), st.data())
def test_growing_only_adds_switches_and_cables(request: ClosRequest, added: int, data: st.DataObject) -> None:
    grown = laid_out(request)
    built = data.draw(st.integers(1, len(request.node_counts)))
    fewer = min(request.node_counts[built - 1], 1 + added)
    reserved_ports = sum(su < built for su, _ in request.reserved_slots) * request.rails
    before = plan(
        replace(
            request,
            node_counts=(*request.node_counts[: built - 1], fewer),
            extra_links=min(request.extra_links, reserved_ports),
        )
    )
    assert before.trunks == grown.trunks
    assert before.leaves == grown.leaves
    old, new = links(before), links(grown)
    for positions, more in ((old.leaves, new.leaves), (old.spines, new.spines), (old.cores, new.cores)):
        for column, longer in zip(positions.columns().values(), more.columns().values(), strict=True):
            assert np.array_equal(column, longer[: len(column)])
    for table, larger in (
        (old.node_leaf, new.node_leaf),
        (old.extra_leaf, new.extra_leaf),
        (old.leaf_spine, new.leaf_spine),
        (old.spine_core, new.spine_core),
    ):
        assert is_subset(table, larger)


def is_subset(table: Table, larger: Table) -> bool:
    """All rows of a table are rows of the larger one."""
    rows, more = (np.stack(list(one.columns().values()), axis=1) for one in (table, larger))
    joined = np.unique(np.concatenate([rows, more]), axis=0)
    return len(joined) == len(np.unique(more, axis=0))


@SWEEP
@given(requests())
def test_the_summary_counts_what_the_links_hold(request: ClosRequest) -> None:
    layout = laid_out(request)
    fabric, summary = links(layout), layout.summary()
    assert (summary.leaf, summary.spine, summary.core) == (
        len(fabric.leaves),
        len(fabric.spines),
        len(fabric.cores),
    )
    assert summary.endpoints * request.planes == len(fabric.node_leaf)
    assert summary.tiers <= layout.trunks.tiers <= 3
    leaf_lanes, spine_lanes = request.leaf.breakout, request.spine.breakout
    assert summary.cables_leaf_spine * leaf_lanes >= len(fabric.leaf_spine)
    assert (summary.cables_leaf_spine - len(fabric.leaves)) * leaf_lanes < max(len(fabric.leaf_spine), 1)
    assert summary.cables_spine_core * spine_lanes >= len(fabric.spine_core)


@SWEEP
@given(requests())
def test_the_same_request_gives_the_same_columns(request: ClosRequest) -> None:
    one, two = links(laid_out(request)), links(plan(replace(request)))
    for name in ("leaves", "spines", "cores", "node_leaf", "extra_leaf", "leaf_spine", "spine_core"):
        ours, theirs = getattr(one, name).columns(), getattr(two, name).columns()
        assert all(np.array_equal(ours[key], theirs[key]) for key in ours)


@SWEEP
@given(
    st.integers(1, 200),
    st.integers(1, 4),
    st.integers(2, 24),
    st.booleans(),
    st.sampled_from([0.5, 1.0, 2.0]),
    st.booleans(),
)
@example(nodes_per_su=100, rails=2, ports=8, rail_optimised=True, oversubscription=1.0, small_pod=True)
def test_the_largest_size_that_the_error_names_is_the_largest(
    nodes_per_su: int, rails: int, ports: int, rail_optimised: bool, oversubscription: float, small_pod: bool
) -> None:
    def of_size(su_count: int) -> ClosRequest:
        return ClosRequest(
            node_counts=(nodes_per_su,),
            nodes_per_su=nodes_per_su,
            build_to_su_count=su_count,
            rails=rails,
            leaf=SwitchShape(ports),
            spine=SwitchShape(ports),
            core=SwitchShape(ports),
            rail_optimised=rail_optimised,
            spine_scope="shared",
            pod="su" if small_pod else "fewest-switches",
            leaf_oversubscription=oversubscription,
            spine_oversubscription=oversubscription,
        )

    try:
        plan(of_size(10**6))
    except FabricTooLarge as error:
        largest = error.largest_su_count
    except GigasiteError:
        return
    if largest:
        assert plan(of_size(largest)).request.build_to_su_count == largest
    try:
        plan(of_size(largest + 1))
    except FabricTooLarge:
        return
    raise AssertionError(f"{largest + 1} scalable units fit, though at most {largest} should")
