"""Everything that the economics of one design come to, computed once: capital, running costs, yearly cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.model import Design
from gigasite.economics.capex import capex_table
from gigasite.economics.cost import CostBasis
from gigasite.economics.lines import total, unknown_items
from gigasite.economics.opex import (
    Consumption,
    flat_consumption,
    grid_bill,
    opex_table,
    utilisation_ratio,
    year_consumption,
)
from gigasite.economics.prices import youngest
from gigasite.economics.tables import Hourly, TableError, hour_table, read_bytes, unpacked
from gigasite.economics.tariff import Bill
from gigasite.economics.year import EnergyYear

PRICE_COLUMN = "usd_per_mwh"


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """Capital and running costs with what they rest on. `basis` is None where a total is unknown."""

    capex: pl.DataFrame
    opex: pl.DataFrame
    use: Consumption
    bill: Bill | None
    gpu_count: int
    """Accelerators that can be scheduled: spares are paid for and not counted."""
    utilisation_ratio: float | None
    basis: CostBasis | None

    @property
    def lacks(self) -> tuple[str, ...]:
        """What nobody says and the totals need."""
        return (*unknown_items(self.capex), *unknown_items(self.opex))

    @property
    def price_dates(self) -> tuple[str | None, str | None]:
        """Dates of the oldest and of the youngest price that is used."""
        dates = [date for frame in (self.capex, self.opex) for date in frame["as_of"].drop_nulls()]
        newest = youngest(dates)
        oldest = min(dates, key=lambda date: (date[:4], date[4:])) if dates else None
        return oldest, newest


def assess(
    design: Design,
    catalog: Catalog,
    use: Consumption | None = None,
    series_usd_per_mwh: Hourly | None = None,
) -> Assessment:
    """The economics of a design; without a consumption, at its design point all year."""
    use = use or flat_consumption(design, catalog)
    series = _of_length(series_usd_per_mwh, use)
    capex = capex_table(design, catalog)
    opex = opex_table(design, catalog, capex, use, series)
    gpus, used = schedulable_gpus(design), utilisation_ratio(design)
    return Assessment(
        capex=capex,
        opex=opex,
        use=use,
        bill=grid_bill(design, use, series),
        gpu_count=gpus,
        utilisation_ratio=used,
        basis=_basis(design, capex, opex, gpus, used),
    )


def assess_year(design: Design, catalog: Catalog, year: EnergyYear | None, folder: Path | None) -> Assessment:
    """The economics with a computed year, or at the design point; a broken price file leaves energy unknown."""
    try:
        series = price_series(design, folder)
    except TableError:
        series = None
    use = None if year is None else year_consumption(year)
    return assess(design, catalog, use, series)


def schedulable_gpus(design: Design) -> int:
    """Accelerators of the nodes that are no spares."""
    return int(design.tables.nodes.filter(~pl.col("spare"))["gpu_count"].sum())


def price_series(design: Design, folder: Path | None) -> Hourly | None:
    """Hourly prices beside the site file; None where it names none, or where its folder is unknown.

    Raises TableError with every fault of the file.
    """
    name = design.resolved.economics.tariff.price_csv
    if name is None or folder is None:
        return None
    table = hour_table(unpacked(read_bytes(folder, name), name), name, (PRICE_COLUMN,), (PRICE_COLUMN,))
    return table.columns[PRICE_COLUMN]


def _of_length(series: Hourly | None, use: Consumption) -> Hourly | None:
    """The series for the hours of the consumption: a leap day too many is cut off at the end, one too few repeated."""
    if series is None or use.grid_kw is None or series.size == use.grid_kw.size:
        return series
    day = series[-24:]
    return series[: use.grid_kw.size] if series.size > use.grid_kw.size else np.concatenate([series, day])


def _basis(design: Design, capex: pl.DataFrame, opex: pl.DataFrame, gpus: int, used: float | None) -> CostBasis | None:
    economics = design.resolved.economics
    it, facility, land = (total(capex, life=life) for life in ("it", "facility", "land"))
    energy, running = total(opex, group="energy"), total(opex)
    known = (it, facility, land, energy, running, used)
    if None in known or not gpus:
        return None
    straight = economics.annualisation == "straight-line"
    return CostBasis(
        it_usd=it or 0.0,
        facility_usd=facility or 0.0,
        land_usd=land or 0.0,
        energy_usd_per_year=energy or 0.0,
        other_opex_usd_per_year=(running or 0.0) - (energy or 0.0),
        gpu_count=gpus,
        utilisation_ratio=used or 0.0,
        it_life_y=economics.it_life_y or 5.0,
        facility_life_y=economics.facility_life_y or 14.0,
        wacc_ratio=0.0 if straight else economics.wacc_ratio or 0.0,
    )
