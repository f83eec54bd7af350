"""The table of host interfaces: one row an interface of a node that is cabled into a fabric.

It joins the tables of links and addresses, so that a host's address, its gateway and the switch port behind it are the
ones that the switch is configured with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from gigasite.catalog.models import System
from gigasite.design.hosts.ports import interface_names
from gigasite.design.model import Design
from gigasite.spec.pools import Role

FIRST_TABLE: Final = 101
"""Routing table of a node's first routed interface; Linux keeps 253 to 255 for itself."""

COLUMNS: Final[Mapping[str, Any]] = {
    "node": pl.String,
    "su": pl.Int32,
    "interface": pl.String,
    "rdma": pl.String,  # name of its RDMA device
    "nic": pl.String,
    "nic_model": pl.String,
    "pci_address": pl.String,  # of the NIC; null: no source states it
    "fabric": pl.String,
    "technology": pl.String,
    "rail": pl.Int32,  # of the fabric, from 1
    "plane": pl.Int32,
    "gbps": pl.Float64,
    "mtu": pl.Int32,
    "address": pl.String,  # null: InfiniBand
    "prefix_length": pl.Int32,
    "gateway": pl.String,  # the switch's end of the link, or the gateway of the subnet
    "ipv6": pl.String,
    "vrf": pl.String,
    "table": pl.Int32,  # routing table of its own; null: the main one alone
    "switch": pl.String,
    "switch_port": pl.Int32,
}


def host_interfaces(design: Design, pool: str, system: System) -> pl.DataFrame:
    """The interfaces of a pool's nodes, by node and then in the order of their names' numbers."""
    managed = [fabric.name for fabric in design.fabrics.values() if Role.OOB in fabric.roles]
    nodes = design.tables.nodes.filter(pl.col("pool") == pool).select("node", "su")
    links = (
        design.tables.cables.filter((pl.col("tier") == "node-leaf") & ~pl.col("fabric").is_in(managed))
        .rename({"a_device": "node", "b_device": "switch", "b_port": "switch_port"})
        .join(nodes, on="node", how="inner", maintain_order="left")
    )
    named = links.join(
        interface_names(system, links.select("a_port", "plane")), on=["a_port", "plane"], maintain_order="left"
    )
    rows = _addressed(design, named.join(_of_fabrics(design), on="fabric", maintain_order="left"))
    routed = pl.col("use") == "point-to-point"
    table = pl.when(routed).then(FIRST_TABLE - 1 + pl.col("place"))
    return (
        rows.sort("node", "a_port", "plane")
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("node"))
        .with_columns(table=table)
        .select([pl.col(name).cast(kind) for name, kind in COLUMNS.items()])
    )


def _of_fabrics(design: Design) -> pl.DataFrame:
    rows = [
        (fabric.name, fabric.technology, fabric.policy.mtu if fabric.policy else None)
        for fabric in design.fabrics.values()
    ]
    schema = {"fabric": pl.String, "technology": pl.String, "mtu": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _addressed(design: Design, rows: pl.DataFrame) -> pl.DataFrame:
    """With the host's addresses, and the gateway behind them: the other end of a routed link, or the subnet's."""
    addresses = design.tables.addresses.filter(pl.col("use").is_in(["host", "point-to-point"]))
    own = addresses.select("fabric", "interface", "use", "address", "prefix_length", "ipv6", "vrf", node="device")
    peers = addresses.filter(pl.col("use") == "point-to-point").select(
        "fabric", switch="device", peer_interface="interface", peer="address"
    )
    subnets = design.tables.subnets.filter(pl.col("use") == "host").select("fabric", "network", subnet="gateway")
    return (
        rows.join(own, on=["fabric", "node", "interface"], how="left", maintain_order="left")
        .with_columns(peer_interface=pl.format("swp{}", "switch_port"), network=network_of("address", "prefix_length"))
        .join(peers, on=["fabric", "switch", "peer_interface"], how="left", maintain_order="left")
        .join(subnets.unique("network"), on=["fabric", "network"], how="left", maintain_order="left")
        .with_columns(gateway=pl.when(pl.col("use") == "host").then("subnet").otherwise("peer"))
    )


def network_of(address: str, prefix_length: str) -> pl.Expr:
    """The IPv4 network that an address of so many leading bits lies in, as text."""
    octets = pl.col(address).str.split(".").list.eval(pl.element().cast(pl.UInt32))
    number = sum(
        (octets.list.get(place, null_on_oob=True) * (1 << shift) for place, shift in enumerate((24, 16, 8, 0)))
    )
    host_bits = 32 - pl.col(prefix_length)
    base = number - number % pl.lit(2, pl.UInt64).pow(host_bits)
    parts = [((base // (1 << shift)) % 256).cast(pl.UInt32).cast(pl.String) for shift in (24, 16, 8, 0)]
    return pl.format("{}/{}", pl.concat_str(parts, separator="."), pl.col(prefix_length))
