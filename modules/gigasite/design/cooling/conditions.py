"""What every cooling technology of the halls is sized with, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Fluid
from gigasite.design.cooling.basics import air_density_ratio, redundant_count
from gigasite.spec.cooling import AirSpec, FacilityWaterSpec, LoopSpec
from gigasite.spec.site import SiteSpec

Water = Literal["air", "liquid"]
"""Level of facility water: the warm one of CDUs and tanks, or the cold one of air handlers and rear doors."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The site's temperatures, fluids and air density: equal in all halls."""

    loop: LoopSpec
    air: AirSpec
    facility: FacilityWaterSpec
    catalog: Catalog
    coolant: Fluid
    water: Fluid
    density_ratio: float
    extreme_dry_bulb_c: float | None = None
    """Outside air that condensers are counted in."""

    @property
    def approach_k(self) -> float | None:
        """Coolant into the racks above the facility water into the CDUs."""
        supply_c, water_c = self.loop.supply_c, self.facility.supply_c
        return None if supply_c is None or water_c is None else supply_c - water_c

    @property
    def air_approach_k(self) -> float | None:
        """Supply air of the room above the facility water into air units."""
        supply_c, water_c = self.air.supply_c, self.facility.air_supply_c
        return None if supply_c is None or water_c is None else supply_c - water_c


def conditions_of(site: SiteSpec, catalog: Catalog) -> Conditions:
    """The conditions of a resolved site."""
    cooling = site.cooling
    assert cooling.loop.fluid is not None
    assert cooling.facility.fluid is not None
    return Conditions(
        loop=cooling.loop,
        air=cooling.air,
        facility=cooling.facility,
        catalog=catalog,
        coolant=catalog.fluid(cooling.loop.fluid),
        water=catalog.fluid(cooling.facility.fluid),
        density_ratio=air_density_ratio(site.location.altitude_m or 0.0),
        extreme_dry_bulb_c=site.location.extreme_dry_bulb_c,
    )


@dataclass(frozen=True, slots=True)
class Duty:
    """What the units of a group have to do together. None: unknown."""

    group: str
    hall: int | None
    heat_kw: float | None
    flow_lpm: float | None = None
    """Coolant that they move; None also where they move none."""
    head_kpa: float | None = None
    """Pressure that the coolant needs."""
    airflow_m3_s: float | None = None
    """Air that they move."""
    rise_k: float | None = None
    """Of that air."""
    given_count: int | None = None
    """Units that the site says it has."""
    leak_zone: str | None = None


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Equal units that back each other up. Per unit: capacity and electricity; of the group: heat and water."""

    kind: str
    product: str
    group: str
    hall: int | None
    required_count: int | None
    count: int | None
    heat_kw: float | None
    capacity_kw: float | None
    """Heat that one takes at the site's conditions when no more than `required_count` run."""
    limited_by: str
    """What binds the capacity, in words."""
    electric_kw: float | None
    """What one draws in normal operation, all units running."""
    electric_max_kw: float | None
    on_ups: bool
    leak_zone: str | None = None
    flow_lpm: float | None = None
    """Coolant of the group."""
    water: Water | None = None
    """Level of facility water that takes the heat; None: it goes elsewhere."""
    water_kw: float | None = None
    """Heat that the group gives to facility water, its own electricity included."""
    water_flow_lpm: float | None = None
    room_kw: float | None = None
    """Heat that the group gives to the air of the room."""
    limits: Mapping[str, float | None] | None = None
    """Capacity of one by each limit, kW; None: a fact is missing."""


def installed_count(required: int | None, redundancy: str | None, given: int | None) -> int | None:
    """Units of a group: those that the site says it has, or as its redundancy asks."""
    if given is not None:
        return given
    return None if required is None else redundant_count(required, redundancy or "N")


def per_unit(total: float | None, count: int | None) -> float | None:
    """A group's total shared by its units; None where either is unknown or there are none."""
    return total / count if total is not None and count else None


def tightest(limits: Mapping[str, float | None], fallback: str) -> tuple[float, str]:
    """The least of the known limits and its name; unknown ones are named beside it.

    `limits` has the name plate under `fallback`, so that one is always known.
    """
    known = {name: value for name, value in limits.items() if value is not None}
    least = min(known.values())
    binding = fallback if known[fallback] <= least * (1 + 1e-9) else min(known, key=lambda name: known[name])
    unknown = [name for name, value in limits.items() if value is None]
    plain = binding if binding != fallback or not unknown else f"{fallback} ({' and '.join(unknown)} unknown)"
    return known[binding], plain
