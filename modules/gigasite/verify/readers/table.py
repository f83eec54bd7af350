"""A plain CSV of links: `device,port,peer,peer_port` and, where known, `gbps`. Ports as the design calls them."""

from __future__ import annotations

import io
from typing import Final

import polars as pl

from gigasite.errors import GigasiteError
from gigasite.verify.found import SCHEMA, Found

SYSTEM: Final = "design"
_NEEDED: Final = ("device", "port", "peer", "peer_port")


def is_table(text: str) -> bool:
    """Whether a text is such a table."""
    header = {name.strip() for name in text.split("\n", 1)[0].split(",")}
    return set(_NEEDED) <= header


def read_table(text: str, source: str) -> Found:
    """All links; a device is seen where it is in the first column. Raises GigasiteError where it is no CSV."""
    try:
        rows = pl.read_csv(io.StringIO(text), infer_schema=False)
        rows = rows.rename(str.strip)
        rows = rows.select(
            pl.col(name).str.strip_chars().replace("", None).cast(kind)
            if name in rows.columns
            else pl.lit(None, kind).alias(name)
            for name, kind in SCHEMA.items()
        )
    except pl.exceptions.PolarsError as error:
        raise GigasiteError(f"no table of links: {' '.join(str(error).split())[:200]}", path=source) from None
    return Found(rows.cast(SCHEMA), SYSTEM, frozenset(rows["device"].drop_nulls().unique()))
