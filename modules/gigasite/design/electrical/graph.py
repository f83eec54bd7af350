"""The elements of the power chain, and what feeds what: tables `elements` and `connections` of the design."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.model import COLUMNS
from gigasite.design.power import Topology
from gigasite.design.supply import Supply
from gigasite.errors import Finding
from gigasite.spec.site import SiteSpec


@dataclass(frozen=True, slots=True)
class PowerGraph:
    """The tables `elements` and `connections`; feeds and plant with the elements that they hang on."""

    elements: pl.DataFrame
    connections: pl.DataFrame
    feeds: pl.DataFrame
    plant: pl.DataFrame
    findings: tuple[Finding, ...] = ()


def power_graph(
    site: SiteSpec,
    how: Topology,
    power: Supply,
    racks: pl.DataFrame,
    plant: pl.DataFrame,
    catalog: Catalog,
    prefix: str,
) -> PowerGraph:
    """The chain of a site, with capacities, loads and losses in normal operation."""
    return PowerGraph(
        elements=pl.DataFrame(schema=COLUMNS["elements"]),
        connections=pl.DataFrame(schema=COLUMNS["connections"]),
        feeds=power.feeds,
        plant=plant,
    )
