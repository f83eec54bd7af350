"""What happens to circuits when a site changes: fibres stay, mirrors move."""

from __future__ import annotations

import polars as pl

from gigasite.design.model import Design

_KEY = ("fabric", "plane", "ocs", "ocs_port_a", "ocs_port_b")


def circuit_changes(before: Design, after: Design) -> pl.DataFrame:
    """Cross-connects that are opened and made: the columns of `circuits`, and `change` (open | make)."""
    old, new = before.tables.circuits, after.tables.circuits
    opened = old.join(new, on=_KEY, how="anti", maintain_order="left").with_columns(change=pl.lit("open"))
    made = new.join(old, on=_KEY, how="anti", maintain_order="left").with_columns(change=pl.lit("make"))
    return pl.concat([opened, made]).sort(
        "fabric", "ocs", "change", "ocs_port_a", descending=[False, False, True, False]
    )
