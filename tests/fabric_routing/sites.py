"""Small fabrics of a real site file: switches with few ports and nodes with few NICs, laid out as large ones are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.hosts.interfaces import host_interfaces
from gigasite.design.model import Design
from gigasite.design.policy import FabricPolicy
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
    policy: tuple[tuple[str, Any], ...] = ()


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
    keys = "".join(f", {key}: {value}" for key, value in shape.fabric)
    site = f"""
name: lab
naming: {{prefix: l}}
pools: [{{name: t, system: lab-node-{shape.nics}, scalable_units: {shape.su_count}}}]
fabrics: {{compute: {{roles: [compute], switch: lab-{shape.ports}{keys}}}}}
network: {{supernets: {{compute: 10.64.0.0/16}}}}
"""
    design = expand(load_text(site, catalog=catalog).spec, catalog)
    policy = FabricPolicy(**{"os": "frr", "mtu": MTU, **dict(shape.policy)})
    fabrics = {**design.fabrics, "compute": replace(design.fabrics["compute"], policy=policy)}
    return _numbered(replace(design, fabrics=fabrics)), catalog


def _numbered(design: Design) -> Design:
    """With a /31 for every link between switches, where the fabric is numbered and the design has none yet."""
    policy, tables = design.fabrics["compute"].policy, design.tables
    trunks = tables.cables.filter(pl.col("fabric") == "compute", pl.col("tier").is_in(["leaf-spine", "spine-core"]))
    taken = tables.addresses.filter(fabric="compute", use="point-to-point")["device"]
    if policy is None or policy.numbering == "unnumbered" or trunks["b_device"].is_in(taken.implode()).any():
        return design
    place = pl.int_range(pl.len())
    ends = [
        trunks.select(
            pl.col(f"{end}_device").alias("device"),
            pl.format("swp{}", f"{end}_port").alias("interface"),
            pl.lit("compute").alias("fabric"),
            pl.lit("point-to-point").alias("use"),
            pl.format("10.64.{}.{}", 240 + place // 128, place % 128 * 2 + offset).alias("address"),
            pl.lit(31, pl.Int32).alias("prefix_length"),
            pl.lit(None, pl.String).alias("ipv6"),
            pl.lit(None, pl.String).alias("vrf"),
        )
        for offset, end in enumerate("ab")
    ]
    return replace(design, tables=replace(tables, addresses=pl.concat([tables.addresses, *ends])))


def hosts_of(design: Design, catalog: Catalog) -> pl.DataFrame:
    """The compute interfaces of all nodes, as the design plans them."""
    rows = host_interfaces(design, "t", catalog.system(design.pools["t"].system))
    return rows.filter(fabric="compute")
