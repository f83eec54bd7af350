"""What is plugged into ports, as catalog products: cages, transceivers, cables with plugs, and fibre cables.

A cage is the metal socket of a device; one transceiver, or one plug of a cable, fills it. A port is not a cage: a
twin-port module makes two ports of one cage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product, Technology

LinkCount = Annotated[int, Field(gt=0)]


class Cage(Product):
    """A socket on the front of a device, and the plugs that fit into it."""

    kind: Literal["cage"] = "cage"
    plugs: tuple[str, ...]
    """Form factors of modules and plugs that it takes, its own first."""
    pluggable: bool
    """Whether a module is plugged into it; a socket for twisted pair takes the cable itself."""


class Transceiver(Product):
    """A pluggable module that makes light of a cage's electrical lanes."""

    kind: Literal["transceiver"] = "transceiver"
    vendor: str
    part_number: str | None = None
    order_number: str | None = None
    """What the publisher's ordering tables call it beside the part number."""
    plug: str
    """Form factor: which cages it fits."""
    technologies: tuple[Technology, ...]
    gbps: Positive
    """Of all its links together."""
    media: tuple[str, ...]
    """Link media, by keys of the catalog's cables, that it speaks; both ends of a link speak the same."""
    optical_ports: LinkCount = 1
    """Connectors for fibre on its face: two of a twin-port module."""
    reach_m: Positive | None = None
    """Where it is less far than the media reach."""
    max_w: Positive | None = None

    def link_count(self, gbps: float) -> int:
        """Links of a speed that it carries at most."""
        return int(self.gbps // gbps)


class CableAssembly(Product):
    """A cable with a plug fixed to each end: copper, or fibre with the optics in the plugs.

    End a is the hub of a splitter: `ports_a` links leave it over `ports_a / ports_b` legs of `ports_b` links each.
    """

    kind: Literal["cable-assembly"] = "cable-assembly"
    vendor: str
    part_number: str | None = None
    order_numbers: Mapping[str, str] = Field(default_factory=dict)
    """What the publisher's ordering tables call it, by length in metres."""
    media: str
    """Link media, by key of the catalog's cables."""
    technologies: tuple[Technology, ...]
    plug_a: str
    plug_b: str
    ports_a: LinkCount = 1
    ports_b: LinkCount = 1
    lengths_m: tuple[Positive, ...] = ()
    """Lengths that it is sold in; none: cut to length."""
    reach_m: Positive | None = None
    """Where it is less far than the media reach; of one that is sold in lengths, the longest of them."""
    diameter_mm: Positive | None = None

    @property
    def legs(self) -> int:
        """Far ends of one piece: 1, or more of a splitter."""
        return self.ports_a // self.ports_b


class FibreCable(Product):
    """A cable of fibres between two transceivers, or a splitter between one and several."""

    kind: Literal["fibre-cable"] = "fibre-cable"
    vendor: str
    part_number: str | None = None
    order_numbers: Mapping[str, str] = Field(default_factory=dict)
    """What the publisher's ordering tables call it, by length in metres."""
    media: tuple[str, ...]
    """Link media, by keys of the catalog's cables, that it is for."""
    connector: str | None = None
    """At its ends."""
    legs: LinkCount = 1
    """Far ends of one piece: 1, or 2 of a splitter."""
    reach_m: Positive | None = None
    """Where it is less far than the modules at its ends."""
    lengths_m: tuple[Positive, ...] = ()
    """Lengths that it is sold in; none: cut to length."""
    diameter_mm: Positive | None = None
