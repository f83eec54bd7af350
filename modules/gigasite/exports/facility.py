"""Power and cooling by hall and of the site: elements of the chain, blocks, rack feeds, heat of racks, the plant."""

from __future__ import annotations

from dataclasses import asdict

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.folders import Folder, beside, hall_label
from gigasite.exports.text import csv

COMMON = "site"
_HEAT_COLUMNS = ("rack", "row", "position", "it_kw", "liquid_kw", "air_kw", "flow_lpm", "rack_flow_lpm")


def power_folders(design: Design) -> tuple[Folder, ...]:
    """A folder for each hall: elements of the chain, what feeds them, blocks, rack feeds; one for what is common."""
    tables = design.tables
    racks = tables.racks.select("rack", "hall")
    halls = tables.elements.select(target="element", hall="hall")
    in_halls = {"blocks.csv": tables.blocks, "feeds.csv": beside(tables.feeds, racks, "rack")}
    chain = {"elements.csv": tables.elements, "connections.csv": beside(tables.connections, halls, "target")}
    return _by_hall("power", in_halls, chain)


def cooling_folders(design: Design) -> tuple[Folder, ...]:
    """A folder for each hall: heat and flow of its racks, the plant in sums and by unit; one for what is common."""
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
    return _by_hall("cooling", {"racks.csv": racks, "plant.csv": plant}, {"units.csv": design.tables.plant})


def _by_hall(part: str, in_halls: dict[str, pl.DataFrame], anywhere: dict[str, pl.DataFrame]) -> tuple[Folder, ...]:
    """The tables, cut by their column `hall`. No hall: without a place for what belongs in one, else common."""
    common = pl.when(pl.col("hall").is_null()).then(pl.lit(COMMON)).otherwise(hall_label())
    labels = [(name, table, hall_label()) for name, table in in_halls.items()]
    labels += [(name, table, common) for name, table in anywhere.items()]
    files: dict[str, dict[str, str]] = {}
    for name, table, label in labels:
        labelled = table.with_columns(label.alias("_hall"))
        for (hall,), cut in labelled.partition_by("_hall", as_dict=True, maintain_order=True).items():
            files.setdefault(str(hall), {})[name] = csv(cut.drop("_hall"))
    return tuple(Folder(name=hall, path=f"{part}/{hall}", files=files[hall]) for hall in sorted(files))
