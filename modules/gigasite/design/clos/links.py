"""Turns a laid-out fabric into columns: the positions of its switches, and a row for each logical link.

Identifiers are row numbers of the position tables. They run group by group and pod by pod, so that a fabric
that grows keeps them. Ports are positions too: a missing node leaves its port free. Ports start at 0.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gigasite.design.clos.plan import ClosPlan
from gigasite.design.clos.request import SwitchShape

Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of equal length."""

    def columns(self) -> dict[str, Column]:
        """The columns by name, in order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __len__(self) -> int:
        return len(next(iter(self.columns().values())))


@dataclass(frozen=True, slots=True, eq=False)
class LeafPositions(Table):
    """A row a leaf. rail is -1 where a leaf takes all rails; group counts SUs, or groups of whole SUs that
    share their leaves; split is the part of an SU that needs several leaves a rail."""

    plane: Column
    rail: Column
    group: Column
    split: Column


@dataclass(frozen=True, slots=True, eq=False)
class SpinePositions(Table):
    """A row a spine. rail is -1 where all rails share it; pod is 0 throughout in two tiers."""

    plane: Column
    rail: Column
    pod: Column
    index: Column


@dataclass(frozen=True, slots=True, eq=False)
class CorePositions(Table):
    """A row a core switch. group j links spine j of every pod; rail is -1 where all rails share it."""

    plane: Column
    rail: Column
    group: Column
    index: Column


@dataclass(frozen=True, slots=True, eq=False)
class NodeLeafLinks(Table):
    """A row for each logical link between a node's NIC port and a leaf."""

    su: Column
    node_slot: Column
    rail: Column
    plane: Column
    leaf_id: Column
    leaf_port: Column


@dataclass(frozen=True, slots=True, eq=False)
class LeafSpineLinks(Table):
    """A row for each logical link between a leaf and a spine."""

    leaf_id: Column
    leaf_port: Column
    spine_id: Column
    spine_port: Column


@dataclass(frozen=True, slots=True, eq=False)
class SpineCoreLinks(Table):
    """A row for each logical link between a spine and a core switch."""

    spine_id: Column
    spine_port: Column
    core_id: Column
    core_port: Column


@dataclass(frozen=True, slots=True, eq=False)
class ClosLinks:
    """All switches and logical links of a fabric; `extra_leaf` are the links of subnet managers."""

    leaves: LeafPositions
    spines: SpinePositions
    cores: CorePositions
    node_leaf: NodeLeafLinks
    extra_leaf: NodeLeafLinks
    leaf_spine: LeafSpineLinks
    spine_core: SpineCoreLinks


def links(plan: ClosPlan) -> ClosLinks:
    """Positions of all switches and columns of all logical links, from the plan alone."""
    leaves, spines, cores = _leaf_positions(plan), _spine_positions(plan), _core_positions(plan)
    return ClosLinks(
        leaves=leaves,
        spines=spines,
        cores=cores,
        node_leaf=_node_leaf(plan),
        extra_leaf=_extra_leaf(plan),
        leaf_spine=_leaf_spine(plan, leaves),
        spine_core=_spine_core(plan, spines),
    )


