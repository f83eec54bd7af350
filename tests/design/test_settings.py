"""Every default can be decided: a site that states all of them is the same site, with nothing assumed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gigasite import checks
from gigasite.catalog.load import load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.design.summary import summary
from gigasite.spec.loader import load_text

CATALOG = load_catalog()
UNDECIDED: dict[str, Any] = {"available_mw": 3.0, "power_floor_ratio": 0.5}
"""What stays open without an author: there is no value to take over."""


def designed(site: dict[str, Any]) -> Design:
    return expand(load_text(json.dumps(site), catalog=CATALOG).spec, CATALOG)


def stated(site: dict[str, Any], path: str, value: Any) -> None:
    """Writes a value at a dotted path of a site file, where nothing stands yet."""
    *parts, last = re.findall(r"[^.\[\]]+", path)
    here: Any = site
    for part in parts:
        here = here[int(part)] if part.isdigit() else here.setdefault(part, {})
    here.setdefault(last, value)


@pytest.mark.parametrize(("system", "nodes"), [("dgx-h100", 8), ("gb300-nvl72", 36)])
def test_a_site_that_states_every_default_is_the_same_site_without_assumptions(system: str, nodes: int) -> None:
    site: dict[str, Any] = {
        "name": "demo",
        "location": {"grid": "ercot"},
        "power": {"utility": {"available_mw": UNDECIDED["available_mw"]}},
        "pools": [
            {
                "name": "train",
                "system": system,
                "nodes": nodes,
                "load": {"power_floor_ratio": UNDECIDED["power_floor_ratio"]},
            }
        ],
    }
    before = designed(site)
    assert len(before.assumptions) > 50
    for setting in before.settings:
        if setting.value is not None:
            stated(site, setting.path, setting.value)
    after = designed(site)
    assert [setting.path for setting in after.assumptions] == []
    assert {**summary(after), "assumptions": []} == {**summary(before), "assumptions": []}
    assert all(table.equals(getattr(before.tables, name)) for name, table in after.tables.items())
    found = {finding.code for finding in checks.run(after, CATALOG)}
    assert not found & {"PHS201", "PHS202"}
