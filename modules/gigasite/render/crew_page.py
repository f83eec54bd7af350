"""The printable page of a crew: its cables rack by rack, and the sums by product.

Rows are made as columns and escaped there: a hall has tens of thousands of cables, and a template takes 50 us a row.
"""

from __future__ import annotations

from functools import cache

import jinja2
import polars as pl
from markupsafe import Markup

from gigasite.render.environment import UNKNOWN_TEXT, environment

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}


def crew_page(site: str, fabric: str, crew: str, schedule: pl.DataFrame, totals: pl.DataFrame) -> str:
    """One self-contained HTML page: no script, nothing loaded; each rack begins a new sheet, each device a part of it.

    `schedule`: cable, piece, a_rack, a_device, a_place, a_front, b_label, product, media, length_m, in order of
    racks and devices. `totals`: product, media, piece_count, total_m.
    """
    racks = [
        (rack or "without a rack", count, Markup(rows))  # noqa: S704  (every cell was escaped by `_cell`)
        for rack, count, rows in _rows_by_rack(schedule).iter_rows()
    ]
    return _template().render(
        site=site, fabric=fabric, crew=crew, racks=racks, totals=totals.rows(named=True), count=schedule.height
    )


@cache
def _template() -> jinja2.Template:
    return environment().overlay(autoescape=True).get_template("cabling/crew.html.j2")


def _rows_by_rack(schedule: pl.DataFrame) -> pl.DataFrame:
    """One row a rack: its name, its links, and its table as HTML: a body for each device, headed by its name.

    HTML lets end tags of rows and cells go unsaid; a site has some hundred thousand rows.
    """
    product = pl.coalesce("product", "media", pl.lit(UNKNOWN_TEXT))
    length = pl.coalesce(pl.format("{} m", pl.col("length_m").round(1)), pl.lit(UNKNOWN_TEXT))
    leg = pl.when(pl.col("piece") != pl.col("cable")).then(pl.format("{}, leg of {}", "cable", "piece"))
    cells = (pl.col("a_front"), pl.col("b_label"), pl.coalesce(leg, "cable"), product, length)
    row = pl.format("<tr><td><td>{}<td>{}<td>{}<td>{}<td>{}", *map(_cell, cells))
    head = pl.format(
        '<tbody>\n<tr><th colspan="6">{} {}\n{}\n', *map(_cell, (pl.col("a_place"), pl.col("a_device"))), "rows"
    )
    devices = schedule.group_by("a_rack", "a_place", "a_device", maintain_order=True).agg(
        count=pl.len(), rows=row.str.join("\n")
    )
    return devices.group_by("a_rack", maintain_order=True).agg(pl.col("count").sum(), head.str.join(""))


def _cell(value: pl.Expr) -> pl.Expr:
    return value.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
