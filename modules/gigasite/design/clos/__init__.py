"""Clos fabrics of any size: lay one out with `plan`, list its ports and cables with `links`."""

from gigasite.design.clos.links import (
    ClosLinks,
    CorePositions,
    LeafPositions,
    LeafSpineLinks,
    NodeLeafLinks,
    SpineCoreLinks,
    SpinePositions,
    cabled_ports,
    links,
)
from gigasite.design.clos.measures import (
    bandwidth_across,
    bisection_ratio,
    ports_at,
    three_tier_limit,
    two_tier_limit,
)
from gigasite.design.clos.plan import ClosPlan, ClosSummary, LeafLayout, TrunkLayout, plan
from gigasite.design.clos.request import ClosRequest, FabricTooLarge, PodRule, SpineScope, SwitchShape

__all__ = [
    "ClosLinks",
    "ClosPlan",
    "ClosRequest",
    "ClosSummary",
    "CorePositions",
    "FabricTooLarge",
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
    "plan",
    "ports_at",
    "three_tier_limit",
    "two_tier_limit",
]
