"""Facts and assumptions: what is unknown, what nobody decided, what was never read in its source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import polars as pl

from gigasite.catalog.climate_products import Climate
from gigasite.catalog.cooling_products import ImmersionTank, Pump, RearDoor
from gigasite.catalog.models import AirUnit, Confidence, Product
from gigasite.checks.context import Context
from gigasite.checks.cooling import needs_the_outside
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, some
from gigasite.errors import Severity

# Fields of products that no vendor states: they are Gigasite's own choice.
_CHOICES: Final = frozenset({"preference", "reference_architecture"})

declare("PHS101", Severity.ERROR, "The facts that the design needs are known")
declare("PHS102", Severity.ERROR, "A pool's system has known NICs for the roles of its fabrics")

declare("PHS103", Severity.ERROR, "The facts that racking and feeding a switch needs are known")


@check("PHS111", Severity.WARNING, "Every limit of the site can be checked")
def limits_can_be_checked(context: Context) -> Iterator[Hit]:
    halls, racks = context.design.resolved.halls, context.design.resolved.racks
    weight = [n for n, v in (("halls.max_rack_kg", halls.max_rack_kg), ("halls.floor_kpa", halls.floor_kpa)) if v]
    yield from _unchecked(context, "weight_kg", weight)
    yield from _unchecked(context, "it_kw", ["racks.max_kw"] if racks.max_kw else [])
    if context.promises_maintenance:
        supplies = context.tables.feeds.filter(pl.col("supply_kw").is_null()).select("rack")
        pools = context.tables.racks.filter(pl.col("kind") == "pool").join(supplies, on="rack", how="semi")
        for pool in pools["pool"].unique(maintain_order=True):
            yield Hit(
                f"pool {pool}: the supplies of {context.design.pools[pool].system} are unknown, so that the "
                "loss of a feed is checked for its breakers alone",
                "state its supplies or shelves (psu_count, psu_kw) in catalog/ beside the site file, with their source",
                context.pool_at(pool),
            )
    for name, system in context.systems.items():
        if system.liquid_kw and system.tcs_supply_c_max is None and not system.tcs_flow_curve:
            yield Hit(
                f"pool {name}: the warmest coolant that {system.key} accepts is unknown; "
                f"{context.design.cooling.supply_c:g} °C is not checked",
                "state tcs_supply_c_max in catalog/ beside the site file, with its source",
                "cooling.loop.supply_c",
            )
    yield from _unknown_approaches(context)


@check("PHS201", Severity.INFO, "Every setting is decided")
def settings_are_decided(context: Context) -> Iterator[Hit]:
    for setting in context.design.assumptions:
        if not setting.decisive:
            yield Hit(f"assumed {_shown(setting.value)}: {setting.why}", f"set {setting.path}", setting.path)


@check("PHS202", Severity.INFO, "What decides the site is decided")
def decisive_settings_are_decided(context: Context) -> Iterator[Hit]:
    for setting in context.design.assumptions:
        if setting.decisive:
            yield Hit(
                f"assumed {_shown(setting.value)}: {setting.why}; `up` refuses while this is assumed",
                f"set {setting.path}, or call up with --accept-assumptions",
                setting.path,
            )


@check("PHS203", Severity.INFO, "The facts in use were read in their sources")
def facts_were_read_in_their_sources(context: Context) -> Iterator[Hit]:
    for product, at in _products(context):
        unsure: dict[Confidence, list[str]] = defaultdict(list)
        for field, source in product.origins.items():
            if source.confidence in (Confidence.RECALLED, Confidence.ASSUMED) and field not in _CHOICES:
                unsure[source.confidence].append(field)
        if unsure:
            listed = "; ".join(f"{how.value} {some(fields, 6)}" for how, fields in sorted(unsure.items()))
            yield Hit(
                f"{product.key}: {listed}",
                "compare with the vendor's documents, and state what you read in catalog/ beside the site file",
                at,
            )


def _unknown_approaches(context: Context) -> Iterator[Hit]:
    """Water that has to be as cold as a unit needs it, where the unit's approach is unknown."""
    cooling = context.design.cooling
    if not needs_the_outside(context):
        return
    units = [(cooling.cdu, cooling.facility_supply_c is None and cooling.liquid_kw, "the CDUs", "cooling.loop.cdu")]
    air_unit = context.catalog.air_unit(cooling.air_unit)
    units += [(air_unit.key, _has_no_approach(air_unit) and cooling.air_kw, "the room air", "cooling.air.unit")]
    approach_k = context.design.resolved.cooling.outside.approach_k
    for key, unknown, what, at in units:
        if unknown and approach_k is not None:
            yield Hit(
                f"the approach of {key} is unknown; the heat rejection, which has no chiller, is judged on the extreme "
                f"day by the {approach_k:g} K assumed for the water that {what} need{'s' if 'air' in what else ''}",
                "state approach_k in catalog/ beside the site file, with its source, or add a trim-chiller",
                at,
            )


