"""What a year of running costs: energy and demand, own and bought generation, upkeep, staff, licences, water, rent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.design.model import Design
from gigasite.economics.cost import HOURS_PER_YEAR
from gigasite.economics.lines import Line, ratio_price, table, total
from gigasite.economics.prices import PriceBook, UnitPrice
from gigasite.economics.tariff import Bill, bill
from gigasite.economics.year import EnergyYear
from gigasite.spec.site import Demarcation


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a year draws. `grid_kw` holds the grid's power in each of 8,760 or 8,784 hours.

    None: unknown. `basis` says how it was come by: a year of weather, or the design point all year.
    """

    grid_kw: NDArray[np.float64] | None
    water_m3: float | None
    generation_mwh: Mapping[str, float | None]
    """Energy of each own plant by name."""
    contracted_mwh: Mapping[str, float | None]
    """Energy bought under contract by name: it takes the place of grid energy, not of its demand charges."""
    basis: str


def flat_consumption(design: Design) -> Consumption:
    """The design point held all year, the IT load scaled by what the pools use on average.

    Mean IT draw of a pool: idle + (1 - idle) x utilisation, over its design draw. Plant and losses are taken
    as at the design point, in proportion to the load: above what a year of weather comes to.
    """
    load = mean_load_ratio(design)
    grid_kw = None if design.power.utility_kw is None or load is None else design.power.utility_kw * load
    year = None if grid_kw is None else np.full(int(HOURS_PER_YEAR), grid_kw)
    return Consumption(year, None, {}, {}, "the design point all year, at the pools' mean load")


def year_consumption(year: EnergyYear) -> Consumption:
    """What a computed year of hours draws."""
    amounts = {
        plant.name: None if plant.used_kw is None else float(plant.used_kw.sum()) / 1000 for plant in year.generation
    }
    own = {plant.name for plant in year.generation if plant.on_site}
    return Consumption(
        year.grid_kw,
        float(year.cooling.water_m3_h.sum()),
        {name: mwh for name, mwh in amounts.items() if name in own},
        {name: mwh for name, mwh in amounts.items() if name not in own},
        f"a year of hours: {year.weather.name}; {year.it.basis}",
    )


def mean_load_ratio(design: Design) -> float | None:
    """Mean draw of the pools over their design draw, weighted by that draw; None where a figure is unknown."""
    drawn = designed = 0.0
    for pool in design.pools.values():
        load = design.resolved.pool(pool.name).load
        if pool.system_kw is None or load.utilisation_ratio is None or load.idle_ratio is None:
            return None
        kw = pool.system_kw * pool.system_count
        designed += kw
        drawn += kw * (load.idle_ratio + (1 - load.idle_ratio) * load.utilisation_ratio)
    return drawn / designed if designed else None


def utilisation_ratio(design: Design) -> float | None:
    """Part of the accelerators' hours that is used: the site's own figure, else the pools' mean by accelerators."""
    stated = design.resolved.economics.utilisation_ratio
    if stated is not None:
        return stated
    used = count = 0.0
    for pool in design.pools.values():
        ratio = design.resolved.pool(pool.name).load.utilisation_ratio
        if ratio is None:
            return None
        used += ratio * pool.gpu_count
        count += pool.gpu_count
    return used / count if count else None


def grid_bill(design: Design, use: Consumption, series_usd_per_mwh: NDArray[np.float64] | None = None) -> Bill | None:
    """The year's bill; None where consumption or price is unknown."""
    tariff = design.resolved.economics.tariff
    if use.grid_kw is None or (series_usd_per_mwh is None and tariff.usd_per_mwh is None):
        return None
    return bill(use.grid_kw, tariff, tariff.usd_per_mwh or 0.0, series_usd_per_mwh)


def opex_table(
    design: Design,
    catalog: Catalog,
    capex: pl.DataFrame,
    use: Consumption,
    series_usd_per_mwh: NDArray[np.float64] | None = None,
) -> pl.DataFrame:
    """All running costs of a year, as `lines.COLUMNS` with `life` year."""
    book = PriceBook(catalog, design.resolved.economics.prices)
    paid = grid_bill(design, use, series_usd_per_mwh)
    lines = [*energy_lines(design, use, paid, book), *upkeep_lines(design, capex), *staff_lines(design, book)]
    lines += [*software_lines(design, book), *water_lines(use, book), *rent_lines(design, book)]
    return table(lines)


