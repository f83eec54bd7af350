"""Lays out a fabric's switches and links with names; places and lengths come later, from the floor plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import Switch, Technology
from gigasite.design.addresses import asn_of
from gigasite.design.attachments import FabricPlan
from gigasite.design.clos import (
    JointLinks,
    JointPlan,
    LeafSpineLinks,
    NodeLeafLinks,
    SpineCoreLinks,
    bisection_ratio,
    cabled_ports,
    links_joint,
    plan_joint,
)
from gigasite.design.model import FabricDesign, Setting
from gigasite.design.names import padded
from gigasite.design.unit_parts import TreeParts, UnitParts

DEVICE_SCHEMA: Mapping[str, Any] = {
    "device": pl.String,
    "kind": pl.String,
    "model": pl.String,
    "fabric": pl.String,
    "tier": pl.String,
    "plane": pl.Int32,
    "rail": pl.Int32,
    "pool": pl.String,
    "su": pl.Int32,
    "pod": pl.Int32,
    "index": pl.Int32,
    "home": pl.String,  # su: in a rack of its scalable unit; site: in a rack of the site; rack: in `home_rack`
    "home_rack": pl.String,
    "home_unit": pl.Int32,
    "slot": pl.Int32,  # place among all devices of the fabric, fixed for the size it builds to
    "site_place": pl.Int32,  # place among equal devices of the site
    "fabric_index": pl.Int32,
    "asn": pl.Int64,
    "port_count": pl.Int32,
}
LINK_COLUMNS = (
    "fabric",
    "tier",
    "plane",
    "rail",
    "a_device",
    "a_port",
    "a_lane",  # part of a node's port that is split over planes, from 1
    "b_device",
    "b_port",
    "gbps",
    "cable_key",
)


@dataclass(frozen=True, slots=True)
class FabricLayout:
    """A fabric laid out: its counts, its devices, and its logical links (see LINK_COLUMNS)."""

    design: FabricDesign
    devices: pl.DataFrame
    links: pl.DataFrame
    site_slot_count: int
    """Places that the fabric's site-wide devices take in the site's management fabric at its ultimate size."""
    site_gear: tuple[tuple[str, str | None, int], ...]
    """Tier, switch (None: a server) and ultimate count of the devices that stand in racks of the site."""
    settings: tuple[Setting, ...] = ()
    """Values that it was laid out with and that the resolved site does not hold."""
    circuits: pl.DataFrame | None = None
    """Cross-connects of its optical circuit switches, where it has any."""
    parts: tuple[UnitParts, ...] = ()
    """For each attachment, which nodes of a unit share a leaf."""


def lay_out(plan: FabricPlan, prefix: str, endpoints: Mapping[str, pl.DataFrame], asn_base: int) -> FabricLayout:
    """Switches and links of a fabric.

    `endpoints` gives for each owner its devices by place: columns su, slot (from 1) and node.
    Raises FabricTooLarge (from the Clos planner) where the switches are too small.
    """
    joint = plan_joint(tuple(attachment.request for attachment in plan.attachments))
    links = links_joint(joint)
    namer = SwitchNames(plan, joint, prefix)
    leaves, spines, cores = namer.leaves(links), namer.spines(links), namer.cores(links)
    devices = [
        device_table(leaves, plan, "leaf", asn_base, joint),
        device_table(spines, plan, "spine", asn_base, joint),
        device_table(cores, plan, "core", asn_base, joint),
    ]
    tables = [
        endpoint_links(plan, links.node_leaf, leaves, endpoints),
        switch_links(plan, "leaf-spine", links.leaf_spine, leaves, spines),
        switch_links(plan, "spine-core", links.spine_core, spines, cores),
    ]
    ufm = manager_links(plan, links.extra_leaf, leaves, prefix, _first_ufm_slot(joint))
    if ufm is not None:
        devices.append(ufm[0])
        tables.append(ufm[1])
    return FabricLayout(
        design=fabric_summary(plan, joint),
        devices=pl.concat(devices).filter(pl.col("device").is_not_null()),
        links=pl.concat(tables),
        site_slot_count=_first_ufm_slot(joint) + sum(attachment.ufm_count for attachment in plan.attachments),
        site_gear=site_gear(plan, joint, leaves, spines),
        parts=tuple(TreeParts.of(own.leaves) for own in joint.classes),
    )


class SwitchNames:
    """Names of a fabric's switches from their positions."""

    def __init__(self, plan: FabricPlan, joint: JointPlan, prefix: str) -> None:
        self.plan, self.joint = plan, joint
        self.base = f"{prefix}-{plan.name}"
        self.plane = pl.format("-p{}", pl.col("plane") + 1) if plan.planes > 1 else pl.lit("")
        self.three_tiers = joint.trunks.tiers == 3
        self.labels = [attachment.owner for attachment in plan.attachments]

    def leaves(self, links: JointLinks) -> pl.DataFrame:
        frame = pl.DataFrame(links.leaves.columns())
        classes = self.joint.classes
        su_per_group = np.array([c.leaves.su_per_group for c in classes], np.int32)
        splits = np.array([c.leaves.groups_per_su for c in classes], np.int32)
        klass = frame["klass"].to_numpy()
        sides = np.array([c.request.sides for c in classes], np.int32)
        leaf = np.maximum(frame["rail"].to_numpy(), 0) * sides[klass] + frame["side"].to_numpy()
        index = leaf * splits[klass] + frame["split"].to_numpy() + 1
        pools = [a.owner if a.pool_index is not None else None for a in self.plan.attachments]
        return frame.with_columns(
            su=pl.Series((frame["group"].to_numpy() * su_per_group[klass] + 1).astype(np.int32)),
            index=pl.Series(index.astype(np.int32)),
            label=_gather(self.labels, klass),
            pool=_gather(pools, klass),
            pod=pl.lit(None, pl.Int32),
            home=pl.lit("su"),
        ).with_columns(
            home=pl.when(pl.col("pool").is_null()).then(pl.lit("site")).otherwise(pl.col("home")),
            device=pl.format(
                "{}-{}-su{}{}-leaf{}",
                pl.lit(self.base),
                "label",
                padded("su", 3),
                self.plane,
                padded("index", 2),
            ),
        )

    def spines(self, links: JointLinks) -> pl.DataFrame:
        frame = pl.DataFrame(links.spines.columns())
        pod = pl.format("-pod{}", padded(pl.col("pod") + 1, 3)) if self.three_tiers else pl.lit("")
        per_unit = self._pod_is_unit()
        owner = self.plan.attachments[0].owner
        return frame.with_columns(
            device=pl.format(
                "{}{}{}{}-spine{}",
                pl.lit(self.base),
                pod,
                self.plane,
                self._rail(frame),
                padded(pl.col("index") + 1, 3),
            ),
            pool=pl.lit(owner if per_unit else None, pl.String),
            su=(pl.col("pod") + 1) if per_unit else pl.lit(None, pl.Int32),
            home=pl.lit("su" if per_unit else "site"),
        )

    def cores(self, links: JointLinks) -> pl.DataFrame:
        frame = pl.DataFrame(links.cores.columns())
        return frame.with_columns(
            device=pl.format(
                "{}{}-g{}-core{}",
                pl.lit(self.base),
                self.plane,
                padded(pl.col("group") + 1, 3),
                padded(pl.col("index") + 1, 3),
            ),
            rail=pl.lit(-1, pl.Int32),
            pool=pl.lit(None, pl.String),
            su=pl.lit(None, pl.Int32),
            pod=pl.lit(None, pl.Int32),
            home=pl.lit("site"),
        )

    @staticmethod
    def _rail(frame: pl.DataFrame) -> pl.Expr:
        if frame.height and frame["rail"].max() >= 0:  # type: ignore[operator]
            return pl.format("-r{}", pl.col("rail") + 1)
        return pl.lit("")

    def _pod_is_unit(self) -> bool:
        """Whether each pod is one scalable unit: its spines then stand with it."""
        if len(self.joint.classes) > 1 or not self.three_tiers or self.plan.attachments[0].pool_index is None:
            return False
        leaves = self.joint.classes[0].leaves
        return leaves.su_per_group == 1 and self.joint.trunks.groups_per_pod == leaves.groups_per_su


