"""Profiles of quality of service for RDMA over Ethernet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product


class RoceProfile(Product):
    """How RDMA traffic is treated: its classes and marks, and when queues mark packets. Priorities are 802.1p."""

    kind: Literal["roce-profile"] = "roce-profile"
    lossless: bool
    """Whether priority flow control pauses the class of RDMA."""
    priority: Annotated[int, Field(ge=0, le=7)]
    dscp: Annotated[int, Field(ge=0, le=63)]
    cnp_priority: Annotated[int, Field(ge=0, le=7)]
    cnp_dscp: Annotated[int, Field(ge=0, le=63)]
    ecn_min_kbyte: Positive
    ecn_max_kbyte: Positive
    ecn_max_ratio: Annotated[float, Field(gt=0, le=1)]
    bandwidth_ratio: Annotated[float, Field(gt=0, lt=1)]
    pfc_watchdog_ms: Annotated[int, Field(gt=0)] | None = None
