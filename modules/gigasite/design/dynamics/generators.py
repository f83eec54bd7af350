"""Steps of load on generators, and how long they take to carry the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.dynamics.loads import PoolLoad, SiteLoad
from gigasite.design.dynamics.meter import meter_ratio
from gigasite.design.dynamics.swings import block_load_s
from gigasite.design.model import Design


@dataclass(frozen=True, slots=True)
class GeneratorStep:
    """The hardest step that one generator, or the common plant, meets when the grid is gone."""

    where: str
    """The block, or `site`."""
    rating_kw: float
    """Of the generators that run there."""
    load_kw: float
    step_kw: float
    """Load that comes or goes at once: a job's start or end where nothing slows it, or its swing."""
    job_kw: float
    """Change when the jobs start or end, at once or as a ramp."""
    ramp_s: float | None
    """Time that they are made to take; None: as long as the generators ask."""

    @property
    def step_ratio(self) -> float:
        return self.step_kw / self.rating_kw

    @property
    def load_ratio(self) -> float:
        return self.load_kw / self.rating_kw


def at_once_kw(pool: PoolLoad) -> float | None:
    """The largest change of a pool's load within seconds: its jobs' start where nothing slows it, or their swing."""
    if pool.step_kw is None or pool.swing_kw is None:
        return None
    return max(pool.step_kw if pool.ramp_s == 0 else 0.0, pool.swing_kw)


def generator_steps(design: Design, load: SiteLoad, catalog: Catalog) -> tuple[GeneratorStep, ...]:
    """The steps that generators meet, the hardest first; none where their rating or a pool's draw is unknown.

    Generators behind blocks meet the step of the racks that hang on their block, in normal operation of all blocks;
    blocks on one bus share it. A common plant meets that of the whole site, less what a battery beside it takes.
    """
    spec = design.resolved.power.generators
    by_pool = _by_pool(load)
    if by_pool is None or spec.location is None:
        return ()
    blocks = _by_block(design, by_pool)
    if spec.location == "block":
        rated = blocks.with_columns(rating_kw=_rating(design, spec.unit_kw))
        rows = rated.filter(pl.col("load_kw").is_not_null()).sort(
            pl.col("step_kw") / pl.col("rating_kw"), descending=True, maintain_order=True
        )
        return tuple(
            GeneratorStep(r["block"], r["rating_kw"], r["load_kw"], r["step_kw"], r["job_kw"], _shortest_s(load))
            for r in rows.iter_rows(named=True)
        )
    rating_kw, carried_kw = _common_plant(design), design.power.utility_kw
    if rating_kw is None or carried_kw is None:
        return ()
    seen = meter_ratio(design, catalog, load.step_kw or 0.0)
    step, job = (sum(by_pool[name].to_list()) * seen for name in ("step_kw", "job_kw"))
    bess = design.resolved.power.bess
    step = max(step - (bess.power_kw if bess else 0.0), 0.0)
    return (GeneratorStep("site", rating_kw, carried_kw, step, job, _shortest_s(load)),)


def full_load_s(start_s: float, load_ratio: float, step_ratio: float, ramp_ratio_per_s: float | None) -> float | None:
    """From the loss of the grid until generators carry all: start, first step, ramp; None: the ramp is unknown.

    Blocks take their loads side by side. A load within the first step is taken at once.
    """
    if load_ratio <= step_ratio:
        return start_s
    return None if ramp_ratio_per_s is None else start_s + block_load_s(load_ratio, step_ratio, ramp_ratio_per_s)


