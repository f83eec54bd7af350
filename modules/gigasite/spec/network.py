"""Address supernets, networks that are taken, autonomous system numbers."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

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


Network = Annotated[str, AfterValidator(_network)]
Ipv4Network = Annotated[str, _of_version(4)]
Ipv6Network = Annotated[str, _of_version(6)]


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
