"""Turns a laid-out fabric into columns: the positions of its switches, and a row for each logical link.

Identifiers number the switches of the size that the fabric builds to: class by class, group by group, pod by
pod. They have gaps for what is not built, so that a fabric that grows keeps them; with a single class these
come last, and ids are the row numbers of the tables. Ports are positions too: a missing node leaves its port
free. Ports start at 0. `klass` is the place of a class among the requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gigasite.design.clos.plan import ClosPlan, JointPlan
from gigasite.design.clos.shape import Column


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
    """A row a leaf. rail is -1 where a leaf takes all rails; side is 0 but for the second leaf of a dual-ToR
    pair; group counts SUs of the class, or groups of whole SUs that share their leaves; split is the part of an
    SU that needs several leaves a rail."""

    id: Column
    klass: Column
    plane: Column
    rail: Column
    side: Column
    group: Column
    split: Column


@dataclass(frozen=True, slots=True, eq=False)
class SpinePositions(Table):
    """A row a spine. rail is -1 where all rails share it; pod is 0 throughout in two tiers.

    Pods are numbered through all classes.
    """

    id: Column
    plane: Column
    rail: Column
    pod: Column
    index: Column


@dataclass(frozen=True, slots=True, eq=False)
class CorePositions(Table):
    """A row a core switch. group j links spine j of every pod, and of every rail that has spines of its own; or
    the spines from j times spines_per_core_group on."""

    id: Column
    plane: Column
    group: Column
    index: Column


@dataclass(frozen=True, slots=True, eq=False)
class NodeLeafLinks(Table):
    """A row for each logical link between a node's NIC port and a leaf."""

    klass: Column
    su: Column
    node_slot: Column
    rail: Column
    side: Column
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
class JointLinks:
    """All switches and logical links of all classes of a fabric; `extra_leaf` are those of subnet managers."""

    leaves: LeafPositions
    spines: SpinePositions
    cores: CorePositions
    node_leaf: NodeLeafLinks
    extra_leaf: NodeLeafLinks
    leaf_spine: LeafSpineLinks
    spine_core: SpineCoreLinks


def links(plan: ClosPlan) -> JointLinks:
    """Positions of all switches and columns of all logical links of a fabric with one class."""
    return links_joint(plan.alone())


def links_joint(plan: JointPlan) -> JointLinks:
    """Positions of all switches and columns of all logical links, from the plan alone."""
    classes = range(len(plan.classes))
    leaves = [_leaf_positions(plan, klass) for klass in classes]
    spines, cores = _spine_positions(plan), _core_positions(plan)
    return JointLinks(
        leaves=LeafPositions(**_stacked(leaves)),
        spines=spines,
        cores=cores,
        node_leaf=NodeLeafLinks(**_stacked([_node_leaf(plan, klass) for klass in classes])),
        extra_leaf=NodeLeafLinks(**_stacked([_extra_leaf(plan, klass) for klass in classes])),
        leaf_spine=LeafSpineLinks(**_stacked([_leaf_spine(plan, klass, leaves[klass]) for klass in classes])),
        spine_core=_spine_core(plan, spines),
    )


def _column(values: NDArray[np.generic]) -> Column:
    return values.astype(np.int32, copy=False).ravel()


def _grid(*counts: int) -> list[Column]:
    """Index columns of a grid, the last one running fastest."""
    return [_column(axis) for axis in np.indices(counts, dtype=np.int32)]


def _stacked(tables: Sequence[Table]) -> dict[str, Column]:
    """The rows of all tables, one table after another."""
    columns = [table.columns() for table in tables]
    if len(columns) == 1:
        return columns[0]
    return {name: np.concatenate([own[name] for own in columns]) for name in columns[0]}


def _leaf_positions(plan: JointPlan, klass: int) -> LeafPositions:
    own = plan.classes[klass]
    rails = own.request.rails if own.request.rail_optimised else 1
    group, plane, rail, side = _grid(own.built_group_count, plan.planes, rails, own.request.sides)
    return LeafPositions(
        id=_ids(len(group)) + plan.first_leaf_ids[klass],
        klass=np.full_like(group, klass),
        plane=plane,
        rail=rail if own.request.rail_optimised else np.full_like(rail, -1),
        side=side,
        group=group // own.leaves.groups_per_su,
        split=group % own.leaves.groups_per_su,
    )


def _spine_positions(plan: JointPlan) -> SpinePositions:
    per_pod = plan.planes * plan.spine_scopes * plan.trunks.spines_per_pod
    if plan.trunks.tiers < 3:
        pods = np.zeros(1, dtype=np.int32)
    else:
        starts = zip(plan.first_pods, plan.classes, strict=True)
        pods = np.concatenate([start + _ids(own.built_pod_count) for start, own in starts])
    nth, plane, scope, index = _grid(len(pods), plan.planes, plan.spine_scopes, plan.trunks.spines_per_pod)
    pod = pods[nth]
    return SpinePositions(
        id=pod * per_pod + (_ids(len(nth)) - nth * per_pod),
        plane=plane,
        rail=_spine_rail(plan, scope),
        pod=pod,
        index=index,
    )


def _core_positions(plan: JointPlan) -> CorePositions:
    per_group = plan.trunks.cores_per_group if plan.core_count else 0
    plane, group, index = _grid(plan.planes, plan.trunks.core_group_count, per_group)
    return CorePositions(id=_ids(len(plane)), plane=plane, group=group, index=index)


