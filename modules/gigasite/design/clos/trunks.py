"""Tiers above the leaves that all classes of a fabric share: pods, spines, core switches, balanced trunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import gcd, isqrt

from gigasite.design.clos.leaves import LeafLayout
from gigasite.design.clos.request import ClosRequest, FabricTooLarge, label
from gigasite.design.clos.shape import down_port_limit, ratio, uplinks_for
from gigasite.errors import GigasiteError


@dataclass(frozen=True, slots=True)
class TrunkLayout:
    """The tiers above the leaves in one plane: the spines of one scope, and the core switches of all.

    groups_per_pod: leaf groups of a pod. Pods of three tiers hold one class each; in two tiers there is one
    pod. links_per_leaf_spine and links_per_spine_core are the whole logical links between two switches that
    are linked; spine_down_count is the most downlinks of a spine; cores_per_group is the core switches that
    spine j of every pod, and of every rail where rails have spines of their own, reaches. Where fewer core
    switches are chosen than there are spines in a pod, spines_per_core_group of each pod share a core group.
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
    spines_per_core_group: int = 1

    @property
    def core_group_count(self) -> int:
        """Core groups of a plane."""
        return self.spines_per_pod // self.spines_per_core_group

    def switch_count(self, scopes: int) -> int:
        """Spine and core switches of a plane at full size, with so many sets of spines."""
        return self.spines_per_pod * self.pod_count * scopes + self.core_group_count * self.cores_per_group


@dataclass(frozen=True, slots=True)
class Trunks:
    """The shared tiers of a fabric, and the leaf groups of a pod of each class."""

    shared: TrunkLayout
    groups_per_pod: tuple[int, ...]


def trunks(requests: tuple[ClosRequest, ...], leaves: tuple[LeafLayout, ...]) -> Trunks:
    """The fewest tiers that carry all leaves at the size that they build to.

    Raises FabricTooLarge beyond three tiers, or two where rails stay apart, and GigasiteError where a choice of
    the request cannot be met.
    """
    pods = tuple(_chosen_pod(*pair) for pair in zip(requests, leaves, strict=True))
    found = _laid_out(requests[0], leaves, pods)
    if found is None:
        _refuse_choices(requests, leaves, pods)
        raise _too_large(requests, leaves, pods)
    return found


def _laid_out(fabric: ClosRequest, leaves: Sequence[LeafLayout], pods: Sequence[int | None]) -> Trunks | None:
    """Two tiers or else three, where rails may meet."""
    found = _two_tiers(fabric, leaves, pods)
    return found or (_three_tiers(fabric, leaves, pods) if fabric.rails_meet else None)


def _two_tiers(fabric: ClosRequest, leaves: Sequence[LeafLayout], pods: Sequence[int | None]) -> Trunks | None:
    """The fewest spines that every leaf reaches with the same whole number of links.

    Rails with spines of their own that are to meet do so in core switches, and so do several pods.
    """
    if fabric.rails_meet and fabric.has_spines_by_rail:
        return None
    groups = tuple(layout.group_count for layout in leaves)
    if any(pod is not None and pod < count for pod, count in zip(pods, groups, strict=True)):
        return None
    leaf_count = sum(layout.leaf_count for layout in leaves)
    uplink_count = leaves[0].uplink_count
    for spines in _spine_counts(fabric, uplink_count):
        links = uplink_count // spines
        if leaf_count * links <= fabric.spine.top_ports(fabric.top_ports_kept):
            shared = TrunkLayout(
                tiers=2,
                groups_per_pod=max(groups),
                pod_count=1,
                spines_per_pod=spines,
                links_per_leaf_spine=links,
                spine_down_count=leaf_count * links,
                spine_up_port_base=fabric.spine.port_count,
            )
            return Trunks(shared, groups)
    return None


