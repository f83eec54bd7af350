"""Defaults of land, building and delivery path."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.resolve.base import Resolver
from gigasite.spec.shell import ShellSpec
from gigasite.spec.site import SiteSpec


def shell(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> ShellSpec:
    """The shell with its defaults."""
    return spec.shell
