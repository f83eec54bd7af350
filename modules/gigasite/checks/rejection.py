"""Heat rejection: units on the extreme day, ride-through, water that no way gives, heat that is reused, bulbs."""

from __future__ import annotations

from collections.abc import Iterator

from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts
from gigasite.design.cooling import psychrometrics
from gigasite.design.cooling.basics import air_density_ratio, redundant_count
from gigasite.design.cooling.rejection.circuit import Circuit
from gigasite.design.cooling.rejection.heat_reuse import reused
from gigasite.design.cooling.rejection.plan import RejectionPlan
from gigasite.design.cooling.rejection.reach import Shortfall, needed_count, shortfalls
from gigasite.design.cooling.ridethrough import RideThrough
from gigasite.errors import Severity

HIGHEST_WET_BULB_C = 35.0
"""Wet bulbs at and above it were measured for an hour or two at a few stations only (Raymond, 2020)."""

_WATER = {"liquid": "the water of the CDUs", "air": "the water of the air handlers", "room": "the air of the rooms"}


@check("CLG141", Severity.ERROR, "The installed heat rejection takes all heat on the extreme day")
def rejection_carries_the_extreme_day(context: Context) -> Iterator[Hit]:
    plan = context.rejection
    for short in shortfalls(plan, after_loss=False):
        yield Hit(
            f"{_extreme(plan)} {_installed(short.circuit)} leave {_left(short)}",
            _more(short.circuit),
            "cooling.outside",
        )


