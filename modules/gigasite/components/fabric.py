"""One network as a component: switches and cables, laid out for a pool of nodes."""

from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from gigasite.components.base import Part
from gigasite.components.cabling_papers import cabling_papers
from gigasite.components.configuring import configuration_texts, configured_groups
from gigasite.components.infiniband import subnet_folders
from gigasite.components.planning import Plan, Settings, given, plan_settings
from gigasite.components.pushing import push_groups
from gigasite.components.refusal import told_plainly
from gigasite.exports.figures import address_networks, fabric_figures
from gigasite.exports.inventory import switch_inventory
from gigasite.provider.switchargs import PushArgs
from gigasite.spec.pools import FabricSpec

# Keys of a fabric's section in the site file that are arguments of the same name.
FABRIC_KEYS = tuple(key for key in FabricSpec.model_fields if key != "roles")


class QosArgs(TypedDict, total=False):
    """How RDMA traffic is treated on an Ethernet fabric, where it differs from the profile."""

    profile: str
    """Catalog key of the profile that the rest comes from: `lossless` where absent, or `lossy`."""
    lossless: bool
    """Whether priority flow control pauses RDMA data; without, marking alone holds queues down."""
    priority: int
    """Priority of RDMA data."""
    dscp: int
    """DSCP of RDMA data."""
    cnp_priority: int
    """Priority of congestion notification packets."""
    cnp_dscp: int
    """DSCP of congestion notification packets."""
    ecn_min_kbyte: float
    """Queue length from which packets are marked."""
    ecn_max_kbyte: float
    """Queue length from which `ecn_max_ratio` of the packets are marked."""
    ecn_max_ratio: float
    """Part of the packets that are marked at `ecn_max_kbyte`."""
    bandwidth_ratio: float
    """Part of a port's bandwidth that RDMA data is sure of."""
    pfc_watchdog_ms: int
    """A queue that is paused for so long is drained."""


class DragonflyArgs(TypedDict, total=False):
    """A dragonfly: groups of switches, each group linked to each. What is left out is balanced: a = 2p = 2h."""

    group: str
    """`full-mesh`, or `leaf-spine` (dragonfly+)."""
    group_switches: int
    """Switches of a group that have endpoints."""
    group_spines: int
    """Spines of a group; of a dragonfly+ alone."""
    endpoints_per_switch: int
    """Endpoints of a switch."""
    global_links_per_switch: int
    """Ports of a switch that are kept for links to other groups."""
    links_between_switches: int
    """Links between two switches of a group that are linked."""
    links_between_groups: int
    """Links between each two groups."""
    groups: int
    """The ultimate number of groups."""
    bisection_ratio_min: float
    """The least bandwidth between halves of the groups."""


class OpticalArgs(TypedDict, total=False):
    """Blocks of switches that optical circuit switches join."""

    switch: str
    """Catalog key of the optical circuit switch."""
    block_leaves: int
    """Leaves of an aggregation block."""
    block_spines: int
    """Spines of a block, which have the fibres; 0: its leaf has them."""
    endpoints_per_leaf: int
    """Endpoints of a leaf."""
    links_between_switches: int
    """Links between a leaf and a spine of a block."""
    fibres_per_switch: int
    """Ports of a spine that lead to optical circuit switches."""
    optical_switches: int
    """Optical circuit switches of a plane."""
    blocks: int
    """The ultimate number of blocks."""
    other_loss_db: float
    """Loss of circulators, patch panels and connectors of one circuit."""


