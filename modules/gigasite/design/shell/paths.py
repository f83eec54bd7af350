"""The way of a cable from rack to rack over the trays, in metres.

A tray runs above every row. Trays across the rows lie at both ends of the rows and every so many positions
between. Past the first rows of the halls of a corridor runs a tray, joined to each hall at both ends of its rows. In
the middle of the corridors a spine joins those of a storey, and a riser the storeys.

- same row: |Δx|
- same hall: |Δx| + |Δy|, and twice the way to the nearest cross tray where none lies between the two
- other hall: each end to the corridor by the nearer end of its row, and along it
- other corridor or storey: each end to the spine, the distance between corridors, and the height between storeys
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

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
    halls_per_corridor: int
    story_count: int = 1
    story_height_m: float = 0.0
    wing_pitch_m: float = 0.0
    """From corridor to corridor."""

    @property
    def front_m(self) -> float:
        """From the middle of the first row to the tray along the corridor."""
        return self.rows.depth_m / 2 + self.rows.end_aisle_m

    @property
    def hall_pitch_m(self) -> float:
        return self.rows.row_length_m + self.gap_m

    @property
    def spine_x_m(self) -> float:
        """Spine and riser stand in the middle of the corridors."""
        return ((self.halls_per_corridor - 1) * self.hall_pitch_m + self.rows.row_length_m - self.rows.pitch_m) / 2

    def hall_column(self, hall: Floats) -> Floats:
        """Place of a hall (from 0) along its corridor, from 0."""
        column: Floats = hall % self.halls_per_corridor
        return column

    def hall_story(self, hall: Floats) -> Floats:
        """Storey of a hall: all storeys of a wing are filled before the next wing."""
        story: Floats = hall // self.halls_per_corridor % self.story_count
        return story

    def hall_wing(self, hall: Floats) -> Floats:
        wing: Floats = hall // self.halls_per_corridor // self.story_count
        return wing


@dataclass(frozen=True, slots=True)
class Places:
    """Where racks stand: hall and row from 0, x and y in metres; NaN throughout for what has no place."""

    hall: Floats
    row: Floats
    x_m: Floats
    y_m: Floats


CORRIDOR_M: Final = 200.0
"""Where nobody says how many wings there are, no corridor is longer: trunks keep within their reach."""


def trays_of(site: SiteSpec, hall_count: int, rack_positions: int) -> Trays:
    """The trays of a resolved site with halls of so many positions."""
    building = site.shell.building
    rows = rows_of(site.halls, site.racks)
    gap_m = site.halls.gap_m if site.halls.gap_m is not None else 10.0
    stories = building.stories or 1
    wings = building.wings or wings_needed(hall_count, stories, rows.row_length_m + gap_m)
    return Trays(
        rows=rows,
        cross_every=site.racks.cross_tray_positions or 8,
        gap_m=gap_m,
        halls_per_corridor=max(ceil(hall_count / (stories * wings)), 1),
        story_count=stories,
        story_height_m=building.story_height_m or 0.0,
        wing_pitch_m=rows.width_m(rack_positions) + gap_m,
    )


def wings_needed(hall_count: int, story_count: int, hall_pitch_m: float, corridor_m: float = CORRIDOR_M) -> int:
    """The fewest corridors of a storey that are no longer than the limit, or hold one hall each."""
    per_corridor = max(int(corridor_m / hall_pitch_m), 1)
    return max(ceil(hall_count / (story_count * per_corridor)), 1)


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
    route: Floats = across + np.abs(places.y_m[a] - places.y_m[b])
    near = places.hall[a] == places.hall[b]
    # Between the same two cross trays, and not in one row: to the nearer of them and back.
    aside = np.flatnonzero(near & (before[a] == before[b]) & (places.row[a] != places.row[b]))
    low, high = np.minimum(x_a[aside], x_b[aside]), np.maximum(x_a[aside], x_b[aside])
    within = a[aside]
    route[aside] += 2 * np.minimum(low - before[within], behind[within] - high)
    far = np.flatnonzero(~near)
    wing, story = trays.hall_wing(places.hall), trays.hall_story(places.hall)
    out = places.y_m - wing * trays.wing_pitch_m + trays.front_m
    route[far] = across[far] + out[a[far]] + out[b[far]]
    over = far[(wing[a[far]] != wing[b[far]]) | (story[a[far]] != story[b[far]])]
    if len(over):
        to_spine = _along_corridor_m(places.x_m, start, trays) + out
        ends = a[over], b[over]
        beside = np.abs(wing[ends[0]] - wing[ends[1]]) * trays.wing_pitch_m
        levels = np.abs(story[ends[0]] - story[ends[1]]) * trays.story_height_m
        route[over] = to_spine[ends[0]] + to_spine[ends[1]] + beside + levels
    return route


def _along_corridor_m(x_m: Floats, start: Floats, trays: Trays) -> Floats:
    """To the better end of the row, and from there along the corridor to the spine."""
    half_m = trays.rows.pitch_m / 2
    ends = (start - half_m, start - half_m + trays.rows.row_length_m)
    nearest: Floats = np.minimum(*(np.abs(x_m - end) + np.abs(end - trays.spine_x_m) for end in ends))
    return nearest


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
