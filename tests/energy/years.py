"""Files of hours and designs to make years of."""

from __future__ import annotations

from functools import cache

import numpy as np

from gigasite.catalog import load_catalog
from gigasite.catalog.climate_products import Climate
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.economics.weather import Weather, climate_weather
from gigasite.economics.year import EnergyYear, year_of_site
from gigasite.spec.loader import load_text

CATALOG = load_catalog()
CLIMATES = tuple(climate.key for climate in CATALOG.all_of(Climate))
H100 = (
    "name: demo\nlocation: {climate: us-il-chicago, grid: rfce}\n"
    "pools:\n  - {name: train, system: dgx-h100, nodes: 32}\n"
)
GB300 = (
    "name: demo\nlocation: {climate: us-tx-austin, grid: ercot}\n"
    "pools:\n  - {name: train, system: gb300-nvl72, scalable_units: 2, power_cap_kw: 132}\n"
)


@cache
def design_of(text: str) -> Design:
    return expand(load_text(text, catalog=CATALOG).spec, CATALOG)


@cache
def year_of(text: str) -> EnergyYear:
    found = year_of_site(design_of(text), CATALOG, None)
    assert found is not None
    return found


def weather(key: str = "us-il-chicago") -> Weather:
    return climate_weather(CATALOG.of(Climate, key))


def csv(columns: dict[str, object], hours: int = 8760, comments: str = "") -> bytes:
    """A file of hours: each column one value in every row, or a list of values."""
    rows = [[str(v[i]) if isinstance(v, list) else str(v) for v in columns.values()] for i in range(hours)]
    return (comments + "\n".join([",".join(columns), *(",".join(row) for row in rows)]) + "\n").encode()


def epw(dry_c: list[float], dew_c: list[float], hours: int = 8760) -> bytes:
    """An EPW file of Testville at 500 m with two columns of its own."""
    head = ["LOCATION,Testville,-,-,-,1,45.5,7.25,1.0,500.0", *(["X"] * 6), "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31"]
    rows = []
    for hour in range(hours):
        row = ["2001", "1", "1", "1", "60", "?", str(dry_c[hour]), str(dew_c[hour]), "50", "95000"]
        rows.append(",".join([*row, "0", "0", "0", "300", "400", "100", "0", "0", "0", "0", "180", "4.5", "0", "0"]))
    return "\n".join([*head, *rows]).encode()


def flat(value: float, hours: int = 8760) -> np.ndarray:
    return np.full(hours, value)
