"""Costs: unknown, unused and old prices, tariffs, rent, use of the accelerators, totals against published ones."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

import numpy as np
import polars as pl

from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import kilowatts, some
from gigasite.economics import cost
from gigasite.economics.assessment import price_series
from gigasite.economics.figures import facility_usd, published
from gigasite.economics.lines import total
from gigasite.economics.prices import month_number
from gigasite.economics.tables import HOURS, TableError
from gigasite.economics.tariff import DEFAULT_YEAR, calendar
from gigasite.economics.year import faults_of
from gigasite.errors import Severity
from gigasite.spec.site import Demarcation

OLD_MONTHS: Final = 24
"""Prices of systems and network move by a generation in two years."""
BAND_MARGIN: Final = 0.2
"""Published totals are rounded, and of another mix: the band is widened by this on both sides."""
PRICE_FILE: Final = "economics.tariff.price_csv"


@check("ECO121", Severity.INFO, "Everything that is paid for has a price")
def everything_has_a_price(context: Context) -> Iterator[Hit]:
    found = context.economics
    frame = pl.concat([found.capex, found.opex])
    priceless = frame.filter(pl.col("usd_per_unit").is_null() & (pl.col("quantity") != 0))
    for key, items in priceless.group_by("price", maintain_order=True).agg(pl.col("item")).iter_rows():
        where = key if key.startswith(("economics.", "power.")) else f"economics.prices.{key}"
        yield Hit(
            f"no price is known for {some(items)}: the totals stay unknown",
            f"state {where}" + (".usd, with its date and source" if where.startswith("economics.prices") else ""),
            where,
        )
    unmeasured = frame.filter(pl.col("quantity").is_null() & (pl.col("unit") != "ratio"))
    if unmeasured.height:
        yield Hit(
            f"how much is needed of {some(unmeasured['item'])} is unknown: the totals stay unknown",
            "other findings name the facts that are missing",
            "economics",
        )


@check("ECO122", Severity.ERROR, "The file of energy prices holds a year")
def prices_can_be_read(context: Context) -> Iterator[Hit]:
    name = context.design.resolved.economics.tariff.price_csv
    if name is None:
        return
    if context.folder is None:
        message = f"{name} was not read: no folder of the site file is known here"
        yield Hit(message, "check the site by its file or folder", PRICE_FILE, Severity.INFO)
        return
    try:
        price_series(context.design, context.folder)
    except TableError as error:
        for message, hint in faults_of(error):
            yield Hit(message, hint, PRICE_FILE)


@check("ECO123", Severity.WARNING, "Every price that the site states is used")
def stated_prices_are_used(context: Context) -> Iterator[Hit]:
    found, stated = context.economics, context.design.spec.economics.prices
    used = set(found.capex["price"]) | set(found.opex["price"])
    used |= {"staff-count", "electricity", f"electricity-{context.design.resolved.location.grid}"}
    for name in sorted(set(stated) - used):
        near = get_close_matches(name, sorted(used), n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "remove it, or name what the design buys"
        yield Hit(f"the price {name} is used by nothing that this site pays for", hint, f"economics.prices.{name}")


@check("ECO124", Severity.INFO, "Prices are of one time")
def prices_are_of_one_time(context: Context) -> Iterator[Hit]:
    found = context.economics
    _, newest = found.price_dates
    dated = found.capex.filter(pl.col("as_of").is_not_null()).unique("price", maintain_order=True)
    for key, date, item in dated.select("price", "as_of", "item").iter_rows():
        months = month_number(newest or date) - month_number(date)
        if months > OLD_MONTHS:
            yield Hit(
                f"the price of {item} is of {date}, {months} months before the youngest ({newest})",
                f"state economics.prices.{key} with its date",
                f"economics.prices.{key}",
            )


@check("ECO125", Severity.WARNING, "The parts of the tariff fit together")
def tariff_fits_together(context: Context) -> Iterator[Hit]:
    tariff = context.design.spec.economics.tariff
    if tariff.price_csv is not None and (tariff.blocks or tariff.usd_per_mwh is not None):
        both = "blocks" if tariff.blocks else "usd_per_mwh"
        hint = f"remove price_csv or {both}"
        yield Hit(f"price_csv gives every hour a price: {both} is never used", hint, f"economics.tariff.{both}")
        return
    when = calendar(HOURS[0], tariff.year or DEFAULT_YEAR)
    taken = np.zeros(HOURS[0], np.bool_)
    for index, block in enumerate(tariff.blocks):
        chosen = when.chosen(block.months, block.hours, block.days)
        if not (chosen & ~taken).any():
            yield Hit(
                f"block {block.name} never holds: the blocks before it name all of its hours",
                "put the narrower block first",
                f"economics.tariff.blocks[{index}]",
            )
        taken |= chosen
    if tariff.blocks and taken.all() and tariff.usd_per_mwh is not None:
        yield Hit(
            "the blocks name every hour: usd_per_mwh is never used",
            "remove it, or narrow a block",
            "economics.tariff.usd_per_mwh",
        )


@check("ECO126", Severity.WARNING, "Somebody uses the accelerators")
def accelerators_are_used(context: Context) -> Iterator[Hit]:
    for index, pool in enumerate(context.design.resolved.pools):
        if pool.load.utilisation_ratio == 0 and context.design.resolved.economics.utilisation_ratio is None:
            yield Hit(
                f"pool {pool.name} is used 0 % of the time: its hours cost what they cost and serve nobody",
                "state the share of time that its accelerators work",
                f"pools[{index}].load.utilisation_ratio",
            )


@check("ECO127", Severity.INFO, "The capital for each GW is near what others publish")
def capital_is_near_published(context: Context) -> Iterator[Hit]:
    whole, it_kw = total(context.economics.capex), context.design.power.it_kw
    if whole is None or not it_kw or context.design.resolved.demarcation is not Demarcation.OWN:
        return
    rows = [row for row in published(context.catalog) if row["title"].startswith("Whole") and row["usd_per_gw"]]
    if not rows:
        return
    each_gw = whole / it_kw * 1e6
    low, high = (1 - BAND_MARGIN) * min(r["low"] for r in rows), (1 + BAND_MARGIN) * max(r["high"] for r in rows)
    if not low <= each_gw <= high:
        systems = ", ".join(sorted({pool.system for pool in context.design.pools.values()}))
        said = "; ".join(f"{r['usd_per_gw'] / 1e9:g} ({r['basis']}, {r['as_of']})" for r in rows)
        yield Hit(
            f"{each_gw / 1e9:.1f} billion USD for each GW of IT with {systems}; published: {said}",
            "compare the lines of the capital, and the generation of systems and the year that each figure is of",
            "economics.prices",
        )


@check("ECO128", Severity.WARNING, "Rent and an own building are not mixed")
def rent_is_of_a_landlord(context: Context) -> Iterator[Hit]:
    stated = context.design.spec.economics
    colocation = context.design.resolved.demarcation is Demarcation.COLOCATION
    if colocation:
        unused = [key for key in ("contingency_ratio", "land_ha") if getattr(stated, key) is not None]
        why = "plant, building and land are the landlord's"
    else:
        unused = [key for key in ("rent_usd_per_kw_month", "rent_kw") if getattr(stated, key) is not None]
        why = "the building is the site's own"
    for key in unused:
        yield Hit(
            f"{why}: {key} is never used", f"remove it, or change demarcation: {_other(colocation)}", f"economics.{key}"
        )


@check("ECO129", Severity.WARNING, "What accelerator-hours are sold for pays for them")
def sales_pay_the_cost(context: Context) -> Iterator[Hit]:
    rate, basis = context.design.resolved.economics.sale_usd_per_gpu_hour, context.economics.basis
    if rate is None or basis is None:
        return
    even = cost.breakeven_utilisation_ratio(basis.tco_usd, basis.gpu_count, rate)
    each = basis.gpu_hour_usd
    if even is None or even > basis.utilisation_ratio:
        need = "no use pays for it" if even is None or even > 1 else f"it pays from a utilisation of {even:.0%} on"
        paid = f"{each:.2f} USD" if each is not None else "nothing that can be sold"
        yield Hit(
            f"a used accelerator-hour costs {paid} at a utilisation of {basis.utilisation_ratio:.0%} and sells for "
            f"{rate:.2f}; {need}",
            "look at the sensitivity table: price of systems, their life and their use move it most",
            "economics.sale_usd_per_gpu_hour",
        )


@check("ECO130", Severity.INFO, "The facility costs for each MW what others pay")
def facility_is_near_published(context: Context) -> Iterator[Hit]:
    amount, it_kw = facility_usd(context.economics.capex), context.design.power.it_kw
    row = next((r for r in published(context.catalog) if r["title"].startswith("Facility")), None)
    own = context.design.resolved.demarcation is Demarcation.OWN
    if not own or amount is None or not it_kw or row is None or not row["low"]:
        return
    each_mw, low, high = amount / it_kw * 1e3, row["low"] / 1e3, row["high"] / 1e3
    if not (1 - BAND_MARGIN) * low <= each_mw <= (1 + BAND_MARGIN) * high:
        yield Hit(
            f"power, cooling and building cost {each_mw / 1e6:.1f} million USD for each MW of IT; published: "
            f"{low / 1e6:g} to {high / 1e6:g} ({row['basis']}, {row['as_of']})",
            "small sites, redundancy and own generation cost more for each MW; compare the lines of the capital",
            "economics.prices",
        )


@check("ECO131", Severity.WARNING, "Cost of capital and lives are of one method")
def capital_is_of_one_method(context: Context) -> Iterator[Hit]:
    stated, resolved = context.design.spec.economics, context.design.resolved.economics
    if resolved.annualisation == "straight-line" and stated.wacc_ratio:
        yield Hit(
            "straight-line annualisation leaves interest out: wacc_ratio is never used",
            "write annualisation: capital-recovery, or remove wacc_ratio",
            "economics.wacc_ratio",
        )
    it_y, facility_y = resolved.it_life_y, resolved.facility_life_y
    if it_y is not None and facility_y is not None and it_y > facility_y:
        yield Hit(
            f"systems are written off in {it_y:g} years, the building around them in {facility_y:g}",
            "look whether it_life_y and facility_life_y are exchanged",
            "economics.it_life_y",
        )


@check("ECO132", Severity.WARNING, "The contract with the landlord holds the IT load")
def contract_holds_the_load(context: Context) -> Iterator[Hit]:
    economics, it_kw = context.design.resolved.economics, context.design.power.it_kw
    if context.design.resolved.demarcation is not Demarcation.COLOCATION or economics.rent_kw is None or it_kw is None:
        return
    if it_kw > economics.rent_kw * (1 + 1e-9):
        yield Hit(
            f"the design's IT draws {kilowatts(it_kw)}, the contract holds {kilowatts(economics.rent_kw)}",
            "contract more, or cap the pools (pools[].power_cap_kw)",
            "economics.rent_kw",
        )


def _other(colocation: bool) -> str:
    return "own" if colocation else "colocation"
