"""Sites of one pool whose compute fabric rests on choices of its own, with the products that the tests bring."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.spec.site import SiteSpec


@cache
def catalog() -> Catalog:
    return load_catalog(Path(__file__).parent / "catalog")


def design_of(pool: dict[str, Any], compute: dict[str, Any], **site: Any) -> Design:
    sections = {
        "name": "chosen",
        "pools": [{"name": "train", **pool}],
        "fabrics": {"compute": {"roles": ["compute"], **compute}},
        "network": {"supernets": {"compute": "10.0.0.0/8", "storage": "11.0.0.0/8", "inband": "12.0.0.0/8"}},
    }
    return expand(SiteSpec.model_validate(sections | site), catalog())
