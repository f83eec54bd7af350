"""Addresses and AS numbers from position, so that none moves when a pool grows.

A fabric's supernet is halved again and again: pool 0 owns the first half, the infrastructure the next
quarter, pool 1 the next eighth, and so on. Nobody's share depends on how large the others are. Within a
share every scalable unit has a block of fixed size, and every slot a fixed place in it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design.codes import numbered

INFRASTRUCTURE = "infrastructure"
IPV6_FABRIC_BITS = 4
ASN_PER_FABRIC = 1 << 20
_ASN_OFFSETS = {"core": 0, "border": 1 << 9, "spine": 1 << 10, "leaf": 1 << 16}


@dataclass(frozen=True, slots=True)
class Share:
    """One owner's part of a fabric's supernet."""

    fabric: str
    owner: str
    network: ipaddress.IPv4Network

    @property
    def size(self) -> int:
        return self.network.num_addresses


def share(fabric: str, supernet: str, owner: str, pool_index: int | None) -> Share | None:
    """The part of pool `pool_index` (None: the infrastructure); None where the supernet is too small to halve on."""
    network = ipaddress.IPv4Network(supernet)
    place = owner_place(pool_index)
    length = network.prefixlen + place + 1
    if length > 32:
        return None
    # Halves taken so far: 1/2 + 1/4 + ... of the supernet.
    offset = network.num_addresses - (network.num_addresses >> place)
    return Share(fabric, owner, ipaddress.IPv4Network((int(network.network_address) + offset, length)))


def owner_place(pool_index: int | None) -> int:
    """How often a supernet is halved before an owner's part: pool 0, infrastructure, pool 1, ..."""
    return 1 if pool_index is None else (0 if pool_index == 0 else pool_index + 1)


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an owner's share for one kind of address. `share` None: no supernet, or too small a one."""

    share: Share | None
    start: int
    size: int

    @property
    def network(self) -> str | None:
        """Network of the whole share."""
        return str(self.share.network) if self.share else None

    def render(self, offsets: NDArray[np.int64]) -> pl.Series:
        """Offsets from the region's start as dotted addresses; null where they lie beyond it."""
        if self.share is None:
            return pl.Series([None] * len(offsets), dtype=pl.String)
        inside = np.where(offsets < self.size, offsets + self.start, self.share.size)
        return render(self.share.network, inside)


def region(share: Share | None, first: float = 0, last: float = 1) -> Region:
    """The part of a share between two fractions of it."""
    size = share.size if share else 0
    return Region(share, int(size * first), int(size * (last - first)))


def block_size(slot_count: int, hosts_per_slot: int = 1) -> int:
    """Addresses of a block for `slot_count` slots: a power of two that also holds network, gateway and broadcast."""
    return power_of_two(slot_count * hosts_per_slot + 3)


def power_of_two(least: int) -> int:
    """The smallest power of two that is not smaller."""
    return 1 << max(least - 1, 0).bit_length()


def render(base: ipaddress.IPv4Network, offsets: NDArray[np.int64]) -> pl.Series:
    """Offsets as dotted addresses; null where they lie beyond the network (a check reports the exhaustion)."""
    absolute = np.where(offsets < base.num_addresses, int(base.network_address) + offsets, 0)
    # Few texts are written and then put together: networks of 256 addresses, and the last octets.
    networks, number = numbered(absolute >> 8)
    begins = [f"{n >> 16}.{n >> 8 & 255}.{n & 255}." for n in networks.tolist()]
    text = _gathered(begins, number) + _gathered([str(octet) for octet in range(256)], absolute & 255)
    frame = pl.DataFrame({"address": text, "inside": offsets < base.num_addresses})
    return frame.select(pl.when("inside").then("address").alias("address")).to_series()


def _gathered(texts: list[str], places: NDArray[np.int64]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String).gather(places.astype(np.uint32))


