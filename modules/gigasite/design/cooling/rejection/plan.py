"""The heat rejection of a site: its two loops of facility water, with the units that cool them on the extreme day."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import HeatRejection
from gigasite.design.cooling.rejection.base import Air, outside_air, technology_of
from gigasite.design.cooling.rejection.circuit import Circuit, CircuitWork, run
from gigasite.design.cooling.rejection.sizing import sized
from gigasite.design.model import CoolingDesign
from gigasite.spec.site import SiteSpec

LOOPS = ("liquid", "air")
PUMP_KINDS = ("cdu", "immersion-tank", "facility-pump")
"""Units in the halls whose power warms the water of the CDUs."""
FAN_KINDS = ("air-unit", "rear-door")
"""Units whose power warms the room, and so the water of the air handlers."""


@dataclass(frozen=True, slots=True)
class RejectionPlan:
    """The loops that carry heat, and the air of the extreme day that they are sized for."""

    circuits: tuple[Circuit, ...]
    extreme: Air
    cycles_of_concentration: float
    speed_min_ratio: float
    missing: tuple[str, ...] = ()
    """What has to be known before anything can be sized, in words; without circuits then."""

    def circuit(self, loop: str) -> Circuit | None:
        return next((circuit for circuit in self.circuits if circuit.loop == loop), None)

    def at_extreme(self, circuit: Circuit, lost: dict[str, int] | None = None) -> CircuitWork:
        """A loop at full load on the extreme day."""
        return run(circuit, circuit.heat_kw, self.extreme, lost=lost)


def rejection_plan(site: SiteSpec, cooling: CoolingDesign, catalog: Catalog, inside: pl.DataFrame) -> RejectionPlan:
    """Sizes the ways of the site for each loop. `inside`: the plant in the halls, whose pumps and fans are heat too.

    Extreme dry and wet bulb are taken together, although they seldom come in one hour: on the safe side.
    """
    outside, place = site.cooling.outside, site.location
    dry, wet = place.extreme_dry_bulb_c, place.extreme_wet_bulb_c
    ways = tuple((way.value, catalog.heat_rejection(way.value)) for way in site.cooling.rejection or ())
    heats = loop_heat_kw(cooling, catalog, inside)
    supplies = facility_supplies_c(site)
    rises = {"liquid": outside.liquid_rise_k, "air": outside.air_rise_k}
    missing = _missing(ways, heats, supplies, dry, wet)
    extreme = outside_air(dry or 0.0, wet or 0.0, place.altitude_m or 0.0)
    circuits: list[Circuit] = []
    for loop in LOOPS if not missing else ():
        heat_kw, supply_c = heats[loop], supplies[loop]
        if not heat_kw or supply_c is None:
            continue
        reuse = outside.reuse if outside.reuse and outside.reuse.loop == loop else None
        bare = Circuit(loop, supply_c, rises[loop] or 10.0, heat_kw, (), reuse)
        circuits.append(sized(bare, ways, outside, extreme))
    return RejectionPlan(
        circuits=tuple(circuits),
        extreme=extreme,
        cycles_of_concentration=outside.cycles_of_concentration or 5.0,
        speed_min_ratio=outside.speed_min_ratio or 0.0,
        missing=missing,
    )


def facility_supplies_c(site: SiteSpec) -> dict[str, float | None]:
    """Water that the CDUs and the air handlers need; where a sheet gives no approach, with the site's assumption."""
    cooling = site.cooling
    approach_k = cooling.outside.approach_k
    found = {"liquid": cooling.facility.supply_c, "air": cooling.facility.air_supply_c}
    for loop, supply_c in (("liquid", cooling.loop.supply_c), ("air", cooling.air.supply_c)):
        if found[loop] is None and supply_c is not None and approach_k is not None:
            found[loop] = supply_c - approach_k
    return found


def loop_heat_kw(cooling: CoolingDesign, catalog: Catalog, inside: pl.DataFrame) -> dict[str, float | None]:
    """Heat of each loop at full load: of the racks, and of the pumps and fans that move it.

    CDUs that leave their heat in the room add it to the air; air handlers with compressors of their own give theirs to
    the outside by themselves.
    """
    liquid, air = cooling.liquid_kw, cooling.air_kw
    pumps, fans = electric_kw(inside, PUMP_KINDS), electric_kw(inside, FAN_KINDS)
    if None in (liquid, air, pumps, fans):
        return {"liquid": None, "air": None}
    assert liquid is not None
    assert air is not None
    assert pumps is not None
    assert fans is not None
    to_room = cooling.cdu != "" and catalog.cdu(cooling.cdu).heat_to == "room-air"
    room_kw = air + fans + (liquid + pumps if to_room else 0.0)
    if cooling.air_unit and catalog.air_unit(cooling.air_unit).form == "crac":
        room_kw = 0.0
    # Pumps of facility water stand in both loops; where only air is cooled they warm its water.
    water_kw = 0.0 if to_room else liquid + pumps
    if not liquid and not to_room:
        water_kw, room_kw = 0.0, room_kw + (pumps if room_kw else 0.0)
    return {"liquid": water_kw, "air": room_kw}


def electric_kw(plant: pl.DataFrame, kinds: tuple[str, ...]) -> float | None:
    """Power of the plant of these kinds in normal operation at the design point; None where one is unknown."""
    own = plant.filter(pl.col("kind").is_in(kinds))["electric_kw"]
    return None if own.null_count() else float(own.sum())


def _missing(
    ways: tuple[tuple[str, HeatRejection], ...],
    heats: dict[str, float | None],
    supplies: dict[str, float | None],
    dry: float | None,
    wet: float | None,
) -> tuple[str, ...]:
    """What stops the sizing."""
    found = [f"the heat of the {loop} loop" for loop, heat in heats.items() if heat is None]
    found += [
        f"the facility water that the {'CDUs' if loop == 'liquid' else 'air handlers'} need"
        for loop, heat in heats.items()
        if heat and supplies[loop] is None
    ]
    if dry is None or wet is None:
        found.append("the extreme dry and wet bulb")
    for way, product in ways:
        unknown = [fact for fact in technology_of(product).needs if getattr(product, fact) is None]
        if unknown:
            found.append(f"{', '.join(unknown)} of {way}")
    return tuple(found)
