"""Tables as text: CSV, and JSON with one row a line so that a diff shows the rows that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from polars import selectors


def csv(frame: pl.DataFrame) -> str:
    """The table as CSV with a header line; unknown cells are empty, figures have three decimals at most."""
    return frame.with_columns(selectors.float().round(3)).write_csv()


def json_rows(columns: Sequence[str]) -> pl.Expr:
    """Each row as one JSON object of these columns, on one line."""
    return pl.struct(columns).struct.json_encode()


def json_text(head: Mapping[str, Any], list_name: str, rows: Sequence[str]) -> str:
    """A JSON document: the fields of `head`, then a list of rows that are JSON text already, one a line."""
    fields = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    body = ",\n".join(rows)
    fields.append(f"{json.dumps(list_name)}: [\n{body}\n]" if rows else f"{json.dumps(list_name)}: []")
    return "{" + ",\n".join(fields) + "}\n"
