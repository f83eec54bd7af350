"""Defaults of what a fabric's switches and hosts are set to."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Switch, Technology
from gigasite.catalog.roce_products import RoceProfile
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.policy import Numbering, Overlay, QosSpec
from gigasite.spec.pools import FabricSpec, Role, Topology
from gigasite.spec.topologies import DragonflySpec, GroupKind

DEFAULT_PROFILE = "lossless"
INFINIBAND_MTU = 4092
"""IPoIB in datagrams: the link's 4096 bytes less 4 of its own header (RFC 4391, section 7)."""
RDMA_MTU = 9000
PLAIN_MTU = 1500
_RDMA_ROLES = {Role.COMPUTE, Role.STORAGE}
SWITCH_MTU = 9216
EOS_MTU = 9214
OTHER_OS = "sonic"


def fabric_policy(resolver: Resolver, name: str, fabric: FabricSpec, catalog: Catalog) -> FabricSpec:
    """The fabric with its policy filled in."""
    assert fabric.switch is not None
    switch = catalog.switch(fabric.switch)
    infiniband = switch.technology is Technology.INFINIBAND
    defaults = _infiniband(fabric) if infiniband else _ethernet(fabric, switch)
    found: FabricSpec = resolver.part(f"fabrics.{name}", fabric, {"os": _os(switch), **defaults})
    if infiniband or not _RDMA_ROLES & set(fabric.roles):
        return found
    return found.model_copy(update={"qos": _qos(resolver, name, fabric.qos or QosSpec(), catalog)})


def _os(switch: Switch) -> Default:
    if switch.technology is Technology.INFINIBAND:
        return Default("opensm", "an InfiniBand subnet is set by its subnet manager", Origin.DERIVED)
    if switch.os is None:
        return Default(OTHER_OS, f"no source says what {switch.title} runs; most makers of switches offer SONiC")
    return Default(switch.os, switch.title, Origin.CATALOG)


def _infiniband(fabric: FabricSpec) -> dict[str, Default]:
    engine, topology = _engine(fabric)
    return {
        "mtu": Default(INFINIBAND_MTU, "RFC 4391: 4096 bytes less the IPoIB header", Origin.DERIVED),
        "switch_mtu": Default(INFINIBAND_MTU, "RFC 4391: 4096 bytes less the IPoIB header", Origin.DERIVED),
        "routing_engine": Default(engine, f"routes {topology} without deadlock", Origin.DERIVED),
    }


def _engine(fabric: FabricSpec) -> tuple[str, str]:
    """OpenSM's engine for a topology, and what it is called."""
    if fabric.topology is not Topology.DRAGONFLY:
        return "ftree", "a fat tree"
    groups = (fabric.dragonfly or DragonflySpec()).group
    return ("dfp", "a dragonfly+") if groups is GroupKind.LEAF_SPINE else ("dfsssp", "a dragonfly of full meshes")


def _ethernet(fabric: FabricSpec, switch: Switch) -> dict[str, Default]:
    rdma = bool(_RDMA_ROLES & set(fabric.roles))
    mtu = Default(RDMA_MTU, "k8s-launch-kit's default for RDMA") if rdma else Default(PLAIN_MTU, "plain Ethernet")
    switch_mtu = Default(SWITCH_MTU, "what Cumulus Linux sets its ports to, and the most that SONiC takes")
    if (fabric.os or switch.os) == "eos":
        switch_mtu = Default(EOS_MTU, "what Arista's validated designs set routed ports to")
    spreads = Default(False, f"no source says that {switch.title} spreads packets of one flow")
    if switch.adaptive_routing is not None:
        spreads = Default(rdma and switch.adaptive_routing, switch.title, Origin.CATALOG)
    return {
        "mtu": mtu,
        "switch_mtu": switch_mtu,
        "numbering": Default(Numbering.UNNUMBERED, "fewest addresses; RFC 5549"),
        "overlay": Default(Overlay.NONE, "no tenant is kept apart on this fabric"),
        "adaptive_routing": spreads,
    }


def _qos(resolver: Resolver, name: str, given: QosSpec, catalog: Catalog) -> QosSpec:
    """The profile's values where the site states none."""
    key = given.profile or DEFAULT_PROFILE
    profile = catalog.roce_profile(key)
    defaults: dict[str, Default] = {
        "profile": Default(profile.key, "the catalog's usual profile"),
        **{field: _fact(profile, field) for field in QosSpec.model_fields if field in RoceProfile.model_fields},
    }
    found: QosSpec = resolver.part(f"fabrics.{name}.qos", given, defaults)
    return found


def _fact(profile: RoceProfile, field: str) -> Default:
    """A value of the profile; what stands there without a source is an assumption here too."""
    source = profile.origins.get(field)
    sourced = source is None or source.tier != "assumption"
    why = f"{profile.title}: {source.doc}" if source else profile.title
    return Default(getattr(profile, field), why, Origin.CATALOG if sourced else Origin.ASSUMPTION)
