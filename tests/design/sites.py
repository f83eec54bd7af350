"""Small site specs for the tests of the design."""

from __future__ import annotations

from typing import Any

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.spec.site import SiteSpec

CATALOG = load_catalog()


def pool(system: str, name: str = "train", **size: Any) -> dict[str, Any]:
    return {"name": name, "system": system, **(size or {"scalable_units": 1})}


def design(*pools: dict[str, Any], catalog: Catalog = CATALOG, **site: Any) -> Design:
    return expand(SiteSpec.model_validate({"name": "test", "pools": list(pools), **site}), catalog)
