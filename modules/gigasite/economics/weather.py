"""A year of weather, hour by hour: a bundled typical year, one made of statistics, or the site's own file.

Hours are local standard time; row 0 is the hour from 00:00 to 01:00 on 1 January. Typical years are made for
energy: their extremes are those of typical months, not what a plant must stand.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from gigasite.assets import asset_folder
from gigasite.catalog.climate_products import DATA_SUFFIX, Climate
from gigasite.catalog.load import Catalog
from gigasite.design.cooling import psychrometrics
from gigasite.economics.tables import (
    Fault,
    Hourly,
    HourTable,
    TableError,
    hour_table,
    number_table,
    read_bytes,
    refuse,
    unpacked,
)
from gigasite.errors import GigasiteError, Place
from gigasite.spec.site import LocationSpec

COLUMNS: Final = (
    "dry_bulb_c",
    "wet_bulb_c",
    "dew_point_c",
    "relative_humidity_ratio",
    "pressure_kpa",
    "ghi_w_m2",
    "dni_w_m2",
    "dhi_w_m2",
    "wind_m_s",
)
_HUMIDITIES: Final = ("wet_bulb_c", "dew_point_c", "relative_humidity_ratio")
_LIMITS: Final[dict[str, tuple[float, float]]] = {
    "dry_bulb_c": (-90, 60),
    "wet_bulb_c": (-90, 40),
    "dew_point_c": (-100, 40),
    "relative_humidity_ratio": (0, 1.1),
    "pressure_kpa": (40, 110),
    "ghi_w_m2": (0, 1600),
    "dni_w_m2": (0, 1600),
    "dhi_w_m2": (0, 1200),
    "wind_m_s": (0, 110),
}
# Columns of an EPW row (EnergyPlus Auxiliary Programs, "EPW Data Dictionary"), the values that stand for a missing
# one, and the factor to our unit.
_EPW: Final[dict[str, tuple[int, float, float]]] = {
    "dry_bulb_c": (6, 99.9, 1.0),
    "dew_point_c": (7, 99.9, 1.0),
    "relative_humidity_ratio": (8, 999.0, 0.01),
    "pressure_kpa": (9, 999999.0, 0.001),
    "ghi_w_m2": (13, 9999.0, 1.0),
    "dni_w_m2": (14, 9999.0, 1.0),
    "dhi_w_m2": (15, 9999.0, 1.0),
    "wind_m_s": (21, 999.0, 1.0),
}
_EPW_LEAST_COLUMNS: Final = 22
# Stations read both bulbs to a tenth of a kelvin.
_WET_ABOVE_DRY_K: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """Hours of one year at one place. Radiation and wind are None where the file has none."""

    name: str
    dry_bulb_c: Hourly
    wet_bulb_c: Hourly
    pressure_kpa: Hourly
    ghi_w_m2: Hourly | None
    dni_w_m2: Hourly | None
    dhi_w_m2: Hourly | None
    wind_m_s: Hourly | None
    latitude_deg: float | None
    longitude_deg: float | None
    altitude_m: float | None
    utc_offset_h: float | None
    measured: bool
    """False: made of statistics, no measured hours."""
    at: str
    """Dotted path of the site file that leads to it."""

    @property
    def hours(self) -> int:
        """8,760, or 8,784 in a leap year."""
        return int(self.dry_bulb_c.size)


def site_weather(location: LocationSpec, catalog: Catalog, folder: Path | None) -> Weather | None:
    """The year of weather that a site names; None where it names none, or its file's folder is unknown.

    Raises TableError with every fault of the site's file, GigasiteError where a climate has no hours.
    """
    if location.weather_csv is not None:
        if folder is None:
            return None
        data = read_bytes(folder, location.weather_csv)
        return weather_file(data, location.weather_csv, altitude_m=location.altitude_m)
    if location.climate is not None:
        return climate_weather(catalog.of(Climate, location.climate))
    return None


def weather_file(data: bytes, name: str, *, altitude_m: float | None = None) -> Weather:
    """A user's year: EPW, or CSV with a header of `COLUMNS`. Raises TableError with every fault and its line.

    Needed are `dry_bulb_c` and one of wet bulb, dew point and relative humidity; pressure follows from the
    altitude (standard atmosphere) where the file has none.
    """
    data = unpacked(data, name)
    table = _epw_table(data, name) if data.startswith(b"LOCATION,") else _csv_table(data, name)
    return _weather(table, name, altitude_m, at="location.weather_csv", measured=True)


def climate_weather(climate: Climate) -> Weather:
    """The hours of a catalog climate. Raises GigasiteError where its file is absent or not the one described."""
    if climate.data_sha256 is None:
        return synthetic_weather(climate)
    return _bundled(climate.key, climate.data_sha256)


@lru_cache(maxsize=4)
def _bundled(key: str, sha256: str) -> Weather:
    path = asset_folder("catalog") / "climates" / f"{key}{DATA_SUFFIX}"
    if not path.is_file():
        hint = "give the hours of a climate of your own with location.weather_csv"
        raise GigasiteError(f"the climate {key!r} has no hours", path=path.name, hint=hint)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise GigasiteError(f"the hours of {key!r} are not those that the catalog describes", path=path.name)
    table = _csv_table(unpacked(data, path.name), path.name)
    return _weather(table, key, None, at="location.climate", measured=True)


def synthetic_weather(climate: Climate) -> Weather:
    """A year made of statistics: one wave a year, one a day, and a dew point a fixed step below the day's mean.

    T(d, h) = mean − A·cos 2π(d − 20)/365 − B·cos 2π(h − 3)/24: coldest on 20 January (20 July south of the
    equator) and at 03:00. It has no spells of heat, no storms and no radiation.
    """
    yearly, daily = climate.annual_amplitude_k or 0.0, climate.daily_amplitude_k or 0.0
    hour = np.arange(8760)
    turn = 0.0 if climate.latitude_deg >= 0 else np.pi
    mean = climate.dry_bulb_mean_c - yearly * np.cos(2 * np.pi * (hour / 24 - 20) / 365 + turn)
    dry = mean - daily * np.cos(2 * np.pi * (hour % 24 - 3) / 24)
    dew = np.minimum(mean - (climate.dew_point_depression_k or 0.0), dry)
    pressure = np.full(hour.size, float(psychrometrics.pressure_kpa(climate.altitude_m)))
    humidity = psychrometrics.humidity_ratio_from_dew_point(dew, pressure)
    return Weather(
        name=climate.key,
        dry_bulb_c=dry,
        wet_bulb_c=np.minimum(psychrometrics.wet_bulb_c(dry, humidity, pressure), dry),
        pressure_kpa=pressure,
        ghi_w_m2=None,
        dni_w_m2=None,
        dhi_w_m2=None,
        wind_m_s=None if climate.wind_mean_m_s is None else np.full(hour.size, climate.wind_mean_m_s),
        latitude_deg=climate.latitude_deg,
        longitude_deg=climate.longitude_deg,
        altitude_m=climate.altitude_m,
        utc_offset_h=climate.utc_offset_h,
        measured=False,
        at="location.climate",
    )


def _csv_table(data: bytes, name: str) -> HourTable:
    return hour_table(data, name, COLUMNS, ("dry_bulb_c",))


def _epw_table(data: bytes, name: str) -> HourTable:
    """An EPW file: place in the first line, hours after DATA PERIODS; columns that miss every hour are left out."""
    lines = data.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")
    begins = next((at + 1 for at, line in enumerate(lines[:60]) if line.startswith("DATA PERIODS")), None)
    if begins is None:
        hint = "an EPW file has eight lines of header, the last of which begins so"
        raise TableError([Fault(Place(name, 1), "the header has no line DATA PERIODS", hint)])
    header = [""] * _EPW_LEAST_COLUMNS
    for title, (column, _, _) in _EPW.items():
        header[column] = title
    table = number_table(lines[begins:], header, tuple(_EPW), name, begins + 1)
    columns = {}
    for title, (_, missing, factor) in _EPW.items():
        values = table[title]
        absent = values >= missing
        if absent.all():
            continue
        refuse(name, absent, begins + 1, f"{title} is missing ({missing:g})", "fill the gap: every hour needs a value")
        columns[title] = values * factor
    place = lines[0].split(",")
    stated = dict(zip(("latitude_deg", "longitude_deg", "utc_offset_h", "altitude_m"), place[6:10], strict=False))
    if "dew_point_c" in columns:
        columns.pop("relative_humidity_ratio", None)
    return HourTable(columns, stated, len(table["dry_bulb_c"]), begins + 1)


def _weather(table: HourTable, name: str, altitude_m: float | None, *, at: str, measured: bool) -> Weather:
    for title, values in table.columns.items():
        low, high = _LIMITS[title]
        outside = (values < low) | (values > high)
        refuse(name, outside, table.first_line, f"{title} lies outside {low:g} to {high:g}", "look at the unit")
    columns = table.columns
    if "dry_bulb_c" not in columns:
        raise TableError.of(name, "no hour has a dry bulb")
    if not any(title in columns for title in _HUMIDITIES):
        raise TableError.of(name, "the file does not say how humid the air is", f"add one of {', '.join(_HUMIDITIES)}")
    place = {key: _stated(table, key, name) for key in ("latitude_deg", "longitude_deg", "altitude_m", "utc_offset_h")}
    dry = columns["dry_bulb_c"]
    altitude = place["altitude_m"] if place["altitude_m"] is not None else altitude_m
    pressure = columns.get("pressure_kpa")
    if pressure is None:
        pressure = np.full(dry.size, float(psychrometrics.pressure_kpa(altitude or 0.0)))
    return Weather(
        name=name,
        dry_bulb_c=dry,
        wet_bulb_c=_wet_bulb_c(table, name, dry, pressure),
        pressure_kpa=pressure,
        ghi_w_m2=columns.get("ghi_w_m2"),
        dni_w_m2=columns.get("dni_w_m2"),
        dhi_w_m2=columns.get("dhi_w_m2"),
        wind_m_s=columns.get("wind_m_s"),
        latitude_deg=place["latitude_deg"],
        longitude_deg=place["longitude_deg"],
        altitude_m=altitude,
        utc_offset_h=place["utc_offset_h"],
        measured=measured,
        at=at,
    )


def _wet_bulb_c(table: HourTable, name: str, dry: Hourly, pressure: Hourly) -> Hourly:
    """The wet bulb as given, or from dew point or relative humidity at the pressure of the hour."""
    columns = table.columns
    for title in ("wet_bulb_c", "dew_point_c"):
        if title in columns:
            above = columns[title] > dry + _WET_ABOVE_DRY_K
            refuse(name, above, table.first_line, f"{title} is above the dry bulb, which cannot be")
    if "wet_bulb_c" in columns:
        return np.minimum(columns["wet_bulb_c"], dry)
    if "dew_point_c" in columns:
        humidity = psychrometrics.humidity_ratio_from_dew_point(np.minimum(columns["dew_point_c"], dry), pressure)
    else:
        relative = np.clip(columns["relative_humidity_ratio"], 0.0, 1.0)
        humidity = psychrometrics.humidity_ratio_from_relative(dry, relative, pressure)
    return np.minimum(psychrometrics.wet_bulb_c(dry, humidity, pressure), dry)


def _stated(table: HourTable, key: str, name: str) -> float | None:
    text = table.stated.get(key)
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise TableError([Fault(Place(name, 1), f"{key} {text!r} is no number")]) from None
