"""What the site promises of its availability, against every loss played through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from gigasite.checks.context import Context
from gigasite.checks.power import after_block_loss
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.power import topology
from gigasite.errors import Severity
from gigasite.spec.site import Availability

_SLACK: Final = 1 + 1e-9

# Where in the site file the size or number of each kind of element is decided.
_AT: Final = {
    "grid-circuit": "power.utility",
    "generation": "power.generation",
    "bess": "power.bess",
    "main-transformer": "power.transformers",
    "mv-bus": "power.transformers",
    "transformer": "power.transformers",
    "generator": "power.generators",
    "ups": "power.ups",
    "busway": "power.distribution",
    "mechanical-board": "power.mechanical",
}
_KINDS: Final = {
    "grid-circuit": "grid circuit",
    "main-transformer": "main transformer",
    "mv-bus": "medium-voltage bus",
    "lv-board": "low-voltage board",
    "ups": "UPS unit",
    "sts": "static transfer unit",
    "bess": "battery storage unit",
    "generation": "generation plant",
    "mechanical-board": "mechanical board",
}


@check("PWR171", Severity.ERROR, "Each element of the power chain can be taken out without stopping a rack")
def every_element_can_be_maintained(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    # Racks that hang on one block, and feeds or supplies too small for the loss of one, have checks of their own;
    # racks behind a catcher hang on one block and outlive it.
    catcher = topology(context.design.power.topology).catcher_count > 0
    stops = _elements(context).filter(pl.col("dark_rack_count" if catcher else "many_path_rack_count") > 0)
    for kind, same in _by_kind(stops):
        order = ["dark_rack_count", "many_path_rack_count"]
        worst = same.sort(order, descending=True, maintain_order=True).row(0, named=True)
        yield Hit(
            f"{_many(same, kind)} cannot be taken out: the loss of {worst['name']} {_damage(worst)}",
            "feed the blocks of a rack on ways of their own, or let another element take over; "
            f"`gigasite whatif SITE --lose {worst['name']}` shows it",
            _AT.get(kind, "power.blocks"),
        )


@check("PWR172", Severity.ERROR, "Cooling takes its heat while any element of the power chain is out")
def cooling_outlives_the_loss_of_an_element(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    elements = _elements(context).select("name", "kind")
    shorts = context.failures.shorts.filter(pl.col("of") == "singles").join(
        elements, on="name", how="inner", maintain_order="left"
    )
    for kind, same in _by_kind(shorts):
        groups = same["group"].unique(maintain_order=True)
        worst = same.sort(pl.col("heat_kw") - pl.col("left_kw"), descending=True, nulls_last=True).row(0, named=True)
        yield Hit(
            f"{_many(same.unique('name', maintain_order=True), kind)} cannot be taken out: without {worst['name']} "
            f"{count(len(groups), 'group')} of the cooling plant {'is' if len(groups) == 1 else 'are'} short: "
            f"{_left(worst)}",
            "spread the units of a group over two boards, or give them an alternate: power.mechanical.redundancy",
            "power.mechanical",
        )


@check("PWR173", Severity.ERROR, "No single fault stops a rack, common causes included")
def no_single_fault_stops_anything(context: Context) -> Iterator[Hit]:
    """Of single elements only interruptions: what they darken, overload or leave short other checks say."""
    if context.design.resolved.standards.availability is not Availability.FAULT_TOLERANT:
        return
    singles = context.failures.singles.filter(pl.col("maintainable") & ~pl.col("tolerated"))
    for kind, same in _by_kind(singles):
        worst = same.sort("interrupted_rack_count", descending=True, maintain_order=True).row(0, named=True)
        yield Hit(
            f"the fault of {_many(same, kind)} interrupts racks: {worst['name']} "
            f"{count(worst['interrupted_rack_count'], 'rack')}, for longer than batteries and supplies bridge",
            "shorten the transfer, or lengthen what bridges it: power.blocks.ups_min",
            _AT.get(kind, "power.blocks"),
        )
    yield from _common_hits(_causes(context))


@check("PWR174", Severity.ERROR, "What is left after the loss of an element carries the load")
def survivors_carry_the_load(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    failures = context.failures
    kinds = failures.singles.select("name", "kind", "block")
    over = failures.overloads.filter(pl.col("of") == "singles").join(
        kinds.rename({"name": "element"}), on="element", how="inner", maintain_order="left"
    )
    # Blocks that their own racks overload after the loss of another block have a check of their own.
    blocks = after_block_loss(context).filter(pl.col("after_kw") > pl.col("unit_kw") * _SLACK)["block"].unique()
    over = over.filter(~pl.col("block").is_in(blocks.implode()).fill_null(value=False))
    for kind, same in _by_kind(over):
        worst = same.sort(pl.col("load_kw") / pl.col("capacity_kw"), descending=True, maintain_order=True)
        first = worst.row(0, named=True)
        names = worst["element"].unique(maintain_order=True)
        yield Hit(
            f"{_named(len(names), kind)} overloaded when something else is lost: without {first['name']}, "
            f"{first['element']} carries {kilowatts(first['load_kw'])} on {kilowatts(first['capacity_kw'])}"
            f" ({some(names)})",
            f"use larger ones, or more: {_AT.get(kind, 'power.blocks')}",
            _AT.get(kind, "power.blocks"),
        )


@check("PWR175", Severity.INFO, "While one element is out for maintenance, another may fail")
def the_next_failure_during_maintenance(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    pairs = context.failures.pairs.pairs
    if pairs.height:
        worst = pairs.row(0, named=True)
        yield Hit(
            f"{count(pairs.height, 'pair')} of elements stop racks together that neither stops alone: while "
            f"{worst['out']} is out, the loss of {worst['lost']} leaves "
            + (
                f"{count(worst['dark_rack_count'], 'rack')} ({worst['dark_gpu_count']:,} GPUs) dark"
                if worst["dark_rack_count"]
                else f"{count(worst['hurt_rack_count'], 'rack')} on feeds or supplies too small"
            ),
            "plan maintenance for hours in which that may be; `gigasite whatif SITE --while NAME --lose NAME` plays it",
            "standards.availability",
        )


@check("PWR176", Severity.INFO, "One event that takes several elements stops no rack")
def common_causes_that_stop_racks(context: Context) -> Iterator[Hit]:
    if context.design.resolved.standards.availability is not Availability.CONCURRENTLY_MAINTAINABLE:
        return
    yield from _common_hits(_causes(context).filter(pl.col("kind") != "utility"))


@check("PWR177", Severity.WARNING, "Racks keep power when the whole grid is lost")
def racks_outlive_the_grid(context: Context) -> Iterator[Hit]:
    if context.design.resolved.standards.availability is not Availability.CONCURRENTLY_MAINTAINABLE:
        return
    failures = context.failures
    grid = failures.commons.filter(~pl.col("tolerated"), pl.col("kind") == "utility")
    if not grid.height:
        circuits = failures.singles.filter(pl.col("kind") == "grid-circuit")
        grid = circuits.filter(~pl.col("tolerated")) if circuits.height == 1 else grid
    yield from _common_hits(grid)


def _causes(context: Context) -> pl.DataFrame:
    """Common causes that stop something; a fire in the racks' own hall stops these whatever feeds them."""
    return context.failures.commons.filter(~pl.col("tolerated"), pl.col("kind") != "hall")


