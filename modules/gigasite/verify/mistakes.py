"""From links that are not as designed to the mistakes that explain them: what to unplug, and where to plug it in.

Two cables whose ends are exchanged look like two wrong links; eight rails in each other's ports like eight. Wrong links
are therefore followed from end to end: from a port to where its cable was found, from there to where that port's own
cable should lead, and on. A way that comes back to its beginning is one exchange.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from gigasite.verify.compare import Comparison
from gigasite.verify.ends import Ends


class Kind(Enum):
    """What went wrong."""

    MISSING = "missing"
    WRONG = "wrong"
    STRANGER = "stranger"
    """Cables of one device that all lead to one that the design does not know."""
    EXCHANGED = "exchanged"
    PARALLEL = "parallel"
    """Exchanged between the same two devices: traffic does not care, labels do."""
    RAILS = "rails"
    DEVICES = "devices"
    SILENT = "silent"
    EXTRA = "extra"
    SLOW = "slow"
    UNSEEN = "unseen"
    CONTRADICTION = "contradiction"
    """Told by one device, while another tells that the port is as designed."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A port: an end of the design, or what somebody calls one that the design does not connect."""

    end: int | None
    device: str
    port: str | None
    known: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A cable that was found from `held` to `at`, and belongs from `held` to the end `to`; None: nowhere."""

    held: Spot
    at: Spot
    to: int | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `moves`: what was found; `links`: links that are not there; `devices`: whom it is about."""

    kind: Kind
    moves: tuple[Move, ...] = ()
    links: tuple[int, ...] = ()
    devices: tuple[str, ...] = ()
    gbps: float | None = None
    fabric: str = ""


class _Fabric:
    """Columns of ends as lists: what the walk over wrong links asks of them."""

    def __init__(self, ends: Ends) -> None:
        self.device = ends.table["device"].to_list()
        self.name = ends.table["name"].to_list()
        self.host = ends.table["host"].to_list()
        self.fabric = ends.table["fabric"].to_list()

    def spot(self, end: int) -> Spot:
        return Spot(end, self.device[end], self.name[end], True)


