"""Power and cooling by hall: blocks, rack feeds, heat and flow of every rack."""

from __future__ import annotations

from dataclasses import asdict

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.folders import Folder, beside, hall_label
from gigasite.exports.text import csv

_HEAT_COLUMNS = ("rack", "row", "position", "it_kw", "liquid_kw", "air_kw", "flow_lpm", "rack_flow_lpm")


def power_folders(design: Design) -> tuple[Folder, ...]:
    """A folder for each hall: its power blocks, and the feeds of its racks."""
    racks = design.tables.racks.select("rack", "hall")
    feeds = beside(design.tables.feeds, racks, "rack")
    return _by_hall("power", {"blocks.csv": design.tables.blocks, "feeds.csv": feeds})


def cooling_folders(design: Design) -> tuple[Folder, ...]:
    """A folder for each hall: the heat and the coolant flow of its racks, and the plant that takes them."""
    halls = pl.DataFrame([asdict(hall) for hall in design.halls]).rename({"index": "hall"})
    racks = design.tables.racks.select("hall", *_HEAT_COLUMNS)
    plant = halls.select(
        "hall",
        "it_kw",
        "liquid_kw",
        "air_kw",
        "flow_lpm",
        "rack_flow_lpm",
        "cdu_required_count",
        "cdu_count",
        "air_unit_required_count",
        "air_unit_count",
    )
    return _by_hall("cooling", {"racks.csv": racks, "plant.csv": plant})


def _by_hall(part: str, tables: dict[str, pl.DataFrame]) -> tuple[Folder, ...]:
    """The tables, cut by their column `hall`."""
    files: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        labelled = table.with_columns(hall_label().alias("_hall"))
        for (hall,), cut in labelled.partition_by("_hall", as_dict=True, maintain_order=True).items():
            files.setdefault(str(hall), {})[name] = csv(cut.drop("_hall"))
    return tuple(Folder(name=hall, path=f"{part}/{hall}", files=files[hall]) for hall in sorted(files))
