"""Elements side by side: as many as carry what hangs on them must live, or all of them trip.

Standby generators on a bus, main transformers, grid circuits, blocks on a shared bus: one that lives is no power for a
site that asks for ten.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from gigasite.design.failures.network import SLACK_RATIO, Bools, Chain, Floats, Ints


@dataclass(frozen=True, slots=True)
class Quorum:
    """Elements that feed the same targets at the same priority."""

    rows: Ints
    first_target: int
    """Row of the lowest target: when it is reached, all of `rows` are known."""
    need_kw: float
    """What the targets draw in normal operation; NaN: unknown, so that one element is enough."""
    required_count: int | None
    """Of equal elements with equal feeders: how many carry the need. None: they differ."""


def quora(chain: Chain, load_kw: Floats) -> tuple[Quorum, ...]:
    """Every set of two elements and more that stand side by side. `load_kw`: output of each in normal operation."""
    targets: dict[int, set[int]] = defaultdict(set)
    feeders: dict[int, set[int]] = defaultdict(set)
    priority: dict[int, int] = {}
    for source, target, number in zip(
        chain.source.tolist(), chain.target.tolist(), chain.priority.tolist(), strict=True
    ):
        targets[source].add(target)
        feeders[target].add(source)
        priority[source] = min(number, priority.get(source, number))
    drawn = load_kw * (1 + chain.loss_ratio)
    found = []
    for members in _side_by_side(targets, priority):
        below = set().union(*(targets[row] for row in members))
        need = float(drawn[sorted(below)].sum())
        alike = {
            (chain.kinds[row], bool(chain.is_source[row]), _known(chain.capacity_kw[row]), frozenset(feeders[row]))
            for row in members
        }
        required = None
        if len(alike) == 1:
            capacity = float(chain.capacity_kw[members[0]])
            few = math.ceil(need / capacity / SLACK_RATIO) if capacity > 0 and need > 0 else 1
            required = min(max(few, 1), len(members))
        found.append(Quorum(np.array(members, np.int64), min(below), need, required))
    return tuple(found)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _side_by_side(targets: dict[int, set[int]], priority: dict[int, int]) -> list[list[int]]:
    """Sources that share a target at their first priority, transitively; those that stand alone are left out."""
    groups: list[tuple[int, set[int], list[int]]] = []
    for row in sorted(targets):
        mine, members = set(targets[row]), [row]
        apart = []
        for group in groups:
            if group[0] == priority[row] and group[1] & mine:
                mine |= group[1]
                members += group[2]
            else:
                apart.append(group)
        groups = [*apart, (priority[row], mine, members)]
    return [sorted(members) for _, _, members in groups if len(members) > 1]


def trip(alive: Bools, chain: Chain, quorum: Quorum) -> None:
    """Takes the elements that live, in place, in columns where they are too few. Unknown capacity is enough."""
    capacity = np.nan_to_num(chain.capacity_kw[quorum.rows], nan=np.inf)
    there = np.where(alive[quorum.rows], capacity[:, None], 0.0).sum(axis=0)
    if not math.isnan(quorum.need_kw):
        alive[quorum.rows] &= there * SLACK_RATIO >= quorum.need_kw


def living_together(chain: Chain, lost: Bools, together: tuple[Quorum, ...]) -> Bools:
    """As `play.living`, but elements side by side live only where they are enough."""
    alive: Bools = chain.is_source[:, None] & ~lost
    waiting = list(together)
    for start, stop, starts, targets in chain.steps:
        reached = int(targets.max())
        for quorum in (q for q in waiting if q.first_target <= reached):
            trip(alive, chain, quorum)
        waiting = [quorum for quorum in waiting if quorum.first_target > reached]
        fed = np.logical_or.reduceat(alive[chain.source[start:stop]], starts, axis=0)
        alive[targets] = (fed | chain.is_source[targets, None]) & ~lost[targets]
    return alive
