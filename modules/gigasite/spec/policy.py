"""What the switches and hosts of a fabric are set to."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from gigasite.spec.base import CatalogKey, Model

Priority = Annotated[int, Field(ge=0, le=7)]
Dscp = Annotated[int, Field(ge=0, le=63)]
Mtu = Annotated[int, Field(ge=1280, le=9216)]


class Numbering(StrEnum):
    """How links between switches are addressed."""

    UNNUMBERED = "unnumbered"
    NUMBERED = "numbered"


class Overlay(StrEnum):
    """What keeps tenants apart."""

    NONE = "none"
    EVPN = "evpn"


class QosSpec(Model):
    """How RDMA traffic is treated on an Ethernet fabric, where it differs from the profile."""

    profile: CatalogKey | None = None
    """Catalog key of the profile that the rest comes from: `lossless` where absent, or `lossy`."""
    lossless: bool | None = None
    """Whether priority flow control pauses RDMA data; without, marking alone holds queues down."""
    priority: Priority | None = None
    """Priority of RDMA data."""
    dscp: Dscp | None = None
    """DSCP of RDMA data."""
    cnp_priority: Priority | None = None
    """Priority of congestion notification packets."""
    cnp_dscp: Dscp | None = None
    """DSCP of congestion notification packets."""
    ecn_min_kbyte: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """Queue length from which packets are marked."""
    ecn_max_kbyte: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """Queue length from which `ecn_max_ratio` of the packets are marked."""
    ecn_max_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    """Part of the packets that are marked at `ecn_max_kbyte`."""
    bandwidth_ratio: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Part of a port's bandwidth that RDMA data is sure of."""
    pfc_watchdog_ms: Annotated[int, Field(ge=100, le=60_000)] | None = None
    """A queue that is paused for so long is drained."""

    @model_validator(mode="after")
    def _apart(self) -> QosSpec:
        low, high = self.ecn_min_kbyte, self.ecn_max_kbyte
        if low is not None and high is not None and low > high:
            raise ValueError(f"ecn_min_kbyte {low:g} is above ecn_max_kbyte {high:g}")
        if self.priority is not None and self.priority == self.cnp_priority:
            raise ValueError("RDMA data and its congestion notifications need two priorities")
        if self.dscp is not None and self.dscp == self.cnp_dscp:
            raise ValueError("RDMA data and its congestion notifications need two DSCP")
        return self
