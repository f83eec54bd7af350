"""The out-of-band management fabric: every management port of the site, rack by rack.

Its endpoints are the BMCs of nodes, the equipment of rack-scale systems, rack PDUs and all switches. Leaves
of rack-scale systems stand in the rack itself where the system brings them. Every leaf has two uplinks to two
spines, and every spine reaches two cores where there are any: the loss of one switch or link cuts nothing off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Form
from gigasite.design import names
from gigasite.design.attachments import Attachment, FabricPlan, node_ports, switch_shape, uplink_gbps
from gigasite.design.clos import ClosRequest, JointPlan, SwitchShape, links_joint, plan_joint
from gigasite.design.fabrics import (
    DEVICE_SCHEMA,
    LINK_COLUMNS,
    SwitchNames,
    device_table,
    fabric_summary,
    switch_links,
)
from gigasite.design.model import FabricDesign
from gigasite.design.pools import PoolPlan
from gigasite.design.site_racks import SiteRacks
from gigasite.spec.pools import Role
from gigasite.spec.site import SiteSpec

SITE = "site"
UPLINK_COUNT = 2
MANAGEMENT_PORT = 0  # a switch's data ports count from 1
# Management traffic is thin: a spine's uplinks may be a sixteenth of its downlinks.
SPINE_OVERSUBSCRIPTION = 16.0


@dataclass(frozen=True, slots=True)
class Management:
    """The management fabric laid out, the rack equipment that hangs on it, and how many ports it has room for."""

    plan: FabricPlan
    design: FabricDesign
    devices: pl.DataFrame
    equipment: pl.DataFrame
    links: pl.DataFrame
    core_rack_count: int
    """Core racks that its spines and cores need."""
    slots_per_su: dict[str, int]
    endpoints: dict[str, pl.DataFrame]
    """By owner: su, slot (from 1), device, port."""


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
    shape, upper = switch_shape(leaf, link_gbps), uplink_gbps(leaf, link_gbps)
    shapes = (shape, switch_shape(spine, upper), switch_shape(core, upper))
    rack_slots, equipment, endpoints, attachments, per_su = {}, [], {}, [], {}
    # The site's own class comes first: its pods are always built, and the first pool's are the next ones.
    total = site_racks.rack_count * site_racks.slots_per_rack
    endpoints[SITE], per_su[SITE], rack_slots[SITE] = site_racks.endpoints, total, site_racks.slots_per_rack
    equipment.append(site_racks.equipment.with_columns(su=pl.lit(None, pl.Int32), pool=pl.lit(None, pl.String)))
    attachments.append(_attachment(SITE, None, (total,), total, 1, site_racks.slots_per_rack, shapes, link_gbps))
    for pool in pools:
        found = _pool_endpoints(pool, nodes[pool.name], switches, site, prefix)
        rack_slots[pool.name], endpoints[pool.name] = found.slots_per_rack, found.table
        equipment.append(found.equipment)
        per_su[pool.name] = found.slots_per_su
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
        shape=shapes[0],
        spine_shape=shapes[1],
        core_shape=shapes[2],
        attachments=tuple(attachments),
    )
    return _laid_out(plan, prefix, pools, nodes, endpoints, site_racks, equipment, per_su, site)


@dataclass(frozen=True, slots=True)
class _Endpoints:
    slots_per_rack: int
    slots_per_su: int
    table: pl.DataFrame
    equipment: pl.DataFrame


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
    return Attachment(owner, pool_index, (Role.OOB.value,), (1,), frozenset(), (link_gbps,), request)


def _pool_endpoints(
    pool: PoolPlan, nodes: pl.DataFrame, switches: pl.DataFrame, site: SiteSpec, prefix: str
) -> _Endpoints:
    """Places of a pool's management ports. A rack's come together; the unit's switches follow its racks."""
    system, per_node = pool.system, pool.system.oob_ports_per_node
    suffixes = _equipment(pool, site.racks.feeds or 1)
    node_slots = pool.nodes_per_rack * per_node
    per_rack = max(node_slots + len(suffixes), 1)
    first_port = len(node_ports(pool)) + 1
    ports = pl.DataFrame({"k": np.arange(per_node, dtype=np.int32)})
    of_nodes = (
        nodes.select("su", "rack_in_su", "node_in_rack", device="node")
        .join(ports, how="cross")
        .select(
            "su",
            "device",
            slot=(pl.col("rack_in_su") - 1) * per_rack + (pl.col("node_in_rack") - 1) * per_node + pl.col("k") + 1,
            port=pl.col("k") + first_port,
        )
    )
    racks = nodes.select("su", "rack_in_su", "rack").unique(maintain_order=True)
    gear = pl.DataFrame(
        {
            "suffix": [name for name, _ in suffixes],
            "port": np.array([port for _, port in suffixes], np.int32),
            "k": np.arange(len(suffixes), dtype=np.int32),
        },
        schema={"suffix": pl.String, "port": pl.Int32, "k": pl.Int32},
    )
    of_gear = racks.join(gear, how="cross").select(
        "su",
        "rack",
        "port",
        device=pl.format("{}-{}", "rack", "suffix"),
        slot=(pl.col("rack_in_su") - 1) * per_rack + node_slots + pl.col("k") + 1,
    )
    own = switches.filter((pl.col("pool") == pool.name) & (pl.col("home") == "su"))
    own = own.with_columns(place=pl.int_range(pl.len()).over("su"))
    most = int(own.group_by("su").len()["len"].max() or 0) if own.height else 0  # type: ignore[arg-type]
    own_slots = -(-most // per_rack) * per_rack
    of_switches = own.select(
        "su",
        "device",
        slot=pl.col("place") + pool.racks_per_su * per_rack + 1,
        port=pl.lit(MANAGEMENT_PORT, pl.Int32),
    )
    order = ["su", "slot", "device", "port"]
    casts = [
        pl.col("su").cast(pl.Int32),
        pl.col("slot").cast(pl.Int32),
        "device",
        pl.col("port").cast(pl.Int32),
    ]
    table = pl.concat([part.select(casts) for part in (of_nodes, of_gear, of_switches)]).sort(order)
    assert system is pool.system
    return _Endpoints(
        slots_per_rack=per_rack,
        slots_per_su=pool.racks_per_su * per_rack + own_slots,
        table=table,
        equipment=of_gear.select("device", "rack", "su", pool=pl.lit(pool.name)).unique(maintain_order=True),
    )


def _equipment(pool: PoolPlan, feeds: int) -> list[tuple[str, int]]:
    """Management ports of a rack beside its nodes': (name's end, port). Rack PDUs where nodes bring none."""
    system = pool.system
    if system.form is not Form.RACK:
        return [(f"pdu{letter}", 1) for letter in "abcdefgh"[:feeds]]
    trays, shelves, total = (
        system.scale_up_switch_tray_count,
        system.shelf_count or 0,
        system.oob_ports_per_system,
    )
    per_tray = 2 if total >= 2 * trays + shelves else 1
    found = [(f"nvsw{n + 1:02d}", port + 1) for n in range(trays) for port in range(per_tray)]
    found += [(f"pwr{n + 1:02d}", 1) for n in range(shelves)]
    found += [(f"eq{n + 1:02d}", 1) for n in range(total - len(found))]
    return found[:total]


def _laid_out(
    plan: FabricPlan,
    prefix: str,
    pools: tuple[PoolPlan, ...],
    nodes: dict[str, pl.DataFrame],
    endpoints: dict[str, pl.DataFrame],
    site_racks: SiteRacks,
    equipment: list[pl.DataFrame],
    per_su: dict[str, int],
    site: SiteSpec,
) -> Management:
    joint = plan_joint(tuple(attachment.request for attachment in plan.attachments))
    links = links_joint(joint)
    namer = SwitchNames(plan, joint, prefix)
    leaves = _at_home(namer.leaves(links), plan, pools, nodes, site_racks, joint, prefix)
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
                b_port=pl.col("leaf_port") + 1,
                gbps=pl.lit(plan.link_gbps),
                cable_key=slot * len(plan.attachments) + klass,
            )
            .select(LINK_COLUMNS)
        )
    up = switch_links(plan, "leaf-spine", links.leaf_spine, leaves, spines, plan.shape.breakout)
    up = up.filter(pl.col("a_device").is_not_null())
    over = switch_links(plan, "spine-core", links.spine_core, spines, cores, plan.spine_shape.breakout)
    devices = pl.concat(
        [
            device_table(leaves, plan, "leaf", asn_base, joint).with_columns(
                home=leaves["home"], home_rack=leaves["home_rack"], home_unit=leaves["home_unit"]
            ),
            _stacked(device_table(spines, plan, "spine", asn_base, joint), 0, upper, site_racks, leaf_u, prefix),
            _stacked(
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
        slots_per_su=per_su,
        endpoints=endpoints,
    )


def _at_home(
    leaves: pl.DataFrame,
    plan: FabricPlan,
    pools: tuple[PoolPlan, ...],
    nodes: dict[str, pl.DataFrame],
    site_racks: SiteRacks,
    joint: JointPlan,
    prefix: str,
) -> pl.DataFrame:
    """Leaves with the rack they stand in, where that is settled; those of racks that are not built fall away."""
    parts = []
    for klass, attachment in enumerate(plan.attachments):
        own = leaves.filter(pl.col("klass") == klass).with_columns(
            home_rack=pl.lit(None, pl.String), home_unit=pl.lit(None, pl.Int32)
        )
        if attachment.request.leaf_scope_nodes is None:
            parts.append(own)
            continue
        per_rack = joint.classes[klass].leaves.parts_per_scope
        numbered = own.with_columns(rack_in_su=pl.col("split") // per_rack + 1)
        if attachment.pool_index is None:
            parts.append(_on_top(numbered, site_racks, per_rack, prefix))
            continue
        pool = pools[attachment.pool_index]
        placed = numbered.with_columns(home_rack=names.pool_rack(prefix, pool.name))
        present = nodes[pool.name].select(home_rack="rack").unique()
        inside = placed.filter(pl.col("rack_in_su") <= pool.racks_per_su).join(
            present, on="home_rack", how="semi", maintain_order="left"
        )
        beside = placed.filter(pl.col("rack_in_su") > pool.racks_per_su)
        parts.append(inside.with_columns(home=pl.lit("rack")))
        parts.append(beside.with_columns(home_rack=pl.lit(None, pl.String)))
    return pl.concat(
        [
            part.select(parts[0].columns)
            if "rack_in_su" not in parts[0].columns
            else part.drop("rack_in_su", strict=False)
            for part in parts
        ]
    )


def _stacked(
    devices: pl.DataFrame,
    first: int,
    upper: tuple[int, int],
    site_racks: SiteRacks,
    leaf_u: int,
    prefix: str,
) -> pl.DataFrame:
    """Management spines and cores above the management leaves, two a rack.

    Each round begins one rack further on: the spines that reach the same cores never all share a rack.
    `first`: those that come before; `upper`: how many there will be in all, and their height.
    """
    count, height_u = upper
    racks = spine_rack_count(count)
    place = pl.col("site_place") + first
    return (
        devices.with_columns(
            rack_in_su=(place + place // racks) % racks + 1,
            home_unit=(site_racks.top_unit + leaf_u + place // racks * height_u).cast(pl.Int32),
        )
        .with_columns(home_rack=names.site_rack(prefix, "core"))
        .drop("rack_in_su")
    )


def spine_rack_count(count: int) -> int:
    """Core racks that hold management spines and cores, two a rack: an even number, as racks come in pairs."""
    return max(2, -(-count // 4) * 2)


def _on_top(leaves: pl.DataFrame, site_racks: SiteRacks, per_rack: int, prefix: str) -> pl.DataFrame:
    """Management leaves of the site's racks, above what these hold."""
    core = leaves.filter(pl.col("rack_in_su") <= site_racks.core_count).with_columns(
        home_rack=names.site_rack(prefix, "core")
    )
    storage = (
        leaves.filter(pl.col("rack_in_su") > site_racks.core_count)
        .with_columns(pl.col("rack_in_su") - site_racks.core_count)
        .with_columns(home_rack=names.site_rack(prefix, "storage"))
    )
    present = site_racks.devices.select(home_rack="rack").unique()
    top = site_racks.top_unit
    return (
        pl.concat([core, storage])
        .join(present, on="home_rack", how="semi", maintain_order="left")
        .with_columns(home_unit=(pl.col("split") % per_rack + top).cast(pl.Int32))
    )
