"""Requests that contradict themselves, or each other, are refused by name."""

from __future__ import annotations

from gigasite.design.clos.request import ClosRequest, label
from gigasite.errors import GigasiteError

_LARGEST_COUNT = 2**31 - 1

# What all classes of a fabric have in common, and what errors call it.
_SHARED = {
    "planes": "planes",
    "leaf": "the ports of a leaf",
    "spine": "the ports of a spine",
    "core": "the ports of a core switch",
    "spine_scope": "whether rails share spines",
    "rails_meet": "whether rails meet",
    "pod": "the rule of a pod",
    "spine_oversubscription": "the oversubscription of spines",
    "spine_count_min": "the fewest spines of a leaf",
    "core_count_min": "the fewest core switches of a spine",
    "spine_count": "the spines of a leaf",
    "core_count": "the core switches of a plane",
    "top_ports_kept": "the ports kept for border switches",
}


def validate_joint(requests: tuple[ClosRequest, ...]) -> None:
    """Raises GigasiteError where there is nothing to build or classes do not agree on the fabric they share."""
    if sum(request.node_count for request in requests) < 1:
        raise GigasiteError("a fabric needs at least one node", hint="give the pool nodes or scalable units")
    first = requests[0]
    for index, request in enumerate(requests):
        for field, what in _SHARED.items():
            if getattr(request, field) != getattr(first, field):
                raise GigasiteError(
                    f"{label(requests, index)} and {label(requests, 0)} share a fabric and differ in {what}",
                    hint="give them the same, or a fabric of its own to one of them",
                )
    if len(requests) > 1 and first.has_spines_by_rail:
        raise GigasiteError(
            "spines of a rail serve a single class of endpoints",
            hint="share the spines, or give each class a fabric of its own",
        )


def validate(request: ClosRequest) -> None:
    """Raises GigasiteError where the request contradicts itself or asks for nothing."""
    _validate_numbers(request)
    _validate_nodes(request)
    if request.has_spines_by_rail and not request.rail_optimised:
        raise GigasiteError(
            "spines of a rail need leaves of a rail",
            hint="make the fabric rail-optimised, or share its spines",
        )
    if request.pod_nodes is not None and request.pod_leaves is not None:
        raise GigasiteError("a pod has two sizes", hint="give it by nodes or by leaves, not both")
    if request.uplink_count is not None and request.uplink_count < request.spine_count_min:
        raise GigasiteError(
            f"{request.uplink_count} uplinks per leaf do not reach {request.spine_count_min} spines",
            hint="raise the uplinks per leaf, or ask for fewer spines",
        )
    spine_uplinks = request.spine.uplink_port_count
    if spine_uplinks is not None and spine_uplinks < request.core_count_min:
        raise GigasiteError(
            f"{spine_uplinks} uplink ports of a spine do not reach {request.core_count_min} core switches",
            hint="use spines with more uplink ports, or ask for fewer core switches",
        )


def _validate_numbers(request: ClosRequest) -> None:
    numbers: dict[str, int] = {
        "nodes per scalable unit": request.nodes_per_su,
        "scalable units to build to": request.build_to_su_count,
        "rails": request.rails,
        "sides": request.sides,
        "planes": request.planes,
        "fewest spines": request.spine_count_min,
        "fewest core switches": request.core_count_min,
    }
    chosen = {
        "NIC ports of a node": request.node_ports,
        "nodes that share a leaf": request.leaf_scope_nodes,
        "nodes per leaf": request.nodes_per_leaf,
        "uplinks per leaf": request.uplink_count,
        "spines per pod": request.spine_count,
        "core switches per plane": request.core_count,
        "nodes of a pod": request.pod_nodes,
        "leaves of a pod": request.pod_leaves,
    }
    numbers |= {what: number for what, number in chosen.items() if number is not None}
    for tier, shape in (("leaf", request.leaf), ("spine", request.spine), ("core", request.core)):
        numbers[f"ports of a {tier} switch"] = shape.port_count
        numbers[f"breakout of a {tier} switch"] = shape.breakout
        numbers[f"breakout of a {tier} switch's uplinks"] = shape.up_breakout
        if shape.uplink_port_count is not None:
            numbers[f"uplink ports of a {tier} switch"] = shape.uplink_port_count
        _validate_share(f"uplink speed of a {tier} switch over its down ports", shape.uplink_speedup)
    for what, number in numbers.items():
        if not 1 <= number <= _LARGEST_COUNT:
            raise GigasiteError(f"{what}: {number} is no usable count", hint="give a whole number from 1 up")
    for tier, shape in (("leaf", request.leaf), ("spine", request.spine), ("core", request.core)):
        if shape.port_count % shape.breakout:
            raise GigasiteError(
                f"{shape.port_count} logical ports of a {tier} switch are no multiple of its breakout {shape.breakout}",
                hint="count the ports after breakout: cabled ports times breakout",
            )
    _validate_share("leaf oversubscription", request.leaf_oversubscription)
    _validate_share("spine oversubscription", request.spine_oversubscription)


def _validate_share(what: str, value: float) -> None:
    if not 0.001 <= value <= 10_000:
        raise GigasiteError(f"{what}: {value} is out of range", hint="1 means non-blocking; 0.001 to 10000")


def _validate_nodes(request: ClosRequest) -> None:
    built, slots = len(request.node_counts), request.nodes_per_su
    if built > request.build_to_su_count:
        raise GigasiteError(
            f"{built} scalable units are built, but the fabric is laid out for {request.build_to_su_count}",
            hint="raise build_to_scalable_units",
        )
    reserved = set(request.reserved_slots)
    if len(reserved) < len(request.reserved_slots) or any(
        not (0 <= su < request.build_to_su_count and 0 <= slot < slots) for su, slot in reserved
    ):
        raise GigasiteError(
            f"reserved slots {request.reserved_slots} are no distinct slots of the fabric",
            hint=f"slots are 0 to {slots - 1} of scalable units 0 to {request.build_to_su_count - 1}",
        )
    reserved_count_by_su: dict[int, int] = {}
    for su, _ in reserved:
        reserved_count_by_su[su] = reserved_count_by_su.get(su, 0) + 1
    for su, count in enumerate(request.node_counts):
        free = slots - reserved_count_by_su.get(su, 0)
        if not 0 <= count <= free:
            raise GigasiteError(
                f"{count} nodes do not fit scalable unit {su + 1}, which has {free} free node slots",
                hint="spread the nodes over more scalable units",
            )
    usable = sum(su < built for su, _ in reserved) * request.rails
    if not 0 <= request.extra_links <= usable:
        raise GigasiteError(
            f"{request.extra_links} extra links need reserved node slots; those built have {usable} ports",
            hint="reserve a node slot for them in a built scalable unit",
        )
