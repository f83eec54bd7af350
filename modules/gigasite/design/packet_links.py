"""Links as packet switches see them: circuits in place of the fibres that lead to optical circuit switches."""

from __future__ import annotations

from typing import Final

import polars as pl

from gigasite.design.model import Design

UP_TIERS: Final = ("leaf-spine", "spine-core", "leaf-border", "spine-border", "core-border")
"""Tiers of cables whose end a is a switch below the one at end b."""
LEVEL_TIERS: Final = ("local", "global")
"""Tiers of cables between switches of one tier."""

_OF_THE_FIRST = ("cable", "media", "product", "piece", "piece_count")
"""Columns of cables that a circuit has from the first of its fibres."""


def packet_links(design: Design, fabric: str) -> pl.DataFrame:
    """The cables of a fabric, with the columns of that table.

    A circuit of an optical switch is one link of the tier `global`, as long as both of its fibres, whose cable it has
    at end a; fibres themselves, and those that no circuit uses, are left out.
    """
    cables = design.tables.cables.filter(pl.col("fabric") == fabric)
    fibres = cables.filter(pl.col("tier").str.ends_with("-ocs"))
    if fibres.is_empty():
        return cables
    others = cables.filter(~pl.col("tier").str.ends_with("-ocs"))
    circuits = design.tables.circuits.filter(pl.col("fabric") == fabric)
    for end in ("a", "b"):
        own = fibres.select(
            pl.col("a_device").alias(f"{end}_device"),
            pl.col("a_port").alias(f"{end}_port"),
            pl.col("length_m").alias(f"{end}_length_m"),
            *(pl.col(name).alias(f"{end}_{name}") for name in _OF_THE_FIRST),
        )
        circuits = circuits.join(own, on=[f"{end}_device", f"{end}_port"], how="left", maintain_order="left")
    joined = circuits.with_columns(
        *(pl.col(f"a_{name}").alias(name) for name in _OF_THE_FIRST),
        tier=pl.lit("global"),
        rail=pl.lit(0, pl.Int32),
        length_m=pl.col("a_length_m") + pl.col("b_length_m"),
    )
    return pl.concat([others, joined.select([pl.col(name).cast(kind) for name, kind in cables.schema.items()])])
