"""The units that reject the site's heat: rows of the table `plant`."""

from __future__ import annotations

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.model import COLUMNS, CoolingDesign, HallDesign
from gigasite.spec.site import SiteSpec


def rejection_plant(
    site: SiteSpec, halls: tuple[HallDesign, ...], cooling: CoolingDesign, catalog: Catalog, prefix: str
) -> pl.DataFrame:
    """Coolers, chillers and towers, sized for the extreme day."""
    return pl.DataFrame(schema=COLUMNS["plant"])
