"""The heat rejection of a site: its two loops of facility water, with the units that cool them on the extreme day."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Fluid, HeatRejection
from gigasite.design.cooling.basics import coolant_rise_k
from gigasite.design.cooling.rejection.base import Air, outside_air, technology_of
from gigasite.design.cooling.rejection.circuit import Circuit, CircuitWork, run
from gigasite.design.cooling.rejection.sizing import sized
from gigasite.design.model import CoolingDesign
from gigasite.spec.site import SiteSpec

LOOPS = ("liquid", "air")


@dataclass(frozen=True, slots=True)
class RejectionPlan:
    """The loops that carry heat, and the air of the extreme day that they are sized for."""

    circuits: tuple[Circuit, ...]
    extreme: Air
    cycles_of_concentration: float
    speed_min_ratio: float
    redundancy: str = "N"
    """Of the units of each way on each loop."""
    missing: tuple[str, ...] = ()
    """What has to be known before anything can be sized, in words; without circuits then."""

    def circuit(self, loop: str) -> Circuit | None:
        return next((circuit for circuit in self.circuits if circuit.loop == loop), None)

    def at_extreme(self, circuit: Circuit, lost: dict[str, int] | None = None) -> CircuitWork:
        """A loop at full load on the extreme day; nobody is counted on to take its heat for use then."""
        return run(circuit, circuit.heat_kw, self.extreme, lost=lost, reuse_demand_kw=0.0)


def rejection_plan(site: SiteSpec, cooling: CoolingDesign, catalog: Catalog) -> RejectionPlan:
    """Sizes the ways of the site for each loop.

    Extreme dry and wet bulb are taken together, although they seldom come in one hour: on the safe side.
    """
    outside, place = site.cooling.outside, site.location
    dry, wet = place.extreme_dry_bulb_c, place.extreme_wet_bulb_c
    ways = tuple((way.value, catalog.heat_rejection(way.value)) for way in site.cooling.rejection or ())
    extreme = outside_air(dry or 0.0, wet or 0.0, place.altitude_m or 0.0)
    waters = facility_waters(site, cooling, catalog)
    missing = (*(fact for water in waters for fact in water.missing), *_missing(ways, dry, wet))
    circuits: list[Circuit] = []
    for water in waters if not missing else ():
        if water.heat_kw and water.supply_c is not None and water.rise_k:
            reuse = outside.reuse if outside.reuse and outside.reuse.loop == water.loop else None
            bare = Circuit(water.loop, water.supply_c, water.rise_k, water.heat_kw, (), reuse)
            circuits.append(sized(bare, ways, outside, extreme))
    return RejectionPlan(
        circuits=tuple(circuits),
        extreme=extreme,
        cycles_of_concentration=outside.cycles_of_concentration or 5.0,
        speed_min_ratio=outside.speed_min_ratio or 0.0,
        redundancy=outside.redundancy or "N",
        missing=missing,
    )


@dataclass(frozen=True, slots=True)
class FacilityWater:
    """Water on its way to the rejection: heat, and the temperatures that the halls need. None: unknown."""

    loop: str
    heat_kw: float | None
    supply_c: float | None
    rise_k: float | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts without which nothing can be sized."""
        what = "CDUs" if self.loop == "liquid" else "air handlers"
        if self.heat_kw is None:
            return (f"the heat in the water of the {what}",)
        if not self.heat_kw:
            return ()
        known = {"temperature": self.supply_c, "rise": self.rise_k}
        return tuple(f"the {fact} of the water to the {what}" for fact, value in known.items() if value is None)


def facility_waters(site: SiteSpec, cooling: CoolingDesign, catalog: Catalog) -> tuple[FacilityWater, FacilityWater]:
    """Warm water of CDUs and tanks, cold water of air handlers and rear doors.

    Its rise is what its flow makes of its heat. Where a sheet gives no approach or no flow, the site's assumption
    stands in for it.
    """
    outside, loop_c, air_c = site.cooling.outside, site.cooling.loop.supply_c, site.cooling.air.supply_c
    fluid = catalog.fluid(site.cooling.facility.fluid or "water")
    return (
        FacilityWater(
            "liquid",
            cooling.facility_kw,
            _first(cooling.facility_supply_c, _less(loop_c, outside.approach_k)),
            _first(_rise_k(cooling.facility_kw, cooling.facility_lpm, fluid), outside.liquid_rise_k),
        ),
        FacilityWater(
            "air",
            cooling.air_water_kw,
            _first(cooling.air_water_supply_c, _less(air_c, outside.approach_k)),
            _first(_rise_k(cooling.air_water_kw, cooling.air_water_lpm, fluid), outside.air_rise_k),
        ),
    )


def _rise_k(heat_kw: float | None, flow_lpm: float | None, fluid: Fluid) -> float | None:
    return coolant_rise_k(heat_kw, flow_lpm, fluid) if heat_kw and flow_lpm else None


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _less(value: float | None, by: float | None) -> float | None:
    return None if value is None or by is None else value - by


def _missing(ways: tuple[tuple[str, HeatRejection], ...], dry: float | None, wet: float | None) -> tuple[str, ...]:
    """What of the place and of the products stops the sizing."""
    found = ["the extreme dry and wet bulb"] if dry is None or wet is None else []
    for way, product in ways:
        unknown = [fact for fact in technology_of(product).needs if getattr(product, fact) is None]
        if unknown:
            found.append(f"{', '.join(unknown)} of {way}")
    return tuple(found)
