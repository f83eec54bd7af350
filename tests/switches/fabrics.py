"""Designs of small Ethernet fabrics whose switches run a given operating system."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.design.policy import FabricPolicy, RoceQos
from gigasite.spec.site import SiteSpec

QOS = RoceQos(
    priority=3,
    dscp=26,
    cnp_priority=6,
    cnp_dscp=48,
    ecn_min_kbyte=150.0,
    ecn_max_kbyte=1500.0,
    ecn_max_ratio=1.0,
    bandwidth_ratio=0.5,
    pfc_watchdog_ms=400,
    adaptive_routing=True,
)


def design_of(
    os: str | None = "frr", *, system: str = "dgx-h100", fabric: dict[str, Any] | None = None, **policy: Any
) -> tuple[Design, Catalog]:
    """One scalable unit of a DGX system on an Ethernet fabric."""
    catalog = load_catalog()
    site = {
        "name": "test",
        "pools": [{"name": "train", "system": system, "scalable_units": 1}],
        "fabrics": {"compute": {"roles": ["compute"], "switch": "sn5600", **(fabric or {})}},
        "network": {"supernets": {"compute": "10.64.0.0/12"}},
    }
    return with_policy(expand(SiteSpec.model_validate(site), catalog), os, **policy), catalog


def with_policy(design: Design, os: str | None, *, fabric: str = "compute", **policy: Any) -> Design:
    """The design with a policy on one fabric."""
    found = FabricPolicy(os=os, **{"mtu": 9000, "qos": QOS, **policy})
    return replace(design, fabrics={**design.fabrics, fabric: replace(design.fabrics[fabric], policy=found)})
