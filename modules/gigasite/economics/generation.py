"""What the site's own and contracted plants give in each hour: sun and wind by the weather, the rest by their rating.

One model holds everywhere, so that two machines never differ; tests compare it with pvlib.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gigasite.catalog.load import Catalog
from gigasite.catalog.power_products import GenerationUnit
from gigasite.economics.tables import Hourly
from gigasite.economics.weather import Weather
from gigasite.spec.generation import GenerationKind, GenerationSpec
from gigasite.spec.site import SiteSpec

# PVWatts Version 5 (Dobos 2014, NREL/TP-6A20-62641): losses of the system, of the inverter, and by temperature.
PV_LOSS_RATIO: Final = 0.14
PV_INVERTER_EFFICIENCY_RATIO: Final = 0.96
PV_TEMPERATURE_RATIO_PER_K: Final = -0.0037
# Nominal operating cell temperature of a glass module (IEC 61215: 800 W/m², 20 °C of air).
PV_NOCT_C: Final = 45.0
GROUND_ALBEDO_RATIO: Final = 0.2
TRACKER_LIMIT_DEG: Final = 60.0
# Wind rises with height as (h/h0)^(1/7) (neutral air over open land, IEC 61400 practice); stations measure at 10 m.
WIND_HEIGHT_EXPONENT: Final = 1 / 7
WIND_HUB_M: Final = 100.0
WIND_STATION_M: Final = 10.0
WIND_CUT_IN_M_S: Final = 3.0
WIND_RATED_M_S: Final = 12.0
WIND_CUT_OUT_M_S: Final = 25.0
WIND_LOSS_RATIO: Final = 0.10
STANDARD_DENSITY_KG_M3: Final = 1.225
DRY_AIR_KJ_KGK: Final = 0.287042
STANDARD_KPA: Final = 101.325
STANDARD_AIR_C: Final = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class GenerationYear:
    """One plant's year. `available_kw` is what it could give, `used_kw` what the site takes of it."""

    name: str
    technology: str
    on_site: bool
    renewable: bool
    available_kw: Hourly | None
    """None: neither the weather nor a capacity factor says."""
    used_kw: Hourly | None
    co2e_kg_per_kwh: float | None
    usd_per_mwh: float | None
    basis: str
    """What its hours follow from, in words."""


def generation_year(
    plants: tuple[GenerationSpec, ...], catalog: Catalog, weather: Weather, site_kw: Hourly, altitude_m: float
) -> tuple[GenerationYear, ...]:
    """The plants' hours. On-site ones carry the site's load in turn: sun, wind, then the others as they stand.

    What is above the load is not used (no export). Contracted plants deliver all that they make over the grid.
    """
    left: Hourly | None = site_kw
    found: dict[str, GenerationYear] = {}
    weatherly = (GenerationKind.SOLAR, GenerationKind.WIND)
    for plant in sorted(plants, key=lambda item: item.kind not in weatherly):
        unit = catalog.of(GenerationUnit, plant.product or plant.kind.value)
        available, basis = _available_kw(plant, unit, weather, altitude_m)
        on_site = plant.delivery == "on-site"
        used = available
        if on_site and available is not None and left is not None:
            used = np.minimum(available, left)
            left = left - used
        elif on_site:
            used = left = None
        found[plant.name] = GenerationYear(
            name=plant.name,
            technology=plant.kind.value,
            on_site=on_site,
            renewable=plant.kind in weatherly,
            available_kw=available,
            used_kw=used,
            co2e_kg_per_kwh=unit.co2e_kg_per_kwh,
            usd_per_mwh=plant.usd_per_mwh,
            basis=basis,
        )
    return tuple(found[plant.name] for plant in plants)


