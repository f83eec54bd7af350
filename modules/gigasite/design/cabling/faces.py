"""Fronts of devices: the cage that a port is in, its place there, and what the cage takes.

Ports are logical, cages are not: a twin-port cage holds two ports, and each may be split further. A place in a cage is
told in Gb/s from its start, so that a module with ports of its own can be laid over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import NicCage, PortGroup, Switch, System
from gigasite.design.clos import SwitchShape, cabled_ports

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

TWISTED_PAIR: Final = "rj45"
"""Catalog key of the cage of ports that nobody states and that run at `TWISTED_PAIR_GBPS` (1000BASE-T)."""
TWISTED_PAIR_GBPS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Socket:
    """A kind of cage on some device. `cage`: catalog key; None: unknown. `gbps`: of all ports in one."""

    cage: str | None = None
    gbps: float = 0.0


UNKNOWN: Final = Socket()


@dataclass(frozen=True, slots=True)
class Spots:
    """Where ports are: port on the front, lane of it, cage, port of that cage (all from 1), Gb/s before it there.

    A management port is at front 0, cage 0. `socket` is a place in `Fronts.sockets`.
    """

    front: Ints
    lane: Ints
    cage: Ints
    position: Ints
    before_gbps: Floats
    socket: Ints


class Face(Protocol):
    """A front that knows where its ports are."""

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """Kinds of cages on it."""

    def spots(self, port: Ints, part: Ints, gbps: Floats) -> Spots:
        """Of ports (from 1), parts of them (from 1) and speeds; `socket` counts in `sockets`."""


@dataclass(frozen=True, slots=True)
class SwitchFace:
    """A switch's front as one tier of a fabric uses it: `shape` numbers its ports."""

    switch: Switch
    shape: SwitchShape

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """By group of ports."""
        return _sockets(self.switch)

    def spots(self, port: Ints, part: Ints, gbps: Floats) -> Spots:
        """Cabled ports come group by group, those that only look up last; a cage takes as many as its group says."""
        cabled, lane = cabled_ports(self.shape, (port - 1).astype(np.int32))
        return _in_cages(self.switch, cabled - 1, lane, self.shape.stride, gbps)


@dataclass(frozen=True, slots=True)
class BorderFace:
    """A border switch's front: each of its cabled ports takes `stride` numbers, whatever it is split into."""

    switch: Switch
    stride: int

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """By group of ports."""
        return _sockets(self.switch)

    def spots(self, port: Ints, part: Ints, gbps: Floats) -> Spots:
        """Cabled ports come group by group."""
        cabled, lane = np.divmod(port - 1, self.stride)
        return _in_cages(self.switch, cabled.astype(np.int32), lane.astype(np.int32), self.stride, gbps)


@dataclass(frozen=True, slots=True)
class PlainFace:
    """A front of equal ports, each a cage of its own."""

    cage: NicCage
    port_gbps: float

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """One kind."""
        return (Socket(self.cage.cage, self.port_gbps),)

    def spots(self, port: Ints, part: Ints, gbps: Floats) -> Spots:
        """Port n is cage n."""
        nothing = np.zeros(len(port), np.int32)
        return Spots(port.copy(), part.copy(), port.copy(), nothing + 1, np.zeros(len(port)), nothing)


