"""The power chain part by part: ratings, generators, UPS, fault levels, voltage drop, the grid connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from gigasite.catalog.power_products import GenerationUnit, Generator, PowerShelf
from gigasite.checks.context import Context
from gigasite.checks.power import after_block_loss
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.electrical.figures import (
    block_need,
    busway_loads,
    firm_generation_kw,
    largest_drop,
    low_voltage_fault,
    medium_voltage_fault,
    phase_unbalances,
)
from gigasite.design.electrical.ratings import current_a, line_to_neutral_v
from gigasite.design.electrical.utility import LASTING_H
from gigasite.errors import Severity
from gigasite.spec.site import Demarcation

_SLACK = 1 + 1e-9
_NOUNS = {"ups": "UPS unit", "lv-board": "low-voltage board", "sts": "static switch", "bess": "battery storage"}
# IEC 62271-1 and IEEE C37.20.2: switchgear up to 38 kV is made for 4,000 A (the most with forced air), and for 63 kA.
LARGEST_BUS_A = 4000.0
LARGEST_FAULT_KA = 63.0
# What systems with a busbar from the room, and with one fed by shelves inside the rack, are made for.
LARGEST_SHELF_BUS_V = 60.0


@check("PWR141", Severity.ERROR, "Every element of the power chain carries its load in normal operation")
def elements_carry_the_normal_load(context: Context) -> Iterator[Hit]:
    elements = context.tables.elements.filter(~pl.col("kind").is_in(["grid-circuit"]))
    over = elements.filter(pl.col("load_kw") > pl.col("capacity_kw") * _SLACK)
    for (kind,), group in over.group_by("kind", maintain_order=True):
        worst = group.sort(pl.col("load_kw") / pl.col("capacity_kw"), descending=True).row(0, named=True)
        noun = _NOUNS.get(str(kind), str(kind).replace("-", " "))
        yield Hit(
            f"{count(group.height, noun)} above the rating in normal operation: "
            f"{worst['element']} gives {kilowatts(worst['load_kw'])} on {kilowatts(worst['capacity_kw'])} "
            f"({worst['limited_by']})",
            f"choose larger ones, or leave their size to the design: {_key_of(str(kind))}",
            _key_of(str(kind)),
        )


def _key_of(kind: str) -> str:
    """The part of the site file that sizes a kind of element."""
    keys = {
        "transformer": "power.transformers.block_mva",
        "main-transformer": "power.transformers.main_mva",
        "generator": "power.generators.unit_kw",
        "ups": "power.ups.module_kw",
        "busway": "power.distribution.rating_a",
        "generation": "power.generation",
        "bess": "power.bess",
    }
    return keys.get(kind, "power.blocks.unit_kw")


@check("PWR142", Severity.ERROR, "Transformer, board and UPS of a block carry it with its losses after another is lost")
def blocks_parts_carry_the_survivor(context: Context) -> Iterator[Hit]:
    parts = context.tables.elements.filter(pl.col("kind").is_in(["transformer", "lv-board", "ups"]))
    for part, need_kw in _short_parts(context, parts):
        yield Hit(
            f"{part['element']} gives {kilowatts(part['capacity_kw'])} ({part['limited_by']}); its block asks for "
            f"{kilowatts(need_kw)} {_when(context)}, losses behind it included",
            f"choose a larger one, or leave its size to the design: {_key_of(part['kind'])}",
            _key_of(part["kind"]),
        )


def _when(context: Context) -> str:
    return "after the loss of another" if context.promises_maintenance else "in normal operation"


def _worst_blocks(context: Context) -> pl.DataFrame:
    """`block, worst_kw`: the most that each block carries at its racks; with another lost where that is promised."""
    blocks = context.tables.blocks.drop_nulls("load_kw").select("block", worst_kw="load_kw")
    if not context.promises_maintenance or blocks.is_empty():
        return blocks
    after = after_block_loss(context).select("block", worst_kw="after_kw").drop_nulls()
    return pl.concat([blocks, after]).group_by("block", maintain_order=True).agg(pl.col("worst_kw").max())


def _short_parts(context: Context, parts: pl.DataFrame) -> Iterator[tuple[dict[str, Any], float]]:
    """The worst part of each kind that its block overloads. Blocks are alike, so the fullest one speaks for all."""
    worst = _worst_blocks(context).filter(pl.col("worst_kw") > 0).sort("worst_kw", descending=True)
    if worst.is_empty():
        return
    block, kw = str(worst["block"][0]), float(worst["worst_kw"][0])
    need = block_need(block, kw, context.design, context.catalog)
    for part in parts.filter(pl.col("block") == block).iter_rows(named=True):
        need_kw = need.ups_kw if part["kind"] == "ups" else need.input_kw
        if need_kw > part["capacity_kw"] * _SLACK:
            yield part, need_kw


@check("PWR143", Severity.ERROR, "The main transformers left carry the site when one is lost")
def main_transformers_survive_the_loss_of_one(context: Context) -> Iterator[Hit]:
    main = context.tables.elements.filter(pl.col("kind") == "main-transformer")
    if main.is_empty() or not context.promises_maintenance:
        return
    need_kw = float(main["load_kw"].sum())
    left_kw = float(main["capacity_kw"].sum()) - float(main["capacity_kw"].max() or 0.0)  # type: ignore[arg-type]
    if need_kw > left_kw * _SLACK:
        yield Hit(
            f"{count(main.height, 'main transformer')} of {main['limited_by'][0]}: with one lost "
            f"{kilowatts(left_kw)} are left, the site draws {kilowatts(need_kw)} through them",
            "choose larger ones or one more: power.transformers.main_mva, power.transformers.main_count",
            "power.transformers",
        )


@check("PWR144", Severity.ERROR, "Generators carry what hangs on them, the cooling included")
def generators_carry_their_load(context: Context) -> Iterator[Hit]:
    generators = context.tables.elements.filter(pl.col("kind") == "generator")
    resolved = context.design.resolved.power
    for part, need_kw in _short_parts(context, generators.drop_nulls("block")):
        yield Hit(
            f"{part['element']} gives {kilowatts(part['capacity_kw'])} ({part['limited_by']}); its block asks for "
            f"{kilowatts(need_kw)} {_when(context)}",
            "choose larger generators, or leave their size to the design: power.generators.unit_kw",
            "power.generators.unit_kw",
        )
    common = generators.filter(pl.col("block").is_null(), pl.col("hall").is_null(), pl.col("level") == 0)
    common = common.filter(~pl.col("element").str.contains("-mech-"))
    utility_kw = context.design.power.utility_kw
    if not common.is_empty() and utility_kw is not None:
        spare = 1 if context.promises_maintenance else 0
        left_kw = float(common["capacity_kw"].sum()) - spare * float(common["capacity_kw"].max() or 0.0)  # type: ignore[arg-type]
        if utility_kw > left_kw * _SLACK:
            lost = "with one lost " if spare else ""
            yield Hit(
                f"{count(common.height, 'generator')} of {common['limited_by'][0]}: {lost}they give "
                f"{kilowatts(left_kw)}, the site draws {kilowatts(utility_kw)}",
                "install more of them: power.generators.count",
                "power.generators",
            )
    if context.promises_maintenance and resolved.mechanical.on_generators is False:
        yield Hit(
            "no generator carries the cooling; without the grid the racks overheat while their power lasts",
            "put the mechanical boards on generators: power.mechanical.on_generators",
            "power.mechanical.on_generators",
        )


@check("PWR145", Severity.ERROR, "Fuel on the site lasts as long as was promised")
def fuel_lasts(context: Context) -> Iterator[Hit]:
    hours = context.design.resolved.power.blocks.generator_h
    if hours is None or hours >= LASTING_H or not context.promises_maintenance or _islands(context):
        return
    yield Hit(
        f"fuel for {hours:g} h at full load; sites of this promise keep {LASTING_H:g} h",
        "store more fuel: power.blocks.generator_h",
        "power.blocks.generator_h",
        None if hours == 0 else Severity.WARNING,
    )


def _islands(context: Context) -> bool:
    """Whether the site's own firm generation carries it without the grid."""
    need_kw = context.design.power.utility_kw
    return need_kw is not None and firm_generation_kw(context.design, context.catalog) >= need_kw


