"""Lays out a Clos fabric: leaf groups, tiers, trunks and the port plan, all for the size that it builds to.

Every number but those of what is built comes from `build_to_su_count`, so that a fabric grows by adding
switches and cables and never by moving one. Trunks are balanced: a leaf has the same whole number of logical
links to every spine that it reaches, and a spine to every core switch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

from gigasite.design.clos.request import (
    ClosRequest,
    FabricTooLarge,
    SwitchShape,
    down_port_limit,
    ratio,
    uplinks_for,
    validate,
)
from gigasite.errors import GigasiteError


@dataclass(frozen=True, slots=True)
class LeafLayout:
    """Which nodes share a leaf group, and the ports of each of its leaves.

    A group is `su_per_group` whole SUs, or one of the `groups_per_su` parts of an SU. The slots of an SU fall
    into scopes of `scope_nodes`, and a scope into parts of `part_nodes`.
    """

    su_per_group: int
    groups_per_su: int
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


@dataclass(frozen=True, slots=True)
class TrunkLayout:
    """The tiers above the leaves, of one spine scope in one plane.

    links_per_leaf_spine and links_per_spine_core are the whole logical links between two switches that are
    linked; cores_per_group is the core switches that spine j of every pod reaches.
    """

    tiers: int
    groups_per_pod: int
    pod_count: int
    spines_per_pod: int = 0
    links_per_leaf_spine: int = 0
    spine_down_count: int = 0
    spine_up_port_base: int = 0
    spine_uplink_count: int = 0
    cores_per_group: int = 0
    links_per_spine_core: int = 0

    @property
    def switch_count(self) -> int:
        """Spine and core switches of the scope at full size."""
        return self.spines_per_pod * (self.pod_count + self.cores_per_group)


@dataclass(frozen=True, slots=True)
class ClosSummary:
    """What is built, over all planes. Cables are counted as they are pulled: one for all lanes of a breakout.

    tiers: tiers of switches that are built; a fabric laid out for three has two while it has a single pod.
    endpoints: NIC ports of the nodes present, a port split over the planes counting once.
    cables_ufm_leaf: cables of subnet managers to leaves, not among cables_node_leaf.
    """

    tiers: int
    planes: int
    leaf: int
    spine: int
    core: int
    endpoints: int
    cables_node_leaf: int
    cables_ufm_leaf: int
    cables_leaf_spine: int
    cables_spine_core: int
    links_per_leaf_spine: int
    links_per_spine_core: int


@dataclass(frozen=True, slots=True)
class ClosPlan:
    """A fabric that is laid out; `links` turns it into ports and cables."""

    request: ClosRequest
    leaves: LeafLayout
    trunks: TrunkLayout

    @property
    def leaf_scopes(self) -> int:
        """Leaves of a leaf group in one plane: a leaf a rail, or one for all rails."""
        return self.request.rails if self.request.rail_optimised else 1

    @property
    def spine_scopes(self) -> int:
        """Sets of spines in one plane: one a rail, or one for all."""
        return self.request.rails if self.request.spine_scope == "rail" else 1

    @property
    def built_group_count(self) -> int:
        """Leaf groups of the SUs that are built, with all their leaves even where nodes are missing."""
        su_count = len(self.request.node_counts)
        return -(-su_count // self.leaves.su_per_group) * self.leaves.groups_per_su

    @property
    def built_pod_count(self) -> int:
        """Pods with at least one leaf; all spines of a pod are built with it."""
        return -(-self.built_group_count // self.trunks.groups_per_pod)

    @property
    def leaf_count(self) -> int:
        """Leaf switches built, over all planes."""
        return self.built_group_count * self.request.planes * self.leaf_scopes

    @property
    def spine_count(self) -> int:
        """Spine switches built, over all planes."""
        pods = self.built_pod_count * self.request.planes * self.spine_scopes
        return pods * self.trunks.spines_per_pod

    @property
    def core_count(self) -> int:
        """Core switches built, over all planes: all of them from the second pod on, none before."""
        if self.built_pod_count < 2:
            return 0
        groups = self.request.planes * self.spine_scopes * self.trunks.spines_per_pod
        return groups * self.trunks.cores_per_group

    def summary(self) -> ClosSummary:
        """Counts of what is built."""
        request, trunks = self.request, self.trunks
        endpoints = request.node_count * request.rails
        leaf_bundle = -(-self.leaves.uplink_count // _uplink_breakout(request.leaf))
        spine_bundle = -(-trunks.spine_uplink_count // _uplink_breakout(request.spine))
        return ClosSummary(
            tiers=1 + (self.spine_count > 0) + (self.core_count > 0),
            planes=request.planes,
            leaf=self.leaf_count,
            spine=self.spine_count,
            core=self.core_count,
            endpoints=endpoints,
            cables_node_leaf=endpoints,
            cables_ufm_leaf=request.extra_links,
            cables_leaf_spine=self.leaf_count * leaf_bundle,
            cables_spine_core=self.spine_count * spine_bundle if self.core_count else 0,
            links_per_leaf_spine=trunks.links_per_leaf_spine,
            links_per_spine_core=trunks.links_per_spine_core,
        )


def plan(request: ClosRequest) -> ClosPlan:
    """Lays out the fabric with the fewest tiers that carry the size it builds to.

    Raises FabricTooLarge beyond three tiers, GigasiteError where the request makes no sense.
    """
    validate(request)
    single = _single_leaf(request)
    if single is not None:
        return ClosPlan(request, single, TrunkLayout(tiers=1, groups_per_pod=1, pod_count=1))
    leaves = _leaf_layout(request)
    trunks = _two_tiers(request, leaves) or _three_tiers(request, leaves)
    if trunks is None:
        raise _too_large(request, leaves)
    return ClosPlan(request, leaves, trunks)


def _single_leaf(request: ClosRequest) -> LeafLayout | None:
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
        scope_nodes=request.nodes_per_su,
        part_nodes=request.nodes_per_su,
        leaves_per_group=1,
        full_endpoint_count=node_slots * request.rails,
        up_port_base=request.leaf.port_count,
        uplink_count=0,
    )


def _leaf_layout(request: ClosRequest) -> LeafLayout:
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


def _two_tiers(request: ClosRequest, leaves: LeafLayout) -> TrunkLayout | None:
    """Fewest spines that all leaves of a scope reach with the same whole number of links."""
    group_count = _group_count(request, leaves)
    leaf_count = group_count * leaves.leaves_per_group
    for spines in _divisors(leaves.uplink_count, request.spine_count_min):
        links = leaves.uplink_count // spines
        if leaf_count * links <= request.spine.port_count:
            return TrunkLayout(
                tiers=2,
                groups_per_pod=group_count,
                pod_count=1,
                spines_per_pod=spines,
                links_per_leaf_spine=links,
                spine_down_count=leaf_count * links,
                spine_up_port_base=request.spine.port_count,
            )
    return None


def _three_tiers(request: ClosRequest, leaves: LeafLayout) -> TrunkLayout | None:
    """Pods of whole SUs, or of parts of an SU where none fits a pod, under core groups."""
    whole_su = [_pod_layout(request, leaves, groups) for groups in _whole_su_pods(request, leaves)]
    layouts = [layout for layout in whole_su if layout]
    if not layouts:
        parts = (_pod_layout(request, leaves, groups) for groups in _part_su_pods(request, leaves))
        layouts = [layout for layout in parts if layout]
    if not layouts:
        return None
    if request.pod == "su":
        return layouts[0]
    return min(layouts, key=lambda layout: layout.switch_count)


def _pod_layout(request: ClosRequest, leaves: LeafLayout, groups_per_pod: int) -> TrunkLayout | None:
    """Three tiers with pods of so many leaf groups: fewest spines, then fewest core switches a core group."""
    down_limit = _spine_down_limit(request)
    leaf_count = groups_per_pod * leaves.leaves_per_group
    pod_count = -(-_group_count(request, leaves) // groups_per_pod)
    for spines in _divisors(leaves.uplink_count, request.spine_count_min):
        links = leaves.uplink_count // spines
        down_count = leaf_count * links
        if down_count > down_limit:
            continue
        uplinks = uplinks_for(down_count, request.spine, request.spine_oversubscription)
        for cores in _divisors(uplinks, 1):
            if pod_count * (uplinks // cores) <= request.core.port_count:
                return TrunkLayout(
                    tiers=3,
                    groups_per_pod=groups_per_pod,
                    pod_count=pod_count,
                    spines_per_pod=spines,
                    links_per_leaf_spine=links,
                    spine_down_count=down_count,
                    spine_up_port_base=request.spine.port_count
                    if request.spine.uplink_port_count is not None
                    else down_limit,
                    spine_uplink_count=uplinks,
                    cores_per_group=cores,
                    links_per_spine_core=uplinks // cores,
                )
        return None
    return None


def _whole_su_pods(request: ClosRequest, leaves: LeafLayout) -> Iterator[int]:
    """Leaf groups of each pod that holds whole SUs (or whole groups of SUs) and whose spines can take it."""
    most = min(_groups_per_pod_limit(request, leaves), _group_count(request, leaves))
    return iter(range(leaves.groups_per_su, most + 1, leaves.groups_per_su))


def _part_su_pods(request: ClosRequest, leaves: LeafLayout) -> Iterator[int]:
    """Leaf groups of each pod that holds a part of an SU: even parts first, the fullest pod last."""
    limit = _groups_per_pod_limit(request, leaves)
    if not 1 <= limit < leaves.groups_per_su:
        return
    fewest_parts = -(-leaves.groups_per_su // limit)
    even = -(-leaves.groups_per_su // fewest_parts)
    if even < limit:
        yield even
    yield limit


def _group_count(request: ClosRequest, leaves: LeafLayout) -> int:
    return -(-request.build_to_su_count // leaves.su_per_group) * leaves.groups_per_su


def _spine_down_limit(request: ClosRequest) -> int:
    shape = request.spine
    limit = down_port_limit(shape, request.spine_oversubscription)
    if shape.uplink_port_count is None:
        return limit
    carried = shape.uplink_port_count * ratio(request.spine_oversubscription) * ratio(shape.uplink_speedup)
    return min(limit, int(carried))


def _groups_per_pod_limit(request: ClosRequest, leaves: LeafLayout) -> int:
    return _spine_down_limit(request) // leaves.leaves_per_group


def _too_large(request: ClosRequest, leaves: LeafLayout) -> FabricTooLarge:
    two_tier_groups = request.spine.port_count // leaves.leaves_per_group
    pod_groups = _groups_per_pod_limit(request, leaves)
    whole_pod_groups = pod_groups // leaves.groups_per_su * leaves.groups_per_su or pod_groups
    groups = max(two_tier_groups, whole_pod_groups * request.core.port_count)
    su_count = groups // leaves.groups_per_su * leaves.su_per_group
    if su_count:
        most = f"{su_count} scalable units of {request.nodes_per_su} nodes"
    else:
        most = f"{groups * leaves.part_nodes} nodes, less than one scalable unit"
    nodes = request.build_to_su_count * request.nodes_per_su
    return FabricTooLarge(
        f"{nodes} nodes of {request.rails} rails are too many for three tiers of these switches; "
        f"at most {most}",
        hint="split the ports over more planes, use larger switches, or allow oversubscription",
        largest_su_count=su_count,
    )


def _divisors(number: int, least: int) -> list[int]:
    """The divisors of a number from `least` up, ascending."""
    low = [d for d in range(1, isqrt(number) + 1) if number % d == 0]
    return sorted({d for pair in ((d, number // d) for d in low) for d in pair if d >= least})


def _uplink_breakout(shape: SwitchShape) -> int:
    return 1 if shape.uplink_port_count is not None else shape.breakout
