"""The cooling plant hour by hour: what the installed units do in any weather at any load.

Heat goes through the same code as on the extreme day (`rejection.circuit`), so that hour equals the design point.
Pumps and fans in the halls follow the load by the cube law down to the lowest speed of their drives; the rejection
takes its share from how hard each unit works. Everything is an array of hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import AirUnit
from gigasite.design.cooling.compressors import conditioner_cop
from gigasite.design.cooling.conditions import Conditions, conditions_of
from gigasite.design.cooling.rejection.base import Floats, outside_air
from gigasite.design.cooling.rejection.circuit import Circuit, CircuitWork, run
from gigasite.design.cooling.rejection.plan import RejectionPlan, rejection_plan
from gigasite.design.cooling.rejection.plant import group_name
from gigasite.design.cooling.technologies.air_units import extreme_cop
from gigasite.design.cooling.water import makeup_l
from gigasite.design.model import Design

PUMP_KINDS = ("cdu", "immersion-tank", "facility-pump")
FAN_KINDS = ("air-unit", "rear-door")


@dataclass(frozen=True, slots=True)
class PlantHours:
    """What cooling does in each hour; kW, water m³ in the hour."""

    liquid_heat_kw: Floats
    """Heat in the water of the CDUs, their pumps included."""
    air_heat_kw: Floats
    """Heat in the water of the air handlers, their fans included."""
    rejected_kw: Floats
    """Heat of both loops that the ways of the site take."""
    free_kw: Floats
    """Of it, without compressors."""
    chiller_kw: Floats
    """Compressors of chillers; condenser fans of air-cooled ones are in it."""
    rejection_fan_kw: Floats
    """Fans and pumps of coolers and towers."""
    pump_kw: Floats
    """Pumps in the halls and of facility water."""
    hall_fan_kw: Floats
    reuse_electric_kw: Floats
    """Heat pumps of the heat reuse."""
    water_m3: Floats
    """Make-up: evaporation, drift and blowdown."""
    evaporated_m3: Floats
    reused_kw: Floats
    """Heat handed over, at the taker's temperature."""
    reused_from_water_kw: Floats
    """Of it, heat of the site's water; the rest is the heat pumps' electricity."""
    unmet_kw: Floats
    """Heat that stays: water gets warmer than asked."""

    @property
    def electric_kw(self) -> Floats:
        """All electricity of cooling."""
        parts = (self.chiller_kw, self.rejection_fan_kw, self.pump_kw, self.hall_fan_kw, self.reuse_electric_kw)
        return np.asarray(sum(parts, np.zeros_like(self.chiller_kw)))

    @property
    def free_ratio(self) -> Floats:
        """Part of the rejected heat that leaves without compressors; 1 where there is none."""
        whole = np.ones_like(self.free_kw)
        return np.divide(self.free_kw, self.rejected_kw, out=whole, where=self.rejected_kw > 0)

    @property
    def hours_without_chillers(self) -> int:
        """Hours in which no compressor runs and no heat stays."""
        return int(((self.chiller_kw <= 0) & (self.unmet_kw <= 1e-9)).sum())


def installed_plan(design: Design, catalog: Catalog) -> RejectionPlan:
    """The heat rejection as the design has it: sized for the extreme day, with the units that stand in its table."""
    plant = design.tables.plant
    plan = rejection_plan(design.resolved, design.cooling, catalog)
    counts = dict(plant.group_by("group").len().iter_rows())
    return replace(plan, circuits=tuple(_installed(circuit, counts, design.prefix) for circuit in plan.circuits))


def _installed(circuit: Circuit, counts: dict[str, int], prefix: str) -> Circuit:
    units = tuple(
        replace(u, count=counts.get(group_name(prefix, circuit, u), 0)) if u.technology.on_site else u
        for u in circuit.units
    )
    return replace(circuit, units=units)


def plant_hours(
    design: Design,
    catalog: Catalog,
    *,
    dry_bulb_c: ArrayLike,
    wet_bulb_c: ArrayLike,
    it_ratio: ArrayLike,
    reuse_demand_kw: ArrayLike | None = None,
) -> PlantHours | None:
    """The plant of a design in hours of any number; None where a fact that it needs is unknown.

    `it_ratio`: IT load over that of the design, 0..1. `reuse_demand_kw`: what the taker of heat asks for; all that the
    site file promises where absent. A wet bulb above its dry bulb is taken as equal.
    """
    plan = installed_plan(design, catalog)
    moved = hall_electricity(design.tables.plant, catalog, conditions_of(design.resolved, catalog))
    if plan.missing or moved is None:
        return None
    ratio, dry, wet = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (it_ratio, dry_bulb_c, wet_bulb_c)))
    air = outside_air(dry, np.minimum(wet, dry), design.resolved.location.altitude_m or 0.0)
    moving = cube_law_ratio(ratio, plan.speed_min_ratio)
    works: dict[str, CircuitWork] = {}
    for circuit in plan.circuits:
        warming_kw = min(moved.into_loop_kw(circuit.loop), circuit.heat_kw)
        heat_kw = (circuit.heat_kw - warming_kw) * ratio + warming_kw * moving
        works[circuit.loop] = run(circuit, heat_kw, air, reuse_demand_kw=reuse_demand_kw)
    nothing = np.zeros_like(ratio)
    evaporated = _total(works, "evaporated_l_h", nothing) / 1000
    electricity = sum((work.total_electric_kw for work in works.values()), nothing)
    chillers = _total(works, "compressor_kw", nothing)
    conditioners = sum((part.compressor_kw(dry, ratio, moving) for part in moved.conditioners), nothing)
    heat_pumps = sum((work.reuse.electric_kw for work in works.values()), nothing)
    rejected = sum((part for work in works.values() for part in work.taken_kw.values()), nothing)
    return PlantHours(
        liquid_heat_kw=works["liquid"].heat_kw if "liquid" in works else nothing,
        air_heat_kw=works["air"].heat_kw if "air" in works else nothing,
        rejected_kw=rejected,
        free_kw=_total(works, "free_kw", nothing),
        chiller_kw=chillers + conditioners,
        rejection_fan_kw=electricity - chillers - heat_pumps,
        pump_kw=moved.pump_kw * moving,
        hall_fan_kw=moved.fan_kw * moving,
        reuse_electric_kw=heat_pumps,
        water_m3=makeup_l(evaporated, plan.cycles_of_concentration),
        evaporated_m3=evaporated,
        reused_kw=sum((work.reuse.delivered_kw for work in works.values()), nothing),
        reused_from_water_kw=sum((work.reuse.from_water_kw for work in works.values()), nothing),
        unmet_kw=_total(works, "unmet_kw", nothing),
    )


