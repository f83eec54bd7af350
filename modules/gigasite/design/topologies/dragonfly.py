"""The numbers of a dragonfly, and its links as columns: it knows ports and counts, no product and no name.

Kim, Dally, Scott, Abts: Technology-Driven, Highly-Scalable Dragonfly Topology, ISCA 2008: groups of a switches with p
endpoints and h global links each; a·h + 1 groups at most, each linked to each. Shpiner et al.: Dragonfly+, HiPINEB
2017: a group is a complete bipartite graph of leaves and spines, and the spines have the global links.

Global ports of a group are numbered through its switches. With g groups and L links between each two, global port
j = c·(g - 1) + d of group i leads to group (i - d - 1) mod g, where it is port c·(g - 1) + g - 2 - d: the palmtree
arrangement (Camarero, Vallejo, Beivide, TACO 2014), L times over. Ports j are dealt over the switches of a group in
equal runs, so that the links of two groups end on different switches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigasite.design.clos import FabricTooLarge, SwitchShape
from gigasite.errors import GigasiteError
from gigasite.spec.topologies import DragonflySpec, GroupKind

Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DragonflyShape:
    """A group: `switch_count` (a) switches with `endpoint_count` (p) ports for endpoints each.

    Switches of a full mesh have the global links themselves; those of a dragonfly+ are leaves below
    `spine_count` spines. Port numbers are from 0.
    """

    switch_count: int
    spine_count: int
    endpoint_count: int
    links_per_pair: int
    """Links between two switches of a group that are linked."""
    global_count: int
    """Ports that a switch keeps for global links (h); of a dragonfly+, a spine."""
    local_port_base: int
    global_port_base: int

    @property
    def is_mesh(self) -> bool:
        return self.spine_count == 0

    @property
    def global_switch_count(self) -> int:
        """Switches of a group that have global links."""
        return self.spine_count or self.switch_count

    @property
    def group_count_max(self) -> int:
        """a·h + 1 groups: each linked to each once."""
        return self.global_switch_count * self.global_count + 1

    @property
    def endpoints_per_group(self) -> int:
        return self.switch_count * self.endpoint_count


def dragonfly_shape(spec: DragonflySpec, leaf: SwitchShape, spine: SwitchShape) -> DragonflyShape:
    """A group as stated, and balanced in what is not: a = 2p = 2h, of a dragonfly+ half of each switch's ports up.

    Endpoints, local and global links never share a cabled port. Raises GigasiteError where ports are too few.
    """
    for what, shape in (("leaf", leaf), ("spine", spine)):
        if shape.has_own_uplinks or shape.uplink_speedup != 1.0:
            raise GigasiteError(
                f"a dragonfly needs switches whose ports are alike; those of the {what} switch are of two speeds",
                hint="choose a switch with ports of one speed, and leave trunk_gbps out",
            )
    return _mesh(spec, leaf) if spec.group is GroupKind.FULL_MESH else _leaf_spine(spec, leaf, spine)


def _mesh(spec: DragonflySpec, leaf: SwitchShape) -> DragonflyShape:
    if spec.group_spines is not None:
        raise GigasiteError("a group that is a full mesh has no spines", hint="leave group_spines out, or: leaf-spine")
    per_pair = spec.links_between_switches
    half = spec.group_switches // 2 if spec.group_switches else None
    stated = spec.endpoints_per_switch or spec.global_links_per_switch or half
    # p + (2p - 1)·m + p = ports
    unit = max(stated or (leaf.port_count + per_pair) // (2 + 2 * per_pair), 1)
    switches = spec.group_switches or 2 * unit
    endpoints = spec.endpoints_per_switch or unit
    local_base = _whole(endpoints, leaf)
    global_base = local_base + _whole((switches - 1) * per_pair, leaf)
    global_count = spec.global_links_per_switch or max(min(unit, leaf.port_count - global_base), 0)
    _fits(
        global_base + global_count,
        leaf,
        f"a switch with {endpoints} endpoints, {(switches - 1) * per_pair} local and {global_count} global links",
    )
    return DragonflyShape(switches, 0, endpoints, per_pair, global_count, local_base, global_base)


def _leaf_spine(spec: DragonflySpec, leaf: SwitchShape, spine: SwitchShape) -> DragonflyShape:
    per_pair = spec.links_between_switches
    half = max(leaf.port_count // 2 // leaf.breakout * leaf.breakout, 1)
    if spec.endpoints_per_switch is None and spec.group_spines is not None:
        endpoints = min(half, max(leaf.port_count - spec.group_spines * per_pair, 1))
    else:
        endpoints = spec.endpoints_per_switch or half
    local_base = _whole(endpoints, leaf)
    spines = spec.group_spines or max(min(leaf.port_count - local_base, endpoints) // per_pair, 1)
    down_limit = spine.port_count - (spec.global_links_per_switch or spine.port_count // 2)
    leaves = spec.group_switches or max(down_limit // per_pair, 1)
    global_base = _whole(leaves * per_pair, spine)
    global_count = spec.global_links_per_switch or max(spine.port_count - global_base, 0)
    _fits(local_base + spines * per_pair, leaf, f"a leaf with {endpoints} endpoints and {spines * per_pair} uplinks")
    _fits(
        global_base + max(global_count, 1),
        spine,
        f"a spine with {leaves * per_pair} links to leaves and {max(global_count, 1)} global links",
    )
    return DragonflyShape(leaves, spines, endpoints, per_pair, global_count, local_base, global_base)


def _whole(count: int, shape: SwitchShape) -> int:
    """Logical ports of the cabled ports that so many links take."""
    return -(-count // shape.breakout) * shape.breakout


def _fits(needed: int, shape: SwitchShape, what: str) -> None:
    if needed > shape.port_count:
        raise GigasiteError(
            f"{what} needs {needed} ports and has {shape.port_count}",
            hint="lower group_switches, endpoints_per_switch, links_between_switches or global_links_per_switch",
        )


@dataclass(frozen=True, slots=True)
class DragonflyPlan:
    """A dragonfly of `group_count` groups at its ultimate size, with `links_per_group_pair` links between each two."""

    shape: DragonflyShape
    group_count: int
    links_per_group_pair: int

    @property
    def global_used_count(self) -> int:
        """Global ports of a group that are used at the ultimate size."""
        return self.links_per_group_pair * (self.group_count - 1)

    @property
    def local_link_count(self) -> int:
        """Links within a group."""
        shape = self.shape
        pairs = shape.switch_count * (shape.switch_count - 1) // 2 if shape.is_mesh else 0
        return (pairs or shape.switch_count * shape.spine_count) * shape.links_per_pair

    def bisection_ratio(self, built: int) -> float:
        """Links between halves of the built groups over the endpoints of the smaller half, all endpoints present.

        Of groups: ceil(g/2)·L / (a·p). Of a single group: its own halves.
        """
        shape = self.shape
        if built > 1:
            return -(-built // 2) * self.links_per_group_pair / shape.endpoints_per_group
        half = shape.switch_count // 2
        if not half:
            return 1.0
        if shape.is_mesh:
            return (shape.switch_count - half) * shape.links_per_pair / shape.endpoint_count
        return shape.spine_count * shape.links_per_pair / shape.endpoint_count


def dragonfly_plan(spec: DragonflySpec, shape: DragonflyShape, needed: int) -> DragonflyPlan:
    """Groups and the links between them. `needed`: groups that the endpoints build to.

    Raises FabricTooLarge beyond a·h + 1 groups.
    """
    if spec.groups is not None and spec.groups < needed:
        raise GigasiteError(
            f"the pools build to {needed} groups, and the dragonfly is declared for {spec.groups}",
            hint=f"raise groups to {needed}, or lower build_to_scalable_units",
        )
    groups = spec.groups or needed
    most = shape.group_count_max
    if groups > most:
        raise FabricTooLarge(
            f"{groups} groups of {shape.switch_count} switches are too many: with {shape.global_count} global links a "
            f"switch at most {most} can be linked, each to each, with {most * shape.endpoints_per_group:,} endpoints",
            hint="raise group_switches or global_links_per_switch, or use larger switches",
            largest_su_count=0,
        )
    able = (most - 1) // (groups - 1) if groups > 1 else 0
    wanted = spec.links_between_groups
    if wanted is not None and groups > 1 and wanted > able:
        raise GigasiteError(
            f"{wanted} links between each two of {groups} groups need {wanted * (groups - 1)} global ports a group; "
            f"it has {most - 1}",
            hint=f"ask for at most {able} links_between_groups, or raise global_links_per_switch",
        )
    return DragonflyPlan(shape, groups, able if wanted is None or groups == 1 else wanted)


@dataclass(frozen=True, slots=True, eq=False)
class GroupLinks:
    """Links between switches: group and switch in it, and port, of both ends, all from 0."""

    a_group: Column
    a_switch: Column
    a_port: Column
    b_group: Column
    b_switch: Column
    b_port: Column


def local_links(plan: DragonflyPlan, groups: Column) -> GroupLinks:
    """Links within groups: each two switches of a mesh, or each leaf (a) with each spine (b)."""
    shape = plan.shape
    if shape.is_mesh:
        low, high = (axis.astype(np.int32) for axis in np.triu_indices(shape.switch_count, 1))
        low_place, high_place = high - 1, low  # the place of a peer among the others
        base = shape.local_port_base
    else:
        low, high = (axis.ravel() for axis in np.indices((shape.switch_count, shape.spine_count), np.int32))
        low_place, high_place, base = high, low, 0
    part = np.arange(shape.links_per_pair, dtype=np.int32)
    one = [np.repeat(c, shape.links_per_pair) for c in (low, high, low_place, high_place)]
    parts = np.tile(part, len(low))
    a_port = shape.local_port_base + one[2] * shape.links_per_pair + parts
    b_port = base + one[3] * shape.links_per_pair + parts
    group = np.repeat(groups, len(parts)).astype(np.int32)
    a_switch, a_ports, b_switch, b_ports = (np.tile(c, len(groups)) for c in (one[0], a_port, one[1], b_port))
    return GroupLinks(group, a_switch, a_ports, group, b_switch, b_ports)


def global_links(plan: DragonflyPlan, groups: Column) -> GroupLinks:
    """Links between those of the groups that are built, L between each two."""
    first, second = np.triu_indices(len(groups), 1)
    low, high = groups[first].astype(np.int64), groups[second].astype(np.int64)
    others = plan.group_count - 1
    step = (low - high - 1) % plan.group_count
    rounds = np.arange(plan.links_per_group_pair)[None, :] * others
    a_slot = (step[:, None] + rounds).ravel()
    b_slot = ((others - 1 - step)[:, None] + rounds).ravel()
    a_switch, a_port = _global_port(plan, a_slot)
    b_switch, b_port = _global_port(plan, b_slot)
    repeats = plan.links_per_group_pair
    return GroupLinks(
        np.repeat(low, repeats).astype(np.int32),
        a_switch,
        a_port,
        np.repeat(high, repeats).astype(np.int32),
        b_switch,
        b_port,
    )


def _global_port(plan: DragonflyPlan, slot: NDArray[np.int64]) -> tuple[Column, Column]:
    """Switch and port of a group's global slots: runs of equal length, whose lengths differ by one at most."""
    switches, used = plan.shape.global_switch_count, plan.global_used_count
    switch = slot * switches // max(used, 1)
    start = -(-switch * used // switches)
    return switch.astype(np.int32), (slot - start + plan.shape.global_port_base).astype(np.int32)
