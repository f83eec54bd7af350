"""A site without a grid runs on its own generation."""

from __future__ import annotations

from typing import Any

import polars as pl

from gigasite import checks
from gigasite.catalog.load import load_catalog
from gigasite.design.expand import expand
from gigasite.design.failures import analyse
from gigasite.design.model import Design
from gigasite.spec.site import SiteSpec

CATALOG = load_catalog()
TURBINES = {"name": "gas", "kind": "gas-turbine", "unit_count": 4, "unit_kw": 3000, "required_count": 3}


def island(**power: Any) -> Design:
    site = {
        "name": "island",
        "location": {"extreme_dry_bulb_c": 40, "extreme_wet_bulb_c": 25},
        "power": {"utility": {"voltage_kv": 138, "circuits": 1, "available_mw": 0}, **power},
        "pools": [{"name": "train", "system": "gb300-nvl72", "scalable_units": 4, "power_cap_kw": 130}],
    }
    return expand(SiteSpec.model_validate(site), CATALOG)


def test_an_island_has_no_circuit_and_keeps_its_promise() -> None:
    design = island(generation=[TURBINES])
    kinds = set(design.tables.elements["kind"])
    assert "generation" in kinds
    assert not kinds & {"grid-circuit", "main-transformer"}
    plant = design.tables.elements.filter(pl.col("kind") == "generation")
    assert abs(plant["load_kw"].sum() - (design.power.utility_kw or 0.0)) < 1e-6 * (design.power.utility_kw or 1.0)
    assert analyse(design).maintainable["maintainable"].all()
    assert not {f.code for f in checks.run(design, CATALOG) if f.severity.value != "info"}


def test_an_island_without_generation_is_short_of_all_its_load() -> None:
    assert "PWR121" in {f.code for f in checks.run(island(), CATALOG) if f.severity.value == "error"}
