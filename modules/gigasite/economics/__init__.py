"""What a site costs, uses and emits: pure functions of a design, its catalog and a year of weather."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from gigasite.catalog.load import Catalog
    from gigasite.design.model import Design

__all__ = ["economics_figures"]


def economics_figures(design: Design, catalog: Catalog, folder: Path | None = None) -> dict[str, Any]:
    """Sections `economics`, `energy`, `carbon` of a design's figures, and `headline`: what a change is judged by.

    `folder` is that of the site file: hourly files that it names are read there. A file that cannot be used
    leaves what rests on it unknown; `faults` says why, as the checks do.
    """
    from gigasite.economics.assessment import assess_year, price_series
    from gigasite.economics.carbon import carbon_figures
    from gigasite.economics.energy import energy_figures
    from gigasite.economics.figures import cost_figures, headline
    from gigasite.economics.tables import TableError
    from gigasite.economics.year import faults_of, year_of_site
    from gigasite.errors import GigasiteError

    year, faults = None, []
    try:
        year = year_of_site(design, catalog, folder)
    except (TableError, GigasiteError) as error:
        faults += [message for message, _ in faults_of(error)]
    try:
        carbon = carbon_figures(design, catalog, year, folder)
    except (TableError, GigasiteError) as error:
        faults += [message for message, _ in faults_of(error)]
        carbon = carbon_figures(design, catalog, None, folder)
    try:
        price_series(design, folder)
    except TableError as error:
        faults += [message for message, _ in faults_of(error)]
    found = assess_year(design, catalog, year, folder)
    energy = energy_figures(design, year)
    return {
        "economics": cost_figures(design, catalog, found),
        "energy": energy,
        "carbon": carbon,
        "headline": headline(design, found, energy, carbon),
        "faults": faults,
    }