def _has_no_approach(unit: AirUnit) -> bool:
    """Of a unit that needs water: air conditioners have condensers of their own."""
    return unit.approach_k is None and unit.form != "crac"


def _unchecked(context: Context, column: str, limits: list[str]) -> Iterator[Hit]:
    unknown = context.tables.racks.filter(pl.col(column).is_null())
    if not limits or not unknown.height:
        return
    for (pool,), group in unknown.group_by("pool", maintain_order=True):
        what = f"pool {pool}" if pool else "the network"
        yield Hit(
            f"{column} of {count(group.height, 'rack')} of {what} is unknown, so that {some(limits)} is not "
            f"checked ({some(group['rack'])})",
            "state the missing fact in catalog/ beside the site file, with its source",
            context.pool_at(pool if isinstance(pool, str) else None),
        )


def _products(context: Context) -> Iterator[tuple[Product, str]]:
    """The catalog products that the design stands on, each once, with what in the site file leads to them."""
    design, catalog = context.design, context.catalog
    resolved = design.resolved
    found: dict[tuple[type[Product], str], tuple[Product, str]] = {}

    def note(product: Product, at: str) -> None:
        found.setdefault((type(product), product.key), (product, at))

    for name, pool in design.pools.items():
        note(context.systems[name], f"{context.pool_at(name)}.system")
        if pool.reference_architecture:
            note(catalog.reference_architecture(pool.reference_architecture), context.pool_at(name))
    for name, fabric in design.fabrics.items():
        for switch in (fabric.switch, fabric.spine_switch, fabric.core_switch):
            if switch:
                note(catalog.switch(switch), context.fabric_at(name))
    for media in context.tables.cables["media"].unique().drop_nulls().sort():
        note(catalog.cable(media), "fabrics")
    if design.cooling.cdu:
        note(catalog.cdu(design.cooling.cdu), "cooling.loop.cdu")
    note(catalog.fluid(design.cooling.fluid), "cooling.loop.fluid")
    if design.cooling.air_unit:
        note(catalog.air_unit(design.cooling.air_unit), "cooling.air.unit")
    if resolved.cooling.facility.fluid:
        note(catalog.fluid(resolved.cooling.facility.fluid), "cooling.facility.fluid")
    if resolved.cooling.facility.pump:
        note(catalog.of(Pump, resolved.cooling.facility.pump), "cooling.facility.pump")
    for spec in resolved.pools:
        if spec.cooling.rear_door:
            note(catalog.of(RearDoor, spec.cooling.rear_door), f"{context.pool_at(spec.name)}.cooling.rear_door")
        if spec.cooling.immersion:
            note(catalog.of(ImmersionTank, spec.cooling.immersion), f"{context.pool_at(spec.name)}.cooling.immersion")
    for way in resolved.cooling.rejection or ():
        note(catalog.heat_rejection(way.value), "cooling.rejection")
    if resolved.racks.feed:
        note(catalog.rack_feed(resolved.racks.feed), "racks.feed")
    if resolved.location.grid:
        note(catalog.grid(resolved.location.grid), "location.grid")
    if resolved.location.climate:
        note(catalog.of(Climate, resolved.location.climate), "location.climate")
    yield from found.values()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "what the design needs" if value is None else str(value)
