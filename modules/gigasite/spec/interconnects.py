"""Links to other sites, and between fabrics of one site: border switches, circuits, distance."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from gigasite.spec.base import CatalogKey, Model, Name
from gigasite.units import Gbps


class Attach(StrEnum):
    """Which switches of a fabric border switches are linked to."""

    TOP = "top"
    CORE = "core"
    SPINE = "spine"
    LEAF = "leaf"


class InterconnectSpec(Model):
    """Border switches that join a fabric, and what they lead to: circuits to another site, or another fabric here."""

    name: Name
    fabric: Name
    """The fabric that the border switches join."""
    to: Name | None = None
    """The other site; circuits lead there."""
    joins: Name | None = None
    """Another fabric of this site, which the same border switches join, in place of circuits."""
    circuits: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Circuits to the other site, dealt over the border switches."""
    circuit_gbps: Gbps | None = None
    """Speed of one circuit."""
    distance_km: Annotated[float, Field(gt=0, le=40_000)] | None = None
    """Length of the fibre from site to site."""
    amplified: bool = False
    """Whether a line system with amplifiers carries the circuits; otherwise the fibre is dark from end to end."""
    border: Name = "border"
    """Set of border switches: interconnects of one set share its switches."""
    border_switch: CatalogKey | None = None
    """Catalog key of the border switch; that of the fabric with the role `interconnect` where absent."""
    border_switches: Annotated[int, Field(ge=1, le=64)] = 2
    """Border switches of the set."""
    attach: Attach = Attach.TOP
    """Which switches the borders are linked to: the `top` tier, or `core`, `spine` or `leaf`."""
    uplink_gbps: Gbps | None = None
    """Bandwidth of one border switch into each fabric; that of its share of the circuits where absent."""

    @model_validator(mode="after")
    def _one_other_end(self) -> InterconnectSpec:
        if (self.to is None) == (self.joins is None):
            raise ValueError("give the other end once: to (a site) or joins (a fabric of this site)")
        line = ("circuits", "circuit_gbps", "distance_km")
        if self.to is not None:
            missing = [name for name in line if getattr(self, name) is None]
            if missing:
                raise ValueError(f"a link to another site has circuits of a speed and length: give {missing[0]}")
            return self
        given = [name for name in line if getattr(self, name) is not None]
        if given:
            raise ValueError(f"{given[0]} belongs to a link to another site: leave it out")
        if self.uplink_gbps is None:
            raise ValueError("give uplink_gbps: the bandwidth of one border switch into each of the two fabrics")
        if self.joins == self.fabric:
            raise ValueError("joins names the fabric itself: give another one")
        return self
