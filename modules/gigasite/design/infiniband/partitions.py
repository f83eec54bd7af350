"""Partitions of a subnet: who may talk to whom, by PKey.

Without tenants everybody is a full member of the default partition. With tenants, everybody is a limited member of it,
and storage and the managers full ones: all reach those, and nobody anybody else. Each tenant's adapters are full
members of its own partition; those of nodes that nobody has alone share one more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from gigasite.design.infiniband.subnets import Subnet
from gigasite.design.policy import TenantDesign
from gigasite.errors import GigasiteError

DEFAULT_PKEY: Final = 0x7FFF
SHARED_PKEY: Final = 0x7FFE
"""Of the nodes that no tenant has alone, where there are tenants."""
SHARED: Final = "shared"
DEFAULT: Final = "Default"


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition. `full` names the adapters that are full members, beside whom the keywords stand for."""

    name: str
    pkey: int
    everybody: str | None
    """Membership of all ports of the subnet: `full` or `limited`; None: only those named."""
    full: tuple[str, ...]


def partitions(subnet: Subnet, tenants: Mapping[str, TenantDesign]) -> tuple[Partition, ...]:
    """The partitions of a subnet, the default one first. Raises GigasiteError where a tenant has no key of its own."""
    ends = subnet.endpoints
    nodes = ends.filter(pl.col("kind") == "node")
    owners = sorted(nodes["tenant"].drop_nulls().unique())
    if not owners:
        return (Partition(DEFAULT, DEFAULT_PKEY, "full", ()),)
    keys = {owner: _pkey(owner, tenants) for owner in owners}
    taken: dict[int, str] = {DEFAULT_PKEY: DEFAULT, SHARED_PKEY: SHARED}
    for owner, pkey in keys.items():
        if pkey in taken:
            raise GigasiteError(f"tenants {taken[pkey]} and {owner} have the same partition key {pkey:#06x}")
        taken[pkey] = owner
    serving = tuple(ends.filter(pl.col("kind") != "node")["name"])
    found = [Partition(DEFAULT, DEFAULT_PKEY, "limited", serving)]
    found += [Partition(o, keys[o], None, tuple(nodes.filter(pl.col("tenant") == o)["name"])) for o in owners]
    shared = tuple(nodes.filter(pl.col("tenant").is_null())["name"])
    return (*found, Partition(SHARED, SHARED_PKEY, None, shared)) if shared else tuple(found)


def _pkey(owner: str, tenants: Mapping[str, TenantDesign]) -> int:
    tenant = tenants.get(owner)
    if tenant is None or tenant.pkey is None:
        raise GigasiteError(f"tenant {owner} has nodes of its own on InfiniBand and no partition key")
    if not 0 < tenant.pkey < DEFAULT_PKEY:
        raise GigasiteError(f"tenant {owner}: {tenant.pkey:#x} is no partition key", hint="0x0001 to 0x7ffe")
    return tenant.pkey