def flat_generation(site: SiteSpec, catalog: Catalog, site_kw: Hourly) -> tuple[GenerationYear, ...]:
    """The plants where no weather is named: by rating and capacity factor, in the air of the design day all year."""
    location = site.location
    dry_c = STANDARD_AIR_C if location.extreme_dry_bulb_c is None else location.extreme_dry_bulb_c
    air = np.full(site_kw.size, dry_c)
    nothing = dict.fromkeys(("ghi_w_m2", "dni_w_m2", "dhi_w_m2", "wind_m_s"))
    place = dict.fromkeys(("latitude_deg", "longitude_deg", "altitude_m", "utc_offset_h"))
    day = Weather(
        name="the design day",
        dry_bulb_c=air,
        wet_bulb_c=air,
        pressure_kpa=np.full(site_kw.size, STANDARD_KPA),
        **nothing,
        **place,
        measured=False,
        at="location.climate",
    )
    return generation_year(site.power.generation, catalog, day, site_kw, location.altitude_m or 0.0)


def _available_kw(
    plant: GenerationSpec, unit: GenerationUnit, weather: Weather, altitude_m: float
) -> tuple[Hourly | None, str]:
    rated_kw = plant.unit_count * plant.unit_kw
    if plant.kind is GenerationKind.SOLAR:
        sun = sun_ratio(weather)
        if sun is not None:
            return rated_kw * sun, "radiation of the year, single-axis trackers"
    if plant.kind is GenerationKind.WIND and weather.wind_m_s is not None:
        density = weather.pressure_kpa / (DRY_AIR_KJ_KGK * (weather.dry_bulb_c + 273.15))
        factor = unit.capacity_factor_ratio
        if factor is None:
            return rated_kw * wind_ratio(weather.wind_m_s, density), "wind of the year, a generic power curve"
        scaled = wind_of_mean(weather.wind_m_s, density, factor)
        return rated_kw * scaled, f"wind of the year by the hour, its mean by the capacity factor of {unit.key}"
    flat = np.full(weather.hours, rated_kw)
    if plant.kind in (GenerationKind.SOLAR, GenerationKind.WIND):
        if unit.capacity_factor_ratio is None:
            return None, "neither the year nor a capacity factor says"
        return flat * unit.capacity_factor_ratio, f"capacity factor of {unit.key}"
    by_height = _at(unit.altitude_points, altitude_m)
    by_heat = np.asarray(_at(unit.temperature_points, weather.dry_bulb_c))
    factor = 1.0 if unit.capacity_factor_ratio is None else unit.capacity_factor_ratio
    return flat * by_height * by_heat * factor, f"rating and capacity factor of {unit.key}, height and air"


def _at(points: tuple[tuple[float, float], ...], where: float | Hourly) -> float | Hourly:
    """Piecewise linear through the points, held beyond their ends; 1 without points."""
    if not points:
        return 1.0
    x, y = zip(*points, strict=True)
    found: Hourly = np.interp(where, x, y)
    return found if isinstance(where, np.ndarray) else float(found)


def sun_ratio(weather: Weather) -> Hourly | None:
    """Output of photovoltaics on single-axis trackers over their rating; None where the year has no radiation or place.

    Plane of array by the isotropic sky (Liu and Jordan 1963), cell temperature by NOCT, PVWatts losses.
    """
    ghi, dni, dhi = weather.ghi_w_m2, weather.dni_w_m2, weather.dhi_w_m2
    latitude, longitude, offset = weather.latitude_deg, weather.longitude_deg, weather.utc_offset_h
    if ghi is None or dni is None or dhi is None or latitude is None or longitude is None or offset is None:
        return None
    east, _, up = sun_vector(weather.hours, latitude, longitude, offset)
    plane = tracked_irradiance_w_m2(east, up, ghi, dni, dhi)
    return pv_ratio(plane, weather.dry_bulb_c)


def pv_ratio(plane_w_m2: Hourly, dry_bulb_c: Hourly) -> Hourly:
    """Output over rating: G/1000 · (1 + γ·(Tc − 25)) · (1 − losses) · inverter, never above the rating."""
    cell_c = dry_bulb_c + plane_w_m2 / 800 * (PV_NOCT_C - 20)
    by_heat = 1 + PV_TEMPERATURE_RATIO_PER_K * (cell_c - 25)
    output = plane_w_m2 / 1000 * by_heat * (1 - PV_LOSS_RATIO) * PV_INVERTER_EFFICIENCY_RATIO
    return np.clip(output, 0.0, 1.0)


