"""Fabrics that several classes of endpoints share, case by case."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from gigasite.design.clos import (
    ClosRequest,
    FabricTooLarge,
    SwitchShape,
    bisection_ratio,
    links_joint,
    plan_joint,
)
from gigasite.errors import GigasiteError

SN5600 = SwitchShape(128, breakout=2)
ACCESS_48 = SwitchShape(48, uplink_port_count=4, uplink_speedup=100)
SERVE = ClosRequest(
    name="serve compute",
    node_counts=(32,) * 4,
    nodes_per_su=32,
    build_to_su_count=4,
    rails=8,
    leaf=SN5600,
    spine=SN5600,
    core=SN5600,
)
STORAGE = replace(SERVE, name="serve storage", rails=2)
INBAND = replace(SERVE, name="serve inband", rails=2)
TRAIN = replace(
    SERVE,
    name="train storage+inband",
    node_counts=(144,) * 80,
    nodes_per_su=144,
    build_to_su_count=80,
    rails=2,
)
LLANO = (SERVE, STORAGE, INBAND, TRAIN)


def management(leaf_count: int, name: str = "oob") -> ClosRequest:
    """So many access switches with two uplinks each, under spines with thin uplinks."""
    return ClosRequest(
        name=name,
        node_counts=(48,) * leaf_count,
        nodes_per_su=48,
        build_to_su_count=leaf_count,
        rails=1,
        leaf=ACCESS_48,
        spine=SwitchShape(64),
        core=SwitchShape(64),
        rail_optimised=False,
        spine_oversubscription=16.0,
        spine_count_min=2,
        core_count_min=2,
        uplink_count=2,
    )


def test_compute_storage_and_inband_share_two_tiers_where_their_leaves_fit_the_spines() -> None:
    layout = plan_joint(LLANO[:3])
    summary = layout.summary()
    assert (summary.tiers, summary.leaf, summary.spine, summary.core) == (2, 16 + 4 + 4, 16, 0)
    assert summary.links_per_leaf_spine == 4
    assert summary.endpoints == 128 * (8 + 2 + 2)


def test_a_pool_of_many_units_takes_the_fabric_to_three_tiers_with_pods_of_its_own() -> None:
    started = perf_counter()
    layout = plan_joint(LLANO)
    fabric = links_joint(layout)
    assert perf_counter() - started < 0.3
    assert layout.trunks.tiers == 3
    assert [own.trunks.pod_count for own in layout.classes] == [1, 1, 1, 16]
    assert [own.trunks.groups_per_pod for own in layout.classes] == [2, 2, 2, 15]
    assert layout.first_pods == (0, 1, 2, 3)
    assert len(fabric.spines) == 19 * 32
    assert len(fabric.cores) == 32 * layout.trunks.cores_per_group == layout.core_id_count
    assert min(bisection_ratio(own) for own in layout.classes) == 1.0
    assert layout.summary().endpoints == 128 * 12 + 80 * 144 * 2


def test_every_leaf_has_the_uplinks_of_the_class_that_needs_most() -> None:
    layout = plan_joint((SERVE, replace(TRAIN, build_to_su_count=1, node_counts=(144,))))
    assert {own.leaves.uplink_count for own in layout.classes} == {64}
    assert layout.classes[1].leaves.full_endpoint_count == 48
    assert bisection_ratio(layout.classes[1]) == pytest.approx(64 / 48)


def test_uplinks_of_a_lightly_used_leaf_lie_lower_where_others_need_more_of_them() -> None:
    thin = replace(STORAGE, leaf_oversubscription=3.0, nodes_per_su=40, node_counts=(40,), build_to_su_count=1)
    layout = plan_joint((SERVE, thin))
    assert plan_joint((thin,)).classes[0].leaves.up_port_base == 96
    assert layout.classes[1].leaves.up_port_base == 64
    assert links_joint(layout).leaf_spine.leaf_port.max() == 127


def test_leaves_of_a_class_come_after_all_that_the_classes_before_it_build_to() -> None:
    fabric = links_joint(plan_joint((replace(SERVE, node_counts=(32,)), STORAGE)))
    trunk = fabric.leaf_spine
    second = trunk.leaf_id >= 16
    assert set(fabric.leaves.id.tolist()) == set(range(8)) | set(range(16, 20))
    assert trunk.spine_port[~second].max() < 16 * 4
    assert trunk.spine_port[second].min() == 16 * 4


def test_a_class_may_wait_for_its_first_node_without_moving_the_others() -> None:
    without, whole = (plan_joint((replace(SERVE, node_counts=counts), TRAIN)) for counts in ((), (32,) * 4))
    before, after = links_joint(without), links_joint(whole)
    assert without.trunks == whole.trunks
    assert without.class_summary(0).leaf == without.class_summary(0).tiers == 0
    own = after.leaves.klass == 1
    assert np.array_equal(before.leaves.id, after.leaves.id[own])
    assert before.spines.id.min() == after.spines.id[after.spines.pod == 1].min() > 0


def test_core_switches_come_with_the_second_pod_of_any_class() -> None:
    one = plan_joint((replace(SERVE, node_counts=()), replace(TRAIN, node_counts=(144,))))
    two = plan_joint((replace(SERVE, node_counts=(1,)), replace(TRAIN, node_counts=(144,))))
    assert (one.summary().tiers, one.summary().spine, one.summary().core) == (2, 32, 0)
    assert (two.summary().tiers, two.summary().spine, two.summary().core) == (3, 64, two.core_id_count)


def test_pods_of_one_unit_each_where_the_architecture_says_so() -> None:
    small = replace(SERVE, nodes_per_su=64, node_counts=(64,) * 4, pod="su")
    large = replace(small, name="train", node_counts=(64,) * 20, build_to_su_count=20)
    layout = plan_joint((small, large))
    assert layout.trunks.tiers == 3
    assert [own.trunks.groups_per_pod for own in layout.classes] == [1, 1]


def test_small_plain_classes_keep_leaves_of_their_own_under_shared_spines() -> None:
    few = replace(STORAGE, node_counts=(4,), nodes_per_su=4, build_to_su_count=1, rail_optimised=False)
    assert plan_joint((few,)).summary().tiers == 1
    summary = plan_joint((few, replace(few, name="inband"))).summary()
    assert (summary.tiers, summary.leaf, summary.spine) == (2, 2, 1)


@pytest.mark.parametrize(
    ("leaf_count", "tiers", "spine", "core"),
    [(2, 2, 2, 0), (64, 2, 2, 0), (65, 3, 6, 4), (100, 3, 4, 4), (1000, 3, 34, 4), (2000, 3, 68, 8)],
)
def test_management_switches_reach_two_spines_and_those_two_core_switches_at_any_size(
    leaf_count: int, tiers: int, spine: int, core: int
) -> None:
    fabric = links_joint(plan_joint((management(leaf_count),)))
    summary = plan_joint((management(leaf_count),)).summary()
    assert (summary.tiers, summary.leaf, summary.spine, summary.core) == (tiers, leaf_count, spine, core)
    for table, low, high in (
        (fabric.leaf_spine.columns(), "leaf_id", "spine_id"),
        (fabric.spine_core.columns(), "spine_id", "core_id"),
    ):
        pairs = np.unique(np.stack([table[low], table[high]]), axis=1)
        assert not pairs.size or np.bincount(pairs[0]).min() >= 2


def test_management_of_several_pools_and_the_site_share_a_pair_of_spines() -> None:
    summary = plan_joint((management(12, "train"), management(3, "serve"), management(1, "site"))).summary()
    assert (summary.tiers, summary.leaf, summary.spine, summary.cables_leaf_spine) == (2, 16, 2, 32)


def test_spines_reach_two_core_switches_however_thin_their_uplinks() -> None:
    layout = plan_joint((replace(management(200), spine_oversubscription=1000.0),))
    assert layout.trunks.cores_per_group == layout.trunks.spine_uplink_count == 2
    assert layout.trunks.spine_up_port_base == 62


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"planes": 2}, "b and serve compute share a fabric and differ in planes"),
        ({"leaf": SwitchShape(64)}, "differ in the ports of a leaf"),
        ({"spine": SwitchShape(64)}, "differ in the ports of a spine"),
        ({"core": SwitchShape(64)}, "differ in the ports of a core switch"),
        ({"pod": "su"}, "differ in the rule of a pod"),
        ({"spine_scope": "rail"}, "differ in whether rails share spines"),
        ({"spine_oversubscription": 2.0}, "differ in the oversubscription of spines"),
        ({"spine_count_min": 2}, "differ in the fewest spines of a leaf"),
        ({"core_count_min": 2}, "differ in the fewest core switches of a spine"),
        (
            {"leaf_oversubscription": 3.0},
            "b: a leaf of 128 ports has 96 endpoints and no room for the 64 uplinks",
        ),
        ({"rails": 0}, "^b: rails: 0"),
        (
            {"rails": 200, "rail_optimised": False},
            "^b: a leaf of 128 ports has 64 for nodes; a node takes 200",
        ),
        ({"name": "", "node_counts": (33,)}, "^class 2: 33 nodes do not fit"),
    ],
)
def test_classes_that_do_not_go_together_are_named(change: dict[str, object], message: str) -> None:
    other = replace(SERVE, **({"name": "b"} | change))  # type: ignore[arg-type]
    with pytest.raises(GigasiteError, match=message) as raised:
        plan_joint((SERVE, other))
    assert raised.value.hint


def test_spines_of_a_rail_serve_a_single_class() -> None:
    with pytest.raises(GigasiteError, match="single class"):
        plan_joint((replace(SERVE, spine_scope="rail"), replace(SERVE, name="b", spine_scope="rail")))


@pytest.mark.parametrize("requests", [(), (replace(SERVE, node_counts=()), replace(STORAGE, node_counts=()))])
def test_a_fabric_without_nodes_is_refused(requests: tuple[ClosRequest, ...]) -> None:
    with pytest.raises(GigasiteError, match="at least one") as raised:
        plan_joint(requests)
    assert raised.value.hint


def test_an_impossible_number_of_core_switches_is_refused() -> None:
    spine = SwitchShape(48, uplink_port_count=1)
    with pytest.raises(GigasiteError, match="1 uplink ports of a spine do not reach 2 core switches"):
        plan_joint((replace(management(10), spine=spine),))


def test_a_class_that_outgrows_the_fabric_is_named_with_its_largest_size() -> None:
    with pytest.raises(FabricTooLarge, match=r"^train storage\+inband: .* beside the other classes") as raised:
        plan_joint((SERVE, replace(TRAIN, build_to_su_count=10_000)))
    largest = raised.value.largest_su_count
    assert largest == 127 * 30 // 3
    assert "fabric of its own" in raised.value.hint
    assert plan_joint((SERVE, replace(TRAIN, build_to_su_count=largest))).trunks.tiers == 3
