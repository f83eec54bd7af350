"""Which rail, side and plane each NIC port of a node serves.

A rail is what lands on one leaf of each side and plane. The ports of one NIC are dealt over the sides (dual-ToR),
then over the planes. Where planes are more than ports, a port is split over several planes by breakout; where
ports are more, the NIC has several rails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gigasite.catalog.models import Nic, System
from gigasite.errors import GigasiteError

SIDES = 2  # of dual-ToR


@dataclass(frozen=True, slots=True)
class NodePort:
    """A NIC port of a node: its number among all NIC ports (from 1), speed, and what it serves."""

    number: int
    roles: tuple[str, ...]
    gbps: float
    nic: Nic
    nic_number: int
    """Of the NIC that has it, among all NICs of the node (from 1)."""
    kind: int
    """Place of its kind of NIC in the system's list."""


@dataclass(frozen=True, slots=True)
class Rails:
    """Ports by rail, side and plane, one after another with the plane running fastest."""

    ports: tuple[int, ...]
    """Number of the port at each place."""
    lanes: tuple[int, ...]
    """Part of that port, from 1; 1 throughout for a port that is not split."""
    lane_counts: tuple[int, ...]
    """Planes that share that port."""
    rail_count: int


def node_ports(system: System) -> tuple[NodePort, ...]:
    """All NIC ports of a node, numbered in catalog order."""
    ports: list[NodePort] = []
    nics = 0
    for kind, nic in enumerate(system.nics):
        roles = tuple(role.value for role in nic.roles)
        for _ in range(nic.count):
            nics += 1
            for _ in range(nic.ports_per_nic):
                ports.append(NodePort(len(ports) + 1, roles, nic.port_gbps, nic, nics, kind))
    return tuple(ports)


def rails_of_node(ports: Iterable[NodePort], planes: int, *, dual_tor: bool) -> Rails:
    """Deals the ports of a node that a fabric has; NICs of different kinds make no pair of dual-ToR.

    Raises GigasiteError as `rails_of` does.
    """
    kinds: dict[int, dict[int, list[int]]] = {}
    for port in sorted(ports, key=lambda port: port.number):
        kinds.setdefault(port.kind, {}).setdefault(port.nic_number, []).append(port.number)
    parts = [rails_of(tuple(nics.values()), planes, dual_tor=dual_tor) for nics in kinds.values()]
    return Rails(
        ports=tuple(port for part in parts for port in part.ports),
        lanes=tuple(lane for part in parts for lane in part.lanes),
        lane_counts=tuple(count for part in parts for count in part.lane_counts),
        rail_count=sum(part.rail_count for part in parts),
    )


def rails_of(nics: Sequence[Sequence[int]], planes: int, *, dual_tor: bool) -> Rails:
    """Deals the ports of each NIC over sides and planes.

    Raises GigasiteError where neither number of ports and planes divides the other, or a port of dual-ToR has no
    partner.
    """
    rails = [rail for sides in _sides(nics, dual_tor=dual_tor) for rail in _rails(sides, planes)]
    places = [(port, lanes) for rail in rails for side in rail for port, lanes in side]
    seen: dict[int, int] = {}
    lanes = []
    for port, _ in places:
        seen[port] = seen.get(port, 0) + 1
        lanes.append(seen[port])
    return Rails(
        ports=tuple(port for port, _ in places),
        lanes=tuple(lanes),
        lane_counts=tuple(count for _, count in places),
        rail_count=len(rails),
    )


def _sides(nics: Sequence[Sequence[int]], *, dual_tor: bool) -> list[list[Sequence[int]]]:
    """Ports of each NIC, or of a pair of NICs with an odd number of ports, by side."""
    if not dual_tor:
        return [[ports] for ports in nics]
    found: list[list[Sequence[int]]] = []
    waiting: Sequence[int] | None = None
    for ports in nics:
        if len(ports) % SIDES == 0:
            found.append([ports[side::SIDES] for side in range(SIDES)])
        elif waiting is None:
            waiting = ports
        elif len(waiting) == len(ports):
            found.append([waiting, ports])
            waiting = None
        else:
            break
    if waiting is not None:
        raise GigasiteError(
            f"NIC port {waiting[0]} has no partner for the second leaf of a dual-ToR pair",
            hint="leave dual_tor out, or give the system NICs with two ports, or an even number of NICs",
        )
    return found


def _rails(sides: Sequence[Sequence[int]], planes: int) -> list[list[list[tuple[int, int]]]]:
    """Rails of one NIC: for each side the port of each plane, with the number of planes that share it."""
    ports = len(sides[0])
    if planes % ports == 0:
        lanes = planes // ports
        return [[[(side[plane // lanes], lanes) for plane in range(planes)] for side in sides]]
    if ports % planes:
        raise GigasiteError(
            f"{ports} ports of a NIC and {planes} planes: neither is a multiple of the other",
            hint=f"choose planes that {ports} divides by, or a multiple of {ports}",
        )
    starts = range(0, ports, planes)
    return [[[(port, 1) for port in side[start : start + planes]] for side in sides] for start in starts]
