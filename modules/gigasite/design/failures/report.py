"""Every single loss and every common cause of a design, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from gigasite.design.failures.network import Network, merged_by_hall, network_of
from gigasite.design.failures.outcomes import Bench, Outcomes, bench_of, outcomes, touched_patterns
from gigasite.design.failures.pairs import PairReport, dark_pairs
from gigasite.design.failures.scenarios import (
    Scenario,
    common_causes,
    element_losses,
    losses_of,
    plants_with_spare_units,
    single_losses,
)
from gigasite.design.model import Design

OUTCOME: Final = {
    "dark_rack_count": pl.Int64,
    "dark_node_count": pl.Int64,
    "dark_gpu_count": pl.Int64,
    "over_feed_rack_count": pl.Int64,  # surviving feeds' breakers carry too much
    "over_supply_rack_count": pl.Int64,  # surviving supplies give too little
    "many_path_rack_count": pl.Int64,  # any of these, through feeds from more than one block
    "interrupted_rack_count": pl.Int64,  # power comes back, but later than supplies bridge
    "overloaded_count": pl.Int64,
    "worst_overloaded": pl.String,  # the element above its capacity by the highest ratio
    "worst_load_kw": pl.Float64,
    "worst_capacity_kw": pl.Float64,
    "short_group_count": pl.Int64,  # groups of the cooling plant that no longer take their heat
    "worst_short_group": pl.String,
    "worst_left_kw": pl.Float64,
    "worst_heat_kw": pl.Float64,
}
_RACKS: Final = {
    "dark_rack_count": "dark",
    "dark_node_count": "nodes",
    "dark_gpu_count": "gpus",
    "over_feed_rack_count": "over_feeds",
    "over_supply_rack_count": "over_supplies",
    "many_path_rack_count": "paths",
    "interrupted_rack_count": "gap",
}

_UNHARMED: Final = (
    pl.sum_horizontal(
        "dark_rack_count",
        "over_feed_rack_count",
        "over_supply_rack_count",
        "overloaded_count",
        "short_group_count",
    )
    == 0
)


@dataclass(frozen=True)
class FailureReport:
    """What every single loss and every common cause leaves.

    `singles`: `name` (element or plant unit), `kind`, hall, block, the columns of OUTCOME, and `maintainable`: taken
    out in order it leaves no rack dark or on too little, nothing overloaded and no cooling short. `commons`: `name`,
    `kind` (room, hall, control, utility, leak), `lost_count`, OUTCOME. `tolerated`, in both: as a fault it interrupts
    nothing either. `overloads`: `of` (singles or commons), `name`, `element`, `load_kw`, `capacity_kw`.
    """

    bench: Bench
    singles: pl.DataFrame
    commons: pl.DataFrame
    overloads: pl.DataFrame
    shorts: pl.DataFrame
    """`of`, `name`, `group`, `left_kw`, `heat_kw`, `left_count`, `required_count`."""
    causes: tuple[Scenario, ...]
    spared: frozenset[str]
    """Plants of which the loss of one unit is played, not that of all."""
    unknown_load: bool
    """The load of some rack or unit is unknown: overloads above it can't be told."""

    @property
    def network(self) -> Network:
        return self.bench.network

    @property
    def maintainable(self) -> pl.DataFrame:
        """`name`, `kind`, `maintainable` of every element and unit."""
        return self.singles.select("name", "kind", "maintainable")

    @cached_property
    def touched_racks(self) -> pl.DataFrame:
        """`name` of a single loss, `rack`, `live_bits`: racks that lose a feed; bit f is set where feed f lives."""
        touched = touched_patterns(self.bench, element_losses(self.network, self.spared))
        loads = self.network.loads
        racks = pl.DataFrame(
            {"rack": loads.racks, "pattern": loads.pattern}, schema={"rack": pl.String, "pattern": pl.Int64}
        )
        names = pl.Series("name", self.singles["name"])
        return (
            touched.with_columns(name=names.gather(touched["scenario"]))
            .join(racks, on="pattern", maintain_order="left_right")
            .select("name", "rack", "live_bits")
        )

    @cached_property
    def pairs(self) -> PairReport:
        """What goes dark when one thing fails while another is out: worked out when it is asked for."""
        return dark_pairs(self.network)


