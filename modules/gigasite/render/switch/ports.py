"""The used ports of a fabric's switches as one table: names, peers, addresses, VLANs."""

from __future__ import annotations

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.hosts.interfaces import network_of
from gigasite.design.hosts.ports import interface_names as host_names
from gigasite.design.model import Design, FabricDesign
from gigasite.design.packet_links import LEVEL_TIERS, UP_TIERS, packet_links
from gigasite.design.policy import FabricPolicy
from gigasite.design.switch_ports import switch_shape
from gigasite.render.switch.names import interface_names, serdes_counts
from gigasite.render.switch.systems import OperatingSystem
from gigasite.spec.pools import Role

VXLAN_HEADER_BYTES = 50
"""What VXLAN over IPv4 adds to an IP packet: inner Ethernet 14, VXLAN 8, UDP 8, IPv4 20 (RFC 7348)."""

LINK_IPV6_LENGTH = 127
"""Of the IPv6 network between two routers (RFC 6164)."""


def switch_ports(
    design: Design, catalog: Catalog, fabric: FabricDesign, policy: FabricPolicy, system: OperatingSystem
) -> pl.DataFrame:
    """One row a used port of the fabric's switches, by switch and port."""
    ends = _named(_ends(design, fabric), catalog, fabric, system)
    names = ends.select("link", peer_end="end", peer_name="name")
    peers = pl.concat([names, _host_ports(design, catalog, fabric)])
    return (
        _addressed(design, fabric, ends)
        .join(peers, on=["link", "peer_end"], how="left", maintain_order="left")
        .join(_subnet_members(design, fabric), on=["device", "peer", "peer_name"], how="left", maintain_order="left")
        .with_columns(
            vrf=_vrf_names(pl.coalesce("vrf", "subnet_vrf"), system),
            cable_m=pl.col("length_m").ceil().cast(pl.Int64),
            mtu=pl.when(pl.col("direction") == "host").then(policy.mtu).otherwise(trunk_mtu(policy)),
            description=pl.format("{} {}", "peer", "peer_name"),
        )
        .sort("device", "port")
    )


def _vrf_names(vrf: pl.Expr, system: OperatingSystem) -> pl.Expr:
    before, after = system.vrf.split("{name}")
    return pl.format("{}{}{}", pl.lit(before), vrf, pl.lit(after))


def trunk_mtu(policy: FabricPolicy) -> int:
    """Largest IP packet of a link between switches, bytes: room for a tunnel's header where there are tunnels."""
    return policy.mtu + (VXLAN_HEADER_BYTES if policy.overlay == "evpn" else 0)


def port_names(design: Design, catalog: Catalog, fabric: FabricDesign, system: OperatingSystem) -> pl.DataFrame:
    """What an operating system calls the used ports of the fabric's switches: device, port, name.

    Raises GigasiteError where its names need facts of a platform that it has none of.
    """
    return _named(_ends(design, fabric), catalog, fabric, system).select("device", "port", "name")


def switches_of(design: Design, fabric: FabricDesign) -> pl.DataFrame:
    """The fabric's switches, as the design has them."""
    return design.tables.devices.filter((pl.col("kind") == "switch") & (pl.col("fabric") == fabric.name))


def _ends(design: Design, fabric: FabricDesign) -> pl.DataFrame:
    """Both ends of the fabric's links where they are its switches: what the port leads to, and which way."""
    cables = _links(design, fabric)
    up = pl.col("tier").is_in(UP_TIERS)
    level = pl.col("tier").is_in(LEVEL_TIERS)
    way = {"a": pl.when(up).then(pl.lit("up")), "b": pl.when(up).then(pl.lit("down"))}
    ends = pl.concat(
        [
            cables.select(
                "link",
                pl.lit(own).alias("end"),
                pl.lit(other).alias("peer_end"),
                pl.col(f"{own}_device").alias("device"),
                pl.col(f"{own}_port").alias("port"),
                pl.col(f"{other}_device").alias("peer"),
                pl.col(f"{other}_port").alias("peer_number"),
                "length_m",
                gbps=pl.col("gbps").cast(pl.Int64),
                direction=pl.coalesce(pl.when(level).then(pl.lit("peer")), way[own], pl.lit("host")),
            )
            for own, other in (("a", "b"), ("b", "a"))
        ]
    )
    own = switches_of(design, fabric).select("device", "model", "asn", switch_tier="tier")
    asns = own.select(peer="device", peer_asn="asn")
    places = design.tables.ports.filter(pl.col("fabric") == fabric.name).select("device", "port", "cage", "lane")
    return (
        ends.filter(pl.col("port") > 0)
        .join(own, on="device", how="inner", maintain_order="left")
        .join(asns, on="peer", how="left", maintain_order="left")
        .join(places, on=["device", "port"], how="left", maintain_order="left")
    )


