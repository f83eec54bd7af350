"""One network as a component: switches and cables, laid out for a pool of nodes."""

from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from gigasite.components.base import Part
from gigasite.components.planning import Plan, Settings, given, plan_settings
from gigasite.components.refusal import told_plainly
from gigasite.exports.figures import address_networks, fabric_figures
from gigasite.exports.inventory import switch_inventory
from gigasite.exports.switches import switch_groups


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
    reference_architecture: NotRequired[str]
    """Catalog key, where the system has several."""
    switch: NotRequired[str]
    """Catalog key of the leaf switch, and of the others where they are not given."""
    spine_switch: NotRequired[str]
    """Catalog key of the spine switch."""
    core_switch: NotRequired[str]
    """Catalog key of the core switch."""
    planes: NotRequired[int]
    """Parallel copies of the network."""
    rail_optimised: NotRequired[bool]
    """Whether the k-th ports of all nodes share a leaf."""
    oversubscription: NotRequired[float]
    """Down to up bandwidth of a leaf; 1 is non-blocking."""
    link_gbps: NotRequired[float]
    """Speed of one link, Gb/s."""
    supernet: NotRequired[str]
    """IPv4 network that its addresses come from."""
    asn_base: NotRequired[int]
    """First autonomous system number."""
    prefix: NotRequired[str]
    """What the names of its devices begin with."""


class Fabric(Part):
    """A network's switches in groups, each with its device data, its cable schedule and an inventory."""

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
            self._register(plan, (*switch_groups(plan.design, fabric), inventory))
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
                reference_architecture=args.get("reference_architecture"),
                fabric=fabric if "compute" in roles else None,
            )
        ],
        fabrics={
            fabric: given(
                roles=roles,
                switch=args.get("switch"),
                spine_switch=args.get("spine_switch"),
                core_switch=args.get("core_switch"),
                planes=args.get("planes"),
                rail_optimised=args.get("rail_optimised"),
                oversubscription=args.get("oversubscription"),
                link_gbps=args.get("link_gbps"),
            )
        },
        network=given(
            supernets=given(**{fabric: args.get("supernet")}),
            asn_base=args.get("asn_base"),
        ),
    )