def _common_hits(commons: pl.DataFrame) -> Iterator[Hit]:
    for (kind,), same in commons.group_by("kind", maintain_order=True):
        worst = same.sort("dark_rack_count", "overloaded_count", "short_group_count", descending=True).row(
            0, named=True
        )
        words = {
            "room": (
                "a fire or flood in",
                "room",
                "set the two sides of what backs each other up in rooms of their own",
            ),
            "control": ("a fault of", "control system", "give what backs each other up control systems of their own"),
            "leak": ("a leak in", "leak zone", "divide the plant into more leak zones than it can lose at once"),
        }
        before, noun, hint = words.get(
            str(kind),
            ("the loss of", "grid", "give the site generators, or generation of its own, for all of its load"),
        )
        more = f"; {count(same.height - 1, noun)} more do the like" if same.height > 1 else ""
        yield Hit(
            f"{before} {worst['name']} {_damage(worst)}{more}",
            hint,
            "power.generators" if kind in ("utility", "grid-circuit") else "standards.availability",
        )


def _damage(row: dict[str, Any]) -> str:
    """What a loss does, in words."""
    parts = []
    if row["dark_rack_count"]:
        parts.append(f"leaves {count(row['dark_rack_count'], 'rack')} ({row['dark_gpu_count']:,} GPUs) dark")
    little = max(row["over_feed_rack_count"], row["over_supply_rack_count"])
    if little:
        parts.append(f"leaves {count(little, 'rack')} on feeds or supplies too small")
    if row["overloaded_count"]:
        load, capacity = kilowatts(row["worst_load_kw"]), kilowatts(row["worst_capacity_kw"])
        parts.append(f"puts {load} on {row['worst_overloaded']}, which carries {capacity}")
    if row["short_group_count"]:
        parts.append(f"leaves {count(row['short_group_count'], 'group')} of the cooling plant short")
    if row["interrupted_rack_count"]:
        parts.append(f"interrupts {count(row['interrupted_rack_count'], 'rack')}")
    return ", ".join(parts) or "stops nothing"


def _left(row: dict[str, Any]) -> str:
    if row["required_count"] is not None:
        return f"{row['group']} keeps {row['left_count']} of the {count(row['required_count'], 'unit')} that it needs"
    return f"{row['group']} keeps {kilowatts(row['left_kw'])} for {kilowatts(row['heat_kw'])}"


def _elements(context: Context) -> pl.DataFrame:
    """Single losses of elements, without those of cooling units."""
    failures = context.failures
    return failures.singles.head(len(failures.network.chain.names))


def _by_kind(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for (kind,), same in rows.group_by("kind", maintain_order=True):
        yield str(kind), same


def _many(rows: pl.DataFrame, kind: str) -> str:
    return f"{_named(rows.height, kind)} ({some(rows['name'])})"


def _named(number: int, kind: str) -> str:
    return count(number, _KINDS.get(kind, kind.replace("-", " ")))
