"""Defaults of prices, tariff, cost of capital, lives and staff."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.catalog.price_products import Price
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.economics import EconomicsSpec
from gigasite.spec.site import Demarcation, SiteSpec


def economics(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> EconomicsSpec:
    """The economics with their defaults. Prices stay as they are: each brings its own source and date."""
    colocation = spec.demarcation is Demarcation.COLOCATION
    tariff = resolver.part("economics.tariff", spec.economics.tariff, _tariff(spec, catalog))
    whole = resolver.part("economics", spec.economics, _whole(spec, catalog, colocation=colocation))
    completed: EconomicsSpec = whole.model_copy(update={"tariff": tariff})
    return completed


def _tariff(spec: SiteSpec, catalog: Catalog) -> dict[str, Default]:
    if spec.economics.tariff.price_csv is not None:
        return {}
    return {
        "usd_per_mwh": _price(("electricity-" + (spec.location.grid or "none"), "electricity"), spec, catalog),
    }


def _price(names: tuple[str, ...], spec: SiteSpec, catalog: Catalog) -> Default:
    """A catalog price as a default; the site's own of that name first."""
    for name in names:
        if name in spec.economics.prices:
            return Default(spec.economics.prices[name].usd, f"economics.prices.{name}", Origin.SITE)
        if catalog.has("price", name):
            price = catalog.of(Price, name)
            source = catalog.origin(price, "usd")
            return Default(price.usd, f"{price.title}, {price.as_of}: {source.doc if source else price.basis}")
    return Default(None, "no price is known")


def _whole(spec: SiteSpec, catalog: Catalog, *, colocation: bool) -> dict[str, Default]:
    defaults = {
        "wacc_ratio": Default(0.07, "the rate at which Epoch AI's yearly totals follow from its capital and lives"),
        "annualisation": Default("capital-recovery", "capital has to be paid for; straight-line leaves interest out"),
        "it_life_y": Default(5.0, "Epoch AI, data insight 2026-05-14: five years for IT equipment"),
        "facility_life_y": Default(14.0, "Epoch AI, data insight 2026-05-14: fourteen years for the facility"),
        "contingency_ratio": Default(0.1, "a usual reserve on construction at this stage of planning"),
        "maintenance_it_ratio": Default(0.02, "spare parts and support beyond the warranty; contracts ask more"),
        "maintenance_facility_ratio": Default(0.025, "2 to 3 % of the price of plant and building a year"),
        "insurance_ratio": Default(0.005, "insurance and property tax differ by place; many sites have abatements"),
        "software": Default((), "no licence is counted: what runs on the site is assumed to be free software"),
    }
    if colocation:
        defaults["rent_usd_per_kw_month"] = _price(("colocation-rent",), spec, catalog)
    return defaults
