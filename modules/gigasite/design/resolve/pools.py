"""Defaults of how the load of pools moves."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.resolve.base import Resolver
from gigasite.spec.pools import PoolSpec
from gigasite.spec.site import SiteSpec


def pools_with_loads(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> tuple[PoolSpec, ...]:
    """The pools, each with the defaults of its load."""
    return spec.pools
