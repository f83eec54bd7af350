"""Lays out a fabric as blocks joined by optical circuit switches: fibres as cables, circuits as a table of their own.

A block is leaves under spines, or a single leaf. Each of its spines (or the leaf) has `fibres_per_switch` ports that
lead to optical circuit switches; fibre j of the t-th switch is the block's number j·T + t, and k numbers in a row go to
one optical switch, half of them to either side, so that the fibres of a block on it come from different switches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.catalog.optical_products import OpticalSwitch
from gigasite.design.attachments import FabricPlan
from gigasite.design.clos import FabricTooLarge
from gigasite.design.columns import COLUMNS
from gigasite.design.fabrics import DEVICE_SCHEMA, LINK_COLUMNS, FabricLayout, endpoint_links, manager_links
from gigasite.design.model import FabricDesign, Origin, Setting
from gigasite.design.names import padded
from gigasite.design.topologies.circuits import circuits, links_between_blocks
from gigasite.design.topologies.dragonfly import DragonflyPlan, DragonflyShape, dragonfly_shape, local_links
from gigasite.design.topologies.figures import OpticalFigures
from gigasite.design.topologies.group_links import Ends, group_links
from gigasite.design.topologies.groups import class_groups, unit_parts
from gigasite.design.topologies.tables import Groups, as_devices, group_tables, site_counts
from gigasite.errors import GigasiteError
from gigasite.spec.topologies import DragonflySpec, GroupKind, OpticalSpec

OTHER_LOSS_DB = 1.5
_WHY_LOSS = "two circulators of 0.5 dB and two connectors of 0.25 dB beside those of the optical switch"


@dataclass(frozen=True, slots=True)
class OpticalPlan:
    """Blocks and the optical switches that join them, in one plane."""

    shape: DragonflyShape
    """Of a block: a group whose global ports are its fibres."""
    block_count: int
    """At the ultimate size."""
    ocs_count: int
    half: int
    """Fibres of a block on each side of an optical switch."""

    @property
    def fibre_count(self) -> int:
        """Fibres of a block."""
        return 2 * self.half * self.ocs_count


def optical_plan(spec: OpticalSpec, shape: DragonflyShape, ocs: OpticalSwitch, needed: int) -> OpticalPlan:
    """Blocks, and as few optical switches as carry them. Raises FabricTooLarge beyond the ports of one side."""
    if spec.blocks is not None and spec.blocks < needed:
        raise GigasiteError(
            f"the pools build to {needed} blocks, and the fabric is declared for {spec.blocks}",
            hint=f"raise blocks to {needed}, or lower build_to_scalable_units",
        )
    blocks = spec.blocks or needed
    uplinks = shape.global_switch_count * shape.global_count
    if uplinks < 2:
        raise GigasiteError("a block has fewer than two ports for fibres", hint="raise fibres_per_switch")
    if blocks > ocs.side_port_count:
        raise FabricTooLarge(
            f"{blocks} blocks need as many ports of one side, and {ocs.key} has {ocs.side_port_count}",
            hint="use larger blocks (block_leaves, block_spines), or a larger optical switch",
            largest_su_count=0,
        )
    widest = max(ocs.side_port_count // blocks, 1)
    if spec.optical_switches is None:
        half = min(widest, uplinks // 2)
        return OpticalPlan(shape, blocks, uplinks // (2 * half), half)
    half = uplinks // (2 * spec.optical_switches)
    if half < 1:
        raise GigasiteError(
            f"a block has {uplinks} fibres, fewer than two for each of {spec.optical_switches} optical switches",
            hint=f"ask for at most {uplinks // 2} optical_switches",
        )
    if half > widest:
        raise FabricTooLarge(
            f"{blocks} blocks with {half} fibres each on a side need {blocks * half} ports, and {ocs.key} has "
            f"{ocs.side_port_count}",
            hint="use more optical_switches, or larger ones",
            largest_su_count=0,
        )
    return OpticalPlan(shape, blocks, spec.optical_switches, half)


def lay_out_optical(
    plan: FabricPlan, prefix: str, endpoints: Mapping[str, pl.DataFrame], asn_base: int
) -> FabricLayout:
    """Switches, fibres and circuits. Raises GigasiteError where the numbers don't fit the switches."""
    assert plan.optical is not None
    spec = plan.spec.optical or OpticalSpec()
    shape = _block_shape(spec, plan)
    requests = tuple(attachment.request for attachment in plan.attachments)
    classes = class_groups(requests, shape.switch_count, shape.endpoint_count)
    optical = optical_plan(spec, shape, plan.optical, sum(c.count for c in classes))
    blocks = Groups(classes, optical.block_count, shape.switch_count, shape.spine_count, shape.endpoint_count, "block")
    tables = group_tables(plan, blocks, prefix, asn_base)
    upper = tables.leaves if shape.is_mesh else tables.spines
    inside = DragonflyPlan(shape, optical.block_count, 0)
    local = group_links(
        plan, blocks, "leaf-spine", local_links(inside, blocks.built), Ends(tables.leaves, upper, _lanes(plan, shape))
    )
    ocs = _ocs_devices(plan, optical, prefix)
    fibres = _fibres(plan, optical, blocks, upper, ocs)
    switch_slots = (blocks.leaf_count + blocks.spine_count) * blocks.group_count * plan.planes
    ocs_slots = optical.ocs_count * plan.planes
    managers = manager_links(plan, tables.manager_leaf, tables.leaves, prefix, switch_slots + ocs_slots)
    devices = [as_devices(tables.leaves), as_devices(tables.spines), _as_rows(ocs, switch_slots)]
    links = [endpoint_links(plan, tables.node_leaf, tables.leaves, endpoints), local, fibres]
    if managers is not None:
        devices.append(managers[0])
        links.append(managers[1])
    ufm_count = sum(attachment.ufm_count for attachment in plan.attachments)
    wide_leaves, wide_spines = site_counts(plan, blocks)
    table = _circuit_table(plan, optical, blocks, fibres, ocs)
    return FabricLayout(
        design=_summary(plan, optical, blocks, len(tables.node_leaf), tables.leaves, tables.spines, local, table),
        devices=pl.concat(devices),
        links=pl.concat(links),
        site_slot_count=switch_slots + ocs_slots + ufm_count,
        site_gear=(
            ("leaf", plan.leaf.key, wide_leaves),
            ("spine", plan.spine.key, wide_spines),
            ("ufm", None, ufm_count),
            ("ocs", plan.optical.key, ocs_slots),
        ),
        settings=_settings(plan, spec, optical),
        circuits=table,
        parts=tuple(unit_parts(own, shape.endpoint_count) for own in classes),
    )


