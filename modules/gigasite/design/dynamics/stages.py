"""The grid connection by date: which scalable units each step of it carries in the extreme hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design.model import Design


@dataclass(frozen=True, slots=True)
class GridStage:
    """What the connection carries from a date on. Units are whole scalable units, pools in the site's order."""

    date: str
    """As the site file writes it; empty: one figure for all time."""
    available_kw: float
    firm_kw: float
    """Without what the utility may call back."""
    su_counts: Mapping[str, int]
    """Units of each pool that run on all of it, and on the site's own firm generation."""
    firm_su_counts: Mapping[str, int]
    """Units of each pool that run on the firm part and that generation."""
    used_kw: float
    """Draw of these units and of what the whole site shares, in the extreme hour."""


def grid_stages(design: Design, own_kw: float = 0.0) -> tuple[GridStage, ...]:
    """The steps of the connection by date; none where the site names no power or a load is unknown.

    `own_kw`: what the site's own firm generation gives beside the grid on the hottest day, from the first step on.
    A unit draws its racks' load times the whole site's ratio of meter to racks in the extreme hour. Racks that
    belong to no pool (spines, cores, storage) run from the first day.
    """
    power, utility = design.power, design.resolved.power.utility
    if power.utility_kw is None or not power.it_kw or utility.available_mw is None:
        return ()
    given = utility.available_mw
    by_date = dict(sorted(given.items())) if isinstance(given, Mapping) else {"": given}
    factor = power.utility_kw / power.it_kw
    shared_kw, units = _loads(design, factor)
    called_kw = (utility.interruptible_mw or 0.0) * 1000
    stages = []
    for date, mw in by_date.items():
        firm_kw = max(mw * 1000 - called_kw, 0.0)
        counts, used_kw = fitting_units(mw * 1000 + own_kw, shared_kw, units)
        firm, _ = fitting_units(firm_kw + own_kw, shared_kw, units)
        stages.append(GridStage(date, mw * 1000, firm_kw, counts, firm, used_kw))
    return tuple(stages)


def fitting(design: Design, stage: GridStage) -> str:
    """What fits a step of the connection, in words: `15 of 80 scalable units of train, 3 of 4 of serve`."""
    parts: list[str] = []
    for name, count in stage.su_counts.items():
        noun = "" if parts else "scalable units "
        firm = stage.firm_su_counts.get(name, count)
        called = f" ({firm} when the utility calls its part back)" if firm != count else ""
        parts.append(f"{count:,} of {design.pools[name].su_count:,} {noun}of {name}{called}")
    return ", ".join(parts) or "nothing of the pools"


def fitting_units(
    available_kw: float, shared_kw: float, units_kw: Mapping[str, NDArray[np.float64]]
) -> tuple[dict[str, int], float]:
    """Whole units of each pool, in order, that fit after what is shared, and what all of it draws.

    A pool takes as many of its units as fit, first ones first; the next pool gets the rest.
    """
    left_kw = available_kw - shared_kw
    counts: dict[str, int] = {}
    used_kw = shared_kw
    for pool, loads in units_kw.items():
        running = np.cumsum(loads)
        counts[pool] = int(np.searchsorted(running, left_kw * (1 + 1e-9), side="right")) if left_kw > 0 else 0
        taken = float(running[counts[pool] - 1]) if counts[pool] else 0.0
        left_kw -= taken
        used_kw += taken
    return counts, used_kw


def _loads(design: Design, factor: float) -> tuple[float, dict[str, NDArray[np.float64]]]:
    """At the meter: what the site shares, and each unit of each pool."""
    racks = design.tables.racks.with_columns(pl.col("it_kw").fill_null(0.0) * factor)
    shared = float(racks.filter(pl.col("kind") != "pool")["it_kw"].sum())
    units = racks.filter(pl.col("kind") == "pool").group_by("pool", "su").agg(pl.col("it_kw").sum()).sort("pool", "su")
    by_pool = {str(name): frame["it_kw"].to_numpy() for (name,), frame in units.group_by("pool", maintain_order=True)}
    return shared, {name: by_pool[name] for name in design.pools if name in by_pool}
