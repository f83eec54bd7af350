"""Pools of nodes, tenants, and the fabrics that join them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gigasite.spec.base import MAX_NODE_COUNT, MAX_SU_COUNT, CatalogKey, Model, Name
from gigasite.spec.cooling import PoolCoolingSpec
from gigasite.spec.guest import GuestSpec
from gigasite.spec.load import PoolLoadSpec
from gigasite.spec.policy import Mtu, Numbering, Overlay, QosSpec
from gigasite.spec.topologies import DragonflySpec, OpticalSpec
from gigasite.units import Gbps, PositiveKilowatts


class Purpose(StrEnum):
    """What a pool is for."""

    TRAINING = "training"
    INFERENCE = "inference"
    DEVELOPMENT = "development"


class Role(StrEnum):
    """What a fabric carries."""

    COMPUTE = "compute"
    STORAGE = "storage"
    INBAND = "inband"
    OOB = "oob"
    INTERCONNECT = "interconnect"


class Topology(StrEnum):
    """How the switches of a fabric are joined."""

    CLOS = "clos"
    RAIL_ONLY = "rail-only"
    DRAGONFLY = "dragonfly"
    OPTICAL = "optical"


class SpineScope(StrEnum):
    """Which leaves a spine joins."""

    SHARED = "shared"
    RAIL = "rail"


class LeafScope(StrEnum):
    """Whose nodes a leaf joins."""

    SCALABLE_UNIT = "scalable-unit"
    RACK = "rack"


class PoolSpec(Model):
    """Nodes of one system with one purpose. Its size is `scalable_units` or `nodes`, one of the two."""

    name: Name
    purpose: Purpose = Purpose.TRAINING
    """What the pool is for: `training`, `inference` or `development`."""
    system: CatalogKey
    """Catalog key of the system."""
    scalable_units: Annotated[int, Field(ge=1, le=MAX_SU_COUNT)] | None = None
    """Size in scalable units of the reference architecture."""
    nodes: Annotated[int, Field(ge=1, le=MAX_NODE_COUNT)] | None = None
    """Operating-system instances (an NVL72 rack has 18); slots reserved for management are not counted."""
    build_to_scalable_units: Annotated[int, Field(ge=1, le=MAX_SU_COUNT)] | None = None
    """The ultimate size: the compute fabric is laid out for it."""
    fabric: Name | None = None
    """The compute fabric; `compute` where absent."""
    reference_architecture: CatalogKey | None = None
    """Catalog key; the system's own where absent."""
    nodes_per_scalable_unit: Annotated[int, Field(ge=1, le=MAX_NODE_COUNT)] | None = None
    """Node slots of a scalable unit, reserved ones included; from the reference architecture where absent."""
    nodes_per_rack: Annotated[int, Field(ge=1, le=64)] | None = None
    """Nodes in a rack; from the reference architecture, height and rack kW where absent."""
    spare_trays_per_rack: Annotated[int, Field(ge=0, le=64)] = 0
    """Trays a rack that are powered and cabled but kept out of the schedulable quota."""
    power_cap_kw: PositiveKilowatts | None = None
    """Enforced limit of one system's draw, below its maximum."""
    load: PoolLoadSpec = PoolLoadSpec()
    """How its load moves."""
    cooling: PoolCoolingSpec = PoolCoolingSpec()
    """Rear doors or immersion tanks of its own."""
    virtual_functions: Annotated[int, Field(ge=1, le=127)] | None = None
    """SR-IOV virtual functions of each compute port; none where absent."""
    guest: GuestSpec | None = None
    """Where its nodes are virtual machines: what they see of the hardware. Absent: bare metal."""

    @model_validator(mode="after")
    def _one_size(self) -> PoolSpec:
        if (self.scalable_units is None) == (self.nodes is None):
            raise ValueError("give the pool's size once: scalable_units or nodes")
        if self.build_to_scalable_units and self.build_to_scalable_units < (self.scalable_units or 0):
            raise ValueError("build_to_scalable_units is less than scalable_units")
        return self


Oversubscription = Annotated[float, Field(ge=0.01, le=1000)]
_OTHERS = (Topology.DRAGONFLY, Topology.OPTICAL)
_PODS = ("scalable_units_per_pod", "racks_per_pod", "leaves_per_pod")
_TREE_KEYS = (
    *_PODS,
    "leaf_scope",
    "spine_scope",
    "nodes_per_leaf",
    "uplinks_per_leaf",
    "spines_per_pod",
    "core_switches_per_plane",
    "core_switch",
    "oversubscription",
    "spine_oversubscription",
    "core_trunk_gbps",
)


