"""Output of `ibnetdiscover` (infiniband-diags): all nodes and links of a subnet. Format: ibnetdiscover(8)."""

from __future__ import annotations

from typing import Final

import polars as pl

from gigasite.verify.found import SCHEMA, Found

SYSTEM: Final = "infiniband"
_HEAD: Final = (
    r'^(?P<kind>Switch|Ca|Rt)\s+\d+\s+"[SHR]-(?P<guid>[0-9a-f]{16})"\s+# "(?P<name>.*)"'
    r"(?: (?:base|enhanced) port 0 .*)?$"
)
_LINK: Final = (
    r'^\[(?P<port>\d+)\](?:\[ext \d+\])?(?:\([0-9a-f]+\))?\s+"[SHR]-(?P<peer>[0-9a-f]{16})"\[(?P<far>\d+)\]'
    r"(?:\[ext \d+\])?(?:\([0-9a-f]+\))?\s+#.*?(?P<speed>\d+x\w+)?\s*$"
)
_LANE_GBPS: Final = {
    "SDR": 2.5,
    "DDR": 5.0,
    "QDR": 10.0,
    "FDR10": 10.0,
    "FDR": 14.0,
    "EDR": 25.0,
    "HDR": 50.0,
    "NDR": 100.0,
    "XDR": 200.0,
}
AGGREGATION: Final = "Aggregation Node"
"""What switches call the adapter inside them that reduces on the way (SHARP): it has no cable."""


def is_ibnetdiscover(text: str) -> bool:
    """Whether a text is such output."""
    return "Topology file: generated" in text[:400] or "\nswitchguid=" in text or "\ncaguid=" in text


def read_ibnetdiscover(text: str) -> Found:
    """Every link once for each end, by names of nodes; nodes of one name are told apart by their GUIDs."""
    lines = pl.DataFrame({"line": text.splitlines()})
    heads = pl.col("line").str.extract_groups(_HEAD).struct.unnest()
    nodes = (
        lines.with_row_index("at")
        .filter(pl.col("line").str.contains(_HEAD))
        .select("at", heads)
        .with_columns(name=pl.when(pl.len().over("name") > 1).then(_guid_name()).otherwise("name"))
        .with_columns(inside=pl.col("name").str.contains(AGGREGATION, literal=True))
    )
    links = (
        lines.with_row_index("at")
        .filter(pl.col("line").str.starts_with("["))
        .select("at", pl.col("line").str.extract_groups(_LINK).struct.unnest())
        .filter(pl.col("port").is_not_null())
        .join_asof(nodes.select("at", "name", "inside"), on="at", strategy="backward")
        .join(nodes.select(peer="guid", peer_name="name", peer_inside="inside"), on="peer", how="left")
        .filter(~pl.col("inside") & ~pl.col("peer_inside").fill_null(False))
    )
    width = pl.col("speed").str.extract(r"^(\d+)x").cast(pl.Float64)
    lane = pl.col("speed").str.extract(r"x(\w+)$").replace_strict(_LANE_GBPS, default=None, return_dtype=pl.Float64)
    rows = links.select(
        device="name",
        port="port",
        peer=pl.coalesce("peer_name", pl.format("GUID 0x{}", "peer")),
        peer_port="far",
        peer_text=pl.lit(None, pl.String),
        gbps=width * lane,
    )
    guids = nodes.select("name", "kind", guid=pl.format("0x{}", "guid"))
    own = nodes.filter(~pl.col("inside"))
    return Found(rows.cast(SCHEMA), SYSTEM, frozenset(own["name"]), guids)


def _guid_name() -> pl.Expr:
    return pl.format("{} GUID 0x{}", "name", "guid")
