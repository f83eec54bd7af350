"""Names of interfaces as an operating system has them, for whole columns of ports."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from gigasite.errors import GigasiteError
from gigasite.render.switch.systems import OperatingSystem, platforms

_FIELD = re.compile(r"\{(\w+)\}")


def interface_names(ports: pl.DataFrame, system: OperatingSystem) -> pl.Series:
    """The name of each port, from the columns model, cage, lane and lane_count.

    Raises GigasiteError where the system's names need facts of a platform that it has none of.
    """
    patterns = system.interfaces
    rows = ports
    if "{index}" in patterns.whole + patterns.split:
        rows = rows.with_columns(index=_lane_index(ports, system))
    rows = rows.with_columns(lane0=pl.col("lane") - 1)
    name = pl.when(pl.col("lane_count") == 1).then(_formatted(patterns.whole)).otherwise(_formatted(patterns.split))
    return rows.select(name.alias("name")).to_series()


def _formatted(pattern: str) -> pl.Expr:
    fields = [pl.col(name) for name in _FIELD.findall(pattern)]
    return pl.format(_FIELD.sub("{}", pattern), *fields)


def _lane_index(ports: pl.DataFrame, system: OperatingSystem) -> pl.Series:
    """Number by which a platform calls each port: that of its first electrical lane, counted as the platform does."""
    index = np.zeros(ports.height, np.int64)
    model = ports["model"].to_numpy()
    cage, lane, split = (ports[name].to_numpy().astype(np.int64) for name in ("cage", "lane", "lane_count"))
    for key in ports["model"].unique(maintain_order=True):
        known = platforms(system.key).get(key)
        if known is None:
            raise GigasiteError(
                f"{system.title} says nothing of the switch {key}",
                hint=f"choose another operating system, or add it to templates/switch/{system.key}/platforms.yaml",
            )
        first = 1
        for run in known["cages"]:
            own = (model == key) & (cage >= first) & (cage < first + run["count"])
            lanes = run["lanes"]
            index[own] = run["name"] + (cage[own] - first) * lanes + (lane[own] - 1) * (lanes // split[own])
            first += run["count"]
    return pl.Series(index)
