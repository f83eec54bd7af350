"""How a fabric is to be laid out, from what the site says and what the reference architecture does."""

from __future__ import annotations

from typing import TypedDict

from gigasite.catalog.models import Switch
from gigasite.design.clos import PodRule, SpineScope
from gigasite.design.pools import PoolPlan
from gigasite.spec.pools import FabricSpec, LeafScope, Topology


class FabricRules(TypedDict):
    """The rules of a Clos request: see there."""

    rail_optimised: bool
    rails_meet: bool
    leaf_scope_nodes: int | None
    nodes_per_leaf: int | None
    spine_scope: SpineScope
    pod: PodRule
    pod_nodes: int | None
    pod_leaves: int | None
    leaf_oversubscription: float
    spine_oversubscription: float
    uplink_count: int | None
    spine_count: int | None
    core_count: int | None


def rules_of(spec: FabricSpec, pool: PoolPlan | None, leaf: Switch, *, compute: bool, single: bool) -> FabricRules:
    """Rules of one class of endpoints: a pool's ports, or the storage appliances (no pool).

    What the site states holds. Else compute follows the architecture: who shares a leaf on the switch that it names,
    and spines and pods where the fabric carries nothing else (`single`). Other ports land on a leaf a port.
    """
    ra = pool.architecture if pool else None
    as_published = ra is not None and compute and leaf.key == ra.compute_switch
    rail_only = spec.topology is Topology.RAIL_ONLY
    published_rails = ra.rail_optimised if ra is not None and compute else True
    published_scope = ra.spine_scope if ra is not None and as_published and single else "shared"
    return FabricRules(
        rail_optimised=rail_only or (published_rails if spec.rail_optimised is None else spec.rail_optimised),
        rails_meet=not rail_only,
        leaf_scope_nodes=_leaf_scope_nodes(spec, pool, as_published=as_published),
        nodes_per_leaf=spec.nodes_per_leaf if pool else None,
        spine_scope=spec.spine_scope.value if spec.spine_scope else published_scope,
        pod=ra.pod if ra is not None and as_published and single else "fewest-switches",
        pod_nodes=_pod_nodes(spec, pool),
        pod_leaves=spec.leaves_per_pod if pool else None,
        leaf_oversubscription=spec.oversubscription or 1.0,
        spine_oversubscription=spec.spine_oversubscription or 1.0,
        uplink_count=spec.uplinks_per_leaf,
        spine_count=spec.spines_per_pod,
        core_count=spec.core_switches_per_plane,
    )


def _leaf_scope_nodes(spec: FabricSpec, pool: PoolPlan | None, *, as_published: bool) -> int | None:
    """Nodes of a rack, where a leaf joins no others."""
    if pool is None or spec.nodes_per_leaf is not None:
        return None
    by_rack = as_published and pool.architecture.leaf_scope == "rack"
    if spec.leaf_scope is not None:
        by_rack = spec.leaf_scope is LeafScope.RACK
    return pool.nodes_per_rack if by_rack else None


def _pod_nodes(spec: FabricSpec, pool: PoolPlan | None) -> int | None:
    """Node slots of a pod that the site sizes in scalable units or racks."""
    if pool is None:
        return None
    if spec.scalable_units_per_pod is not None:
        return spec.scalable_units_per_pod * pool.architecture.su_node_count
    return spec.racks_per_pod * pool.nodes_per_rack if spec.racks_per_pod is not None else None
