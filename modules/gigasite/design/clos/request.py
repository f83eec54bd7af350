"""What is asked of a compute fabric, in the words of the field and free of any product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from gigasite.design.clos.shape import SwitchShape
from gigasite.errors import GigasiteError

SpineScope = Literal["shared", "rail"]
PodRule = Literal["su", "fewest-switches"]


class FabricTooLarge(GigasiteError):  # noqa: N818  (says what the fabric is)
    """The fabric needs more ports than three tiers of its switches have.

    largest_su_count is the most scalable units that would fit; 0 where not even one does.
    """

    def __init__(self, message: str, hint: str, largest_su_count: int) -> None:
        super().__init__(message, hint=hint)
        self.largest_su_count = largest_su_count


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosRequest:
    """A class of endpoints to lay out: its switches, and the rules that its reference architecture follows.

    name: what errors call the class, where several share a fabric.
    node_counts: nodes present in each scalable unit (SU) that is built; they fill the free slots from 0 up.
    nodes_per_su: node slots of an SU. build_to_su_count: SUs that tiers, trunks and ports are laid out for.
    rails, sides, planes: a node has a link for each rail, side and plane. A plane is an independent copy of
    the fabric. The sides of a rail are leaves of one plane that share its spines: two for dual-ToR.
    node_ports: NIC ports of a node, one that is split over planes counting once; None: rails times sides.
    rail_optimised: rail r of the nodes that share a leaf group lands on leaf r; otherwise all on one leaf.
    rails_meet: False: each rail is a fabric of its own, which no switch joins with another (rail-only).
    leaf_scope_nodes: nodes that share a leaf (18 for a leaf a rack and rail); None: as many as ports allow.
    nodes_per_leaf: the same as a choice: it may join several SUs, and a leaf without ports enough is an error.
    spine_scope: spines shared by all rails, or a set of spines for each rail.
    pod: of three tiers, one SU, or the whole number of SUs that needs the fewest switches.
    pod_nodes, pod_leaves: the size of a pod where it is chosen: by node slots, or by leaves of a plane (and of
    a rail, where rails have spines of their own). More than one pod makes three tiers.
    leaf_oversubscription, spine_oversubscription: bandwidth down over bandwidth up; below 1, more goes up.
    spine_count_min: fewest spines that a leaf must reach; core_count_min: fewest core switches that a spine
    must reach, where there are any. uplink_count: uplinks of a leaf, where fixed.
    spine_count: spines that a leaf reaches, where fixed. core_count: core switches of a plane, where fixed.
    reserved_slots: (su, slot) pairs that hold no node, so that their leaf ports are free for management.
    extra_links: links of subnet managers to the ports of the reserved slots, rail 0 of the first slot first.
    top_ports_kept: ports of each switch of the top tier that stay free, for border switches.
    """

    node_counts: tuple[int, ...]
    nodes_per_su: int
    build_to_su_count: int
    rails: int
    leaf: SwitchShape
    spine: SwitchShape
    core: SwitchShape
    planes: int = 1
    sides: int = 1
    node_ports: int | None = None
    rail_optimised: bool = True
    rails_meet: bool = True
    leaf_scope_nodes: int | None = None
    nodes_per_leaf: int | None = None
    spine_scope: SpineScope = "shared"
    pod: PodRule = "fewest-switches"
    pod_nodes: int | None = None
    pod_leaves: int | None = None
    leaf_oversubscription: float = 1.0
    spine_oversubscription: float = 1.0
    spine_count_min: int = 1
    core_count_min: int = 1
    uplink_count: int | None = None
    spine_count: int | None = None
    core_count: int | None = None
    reserved_slots: tuple[tuple[int, int], ...] = ()
    extra_links: int = 0
    top_ports_kept: int = 0
    name: str = ""

    @property
    def node_count(self) -> int:
        """Nodes present in all built SUs."""
        return sum(self.node_counts)

    @property
    def has_spines_by_rail(self) -> bool:
        """Whether each rail has spines of its own."""
        return self.spine_scope == "rail" or not self.rails_meet

    @property
    def spine_scope_count(self) -> int:
        """Sets of spines in a plane: one a rail, or one for all."""
        return self.rails if self.has_spines_by_rail else 1

    @property
    def leaf_scope_count(self) -> int:
        """Leaves of a leaf group in one plane: one a rail and side, or one a side."""
        return (self.rails if self.rail_optimised else 1) * self.sides

    @property
    def links_per_node_and_leaf(self) -> int:
        """Links of a node to each leaf that it reaches."""
        return 1 if self.rail_optimised else self.rails


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
