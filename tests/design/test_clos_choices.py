"""Choices that a site states about a Clos fabric hold, or are refused by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gigasite.design.clos import (
    ClosRequest,
    FabricTooLarge,
    JointPlan,
    SwitchShape,
    bisection_ratio,
    cabled_ports,
    links,
    links_joint,
    plan,
    plan_joint,
)
from gigasite.errors import GigasiteError

from .test_clos_properties import SWEEP, Requests, fabrics, keys, row

SWITCH_64 = SwitchShape(64)
# 64 cages of 800G: 4 x 200G to nodes, 2 x 400G to spines.
SPLIT_51T2 = SwitchShape(256, breakout=4, uplink_breakout=2, uplink_speedup=2)


def request(su_count: int = 4, **changes: Any) -> ClosRequest:
    nodes_per_su = changes.pop("nodes_per_su", 32)
    asked = ClosRequest(
        node_counts=(nodes_per_su,) * su_count,
        nodes_per_su=nodes_per_su,
        build_to_su_count=su_count,
        rails=8,
        leaf=SWITCH_64,
        spine=SWITCH_64,
        core=SWITCH_64,
    )
    return replace(asked, **changes)


def test_trunks_of_another_speed_take_whole_cages_behind_those_of_nodes() -> None:
    fabric = links(plan(request(1, nodes_per_su=136, leaf=SPLIT_51T2, spine=SwitchShape(128, 2), uplink_count=60)))
    down, _ = cabled_ports(SPLIT_51T2, fabric.node_leaf.leaf_port)
    up, lanes = cabled_ports(SPLIT_51T2, fabric.leaf_spine.leaf_port)
    assert (down.min(), down.max(), up.min(), up.max()) == (1, 34, 35, 64)
    assert set(lanes) == {0, 1}


@pytest.mark.parametrize(
    ("shape", "oversubscription", "down", "up"),
    [
        (SPLIT_51T2, 1.0, 128, 64),
        (SPLIT_51T2, 3.0, 192, 32),
        (SPLIT_51T2, 0.5, 84, 84),
        (SwitchShape(64, uplink_breakout=2, uplink_speedup=0.5), 1.0, 32, 64),
        (SwitchShape(48, uplink_port_count=8, uplink_speedup=2), 3.0, 48, 8),
        (SwitchShape(48, uplink_port_count=16, uplink_speedup=1, uplink_breakout=2), 3.0, 48, 16),
    ],
)
def test_a_leaf_spends_its_bandwidth_as_asked(shape: SwitchShape, oversubscription: float, down: int, up: int) -> None:
    laid_out = plan(
        request(
            1,
            nodes_per_su=1000,
            rails=1,
            leaf=shape,
            spine=SwitchShape(512),
            core=SwitchShape(512),
            leaf_oversubscription=oversubscription,
            nodes_per_leaf=down,
        )
    )
    assert (laid_out.leaves.full_endpoint_count, laid_out.leaves.uplink_count) == (down, up)
    assert bisection_ratio(laid_out) >= 1 / oversubscription
    with pytest.raises(GigasiteError, match=f"{down + shape.breakout} nodes a leaf are asked"):
        plan(replace(laid_out.request, nodes_per_leaf=down + shape.breakout))


def test_a_spine_with_nothing_above_it_lends_its_uplink_ports_to_leaves() -> None:
    """48 x 400G and 8 x 800G as 2 x 400G: 64 leaves at two tiers, 48 where its uplinks are needed."""
    spine = SwitchShape(48, uplink_port_count=8, uplink_speedup=2, spare_port_count=16, spare_breakout=2)
    top = plan(request(8, nodes_per_su=8, nodes_per_leaf=8, spine=spine, spine_count=8))
    ports = links(top).leaf_spine.spine_port
    cages, lanes = cabled_ports(spine, np.unique(ports))
    assert (top.trunks.tiers, len(np.unique(ports))) == (2, 64)
    assert list(zip(cages[46:52].tolist(), lanes[46:52].tolist(), strict=True)) == [
        (47, 0),
        (48, 0),
        (49, 0),
        (49, 1),
        (50, 0),
        (50, 1),
    ]
    assert cages.max() == 56


def test_a_leaf_that_is_kept_half_empty_has_the_ports_that_it_will_need() -> None:
    half = plan(request(4, nodes_per_leaf=16))
    assert (half.leaf_count, half.leaves.full_endpoint_count, half.leaves.uplink_count) == (64, 16, 16)
    assert links(half).node_leaf.leaf_port.max() == 15
    assert links(half).leaf_spine.leaf_port.min() == 32
    full_uplinks = plan(request(4, nodes_per_leaf=16, uplink_count=32))
    assert bisection_ratio(full_uplinks) == 2.0


def test_nodes_per_leaf_are_exact_and_may_join_units() -> None:
    odd = plan(request(2, nodes_per_leaf=24))
    leaves = links(odd).node_leaf
    per_leaf = np.unique(leaves.leaf_id, return_counts=True)[1]
    assert sorted(set(per_leaf)) == [8, 24]
    joined = plan(request(4, nodes_per_su=8, nodes_per_leaf=16))
    assert (joined.leaves.su_per_group, joined.leaf_count) == (2, 16)


def test_dual_tor_doubles_leaves_and_each_pair_shares_its_spines() -> None:
    one, two = plan(request(2, sides=1)), plan(request(2, sides=2))
    assert two.leaf_count == 2 * one.leaf_count == 32
    fabric = links(two)
    node = keys(fabric.node_leaf.su, fabric.node_leaf.node_slot, fabric.node_leaf.rail)
    pairs = np.unique(keys(node.astype(np.int32), fabric.leaves.side[row(fabric.leaves, fabric.node_leaf.leaf_id)]))
    assert len(pairs) == 64 * 8 * 2
    reached = [set(fabric.leaf_spine.spine_id[fabric.leaf_spine.leaf_id == leaf]) for leaf in (0, 1)]
    assert reached[0] == reached[1]


def test_plain_dual_tor_has_one_port_of_every_nic_on_each_leaf_of_a_pair() -> None:
    laid_out = plan(request(4, nodes_per_su=4, sides=2, rail_optimised=False))
    fabric = links(laid_out)
    assert laid_out.leaf_count == 8
    _, per_leaf = np.unique(fabric.node_leaf.leaf_id, return_counts=True)
    assert set(per_leaf) == {4 * 8}


def test_rails_that_stay_apart_have_one_switch_each_while_it_holds_all_nodes() -> None:
    small = plan(request(2, rails_meet=False))
    assert (small.alone().summary().tiers, small.leaf_count, small.spine_count) == (1, 8, 0)
    assert (small.alone().rails_meet, small.alone().diameter_switches) == (False, 1)
    large = plan(request(4, rails_meet=False))
    assert (large.alone().summary().tiers, large.leaf_count, large.spine_count) == (2, 32, 16)
    spine_rail = links(large).spines.rail
    assert set(spine_rail) == set(range(8))


def test_rails_that_stay_apart_end_at_two_tiers() -> None:
    assert plan(request(64, rails_meet=False)).leaf_count == 512
    with pytest.raises(FabricTooLarge, match="two tiers a rail") as caught:
        plan(request(65, rails_meet=False))
    assert caught.value.largest_su_count == 64


@pytest.mark.parametrize(
    ("changes", "groups", "pods"),
    [
        ({"pod_nodes": 64}, 2, 2),
        ({"pod_leaves": 16}, 2, 2),
        ({"pod_nodes": 128}, 4, 1),
        ({"pod_nodes": 16, "nodes_per_leaf": 16}, 1, 8),
        ({"pod_nodes": 64, "spine_scope": "rail"}, 2, 2),
        ({"pod_leaves": 2, "spine_scope": "rail"}, 2, 2),
    ],
)
def test_a_pod_has_the_size_that_is_chosen(changes: dict[str, Any], groups: int, pods: int) -> None:
    laid_out = plan(request(4, **changes))
    assert (laid_out.trunks.groups_per_pod, laid_out.trunks.pod_count) == (groups, pods)
    assert laid_out.trunks.tiers == (3 if pods > 1 or "spine_scope" in changes else 2)


def test_units_that_share_a_leaf_do_so_within_a_chosen_pod() -> None:
    """Four units of 8 nodes fit a leaf; pods of six units have three leaf groups of two units."""
    laid_out = plan(request(12, nodes_per_su=8, pod_nodes=48))
    assert (laid_out.leaves.su_per_group, laid_out.trunks.groups_per_pod, laid_out.trunks.pod_count) == (3, 2, 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pod_nodes": 40}, "a pod of 40 nodes is no whole number of leaf groups"),
        ({"pod_leaves": 12}, "a pod of 12 leaves is no whole number of leaf groups"),
        ({"pod_leaves": 40, "su_count": 16}, "a pod of 40 leaves has 40 leaves; a spine has 32 ports"),
        ({"pod_nodes": 64, "pod_leaves": 8}, "a pod has two sizes"),
        ({"spine_count": 12, "uplink_count": 32}, "no whole number of links to each of 12 spines"),
        ({"nodes_per_leaf": 33}, "33 nodes a leaf are asked; 32 of its 64 ports look down, enough for 32"),
        (
            {"su_count": 16, "core_count": 33},
            "33 core switches a plane cannot join 16 pods of 8 spines with 32 uplinks each",
        ),
        (
            {"spine_count": 4},
            "4 spines a pod are too few for 32 leaves of 32 uplinks .hint: choose spines_per_pod: 16",
        ),
        ({"rails_meet": False, "rail_optimised": False}, "spines of a rail need leaves of a rail"),
    ],
)
def test_what_cannot_be_met_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(GigasiteError, match=said):
        plan(request(changes.pop("su_count", 4), **changes))


def test_uplinks_are_rounded_up_to_a_multiple_of_chosen_spines() -> None:
    """24 nodes on a leaf need 24 uplinks; over 10 spines these are 30, and never fewer."""
    laid_out = plan(request(4, nodes_per_su=24, spine_count=10))
    assert (laid_out.leaves.uplink_count, laid_out.trunks.spines_per_pod) == (30, 10)
    assert laid_out.trunks.links_per_leaf_spine == 3


@pytest.mark.parametrize(("cores", "groups", "spines_of_a_core"), [(64, 8, 1), (32, 8, 1), (8, 8, 1), (4, 4, 2)])
def test_core_switches_are_shared_in_as_many_groups_as_their_number_allows(
    cores: int, groups: int, spines_of_a_core: int
) -> None:
    laid_out = plan(request(16, core_count=cores, core=SwitchShape(1024)))
    assert (laid_out.trunks.spines_per_pod, laid_out.core_count) == (8, cores)
    assert laid_out.trunks.core_group_count == groups
    assert laid_out.trunks.spines_per_core_group == spines_of_a_core


def test_fewer_core_switches_than_spines_of_a_pod_join_several_of_each() -> None:
    laid_out = plan(request(16, core_count=4, core=SwitchShape(1024)))
    fabric = links(laid_out)
    assert (laid_out.core_count, laid_out.trunks.spines_per_core_group) == (4, 2)
    pods_of_core = {
        core: set(fabric.spines.pod[row(fabric.spines, fabric.spine_core.spine_id[fabric.spine_core.core_id == core])])
        for core in range(4)
    }
    assert set(map(len, pods_of_core.values())) == {laid_out.trunks.pod_count}


def unchosen(requests: Requests) -> JointPlan:
    """The plan of requests that choose no number of spines and core switches."""
    free = tuple(replace(one, spine_count=None, core_count=None) for one in requests)
    try:
        return plan_joint(free)
    except GigasiteError:
        assume(False)
        raise


def divisors(number: int) -> list[int]:
    return [one for one in range(1, number + 1) if number % one == 0]


@SWEEP
@given(fabrics(nodes_max=6000, classes_max=2), st.data())
def test_chosen_numbers_of_spines_and_core_switches_are_those_built(requests: Requests, data: st.DataObject) -> None:
    found = unchosen(requests)
    assume(found.core_count)
    trunks = found.trunks
    groups = data.draw(st.sampled_from(divisors(trunks.spines_per_pod)))
    cores = groups * data.draw(st.sampled_from(divisors(trunks.spine_uplink_count)))
    chosen = tuple(
        replace(own.request, spine_count=trunks.spines_per_pod, core_count=cores, core_count_min=1)
        for own in found.classes
    )
    try:
        laid_out = plan_joint(chosen)
    except GigasiteError:
        assume(False)
        raise
    assert laid_out.trunks.spines_per_pod == trunks.spines_per_pod
    assert laid_out.core_count == cores * laid_out.planes
    fabric = links_joint(laid_out)
    ends = keys(fabric.spine_core.core_id, fabric.spine_core.core_port)
    assert len(np.unique(ends)) == len(ends)
    _, per_pair = np.unique(keys(fabric.spine_core.spine_id, fabric.spine_core.core_id), return_counts=True)
    assert len(set(per_pair)) == 1
    assert fabric.spine_core.core_port.max() < requests[0].core.port_number_count
