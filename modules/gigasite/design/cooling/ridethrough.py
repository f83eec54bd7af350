"""Thermal ride-through: from the loss of the grid until generators carry the cooling again.

IT runs on from its UPS and gives its heat to what stands still or goes round without being cooled. A volume of liquid
or a mass warms by dT/dt = Q / (m·cp); a stratified tank gives cold water until it is displaced. First nothing cools;
when generators run and drives have started, coolers and towers take what they can on the extreme day; when chillers
have restarted, all. What the loop holds between its supply temperature and the systems' limit has to last that long.

Schneider Electric White Paper 179, Data Center Temperature Rise During a Cooling System Outage; Khankari, Rate of
Heating Analysis of Data Centers during Power Shutdown, ASHRAE Transactions 117 (2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Fluid
from gigasite.design.cooling.rejection.circuit import Circuit
from gigasite.design.cooling.rejection.plan import RejectionPlan, rejection_plan
from gigasite.design.model import Design
from gigasite.spec.site import SiteSpec

STEEL_KJ_KGK = 0.46
AIR_KJ_M3K = 1.2 * 1.006
"""Of air at sea level and 20 °C."""


def stored_kj(volume_l: float, fluid: Fluid, rise_k: float) -> float:
    """Heat that a volume takes up while it warms: V·ρ·cp·ΔT."""
    return volume_l / 1000 * fluid.density_kg_m3 * fluid.specific_heat_kj_kgk * rise_k


def seconds_to_rise(heat_kw: float, stored: float) -> float:
    """How long a heat takes to fill what can be stored, s."""
    return stored / heat_kw if heat_kw > 0 else float("inf")


def still_coolant_s(coolant_l_per_kw: float, fluid: Fluid, margin_k: float) -> float:
    """Seconds until coolant that stands in cold plates and manifolds has warmed by `margin_k`, whatever the heat.

    All of it warms alike: no conduction into the rack, no boiling. Chips throttle somewhat later.
    """
    return seconds_to_rise(1.0, stored_kj(coolant_l_per_kw, fluid, margin_k))


def tank_m3(missing_kj: float, fluid: Fluid, rise_k: float, usable_ratio: float) -> float:
    """Stratified tank that takes up a heat: E / (ρ·cp·ΔT·usable part), ΔT from supply to return."""
    return max(missing_kj, 0.0) / (fluid.density_kg_m3 * fluid.specific_heat_kj_kgk * rise_k * usable_ratio)


def heat_until_cooled_kj(heat_kw: float, free_kw: float, start_s: float, drives_s: float, chillers_s: float) -> float:
    """Heat that nobody takes: all of it until drives run again, then what coolers leave until chillers run.

    `drives_s` and `chillers_s` count from the return of power, `start_s` after its loss.
    """
    drives = min(drives_s, chillers_s) if free_kw < heat_kw else drives_s
    waiting = max(chillers_s - drives, 0.0) if free_kw < heat_kw else 0.0
    return heat_kw * (start_s + drives) + (heat_kw - free_kw) * waiting


@dataclass(frozen=True, slots=True)
class RideThrough:
    """One loop after the loss of the grid. None: a fact is missing."""

    loop: str
    """`liquid` or `air` for the water of CDUs or air handlers, `room` for air conditioners without water."""
    heat_kw: float
    margin_k: float | None
    """From the supply temperature to the limit of the systems."""
    limited_by: str
    """The system with the lowest limit."""
    flow_goes_on: bool
    """Whether pumps and fans run from the UPS."""
    needed_s: float | None
    """Seconds of full heat until the loop is cooled again; None: it never is (no generators for the cooling)."""
    covered_s: float | None
    """Seconds of full heat that the loop takes up with its tank."""
    still_needed_s: float
    """Seconds without flow; 0 where it goes on."""
    still_covered_s: float | None
    """Seconds that what stands near the chips, or the room by itself, lasts."""
    buffer_m3: float | None
    """Tank: the site's, or as large as is needed."""
    buffer_given: bool

    @property
    def holds(self) -> bool | None:
        """Whether the limit is never reached; None: unknown."""
        if self.needed_s is None:
            return False
        if self.covered_s is None or self.still_covered_s is None:
            return None
        slack = 1 + 1e-9
        return self.needed_s <= self.covered_s * slack and self.still_needed_s <= self.still_covered_s * slack


def ride_throughs(design: Design, catalog: Catalog) -> tuple[RideThrough, ...]:
    """Every loop of a design that the site's own plant cools, and rooms with air conditioners of their own."""
    plan = rejection_plan(design.resolved, design.cooling, catalog)
    found = [_of_loop(design, catalog, plan, circuit) for circuit in plan.circuits]
    return tuple(ride for ride in (*found, _of_room(design, catalog)) if ride is not None)


