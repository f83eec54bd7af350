"""The cooling plant unit by unit: the table `plant` of the design, before its units hang on power."""

from __future__ import annotations

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling.rejection.plant import rejection_plant
from gigasite.design.model import COLUMNS, CoolingDesign, HallDesign
from gigasite.spec.site import SiteSpec


def plant_table(
    site: SiteSpec,
    racks: pl.DataFrame,
    halls: tuple[HallDesign, ...],
    cooling: CoolingDesign,
    catalog: Catalog,
    prefix: str,
) -> pl.DataFrame:
    """Units in the halls, and those that reject the site's heat."""
    inside = pl.DataFrame(schema=COLUMNS["plant"])
    return pl.concat([inside, rejection_plant(site, halls, cooling, catalog, prefix, inside)])