@check("PWR146", Severity.ERROR, "The UPS carries its load until generators do")
def ups_lasts_until_generators_carry(context: Context) -> Iterator[Hit]:
    power = context.design.resolved.power
    if power.blocks.ups_min is None or (power.blocks.generator_h or 0.0) == 0.0 or not context.promises_maintenance:
        return
    start_s, step, ramp = power.generators.start_s, power.generators.step_ratio, power.generators.ramp_ratio_per_s
    if start_s is None or not ramp:
        return
    loaded_s = start_s + max(1 - (step or 0.0), 0.0) / ramp
    has_s = power.blocks.ups_min * 60
    if has_s >= 2 * loaded_s:
        return
    late = has_s < loaded_s
    yield Hit(
        f"the UPS carry {has_s:,.0f} s; generators start in {start_s:g} s and carry full load after {loaded_s:,.0f} s"
        + ("" if late else ": no time for a second start"),
        "longer batteries, or generators that start faster: power.blocks.ups_min, power.generators.start_s",
        "power.blocks.ups_min",
        None if late else Severity.WARNING,
    )


@check("PWR147", Severity.ERROR, "Low-voltage switchgear withstands the fault level where it stands")
def low_voltage_switchgear_withstands(context: Context) -> Iterator[Hit]:
    limit_ka = context.design.resolved.power.distribution.short_circuit_ka
    fault = low_voltage_fault(context.design, context.catalog)
    if limit_ka is not None and fault is not None and fault.current_ka > limit_ka * _SLACK:
        yield Hit(
            f"behind {fault.element} a short circuit drives {fault.current_ka:,.1f} kA at {fault.voltage_v:g} V; the "
            f"switchgear withstands {limit_ka:g} kA",
            "stronger switchgear, smaller transformers or more impedance: power.distribution.short_circuit_ka, "
            "power.transformers.block_mva",
            "power.distribution.short_circuit_ka",
        )