def _of_room(design: Design, catalog: Catalog) -> RideThrough | None:
    """A room that air conditioners cool with condensers of their own: no water stores anything."""
    site, rooms = design.resolved, [hall.room_kw for hall in design.halls]
    known = [room_kw for room_kw in rooms if room_kw is not None]
    # What doors and tanks take is no heat of the room's.
    heat_kw = sum(known) if len(known) == len(rooms) else None
    start_s, restart_s = site.power.generators.start_s, site.power.mechanical.chillers_restart_s
    if not design.cooling.own_condenser_kw or not heat_kw or start_s is None or restart_s is None:
        return None
    margin_k, system = _margin(design, catalog, liquid=False)
    covered = None
    if margin_k is not None:
        covered = seconds_to_rise(heat_kw, _room_kj_k(site, design.tables.racks) * margin_k)
    return RideThrough(
        loop="room",
        heat_kw=heat_kw,
        margin_k=margin_k,
        limited_by=system,
        flow_goes_on=site.cooling.air.fans_on_ups is not False,
        needed_s=start_s + restart_s if site.power.mechanical.on_generators is not False else None,
        covered_s=covered,
        still_needed_s=0.0,
        still_covered_s=covered,
        buffer_m3=0.0,
        buffer_given=False,
    )


def _of_loop(design: Design, catalog: Catalog, plan: RejectionPlan, circuit: Circuit) -> RideThrough | None:
    site, how = design.resolved, design.resolved.cooling.outside.ride_through
    start_s = site.power.generators.start_s
    drives_s, chillers_s = site.power.mechanical.pumps_restart_s, site.power.mechanical.chillers_restart_s
    if (
        start_s is None
        or drives_s is None
        or chillers_s is None
        or not any(u.technology.on_site for u in circuit.units)
    ):
        return None
    water = catalog.fluid(site.cooling.facility.fluid or "water")
    coolant = catalog.fluid(site.cooling.loop.fluid or "water")
    liquid = circuit.loop == "liquid"
    margin_k, system = _margin(design, catalog, liquid=liquid)
    work = plan.at_extreme(circuit)
    free_kw = float(work.free_kw.min())
    needed_kj = heat_until_cooled_kj(circuit.heat_kw, free_kw, start_s, drives_s, chillers_s)
    flows = _flows(site, liquid=liquid)
    local_kj = pipes_kj = None
    if margin_k is not None:
        pipes_kj = stored_kj((how.water_l_per_kw or 0.0) * circuit.heat_kw, water, margin_k)
        if liquid:
            local_kj = stored_kj((how.coolant_l_per_kw or 0.0) * circuit.heat_kw, coolant, margin_k)
        else:
            local_kj = _room_kj_k(site, design.tables.racks) * margin_k
    given_m3 = how.liquid_buffer_m3 if liquid else how.air_buffer_m3
    usable = how.tank_usable_ratio or 1.0
    buffer_m3 = given_m3
    if given_m3 is None and pipes_kj is not None and local_kj is not None:
        buffer_m3 = tank_m3(needed_kj - pipes_kj - local_kj, water, circuit.rise_k, usable)
    covered = None
    if pipes_kj is not None and local_kj is not None and buffer_m3 is not None:
        tank_kj = stored_kj(buffer_m3 * 1000 * usable, water, circuit.rise_k)
        covered = seconds_to_rise(circuit.heat_kw, pipes_kj + local_kj + tank_kj)
    return RideThrough(
        loop=circuit.loop,
        heat_kw=circuit.heat_kw,
        margin_k=margin_k,
        limited_by=system,
        flow_goes_on=flows,
        needed_s=needed_kj / circuit.heat_kw if site.power.mechanical.on_generators is not False else None,
        covered_s=covered,
        still_needed_s=0.0 if flows else start_s + drives_s,
        still_covered_s=None if local_kj is None else seconds_to_rise(circuit.heat_kw, local_kj),
        buffer_m3=buffer_m3,
        buffer_given=given_m3 is not None,
    )


def _flows(site: SiteSpec, *, liquid: bool) -> bool:
    """Whether everything that moves the heat of a loop hangs on the UPS."""
    facility = site.cooling.facility.pumps_on_ups is not False
    mover = site.cooling.loop.pumps_on_ups if liquid else site.cooling.air.fans_on_ups
    return facility and mover is not False


def _margin(design: Design, catalog: Catalog, *, liquid: bool) -> tuple[float | None, str]:
    """What racks get may warm by, and the system that sets the limit; None where none publishes a limit."""
    site = design.resolved
    systems = {pool.system: catalog.system(pool.system) for pool in site.pools}
    supply_c = site.cooling.loop.supply_c
    if not liquid:
        # What comes back around the racks is in the air that they breathe.
        inlets = [hall.inlet_c for hall in design.halls if hall.inlet_c is not None]
        supply_c = max(inlets, default=site.cooling.air.supply_c)
    limits: dict[str, float] = {}
    for key, system in systems.items():
        if not liquid:
            limit = system.inlet_c_max
        elif not system.liquid_kw:
            continue
        else:
            limit = system.tcs_supply_c_max
            if limit is None and system.tcs_flow_curve:
                limit = max(inlet_c for inlet_c, _ in system.tcs_flow_curve)
        if limit is not None:
            limits[key] = limit
    if not limits or supply_c is None:
        return None, ""
    tightest = min(limits, key=lambda key: (limits[key], key))
    return max(limits[tightest] - supply_c, 0.0), tightest


def _room_kj_k(site: SiteSpec, racks: pl.DataFrame) -> float:
    """Heat capacity of the halls: their air, and the part of the racks' mass that warms with it; kJ/K.

    Racks of unknown weight count with their air alone.
    """
    how = site.cooling.outside.ride_through
    air = (how.room_m3_per_rack or 0.0) * racks.height * AIR_KJ_M3K
    mass_kg = float(racks["weight_kg"].fill_null(0.0).sum())
    return air + mass_kg * STEEL_KJ_KGK * (how.room_mass_ratio or 0.0)
