"""Rows, aisles and halls in metres.

Rows stand back to back in pairs: the first row's front faces the wall, rows 1 and 2 share a hot aisle, rows 2
and 3 a cold one. `x` runs along a row from the middle of its first position, `y` across the rows from the
middle of the first row; halls stand side by side along a corridor that runs past their first rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from gigasite.spec.halls import HallsSpec, RacksSpec


@dataclass(frozen=True, slots=True)
class Aisles:
    """Widths of the aisles at the racks' fronts and backs, and the mean pitch of rows that follows."""

    cold_m: float
    hot_m: float
    row_pitch_m: float


def aisles(
    cold_m: float | None, hot_m: float | None, row_pitch_m: float | None, depth_m: float, usual_m: float
) -> Aisles:
    """Completes aisles and pitch from what is given: 2·pitch = 2·depth + cold + hot.

    A pitch alone gives two equal aisles; an aisle that nothing decides has the usual width.
    """
    if row_pitch_m is not None:
        both_m = 2 * (row_pitch_m - depth_m)
        if cold_m is None and hot_m is None:
            cold_m = hot_m = max(both_m / 2, 0.0)
        elif cold_m is None:
            cold_m = max(both_m - (hot_m or 0.0), 0.0)
        elif hot_m is None:
            hot_m = max(both_m - cold_m, 0.0)
    cold = usual_m if cold_m is None else cold_m
    hot = usual_m if hot_m is None else hot_m
    pitch = depth_m + (cold + hot) / 2 if row_pitch_m is None else row_pitch_m
    return Aisles(cold, hot, pitch)


@dataclass(frozen=True, slots=True)
class Rows:
    """The grid of a hall's rack positions."""

    row_positions: int
    pitch_m: float
    row_pitch_m: float
    """Mean distance from row to row."""
    cold_aisle_m: float
    hot_aisle_m: float
    end_aisle_m: float
    """Clear way around the rows."""

    @property
    def depth_m(self) -> float:
        """Depth that the rows are laid out for; never below zero where aisles and pitch contradict each other."""
        return max(self.row_pitch_m - (self.cold_aisle_m + self.hot_aisle_m) / 2, 0.0)

    @property
    def row_length_m(self) -> float:
        return self.row_positions * self.pitch_m

    @property
    def row_step_m(self) -> float:
        """From the first row of a pair to the second, over their hot aisle."""
        return self.depth_m + self.hot_aisle_m

    def row_y_m(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Middle of a row (from 0): pairs of rows two pitches apart, the second behind the first's hot aisle."""
        y: NDArray[np.float64] = (row // 2) * 2 * self.row_pitch_m + (row % 2) * self.row_step_m
        return y

    def row_count(self, rack_positions: int) -> int:
        """Rows that hold these positions."""
        return -(-rack_positions // self.row_positions)

    def length_m(self, rack_positions: int) -> float:
        """Clear length of a hall along its rows, with the way around them."""
        return min(rack_positions, self.row_positions) * self.pitch_m + 2 * self.end_aisle_m

    def width_m(self, rack_positions: int) -> float:
        """Clear width of a hall across its rows: rows, the aisles between them, the way around."""
        count = self.row_count(rack_positions)
        last = float(self.row_y_m(np.array([max(count - 1, 0)], float))[0])
        return last + self.depth_m + 2 * self.end_aisle_m

    def position_m2(self) -> float:
        """Floor of one position with its share of the aisles."""
        return self.pitch_m * self.row_pitch_m


def rows_of(halls: HallsSpec, racks: RacksSpec) -> Rows:
    """The grid of a resolved site."""
    return Rows(
        row_positions=racks.row_positions or 16,
        pitch_m=racks.pitch_m or 0.6,
        row_pitch_m=racks.row_pitch_m or 3.0,
        cold_aisle_m=halls.cold_aisle_m if halls.cold_aisle_m is not None else 1.8,
        hot_aisle_m=halls.hot_aisle_m if halls.hot_aisle_m is not None else 1.8,
        end_aisle_m=halls.end_aisle_m if halls.end_aisle_m is not None else 1.8,
    )


def dead_end_m(row_length_m: float, exit_count: int) -> float:
    """The longest way along an aisle that leads nowhere: the row, where the aisle is open at one end only."""
    return row_length_m if exit_count < 2 else 0.0


def way_out_m(length_m: float, width_m: float, exit_count: int) -> float:
    """The longest way along aisles to an exit; exits stand evenly in both walls at the ends of the rows.

    The farthest place is in the middle of a row, half-way between two exits.
    """
    return length_m / 2 + width_m / (2 * exit_count)


def exits_needed(length_m: float, width_m: float, travel_limit_m: float) -> int | None:
    """The fewest exits in each wall at the ends of the rows; None: rows so long that no number is enough."""
    left_m = travel_limit_m - length_m / 2
    return max(ceil(width_m / 2 / left_m - 1e-9), 1) if left_m > 0 else None
