"""Prices as catalog products: what something costs, when, on which basis, and how far that may be off."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Product

PriceUnit = Literal[
    "each",  # a system, switch, cable, rack, appliance
    "kw",  # installed capacity: electric, or heat of cooling plant
    "kwh",  # stored energy
    "gbps",  # of a link's end, or of all ports of a switch
    "m",
    "m2",
    "ha",
    "gpu-year",
    "fte-year",
    "fte-mw",  # staff for each MW of IT
    "kw-month",
    "mwh",
    "m3",
    "ratio",  # of what the line says
]

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(Product):
    """A price. Its key is a product's own (`gb300-nvl72`, `q3400-ra`) or names a class (`ups`, `chiller`)."""

    kind: Literal["price"] = "price"
    unit: PriceUnit
    usd: Usd | None = None
    """US dollars a unit; None: no price is known."""
    usd_low: Usd | None = None
    """Lower end of the published or plausible band."""
    usd_high: Usd | None = None
    """Upper end of the published or plausible band."""
    as_of: Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2]))?$")] | None = None
    """Year, or year and month, that the price is of."""
    basis: str = ""
    """What is in the price and what is not."""
    accelerator_ratio: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    """Of a system: the part of its price that its accelerators are."""
