"""What a year of running costs: energy and demand, own and bought generation, upkeep, staff, licences, water, rent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.model import Design
from gigasite.economics.generation import GenerationYear, flat_generation
from gigasite.economics.lines import Line, ratio_price, table, total
from gigasite.economics.prices import PriceBook, UnitPrice
from gigasite.economics.tables import HOURS, Hourly
from gigasite.economics.tariff import Bill, bill
from gigasite.economics.year import EnergyYear, it_year
from gigasite.spec.energy import ContractKind
from gigasite.spec.site import Demarcation


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a year draws. `grid_kw` holds the grid's power in each of 8,760 or 8,784 hours.

    None: unknown. `basis` says how it was come by: a year of weather, or the design point all year.
    """

    grid_kw: Hourly | None
    water_m3: float | None
    generation_mwh: Mapping[str, float | None]
    """Energy of each own plant by name."""
    contracted_mwh: Mapping[str, float | None]
    """Energy bought under contract by name: it takes the place of grid energy, not of its demand charges."""
    basis: str


def flat_consumption(design: Design, catalog: Catalog) -> Consumption:
    """The design point all year: in each hour, what the IT draws takes cooling and losses as on the extreme day.

    Above what a year of weather comes to. Own plants carry it by rating and capacity factor in the air of that day.
    Unknown where a rack's draw is, or where the load is in a file.
    """
    power = design.power
    it, whole_kw, together_kw = it_year(design, HOURS[0], None), power.utility_kw, power.coincident_it_kw
    basis = "cooling and losses of the design point all year: no weather is named; water is not counted"
    if it is None or whole_kw is None or not together_kw:
        unknown = {plant.name: None for plant in design.resolved.power.generation}
        own = {plant.name for plant in design.resolved.power.generation if plant.delivery == "on-site"}
        return Consumption(None, None, *_by_delivery(unknown, own), basis)
    site_kw: Hourly = whole_kw * (it.kw / together_kw)
    plants = flat_generation(design.resolved, catalog, site_kw)
    grid_kw: Hourly | None = site_kw
    for plant in plants:
        if plant.on_site:
            grid_kw = None if grid_kw is None or plant.used_kw is None else grid_kw - plant.used_kw
    return Consumption(grid_kw, None, *_generated_mwh(plants), basis)


def year_consumption(year: EnergyYear) -> Consumption:
    """What a computed year of hours draws."""
    return Consumption(
        year.grid_kw,
        float(year.cooling.water_m3_h.sum()),
        *_generated_mwh(year.generation),
        f"a year of hours: {year.weather.name}; {year.it.basis}",
    )


def _generated_mwh(plants: Sequence[GenerationYear]) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """Energy of the own plants that is used, and of the contracted ones, by name. MWh."""
    amounts = {p.name: None if p.used_kw is None else float(p.used_kw.sum()) / 1000 for p in plants}
    return _by_delivery(amounts, {plant.name for plant in plants if plant.on_site})


def _by_delivery(
    amounts: Mapping[str, float | None], own: set[str]
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    return (
        {name: mwh for name, mwh in amounts.items() if name in own},
        {name: mwh for name, mwh in amounts.items() if name not in own},
    )


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


def grid_bill(design: Design, use: Consumption, series_usd_per_mwh: Hourly | None = None) -> Bill | None:
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
    series_usd_per_mwh: Hourly | None = None,
) -> pl.DataFrame:
    """All running costs of a year, as `lines.COLUMNS` with `life` year."""
    book = PriceBook(catalog, design.resolved.economics.prices)
    paid = grid_bill(design, use, series_usd_per_mwh)
    lines = [*energy_lines(design, use, paid, book), *upkeep_lines(design, capex), *staff_lines(design, book)]
    lines += [*software_lines(design, book), *water_lines(use, book), *rent_lines(design, book)]
    return table(lines)


def energy_lines(design: Design, use: Consumption, paid: Bill | None, book: PriceBook) -> Iterator[Line]:
    """Energy, delivery, demand, standing charge; contracts in place of the tariff's energy; own plants at their own.

    What a contract replaces is energy at the year's mean price; delivery is paid on all that comes over the grid.
    Contracted plants without a price are bought at the tariff, as contracts without one are.
    """
    tariff = design.resolved.economics.tariff
    drawn_mwh = None if use.grid_kw is None else float(use.grid_kw.sum()) / 1000
    plants = [
        plant
        for plant in design.resolved.power.generation
        if plant.name in use.generation_mwh or (plant.name in use.contracted_mwh and plant.usd_per_mwh is not None)
    ]
    deals = contract_lines(design, drawn_mwh)
    bought = [line.quantity for line in deals if not line.item.startswith("certificates")]
    bought += [use.contracted_mwh[plant.name] for plant in plants if plant.name in use.contracted_mwh]
    mwh = None if drawn_mwh is None or None in bought else max(drawn_mwh - sum(part for part in bought if part), 0.0)
    mean = None if paid is None or not paid.energy_mwh else paid.energy_usd / paid.energy_mwh
    why = "a series of hourly prices" if tariff.price_csv else "economics.tariff"
    if any(bought) and tariff.delivery_usd_per_mwh:
        mean = None if mean is None else mean - tariff.delivery_usd_per_mwh
        fee = _rate("economics.tariff.delivery_usd_per_mwh", "mwh", tariff.delivery_usd_per_mwh, why)
        yield Line("energy", "delivery over the grid", drawn_mwh, fee, "year")
    yield Line("energy", "energy from the grid", mwh, _rate("economics.tariff.usd_per_mwh", "mwh", mean, why), "year")
    if tariff.demand or tariff.usd_per_month:
        charges = None if paid is None else paid.demand_usd + paid.standing_usd
        yield Line(
            "energy", "demand and standing charges", 1, _rate("economics.tariff.demand", "each", charges, why), "year"
        )
    yield from deals
    for plant in plants:
        drawn = use.generation_mwh if plant.delivery == "on-site" else use.contracted_mwh
        price = book.find("generation-fuel", unit="mwh")
        if plant.usd_per_mwh is not None:
            price = _rate(f"power.generation.{plant.name}.usd_per_mwh", "mwh", plant.usd_per_mwh, "the site file")
        elif plant.kind.value in ("solar", "wind"):
            price = _rate(f"power.generation.{plant.name}.usd_per_mwh", "mwh", 0.0, "sun and wind cost no fuel")
        yield Line("energy", f"energy of {plant.name}", drawn[plant.name], price, "year")


def contract_lines(design: Design, drawn_mwh: float | None) -> tuple[Line, ...]:
    """Energy contracts that state a price: all that is bought is paid for, used or not."""
    lines = []
    for contract in design.resolved.energy.contracts:
        if contract.usd_per_mwh is None:
            continue
        mwh = contract.mwh_per_year
        if mwh is None:
            mwh = None if drawn_mwh is None else drawn_mwh * (contract.share_ratio or 0.0)
        label = "certificates" if contract.kind is ContractKind.CERTIFICATES else "contract"
        price = _rate(f"energy.contracts.{contract.name}.usd_per_mwh", "mwh", contract.usd_per_mwh, "the site file")
        lines.append(Line("energy", f"{label} {contract.name}", mwh, price, "year"))
    return tuple(lines)


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
