"""Sites whose costs are looked at."""

from __future__ import annotations

from functools import cache

from gigasite.catalog import load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.spec.loader import load_text

CATALOG = load_catalog()
H100 = "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 32}\n"
GB200 = "name: demo\npools:\n  - {name: train, system: gb200-nvl72, scalable_units: 4}\nracks: {feeds: 2}\n"


@cache
def design_of(text: str) -> Design:
    """The design of a site file."""
    return expand(load_text(text, catalog=CATALOG).spec, CATALOG)


def with_economics(lines: str, site: str = H100) -> Design:
    """The design of a site with a section `economics`, written in flow style."""
    return design_of(f"{site}economics: {lines}\n")
