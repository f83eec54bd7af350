"""A pool of nodes as a component: what its machines are called, where they stand, how they are reached."""

from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from gigasite.components.args import GuestArgs, PoolCoolingArgs, PoolLoadArgs
from gigasite.components.base import Part
from gigasite.components.planning import Plan, Settings, given, plan_settings
from gigasite.components.refusal import told_plainly
from gigasite.exports.figures import address_networks, pool_figures
from gigasite.exports.hosts import host_network
from gigasite.exports.inventory import node_inventory
from gigasite.exports.nodes import pool_folder, pool_racks


class NodePoolArgs(TypedDict):
    """Nodes of one system with one purpose. Its size is `scalable_units` or `nodes`, one of the two."""

    system: str
    """Catalog key of the system, e.g. `dgx-h100`."""
    name: NotRequired[str]
    """Name of the pool; the resource's name where absent."""
    purpose: NotRequired[str]
    """training, inference or development."""
    scalable_units: NotRequired[int]
    """Scalable units of the reference architecture."""
    nodes: NotRequired[int]
    """Operating-system instances; an NVL72 rack has 18."""
    build_to_scalable_units: NotRequired[int]
    """The ultimate size."""
    reference_architecture: NotRequired[str]
    """Catalog key, where the system has several."""
    nodes_per_rack: NotRequired[int]
    """Node systems in one rack."""
    spare_trays_per_rack: NotRequired[int]
    """Trays a rack that are powered and cabled but not scheduled."""
    power_cap_kw: NotRequired[float]
    """Enforced limit of one system's draw, kW."""
    load: NotRequired[PoolLoadArgs]
    """How its load moves; a power profile."""
    cooling: NotRequired[PoolCoolingArgs]
    """Rear doors or immersion, where its racks have them."""
    virtual_functions: NotRequired[int]
    """SR-IOV virtual functions of each compute port."""
    guest: NotRequired[GuestArgs]
    """What its nodes see of the hardware, where they are virtual machines."""
    supernets: NotRequired[dict[str, str]]
    """IPv4 network of each fabric, by its role."""
    prefix: NotRequired[str]
    """What the names of its nodes begin with."""


class NodePool(Part):
    """A pool's Ansible inventory, its tables of nodes and addresses by scalable unit, and what its hosts are set to."""

    node_count: pulumi.Output[int]
    """Operating-system instances."""
    gpu_count: pulumi.Output[int]
    """Accelerators."""
    it_kw: Optional[pulumi.Output[float]]  # noqa: UP045
    """Draw of its systems, kW; absent where unknown."""
    figures: pulumi.Output[dict[str, Any]]
    """System, racks, scalable units, spare nodes, compute fabric."""
    racks: pulumi.Output[list[str]]
    """Names of the racks that hold its nodes."""
    networks: pulumi.Output[dict[str, str]]
    """Its part of each fabric's supernet."""
    inventory: pulumi.Output[str]
    """Folder of its Ansible inventory, relative to the folder of Pulumi.yaml."""

    def __init__(
        self,
        name: str,
        args: NodePoolArgs,
        opts: Optional[pulumi.ResourceOptions] = None,  # noqa: UP045
        *,
        plan: Plan | None = None,
    ) -> None:
        super().__init__(name, opts)
        with told_plainly():
            pool = args.get("name", name)
            plan = plan or plan_settings(name, _settings(pool, args), only=("POL", "ADR"))
            inventory = node_inventory(plan.design, pool)
            network, hosts = host_network(plan.design, pool, plan.catalog)
            self._register(plan, (pool_folder(plan.design, pool), inventory, network, hosts))
            figures = pool_figures(plan.design.pools[pool])
        self._publish(
            node_count=figures["node_count"],
            gpu_count=figures["gpu_count"],
            it_kw=figures.get("it_kw"),
            figures=figures,
            racks=pool_racks(plan.design, pool),
            networks=address_networks(plan.design, owner=pool),
            inventory=f"{plan.folder}/{inventory.path}",
        )


def _settings(pool: str, args: NodePoolArgs) -> Settings:
    """The smallest site that has this pool."""
    return given(
        name=pool,
        naming=given(prefix=args.get("prefix")),
        pools=[
            given(
                name=pool,
                system=args.get("system"),
                purpose=args.get("purpose"),
                scalable_units=args.get("scalable_units"),
                nodes=args.get("nodes"),
                build_to_scalable_units=args.get("build_to_scalable_units"),
                reference_architecture=args.get("reference_architecture"),
                nodes_per_rack=args.get("nodes_per_rack"),
                spare_trays_per_rack=args.get("spare_trays_per_rack"),
                power_cap_kw=args.get("power_cap_kw"),
                load=args.get("load"),
                cooling=args.get("cooling"),
                virtual_functions=args.get("virtual_functions"),
                guest=args.get("guest"),
            )
        ],
        network=given(supernets=args.get("supernets")),
    )
