"""Defaults of the place and of the rules that hold there."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default
from gigasite.spec.site import SiteSpec


def location() -> dict[str, Default]:
    return {
        "grid": Default(None, "not given: carbon stays unknown", Origin.DERIVED),
        "extreme_dry_bulb_c": Default(40.0, "a hot place; heat rejection is sized for it", decisive=True),
        "extreme_wet_bulb_c": Default(27.0, "a humid place; evaporative cooling is sized for it", decisive=True),
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
