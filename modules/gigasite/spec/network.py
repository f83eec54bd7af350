"""Address supernets, networks that are taken, autonomous system numbers."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gigasite.spec.base import Model, Name

MAX_ASN = 4_294_967_294


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        if "host bits" in str(error):
            inside = ipaddress.ip_network(text, strict=False)
            raise ValueError(f"{text!r} is an address in the network {inside}: write {inside}") from None
        raise ValueError(f"{text!r} is no network: write an address and a length, such as 10.32.0.0/14") from None


def _of_version(version: int) -> AfterValidator:
    def check(text: str) -> str:
        network = _network(text)
        if ipaddress.ip_network(network).version != version:
            raise ValueError(f"{text!r} is no IPv{version} network, which is asked for here")
        return network

    return AfterValidator(check)


def _address(text: str) -> str:
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address: write one such as 10.32.0.5, or 10.32.0.5/24") from None
    return str(found) if "/" in text else str(found.ip)


Network = Annotated[str, AfterValidator(_network)]
Ipv4Network = Annotated[str, _of_version(4)]
Ipv6Network = Annotated[str, _of_version(6)]


Address = Annotated[str, AfterValidator(_address)]
ElementName = Annotated[str, Field(min_length=1, max_length=253)]


class AddressUse(StrEnum):
    """What an address is for; tells two addresses of one interface apart."""

    HOST = "host"
    MANAGEMENT = "management"
    POINT_TO_POINT = "point-to-point"
    LOOPBACK = "loopback"
    VTEP = "vtep"


class AllocationSpec(Model):
    """An address that an interface of the design has already, or must have."""

    device: ElementName
    """Name of a node, switch or other device of the design."""
    interface: ElementName
    """Its interface, as the table `addresses` names it."""
    address: Address
    """IPv4 or IPv6 address, with or without the length of its network."""
    use: AddressUse | None = None
    """Which address of the interface; absent: the first that it has. A loopback may also carry the tunnels' end."""


class SubnetSpec(Model):
    """A network that a subnet of the design has already, in place of the one that follows from its position."""

    subnet: Network
    """As it follows from its position: a network of the table `subnets`."""
    network: Network
    """What it has: no smaller; gateway and hosts keep their places in it."""

    @model_validator(mode="after")
    def _is_large_enough(self) -> SubnetSpec:
        asked, there = ipaddress.ip_network(self.subnet), ipaddress.ip_network(self.network)
        if asked.version != there.version:
            raise ValueError(f"{self.subnet} and {self.network} are of two versions of IP")
        if there.prefixlen > asked.prefixlen:
            raise ValueError(f"{self.network} is smaller than {self.subnet}, whose hosts it is to hold")
        return self


class NetworkSpec(Model):
    """The site's address plan, from supernets that it owns."""

    supernets: Mapping[Name, Ipv4Network] = Field(default_factory=dict)
    """IPv4 supernet of each fabric, by the fabric's name or role."""
    reserved: tuple[Network, ...] = ()
    """Networks that exist already and must not be touched."""
    ipv6: Ipv6Network | None = None
    """IPv6 prefix of the site."""
    asn_base: Annotated[int, Field(ge=1, le=MAX_ASN)] | None = None
    """First of the autonomous system numbers that the site may use."""
    allocations: tuple[AllocationSpec, ...] = ()
    """Addresses that exist already and stay as they are; all others follow from position."""
    subnets: tuple[SubnetSpec, ...] = ()
    """Subnets that exist already elsewhere than where they would follow from position."""

    @model_validator(mode="after")
    def _once(self) -> NetworkSpec:
        seen: dict[tuple[str, str, AddressUse | None, bool], str] = {}
        for entry in self.allocations:
            key = (entry.device, entry.interface, entry.use, ":" in entry.address)
            if key in seen:
                both = f"{seen[key]} and {entry.address}"
                raise ValueError(f"allocations give {entry.device} {entry.interface} two addresses: {both}")
            seen[key] = entry.address
        return self
