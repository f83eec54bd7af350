"""The boards that feed pumps, fans and chillers: two of which either carries all, or one."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.design.electrical.parts import Parts
from gigasite.design.electrical.sizes import (
    Machine,
    Power,
    board_for,
    generator_for,
    pump_ups_for,
    transformer_for,
    ups_input_kw,
)


@dataclass(frozen=True, slots=True)
class Boards:
    """The plant with the boards of each unit, what hangs on each element, and the boards' names by side."""

    plant: pl.DataFrame
    direct: pl.DataFrame
    """`element, kw`: normal operation."""
    transformers: pl.DataFrame
    """`element, side`: what hangs on the medium-voltage buses."""


def add_mechanical(parts: Parts, power: Power, plant: pl.DataFrame, estimate_kw: float, prefix: str) -> Boards:
    """Boards for each hall and for the site's heat rejection, each pair no larger than a power block.

    Units are dealt over the sides of their boards in turn. Where no plant is known yet, `estimate_kw` hangs on the
    site's boards.
    """
    both = power.site.power.mechanical.redundancy != "N"
    units = _dealt(plant, power, prefix, both=both)
    if plant.is_empty() and estimate_kw > 0:
        units = _estimated(estimate_kw, power, prefix, both=both)
    if units.is_empty():
        empty = pl.DataFrame(schema={"element": pl.String, "kw": pl.Float64})
        sides = pl.DataFrame(schema={"element": pl.String, "side": pl.String})
        return Boards(plant, empty, sides)
    boards = _boards(units, both=both)
    _add(parts, power, boards)
    direct = units.group_by(element="source").agg(kw=pl.col("normal_kw").sum()).sort("element")
    return Boards(
        plant=plant.drop("source", "alternate").join(
            units.select("unit", "source", "alternate"), on="unit", how="left", maintain_order="left"
        ),
        direct=direct,
        transformers=boards.select(element=pl.format("{}-tx", "board"), side="side"),
    )


def _dealt(plant: pl.DataFrame, power: Power, prefix: str, *, both: bool) -> pl.DataFrame:
    """Units with `pair` (of boards), `side`, `source`, `alternate`, `normal_kw`, `need_kw`."""
    limit_kw = power.site.power.blocks.unit_kw or 2500.0
    normal = pl.col("electric_kw").fill_null(0.0)
    # Those that are left when a unit of their group is lost may run at their most.
    need = pl.max_horizontal(normal, pl.col("electric_max_kw").fill_null(0.0))
    # Rear doors and tanks are groups of one rack each: turns are counted over all units of a kind in a hall.
    place = pl.int_range(pl.len(), dtype=pl.Int32).over("hall", "kind")
    number = ((pl.col("need_kw").cum_sum() - pl.col("need_kw")) / limit_kw).floor().cast(pl.Int32)
    zone = (
        pl.when(pl.col("hall").is_null())
        .then(pl.lit(prefix))
        .otherwise(pl.format(f"{prefix}-h{{}}", pl.col("hall").cast(pl.String).str.zfill(2)))
    )
    side = pl.when((place % 2 == 0) | pl.lit(not both)).then(pl.lit("a")).otherwise(pl.lit("b"))
    dealt = (
        plant.with_columns(
            normal_kw=normal, need_kw=need, zone=zone, side=side, on_ups=pl.col("on_ups").fill_null(False)
        )
        .with_columns(pair=number.over("zone") + 1)
        .with_columns(pair=pl.format("{}-mech-{}", "zone", pl.col("pair").cast(pl.String).str.zfill(2)))
    )
    return _on_boards(dealt, both=both)


def _estimated(estimate_kw: float, power: Power, prefix: str, *, both: bool) -> pl.DataFrame:
    """Stand-ins for a plant that is not known unit by unit: equal parts of its estimate on the site's boards."""
    limit_kw = power.site.power.blocks.unit_kw or 2500.0
    pairs = max(-int(-estimate_kw // limit_kw), 1)
    sides = ["a", "b"] if both else ["a"]
    each_kw = estimate_kw / (pairs * len(sides))
    rows = [
        {"pair": f"{prefix}-mech-{number:02d}", "side": side, "normal_kw": each_kw, "need_kw": each_kw, "on_ups": False}
        for number in range(1, pairs + 1)
        for side in sides
    ]
    frame = pl.DataFrame(rows).with_columns(
        unit=pl.lit(None, pl.String), hall=pl.lit(None, pl.Int32), zone=pl.lit(prefix)
    )
    return _on_boards(frame, both=both)


def _on_boards(units: pl.DataFrame, *, both: bool) -> pl.DataFrame:
    # Units that draw nothing, such as passive rear doors, make no UPS by themselves.
    behind_ups = pl.col("on_ups") & (pl.col("need_kw").filter("on_ups").sum().over("pair") > 0)
    suffix = pl.when(behind_ups).then(pl.lit("-ups")).otherwise(pl.lit(""))
    other = pl.when(pl.col("side") == "a").then(pl.lit("b")).otherwise(pl.lit("a"))
    return units.with_columns(
        source=pl.format("{}-{}{}", "pair", "side", suffix),
        alternate=pl.format("{}-{}{}", "pair", other, suffix) if both else pl.lit(None, pl.String),
    )


def _boards(units: pl.DataFrame, *, both: bool) -> pl.DataFrame:
    """One row a board: `board, pair, side, hall, need_kw, ups_kw`. Either board of a pair carries all of it."""
    pairs = units.group_by("pair", maintain_order=True).agg(
        pl.col("hall").first(),
        need_kw=pl.col("need_kw").filter(~pl.col("on_ups")).sum(),
        ups_kw=pl.col("need_kw").filter("on_ups").sum(),
    )
    sides = pl.DataFrame({"side": ["a", "b"] if both else ["a"]})
    return pairs.join(sides, how="cross").with_columns(board=pl.format("{}-{}", "pair", "side")).sort("board")


def _add(parts: Parts, power: Power, boards: pl.DataFrame) -> None:
    """Elements of each board; boards are few, so each is sized by itself."""
    site, factor = power.site.power, power.mechanical_power_factor
    on_generators = site.mechanical.on_generators is not False and site.generators.location != "site"
    for row in boards.iter_rows(named=True):
        board, common = row["board"], {"hall": row["hall"], "room": row["board"], "is_source": False}
        need_kw = row["need_kw"]
        if row["ups_kw"] > 0:
            ups = pump_ups_for(row["ups_kw"], power)
            need_kw += ups_input_kw(row["ups_kw"], ups, power)
            _one(parts, f"{board}-ups", "ups", ups, site.ups.product, common)
            parts.link(board, f"{board}-ups")
        _one(parts, board, "mechanical-board", board_for(need_kw, factor, power), None, common)
        transformer = transformer_for(need_kw, factor, power)
        _one(parts, f"{board}-tx", "transformer", transformer, site.transformers.block_product, common)
        parts.link(f"{board}-tx", board)
        if on_generators:
            generator = generator_for(need_kw, power)
            own = {**common, "room": f"{board}-gen", "is_source": power.has_fuel}
            _one(parts, f"{board}-gen", "generator", generator, site.generators.product, own)
            parts.link(f"{board}-gen", board, priority=3, transfer_s=site.generators.start_s or 0.0)


def _one(parts: Parts, name: str, kind: str, machine: Machine, product: str | None, common: dict[str, object]) -> None:
    parts.one(
        name,
        kind,
        product=product,
        unit_count=machine.unit_count,
        required_count=machine.required_count,
        capacity_kw=machine.capacity_kw,
        limited_by=machine.limited_by,
        rated_kva=machine.rated_kva,
        **common,
    )
