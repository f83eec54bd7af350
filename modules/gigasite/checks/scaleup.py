"""Scale-up domains: links over switch chips, and the rails that leave a domain."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.models import FabricRole
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, some
from gigasite.errors import Severity

declare("FAB171", Severity.ERROR, "The links of a scale-up domain spread over its switch chips or peers")


@check("FAB172", Severity.ERROR, "A port of a switch chip, and an end of a mesh, has one link of its domain")
def chip_ports_have_one_link(context: Context) -> Iterator[Hit]:
    links = context.tables.scale_up_links
    ends = {
        "chip ports": links.drop_nulls("chip").select("pool", "chip", "chip_port"),
        "links of GPUs": links.select("pool", "gpu", "link"),
        "ends of a mesh": links.drop_nulls("peer").select("pool", "peer", "peer_link"),
    }
    for what, rows in ends.items():
        for (pool,), group in rows.filter(pl.struct(rows.columns).is_duplicated()).group_by(
            "pool", maintain_order=True
        ):
            yield Hit(
                f"pool {pool}: {count(group.unique().height, 'place')} among the {what} of a domain with several links",
                "this is a fault of the design, not of the site file: please report it",
                context.pool_at(str(pool)),
            )


@check("FAB173", Severity.INFO, "The trays of a scale-up domain share the leaves of each rail")
def domains_share_leaves(context: Context) -> Iterator[Hit]:
    """GPUs of one domain that reach different leaves of a rail meet over spines, or over the domain itself."""
    nodes = context.tables.nodes.select("pool", "nvlink_domain", a_device="node").drop_nulls("nvlink_domain")
    sizes = nodes.group_by("nvlink_domain").len()
    several = nodes.join(sizes.filter(pl.col("len") > 1), on="nvlink_domain", how="semi", maintain_order="left")
    for fabric in context.fabrics_of(FabricRole.COMPUTE):
        design = context.design.fabrics[fabric]
        own = pl.col("fabric") == fabric
        links = context.tables.cables.filter(own, pl.col("tier") == "node-leaf", pl.col("rail") > 0)
        if several.is_empty() or links.is_empty():
            continue
        leaves = (
            links.select("rail", "plane", "a_device", "b_device")
            .join(several, on="a_device", how="inner")
            .group_by("pool", "nvlink_domain", "rail", "plane")
            .agg(leaves=pl.col("b_device").n_unique(), nodes=pl.col("a_device").n_unique(), links=pl.len())
            .filter(pl.col("leaves") * pl.col("nodes") > pl.col("links"))
        )
        for (pool,), group in leaves.group_by("pool", maintain_order=True):
            domains = group["nvlink_domain"].unique().sort()
            most = max(group["leaves"].to_list())
            yield Hit(
                f"fabric {fabric}: {count(len(domains), 'scale-up domain')} of pool {pool} whose trays reach "
                f"{most} leaves of a rail on {design.planes} plane(s) ({some(domains)})",
                "state whose nodes share a leaf (leaf_scope: rack, or nodes_per_leaf: a multiple of the trays)",
                context.fabric_at(fabric),
            )