@check("PWR148", Severity.ERROR, "Medium-voltage switchgear withstands the fault level where it stands")
def medium_voltage_switchgear_withstands(context: Context) -> Iterator[Hit]:
    limit_ka = context.design.resolved.power.transformers.mv_short_circuit_ka
    fault = medium_voltage_fault(context.design, context.catalog)
    if limit_ka is not None and fault is not None and fault.current_ka > limit_ka * _SLACK:
        yield Hit(
            f"at {fault.element} a short circuit drives {fault.current_ka:,.1f} kA at {fault.voltage_v / 1000:g} kV; "
            f"the switchgear withstands {limit_ka:g} kA",
            "stronger switchgear, or fewer and smaller main transformers on a bus: "
            "power.transformers.mv_short_circuit_ka",
            "power.transformers.mv_short_circuit_ka",
        )


@check("PWR149", Severity.WARNING, "Racks get their voltage")
def racks_get_their_voltage(context: Context) -> Iterator[Hit]:
    limit = context.design.resolved.power.distribution.voltage_drop_max_ratio
    drop = largest_drop(context.design, context.catalog)
    if limit is not None and drop is not None and drop.ratio > limit * _SLACK:
        yield Hit(
            f"{drop.ratio:.1%} of the voltage is lost from the UPS to the end of a rack feed on {drop.busway} "
            f"({drop.run_ratio:.1%} on the run, {drop.feed_ratio:.1%} on the feed), {limit:.1%} may be",
            "shorter runs, larger conductors or a higher voltage: power.distribution.run_m, "
            "power.distribution.rating_a, power.blocks.rack_voltage_v",
            "power.distribution.voltage_drop_max_ratio",
        )


