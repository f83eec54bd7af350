"""Small sites, straight from what a site file would hold, and what is found in them."""

from __future__ import annotations

from functools import cache
from typing import Any

from gigasite import checks
from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Finding
from gigasite.spec.site import SiteSpec


@cache
def catalog() -> Catalog:
    return load_catalog()


def design_of(*pools: dict[str, Any], with_catalog: Catalog | None = None, **site: Any) -> Design:
    named = [{"name": "train", **pool} for pool in pools]
    return expand(SiteSpec.model_validate({"name": "test", "pools": named, **site}), with_catalog or catalog())


def found(design: Design, *codes: str, with_catalog: Catalog | None = None) -> list[Finding]:
    return list(checks.run(design, with_catalog or catalog(), codes or {"CLG"}))


GB300 = {"system": "gb300-nvl72", "scalable_units": 1}
GB200 = {"system": "gb200-nvl72", "scalable_units": 1}
H100 = {"system": "dgx-h100", "scalable_units": 1}
