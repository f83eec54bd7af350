"""Small sites whose chains are looked at, and what the tests ask of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from gigasite.catalog import load_catalog
from gigasite.design.electrical.chain import chain_of
from gigasite.design.electrical.energy import loads_of
from gigasite.design.electrical.loads import reactive_kvar
from gigasite.design.electrical.losses import Chain, Flow, load_flow
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.spec.loader import load_text

CATALOG = load_catalog()
POOL = "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 32}\n"
TOPOLOGIES = {
    "2N": "power: {blocks: {topology: 2N, unit_kw: 500}}\nracks: {feeds: 2}\n",
    "4N3R": "power: {blocks: {topology: 4N3R, unit_kw: 200}}\nracks: {feeds: 4}\n",
    "N+1": "power: {blocks: {topology: N+1, unit_kw: 200}}\nracks: {feeds: 2}\n",
    "N": "standards: {availability: basic}\npower: {blocks: {topology: N, unit_kw: 500}}\n",
    "4+1C": "power: {blocks: {topology: 4+1C, unit_kw: 150}}\nracks: {feeds: 2}\n",
    "high voltage": "power: {utility: {voltage_kv: 138, circuits: 3}}\n",
    "common generators": "power: {generators: {location: site, unit_kw: 500}}\n",
    "own generation": (
        "power:\n  utility: {available_mw: 1}\n"
        "  generation: [{name: gt, kind: gas-turbine, unit_count: 3, unit_kw: 500, required_count: 2}]\n"
        "  bess: {power_kw: 500, energy_kwh: 1000, grid_forming: true}\n"
    ),
    "iec": "standards: {electrical: iec}\n",
    "colocation": "demarcation: colocation\n",
}


@cache
def design_of(extra: str = "", pool: str = POOL) -> Design:
    return expand(load_text(pool + extra, catalog=CATALOG).spec, CATALOG)


def chain_and_loads(design: Design) -> tuple[Chain, np.ndarray, np.ndarray]:
    tables = design.tables
    chain = chain_of(tables.elements, tables.connections, design.resolved, CATALOG)
    return chain, *loads_of(chain, tables.elements, tables.feeds, tables.plant)


def flow_of(design: Design, working: np.ndarray | None = None, scale: float = 1.0) -> tuple[Chain, Flow]:
    chain, it_kw, mechanical_kw = chain_and_loads(design)
    it_kw = it_kw * scale
    kvar = reactive_kvar(it_kw, mechanical_kw, design.resolved)
    return chain, load_flow(chain, it_kw + mechanical_kw, kvar, working)


def element(design: Design, name: str) -> dict[str, object]:
    return design.tables.elements.filter(pl.col("element") == name).row(0, named=True)
