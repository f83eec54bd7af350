"""Laws that hold for a fabric of any size, shape and oversubscription, of one class of endpoints or several."""

from __future__ import annotations

from dataclasses import replace
from math import isclose

import numpy as np
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gigasite.design.clos import (
    ClosRequest,
    CorePositions,
    FabricTooLarge,
    JointLinks,
    JointPlan,
    LeafPositions,
    SpinePositions,
    SwitchShape,
    bisection_ratio,
    cabled_ports,
    links,
    links_joint,
    plan,
    plan_joint,
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
# Trunks of another speed than links: cages of 800G as 4x200G down and 2x400G up, or as 1x800G down and 2x400G up.
SPLIT_SWITCHES = st.builds(
    lambda cages, down, up: SwitchShape(
        cages * down, breakout=down, uplink_breakout=up, uplink_speedup=max(down, 1) / up
    ),
    st.integers(16, 128),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 2, 4]),
)
ACCESS_SWITCHES = st.builds(
    lambda downs, ups, lanes: SwitchShape(
        downs,
        uplink_port_count=ups * lanes,
        uplink_speedup=100 / lanes,
        uplink_breakout=lanes,
        spare_port_count=ups * 4 // lanes,
        spare_breakout=4 // lanes,
    ),
    st.sampled_from([24, 48]),
    st.integers(4, 8),
    st.sampled_from([1, 2, 4]),
)
Requests = tuple[ClosRequest, ...]


