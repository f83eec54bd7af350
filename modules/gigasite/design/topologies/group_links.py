"""Links between the switches of equal groups, with names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.design.attachments import FabricPlan
from gigasite.design.fabrics import LINK_COLUMNS
from gigasite.design.topologies.dragonfly import GroupLinks
from gigasite.design.topologies.tables import Groups


@dataclass(frozen=True, slots=True)
class Ends:
    """Which table of switches the links of a tier end on, and how many links of two switches share a cable."""

    lower: pl.DataFrame
    upper: pl.DataFrame
    lanes: int


def group_links(plan: FabricPlan, groups: Groups, tier: str, links: GroupLinks, ends: Ends) -> pl.DataFrame:
    """The links of one kind in all planes, with names."""
    parts = []
    for plane in range(plan.planes):
        frame = pl.DataFrame(
            {
                "a_id": _ids(groups, ends.lower, plane, links.a_group, links.a_switch),
                "a_port": links.a_port + 1,
                "b_id": _ids(groups, ends.upper, plane, links.b_group, links.b_switch),
                "b_port": links.b_port + 1,
            }
        )
        parts.append(frame.with_columns(plane=pl.lit(plane + 1, pl.Int32)))
    return (
        pl.concat(parts)
        .join(ends.lower.select(a_id="id", a_device="device"), on="a_id", how="left", maintain_order="left")
        .join(ends.upper.select(b_id="id", b_device="device"), on="b_id", how="left", maintain_order="left")
        .with_columns(
            fabric=pl.lit(plan.name),
            tier=pl.lit(tier),
            rail=pl.lit(0, pl.Int32),
            a_lane=pl.lit(1, pl.Int32),
            gbps=pl.lit(plan.trunk_gbps),
            cable_key=pl.col("a_id").cast(pl.Int64) * (1 << 16) + (pl.col("a_port") - 1) // ends.lanes,
        )
        .select(LINK_COLUMNS)
    )


def _ids(
    groups: Groups,
    table: pl.DataFrame,
    plane: int,
    group: np.ndarray[tuple[int], np.dtype[np.int32]],
    place: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Identifiers of the switches at these places of groups: leaves' or spines', as the table has them."""
    is_leaf = table.height == 0 or table["tier"][0] == "leaf"
    per_group = groups.leaf_count if is_leaf else groups.spine_count
    return ((plane * groups.group_count + group) * per_group + place).astype(np.int32)
