"""The way of a cable from rack to rack over the trays, in metres.

A tray runs above every row. Trays across the rows lie at both ends of the rows and every so many positions
between. Past the first rows of all halls runs a tray along the corridor, joined to each hall at both ends of its
rows; between storeys a riser leads up in the middle of the building.

- same row: |Δx|
- same hall: |Δx| + |Δy|, and twice the way to the nearest cross tray where none lies between the two
- other hall: each end to the corridor by the nearer end of its row, and along it
- other storey: each end to the riser, and the height between
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigasite.design.shell.geometry import Rows, rows_of
from gigasite.spec.site import SiteSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trays:
    """Where the trays of a building lie."""

    rows: Rows
    cross_every: int
    """Positions between two trays across the rows."""
    gap_m: float
    """From the last position of a hall to the first of the next."""
    halls_per_story: int
    story_height_m: float

    @property
    def front_m(self) -> float:
        """From the middle of the first row to the tray along the corridor."""
        return self.rows.depth_m / 2 + self.rows.end_aisle_m

    @property
    def hall_pitch_m(self) -> float:
        return self.rows.row_length_m + self.gap_m

    @property
    def riser_x_m(self) -> float:
        """The riser stands in the middle of the corridor."""
        return ((self.halls_per_story - 1) * self.hall_pitch_m + self.rows.row_length_m - self.rows.pitch_m) / 2

    def hall_column(self, hall: Floats) -> Floats:
        """Place of a hall (from 0) along its corridor, from 0."""
        column: Floats = hall % self.halls_per_story
        return column

    def hall_story(self, hall: Floats) -> Floats:
        story: Floats = hall // self.halls_per_story
        return story


@dataclass(frozen=True, slots=True)
class Places:
    """Where racks stand: hall and row from 0, x and y in metres; NaN throughout for what has no place."""

    hall: Floats
    row: Floats
    x_m: Floats
    y_m: Floats


def trays_of(site: SiteSpec, hall_count: int) -> Trays:
    """The trays of a resolved site."""
    stories = site.shell.building.stories or 1
    return Trays(
        rows=rows_of(site.halls, site.racks),
        cross_every=site.racks.cross_tray_positions or 8,
        gap_m=site.halls.gap_m if site.halls.gap_m is not None else 10.0,
        halls_per_story=max(-(-hall_count // stories), 1),
        story_height_m=site.shell.building.story_height_m or 0.0,
    )


def cross_trays_around(local_x_m: Floats, trays: Trays) -> tuple[Floats, Floats]:
    """The cross trays before and behind a place in its row; `local_x_m` from the middle of the first position."""
    step_m = trays.cross_every * trays.rows.pitch_m
    first_m = -trays.rows.pitch_m / 2
    before = first_m + np.floor((local_x_m - first_m) / step_m) * step_m
    return before, np.minimum(before + step_m, first_m + trays.rows.row_length_m)


def route_m(places: Places, a: NDArray[np.integer], b: NDArray[np.integer], trays: Trays) -> Floats:
    """Length along the trays between the racks of rows `a` and `b` of `places`; NaN where one has no place.

    Symmetric; never shorter than |Δx| + |Δy| within a storey's hall; a metric, as shortest ways are.
    """
    start = trays.hall_column(places.hall) * trays.hall_pitch_m
    before, behind = cross_trays_around(places.x_m - start, trays)
    before, behind = before + start, behind + start
    x_a, x_b = places.x_m[a], places.x_m[b]
    across = np.abs(x_a - x_b)
    route = across + np.abs(places.y_m[a] - places.y_m[b])
    near = places.hall[a] == places.hall[b]
    # Between the same two cross trays, and not in one row: to the nearer of them and back.
    aside = np.flatnonzero(near & (before[a] == before[b]) & (places.row[a] != places.row[b]))
    low, high = np.minimum(x_a[aside], x_b[aside]), np.maximum(x_a[aside], x_b[aside])
    within = a[aside]
    route[aside] += 2 * np.minimum(low - before[within], behind[within] - high)
    far = np.flatnonzero(~near)
    out = places.y_m + trays.front_m
    route[far] = across[far] + out[a[far]] + out[b[far]]
    story = trays.hall_story(places.hall)
    up = far[story[a[far]] != story[b[far]]]
    if len(up):
        to_riser = _to_riser_m(places, start, trays)
        levels = np.abs(story[a[up]] - story[b[up]])
        route[up] = to_riser[a[up]] + to_riser[b[up]] + levels * trays.story_height_m
    return route


def _to_riser_m(places: Places, start: Floats, trays: Trays) -> Floats:
    """To the corridor by the better end of the row, then along the corridor to the riser."""
    half_m = trays.rows.pitch_m / 2
    ends = (start - half_m, start - half_m + trays.rows.row_length_m)
    by_end = [np.abs(places.x_m - end) + np.abs(end - trays.riser_x_m) for end in ends]
    to_riser: Floats = np.minimum(*by_end) + places.y_m + trays.front_m
    return to_riser


def cable_m(run_m: Floats, slack_ratio: float, end_slack_m: float, step_m: float = 0.5) -> Floats:
    """Length to order: run · (1 + slack) + 2 · slack at each end, rounded up to a step."""
    length: Floats = np.ceil((run_m * (1 + slack_ratio) + 2 * end_slack_m) / step_m - 1e-9) * step_m
    return length


def rise_m(tray_height_m: float, rack_height_u: Floats, unit: Floats, unit_m: float = 0.04445) -> Floats:
    """From a port up to the tray: the tray above the rack's middle, and the port's unit below or above that.

    EIA-310: a unit is 44.45 mm. Unknown units or heights (NaN) count as the middle of the rack.
    """
    rise: Floats = np.nan_to_num((rack_height_u / 2 - (unit - 0.5)) * unit_m) + tray_height_m
    return np.maximum(rise, 0.0)
