"""Emissions of a year's energy: by the grid's place, by what was contracted, by own generation; and built in.

After the GHG Protocol, Scope 2 Guidance (2015): the location-based figure takes the grid's average; the market-based
one takes each contract's factor for what it covers and the residual mix for the rest. Both are told, never one alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Grid
from gigasite.design.model import Design
from gigasite.economics.energy import cue_kg_per_kwh, ratio, ref
from gigasite.economics.tables import Hourly, TableError, hour_table, read_bytes, refuse, unpacked
from gigasite.economics.year import EnergyYear
from gigasite.spec.site import Demarcation

KG_PER_LB: Final = 0.45359237
"""International pound (1959), exact."""
FACTOR_COLUMN: Final = "co2e_kg_per_kwh"


def kg_per_kwh(lb_per_mwh: float) -> float:
    """An emission factor in pounds a MWh, as eGRID states it, in kilograms a kWh."""
    return lb_per_mwh * KG_PER_LB / 1000


@dataclass(frozen=True, slots=True)
class Contract:
    """Energy that is bought with its origin; `share_ratio` of the grid energy, or `kwh` a year."""

    name: str
    kind: str
    co2e_kg_per_kwh: float | None
    renewable: bool
    share_ratio: float | None = None
    kwh: float | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """What a contract covers of the grid energy; `surplus_kwh` is what it buys beyond."""

    contract: Contract
    kwh: float
    surplus_kwh: float


@dataclass(frozen=True, slots=True, eq=False)
class CarbonYear:
    """Emissions of a site's year in kg; None where a factor is unknown."""

    factor_kg_per_kwh: Hourly | float | None
    """Of the grid: by the hour, or its average."""
    grid_kwh: float | None
    location_based_kg: float | None
    market_based_kg: float | None
    residual_kg_per_kwh: float | None
    own_generation_kg: float | None
    covered: tuple[Covered, ...]
    renewable_kwh: float | None
    """On-site sun and wind that is used, and renewable energy by contract."""
    hourly_matched_ratio: float | None
    """Part of the grid energy that contracted plants make in the same hour; None without such plants."""
    embodied_t_per_year: float | None


def carbon_year(design: Design, catalog: Catalog, year: EnergyYear, folder: Path | None) -> CarbonYear:
    """The emissions of a year. Raises TableError with every fault of the file of hourly factors."""
    energy = design.resolved.energy
    factor = grid_factor(design, catalog, folder, year.hours)
    grid_kwh = None if year.grid_kw is None else float(year.grid_kw.sum())
    contracts = contracts_of(design, year)
    mean = float(factor.mean()) if isinstance(factor, np.ndarray) else factor
    residual = energy.residual_co2e_kg_per_kwh if energy.residual_co2e_kg_per_kwh is not None else mean
    own, renewable = _own(year)
    found = () if grid_kwh is None else covered(grid_kwh, contracts)
    if renewable is not None:
        renewable += sum(part.kwh for part in found if part.contract.renewable)
    embodied = energy.embodied
    return CarbonYear(
        factor_kg_per_kwh=factor,
        grid_kwh=grid_kwh,
        location_based_kg=None if year.grid_kw is None or factor is None else location_based_kg(year.grid_kw, factor),
        market_based_kg=None if grid_kwh is None else market_based_kg(grid_kwh, contracts, residual),
        residual_kg_per_kwh=residual,
        own_generation_kg=own,
        covered=found,
        renewable_kwh=None if grid_kwh is None else renewable,
        hourly_matched_ratio=_matched(year),
        embodied_t_per_year=None if embodied is None else embodied_t_per_year(embodied.tco2e, embodied.life_years),
    )


def grid_factor(design: Design, catalog: Catalog, folder: Path | None, hours: int) -> Hourly | float | None:
    """Emission factor of the site's grid in kg/kWh: the user's by the hour, else the catalog's average."""
    name = design.resolved.energy.grid_co2e_csv
    if name is not None and folder is not None:
        table = hour_table(unpacked(read_bytes(folder, name), name), name, (FACTOR_COLUMN,), (FACTOR_COLUMN,))
        if table.hours != hours:
            raise TableError.of(name, f"has {table.hours:,} hours, the weather {hours:,}", "give both the same year")
        factor = table.columns[FACTOR_COLUMN]
        refuse(name, (factor < 0) | (factor > 5), table.first_line, f"{FACTOR_COLUMN} lies outside 0 to 5")
        return factor
    grid = design.resolved.location.grid
    return None if grid is None else catalog.of(Grid, grid).co2e_kg_per_kwh


def contracts_of(design: Design, year: EnergyYear) -> tuple[Contract, ...]:
    """What the site buys with its origin: contracted plants by what their year gives, then the contracts in order."""
    plants = [
        Contract(plant.name, "plant", plant.co2e_kg_per_kwh, plant.renewable, kwh=float(plant.used_kw.sum()))
        for plant in year.generation
        if not plant.on_site and plant.used_kw is not None
    ]
    contracts = [
        Contract(
            name=item.name,
            kind=item.kind.value,
            co2e_kg_per_kwh=item.co2e_kg_per_kwh,
            renewable=item.renewable,
            share_ratio=item.share_ratio,
            kwh=None if item.mwh_per_year is None else item.mwh_per_year * 1000,
        )
        for item in design.resolved.energy.contracts
    ]
    return (*plants, *contracts)


