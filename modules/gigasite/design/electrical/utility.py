"""The site's side of the graph: grid circuits, main transformers, medium-voltage buses, generation, storage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from gigasite.catalog.power_products import GenerationUnit
from gigasite.design.electrical.parts import Parts
from gigasite.design.electrical.ratings import GENERATOR_KW, machine_derate_ratio, next_standard, standard_kva
from gigasite.design.electrical.sizes import Power
from gigasite.spec.generation import GenerationSpec
from gigasite.spec.site import Availability

LARGEST_MAIN_KVA = 100_000  # what still travels by road; larger needs take several
# Uptime Institute, Tier Standard: Topology: what stands by for the grid lasts twelve hours at every tier.
LASTING_H = 12.0


@dataclass(frozen=True, slots=True)
class MainSizes:
    """Main transformers: `required_count` of `count` carry the site."""

    count: int
    required_count: int
    rated_kva: float
    power_factor: float
    """Of what they carry at the design point."""


def bus_names(power: Power, prefix: str) -> tuple[str, ...]:
    """Two medium-voltage buses, or one where the site promises no redundancy."""
    basic = power.site.standards.availability is Availability.BASIC
    return (f"{prefix}-mv-a",) if basic else (f"{prefix}-mv-a", f"{prefix}-mv-b")


def has_main_transformers(power: Power) -> bool:
    """Whether the grid connection lies above the site's own distribution; a site that runs by itself has none."""
    if power.site.power.utility.final_mw == 0:
        return False
    grid_kv, own_kv = power.site.power.utility.voltage_kv, power.site.power.transformers.mv_kv
    return grid_kv is not None and own_kv is not None and grid_kv > own_kv


def main_sizes(need_kw: float, need_kvar: float, power: Power) -> MainSizes:
    """Main transformers for a real and a reactive power at the buses, as given or sized.

    Sized: as few of up to 100 MVA as carry the site, and those that may be lost.
    """
    given = power.site.power.transformers
    derate = max(power.transformer_derate_ratio(power.main_transformer), 1e-3)
    redundancy = given.main_redundancy or "N"
    spare = int(redundancy[2:]) if redundancy.startswith("N+") else 0
    need_kva = math.hypot(need_kw, need_kvar)
    asked = max(need_kva / derate, 1.0)
    if given.main_mva:
        rated = given.main_mva * 1000
        required = max(math.ceil(asked / rated - 1e-9), 1)
    elif given.main_count:
        required = given.main_count // 2 if redundancy == "2N" else given.main_count - spare
        rated = next_standard(asked / max(required, 1), standard_kva(power.electrical))
    else:
        required = max(math.ceil(asked / LARGEST_MAIN_KVA - 1e-9), 1)
        rated = next_standard(asked / required, standard_kva(power.electrical))
    sized = 2 * required if redundancy == "2N" else required + spare
    factor = need_kw / need_kva if need_kva else 1.0
    return MainSizes(given.main_count or sized, max(required, 1), rated, factor)


def firm_kw(generation: GenerationSpec, power: Power) -> float:
    """What a plant of one's own gives whenever it is asked: its required units at this altitude and on the hottest
    day; nothing from sun and wind. kW."""
    unit = power.catalog.of(GenerationUnit, generation.product or generation.kind.value)
    if not unit.is_firm:
        return 0.0
    required = generation.unit_count if generation.required_count is None else generation.required_count
    derate = machine_derate_ratio(power.altitude_m, power.ambient_c, unit.altitude_points, unit.temperature_points)
    return required * generation.unit_kw * derate


