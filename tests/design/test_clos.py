"""Layout, ports and errors of Clos fabrics, case by case."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from gigasite.design.clos import (
    ClosRequest,
    FabricTooLarge,
    SwitchShape,
    bandwidth_across,
    bisection_ratio,
    cabled_ports,
    links,
    plan,
    ports_at,
    three_tier_limit,
    two_tier_limit,
)
from gigasite.errors import GigasiteError

QM9700 = SwitchShape(64)
ACCESS_48 = SwitchShape(48, uplink_port_count=4, uplink_speedup=100)


def superpod(su_count: int, build_to: int | None = None, switch: SwitchShape = QM9700) -> ClosRequest:
    """Scalable units of 32 nodes of 8 rails."""
    return ClosRequest(
        node_counts=(32,) * su_count,
        nodes_per_su=32,
        build_to_su_count=build_to or su_count,
        rails=8,
        leaf=switch,
        spine=switch,
        core=switch,
    )


def plain(node_count: int, switch: SwitchShape, rails: int = 1) -> ClosRequest:
    """One scalable unit of so many nodes on a plain Clos fabric."""
    return ClosRequest(
        node_counts=(node_count,),
        nodes_per_su=node_count,
        build_to_su_count=1,
        rails=rails,
        leaf=switch,
        spine=switch,
        core=switch,
        rail_optimised=False,
    )


def management(node_count: int, build_to: int) -> ClosRequest:
    """Nodes with one 1G port each, on access switches with two uplinks to a pair of spines."""
    return ClosRequest(
        node_counts=(node_count,),
        nodes_per_su=node_count,
        build_to_su_count=build_to,
        rails=1,
        leaf=ACCESS_48,
        spine=SwitchShape(64),
        core=SwitchShape(64),
        rail_optimised=False,
        spine_count_min=2,
        uplink_count=2,
    )


def test_rail_r_of_every_node_of_an_su_lands_on_leaf_r() -> None:
    fabric = links(plan(superpod(2)))
    assert np.array_equal(fabric.leaves.rail[fabric.node_leaf.leaf_id], fabric.node_leaf.rail)
    assert np.array_equal(fabric.leaves.group[fabric.node_leaf.leaf_id], fabric.node_leaf.su)
    assert np.array_equal(fabric.node_leaf.leaf_port, fabric.node_leaf.node_slot)


def test_leaves_and_trunks_are_built_in_full_where_nodes_are_missing() -> None:
    full, partial = plan(superpod(2)), plan(replace(superpod(2), node_counts=(32, 5)))
    assert partial.summary().cables_node_leaf == 37 * 8
    for key in ("leaf", "spine", "cables_leaf_spine"):
        assert getattr(partial.summary(), key) == getattr(full.summary(), key)


def test_a_reserved_slot_holds_no_node_and_takes_the_extra_links() -> None:
    request = replace(superpod(4), node_counts=(32, 32, 32, 31), reserved_slots=((3, 31),), extra_links=4)
    fabric = links(plan(request))
    assert fabric.extra_leaf.rail.tolist() == [0, 1, 2, 3]
    assert set(fabric.extra_leaf.leaf_port.tolist()) == {31}
    assert fabric.leaves.group[fabric.extra_leaf.leaf_id].tolist() == [3] * 4
    assert plan(request).summary().cables_ufm_leaf == 4
    assert plan(request).summary().cables_node_leaf == 127 * 8


def test_nodes_fill_the_slots_around_a_reserved_one() -> None:
    fabric = links(plan(replace(superpod(1), node_counts=(3,), reserved_slots=((0, 1),))))
    assert sorted(set(fabric.node_leaf.node_slot.tolist())) == [0, 2, 3]


def test_small_scalable_units_share_leaves_as_whole_units() -> None:
    request = replace(superpod(5), node_counts=(12,) * 5, nodes_per_su=12)
    layout = plan(request)
    fabric = links(layout)
    assert layout.leaves.su_per_group == 2
    assert layout.leaf_count == 3 * 8
    second_su = fabric.node_leaf.su == 1
    assert fabric.node_leaf.leaf_port[second_su].min() == 12


def test_a_scalable_unit_larger_than_a_leaf_is_split_evenly() -> None:
    layout = plan(replace(superpod(1), node_counts=(70,), nodes_per_su=70))
    assert layout.leaves.groups_per_su == 3
    assert np.bincount(links(layout).node_leaf.leaf_id).tolist() == [24] * 16 + [22] * 8


def test_a_leaf_a_rack_and_rail_keeps_racks_apart() -> None:
    request = replace(superpod(1), node_counts=(144,), nodes_per_su=144, rails=4, leaf_scope_nodes=18)
    fabric = links(plan(request))
    rack = fabric.node_leaf.node_slot // 18
    assert np.array_equal(fabric.leaves.split[fabric.node_leaf.leaf_id], rack)
    assert len(fabric.leaves) == 8 * 4


def test_a_plain_fabric_keeps_all_rails_of_a_node_on_one_leaf() -> None:
    fabric = links(plan(replace(superpod(2), rail_optimised=False)))
    node = fabric.node_leaf.su * 32 + fabric.node_leaf.node_slot
    for leaf in range(len(fabric.leaves)):
        on_leaf = node[fabric.node_leaf.leaf_id == leaf]
        assert np.all(np.unique(on_leaf, return_counts=True)[1] == 8)
    assert set(fabric.leaves.rail.tolist()) == {-1}


def test_one_switch_carries_a_plain_fabric_that_fits_it() -> None:
    summary = plan(plain(64, QM9700)).summary()
    assert (summary.tiers, summary.leaf, summary.spine, summary.cables_leaf_spine) == (1, 1, 0, 0)
    assert plan(plain(65, QM9700)).summary().tiers == 2


def test_one_switch_is_not_enough_where_the_fabric_is_to_grow_beyond_it() -> None:
    assert plan(replace(plain(40, QM9700), build_to_su_count=2)).summary().tiers == 2


def test_rails_keep_spines_to_reach_each_other_however_small_the_fabric() -> None:
    summary = plan(replace(superpod(1), node_counts=(2,), nodes_per_su=2)).summary()
    assert (summary.leaf, summary.spine) == (8, 1)


def test_a_third_tier_comes_with_what_the_site_builds_to_not_with_what_is_built() -> None:
    first, grown = plan(superpod(1, build_to=16)), plan(superpod(16))
    assert first.trunks == grown.trunks
    assert (first.summary().tiers, first.summary().core) == (2, 0)
    assert (grown.summary().tiers, grown.summary().core) == (3, 64)


def test_core_switches_come_whole_with_the_second_pod() -> None:
    assert plan(superpod(2, build_to=16)).summary().core == plan(superpod(16)).summary().core


def test_planes_are_copies_and_a_split_nic_port_is_one_cable() -> None:
    switch = SwitchShape(128, breakout=2)
    request = replace(superpod(1, switch=switch), node_counts=(64,), nodes_per_su=64, planes=2)
    fabric = links(plan(request))
    first = fabric.node_leaf.plane == 0
    assert np.array_equal(fabric.node_leaf.leaf_port[first], fabric.node_leaf.leaf_port[~first])
    assert plan(request).summary().cables_node_leaf * 2 == len(fabric.node_leaf)


def test_lanes_of_a_breakout_share_a_cabled_port() -> None:
    ports = np.array([0, 1, 2, 63, 127], dtype=np.int32)
    cages, lanes = cabled_ports(SwitchShape(128, breakout=2), ports)
    assert cages.tolist() == [1, 1, 2, 32, 64]
    assert lanes.tolist() == [0, 1, 0, 1, 1]


def test_both_lanes_of_a_trunk_cable_go_to_one_spine_where_trunks_are_even() -> None:
    switch = SwitchShape(128, breakout=2)
    request = replace(superpod(1, switch=switch), node_counts=(64,), nodes_per_su=64)
    trunk = links(plan(request)).leaf_spine
    leaf_cages, _ = cabled_ports(switch, trunk.leaf_port)
    spine_cages, _ = cabled_ports(switch, trunk.spine_port)
    ends = {
        (leaf, cage): (spine, other)
        for leaf, cage, spine, other in zip(
            trunk.leaf_id.tolist(),
            leaf_cages.tolist(),
            trunk.spine_id.tolist(),
            spine_cages.tolist(),
            strict=True,
        )
    }
    assert len(ends) == len(set(ends.values())) == len(trunk) // 2


def test_separate_uplink_ports_leave_all_other_ports_to_nodes() -> None:
    layout = plan(management(200, build_to=1))
    fabric = links(layout)
    assert layout.summary().leaf == 5
    assert layout.summary().spine == 2
    assert sorted(set(fabric.leaf_spine.leaf_port.tolist())) == [48, 49]
    cages, lanes = cabled_ports(ACCESS_48, fabric.leaf_spine.leaf_port)
    assert set(cages.tolist()) == {49, 50}
    assert set(lanes.tolist()) == {0}


def test_every_access_switch_reaches_two_spines_even_where_one_switch_would_do() -> None:
    summary = plan(management(10, build_to=1)).summary()
    assert (summary.leaf, summary.spine, summary.cables_leaf_spine) == (1, 2, 2)


def test_fast_uplinks_need_fewer_ports_and_count_in_the_bisection() -> None:
    layout = plan(replace(management(48, build_to=1), uplink_count=None, spine_count_min=2))
    assert layout.leaves.uplink_count == 2
    assert bisection_ratio(layout) == pytest.approx(200 / 48)


def test_fixed_uplinks_leave_the_other_ports_to_nodes() -> None:
    layout = plan(replace(plain(100, QM9700), uplink_count=2, spine_count_min=2))
    assert (layout.leaf_count, layout.spine_count) == (2, 2)
    assert bisection_ratio(layout) == pytest.approx(2 / 50)


def test_oversubscription_trades_uplinks_for_nodes() -> None:
    layout = plan(replace(plain(96, QM9700), leaf_oversubscription=3.0))
    assert np.bincount(links(layout).node_leaf.leaf_id).tolist() == [48, 48]
    assert layout.leaves.uplink_count == 16
    assert bisection_ratio(layout) == pytest.approx(1 / 3)


def test_high_oversubscription_still_leaves_an_uplink_for_every_spine_asked_for() -> None:
    layout = plan(replace(plain(63, QM9700), leaf_oversubscription=1000.0, spine_count_min=2))
    fabric = links(layout)
    assert (layout.leaf_count, layout.spine_count, layout.leaves.up_port_base) == (2, 2, 62)
    assert fabric.leaf_spine.leaf_port.max() == 63


def test_a_prime_number_of_uplinks_is_balanced_by_as_many_spines_without_idle_ports() -> None:
    layout = plan(replace(superpod(4), node_counts=(31,) * 4, nodes_per_su=31))
    assert layout.spine_count == 31
    assert layout.trunks.links_per_leaf_spine == 1


def test_an_odd_port_count_leaves_one_port_idle() -> None:
    layout = plan(plain(40, SwitchShape(33)))
    assert layout.leaves.up_port_base == 16
    assert layout.leaf_count == 3


def test_pods_of_the_fewest_switches_never_need_more_than_pods_of_one_unit() -> None:
    llano = replace(superpod(1, build_to=80, switch=SwitchShape(144)), node_counts=(144,) * 80, nodes_per_su=144)
    llano = replace(llano, rails=4)
    fewest, by_su = plan(llano), plan(replace(llano, pod="su"))
    assert fewest.trunks.switch_count(1) < by_su.trunks.switch_count(1)
    assert by_su.trunks.groups_per_pod == 2


def test_rails_with_spines_of_their_own_meet_in_the_core_switches() -> None:
    """GB200, 16 SU: six core groups of 24; each core switch has a link from its spine of all 4 rails of all 16 SU."""
    request = replace(superpod(16), node_counts=(144,) * 16, nodes_per_su=144, rails=4, leaf_scope_nodes=18)
    layout = plan(replace(request, spine_scope="rail", pod="su"))
    fabric = links(layout)
    assert len(fabric.leaves) + len(fabric.spines) + len(fabric.cores) == 1040
    assert (layout.trunks.spines_per_pod, layout.trunks.cores_per_group) == (6, 24)
    assert layout.trunks.links_per_spine_core == 1
    rail = fabric.spines.rail[fabric.spine_core.spine_id]
    pairs = np.unique(np.stack([fabric.spine_core.core_id, rail], axis=1), axis=0)
    assert len(pairs) == 4 * len(fabric.cores)
    assert set(np.bincount(fabric.spine_core.core_id).tolist()) == {64}


@pytest.mark.parametrize("build_to", [1, 2, 4, 8])
def test_rails_with_spines_of_their_own_are_laid_out_for_core_switches_at_any_size(build_to: int) -> None:
    request = replace(superpod(build_to), node_counts=(144,) * build_to, nodes_per_su=144, rails=4, leaf_scope_nodes=18)
    built = plan(replace(request, spine_scope="rail", pod="su")).summary()
    assert (built.leaf, built.spine) == (32 * build_to, 24 * build_to)
    assert (built.core > 0) == (build_to > 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"node_counts": ()}, "at least one node"),
        ({"node_counts": (0,)}, "at least one node"),
        ({"node_counts": (33,)}, "32 free node slots"),
        ({"node_counts": (-1, 5), "build_to_su_count": 2}, "do not fit"),
        ({"node_counts": (32, 32)}, "laid out for 1"),
        ({"rails": 0}, "rails: 0"),
        ({"planes": 0}, "planes: 0"),
        ({"nodes_per_su": 10**12}, "no usable count"),
        ({"leaf": SwitchShape(0)}, "ports of a leaf switch"),
        ({"leaf": SwitchShape(1)}, "has 0 for nodes"),
        ({"spine": SwitchShape(63, breakout=2)}, "no multiple of its breakout"),
        ({"leaf_oversubscription": 0.0}, "out of range"),
        ({"spine_oversubscription": float("nan")}, "out of range"),
        ({"leaf_oversubscription": float("inf")}, "out of range"),
        ({"uplink_count": 1, "spine_count_min": 2}, "do not reach 2 spines"),
        ({"uplink_count": 64}, "has 0 for nodes"),
        ({"leaf": SwitchShape(48, uplink_port_count=4)}, "needs 32 uplinks and has 4"),
        ({"rail_optimised": False, "leaf": SwitchShape(8)}, "a node takes 8"),
        ({"rail_optimised": False, "spine_scope": "rail"}, "leaves of a rail"),
        ({"extra_links": 4}, "need reserved node slots"),
        ({"reserved_slots": ((0, 32),)}, "no distinct slots"),
        ({"reserved_slots": ((0, 1), (0, 1))}, "no distinct slots"),
        ({"reserved_slots": ((0, 31),)}, "31 free node slots"),
    ],
)
def test_impossible_requests_say_what_is_wrong_and_what_to_do(change: dict[str, object], message: str) -> None:
    with pytest.raises(GigasiteError, match=message) as raised:
        plan(replace(superpod(1), **change))  # type: ignore[arg-type]
    assert raised.value.hint


def test_a_fabric_beyond_three_tiers_names_the_largest_size() -> None:
    with pytest.raises(FabricTooLarge, match="at most 256 scalable units") as raised:
        plan(superpod(1, build_to=257))
    assert raised.value.largest_su_count == 256
    assert "planes" in raised.value.hint
    assert plan(superpod(1, build_to=256)).trunks.tiers == 3


def test_a_billion_nodes_are_refused_at_once() -> None:
    started = perf_counter()
    with pytest.raises(FabricTooLarge):
        plan(plain(10**9, QM9700))
    assert perf_counter() - started < 1


def test_limits_of_tiers_are_those_of_a_fat_tree() -> None:
    assert two_tier_limit(QM9700, QM9700) == 64**2 // 2
    assert three_tier_limit(QM9700, QM9700, QM9700) == 64**3 // 4
    assert plan(plain(64**3 // 4, QM9700)).summary().tiers == 3
    with pytest.raises(FabricTooLarge):
        plan(plain(64**3 // 4 + 1, QM9700))


def test_arithmetic_of_ports_and_bandwidth() -> None:
    assert ports_at(51.2, 800) == 64
    assert ports_at(12.8, 400) == 32
    assert bandwidth_across(400, 7) == pytest.approx(57.14, rel=0.001)
