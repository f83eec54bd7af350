"""Rows of racks: what stands where, and what each rack unit holds."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.folders import Folder, beside, device_places, hall_name
from gigasite.exports.text import csv


@dataclass(frozen=True, slots=True)
class RackRowFiles:
    """One row: its racks in order, what they draw (kW, None: unknown), and its files."""

    name: str
    racks: tuple[str, ...]
    it_kw: float | None
    folder: Folder


def rack_rows(design: Design) -> tuple[RackRowFiles, ...]:
    """Each row with `racks.csv` and `elevations.csv`. Racks without a place come as one row."""
    racks = design.tables.racks.sort("hall", "row", "position", nulls_last=True, maintain_order=True)
    contents = _contents(design).partition_by("hall", "row", as_dict=True, maintain_order=True)
    rows = []
    for (hall, row), part in racks.partition_by("hall", "row", as_dict=True, maintain_order=True).items():
        name = row_name(hall, row)
        held = contents.get((hall, row))
        files = {"racks.csv": csv(part)}
        if held is not None:
            files["elevations.csv"] = csv(held.drop("hall", "row"))
        known = part["it_kw"].null_count() == 0
        rows.append(
            RackRowFiles(
                name=name,
                racks=tuple(part["rack"].to_list()),
                it_kw=round(float(part["it_kw"].sum()), 3) if known else None,
                folder=Folder(name="racks", path=f"rows/{name}", files=files),
            )
        )
    return tuple(rows)


def row_name(hall: int | None, row: int | None) -> str:
    """`hall-01-row-02`, or `unplaced`."""
    return hall_name(hall) if row is None else f"{hall_name(hall)}-row-{row:02d}"


def _contents(design: Design) -> pl.DataFrame:
    """Everything that stands in a rack: position, rack, unit, device, kind, model."""
    systems = {name: pool.system for name, pool in design.pools.items()}
    nodes = design.tables.nodes.select(
        pl.col("node").alias("device"),
        pl.lit("node").alias("kind"),
        pl.col("pool").replace_strict(systems, return_dtype=pl.String).alias("model"),
    )
    devices = design.tables.devices.select("device", "kind", "model")
    placed = beside(pl.concat([nodes, devices]), device_places(design), "device")
    columns = ("hall", "row", "position", "rack", "unit", "device", "kind", "model")
    held = placed.filter(pl.col("rack").is_not_null()).select(columns)
    return held.sort("hall", "row", "position", "rack", "unit", nulls_last=True, maintain_order=True)