def _block_shape(spec: OpticalSpec, plan: FabricPlan) -> DragonflyShape:
    """A block as a group: leaves and spines, or a single leaf whose other ports are fibres."""
    if spec.block_spines == 0 or spec.block_leaves == 1:
        half = max(plan.shape.port_count // 2 // plan.shape.breakout * plan.shape.breakout, 1)
        endpoints = spec.endpoints_per_leaf or half
        alone = DragonflySpec(
            group_switches=1,
            endpoints_per_switch=endpoints,
            global_links_per_switch=spec.fibres_per_switch or max(plan.shape.port_count - endpoints, 1),
        )
        return dragonfly_shape(alone, plan.shape, plan.spine_shape)
    group = DragonflySpec(
        group=GroupKind.LEAF_SPINE,
        group_switches=spec.block_leaves,
        group_spines=spec.block_spines,
        endpoints_per_switch=spec.endpoints_per_leaf,
        links_between_switches=spec.links_between_switches or _links_inside(spec, plan),
        global_links_per_switch=spec.fibres_per_switch,
    )
    return dragonfly_shape(group, plan.shape, plan.spine_shape)


def _links_inside(spec: OpticalSpec, plan: FabricPlan) -> int:
    """Links between a leaf and a spine, where both numbers are stated: half of the ports of either, at most 64."""
    if not spec.block_leaves or not spec.block_spines:
        return 1
    above = (plan.shape.port_count - (spec.endpoints_per_leaf or plan.shape.port_count // 2)) // spec.block_spines
    return min(max(min(above, plan.spine_shape.port_count // 2 // spec.block_leaves), 1), 64)


def _lanes(plan: FabricPlan, shape: DragonflyShape) -> int:
    same = plan.shape.breakout == plan.spine_shape.breakout
    return plan.shape.breakout if same and shape.links_per_pair % plan.shape.breakout == 0 else 1


def _ocs_devices(plan: FabricPlan, optical: OpticalPlan, prefix: str) -> pl.DataFrame:
    """Optical switches by plane and number, from 0; all are built with the first block."""
    plane, number = (axis.ravel() for axis in np.indices((plan.planes, optical.ocs_count), np.int32))
    name = pl.format("-p{}", pl.col("plane") + 1) if plan.planes > 1 else pl.lit("")
    frame = pl.DataFrame({"plane": plane, "number": number, "id": plane * optical.ocs_count + number})
    assert plan.optical is not None
    return frame.with_columns(
        device=pl.format(f"{prefix}-{plan.name}{{}}-ocs{{}}", name, padded(pl.col("number") + 1, 3)),
        fabric=pl.lit(plan.name),
        fabric_index=pl.lit(plan.index),
        model=pl.lit(plan.optical.key),
        port_count=pl.lit(2 * plan.optical.side_port_count),
    )


def _as_rows(ocs: pl.DataFrame, first_slot: int) -> pl.DataFrame:
    known = ocs.select(
        "device",
        kind=pl.lit("ocs"),
        tier=pl.lit("ocs"),
        plane=pl.col("plane") + 1,
        rail=pl.lit(0),
        index=pl.col("number") + 1,
        home=pl.lit("site"),
        slot=pl.col("id") + first_slot,
        site_place="id",
        fabric=pl.col("fabric"),
        fabric_index=pl.col("fabric_index"),
        model=pl.col("model"),
        port_count=pl.col("port_count"),
    )
    columns = [
        (pl.col(name) if name in known.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in DEVICE_SCHEMA.items()
    ]
    return known.select(columns)


def _fibres(
    plan: FabricPlan, optical: OpticalPlan, blocks: Groups, upper: pl.DataFrame, ocs: pl.DataFrame
) -> pl.DataFrame:
    """A row a fibre: from a block's switch to an optical switch, whose second side is numbered behind the first."""
    assert plan.optical is not None
    shape, width = optical.shape, 2 * optical.half
    block, number = (axis.ravel() for axis in np.indices((len(blocks.built), optical.fibre_count), np.int32))
    block = blocks.built[block]
    switch, turn = number % shape.global_switch_count, number // shape.global_switch_count
    target, place = np.divmod(number, np.int32(width))
    side, lane = np.divmod(place, np.int32(optical.half))
    port = side * plan.optical.side_port_count + block * optical.half + lane
    tier = "leaf-ocs" if shape.is_mesh else "spine-ocs"
    parts = [
        pl.DataFrame(
            {
                "a_id": (plane * blocks.group_count + block) * shape.global_switch_count + switch,
                "a_port": shape.global_port_base + turn + 1,
                "b_id": (plane * optical.ocs_count + target).astype(np.int32),
                "b_port": (port + 1).astype(np.int32),
            }
        ).with_columns(plane=pl.lit(plane + 1, pl.Int32))
        for plane in range(plan.planes)
    ]
    return (
        pl.concat(parts)
        .join(upper.select(a_id="id", a_device="device"), on="a_id", how="left", maintain_order="left")
        .join(ocs.select(b_id="id", b_device="device"), on="b_id", how="left", maintain_order="left")
        .with_columns(
            fabric=pl.lit(plan.name),
            tier=pl.lit(tier),
            rail=pl.lit(0, pl.Int32),
            a_lane=pl.lit(1, pl.Int32),
            gbps=pl.lit(plan.trunk_gbps),
            cable_key=pl.int_range(pl.len(), dtype=pl.Int64),
        )
        .select(LINK_COLUMNS)
    )


def _circuit_table(
    plan: FabricPlan, optical: OpticalPlan, blocks: Groups, fibres: pl.DataFrame, ocs: pl.DataFrame
) -> pl.DataFrame:
    """The cross-connects of every optical switch, with the ports of blocks' switches that they join."""
    assert plan.optical is not None
    number, first, second = circuits(len(blocks.built), optical.ocs_count, optical.half)
    # Circuits are counted over the blocks that stand; ports over those of the ultimate size.
    places = [
        (blocks.built[port // optical.half] * optical.half + port % optical.half if len(port) else port)
        for port in (first, second)
    ]
    parts = [
        pl.DataFrame(
            {
                "id": (plane * optical.ocs_count + number).astype(np.int32),
                "ocs_port_a": (places[0] + 1).astype(np.int32),
                "ocs_port_b": (places[1] + plan.optical.side_port_count + 1).astype(np.int32),
            }
        ).with_columns(plane=pl.lit(plane + 1, pl.Int32))
        for plane in range(plan.planes)
    ]
    found = pl.concat(parts).join(ocs.select("id", ocs="device"), on="id", how="left", maintain_order="left")
    for end in ("a", "b"):
        side = fibres.select(
            pl.col("a_device").alias(f"{end}_device"),
            pl.col("a_port").alias(f"{end}_port"),
            ocs="b_device",
            **{f"ocs_port_{end}": "b_port"},
        )
        found = found.join(side, on=["ocs", f"ocs_port_{end}"], how="left", maintain_order="left")
    named = found.with_columns(fabric=pl.lit(plan.name), gbps=pl.lit(plan.trunk_gbps))
    return named.select([pl.col(name).cast(dtype) for name, dtype in COLUMNS["circuits"].items()])


def _summary(
    plan: FabricPlan,
    optical: OpticalPlan,
    blocks: Groups,
    endpoint_count: int,
    leaves: pl.DataFrame,
    spines: pl.DataFrame,
    local: pl.DataFrame,
    table: pl.DataFrame,
) -> FabricDesign:
    assert plan.optical is not None
    shape, built = optical.shape, len(blocks.built)
    between = links_between_blocks(built, optical.ocs_count, optical.half)
    pairs = between[np.triu_indices(built, 1)]
    spec = plan.spec.optical or OpticalSpec()
    half = built // 2
    across = int(between[:half, half:].sum()) if built > 1 else 0
    bisection = across / (half * shape.endpoints_per_group) if half else _bisection_inside(shape)
    inside = 1 if shape.is_mesh else 3
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
        leaf_count=leaves.height,
        spine_count=spines.height,
        core_count=0,
        cables_node_leaf=endpoint_count // plan.planes,
        cables_ufm_leaf=sum(attachment.ufm_count for attachment in plan.attachments),
        cables_leaf_spine=local["cable_key"].n_unique(),
        cables_spine_core=0,
        endpoint_count=endpoint_count // plan.planes,
        leaf_oversubscription=_over(shape),
        asked_oversubscription=_over(shape),
        bisection_ratio=bisection,
        topology="optical",
        trunk_gbps=plan.trunk_gbps,
        diameter_switches=inside if built < 2 else 2 if shape.is_mesh else 4,
        figures=OpticalFigures(
            block_count=built,
            build_to_block_count=optical.block_count,
            block_count_max=plan.optical.side_port_count // optical.half,
            leaves_per_block=shape.switch_count,
            spines_per_block=shape.spine_count,
            endpoints_per_block=shape.endpoints_per_group,
            optical_switch=plan.optical.key,
            optical_switch_count=optical.ocs_count * plan.planes,
            fibres_per_block_and_switch=2 * optical.half,
            fibres=built * optical.fibre_count * plan.planes,
            circuits=table.height,
            links_between_blocks_min=int(pairs.min()) if len(pairs) else 0,
            links_between_blocks_max=int(pairs.max()) if len(pairs) else 0,
            insertion_loss_db=plan.optical.insertion_loss_db,
            other_loss_db=spec.other_loss_db if spec.other_loss_db is not None else OTHER_LOSS_DB,
        ),
    )


def _over(shape: DragonflyShape) -> float:
    up_count = shape.global_count if shape.is_mesh else shape.spine_count * shape.links_per_pair
    return shape.endpoint_count / up_count


def _bisection_inside(shape: DragonflyShape) -> float:
    """Of a single block."""
    return 1.0 if shape.is_mesh else shape.spine_count * shape.links_per_pair / shape.endpoint_count


def _settings(plan: FabricPlan, spec: OpticalSpec, optical: OpticalPlan) -> tuple[Setting, ...]:
    """The numbers of blocks and optical switches: stated, derived, or assumed."""
    assert plan.optical is not None
    shape = optical.shape
    derived = {
        "block_leaves": (shape.switch_count, "half of a spine's ports"),
        "block_spines": (shape.spine_count, "as many as carry the endpoints of a leaf"),
        "endpoints_per_leaf": (shape.endpoint_count, "half of a leaf's ports"),
        "fibres_per_switch": (shape.global_count, "the ports that are left"),
        "optical_switches": (optical.ocs_count, "the fewest that carry all blocks"),
        "blocks": (optical.block_count, "what the pools build to"),
    }
    where = f"fabrics.{plan.name}.optical."
    found = [
        Setting(where + key, value, Origin.DERIVED, why)
        if getattr(spec, key) is None
        else Setting(where + key, value, Origin.SITE, "the site file")
        for key, (value, why) in derived.items()
    ]
    assumed = {
        "switch": (plan.optical.key, "the one whose use at this scale is published"),
        "other_loss_db": (spec.other_loss_db if spec.other_loss_db is not None else OTHER_LOSS_DB, _WHY_LOSS),
    }
    found += [
        Setting(where + key, value, Origin.ASSUMPTION, why)
        if getattr(spec, key) is None
        else Setting(where + key, value, Origin.SITE, "the site file")
        for key, (value, why) in assumed.items()
    ]
    return tuple(found)
