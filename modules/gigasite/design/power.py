"""Power from the utility to the rack: block sets, the pairing of feeds with blocks, loads, losses."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.design.electrical.ratings import CONTINUOUS_RATIO_NEC, circuit_kw, continuous_ratio, line_to_neutral_v
from gigasite.spec.halls import RacksSpec

__all__ = [
    "CONTINUOUS_RATIO_NEC",
    "Topology",
    "block_name",
    "blocks_for",
    "chain_efficiency",
    "chained",
    "circuit_kw",
    "circuit_voltage_v",
    "continuous_ratio",
    "feed_circuit_kw",
    "feed_letters",
    "pairings",
    "set_of_rack",
    "supplies_by_feed",
    "topology",
]

_X_N_Y_R = re.compile(r"^([2-9])N([1-8])R$")
_CATCHER = re.compile(r"^([1-9])\+([1-3])C$")
LARGEST_TWO_POLE_V = 240.0


@dataclass(frozen=True, slots=True)
class Topology:
    """How blocks back each other up. In a set of `block_count`, `required_count` carry the load.

    `shared_bus`: the blocks of a set feed one bus (N, N+k); otherwise each feed hangs on a block of its own.
    `block_count` is None for N and N+k, whose sets are as large as the load. `catcher_count`: blocks that carry
    nothing until another is lost and its racks are switched over (block redundant); the racks of such a set hang
    on one block each, not on several as in xNyR (distributed redundant).
    """

    name: str
    block_count: int | None
    required_count: int | None
    spare_count: int
    shared_bus: bool
    catcher_count: int = 0


def topology(name: str) -> Topology:
    """Reads N, N+k, 2N, xNyR (`4N3R`: of four blocks any three carry the load) or x+yC (`4+1C`: four and a catcher)."""
    if name == "2N":
        return Topology(name, 2, 1, 1, shared_bus=False)
    match = _X_N_Y_R.match(name)
    if match:
        x, y = int(match.group(1)), int(match.group(2))
        return Topology(name, x, y, x - y, shared_bus=False)
    match = _CATCHER.match(name)
    if match:
        x, y = int(match.group(1)), int(match.group(2))
        return Topology(name, x + y, x, y, shared_bus=False, catcher_count=y)
    spare = int(name[2:]) if name.startswith("N+") else 0
    return Topology(name, None, None, spare, shared_bus=True)


def blocks_for(load_kw: float, unit_kw: float, how: Topology) -> tuple[int, int]:
    """Sets and blocks of one set for a load: N = ceil(load / unit); xNyR: any y of x carry it.

    The general rule of xNyR: no block is loaded above y/x in normal operation.
    """
    if how.block_count is None:
        needed = max(math.ceil(load_kw / unit_kw - 1e-9), 1)
        return 1, needed + how.spare_count
    assert how.required_count is not None
    return max(math.ceil(load_kw / (how.required_count * unit_kw) - 1e-9), 1), how.block_count


def circuit_voltage_v(line_voltage_v: float, phases: int, electrical: str) -> float:
    """Voltage across a rack circuit.

    Three-phase circuits have the line voltage. Single-phase ones run from line to neutral (230, 240, 277 V), but
    under the NEC between two lines where the line voltage is 240 V or less (208, 240 V).
    """
    if phases == 3 or (electrical == "nec" and line_voltage_v <= LARGEST_TWO_POLE_V):
        return line_voltage_v
    return line_to_neutral_v(line_voltage_v)


def feed_circuit_kw(
    racks: RacksSpec, catalog: Catalog, electrical: str, voltage_v: float, power_factor: float = 1.0
) -> tuple[float, float]:
    """Breaker (A) and continuous load (kW) of one rack circuit."""
    assert racks.feed is not None
    feed = catalog.rack_feed(racks.feed)
    breaker_a = racks.breaker_a or feed.breaker_a
    derate = continuous_ratio(electrical, hundred_percent_rated=racks.hundred_percent_rated)
    across_v = circuit_voltage_v(voltage_v, feed.phases, electrical)
    return breaker_a, circuit_kw(
        across_v, breaker_a, phases=feed.phases, derate_ratio=derate, power_factor=power_factor
    )


def chain_efficiency(catalog: Catalog) -> float:
    """From the meter to the rack's input: product of the stages' efficiencies, rack supplies left out."""
    stages = ("mv-transformer", "ups", "pdu")
    return chained([catalog.power_stage(key).efficiency_ratio for key in stages])


def chained(efficiencies: Sequence[float]) -> float:
    """Efficiency of stages one after the other: their product."""
    return math.prod(efficiencies)


def set_of_rack(kw_by_position: NDArray[np.float64], set_count: int) -> NDArray[np.int32]:
    """The set (from 0) of each rack, in floor order: contiguous runs of near equal load."""
    total = kw_by_position.sum()
    if not total or set_count == 1:
        return np.zeros(len(kw_by_position), np.int32)
    middle = np.cumsum(kw_by_position) - kw_by_position / 2
    sets: NDArray[np.int32] = np.minimum(middle * set_count / total, set_count - 1).astype(np.int32)
    return sets


def pairings(block_count: int, feed_count: int, catcher_count: int = 0) -> NDArray[np.int32]:
    """Ways to hang a rack's feeds on the blocks of a set, to be used in turn: shape (ways, feeds).

    All combinations in all rotations, so that a lost block's load falls evenly on the others and feeds with more
    supplies than others load the blocks equally. More feeds than blocks go round. With catchers, each rack hangs
    with all of its feeds on one of the other blocks, in turn.
    """
    if catcher_count:
        return np.repeat(np.arange(block_count - catcher_count, dtype=np.int32)[:, None], feed_count, axis=1)
    if feed_count >= block_count:
        turns = [[(feed + turn) % block_count for feed in range(feed_count)] for turn in range(block_count)]
        return np.array(turns, np.int32)
    combinations = list(itertools.combinations(range(block_count), feed_count))
    ways = [way[turn:] + way[:turn] for turn in range(feed_count) for way in combinations]
    return np.array(ways, np.int32)


def supplies_by_feed(supply_count: int, feed_count: int) -> NDArray[np.int32]:
    """Supplies (PSUs or shelves) that hang on each feed, dealt in turn: 8 on 3 feeds are 3, 3, 2."""
    return np.array([len(range(feed, supply_count, feed_count)) for feed in range(feed_count)], np.int32)


def feed_letters(count: int) -> tuple[str, ...]:
    """A, B, C, …"""
    return tuple("ABCDEFGH"[:count])


def block_name(prefix: str, hall: pl.Expr, power_set: pl.Expr, letter: pl.Expr) -> pl.Expr:
    """`{prefix}-h01-s02-blkA`."""
    return pl.format(
        f"{prefix}-h{{}}-s{{}}-blk{{}}",
        hall.cast(pl.String).str.zfill(2),
        power_set.cast(pl.String).str.zfill(2),
        letter,
    )
