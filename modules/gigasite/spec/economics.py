"""Money: prices, tariff, cost of capital, staff, and what the accelerators' hours are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from gigasite.spec.base import CatalogKey, Model, Name
from gigasite.spec.energy import SiteFile
from gigasite.units import PositiveKilowatts, PositiveRatio, Ratio

Usd = Annotated[float, Field(ge=0, le=1e13, allow_inf_nan=False, json_schema_extra={"unit": "USD"})]
UsdPerMwh = Annotated[float, Field(ge=-1e4, le=1e5, allow_inf_nan=False, json_schema_extra={"unit": "USD/MWh"})]
PositiveRate = Annotated[float, Field(ge=0, le=1e5, allow_inf_nan=False)]
Month = Annotated[int, Field(ge=1, le=12)]
HourOfDay = Annotated[int, Field(ge=0, le=23)]
Years = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, json_schema_extra={"unit": "y"})]


class PriceSpec(Model):
    """A price that the site knows better than the catalog: of a product, or of a class of plant."""

    usd: Usd
    """The price, in the unit of the catalog's price of that name."""
    usd_low: Usd | None = None
    """The least that it may come to; the price itself where absent."""
    usd_high: Usd | None = None
    """The most that it may come to; the price itself where absent."""
    as_of: Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2]))?$")] | None = None
    """Year, or year and month, that the price is of."""
    source: Annotated[str, Field(max_length=300)] | None = None
    """Where it is from: a quote, an order."""

    @model_validator(mode="after")
    def _band(self) -> PriceSpec:
        low, high = self.usd_low, self.usd_high
        if (low is not None and low > self.usd) or (high is not None and high < self.usd):
            raise ValueError("the price lies outside its own band: usd_low <= usd <= usd_high")
        return self


class EnergyBlockSpec(Model):
    """Hours with a price of their own (time of use); of blocks that overlap, the first holds."""

    name: Name
    usd_per_mwh: UsdPerMwh
    """Price of energy in these hours."""
    months: Annotated[tuple[Month, ...], Field(min_length=1)] | None = None
    """Months, 1 to 12; all where absent."""
    hours: Annotated[tuple[HourOfDay, ...], Field(min_length=1)] | None = None
    """Hours of the day by their beginning, 0 to 23; all where absent."""
    days: Literal["all", "weekdays", "weekends"] = "all"
    """Days of the week; holidays are not told apart."""


class DemandChargeSpec(Model):
    """A charge on the highest mean power of a month; hours limit where it is looked for."""

    usd_per_kw_month: PositiveRate
    """Rate, for each kW of the month's billed demand."""
    ratchet_ratio: Ratio = 0.0
    """Billed demand is never below this part of the highest demand of the eleven months before."""
    months: Annotated[tuple[Month, ...], Field(min_length=1)] | None = None
    """Months in which the charge is levied; all where absent."""
    hours: Annotated[tuple[HourOfDay, ...], Field(min_length=1)] | None = None
    """Hours of the day whose demand counts; all where absent."""
    days: Literal["all", "weekdays", "weekends"] = "all"
    """Days of the week whose demand counts."""


class TariffSpec(Model):
    """What energy from the grid costs."""

    usd_per_mwh: UsdPerMwh | None = None
    """Price of energy in all hours that no block names; by the grid's catalog price where absent."""
    blocks: tuple[EnergyBlockSpec, ...] = ()
    """Time of use."""
    price_csv: SiteFile | None = None
    """File beside the site file with a price for each hour of a year (column usd_per_mwh); in place of the above."""
    delivery_usd_per_mwh: UsdPerMwh = 0.0
    """Network, levies and taxes on each MWh, on top of the energy's price."""
    demand: tuple[DemandChargeSpec, ...] = ()
    """Demand charges."""
    usd_per_month: Usd = 0.0
    """Standing charge."""
    year: Annotated[int, Field(ge=1990, le=2100)] | None = None
    """Calendar year that tells weekdays from weekends."""


class EconomicsSpec(Model):
    """Prices, tariff, cost of capital, lives, staff, rent."""

    prices: Mapping[CatalogKey, PriceSpec] = Field(default_factory=dict)
    """Prices by their name in the catalog, or by a product's key, in place of the catalog's."""
    tariff: TariffSpec = TariffSpec()
    wacc_ratio: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    """Cost of capital a year (weighted mean of equity and debt)."""
    annualisation: Literal["capital-recovery", "straight-line"] | None = None
    """Yearly cost of capital: an annuity at `wacc_ratio`, or price over life without interest."""
    it_life_y: Years | None = None
    """Years in which systems, network and storage are written off."""
    facility_life_y: Years | None = None
    """Years in which power, cooling and building are written off; land is not, it bears interest alone."""
    utilisation_ratio: PositiveRatio | None = None
    """Part of the accelerators' hours that somebody uses; the pools' mean by accelerators where absent."""
    sale_usd_per_gpu_hour: PositiveRate | None = None
    """What a used accelerator-hour is sold for; no revenue is reckoned where absent."""
    contingency_ratio: Ratio | None = None
    """Reserve on power, cooling and building."""
    maintenance_it_ratio: Ratio | None = None
    """Yearly upkeep of systems, network and storage, over their price."""
    maintenance_facility_ratio: Ratio | None = None
    """Yearly upkeep of power, cooling and building, over their price."""
    insurance_ratio: Ratio | None = None
    """Yearly insurance and property tax, over all that was bought."""
    staff_count: Annotated[float, Field(ge=0, le=1e5)] | None = None
    """Full-time staff of the site; from its size where absent."""
    software: tuple[CatalogKey, ...] | None = None
    """Catalog prices of software that is licensed for every accelerator."""
    land_ha: Annotated[float, Field(gt=0, le=1e5)] | None = None
    """Land that is bought, where the shell does not say; from the site's size where absent."""
    rent_usd_per_kw_month: PositiveRate | None = None
    """Colocation: what the landlord asks for each kW of contracted IT power, energy not included."""
    rent_kw: PositiveKilowatts | None = None
    """Colocation: IT power that is contracted; what the design needs where absent."""

    @field_validator("software")
    @classmethod
    def _once(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and len(set(value)) != len(value):
            raise ValueError("a licence is listed twice")
        return value
