"""A small site in pandapower: the same losses and loadings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pytest

from gigasite.catalog.power_products import ConductorRun, Transformer
from gigasite.design.electrical.sizes import Power, rating_of_run, run_impedance, run_length_m
from gigasite.design.model import Design

from .sites import CATALOG, design_of

pandapower = pytest.importorskip("pandapower")

SITE = """
location: {altitude_m: 100, extreme_dry_bulb_c: 35}
standards: {electrical: iec, frequency_hz: 50}
power:
  utility: {voltage_kv: 110, circuits: 2, available_mw: 5}
  transformers: {mv_kv: 20, main_mva: 2}
  blocks: {topology: 2N, unit_kw: 500, rack_voltage_v: 400}
racks: {feeds: 2}
"""
P_FROM, Q_FROM, P_TO, Q_TO = 13, 14, 15, 16


@dataclass
class Sheet:
    """Rows of a net, collected so that each table is made at once."""

    design: Design
    bus_kv: list[float] = field(default_factory=list)
    slacks: list[int] = field(default_factory=list)
    loads: list[tuple[int, float, float]] = field(default_factory=list)
    transformers: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def bus(self, kv: float) -> int:
        self.bus_kv.append(kv)
        return len(self.bus_kv) - 1

    def row(self, name: str) -> dict[str, Any]:
        return self.design.tables.elements.filter(pl.col("element") == name).row(0, named=True)

    def transformer(self, name: str, high: int, low: int) -> None:
        row = self.row(name)
        product = CATALOG.of(Transformer, row["product"])
        self.transformers.append(
            {
                "name": name,
                "hv_buses": high,
                "lv_buses": low,
                "sn_mva": row["rated_kva"] / 1000,
                "vn_hv_kv": self.bus_kv[high],
                "vn_lv_kv": self.bus_kv[low],
                "vkr_percent": 100 * product.load_loss_kw / product.rated_kva,
                "vk_percent": 100 * product.impedance_ratio,
                "pfe_kw": product.no_load_loss_kw / product.rated_kva * row["rated_kva"],
                "i0_percent": 100 * product.no_load_loss_kw / product.rated_kva,
            }
        )

    def busway(self, row: dict[str, Any], start: int, end: int) -> None:
        rating = rating_of_run(row["rated_kva"], row["unit_count"], Power(self.design.resolved, CATALOG))
        ohms, reactance = run_impedance(rating, CATALOG.of(ConductorRun, row["product"]))
        self.lines.append(
            {
                "name": row["element"],
                "from_buses": start,
                "to_buses": end,
                "length_km": run_length_m(self.design.resolved) / 1000,
                "r_ohm_per_km": ohms,
                "x_ohm_per_km": reactance,
                "c_nf_per_km": 0.0,
                "max_i_ka": rating / 1000,
                "parallel": row["unit_count"],
            }
        )


def columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row[key] for row in rows] for key in rows[0]}


def sheet_of(design: Design) -> Sheet:
    """The site as a net. A UPS is a load before it and a source behind it: it decouples voltage and reactive power."""
    sheet, elements = Sheet(design), design.tables.elements
    grid = sheet.bus(110)
    sheet.slacks.append(grid)
    sides = {}
    for place, side in enumerate(("a", "b")):
        sides[f"demo-mv-{side}"] = sheet.bus(20)
        sheet.transformer(f"demo-main-t{place + 1}", grid, sides[f"demo-mv-{side}"])
    feeder = dict(design.tables.connections.filter(pl.col("priority") == 1).select("target", "source").iter_rows())
    for name in elements.filter(pl.col("kind") == "transformer")["element"]:
        low, row = sheet.bus(0.4), sheet.row(name)
        sheet.transformer(name, sides[feeder[name]], low)
        if row["block"] is None:
            sheet.loads.append((low, row["load_kw"], row["load_kw"] * math.tan(math.acos(0.9))))
            continue
        ups = sheet.row(f"{row['block']}-ups")
        drawn_kw = ups["load_kw"] + ups["loss_kw"]
        sheet.loads.append((low, drawn_kw, drawn_kw * math.tan(math.acos(0.99))))
        behind = sheet.bus(0.4)
        sheet.slacks.append(behind)
        for run in elements.filter((pl.col("kind") == "busway") & (pl.col("block") == row["block"])).iter_rows(
            named=True
        ):
            end = sheet.bus(0.4)
            sheet.busway(run, behind, end)
            sheet.loads.append((end, run["load_kw"], 0.0))
    return sheet


@pytest.fixture(scope="module")
def solved() -> tuple[Sheet, np.ndarray, np.ndarray]:
    """Flows of transformers and of lines in MW and Mvar, columns as the solver's branch table."""
    design = design_of(SITE)
    sheet = sheet_of(design)
    net = pandapower.create_empty_network(f_hz=50)
    pandapower.create_buses(net, len(sheet.bus_kv), vn_kv=sheet.bus_kv)
    many = len(sheet.slacks)
    pandapower.create_gens(net, sheet.slacks, p_mw=[0.0] * many, vm_pu=[1.0] * many, slack=[True] * many)
    buses, kw, kvar = zip(*sheet.loads, strict=True)
    pandapower.create_loads(net, list(buses), p_mw=np.array(kw) / 1000, q_mvar=np.array(kvar) / 1000)
    pandapower.create_transformers_from_parameters(net, **columns(sheet.transformers))
    pandapower.create_lines_from_parameters(net, **columns(sheet.lines))
    with pytest.MonkeyPatch.context() as patched:
        # pandapower writes its result frames in place, which recent pandas refuses: flows are read from its solver.
        patched.setattr("pandapower.powerflow._extract_results", lambda *_: None)
        pandapower.runpp(net, numba=False, tolerance_mva=1e-9)
    branches, places = net["_ppc"]["branch"].real, net["_pd2ppc_lookups"]["branch"]
    return sheet, branches[slice(*places["trafo"])], branches[slice(*places["line"])]


