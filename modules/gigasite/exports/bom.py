"""What to order of a fabric's cabling: modules, cables and fibres by product, length and hall, with spares.

A transceiver is counted in the hall of its cage, a cable in that of its first end. What no source names is listed by
its link media, so that it is missed by nobody.
"""

from __future__ import annotations

from math import ceil

import polars as pl

from gigasite.catalog.cabling_products import CableAssembly, FibreCable, Transceiver
from gigasite.catalog.load import Catalog
from gigasite.design.model import Design
from gigasite.exports.folders import beside, device_places, hall_label
from gigasite.exports.text import csv, json_rows, json_text

BOM_COLUMNS = (
    "form",  # transceiver | cable
    "product",
    "part_number",
    "title",
    "media",
    "hall",
    "length_m",
    "count",
    "spare_count",
    "order_count",
    "order_m",
)
_KEY = ("form", "media", "product", "hall", "length_m")


def bill_of_materials(design: Design, fabric: str, catalog: Catalog) -> pl.DataFrame:
    """`BOM_COLUMNS`, one row a product, length and hall. Spares: the site's ratio of each row, rounded up."""
    ratio = design.resolved.racks.cabling_spare_ratio or 0.0
    parts = pl.concat([_transceivers(design, fabric), _cables(design, fabric)])
    counted = parts.group_by(_KEY, maintain_order=True).agg(pl.col("count").sum()).sort(_KEY, nulls_last=True)
    facts = {product.key: product for kind in _KINDS for product in catalog.all_of(kind)}
    named = {key: (product.part_number, product.title) for key, product in facts.items()}
    media = {kind.key: kind.title for kind in catalog.cables}
    spares = [ceil(round(count * ratio, 9)) for count in counted["count"].to_list()]
    rows = counted.with_columns(
        pl.Series("spare_count", spares, dtype=pl.Int64),
        part_number=pl.col("product").replace_strict(
            {key: number for key, (number, _) in named.items()}, default=None, return_dtype=pl.String
        ),
        title=pl.coalesce(
            pl.col("product").replace_strict(
                {key: title for key, (_, title) in named.items()}, default=None, return_dtype=pl.String
            ),
            pl.format(
                "unknown product for: {}",
                pl.col("media").replace_strict(media, default="no media reaches", return_dtype=pl.String),
            ),
        ),
    ).with_columns(order_count=pl.col("count") + pl.col("spare_count"))
    return rows.with_columns(order_m=pl.col("order_count") * pl.col("length_m")).select(BOM_COLUMNS)


def bom_files(design: Design, fabric: str, catalog: Catalog) -> dict[str, str]:
    """`bom.csv` and `bom.json`."""
    rows = bill_of_materials(design, fabric, catalog)
    ratio = design.resolved.racks.cabling_spare_ratio or 0.0
    head = {"site": design.site, "fabric": fabric, "spare_ratio": ratio}
    lines = rows.select(json_rows(BOM_COLUMNS).alias("line"))["line"].to_list()
    return {"bom.csv": csv(rows), "bom.json": json_text(head, "items", lines)}


_KINDS: tuple[type[Transceiver] | type[CableAssembly] | type[FibreCable], ...] = (
    Transceiver,
    CableAssembly,
    FibreCable,
)


def _transceivers(design: Design, fabric: str) -> pl.DataFrame:
    own = design.tables.modules.filter(pl.col("fabric") == fabric)
    return _with_hall(design, own, "device").select(
        form=pl.lit("transceiver"),
        media="media",
        product="product",
        hall="hall",
        length_m=pl.lit(None, pl.Float64),
        count=pl.lit(1, pl.Int64),
    )


def _cables(design: Design, fabric: str) -> pl.DataFrame:
    own = design.tables.cables.filter(pl.col("fabric") == fabric).unique("piece", keep="first", maintain_order=True)
    return _with_hall(design, own, "a_device").select(
        form=pl.lit("cable"),
        media="media",
        product="product",
        hall="hall",
        length_m="length_m",
        count=pl.col("piece_count").fill_null(1).cast(pl.Int64),
    )


def _with_hall(design: Design, frame: pl.DataFrame, device: str) -> pl.DataFrame:
    places = device_places(design).select(pl.col("device").alias(device), hall_label().alias("hall"))
    return beside(frame, places, device).with_columns(pl.col("hall").fill_null("unplaced"))
