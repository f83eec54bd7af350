"""The cooling inside the halls, group by group: who takes which heat, with how many units, and what water that needs.

The way of the heat: racks give it to coolant, to tanks, to rear doors and to the room's air. CDUs pass coolant's heat
to facility water, or to the room (liquid-to-air). Air units take what the room holds. Electricity of pumps and fans
ends as heat in what they move. Every kW is in exactly one place: what goes in comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling import technologies
from gigasite.design.cooling.airflow import RoomAir, airflow_m3_s, room_air
from gigasite.design.cooling.conditions import Conditions, Duty, UnitGroup, Water, conditions_of
from gigasite.design.cooling.fluids import heat_rate_kw_k
from gigasite.design.cooling.rack_loads import rack_loads
from gigasite.design.cooling.rack_units import RackUnits, door_rows, tank_rows
from gigasite.design.unknown import column_total, total
from gigasite.spec.site import SiteSpec

_SUMS = ("liquid_kw", "flow_lpm", "rack_flow_lpm", "tank_kw", "air_kw", "door_kw", "room_kw", "room_airflow_m3_s")


@dataclass(frozen=True, slots=True)
class HallCooling:
    """One hall: the heat of its racks by where it goes, its air, and its groups of units. None: unknown."""

    hall: int
    liquid_kw: float | None
    air_kw: float | None
    flow_lpm: float | None
    rack_flow_lpm: float | None
    tank_kw: float | None
    door_kw: float | None
    room_kw: float | None
    """Heat that the room's air units carry: racks, liquid-to-air CDUs, tanks' losses."""
    head_kpa: float | None
    """Pressure that its coolant needs: the rack that asks for most, and the piping."""
    return_c: float | None
    """Coolant back at the CDUs, mixed with what passes the racks by."""
    rack_return_c: float | None
    """Coolant as it leaves the rack that warms it most."""
    air: RoomAir | None
    cdus: tuple[UnitGroup, ...]
    air_units: UnitGroup

    @property
    def groups(self) -> tuple[UnitGroup, ...]:
        """CDUs and air units."""
        return (*self.cdus, self.air_units)


@dataclass(frozen=True, slots=True)
class Inside:
    """All of it: halls, groups of facility pumps, and the units that belong to a rack each, as rows of `plant`."""

    halls: tuple[HallCooling, ...]
    pumps: tuple[UnitGroup, ...]
    rack_units: pl.DataFrame
    liquid_water_kw: float | None
    """Heat in the warm facility water on its way out, pumps included."""
    air_water_kw: float | None
    """Heat in the cold facility water on its way out, fans and pumps included."""
    own_condenser_kw: float | None
    """Heat that air conditioners give to condensers of their own."""
    liquid_water_lpm: float | None
    air_water_lpm: float | None

    @property
    def groups(self) -> tuple[UnitGroup, ...]:
        """Every group but those of single racks."""
        return (*(group for hall in self.halls for group in hall.groups), *self.pumps)


def inside(site: SiteSpec, racks: pl.DataFrame, hall_count: int, catalog: Catalog, prefix: str) -> Inside:
    """The cooling of all halls, and the pumps of the site."""
    conditions = conditions_of(site, catalog)
    loads = rack_loads(racks, site.pools, conditions)
    own = {int(number): frame for (number,), frame in loads.group_by("hall", maintain_order=True)}
    empty = loads.clear()
    counts = (site.cooling.loop.cdu_count, site.cooling.air.unit_count)
    halls = tuple(
        _hall(own.get(number, empty), number, conditions, counts, prefix) for number in range(1, hall_count + 1)
    )
    doors, tanks = door_rows(loads, conditions), tank_rows(loads, conditions)
    liquid = _water("liquid", f"{prefix}-fws", halls, tanks, conditions)
    air = _water("air", f"{prefix}-cws", halls, doors, conditions)
    return Inside(
        halls=halls,
        pumps=tuple(way.pumps for way in (liquid, air) if way.pumps is not None),
        rack_units=pl.concat([doors.rows, tanks.rows]),
        liquid_water_kw=liquid.heat_kw,
        air_water_kw=air.heat_kw,
        own_condenser_kw=total([_condenser_kw(hall.air_units) for hall in halls]),
        liquid_water_lpm=liquid.flow_lpm,
        air_water_lpm=air.flow_lpm,
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """One level of facility water: its heat on the way out, its flow, its pumps."""

    heat_kw: float | None
    flow_lpm: float | None
    pumps: UnitGroup | None


def _water(
    level: Water, name: str, halls: tuple[HallCooling, ...], rack_units: RackUnits, conditions: Conditions
) -> _Way:
    """The water of all groups of a level, and the pumps that move it; none where nothing needs it."""
    members = [group for hall in halls for group in hall.groups if group.water == level]
    heat_kw = total([*(group.water_kw for group in members), rack_units.water_kw])
    flow_lpm = total([*(group.water_flow_lpm for group in members), rack_units.water_flow_lpm])
    facility = conditions.facility
    given = facility.pump_count if level == "liquid" else None
    if heat_kw == 0 and given is None:
        return _Way(0.0, 0.0, None)
    duty = Duty(name, None, heat_kw, flow_lpm=flow_lpm, given_count=given)
    pumps = replace(technologies.WATER(duty, conditions, facility.pump or ""), water=level)
    return _Way(pumps.water_kw, flow_lpm, pumps)


def _condenser_kw(group: UnitGroup) -> float | None:
    """Heat that air conditioners give to their condensers; 0 of units on facility water."""
    if group.water is not None:
        return 0.0
    if group.heat_kw is None or group.electric_kw is None:
        return None
    return group.heat_kw + group.electric_kw * (group.count or 0)


def _hall(
    loads: pl.DataFrame, number: int, conditions: Conditions, counts: tuple[int | None, int | None], prefix: str
) -> HallCooling:
    sums = {name: column_total(loads[name]) for name in _SUMS}
    name = f"{prefix}-h{number:02d}"
    cdus = _cdus(loads, number, conditions, counts[0], name)
    to_room = total([0.0 if group.water else group.room_kw for group in cdus])
    room_kw = total([sums["room_kw"], to_room])
    air = None
    duty = Duty(f"{name}-air", number, room_kw, given_count=counts[1], leak_zone=None)
    if room_kw is not None and sums["room_airflow_m3_s"] is not None:
        # What liquid-to-air units blow into the room passes the air units with the racks' own air.
        extra = airflow_m3_s(to_room or 0.0, conditions.air.rise_k or 12.0, conditions.density_ratio)
        air = room_air(
            room_kw,
            sums["room_airflow_m3_s"] + extra,
            conditions.air.supply_c or 24.0,
            bypass_ratio=conditions.air.bypass_ratio or 0.0,
            recirculation_ratio=conditions.air.recirculation_ratio or 0.0,
            density_ratio=conditions.density_ratio,
        )
        rise_k = air.return_c - (conditions.air.supply_c or 24.0)
        duty = replace(duty, airflow_m3_s=air.unit_flow_m3_s, rise_k=rise_k or None)
    unit = conditions.catalog.air_unit(conditions.air.unit or "")
    return HallCooling(
        hall=number,
        liquid_kw=sums["liquid_kw"],
        air_kw=sums["air_kw"],
        flow_lpm=sums["flow_lpm"],
        rack_flow_lpm=sums["rack_flow_lpm"],
        tank_kw=sums["tank_kw"],
        door_kw=sums["door_kw"],
        room_kw=room_kw,
        head_kpa=_head_kpa(loads, conditions),
        return_c=_return_c(sums["liquid_kw"], sums["flow_lpm"], conditions),
        rack_return_c=_rack_return_c(loads, conditions),
        air=air,
        cdus=cdus,
        air_units=technologies.AIR[unit.form](duty, conditions, unit.key),
    )


def _cdus(
    loads: pl.DataFrame, number: int, conditions: Conditions, given: int | None, name: str
) -> tuple[UnitGroup, ...]:
    """CDU groups of a hall."""
    cdu = conditions.catalog.cdu(conditions.loop.cdu or "")
    size = technologies.coolant_size(cdu)
    return tuple(size(duty, conditions, cdu.key) for duty in cdu_duties(loads, number, conditions, given, name))


def cdu_duties(
    loads: pl.DataFrame, number: int, conditions: Conditions, given: int | None, name: str
) -> tuple[Duty, ...]:
    """What the CDU groups of a hall carry: one group, or one a row with racks that have coolant.

    CDUs that the site says a hall has are dealt to its rows in turn.
    """
    parts = [(name, loads)]
    if conditions.loop.group == "row":
        wet = loads.filter((pl.col("liquid_kw") > 0) | pl.col("liquid_kw").is_null())
        parts = [(f"{name}-r{row:02d}", frame) for (row,), frame in wet.group_by("row", maintain_order=True)]
    return tuple(
        Duty(
            group=f"{group}-cdu",
            hall=number,
            heat_kw=column_total(part["liquid_kw"]),
            flow_lpm=column_total(part["flow_lpm"]),
            head_kpa=_head_kpa(part, conditions),
            given_count=None if given is None else len(range(index, given, len(parts))),
            leak_zone=f"{group}-tcs" if conditions.loop.isolation == "hall" else None,
        )
        for index, (group, part) in enumerate(parts)
    )


def _head_kpa(loads: pl.DataFrame, conditions: Conditions) -> float | None:
    """The rack that asks for most at its own flow, and the piping at the loop's.

    Racks are balanced by their valves; what the loop moves beyond their flow passes them by at the head that they need.
    """
    wet = loads.filter(pl.col("liquid_kw") > 0)["rack_dp_kpa"]
    if not len(wet) or wet.null_count() or conditions.loop.piping_dp_kpa is None:
        return None
    most = wet.max()
    assert isinstance(most, float)
    return most + conditions.loop.piping_dp_kpa


def _return_c(heat_kw: float | None, flow_lpm: float | None, conditions: Conditions) -> float | None:
    """Coolant back at the CDUs, mixed: supply + Q / (ρ·cp·V̇), V̇ the loop's flow."""
    if not heat_kw or not flow_lpm or conditions.loop.supply_c is None:
        return None
    return conditions.loop.supply_c + heat_kw / heat_rate_kw_k(flow_lpm, conditions.coolant)


def _rack_return_c(loads: pl.DataFrame, conditions: Conditions) -> float | None:
    """Coolant out of the hottest rack, at its own flow. None: no rack has coolant, or one's heat or flow is unknown."""
    wet = loads.filter((pl.col("liquid_kw") > 0) | pl.col("liquid_kw").is_null())
    per_lpm = wet.select(ratio=pl.col("liquid_kw") / pl.col("rack_flow_lpm"))["ratio"]
    if not len(per_lpm) or per_lpm.null_count() or conditions.loop.supply_c is None:
        return None
    most = per_lpm.max()
    assert isinstance(most, float)
    return conditions.loop.supply_c + most / heat_rate_kw_k(1.0, conditions.coolant)
