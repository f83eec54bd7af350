"""Small fabrics of a real site file: switches with few ports and nodes with few NICs, laid out as large ones are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.hosts.interfaces import host_interfaces
from gigasite.design.hosts.routes import with_routes
from gigasite.design.model import Design
from gigasite.spec.loader import load_text

MTU = 9000
SOURCE = "{doc: a test, tier: primary, confidence: verified}"
SWITCH = """
kind: switch
key: lab-{ports}
title: A switch of {ports} ports
facts:
  - source: {source}
    values:
      vendor: lab
      technology: ethernet
      port_groups: [{{count: {ports}, gbps: 400, breakouts: [1, 2]}}]
      height_u: 1
      max_kw: 0.5
      weight_kg: 10
"""
SYSTEM = """
kind: system
key: lab-node-{nics}
title: A node with {nics} NICs
facts:
  - source: {source}
    values:
      form: node
      vendor: lab
      gpu_count: {nics}
      height_u: 4
      weight_kg: 50
      max_kw: 2
      liquid_kw: 0
      air_kw: 2
      scale_up_domain_gpu_count: {nics}
      psu_count: 2
      psu_kw: 2
      nics:
        - {{roles: [compute], model: cx, count: {nics}, port_gbps: {gbps}, technologies: [ethernet]}}
"""
ARCHITECTURE = """
kind: reference-architecture
key: lab-{nics}
title: Of the lab
assumptions:
  - why: a case
    values:
      systems: [lab-node-{nics}]
      su_node_count: {su_nodes}
      nodes_per_rack: 4
      compute_switch: lab-8
      storage_switch: sn5600
      inband_switch: sn5600
      oob_switch: sn2201
      rack_feed_count: 2
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """A fabric: nodes with so many NICs, in scalable units, on switches of so many ports."""

    nics: int
    su_nodes: int
    su_count: int
    ports: int
    gbps: int = 400
    fabric: tuple[tuple[str, Any], ...] = ()


def designed(shape: Shape) -> tuple[Design, Catalog]:
    """The design of a site that has this fabric alone, its switches running FRRouting."""
    with TemporaryDirectory() as folder:
        for kind, name, text in (
            ("switches", f"lab-{shape.ports}", SWITCH),
            ("systems", f"lab-node-{shape.nics}", SYSTEM),
            ("reference-architectures", f"lab-{shape.nics}", ARCHITECTURE),
        ):
            path = Path(folder) / kind / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            filled = text.format(
                source=SOURCE, ports=shape.ports, nics=shape.nics, gbps=shape.gbps, su_nodes=shape.su_nodes
            )
            path.write_text(filled.replace("compute_switch: lab-8", f"compute_switch: lab-{shape.ports}"))
        catalog = load_catalog(Path(folder))
    keys = "".join(f", {key}: {value}" for key, value in (("os", "frr"), ("mtu", MTU), *shape.fabric))
    site = f"""
name: lab
naming: {{prefix: l}}
pools: [{{name: t, system: lab-node-{shape.nics}, scalable_units: {shape.su_count}}}]
fabrics: {{compute: {{roles: [compute], switch: lab-{shape.ports}{keys}}}}}
network: {{supernets: {{compute: 10.64.0.0/16}}}}
"""
    design = expand(load_text(site, catalog=catalog).spec, catalog)
    return design, catalog


def hosts_of(design: Design, catalog: Catalog) -> pl.DataFrame:
    """The compute interfaces of all nodes with their routes, as the design plans them."""
    rows = host_interfaces(design, "t", catalog.system(design.pools["t"].system)).filter(fabric="compute")
    rails = design.tables.rail_networks.filter(pl.col("su").is_null()).select("fabric", "rail", "plane", "network")
    return with_routes(rows, design.resolved.network.supernets, {"compute": ("compute",)}, rails)
