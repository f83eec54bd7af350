"""Small sites, straight from what a site file would hold."""

from __future__ import annotations

from functools import cache
from typing import Any

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.checks import run
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Severity
from gigasite.spec.site import SiteSpec


@cache
def catalog() -> Catalog:
    return load_catalog()


def design_of(*pools: dict[str, Any], **site: Any) -> Design:
    named = [{"name": "train", **pool} for pool in pools]
    return expand(SiteSpec.model_validate({"name": "test", "pools": named, **site}), catalog())


def errors_of(design: Design, domain: str) -> set[str]:
    """Codes of the findings of severity error of one domain."""
    return {f.code for f in run(design, catalog()) if f.severity is Severity.ERROR and f.code.startswith(domain)}