class FabricArgs(TypedDict):
    """A network and the nodes that it joins. Their number is `scalable_units` or `nodes`, one of the two."""

    system: str
    """Catalog key of the nodes' system, e.g. `dgx-h100`."""
    name: NotRequired[str]
    """Name of the fabric; the resource's name where absent."""
    roles: NotRequired[list[str]]
    """What it carries: compute, storage, inband, oob. Compute where absent."""
    scalable_units: NotRequired[int]
    """Scalable units of the reference architecture."""
    nodes: NotRequired[int]
    """Operating-system instances."""
    build_to_scalable_units: NotRequired[int]
    """The ultimate size that the layout is made for."""
    nodes_per_scalable_unit: NotRequired[int]
    """Node slots of a scalable unit, where it is not the published one."""
    nodes_per_rack: NotRequired[int]
    """Nodes in a rack."""
    reference_architecture: NotRequired[str]
    """Catalog key, where the system has several."""
    switch: NotRequired[str]
    """Catalog key of the leaf switch, and of the others where they are not given."""
    spine_switch: NotRequired[str]
    """Catalog key of the spine switch."""
    core_switch: NotRequired[str]
    """Catalog key of the core switch."""
    topology: NotRequired[str]
    """`clos`; or `rail-only`: each rail a fabric of its own, which no switch joins with others."""
    planes: NotRequired[int]
    """Parallel copies of the network that the ports of a NIC are spread over."""
    dual_tor: NotRequired[bool]
    """Whether the two ports of a NIC land on two leaves of a plane."""
    rail_optimised: NotRequired[bool]
    """Whether the k-th ports of all nodes share a leaf."""
    leaf_scope: NotRequired[str]
    """Whose nodes share a leaf: of a `rack`, or of a `scalable-unit`."""
    spine_scope: NotRequired[str]
    """`shared`: a spine joins all rails; `rail`: each rail has its own."""
    nodes_per_leaf: NotRequired[int]
    """Nodes that share a leaf, even where it has ports for more."""
    uplinks_per_leaf: NotRequired[int]
    """Links of a leaf to its spines."""
    spines_per_pod: NotRequired[int]
    """Spines that a leaf reaches."""
    core_switches_per_plane: NotRequired[int]
    """Core switches of a plane of three tiers."""
    scalable_units_per_pod: NotRequired[int]
    """Size of a pod, in scalable units."""
    racks_per_pod: NotRequired[int]
    """Size of a pod, in racks of nodes."""
    leaves_per_pod: NotRequired[int]
    """Size of a pod, in leaves of one plane."""
    oversubscription: NotRequired[float]
    """Down to up bandwidth of a leaf; 1 is non-blocking, below 1 more goes up than down."""
    spine_oversubscription: NotRequired[float]
    """Down to up bandwidth of a spine."""
    link_gbps: NotRequired[float]
    """Speed of one link to a node, Gb/s."""
    trunk_gbps: NotRequired[float]
    """Speed of one link between leaf and spine, Gb/s."""
    core_trunk_gbps: NotRequired[float]
    """Speed of one link between spine and core switch, Gb/s."""
    border_ports: NotRequired[int]
    """Ports of each switch of the top tier that stay free for border switches."""
    dragonfly: NotRequired[DragonflyArgs]
    """The numbers of a dragonfly, where the topology is one."""
    optical: NotRequired[OpticalArgs]
    """The numbers of blocks and optical circuit switches, where the topology is `optical`."""
    os: NotRequired[str]
    """Operating system of the switches: `nvue`, `eos`, `sonic`, `frr`; by the switch where absent."""
    mtu: NotRequired[int]
    """Largest IP packet of a host's interface, bytes."""
    switch_mtu: NotRequired[int]
    """Largest IP packet that its switches take, bytes; with an overlay 50 of them are the tunnel's."""
    numbering: NotRequired[str]
    """Links between switches: `unnumbered`, or `numbered`, with a /31 each."""
    overlay: NotRequired[str]
    """`evpn`: tenants are kept apart by VXLAN; `none`."""
    qos: NotRequired[QosArgs]
    """How RDMA traffic is treated; the catalog's profile where absent."""
    adaptive_routing: NotRequired[bool]
    """Whether switches spread packets of one flow over equal paths."""
    routing_engine: NotRequired[str]
    """Of an InfiniBand subnet manager; by the topology where absent."""
    guids_csv: NotRequired[str]
    """InfiniBand GUIDs of the hardware: a CSV file, relative to the program's working directory."""
    supernet: NotRequired[str]
    """IPv4 network that its addresses come from."""
    asn_base: NotRequired[int]
    """First autonomous system number."""
    prefix: NotRequired[str]
    """What the names of its devices begin with."""
    push: NotRequired[PushArgs]
    """How the switches get their configurations; where absent, nobody connects to them."""


class Fabric(Part):
    """A network's switches in groups, each with device data and a cable schedule; an inventory; InfiniBand subnets."""

    switch_count: pulumi.Output[int]
    """Leaf, spine and core switches."""
    cable_count: pulumi.Output[int]
    """Cables to nodes and between switches."""
    endpoint_count: pulumi.Output[int]
    """Node ports."""
    bisection_ratio: pulumi.Output[float]
    """Bandwidth across the narrowest tier over that of all endpoints."""
    figures: pulumi.Output[dict[str, Any]]
    """All counts: tiers, planes, switches by tier, roles, pools."""
    networks: pulumi.Output[dict[str, str]]
    """The part of the supernet that each pool, and the infrastructure, has."""
    inventory: pulumi.Output[str]
    """Folder of the switches' Ansible inventory, relative to the folder of Pulumi.yaml."""

    def __init__(
        self,
        name: str,
        args: FabricArgs,
        opts: Optional[pulumi.ResourceOptions] = None,  # noqa: UP045  (Pulumi's analyser follows no `|`)
        *,
        plan: Plan | None = None,
    ) -> None:
        super().__init__(name, opts)
        with told_plainly():
            fabric = args.get("name", name)
            plan = plan or plan_settings(name, _settings(fabric, args), only=("FAB", "ADR"))
            inventory = switch_inventory(plan.design, fabric)
            texts = configuration_texts(plan, fabric)
            subnets = subnet_folders(plan, fabric, args.get("guids_csv"))
            papers = cabling_papers(plan.design, fabric, plan.catalog)
            self._register(plan, (*configured_groups(plan, fabric, texts), *subnets, *papers, inventory))
            if "push" in args:
                push_groups(self, plan, fabric, texts, args["push"])
            figures = fabric_figures(plan.design.fabrics[fabric])
        self._publish(
            switch_count=figures["switch_count"],
            cable_count=figures["cable_count"],
            endpoint_count=figures["endpoint_count"],
            bisection_ratio=figures["bisection_ratio"],
            figures=figures,
            networks=address_networks(plan.design, fabric=fabric),
            inventory=f"{plan.folder}/{inventory.path}",
        )


def _settings(fabric: str, args: FabricArgs) -> Settings:
    """The smallest site that has this fabric."""
    roles = args.get("roles", ["compute"])
    return given(
        name=fabric,
        naming=given(prefix=args.get("prefix")),
        pools=[
            given(
                name="nodes",
                system=args.get("system"),
                scalable_units=args.get("scalable_units"),
                nodes=args.get("nodes"),
                build_to_scalable_units=args.get("build_to_scalable_units"),
                nodes_per_scalable_unit=args.get("nodes_per_scalable_unit"),
                nodes_per_rack=args.get("nodes_per_rack"),
                reference_architecture=args.get("reference_architecture"),
                fabric=fabric if "compute" in roles else None,
            )
        ],
        fabrics={
            fabric: given(roles=roles, **{key: args.get(key) for key in FABRIC_KEYS}),
        },
        network=given(
            supernets=given(**{fabric: args.get("supernet")}),
            asn_base=args.get("asn_base"),
        ),
    )
