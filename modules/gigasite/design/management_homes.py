"""Where management switches stand: in rack-scale systems that bring them, or on top of the racks of the site."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from gigasite.design import names
from gigasite.design.attachments import FabricPlan
from gigasite.design.clos import JointPlan
from gigasite.design.pools import PoolPlan
from gigasite.design.site_racks import SiteRacks


def leaves_at_home(
    leaves: pl.DataFrame,
    plan: FabricPlan,
    pools: tuple[PoolPlan, ...],
    nodes: Mapping[str, pl.DataFrame],
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
            parts.append(own.with_columns(rack_in_su=pl.lit(None, pl.Int32)))
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
    return pl.concat([part.drop("rack_in_su") for part in parts])


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


def stacked_on_top(
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