def seldom(choice: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    """None in most cases: many choices at once are seldom possible."""
    return st.one_of(st.none(), st.none(), st.none(), choice)


@st.composite
def fabrics(draw: st.DrawFn, nodes_max: int = 20_000, classes_max: int = 4) -> Requests:
    """Fabrics of 1 to `classes_max` classes and about 1 to `nodes_max` nodes over all planes, partly built."""
    class_count = draw(st.integers(1, classes_max))
    switch = draw(st.one_of(SWITCHES, SPLIT_SWITCHES, ACCESS_SWITCHES))
    own_speed = switch.uplink_port_count or switch.uplink_speedup != 1
    upper = st.one_of(SWITCHES, SPLIT_SWITCHES, ACCESS_SWITCHES) if own_speed else st.one_of(st.just(switch), SWITCHES)
    by_rail = class_count == 1 and draw(st.booleans())
    rails_meet = not by_rail or draw(st.booleans())
    fabric = ClosRequest(
        node_counts=(1,),
        nodes_per_su=1,
        build_to_su_count=1,
        rails=1,
        planes=draw(st.integers(1, 4)),
        leaf=switch,
        spine=draw(upper),
        core=draw(upper),
        spine_scope="rail" if by_rail else "shared",
        rails_meet=rails_meet,
        pod=draw(st.sampled_from(["su", "fewest-switches"])),
        leaf_oversubscription=draw(RATIOS),
        spine_oversubscription=draw(st.one_of(RATIOS, st.just(16.0))),
        spine_count_min=draw(st.integers(1, 2)),
        core_count_min=draw(st.integers(1, 2)),
        spine_count=draw(seldom(st.integers(1, 64))),
        core_count=draw(seldom(st.integers(1, 64))),
    )
    same_ratio = draw(st.booleans())
    nodes_each = nodes_max // (class_count * fabric.planes)
    return tuple(
        draw(members(fabric, nodes_each, index, same_ratio or class_count == 1)) for index in range(class_count)
    )


@st.composite
def members(draw: st.DrawFn, fabric: ClosRequest, nodes_max: int, index: int, same_ratio: bool) -> ClosRequest:
    """A class of a fabric, with nodes missing and slots reserved; any but the first may have no node yet."""
    nodes_per_su = min(draw(st.one_of(st.integers(1, 80), st.integers(1, nodes_max))), nodes_max)
    su_count = draw(st.integers(1, max(1, min(nodes_max // nodes_per_su, 300))))
    present = draw(st.integers(1, nodes_per_su))
    reserved = nodes_per_su > 1 and draw(st.booleans())
    rails = draw(st.integers(1, 8))
    build_to = su_count * draw(st.integers(1, 3)) + draw(st.integers(0, 2))
    if index and draw(st.integers(0, 4)) == 0:
        su_count, reserved = 0, False
    full = (nodes_per_su - reserved,) * (su_count - 1)
    return replace(
        fabric,
        name=draw(st.sampled_from(["", f"pool {index}"])),
        node_counts=(*full, max(present - reserved, 1)) if su_count else (),
        nodes_per_su=nodes_per_su,
        build_to_su_count=build_to,
        rails=rails,
        rail_optimised=fabric.spine_scope == "rail" or draw(st.booleans()),
        sides=draw(st.sampled_from([1, 1, 2])),
        leaf_scope_nodes=draw(st.one_of(st.none(), st.integers(1, 40))),
        nodes_per_leaf=draw(seldom(st.integers(1, 40))),
        pod_nodes=draw(seldom(st.integers(1, 3).map(lambda units: units * nodes_per_su))),
        leaf_oversubscription=fabric.leaf_oversubscription if same_ratio else draw(RATIOS),
        reserved_slots=tuple((su, nodes_per_su - 1) for su in range(su_count)) if reserved else (),
        extra_links=draw(st.integers(0, rails * su_count)) if reserved else 0,
    )


def laid_out(requests: Requests) -> JointPlan:
    """The plan, leaving out requests that no fabric meets."""
    try:
        return plan_joint(requests)
    except GigasiteError:
        assume(False)
        raise


def row(positions: LeafPositions | SpinePositions | CorePositions, ids: Column) -> Column:
    """The rows of a position table that have these ids."""
    rows = np.searchsorted(positions.id, ids)
    assert np.array_equal(positions.id[rows], ids)
    return rows.astype(np.int32)


def end_columns(fabric: JointLinks, device: str) -> tuple[Column, Column]:
    """Device and port of every link end on the devices of one tier."""
    ends = [
        (table.columns()[f"{device}_id"], table.columns()[f"{device}_port"])
        for table in (fabric.node_leaf, fabric.extra_leaf, fabric.leaf_spine, fabric.spine_core)
        if f"{device}_id" in table.columns()
    ]
    return np.concatenate([ids for ids, _ in ends]), np.concatenate([ports for _, ports in ends])


def keys(*columns: Column) -> NDArray[np.int64]:
    """One number for each row, equal where the rows are."""
    key: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
    for column in columns:
        key = key * (int(column.max(initial=0)) + 2) + column + 1
    return key


@SWEEP
@given(fabrics())
def test_no_port_is_used_twice_nor_missing_on_the_switch(requests: Requests) -> None:
    layout = laid_out(requests)
    fabric, shapes = links_joint(layout), requests[0]
    for device, shape, positions, id_count in (
        ("leaf", shapes.leaf, fabric.leaves, layout.leaf_id_count),
        ("spine", shapes.spine, fabric.spines, layout.spine_id_count),
        ("core", shapes.core, fabric.cores, layout.core_id_count),
    ):
        ids, ports = end_columns(fabric, device)
        assert len(np.unique(keys(ids, ports))) == len(ids)
        if len(ids):
            assert ports.min() >= 0
            assert ports.max() < shape.port_number_count
        assert len(row(positions, ids)) == len(ids)
        assert np.all(np.diff(positions.id) > 0)
        assert not len(positions) or 0 <= positions.id[0] <= positions.id[-1] < id_count
        where = [column for name, column in positions.columns().items() if name != "id"]
        assert len(np.unique(keys(*where))) == len(positions)


@SWEEP
@given(fabrics())
def test_a_fabric_that_is_built_in_full_uses_every_identifier(requests: Requests) -> None:
    full = tuple(
        replace(
            request,
            node_counts=tuple(
                request.nodes_per_su - sum(su == reserved for reserved, _ in request.reserved_slots)
                for su in range(request.build_to_su_count)
            ),
        )
        for request in requests
    )
    layout = laid_out(full)
    fabric = links_joint(layout)
    assert np.array_equal(fabric.leaves.id, np.arange(layout.leaf_id_count))
    assert np.array_equal(fabric.spines.id, np.arange(layout.spine_id_count))
    assert np.array_equal(fabric.cores.id, np.arange(layout.core_id_count))


@SWEEP
@given(fabrics())
def test_every_present_node_has_each_rail_once_in_each_plane_on_a_leaf_of_both(requests: Requests) -> None:
    fabric = links_joint(laid_out(requests))
    for klass, request in enumerate(requests):
        for table, count in (
            (fabric.node_leaf, request.node_count * request.rails * request.sides),
            (fabric.extra_leaf, request.extra_links),
        ):
            own = table.klass == klass
            leaf = row(fabric.leaves, table.leaf_id)
            assert np.count_nonzero(own) == count * request.planes
            place = keys(table.su, table.node_slot, table.rail, table.side, table.plane)
            assert len(np.unique(place[own])) == np.count_nonzero(own)
            assert np.array_equal(fabric.leaves.klass[leaf], table.klass)
            assert np.array_equal(fabric.leaves.plane[leaf], table.plane)
            assert np.array_equal(fabric.leaves.side[leaf], table.side)
            if request.rail_optimised:
                assert np.array_equal(fabric.leaves.rail[leaf][own], table.rail[own])
        nodes = fabric.node_leaf
        for su, slot in request.reserved_slots:
            assert not np.any((nodes.klass == klass) & (nodes.su == su) & (nodes.node_slot == slot))


@SWEEP
@given(fabrics())
def test_trunks_are_balanced_and_stay_in_their_plane_and_rail(requests: Requests) -> None:
    layout = laid_out(requests)
    fabric, trunks = links_joint(layout), layout.trunks
    leaf_spine, spine_core = fabric.leaf_spine, fabric.spine_core
    _, per_pair = np.unique(keys(leaf_spine.leaf_id, leaf_spine.spine_id), return_counts=True)
    assert np.all(per_pair == trunks.links_per_leaf_spine)
    assert len(per_pair) == len(fabric.leaves) * trunks.spines_per_pod
    _, per_pair = np.unique(keys(spine_core.spine_id, spine_core.core_id), return_counts=True)
    assert np.all(per_pair == trunks.links_per_spine_core)
    assert len(per_pair) == (len(fabric.spines) * trunks.cores_per_group if len(fabric.cores) else 0)
    leaf, spine = row(fabric.leaves, leaf_spine.leaf_id), row(fabric.spines, leaf_spine.spine_id)
    assert np.array_equal(fabric.leaves.plane[leaf], fabric.spines.plane[spine])
    if requests[0].has_spines_by_rail:
        assert np.array_equal(fabric.leaves.rail[leaf], fabric.spines.rail[spine])
    spine, core = row(fabric.spines, spine_core.spine_id), row(fabric.cores, spine_core.core_id)
    assert np.array_equal(fabric.spines.plane[spine], fabric.cores.plane[core])
    assert np.array_equal(fabric.spines.index[spine] // trunks.spines_per_core_group, fabric.cores.group[core])


@SWEEP
@given(fabrics())
def test_a_pod_holds_one_class_and_every_switch_has_the_peers_asked_for(requests: Requests) -> None:
    layout = laid_out(requests)
    fabric, trunks = links_joint(layout), layout.trunks
    if trunks.tiers > 1:
        assert trunks.spines_per_pod >= requests[0].spine_count_min
        assert requests[0].spine_count in (None, trunks.spines_per_pod)
    if len(fabric.cores):
        assert trunks.cores_per_group >= requests[0].core_count_min
        assert requests[0].core_count in (None, len(fabric.cores) // layout.planes)
        klass = fabric.leaves.klass[row(fabric.leaves, fabric.leaf_spine.leaf_id)]
        pod = fabric.spines.pod[row(fabric.spines, fabric.leaf_spine.spine_id)]
        assert len(np.unique(keys(klass, pod))) == len(np.unique(pod)) == layout.built_pod_count


@SWEEP
@given(fabrics(nodes_max=600))
def test_all_leaves_of_a_plane_and_scope_reach_each_other_across_classes(requests: Requests) -> None:
    fabric = links_joint(laid_out(requests))
    assume(len(fabric.leaves) < 1500)
    up = np.zeros((len(fabric.leaves), len(fabric.spines)), dtype=np.float32)
    trunk, over_trunk = fabric.leaf_spine, fabric.spine_core
    up[row(fabric.leaves, trunk.leaf_id), row(fabric.spines, trunk.spine_id)] = 1
    over = np.zeros((len(fabric.spines), len(fabric.cores)), dtype=np.float32)
    over[row(fabric.spines, over_trunk.spine_id), row(fabric.cores, over_trunk.core_id)] = 1
    by_core = up @ over
    reach = (up @ up.T + by_core @ by_core.T + np.eye(len(up), dtype=np.float32)) > 0
    leaves = fabric.leaves
    # Rails with spines of their own meet in core switches, of which a single pod has none yet, and rail-only none.
    apart = requests[0].has_spines_by_rail and not len(fabric.cores)
    if apart and requests[0].rails > 1:
        assert not laid_out(requests).rails_meet
    scope = keys(leaves.plane, leaves.rail) if apart else leaves.plane
    assert np.array_equal(reach, scope[:, np.newaxis] == scope[np.newaxis, :])


@SWEEP
@given(fabrics(nodes_max=4000), st.integers(0, 2**32 - 1))
def test_no_two_endpoints_are_further_apart_than_promised(requests: Requests, seed: int) -> None:
    """Switches on the way, found by spreading over the links from some leaves, against what the plan promises."""
    layout = laid_out(requests)
    fabric = links_joint(layout)
    ends = [(fabric.leaf_spine.leaf_id, fabric.leaf_spine.spine_id + layout.leaf_id_count)]
    above = layout.leaf_id_count + layout.spine_id_count
    ends.append((fabric.spine_core.spine_id + layout.leaf_id_count, fabric.spine_core.core_id + above))
    one, other = (np.concatenate([pair[side] for pair in ends]) for side in (0, 1))
    start, stop = np.concatenate([one, other]), np.concatenate([other, one])
    used = np.unique(fabric.node_leaf.leaf_id)
    for leaf in np.random.default_rng(seed).choice(used, size=min(3, len(used)), replace=False):
        switches = np.zeros(above + layout.core_id_count, dtype=np.int32)
        switches[leaf] = reached = 1
        while True:
            following = stop[switches[start] == reached]
            following = np.unique(following[switches[following] == 0])
            if not len(following):
                break
            reached += 1
            switches[following] = reached
        assert switches[used].max() <= layout.diameter_switches
    if layout.built_pod_count > 1:
        assert layout.diameter_switches == 5


@SWEEP
@given(fabrics())
def test_a_cage_is_split_one_way_only(requests: Requests) -> None:
    fabric = links_joint(laid_out(requests))
    for shape, down, up in (
        (requests[0].leaf, fabric.node_leaf.leaf_port, fabric.leaf_spine.leaf_port),
        (requests[0].spine, fabric.leaf_spine.spine_port, fabric.spine_core.spine_port),
    ):
        (_, down_lanes), (_, up_lanes) = cabled_ports(shape, down), cabled_ports(shape, up)
        assert down_lanes.max(initial=0) < max(shape.breakout, shape.spare_breakout)
        assert up_lanes.max(initial=0) < shape.up_breakout
        cages = shape.cage_count + -(-(shape.uplink_port_count or 0) // shape.up_breakout)
        for ports in (down, up):
            assert cabled_ports(shape, ports)[0].max(initial=1) <= cages


@SWEEP
@given(fabrics())
def test_bandwidth_up_is_at_least_what_each_class_asked_at_every_switch(requests: Requests) -> None:
    layout = laid_out(requests)
    fabric = links_joint(layout)
    leaf_count, spine_count = len(fabric.leaves), len(fabric.spines)
    down = np.bincount(row(fabric.leaves, fabric.node_leaf.leaf_id), minlength=leaf_count)
    up = np.bincount(row(fabric.leaves, fabric.leaf_spine.leaf_id), minlength=leaf_count)
    spine_ratio, speedup = requests[0].spine_oversubscription, requests[0].leaf.uplink_speedup
    if layout.trunks.tiers > 1:
        for klass, request in enumerate(requests):
            own = fabric.leaves.klass == klass
            asked = 1 / request.leaf_oversubscription * min(1.0, 1 / spine_ratio)
            built = bisection_ratio(layout.classes[klass])
            assert np.all(up[own] * speedup * request.leaf_oversubscription >= down[own] - 1e-9)
            assert built >= asked or isclose(built, asked)
    if len(fabric.cores):
        down = np.bincount(row(fabric.spines, fabric.leaf_spine.spine_id), minlength=spine_count)
        up = np.bincount(row(fabric.spines, fabric.spine_core.spine_id), minlength=spine_count)
        assert np.all(up * requests[0].spine.uplink_speedup * spine_ratio >= down - 1e-9)


@SWEEP
@given(fabrics())
def test_nodes_and_trunks_never_share_a_cabled_port(requests: Requests) -> None:
    layout = laid_out(requests)
    assume(layout.trunks.tiers > 1)
    fabric = links_joint(layout)
    node_cages, _ = cabled_ports(requests[0].leaf, fabric.node_leaf.leaf_port)
    trunk_cages, _ = cabled_ports(requests[0].leaf, fabric.leaf_spine.leaf_port)
    for klass in np.unique(fabric.node_leaf.klass):
        trunk = fabric.leaves.klass[row(fabric.leaves, fabric.leaf_spine.leaf_id)] == klass
        assert node_cages[fabric.node_leaf.klass == klass].max() < trunk_cages[trunk].min()
    if len(fabric.cores):
        down_cages, _ = cabled_ports(requests[0].spine, fabric.leaf_spine.spine_port)
        up_cages, _ = cabled_ports(requests[0].spine, fabric.spine_core.spine_port)
        assert down_cages.max() < up_cages.min()


@SWEEP
@given(fabrics(nodes_max=4000), st.integers(0, 3), st.data())
def test_growth_of_a_class_only_adds_switches_and_cables(requests: Requests, added: int, data: st.DataObject) -> None:
    grown = laid_out(requests)
    klass = data.draw(st.integers(0, len(requests) - 1))
    request = requests[klass]
    least = 0 if any(other.node_count for other in requests if other is not request) else 1
    assume(len(request.node_counts) >= least)
    built = data.draw(st.integers(least, len(request.node_counts)))
    smaller = replace(
        request,
        node_counts=(*request.node_counts[: built - 1], min(request.node_counts[built - 1], 1 + added))
        if built
        else (),
        extra_links=min(request.extra_links, sum(su < built for su, _ in request.reserved_slots) * request.rails),
    )
    before = plan_joint((*requests[:klass], smaller, *requests[klass + 1 :]))
    assert before.trunks == grown.trunks
    assert [own.leaves for own in before.classes] == [own.leaves for own in grown.classes]
    old, new = links_joint(before), links_joint(grown)
    for name in TABLES:
        assert is_subset(getattr(old, name), getattr(new, name))
    for ours, theirs in ((old.leaves, new.leaves), (old.node_leaf, new.node_leaf)):
        for column, other in zip(ours.columns().values(), theirs.columns().values(), strict=True):
            assert np.array_equal(column[ours.klass != klass], other[theirs.klass != klass])


TABLES = ("leaves", "spines", "cores", "node_leaf", "extra_leaf", "leaf_spine", "spine_core")


def is_subset(table: Table, larger: Table) -> bool:
    """All rows of a table are rows of the larger one."""
    rows, more = (np.stack(list(one.columns().values()), axis=1) for one in (table, larger))
    joined = np.unique(np.concatenate([rows, more]), axis=0)
    return len(joined) == len(np.unique(more, axis=0))


@SWEEP
@given(fabrics())
def test_sharing_a_fabric_moves_no_node_to_another_leaf_or_port(requests: Requests) -> None:
    layout = laid_out(requests)
    shared = links_joint(layout).node_leaf
    for klass, request in enumerate(requests):
        own = shared.klass == klass
        if not request.node_count:
            assert not np.any(own)
            continue
        one = plan(request)
        if one.trunks.tiers == 1:
            continue
        alone = links(one).node_leaf
        assert np.array_equal(shared.leaf_port[own], alone.leaf_port)
        assert np.array_equal(shared.leaf_id[own] - layout.first_leaf_ids[klass], alone.leaf_id)


@SWEEP
@given(fabrics())
def test_the_summary_counts_what_the_links_hold(requests: Requests) -> None:
    layout = laid_out(requests)
    fabric, summary, request = links_joint(layout), layout.summary(), requests[0]
    assert (summary.leaf, summary.spine, summary.core) == (
        len(fabric.leaves),
        len(fabric.spines),
        len(fabric.cores),
    )
    assert summary.endpoints * request.planes == len(fabric.node_leaf)
    assert summary.tiers <= layout.trunks.tiers <= 3
    leaf_lanes = request.leaf.up_breakout
    assert summary.cables_leaf_spine * leaf_lanes >= len(fabric.leaf_spine)
    assert (summary.cables_leaf_spine - len(fabric.leaves)) * leaf_lanes < max(len(fabric.leaf_spine), 1)
    assert summary.cables_spine_core * request.spine.up_breakout >= len(fabric.spine_core)


@SWEEP
@given(fabrics())
def test_summaries_of_classes_add_up_where_nothing_is_shared(requests: Requests) -> None:
    layout = laid_out(requests)
    whole = layout.summary()
    parts = [layout.class_summary(klass) for klass in range(len(requests))]
    for name in ("leaf", "endpoints", "cables_node_leaf", "cables_ufm_leaf", "cables_leaf_spine"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    if layout.trunks.tiers == 3:
        assert sum(part.spine for part in parts) == whole.spine
        assert sum(part.cables_spine_core for part in parts) == whole.cables_spine_core
    assert max(part.spine for part in parts) <= whole.spine
    assert max(part.core for part in parts) == whole.core
    assert max(part.tiers for part in parts) == whole.tiers


@SWEEP
@given(fabrics(classes_max=1))
def test_a_single_class_is_the_same_fabric_with_rows_for_identifiers(requests: Requests) -> None:
    layout = laid_out(requests)
    one, joint = links(plan(requests[0])), links_joint(layout)
    assert layout.classes[0].summary() == layout.summary() == layout.class_summary(0)
    for name in TABLES:
        ours, theirs = getattr(one, name).columns(), getattr(joint, name).columns()
        assert all(np.array_equal(ours[key], theirs[key]) for key in ours)
    for positions in (one.leaves, one.spines, one.cores):
        assert np.array_equal(positions.id, np.arange(len(positions)))


@SWEEP
@given(fabrics())
def test_the_same_requests_give_the_same_columns(requests: Requests) -> None:
    one = links_joint(laid_out(requests))
    two = links_joint(plan_joint(tuple(replace(request) for request in requests)))
    for name in TABLES:
        ours, theirs = getattr(one, name).columns(), getattr(two, name).columns()
        assert all(np.array_equal(ours[key], theirs[key]) for key in ours)
        assert all(column.dtype == np.int32 for column in ours.values())


@SWEEP
@given(
    st.integers(1, 200),
    st.integers(1, 4),
    st.integers(2, 24),
    st.booleans(),
    st.sampled_from([0.5, 1.0, 2.0]),
    st.booleans(),
    st.lists(st.integers(1, 40), max_size=2),
)
@example(
    nodes_per_su=100,
    rails=2,
    ports=8,
    rail_optimised=True,
    oversubscription=1.0,
    small_pod=True,
    neighbours=[],
)
def test_the_largest_size_that_the_error_names_is_the_largest(
    nodes_per_su: int,
    rails: int,
    ports: int,
    rail_optimised: bool,
    oversubscription: float,
    small_pod: bool,
    neighbours: list[int],
) -> None:
    def of_size(su_count: int) -> Requests:
        asked = ClosRequest(
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
        few = (replace(asked, node_counts=(1,), nodes_per_su=n, build_to_su_count=1) for n in neighbours)
        return (asked, *few)

    try:
        plan_joint(of_size(10**6))
    except FabricTooLarge as error:
        largest = error.largest_su_count
    except GigasiteError:
        return
    if largest:
        assert plan_joint(of_size(largest)).classes[0].request.build_to_su_count == largest
    try:
        plan_joint(of_size(largest + 1))
    except FabricTooLarge:
        return
    raise AssertionError(f"{largest + 1} scalable units fit, though at most {largest} should")