def analyse(design: Design) -> FailureReport:
    """Plays every single loss and every common cause through. Empty tables where the design has no elements."""
    network = network_of(design)
    bench = bench_of(network)
    causes = common_causes(network, design.tables)
    spared = plants_with_spare_units(design.tables.elements)
    alone = outcomes(bench, single_losses(network, spared))
    together = outcomes(bench_of(merged_by_hall(network, design.tables.elements)), losses_of(causes))
    single_names = [*network.chain.names, *network.loads.units]
    elements = design.tables.elements.select("element", "hall", "block")
    plant = design.tables.plant
    units = plant.select(name="unit", unit_hall="hall", unit_kind="kind")
    singles = (
        pl.DataFrame(
            {"name": single_names, "kind": [*network.chain.kinds, *[None] * len(network.loads.units)]},
            schema={"name": pl.String, "kind": pl.String},
        )
        .join(elements.rename({"element": "name"}), on="name", how="left", maintain_order="left")
        .join(units, on="name", how="left", maintain_order="left")
        .with_columns(pl.coalesce("hall", "unit_hall").alias("hall"), pl.coalesce("kind", "unit_kind").alias("kind"))
        .drop("unit_hall", "unit_kind")
        .hstack(_outcome_columns(network, alone))
        .with_columns(maintainable=_UNHARMED)
        .with_columns(tolerated=pl.col("maintainable") & (pl.col("interrupted_rack_count") == 0))
    )
    commons = (
        pl.DataFrame(
            {
                "name": [cause.name for cause in causes],
                "kind": [cause.kind for cause in causes],
                "lost_count": [len(cause.elements) + len(cause.units) for cause in causes],
            },
            schema={"name": pl.String, "kind": pl.String, "lost_count": pl.Int64},
        )
        .hstack(_outcome_columns(network, together))
        .with_columns(tolerated=_UNHARMED & (pl.col("interrupted_rack_count") == 0))
    )
    tables = {"singles": (alone, single_names), "commons": (together, [cause.name for cause in causes])}
    return FailureReport(
        bench=bench,
        singles=singles,
        commons=commons,
        overloads=pl.concat([_named_overloads(network, of, *part) for of, part in tables.items()]),
        shorts=pl.concat([_named_shorts(network, of, *part) for of, part in tables.items()]),
        causes=causes,
        spared=spared,
        unknown_load=bool(np.isnan(bench.normal.load_kw).any()),
    )


def _outcome_columns(network: Network, found: Outcomes) -> pl.DataFrame:
    """A row a scenario with the columns of OUTCOME."""
    count = len(found.tallies["dark"])
    racks = {name: found.tallies[tally].round().astype(np.int64) for name, tally in _RACKS.items()}
    frame = pl.DataFrame({"scenario": np.arange(count), **racks})
    over = _with_capacity(network, found.overloads)
    worst = over.sort(pl.col("load_kw") / pl.col("capacity_kw"), descending=True, maintain_order=True)
    by_scenario = worst.group_by("scenario").agg(
        overloaded_count=pl.len().cast(pl.Int64),
        worst_overloaded=pl.col("name").first(),
        worst_load_kw=pl.col("load_kw").first(),
        worst_capacity_kw=pl.col("capacity_kw").first(),
    )
    short = _with_heat(network, found.shorts)
    worst = short.sort(pl.col("heat_kw") - pl.col("left_kw"), descending=True, nulls_last=True, maintain_order=True)
    by_group = worst.group_by("scenario").agg(
        short_group_count=pl.len().cast(pl.Int64),
        worst_short_group=pl.col("name").first(),
        worst_left_kw=pl.col("left_kw").first(),
        worst_heat_kw=pl.col("heat_kw").first(),
    )
    joined = frame.join(by_scenario, on="scenario", how="left", maintain_order="left").join(
        by_group, on="scenario", how="left", maintain_order="left"
    )
    counts = pl.col("overloaded_count", "short_group_count").fill_null(0)
    return joined.with_columns(counts).select([pl.col(name).cast(kind) for name, kind in OUTCOME.items()])


def _with_capacity(network: Network, overloads: pl.DataFrame) -> pl.DataFrame:
    chain = network.chain
    rows = overloads["element"].to_numpy()
    names = pl.Series("name", chain.names, pl.String)
    return overloads.with_columns(
        name=names.gather(overloads["element"]), capacity_kw=pl.Series(chain.capacity_kw[rows], dtype=pl.Float64)
    )


def _with_heat(network: Network, shorts: pl.DataFrame) -> pl.DataFrame:
    loads, rows = network.loads, shorts["group"].to_numpy()
    names = pl.Series("name", loads.groups, pl.String)
    return shorts.with_columns(
        name=names.gather(shorts["group"]),
        heat_kw=pl.Series(loads.group_heat_kw[rows], dtype=pl.Float64).fill_nan(None),
        left_kw=pl.col("left_kw").fill_nan(None),
        required_count=pl.Series(loads.group_required[rows], dtype=pl.Float64).fill_nan(None).cast(pl.Int64),
    )


def _named_overloads(network: Network, of: str, found: Outcomes, names: list[str]) -> pl.DataFrame:
    scenario = pl.Series("scenario", names, pl.String)
    over = _with_capacity(network, found.overloads)
    return over.select(
        of=pl.lit(of),
        name=scenario.gather(over["scenario"]),
        element="name",
        load_kw="load_kw",
        capacity_kw="capacity_kw",
    )


def _named_shorts(network: Network, of: str, found: Outcomes, names: list[str]) -> pl.DataFrame:
    scenario = pl.Series("scenario", names, pl.String)
    short = _with_heat(network, found.shorts)
    columns = ("left_kw", "heat_kw", "left_count", "required_count")
    return short.select(of=pl.lit(of), name=scenario.gather(short["scenario"]), group="name", **{c: c for c in columns})
