"""Names from position: of racks, nodes and switches. A name never depends on what else exists.

`{prefix}-{pool}-su003-r05-n07`: node 7 of rack 5 of scalable unit 3. Numbers start at 1 and are padded, so
that names sort as positions do; a number that outgrows its padding keeps all its digits.
"""

from __future__ import annotations

import polars as pl


def padded(column: str | pl.Expr, digits: int) -> pl.Expr:
    """A number as text, with leading zeros up to `digits`."""
    expression = pl.col(column) if isinstance(column, str) else column
    return expression.cast(pl.String).str.zfill(digits)


def pool_rack(prefix: str, pool: str, rack_in_su: str | pl.Expr = "rack_in_su") -> pl.Expr:
    """From `su` and `rack_in_su`, both from 1."""
    return pl.format(f"{prefix}-{pool}-su{{}}-r{{}}", padded("su", 3), padded(rack_in_su, 2))


def network_rack(prefix: str, pool: str) -> pl.Expr:
    """From `su` and `rack_in_su`: the racks of a scalable unit that hold its switches."""
    return pl.format(f"{prefix}-{pool}-su{{}}-net{{}}", padded("su", 3), padded("rack_in_su", 2))


def site_rack(prefix: str, kind: str) -> pl.Expr:
    """From `rack_in_su`: racks that serve the whole site (`core`, `storage`)."""
    return pl.format(f"{prefix}-{kind}-r{{}}", padded("rack_in_su", 3))


def node() -> pl.Expr:
    """From `rack` and `node_in_rack`, from 1."""
    return pl.format("{}-n{}", pl.col("rack"), padded("node_in_rack", 2))
