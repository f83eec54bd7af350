"""Designs with InfiniBand fabrics, and hardware for them: GUIDs as a delivery note would list them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.infiniband.guids import GuidInventory, read_guids
from gigasite.design.infiniband.subnets import subnets
from gigasite.design.model import Design
from gigasite.design.policy import TenantDesign
from gigasite.spec.loader import load_text


@dataclass(frozen=True)
class Site:
    """A design with its catalog."""

    design: Design
    catalog: Catalog


@cache
def site(pools: str, more: str = "") -> Site:
    """The design of a site with these pools, as lines of YAML."""
    catalog = load_catalog()
    text = f"name: demo\n{textwrap.dedent(more)}pools:\n{textwrap.indent(textwrap.dedent(pools).strip(), '  ')}\n"
    return Site(expand(load_text(text, "site.yaml", catalog).spec, catalog), catalog)


def superpod(scalable_units: int) -> Site:
    """DGX H100 on Quantum-2."""
    return site(f"- {{name: train, system: dgx-h100, scalable_units: {scalable_units}}}")


def inventory_text(design: Design, catalog: Catalog) -> str:
    """An inventory with a GUID for everything, made up as no vendor would."""
    lines = ["device,port,guid,node_guid"]
    for number, subnet in enumerate(subnets(design, catalog), start=1):
        ends = subnet.endpoints.select("device", "interface").rows()
        lines += [
            f"{device},{port},0x0200{number:04x}{2 * n + 1:08x},0x0200{number:04x}{2 * n:08x}"
            for n, (device, port) in enumerate(ends)
        ]
        lines += [f"{device},,0xfe00{number:04x}{n:08x}," for n, device in enumerate(subnet.switches["device"])]
    return "\n".join(lines) + "\n"


def inventory(site: Site) -> GuidInventory:
    """The same, read."""
    return read_guids(inventory_text(site.design, site.catalog))


def with_tenants(site: Site) -> Site:
    """The first two scalable units belong to a tenant each; the others are shared."""
    nodes = site.design.tables.nodes
    owner = pl.when(pl.col("su") == 1).then(pl.lit("lab-a")).when(pl.col("su") == 2).then(pl.lit("lab-b"))
    tables = replace(site.design.tables, nodes=nodes.with_columns(tenant=owner))
    tenants = {
        name: TenantDesign(name, "train", (su,), None, None, 0x10 + su) for su, name in ((1, "lab-a"), (2, "lab-b"))
    }
    return replace(site, design=replace(site.design, tables=tables, tenants=tenants))
