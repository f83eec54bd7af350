"""IPv4 and IPv6: the columns that hold them, and what their addresses lie in."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Final

from gigasite.spec.network import NetworkSpec

HOST_USES: Final = ("host", "management")
IPV6_SUBNET_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Family:
    """The columns of a family in the tables of addresses and subnets."""

    version: int
    address: str
    network: str
    gateway: str

    def text(self, value: int) -> str:
        return str((ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address)(value))

    def length(self, row: dict[str, Any]) -> int:
        """Length of the subnet that a host of the table of addresses lies in."""
        return int(row["prefix_length"]) if self.version == 4 else IPV6_SUBNET_LENGTH

    def outside(self, text: str, fabric: str, network: NetworkSpec) -> tuple[str, str] | None:
        """Why an address or network is none of a fabric's: its switches take no routes to it."""
        outer = network.supernets.get(fabric) if self.version == 4 else network.ipv6
        if outer is None or _inside(text, outer):
            return None
        key = f"network.supernets.{fabric}" if self.version == 4 else "network.ipv6"
        return f"{text} lies outside of {outer}, which fabric {fabric} takes routes of", f"widen {key}"


FAMILIES: Final = (
    Family(4, "address", "network", "gateway"),
    Family(6, "ipv6", "ipv6_network", "ipv6_gateway"),
)


def _inside(text: str, outer: str) -> bool:
    inner: Any = ipaddress.ip_network(text)
    return bool(inner.subnet_of(ipaddress.ip_network(outer)))
