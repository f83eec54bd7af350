"""The plant by the hour: it is the design at its extreme hour, conserves heat, and never gets cheaper in hotter air."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.cooling.compressors import conditioner_cop
from gigasite.design.cooling.hours import PlantHours, cube_law_ratio, plant_hours
from gigasite.design.model import Design

from .sites import CATALOG, GB300, H100, design

SITES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "defaults": (GB300, {}),
    "air": (H100, {}),
    "towers": (GB300, {"cooling": {"rejection": ["cooling-tower", "trim-chiller"], "loop": {"supply_c": 40}}}),
    "adiabatic": (GB300, {"cooling": {"rejection": ["adiabatic-cooler", "trim-chiller"]}}),
    "water-cooled": (H100, {"cooling": {"rejection": ["water-cooled-chiller"]}}),
    "high": (GB300, {"location": {"altitude_m": 1900, "extreme_dry_bulb_c": 36, "extreme_wet_bulb_c": 18}}),
    "reuse": (
        GB300,
        {"cooling": {"outside": {"reuse": {"heat_kw": 300, "supply_c": 70, "way": "heat-pump"}}}},
    ),
    "crac": (H100, {"cooling": {"air": {"unit": "crac-100kw"}}}),
}


@cache
def site(name: str) -> Design:
    pool, more = SITES[name]
    return design(pool, **more)


def hours(made: Design, dry: Any, wet: Any, ratio: Any = 1.0) -> PlantHours:
    found = plant_hours(made, CATALOG, dry_bulb_c=dry, wet_bulb_c=wet, it_ratio=ratio)
    assert found is not None
    return found


@pytest.mark.parametrize("name", SITES)
def test_the_extreme_hour_is_the_design_point(name: str) -> None:
    made = site(name)
    place = made.resolved.location
    found = hours(made, place.extreme_dry_bulb_c, place.extreme_wet_bulb_c)
    heat_pumps = float(found.reuse_electric_kw)
    if name != "reuse":
        assert float(found.electric_kw) == pytest.approx(made.tables.plant["electric_kw"].sum())
    assert heat_pumps > 0 or name != "reuse"
    assert float(found.unmet_kw) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", SITES)
@settings(deadline=None, max_examples=15)
@given(dry=st.floats(-25, 40), depression=st.floats(0, 12), ratio=st.floats(0, 1))
def test_heat_in_is_rejected_reused_or_stays(name: str, dry: float, depression: float, ratio: float) -> None:
    found = hours(site(name), [dry], [dry - depression], [ratio])
    heat = found.liquid_heat_kw + found.air_heat_kw
    assert float((found.rejected_kw + found.reused_from_water_kw + found.unmet_kw - heat)[0]) == pytest.approx(
        0, abs=1e-5
    )


@pytest.mark.parametrize("name", [name for name in SITES if name != "reuse"])
@pytest.mark.parametrize("ratio", [0.3, 1.0])
def test_hotter_hours_are_never_cheaper(name: str, ratio: float) -> None:
    place = site(name).resolved.location
    dry = np.linspace(-20, place.extreme_dry_bulb_c or 0, 300)
    found = hours(site(name), dry, np.minimum(dry - 1, place.extreme_wet_bulb_c or 0), ratio)
    assert (found.unmet_kw < 1e-6).all()
    assert (np.diff(found.electric_kw) >= -1e-6).all()
    assert (np.diff(found.free_ratio) <= 1e-9).all()


@pytest.mark.parametrize("name", SITES)
def test_more_load_never_draws_less(name: str) -> None:
    ratio = np.linspace(0, 1, 101)
    for dry in (-5.0, 18.0, 33.0):
        found = hours(site(name), dry, dry - 3, ratio)
        assert (np.diff(found.electric_kw) >= -1e-6).all()


def test_a_cold_year_needs_no_chillers_for_warm_water() -> None:
    made = design(GB300, cooling={"loop": {"supply_c": 40}})
    found = hours(made, np.full(8760, 5.0), np.full(8760, 2.0))
    assert found.hours_without_chillers == 8760
    assert (found.free_ratio == 1).all()


def test_hours_without_chillers_end_where_the_colder_water_needs_them() -> None:
    """Air handlers at 19 °C: with a spare unit the coolers carry their heat up to some K below it."""
    found = hours(site("defaults"), np.linspace(0, 40, 401), np.linspace(-2, 27, 401))
    assert 0 < found.hours_without_chillers < 190


@pytest.mark.parametrize(("load", "power"), [(1.0, 1.0), (0.5, 0.125), (0.2, 0.064), (0.0, 0.064)])
def test_pumps_and_fans_follow_the_cube_law_down_to_their_lowest_speed(load: float, power: float) -> None:
    assert float(cube_law_ratio(load, 0.4)) == pytest.approx(power)


def test_water_is_evaporation_with_its_blowdown() -> None:
    made = design(GB300, cooling={"rejection": ["cooling-tower", "chiller"], "outside": {"cycles_of_concentration": 4}})
    found = hours(made, 15.0, 5.0)
    all_latent = float(found.free_kw) * 3600 / 2450 / 1000
    assert 0.6 * all_latent < float(found.evaporated_m3) < all_latent
    assert float(found.water_m3) == pytest.approx(float(found.evaporated_m3) * 4 / 3)


def test_a_lost_chiller_is_missing_in_the_hours() -> None:
    """What stands in the plant table counts, not what would be bought again."""
    made = site("air")
    gone = made.tables.plant.filter(pl.col("kind") != "chiller")
    bare = replace(made, tables=replace(made.tables, plant=gone))
    assert float(hours(bare, 40.0, 27.0).unmet_kw) > 0


def test_a_heat_of_racks_that_nobody_knows_makes_the_hours_unknown() -> None:
    made = site("air")
    silent = replace(made, cooling=replace(made.cooling, air_water_kw=None))
    assert plant_hours(silent, CATALOG, dry_bulb_c=20.0, wet_bulb_c=15.0, it_ratio=1.0) is None


def test_the_taker_may_want_less_heat() -> None:
    made = site("reuse")
    asked = np.array([0.0, 100.0, 300.0, 900.0])
    found = plant_hours(made, CATALOG, dry_bulb_c=10.0, wet_bulb_c=8.0, it_ratio=np.ones(4), reuse_demand_kw=asked)
    assert found is not None
    assert found.reused_kw.tolist() == pytest.approx([0, 100, 300, 300])


def test_air_conditioners_draw_less_in_cold_air_down_to_their_least_lift() -> None:
    made = design(H100, cooling={"air": {"unit": "crac-100kw"}})
    dry = np.linspace(-20, made.resolved.location.extreme_dry_bulb_c or 40, 50)
    found = hours(made, dry, dry - 5)
    assert (np.diff(found.chiller_kw) >= -1e-9).all()
    assert float(found.chiller_kw[0]) < 0.7 * float(found.chiller_kw[-1])
    assert float(found.chiller_kw[0]) == pytest.approx(float(found.chiller_kw[1]))
    units = made.tables.plant.filter(pl.col("kind") == "air-unit")
    assert float((found.chiller_kw + found.hall_fan_kw)[-1]) == pytest.approx(float(units["electric_kw"].sum()))
    assert found.hall_fan_kw == pytest.approx([float(found.hall_fan_kw[0])] * 50)


def test_an_air_conditioner_gives_its_rated_cop_at_its_rating_point() -> None:
    unit = CATALOG.air_unit("crac-100kw")
    assert float(conditioner_cop(unit, 1.0, 18.0, 35.0)) == pytest.approx(3.0)
    # eta = 3 * 40/283.15; at 10 °C outside 15 K of lift would do, 20 K are kept.
    assert float(conditioner_cop(unit, 1.0, 18.0, 10.0)) == pytest.approx(3.0 * 40 / 20)
    bare = unit.model_copy(update={"cop_supply_c": None})
    assert float(conditioner_cop(bare, 1.0, 24.0, -10.0)) == 3.0
