"""Load flow over the graph of elements: what each carries and loses, in any state of its sources.

The graph is a tree of supply with standby ways: a live element draws from its live upstream elements of the lowest
priority number, in proportion to their shares. Loads are summed from the racks upwards, level by level; what an
element loses is added to what it draws. All arrays are (elements, cases), so that a year of loads or every loss
of one element is one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LossCurve:
    """Elements that lose after one curve: `loss = rated · interp(output / rated)`."""

    rows: Ints
    rated_kw: Floats
    load_ratios: Floats
    loss_ratios: Floats


@dataclass(frozen=True)
class Chain:
    """Elements and connections as arrays, ready for load flows.

    `loss = no_load + linear·P + square·S² + curve`, kW; P and S are what the element gives. Reactive power: a UPS
    draws its input at a power factor of its own (`input_tan`), a transformer takes `reactance·S²`.
    """

    names: tuple[str, ...]
    level: Ints
    is_source: Bools
    source: Ints
    target: Ints
    priority: Ints
    share: Floats
    no_load_kw: Floats
    linear_ratio: Floats
    square_per_kva: Floats
    reactance_per_kva: Floats
    input_tan: Floats
    """tanφ of what the element draws; NaN: what passes through it."""
    curves: tuple[LossCurve, ...] = ()

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each element."""
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def by_level(self) -> tuple[tuple[Ints, Ints], ...]:
        """Rows of elements, and of the connections into them, for each level from the lowest."""
        top = int(self.level.max(initial=0))
        return tuple(
            (np.flatnonzero(self.level == level), np.flatnonzero(self.level[self.target] == level))
            for level in range(top + 1)
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """What every element carries: shape (elements, cases)."""

    alive: Bools
    load_kw: Floats
    """Output."""
    load_kvar: Floats
    loss_kw: Floats

    @property
    def input_kw(self) -> Floats:
        """What it draws, or makes where it is a source."""
        return self.load_kw + self.loss_kw


def transformer_loss_kw(
    load_kva: float | Floats, rated_kva: float, no_load_loss_kw: float, load_loss_kw: float
) -> float | Floats:
    """Loss of a transformer at its load: P0 + Pk·(S/Sr)² (IEC 60076-1). kW."""
    return no_load_loss_kw + load_loss_kw * (load_kva / rated_kva) ** 2


def ups_loss_points(
    efficiency_points: Sequence[tuple[float, float]], no_load_loss_ratio: float
) -> tuple[Floats, Floats]:
    """Loss over rating at each load ratio, from a published efficiency curve: x·(1/η - 1).

    Made to rise with the load. Beyond full load the last efficiency holds.
    """
    loads = np.array([0.0, *(p[0] for p in efficiency_points)])
    losses = np.array([no_load_loss_ratio, *(p[0] * (1 / p[1] - 1) for p in efficiency_points)])
    loads = np.append(loads, 2 * loads[-1])
    losses = np.append(losses, 2 * losses[-1])
    return loads, np.maximum.accumulate(losses)


def ups_loss_kw(
    load_kw: float, rated_kw: float, efficiency_points: Sequence[tuple[float, float]], no_load_loss_ratio: float
) -> float:
    """Loss of a UPS at its load: linear between the published points, its no-load loss at none. kW."""
    loads, losses = ups_loss_points(efficiency_points, no_load_loss_ratio)
    return rated_kw * float(np.interp(load_kw / rated_kw, loads, losses))


def supply_loss_kw(output_kw: float, rated_kw: float, efficiency_points: Sequence[tuple[float, float]]) -> float:
    """Loss of power supplies or a power shelf at an output: P·(1/η - 1), η linear between the published points. kW."""
    loads, ratios = zip(*efficiency_points, strict=True)
    return output_kw * (1 / float(np.interp(output_kw / rated_kw, loads, ratios)) - 1)


def fuel_l_per_h(output_kw: float, rated_kw: float, fuel_points: Sequence[tuple[float, float]]) -> float:
    """Fuel of a generator at an output, from litres a kWh at published loads. l/h."""
    loads, litres = zip(*fuel_points, strict=True)
    return output_kw * float(np.interp(output_kw / rated_kw, loads, litres))


def live(chain: Chain, working: Bools) -> tuple[Bools, Floats]:
    """Which elements have power, and the part of each target's input over each connection.

    `working`: (elements, cases), False where an element is lost. Returns alive (elements, cases) and shares
    (connections, cases), zero on ways that are not taken.
    """
    cases = working.shape[1]
    alive = working & chain.is_source[:, None]
    shares = np.zeros((len(chain.source), cases))
    for _, ways in chain.by_level[1:]:
        if not len(ways):
            continue
        targets = chain.target[ways]
        up = alive[chain.source[ways]]
        number = np.where(up, chain.priority[ways][:, None].astype(np.float64), np.inf)
        first = np.full((len(alive), cases), np.inf)
        np.minimum.at(first, targets, number)
        reached = np.isfinite(first)
        taken = up & (number == first[targets])
        share = np.where(taken, chain.share[ways][:, None], 0.0)
        total = np.zeros((len(alive), cases))
        np.add.at(total, targets, share)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares[ways] = np.where(share > 0, share / total[targets], 0.0)
        alive |= reached & working
    return alive, shares


def load_flow(chain: Chain, direct_kw: Floats, direct_kvar: Floats | None = None, working: Bools | None = None) -> Flow:
    """Loads and losses of every element under loads that hang on elements.

    `direct_kw`, `direct_kvar`: (elements,) or (elements, cases), what hangs on each element beside other elements.
    `working`: (elements, cases), all where None. What hangs on a dead element is not carried.
    """
    load = np.array(direct_kw, dtype=np.float64, ndmin=2).T if direct_kw.ndim == 1 else direct_kw.astype(np.float64)
    if direct_kvar is None:
        kvar = np.zeros_like(load)
    else:
        kvar = np.array(direct_kvar, dtype=np.float64, ndmin=2).T if direct_kvar.ndim == 1 else direct_kvar.copy()
    if working is None:
        alive_one, shares = live(chain, np.ones((len(chain.names), 1), dtype=bool))
        alive = np.broadcast_to(alive_one, load.shape)
    else:
        alive, shares = live(chain, working)
        if load.shape[1] != alive.shape[1]:
            load, kvar = (np.repeat(a, alive.shape[1], axis=1) for a in (load, kvar))
    load, kvar = np.where(alive, load, 0.0), np.where(alive, kvar, 0.0)
    loss = np.zeros_like(load)
    for rows, ways in reversed(chain.by_level):
        loss[rows] = _losses(chain, rows, load, kvar, alive)
        if len(ways):
            targets = chain.target[ways]
            drawn, reactive = _input(chain, targets, load, kvar, loss)
            np.add.at(load, chain.source[ways], drawn * shares[ways])
            np.add.at(kvar, chain.source[ways], reactive * shares[ways])
    return Flow(alive, load, kvar, loss)


def _losses(chain: Chain, rows: Ints, load: Floats, kvar: Floats, alive: Bools) -> Floats:
    power, square = load[rows], load[rows] ** 2 + kvar[rows] ** 2
    loss = (
        chain.no_load_kw[rows][:, None]
        + chain.linear_ratio[rows][:, None] * power
        + chain.square_per_kva[rows][:, None] * square
    )
    for curve in chain.curves:
        own = np.isin(curve.rows, rows)
        if own.any():
            mine, rated = curve.rows[own], curve.rated_kw[own][:, None]
            place = np.searchsorted(rows, mine)
            loss[place] += rated * np.interp(load[mine] / rated, curve.load_ratios, curve.loss_ratios)
    return np.where(alive[rows], loss, 0.0)


def _input(chain: Chain, rows: Ints, load: Floats, kvar: Floats, loss: Floats) -> tuple[Floats, Floats]:
    drawn = load[rows] + loss[rows]
    square = load[rows] ** 2 + kvar[rows] ** 2
    passed = kvar[rows] + chain.reactance_per_kva[rows][:, None] * square
    tangent = chain.input_tan[rows][:, None]
    return drawn, np.where(np.isnan(tangent), passed, drawn * np.nan_to_num(tangent))


def levels(names: Sequence[str], sources: Sequence[str], targets: Sequence[str]) -> Ints:
    """Longest way of each element from one that nothing feeds. Raises ValueError where the graph has a circle."""
    index = {name: row for row, name in enumerate(names)}
    source = np.array([index[name] for name in sources], dtype=np.int64)
    target = np.array([index[name] for name in targets], dtype=np.int64)
    level = np.zeros(len(names), dtype=np.int64)
    for _ in range(len(names) + 1):
        raised = level.copy()
        np.maximum.at(raised, target, level[source] + 1)
        if np.array_equal(raised, level):
            return level
        level = raised
    raise ValueError("elements feed each other in a circle")