def _gather(values: list[Any], index: NDArray[np.int32]) -> pl.Series:
    return pl.Series(values, dtype=pl.String).gather(index.astype(np.uint32))


def device_table(positions: pl.DataFrame, plan: FabricPlan, tier: str, asn_base: int, joint: JointPlan) -> pl.DataFrame:
    """The switches of one tier as devices."""
    switch: Switch = {"leaf": plan.leaf, "spine": plan.spine, "core": plan.core}[tier]
    number = {"leaf": pl.col("id"), "spine": pl.coalesce("pod", pl.lit(0)) + 1, "core": pl.col("plane")}[tier]
    offset = {"spine": 0, "core": joint.spine_id_count, "leaf": joint.spine_id_count + joint.core_id_count}[tier]
    numbers = positions.select(number.cast(pl.Int32)).to_series().to_numpy()
    # Spines and cores count from 0; the leaves of site-wide endpoints from the first of them.
    first = pl.col("id").filter(pl.col("home") == "site").min() if tier == "leaf" else pl.lit(0)
    routed = plan.technology is Technology.ETHERNET
    asn = pl.Series(asn_of(asn_base, plan.index, tier, numbers), dtype=pl.Int64)
    return positions.with_columns(
        kind=pl.lit("switch"),
        model=pl.lit(switch.key),
        fabric=pl.lit(plan.name),
        tier=pl.lit(tier),
        plane=pl.col("plane") + 1,
        rail=pl.col("rail") + 1,
        su=pl.when(pl.col("pool").is_not_null()).then(pl.col("su")),
        home_rack=pl.lit(None, pl.String),
        home_unit=pl.lit(None, pl.Int32),
        slot=pl.col("id") + offset,
        site_place=pl.col("id") - first,
        fabric_index=pl.lit(plan.index, pl.Int32),
        asn=asn if routed else pl.lit(None, pl.Int64),
        port_count=pl.lit(sum(group.count for group in switch.port_groups), pl.Int32),
        index=pl.col("index") + (0 if tier == "leaf" else 1),
    ).select([pl.col(name).cast(dtype) for name, dtype in DEVICE_SCHEMA.items()])


