"""The economics of a design as plain data: capital, running costs, yearly cost, what a change is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.price_products import Price
from gigasite.design.model import Design
from gigasite.economics import cost
from gigasite.economics.assessment import Assessment
from gigasite.economics.capex import FACILITY_GROUPS
from gigasite.economics.lines import known, share, total
from gigasite.spec.site import Demarcation

PUBLISHED = ("published-bernstein", "published-epoch", "published-nvidia", "published-facility")


def cost_figures(design: Design, catalog: Catalog, found: Assessment) -> dict[str, Any]:
    """The section `economics`. Amounts are US dollars without inflation and income tax; unknown ones are null."""
    capex, opex, basis = found.capex, found.opex, found.basis
    whole, running = total(capex), total(opex)
    own = design.resolved.demarcation is Demarcation.OWN
    return {
        "capex": {**_totals(capex), "by_group": _by_group(capex), "lines": _lines(capex)},
        "opex": {**_totals(opex), "by_group": _by_group(opex), "lines": _lines(opex)},
        "lacks": list(found.lacks),
        "basis": found.use.basis + ("" if own else "; energy and water of the landlord's plant are not in it"),
        "annualisation": _annualisation(design),
        "tco_usd_per_year": _usd(basis.tco_usd if basis else None),
        "tco_usd_per_it_mw_year": _usd(_per_mw(basis.tco_usd if basis else None, design.power.it_kw)),
        "usd_per_gpu_hour": _round(basis.gpu_hour_usd if basis else None, 4),
        "utilisation_ratio": _round(found.utilisation_ratio, 4),
        "one_percent_utilisation_usd_per_year": _usd(
            cost.worth_of_utilisation_usd(basis.tco_usd, basis.utilisation_ratio) if basis else None
        ),
        "gpus_schedulable": found.gpu_count,
        "shares": shares(design, catalog, capex),
        "capex_usd_per_it_mw": _usd(_per_mw(whole, design.power.it_kw)),
        "capex_usd_per_site_mw": _usd(_per_mw(whole, design.power.utility_kw)),
        "facility_usd_per_it_mw": _usd(_per_mw(facility_usd(capex), design.power.it_kw)),
        "opex_usd_per_it_mw_year": _usd(_per_mw(running, design.power.it_kw)),
        "power_per_gpu": power_per_gpu(design),
        "energy_usd_per_mwh": _round(found.bill.usd_per_mwh if found.bill else None, 3),
        "grid_mwh_per_year": _round(found.bill.energy_mwh if found.bill else None, 1),
        "grid_peak_kw": _round(found.bill.peak_kw if found.bill else None, 1),
        "sales": _sales(design, found, whole, running),
        "sensitivity": [
            {
                "what": row.what,
                "change": row.change,
                "tco_usd_per_year": _usd(row.tco_usd_per_year),
                "usd_per_gpu_hour": _round(row.usd_per_gpu_hour, 4),
            }
            for row in (cost.sensitivity(basis) if basis else ())
        ],
        "price_dates": dict(zip(("oldest", "youngest"), found.price_dates, strict=True)),
        "published": published(catalog),
    }


def shares(design: Design, catalog: Catalog, capex: pl.DataFrame) -> dict[str, float | None]:
    """Parts of the capital, computed and never assumed: systems, accelerators alone, network, plant, building."""
    groups = capex["group"].unique(maintain_order=True).to_list()
    found = {f"{group}_ratio": _round(share(capex, group), 4) for group in groups}
    return {**found, "accelerators_alone_ratio": _round(accelerators_alone_ratio(design, catalog, capex), 4)}


def accelerators_alone_ratio(design: Design, catalog: Catalog, capex: pl.DataFrame) -> float | None:
    """Part of the capital that the accelerators are without the systems around them; None where no source says."""
    whole = total(capex)
    alone = 0.0
    for pool in design.pools.values():
        price = catalog.of(Price, pool.system) if catalog.has("price", pool.system) else None
        line = capex.filter(
            (pl.col("group") == "accelerators") & (pl.col("item") == f"{pool.system} of pool {pool.name}")
        )
        paid = total(line)
        if price is None or price.accelerator_ratio is None or paid is None:
            return None
        alone += paid * price.accelerator_ratio
    return alone / whole if whole else None


def facility_usd(capex: pl.DataFrame) -> float | None:
    """Power, cooling and building with their design, commissioning and reserve; land and IT are not in it."""
    chosen = capex.filter(pl.col("life") == "facility")
    return total(chosen) if chosen["group"].is_in(FACILITY_GROUPS).any() else None


def power_per_gpu(design: Design) -> dict[str, float | None]:
    """Three figures that are not one: IT of a rack, IT of the site and the whole site, in kW for each accelerator."""
    gpus = sum(pool.gpu_count for pool in design.pools.values())
    systems = [(pool.system_kw, pool.system_count) for pool in design.pools.values()]
    rack_kw = None if any(kw is None for kw, _ in systems) else sum((kw or 0.0) * count for kw, count in systems)
    amounts = {"systems_kw": rack_kw, "it_kw": design.power.it_kw, "site_kw": design.power.utility_kw}
    return {name: _round(kw / gpus if kw is not None and gpus else None, 4) for name, kw in amounts.items()}


def published(catalog: Catalog) -> list[dict[str, Any]]:
    """What others publish for each GW, each with its basis: they differ because their bases do."""
    prices = [catalog.of(Price, key) for key in PUBLISHED if catalog.has("price", key)]
    return [
        {
            "title": price.title,
            "usd_per_gw": None if price.usd is None else price.usd * 1e6,
            "low": None if price.usd_low is None else price.usd_low * 1e6,
            "high": None if price.usd_high is None else price.usd_high * 1e6,
            "as_of": price.as_of,
            "basis": price.basis,
        }
        for price in prices
    ]


def headline(
    design: Design, found: Assessment, energy: Mapping[str, Any], carbon: Mapping[str, Any]
) -> dict[str, float | None]:
    """The figures that a change is judged by, each with its unit in its name; those of a year need its weather."""
    basis, year, emitted = found.basis, energy.get("annual") or {}, carbon.get("annual") or {}
    return {
        "capex_usd": _usd(total(found.capex)),
        "opex_usd_per_year": _usd(total(found.opex)),
        "tco_usd_per_year": _usd(basis.tco_usd if basis else None),
        "usd_per_gpu_hour": _round(basis.gpu_hour_usd if basis else None, 4),
        "capex_usd_per_it_mw": _usd(_per_mw(total(found.capex), design.power.it_kw)),
        "accelerator_share_ratio": _round(share(found.capex, "accelerators"), 4),
        "energy_usd_per_year": _usd(total(found.opex, group="energy")),
        "design_pue": _round(energy["design_point"]["design_pue"], 4),
        "pue": _round(year.get("pue"), 4),
        "wue_l_per_kwh": _round(year.get("wue_l_per_kwh"), 4),
        "site_mwh_per_year": _round(year.get("site_mwh"), 1),
        "water_m3_per_year": _round(year.get("water_m3"), 1),
        "location_based_tco2e_per_year": _round(emitted.get("location_based_tco2e"), 1),
        "market_based_tco2e_per_year": _round(emitted.get("market_based_tco2e"), 1),
        "gpus_schedulable": found.gpu_count,
    }


def _sales(
    design: Design, found: Assessment, whole: float | None, running: float | None
) -> dict[str, float | None] | None:
    rate, basis = design.resolved.economics.sale_usd_per_gpu_hour, found.basis
    if rate is None:
        return None
    hours = None if basis is None else cost.gpu_hours_per_year(basis.gpu_count, basis.utilisation_ratio)
    revenue = None if hours is None else hours * rate
    paid = None if revenue is None or whole is None or running is None else cost.payback_y(whole, revenue, running)
    even = None if basis is None else cost.breakeven_utilisation_ratio(basis.tco_usd, basis.gpu_count, rate)
    return {
        "revenue_usd_per_year": _usd(revenue),
        "margin_usd_per_year": _usd(None if revenue is None or basis is None else revenue - basis.tco_usd),
        "breakeven_utilisation_ratio": _round(even, 4),
        "payback_years": _round(paid, 2),
    }


def _annualisation(design: Design) -> dict[str, Any]:
    economics = design.resolved.economics
    return {
        "method": economics.annualisation,
        "wacc_ratio": economics.wacc_ratio,
        "it_life_years": economics.it_life_y,
        "facility_life_years": economics.facility_life_y,
    }


def _totals(frame: pl.DataFrame) -> dict[str, float | None]:
    return {
        "total_usd": _usd(total(frame)),
        "low_usd": _usd(total(frame, "usd_low")),
        "high_usd": _usd(total(frame, "usd_high")),
        "known_usd": _usd(known(frame)),
    }


def _by_group(frame: pl.DataFrame) -> dict[str, float | None]:
    return {group: _usd(total(frame, group=group)) for group in frame["group"].unique(maintain_order=True)}


def _lines(frame: pl.DataFrame) -> list[dict[str, Any]]:
    money = ("usd", "usd_low", "usd_high")
    return [
        {name: _usd(value) if name in money else _round(value, 4) for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def _per_mw(amount: float | None, kw: float | None) -> float | None:
    return None if amount is None else cost.usd_per_mw(amount, kw)


def _usd(value: float | None) -> float | None:
    return None if value is None else float(round(value))


def _round(value: Any, digits: int) -> Any:
    return round(value, digits) if isinstance(value, float) else value