@dataclass(frozen=True, slots=True)
class NodeFace:
    """A node's front: the cages of its NICs in the catalog's order, behind them its management ports."""

    system: System

    @property
    def sockets(self) -> tuple[Socket, ...]:
        """By group of NICs; the last one is that of management ports."""
        lines = self._lines()
        nics = (_socket(line, nic.port_gbps) for line, nic in zip(lines, self.system.nics, strict=True))
        return (*nics, Socket(TWISTED_PAIR, TWISTED_PAIR_GBPS))

    def spots(self, port: Ints, part: Ints, gbps: Floats) -> Spots:
        """Ports of one group fill its cages in order, or as its numbers say; each is a port on the front."""
        table = self._table()
        place = np.minimum(port - 1, len(table) - 1)
        extra = np.maximum(port - len(table), 0).astype(np.int32)
        cage, position, socket = (table[place, column].astype(np.int32) for column in range(3))
        before = position * table[place, 3] + (part - 1) * gbps
        return Spots(port.copy(), part.copy(), cage + extra, position + 1, before, socket)

    def _lines(self) -> tuple[NicCage | None, ...]:
        return self.system.nic_cages or (None,) * len(self.system.nics)

    def _table(self) -> Floats:
        """One row a port, and one for the first management port: cage, position (from 0), socket, Gb/s of a port."""
        rows: list[tuple[float, ...]] = []
        first_cage = 0
        for place, (nic, line) in enumerate(zip(self.system.nics, self._lines(), strict=True)):
            shared = line.ports_per_cage if line else 1
            count = nic.count * nic.ports_per_nic
            for number in range(count):
                cage, position = divmod(number, shared)
                if line and line.numbers:
                    cage = line.numbers[number] - 1
                    position = line.numbers[:number].count(cage + 1)
                if line and line.parts:
                    position = line.parts[number] - 1
                rows.append((first_cage + cage + 1, position, place, nic.port_gbps))
            first_cage += -(-count // shared)
        rows.append((first_cage + 1, 0, len(self.system.nics), TWISTED_PAIR_GBPS))
        return np.array(rows)


@dataclass(frozen=True, slots=True)
class Fronts:
    """The faces of a site's devices. `face_of`: for each device a place in `faces`, or -1: its front is unknown."""

    faces: tuple[Face, ...]
    face_of: Ints
    sockets: tuple[Socket, ...]
    """Unknown, twisted pair, then those of the faces in order."""

    def spots(self, device: NDArray[np.uint32], port: Ints, part: Ints, gbps: Floats) -> Spots:
        """Where the ports of links are. A port of an unknown front is a cage of its own, and so is port 0."""
        face = np.where(port > 0, self.face_of[device], -1)
        socket = (gbps <= TWISTED_PAIR_GBPS).astype(np.int32)
        spots = Spots(port.copy(), part.copy(), port.copy(), np.ones_like(port), np.zeros(len(port)), socket)
        first = len(_OWN)
        for place, known in enumerate(self.faces):
            own = np.flatnonzero(face == place)
            if len(own):
                found = known.spots(port[own], part[own], gbps[own])
                spots.front[own], spots.lane[own], spots.cage[own] = found.front, found.lane, found.cage
                spots.position[own], spots.before_gbps[own] = found.position, found.before_gbps
                spots.socket[own] = found.socket + first
            first += len(known.sockets)
        return spots


_OWN: Final = (UNKNOWN, Socket(TWISTED_PAIR, TWISTED_PAIR_GBPS))
LAST_OWN: Final = len(_OWN) - 1
"""Sockets up to this one are those of ports without a known front."""


def fronts(faces: Mapping[str, Face], face_names: pl.Series) -> Fronts:
    """Fronts of devices by the names of their faces; a device without one has an unknown front."""
    places = pl.Enum(list(faces))
    return Fronts(
        faces=tuple(faces.values()),
        face_of=face_names.cast(places).to_physical().cast(pl.Int32).fill_null(-1).to_numpy(),
        sockets=(*_OWN, *(socket for face in faces.values() for socket in face.sockets)),
    )


def _sockets(switch: Switch) -> tuple[Socket, ...]:
    return tuple(_socket(group, group.gbps) for group in switch.port_groups)


def _socket(line: NicCage | PortGroup | None, port_gbps: float) -> Socket:
    return Socket(line.cage, line.ports_per_cage * port_gbps) if line and line.cage else UNKNOWN


def _in_cages(switch: Switch, cabled: Ints, lane: Ints, stride: int, gbps: Floats) -> Spots:
    """Of cabled ports and lanes in them, both from 0; ports that only look up come last."""
    count = len(cabled)
    cages, positions, sockets = (np.zeros(count, np.int32) for _ in range(3))
    spots = Spots(cabled + 1, lane + 1, cages, positions, np.zeros(count), sockets)
    first_port = first_cage = 0
    for place in sorted(range(len(switch.port_groups)), key=lambda place: switch.port_groups[place].use == "up"):
        group = switch.port_groups[place]
        own = cabled >= first_port
        cage, position = np.divmod(cabled[own] - first_port, group.ports_per_cage)
        step = np.maximum(gbps[own], group.gbps / stride)
        spots.cage[own], spots.position[own] = first_cage + cage + 1, position + 1
        spots.before_gbps[own] = position * group.gbps + lane[own] * step
        spots.socket[own] = place
        first_port += group.count
        first_cage += -(-group.count // group.ports_per_cage)
    return spots