def test_transformers_lose_and_carry_the_same(solved: tuple[Sheet, np.ndarray, np.ndarray]) -> None:
    sheet, flows, _ = solved
    assert len(flows) == len(sheet.transformers)
    for named, flow in zip(sheet.transformers, flows, strict=True):
        row = sheet.row(named["name"])
        assert row["loss_kw"] == pytest.approx(1000 * (flow[P_FROM] + flow[P_TO]), rel=0.01, abs=0.002), named["name"]
        assert row["load_kw"] == pytest.approx(-1000 * flow[P_TO], rel=0.01), named["name"]


def test_busways_lose_and_carry_the_same(solved: tuple[Sheet, np.ndarray, np.ndarray]) -> None:
    sheet, _, flows = solved
    assert len(flows) == len(sheet.lines) > 1
    for named, flow in zip(sheet.lines, flows, strict=True):
        row = sheet.row(named["name"])
        assert row["loss_kw"] == pytest.approx(1000 * (flow[P_FROM] + flow[P_TO]), rel=0.01), named["name"]
        assert row["load_kw"] + row["loss_kw"] == pytest.approx(1000 * flow[P_FROM], rel=0.01), named["name"]


def test_the_whole_site_draws_the_same(solved: tuple[Sheet, np.ndarray, np.ndarray]) -> None:
    sheet, flows, _ = solved
    power = sheet.design.power
    main = [flow for named, flow in zip(sheet.transformers, flows, strict=True) if "-main-" in named["name"]]
    assert power.utility_kw == pytest.approx(1000 * sum(flow[P_FROM] for flow in main), rel=0.001)
    mva = math.hypot(sum(flow[P_FROM] for flow in main), sum(flow[Q_FROM] for flow in main))
    assert power.utility_mva == pytest.approx(mva, rel=0.01)