@check("CLG142", Severity.ERROR, "The heat rejection takes all heat on the extreme day when one unit is lost")
def rejection_carries_the_extreme_day_after_a_loss(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    plan = context.rejection
    short_already = {short.circuit.loop for short in shortfalls(plan, after_loss=False)}
    for short in shortfalls(plan, after_loss=True):
        if short.circuit.loop in short_already or short.units is None:
            continue
        yield Hit(
            f"{_extreme(plan)} {_installed(short.circuit)} leave {_left(short)} when one {short.units.way} is lost",
            _more(short.circuit),
            "cooling.outside",
        )


@check("CLG143", Severity.ERROR, "The coolant stays cool enough from the loss of the grid until it is cooled again")
def coolant_rides_through(context: Context) -> Iterator[Hit]:
    yield from _too_short(context, "liquid", "coolant", "cooling.loop")


@check("CLG144", Severity.ERROR, "Room air stays cool enough from the loss of the grid until it is cooled again")
def room_air_rides_through(context: Context) -> Iterator[Hit]:
    yield from _too_short(context, "air", "room air", "cooling.air")
    for ride in context.ride_throughs:
        if ride.loop == "room" and ride.needed_s is not None and ride.holds is False:
            yield Hit(
                f"after a loss of the grid room air has to last {ride.needed_s:,.0f} s until generators run and air "
                f"conditioners have restarted; {ride.margin_k:.1f} K to the limit of {ride.limited_by} last "
                f"{ride.covered_s:,.0f} s, and no water stores anything",
                "use air handlers on water with a tank (cooling.air.unit), restart sooner "
                "(power.mechanical.chillers_restart_s), or lower cooling.air.supply_c",
                "cooling.air.unit",
            )


@check("CLG145", Severity.ERROR, "Generators carry the cooling")
def generators_carry_the_cooling(context: Context) -> Iterator[Hit]:
    if context.design.resolved.power.mechanical.on_generators is not False or not context.ride_throughs:
        return
    promised = context.promises_maintenance
    covered = [f"{_WATER[ride.loop]} lasts {ride.covered_s:,.0f} s" for ride in context.ride_throughs if ride.covered_s]
    yield Hit(
        f"nothing cools the site after a loss of the grid{': ' if covered else ''}{', '.join(covered)}",
        "power.mechanical.on_generators: true",
        "power.mechanical.on_generators",
        None if promised else Severity.WARNING,
    )


@check("CLG146", Severity.WARNING, "Units that the site counts are judged at its altitude")
def counted_units_know_their_altitude(context: Context) -> Iterator[Hit]:
    plan = context.rejection
    counted = [units.way for circuit in plan.circuits for units in circuit.units if units.given]
    if context.design.spec.location.altitude_m is not None or not counted:
        return
    loss = 1 - air_density_ratio(1000.0)
    yield Hit(
        f"{' and '.join(dict.fromkeys(counted))}: units are counted, the altitude is not given, and they are judged at "
        f"sea level; at 1,000 m fans move {loss:.0%} less air",
        "give location.altitude_m",
        "location.altitude_m",
    )


@check("CLG147", Severity.ERROR, "Heat that is reused is warm enough for its taker")
def reused_heat_is_warm_enough(context: Context) -> Iterator[Hit]:
    reuse = context.design.resolved.cooling.outside.reuse
    if reuse is None:
        return
    plan = context.rejection
    circuit = plan.circuit(reuse.loop)
    if circuit is None:
        if not plan.missing:
            yield Hit(
                f"heat is to be reused from {_WATER[reuse.loop]}, which carries none",
                "name the other loop, or leave the reuse out",
                "cooling.outside.reuse.loop",
            )
        return
    at_full = plan.at_extreme(circuit)
    return_c = circuit.supply_c + circuit.rise_k
    source_c = return_c - (reuse.approach_k or 0.0)
    if reuse.way == "exchanger" and source_c < reuse.supply_c - 1e-9:
        yield Hit(
            f"the taker asks for {reuse.supply_c:g} °C; {_WATER[reuse.loop]} returns at {return_c:.1f} °C, "
            f"{source_c:.1f} °C behind the exchanger",
            "use a heat-pump, raise the supply temperature of the loop, or agree on a lower one with the taker",
            "cooling.outside.reuse.supply_c",
        )
        return
    given = float(reused(reuse, at_full.heat_kw, at_full.heat_kw * 0 + return_c, reuse.heat_kw).delivered_kw.max())
    if given < reuse.heat_kw * (1 - 1e-6):
        yield Hit(
            f"the taker is promised {kilowatts(reuse.heat_kw)}; {_WATER[reuse.loop]} gives {kilowatts(given)} at full "
            "load",
            f"promise {given:,.0f} kW at most",
            "cooling.outside.reuse.heat_kw",
            Severity.WARNING,
        )


@check("CLG148", Severity.ERROR, "The extreme wet bulb is possible at the extreme dry bulb")
def extreme_bulbs_are_possible(context: Context) -> Iterator[Hit]:
    place = context.design.resolved.location
    dry, wet = place.extreme_dry_bulb_c, place.extreme_wet_bulb_c
    if dry is None or wet is None:
        return
    driest = float(psychrometrics.driest_wet_bulb_c(dry, psychrometrics.pressure_kpa(place.altitude_m or 0.0)))
    if wet < driest - 0.05:
        yield Hit(
            f"air of {dry:g} °C has a wet bulb of {driest:.1f} °C even without any water in it; the extreme wet bulb "
            f"is given as {wet:g} °C",
            "take both from the design conditions of the nearest weather station",
            "location.extreme_wet_bulb_c",
        )
    elif wet > HIGHEST_WET_BULB_C:
        yield Hit(
            f"an extreme wet bulb of {wet:g} °C is above the {HIGHEST_WET_BULB_C:g} °C that hardly any place on Earth "
            "has had",
            "take it from the design conditions of the nearest weather station",
            "location.extreme_wet_bulb_c",
            Severity.WARNING,
        )


@check("CLG149", Severity.ERROR, "Each way to reject heat has the units that its redundancy asks for")
def rejection_redundancy_is_installed(context: Context) -> Iterator[Hit]:
    asked = context.design.resolved.cooling.outside.redundancy
    if asked is None:
        return
    for circuit in context.rejection.circuits:
        for units in circuit.units:
            if not units.technology.on_site:
                continue
            required = needed_count(circuit, units, context.rejection)
            need = redundant_count(required, asked)
            if units.count < need:
                yield Hit(
                    f"{_WATER[circuit.loop]}: {count(units.count, units.way)} where {required} of "
                    f"{kilowatts(units.unit_kw)} carry the extreme day; {asked} asks for {need}",
                    "raise the count in cooling.outside.units, or leave it out to have it sized",
                    "cooling.outside.units",
                )


@check("CLG150", Severity.INFO, "It is known how long the cooling rides through")
def ride_through_is_known(context: Context) -> Iterator[Hit]:
    for ride in context.ride_throughs:
        if ride.margin_k is None:
            what = "coolant (tcs_supply_c_max)" if ride.loop == "liquid" else "air (inlet_c_max)"
            yield Hit(
                f"{_WATER[ride.loop]}: no system of the site says how warm its {what} may get, so nobody knows "
                "how long the cooling may stop",
                "state it with its source in catalog/systems/ beside the site file",
                "cooling.outside.ride_through",
            )


@check("CLG151", Severity.WARNING, "What the heat rejection is sized from is known")
def rejection_can_be_sized(context: Context) -> Iterator[Hit]:
    missing = [fact for fact in context.rejection.missing if not fact.startswith("the heat in")]
    if missing:
        yield Hit(
            f"the heat rejection is not sized: no source gives {'; '.join(missing)}",
            "state it in the site file, or with its source in catalog/ beside it",
            "cooling.rejection",
        )


def _too_short(context: Context, loop: str, what: str, at: str) -> Iterator[Hit]:
    for ride in context.ride_throughs:
        if ride.loop != loop or ride.needed_s is None or ride.holds is not False:
            continue
        limit = f"{ride.margin_k:.1f} K to the limit of {ride.limited_by}"
        if ride.still_covered_s is not None and ride.still_needed_s > ride.still_covered_s:
            yield Hit(
                f"without UPS for its pumps or fans the {what} stands still for {ride.still_needed_s:,.0f} s after a "
                f"loss of the grid; {limit} last {ride.still_covered_s:,.0f} s",
                "feed pumps and fans from the UPS: cooling.loop.pumps_on_ups, cooling.air.fans_on_ups, "
                "cooling.facility.pumps_on_ups",
                at,
            )
            continue
        yield Hit(
            f"after a loss of the grid {what} has to last {ride.needed_s:,.0f} s at full heat until generators and "
            f"chillers run; {limit} last {ride.covered_s:,.0f} s with {_tank(ride)}",
            f"enlarge cooling.outside.ride_through.{loop}_buffer_m3, leave it out to have it sized, or restart sooner",
            f"cooling.outside.ride_through.{loop}_buffer_m3",
        )


def _tank(ride: RideThrough) -> str:
    return f"a tank of {ride.buffer_m3:,.0f} m³" if ride.buffer_m3 else "no tank"


def _extreme(plan: RejectionPlan) -> str:
    dry, wet = float(plan.extreme.dry_bulb_c.max()), float(plan.extreme.wet_bulb_c.max())
    return f"on the extreme day ({dry:g} °C dry, {wet:g} °C wet)"


def _installed(circuit: Circuit) -> str:
    """`12 dry-coolers of 1,189 kW and 4 trim-chillers of 900 kW`."""
    listed = [u for u in circuit.units if u.count or u.given]
    return " and ".join(f"{count(u.count, u.way)} of {kilowatts(u.unit_kw)}" for u in listed) or "no units"


def _left(short: Shortfall) -> str:
    heat = f"{kilowatts(short.unmet_kw)} of {kilowatts(short.circuit.heat_kw)}"
    return f"{heat} in {_WATER[short.circuit.loop]}, which gets at least {short.warmer_k:.1f} K too warm"


def _more(circuit: Circuit) -> str:
    if any(units.given for units in circuit.units):
        return "raise count or unit_kw in cooling.outside.units, or leave them out to have them sized"
    return "ask for more redundancy: cooling.outside.redundancy"
