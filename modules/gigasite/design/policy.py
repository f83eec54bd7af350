"""What a fabric is configured to do, beside how it is cabled: one object that switches and hosts both follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gigasite.catalog.models import Technology
from gigasite.spec.policy import Numbering, Overlay, QosSpec
from gigasite.spec.pools import FabricSpec


@dataclass(frozen=True, slots=True)
class RoceQos:
    """How an Ethernet fabric treats RDMA traffic: its class, its marks, and when queues mark and pause.

    Priorities are 802.1p (0 to 7), of PFC and of switch queues alike; DSCP are 0 to 63.
    """

    priority: int
    """Of RDMA data: the class that PFC keeps lossless."""
    dscp: int
    """Of RDMA data."""
    cnp_priority: int
    """Of congestion notification packets, served strictly before the others."""
    cnp_dscp: int
    ecn_min_kbyte: float
    """Queue length from which packets are marked."""
    ecn_max_kbyte: float
    """Queue length from which `ecn_max_ratio` of the packets are marked."""
    ecn_max_ratio: float
    bandwidth_ratio: float
    """Part of a port's bandwidth that RDMA data is sure of (ETS)."""
    pfc_watchdog_ms: int | None
    """A queue that is paused for so long is drained; None: no watchdog."""
    adaptive_routing: bool
    """Whether switches spread packets of one flow over equal paths; NICs then must place them out of order."""
    lossless: bool = True
    """Whether PFC pauses RDMA data; without, marking alone holds queues down."""


@dataclass(frozen=True, slots=True)
class FabricPolicy:
    """What the switches and hosts of one fabric are set to."""

    os: str | None
    """Operating system of its switches, a folder of templates/switch; None: nobody says which they run."""
    mtu: int
    """Largest IP packet of a host's interface, bytes."""
    numbering: Literal["unnumbered", "numbered"] = "unnumbered"
    """Links between switches: over IPv6 link-local addresses (RFC 5549), or a /31 each."""
    overlay: Literal["none", "evpn"] = "none"
    """Whether tenants are kept apart by VXLAN with EVPN; without, by nothing on this fabric."""
    qos: RoceQos | None = None
    """None: InfiniBand, or a fabric without RDMA."""
    routing_engine: str | None = None
    """Of an InfiniBand subnet manager: `ftree`, `updn`, `ar_updn`, `dfp`, …; None on Ethernet."""
    switch_mtu: int = 9216
    """Largest IP packet that its switches take, bytes."""


@dataclass(frozen=True, slots=True)
class TenantDesign:
    """A tenant whose nodes are kept apart from those of others, with the numbers that do so on each technology."""

    name: str
    pool: str
    su: tuple[int, ...]
    """Scalable units of the pool that are its own, from 1; empty: it shares the pool and is not kept apart."""
    vrf: str | None
    vni: int | None
    """VXLAN network identifier of its VRF."""
    pkey: int | None
    """InfiniBand partition key, without the bit of full membership."""


def policy_of(spec: FabricSpec, technology: str) -> FabricPolicy:
    """The policy of a fabric whose defaults are filled in."""
    infiniband = technology == Technology.INFINIBAND.value
    assert spec.mtu is not None
    return FabricPolicy(
        os=spec.os,
        mtu=spec.mtu,
        switch_mtu=spec.switch_mtu or spec.mtu,
        numbering="numbered" if spec.numbering is Numbering.NUMBERED else "unnumbered",
        overlay="evpn" if spec.overlay is Overlay.EVPN else "none",
        qos=None if infiniband or spec.qos is None else _qos(spec.qos, adaptive_routing=bool(spec.adaptive_routing)),
        routing_engine=spec.routing_engine if infiniband else None,
    )


def _qos(spec: QosSpec, *, adaptive_routing: bool) -> RoceQos | None:
    values = spec.model_dump(exclude={"profile"})
    if any(values[name] is None for name in values if name != "pfc_watchdog_ms"):
        return None
    if not values["lossless"]:
        values["pfc_watchdog_ms"] = None
    return RoceQos(**values, adaptive_routing=adaptive_routing)