def mistakes(ends: Ends, comparison: Comparison) -> list[Mistake]:
    """All mistakes, each cable in one of them; in no particular order."""
    fabric = _Fabric(ends)
    pairs, loose = _pairs(comparison)
    cycles, rest = _cycles(pairs)
    moves = [*(_move(fabric, *pair) for pair in rest), *(_loose_move(fabric, row) for row in loose)]
    found = list(_exchanges(cycles, comparison, fabric))
    found = [_with_strays(mistake, moves, fabric) for mistake in found]
    covered = {move for mistake in found for move in mistake.moves}
    found += _wrong([move for move in moves if move not in covered], fabric)
    told = {end // 2 for cycle in cycles for pair in cycle for end in pair}
    told |= {move.held.end // 2 for move in moves if move.held.end is not None}
    found += _missing([link for link in comparison.missing if link not in told], comparison, fabric)
    found += [
        Mistake(Kind.EXTRA, (Move(_spot(row, "a"), _spot(row, "b"), None),))
        for row in comparison.extra.iter_rows(named=True)
    ]
    found += _slow(comparison, fabric)
    contradicting = (_loose_move(fabric, row) for row in comparison.contradicting.iter_rows(named=True))
    found += [Mistake(Kind.CONTRADICTION, (move,)) for move in contradicting]
    unseen = Counter(fabric.fabric[2 * link] for link in comparison.unseen)
    found += [Mistake(Kind.UNSEEN, links=(count,), fabric=name) for name, count in sorted(unseen.items())]
    return found


def _pairs(comparison: Comparison) -> tuple[dict[int, int], list[Mapping[str, Any]]]:
    """Wrong links between two designed ends, from each to the other; and rows in which one end is none.

    Of several cables told of one port, the first counts: a port holds one.
    """
    pairs: dict[int, int] = {}
    loose: list[Mapping[str, Any]] = []
    for row in comparison.wrong.iter_rows(named=True):
        a, b = row["a_end"], row["b_end"]
        if a is None or b is None:
            loose.append(row)
        elif a not in pairs and b not in pairs:
            pairs[a], pairs[b] = b, a
    loose = [row for row in loose if row["a_end"] not in pairs and row["b_end"] not in pairs]
    return pairs, loose


def _cycles(pairs: Mapping[int, int]) -> tuple[list[list[tuple[int, int]]], list[tuple[int, int]]]:
    """Ways over wrong links that come back to their beginning; and the wrong links that are in none."""
    cycles: list[list[tuple[int, int]]] = []
    used: set[int] = set()
    for start in sorted(pairs):
        if start in used:
            continue
        way: list[tuple[int, int]] = []
        end = start
        while end in pairs and end not in used:
            used |= {end, pairs[end]}
            way.append((end, pairs[end]))
            end = pairs[end] ^ 1
        if end == start:
            cycles.append(way)
    closed = {end for cycle in cycles for pair in cycle for end in pair}
    return cycles, [(a, b) for a, b in pairs.items() if a < b and a not in closed]


def _exchanges(cycles: Sequence[list[tuple[int, int]]], comparison: Comparison, fabric: _Fabric) -> Iterator[Mistake]:
    """Cycles as devices that took each other's place, rails of a node, or single exchanges."""
    left = list(cycles)
    for devices, own in _whole_devices(left, comparison, fabric).items():
        left = [cycle for cycle in left if cycle not in own]
        yield Mistake(Kind.DEVICES, tuple(_moves(fabric, own)), devices=devices)
    of_nodes: dict[str, list[list[tuple[int, int]]]] = defaultdict(list)
    for cycle in left:
        first = [_held_first(pair)[0] for pair in cycle]
        held = {fabric.device[end] for end in first}
        of_nodes[held.pop() if len(held) == 1 and fabric.host[first[0]] else ""].append(cycle)
    for node, own in sorted(of_nodes.items()):
        if node and sum(map(len, own)) > 2:
            yield Mistake(Kind.RAILS, tuple(_moves(fabric, own)), devices=(node,))
            continue
        for cycle in own:
            ends = [end for pair in cycle for end in pair]
            between = {fabric.device[end] for end in ends}
            trunk = len(between) == 2 and not any(fabric.host[end] for end in ends)
            kind = Kind.PARALLEL if trunk else Kind.EXCHANGED
            yield Mistake(kind, tuple(_moves(fabric, [cycle])))


def _whole_devices(
    cycles: Sequence[list[tuple[int, int]]], comparison: Comparison, fabric: _Fabric
) -> dict[tuple[str, str], list[list[tuple[int, int]]]]:
    """Pairs of devices that exchanged all their cables port by port: the machines, or their names, are mixed up."""
    wrong = {end // 2 for cycle in cycles for pair in cycle for end in pair}
    wrong_count: Counter[str] = Counter()
    for link in wrong:
        wrong_count.update({fabric.device[2 * link], fabric.device[2 * link + 1]})
    groups: dict[tuple[str, str], list[list[tuple[int, int]]]] = defaultdict(list)
    for cycle in cycles:
        if len(cycle) == 2:
            (a, b), (c, d) = map(_held_first, cycle)
            for one, other in ((a, c), (b, d)):
                names = sorted((fabric.device[one], fabric.device[other]))
                if names[0] != names[1] and fabric.name[one] == fabric.name[other]:
                    groups[names[0], names[1]].append(cycle)
    good = _good_devices(comparison, fabric)
    return {
        pair: own
        for pair, own in sorted(groups.items())
        if len(own) > 1 and all(wrong_count[name] < 2 * len(own) and name not in good for name in pair)
    }


def _with_strays(mistake: Mistake, moves: Sequence[Move], fabric: _Fabric) -> Mistake:
    """Of devices in each other's place, also the cables that only one of the two should have."""
    if mistake.kind is not Kind.DEVICES:
        return mistake
    pair = set(mistake.devices)
    strays = [move for move in moves if move.to is not None and {move.at.device, fabric.device[move.to]} == pair]
    strays += [
        move
        for move in moves
        if move.held.device in pair and move.to is not None and move.at.end is None and move not in strays
    ]
    return replace(mistake, moves=(*mistake.moves, *strays))


def _good_devices(comparison: Comparison, fabric: _Fabric) -> set[str]:
    """Devices that have a cable that is as designed."""
    bad = {*comparison.missing, *comparison.unseen}
    links = (link for link in range(len(fabric.device) // 2) if link not in bad)
    return {fabric.device[end] for link in links for end in (2 * link, 2 * link + 1)}


def _wrong(moves: Sequence[Move], fabric: _Fabric) -> list[Mistake]:
    """One cable each; all of one device that lead to one stranger together."""
    strangers: dict[tuple[str, str], list[Move]] = defaultdict(list)
    found = []
    for move in moves:
        if move.at.known or move.to is None:
            found.append(Mistake(Kind.WRONG, (move,)))
        else:
            strangers[fabric.device[move.to], move.at.device.partition(" ")[0]].append(move)
    for (device, stranger), own in strangers.items():
        if len(own) == 1:
            found.append(Mistake(Kind.WRONG, tuple(own)))
        else:
            found.append(Mistake(Kind.STRANGER, tuple(own), devices=(device, stranger)))
    return found


def _missing(links: Sequence[int], comparison: Comparison, fabric: _Fabric) -> list[Mistake]:
    """Links of which nothing was found; all of a device that shows none at all are one mistake."""
    lost: Counter[str] = Counter()
    for link in links:
        lost.update({fabric.device[2 * link], fabric.device[2 * link + 1]})
    alive = _good_devices(comparison, fabric) if links else set()
    for row in comparison.wrong.select("a_device", "b_device").iter_rows():
        alive.update(row)
    silent: dict[str, list[int]] = defaultdict(list)
    found = []
    for link in links:
        dead = [name for name in (fabric.device[2 * link], fabric.device[2 * link + 1]) if name not in alive]
        whom = max(dead, key=lambda name: (lost[name], name), default=None)
        if whom is not None and lost[whom] > 1:
            silent[whom].append(link)
        else:
            found.append(Mistake(Kind.MISSING, links=(link,)))
    return [*found, *(Mistake(Kind.SILENT, links=tuple(own), devices=(name,)) for name, own in silent.items())]


def _slow(comparison: Comparison, fabric: _Fabric) -> list[Mistake]:
    """Links below their speed, all of a device at one speed together: of the second end, which is the switch."""
    groups: dict[tuple[str, float], list[int]] = defaultdict(list)
    for link, gbps in comparison.slow.select("link", "gbps").rows():
        groups[fabric.device[2 * link + 1], gbps].append(link)
    return [
        Mistake(Kind.SLOW, links=tuple(links), devices=(name,), gbps=gbps) for (name, gbps), links in groups.items()
    ]


def _moves(fabric: _Fabric, cycles: Sequence[list[tuple[int, int]]]) -> Iterator[Move]:
    for cycle in cycles:
        for pair in cycle:
            yield _move(fabric, *_held_first(pair))


def _held_first(pair: tuple[int, int]) -> tuple[int, int]:
    """The end that stays, then the one that moves: cables are moved at the side of the higher tier, end b."""
    return pair if pair[0] % 2 == 0 or pair[1] % 2 == 1 else (pair[1], pair[0])


def _move(fabric: _Fabric, one: int, other: int) -> Move:
    held, at = _held_first((one, other))
    return Move(fabric.spot(held), fabric.spot(at), held ^ 1)


def _loose_move(fabric: _Fabric, row: Mapping[str, Any]) -> Move:
    held, at = ("a", "b") if row["a_end"] is not None else ("b", "a")
    end = row[f"{held}_end"]
    assert isinstance(end, int)
    return Move(fabric.spot(end), _spot(row, at), end ^ 1)


def _spot(row: Mapping[str, Any], side: str) -> Spot:
    port = row[f"{side}_port"]
    return Spot(None, str(row[f"{side}_device"]), None if port is None else str(port), bool(row[f"{side}_known"]))
