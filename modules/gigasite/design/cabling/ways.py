"""Ways to make a link from the catalog's products, and what each of them fits.

The order is that of preference: by kind of link, then straight cables before splitters, then modules of the shortest
reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gigasite.catalog.cabling_products import CableAssembly, Cage, FibreCable, Transceiver
from gigasite.catalog.load import Catalog
from gigasite.catalog.models import CableKind
from gigasite.design.cabling.faces import Socket

OPTICS: Final = ("mmf", "smf")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to make links of a kind.

    With plugs: `assembly`, or nothing where no product is known. With modules: those of both ends reach `reach_m`.
    """

    kind: CableKind
    reach_m: float
    assembly: CableAssembly | None = None
    has_modules: bool = False


@dataclass(frozen=True, slots=True)
class Star:
    """What a cable with plugs has to join: one cage and `peers` others, with `tail_links` links in each at most."""

    technology: str
    gbps: float
    head: Socket
    tail: Socket
    peers: int
    tail_links: int
    links: int


@dataclass(frozen=True, slots=True)
class Products:
    """The products of a catalog that make links, in the order in which they are tried."""

    kinds: tuple[CableKind, ...]
    ways: tuple[Way, ...]
    transceivers: tuple[Transceiver, ...]
    fibres: tuple[FibreCable, ...]
    plugs: Mapping[str, tuple[str, ...]]
    """By cage: the plugs that it takes."""

    def fits(self, plug: str, socket: Socket) -> bool:
        """Whether a plug goes into a cage; into an unknown one it may."""
        return socket.cage is None or plug in self.plugs.get(socket.cage, ())

    def module(self, way: Way, technology: str, gbps: float, socket: Socket) -> Transceiver | None:
        """The module with the shortest reach that goes into a cage and makes links of that speed."""
        if socket.cage is None or gbps not in way.kind.gbps:
            return None
        able = (
            item
            for item in self.transceivers
            if way.kind.key in item.media
            and _reach_m(item, way.kind) >= way.reach_m
            and technology in item.technologies
            and item.gbps <= max(socket.gbps, port_gbps(item))
            and self.fits(item.plug, socket)
        )
        return min(able, key=lambda item: (_reach_m(item, way.kind), -item.optical_ports, item.key), default=None)

    def fibre(self, way: Way, legs: int) -> FibreCable | None:
        """The fibre for a kind of link with as many legs, or the splitter with the fewest more."""
        able = (item for item in self.fibres if way.kind.key in item.media and item.legs >= legs)
        return min(able, key=lambda item: (item.legs, item.key), default=None)

    def can_make(self, way: Way, star: Star) -> bool:
        """Whether a cable with plugs makes all links of a star, its end a at the head."""
        item, kind = way.assembly, way.kind
        if star.gbps not in kind.gbps or star.technology not in kind.technologies:
            return False
        if item is None:
            return True
        return (
            star.technology in item.technologies
            and star.peers <= item.legs
            and star.tail_links <= item.ports_b
            and star.links <= item.ports_a
            and self.fits(item.plug_a, star.head)
            and self.fits(item.plug_b, star.tail)
        )


def products(catalog: Catalog) -> Products:
    """All ways of a catalog. A kind of copper that no product makes is a way without products."""
    assemblies, transceivers = catalog.all_of(CableAssembly), catalog.all_of(Transceiver)
    ways: list[Way] = []
    for kind in catalog.cables:
        if kind.media in OPTICS:
            grades = sorted({_reach_m(item, kind) for item in transceivers if kind.key in item.media})
            ways += [Way(kind, reach_m, has_modules=True) for reach_m in grades]
            continue
        own = [item for item in assemblies if item.media == kind.key]
        own.sort(key=lambda item: (item.legs, assembly_reach_m(item, kind), item.key))
        ways += [Way(kind, assembly_reach_m(item, kind), item) for item in own] or [Way(kind, kind.reach_m)]
    plugs = {cage.key: cage.plugs for cage in catalog.all_of(Cage)}
    return Products(catalog.cables, tuple(ways), transceivers, catalog.all_of(FibreCable), plugs)


def port_gbps(item: Transceiver) -> float:
    """Speed of one optical port of a module."""
    return item.gbps / item.optical_ports


def assembly_reach_m(item: CableAssembly, kind: CableKind) -> float:
    """How far a cable reaches: as it says, or as the longest that is sold."""
    return min(item.reach_m or max(item.lengths_m, default=kind.reach_m), kind.reach_m)


def _reach_m(item: Transceiver, kind: CableKind) -> float:
    return min(item.reach_m or kind.reach_m, kind.reach_m)
