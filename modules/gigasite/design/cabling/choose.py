"""The way in which each link is made: the first that fits all links that share cages with it.

Links of a group get one way. A cable with plugs needs a star that it joins; modules need, for every link, what
`optics.fitting` says. What fits no way keeps a kind of link by speed and length alone, without products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gigasite.catalog.cabling_products import CableAssembly, FibreCable
from gigasite.catalog.models import CableKind
from gigasite.design.cabling.links import Bools, Ints, Links, Profiles, Stars, profiles, stars
from gigasite.design.cabling.optics import NONE, fitting
from gigasite.design.cabling.ways import OPTICS, Products, Star, Way


@dataclass(eq=False)
class Choice:
    """What each link is made of. Places are in `kinds`, `assemblies` and the catalog's transceivers; -1: none."""

    links: Links
    products: Products
    kinds: tuple[CableKind, ...]
    assemblies: tuple[CableAssembly | FibreCable, ...]
    kind: Ints = field(init=False)
    assembly: Ints = field(init=False)
    piece: Ints = field(init=False)
    """For each link the first one of the piece that it is in."""
    piece_count: Ints = field(init=False)
    """Pieces side by side."""
    a_module: Ints = field(init=False)
    b_module: Ints = field(init=False)
    has_modules: Bools = field(init=False)
    unfit: Bools = field(init=False)
    """Links that no products of the catalog make."""

    def __post_init__(self) -> None:
        count = len(self.links)
        self.kind, self.assembly = np.full(count, NONE, np.int64), np.full(count, NONE, np.int64)
        self.piece, self.piece_count = np.arange(count), np.ones(count, np.int64)
        self.a_module, self.b_module = np.full(count, NONE, np.int64), np.full(count, NONE, np.int64)
        self.has_modules, self.unfit = np.zeros(count, bool), np.zeros(count, bool)


def choose(links: Links, products: Products) -> Choice:
    """The choice for all links at once."""
    with_plugs = tuple({way.assembly.key: way.assembly for way in products.ways if way.assembly}.values())
    choice = Choice(links, products, products.kinds, (*with_plugs, *products.fibres))
    if len(links):
        _Choosing(choice).run()
    return choice


class _Choosing:
    """Goes through the ways and settles groups that one fits."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.links, self.groups = choice.links, choice.links.groups
        self.kind_place = {kind.key: place for place, kind in enumerate(choice.kinds)}
        self.placed = ~np.isnan(self.links.length_m)
        self.open = np.ones(self.groups.group_count, bool)
        self.rest = np.arange(len(self.links))
        self.profiles: Profiles = profiles(self.links)
        self.stars: Stars = stars(self.links)

    def run(self) -> None:
        self._optical_switches()
        for way in self.choice.products.ways:
            if not len(self.rest):
                break
            if way.has_modules:
                self._with_modules(way)
            elif way.kind.media not in OPTICS:
                self._with_plugs(way)
        self._by_kind_alone()

    def _optical_switches(self) -> None:
        own = self.links.single_pair
        if own.any():
            self._close(np.flatnonzero(own))
            self._first_kind(own, [kind for kind in self.choice.kinds if kind.channel_loss_db is not None])

    def _by_kind_alone(self) -> None:
        """What nothing fits; and what shares cages with fibres to optical switches, as these tell no module."""
        choice, rest = self.choice, np.zeros(len(self.links), bool)
        rest[self.rest] = True
        choice.unfit = rest & self.placed
        if self.links.single_pair.any():
            beside = np.zeros(self.groups.group_count, bool)
            beside[self.groups.group[self.links.single_pair]] = True
            rest |= beside[self.groups.group] & ~self.links.single_pair
        self._first_kind(rest, choice.kinds)

    def _first_kind(self, own: Bools, kinds: Sequence[CableKind]) -> None:
        links = self.links
        for kind in reversed(kinds) if own.any() else ():
            able = np.array([technology in kind.technologies for technology in links.technologies])
            fit = own & (links.length_m <= kind.reach_m) & np.isin(links.gbps, np.array(kind.gbps, float))
            self.choice.kind[fit & able[links.technology]] = self.kind_place[kind.key]

    def _with_plugs(self, way: Way) -> None:
        """Stars that a cable with plugs joins."""
        able = np.array([*(self._joins(way, star) for star in self.stars.kinds), False], bool)
        fit = self.open & (self.stars.longest_m <= way.reach_m) & able[self.stars.of_group]
        own = self.rest[fit[self.groups.group[self.rest]]] if fit.any() else self.rest[:0]
        if not len(own):
            return
        choice, group = self.choice, self.groups.group[own]
        if way.assembly is not None:
            known = np.array([*(_is_known(star) for star in self.stars.kinds), False], bool)
            told = own[known[self.stars.of_group[group]] & self.placed[own]]
            choice.assembly[told] = choice.assemblies.index(way.assembly)
        first = np.zeros(self.groups.group_count, np.int64)
        first[group[::-1]] = own[::-1]  # written last: the first link
        choice.piece[own] = first[group]
        self._settle(own, way)

    def _joins(self, way: Way, star: Star) -> bool:
        can_make = self.choice.products.can_make
        return can_make(way, star) or (star.peers == 1 and can_make(way, _turned(star)))

    def _with_modules(self, way: Way) -> None:
        """Groups all of whose links take modules of this way and a fibre between them."""
        might = np.array(
            [p.gbps in way.kind.gbps and p.technology in way.kind.technologies for p in self.profiles.kinds], bool
        )
        tried = might[self.profiles.of_link[self.rest]]
        own = self.rest[tried]
        if not len(own):
            return
        found = fitting(way, self.links, own, self.profiles, self.choice.products)
        bad = np.zeros(self.groups.group_count, bool)
        bad[self.groups.group[self.rest[~tried]]] = True
        bad[self.groups.group[own[~found.fits]]] = True
        taken = ~bad[self.groups.group[own]]
        rows, choice = own[taken], self.choice
        plugs = len(choice.assemblies) - len(choice.products.fibres)
        placed = self.placed[rows]
        fibre = found.fibre[taken]
        choice.assembly[rows] = np.where(placed & (fibre != NONE), fibre + plugs, NONE)
        choice.piece[rows], choice.piece_count[rows] = found.piece[taken], found.piece_count[taken]
        choice.a_module[rows], choice.b_module[rows] = found.a_module[taken], found.b_module[taken]
        choice.has_modules[rows] = placed
        self._settle(rows, way)

    def _settle(self, own: Ints, way: Way) -> None:
        self.choice.kind[own[self.placed[own]]] = self.kind_place[way.kind.key]
        self._close(own)

    def _close(self, own: Ints) -> None:
        if len(own):
            self.open[self.groups.group[own]] = False
            self.rest = self.rest[self.open[self.groups.group[self.rest]]]


def _turned(star: Star) -> Star:
    return Star(star.technology, star.gbps, star.tail, star.head, star.peers, star.links, star.links)


def _is_known(star: Star) -> bool:
    return star.head.cage is not None and star.tail.cage is not None
