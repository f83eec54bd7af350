"""Pools: NVLink domains, spares, tenants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from gigasite.catalog.models import Form
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, some
from gigasite.design.scaleup import racks_per_domain
from gigasite.errors import Severity
from gigasite.spec.pools import TenantSpec

_REPORT = "this is a fault of the design, not of the site file: please report it"

declare("POL110", Severity.ERROR, "A pool of rack-scale systems is a whole number of racks")


@check("POL101", Severity.ERROR, "Every GPU is in exactly one NVLink domain")
def gpus_are_in_one_domain(context: Context) -> Iterator[Hit]:
    nodes = context.tables.nodes
    none = nodes.filter(pl.col("gpu_count") > 0, pl.col("nvlink_domain").is_null())
    for (pool,), group in none.group_by("pool", maintain_order=True):
        yield Hit(
            f"pool {pool}: {count(int(group['gpu_count'].sum()), 'GPU')} in no NVLink domain ({some(group['node'])})",
            "give the system's scale_up_domain_gpu_count in catalog/ beside the site file, with its source",
            context.pool_at(str(pool)),
        )
    twice = nodes.filter(pl.col("node").is_duplicated())["node"].unique(maintain_order=True)
    if len(twice):
        yield Hit(f"{count(len(twice), 'node')} in two NVLink domains ({some(twice)})", _REPORT, "pools")


@check("POL102", Severity.ERROR, "An NVLink domain has the GPUs that its system joins, in as few racks as hold it")
def domains_have_their_size(context: Context) -> Iterator[Hit]:
    domains = (
        context.tables.nodes.drop_nulls("nvlink_domain")
        .group_by("nvlink_domain", maintain_order=True)
        .agg(pl.col("pool").first(), pl.col("gpu_count").sum(), racks=pl.col("rack").n_unique())
    )
    nodes = context.tables.nodes
    fullest = dict(nodes.group_by("pool", "rack").len().group_by("pool").agg(pl.col("len").max()).iter_rows())
    sizes = pl.DataFrame(
        [
            (name, system.scale_up_domain_gpu_count, racks_per_domain(system, fullest.get(name, 1)))
            for name, system in context.systems.items()
        ],
        schema={"pool": pl.String, "domain_gpu_count": pl.Int64, "domain_racks": pl.Int64},
        orient="row",
    )
    sized = domains.join(sizes, on="pool", maintain_order="left").drop_nulls("domain_gpu_count")
    large = sized.filter(
        (pl.col("gpu_count") > pl.col("domain_gpu_count")) | (pl.col("racks") > pl.col("domain_racks"))
    )
    small = sized.filter(pl.col("gpu_count") < pl.col("domain_gpu_count"), pl.col("racks") <= pl.col("domain_racks"))
    for rows, severity in ((large, None), (small, Severity.WARNING)):
        for (pool,), group in rows.group_by("pool", maintain_order=True):
            row = group.row(0, named=True)
            spread = f" in {row['racks']} racks" if row["racks"] > 1 else ""
            yield Hit(
                f"pool {pool}: {count(group.height, 'NVLink domain')} with {row['gpu_count']} GPUs{spread}; "
                f"the system joins {row['domain_gpu_count']} ({some(group['nvlink_domain'])})",
                _REPORT if severity is None else "give the pool whole racks",
                context.pool_at(str(pool)),
                severity,
            )


@check("POL103", Severity.ERROR, "Tenants share no more of a pool than there is")
def shares_add_up(context: Context) -> Iterator[Hit]:
    shares: dict[str, float] = defaultdict(float)
    for tenant in context.design.spec.tenants:
        shares[tenant.pool] += tenant.share or _unit_share(context, tenant)
    for pool, share in shares.items():
        if share > 1 + 1e-9:
            names = [tenant.name for tenant in context.design.spec.tenants if tenant.pool == pool]
            yield Hit(
                f"tenants hold {share:.0%} of pool {pool}: {some(names)}",
                "lower their shares to 1 together",
                f"tenants[{_last_tenant(context, pool)}].share",
            )


@check("POL104", Severity.ERROR, "A tenant uses a pool that exists, under a name of its own")
def tenants_use_existing_pools(context: Context) -> Iterator[Hit]:
    seen: set[tuple[str, str]] = set()
    for index, tenant in enumerate(context.design.spec.tenants):
        if tenant.pool not in context.design.pools:
            yield Hit(
                f"tenant {tenant.name} uses pool {tenant.pool}, which the site does not have",
                f"pools are {some(context.design.pools, 8)}",
                f"tenants[{index}].pool",
            )
        if (tenant.name, tenant.pool) in seen:
            yield Hit(
                f"tenant {tenant.name} is listed twice for pool {tenant.pool}",
                "add the two shares",
                f"tenants[{index}]",
            )
        seen.add((tenant.name, tenant.pool))


@check("POL105", Severity.ERROR, "Spare trays leave trays to work with")
def spares_leave_trays(context: Context) -> Iterator[Hit]:
    for index, pool in enumerate(context.design.spec.pools):
        spare_count, system = pool.spare_trays_per_rack, context.systems[pool.name]
        at = f"pools[{index}].spare_trays_per_rack"
        if not spare_count:
            continue
        per_rack = _nodes_per_rack(context, pool.name)
        if per_rack is not None and spare_count >= per_rack:
            yield Hit(
                f"pool {pool.name} keeps {spare_count} spares a rack of {per_rack}: nothing is left to schedule",
                "keep fewer spares",
                at,
            )
        elif system.form is not Form.RACK:
            yield Hit(
                f"pool {pool.name} keeps {spare_count} of {per_rack or 'its'} nodes a rack spare; each takes "
                f"its {system.gpus_per_node} GPUs along",
                "keep spare nodes as a part of the pool, not of each rack",
                at,
                Severity.WARNING,
            )


def _nodes_per_rack(context: Context, pool: str) -> int | None:
    per_rack = context.tables.nodes.filter(pl.col("pool") == pool).group_by("rack").len()
    most = per_rack["len"].max()
    return most if isinstance(most, int) else None


def _unit_share(context: Context, tenant: TenantSpec) -> float:
    """What a tenant's own units are of the pool as built; those that are not built yet count nothing."""
    pool = context.design.pools.get(tenant.pool)
    return sum(unit <= pool.su_count for unit in tenant.scalable_units) / pool.su_count if pool else 0.0


def _last_tenant(context: Context, pool: str) -> int:
    return max(i for i, tenant in enumerate(context.design.spec.tenants) if tenant.pool == pool)
