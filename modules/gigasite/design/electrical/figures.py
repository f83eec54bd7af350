"""What checks and reports ask of a designed chain: fault levels, voltage drops, needs of blocks, phase loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import RackFeed
from gigasite.catalog.power_products import GenerationUnit
from gigasite.design.electrical.blocks import way_loads
from gigasite.design.electrical.ratings import (
    current_a,
    fault_ka,
    fault_mva,
    machine_fault_mva,
    phase_unbalance_ratio,
    single_phase_drop_v,
    transformer_fault_ka,
    voltage_drop_v,
    voltage_factor,
)
from gigasite.design.electrical.sizes import Machine, Power, rating_of_run, run_impedance, ups_input_kw
from gigasite.design.electrical.utility import firm_kw
from gigasite.design.model import Design
from gigasite.design.power import circuit_voltage_v

# NEC chapter 9, table 9: copper of 4 AWG, the conductor of a 60 A circuit, 0.31 ohm for 1,000 ft; other circuits at
# the same current density.
FEED_MILLIOHM_M_AT_60A: Final = 1.02


@dataclass(frozen=True, slots=True)
class FaultLevel:
    """A three-phase fault current where it is highest."""

    element: str
    current_ka: float
    voltage_v: float


@dataclass(frozen=True, slots=True)
class Drop:
    """The voltage lost from the UPS to the end of a rack feed, at the busway where it is most."""

    busway: str
    run_ratio: float
    feed_ratio: float

    @property
    def ratio(self) -> float:
        return self.run_ratio + self.feed_ratio


@dataclass(frozen=True, slots=True)
class BlockNeed:
    """What a block's parts give when it carries `at_racks_kw`."""

    block: str
    at_racks_kw: float
    ups_kw: float
    input_kw: float
    """Of the UPS: what board, transformer and generator give."""


def medium_voltage_fault(design: Design, catalog: Catalog) -> FaultLevel | None:
    """Fault level at the medium-voltage buses; None where nothing limits it.

    Main transformers that feed a bus together add up, in series with the grid: 1/Sk = 1/Sk_grid + uk/(c·S_t). Without
    main transformers it is the grid's own. Generation of the site's own runs in parallel and adds c·S/x″d. Standby
    generators do so for moments only, and motors let go within cycles: both are left out.
    """
    power = Power(design.resolved, catalog)
    utility, own_kv = design.resolved.power.utility, design.resolved.power.transformers.mv_kv
    if own_kv is None:
        return None
    grid = fault_mva(utility.fault_level_ka, utility.voltage_kv or own_kv) if utility.fault_level_ka else None
    main = design.tables.elements.filter(pl.col("kind") == "main-transformer")
    buses = design.tables.elements.filter(pl.col("kind") == "mv-bus")["element"]
    if buses.is_empty():
        return None
    own = own_generation_fault_mva(design, catalog)
    if main.is_empty():
        return FaultLevel(buses[0], fault_ka(grid + own, own_kv * 1000), own_kv * 1000) if grid else None
    ways = design.tables.connections.filter((pl.col("target") == buses[0]) & (pl.col("priority") == 1))
    together = main.join(ways.select(element="source"), on="element", how="semi")
    rated_kva = float(together["rated_kva"].sum())
    impedance = power.main_transformer.impedance_ratio
    factor = voltage_factor(power.electrical)
    current = transformer_fault_ka(
        rated_kva, own_kv * 1000, impedance, source_mva=grid, voltage_factor=factor
    ) + fault_ka(own, own_kv * 1000)
    return FaultLevel(buses[0], current, own_kv * 1000)


def own_generation_fault_mva(design: Design, catalog: Catalog) -> float:
    """What all units of the site's own generation add to a fault at its buses. MVA."""
    power = Power(design.resolved, catalog)
    total = 0.0
    for plant in design.resolved.power.generation:
        unit = catalog.of(GenerationUnit, plant.product or plant.kind.value)
        if plant.delivery == "on-site" and unit.subtransient_reactance_ratio:
            rated_kva = plant.unit_count * plant.unit_kw / (unit.rated_power_factor or 1.0)
            total += machine_fault_mva(
                rated_kva, unit.subtransient_reactance_ratio, voltage_factor=voltage_factor(power.electrical)
            )
    return total


def low_voltage_fault(design: Design, catalog: Catalog) -> FaultLevel | None:
    """Highest fault level at a low-voltage board: its transformer in series with the medium-voltage side."""
    power = Power(design.resolved, catalog)
    above = medium_voltage_fault(design, catalog)
    source_mva = fault_mva(above.current_ka, above.voltage_v / 1000) if above else None
    rows = design.tables.elements.filter(pl.col("kind") == "transformer").sort("rated_kva", descending=True)
    if rows.is_empty():
        return None
    current = transformer_fault_ka(
        float(rows["rated_kva"][0]),
        power.voltage_v,
        power.block_transformer.impedance_ratio,
        source_mva=source_mva,
        voltage_factor=voltage_factor(power.electrical),
    )
    return FaultLevel(str(rows["element"][0]), current, power.voltage_v)