def _links(design: Design, fabric: FabricDesign) -> pl.DataFrame:
    """The fabric's links between packet switches and to hosts, numbered."""
    return packet_links(design, fabric.name).with_row_index("link")


def _named(ends: pl.DataFrame, catalog: Catalog, fabric: FabricDesign, system: OperatingSystem) -> pl.DataFrame:
    """With the parts that each port on the front is split into, and the port's name."""
    trunk = fabric.trunk_gbps or fabric.link_gbps
    core_trunk = fabric.core_trunk_gbps or trunk
    speeds = {
        "leaf": (fabric.switch, fabric.link_gbps, trunk),
        "spine": (fabric.spine_switch, trunk, core_trunk),
        "core": (fabric.core_switch, core_trunk, core_trunk),
    }
    rows = []
    for tier, (key, down_gbps, up_gbps) in speeds.items():
        if key is None or not (ends["switch_tier"] == tier).any():
            continue
        shape = switch_shape(catalog.switch(key), down_gbps, up_gbps)
        rows += [(tier, way, shape.up_breakout if way == "up" else shape.breakout) for way in _WAYS]
    borders = ends.filter(pl.col("switch_tier") == "border").select("model", "gbps").unique().sort("gbps")
    rows += [
        ("border", "down", switch_shape(catalog.switch(key), gbps).breakout) for key, gbps in borders.head(1).rows()
    ]
    counts = pl.DataFrame(
        rows, schema={"switch_tier": pl.String, "direction": pl.String, "lane_count": pl.Int32}, orient="row"
    )
    split = ends.join(counts, on=["switch_tier", "direction"], how="left", maintain_order="left")
    return split.with_columns(
        interface_names(split, system).alias("name"), serdes_counts(split, system).alias("serdes_count")
    )


_WAYS = ("host", "up", "down", "peer")


def _host_ports(design: Design, catalog: Catalog, fabric: FabricDesign) -> pl.DataFrame:
    """Names of what the switches' links to hosts end on, which is always end a."""
    rows = _links(design, fabric).filter(~pl.col("tier").is_in((*UP_TIERS, *LEVEL_TIERS)))
    schema = pl.Schema({"link": pl.UInt32(), "peer_end": pl.String(), "peer_name": pl.String()})
    ends = rows.select("link", "a_port", "plane", peer="a_device", peer_end=pl.lit("a"))
    if Role.OOB in fabric.roles:
        return ends.select("link", "peer_end", peer_name=pl.format("mgmt{}", "a_port")).cast(schema)
    nodes = design.tables.nodes.select("pool", peer="node")
    pools = ends.join(nodes, on="peer", how="left", maintain_order="left")
    named = []
    for (pool,), part in pools.partition_by("pool", as_dict=True, maintain_order=True).items():
        known = catalog.system(design.pools[str(pool)].system) if pool is not None else None
        names = host_names(known, part.select("a_port", "plane")).select("a_port", "plane", peer_name="interface")
        named.append(part.join(names, on=["a_port", "plane"], how="left", maintain_order="left").select(schema.names()))
    return pl.concat(named).cast(schema) if named else pl.DataFrame(schema=schema)


def _addressed(design: Design, fabric: FabricDesign, ends: pl.DataFrame) -> pl.DataFrame:
    """With the addresses of both ends of a routed link."""
    routed = design.tables.addresses.filter(
        (pl.col("fabric") == fabric.name) & (pl.col("use") == "point-to-point") & pl.col("address").is_not_null()
    )
    own = routed.select(
        "device",
        "vrf",
        key="interface",
        address=pl.format("{}/{}", "address", "prefix_length"),
        ipv6=pl.format(f"{{}}/{LINK_IPV6_LENGTH}", "ipv6"),
    )
    far = routed.select(peer="device", peer_address="address", peer_key="interface")
    # The tables call every switch port swp and its number, whatever the operating system says.
    return (
        ends.with_columns(key=pl.format("swp{}", "port"), peer_key=pl.format("swp{}", "peer_number"))
        .join(own, on=["device", "key"], how="left", maintain_order="left")
        .join(far, on=["peer", "peer_key"], how="left", maintain_order="left")
        .drop("key", "peer_key")
    )


def _subnet_members(design: Design, fabric: FabricDesign) -> pl.DataFrame:
    """The VLAN that each host interface of a shared network belongs to, on the switch that is its gateway."""
    subnets = design.tables.subnets.filter((pl.col("fabric") == fabric.name) & pl.col("vlan").is_not_null())
    hosts = design.tables.addresses.filter(
        (pl.col("fabric") == fabric.name)
        & pl.col("use").is_in(["host", "management"])
        & pl.col("address").is_not_null()
    )
    return (
        hosts.select(network_of("address", "prefix_length").alias("network"), peer="device", peer_name="interface")
        .join(subnets.select("device", "network", "vlan", subnet_vrf="vrf"), on="network", how="inner")
        .select("device", "peer", "peer_name", "vlan", "subnet_vrf")
    )
