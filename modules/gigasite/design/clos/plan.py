"""Lays out a Clos fabric: leaf groups, tiers, trunks and the port plan, all for the size that it builds to.

Every number but those of what is built comes from `build_to_su_count`, so that a fabric grows by adding
switches and cables and never by moving one. Trunks are balanced: a leaf has the same whole number of logical
links to every spine that it reaches, and a spine to every core switch. Classes of endpoints that share a
fabric have leaves and pods of their own, and spines (in two tiers) or core switches in common.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from gigasite.design.clos.leaves import LeafLayout, leaf_layouts, single_leaf
from gigasite.design.clos.request import ClosRequest, about_class
from gigasite.design.clos.trunks import TrunkLayout, trunks
from gigasite.design.clos.validation import validate, validate_joint
from gigasite.errors import GigasiteError


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
    """One class of endpoints that is laid out; `links` turns it into ports and cables.

    `trunks` has the class's own pods. Counts of spines and core switches are those of a fabric with this
    class alone; JointPlan has those of a fabric that several share.
    """

    request: ClosRequest
    leaves: LeafLayout
    trunks: TrunkLayout

    @property
    def leaf_scopes(self) -> int:
        """Leaves of a leaf group in one plane: a leaf a rail and side, or one a side for all rails."""
        return self.request.leaf_scope_count

    @property
    def ports_per_node(self) -> int:
        """NIC ports of a node, one that is split over planes counting once."""
        return self.request.node_ports or self.request.rails * self.request.sides

    @property
    def spine_scopes(self) -> int:
        """Sets of spines in one plane: one a rail, or one for all."""
        return self.request.spine_scope_count

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
        return self.alone().spine_count

    @property
    def core_count(self) -> int:
        """Core switches built, over all planes: all of them from the second pod on, none before."""
        return self.alone().core_count

    def alone(self) -> JointPlan:
        """The fabric with this class alone."""
        return JointPlan((self,), self.trunks)

    def summary(self) -> ClosSummary:
        """Counts of what is built."""
        return self.alone().summary()


@dataclass(frozen=True)
class JointPlan:
    """A fabric that is laid out for one class of endpoints or several; `links_joint` turns it into cables.

    `trunks` is what all classes share: its pods are those of all classes, its groups_per_pod and
    spine_down_count those of the class with most. Positions of pods, and of leaves on the spines of two
    tiers, run class by class, each at the size that it builds to.
    """

    classes: tuple[ClosPlan, ...]
    trunks: TrunkLayout

    @property
    def planes(self) -> int:
        """Independent copies of the fabric."""
        return self.classes[0].request.planes

    @property
    def spine_scopes(self) -> int:
        """Sets of spines in one plane: one a rail, or one for all."""
        return self.classes[0].spine_scopes

    @cached_property
    def first_leaf_ids(self) -> tuple[int, ...]:
        """The id of the first leaf of each class."""
        return _starts([c.leaves.group_count * self.planes * c.leaf_scopes for c in self.classes])

    @cached_property
    def first_pods(self) -> tuple[int, ...]:
        """The number of the first pod of each class; all share pod 0 in fewer than three tiers."""
        return _starts([c.trunks.pod_count if self.trunks.tiers == 3 else 0 for c in self.classes])

    @cached_property
    def first_places(self) -> tuple[int, ...]:
        """The place on its spines of the first leaf of each class; each pod of three tiers starts at 0."""
        return _starts([c.leaves.leaf_count if self.trunks.tiers < 3 else 0 for c in self.classes])

    @property
    def leaf_id_count(self) -> int:
        """Leaf ids at the size that the fabric builds to: 0 to this, exclusive."""
        last = self.classes[-1]
        return self.first_leaf_ids[-1] + last.leaves.group_count * self.planes * last.leaf_scopes

    @property
    def spine_id_count(self) -> int:
        """Spine ids at the size that the fabric builds to."""
        return self.trunks.pod_count * self.planes * self.spine_scopes * self.trunks.spines_per_pod

    @property
    def core_id_count(self) -> int:
        """Ids of core switches at the size that the fabric builds to: none for a single pod."""
        if self.trunks.pod_count < 2:
            return 0
        return self.planes * self.trunks.core_group_count * self.trunks.cores_per_group

    @property
    def built_pod_count(self) -> int:
        """Pods with at least one leaf of any class."""
        if self.trunks.tiers < 3:
            return 1
        return sum(c.built_pod_count for c in self.classes)

    @property
    def spine_count(self) -> int:
        """Spine switches built, over all planes."""
        return self.built_pod_count * self.planes * self.spine_scopes * self.trunks.spines_per_pod

    @property
    def core_count(self) -> int:
        """Core switches built, over all planes: all from the second pod of any class on, none before."""
        return self.core_id_count if self.built_pod_count > 1 else 0

    @property
    def rails_meet(self) -> bool:
        """Whether a switch that is built joins the rails of a node, or it has one rail alone."""
        request = self.classes[0].request
        return not request.has_spines_by_rail or request.rails == 1 or (request.rails_meet and self.core_count > 0)

    @property
    def diameter_switches(self) -> int:
        """The most switches on the shortest way between two endpoints that reach each other: 1, 3 or 5."""
        return 2 * self.summary().tiers - 1

    def summary(self) -> ClosSummary:
        """Counts of what is built for all classes."""
        return self._summary(range(len(self.classes)), self.built_pod_count)

    def class_summary(self, index: int) -> ClosSummary:
        """Counts of what is built for one class: its leaves and cables, and the switches that it reaches.

        Spines of two tiers and core switches count for every class that shares them.
        """
        own = self.classes[index]
        pods = own.built_pod_count if self.trunks.tiers == 3 else min(own.built_group_count, 1)
        return self._summary(range(index, index + 1), pods)

    def _summary(self, indices: range, pods: int) -> ClosSummary:
        classes = [self.classes[index] for index in indices]
        leaf_shape, spine_shape = classes[0].request.leaf, classes[0].request.spine
        leaf_bundle = -(-classes[0].leaves.uplink_count // leaf_shape.up_breakout)
        spine_bundle = -(-self.trunks.spine_uplink_count // spine_shape.up_breakout)
        leaf = sum(c.leaf_count for c in classes)
        spine = pods * self.planes * self.spine_scopes * self.trunks.spines_per_pod
        core = self.core_count if pods else 0
        endpoints = sum(c.request.node_count * c.ports_per_node for c in classes)
        return ClosSummary(
            tiers=(leaf > 0) + (spine > 0) + (core > 0),
            planes=self.planes,
            leaf=leaf,
            spine=spine,
            core=core,
            endpoints=endpoints,
            cables_node_leaf=endpoints,
            cables_ufm_leaf=sum(c.request.extra_links for c in classes),
            cables_leaf_spine=leaf * leaf_bundle,
            cables_spine_core=spine * spine_bundle if core else 0,
            links_per_leaf_spine=self.trunks.links_per_leaf_spine,
            links_per_spine_core=self.trunks.links_per_spine_core,
        )


def plan(request: ClosRequest) -> ClosPlan:
    """Lays out a fabric of one class with the fewest tiers that carry the size it builds to.

    Raises FabricTooLarge beyond three tiers, GigasiteError where the request makes no sense.
    """
    return plan_joint((request,)).classes[0]


def plan_joint(requests: tuple[ClosRequest, ...]) -> JointPlan:
    """Lays out a fabric that all classes share, with the fewest tiers that carry the size they build to.

    The classes have the same switches, planes and rules of trunks; they differ in nodes, rails and leaves.
    A single class may need one tier alone; several have two tiers at least.
    Raises FabricTooLarge beyond three tiers, GigasiteError where a request makes no sense or the classes do
    not go together; both name the class.
    """
    if not requests:
        raise GigasiteError("a fabric needs at least one class of endpoints", hint="attach a pool to it")
    for index, request in enumerate(requests):
        with about_class(requests, index):
            validate(request)
    validate_joint(requests)
    single = single_leaf(requests[0]) if len(requests) == 1 else None
    if single is not None:
        layout = TrunkLayout(tiers=1, groups_per_pod=1, pod_count=1)
        return JointPlan((ClosPlan(requests[0], single, layout),), layout)
    leaves = leaf_layouts(requests)
    above = trunks(requests, leaves)
    return JointPlan(
        tuple(
            ClosPlan(request, own, _own_pods(above.shared, own, groups))
            for request, own, groups in zip(requests, leaves, above.groups_per_pod, strict=True)
        ),
        above.shared,
    )


def _own_pods(shared: TrunkLayout, leaves: LeafLayout, groups_per_pod: int) -> TrunkLayout:
    """The shared tiers with the pods of one class."""
    return replace(
        shared,
        groups_per_pod=groups_per_pod,
        pod_count=-(-leaves.group_count // groups_per_pod),
        spine_down_count=groups_per_pod * leaves.leaves_per_group * shared.links_per_leaf_spine,
    )


def _starts(sizes: list[int]) -> tuple[int, ...]:
    return tuple(accumulate(sizes, initial=0))[:-1]