def _own(year: EnergyYear) -> tuple[float | None, float | None]:
    """Emissions of on-site generation, and the renewable energy that the site takes of it."""
    kg: float | None = 0.0
    renewable: float | None = 0.0
    for plant in year.generation:
        if not plant.on_site:
            continue
        if plant.used_kw is None:
            return None, None
        kwh = float(plant.used_kw.sum())
        kg = None if kg is None or plant.co2e_kg_per_kwh is None else kg + kwh * plant.co2e_kg_per_kwh
        if plant.renewable and renewable is not None:
            renewable += kwh
    return kg, renewable


def _matched(year: EnergyYear) -> float | None:
    made = [plant.used_kw for plant in year.generation if not plant.on_site and plant.used_kw is not None]
    if not made or year.grid_kw is None:
        return None
    together = np.minimum(np.sum(made, axis=0), year.grid_kw)
    return ratio(float(together.sum()), float(year.grid_kw.sum()))


def carbon_figures(
    design: Design, catalog: Catalog, year: EnergyYear | None, folder: Path | None = None
) -> dict[str, Any]:
    """The section `carbon` of a design's figures: plain data, tonnes a year; null where unknown."""
    key = design.resolved.location.grid
    grid = None if key is None else catalog.of(Grid, key)
    known = grid.co2e_kg_per_kwh if grid else None
    utility_kw = design.power.utility_kw
    head: dict[str, Any] = {
        "grid": key,
        "grid_dataset": grid.dataset if grid else None,
        "grid_co2e_kg_per_kwh": known,
        "design_point_co2e_kg_per_h": None if utility_kw is None or known is None else utility_kw * known,
    }
    if year is None:
        return {**head, "annual": None}
    found = carbon_year(design, catalog, year, folder)
    it_kwh = float(year.it.kw.sum())
    whole = design.resolved.demarcation is Demarcation.OWN  # a tenant does not know what the landlord's plant emits
    location = _total(found.location_based_kg, found.own_generation_kg)
    market = _total(found.market_based_kg, found.own_generation_kg)
    return {
        **head,
        "annual": {
            "grid_mwh": _per_thousand(found.grid_kwh),
            "scope_1_own_generation_tco2e": _per_thousand(found.own_generation_kg),
            "scope_2_location_based_tco2e": _per_thousand(found.location_based_kg),
            "scope_2_market_based_tco2e": _per_thousand(found.market_based_kg),
            "location_based_tco2e": _per_thousand(location),
            "market_based_tco2e": _per_thousand(market),
            "cue_location_based_kg_per_kwh": cue_kg_per_kwh(location, it_kwh) if whole else None,
            "cue_market_based_kg_per_kwh": cue_kg_per_kwh(market, it_kwh) if whole else None,
            "kg_per_gpu_hour_location_based": ratio(location, year.it.gpu_hours),
            "residual_co2e_kg_per_kwh": found.residual_kg_per_kwh,
            "residual_is_grid_average": design.resolved.energy.residual_co2e_kg_per_kwh is None,
            "grid_factor_by_hour": isinstance(found.factor_kg_per_kwh, np.ndarray),
            "renewable_mwh": _per_thousand(found.renewable_kwh),
            "ref_ratio": ref(found.renewable_kwh, float(year.site_kw.sum())),
            "hourly_matched_ratio": found.hourly_matched_ratio,
            "contracts": [
                {
                    "name": part.contract.name,
                    "kind": part.contract.kind,
                    "covered_mwh": part.kwh / 1000,
                    "surplus_mwh": part.surplus_kwh / 1000,
                    "co2e_kg_per_kwh": part.contract.co2e_kg_per_kwh,
                    "renewable": part.contract.renewable,
                }
                for part in found.covered
            ],
            "scope_3_embodied_tco2e": found.embodied_t_per_year,
        },
    }


def _total(grid_kg: float | None, own_kg: float | None) -> float | None:
    return None if grid_kg is None or own_kg is None else grid_kg + own_kg


def _per_thousand(value: float | None) -> float | None:
    return None if value is None else value / 1000


def location_based_kg(grid_kw: Hourly, factor: Hourly | float) -> float:
    """Emissions of grid energy at the grid's average, or hour by hour where its factor is known by the hour."""
    return float(np.sum(grid_kw * factor))


def covered(grid_kwh: float, contracts: tuple[Contract, ...]) -> tuple[Covered, ...]:
    """How much of the grid energy each contract covers, in their order; together never more than there is."""
    left = grid_kwh
    found = []
    for contract in contracts:
        bought = contract.kwh if contract.kwh is not None else grid_kwh * (contract.share_ratio or 0.0)
        kwh = min(bought, max(left, 0.0))
        found.append(Covered(contract, kwh, bought - kwh))
        left -= kwh
    return tuple(found)


def market_based_kg(
    grid_kwh: float, contracts: tuple[Contract, ...], residual_kg_per_kwh: float | None
) -> float | None:
    """Emissions of grid energy by contract: Σ covered · its factor + the rest · the residual mix.

    Unknown where something that covers energy, or the rest, has no known factor.
    """
    parts = covered(grid_kwh, contracts)
    total = 0.0
    for part in parts:
        if part.contract.co2e_kg_per_kwh is None:
            if part.kwh:
                return None
            continue
        total += part.kwh * part.contract.co2e_kg_per_kwh
    rest = grid_kwh - sum(part.kwh for part in parts)
    if rest <= grid_kwh * 1e-12:
        return total
    return None if residual_kg_per_kwh is None else total + rest * residual_kg_per_kwh


def embodied_t_per_year(tco2e: float, life_years: float) -> float:
    """Emissions of making the site, spread evenly over its life."""
    return tco2e / life_years


def annual_tco2e(site_mwh: float, factor_kg_per_kwh: float) -> float:
    """Tonnes of a year's energy at one factor: MWh · kg/kWh."""
    return site_mwh * factor_kg_per_kwh
