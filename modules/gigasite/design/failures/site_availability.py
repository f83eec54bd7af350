"""How available power is at the racks of a design, from what can fail above them, and how sure that is.

Racks with the same things above them form a class. For one rack of each class all minimal cut sets of up to three
events are found by playing them: the failure of an element, of more of equal elements side by side than may fail, or of
all elements of a kind by a common cause. A rack is without power when no feed is left, or too little on those that are;
elements side by side that no longer carry their normal load are lost with the rest. Events
are independent; the racks are without power with Q = 1 - ∏ (1 - ∏ q), the upper bound of the cut sets (IEEE Std 493;
Billinton and Allan). Larger cut sets are left out: their chances are products of four small numbers or more.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Confidence
from gigasite.catalog.reliability_products import Reliability
from gigasite.design.failures.availability import (
    HOURS_PER_YEAR,
    Interval,
    availability_of_rate,
    k_of_n,
    k_of_n_with_common_cause,
)
from gigasite.design.failures.network import Bools, Chain, Floats, Ints, Network, network_of, part_of
from gigasite.design.failures.outcomes import bench_of
from gigasite.design.failures.quorum import Quorum, living_together, quora
from gigasite.design.model import Design

ORDER: Final = 3
CONTRIBUTORS: Final = 5
_SETS: Final = ("generator", "generation")
"""Kinds whose figures are those of one unit: elements of several sets or turbines have several such chances."""
_RUN_H: Final = 24.0  # hours of a grid outage that generators run through, where the catalog gives none


@dataclass(frozen=True, slots=True)
class CutSet:
    """Events that together leave a rack without power, and their part of the hours down a year."""

    events: tuple[str, ...]
    """Kinds of elements, `all ...` for a common cause."""
    count: int
    """Cut sets of these kinds."""
    downtime_h_per_year: float


@dataclass(frozen=True, slots=True)
class RackAvailability:
    """Power at the racks of one class. None: a fact is missing, named in `missing`."""

    example: str
    rack_count: int
    available_ratio: Interval | None
    """All figures at their low ends, as given, and at their high ends together."""
    downtime_h_per_year: Interval | None
    cut_sets: tuple[CutSet, ...]
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    """Kinds of elements whose figures are assumptions, or recalled and not read again: take those of what is bought."""


@dataclass(frozen=True, slots=True)
class _Rack:
    """Where the feeds of a rack hang, and which of them it needs."""

    rows: Ints
    places: tuple[int, ...]
    """Place of each among the rack's feeds."""
    stops: Bools
    """By bits of live feeds: whether the rack is dark, or on feeds or supplies too small."""


@dataclass(frozen=True, slots=True)
class _Events:
    """What may happen to the elements of a class: which it takes (elements, events), its name and its chance."""

    takes: Bools
    names: tuple[str, ...]
    chance: tuple[Interval, ...]


def site_availability(design: Design, catalog: Catalog) -> tuple[RackAvailability, ...]:
    """Power at the racks by class, the largest class first. Empty where the design has no chain."""
    network = network_of(design)
    elements = design.tables.elements
    products = dict(elements.select("element", "product").iter_rows())
    sets = elements.filter(pl.col("kind").is_in(_SETS)).select("element", "required_count", "unit_count")
    units = {name: (required, count) for name, required, count in sets.drop_nulls().iter_rows()}
    normal_kw = bench_of(network).normal.load_kw[:, 0]
    classes: dict[tuple[object, ...], list[int]] = {}
    chains: dict[tuple[object, ...], tuple[Chain, _Rack, Floats]] = {}
    for pattern in range(len(network.loads.pattern_kw)):
        chain, feeds, kept = _above(network, pattern)
        hurt = network.loads.tallies["hurt"][pattern]
        stops = hurt > hurt[sum(1 << place for place in feeds.places)]
        key = (*_signature(chain, feeds.rows), stops.tobytes())
        classes.setdefault(key, []).append(pattern)
        chains.setdefault(key, (chain, replace(feeds, stops=stops), normal_kw[kept]))
    sizes = np.bincount(network.loads.pattern, minlength=len(network.loads.pattern_kw))
    found = []
    for key, patterns in classes.items():
        rack = network.loads.racks[int(np.flatnonzero(network.loads.pattern == patterns[0])[0])]
        chain, feeds, load_kw = chains[key]
        count = int(sizes[patterns].sum())
        found.append(_available(rack, count, chain, feeds, load_kw, _facts(chain, products, catalog), units))
    return tuple(sorted(found, key=lambda c: (-c.rack_count, c.example)))


