"""Tenants with scalable units of their own: whose each is, and whether the networks can keep them apart."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.models import Technology
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.design.tenants import FIRST_VNI, LAST_PKEY
from gigasite.errors import Severity
from gigasite.spec.pools import Role

MAX_VNI = (1 << 24) - 1  # RFC 7348: 24 bits


@check("POL106", Severity.ERROR, "A scalable unit is one tenant's alone")
def units_have_one_tenant(context: Context) -> Iterator[Hit]:
    first: dict[tuple[str, int], str] = {}
    for index, tenant in enumerate(context.design.spec.tenants):
        taken = {su: first[tenant.pool, su] for su in tenant.scalable_units if (tenant.pool, su) in first}
        if taken:
            units, owners = sorted(taken), sorted(set(taken.values()))
            yield Hit(
                f"tenant {tenant.name} has {count(len(units), 'scalable unit')} of pool {tenant.pool} "
                f"({some(map(str, units), 8)}) that {some(owners)} has alone",
                "give each unit to one tenant",
                f"tenants[{index}].scalable_units",
            )
        for su in tenant.scalable_units:
            first.setdefault((tenant.pool, su), tenant.name)


@check("POL107", Severity.ERROR, "Tenants have scalable units that the pool has or will have")
def units_exist(context: Context) -> Iterator[Hit]:
    for index, tenant in enumerate(context.design.spec.tenants):
        pool = context.design.pools.get(tenant.pool)
        if pool is None:
            continue  # POL104 says so
        at = f"tenants[{index}].scalable_units"
        never = [su for su in tenant.scalable_units if su > pool.build_to_su_count]
        later = [su for su in tenant.scalable_units if pool.su_count < su <= pool.build_to_su_count]
        if never:
            yield Hit(
                f"tenant {tenant.name}: pool {pool.name} has no scalable unit {some(map(str, never), 8)}; it builds to "
                f"{pool.build_to_su_count}",
                "give it units that exist, or raise build_to_scalable_units",
                at,
            )
        if later:
            yield Hit(
                f"tenant {tenant.name}: {count(len(later), 'scalable unit')} of pool {pool.name} "
                f"({some(map(str, later), 8)}) not built yet",
                f"it has {pool.su_count} today",
                at,
                Severity.INFO,
            )


@check("POL108", Severity.ERROR, "The networks of a tenant with units of its own can keep it apart")
def tenants_are_kept_apart(context: Context) -> Iterator[Hit]:
    for fabric in context.design.fabrics.values():
        alone = [t.name for t in context.design.tenants.values() if t.su and t.pool in fabric.pools]
        policy = fabric.policy
        if not alone or policy is None or Role.OOB in fabric.roles or fabric.technology == Technology.INFINIBAND:
            continue
        if policy.overlay == "none":
            yield Hit(
                f"fabric {fabric.name} keeps {some(alone)} apart from nobody: it has no overlay",
                f"fabrics.{fabric.name}.overlay: evpn, or leave out the tenants' scalable_units",
                context.fabric_at(fabric.name),
                None if Role.COMPUTE in fabric.roles else Severity.WARNING,
            )
        elif _has_appliances(context, fabric.name):
            yield Hit(
                f"fabric {fabric.name}: {some(alone)} reach no storage appliance, which are in no tenant's network",
                "lead routes between the tenants' VRFs and the appliances', or give storage a fabric without overlay",
                context.fabric_at(fabric.name),
                Severity.WARNING,
            )


@check("POL109", Severity.ERROR, "Tenants' partition keys, network identifiers and VRFs are their own")
def numbers_are_enough(context: Context) -> Iterator[Hit]:
    total = len(context.design.tenants)
    if total > min(LAST_PKEY, MAX_VNI - FIRST_VNI + 1):
        yield Hit(
            f"{total:,} tenants; InfiniBand has {LAST_PKEY:,} partition keys beside the default one",
            "let tenants without units of their own share an entry",
            f"tenants[{LAST_PKEY}]",
        )
    vrfs = [tenant.vrf for tenant in context.design.tenants.values() if tenant.vrf]
    twice = sorted({vrf for vrf in vrfs if vrfs.count(vrf) > 1}) if len(set(vrfs)) < len(vrfs) else []
    if twice:
        yield Hit(
            f"{count(len(twice), 'VRF')} of two tenants: {some(twice)}",
            "choose names that differ in their first 11 characters",
            "tenants",
        )


def _has_appliances(context: Context, fabric: str) -> bool:
    rows = context.tables.addresses.filter((pl.col("fabric") == fabric) & (pl.col("use") == "host"))
    stores = context.tables.devices.filter(pl.col("kind") == "storage").select("device")
    return bool(rows.join(stores, on="device", how="semi").height)
