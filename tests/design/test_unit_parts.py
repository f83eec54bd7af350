"""Parts of a scalable unit behind one leaf: as the layouts deal nodes, whatever is built."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design.clos import ClosRequest, SwitchShape, links_joint, plan_joint
from gigasite.design.topologies.groups import class_groups, endpoint_places, unit_parts
from gigasite.design.unit_parts import TreeParts, UnitParts


def assert_parts_are_leaves(
    parts: UnitParts, su: np.ndarray, slot: np.ndarray, port: np.ndarray, leaf: np.ndarray
) -> None:
    """One leaf a part and one part a leaf, for each unit and port; places are the part's own and below its size."""
    part, place = parts.places(su.astype(np.int64), slot.astype(np.int64), port.astype(np.int64))
    assert part.min() >= 0
    assert part.max() < parts.part_count
    assert place.min() >= 0
    assert place.max() < parts.part_nodes
    keys = set(zip(su.tolist(), port.tolist(), part.tolist(), strict=True))
    with_leaf = set(zip(su.tolist(), port.tolist(), part.tolist(), leaf.tolist(), strict=True))
    leaves = set(zip(su.tolist(), port.tolist(), leaf.tolist(), strict=True))
    assert len(keys) == len(with_leaf) == len(leaves)
    assert len(set(zip(su.tolist(), port.tolist(), part.tolist(), place.tolist(), strict=True))) == len(su)


@given(
    slots=st.integers(1, 90),
    units=st.integers(1, 5),
    rails=st.sampled_from([1, 2, 4, 8]),
    ports=st.sampled_from([16, 32, 64]),
    by_rail=st.booleans(),
    scope=st.one_of(st.none(), st.integers(1, 40)),
)
def test_parts_of_a_tree_are_its_leaves(
    slots: int, units: int, rails: int, ports: int, by_rail: bool, scope: int | None
) -> None:
    shape = SwitchShape(ports)
    joint = plan_joint(
        (
            ClosRequest(
                node_counts=(slots,) * units,
                nodes_per_su=slots,
                build_to_su_count=units + 1,
                rails=rails,
                rail_optimised=by_rail,
                leaf_scope_nodes=scope,
                leaf=shape,
                spine=SwitchShape(512),
                core=SwitchShape(512),
            ),
        )
    )
    links = links_joint(joint).node_leaf
    assert_parts_are_leaves(TreeParts.of(joint.classes[0].leaves), links.su, links.node_slot, links.rail, links.leaf_id)


@given(
    slots=st.integers(1, 60),
    units=st.integers(1, 4),
    rails=st.sampled_from([1, 2, 3, 4, 8]),
    sides=st.sampled_from([1, 2]),
    by_rail=st.booleans(),
    switches=st.integers(1, 16),
    endpoints=st.integers(1, 16),
)
def test_parts_of_groups_are_their_switches(
    slots: int, units: int, rails: int, sides: int, by_rail: bool, switches: int, endpoints: int
) -> None:
    shape = SwitchShape(64)
    request = ClosRequest(
        node_counts=(slots,) * units,
        nodes_per_su=slots,
        build_to_su_count=units + 1,
        rails=rails,
        sides=sides,
        rail_optimised=by_rail,
        leaf=shape,
        spine=shape,
        core=shape,
    )
    if switches * endpoints < rails * sides:
        return
    (groups,) = class_groups((request,), switches, endpoints)
    places = endpoint_places(groups, endpoints, switches)
    port = places.rail * sides + places.side
    switch = places.group * switches + places.switch
    assert_parts_are_leaves(unit_parts(groups, endpoints), places.su, places.node_slot, port, switch)
