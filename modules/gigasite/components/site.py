"""A whole site as a component: its power, cooling, rows, fabrics and pools from one description."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, Optional, TypedDict

import pulumi

from gigasite.components.base import Part
from gigasite.components.cooling_plant import CoolingPlant
from gigasite.components.fabric import Fabric, FabricArgs
from gigasite.components.node_pool import NodePool
from gigasite.components.planning import Plan, plan_file, plan_settings
from gigasite.components.power_system import PowerSystem
from gigasite.components.rack_row import RackRow
from gigasite.components.refusal import told_plainly
from gigasite.economics import economics_figures
from gigasite.errors import GigasiteError, Severity
from gigasite.exports.documents import document_folder
from gigasite.exports.figures import known, site_capacity, site_margins
from gigasite.exports.racks import rack_rows
from gigasite.provider.switchargs import PushArgs
from gigasite.render.report import design_document


class SiteArgs(TypedDict):
    """A site's description: a file, or what would stand in it."""

    site_file: NotRequired[str]
    """Path of the site file, relative to the program's working directory."""
    site: NotRequired[dict[str, Any]]
    """The description itself, with the keys of a site file."""
    push: NotRequired[dict[str, PushArgs]]
    """By the name of a fabric: how its switches get their configurations; of others they are files alone."""


class Site(Part):
    """One place with its own power and network. A design with findings of severity error is refused."""

    site: pulumi.Output[str]
    """The site's name."""
    gpu_count: pulumi.Output[int]
    """Accelerators in all pools."""
    node_count: pulumi.Output[int]
    """Operating-system instances in all pools."""
    rack_count: pulumi.Output[int]
    """Racks, those for network and management included."""
    it_kw: Optional[pulumi.Output[float]]  # noqa: UP045  (Pulumi's analyser follows no `|`)
    """Load of the racks, kW; absent where unknown."""
    utility_kw: Optional[pulumi.Output[float]]  # noqa: UP045
    """Load at the meter, kW; absent where unknown."""
    margins: pulumi.Output[dict[str, Any]]
    """What is left: of the utility connection, and of each hall."""
    economics: pulumi.Output[dict[str, Any]]
    """What a change is judged by: cost, energy, water, carbon; what is unknown is left out."""
    pools: pulumi.Output[dict[str, Any]]
    """Figures of each pool."""
    fabrics: pulumi.Output[dict[str, Any]]
    """Figures of each fabric."""
    build_folder: pulumi.Output[str]
    """Where its files lie, relative to the folder of Pulumi.yaml."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        opts: Optional[pulumi.ResourceOptions] = None,  # noqa: UP045
    ) -> None:
        super().__init__(name, opts)
        with told_plainly():
            plan = _plan(name, args)
            self._warn(plan)
            economics = known(economics_figures(plan.design, plan.catalog, plan.site_folder)["headline"])
            document = design_document(plan.design, plan.findings, economics)
            self._register(plan, (document_folder(plan.design, plan.findings, document),))
            push = _pushed(plan, args.get("push", {}))
        pools, fabrics = self._children(name, plan, push)
        capacity = site_capacity(plan.design)
        self._publish(
            site=plan.design.site,
            gpu_count=capacity["gpu_count"],
            node_count=capacity["node_count"],
            rack_count=capacity["rack_count"],
            it_kw=capacity.get("it_kw"),
            utility_kw=capacity.get("utility_kw"),
            margins=site_margins(plan.design),
            economics=economics,
            pools={key: pool.figures for key, pool in pools.items()},
            fabrics={key: fabric.figures for key, fabric in fabrics.items()},
            build_folder=plan.folder,
        )

    def _children(
        self, name: str, plan: Plan, push: Mapping[str, PushArgs]
    ) -> tuple[dict[str, NodePool], dict[str, Fabric]]:
        """The parts of the site, each with the design that is there already."""
        design = plan.design
        mine = pulumi.ResourceOptions(parent=self)
        PowerSystem(f"{name}-power", {"pools": []}, mine, plan=plan)
        CoolingPlant(f"{name}-cooling", {"pools": []}, mine, plan=plan)
        for row in rack_rows(design):
            RackRow(f"{name}-{row.name}", {"system": ""}, mine, plan=plan, row=row)
        fabrics = {}
        for key in design.fabrics:
            told: FabricArgs = {"name": key, "system": ""}
            if key in push:
                told["push"] = push[key]
            fabrics[key] = Fabric(f"{name}-{key}", told, mine, plan=plan)
        pools = {
            key: NodePool(f"{name}-{key}", {"name": key, "system": pool.system}, mine, plan=plan)
            for key, pool in design.pools.items()
        }
        return pools, fabrics

    def _warn(self, plan: Plan) -> None:
        """Says what a reader of the plan should know and what does not stop it."""
        for finding in plan.findings:
            if finding.severity is Severity.WARNING:
                pulumi.log.warn(str(finding), self)
        decisive = [setting.path for setting in plan.design.assumptions if setting.decisive]
        if decisive:
            pulumi.log.warn(f"assumed, though it decides the site: {', '.join(decisive)}", self)


def _pushed(plan: Plan, push: Mapping[str, PushArgs]) -> Mapping[str, PushArgs]:
    """What is pushed, by fabric. Raises GigasiteError for a fabric that the site does not have."""
    for name in push:
        if name not in plan.design.fabrics:
            raise GigasiteError(
                f"the site has no fabric {name} to push to", "push", f"fabrics are {', '.join(plan.design.fabrics)}"
            )
    return push


def _plan(name: str, args: SiteArgs) -> Plan:
    file, site = args.get("site_file"), args.get("site")
    if file is not None and site is None:
        return plan_file(Path(file))
    if site is not None and file is None:
        return plan_settings(name, site)
    raise GigasiteError("say what the site is, once", path=name, hint="give site_file or site, one of the two")
