"""The floor plan: which hall, row and position each rack gets, so that growth never moves a rack.

The racks of a scalable unit stand side by side in one hall. Racks of the site (spines, cores, storage) take
the first positions of every hall in turn. Pools with an even place in the site file fill the halls from the
front, odd ones from the back; each reserves the room of the size it builds to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gigasite.spec.halls import HallsSpec


@dataclass(frozen=True, slots=True)
class Room:
    """What the scalable units of a pool take up: positions and load of a full one, and how many there will be."""

    pool: str
    positions: int
    kw: float
    build_to_su_count: int
    built_su_count: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Hall (from 0; -1: no place) and first position (from 0) of each scalable unit, up to build_to."""

    hall: NDArray[np.int32]
    position: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Where everything stands."""

    hall_count: int
    rack_positions: int
    units: dict[str, Placed]
    site_hall: NDArray[np.int32]
    site_position: NDArray[np.int32]

    def has_no_room_to_grow(self, pool: str, built: int, build_to: int) -> bool:
        """Whether all that is built has a place, and something of the ultimate size has not."""
        hall = self.units[pool].hall
        return bool((hall[:built] >= 0).all()) and (len(hall) < build_to or bool((hall < 0).any()))

    @property
    def unplaced(self) -> dict[str, int]:
        """Scalable units without a place, by pool."""
        return {pool: int((placed.hall < 0).sum()) for pool, placed in self.units.items()}


def plan_floor(halls: HallsSpec, rooms: list[Room], site_rack_count: int, site_kw: float) -> FloorPlan:
    """Places everything; where count or positions of the halls are open, finds the least that hold it all."""
    limit_kw = halls.it_mw * 1000 if halls.it_mw else float("inf")
    built = [replace(room, build_to_su_count=room.built_su_count) for room in rooms]

    def attempt(count: int, positions: int, wanted: list[Room]) -> FloorPlan:
        return _place(count, positions, limit_kw, wanted, site_rack_count, site_kw)

    if halls.count and halls.rack_positions:
        plan = attempt(halls.count, halls.rack_positions, rooms)
        # Halls too small for the ultimate size still hold what is built, if that fits.
        fits = all(int((plan.units[r.pool].hall[: r.built_su_count] < 0).sum()) == 0 for r in rooms)
        return plan if fits else _better(plan, attempt(halls.count, halls.rack_positions, built), rooms)
    width = sum(room.positions * room.build_to_su_count for room in rooms) + site_rack_count
    if halls.rack_positions:
        count = max(-(-width // halls.rack_positions), 1)
        load = sum(room.kw * room.build_to_su_count for room in rooms) + site_kw
        if np.isfinite(limit_kw):
            count = max(count, int(np.ceil(load / limit_kw)))
        return _first_that_fits(lambda n: attempt(n, halls.rack_positions or 1, rooms), count, 2 * count + 8, 1)
    count = halls.count or 1
    if np.isfinite(limit_kw) and not halls.count:
        load = sum(room.kw * room.build_to_su_count for room in rooms) + site_kw
        count = max(int(np.ceil(load / limit_kw)), 1)
    positions = max(-(-width // count), 1)
    widest = max((room.positions for room in rooms), default=1)
    return _first_that_fits(lambda p: attempt(count, p, rooms), positions, positions + 2 * widest + 2, 1)


def _better(full: FloorPlan, built: FloorPlan, rooms: list[Room]) -> FloorPlan:
    def missing(plan: FloorPlan) -> int:
        return sum(int((plan.units[room.pool].hall[: room.built_su_count] < 0).sum()) for room in rooms)

    return built if missing(built) < missing(full) else full


def _first_that_fits(attempt: Callable[[int], FloorPlan], first: int, last: int, step: int) -> FloorPlan:
    plan = attempt(first)
    for size in range(first + step, last + 1, step):
        if not any(plan.unplaced.values()) and not (plan.site_hall < 0).any():
            break
        plan = attempt(size)
    return plan


@dataclass(slots=True)
class _Hall:
    """Free room of a hall while it fills."""

    front: int
    back: int
    free_kw: float


def _place(
    count: int, positions: int, limit_kw: float, rooms: list[Room], site_racks: int, site_kw: float
) -> FloorPlan:
    kw_each = site_kw / site_racks if site_racks else 0.0
    pair = np.arange(site_racks) // 2  # the two racks of a pair stand side by side
    site_hall = (pair % count).astype(np.int32)
    site_position = (pair // count * 2 + np.arange(site_racks) % 2).astype(np.int32)
    site_hall[site_position >= positions] = -1
    per_hall = np.bincount(site_hall[site_hall >= 0], minlength=count)
    floor = [
        _Hall(min(int(per_hall[h]), positions), positions, limit_kw - float(per_hall[h]) * kw_each)
        for h in range(count)
    ]
    units: dict[str, Placed] = {}
    for index, room in enumerate(rooms):
        from_back = index % 2 == 1
        units[room.pool] = _fill(floor, room, from_back)
    return FloorPlan(count, positions, units, site_hall, site_position)


def _fill(floor: list[_Hall], room: Room, from_back: bool) -> Placed:
    """Goes through the halls once; a hall that a unit does not fit is left for the units of later pools."""
    hall_of = np.full(room.build_to_su_count, -1, np.int32)
    position_of = np.full(room.build_to_su_count, -1, np.int32)
    order = range(len(floor) - 1, -1, -1) if from_back else range(len(floor))
    unit = 0
    for h in order:
        hall = floor[h]
        by_width = (hall.back - hall.front) // room.positions if room.positions else 0
        by_load = int(hall.free_kw / room.kw + 1e-9) if room.kw and np.isfinite(hall.free_kw) else by_width
        n = max(min(by_width, by_load, room.build_to_su_count - unit), 0)
        if not n:
            continue
        steps = np.arange(n) * room.positions
        hall_of[unit : unit + n] = h
        if from_back:
            position_of[unit : unit + n] = hall.back - room.positions - steps
            hall.back -= n * room.positions
        else:
            position_of[unit : unit + n] = hall.front + steps
            hall.front += n * room.positions
        hall.free_kw -= n * room.kw
        unit += n
        if unit == room.build_to_su_count:
            break
    return Placed(hall_of, position_of)


def seats_of_unit(racks_in_su: int, network_racks: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Seats (from 0) of the compute and the network racks within a unit: the switches stand in the middle."""
    half = (racks_in_su + 1) // 2
    compute = np.concatenate((np.arange(half), np.arange(half, racks_in_su) + network_racks))
    return compute.astype(np.int32), (half + np.arange(network_racks)).astype(np.int32)