def _ids(count: int) -> Column:
    return np.arange(count, dtype=np.int32)


def _spine_rail(plan: JointPlan, scope: Column) -> Column:
    return scope if plan.classes[0].request.has_spines_by_rail else np.full_like(scope, -1)


def _node_leaf(plan: JointPlan, klass: int) -> NodeLeafLinks:
    request = plan.classes[klass].request
    free = np.ones((len(request.node_counts), request.nodes_per_su), dtype=bool)
    for su, slot in request.reserved_slots:
        if su < len(free):
            free[su, slot] = False
    counts = np.asarray(request.node_counts, dtype=np.int32)[:, np.newaxis]
    su_of_node, slot_of_node = np.nonzero(free & (np.cumsum(free, axis=1) <= counts))
    node, rail, side, plane = _grid(len(su_of_node), request.rails, request.sides, request.planes)
    return _at_leaf_ports(plan, klass, _column(su_of_node)[node], _column(slot_of_node)[node], rail, side, plane)


def _extra_leaf(plan: JointPlan, klass: int) -> NodeLeafLinks:
    """Links to the ports of reserved slots, rail by rail, in every plane, on the first side."""
    request = plan.classes[klass].request
    built = [slot for slot in request.reserved_slots if slot[0] < len(request.node_counts)]
    slots = np.asarray(built, dtype=np.int32).reshape(-1, 2)
    link, plane = _grid(request.extra_links, request.planes)
    slot = slots[link // request.rails]
    rail = link % request.rails
    return _at_leaf_ports(plan, klass, slot[:, 0], slot[:, 1], rail, np.zeros_like(rail), plane)


def _at_leaf_ports(
    plan: JointPlan, klass: int, su: Column, node_slot: Column, rail: Column, side: Column, plane: Column
) -> NodeLeafLinks:
    """Where each NIC port lands: the leaf of its slot's group, rail and side, and the port of its place there."""
    leaves, request = plan.classes[klass].leaves, plan.classes[klass].request
    scope, in_scope = node_slot // leaves.scope_nodes, node_slot % leaves.scope_nodes
    split = scope * leaves.parts_per_scope + in_scope // leaves.part_nodes
    group = su // leaves.su_per_group * leaves.groups_per_su + split
    place = su % leaves.su_per_group * request.nodes_per_su + in_scope % leaves.part_nodes
    group_and_plane = group * request.planes + plane
    if request.rail_optimised:
        leaf, leaf_port = (group_and_plane * request.rails + rail) * request.sides + side, place
    else:
        leaf, leaf_port = group_and_plane * request.sides + side, place * request.rails + rail
    return NodeLeafLinks(
        klass=np.full_like(su, klass),
        su=su,
        node_slot=node_slot,
        rail=rail,
        side=side,
        plane=plane,
        leaf_id=_column(leaf + plan.first_leaf_ids[klass]),
        leaf_port=request.leaf.down_ports(_column(leaf_port)),
    )


def _leaf_spine(plan: JointPlan, klass: int, leaves: LeafPositions) -> LeafSpineLinks:
    """Uplink j·k + i of a leaf goes to spine j of its pod, at the leaf's place there times k, plus i."""
    own = plan.classes[klass]
    row, uplink = _grid(len(leaves), own.leaves.uplink_count)
    per_pair = max(own.trunks.links_per_leaf_spine, 1)
    group = leaves.group * own.leaves.groups_per_su + leaves.split
    pod = plan.first_pods[klass] + group // own.trunks.groups_per_pod
    place = group % own.trunks.groups_per_pod
    rail = np.maximum(leaves.rail, 0)
    scope, rail = (rail, np.zeros_like(rail)) if own.request.has_spines_by_rail else (np.zeros_like(rail), rail)
    place = place * own.leaves.leaves_per_group + rail * own.request.sides + leaves.side + plan.first_places[klass]
    first_spine = ((pod * plan.planes + leaves.plane) * plan.spine_scopes + scope) * own.trunks.spines_per_pod
    return LeafSpineLinks(
        leaf_id=leaves.id[row],
        leaf_port=own.request.leaf.up_ports(own.leaves.up_port_base, uplink),
        spine_id=_column(first_spine[row] + uplink // per_pair),
        spine_port=own.request.spine.down_ports(_column(place[row] * per_pair + uplink % per_pair)),
    )


def _spine_core(plan: JointPlan, spines: SpinePositions) -> SpineCoreLinks:
    """Uplink c·k + i of a spine goes to switch c of its core group, at its place in the group times k, plus i.

    Spine j is of group j, at the place of its pod and rail; or of group j // m, where m spines of a pod share it.
    """
    trunks, shapes = plan.trunks, plan.classes[0].request
    row, uplink = _grid(len(spines), trunks.spine_uplink_count if plan.core_count else 0)
    per_pair = max(trunks.links_per_spine_core, 1)
    group, member = np.divmod(spines.index, trunks.spines_per_core_group)
    core_group = spines.plane * trunks.core_group_count + group
    place = (spines.pod * plan.spine_scopes + np.maximum(spines.rail, 0)) * trunks.spines_per_core_group + member
    return SpineCoreLinks(
        spine_id=spines.id[row],
        spine_port=shapes.spine.up_ports(trunks.spine_up_port_base, uplink),
        core_id=_column(core_group[row] * trunks.cores_per_group + uplink // per_pair),
        core_port=shapes.core.down_ports(_column(place[row] * per_pair + uplink % per_pair)),
    )
