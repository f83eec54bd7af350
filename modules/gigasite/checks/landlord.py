"""A landlord's hall: each thing that is given against what the design asks for."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.checks.context import Context
from gigasite.checks.grouping import by_pool, most, racks_of
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.cooling.fluids import heat_rate_kw_k
from gigasite.design.model import HallDesign
from gigasite.design.shell.bodies import rack_bodies
from gigasite.errors import Severity
from gigasite.spec.shell import LandlordSpec
from gigasite.spec.site import Demarcation

_SLACK = 1 + 1e-9
_AT = "shell.landlord"


@check("RCK141", Severity.ERROR, "A landlord's halls feed the IT load")
def landlord_feeds_the_halls(context: Context) -> Iterator[Hit]:
    given = _landlord(context)
    if given is None:
        return
    if given.hall_kw is not None:
        yield from _above(context, given.hall_kw, "it_kw", "hall_kw", "IT load")
    it_kw = context.design.power.it_kw
    if given.site_mw is not None and it_kw is not None and it_kw > given.site_mw * 1000 * _SLACK:
        yield Hit(
            f"racks of {kilowatts(it_kw)}, the landlord gives {kilowatts(given.site_mw * 1000)} in all",
            "contract more power, cap the pools (power_cap_kw), or build fewer racks",
            f"{_AT}.site_mw",
        )


@check("RCK142", Severity.ERROR, "A landlord's feeds carry the racks")
def landlord_feeds_the_racks(context: Context) -> Iterator[Hit]:
    given = _landlord(context)
    if given is None:
        return
    feeds = context.design.resolved.racks.feeds or 1
    if given.feeds is not None and feeds > given.feeds:
        yield Hit(
            f"racks ask for {count(feeds, 'independent feed')}, the landlord gives {given.feeds}",
            "contract more feeds, or plan racks with fewer: racks.feeds",
            f"{_AT}.feeds",
        )
    racks = context.tables.racks
    if given.rack_kw is not None:
        for pool, group in by_pool(racks.filter(pl.col("it_kw") > given.rack_kw * _SLACK)):
            yield Hit(
                f"{racks_of(group, pool)}: {kilowatts(most(group, 'it_kw'))}, the landlord allows "
                f"{kilowatts(given.rack_kw)} a rack ({some(group['rack'])})",
                "contract racks of more power, cap the pool (power_cap_kw), or put fewer nodes in a rack",
                f"{_AT}.rack_kw",
            )
    if given.feed_kw is not None:
        left = max(min(feeds, given.feeds or feeds) - 1, 1) if context.promises_maintenance else feeds
        each = racks.with_columns(feed_kw=pl.col("it_kw") / left)
        for pool, group in by_pool(each.filter(pl.col("feed_kw") > given.feed_kw * _SLACK)):
            how = "with one feed lost" if context.promises_maintenance else "in normal operation"
            yield Hit(
                f"{racks_of(group, pool)}: {kilowatts(most(group, 'feed_kw'))} on a feed {how}, the landlord's carries "
                f"{kilowatts(given.feed_kw)} ({some(group['rack'])})",
                "contract stronger or more feeds, cap the pool (power_cap_kw), or put fewer nodes in a rack",
                f"{_AT}.feed_kw",
            )


@check("RCK143", Severity.ERROR, "A landlord's water is as cold as the coolant distribution asks for")
def landlord_water_is_cold_enough(context: Context) -> Iterator[Hit]:
    given, cooling = _landlord(context), context.design.cooling
    if given is None or given.supply_c is None or not cooling.liquid_kw:
        return
    if cooling.facility_supply_c is None:
        yield Hit(
            f"no source gives the approach of {cooling.cdu}: nobody can tell whether water of {given.supply_c:.1f} °C "
            f"makes coolant of {cooling.supply_c:.1f} °C",
            f"state approach_k with its source in catalog/cdus/{cooling.cdu}.yaml beside the site file",
            f"{_AT}.supply_c",
            Severity.WARNING,
        )
    elif given.supply_c > cooling.facility_supply_c + 1e-9:
        yield Hit(
            f"coolant of {cooling.supply_c:.1f} °C asks for facility water of {cooling.facility_supply_c:.1f} °C, the "
            f"landlord gives {given.supply_c:.1f} °C on the hottest day",
            "contract colder water, raise cooling.loop.supply_c where the systems allow it, or choose a CDU of less "
            "approach: cooling.loop.cdu",
            f"{_AT}.supply_c",
        )


@check("RCK144", Severity.ERROR, "A landlord's water carries the heat of the halls")
def landlord_water_carries_the_heat(context: Context) -> Iterator[Hit]:
    given = _landlord(context)
    if given is None or given.flow_lpm is None:
        return
    if given.supply_c is None or given.return_c is None or given.return_c <= given.supply_c:
        yield from _above(context, given.flow_lpm, "flow_lpm", "flow_lpm", "coolant flow", unit="l/min")
        return
    water = context.catalog.fluid("water")
    heat_kw = heat_rate_kw_k(given.flow_lpm, water) * (given.return_c - given.supply_c)
    for hall in context.design.halls:
        wanted = _water_heat_kw(hall, given)
        if wanted is not None and wanted > heat_kw * _SLACK:
            yield Hit(
                f"{hall.name}: {kilowatts(wanted)} of heat, {given.flow_lpm:,.0f} l/min between {given.supply_c:.1f} "
                f"and {given.return_c:.1f} °C carry {kilowatts(heat_kw)}",
                "contract more flow or a warmer return: shell.landlord.flow_lpm, shell.landlord.return_c",
                f"{_AT}.flow_lpm",
            )


@check("RCK145", Severity.ERROR, "A landlord's floor bears the racks")
def landlord_floor_bears_the_racks(context: Context) -> Iterator[Hit]:
    given = _landlord(context)
    if given is None:
        return
    racks = rack_bodies(context.tables.racks, context.design.resolved, context.catalog)
    if given.max_rack_kg is not None:
        for pool, group in by_pool(racks.filter(pl.col("wet_kg") > given.max_rack_kg * _SLACK)):
            yield Hit(
                f"{racks_of(group, pool)}: {most(group, 'wet_kg'):,.0f} kg with coolant, the landlord allows "
                f"{given.max_rack_kg:,.0f} kg ({some(group['rack'])})",
                "put fewer nodes in a rack (nodes_per_rack of the pool), or contract a stronger floor",
                f"{_AT}.max_rack_kg",
            )
    if given.floor_kpa is not None:
        for pool, group in by_pool(racks.filter(pl.col("foot_kpa") > given.floor_kpa * _SLACK)):
            share_kpa = most(group, "share_kpa")
            yield Hit(
                f"{racks_of(group, pool)}: {most(group, 'foot_kpa'):,.1f} kPa on the rack's own footprint, "
                f"{share_kpa:,.1f} kPa with its share of the aisles, on the landlord's floor of {given.floor_kpa:,.1f} "
                f"kPa ({some(group['rack'])})",
                "agree on plates that spread the load, or contract a stronger floor",
                f"{_AT}.floor_kpa",
                Severity.WARNING if share_kpa <= given.floor_kpa * _SLACK else None,
            )


@check("RCK146", Severity.ERROR, "A landlord's cage has a position for each rack")
def landlord_cage_has_positions(context: Context) -> Iterator[Hit]:
    given = _landlord(context)
    if given is None or given.rack_positions is None:
        return
    over = [hall for hall in context.design.halls if hall.rack_count > given.rack_positions]
    if over:
        worst = max(over, key=lambda hall: hall.rack_count)
        yield Hit(
            f"{count(len(over), 'hall')} with more racks than the cage has positions: {worst.name} holds "
            f"{worst.rack_count} on {given.rack_positions}",
            "contract more positions, or plan more halls: halls.count, halls.rack_positions",
            f"{_AT}.rack_positions",
        )


@check("RCK147", Severity.ERROR, "A landlord's air takes what heat the racks leave in it")
def landlord_air_takes_the_rest(context: Context) -> Iterator[Hit]:
    given = _landlord(context)
    if given is not None and given.air_kw is not None:
        yield from _above(context, given.air_kw, "air_kw", "air_kw", "heat in air")


@check("RCK149", Severity.INFO, "What a landlord gives is told, where there is a landlord")
def landlord_is_told(context: Context) -> Iterator[Hit]:
    given = context.design.resolved.shell.landlord
    stated = {name for name in LandlordSpec.model_fields if getattr(given, name) is not None}
    if context.design.resolved.demarcation is Demarcation.OWN:
        if stated:
            yield Hit(
                f"the building is the site's own, so that nothing is checked against {', '.join(sorted(stated))} of "
                "the landlord",
                "say demarcation: colocation, or leave shell.landlord out",
                _AT,
                Severity.WARNING,
            )
        return
    wanted = ["hall_kw", "feeds", "rack_positions", "max_rack_kg", "air_kw"]
    if context.design.cooling.liquid_kw:
        wanted += ["supply_c", "flow_lpm"]
    missing = [name for name in wanted if name not in stated]
    if missing:
        yield Hit(
            f"nobody says what the landlord gives: {', '.join(missing)}; the design is not checked against them",
            "ask the landlord, and write it down: shell.landlord",
            _AT,
        )


def _landlord(context: Context) -> LandlordSpec | None:
    site = context.design.resolved
    return site.shell.landlord if site.demarcation is Demarcation.COLOCATION else None


def _water_heat_kw(hall: HallDesign, given: LandlordSpec) -> float | None:
    """Heat that facility water takes from a hall: all of it where the landlord's air takes none."""
    if hall.liquid_kw is None or hall.air_kw is None:
        return None
    return hall.liquid_kw + (hall.air_kw if given.air_kw is None else 0.0)


def _above(context: Context, limit: float, field: str, key: str, what: str, unit: str = "kW") -> Iterator[Hit]:
    """Halls that ask for more of `field` than the landlord gives of `key`."""
    asked = {hall.name: getattr(hall, field) for hall in context.design.halls}
    over = {name: value for name, value in asked.items() if value is not None and value > limit * _SLACK}
    if over:
        name = max(over, key=lambda hall: over[hall])
        shown = [kilowatts(v) if unit == "kW" else f"{v:,.0f} {unit}" for v in (over[name], limit)]
        yield Hit(
            f"{count(len(over), 'hall')}: {name} asks for {shown[0]} of {what}, the landlord gives {shown[1]}",
            "contract more, cap the pools (power_cap_kw), or spread the racks over more halls: halls.count",
            f"{_AT}.{key}",
        )
