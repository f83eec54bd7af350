"""Clos fabrics of any size: lay one out with `plan_joint`, list its ports and cables with `links_joint`.

`plan` and `links` are the same for a fabric with one class of endpoints.
"""

from gigasite.design.clos.leaves import LeafLayout
from gigasite.design.clos.links import (
    CorePositions,
    JointLinks,
    LeafPositions,
    LeafSpineLinks,
    NodeLeafLinks,
    SpineCoreLinks,
    SpinePositions,
    links,
    links_joint,
)
from gigasite.design.clos.measures import (
    bandwidth_across,
    bisection_ratio,
    ports_at,
    three_tier_limit,
    two_tier_limit,
)
from gigasite.design.clos.plan import ClosPlan, ClosSummary, JointPlan, plan, plan_joint
from gigasite.design.clos.request import ClosRequest, FabricTooLarge, PodRule, SpineScope
from gigasite.design.clos.shape import SwitchShape, cabled_ports
from gigasite.design.clos.trunks import TrunkLayout

__all__ = [
    "ClosPlan",
    "ClosRequest",
    "ClosSummary",
    "CorePositions",
    "FabricTooLarge",
    "JointLinks",
    "JointPlan",
    "LeafLayout",
    "LeafPositions",
    "LeafSpineLinks",
    "NodeLeafLinks",
    "PodRule",
    "SpineCoreLinks",
    "SpinePositions",
    "SpineScope",
    "SwitchShape",
    "TrunkLayout",
    "bandwidth_across",
    "bisection_ratio",
    "cabled_ports",
    "links",
    "links_joint",
    "plan",
    "plan_joint",
    "ports_at",
    "three_tier_limit",
    "two_tier_limit",
]