def _three_tiers(fabric: ClosRequest, leaves: Sequence[LeafLayout], pods: Sequence[int | None]) -> Trunks | None:
    """Pods of whole SUs, or of parts of an SU where none fits a pod, under core groups."""
    found, scopes = None, fabric.spine_scope_count
    for sizes in _pod_choices(fabric, leaves, pods):
        layout = _pod_layout(fabric, leaves, sizes)
        if layout and fabric.pod == "su":
            return layout
        if layout and (found is None or layout.shared.switch_count(scopes) < found.shared.switch_count(scopes)):
            found = layout
    return found


def _refuse_choices(
    requests: tuple[ClosRequest, ...], leaves: Sequence[LeafLayout], pods: Sequence[int | None]
) -> None:
    """Raises GigasiteError where nothing but a chosen number of spines or core switches stands in the way."""
    asked = requests[0]
    without_cores = _laid_out(replace(asked, core_count=None), leaves, pods) if asked.core_count else None
    if without_cores is not None:
        shared = without_cores.shared
        fewest = shared.core_group_count * shared.cores_per_group
        raise GigasiteError(
            f"{asked.core_count} core switches a plane cannot join {shared.pod_count} pods of {shared.spines_per_pod} "
            f"spines with {shared.spine_uplink_count} uplinks each, as many to each core switch",
            hint=f"choose core_switches_per_plane: {fewest} or a multiple that divides "
            f"{shared.spines_per_pod * shared.spine_uplink_count}, or leave it out",
        )
    free = _laid_out(replace(asked, core_count=None, spine_count=None), leaves, pods) if asked.spine_count else None
    if free is not None:
        shared = free.shared
        leaf_count = shared.spine_down_count // shared.links_per_leaf_spine
        raise GigasiteError(
            f"{asked.spine_count} spines a pod are too few for {leaf_count} leaves of {leaves[0].uplink_count} uplinks",
            hint=f"choose spines_per_pod: {shared.spines_per_pod} or a multiple that divides {leaves[0].uplink_count}, "
            "or larger spines",
        )


def _chosen_pod(request: ClosRequest, layout: LeafLayout) -> int | None:
    """Leaf groups of a pod whose size is chosen; None: nobody chose it."""
    if request.pod_leaves is not None:
        groups, rest = divmod(request.pod_leaves, layout.leaves_per_group)
        what = f"{request.pod_leaves} leaves"
    elif request.pod_nodes is not None:
        units, rest = divmod(request.pod_nodes, request.nodes_per_su)
        what = f"{request.pod_nodes} nodes"
        if units and not rest:
            groups, rest = divmod(units * layout.groups_per_su, layout.su_per_group)
        else:
            groups, rest = divmod(request.pod_nodes, layout.part_nodes)
            rest = rest or request.nodes_per_su % layout.part_nodes
    else:
        return None
    if rest or not groups:
        raise GigasiteError(
            f"a pod of {what} is no whole number of leaf groups, of {layout.leaves_per_group} leaves and "
            f"{layout.part_nodes * layout.su_per_group} nodes each",
            hint="choose a pod of whole leaves, or other nodes_per_leaf",
        )
    if groups < layout.group_count and groups * layout.leaves_per_group > spine_down_limit(request):
        raise GigasiteError(
            f"a pod of {what} has {groups * layout.leaves_per_group} leaves; a spine has "
            f"{spine_down_limit(request)} ports for them",
            hint="choose smaller pods, larger spines, or more spine_oversubscription",
        )
    return min(groups, layout.group_count)


def _spine_counts(fabric: ClosRequest, uplink_count: int) -> Sequence[int]:
    """Numbers of spines that a leaf may reach with the same whole number of links to each, fewest first."""
    chosen = fabric.spine_count
    if chosen is None:
        return _divisors(uplink_count, fabric.spine_count_min)
    if uplink_count % chosen:
        raise GigasiteError(
            f"{uplink_count} uplinks of a leaf are no whole number of links to each of {chosen} spines",
            hint="choose uplinks_per_leaf that is a multiple of spines_per_pod",
        )
    return (chosen,)


