"""Loops, air and small sites for the tests of the heat rejection."""

from __future__ import annotations

from typing import Any

import numpy as np

from gigasite import checks
from gigasite.catalog.load import load_catalog
from gigasite.design.cooling.rejection.base import Air, outside_air
from gigasite.design.cooling.rejection.circuit import Circuit
from gigasite.design.cooling.rejection.sizing import sized
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import Finding
from gigasite.spec.outside import OutsideSpec
from gigasite.spec.site import SiteSpec

CATALOG = load_catalog()
H100 = {"system": "dgx-h100", "scalable_units": 1}
GB300 = {"system": "gb300-nvl72", "scalable_units": 1}


def air(dry_bulb_c: float, wet_bulb_c: float | None = None, altitude_m: float = 0.0) -> Air:
    """One hour of outside air."""
    return outside_air(np.array([dry_bulb_c]), np.array([dry_bulb_c if wet_bulb_c is None else wet_bulb_c]), altitude_m)


def loop(
    ways: tuple[str, ...],
    extreme: Air,
    *,
    heat_kw: float = 1000.0,
    supply_c: float = 30.0,
    rise_k: float = 10.0,
    **outside: Any,
) -> Circuit:
    """A loop with the units that its ways need on the extreme day."""
    products = tuple((way, CATALOG.heat_rejection(way)) for way in ways)
    spec = OutsideSpec.model_validate({"redundancy": "N+1", **outside})
    return sized(Circuit("liquid", supply_c, rise_k, heat_kw, (), spec.reuse), products, spec, extreme)


def design(*pools: dict[str, Any], **site: Any) -> Design:
    listed = [{"name": f"pool{index}", **pool} for index, pool in enumerate(pools or (H100,))]
    return expand(SiteSpec.model_validate({"name": "test", "pools": listed, **site}), CATALOG)


def findings(made: Design, *codes: str) -> list[Finding]:
    """What these checks find; the whole of cooling where none is named."""
    return list(checks.run(made, CATALOG, set(codes) or {"CLG"}))
