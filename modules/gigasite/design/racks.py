"""What stands in each rack: nodes in their pools' racks, switches in racks of a scalable unit or of the site.

Units are counted from the bottom, from 1. A rack of switches is filled by height and by the load that its
feeds still carry when one of them is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Fluid, Form
from gigasite.design import names
from gigasite.design.cooling import heat_split, rack_flow_lpm
from gigasite.design.pools import PoolPlan
from gigasite.spec.cooling import LoopSpec
from gigasite.spec.halls import RacksSpec

RACK_COLUMNS = (
    "rack",
    "kind",
    "pool",
    "su",
    "rack_in_su",
    "system",
    "system_count",
    "height_u",
    "used_u",
    "it_kw",
    "liquid_kw",
    "air_kw",
    "flow_lpm",
    "rack_flow_lpm",
    "weight_kg",
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Equipment that goes into a rack: how high, how heavy, how much it draws; None: unknown."""

    height_u: int
    max_kw: float | None
    weight_kg: float | None
    liquid_ratio: float = 0.0


def node_table(plan: PoolPlan, prefix: str) -> pl.DataFrame:
    """The nodes of a pool with their racks: pool, su, slot, rack_in_su, node_in_rack, node, rack, unit."""
    slots = plan.architecture.su_node_count
    counts = np.asarray(plan.node_counts)
    su = np.repeat(np.arange(1, len(counts) + 1), counts)
    first = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
    slot = np.arange(counts.sum()) - np.repeat(first, counts) + 1
    assert counts.max(initial=0) <= slots
    rack_in_su = (slot - 1) // plan.nodes_per_rack + 1
    node_in_rack = (slot - 1) % plan.nodes_per_rack + 1
    unit: NDArray[np.int64] | None
    if plan.system.form is Form.RACK:
        unit = node_in_rack
    else:
        unit = (node_in_rack - 1) * plan.system.height_u + 1 if plan.system.height_u else None
    spare_from = plan.nodes_per_rack - plan.spec.spare_trays_per_rack
    frame = pl.DataFrame(
        {
            "su": su.astype(np.int32),
            "slot": slot.astype(np.int32),
            "rack_in_su": rack_in_su.astype(np.int32),
            "node_in_rack": node_in_rack.astype(np.int32),
            "spare": node_in_rack > spare_from,
        }
    )
    domain = plan.system.scale_up_domain_gpu_count
    nodes_per_domain = max((domain or 0) // plan.system.gpus_per_node, 1)
    return frame.with_columns(
        pool=pl.lit(plan.name),
        gpu_count=pl.lit(plan.system.gpus_per_node, pl.Int32),
        unit=pl.lit(None, pl.Int32) if unit is None else pl.Series(unit.astype(np.int32)),
        rack=names.pool_rack(prefix, plan.name),
    ).with_columns(
        node=names.node(),
        nvlink_domain=_domain(domain, nodes_per_domain, plan, prefix),
    )


def _domain(domain_gpu_count: int | None, nodes_per_domain: int, plan: PoolPlan, prefix: str) -> pl.Expr:
    """The name of a node's domain: of the node, or of the (first) rack that holds it and its number there."""
    if not domain_gpu_count:
        return pl.lit(None, pl.String)
    if nodes_per_domain == 1:
        return names.node()
    if nodes_per_domain > plan.nodes_per_rack:
        racks = -(-nodes_per_domain // plan.nodes_per_rack)
        first = (pl.col("rack_in_su") - 1) // racks * racks + 1
        return pl.format("{}-d1", names.pool_rack(prefix, plan.name, first))
    part = (pl.col("node_in_rack") - 1) // nodes_per_domain + 1
    return pl.format("{}-d{}", pl.col("rack"), part)


def pool_racks(
    plan: PoolPlan, nodes: pl.DataFrame, racks: RacksSpec, loop: LoopSpec, coolant: Fluid | None = None
) -> pl.DataFrame:
    """The racks that hold a pool's nodes, with their load. Unknown facts of the system stay null.

    `coolant`: what fills the loop; that of the systems' flow curves where none is given.
    """
    system = plan.system
    liquid_kw, air_kw = heat_split(system, plan.design_heat_kw)
    flow, own_flow = rack_flow_lpm(system, liquid_kw, loop, coolant)
    per_system = system.node_count
    rack_scale = system.form is Form.RACK
    count = pl.col("system_count")

    def total(value: float | None, offset: float = 0.0) -> pl.Expr:
        return pl.lit(None, pl.Float64) if value is None else count * value + offset

    return (
        nodes.group_by("su", "rack_in_su", "rack", maintain_order=True)
        .agg(system_count=(pl.len().cast(pl.Int32) / per_system).ceil().cast(pl.Int32))
        .with_columns(
            kind=pl.lit("pool"),
            pool=pl.lit(plan.name),
            system=pl.lit(system.key),
            height_u=pl.lit(system.height_u if rack_scale else racks.height_u, pl.Int32),
            used_u=total(system.height_u).cast(pl.Int32),
            it_kw=total(plan.system_kw),
            liquid_kw=total(liquid_kw),
            air_kw=total(air_kw),
            flow_lpm=total(flow),
            rack_flow_lpm=total(own_flow),
            weight_kg=total(system.weight_kg, 0.0 if rack_scale else racks.empty_kg or 0.0),
        )
        .select(RACK_COLUMNS)
    )


def missing_facts(plan: PoolPlan, catalog: Catalog) -> tuple[str, ...]:
    """Facts of the pool's system without which its racks cannot be laid out or fed."""
    wanted = ["max_kw", "weight_kg", "liquid_kw", "air_kw"]
    if plan.system.form is Form.NODE:
        wanted.append("height_u")
    missing = list(catalog.unknown_facts(plan.system, tuple(wanted)))
    if plan.system_kw is not None and "max_kw" in missing:
        missing.remove("max_kw")
    return tuple(missing)


@dataclass(frozen=True, slots=True)
class Filled:
    """Where each of a run of devices goes: rack (from 0) and lowest unit (from 1); and how many racks it takes."""

    rack: NDArray[np.int32]
    unit: NDArray[np.int32]
    rack_count: int


def fill_in_order(shelves: list[tuple[Shelf, int]], usable_u: int, limit_kw: float) -> Filled:
    """Fills racks one after the other with `count` shelves of each kind, by height and load."""
    rack_of: list[NDArray[np.int32]] = []
    unit_of: list[NDArray[np.int32]] = []
    rack, free_u, free_kw = 0, usable_u, limit_kw
    for shelf, count in shelves:
        left = count
        draw = shelf.max_kw or 0.0
        while left:
            fits = min(free_u // shelf.height_u, int(free_kw / draw + 1e-9) if draw else left, left)
            if fits == 0 and free_u == usable_u:  # one device alone is too much for a rack: a check says so
                fits = 1
            if fits:
                first = usable_u - free_u + 1
                rack_of.append(np.full(fits, rack, np.int32))
                unit_of.append((first + np.arange(fits) * shelf.height_u).astype(np.int32))
                free_u -= fits * shelf.height_u
                free_kw -= fits * draw
                left -= fits
            if left:
                rack, free_u, free_kw = rack + 1, usable_u, limit_kw
    none = np.zeros(0, np.int32)
    return Filled(
        np.concatenate(rack_of) if rack_of else none,
        np.concatenate(unit_of) if unit_of else none,
        rack + 1 if rack_of else 0,
    )
