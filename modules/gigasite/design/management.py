"""The out-of-band management fabric: every management port of the site, rack by rack.

Its endpoints are the BMCs of nodes, the equipment of rack-scale systems, rack PDUs and all switches. Leaves
of rack-scale systems stand in the rack itself where the system brings them. Every leaf has two uplinks to two
spines, and every spine reaches two cores where there are any: the loss of one switch or link cuts nothing off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Form
from gigasite.design.attachments import Attachment, FabricPlan
from gigasite.design.clos import ClosRequest, SwitchShape, links_joint, plan_joint
from gigasite.design.fabrics import (
    DEVICE_SCHEMA,
    LINK_COLUMNS,
    SwitchNames,
    device_table,
    fabric_summary,
    switch_links,
)
from gigasite.design.management_homes import leaves_at_home, spine_rack_count, stacked_on_top
from gigasite.design.management_ports import pool_ports
from gigasite.design.model import FabricDesign
from gigasite.design.nic_ports import rails_of
from gigasite.design.pools import PoolPlan
from gigasite.design.site_racks import SiteRacks
from gigasite.design.switch_ports import switch_shape, uplink_gbps
from gigasite.design.unit_parts import TreeParts, UnitParts
from gigasite.spec.pools import Role
from gigasite.spec.site import SiteSpec

SITE = "site"
UPLINK_COUNT = 2
# Management traffic is thin: a spine's uplinks may be a sixteenth of its downlinks.
SPINE_OVERSUBSCRIPTION = 16.0


@dataclass(frozen=True, slots=True)
class Management:
    """The management fabric laid out, and the rack equipment that hangs on it."""

    plan: FabricPlan
    design: FabricDesign
    devices: pl.DataFrame
    equipment: pl.DataFrame
    links: pl.DataFrame
    core_rack_count: int
    """Core racks that its spines and cores need."""
    endpoints: dict[str, pl.DataFrame]
    """By owner: su, slot (from 1), device, port."""
    parts: tuple[UnitParts, ...]
    """For each attachment, which ports of a unit share a leaf."""


def lay_out_management(
    name: str,
    index: int,
    site: SiteSpec,
    pools: tuple[PoolPlan, ...],
    nodes: dict[str, pl.DataFrame],
    switches: pl.DataFrame,
    site_racks: SiteRacks,
    prefix: str,
    catalog: Catalog,
) -> Management:
    """The management fabric. `switches` are the devices of all other fabrics."""
    spec = site.fabrics[name]
    assert spec.switch is not None
    leaf = catalog.switch(spec.switch)
    spine = catalog.switch(spec.spine_switch or spec.switch)
    core = catalog.switch(spec.core_switch) if spec.core_switch else spine
    link_gbps = spec.link_gbps or min(group.gbps for group in leaf.port_groups)
    trunk_gbps = uplink_gbps(leaf, link_gbps)
    core_trunk_gbps = uplink_gbps(spine, trunk_gbps)
    shapes = (
        switch_shape(leaf, link_gbps),
        switch_shape(spine, trunk_gbps),
        switch_shape(core, core_trunk_gbps),
    )
    # The site's own class comes first: its pods are always built, and the first pool's are the next ones.
    total = site_racks.rack_count * site_racks.slots_per_rack
    endpoints = {SITE: site_racks.endpoints}
    equipment = [site_racks.equipment.with_columns(su=pl.lit(None, pl.Int32), pool=pl.lit(None, pl.String))]
    attachments = [_attachment(SITE, None, (total,), total, 1, site_racks.slots_per_rack, shapes, link_gbps)]
    for pool in pools:
        found = pool_ports(pool, nodes[pool.name], switches, site.racks.feeds or 1)
        endpoints[pool.name] = found.table
        equipment.append(found.equipment)
        inside = pool.system.form is Form.RACK and pool.system.oob_switch_count > 0
        attachments.append(
            _attachment(
                pool.name,
                pool.index,
                (found.slots_per_su,) * pool.su_count,
                found.slots_per_su,
                pool.build_to_su_count,
                found.slots_per_rack if inside else None,
                shapes,
                link_gbps,
            )
        )
    plan = FabricPlan(
        name=name,
        index=index,
        spec=spec,
        technology=leaf.technology,
        leaf=leaf,
        spine=spine,
        core=core,
        planes=1,
        link_gbps=link_gbps,
        trunk_gbps=trunk_gbps,
        core_trunk_gbps=core_trunk_gbps,
        shape=shapes[0],
        spine_shape=shapes[1],
        core_shape=shapes[2],
        attachments=tuple(attachments),
    )
    return _laid_out(plan, prefix, pools, nodes, endpoints, site_racks, equipment, site)


def _attachment(
    owner: str,
    pool_index: int | None,
    counts: tuple[int, ...],
    per_su: int,
    build_to: int,
    scope: int | None,
    shapes: tuple[SwitchShape, SwitchShape, SwitchShape],
    link_gbps: float,
) -> Attachment:
    request = ClosRequest(
        name=f"{owner} management",
        node_counts=counts,
        nodes_per_su=per_su,
        build_to_su_count=build_to,
        rails=1,
        leaf=shapes[0],
        spine=shapes[1],
        core=shapes[2],
        rail_optimised=False,
        leaf_scope_nodes=scope,
        spine_oversubscription=SPINE_OVERSUBSCRIPTION,
        uplink_count=UPLINK_COUNT,
        spine_count_min=UPLINK_COUNT,
        core_count_min=2,
    )
    rails = rails_of([(1,)], 1, dual_tor=False)
    return Attachment(owner, pool_index, (Role.OOB.value,), (1,), frozenset(), (link_gbps,), rails, request)


def _laid_out(
    plan: FabricPlan,
    prefix: str,
    pools: tuple[PoolPlan, ...],
    nodes: dict[str, pl.DataFrame],
    endpoints: dict[str, pl.DataFrame],
    site_racks: SiteRacks,
    equipment: list[pl.DataFrame],
    site: SiteSpec,
) -> Management:
    joint = plan_joint(tuple(attachment.request for attachment in plan.attachments))
    links = links_joint(joint)
    namer = SwitchNames(plan, joint, prefix)
    leaves = leaves_at_home(namer.leaves(links), plan, pools, nodes, site_racks, joint, prefix)
    spines, cores = namer.spines(links), namer.cores(links)
    upper = (joint.spine_id_count + joint.core_id_count, plan.spine.height_u or 1)
    asn_base = site.network.asn_base or 0
    leaf_u = joint.classes[0].leaves.parts_per_scope
    all_links = pl.DataFrame(links.node_leaf.columns())
    leaf_names = leaves.select(leaf_id="id", b_device="device")
    tables = []
    for klass, attachment in enumerate(plan.attachments):
        hosts = endpoints[attachment.owner].select(
            su=pl.col("su") - 1, node_slot=pl.col("slot") - 1, a_device="device", a_port="port"
        )
        slot = pl.col("su").cast(pl.Int64) * attachment.request.nodes_per_su + pl.col("node_slot")
        tables.append(
            all_links.filter(pl.col("klass") == klass)
            .join(hosts, on=["su", "node_slot"], how="inner", maintain_order="left")
            .join(leaf_names, on="leaf_id", how="inner", maintain_order="left")
            .with_columns(
                fabric=pl.lit(plan.name),
                tier=pl.lit("node-leaf"),
                plane=pl.lit(1, pl.Int32),
                rail=pl.lit(0, pl.Int32),
                a_lane=pl.lit(1, pl.Int32),
                b_port=pl.col("leaf_port") + 1,
                gbps=pl.lit(plan.link_gbps),
                cable_key=slot * len(plan.attachments) + klass,
            )
            .select(LINK_COLUMNS)
        )
    up = switch_links(plan, "leaf-spine", links.leaf_spine, leaves, spines)
    up = up.filter(pl.col("a_device").is_not_null())
    over = switch_links(plan, "spine-core", links.spine_core, spines, cores)
    devices = pl.concat(
        [
            device_table(leaves, plan, "leaf", asn_base, joint).with_columns(
                home=leaves["home"], home_rack=leaves["home_rack"], home_unit=leaves["home_unit"]
            ),
            stacked_on_top(device_table(spines, plan, "spine", asn_base, joint), 0, upper, site_racks, leaf_u, prefix),
            stacked_on_top(
                device_table(cores, plan, "core", asn_base, joint),
                joint.spine_id_count,
                upper,
                site_racks,
                leaf_u,
                prefix,
            ),
        ]
    ).select(list(DEVICE_SCHEMA))
    attached = pl.concat(tables)
    design = replace(
        fabric_summary(plan, joint),
        leaf_count=leaves.height,
        endpoint_count=attached.height,
        cables_node_leaf=attached.height,
        cables_leaf_spine=up["cable_key"].n_unique(),
        cables_spine_core=over["cable_key"].n_unique(),
    )
    return Management(
        plan=plan,
        design=design,
        devices=devices,
        equipment=pl.concat(equipment),
        links=pl.concat([attached, up, over]),
        core_rack_count=spine_rack_count(upper[0]),
        endpoints=endpoints,
        parts=tuple(TreeParts.of(own.leaves) for own in joint.classes),
    )