@check("PWR150", Severity.WARNING, "Single-phase circuits load the three phases alike")
def phases_are_balanced(context: Context) -> Iterator[Hit]:
    limit = context.design.resolved.power.distribution.phase_unbalance_max_ratio
    if limit is None:
        return
    over = phase_unbalances(context.design, context.catalog).filter(pl.col("unbalance_ratio") > limit * _SLACK)
    if over.height:
        worst = over.sort("unbalance_ratio", descending=True).row(0, named=True)
        yield Hit(
            f"{count(over.height, 'block')} with one phase more than {limit:.0%} above the mean when single-phase "
            f"circuits are dealt in turn: {worst['block']} by {worst['unbalance_ratio']:.0%} ({some(over['block'])})",
            "use three-phase feeds, or a number of circuits that three divides: racks.feed",
            "racks.feed",
        )


@check("PWR151", Severity.ERROR, "Generation that the site counts on is there when it is asked for")
def generation_is_firm(context: Context) -> Iterator[Hit]:
    for index, plant in enumerate(context.design.resolved.power.generation):
        unit = context.catalog.of(GenerationUnit, plant.product or plant.kind.value)
        at = f"power.generation[{index}].required_count"
        if plant.required_count and not unit.is_firm:
            yield Hit(
                f"{plant.name} counts on {count(plant.required_count, 'unit')} of {plant.kind.value}, which gives "
                "nothing for hours at a time",
                "count on none of it (required_count: 0), and on the grid, engines or storage for those hours",
                at,
            )
        elif plant.required_count is not None and plant.required_count > plant.unit_count:
            yield Hit(
                f"{plant.name} counts on {count(plant.required_count, 'unit')} and has {plant.unit_count}",
                "install as many as are counted on: unit_count",
                at,
            )


@check("PWR152", Severity.INFO, "The grid connection has a date")
def grid_connection_has_a_date(context: Context) -> Iterator[Hit]:
    available = context.design.resolved.power.utility.available_mw
    if context.design.resolved.demarcation is not Demarcation.OWN or isinstance(available, Mapping):
        return
    if available:
        yield Hit(
            f"the grid gives {available:g} MW, but the file does not say from when",
            "write the dates of energisation: available_mw: {2027-03: 40, 2027-09: 130}",
            "power.utility.available_mw",
        )


@check("PWR153", Severity.ERROR, "Racks that take DC get it")
def racks_get_direct_current(context: Context) -> Iterator[Hit]:
    spread = context.design.resolved.power.distribution
    shelf = context.catalog.of(PowerShelf, spread.shelf_product) if spread.shelf_product else None
    for name, system in context.systems.items():
        if system.power_input != "dc-busbar":
            continue
        if spread.rack_dc_v is None:
            yield Hit(
                f"{system.key} of pool {name} takes DC, and the site brings none",
                "say which: power.distribution.rack_dc_v, and power.distribution.shelf_product below 60 V",
                "power.distribution.rack_dc_v",
            )
        elif spread.rack_dc_v <= LARGEST_SHELF_BUS_V and shelf is None:
            yield Hit(
                f"{system.key} of pool {name} takes {spread.rack_dc_v:g} V DC, and no power shelf makes it",
                "name one: power.distribution.shelf_product",
                "power.distribution.shelf_product",
            )
    if shelf is not None:
        yield from _shelf_suits(context, shelf)


