"""Address supernets, networks that are taken, autonomous system numbers."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from gigasite.spec.base import Model, Name

MAX_ASN = 4_294_967_294


def _prefix(text: str, version: int) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a network: {error}") from None
    if network.version != version:
        raise ValueError(f"{text!r} is IPv{network.version}; IPv{version} is asked for here")
    return str(network)


class NetworkSpec(Model):
    """The site's address plan, from supernets that it owns."""

    supernets: Mapping[Name, str] = Field(default_factory=dict)
    """IPv4 supernet of each fabric, by the fabric's name or role."""
    reserved: tuple[str, ...] = ()
    """Networks that exist already and must not be touched."""
    ipv6: str | None = None
    asn_base: Annotated[int, Field(ge=1, le=MAX_ASN)] | None = None
    """First of the autonomous system numbers that the site may use."""

    @field_validator("supernets")
    @classmethod
    def _supernets(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        return {name: _prefix(text, 4) for name, text in value.items()}

    @field_validator("reserved")
    @classmethod
    def _reserved(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_prefix(text, ipaddress.ip_network(text, strict=False).version) for text in value)

    @field_validator("ipv6")
    @classmethod
    def _ipv6(cls, value: str | None) -> str | None:
        return None if value is None else _prefix(value, 6)