def endpoint_links(
    plan: FabricPlan, links: NodeLeafLinks, leaves: pl.DataFrame, endpoints: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Links of endpoints to their leaves; a slot whose endpoint is absent has none."""
    all_links = pl.DataFrame(links.columns())
    leaf_names = leaves.select(leaf_id="id", b_device="device")
    tables = []
    for klass, attachment in enumerate(plan.attachments):
        rails, request = attachment.rails, attachment.request
        row_of = {port: row for row, port in enumerate(attachment.ports)}
        gbps = dict(zip(attachment.ports, attachment.port_gbps, strict=True))
        speeds = [gbps[port] / count for port, count in zip(rails.ports, rails.lane_counts, strict=True)]
        place = ((pl.col("rail") * request.sides + pl.col("side")) * request.planes + pl.col("plane")).cast(pl.UInt32)
        slot = pl.col("su").cast(pl.Int64) * request.nodes_per_su + pl.col("node_slot")
        port_row = pl.lit(pl.Series([row_of[port] for port in rails.ports], dtype=pl.Int64)).gather(place)
        cable_key = (slot * len(attachment.ports) + port_row) * len(plan.attachments) + klass
        own = all_links.filter(pl.col("klass") == klass)
        hosts = endpoints[attachment.owner].select(
            su=pl.col("su").cast(pl.Int32) - 1, node_slot=pl.col("slot").cast(pl.Int32) - 1, a_device="node"
        )
        tables.append(
            own.join(hosts, on=["su", "node_slot"], how="inner", maintain_order="left")
            .join(leaf_names, on="leaf_id", how="left", maintain_order="left")
            .with_columns(
                fabric=pl.lit(plan.name),
                tier=pl.lit("node-leaf"),
                a_port=pl.lit(pl.Series(rails.ports, dtype=pl.Int32)).gather(place),
                a_lane=pl.lit(pl.Series(rails.lanes, dtype=pl.Int32)).gather(place),
                gbps=pl.lit(pl.Series(speeds, dtype=pl.Float64)).gather(place),
                plane=pl.col("plane") + 1,
                rail=pl.col("rail") + 1,
                b_port=pl.col("leaf_port") + 1,
                cable_key=cable_key,
            )
            .select(LINK_COLUMNS)
        )
    return pl.concat(tables)


def switch_links(
    plan: FabricPlan, tier: str, table: LeafSpineLinks | SpineCoreLinks, lower: pl.DataFrame, upper: pl.DataFrame
) -> pl.DataFrame:
    """Links between two tiers; those of one cage of the lower switch share a cable."""
    columns = table.columns()
    low_id, low_port, up_id, up_port = columns
    frame = pl.DataFrame(columns)
    shape = plan.shape if tier == "leaf-spine" else plan.spine_shape
    cage, _ = cabled_ports(shape, columns[low_port])
    return (
        frame.join(
            lower.select(pl.col("id").alias(low_id), "plane", "rail", a_device="device"),
            on=low_id,
            how="left",
            maintain_order="left",
        )
        .join(
            upper.select(pl.col("id").alias(up_id), b_device="device"),
            on=up_id,
            how="left",
            maintain_order="left",
        )
        .with_columns(
            fabric=pl.lit(plan.name),
            tier=pl.lit(tier),
            plane=pl.col("plane") + 1,
            rail=pl.col("rail") + 1,
            a_port=pl.col(low_port) + 1,
            b_port=pl.col(up_port) + 1,
            a_lane=pl.lit(1, pl.Int32),
            gbps=pl.lit(plan.trunk_gbps if tier == "leaf-spine" else plan.core_trunk_gbps),
            cable_key=pl.col(low_id).cast(pl.Int64) * (1 << 16) + pl.Series(cage),
        )
        .select(LINK_COLUMNS)
    )


def manager_links(
    plan: FabricPlan, links: NodeLeafLinks, leaves: pl.DataFrame, prefix: str, first_slot: int
) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Fabric managers, one a cable, on the leaf ports of the reserved slots."""
    table = pl.DataFrame(links.columns()).filter(pl.col("plane") == 0)
    if not table.height:
        return None
    count = table.height
    named = table.with_columns(
        number=pl.int_range(1, count + 1, dtype=pl.Int32),
        device=pl.format("{}-{}-ufm{}", pl.lit(prefix), pl.lit(plan.name), padded(pl.int_range(1, count + 1), 2)),
    )
    devices = named.with_columns(
        kind=pl.lit("ufm"),
        model=pl.lit(None, pl.String),
        fabric=pl.lit(plan.name),
        tier=pl.lit(None, pl.String),
        plane=pl.lit(1, pl.Int32),
        rail=pl.lit(0, pl.Int32),
        pool=pl.lit(None, pl.String),
        su=pl.lit(None, pl.Int32),
        pod=pl.lit(None, pl.Int32),
        index="number",
        home=pl.lit("site"),
        home_rack=pl.lit(None, pl.String),
        home_unit=pl.lit(None, pl.Int32),
        slot=pl.col("number") - 1 + first_slot,
        site_place=pl.col("number") - 1,
        fabric_index=pl.lit(plan.index, pl.Int32),
        asn=pl.lit(None, pl.Int64),
        port_count=pl.lit(1, pl.Int32),
    ).select([pl.col(name).cast(dtype) for name, dtype in DEVICE_SCHEMA.items()])
    cables = (
        named.join(leaves.select(leaf_id="id", b_device="device"), on="leaf_id", how="left", maintain_order="left")
        .with_columns(
            fabric=pl.lit(plan.name),
            tier=pl.lit("ufm-leaf"),
            plane=pl.col("plane") + 1,
            rail=pl.col("rail") + 1,
            a_device="device",
            a_port=pl.lit(1, pl.Int32),
            a_lane=pl.lit(1, pl.Int32),
            b_port=pl.col("leaf_port") + 1,
            gbps=pl.lit(plan.link_gbps),
            cable_key=pl.col("number").cast(pl.Int64),
        )
        .select(LINK_COLUMNS)
    )
    return devices, cables


def site_gear(
    plan: FabricPlan, joint: JointPlan, leaves: pl.DataFrame, spines: pl.DataFrame
) -> tuple[tuple[str, str | None, int], ...]:
    """What a fabric puts into racks of the site, in the order in which these are filled."""
    wide = leaves.filter(pl.col("home") == "site")
    ufm_count = sum(attachment.ufm_count for attachment in plan.attachments)
    spine_count = 0 if spines.height and spines["home"][0] == "su" else joint.spine_id_count
    return (
        ("leaf", plan.leaf.key, wide.height),
        ("spine", plan.spine.key, spine_count),
        ("ufm", None, ufm_count),
        ("core", plan.core.key, joint.core_id_count),
    )


def _first_ufm_slot(joint: JointPlan) -> int:
    """Site-wide places of a fabric: spines, cores, leaves, then its managers."""
    return joint.spine_id_count + joint.core_id_count + joint.leaf_id_count


def fabric_summary(plan: FabricPlan, joint: JointPlan) -> FabricDesign:
    built = joint.summary()
    over = max(
        c.leaves.full_endpoint_count / (c.leaves.uplink_count * c.request.leaf.uplink_speedup)
        if c.leaves.uplink_count
        else 1.0
        for c in joint.classes
    )
    # Uplinks that the site fixes are what was asked, unless it states a ratio beside them.
    is_fixed = plan.spec.uplinks_per_leaf is not None and plan.spec.oversubscription is None
    return FabricDesign(
        name=plan.name,
        roles=tuple(role.value for role in plan.spec.roles),
        pools=tuple(dict.fromkeys(a.owner for a in plan.attachments if a.pool_index is not None)),
        technology=plan.technology.value,
        switch=plan.leaf.key,
        spine_switch=plan.spine.key,
        core_switch=plan.core.key if built.core else None,
        link_gbps=plan.link_gbps,
        tiers=built.tiers,
        planes=plan.planes,
        leaf_count=built.leaf,
        spine_count=built.spine,
        core_count=built.core,
        cables_node_leaf=built.cables_node_leaf,
        cables_ufm_leaf=built.cables_ufm_leaf,
        cables_leaf_spine=built.cables_leaf_spine,
        cables_spine_core=built.cables_spine_core,
        endpoint_count=built.endpoints,
        leaf_oversubscription=over,
        asked_oversubscription=over if is_fixed else max(a.request.leaf_oversubscription for a in plan.attachments),
        bisection_ratio=min(bisection_ratio(c, built.tiers) for c in joint.classes),
        topology="clos" if joint.classes[0].request.rails_meet else "rail-only",
        trunk_gbps=plan.trunk_gbps,
        core_trunk_gbps=plan.core_trunk_gbps if built.core else None,
        rails_meet=joint.rails_meet,
        diameter_switches=joint.diameter_switches,
    )
