"""The reference's facts and rules on what happens outside the halls, by id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gigasite.design.cooling import water
from gigasite.design.cooling.hours import plant_hours
from gigasite.design.cooling.rejection.plan import rejection_plan

from .sites import CATALOG, GB300, H100, design

ENTRIES: dict[str, dict[str, Any]] = {
    entry["id"]: entry
    for entry in yaml.safe_load((Path(__file__).parents[1] / "reference" / "31_cooling.yaml").read_text())["entries"]
}


def test_cool_evaporation() -> None:
    expected = ENTRIES["cool-evaporation"]["expected"]
    assert pytest.approx(expected["evaporation_l_per_kwh_heat"], rel=0.03) == water.evaporation_l(1.0)
    assert expected["makeup_factor"] == "coc/(coc-1)"


@pytest.mark.parametrize("coc", [1.5, 2.0, 3.0, 5.0, 8.0, 20.0])
def test_make_up_is_evaporation_and_blowdown(coc: float) -> None:
    assert water.makeup_l(1.0, coc) == pytest.approx(coc / (coc - 1))
    assert water.makeup_l(1.0, coc) == pytest.approx(1.0 + water.blowdown_l(1.0, coc))
    assert water.makeup_m3_day(1000, coc) == pytest.approx(24 * 3600 / 2450 * coc / (coc - 1))


def test_cool_dsx_tcs_rejects_by_chillers_and_dry_coolers() -> None:
    assert ENTRIES["cool-dsx-tcs"]["expected"]["heat_rejection"].startswith("chillers + dry coolers")
    made = design(GB300)
    assert {"chiller", "dry-cooler"} <= set(made.tables.plant["kind"])


def test_cool_gb300_heat_split_leaves_over_two_waters() -> None:
    """116 of 135.3 kW of each rack into the water of the CDUs, the rest into that of the air handlers."""
    expected = ENTRIES["cool-gb300-heat-split"]["expected"]
    made = design(GB300)
    racks = made.tables.racks
    count = int((racks["kind"] == "pool").sum())
    plan = rejection_plan(made.resolved, made.cooling, CATALOG)
    liquid, air = plan.circuit("liquid"), plan.circuit("air")
    assert liquid
    assert air
    assert liquid.heat_kw == pytest.approx(count * expected["liquid_kw"], rel=0.03)
    assert air.heat_kw > count * expected["air_kw"]


def test_cool_wue_published_lies_between_dry_coolers_and_towers() -> None:
    """A plausibility: fleets that mix ways draw more than a dry site and less than one that evaporates all its heat."""
    published = [
        *ENTRIES["cool-wue-published"]["expected"].values(),
        *ENTRIES["cool-wue-published-others"]["expected"].values(),
    ]
    litres = {}
    for name, ways in (("dry", ["chiller"]), ("wet", ["water-cooled-chiller"])):
        made = design(H100, cooling={"rejection": ways})
        found = plant_hours(made, CATALOG, dry_bulb_c=20.0, wet_bulb_c=15.0, it_ratio=1.0)
        assert found is not None
        litres[name] = float(found.water_m3) * 1000 / (made.power.it_kw or 0)
    assert litres["dry"] == 0
    assert all(litres["dry"] < value < litres["wet"] for value in published)
