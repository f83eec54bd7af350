"""The cable schedule: every cable with both of its ends, where they stand, and what to pull.

A cable is called after its first end, `<device>:<port>`, which no growth changes. A link that shares its
cable with others (a split port) has a line of its own with the same cable.
A cable belongs to the group of its lower switch: a leaf's installer pulls its down and its up links.
"""

from __future__ import annotations

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.folders import beside, device_places

_DOWN_TIERS = ("node-leaf", "ufm-leaf")

SCHEDULE_COLUMNS = (
    "cable",
    "tier",
    "plane",
    "rail",
    *(f"{end}_{what}" for end in "ab" for what in ("device", "hall", "rack", "unit", "port", "cage", "lane")),
    "gbps",
    "media",
    "length_m",
)


def cable_schedule(design: Design, fabric: str) -> pl.DataFrame:
    """All links of a fabric: `SCHEDULE_COLUMNS`, and `owner`, the switch that a link belongs to."""
    links = named_cables(design, fabric)
    places = device_places(design)
    ports = design.tables.ports.filter(pl.col("fabric") == fabric).select("device", "port", "cage", "lane")
    for end in "ab":
        where = places.select(_of_end(end, "device", "hall", "rack", "unit"))
        front = ports.select(_of_end(end, "device", "port", "cage", "lane"))
        links = beside(beside(links, where, f"{end}_device"), front, f"{end}_device", f"{end}_port")
    owner = pl.when(pl.col("tier").is_in(_DOWN_TIERS)).then("b_device").otherwise("a_device")
    return links.select(*SCHEDULE_COLUMNS, owner.alias("owner"))


def named_cables(design: Design, fabric: str) -> pl.DataFrame:
    """A fabric's part of the table of cables, with names for numbers, and the index of the row as `link`."""
    end = pl.format("{}:{}", "a_device", "a_port")
    numbered = design.tables.cables.with_row_index("link").with_columns(pl.col("link").cast(pl.Int64))
    own = numbered.filter(pl.col("fabric") == fabric)
    return own.with_columns(end.first().over("cable").alias("cable"))


def _of_end(end: str, *columns: str) -> list[pl.Expr]:
    return [pl.col(name).alias(f"{end}_{name}") for name in columns]