_LAYOUT_KEYS = (
    *_PODS,
    "topology",
    "dual_tor",
    "leaf_scope",
    "spine_scope",
    "nodes_per_leaf",
    "uplinks_per_leaf",
    "spines_per_pod",
    "core_switches_per_plane",
    "trunk_gbps",
    "core_trunk_gbps",
)


class FabricSpec(Model):
    """One network: what it carries and how it is built. Absent values come from the reference architecture."""

    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    """What it carries: `compute`, `storage`, `inband`, `oob`, `interconnect`."""
    topology: Topology | None = None
    """`clos`; `rail-only`: each rail a fabric of its own, of one or two tiers; `dragonfly`, `optical`."""
    switch: CatalogKey | None = None
    """Catalog key of the leaf switch."""
    spine_switch: CatalogKey | None = None
    """Catalog key of the spine switch."""
    core_switch: CatalogKey | None = None
    """Catalog key of the core switch."""
    planes: Annotated[int, Field(ge=1, le=16)] | None = None
    """Parallel copies that the ports of a NIC are spread over: port by port, and by breakout where ports are fewer."""
    dual_tor: bool | None = None
    """Whether the two ports of a NIC (or two NICs of one port) land on two leaves of a plane, which share spines."""
    rail_optimised: bool | None = None
    """Whether the k-th NICs of all nodes of a unit meet on one leaf."""
    leaf_scope: LeafScope | None = None
    """Whose nodes share a leaf: of a `rack`, or of a `scalable-unit` (and more of them, while ports last)."""
    spine_scope: SpineScope | None = None
    """`shared`: a spine joins all rails; `rail`: each rail has its own, and rails meet in core switches."""
    nodes_per_leaf: Annotated[int, Field(ge=1, le=MAX_NODE_COUNT)] | None = None
    """Nodes that share a leaf (in a rail-optimised fabric: of each rail), even where it has ports for more."""
    uplinks_per_leaf: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Links of a leaf to its spines; as many as `oversubscription` needs where absent."""
    spines_per_pod: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Spines that a leaf reaches: all of its plane in two tiers, those of its pod in three; fewest where absent."""
    core_switches_per_plane: Annotated[int, Field(ge=1, le=65536)] | None = None
    """Core switches of a plane of three tiers; the fewest where absent."""
    scalable_units_per_pod: Annotated[int, Field(ge=1, le=MAX_SU_COUNT)] | None = None
    """Size of a pod, in scalable units; more than one pod makes three tiers."""
    racks_per_pod: Annotated[int, Field(ge=1, le=MAX_SU_COUNT)] | None = None
    """Size of a pod, in racks of nodes."""
    leaves_per_pod: Annotated[int, Field(ge=1, le=65536)] | None = None
    """Size of a pod, in leaves of one plane (and of one rail, where each rail has spines of its own)."""
    oversubscription: Oversubscription | None = None
    """Down to up bandwidth of a leaf; 1 is non-blocking, below 1 more goes up than down."""
    spine_oversubscription: Oversubscription | None = None
    """Down to up bandwidth of a spine."""
    link_gbps: Gbps | None = None
    """Speed of one link to a node; the NIC port's (over the planes that share it) where absent."""
    trunk_gbps: Gbps | None = None
    """Speed of one link between leaf and spine; `link_gbps`, or the leaf's own uplinks' as far as spines have it."""
    core_trunk_gbps: Gbps | None = None
    """Speed of one link between spine and core; `trunk_gbps`, or the spine's own uplinks' as far as cores have it."""
    border_ports: Annotated[int, Field(ge=0, le=1024)] = 0
    """Ports of each switch of the top tier that stay free for border switches, which links to other sites need."""
    os: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=32)] | None = None
    """Operating system of the switches, a folder of templates/switch: `nvue`, `eos`, `sonic`, `frr`; by the switch."""
    mtu: Mtu | None = None
    """Largest IP packet of a host's interface, bytes."""
    switch_mtu: Mtu | None = None
    """Largest IP packet that its switches take, bytes; with an overlay 50 of them are the tunnel's."""
    numbering: Numbering | None = None
    """Links between switches: `unnumbered` (IPv6 link-local, RFC 5549), or `numbered`, with a /31 each."""
    overlay: Overlay | None = None
    """`evpn`: tenants are kept apart by VXLAN; `none`."""
    qos: QosSpec | None = None
    """How RDMA traffic is treated; the catalog's profile where absent."""
    adaptive_routing: bool | None = None
    """Whether switches spread packets of one flow over equal paths (Spectrum-X; on InfiniBand by its manager)."""
    routing_engine: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=32)] | None = None
    """Of an InfiniBand subnet manager: `ftree`, `updn`, `ar_updn`, `dfp`; by the topology where absent."""
    dragonfly: DragonflySpec | None = None
    """The numbers of a dragonfly, where `topology` is one."""
    optical: OpticalSpec | None = None
    """The numbers of blocks and optical circuit switches, where `topology` is `optical`."""

    @model_validator(mode="after")
    def _roles_once(self) -> FabricSpec:
        if len(set(self.roles)) != len(self.roles):
            raise ValueError("a role is listed twice")
        return self

    @model_validator(mode="after")
    def _interconnect_alone(self) -> FabricSpec:
        if Role.INTERCONNECT in self.roles and len(self.roles) > 1:
            raise ValueError("circuits to other sites are a network of their own: interconnect is its only role")
        return self

    @model_validator(mode="after")
    def _one_kind_of_pod(self) -> FabricSpec:
        given = [name for name in _PODS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"give the size of a pod once: {' or '.join(given)}")
        return self

    @model_validator(mode="after")
    def _management_has_its_own_rules(self) -> FabricSpec:
        given = [name for name in _LAYOUT_KEYS if getattr(self, name) is not None]
        if self.roles == (Role.OOB,) and given:
            raise ValueError(f"the management fabric is laid out by rules of its own: leave out {given[0]}")
        return self

    @model_validator(mode="after")
    def _rails_stay_apart(self) -> FabricSpec:
        if self.topology is not Topology.RAIL_ONLY:
            return self
        if self.rail_optimised is False:
            raise ValueError("a rail-only fabric is rail-optimised: leave rail_optimised out")
        if self.spine_scope is SpineScope.SHARED:
            raise ValueError("spines of a rail-only fabric are a rail's own: leave spine_scope out")
        joined = [name for name in ("core_switches_per_plane", "core_switch", *_PODS) if getattr(self, name)]
        if joined:
            raise ValueError(f"a rail-only fabric has no pods and no core switches: leave out {joined[0]}")
        return self

    @model_validator(mode="after")
    def _numbers_of_its_topology(self) -> FabricSpec:
        if self.dragonfly is not None and self.topology is not Topology.DRAGONFLY:
            raise ValueError("dragonfly has the numbers of another topology: add topology: dragonfly")
        if self.optical is not None and self.topology is not Topology.OPTICAL:
            raise ValueError("optical has the numbers of another topology: add topology: optical")
        if self.topology not in _OTHERS:
            return self
        if Role.OOB in self.roles:
            raise ValueError("the management network is a tree: leave topology out where oob is a role")
        foreign = [name for name in _TREE_KEYS if getattr(self, name) is not None]
        if foreign:
            raise ValueError(f"{foreign[0]} belongs to a tree of leaves, spines and cores: leave it out")
        return self