def energy_lines(design: Design, use: Consumption, paid: Bill | None, book: PriceBook) -> Iterator[Line]:
    """Energy, demand, standing charge; contracts in place of the tariff's price; own plants at their own."""
    tariff = design.resolved.economics.tariff
    contracts = list(use.contracted_mwh.values())
    contracted = None if None in contracts else sum(mwh for mwh in contracts if mwh)
    mwh = None if paid is None or contracted is None else max(paid.energy_mwh - contracted, 0.0)
    mean = None if paid is None or not paid.energy_mwh else paid.energy_usd / paid.energy_mwh
    why = "a series of hourly prices" if tariff.price_csv else "economics.tariff"
    yield Line("energy", "energy from the grid", mwh, _rate("economics.tariff.usd_per_mwh", "mwh", mean, why), "year")
    if tariff.demand or tariff.usd_per_month:
        charges = None if paid is None else paid.demand_usd + paid.standing_usd
        yield Line(
            "energy", "demand and standing charges", 1, _rate("economics.tariff.demand", "each", charges, why), "year"
        )
    for plant in design.resolved.power.generation:
        drawn = use.generation_mwh if plant.delivery == "on-site" else use.contracted_mwh
        if plant.name not in drawn:
            continue
        price = book.find("generation-fuel", unit="mwh")
        if plant.usd_per_mwh is not None:
            price = _rate(f"power.generation.{plant.name}.usd_per_mwh", "mwh", plant.usd_per_mwh, "the site file")
        elif plant.kind.value in ("solar", "wind"):
            price = _rate(f"power.generation.{plant.name}.usd_per_mwh", "mwh", 0.0, "sun and wind cost no fuel")
        yield Line("energy", f"energy of {plant.name}", drawn[plant.name], price, "year")


def upkeep_lines(design: Design, capex: pl.DataFrame) -> Iterator[Line]:
    """Maintenance of IT and facility, insurance and tax, as parts of what they cost to buy; unknown where that is."""
    economics = design.resolved.economics
    rows: list[tuple[str, dict[str, str], float | None, str]] = [
        ("upkeep of systems and network", {"life": "it"}, economics.maintenance_it_ratio, "maintenance_it_ratio"),
        (
            "upkeep of the facility",
            {"life": "facility"},
            economics.maintenance_facility_ratio,
            "maintenance_facility_ratio",
        ),
        ("insurance and property tax", {}, economics.insurance_ratio, "insurance_ratio"),
    ]
    for item, where, ratio, key in rows:
        low, mid, high = (total(capex, column, **where) for column in ("usd_low", "usd", "usd_high"))
        if mid != 0:
            price = ratio_price(f"economics.{key}", ratio, f"economics.{key}")
            yield Line("upkeep", item, mid, price, "year", low, high)


def staff_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Full-time staff: as stated, else by IT power."""
    count = design.resolved.economics.staff_count
    if count is None and design.power.it_kw is not None:
        each_mw = book.find("staff-count", unit="fte-mw").usd
        count = None if each_mw is None else each_mw * design.power.it_kw / 1000
    yield Line("people", "staff", count, book.find("staff", unit="fte-year"), "year")


def software_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Licences for every accelerator."""
    gpus = sum(pool.gpu_count for pool in design.pools.values())
    for name in design.resolved.economics.software or ():
        yield Line("software", f"licence {name}", gpus, book.find(name, unit="gpu-year"), "year")


def water_lines(use: Consumption, book: PriceBook) -> Iterator[Line]:
    """Water, where a year of it is known."""
    if use.water_m3 is not None:
        yield Line("water", "water", use.water_m3, book.find("water", unit="m3"), "year")


def rent_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """What a landlord is paid: contracted kW x months."""
    if design.resolved.demarcation is not Demarcation.COLOCATION:
        return
    economics = design.resolved.economics
    kw = economics.rent_kw or design.power.it_kw
    price = book.find("colocation-rent", unit="kw-month")
    if economics.rent_usd_per_kw_month is not None and economics.rent_usd_per_kw_month != price.usd:
        where = "economics.rent_usd_per_kw_month"
        price = _rate(where, "kw-month", economics.rent_usd_per_kw_month, where)
    yield Line("rent", "rent of power and space", None if kw is None else kw * 12, price, "year")


def _rate(key: str, unit: str, usd: float | None, source: str) -> UnitPrice:
    """A rate that the site file states or that follows from it."""
    return UnitPrice(key, unit, usd, usd, usd, None, "unknown" if usd is None else "site", source)
