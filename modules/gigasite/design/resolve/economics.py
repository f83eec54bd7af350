"""Defaults of prices, tariff and horizon."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.resolve.base import Resolver
from gigasite.spec.economics import EconomicsSpec
from gigasite.spec.site import SiteSpec


def economics(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> EconomicsSpec:
    """The economics with their defaults."""
    return spec.economics
