"""A year of energy: the load by the hour, and what the power that is bought emits."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gigasite.spec.base import Model, Name
from gigasite.units import Ratio


def _inside(path: str) -> str:
    if any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f"{path!r} leaves the site's folder or names no file: write a path below it")
    return path


SiteFile = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$",
        description="a file in the site's folder or below it, written with /",
    ),
    AfterValidator(_inside),
]
"""A file beside the site file. Where it really lies is looked at when it is read."""

EmissionFactor = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False, json_schema_extra={"unit": "kg/kWh"})]


class ContractKind(StrEnum):
    """How power, or only its attributes, are bought (GHG Protocol Scope 2 Guidance, table 6.3)."""

    PPA = "ppa"
    CERTIFICATES = "certificates"
    SUPPLIER = "supplier"


class EnergyContractSpec(Model):
    """Power that is bought with its origin: how much of it, and what it emits."""

    name: Name
    kind: ContractKind = ContractKind.PPA
    """`ppa`, unbundled `certificates`, or a `supplier`'s own mix."""
    share_ratio: Ratio | None = None
    """Part of the energy drawn from the grid that it covers; this or mwh_per_year."""
    mwh_per_year: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
    """Energy that it covers a year; this or share_ratio."""
    co2e_kg_per_kwh: EmissionFactor
    """Emission factor of the contract, CO2 equivalent."""
    renewable: bool = False
    """Whether its energy is renewable, for the renewable energy factor."""
    usd_per_mwh: Annotated[float, Field(ge=-1e4, le=1e5, allow_inf_nan=False)] | None = None
    """What it costs: in place of the tariff's energy price; of certificates, on top of it. Unpriced where absent."""

    @model_validator(mode="after")
    def _one_amount(self) -> EnergyContractSpec:
        if (self.share_ratio is None) == (self.mwh_per_year is None):
            raise ValueError("how much does it cover? write share_ratio or mwh_per_year, one of them")
        return self


class EmbodiedCarbonSpec(Model):
    """Emissions of making what the site is built of; never assumed."""

    tco2e: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
    """Emissions of making and building it, tonnes."""
    life_years: Annotated[float, Field(gt=0, le=100)]
    """Years that they are spread over."""
    source: Annotated[str, Field(min_length=3, max_length=400)]
    """Where the figure was read."""


class EnergySpec(Model):
    """How the site's year runs, and what its energy emits."""

    load_csv: SiteFile | None = None
    """IT load by the hour, beside the site file: column `it_kw`, or `it_ratio` of the design load."""
    daily_swing_ratio: Ratio | None = None
    """How far inference rises above its mean utilisation by day, and falls by night, over the mean."""
    grid_co2e_csv: SiteFile | None = None
    """Emission factor of the grid by the hour, beside the site file: column `co2e_kg_per_kwh`."""
    residual_co2e_kg_per_kwh: EmissionFactor | None = None
    """Emission factor of grid energy without a contract (residual mix); the grid's average where absent."""
    contracts: tuple[EnergyContractSpec, ...] = ()
    """What energy is bought with its origin."""
    embodied: EmbodiedCarbonSpec | None = None
    """Emissions of making what the site is built of."""