def unavailability(facts: Reliability, *, is_standby: bool, run_h: float) -> Interval | None:
    """Part of the time, or of the demands, in which an element does not serve. None: the facts do not say.

    At work: λ·r / (8760 + λ·r). Waiting: not ready, or not starting, or failing in the `run_h` hours of a demand.
    """
    factor = facts.uncertainty_factor or 1.0
    rate, repair = facts.failures_per_year, facts.repair_h
    if not is_standby or facts.start_failure_ratio is None:
        if rate is None or repair is None:
            return None
        return Interval(*(1 - availability_of_rate(rate * times, repair) for times in (1 / factor, 1.0, factor)))
    waiting, starting = facts.standby_unavailable_ratio or 0.0, facts.start_failure_ratio
    running = (rate or 0.0) * run_h / HOURS_PER_YEAR
    return Interval(
        *(
            1 - math.prod(1 - min(part * times, 1.0) for part in (waiting, starting, running))
            for times in (1 / factor, 1.0, factor)
        )
    )


def _of_units(chance: Interval | None, facts: Reliability, units: tuple[int, int]) -> Interval | None:
    """Of an element with equal units inside: too few of them are left, with what is common to them."""
    required, count = units
    if chance is None or count <= 1:
        return chance
    beta = facts.common_cause_ratio or 0.0
    return Interval(*(1 - k_of_n_with_common_cause(required, count, 1 - q, beta) for q in _ends(chance)))


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.low, interval.mid, interval.high


def _above(network: Network, pattern: int) -> tuple[Chain, _Rack, Bools]:
    """The chain above a pattern alone, where its feeds hang in it, and which elements of the network it has."""
    chain, sources = network.chain, network.loads.feed_source[pattern]
    places = np.flatnonzero(sources >= 0)
    sources = sources[places]
    kept = np.zeros(len(chain.names), np.bool_)
    kept[sources] = True
    for start, stop, _, _ in reversed(chain.steps):
        np.logical_or.at(kept, chain.source[start:stop], kept[chain.target[start:stop]])
    rack = _Rack((np.cumsum(kept) - 1)[sources], tuple(places.tolist()), np.zeros(0, np.bool_))
    return part_of(chain, kept), rack, kept


def _signature(chain: Chain, feeds: Ints) -> tuple[object, ...]:
    """Racks with equal ones have the same kinds above them, connected alike."""
    kinds = chain.kinds
    links = sorted(
        (kinds[a], kinds[b], int(p)) for a, b, p in zip(chain.source, chain.target, chain.priority, strict=True)
    )
    return tuple(sorted(kinds)), tuple(links), tuple(sorted(kinds[feed] for feed in feeds))


def _facts(
    chain: Chain, products: Mapping[str, str | None], catalog: Catalog
) -> tuple[tuple[Reliability | None, ...], frozenset[str]]:
    """What the catalog says of each element, by its product or else its kind; kinds with figures not read."""
    found: list[Reliability | None] = []
    unsure: set[str] = set()
    for name, kind in zip(chain.names, chain.kinds, strict=True):
        keys = [key for key in (products.get(name), kind) if key and catalog.has("reliability", key)]
        facts = catalog.of(Reliability, keys[0]) if keys else None
        found.append(facts)
        origin = facts.origins.get("failures_per_year") if facts else None
        if origin is not None and origin.confidence in (Confidence.ASSUMED, Confidence.RECALLED):
            unsure.add(kind)
    return tuple(found), frozenset(unsure)


def _available(
    rack: str,
    rack_count: int,
    chain: Chain,
    feeds: _Rack,
    load_kw: Floats,
    known: tuple[tuple[Reliability | None, ...], frozenset[str]],
    units: Mapping[str, tuple[int, int]],
) -> RackAvailability:
    facts, unsure = known
    standby = _standby(chain)
    grid = next((f.repair_h for f, kind in zip(facts, chain.kinds, strict=True) if f and kind == "grid-circuit"), None)
    run_h = _RUN_H if grid is None else grid
    chances = [
        _of_units(unavailability(f, is_standby=bool(waits), run_h=run_h), f, units.get(name, (1, 1))) if f else None
        for f, waits, name in zip(facts, standby, chain.names, strict=True)
    ]
    missing = sorted({kind for kind, chance in zip(chain.kinds, chances, strict=True) if chance is None})
    if missing:
        return RackAvailability(rack, rack_count, None, None, (), tuple(missing), tuple(sorted(unsure)))
    together = quora(chain, load_kw)
    events = _events(chain, facts, [chance for chance in chances if chance is not None], together)

    def stops(alive: Bools) -> Bools:
        bits = sum(alive[row].astype(np.int64) << place for row, place in zip(feeds.rows, feeds.places, strict=True))
        found: Bools = feeds.stops[bits]
        return found

    cuts = minimal_cut_sets(chain, feeds.rows, events.takes, ORDER, together, stops)
    down = Interval(*(_together(cuts, [getattr(c, end) for c in events.chance]) for end in ("low", "mid", "high")))
    return RackAvailability(
        example=rack,
        rack_count=rack_count,
        available_ratio=down.map(lambda q: 1 - q),
        downtime_h_per_year=down.map(lambda q: q * HOURS_PER_YEAR),
        cut_sets=_contributors(cuts, events),
        missing=(),
        assumed=tuple(sorted(unsure)),
    )


