"""How modules and fibres of one way fit links: cage, speed, place in the cage, splits, fibre, reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigasite.catalog.cabling_products import Transceiver
from gigasite.design.cabling.links import Bools, Floats, Ints, Links, Profile, Profiles
from gigasite.design.cabling.ways import Products, Way, port_gbps

NONE = -1
_PORTS_PER_CAGE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Fitting:
    """How a way fits links, in their order. Modules and fibres are places in the catalog's lists; -1: none known."""

    fits: Bools
    a_module: Ints
    b_module: Ints
    fibre: Ints
    piece: Ints
    """For each link the first one that shares its fibre."""
    piece_count: Ints
    """Fibres side by side: a link over two optical ports has two."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """The modules at the ends of one profile; None: the end is unknown."""

    a: Transceiver | None
    b: Transceiver | None
    fits: bool

    def port_gbps(self, end: int) -> float:
        """Speed of an optical port; 0 where unknown."""
        item = (self.a, self.b)[end]
        return port_gbps(item) if item else 0.0

    def room_gbps(self, end: int) -> float:
        """What the module carries."""
        item = (self.a, self.b)[end]
        return item.gbps if item else np.inf


def fitting(way: Way, links: Links, own: Ints, among: Profiles, products: Products) -> Fitting:
    """How a way with modules fits the links at `own`."""
    number = among.of_link[own]
    pairs = [_pair(way, profile, products) for profile in among.kinds]
    gbps, length_m = links.gbps[own], links.length_m[own]
    per_port = [np.array([pair.port_gbps(end) for pair in pairs])[number] for end in (0, 1)]
    fits = np.array([pair.fits for pair in pairs], bool)[number] & ~(length_m > way.reach_m)
    for end, spots in enumerate((links.a, links.b)):
        room = np.array([pair.room_gbps(end) for pair in pairs])[number]
        fits &= spots.before_gbps[own] + gbps <= room + 1e-6
    legs, piece = np.ones(len(own), np.int64), own.copy()
    split = np.flatnonzero(fits & ((gbps < per_port[0]) | (gbps < per_port[1])))
    if len(split):
        shared = _shared(links, own[split], [speeds[split] for speeds in per_port])
        fits[split] &= shared.simple
        legs[split], piece[split] = shared.legs, own[split][shared.first]
    fibre = np.full(len(own), NONE, np.int64)
    known = np.array([pair.a is not None and pair.b is not None for pair in pairs], bool)[number]
    for leg_count in np.unique(legs).tolist():
        item = products.fibre(way, leg_count)
        fits[(legs == leg_count) & known] &= item is not None
        if item is not None:
            own_legs = (legs == leg_count) & known
            fibre[own_legs] = products.fibres.index(item)
            fits[own_legs] &= ~(length_m[own_legs] > (item.reach_m or np.inf))
    slowest = np.minimum(*(np.where(speeds > 0, speeds, np.inf) for speeds in per_port))
    side_by_side = np.maximum(np.ceil(gbps / slowest - 1e-9), 1).astype(np.int64)
    table = np.array([[_place(products, item) for item in (pair.a, pair.b)] for pair in pairs]).reshape(-1, 2)
    return Fitting(fits, table[number, 0], table[number, 1], fibre, piece, side_by_side)


def _pair(way: Way, profile: Profile, products: Products) -> _Pair:
    a, b = (products.module(way, profile.technology, profile.gbps, socket) for socket in (profile.a, profile.b))
    known = (profile.a.cage is not None, profile.b.cage is not None)
    able = (a is not None or not known[0]) and (b is not None or not known[1]) and (a is not None or b is not None)
    return _Pair(a, b, able and profile.technology in way.kind.technologies)


def _place(products: Products, item: Transceiver | None) -> int:
    return NONE if item is None else products.transceivers.index(item)


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """Links that share optical ports. `simple`: they meet in one port, or go side by side from port to port."""

    simple: Bools
    legs: Ints
    first: Ints
    """For each the first that shares its fibre."""


def _shared(links: Links, own: Ints, per_port: list[Floats]) -> _Shared:
    keys = []
    for spots, cage, speeds in zip(
        (links.a, links.b), (links.groups.a_cage, links.groups.b_cage), per_port, strict=True
    ):
        port = np.where(speeds > 0, spots.before_gbps[own] // np.maximum(speeds, 1.0), spots.lane[own])
        keys.append(cage[own] * _PORTS_PER_CAGE + np.minimum(port, _PORTS_PER_CAGE - 1).astype(np.int64))
    a, b = (_Equal(key) for key in keys)
    pair = _Equal(a.number * (int(b.number.max()) + 1) + b.number)
    together = (pair.count == a.count) & (pair.count == b.count)
    return _Shared(
        simple=together | (np.minimum(a.count, b.count) == 1),
        legs=np.where(together, 1, np.maximum(a.count, b.count)),
        first=np.where(together, pair.first, np.where(a.count >= b.count, a.first, b.first)),
    )


class _Equal:
    """Equal keys: a number for each, how many there are, and where the first one is."""

    def __init__(self, key: Ints) -> None:
        _, first, number, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
        self.number, self.count, self.first = number, count[number], first[number]
