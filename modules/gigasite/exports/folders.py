"""A folder of files that belong to one unit of work, and the place of each thing in the building."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from gigasite.design.model import Design


@dataclass(frozen=True, slots=True)
class Folder:
    """Files of one unit of work: `name` is unique within its kind, `path` relative to the build folder."""

    name: str
    path: str
    files: Mapping[str, str]


def hall_name(hall: int | None) -> str:
    """`hall-01`; what found no place is in `unplaced`."""
    return "unplaced" if hall is None else f"hall-{hall:02d}"


def hall_label(column: str = "hall") -> pl.Expr:
    """`hall_name` of a whole column."""
    number = pl.col(column).cast(pl.String).str.zfill(2)
    return pl.when(pl.col(column).is_null()).then(pl.lit("unplaced")).otherwise(pl.format("hall-{}", number))


def device_places(design: Design) -> pl.DataFrame:
    """Where every node and device stands: device, rack, unit, hall, row, position."""
    tables = design.tables
    nodes = tables.nodes.select(pl.col("node").alias("device"), "rack", "unit")
    devices = tables.devices.select("device", "rack", "unit")
    racks = tables.racks.select("rack", "hall", "row", "position")
    return beside(pl.concat([nodes, devices]), racks, "rack")


def beside(frame: pl.DataFrame, other: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """`frame` in its order, with the columns of the row of `other` that has its keys; null where none has."""
    return frame.join(other, on=keys, how="left", maintain_order="left")
