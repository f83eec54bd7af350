"""Arithmetic of fabrics that needs no layout: limits of tiers, radix, bandwidth under oversubscription."""

from __future__ import annotations

from gigasite.design.clos.plan import ClosPlan
from gigasite.design.clos.shape import SwitchShape, down_port_limit


def two_tier_limit(leaf: SwitchShape, spine: SwitchShape, oversubscription: float = 1.0) -> int:
    """Most endpoints of a plane in two tiers: down ports of a leaf times ports of a spine (k²/2)."""
    return down_port_limit(leaf, oversubscription) * spine.port_count


def three_tier_limit(
    leaf: SwitchShape,
    spine: SwitchShape,
    core: SwitchShape,
    leaf_oversubscription: float = 1.0,
    spine_oversubscription: float = 1.0,
) -> int:
    """Most endpoints of a plane in three tiers: down ports of leaf and spine times ports of a core switch.

    k³/4 of k ports, non-blocking (Al-Fares et al., SIGCOMM 2008).
    """
    pod_leaves = down_port_limit(spine, spine_oversubscription)
    return down_port_limit(leaf, leaf_oversubscription) * pod_leaves * core.port_count


def bisection_ratio(plan: ClosPlan, tiers: int | None = None) -> float:
    """Uplink bandwidth over the endpoint bandwidth below it, at the narrowest of the tiers (the full layout's).

    1 is non-blocking, and the answer for a single tier. Above leaves it is uplinks · speedup / endpoints of a
    full leaf; above spines it is that times uplinks · speedup / downlinks of a spine.
    """
    leaves, trunks, request = plan.leaves, plan.trunks, plan.request
    tiers = trunks.tiers if tiers is None else tiers
    if tiers == 1:
        return 1.0
    above_leaves = leaves.uplink_count * request.leaf.uplink_speedup / leaves.full_endpoint_count
    if tiers == 2:
        return above_leaves
    above_spines = trunks.spine_uplink_count * request.spine.uplink_speedup / trunks.spine_down_count
    return above_leaves * min(1.0, above_spines)


def bandwidth_across(nic_gbps: float, oversubscription: float) -> float:
    """Gbps that each endpoint has across a tier when all send at once: NIC speed over oversubscription."""
    return nic_gbps / oversubscription


def ports_at(switch_tbps: float, port_gbps: float) -> int:
    """Whole ports of one speed that a switch's bandwidth makes: switch_tbps · 1000 / port_gbps."""
    return int(round(switch_tbps * 1000) // port_gbps)