def _shelf_suits(context: Context, shelf: PowerShelf) -> Iterator[Hit]:
    volts = context.design.power.rack_voltage_v
    across_v = volts if shelf.input_is_line_to_line else line_to_neutral_v(volts)
    low, high = shelf.input_v_min, shelf.input_v_max
    if low is not None and high is not None and not low <= across_v <= high:
        how = "line to line" if shelf.input_is_line_to_line else "line to neutral"
        yield Hit(
            f"power shelves {shelf.key} take {low:g} to {high:g} V {how}, the racks get {across_v:.0f} V",
            "choose a voltage that they take: power.blocks.rack_voltage_v",
            "power.distribution.shelf_product",
        )


@check("PWR154", Severity.ERROR, "The promise holds while a utility circuit is maintained")
def utility_circuits_keep_the_promise(context: Context) -> Iterator[Hit]:
    resolved = context.design.resolved
    utility = resolved.power.utility
    if resolved.demarcation is not Demarcation.OWN or not context.promises_maintenance or _islands(context):
        return
    circuits, required = utility.circuits or 1, utility.circuits_required or utility.circuits or 1
    if circuits > required:
        return
    generator = context.catalog.of(Generator, resolved.power.generators.product or "diesel-standby")
    fuel_h = resolved.power.blocks.generator_h or 0.0
    carried = fuel_h >= LASTING_H and resolved.power.mechanical.on_generators is not False
    yield Hit(
        f"{required} of {count(circuits, 'utility circuit')} carry the site, none is spare: while one is out, "
        + (f"all of it runs on {generator.title.lower()}s ({fuel_h:g} h of fuel)" if carried else "nothing carries it"),
        "a further circuit, or firm generation of the site's own: power.utility.circuits, power.generation",
        "power.utility.circuits",
        Severity.WARNING if carried else None,
    )


@check("PWR155", Severity.ERROR, "Busways carry their rows after the loss of another way")
def busways_carry_the_row(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    loads = busway_loads(context.design)
    over = loads.filter(pl.col("worst_kw") > pl.col("capacity_kw") * _SLACK)
    if over.height:
        worst = over.sort(pl.col("worst_kw") / pl.col("capacity_kw"), descending=True).row(0, named=True)
        yield Hit(
            f"{count(over.height, 'busway')} overloaded when another way is lost: {worst['element']} carries "
            f"{kilowatts(worst['worst_kw'])} on {kilowatts(worst['capacity_kw'])} ({worst['limited_by']})",
            "a larger rating, or shorter rows: power.distribution.rating_a, racks.row_positions",
            "power.distribution.rating_a",
        )


@check("PWR156", Severity.WARNING, "Medium-voltage buses are such as switchgear is made for")
def buses_can_be_bought(context: Context) -> Iterator[Hit]:
    resolved, mva = context.design.resolved, context.design.power.utility_mva
    kv = resolved.power.transformers.mv_kv
    if resolved.demarcation is not Demarcation.OWN or kv is None or mva is None:
        return
    hint = (
        "divide the site over several pairs of buses with transformers of their own, or raise power.transformers.mv_kv"
    )
    amperes = current_a(mva * 1000, kv * 1000)
    if amperes > LARGEST_BUS_A * _SLACK:
        when = " when the other is lost" if context.promises_maintenance else ""
        yield Hit(
            f"all of {mva:,.0f} MVA at {kv:g} kV is {amperes:,.0f} A on one bus{when}; medium-voltage switchgear "
            f"is made for up to {LARGEST_BUS_A:,.0f} A",
            hint,
            "power.transformers.mv_kv",
        )
    fault = medium_voltage_fault(context.design, context.catalog)
    if fault is not None and fault.current_ka > LARGEST_FAULT_KA * _SLACK:
        yield Hit(
            f"at {fault.element} a short circuit drives {fault.current_ka:,.0f} kA at {kv:g} kV; medium-voltage "
            f"switchgear is made for up to {LARGEST_FAULT_KA:g} kA",
            hint,
            "power.transformers.mv_kv",
        )
