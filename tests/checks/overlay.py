"""Designs made with other catalogs than the built-in one: with gaps in it, or with none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gigasite import checks
from gigasite.catalog import Catalog, load_catalog
from gigasite.catalog.models import Product
from gigasite.design.expand import expand
from gigasite.spec.loader import load_text

from .designs import H100

NODE = """
kind: system
key: house-8
title: A system of the house
facts:
  - source: {doc: data sheet, tier: primary, confidence: verified}
    values:
      form: node
      vendor: house
      gpu_count: 8
      height_u: 8
      weight_kg: 130
      max_kw: 10
      liquid_kw: 0
      air_kw: 10
      scale_up_domain_gpu_count: 8
      psu_count: PSUS
      psu_kw: 3
      nics:
        - {roles: [compute], model: cx, count: 8, port_gbps: 400, technologies: [infiniband, ethernet]}
        - {roles: [inband], model: cx, count: 2, port_gbps: 200, technologies: [ethernet]}
        - {roles: [storage], model: cx, count: 2, port_gbps: 200, technologies: [ethernet]}
"""
HOUSE = """
name: demo
pools:
  - {name: train, system: house-8, nodes: 8, reference_architecture: house}
"""
ARCHITECTURE = """
kind: reference-architecture
key: house
title: Of the house
assumptions:
  - why: a case
    values:
      systems: [house-8]
      su_node_count: 32
      nodes_per_rack: 4
      compute_switch: SWITCH
      storage_switch: sn5600
      inband_switch: sn5600
      oob_switch: sn2201
      rack_feed_count: 3
"""
BARE_SWITCH = """
kind: switch
key: bare-64
title: A switch that nobody describes
facts:
  - source: {doc: data sheet, tier: primary, confidence: verified}
    values:
      vendor: house
      technology: infiniband
      port_groups: [{count: 64, gbps: 400}]
"""
PADS = """
kind: heat-rejection
key: dry-cooler
facts:
  - source: {doc: data sheet, tier: primary, confidence: verified}
    values: {technology: adiabatic-cooler}
"""
"""A cooler with pads whose airflow nobody states."""
UNEVEN = "      scale_up_kind: mesh\n      scale_up_links_per_gpu: 20\n      psu_count: 6\n"
"""Twenty links do not split over seven peers."""
STORAGE_NIC = "        - {roles: [storage], model: cx, count: 2, port_gbps: 200, technologies: [ethernet]}\n"

OVERLAID: Mapping[str, Mapping[str, str]] = {
    "PWR103": {"systems/house-8": NODE.replace("PSUS", "4")},
    "POL101": {"systems/house-8": NODE.replace("      scale_up_domain_gpu_count: 8\n", "").replace("PSUS", "6")},
    "CLG151": {"systems/house-8": NODE.replace("PSUS", "6"), "heat-rejection/dry-cooler": PADS},
    "PHS102": {"systems/house-8": NODE.replace(STORAGE_NIC, "").replace("PSUS", "6")},
    "FAB171": {"systems/house-8": NODE.replace("      psu_count: PSUS\n", UNEVEN)},
    "PHS103": {
        "systems/house-8": NODE.replace("PSUS", "6"),
        "switches/bare-64": BARE_SWITCH,
        "reference-architectures/house": ARCHITECTURE.replace("SWITCH", "bare-64"),
    },
}
"""Of each code: the files of a catalog folder with which the site of the house has that finding."""


def overlaid_codes(code: str, folder: Path) -> set[str]:
    """The findings of the site of the house with the catalog of a code."""
    files = {"reference-architectures/house": ARCHITECTURE.replace("SWITCH", "qm9700"), **OVERLAID[code]}
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return _codes(HOUSE, load_catalog(folder))


def verified_codes() -> set[str]:
    """The findings of a plain site with a catalog in which every fact was read in its source."""
    design = expand(load_text(H100, catalog=load_catalog()).spec, load_catalog())
    return {finding.code for finding in checks.run(design, _Verified())}  # type: ignore[arg-type]


def _codes(text: str, catalog: Catalog) -> set[str]:
    return {finding.code for finding in checks.run(expand(load_text(text, catalog=catalog).spec, catalog), catalog)}


class _Verified:
    """The built-in catalog without the origins that say recalled or assumed."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(load_catalog(), name)
        if not callable(method):
            return method

        def stripped(*arguments: str) -> Any:
            product = method(*arguments)
            return product.model_copy(update={"origins": {}}) if isinstance(product, Product) else product

        return stripped