def cabled_ports(shape: SwitchShape, logical_ports: Column) -> tuple[Column, Column]:
    """The cabled port (from 1) and the lane in it (from 0) of each logical port: p // b + 1 and p % b.

    Separate uplink ports are numbered after the others and carry one lane each.
    """
    down_cages = -(-shape.port_count // shape.breakout)
    is_uplink = logical_ports >= shape.port_count
    uplink_cages = down_cages + logical_ports - shape.port_count
    cages = np.where(is_uplink, uplink_cages, logical_ports // shape.breakout)
    lanes = np.where(is_uplink, 0, logical_ports % shape.breakout)
    return _column(cages + 1), _column(lanes)


def _column(values: NDArray[np.generic]) -> Column:
    return values.astype(np.int32, copy=False).ravel()


def _grid(*counts: int) -> list[Column]:
    """Index columns of a grid, the last one running fastest."""
    return [_column(axis) for axis in np.indices(counts, dtype=np.int32)]


def _leaf_positions(plan: ClosPlan) -> LeafPositions:
    group, plane, rail = _grid(plan.built_group_count, plan.request.planes, plan.leaf_scopes)
    return LeafPositions(
        plane=plane,
        rail=rail if plan.request.rail_optimised else np.full_like(rail, -1),
        group=group // plan.leaves.groups_per_su,
        split=group % plan.leaves.groups_per_su,
    )


def _spine_positions(plan: ClosPlan) -> SpinePositions:
    pods = plan.built_pod_count
    pod, plane, scope, index = _grid(pods, plan.request.planes, plan.spine_scopes, plan.trunks.spines_per_pod)
    return SpinePositions(plane=plane, rail=_spine_rail(plan, scope), pod=pod, index=index)


def _core_positions(plan: ClosPlan) -> CorePositions:
    per_group = plan.trunks.cores_per_group if plan.core_count else 0
    plane, scope, group, index = _grid(
        plan.request.planes, plan.spine_scopes, plan.trunks.spines_per_pod, per_group
    )
    return CorePositions(plane=plane, rail=_spine_rail(plan, scope), group=group, index=index)


def _spine_rail(plan: ClosPlan, scope: Column) -> Column:
    return scope if plan.request.spine_scope == "rail" else np.full_like(scope, -1)


def _node_leaf(plan: ClosPlan) -> NodeLeafLinks:
    request = plan.request
    free = np.ones((len(request.node_counts), request.nodes_per_su), dtype=bool)
    for su, slot in request.reserved_slots:
        if su < len(free):
            free[su, slot] = False
    counts = np.asarray(request.node_counts)[:, np.newaxis]
    su_of_node, slot_of_node = np.nonzero(free & (np.cumsum(free, axis=1) <= counts))
    node, rail, plane = _grid(len(su_of_node), request.rails, request.planes)
    return _at_leaf_ports(plan, _column(su_of_node)[node], _column(slot_of_node)[node], rail, plane)


def _extra_leaf(plan: ClosPlan) -> NodeLeafLinks:
    """Links to the ports of reserved slots, rail by rail, in every plane."""
    request = plan.request
    built = [slot for slot in request.reserved_slots if slot[0] < len(request.node_counts)]
    slots = np.asarray(built, dtype=np.int32).reshape(-1, 2)
    link, plane = _grid(request.extra_links, request.planes)
    slot = slots[link // request.rails]
    return _at_leaf_ports(plan, slot[:, 0], slot[:, 1], link % request.rails, plane)


def _at_leaf_ports(
    plan: ClosPlan, su: Column, node_slot: Column, rail: Column, plane: Column
) -> NodeLeafLinks:
    """Where each NIC port lands: the leaf of its slot's group and rail, and the port of its place there."""
    leaves, request = plan.leaves, plan.request
    scope, in_scope = node_slot // leaves.scope_nodes, node_slot % leaves.scope_nodes
    split = scope * leaves.parts_per_scope + in_scope // leaves.part_nodes
    group = su // leaves.su_per_group * leaves.groups_per_su + split
    place = su % leaves.su_per_group * request.nodes_per_su + in_scope % leaves.part_nodes
    group_and_plane = group * request.planes + plane
    if request.rail_optimised:
        leaf_id, leaf_port = group_and_plane * request.rails + rail, place
    else:
        leaf_id, leaf_port = group_and_plane, place * request.rails + rail
    return NodeLeafLinks(
        su=su,
        node_slot=node_slot,
        rail=rail,
        plane=plane,
        leaf_id=_column(leaf_id),
        leaf_port=_column(leaf_port),
    )


def _leaf_spine(plan: ClosPlan, leaves: LeafPositions) -> LeafSpineLinks:
    """Uplink j·k + i of a leaf goes to spine j of its pod, at the leaf's place in the pod times k, plus i."""
    trunks, request = plan.trunks, plan.request
    leaf_id, uplink = _grid(len(leaves), plan.leaves.uplink_count)
    per_pair = max(trunks.links_per_leaf_spine, 1)
    group = leaves.group * plan.leaves.groups_per_su + leaves.split
    pod, place = group // trunks.groups_per_pod, group % trunks.groups_per_pod
    scope = leaves.rail if request.spine_scope == "rail" else np.zeros_like(leaves.rail)
    if plan.leaves.leaves_per_group > 1:
        place = place * plan.leaves.leaves_per_group + leaves.rail
    first_spine = ((pod * request.planes + leaves.plane) * plan.spine_scopes + scope) * trunks.spines_per_pod
    return LeafSpineLinks(
        leaf_id=leaf_id,
        leaf_port=_column(plan.leaves.up_port_base + uplink),
        spine_id=_column(first_spine[leaf_id] + uplink // per_pair),
        spine_port=_column(place[leaf_id] * per_pair + uplink % per_pair),
    )


def _spine_core(plan: ClosPlan, spines: SpinePositions) -> SpineCoreLinks:
    """Uplink c·k + i of spine j goes to switch c of core group j, at the pod times k, plus i."""
    trunks = plan.trunks
    spine_id, uplink = _grid(len(spines), trunks.spine_uplink_count if plan.core_count else 0)
    per_pair = max(trunks.links_per_spine_core, 1)
    scope = np.maximum(spines.rail, 0)
    core_group = (spines.plane * plan.spine_scopes + scope) * trunks.spines_per_pod + spines.index
    return SpineCoreLinks(
        spine_id=spine_id,
        spine_port=_column(trunks.spine_up_port_base + uplink),
        core_id=_column(core_group[spine_id] * trunks.cores_per_group + uplink // per_pair),
        core_port=_column(spines.pod[spine_id] * per_pair + uplink % per_pair),
    )
