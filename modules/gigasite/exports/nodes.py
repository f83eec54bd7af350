"""A pool's tables: its nodes with their place, and every address."""

from __future__ import annotations

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.folders import Folder, beside
from gigasite.exports.text import csv


def pool_folder(design: Design, pool: str) -> Folder:
    """`nodes-su-001.csv` and `addresses-su-001.csv`, one pair a scalable unit."""
    racks = design.tables.racks.select("rack", "hall", "row", "position")
    nodes = beside(design.tables.nodes.filter(pl.col("pool") == pool), racks, "rack")
    units = nodes.select(pl.col("node").alias("device"), "su")
    addresses = design.tables.addresses.join(units, on="device", how="inner", maintain_order="left")
    files: dict[str, str] = {}
    for name, frame in (("nodes", nodes), ("addresses", addresses)):
        for (su,), part in frame.partition_by("su", as_dict=True, maintain_order=True).items():
            files[f"{name}-su-{su:03d}.csv"] = csv(part)
    return Folder(name="tables", path=f"pools/{pool}", files=files)


def pool_racks(design: Design, pool: str) -> list[str]:
    """Names of the racks that hold the pool's nodes, in the order of the design."""
    nodes = design.tables.nodes.filter(pl.col("pool") == pool)
    return nodes["rack"].drop_nulls().unique(maintain_order=True).to_list()