def _standby(chain: Chain) -> Bools:
    """Sources that nothing draws from in normal operation."""
    usual = chain.priority == chain.usual[chain.target]
    at_work = np.zeros(len(chain.names), np.bool_)
    at_work[chain.source[usual]] = True
    waits: Bools = chain.is_source & ~at_work
    return waits


def _events(
    chain: Chain, facts: Sequence[Reliability | None], chances: Sequence[Interval], together: Sequence[Quorum]
) -> _Events:
    """Each element by itself, with the part of its failures that is its own; then each kind by a common cause.

    Equal elements side by side fail together when more of them do than may: one event, whose chance is binomial.
    """
    kinds = np.array(chain.kinds, np.str_)
    several = {kind: np.flatnonzero(kinds == kind) for kind in dict.fromkeys(chain.kinds)}
    takes, names, found = [], [], []
    counted: set[int] = set()
    for quorum in together:
        count, required, first = len(quorum.rows), quorum.required_count, int(quorum.rows[0])
        if required is None or any(facts[row] != facts[first] for row in quorum.rows):
            continue
        fact = facts[first]
        own = _times(chances[first], 1 - ((fact.common_cause_ratio or 0.0) if fact else 0.0))
        counted |= set(quorum.rows.tolist())
        all_of_them = np.zeros(len(kinds), np.bool_)
        all_of_them[quorum.rows] = True
        takes.append(all_of_them)
        names.append(f"{count - required + 1} of {count} {chain.kinds[first]}")
        found.append(Interval(*(1 - k_of_n(required, count, 1 - q) for q in _ends(own))))
    for row, (fact, chance) in enumerate(zip(facts, chances, strict=True)):
        if row in counted:
            continue
        beta = (fact.common_cause_ratio or 0.0) if fact and len(several[chain.kinds[row]]) > 1 else 0.0
        alone = np.zeros(len(kinds), np.bool_)
        alone[row] = True
        takes.append(alone)
        names.append(chain.kinds[row])
        found.append(_times(chance, 1 - beta))
    for kind, rows in several.items():
        first = facts[rows[0]]
        if len(rows) > 1 and first and first.common_cause_ratio:
            takes.append(kinds == kind)
            names.append(f"all {kind}")
            found.append(_times(chances[rows[0]], first.common_cause_ratio))
    return _Events(np.column_stack(takes), tuple(names), tuple(found))


def _times(interval: Interval, ratio: float) -> Interval:
    return Interval(interval.low * ratio, interval.mid * ratio, interval.high * ratio)


def minimal_cut_sets(
    chain: Chain,
    feeds: Ints,
    takes: Bools,
    order: int,
    together: tuple[Quorum, ...] = (),
    stops: Callable[[Bools], Bools] | None = None,
) -> list[tuple[int, ...]]:
    """Sets of up to `order` events that stop a rack, and of which no part does.

    `takes` (elements, events): what each event takes of the chain. `stops`: from what is alive (elements, sets) to
    whether the rack stops; None: when none of the feeds is alive.
    """
    found: list[tuple[int, ...]] = []
    for size in range(1, order + 1):
        sets = [s for s in itertools.combinations(range(takes.shape[1]), size) if not _holds(s, found)]
        if not sets:
            break
        members = np.array(sets)
        lost: Bools = np.logical_or.reduce(takes[:, members], axis=2)
        alive = living_together(chain, lost, together)
        dark: Bools = stops(alive) if stops else ~np.logical_or.reduce(alive[feeds], axis=0)
        found += [s for s, hit in zip(sets, dark.tolist(), strict=True) if hit]
    return found


def _holds(events: tuple[int, ...], found: Sequence[tuple[int, ...]]) -> bool:
    mine = set(events)
    return any(mine.issuperset(smaller) for smaller in found)


def _together(cuts: Sequence[tuple[int, ...]], chance: Sequence[float]) -> float:
    return -math.expm1(math.fsum(math.log1p(-min(math.prod(chance[e] for e in cut), 1 - 1e-15)) for cut in cuts))


def _contributors(cuts: Sequence[tuple[int, ...]], events: _Events) -> tuple[CutSet, ...]:
    """Cut sets of the same kinds together, the worst first."""
    parts: dict[tuple[str, ...], list[float]] = {}
    for cut in cuts:
        names = tuple(sorted(events.names[event] for event in cut))
        parts.setdefault(names, []).append(math.prod(events.chance[event].mid for event in cut))
    found = [CutSet(names, len(q), math.fsum(q) * HOURS_PER_YEAR) for names, q in parts.items()]
    return tuple(sorted(found, key=lambda c: -c.downtime_h_per_year)[:CONTRIBUTORS])
