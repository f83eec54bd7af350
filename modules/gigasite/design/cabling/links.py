"""What is to be joined, link by link, with the few profiles that so many links have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigasite.design.cabling.faces import Socket, Spots
from gigasite.design.cabling.groups import Groups
from gigasite.design.cabling.ways import Star
from gigasite.design.codes import numbered

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Links to be made. `length_m` NaN: an end has no place."""

    technologies: tuple[str, ...]
    technology: Ints
    """Of each link, in `technologies`."""
    gbps: Floats
    length_m: Floats
    a: Spots
    b: Spots
    sockets: tuple[Socket, ...]
    single_pair: Bools
    """Fibres to optical switches: one pair whose loss is known; no module of the catalog is at their ends."""
    groups: Groups

    def __len__(self) -> int:
        return len(self.gbps)

    def speeds(self) -> tuple[Floats, Ints]:
        """The speeds that occur, and the place of each link's among them."""
        found = np.unique(self.gbps)
        return found, np.searchsorted(found, self.gbps)


@dataclass(frozen=True, slots=True)
class Profile:
    """What links have in common that one module or another fits: technology, speed, the sockets of both ends."""

    technology: str
    gbps: float
    a: Socket
    b: Socket


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """The profiles of links, and which one each link has."""

    kinds: tuple[Profile, ...]
    of_link: Ints


def profiles(links: Links) -> Profiles:
    """Few profiles for many links."""
    speeds, speed = links.speeds()
    sockets = len(links.sockets)
    code = ((links.technology * max(len(speeds), 1) + speed) * sockets + links.a.socket) * sockets + links.b.socket
    used, number = numbered(code)
    kinds = []
    for value in used.tolist():
        rest, b = divmod(value, sockets)
        rest, a = divmod(rest, sockets)
        technology, place = divmod(rest, len(speeds))
        kinds.append(Profile(links.technologies[technology], float(speeds[place]), links.sockets[a], links.sockets[b]))
    return Profiles(tuple(kinds), number)


@dataclass(frozen=True, slots=True, eq=False)
class Stars:
    """Groups that are stars of one speed and technology: which of `kinds` each is; the place behind them: none."""

    kinds: tuple[Star, ...]
    of_group: Ints
    longest_m: Floats
    """Of each group; links without a length count nothing."""


def stars(links: Links) -> Stars:
    """The groups that a cable with plugs could join."""
    groups = links.groups
    count = groups.group_count
    longest = np.zeros(count)
    np.maximum.at(longest, groups.group, np.nan_to_num(links.length_m))
    a_is_head = groups.a_cage == groups.head[groups.group]
    uniform = groups.head >= 0
    speeds, speed = links.speeds()
    made_of = np.zeros(count, np.int64)
    for values, size in (
        (links.technology, len(links.technologies)),
        (speed, len(speeds)),
        (np.where(a_is_head, links.a.socket, links.b.socket), len(links.sockets)),
        (np.where(a_is_head, links.b.socket, links.a.socket), len(links.sockets)),
    ):
        of_group = np.zeros(count, np.int64)
        of_group[groups.group] = values
        uniform[groups.group[values != of_group[groups.group]]] = False
        made_of = made_of * max(size, 1) + of_group
    sizes = np.zeros(count, np.int64)
    for numbers in (groups.peers, groups.tail_links, groups.links):
        sizes = sizes * (_MANY + 1) + np.minimum(numbers, _MANY)
        uniform &= numbers < _MANY
    kinds, kind = numbered(made_of[uniform])
    counts, number = numbered(sizes[uniform])
    used, star = numbered(kind * max(len(counts), 1) + number)
    of_group = np.full(count, len(used), np.int64)
    of_group[uniform] = star
    told = [(int(kinds[value // len(counts)]), int(counts[value % len(counts)])) for value in used.tolist()]
    return Stars(tuple(_star(links, speeds, *pair) for pair in told), of_group, longest)


_MANY = 63  # links in a cage: more are no cable of any catalog


def _star(links: Links, speeds: Floats, made_of: int, sizes: int) -> Star:
    rest, tail = divmod(made_of, len(links.sockets))
    rest, head = divmod(rest, len(links.sockets))
    technology, speed = divmod(rest, len(speeds))
    rest, link_count = divmod(sizes, _MANY + 1)
    peers, tail_links = divmod(rest, _MANY + 1)
    return Star(
        technology=links.technologies[technology],
        gbps=float(speeds[speed]),
        head=links.sockets[head],
        tail=links.sockets[tail],
        peers=peers,
        tail_links=tail_links,
        links=link_count,
    )
