"""Tenants with the numbers that keep them apart: from their place in the site file, so that a new one moves nobody.

VRF and VNI on Ethernet with EVPN, a partition key on InfiniBand. A tenant without scalable units of its own has a
place, and so its numbers, but is kept apart from nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from gigasite.design.policy import TenantDesign
from gigasite.spec.pools import TenantSpec

FIRST_VNI: Final = 50_001
LAST_PKEY: Final = 0x7FFE
"""Partition keys have 15 bits (the 16th is full membership); 0 is none and 0x7fff the default partition's."""
VRF_NAME_LENGTH: Final = 11
"""A network interface of Linux has a name of 15 characters at most, and SONiC's VRFs begin with `Vrf-`."""


def tenants_of(specs: Sequence[TenantSpec]) -> dict[str, TenantDesign]:
    """The site's tenants, in the order of the file."""
    return {
        spec.name: TenantDesign(
            name=spec.name,
            pool=spec.pool,
            su=tuple(sorted(set(spec.scalable_units))),
            vrf=vrf_name(spec.name, place) if spec.scalable_units else None,
            vni=FIRST_VNI + place if spec.scalable_units else None,
            pkey=place + 1 if spec.scalable_units and place < LAST_PKEY else None,
        )
        for place, spec in enumerate(specs)
    }


def vrf_name(tenant: str, place: int) -> str:
    """The tenant's name where it is short enough; else its beginning, and its place (from 1)."""
    if len(tenant) <= VRF_NAME_LENGTH:
        return tenant
    number = f"-{place + 1}"
    return tenant[: VRF_NAME_LENGTH - len(number)].rstrip("-") + number


def unit_tenants(tenants: Mapping[str, TenantDesign]) -> pl.DataFrame:
    """Columns pool, su, tenant and vrf of every unit that is somebody's own; the first one's where two claim it."""
    rows = [(tenant.pool, su, tenant.name, tenant.vrf) for tenant in tenants.values() for su in tenant.su]
    schema = {"pool": pl.String, "su": pl.Int32, "tenant": pl.String, "vrf": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").unique(["pool", "su"], keep="first", maintain_order=True)


def unit_vrfs(tenants: Mapping[str, TenantDesign]) -> dict[str, dict[int, str]]:
    """The VRF of every unit that is somebody's own, by pool."""
    found: dict[str, dict[int, str]] = {}
    for pool, su, _, vrf in unit_tenants(tenants).iter_rows():
        found.setdefault(pool, {})[su] = vrf
    return found


def with_tenants(nodes: pl.DataFrame, tenants: Mapping[str, TenantDesign]) -> pl.DataFrame:
    """The nodes with whose they are alone."""
    units = unit_tenants(tenants).select("pool", "su", "tenant")
    return nodes.with_columns(pl.col("su").cast(pl.Int32)).join(
        units, on=["pool", "su"], how="left", maintain_order="left"
    )