def block_need(block: str, at_racks_kw: float, design: Design, catalog: Catalog) -> BlockNeed:
    """What UPS, board, transformer and generator of a block give for a load at its racks, with the losses behind."""
    power = Power(design.resolved, catalog)
    elements = design.tables.elements
    runs = elements.filter(pl.col("kind") == "busway")
    carried, lost = float(runs["load_kw"].sum()), float(runs["loss_kw"].sum())
    blocks = design.tables.blocks
    mean_kw = carried / max(blocks.filter(pl.col("load_kw") > 0).height, 1)
    # Losses of busways go with the square of the load.
    ratio = lost / carried * at_racks_kw / mean_kw if carried and mean_kw else 0.0
    ups_kw = at_racks_kw * (1 + ratio)
    row = elements.filter((pl.col("kind") == "ups") & (pl.col("block") == block)).row(0, named=True)
    machine = Machine(row["capacity_kw"], row["rated_kva"])
    return BlockNeed(block, at_racks_kw, ups_kw, ups_input_kw(ups_kw, machine, power))


def busway_loads(design: Design) -> pl.DataFrame:
    """Busways with `element, load_kw, worst_kw, capacity_kw, limited_by`: normal, and after the loss of another way."""
    runs = design.tables.elements.filter(pl.col("kind") == "busway").select("element", "capacity_kw", "limited_by")
    return runs.join(way_loads(design.tables.feeds).rename({"source": "element"}), on="element", how="inner")


def largest_drop(design: Design, catalog: Catalog) -> Drop | None:
    """The greatest voltage drop from a UPS to the end of a rack feed, each at its load after the loss of another way.

    ΔU = √3·I·L·(R·cosφ + X·sinφ); a row's load is tapped evenly, so that its end sees half of the row's length.
    """
    site = design.resolved
    power, spread = Power(site, catalog), site.power.distribution
    runs = design.tables.elements.filter(pl.col("kind") == "busway").join(
        busway_loads(design).select("element", "worst_kw"), on="element"
    )
    if runs.is_empty():
        return None
    factor, volts = power.load_power_factor, power.run_voltage_v
    row_m = (site.racks.row_positions or 16) * (site.racks.pitch_m or 0.6)
    length_m = (spread.run_m or 0.0) + row_m / 2
    best: Drop | None = None
    feed = _feed_drop_ratio(design, catalog)
    shapes = runs.group_by("rated_kva", "unit_count", maintain_order=True).agg(
        pl.col("worst_kw").max(), pl.col("element").sort_by("worst_kw").last()
    )
    for row in shapes.iter_rows(named=True):
        r, x = run_impedance(rating_of_run(row["rated_kva"], row["unit_count"], power), power.run)
        phases = power.run_phases
        amperes = current_a(row["worst_kw"] / row["unit_count"], volts, phases=phases, power_factor=factor)
        drop_v = voltage_drop_v if phases == 3 else single_phase_drop_v
        run = drop_v(amperes, length_m, r, x, power_factor=factor) / volts
        if best is None or run + feed > best.ratio:
            best = Drop(row["element"], run, feed)
    return best


def _feed_drop_ratio(design: Design, catalog: Catalog) -> float:
    site = design.resolved
    power, spread = Power(site, catalog), site.power.distribution
    product = catalog.of(RackFeed, site.racks.feed or "nec-60a-3ph")
    feeds = design.tables.feeds.drop_nulls(["load_kw", "breaker_a"])
    if feeds.is_empty():
        return 0.0
    total = pl.col("load_kw").sum().over("rack")
    most = pl.col("load_kw").max().over("rack")
    worst = pl.when(total > most).then(pl.col("load_kw") * total / (total - most)).otherwise("load_kw")
    circuits = feeds.with_columns(kw=worst / pl.col("circuit_count"))
    row = circuits.sort(pl.col("kw") / pl.col("breaker_a"), descending=True).row(0, named=True)
    factor, phases = power.load_power_factor, 1 if power.is_direct_current else product.phases
    across_v = circuit_voltage_v(power.voltage_v, phases, power.electrical)
    if power.is_direct_current:
        across_v = power.run_voltage_v
    given = spread.conductor_milliohm_per_m
    ohms = given or FEED_MILLIOHM_M_AT_60A * 60 / row["breaker_a"]
    amperes = current_a(row["kw"], across_v, phases=phases, power_factor=factor)
    drop = voltage_drop_v if phases == 3 else single_phase_drop_v
    return drop(amperes, spread.feed_m or 0.0, ohms, power_factor=factor) / across_v


def phase_unbalances(design: Design, catalog: Catalog) -> pl.DataFrame:
    """`block, unbalance_ratio` where rack circuits are single-phase: dealt over the phases in turn, in feed order."""
    schema = {"block": pl.String, "unbalance_ratio": pl.Float64}
    product = catalog.of(RackFeed, design.resolved.racks.feed or "nec-60a-3ph")
    if product.phases == 3:
        return pl.DataFrame(schema=schema)
    feeds = design.tables.feeds.drop_nulls(["block", "load_kw"])
    one = pl.col("load_kw") / pl.col("circuit_count")
    circuits = (
        feeds.select("block", kw=one, number=pl.int_ranges(0, pl.col("circuit_count")))
        .explode("number")
        .with_columns(phase=pl.int_range(pl.len()).over("block") % 3)
    )
    rows = []
    for (block,), group in circuits.group_by("block", maintain_order=True):
        sums = dict(group.group_by("phase").agg(pl.col("kw").sum()).iter_rows())
        rows.append({"block": block, "unbalance_ratio": phase_unbalance_ratio([sums.get(p, 0.0) for p in range(3)])})
    return pl.DataFrame(rows, schema=schema)


def firm_generation_kw(design: Design, catalog: Catalog) -> float:
    """What the site's own firm generation gives on the hottest day. kW."""
    power = Power(design.resolved, catalog)
    return float(np.sum([firm_kw(g, power) for g in design.resolved.power.generation if g.delivery == "on-site"]))
