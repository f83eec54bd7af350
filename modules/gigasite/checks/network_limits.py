"""What runs out in a network beside addresses: VLANs, bytes of a packet, local identifiers."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.models import Technology
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.design.model import FabricDesign
from gigasite.errors import Severity

LAST_VLAN = 4000
"""IEEE 802.1Q has 4094; those from here on downwards are the VRFs', those above are kept by switches."""
VXLAN_BYTES = 50
"""RFC 7348: inner Ethernet 14, VXLAN 8, UDP 8, IPv4 20."""
UNICAST_LID_COUNT = 0xBFFF
"""InfiniBand Architecture Specification, volume 1, 4.1.3: unicast LIDs are 0x0001 to 0xBFFF."""
IPV6_MTU_MIN = 1280


@check("ADR110", Severity.ERROR, "A leaf has VLANs enough for its subnets and its tenants")
def vlans_are_enough(context: Context) -> Iterator[Hit]:
    subnets = context.tables.subnets.drop_nulls("vlan")
    per_leaf = subnets.group_by("fabric", "device").agg(
        pl.col("vlan").max(), vrfs=pl.col("vrf").drop_nulls().n_unique()
    )
    full = per_leaf.filter(pl.col("vlan") + pl.col("vrfs") > LAST_VLAN).sort("device")
    for (fabric,), part in full.partition_by("fabric", as_dict=True, maintain_order=True).items():
        row = part.row(0, named=True)
        yield Hit(
            f"fabric {fabric}: {count(part.height, 'leaf')} with subnets up to VLAN {row['vlan']} and "
            f"{row['vrfs']} VRFs ({some(part['device'])}); VLANs end at {LAST_VLAN}",
            "put fewer scalable units behind a leaf: nodes_per_leaf",
            context.fabric_at(str(fabric)),
        )


@check("ADR111", Severity.ERROR, "Switches take the packets that hosts send")
def packets_fit(context: Context) -> Iterator[Hit]:
    for fabric in context.design.fabrics.values():
        policy = fabric.policy
        if policy is None:
            continue
        header = VXLAN_BYTES if policy.overlay == "evpn" else 0
        if policy.mtu + header > policy.switch_mtu:
            tunnel = f" and {header} of the tunnel" if header else ""
            yield Hit(
                f"fabric {fabric.name}: hosts send packets of {policy.mtu:,} bytes{tunnel}, its switches take "
                f"{policy.switch_mtu:,}",
                f"raise fabrics.{fabric.name}.switch_mtu, or lower mtu",
                context.fabric_at(fabric.name),
            )


@check("ADR112", Severity.ERROR, "An InfiniBand subnet has local identifiers enough")
def lids_are_enough(context: Context) -> Iterator[Hit]:
    for fabric in context.design.fabrics.values():
        if fabric.technology != Technology.INFINIBAND:
            continue
        needed = _lids(context, fabric)
        if needed > UNICAST_LID_COUNT:
            yield Hit(
                f"fabric {fabric.name}: a subnet needs {needed:,} unicast LIDs, there are {UNICAST_LID_COUNT:,}",
                "spread the ports over more planes, each a subnet of its own, or give pools fabrics of their own",
                context.fabric_at(fabric.name),
            )


def _lids(context: Context, fabric: FabricDesign) -> int:
    """LIDs of the fullest plane (each plane is a subnet): one an adapter's port (LMC 0), one a switch."""
    cables = context.tables.cables.filter((pl.col("fabric") == fabric.name) & pl.col("tier").str.ends_with("-leaf"))
    ports = cables.group_by("plane").len("ports")
    switches = (
        context.tables.devices.filter((pl.col("fabric") == fabric.name) & (pl.col("kind") == "switch"))
        .group_by("plane")
        .len("switches")
    )
    both = ports.join(switches, on="plane", how="full", coalesce=True).fill_null(0)
    most = both.select((pl.col("ports") + pl.col("switches")).max()).item()
    return int(most or 0)
