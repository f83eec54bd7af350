"""What a crew of installers takes along: its cables rack by rack, with a label for each end.

A crew works in one hall on one tier of one fabric. A label says where the plug belongs, what the cable is called, and
where its far end is (as ANSI/TIA-606 asks of link identifiers); all of it follows from position, so that growth renames
nothing.
"""

from __future__ import annotations

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.cables import named_cables
from gigasite.exports.folders import beside, device_places, hall_label

CREW_COLUMNS = (
    "cable",
    "piece",
    "piece_count",
    "a_label",
    "b_label",
    "a_rack",
    "a_place",
    "a_device",
    "a_front",
    "b_rack",
    "product",
    "media",
    "length_m",
)
SHEET_COLUMNS = (
    "cable",
    "shares",
    "piece_count",
    "a_rack",
    "a_label",
    "b_rack",
    "b_label",
    "product",
    "media",
    "length_m",
)


def crew_schedules(design: Design, fabric: str) -> dict[str, pl.DataFrame]:
    """`CREW_COLUMNS` by crew, `hall-01-node-leaf`, by rack, unit and port of the first end.

    `piece` is called after its first cable: legs of a splitter share it.
    """
    rows = _cables_with_labels(design, fabric)
    parts = rows.partition_by("crew", as_dict=True, maintain_order=True)
    return {str(crew): part.select(CREW_COLUMNS) for (crew,), part in sorted(parts.items())}


def sheet(schedule: pl.DataFrame) -> pl.DataFrame:
    """`SHEET_COLUMNS`: what a crew reads and a label printer takes, one row a cable with the labels of both its ends.

    `shares`: the cable whose piece it is a leg of; null where it has a piece of its own.
    """
    shares = pl.when(pl.col("piece") != pl.col("cable")).then("piece").alias("shares")
    return schedule.with_columns(shares).select(SHEET_COLUMNS)


def pull_list(schedule: pl.DataFrame) -> pl.DataFrame:
    """What is pulled between which racks: a_rack, b_rack, product, media, length_m, piece_count, total_m."""
    key = ["a_rack", "b_rack", "product", "media", "length_m"]
    pieces = schedule.unique("piece", keep="first", maintain_order=True)
    counted = pieces.group_by(key, maintain_order=True).agg(piece_count=pl.col("piece_count").sum().cast(pl.Int64))
    return counted.with_columns(total_m=pl.col("piece_count") * pl.col("length_m")).sort(key, nulls_last=True)


def product_totals(schedule: pl.DataFrame) -> pl.DataFrame:
    """Pieces and metres by product: product, media, piece_count, total_m (null: an end has no place)."""
    pieces = schedule.unique("piece", keep="first", maintain_order=True)
    total_m = (
        pl.when(pl.col("length_m").is_null().any())
        .then(None)
        .otherwise((pl.col("length_m") * pl.col("piece_count")).sum())
    )
    sums = pieces.group_by("product", "media", maintain_order=True).agg(
        piece_count=pl.col("piece_count").sum().cast(pl.Int64), total_m=total_m
    )
    return sums.sort("product", "media", nulls_last=True)


def _cables_with_labels(design: Design, fabric: str) -> pl.DataFrame:
    rows = named_cables(design, fabric).with_columns(
        pl.col("cable").first().over("piece").alias("piece"), pl.col("piece_count").fill_null(1)
    )
    places = device_places(design)
    fronts = design.tables.ports.filter(pl.col("fabric") == fabric).select(
        "device", "port", "cage", "lane", "module_cage", "cage_port"
    )
    for end in "ab":
        place = places.select(pl.all().name.prefix(f"{end}_"))
        front = fronts.select(pl.all().name.prefix(f"{end}_"))
        rows = beside(beside(rows, place, f"{end}_device"), front, f"{end}_device", f"{end}_port")
        rows = rows.with_columns(_front(end), _place(end)).with_columns(_label(end))
    hall = pl.coalesce(hall_label("a_hall"), pl.lit("unplaced"))
    crew = pl.format("{}-{}", hall, "tier")
    order = ["a_hall", "a_row", "a_position", "a_rack", "a_unit", "a_device", "a_port", "a_lane"]
    return rows.with_columns(crew.alias("crew")).sort(order, nulls_last=True, maintain_order=True)


def _front(end: str) -> pl.Expr:
    """`p33` a port on the front, `c17/1` port 1 of cage 17, `mgmt` the management port."""
    lane = pl.when(pl.col(f"{end}_lane") > 1).then(pl.format(".{}", f"{end}_lane")).otherwise(pl.lit(""))
    in_cage = pl.format("c{}/{}{}", f"{end}_module_cage", f"{end}_cage_port", lane)
    plain = pl.format("p{}{}", f"{end}_cage", lane)
    is_management = pl.col(f"{end}_port") == 0
    front = pl.when(is_management).then(pl.lit("mgmt")).otherwise(pl.coalesce(in_cage, plain))
    return front.alias(f"{end}_front")


def _place(end: str) -> pl.Expr:
    """`H01.R02.P05.U17`; the rack's name where it has no place."""

    def part(letter: str, column: str) -> pl.Expr:
        return pl.format(f"{letter}{{}}", pl.col(f"{end}_{column}").cast(pl.String).str.zfill(2))

    place = pl.concat_str(part("H", "hall"), part("R", "row"), part("P", "position"), separator=".")
    unit = pl.when(pl.col(f"{end}_unit").is_not_null()).then(pl.format(".{}", part("U", "unit"))).otherwise(pl.lit(""))
    stands = pl.coalesce(place, pl.col(f"{end}_rack"), pl.lit("unplaced"))
    return pl.format("{}{}", stands, unit).alias(f"{end}_place")


def _label(end: str) -> pl.Expr:
    """`H01.R02.P05.U17 device:c17/1`."""
    return pl.format("{} {}:{}", f"{end}_place", f"{end}_device", f"{end}_front").alias(f"{end}_label")