def add_site_side(
    parts: Parts, power: Power, prefix: str, main: MainSizes | None, need_kw: float, generator_need_kw: float
) -> None:
    """Everything above the medium-voltage buses, and the buses."""
    site, buses = power.site.power, bus_names(power, prefix)
    own = [g for g in site.generation if g.delivery == "on-site"]
    firm = {g.name: firm_kw(g, power) for g in own}
    available = site.utility.final_mw
    grid_kw = available * 1000 if available is not None else max(need_kw - sum(firm.values()), 0.0)
    for bus in buses:
        parts.one(bus, "mv-bus", room=f"{bus}-room", unit_count=1, required_count=1, is_source=False)
    heads = _circuits(parts, power, prefix)
    if main is not None:
        heads = _main_transformers(parts, power, prefix, heads, main)
    if any(firm.values()):  # a plant beside the grid keeps the buses in parallel with it
        for bus in buses:
            for head in heads:
                parts.link(head, bus, share_ratio=grid_kw / len(heads))
    else:
        _feed_buses(parts, heads, buses, site.transformers.transfer_s or 0.0)
    for plant in own:
        _generation(parts, power, prefix, plant, firm[plant.name], buses)
    if site.generators.location == "site":
        _site_generators(parts, power, prefix, generator_need_kw, buses)
    if site.bess is not None:
        _storage(parts, power, prefix, buses, need_kw)


def add_drops(parts: Parts, power: Power, prefix: str, blocks: pl.DataFrame, boards: pl.DataFrame) -> None:
    """Blocks and mechanical boards on the buses: the sides in turn, the other bus as standby."""
    buses = bus_names(power, prefix)
    # Sets of an odd number of blocks begin on one bus and the next, so that the buses carry alike.
    odd = pl.col("index").max().over("hall", "power_set") % 2
    turn = (
        pl.when((odd == 1) & (pl.col("bus") == pl.col("block"))).then(pl.col("power_set") + pl.col("hall")).otherwise(0)
    )
    sides = pl.concat(
        [
            blocks.select(
                element=pl.format("{}-tx", "block"),
                place=((pl.col("index") - 1 + turn) % len(buses)).cast(pl.Int32),
            ),
            boards.select(
                element="element", place=((pl.col("side") == "b").cast(pl.Int32) % len(buses)).cast(pl.Int32)
            ),
        ]
    )
    transfer_s = power.site.power.transformers.transfer_s or 0.0
    for offset in range(len(buses)):
        bus = ((pl.col("place") + offset) % len(buses)).replace_strict(dict(enumerate(buses)), return_dtype=pl.String)
        parts.connect(
            sides,
            source=bus,
            target=pl.col("element"),
            priority=1 + offset,
            transfer_s=transfer_s if offset else 0.0,
        )


def _circuits(parts: Parts, power: Power, prefix: str) -> list[str]:
    utility = power.site.power.utility
    count = utility.circuits or 2
    required = utility.circuits_required or count
    available = utility.final_mw
    if available == 0:
        return []
    names = [f"{prefix}-grid-c{number}" for number in range(1, count + 1)]
    for name in names:
        parts.one(
            name,
            "grid-circuit",
            room=f"{name}-yard",
            unit_count=1,
            required_count=1,
            capacity_kw=available * 1000 / required if available is not None else None,
            limited_by=None if available is None else f"{available:g} MW over {required} of {count} circuits",
            is_source=True,
        )
    return names


def _main_transformers(parts: Parts, power: Power, prefix: str, circuits: list[str], main: MainSizes) -> list[str]:
    """Main transformers, each reachable from every circuit over the grid connection's busbar."""
    product = power.main_transformer
    derate = power.transformer_derate_ratio(product)
    names = [f"{prefix}-main-t{number}" for number in range(1, main.count + 1)]
    for name in names:
        parts.one(
            name,
            "main-transformer",
            product=product.key,
            room=f"{name}-bay",
            unit_count=1,
            required_count=1,
            capacity_kw=main.rated_kva * derate * main.power_factor,
            limited_by=f"{main.rated_kva / 1000:,.1f} MVA at a power factor of {main.power_factor:.2f}"
            + (f", {derate:.0%} of it at this altitude and on the hottest day" if derate < 1 else ""),
            rated_kva=main.rated_kva,
            is_source=False,
        )
        for circuit in circuits:
            parts.link(circuit, name, share_ratio=1 / len(circuits))
    return names


