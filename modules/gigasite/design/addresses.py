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

INFRASTRUCTURE = "infrastructure"
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
    place = 1 if pool_index is None else (0 if pool_index == 0 else pool_index + 1)
    length = network.prefixlen + place + 1
    if length > 32:
        return None
    # Halves taken so far: 1/2 + 1/4 + ... of the supernet.
    offset = network.num_addresses - (network.num_addresses >> place)
    return Share(fabric, owner, ipaddress.IPv4Network((int(network.network_address) + offset, length)))


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
    absolute = int(base.network_address) + offsets
    frame = pl.DataFrame({"a": absolute, "inside": offsets < base.num_addresses})
    octets = [((pl.col("a") // (1 << shift)) % 256).cast(pl.String) for shift in (24, 16, 8, 0)]
    text = pl.concat_str(octets, separator=".")
    return frame.select(pl.when(pl.col("inside")).then(text).alias("address")).to_series()


def asn_of(base: int, fabric_index: int, tier: str, number: NDArray[np.int32]) -> NDArray[np.int64]:
    """AS numbers of a tier: one a leaf, one a pod of spines, one for the core of a plane, one a border switch.

    Each fabric owns 2^20 numbers from `base` on: cores first, then border switches, spines, leaves.
    """
    first = base + fabric_index * ASN_PER_FABRIC + _ASN_OFFSETS[tier]
    return first + number.astype(np.int64)


def ipv6_subnet(prefix: str, fabric_index: int, owner_index: int) -> tuple[int, int] | None:
    """First /64 of an owner in a fabric and how many it has; None where the site's prefix is too long.

    Of the bits between the prefix and /64, four name the fabric, six the owner, the rest the scalable unit.
    """
    network = ipaddress.IPv6Network(prefix)
    free = 64 - network.prefixlen - 10
    if free < 1 or fabric_index >= 16 or owner_index >= 64:
        return None
    first = (int(network.network_address) >> 64) + (((fabric_index << 6) | owner_index) << free)
    return first, 1 << free


def render_ipv6(
    first_subnet: int, subnet: NDArray[np.int64], high: NDArray[np.int64] | None, low: NDArray[np.int64]
) -> pl.Series:
    """Hosts as text: the /64 of that number after the first, then two groups below 65536: `2001:db8:0:3::1:5`.

    Without `high` the last group alone: `2001:db8:0:3::5`.
    """
    places, inverse = np.unique(subnet, return_inverse=True)
    prefixes = pl.Series(
        [str(ipaddress.IPv6Address((first_subnet + int(place)) << 64)).removesuffix("::") for place in places],
        dtype=pl.String,
    )
    frame = pl.DataFrame({"p": prefixes.gather(inverse.astype(np.uint32)), "l": low})
    if high is None:
        return frame.select(pl.format("{}::{}", "p", _hexadecimal("l"))).to_series()
    return (
        frame.with_columns(h=high).select(pl.format("{}::{}:{}", "p", _hexadecimal("h"), _hexadecimal("l"))).to_series()
    )


def _hexadecimal(column: str) -> pl.Expr:
    """A number below 65536 in hexadecimal, without leading zeros."""
    digits = pl.lit(pl.Series(list("0123456789abcdef")))
    nibbles = [digits.gather(((pl.col(column) // (1 << shift)) % 16).cast(pl.UInt32)) for shift in (12, 8, 4, 0)]
    return pl.concat_str(nibbles).str.strip_chars_start("0")
