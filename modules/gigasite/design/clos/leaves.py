"""Which nodes share a leaf, and the ports of each leaf: nodes below, uplinks above."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gigasite.design.clos.request import ClosRequest, about_class, label
from gigasite.design.clos.shape import down_port_limit, down_ports_beside, uplinks_for
from gigasite.errors import GigasiteError


@dataclass(frozen=True, slots=True)
class LeafLayout:
    """Which nodes share a leaf group, and the ports of each of its leaves.

    A group is `su_per_group` whole SUs, or one of the `groups_per_su` parts of an SU. The slots of an SU fall
    into scopes of `scope_nodes`, and a scope into parts of `part_nodes`. `group_count` and all other numbers
    are those of the size that the fabric builds to.
    """

    su_per_group: int
    groups_per_su: int
    group_count: int
    scope_nodes: int
    part_nodes: int
    leaves_per_group: int
    full_endpoint_count: int
    up_port_base: int
    uplink_count: int

    @property
    def parts_per_scope(self) -> int:
        """Leaf groups of one full scope."""
        return -(-self.scope_nodes // self.part_nodes)

    @property
    def leaf_count(self) -> int:
        """Leaves of one spine scope and plane at full size."""
        return self.group_count * self.leaves_per_group


def single_leaf(request: ClosRequest) -> LeafLayout | None:
    """One switch a plane (and rail, where rails stay apart) with no uplinks, where it carries all endpoints.

    All rails share it, so that they meet; sides of a rail meet in spines.
    """
    node_slots = request.build_to_su_count * request.nodes_per_su
    endpoints = node_slots * request.links_per_node_and_leaf
    rails_share = not request.rail_optimised or (request.rails == 1 and not request.has_spines_by_rail)
    one_leaf = (rails_share or not request.rails_meet) and request.sides == 1
    scope = request.nodes_per_leaf or request.leaf_scope_nodes or node_slots
    wants_spines = request.uplink_count or request.spine_count or request.spine_count_min > 1
    if endpoints > request.leaf.top_ports(request.top_ports_kept) or not one_leaf or scope < node_slots or wants_spines:
        return None
    return LeafLayout(
        su_per_group=request.build_to_su_count,
        groups_per_su=1,
        group_count=1,
        scope_nodes=request.nodes_per_su,
        part_nodes=request.nodes_per_su,
        leaves_per_group=1,
        full_endpoint_count=endpoints,
        up_port_base=request.leaf.port_count,
        uplink_count=0,
    )


def leaf_layouts(requests: tuple[ClosRequest, ...]) -> tuple[LeafLayout, ...]:
    """The leaves of all classes of a fabric: each as its own rules say, all with the same uplinks.

    Raises GigasiteError, naming the class, where a leaf has no room for its nodes and those uplinks.
    """
    layouts = []
    for index, request in enumerate(requests):
        with about_class(requests, index):
            layouts.append(leaf_layout(request))
    uplink_count = max(layout.uplink_count for layout in layouts)
    most = max(range(len(layouts)), key=lambda index: layouts[index].uplink_count)
    return tuple(
        _with_uplinks(layout, requests, index, uplink_count, label(requests, most))
        for index, layout in enumerate(layouts)
    )


def leaf_layout(request: ClosRequest) -> LeafLayout:
    """The leaves of one class as if it had the fabric to itself."""
    slots, down_limit = request.nodes_per_su, _down_limit(request)
    node_limit = _node_limit(request, down_limit)
    su_per_group = groups_per_su = 1
    scope = min(request.nodes_per_leaf or request.leaf_scope_nodes or slots, slots)
    part = -(-scope // -(-scope // node_limit))
    if slots <= node_limit and (request.leaf_scope_nodes is None or request.nodes_per_leaf is not None):
        su_per_group = _units_per_leaf(request, node_limit // slots)
    else:
        whole, rest = divmod(slots, scope)
        groups_per_su = whole * -(-scope // part) + -(-rest // part)
    full = part * su_per_group * request.links_per_node_and_leaf
    return LeafLayout(
        su_per_group=su_per_group,
        groups_per_su=groups_per_su,
        group_count=-(-request.build_to_su_count // su_per_group) * groups_per_su,
        scope_nodes=scope,
        part_nodes=part,
        leaves_per_group=request.sides if request.has_spines_by_rail else request.leaf_scope_count,
        full_endpoint_count=full,
        up_port_base=down_limit,
        uplink_count=_leaf_uplinks(request, full),
    )


def _down_limit(request: ClosRequest) -> int:
    """Ports of a leaf that may look down beside the uplinks that they need."""
    shape = request.leaf
    if request.uplink_count is not None:
        return down_ports_beside(shape, request.uplink_count)
    limit = down_port_limit(shape, request.leaf_oversubscription, request.spine_count_min)
    while limit and down_ports_beside(shape, _uplinks_wanted(request, limit)) < limit:
        limit -= shape.breakout
    return limit


def _uplinks_wanted(request: ClosRequest, down_count: int) -> int:
    """Uplinks that carry so many links; the next multiple of the spines, where their number is chosen."""
    wanted = max(uplinks_for(down_count, request.leaf, request.leaf_oversubscription), request.spine_count_min)
    spines = request.spine_count or 1
    return -(-wanted // spines) * spines


def _node_limit(request: ClosRequest, down_limit: int) -> int:
    """Nodes that a leaf has ports for, or those that were chosen for it."""
    links_per_node = request.links_per_node_and_leaf
    node_limit = down_limit // links_per_node
    if node_limit < 1:
        raise GigasiteError(
            f"a leaf of {request.leaf.port_count} ports has {down_limit} for nodes; a node takes {links_per_node}",
            hint="choose a switch with more ports, fewer uplinks, or a rail-optimised fabric",
        )
    chosen = request.nodes_per_leaf
    if chosen is None:
        return node_limit
    if chosen > node_limit:
        raise GigasiteError(
            f"{chosen} nodes a leaf are asked; {down_limit} of its {request.leaf.port_count} ports look down, enough "
            f"for {node_limit}",
            hint="ask for fewer nodes_per_leaf or uplinks, allow more oversubscription, or choose a larger switch",
        )
    return chosen


def _units_per_leaf(request: ClosRequest, most: int) -> int:
    """SUs that share a leaf: as many as fit, but whole leaves make up a pod whose size is chosen."""
    most = min(most, request.build_to_su_count)
    units_per_pod, rest = divmod(request.pod_nodes or 0, request.nodes_per_su)
    if not units_per_pod or rest or units_per_pod >= request.build_to_su_count:
        return most
    return max(units for units in range(1, most + 1) if units_per_pod % units == 0)


def _leaf_uplinks(request: ClosRequest, full_endpoint_count: int) -> int:
    shape = request.leaf
    uplinks = request.uplink_count or _uplinks_wanted(request, full_endpoint_count)
    if shape.uplink_port_count is not None and uplinks > shape.uplink_port_count:
        raise GigasiteError(
            f"a leaf needs {uplinks} uplinks and has {shape.uplink_port_count} uplink ports",
            hint="allow more oversubscription, put fewer nodes_per_leaf, or fix the uplinks per leaf",
        )
    return uplinks


def _with_uplinks(
    layout: LeafLayout, requests: tuple[ClosRequest, ...], index: int, uplink_count: int, asked_by: str
) -> LeafLayout:
    """The leaf with the uplinks of the fabric; those of a class that needs fewer come to lie lower."""
    shape = requests[index].leaf
    if shape.uplink_port_count is not None:
        return replace(layout, uplink_count=uplink_count)
    free = down_ports_beside(shape, uplink_count)
    if layout.full_endpoint_count > free:
        raise GigasiteError(
            f"{label(requests, index)}: a leaf of {shape.port_count} ports has {layout.full_endpoint_count} "
            f"endpoints and no room for the {uplink_count} uplinks that {asked_by} needs",
            hint="allow both the same oversubscription, give one a fabric of its own, or use larger switches",
        )
    return replace(layout, uplink_count=uplink_count, up_port_base=min(layout.up_port_base, free))
