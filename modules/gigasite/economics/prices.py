"""What things cost: the site's own prices over those of the catalog, each with its band, date and source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Confidence
from gigasite.catalog.price_products import Price, PriceUnit
from gigasite.spec.economics import PriceSpec


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price of one unit. `usd` is None where nobody gives it: what is priced with it stays unknown."""

    key: str
    """The price's name in the catalog; where it is unknown, the name under which a site would state it."""
    unit: str
    usd: float | None
    usd_low: float | None
    usd_high: float | None
    as_of: str | None
    confidence: str
    """`site`, or the catalog's: verified, recalled, computed, assumed; `unknown` where there is none."""
    source: str
    basis: str = ""

    def times(self, factor: float) -> UnitPrice:
        """The price of one thing that holds `factor` units: of a switch of 25,600 Gb/s at 1.4 USD a Gb/s."""
        return replace(
            self,
            unit="each",
            usd=_times(self.usd, factor),
            usd_low=_times(self.usd_low, factor),
            usd_high=_times(self.usd_high, factor),
        )


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Finds prices: for each name, the site's first, then the catalog's; of several names, the first that has one."""

    catalog: Catalog
    own: Mapping[str, PriceSpec]

    def find(self, *names: str, unit: PriceUnit = "each") -> UnitPrice:
        """The price of the first name that has one in this unit; an unknown price under the first name otherwise."""
        for name in names:
            found = self._stated(name, unit)
            if found is not None:
                return found
        return unknown_price(names[0], unit)

    def first(self, *names: str) -> UnitPrice:
        """As `find`, in whatever unit the first name's price has; `each` where no name has a price."""
        for name in names:
            if self.catalog.has("price", name):
                price = self.catalog.of(Price, name)
                return self._own(name, price.unit, price) or _of_catalog(price, self.catalog)
            if name in self.own:
                return _of_site(name, "each", self.own[name])
        return unknown_price(names[0], "each")

    def _stated(self, name: str, unit: PriceUnit) -> UnitPrice | None:
        price = self.catalog.of(Price, name) if self.catalog.has("price", name) else None
        if price is not None and price.unit != unit:
            return None
        own = self._own(name, unit, price)
        if own is not None:
            return own
        return None if price is None or price.usd is None else _of_catalog(price, self.catalog)

    def _own(self, name: str, unit: str, price: Price | None) -> UnitPrice | None:
        stated = self.own.get(name)
        if stated is None and price is not None:
            stated = next((self.own[alias] for alias in price.aliases if alias in self.own), None)
        return None if stated is None else _of_site(name, unit, stated, price.basis if price else "")


def unknown_price(name: str, unit: str) -> UnitPrice:
    """The price of what nobody prices."""
    return UnitPrice(name, unit, None, None, None, None, "unknown", "")


def youngest(dates: Iterable[str | None]) -> str | None:
    """The latest of some dates (`2025`, `2026-05`); a bare year counts as its January."""
    known = [date for date in dates if date]
    return max(known, key=month_number) if known else None


def month_number(date: str) -> int:
    """Months since year 0 of `YYYY` or `YYYY-MM`; ValueError for anything else."""
    year, _, month = date.partition("-")
    return int(year) * 12 + (int(month) if month else 1) - 1


def _of_site(name: str, unit: str, stated: PriceSpec, basis: str = "") -> UnitPrice:
    low = stated.usd if stated.usd_low is None else stated.usd_low
    high = stated.usd if stated.usd_high is None else stated.usd_high
    source = stated.source or f"the site file, economics.prices.{name}"
    return UnitPrice(name, unit, stated.usd, low, high, stated.as_of, "site", source, basis)


def _of_catalog(price: Price, catalog: Catalog) -> UnitPrice:
    origin = catalog.origin(price, "usd")
    confidence = origin.confidence if origin else Confidence.ASSUMED
    low = price.usd if price.usd_low is None else price.usd_low
    high = price.usd if price.usd_high is None else price.usd_high
    doc = origin.doc if origin else ""
    return UnitPrice(price.key, price.unit, price.usd, low, high, price.as_of, confidence.value, doc, price.basis)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
