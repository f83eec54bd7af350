"""Odd but valid sites: nothing raises, nothing warns, no figure is absurd."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from gigasite import checks
from gigasite.cli.app import app
from gigasite.design.failures import analyse

from .sites import Site, catalog, changed, design_of, site

ODD: dict[str, Site] = {
    "passive rear doors, so that the hall's plant draws nothing from a UPS": site(
        "dgx-h100", 8, pool__cooling={"rear_door": "rear-door-passive-35kw"}
    ),
    "heat that adiabatic coolers never reach": site(
        "dgx-h200", 4, cooling__rejection=["adiabatic-cooler", "closed-tower", "cooling-tower"]
    ),
    "racks of an unknown draw beside known ones": changed(
        site("dgx-h100", 4),
        pools=[
            {"name": "train", "system": "dgx-h100", "nodes": 4},
            {"name": "serve", "system": "instinct-mi325x", "nodes": 4, "fabric": "other"},
        ],
        fabrics={"other": {"roles": ["compute"], "switch": "sn5600"}},
    ),
    "one node": site("dgx-h100", 1),
    "a landlord's hall without any figure": site("gb300-nvl72", 18, demarcation="colocation"),
    "a single phase at 208 V on four feeds": site(
        "dgx-h100", 4, racks={"feeds": 4, "feed": "iec-32a-1ph"}, power__blocks={"rack_voltage_v": 208}
    ),
    "3,000 m above the sea": site(
        "gb300-nvl72", 36, location={"altitude_m": 3000, "extreme_dry_bulb_c": 30, "extreme_wet_bulb_c": 18}
    ),
    "halls too small for any rack": site("gb300-nvl72", 36, halls={"count": 1, "rack_positions": 1}),
    "so little heat that the exchanger of a CDU takes any": site(
        "gb300-nvl72", 36, pool__power_cap_kw=1, location={"climate": "us-ak-sand-point"}
    ),
    "a pool that never works": site("dgx-h100", 8, pool__load={"utilisation_ratio": 0}),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_site_is_designed_and_checked_without_a_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        design = design_of(ODD[name])
        assert checks.run(design, catalog())


def test_what_an_idle_board_loses_is_no_measure_of_a_load() -> None:
    """Air units that hardly blow hang on a UPS at a millionth of its rating: losing one overloads nothing."""
    made = site("instinct-mi325x", 8, power__utility={"circuits": 2})
    design = design_of(made)
    assert not analyse(design).overloads.height


@pytest.mark.parametrize("verb", [["design"], ["check"], ["whatif"]])
@pytest.mark.parametrize("name", ["one node", "so little heat that the exchanger of a CDU takes any"])
def test_the_command_line_tells_an_odd_site_without_none_or_nan(tmp_path: Path, name: str, verb: list[str]) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(ODD[name]), encoding="utf-8")
    text = CliRunner().invoke(app, [*verb, str(file)])
    assert text.exit_code in (0, 1), text.output
    assert not set(text.output.replace(",", " ").split()) & {"None", "nan", "inf", "NaN", "-0.0"}
    said = CliRunner().invoke(app, [*verb, str(file), "--format", "json"])
    assert all(map(math.isfinite, _floats(json.loads(said.stdout))))


def _floats(tree: Any) -> list[float]:
    if isinstance(tree, dict):
        return [number for value in tree.values() for number in _floats(value)]
    if isinstance(tree, list):
        return [number for value in tree for number in _floats(value)]
    return [tree] if isinstance(tree, float) else []
