"""Lengths of cables, and the numbers of cables that several links share.

A cable runs from its port up to the tray, along the trays as `shell.paths` says, and down again:
length = run · (1 + slack) + 2 · slack at each end, rounded up to half a metre, and then to the next length that
its kind is sold in. Inside a rack the run is the distance between the units.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design.shell.paths import Places, Trays, cable_m, rise_m, route_m
from gigasite.spec.halls import RacksSpec

_ONE_CABLE = ("fabric", "tier", "cable_key")
UNIT_M = 0.04445  # EIA-310: one rack unit is 44.45 mm
STEP_M = 0.5


def lengths_m(
    places: pl.DataFrame, a: NDArray[np.uint32], b: NDArray[np.uint32], racks: RacksSpec, trays: Trays
) -> NDArray[np.float64]:
    """Length of each link in metres; NaN where an end has no place."""

    def column(name: str) -> NDArray[np.float64]:
        found: NDArray[np.float64] = places[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return found

    unit = column("unit")
    rack = places["rack"].rank("dense").fill_null(0).to_numpy()
    stands = Places(column("hall") - 1, column("row") - 1, column("x_m"), column("y_m"))
    rise = rise_m(racks.tray_height_m or 0.0, column("rack_u"), unit, UNIT_M)
    over_trays = route_m(stands, a, b, trays) + rise[a] + rise[b]
    inside = np.nan_to_num(np.abs(unit[a] - unit[b])) * UNIT_M
    run = np.where((rack[a] == rack[b]) & ~np.isnan(over_trays), inside, over_trays)
    return cable_m(run, racks.slack_ratio or 0.0, racks.end_slack_m or 0.0, STEP_M)


def cable_numbers(links: pl.DataFrame) -> pl.Series:
    """Running numbers, from 1, of neighbouring links with one key in one tier of one fabric."""
    changes = pl.any_horizontal(*(pl.col(name).ne_missing(pl.col(name).shift()) for name in _ONE_CABLE))
    return links.select(cable=(changes | (pl.int_range(pl.len()) == 0)).cum_sum().cast(pl.Int64)).to_series()


def sold_length_m(length_m: NDArray[np.float64], lengths_m: tuple[float, ...]) -> NDArray[np.float64]:
    """The shortest length sold that is long enough; what is longer than all stays as it is, made to order."""
    sold = np.array(sorted(lengths_m))
    place = np.searchsorted(sold, length_m - 1e-9)
    return np.where(place < len(sold), sold[np.minimum(place, len(sold) - 1)], length_m)