class TenantSpec(Model):
    """Who uses a share of a pool, or has scalable units of it alone."""

    name: Name
    pool: Name
    """The pool's name."""
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Part of the pool, above 0, at most 1; that of its scalable units where it has some."""
    scalable_units: tuple[Annotated[int, Field(ge=1, le=MAX_SU_COUNT)], ...] = ()
    """Units of the pool, from 1, that are its alone, kept apart from everybody else's in the networks."""

    @model_validator(mode="after")
    def _share_or_units(self) -> TenantSpec:
        if self.share is None and not self.scalable_units:
            raise ValueError("say what the tenant has: a share, or scalable_units that are its alone")
        if len(set(self.scalable_units)) != len(self.scalable_units):
            raise ValueError("a scalable unit is listed twice")
        return self


class StorageSpec(Model):
    """Storage appliances, as their vendor states them; absent: storage is no part of the design."""

    appliances: Annotated[int, Field(ge=1, le=100_000)]
    """How many."""
    ports_per_appliance: Annotated[int, Field(ge=1, le=64)] = 2
    """Network ports of one."""
    port_gbps: Gbps
    """Speed of a port."""
    height_u: Annotated[int, Field(ge=1, le=60)]
    """Height of one."""
    max_kw: PositiveKilowatts
    """Draw of one."""
    weight_kg: Annotated[float, Field(gt=0, le=5000)]
    """Weight of one."""


Electrical = Literal["nec", "iec"]