def cold_start(
    block_kw: Sequence[float], rating_kw: float, step_ratio: float, ramp_ratio_per_s: float | None
) -> tuple[tuple[int, ...], float | None]:
    """Blocks of each stage in which a common plant picks up a dark site, and the least time from first to last.

    A stage takes the next blocks whose load together is within the plant's step; a block above it stands alone. The
    plant is ready for the next stage when it would have taken the last one as a ramp: load of the stage over rating
    and ramp. None: the ramp is unknown.
    """
    stages: list[int] = []
    loads: list[float] = []
    for kw in block_kw:
        if stages and loads[-1] + kw <= step_ratio * rating_kw * (1 + 1e-9):
            stages[-1] += 1
            loads[-1] += kw
        else:
            stages.append(1)
            loads.append(kw)
    if ramp_ratio_per_s is None or rating_kw <= 0:
        return tuple(stages), None
    return tuple(stages), sum(loads[:-1]) / rating_kw / ramp_ratio_per_s


def _rating(design: Design, unit_kw: float | None) -> pl.Expr:
    """Rating of a block's generators: as the site says, as the power chain was sized, or what the block carries."""
    if unit_kw:
        return pl.lit(unit_kw)
    sized = design.tables.elements.filter(
        pl.col("kind") == "generator", pl.col("block").is_not_null(), pl.col("capacity_kw").is_not_null()
    )
    by_block = dict(sized.group_by("block").agg(pl.col("capacity_kw").sum()).iter_rows())
    return pl.coalesce(
        pl.col("block").replace_strict(by_block or {"": None}, default=None, return_dtype=pl.Float64), "unit_kw"
    )


def _common_plant(design: Design) -> float | None:
    """Rating of a common plant's generators in normal operation: the installed ones less the redundant ones."""
    spec = design.resolved.power.generators
    plant = design.tables.elements.filter(pl.col("kind") == "generator")
    if plant.height and not plant["capacity_kw"].null_count():
        return float(plant["capacity_kw"].sum())
    return None if spec.unit_kw is None or spec.count is None else spec.unit_kw * spec.count


def _by_pool(load: SiteLoad) -> pl.DataFrame | None:
    """Each pool with its step at once and the change of its jobs, also over its design draw."""
    rows = []
    for pool in load.pools:
        once = at_once_kw(pool)
        if once is None or pool.step_kw is None or not pool.design_kw:
            return None
        rows.append((pool.pool, once, pool.step_kw, once / pool.design_kw, pool.step_kw / pool.design_kw))
    columns = ("pool", "step_kw", "job_kw", "step_ratio", "job_ratio")
    schema = {name: pl.String if name == "pool" else pl.Float64 for name in columns}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _by_block(design: Design, by_pool: pl.DataFrame) -> pl.DataFrame:
    """Blocks with `step_kw` and `job_kw` of the racks on them: each feed brings its share of its rack's."""
    systems = pl.DataFrame(
        [(p.name, p.system_kw) for p in design.pools.values()],
        schema={"pool": pl.String, "system_kw": pl.Float64},
        orient="row",
    )
    racks = (
        design.tables.racks.filter(pl.col("kind") == "pool")
        .join(by_pool.select("pool", "step_ratio", "job_ratio"), on="pool")
        .join(systems, on="pool")
        .select(
            "rack",
            "it_kw",
            step_kw=pl.col("system_count") * pl.col("system_kw") * pl.col("step_ratio"),
            job_kw=pl.col("system_count") * pl.col("system_kw") * pl.col("job_ratio"),
        )
    )
    share = pl.col("load_kw") / pl.col("it_kw")
    moved = (
        design.tables.feeds.select("rack", "load_kw", bus="block")
        .join(racks, on="rack")
        .group_by("bus")
        .agg((pl.col("step_kw") * share).sum(), (pl.col("job_kw") * share).sum())
    )
    on_bus = pl.len().over("bus")
    return design.tables.blocks.join(moved, on="bus", how="left", maintain_order="left").with_columns(
        pl.col("step_kw").fill_null(0.0) / on_bus, pl.col("job_kw").fill_null(0.0) / on_bus
    )


def _shortest_s(load: SiteLoad) -> float | None:
    """Time that starting jobs take: the shortest of the synchronous pools; None: as long as is asked."""
    times = [p.ramp_s for p in load.pools if p.step_kw and p.ramp_s is not None]
    return min(times, default=None)