def cube_law_ratio(load_ratio: ArrayLike, speed_min_ratio: float) -> Floats:
    """Power of pumps and fans over that at full load: the cube of their speed, which follows the load (affinity laws).

    They never stop and never run below their lowest speed.
    """
    return np.asarray(np.maximum(np.asarray(load_ratio, np.float64), speed_min_ratio) ** 3)


@dataclass(frozen=True, slots=True)
class Conditioners:
    """A group of equal air conditioners at the design point: kW of all of them."""

    unit: AirUnit
    count: int
    heat_kw: float
    fan_kw: float
    supply_c: float
    density_ratio: float

    def compressor_kw(self, dry_bulb_c: Floats, load_ratio: Floats, moving: Floats) -> Floats:
        """Compressors and condenser fans: (heat + fans) / COP at the hour's load and air."""
        heat_kw, fan_kw = self.heat_kw * load_ratio, self.fan_kw * moving
        load = heat_kw / (self.count * self.unit.capacity_kw)
        cop = conditioner_cop(self.unit, load, self.supply_c, dry_bulb_c, self.density_ratio)
        assert cop is not None
        return np.asarray((heat_kw + fan_kw) / cop)


def conditioners_of(
    unit: AirUnit, count: int, heat_kw: float, electric_kw: float, conditions: Conditions
) -> Conditioners | None:
    """A group with its fans taken out of what it draws at the design point: E = fans + (heat + fans) / COP.

    None where the sheet gives no COP.
    """
    cop = extreme_cop(unit, heat_kw / (count * unit.capacity_kw), conditions)
    if cop is None:
        return None
    supply_c = conditions.air.supply_c
    if supply_c is None or conditions.extreme_dry_bulb_c is None:
        # The design point counts the COP of the sheet then; so do its hours.
        unit = unit.model_copy(update={"cop_supply_c": None})
    return Conditioners(
        unit=unit,
        count=count,
        heat_kw=heat_kw,
        fan_kw=max((electric_kw * cop - heat_kw) / (cop + 1), 0.0),
        supply_c=24.0 if supply_c is None else supply_c,
        density_ratio=conditions.density_ratio,
    )


@dataclass(frozen=True, slots=True)
class HallElectricity:
    """Electricity of the plant in the halls at the design point, kW."""

    pump_kw: float
    fan_kw: float
    conditioners: tuple[Conditioners, ...]
    """Air conditioners with condensers of their own; their fans are in `fan_kw`."""
    liquid_kw: float
    """Of pumps and fans, what warms the water of the CDUs."""
    air_kw: float
    """What warms the water of the air handlers."""

    def into_loop_kw(self, loop: str) -> float:
        return self.liquid_kw if loop == "liquid" else self.air_kw


def hall_electricity(plant: pl.DataFrame, catalog: Catalog, conditions: Conditions) -> HallElectricity | None:
    """Sums over the plant in the halls; None where the draw of a unit is unknown.

    Facility pumps belong to the loop in whose group they stand (`-cws`: cold water of the air handlers).
    """
    own = plant.filter(pl.col("kind").is_in(PUMP_KINDS + FAN_KINDS))
    if own["electric_kw"].null_count():
        return None
    sums = {"pump": 0.0, "fan": 0.0, "liquid": 0.0, "air": 0.0}
    conditioners: list[Conditioners] = []
    groups = own.group_by("kind", "product", "group", maintain_order=True)
    for kind, product, group, kw, heat_kw, count in groups.agg(
        pl.col("electric_kw").sum(), pl.col("heat_kw").sum(), pl.len()
    ).iter_rows():
        into_air = kind in FAN_KINDS or group.endswith("-cws")
        if kind == "air-unit" and catalog.air_unit(product).form == "crac":
            found = conditioners_of(catalog.air_unit(product), count, heat_kw, kw, conditions)
            if found is None:
                return None
            conditioners.append(found)
            sums["fan"] += found.fan_kw
            continue
        if kind == "cdu" and catalog.cdu(product).heat_to == "room-air":
            into_air = True
        sums["fan" if kind in FAN_KINDS else "pump"] += kw
        sums["air" if into_air else "liquid"] += kw
    return HallElectricity(sums["pump"], sums["fan"], tuple(conditioners), sums["liquid"], sums["air"])


def _total(works: dict[str, CircuitWork], field: str, nothing: Floats) -> Floats:
    return np.asarray(sum((getattr(work, field) for work in works.values()), nothing))
