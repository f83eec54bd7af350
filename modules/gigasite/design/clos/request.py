"""What is asked of a compute fabric, in the words of the field and free of any product.

Port counts are logical: ports at the speed of the fabric's links, after breakout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from gigasite.errors import GigasiteError

SpineScope = Literal["shared", "rail"]
PodRule = Literal["su", "fewest-switches"]

_LARGEST_COUNT = 2**31 - 1

# What all classes of a fabric have in common, and what errors call it.
_SHARED = {
    "planes": "planes",
    "leaf": "the ports of a leaf",
    "spine": "the ports of a spine",
    "core": "the ports of a core switch",
    "spine_scope": "whether rails share spines",
    "pod": "the rule of a pod",
    "spine_oversubscription": "the oversubscription of spines",
    "spine_count_min": "the fewest spines of a leaf",
    "core_count_min": "the fewest core switches of a spine",
}


class FabricTooLarge(GigasiteError):  # noqa: N818  (says what the fabric is)
    """The fabric needs more ports than three tiers of its switches have.

    largest_su_count is the most scalable units that would fit; 0 where not even one does.
    """

    def __init__(self, message: str, hint: str, largest_su_count: int) -> None:
        super().__init__(message, hint=hint)
        self.largest_su_count = largest_su_count


@dataclass(frozen=True, slots=True)
class SwitchShape:
    """The ports of a switch.

    port_count: logical ports at the speed of the fabric's links, after breakout (64 cages of 800G run as
    2x400G are 128 ports). breakout: logical ports of one cabled port.
    uplink_port_count: separate uplink ports, where the switch has them; `port_count` is then the down ports
    alone. uplink_speedup: speed of an uplink port over that of a down port (48x1G with 4x100G: 100).
    """

    port_count: int
    breakout: int = 1
    uplink_port_count: int | None = None
    uplink_speedup: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosRequest:
    """A class of endpoints to lay out: its switches, and the rules that its reference architecture follows.

    name: what errors call the class, where several share a fabric.
    node_counts: nodes present in each scalable unit (SU) that is built; they fill the free slots from 0 up.
    nodes_per_su: node slots of an SU. build_to_su_count: SUs that tiers, trunks and ports are laid out for.
    rails: NIC ports of a node in this fabric and in each plane; a plane is an independent copy.
    rail_optimised: rail r of the nodes that share a leaf group lands on leaf r; otherwise all on one leaf.
    leaf_scope_nodes: nodes that share a leaf (18 for a leaf a rack and rail); None: as many as ports allow.
    spine_scope: spines shared by all rails, or a set of spines for each rail.
    pod: of three tiers, one SU, or the whole number of SUs that needs the fewest switches.
    leaf_oversubscription, spine_oversubscription: bandwidth down over bandwidth up.
    spine_count_min: fewest spines that a leaf must reach; core_count_min: fewest core switches that a spine
    must reach, where there are any. uplink_count: uplinks of a leaf, where fixed.
    reserved_slots: (su, slot) pairs that hold no node, so that their leaf ports are free for management.
    extra_links: links of subnet managers to the ports of the reserved slots, rail 0 of the first slot first.
    """

    node_counts: tuple[int, ...]
    nodes_per_su: int
    build_to_su_count: int
    rails: int
    leaf: SwitchShape
    spine: SwitchShape
    core: SwitchShape
    planes: int = 1
    rail_optimised: bool = True
    leaf_scope_nodes: int | None = None
    spine_scope: SpineScope = "shared"
    pod: PodRule = "fewest-switches"
    leaf_oversubscription: float = 1.0
    spine_oversubscription: float = 1.0
    spine_count_min: int = 1
    core_count_min: int = 1
    uplink_count: int | None = None
    reserved_slots: tuple[tuple[int, int], ...] = ()
    extra_links: int = 0
    name: str = ""

    @property
    def node_count(self) -> int:
        """Nodes present in all built SUs."""
        return sum(self.node_counts)


def ratio(oversubscription: float) -> Fraction:
    """The oversubscription as an exact fraction, so that port counts never hang on rounding."""
    return Fraction(oversubscription).limit_denominator(10_000)


def down_port_limit(shape: SwitchShape, oversubscription: float, uplinks_min: int = 1) -> int:
    """Ports that may look down with enough left to look up: floor(P·o / (1 + o)), in whole cabled ports.

    A switch with separate uplink ports uses all its other ports downwards.
    """
    if shape.uplink_port_count is not None:
        return shape.port_count
    o = ratio(oversubscription)
    limit = min(int(shape.port_count * o / (1 + o)), shape.port_count - uplinks_min)
    return max(limit, 0) // shape.breakout * shape.breakout


def uplinks_for(down_count: int, shape: SwitchShape, oversubscription: float) -> int:
    """Uplinks that carry `down_count` links at the asked oversubscription: ceil(down / (o · speedup))."""
    per_uplink = ratio(oversubscription) * ratio(shape.uplink_speedup)
    return -int(-down_count // per_uplink)


def label(requests: tuple[ClosRequest, ...], index: int) -> str:
    """What to call a class in an error; nothing where it is the only one and has no name."""
    return requests[index].name or (f"class {index + 1}" if len(requests) > 1 else "")


@contextmanager
def about_class(requests: tuple[ClosRequest, ...], index: int) -> Iterator[None]:
    """Puts the name of the class in front of the error that its own layout raises."""
    try:
        yield
    except GigasiteError as error:
        named = label(requests, index)
        if not named:
            raise
        raise GigasiteError(f"{named}: {error.message}", hint=error.hint) from error


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
    if len(requests) > 1 and first.spine_scope == "rail":
        raise GigasiteError(
            "spines of a rail serve a single class of endpoints",
            hint="share the spines, or give each class a fabric of its own",
        )


def validate(request: ClosRequest) -> None:
    """Raises GigasiteError where the request contradicts itself or asks for nothing."""
    _validate_numbers(request)
    _validate_nodes(request)
    if request.spine_scope == "rail" and not request.rail_optimised:
        raise GigasiteError(
            "spines of a rail need leaves of a rail",
            hint="make the fabric rail-optimised, or share its spines",
        )
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
        "planes": request.planes,
        "fewest spines": request.spine_count_min,
        "fewest core switches": request.core_count_min,
    }
    if request.leaf_scope_nodes is not None:
        numbers["nodes that share a leaf"] = request.leaf_scope_nodes
    if request.uplink_count is not None:
        numbers["uplinks per leaf"] = request.uplink_count
    for tier, shape in (("leaf", request.leaf), ("spine", request.spine), ("core", request.core)):
        numbers[f"ports of a {tier} switch"] = shape.port_count
        numbers[f"breakout of a {tier} switch"] = shape.breakout
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
