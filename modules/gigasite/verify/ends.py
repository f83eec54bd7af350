"""The ends of all designed links, with every name that they may be found under.

An end is a number: twice its link's, plus one for the second end; the other end of a cable is `end ^ 1`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.hosts.ports import interface_names
from gigasite.design.model import Design, FabricDesign
from gigasite.design.packet_links import packet_links
from gigasite.errors import GigasiteError
from gigasite.render.switch.ports import port_names
from gigasite.render.switch.systems import operating_system, operating_systems
from gigasite.spec.pools import Role

HOST: Final = "host"
"""System of labels of what is no switch."""
DESIGN: Final = "design"
"""System of labels as the design's own tables have them."""
INFINIBAND: Final = "infiniband"
_LIKE: Final = {"lldpd": "frr", "nvue": "frr"}
"""Whose names of ports a reader's system has, where it is no operating system of ours: Linux with swp ports."""


@dataclass(frozen=True, slots=True)
class Ends:
    """`table`: a row an end, in order: end, fabric, tier, device, port, plane, gbps, host (whether it is no switch),
    name (what people look for on the device). `labels`: system, device, label, end, own (whether
    the fabric's switches run that system)."""

    table: pl.DataFrame
    labels: pl.DataFrame


def design_ends(design: Design, catalog: Catalog, technology: str, systems: Collection[str]) -> Ends:
    """The ends of all fabrics of a technology, with the labels of those systems, of hosts, and of the design."""
    tables, labels = [], []
    first = 0
    for fabric in design.fabrics.values():
        if fabric.technology != technology:
            continue
        links = (
            packet_links(design, fabric.name)
            .with_row_index("link", offset=first)
            .with_columns(pl.col("link").cast(pl.Int64))
        )
        first += links.height
        table = _table(design, links)
        found = pl.concat(_labels(design, catalog, fabric, table, systems))
        own = fabric.policy.os if fabric.policy else None
        names = found.filter(pl.col("system").is_in([HOST, own or HOST])).unique("end", keep="first")
        tables.append(
            table.join(names.select("end", name="label"), on="end", how="left", maintain_order="left").with_columns(
                pl.coalesce("name", pl.format("port {}", "port"))
            )
        )
        labels.append(found.with_columns(own=pl.col("system") == (own or HOST)))
    if not tables:
        raise GigasiteError(f"the design has no {technology} fabric", hint="give the output that belongs to this site")
    return Ends(pl.concat(tables), pl.concat(labels))


def _table(design: Design, links: pl.DataFrame) -> pl.DataFrame:
    switches = design.tables.devices.filter(pl.col("kind").is_in(["switch", "scale-up-switch"]))["device"]
    sides = [
        links.select(
            "fabric",
            "tier",
            "plane",
            "gbps",
            end=2 * pl.col("link") + number,
            device=f"{side}_device",
            port=f"{side}_port",
        )
        for number, side in enumerate("ab")
    ]
    both = pl.concat(sides).sort("end")
    # A switch's management port is a host's port to the management fabric.
    is_host = ~pl.col("device").is_in(switches.implode()) | (pl.col("port") == 0)
    return both.with_columns(host=is_host)


def _labels(
    design: Design, catalog: Catalog, fabric: FabricDesign, table: pl.DataFrame, systems: Collection[str]
) -> Iterable[pl.DataFrame]:
    """The labels of a fabric's ends: what the design calls them, hosts' interfaces, names of each system."""
    ports = table.filter(~pl.col("host"))
    number = pl.col("port").cast(pl.String)
    for text in (pl.format("port {}", "port"), pl.format("swp{}", "port"), number):
        yield _of_system(DESIGN, ports.select("device", "end", label=text))
    hosts = _host_labels(design, catalog, fabric, table.filter("host"))
    for column in ("interface", "rdma"):
        yield _of_system(HOST, hosts.select("device", "end", label=column))
    if fabric.technology == INFINIBAND:
        yield _of_system(INFINIBAND, ports.select("device", "end", label=number))
        return
    own = fabric.policy.os if fabric.policy else None
    for system in sorted({*systems, *([own] if own else [])}):
        key = _LIKE.get(system, system) if system not in operating_systems() else system
        if key not in operating_systems():
            continue
        try:
            names = port_names(design, catalog, fabric, operating_system(key))
        except GigasiteError:
            continue  # no facts of this platform: such a switch does not run it
        ends = ports.select("device", "port", "end")
        yield _of_system(system, names.join(ends, on=["device", "port"]).select("device", "end", label="name"))
        managed = table.filter(pl.col("host") & (pl.col("port") == 0))
        management = pl.lit(operating_system(key).management)
        yield _of_system(system, managed.select("device", "end", label=management))


def _host_labels(design: Design, catalog: Catalog, fabric: FabricDesign, ends: pl.DataFrame) -> pl.DataFrame:
    """end, device, interface, rdma of what is no switch."""
    if Role.OOB in fabric.roles:
        name = pl.format("mgmt{}", "port")
        return ends.select("end", "device", interface=name, rdma=name)
    nodes = design.tables.nodes.select("pool", device="node")
    found = [pl.DataFrame(schema={"end": pl.Int64, "device": pl.String, "interface": pl.String, "rdma": pl.String})]
    pooled = ends.join(nodes, on="device", how="left", maintain_order="left")
    for (pool,), part in pooled.partition_by("pool", as_dict=True, maintain_order=True).items():
        system = catalog.system(design.pools[str(pool)].system) if pool is not None else None
        keyed = part.rename({"port": "a_port"})
        names = interface_names(system, keyed.select("a_port", "plane"))
        named = keyed.join(names, on=["a_port", "plane"], how="left", maintain_order="left")
        found.append(named.select("end", "device", "interface", "rdma"))
    return pl.concat(found)


def _of_system(system: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.lit(system).alias("system"), "device", "label", pl.col("end").cast(pl.Int64))
