"""Lines of a cost table: what is bought, how much of it, at which price, and what makes a sum unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from gigasite.economics.prices import UnitPrice

COLUMNS: Final[dict[str, Any]] = {
    "group": pl.String,  # accelerators | network | storage | power | cooling | building | land | people | contingency
    "item": pl.String,
    "price": pl.String,  # name of the price, under which a site may state its own
    "quantity": pl.Float64,  # null: unknown
    "unit": pl.String,
    "usd_per_unit": pl.Float64,  # null: nobody gives a price
    "usd": pl.Float64,  # null: quantity or price is unknown
    "usd_low": pl.Float64,
    "usd_high": pl.Float64,
    "life": pl.String,  # it | facility | land | year (a running cost)
    "confidence": pl.String,  # site | verified | recalled | computed | assumed | unknown
    "as_of": pl.String,
    "source": pl.String,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for: a quantity at a price. `life` says how it is written off."""

    group: str
    item: str
    quantity: float | None
    price: UnitPrice
    life: str
    quantity_low: float | None = None
    """Where the quantity is itself an amount of money with a band: its lower end."""
    quantity_high: float | None = None
    """Where the quantity is itself an amount of money with a band: its upper end."""

    @property
    def usd(self) -> float | None:
        """The amount; None where quantity or price is unknown. Nothing of something costs nothing."""
        return _amount(self.quantity, self.price.usd)

    @property
    def usd_low(self) -> float | None:
        """The amount with price and quantity at the lower end of their bands."""
        return _amount(self.quantity if self.quantity_low is None else self.quantity_low, self.price.usd_low)

    @property
    def usd_high(self) -> float | None:
        """The amount with price and quantity at the upper end of their bands."""
        return _amount(self.quantity if self.quantity_high is None else self.quantity_high, self.price.usd_high)

    def row(self) -> dict[str, Any]:
        """The line as a row of the table."""
        price = self.price
        return {
            "group": self.group,
            "item": self.item,
            "price": price.key,
            "quantity": self.quantity,
            "unit": price.unit,
            "usd_per_unit": price.usd,
            "usd": self.usd,
            "usd_low": self.usd_low,
            "usd_high": self.usd_high,
            "life": self.life,
            "confidence": price.confidence,
            "as_of": price.as_of,
            "source": price.source,
        }


def part_of(group: str, item: str, base: Iterable[Line], ratio: UnitPrice, life: str) -> Line:
    """A line that is a ratio of others, with their bands; unknown where one of them is."""
    lines = tuple(base)
    low, mid, high = (
        _sum(amounts)
        for amounts in (
            [line.usd_low for line in lines],
            [line.usd for line in lines],
            [line.usd_high for line in lines],
        )
    )
    return Line(group, item, mid, ratio, life, low, high)


def ratio_price(key: str, ratio: float | None, source: str) -> UnitPrice:
    """A ratio of an amount of money, as the site's settings state it."""
    return UnitPrice(key, "ratio", ratio, ratio, ratio, None, "unknown" if ratio is None else "site", source)


def table(lines: Iterable[Line]) -> pl.DataFrame:
    """The lines as a table with the columns and types of `COLUMNS`."""
    return pl.DataFrame([line.row() for line in lines], schema=COLUMNS)


def total(frame: pl.DataFrame, column: str = "usd", **where: str) -> float | None:
    """Sum of a column over the rows whose columns have the given values; None where one of them is unknown."""
    chosen = frame.filter(*(pl.col(name) == value for name, value in where.items()))
    return None if chosen[column].null_count() else float(chosen[column].sum())


def known(frame: pl.DataFrame, column: str = "usd") -> float:
    """Sum of what is known: a lower bound of a total that lacks something."""
    return float(frame[column].sum())


def unknown_items(frame: pl.DataFrame) -> list[str]:
    """What the total lacks, in words: the line, and what nobody says of it."""
    lacking = frame.filter(pl.col("usd").is_null()).select("item", "price", "quantity")
    return [
        f"{item}: {'its quantity' if quantity is None else f'price {price}'}"
        for item, price, quantity in lacking.iter_rows()
    ]


def share(frame: pl.DataFrame, group: str) -> float | None:
    """Part of the whole that a group takes; None where either is unknown or the whole is nothing."""
    part, whole = total(frame, group=group), total(frame)
    return None if part is None or not whole else part / whole


def _amount(quantity: float | None, unit_usd: float | None) -> float | None:
    if quantity == 0:
        return 0.0
    return None if quantity is None or unit_usd is None else quantity * unit_usd


def _sum(amounts: list[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return None if len(known) < len(amounts) else float(sum(known))