def asn_of(base: int, fabric_index: int, tier: str, number: NDArray[np.int32]) -> NDArray[np.int64]:
    """AS numbers of a tier: one a leaf, one a pod of spines, one for the core of a plane, one a border switch.

    Each fabric owns 2^20 numbers from `base` on: cores first, then border switches, spines, leaves.
    """
    first = base + fabric_index * ASN_PER_FABRIC + _ASN_OFFSETS[tier]
    return first + number.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Ipv6Share:
    """One owner's part of a fabric's IPv6 networks of /64: the first, as a number of 64 bits, and how many."""

    first: int
    count: int

    def part(self, first: float, last: float) -> Ipv6Share:
        """What lies between two fractions of it."""
        return Ipv6Share(self.first + int(self.count * first), int(self.count * (last - first)))

    def networks(self, numbers: NDArray[np.int64], size: int = 1) -> pl.Series:
        """Networks of `size` (a power of two) times a /64, by the numbers of their first /64."""
        length = 64 - (size.bit_length() - 1)
        used, place = numbered(numbers)
        return _gathered([f"{text}/{length}" for text in self._begins(used, "")], place)

    def render(self, numbers: NDArray[np.int64], hosts: NDArray[np.int64]) -> pl.Series:
        """Addresses: of networks by number, and numbers below 2^32 of the hosts in them: `2001:db8:0:3::5`."""
        used, place = numbered(numbers * 2 + (hosts >> 16 > 0))
        wide = used & 1 > 0
        begins = np.empty(len(used), object)
        for own, end in ((~wide, "1"), (wide, "1:1")):
            begins[own] = self._begins(used[own] >> 1, end)
        host, host_place = numbered(hosts)
        ends = [f"{n:x}" if n < 1 << 16 else f"{n >> 16:x}:{n & 0xFFFF:x}" for n in host.tolist()]
        return (_gathered(begins.tolist(), place) + _gathered(ends, host_place)).alias("ipv6")

    def _begins(self, numbers: NDArray[np.int64], end: str) -> list[str]:
        """How addresses of networks begin whose last groups are written like `end`.

        Zeros are shortened where most of them are (RFC 5952). Of a network's fourth group this asks no more than
        whether it is zero, so that one text is written for all networks that differ in it alone.
        """
        host = sum(int(group or "0", 16) << (16 * place) for place, group in enumerate(reversed(end.split(":"))))
        parts: dict[int, tuple[str, str]] = {}
        found = []
        for number in numbers.tolist():
            front, group = divmod(self.first + number, 1 << 16)
            if not group:
                found.append(str(ipaddress.IPv6Address((front << 80) + host)).removesuffix(end))
                continue
            if front not in parts:
                sample = str(ipaddress.IPv6Address((front << 80) + (0xFFFF << 64) + host)).removesuffix(end)
                before, _, behind = sample.rpartition("ffff")
                parts[front] = (before, behind)
            before, behind = parts[front]
            found.append(f"{before}{group:x}{behind}")
        return found


def ipv6_share(prefix: str, fabric_index: int, pool_index: int | None) -> Ipv6Share | None:
    """The part of an owner on a fabric; None where the site's prefix is too long.

    Four bits behind the prefix name the fabric; the rest is halved among owners as a supernet is.
    """
    network = ipaddress.IPv6Network(prefix)
    free = 64 - network.prefixlen - IPV6_FABRIC_BITS
    place = owner_place(pool_index)
    if fabric_index >> IPV6_FABRIC_BITS or free <= place:
        return None
    first = (int(network.network_address) >> 64) + (fabric_index << free)
    return Ipv6Share(first + (1 << free) - (1 << (free - place)), 1 << (free - place - 1))


def ipv6_needed_length(pool_index: int | None, network_count: int) -> int:
    """The longest prefix of a site that gives an owner so many networks of /64 on a fabric."""
    return 64 - IPV6_FABRIC_BITS - owner_place(pool_index) - 1 - max(network_count - 1, 0).bit_length()
