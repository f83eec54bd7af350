"""Small sites for the tests of the load that moves."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gigasite import checks
from gigasite.catalog.load import Catalog, load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Finding, Severity
from gigasite.spec.site import SiteSpec

REFERENCE = Path(__file__).parent.parent / "reference"
CODES = tuple(f"PWR2{number:02d}" for number in range(1, 13))


@cache
def catalog() -> Catalog:
    return load_catalog()


@cache
def entries() -> dict[str, Any]:
    """Reference entries by id."""
    found = {}
    for name in ("30_power", "70_dsx_iren", "90_contradictions"):
        for entry in yaml.safe_load((REFERENCE / f"{name}.yaml").read_text())["entries"]:
            found[entry["id"]] = entry
    return found


def pool(system: str = "dgx-h100", **fields: Any) -> dict[str, Any]:
    size = {} if {"nodes", "scalable_units"} & fields.keys() else {"nodes": 8}
    return {"name": "train", "system": system, **size, **fields}


def design_of(*pools: dict[str, Any], **site: Any) -> Design:
    listed = list(pools or (pool(),))
    return expand(SiteSpec.model_validate({"name": "demo", "pools": listed, **site}), catalog())


def found(design: Design, *codes: str) -> list[Finding]:
    return list(checks.run(design, catalog(), codes or CODES))


def errors(design: Design) -> set[str]:
    return {f.code for f in found(design) if f.severity is Severity.ERROR}
