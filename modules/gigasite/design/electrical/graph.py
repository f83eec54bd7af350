"""The elements of the power chain, and what feeds what: tables `elements` and `connections` of the design.

Grid circuits → main transformers → medium-voltage buses → transformer, board and UPS of each block → busways → racks,
and → mechanical boards → cooling plant. Each part has a file of its own beside this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.electrical.blocks import add_blocks, feeds_with_busways
from gigasite.design.electrical.chain import chain_of
from gigasite.design.electrical.loads import direct_loads, is_mechanical, reactive_kvar
from gigasite.design.electrical.losses import Flow, levels, load_flow
from gigasite.design.electrical.mechanical import Boards, add_mechanical
from gigasite.design.electrical.parts import Parts
from gigasite.design.electrical.sizes import Power
from gigasite.design.electrical.utility import (
    MainSizes,
    add_drops,
    add_site_side,
    bus_names,
    has_main_transformers,
    main_sizes,
)
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
    mechanical_kw: float | None = None,
) -> PowerGraph:
    """The chain of a site, with capacities, loads and losses in normal operation.

    `mechanical_kw`: an estimate of the cooling's draw, for the time that `plant` is empty.
    """
    facts = Power(site, catalog)
    parts = Parts()
    add_blocks(parts, facts, how, power, racks, prefix)
    boards = add_mechanical(parts, facts, plant, mechanical_kw or 0.0, prefix)
    add_drops(parts, facts, prefix, power.blocks, boards.transformers)
    feeds = feeds_with_busways(how, power, racks)
    # What the buses carry decides the size of everything above them: one flow without it, one with it.
    below = _with_site_side(parts, facts, prefix, None, 1.0, 1.0)
    flow = _flow(*below, feeds, boards, site, catalog)
    names = below[0]["element"].to_list()
    rows = [names.index(bus) for bus in bus_names(facts, prefix)]
    need_kw, need_kvar = float(flow.load_kw[rows].sum()), float(flow.load_kvar[rows].sum())
    main: MainSizes | None = None
    if has_main_transformers(facts):
        main = main_sizes(need_kw, need_kvar, facts)
    carried_kw = need_kw if site.power.mechanical.on_generators is not False else _it_need_kw(flow, names)
    elements, connections = _with_site_side(parts, facts, prefix, main, need_kw, carried_kw)
    flow = _flow(elements, connections, feeds, boards, site, catalog)
    elements = elements.with_columns(load_kw=pl.Series(flow.load_kw[:, 0]), loss_kw=pl.Series(flow.loss_kw[:, 0]))
    return PowerGraph(
        elements=elements,
        connections=connections,
        feeds=feeds.drop("hall", "row"),
        plant=boards.plant,
    )


def _with_site_side(
    parts: Parts, facts: Power, prefix: str, main: MainSizes | None, need_kw: float, generator_need_kw: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables, with the site's side sized for a need."""
    whole = parts.copy()
    add_site_side(whole, facts, prefix, main, need_kw, generator_need_kw)
    elements, connections = whole.frames()
    names = elements["element"].to_list()
    level = levels(names, connections["source"].to_list(), connections["target"].to_list())
    return elements.with_columns(level=pl.Series(level.astype(np.int32))), connections


def _flow(
    elements: pl.DataFrame,
    connections: pl.DataFrame,
    feeds: pl.DataFrame,
    boards: Boards,
    site: SiteSpec,
    catalog: Catalog,
) -> Flow:
    chain = chain_of(elements, connections, site, catalog)
    it_kw = direct_loads(chain, feeds, "source", "load_kw")
    mechanical_kw = direct_loads(chain, boards.direct, "element", "kw")
    return load_flow(chain, it_kw + mechanical_kw, reactive_kvar(it_kw, mechanical_kw, site))


def _it_need_kw(flow: Flow, names: list[str]) -> float:
    """What the blocks draw, without the mechanical boards."""
    rows = [row for row, name in enumerate(names) if name.endswith("-tx") and not is_mechanical(name)]
    return float(flow.input_kw[rows].sum())
