"""A year of hours of the largest site, beside the same functions called hour by hour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.sites import Row
from gigasite.catalog import load_catalog
from gigasite.catalog.climate_products import Climate
from gigasite.design.expand import expand
from gigasite.economics.weather import Weather, climate_weather
from gigasite.economics.year import energy_year, it_year
from gigasite.spec.loader import load_text

SITE = Path(__file__).parents[1] / "stacks" / "llano" / "site.yaml"
CLIMATE = "us-tx-austin"
TARGET_S = 2.0
LOOP_HOURS = 200


def energy_rows() -> Iterator[Row]:
    """The year in one call; a plain loop over hours, measured over 200 of them and scaled to 8,760."""
    catalog = load_catalog()
    design = expand(load_text(SITE.read_text(encoding="utf-8"), catalog=catalog).spec, catalog)
    weather = climate_weather(catalog.of(Climate, CLIMATE))
    it = it_year(design, weather.hours, None)
    assert it is not None
    begun = time.perf_counter()
    energy_year(design, catalog, weather, it)
    at_once = time.perf_counter() - begun
    begun = time.perf_counter()
    for hour in range(LOOP_HOURS):
        energy_year(design, catalog, _hour(weather, hour), replace(it, kw=it.kw[hour : hour + 1]))
    by_hour = (time.perf_counter() - begun) * weather.hours / LOOP_HOURS
    yield Row("llano: a year of hours", at_once, TARGET_S, f"{by_hour:.0f} s by a loop over the hours")


def _hour(weather: Weather, hour: int) -> Weather:
    here = slice(hour, hour + 1)
    return replace(
        weather,
        dry_bulb_c=weather.dry_bulb_c[here],
        wet_bulb_c=weather.wet_bulb_c[here],
        pressure_kpa=weather.pressure_kpa[here],
        ghi_w_m2=None,
        dni_w_m2=None,
        dhi_w_m2=None,
        wind_m_s=None,
    )
