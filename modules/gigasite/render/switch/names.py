"""Names of interfaces as an operating system has them, for whole columns of ports."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.render.switch.platforms import platform_of, platforms
from gigasite.render.switch.systems import OperatingSystem

_FIELD = re.compile(r"\{(\w+)\}")


def interface_names(ports: pl.DataFrame, system: OperatingSystem) -> pl.Series:
    """The name of each port, from the columns model, cage, lane and lane_count.

    Raises GigasiteError where the system's names need facts of a platform that it has none of.
    """
    patterns = system.interfaces
    rows = ports.with_columns(lane0=pl.col("lane") - 1)
    if platforms(system.key):
        lanes, index = _lanes(ports, system)
        first = (ports["lane"].to_numpy().astype(np.int64) - 1) * (lanes // ports["lane_count"].to_numpy())
        rows = rows.with_columns(
            lanes=pl.Series(lanes), serdes=pl.Series(first + 1), index=pl.Series(index + first, dtype=pl.Int64)
        )
    else:
        rows = rows.with_columns(lanes=pl.lit(None, pl.Int64))
    single = patterns.single or patterns.whole
    name = (
        pl.when(pl.col("lanes") == 1)
        .then(_formatted(single))
        .when(pl.col("lane_count") == 1)
        .then(_formatted(patterns.whole))
        .otherwise(_formatted(patterns.split))
    )
    return rows.select(name.alias("name")).to_series()


def serdes_counts(ports: pl.DataFrame, system: OperatingSystem) -> pl.Series:
    """Electrical lanes that each port runs on; null where the system has no facts of platforms."""
    if not platforms(system.key):
        return pl.Series([None] * ports.height, dtype=pl.Int64)
    lanes, _ = _lanes(ports, system)
    return pl.Series(lanes // ports["lane_count"].to_numpy())


def _formatted(pattern: str) -> pl.Expr:
    fields = [pl.col(name) for name in _FIELD.findall(pattern)]
    return pl.format(_FIELD.sub("{}", pattern), *fields)


def _lanes(ports: pl.DataFrame, system: OperatingSystem) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Electrical lanes of the cage that each port is in, and the number that the cage's first lane is called by."""
    lanes, index = np.ones(ports.height, np.int64), np.zeros(ports.height, np.int64)
    model, cage = ports["model"].to_numpy(), ports["cage"].to_numpy().astype(np.int64)
    for key in ports["model"].unique(maintain_order=True):
        platform = platform_of(system.key, key)
        assert platform is not None
        first = 1
        for run in platform.cages:
            own = (model == key) & (cage >= first) & (cage < first + run.count)
            lanes[own] = run.lanes
            index[own] = run.name + (cage[own] - first) * run.lanes
            first += run.count
    return lanes, index
