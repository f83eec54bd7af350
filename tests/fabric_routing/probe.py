"""Who reaches whom: a datagram from every host interface to every other, in their own namespaces."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PORT = 4791  # of RoCE v2
IP_AND_UDP_BYTES = 28
_CLONE_NEWNET = 0x40000000
_SO_RCVBUFFORCE = 33
_IP_MTU_DISCOVER, _IP_PMTUDISC_DO = 10, 2
_HEAD = struct.Struct("!II")
_LIBC = ctypes.CDLL(None, use_errno=True)

Pair = tuple[int, int]


class Probe:
    """A socket for each end, an address in a namespace; ends are known by their place in the list."""

    def __init__(self, ends: Sequence[tuple[str, str]]) -> None:
        self.ends = ends
        self.sockets = [_socket(namespace, address) for namespace, address in ends]
        self.place = {found.fileno(): place for place, found in enumerate(self.sockets)}
        self.round = 0

    def close(self) -> None:
        for found in self.sockets:
            found.close()

    def reached(self, packet_bytes: int = 100, patience_s: float = 0.25) -> set[Pair]:
        """Pairs of ends, from and to, whose IP packet of that size came through unbroken."""
        self.round += 1
        arrived: set[Pair] = set()
        padding = bytes(packet_bytes - IP_AND_UDP_BYTES - _HEAD.size)
        for source, found in enumerate(self.sockets):
            payload = _HEAD.pack(self.round, source) + padding
            for namespace, address in self.ends:
                if namespace != self.ends[source][0]:
                    try:
                        found.sendto(payload, (address, PORT))
                    except OSError:  # no route, or a packet larger than the path takes
                        continue
            arrived |= self._received(0.0)
        while new := self._received(patience_s) - arrived:
            arrived |= new
        return arrived

    def everyone(self) -> set[Pair]:
        """All pairs of different namespaces: the others never leave their host."""
        places = range(len(self.ends))
        return {(a, b) for a in places for b in places if self.ends[a][0] != self.ends[b][0]}

    def _received(self, patience_s: float) -> set[Pair]:
        arrived: set[Pair] = set()
        while ready := select.select(self.sockets, [], [], patience_s)[0]:
            for found in ready:
                try:
                    head = found.recv(65_535)[: _HEAD.size]
                except OSError:  # an ICMP error of an earlier packet
                    continue
                sent, source = _HEAD.unpack(head)
                if sent == self.round:
                    arrived.add((source, self.place[found.fileno()]))
        return arrived


def _socket(namespace: str, address: str) -> socket.socket:
    with _within(namespace):
        found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_DO)
    found.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 22)
    found.setblocking(False)
    found.bind((address, PORT))
    return found


@contextmanager
def _within(namespace: str) -> Iterator[None]:
    """This thread in another network namespace."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(Path("/var/run/netns") / namespace, os.O_RDONLY)
    try:
        _enter(there)
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(there)
        os.close(home)


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
