"""The site file as a typed model: what its author decided, nothing that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gigasite.spec.base import CatalogKey, Model, Name
from gigasite.spec.cooling import CoolingSpec
from gigasite.spec.economics import EconomicsSpec
from gigasite.spec.energy import EnergySpec, SiteFile
from gigasite.spec.halls import HallsSpec, RacksSpec
from gigasite.spec.interconnects import InterconnectSpec
from gigasite.spec.network import NetworkSpec
from gigasite.spec.pools import Electrical, FabricSpec, PoolSpec, StorageSpec, TenantSpec
from gigasite.spec.power import PowerSpec
from gigasite.spec.shell import ShellSpec
from gigasite.units import Celsius


class Availability(StrEnum):
    """What the site promises: any loss stops something; maintenance stops nothing; no single fault stops anything."""

    BASIC = "basic"
    CONCURRENTLY_MAINTAINABLE = "concurrently-maintainable"
    FAULT_TOLERANT = "fault-tolerant"


class Demarcation(StrEnum):
    """Whose building it is."""

    OWN = "own"
    COLOCATION = "colocation"


class NamingSpec(Model):
    """How things are called; never changes once built."""

    prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,11}$")] | None = None
    """What hostnames begin with; from the site's name where absent."""


class LocationSpec(Model):
    """Where the site is, as far as it decides the design."""

    grid: CatalogKey | None = None
    """Catalog key of the power grid: frequency and carbon."""
    altitude_m: Annotated[float, Field(ge=-430, le=5500)] | None = None
    """Above sea level: thin air cools less."""
    extreme_dry_bulb_c: Celsius | None = None
    """Outside air on the hottest day that the plant must stand."""
    extreme_wet_bulb_c: Celsius | None = None
    """Wet bulb on the most humid day that the plant must stand."""
    climate: CatalogKey | None = None
    """Catalog key of a typical year of weather: annual energy, water and carbon follow from its hours."""
    weather_csv: SiteFile | None = None
    """The site's own year of weather, beside the site file: an EPW file or a CSV with units in its header."""

    @model_validator(mode="after")
    def _wet_below_dry(self) -> LocationSpec:
        dry, wet = self.extreme_dry_bulb_c, self.extreme_wet_bulb_c
        if dry is not None and wet is not None and wet > dry:
            raise ValueError(f"extreme_wet_bulb_c {wet:g} is above extreme_dry_bulb_c {dry:g}, which cannot be")
        return self

    @model_validator(mode="after")
    def _one_weather(self) -> LocationSpec:
        if self.climate is not None and self.weather_csv is not None:
            raise ValueError("climate and weather_csv are two years of weather: keep one of them")
        return self


class StandardsSpec(Model):
    """The rules that hold at the site."""

    electrical: Electrical | None = None
    """The electrical code: `nec` or `iec`."""
    frequency_hz: Literal[50, 60] | None = None
    """Of the grid."""
    availability: Availability = Availability.CONCURRENTLY_MAINTAINABLE
    """What the site promises: `basic`, `concurrently-maintainable` or `fault-tolerant`."""


class SiteSpec(Model):
    """One place with its own power and network: one Pulumi stack."""

    schema_version: Literal[1] = 1
    """Version of this format."""
    name: Name
    """The site, as its stack and its documents call it."""
    naming: NamingSpec = NamingSpec()
    demarcation: Demarcation = Demarcation.OWN
    """Whose building it is: `own`, or `colocation` where power and cooling are the landlord's."""
    location: LocationSpec = LocationSpec()
    standards: StandardsSpec = StandardsSpec()
    power: PowerSpec = PowerSpec()
    cooling: CoolingSpec = CoolingSpec()
    shell: ShellSpec = ShellSpec()
    halls: HallsSpec = HallsSpec()
    racks: RacksSpec = RacksSpec()
    pools: Annotated[tuple[PoolSpec, ...], Field(min_length=1, max_length=64)]
    fabrics: Mapping[Name, FabricSpec] = Field(default_factory=dict)
    interconnects: tuple[InterconnectSpec, ...] = ()
    network: NetworkSpec = NetworkSpec()
    tenants: tuple[TenantSpec, ...] = ()
    storage: StorageSpec | None = None
    economics: EconomicsSpec = EconomicsSpec()
    energy: EnergySpec = EnergySpec()

    @property
    def prefix(self) -> str:
        """What every name begins with: `naming.prefix`, or the site's name without hyphens, cut to 12."""
        return self.naming.prefix or self.name.replace("-", "")[:12]

    def pool(self, name: str) -> PoolSpec:
        """The pool of that name; KeyError where there is none."""
        for pool in self.pools:
            if pool.name == name:
                return pool
        raise KeyError(name)
