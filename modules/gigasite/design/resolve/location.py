"""Defaults of the place and of the rules that hold there."""

from __future__ import annotations

import math

from gigasite.catalog.climate_products import Climate
from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default
from gigasite.spec.site import SiteSpec

HOT_C = 40.0
HUMID_C = 27.0


def location(spec: SiteSpec, catalog: Catalog) -> dict[str, Default]:
    """Height and extremes: never milder than the typical year that the site names."""
    dry, wet = HOT_C, HUMID_C
    dry_why, wet_why = (
        "a hot place; heat rejection is sized for it",
        "a humid place; evaporative cooling is sized for it",
    )
    defaults = {
        "grid": Default(None, "not given: carbon stays unknown", Origin.DERIVED),
        "climate": Default(None, "not given: energy, water and carbon of a year stay unknown", Origin.DERIVED),
    }
    if spec.location.weather_csv is not None:
        defaults["climate"] = Default(None, "the site has its own year of weather", Origin.DERIVED)
    if spec.location.climate is not None:
        climate = catalog.of(Climate, spec.location.climate)
        defaults["altitude_m"] = Default(climate.altitude_m, f"height of the station of {climate.key}", Origin.CATALOG)
        if (climate.dry_bulb_max_c or dry) > dry:
            dry = float(math.ceil(climate.dry_bulb_max_c or dry))
            dry_why = f"the typical year of {climate.key} reaches it; extremes are higher"
        if (climate.wet_bulb_max_c or wet) > wet:
            wet = float(math.ceil(climate.wet_bulb_max_c or wet))
            wet_why = f"the typical year of {climate.key} reaches it; extremes are higher"
    dry_given, wet_given = spec.location.extreme_dry_bulb_c, spec.location.extreme_wet_bulb_c
    if wet_given is not None and dry < wet_given:
        dry, dry_why = wet_given, "no less than the wet bulb"
    if dry_given is not None and wet > dry_given:
        wet, wet_why = dry_given, "no more than the dry bulb"
    return {
        **defaults,
        "extreme_dry_bulb_c": Default(dry, dry_why, decisive=True),
        "extreme_wet_bulb_c": Default(wet, wet_why, decisive=True),
    }


def standards(spec: SiteSpec, catalog: Catalog) -> dict[str, Default]:
    grid = catalog.grid(spec.location.grid) if spec.location.grid else None
    frequency = spec.standards.frequency_hz or (grid.frequency_hz if grid else None)
    electrical = Default("iec", "a 50 Hz grid", Origin.DERIVED) if frequency == 50 else Default("nec", "a 60 Hz grid")
    if spec.standards.frequency_hz is None and grid is not None and grid.frequency_hz:
        hertz = Default(grid.frequency_hz, f"grid {grid.key}", Origin.CATALOG)
        electrical = Default(electrical.value, f"a {grid.frequency_hz} Hz grid", Origin.DERIVED)
    else:
        by_rules = 50 if spec.standards.electrical == "iec" else 60
        hertz = Default(by_rules, f"usual where {spec.standards.electrical or electrical.value} holds")
    return {"electrical": electrical, "frequency_hz": hertz}
