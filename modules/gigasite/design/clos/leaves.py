"""Which nodes share a leaf, and the ports of each leaf: nodes below, uplinks above."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gigasite.design.clos.request import ClosRequest, about_class, down_port_limit, label, uplinks_for
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
    """One switch a plane with no uplinks, where it carries all endpoints and all rails may share it."""
    node_slots = request.build_to_su_count * request.nodes_per_su
    fits = node_slots * request.rails <= request.leaf.port_count
    one_leaf = not request.rail_optimised or (request.rails == 1 and request.spine_scope == "shared")
    one_scope = request.leaf_scope_nodes is None or request.leaf_scope_nodes >= node_slots
    if not (fits and one_leaf and one_scope) or request.uplink_count or request.spine_count_min > 1:
        return None
    return LeafLayout(
        su_per_group=request.build_to_su_count,
        groups_per_su=1,
        group_count=1,
        scope_nodes=request.nodes_per_su,
        part_nodes=request.nodes_per_su,
        leaves_per_group=1,
        full_endpoint_count=node_slots * request.rails,
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
    shape, slots = request.leaf, request.nodes_per_su
    links_per_node = 1 if request.rail_optimised else request.rails
    if request.uplink_count is not None and shape.uplink_port_count is None:
        free = max(shape.port_count - request.uplink_count, 0)
        down_limit = free // shape.breakout * shape.breakout
    else:
        down_limit = down_port_limit(shape, request.leaf_oversubscription, request.spine_count_min)
    node_limit = down_limit // links_per_node
    if node_limit < 1:
        raise GigasiteError(
            f"a leaf of {shape.port_count} ports has {down_limit} for nodes; a node takes {links_per_node}",
            hint="choose a switch with more ports, fewer uplinks, or a rail-optimised fabric",
        )
    su_per_group = groups_per_su = 1
    scope = min(request.leaf_scope_nodes or slots, slots)
    part = -(-scope // -(-scope // node_limit))
    if request.leaf_scope_nodes is None and slots <= node_limit:
        su_per_group = min(node_limit // slots, request.build_to_su_count)
    else:
        whole, rest = divmod(slots, scope)
        groups_per_su = whole * -(-scope // part) + -(-rest // part)
    full = part * su_per_group * links_per_node
    return LeafLayout(
        su_per_group=su_per_group,
        groups_per_su=groups_per_su,
        group_count=-(-request.build_to_su_count // su_per_group) * groups_per_su,
        scope_nodes=scope,
        part_nodes=part,
        leaves_per_group=request.rails if request.rail_optimised and request.spine_scope == "shared" else 1,
        full_endpoint_count=full,
        up_port_base=down_limit,
        uplink_count=_leaf_uplinks(request, full),
    )


def _leaf_uplinks(request: ClosRequest, full_endpoint_count: int) -> int:
    shape = request.leaf
    wanted = uplinks_for(full_endpoint_count, shape, request.leaf_oversubscription)
    uplinks = request.uplink_count or max(wanted, request.spine_count_min)
    if shape.uplink_port_count is not None and uplinks > shape.uplink_port_count:
        raise GigasiteError(
            f"a leaf needs {uplinks} uplinks and has {shape.uplink_port_count} uplink ports",
            hint="allow more oversubscription, or fix the uplinks per leaf",
        )
    return uplinks


def _with_uplinks(
    layout: LeafLayout, requests: tuple[ClosRequest, ...], index: int, uplink_count: int, asked_by: str
) -> LeafLayout:
    """The leaf with the uplinks of the fabric; those of a class that needs fewer come to lie lower."""
    shape = requests[index].leaf
    if shape.uplink_port_count is not None:
        return replace(layout, uplink_count=uplink_count)
    free = max(shape.port_count - uplink_count, 0) // shape.breakout * shape.breakout
    if layout.full_endpoint_count > free:
        raise GigasiteError(
            f"{label(requests, index)}: a leaf of {shape.port_count} ports has {layout.full_endpoint_count} "
            f"endpoints and no room for the {uplink_count} uplinks that {asked_by} needs",
            hint="allow both the same oversubscription, give one a fabric of its own, or use larger switches",
        )
    return replace(layout, uplink_count=uplink_count, up_port_base=min(layout.up_port_base, free))