def _feed_buses(parts: Parts, heads: list[str], buses: tuple[str, ...], transfer_s: float) -> None:
    """Two ways in keep the buses apart, each the other's standby; more run in parallel, in equal shares."""
    for place, bus in enumerate(buses):
        if len(heads) == 2 and len(buses) == 2:
            parts.link(heads[place], bus)
            parts.link(heads[1 - place], bus, priority=2, transfer_s=transfer_s)
        else:
            for head in heads:
                parts.link(head, bus, share_ratio=1 / len(heads))


def _generation(
    parts: Parts, power: Power, prefix: str, plant: GenerationSpec, firm: float, buses: tuple[str, ...]
) -> None:
    """A plant on the site. In normal operation it shares the load with the grid in proportion to what each gives.

    Sun and wind keep no voltage up by themselves: they are no source of the graph.
    """
    name = f"{prefix}-generation-{plant.name}"
    required = plant.unit_count if plant.required_count is None else plant.required_count
    parts.one(
        name,
        "generation",
        product=plant.product or plant.kind.value,
        room=name,
        control=f"{name}-control",
        unit_count=plant.unit_count,
        required_count=required if firm else 0,
        capacity_kw=firm,
        limited_by=f"{required} of {plant.unit_count} x {plant.unit_kw:,.0f} kW at this altitude, on the hottest day"
        if firm
        else "gives nothing for certain",
        rated_kva=plant.unit_count * plant.unit_kw,
        is_source=firm > 0,
    )
    if firm > 0:
        for bus in buses:
            parts.link(name, bus, share_ratio=firm)


def _site_generators(parts: Parts, power: Power, prefix: str, need_kw: float, buses: tuple[str, ...]) -> None:
    """A common plant of standby generators on the buses, one element a set."""
    given = power.site.power.generators
    derate = max(power.generator_derate_ratio, 1e-3)
    unit_kw = given.unit_kw or GENERATOR_KW[-4]
    required = max(math.ceil(need_kw / (unit_kw * derate) - 1e-9), 1)
    redundancy = given.redundancy or "N"
    sized = 2 * required if redundancy == "2N" else required + (int(redundancy[2:]) if "+" in redundancy else 0)
    names = [f"{prefix}-gen-{number:02d}" for number in range(1, (given.count or sized) + 1)]
    for name in names:
        parts.one(
            name,
            "generator",
            product=given.product,
            room=name,
            control=f"{prefix}-gen-control",
            unit_count=1,
            required_count=1,
            capacity_kw=unit_kw * derate,
            limited_by=f"{unit_kw:g} kW" + (f", {derate:.0%} of it on this site" if derate < 1 else ""),
            rated_kva=unit_kw / power.generator.rated_power_factor,
            is_source=power.has_fuel,
        )
        for bus in buses:
            parts.link(name, bus, priority=3, share_ratio=1 / len(names), transfer_s=given.start_s or 0.0)


def _storage(parts: Parts, power: Power, prefix: str, buses: tuple[str, ...], need_kw: float) -> None:
    """Battery storage on the buses.

    It carries them when nothing else does, if it keeps the voltage by itself and lasts as long as fuel must. A smaller
    one bridges until generators run, and is no source: an hour's battery does not stand in for the grid.
    """
    bess = power.site.power.bess
    assert bess is not None
    name = f"{prefix}-bess"
    lasts = bess.grid_forming and bess.energy_kwh >= LASTING_H * need_kw * (1 - 1e-9)
    parts.one(
        name,
        "bess",
        product=bess.product,
        room=name,
        control=f"{name}-control",
        unit_count=1,
        required_count=1,
        capacity_kw=bess.power_kw,
        limited_by=f"converters of {bess.power_kw:,.0f} kW, {bess.energy_kwh:,.0f} kWh"
        + ("" if lasts else ": bridges, and carries the site for no long outage"),
        rated_kva=bess.power_kw,
        is_source=lasts,
    )
    if lasts:
        for bus in buses:
            parts.link(name, bus, priority=4, transfer_s=bess.response_s or 0.0)
