"""Failures played through: what stays alive, what each element then carries, how long the gap lasts.

Arrays are (rows, columns): a row an element, connection, pattern of racks, unit or group; a column one state of
the network. An element is alive when it is a source that works, or when one of its upstream elements is alive.
It draws from its live upstream elements of the lowest priority number, in proportion to their shares. Racks
spread their load over their live feeds in proportion to what these carry in normal operation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigasite.design.failures.network import COMMON, Bools, Chain, Floats, Ints, Loads, Network, runs_of

_LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Play:
    """The states of a network after losses."""

    alive: Bools
    fraction: Floats
    """(connections, columns): the part of the target's input that comes over each."""
    gap_s: Floats
    """(elements, columns): how long an element that ends up alive was without power."""
    live_bits: NDArray[np.int64]
    """(patterns, columns): bit f is set where feed f is alive."""
    load_kw: Floats
    """(elements, columns): output; NaN where the load of something below is unknown."""
    entries_kw: Floats
    """(entries, columns): what each zone draws from common elements; see `entries_of`."""
    unit_alive: Bools
    group_left_kw: Floats
    """(groups, columns): capacity that is left; NaN: unknown."""
    group_left_count: Floats


@dataclass(frozen=True, slots=True)
class Entries:
    """Where zones draw from common elements: by connection, by feed of a pattern, by source or alternate of a unit."""

    source: Ints
    zone: Ints
    links: Ints
    feeds: Ints
    units: Ints
    alternates: Ints


