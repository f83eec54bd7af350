"""Routes of host interfaces, so that what comes in by a rail goes out by it.

A routed interface (compute on Ethernet) has a routing table of its own, chosen by its source address, which leads
everything of the fabric to the switch behind it; RDMA connections are bound to their NIC's address, so they stay on
their rail. The main table leads to each rail's own networks by that rail, for traffic that is bound to none.
Other interfaces sit in a subnet: storage leads to its fabric's networks, in-band to everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from gigasite.spec.pools import Role

EVERYWHERE = "0.0.0.0/0"
_ROUTE = pl.Struct({"to": pl.String, "via": pl.String, "table": pl.Int32, "metric": pl.Int32})
_FIRST_METRIC = 100


def with_routes(
    interfaces: pl.DataFrame,
    supernets: Mapping[str, str],
    roles: Mapping[str, tuple[str, ...]],
    rails: pl.DataFrame,
) -> pl.DataFrame:
    """The table of host interfaces with `routes`: a list of (to, via, table, metric); table null: the main one.

    `supernets` and `roles`: of each fabric. `rails`: the networks of each rail as fabric, rail, plane, network.
    """
    numbered = interfaces.with_row_index("row")
    fabric = pl.DataFrame(
        {
            "fabric": list(roles),
            "supernet": [supernets.get(name) for name in roles],
            "leads": [EVERYWHERE if Role.INBAND in found else supernets.get(name) for name, found in roles.items()],
        },
        schema={"fabric": pl.String, "supernet": pl.String, "leads": pl.String},
    )
    known = numbered.join(fabric, on="fabric", how="left", maintain_order="left").filter(
        pl.col("gateway").is_not_null() & pl.col("supernet").is_not_null()
    )
    routed = known.filter(pl.col("table").is_not_null())
    own = routed.select("row", _route("supernet", pl.col("table"), pl.lit(None)))
    by_rail = routed.join(rails, on=["fabric", "rail", "plane"], maintain_order="left").select(
        "row", _route("network", pl.lit(None), pl.lit(None))
    )
    metric = _FIRST_METRIC + pl.int_range(pl.len(), dtype=pl.Int32).over("node", "leads")
    subnets = known.filter(pl.col("table").is_null()).select("row", _route("leads", pl.lit(None), metric))
    routes = pl.concat([by_rail, own, subnets]).group_by("row", maintain_order=True).agg("route").sort("row")
    return (
        numbered.join(routes.rename({"route": "routes"}), on="row", how="left", maintain_order="left")
        .with_columns(pl.col("routes").fill_null([]))
        .drop("row")
    )


def _route(to: str, table: pl.Expr, metric: pl.Expr) -> pl.Expr:
    fields = (pl.col(to).alias("to"), pl.col("gateway").alias("via"), table.alias("table"), metric.alias("metric"))
    return pl.struct(*fields).cast(_ROUTE).alias("route")
