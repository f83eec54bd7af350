"""The standards' figures of a year: PUE, WUE, ERF, ERE, REF; and of the design point, which is another thing.

PUE is a figure of a year (ISO/IEC 30134-2). What the design draws in the hour that sizes its grid connection, over
its IT load, is called the design PUE here and is never shown as the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gigasite.economics.tables import Hourly
from gigasite.spec.site import Demarcation

if TYPE_CHECKING:
    from gigasite.design.model import Design
    from gigasite.economics.year import EnergyYear

HOURS_PER_YEAR = 8760
UNMET_KW = 1e-6
"""Heat below this is the rounding of a sum."""


def ratio(above: float | None, below: float | None) -> float | None:
    """A quotient; unknown where a part is unknown, or where there is nothing to divide by."""
    if above is None or below is None or not below:
        return None
    return above / below


def pue(site_kwh: float | None, it_kwh: float | None) -> float | None:
    """Power usage effectiveness: energy of the whole site over that of its IT equipment (ISO/IEC 30134-2)."""
    return ratio(site_kwh, it_kwh)


def design_pue(utility_kw: float | None, it_kw: float | None) -> float | None:
    """Power of the whole site over that of its IT in the hour that sizes the grid connection."""
    return ratio(utility_kw, it_kw)


def wue_l_per_kwh(water_l: float | None, it_kwh: float | None) -> float | None:
    """Water usage effectiveness: litres that the site draws over its IT energy (ISO/IEC 30134-9)."""
    return ratio(water_l, it_kwh)


def cue_kg_per_kwh(co2e_kg: float | None, it_kwh: float | None) -> float | None:
    """Carbon usage effectiveness: emissions of the site's energy over its IT energy (ISO/IEC 30134-8).

    Where all energy is drawn from the grid this is PUE · grid factor.
    """
    return ratio(co2e_kg, it_kwh)


def erf(reused_kwh: float | None, site_kwh: float | None) -> float | None:
    """Energy reuse factor: energy that others use over energy of the whole site (ISO/IEC 30134-6)."""
    return ratio(reused_kwh, site_kwh)


def ere(site_kwh: float | None, reused_kwh: float | None, it_kwh: float | None) -> float | None:
    """Energy reuse effectiveness: (site − reused) / IT = (1 − ERF) · PUE (The Green Grid, 2010)."""
    if site_kwh is None or reused_kwh is None:
        return None
    return ratio(site_kwh - reused_kwh, it_kwh)


def ref(renewable_kwh: float | None, site_kwh: float | None) -> float | None:
    """Renewable energy factor: renewable energy over energy of the whole site, at most 1 (ISO/IEC 30134-3)."""
    found = ratio(renewable_kwh, site_kwh)
    return None if found is None else min(found, 1.0)


def annual_site_mwh(it_mw: float, load_factor_ratio: float, pue_ratio: float, hours: int = HOURS_PER_YEAR) -> float:
    """Energy of a year from its means: IT · load factor · PUE · hours."""
    return it_mw * load_factor_ratio * pue_ratio * hours


def draw_ratio(utilisation_ratio: float | Hourly, idle_ratio: float) -> Hourly:
    """Mean draw over design draw of systems that work a share of the time: idle + (1 - idle) · utilisation."""
    return np.asarray(idle_ratio + (1 - idle_ratio) * np.asarray(utilisation_ratio, np.float64))


def energy_figures(design: Design, year: EnergyYear | None) -> dict[str, Any]:
    """The section `energy` of a design's figures: plain data with units in the names; null where unknown.

    `annual` is null where the site names no weather, or where its load, heat or losses are unknown. The ratios of a
    whole data centre are unknown to a tenant: part of its energy and all of its outdoor water are the landlord's.
    """
    power, whole = design.power, design.resolved.demarcation is Demarcation.OWN
    at_design = design_pue(power.utility_kw, power.coincident_it_kw)
    return {
        "design_point": {
            "it_kw": power.it_kw,
            "mechanical_kw": power.mechanical_kw,
            "utility_kw": power.utility_kw,
            "design_pue": at_design if whole else None,
        },
        "boundary": "the whole site" if whole else "the tenant's part: the landlord's plant is not in it",
        "annual": None if year is None else annual_figures(year, whole=whole),
    }


def annual_figures(year: EnergyYear, *, whole: bool = True) -> dict[str, Any]:
    """A year in figures: energy, the standards' ratios, extreme hours, water.

    Not `whole`: what is drawn lacks the landlord's plant, so that its ratio to IT is a partial PUE (`ppue`) and
    the ratios of a data centre are null.
    """
    it_kwh, site_kwh = float(year.it.kw.sum()), float(year.site_kw.sum())
    cooling_kwh, reused_kwh = float(year.cooling.electric_kw.sum()), float(year.cooling.reused_kw.sum())
    water_m3 = float(year.cooling.water_m3_h.sum())
    peak = int(year.site_kw.argmax())
    unmet = year.cooling.unmet_kw > UNMET_KW
    return {
        "weather": year.weather.name,
        "weather_is_measured": year.weather.measured,
        "hours": year.hours,
        "it_basis": year.it.basis,
        "it_mwh": it_kwh / 1000,
        "it_load_factor_ratio": it_kwh / (year.it.design_kw * year.hours),
        "cooling_mwh": cooling_kwh / 1000,
        "loss_mwh": float(year.loss_kw.sum()) / 1000,
        "site_mwh": site_kwh / 1000,
        "grid_mwh": None if year.grid_kw is None else float(year.grid_kw.sum()) / 1000,
        "pue": pue(site_kwh, it_kwh) if whole else None,
        "pue_category": 3,
        "ppue": None if whole else pue(site_kwh, it_kwh),
        "wue_l_per_kwh": wue_l_per_kwh(water_m3 * 1000, it_kwh) if whole else None,
        "ere": ere(site_kwh, reused_kwh, it_kwh) if whole else None,
        "erf": erf(reused_kwh, site_kwh) if whole else None,
        "reused_mwh": reused_kwh / 1000,
        "water_m3": water_m3 if whole else None,
        "water_peak_m3_day": float(daily(year.cooling.water_m3_h).max()) if whole else None,
        "peak_kw": float(year.site_kw[peak]),
        "peak_hour": peak,
        "peak_hour_dry_bulb_c": float(year.weather.dry_bulb_c[peak]),
        "peak_hour_pue": ratio(float(year.site_kw[peak]), float(year.it.kw[peak])) if whole else None,
        "grid_peak_kw": None if year.grid_kw is None else float(year.grid_kw.max()),
        "dry_bulb_max_c": float(year.weather.dry_bulb_c.max()),
        "wet_bulb_max_c": float(year.weather.wet_bulb_c.max()),
        "hours_without_compressors": int(year.cooling.without_compressors.sum()) if whole else None,
        "unmet_hours": int(unmet.sum()),
        "unmet_heat_mwh": float(year.cooling.unmet_kw[unmet].sum()) / 1000,
        "gpu_hours": year.it.gpu_hours,
        "used_gpu_hours": year.it.used_gpu_hours,
        "kwh_per_gpu_hour": ratio(site_kwh, year.it.gpu_hours),
        "generation": [
            {
                "name": plant.name,
                "technology": plant.technology,
                "on_site": plant.on_site,
                "available_mwh": None if plant.available_kw is None else float(plant.available_kw.sum()) / 1000,
                "used_mwh": None if plant.used_kw is None else float(plant.used_kw.sum()) / 1000,
                "basis": plant.basis,
            }
            for plant in year.generation
        ],
    }


def daily(hourly: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Sums of whole days, midnight to midnight."""
    return np.asarray(hourly.reshape(-1, 24).sum(axis=1))
