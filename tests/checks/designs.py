"""Designs to check: from the text of a site file, and with parts of their tables changed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl

from gigasite import checks
from gigasite.catalog import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Finding, FindingsError
from gigasite.spec.loader import load_text

H100 = "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 8}\n"
GB200 = "name: demo\npools:\n  - {name: train, system: gb200-nvl72, nodes: 36}\n"
GB300 = "name: demo\npools:\n  - {name: train, system: gb300-nvl72, nodes: 36, power_cap_kw: 132}\n"


@cache
def design_of(text: str) -> Design:
    """The design of a site file; raises FindingsError where the file is wrong."""
    catalog = load_catalog()
    return expand(load_text(text, catalog=catalog).spec, catalog)


def findings_of(text: str, only: Collection[str] | None = None) -> tuple[Finding, ...]:
    """What loading and checking a site file finds: all, or that of some codes where the file itself is right."""
    try:
        return checks.run(design_of(text), load_catalog(), only)
    except FindingsError as error:
        return error.findings


def found(design: Design, only: Collection[str] | None = None, catalog: Catalog | None = None) -> set[str]:
    """The codes that checking a design finds."""
    return {finding.code for finding in checks.run(design, catalog or load_catalog(), only)}


def with_table(design: Design, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Design:
    """A copy of the design with one table changed; the table keeps its columns and types."""
    table = getattr(design.tables, name)
    changed = change(table).select([pl.col(c).cast(t) for c, t in table.schema.items()])
    return replace(design, tables=replace(design.tables, **{name: changed}))


def first_row(table: pl.DataFrame, where: pl.Expr | None = None) -> pl.DataFrame:
    """The first row, or the first one that fulfils `where`."""
    return (table if where is None else table.filter(where)).head(1)


def set_where(table: pl.DataFrame, where: pl.Expr, **values: Any) -> pl.DataFrame:
    """The table with columns set in the rows that fulfil `where`."""
    return table.with_columns(
        pl.when(where).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in values.items()
    )
