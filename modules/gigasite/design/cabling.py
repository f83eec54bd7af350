"""Cables with lengths and media, and the ports at their ends.

A cable runs from its rack up to the tray, along rows and across aisles, and down again:
length = (|Δx| + |Δy| + 2·tray height) · (1 + slack), rounded up to half a metre. Inside a rack it is the
distance between the units and half a metre at each end.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.clos import SwitchShape, cabled_ports
from gigasite.spec.halls import RacksSpec

UNIT_M = 0.04445  # EIA-310: one rack unit is 44.45 mm
END_M = 0.5
STEP_M = 0.5


def with_lengths(links: pl.DataFrame, places: pl.DataFrame, racks: RacksSpec, catalog: Catalog) -> pl.DataFrame:
    """The cables table from named links. `places`: device, model, rack, unit, x_m, y_m."""
    joined = links
    for end in ("a", "b"):
        facts = places.select(pl.all().name.prefix(f"{end}_"))
        joined = joined.join(facts, on=f"{end}_device", how="left", maintain_order="left")
    inside = (pl.col("a_unit") - pl.col("b_unit")).abs().fill_null(0) * UNIT_M + 2 * END_M
    across = (
        (pl.col("a_x_m") - pl.col("b_x_m")).abs()
        + (pl.col("a_y_m") - pl.col("b_y_m")).abs()
        + 2 * (racks.tray_height_m or 0.0)
    )
    run = pl.when(pl.col("a_rack") == pl.col("b_rack")).then(inside).otherwise(across)
    dressed = run * (1 + (racks.slack_ratio or 0.0))
    measured = joined.with_row_index("row").with_columns(
        length_m=(dressed / STEP_M - 1e-9).ceil() * STEP_M,
        cable=_numbers("fabric", "cable_key"),
    )
    return _with_media(measured, catalog).select(
        "cable",
        "fabric",
        "tier",
        pl.col("plane").cast(pl.Int32),
        pl.col("rail").cast(pl.Int32),
        "a_device",
        pl.col("a_port").cast(pl.Int32),
        "b_device",
        pl.col("b_port").cast(pl.Int32),
        "gbps",
        "length_m",
        "media",
        "a_model",
        "b_model",
    )


def _numbers(*columns: str) -> pl.Expr:
    """Running numbers, from 1, of distinct keys in order of appearance; wants a column `row`."""
    return pl.col("row").first().over(columns).rank("dense").cast(pl.Int64)


def _with_media(links: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The first kind of cable, in the catalog's order of preference, that has the speed and the reach."""
    media = pl.lit(None, pl.String)
    for kind in reversed(catalog.cables):
        speeds = [float(speed) for speed in kind.gbps]
        fits = (
            pl.col("gbps").is_in(speeds)
            & pl.col("technology").is_in([t.value for t in kind.technologies])
            & (pl.col("length_m") <= kind.reach_m)
        )
        media = pl.when(fits).then(pl.lit(kind.key)).otherwise(media)
    return links.with_columns(media=media)


def ports_table(cables: pl.DataFrame, shapes: Mapping[str, SwitchShape]) -> pl.DataFrame:
    """Both ends of every link: the logical port, and the port on the front and the lane that it is.

    `shapes`: by `fabric:model`; the ports of other devices (nodes, appliances) have one lane a plane.
    """
    numbered = cables.with_row_index("link").with_columns(link=pl.col("link").cast(pl.Int64))
    ends = [
        numbered.select(
            pl.col(f"{end}_device").alias("device"),
            pl.col(f"{end}_port").alias("port"),
            "fabric",
            "plane",
            "gbps",
            "link",
            f"{end}_model",
        ).rename({f"{end}_model": "model"})
        for end in ("a", "b")
    ]
    both = pl.concat(ends)
    cage, lane = both["port"].to_numpy().copy(), both["plane"].to_numpy().copy()
    key = pl.format("{}:{}", "fabric", "model")
    kinds = both.select(key.alias("kind"))["kind"]
    for name, shape in shapes.items():
        mask = (kinds == name).fill_null(False).to_numpy()
        if mask.any():
            front, part = cabled_ports(shape, (both["port"].to_numpy()[mask] - 1).astype(np.int32))
            cage[mask], lane[mask] = front, part + 1
    return both.with_columns(cage=pl.Series(cage, dtype=pl.Int32), lane=pl.Series(lane, dtype=pl.Int32)).select(
        "device", "port", "cage", "lane", "fabric", "plane", "gbps", "link"
    )
