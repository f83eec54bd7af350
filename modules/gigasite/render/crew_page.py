"""The printable page of a crew: its cables rack by rack, and the sums by product.

Rows are made as columns and escaped there: a hall has tens of thousands of cables, and a template takes 50 us a row.
"""

from __future__ import annotations

import polars as pl
from markupsafe import Markup

from gigasite.render.environment import UNKNOWN_TEXT, environment

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}


def crew_page(site: str, fabric: str, crew: str, schedule: pl.DataFrame, totals: pl.DataFrame) -> str:
    """One self-contained HTML page: no script, nothing loaded; each rack begins a new sheet.

    `schedule`: cable, a_rack, a_label, b_label, product, media, length_m, in order of racks. `totals`: product, media,
    piece_count, total_m.
    """
    racks = [
        (rack or "without a rack", Markup(rows))  # noqa: S704  (every cell was escaped by `_cell`)
        for rack, rows in _rows_by_rack(schedule).iter_rows()
    ]
    return (
        environment()
        .overlay(autoescape=True)
        .get_template("cabling/crew.html.j2")
        .render(site=site, fabric=fabric, crew=crew, racks=racks, totals=totals.rows(named=True), count=schedule.height)
    )


def _rows_by_rack(schedule: pl.DataFrame) -> pl.DataFrame:
    """One row a rack: its name, and the rows of its table as HTML."""
    product = pl.coalesce("product", "media", pl.lit(UNKNOWN_TEXT))
    length = pl.coalesce(pl.format("{} m", pl.col("length_m").round(1)), pl.lit(UNKNOWN_TEXT))
    row = pl.format(
        '<tr><td class="done"><span class="box"></span></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>'
        '<td class="figure">{}</td></tr>',
        *(_cell(cell) for cell in (pl.col("a_label"), pl.col("b_label"), pl.col("cable"), product, length)),
    )
    return schedule.group_by("a_rack", maintain_order=True).agg(row.str.join("\n"))


def _cell(value: pl.Expr) -> pl.Expr:
    return value.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
