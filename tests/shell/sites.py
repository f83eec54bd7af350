"""Designs of small sites, and what one domain of checks finds in them."""

from __future__ import annotations

from functools import cache

from gigasite.catalog import load_catalog
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, all_checks
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.spec.loader import load_text

H100 = "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 8}\n"
GB200 = "name: demo\npools:\n  - {name: train, system: gb200-nvl72, nodes: 36}\n"


@cache
def design_of(text: str) -> Design:
    catalog = load_catalog()
    return expand(load_text(text, catalog=catalog).spec, catalog)


def hits(text: str, code: str) -> list[Hit]:
    """What one check comes upon."""
    context = Context(design_of(text), load_catalog())
    (rule,) = [check.rule for check in all_checks() if check.code == code]
    assert rule is not None
    return list(rule(context))


def codes(text: str) -> set[str]:
    """Codes of racks and shell that come upon something."""
    return {c.code for c in all_checks() if c.rule and c.code.startswith("RCK") and hits(text, c.code)}