def _pod_choices(
    fabric: ClosRequest, leaves: Sequence[LeafLayout], pods: Sequence[int | None]
) -> Iterator[tuple[int, ...]]:
    """Leaf groups of a pod of each class, smallest pods first.

    Rule `su`: one SU each, then one more, and so on. Rule `fewest-switches`: for every size that the largest
    pod may have, the fewest pods of each class, and of those the smallest.
    """
    sizes = [_pod_sizes(fabric, layout, pod) for layout, pod in zip(leaves, pods, strict=True)]
    if not all(sizes):
        return
    if fabric.pod == "su":
        for step in range(max(map(len, sizes))):
            yield tuple(own[min(step, len(own) - 1)] for own in sizes)
        return
    caps = {size * layout.leaves_per_group for own, layout in zip(sizes, leaves, strict=True) for size in own}
    before = None
    for cap in sorted(caps):
        choice = tuple(_largest_pod(own, layout, cap) for own, layout in zip(sizes, leaves, strict=True))
        if all(choice) and choice != before:
            yield choice
        before = choice


def _largest_pod(sizes: Sequence[int], layout: LeafLayout, leaf_limit: int) -> int:
    """The smallest size of a pod that needs no more pods than the largest within the limit; 0: none is."""
    within = [size for size in sizes if size * layout.leaves_per_group <= leaf_limit]
    if not within:
        return 0
    fewest = -(-layout.group_count // within[-1])
    return next(size for size in within if -(-layout.group_count // size) == fewest)


def _pod_layout(fabric: ClosRequest, leaves: Sequence[LeafLayout], groups_per_pod: tuple[int, ...]) -> Trunks | None:
    """Three tiers with such pods: fewest spines, then fewest core switches of a core group."""
    down_limit, scopes = spine_down_limit(fabric), fabric.spine_scope_count
    pairs = list(zip(groups_per_pod, leaves, strict=True))
    leaf_count = max(groups * layout.leaves_per_group for groups, layout in pairs)
    pod_count = sum(-(-layout.group_count // groups) for groups, layout in pairs)
    uplink_count = leaves[0].uplink_count
    for spines in _spine_counts(fabric, uplink_count):
        links = uplink_count // spines
        down_count = leaf_count * links
        if down_count > down_limit:
            continue
        wanted = uplinks_for(down_count, fabric.spine, fabric.spine_oversubscription)
        uplinks = max(wanted, fabric.core_count_min)
        for groups, cores in _core_groups(fabric, spines, uplinks):
            merged, per_core = spines // groups, uplinks // cores
            if pod_count * scopes * merged * per_core <= fabric.core.top_ports(fabric.top_ports_kept):
                shared = TrunkLayout(
                    tiers=3,
                    groups_per_pod=max(groups_per_pod),
                    pod_count=pod_count,
                    spines_per_pod=spines,
                    links_per_leaf_spine=links,
                    spine_down_count=down_count,
                    spine_up_port_base=fabric.spine.port_count if fabric.spine.has_own_uplinks else down_limit,
                    spine_uplink_count=uplinks,
                    cores_per_group=cores,
                    links_per_spine_core=per_core,
                    spines_per_core_group=merged,
                )
                return Trunks(shared, groups_per_pod)
        return None
    return None


def _core_groups(fabric: ClosRequest, spines: int, uplinks: int) -> list[tuple[int, int]]:
    """Core groups, and core switches of each, that a spine may reach with whole numbers of links.

    A group a spine of a pod, with fewest switches first; or as many groups as a chosen number of core switches
    allows, so that each spine reaches as few of them as it can.
    """
    chosen = fabric.core_count
    if chosen is None:
        return [(spines, cores) for cores in _divisors(uplinks, fabric.core_count_min)]
    groups = (g for g in reversed(_divisors(gcd(chosen, spines), 1)) if uplinks % (chosen // g) == 0)
    return [(g, chosen // g) for g in groups if chosen // g >= fabric.core_count_min]


def _pod_sizes(fabric: ClosRequest, layout: LeafLayout, chosen: int | None) -> Sequence[int]:
    """Leaf groups that a pod may have: whole SUs (or groups of whole SUs), or parts of an SU too large for it.

    Of parts, even ones come first and the fullest pod last. A chosen size is the only one.
    """
    if chosen is not None:
        return (chosen,)
    limit = spine_down_limit(fabric) // layout.leaves_per_group
    if limit >= layout.groups_per_su:
        return range(layout.groups_per_su, min(limit, layout.group_count) + 1, layout.groups_per_su)
    if limit < 1:
        return ()
    fewest_parts = -(-layout.groups_per_su // limit)
    even = -(-layout.groups_per_su // fewest_parts)
    return (even, limit) if even < limit else (limit,)


def spine_down_limit(fabric: ClosRequest) -> int:
    """Ports of a spine that may look down where it has core switches above."""
    shape = fabric.spine
    limit = down_port_limit(shape, fabric.spine_oversubscription, fabric.core_count_min)
    if shape.uplink_port_count is None:
        return limit
    carried = shape.uplink_port_count * ratio(fabric.spine_oversubscription) * ratio(shape.uplink_speedup)
    return min(limit, int(carried))


def _too_large(
    requests: tuple[ClosRequest, ...], leaves: Sequence[LeafLayout], chosen: Sequence[int | None]
) -> FabricTooLarge:
    """Names the most that the class with the most leaves could have beside the others as they are."""
    index = max(range(len(leaves)), key=lambda i: leaves[i].leaf_count)
    request, layout = requests[index], leaves[index]
    others = [other for i, other in enumerate(leaves) if i != index]
    pod_size = chosen[index] or _pod_size(request, layout)
    scopes, two_tiers = request.spine_scope_count, not (request.has_spines_by_rail and request.rails_meet)
    two_tier_leaves = (
        request.spine.top_ports(request.top_ports_kept) - sum(other.leaf_count for other in others) if two_tiers else 0
    )
    pods_of_others = sum(-(-other.group_count // (_pod_size(request, other) or 1)) for other in others)
    pods = request.core.top_ports(request.top_ports_kept) // scopes - pods_of_others if request.rails_meet else 0
    groups = max(two_tier_leaves // layout.leaves_per_group, pods * pod_size, 0)
    su_count = groups // layout.groups_per_su * layout.su_per_group
    if su_count:
        most = f"at most {su_count} scalable units of {request.nodes_per_su} nodes"
    elif groups:
        most = f"at most {groups * layout.part_nodes} nodes, less than one scalable unit"
    else:
        most = "there is no room for any"
    beside = " beside the other classes on the fabric" if others else ""
    tiers = "three tiers" if request.rails_meet else "two tiers a rail"
    named = f"{label(requests, index)}: " if label(requests, index) else ""
    nodes = request.build_to_su_count * request.nodes_per_su
    return FabricTooLarge(
        f"{named}{nodes} nodes of {request.rails} rails are too many for {tiers} of these switches{beside}; {most}",
        hint="split the ports over more planes, use larger switches, or allow oversubscription"
        + (", or give it a fabric of its own" if others else ""),
        largest_su_count=su_count,
    )


def _pod_size(fabric: ClosRequest, layout: LeafLayout) -> int:
    """Leaf groups of the fullest pod; 0 where a spine has too few ports for a group."""
    limit = spine_down_limit(fabric) // layout.leaves_per_group
    return limit // layout.groups_per_su * layout.groups_per_su or limit


def _divisors(number: int, least: int) -> list[int]:
    """The divisors of a number from `least` up, ascending."""
    low = [d for d in range(1, isqrt(number) + 1) if number % d == 0]
    return sorted({d for pair in ((d, number // d) for d in low) for d in pair if d >= least})
