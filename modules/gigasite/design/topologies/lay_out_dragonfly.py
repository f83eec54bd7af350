"""Lays out a fabric as a dragonfly: its groups as devices, and every link with names."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from gigasite.design.attachments import FabricPlan
from gigasite.design.fabrics import FabricLayout, endpoint_links, manager_links
from gigasite.design.model import FabricDesign, Origin, Setting
from gigasite.design.topologies.dragonfly import (
    DragonflyPlan,
    dragonfly_plan,
    dragonfly_shape,
    global_links,
    local_links,
)
from gigasite.design.topologies.figures import DragonflyFigures
from gigasite.design.topologies.group_links import Ends, group_links
from gigasite.design.topologies.groups import class_groups, unit_parts
from gigasite.design.topologies.tables import Groups, GroupTables, as_devices, group_tables, site_counts
from gigasite.spec.topologies import DragonflySpec


def lay_out_dragonfly(
    plan: FabricPlan, prefix: str, endpoints: Mapping[str, pl.DataFrame], asn_base: int
) -> FabricLayout:
    """Switches and links of a dragonfly. Raises GigasiteError where its numbers don't fit its switches."""
    spec = plan.spec.dragonfly or DragonflySpec()
    shape = dragonfly_shape(spec, plan.shape, plan.spine_shape)
    requests = tuple(attachment.request for attachment in plan.attachments)
    classes = class_groups(requests, shape.switch_count, shape.endpoint_count)
    fly = dragonfly_plan(spec, shape, sum(c.count for c in classes))
    groups = Groups(classes, fly.group_count, shape.switch_count, shape.spine_count, shape.endpoint_count)
    tables = group_tables(plan, groups, prefix, asn_base)
    upper = tables.leaves if shape.is_mesh else tables.spines
    whole = shape.links_per_pair % plan.shape.breakout == 0
    lanes = plan.shape.breakout if whole and plan.shape.breakout == plan.spine_shape.breakout else 1
    local = group_links(
        plan,
        groups,
        "local" if shape.is_mesh else "leaf-spine",
        local_links(fly, groups.built),
        Ends(tables.leaves, upper, lanes),
    )
    far = group_links(plan, groups, "global", global_links(fly, groups.built), Ends(upper, upper, 1))
    switch_slots = (groups.leaf_count + groups.spine_count) * groups.group_count * plan.planes
    managers = manager_links(plan, tables.manager_leaf, tables.leaves, prefix, switch_slots)
    devices = [as_devices(tables.leaves), as_devices(tables.spines)]
    links = [endpoint_links(plan, tables.node_leaf, tables.leaves, endpoints), local, far]
    if managers is not None:
        devices.append(managers[0])
        links.append(managers[1])
    ufm_count = sum(attachment.ufm_count for attachment in plan.attachments)
    wide_leaves, wide_spines = site_counts(plan, groups)
    return FabricLayout(
        design=_summary(plan, fly, groups, tables, local, far),
        devices=pl.concat(devices),
        links=pl.concat(links),
        site_slot_count=switch_slots + ufm_count,
        site_gear=(
            ("leaf", plan.leaf.key, wide_leaves),
            ("spine", plan.spine.key, wide_spines),
            ("ufm", None, ufm_count),
        ),
        settings=_settings(plan.name, spec, fly),
        parts=tuple(unit_parts(own, shape.endpoint_count) for own in classes),
    )


def _summary(
    plan: FabricPlan, fly: DragonflyPlan, groups: Groups, tables: GroupTables, local: pl.DataFrame, far: pl.DataFrame
) -> FabricDesign:
    shape = fly.shape
    built = len(groups.built)
    up_count = (
        (shape.switch_count - 1) * shape.links_per_pair + fly.global_used_count / shape.switch_count
        if shape.is_mesh
        else shape.spine_count * shape.links_per_pair
    )
    over = shape.endpoint_count / up_count if up_count else 1.0
    spec = plan.spec.dragonfly or DragonflySpec()
    endpoint_count = len(tables.node_leaf)
    return FabricDesign(
        name=plan.name,
        roles=tuple(role.value for role in plan.spec.roles),
        pools=tuple(dict.fromkeys(a.owner for a in plan.attachments if a.pool_index is not None)),
        technology=plan.technology.value,
        switch=plan.leaf.key,
        spine_switch=plan.leaf.key if shape.is_mesh else plan.spine.key,
        core_switch=None,
        link_gbps=plan.link_gbps,
        tiers=1 if shape.is_mesh else 2,
        planes=plan.planes,
        leaf_count=tables.leaves.height,
        spine_count=tables.spines.height,
        core_count=0,
        cables_node_leaf=endpoint_count // plan.planes,
        cables_ufm_leaf=len(tables.manager_leaf),
        cables_leaf_spine=0 if shape.is_mesh else local["cable_key"].n_unique(),
        cables_spine_core=0,
        endpoint_count=endpoint_count // plan.planes,
        leaf_oversubscription=over,
        asked_oversubscription=over,
        bisection_ratio=fly.bisection_ratio(built),
        topology="dragonfly",
        trunk_gbps=plan.trunk_gbps,
        diameter_switches=_diameter(fly, built),
        figures=DragonflyFigures(
            group_count=built,
            build_to_group_count=fly.group_count,
            group_count_max=shape.group_count_max,
            switches_per_group=shape.switch_count,
            spines_per_group=shape.spine_count,
            endpoints_per_switch=shape.endpoint_count,
            global_links_per_switch=shape.global_count,
            links_per_group_pair=fly.links_per_group_pair,
            cables_local=local["cable_key"].n_unique() if shape.is_mesh else 0,
            cables_global=far["cable_key"].n_unique(),
            bisection_ratio_min=spec.bisection_ratio_min,
        ),
    )


def _diameter(fly: DragonflyPlan, built: int) -> int:
    """Switches on the way local, global, local; within a single group, on the way through it."""
    alone = fly.shape.switch_count == 1
    if built < 2:
        return 1 if alone else 2 if fly.shape.is_mesh else 3
    return 2 if alone and fly.shape.is_mesh else 4


def _settings(fabric: str, spec: DragonflySpec, fly: DragonflyPlan) -> tuple[Setting, ...]:
    """The numbers of the dragonfly: stated, or balanced."""
    shape = fly.shape
    values: dict[str, int] = {
        "group_switches": shape.switch_count,
        "endpoints_per_switch": shape.endpoint_count,
        "global_links_per_switch": shape.global_count,
        "groups": fly.group_count,
        "links_between_groups": fly.links_per_group_pair,
    }
    why = {
        "groups": "what the pools build to",
        "links_between_groups": "as many whole links as the global ports of a group allow",
    }
    if not shape.is_mesh:
        values["group_spines"] = shape.spine_count
    found = []
    for key, value in values.items():
        stated = getattr(spec, key) is not None
        origin = Origin.SITE if stated else Origin.DERIVED
        reason = "the site file" if stated else why.get(key, "balanced: a = 2p = 2h, from the ports of the switch")
        found.append(Setting(f"fabrics.{fabric}.dragonfly.{key}", value, origin, reason))
    return tuple(found)