def entries_of(network: Network) -> Entries:
    """All places where a zone hangs on a common element, connections first, then feeds, units, alternates."""
    chain, loads = network.chain, network.loads
    is_common = np.append(chain.zone == COMMON, np.False_)  # row -1, no element, is the last
    links = np.flatnonzero(is_common[chain.source] & ~is_common[chain.target])
    flat, width = loads.feed_source.reshape(-1), loads.feed_source.shape[1]
    feeds = np.flatnonzero(is_common[flat] & (loads.pattern_zone[np.arange(len(flat)) // width] != COMMON))
    units = np.flatnonzero(is_common[loads.unit_source])
    alternates = np.flatnonzero(is_common[loads.unit_alternate])
    return Entries(
        source=np.concatenate(
            [chain.source[links], flat[feeds], loads.unit_source[units], loads.unit_alternate[alternates]]
        ),
        zone=np.concatenate(
            [
                chain.zone[chain.target[links]],
                loads.pattern_zone[feeds // width],
                loads.unit_zone[units],
                loads.unit_zone[alternates],
            ]
        ),
        links=links,
        feeds=feeds,
        units=units,
        alternates=alternates,
    )


def play(
    network: Network,
    entries: Entries,
    lost: Bools,
    unit_lost: Bools,
    *,
    feed_lost: Bools | None = None,
    pattern_kw: Floats | None = None,
) -> Play:
    """Plays losses through. `lost`: (elements, columns); `unit_lost`: (units, columns).

    `feed_lost` (patterns, feeds) and `pattern_kw` (patterns) stand for single racks that are lost, in all columns.
    """
    chain, loads = network.chain, network.loads
    alive = living(chain, lost)
    fraction = fractions(chain, alive)
    load = np.zeros(lost.shape)
    feed_alive = _feeds_alive(loads, alive, feed_lost)
    feed_kw = _feed_loads(loads, feed_alive, loads.pattern_kw if pattern_kw is None else pattern_kw)
    _add(load, loads.feed_source.reshape(-1), feed_kw)
    unit_alive, on_source, on_alternate = _units_alive(loads, alive, unit_lost)
    left_kw, left_count, unit_kw = _plant(loads, unit_alive)
    source_kw, alternate_kw = np.where(on_source, unit_kw, 0.0), np.where(on_alternate, unit_kw, 0.0)
    _add(load, loads.unit_source, source_kw)
    _add(load, loads.unit_alternate, alternate_kw)
    drawn = upward(chain, fraction, load)
    return Play(
        alive=alive,
        fraction=fraction,
        gap_s=_gaps(chain, alive, fraction),
        live_bits=_bits(feed_alive),
        load_kw=load,
        entries_kw=np.concatenate(
            [
                drawn[entries.links],
                feed_kw[entries.feeds],
                source_kw[entries.units],
                alternate_kw[entries.alternates],
            ]
        ),
        unit_alive=unit_alive,
        group_left_kw=left_kw,
        group_left_count=left_count,
    )


def living(chain: Chain, lost: Bools) -> Bools:
    """Which elements are alive, level by level from the sources down."""
    alive = chain.is_source[:, None] & ~lost
    for start, stop, starts, targets in chain.steps:
        fed = np.logical_or.reduceat(alive[chain.source[start:stop]], starts, axis=0)
        alive[targets] = (fed | chain.is_source[targets, None]) & ~lost[targets]
    return alive


def fractions(chain: Chain, alive: Bools) -> Floats:
    """The part of each live target's input over each connection; zero from what is dead or of a later priority."""
    if not len(chain.source):
        return np.zeros((0, alive.shape[1]))
    starts = chain.runs.starts
    lengths = np.diff(np.append(starts, len(chain.source)))
    run = np.repeat(np.arange(len(starts)), lengths)
    live = alive[chain.source] & alive[chain.target]
    priority = np.where(live, chain.priority[:, None], _LAST)
    active = live & (priority == np.minimum.reduceat(priority, starts, axis=0)[run])
    weight = np.where(active, chain.share[:, None], 0.0)
    total = np.add.reduceat(weight, starts, axis=0)
    silent = total <= 0
    if silent.any():  # connections without a share: in equal parts
        weight = np.where(silent[run], active, weight)
        total = np.where(silent, np.maximum(np.add.reduceat(active.astype(np.float64), starts, axis=0), 1.0), total)
    return weight / total[run]


def upward(chain: Chain, fraction: Floats, load: Floats) -> Floats:
    """Adds to `load` (elements, columns), in place, what each element draws; returns the flow of each connection."""
    drawn = np.zeros(fraction.shape)
    for start, stop, _, _ in reversed(chain.steps):
        target = chain.target[start:stop]
        part = fraction[start:stop]
        need = load[target] * (1 + chain.loss_ratio[target])[:, None]
        drawn[start:stop] = np.where(part > 0, part * need, 0.0)  # an unknown load draws nothing over a dead way
        _add(load, chain.source[start:stop], drawn[start:stop])
    return drawn


def _gaps(chain: Chain, alive: Bools, fraction: Floats) -> Floats:
    """Time without power before the state that lasts: of the ways that are used, the quickest.

    A way of a later priority than the first one costs its transfer time. Batteries bridge what they can.
    """
    gap = np.zeros(alive.shape)
    later = (chain.priority > chain.usual[chain.target]) * chain.transfer_s
    for start, stop, starts, targets in chain.steps:
        way = gap[chain.source[start:stop]] + later[start:stop, None]
        way = np.where(fraction[start:stop] > 0, way, np.inf)
        least = np.minimum.reduceat(way, starts, axis=0)
        least = np.where(np.isinf(least), 0.0, least)  # dead, or a source that works by itself
        gap[targets] = np.where(least <= chain.hold_s[targets, None], 0.0, least)
    return gap


def rack_gaps(loads: Loads, played: Play) -> Floats:
    """(patterns, columns): how long the racks of a pattern that end up with power were without any."""
    gap = np.full(played.live_bits.shape, np.inf)
    for feed in range(loads.feed_source.shape[1]):
        live = (played.live_bits >> feed) & 1 == 1
        gap = np.where(live, np.minimum(gap, played.gap_s[loads.feed_source[:, feed]]), gap)
    return np.where(np.isinf(gap), 0.0, gap)


def feed_bits(loads: Loads, alive: Bools) -> NDArray[np.int64]:
    """(patterns, columns): the live feeds of each pattern, feed f as bit f."""
    return _bits(_feeds_alive(loads, alive, None))


def _feeds_alive(loads: Loads, alive: Bools, feed_lost: Bools | None) -> Bools:
    """(patterns, feeds, columns)."""
    reached = np.concatenate([alive, np.zeros((1, alive.shape[1]), np.bool_)])[loads.feed_source]
    if feed_lost is not None:
        reached &= ~feed_lost[:, :, None]
    return reached


def _feed_loads(loads: Loads, feed_alive: Bools, pattern_kw: Floats) -> Floats:
    """(patterns x feeds, columns) in kW."""
    weight = np.where(feed_alive, loads.feed_share[:, :, None], 0.0)
    total = weight.sum(axis=1)
    silent = total <= 0
    if silent.any():
        weight = np.where(silent[:, None, :], feed_alive, weight)
        total = np.where(silent, np.maximum(feed_alive.sum(axis=1), 1), total)
    part = weight / total[:, None, :]
    flow = np.where(part > 0, part * pattern_kw[:, None, None], 0.0)
    return flow.reshape(-1, flow.shape[2])


def _bits(feed_alive: Bools) -> NDArray[np.int64]:
    bits = np.zeros((feed_alive.shape[0], feed_alive.shape[2]), np.uint8)  # a rack has eight feeds at most
    for feed in range(feed_alive.shape[1]):
        bits |= feed_alive[:, feed].astype(np.uint8) << np.uint8(feed)
    return bits.astype(np.int64)


def _units_alive(loads: Loads, alive: Bools, unit_lost: Bools) -> tuple[Bools, Bools, Bools]:
    """Units that run; those on their source, those on their alternate. What hangs on no element always has power."""
    fed = np.concatenate([alive, np.zeros((1, alive.shape[1]), np.bool_)])
    source, alternate = fed[loads.unit_source], fed[loads.unit_alternate]
    free = ((loads.unit_source < 0) & (loads.unit_alternate < 0))[:, None]
    running = (source | alternate | free) & ~unit_lost
    return running, running & source, running & ~source & alternate


def _plant(loads: Loads, unit_alive: Bools) -> tuple[Floats, Floats, Floats]:
    """Capacity and units left of each group, and what each unit then draws.

    The units that run take the heat of those that do not, in proportion to their capacity, and draw electricity
    in a line between the design point and their capacity.
    """
    columns = unit_alive.shape[1]
    left = np.zeros((len(loads.groups), columns))
    count = np.zeros((len(loads.groups), columns))
    if not len(loads.units):
        return left, count, np.zeros((0, columns))
    capacity = np.where(unit_alive, loads.unit_capacity_kw[:, None], 0.0)
    _add(left, loads.unit_group, capacity)
    _add(count, loads.unit_group, unit_alive.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        heat = np.fmin(capacity / left[loads.unit_group] * loads.group_heat_kw[loads.unit_group, None], capacity)
        span = loads.unit_capacity_kw - loads.unit_heat_kw
        slope = np.where(span > 0, (loads.unit_electric_max_kw - loads.unit_electric_kw) / span, 0.0)
        more = np.maximum(heat - loads.unit_heat_kw[:, None], 0.0) * slope[:, None]
    drawn = loads.unit_electric_kw[:, None] + np.where(np.isnan(more), 0.0, more)
    return left, count, np.where(unit_alive, drawn, 0.0)


def _add(total: Floats, rows: Ints, values: Floats) -> None:
    """total[rows] += values, also where rows repeat; negative rows are left out."""
    runs = runs_of(rows)
    if len(runs.starts):
        total[runs.keys] += np.add.reduceat(values[runs.order], runs.starts, axis=0)
