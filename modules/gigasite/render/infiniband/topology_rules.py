"""What is wrong with a topology file (ibdm-topo-file(1)): lines are columns, for a site has some hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

_NAME: Final = r"[A-Za-z0-9_.]+"
_HEAD: Final = rf"^(?<type>{_NAME}) (?<name>\S+)$"
_LINK: Final = rf"^   (?<port>{_NAME}) -> (?<far_type>{_NAME}) (?<far>\S+) (?<far_port>{_NAME})$"
_END: Final = ("name", "port")
_FAR_END: Final = ("far", "far_port")


def topology_problems(text: str) -> Iterator[str]:
    """Lines without the form of a system or a link; types that systems do not have; links that one end alone tells."""
    lines = pl.DataFrame({"line": text.split("\n")}).with_row_index("number")
    is_blank = pl.col("line") == ""
    begins = ~is_blank & is_blank.shift(fill_value=True)
    parts = lines.with_columns(begins=begins, section=begins.cum_sum()).filter(~is_blank)
    heads = parts.filter("begins").with_columns(pl.col("line").str.extract_groups(_HEAD).struct.unnest())
    heads = heads.with_columns(again=pl.col("name").is_not_null() & ~pl.col("name").is_first_distinct())
    rows = (
        parts.filter(~pl.col("begins"))
        .join(heads.select("section", "name").drop_nulls(), on="section", how="inner", maintain_order="left")
        .with_columns(pl.col("line").str.extract_groups(_LINK).struct.unnest())
    )
    yield from _faults_of_form(heads, rows)
    links = rows.drop_nulls("port")
    yield from _other_types(heads.drop_nulls("name"), links)
    yield from _one_ended(links)
    ends = links.group_by(_END, maintain_order=True).len().filter(pl.col("len") > 1)
    yield from (f"{name} {port} has two links" for name, port in ends.select(_END).iter_rows())


def _faults_of_form(heads: pl.DataFrame, rows: pl.DataFrame) -> Iterator[str]:
    """In the order of the text."""
    faults = [
        *((n, f"{line!r:.60} begins no system") for n, line in _told(heads, pl.col("name").is_null(), "line")),
        *((n, f"{name} twice") for n, name in _told(heads, pl.col("again"), "name")),
        *(
            (n, f"{name}: {line!r:.80} is no link")
            for n, name, line in _told(rows, pl.col("port").is_null(), "name", "line")
        ),
    ]
    yield from (message for _, message in sorted(faults))


def _told(frame: pl.DataFrame, fault: pl.Expr, *columns: str) -> list[tuple[int, ...]]:
    return frame.filter(fault).select("number", *columns).rows()


def _other_types(systems: pl.DataFrame, links: pl.DataFrame) -> Iterator[str]:
    """Types that a link says of its far end, and the far end's own section does not."""
    types = systems.unique("name", keep="last").select(far="name", type="type")
    told = links.select("far", "far_type").unique().join(types, on="far", how="left")
    wrong = told.filter(pl.col("far_type").ne_missing(pl.col("type"))).sort("far", "far_type")
    yield from (f"{name} is no {kind}" for name, kind in wrong.select("far", "far_type").iter_rows())


def _one_ended(links: pl.DataFrame) -> Iterator[str]:
    alone = links.join(
        links, left_on=(*_END, *_FAR_END), right_on=(*_FAR_END, *_END), how="anti", maintain_order="left"
    )
    for own, port, far, far_port in alone.select(*_END, *_FAR_END).iter_rows():
        yield f"{own} {port}: {far} {far_port} does not lead back"