def sun_vector(
    hours: int, latitude_deg: float, longitude_deg: float, utc_offset_h: float
) -> tuple[Hourly, Hourly, Hourly]:
    """Direction to the sun in the middle of each hour as (east, north, up) of unit length.

    Declination and equation of time by Spencer (1971), as in Duffie and Beckman, Solar Engineering of Thermal
    Processes, chapter 1.
    """
    hour = np.arange(hours)
    day = 2 * np.pi * (hour // 24) / (hours // 24)
    declination = (
        0.006918
        - 0.399912 * np.cos(day)
        + 0.070257 * np.sin(day)
        - 0.006758 * np.cos(2 * day)
        + 0.000907 * np.sin(2 * day)
        - 0.002697 * np.cos(3 * day)
        + 0.00148 * np.sin(3 * day)
    )
    minutes = 229.2 * (
        0.000075
        + 0.001868 * np.cos(day)
        - 0.032077 * np.sin(day)
        - 0.014615 * np.cos(2 * day)
        - 0.04089 * np.sin(2 * day)
    )
    solar_h = hour % 24 + 0.5 + minutes / 60 + (longitude_deg - 15 * utc_offset_h) / 15
    angle = np.radians(15 * (solar_h - 12))
    latitude = np.radians(latitude_deg)
    east = -np.cos(declination) * np.sin(angle)
    north = np.sin(declination) * np.cos(latitude) - np.cos(declination) * np.sin(latitude) * np.cos(angle)
    up = np.sin(declination) * np.sin(latitude) + np.cos(declination) * np.cos(latitude) * np.cos(angle)
    return east, north, up


def tracked_irradiance_w_m2(east: Hourly, up: Hourly, ghi: Hourly, dni: Hourly, dhi: Hourly) -> Hourly:
    """Irradiance on modules that turn about a level north-south axis, up to 60° to either side.

    The rotation that faces the sun is atan2(east, up) (Marion and Dobos 2013, NREL/TP-6A20-58891); rows do not
    shade each other.
    """
    limit = np.radians(TRACKER_LIMIT_DEG)
    turn = np.clip(np.arctan2(east, np.maximum(up, 1e-9)), -limit, limit)
    incidence = np.where(up > 0, np.maximum(east * np.sin(turn) + up * np.cos(turn), 0.0), 0.0)
    tilt = np.cos(turn)
    plane: Hourly = dni * incidence + dhi * (1 + tilt) / 2 + ghi * GROUND_ALBEDO_RATIO * (1 - tilt) / 2
    return plane


def wind_of_mean(wind_m_s: Hourly, density_kg_m3: Hourly | float, capacity_factor_ratio: float) -> Hourly:
    """The hours of a wind farm of a known capacity factor: the station's wind, scaled until the mean is that.

    Wind at an airport's mast tells when it blows, not how much a site chosen for its wind gets.
    """
    low, high = 0.0, 6.0
    for _ in range(40):
        middle = (low + high) / 2
        if float(wind_ratio(wind_m_s * middle, density_kg_m3, cut_out=False).mean()) < capacity_factor_ratio:
            low = middle
        else:
            high = middle
    return wind_ratio(wind_m_s * (low + high) / 2, density_kg_m3, cut_out=False)


def wind_ratio(
    wind_m_s: Hourly, density_kg_m3: Hourly | float = STANDARD_DENSITY_KG_M3, *, cut_out: bool = True
) -> Hourly:
    """Output of a wind farm over its rating from the wind at 10 m: cubic from cut-in to rated, none above cut-out.

    Thin air counts as less wind: v·(ρ/1.225)^(1/3) (IEC 61400-12-1). Without `cut_out` the output only rises with
    the wind, so that it can be scaled.
    """
    hub = wind_m_s * (WIND_HUB_M / WIND_STATION_M) ** WIND_HEIGHT_EXPONENT
    felt = hub * np.cbrt(np.asarray(density_kg_m3) / STANDARD_DENSITY_KG_M3)
    low, high = WIND_CUT_IN_M_S**3, WIND_RATED_M_S**3
    curve = np.clip((felt**3 - low) / (high - low), 0.0, 1.0)
    stands = hub >= (WIND_CUT_OUT_M_S if cut_out else np.inf)
    return np.where(stands, 0.0, curve) * (1 - WIND_LOSS_RATIO)
