"""A year of hours: energy is conserved, the design hour is the design, and load and weather act as they must."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.dynamics.loads import site_load
from gigasite.economics.assessment import schedulable_gpus
from gigasite.economics.energy import annual_figures, draw_ratio, energy_figures
from gigasite.economics.tables import TableError
from gigasite.economics.weather import Weather
from gigasite.economics.year import EnergyYear, ItYear, day_wave, energy_year, it_year, read_load_kw, year_of_site

from .years import CATALOG, GB300, H100, csv, design_of, flat, year_of

STACKS = Path(__file__).parents[2] / "stacks"


def _steady(
    year: EnergyYear, dry_c: float, wet_c: float, ratio: float = 1.0, hours: int = 24
) -> tuple[Weather, ItYear]:
    """Some hours of one weather at one load."""
    bulbs = {"dry_bulb_c": flat(dry_c, hours), "wet_bulb_c": flat(wet_c, hours)}
    air = replace(
        year.weather,
        **bulbs,
        pressure_kpa=flat(97.0, hours),
        ghi_w_m2=None,
        dni_w_m2=None,
        dhi_w_m2=None,
        wind_m_s=None,
    )
    return air, replace(year.it, kw=flat(year.it.design_kw * ratio, hours))


def _run(text: str, dry_c: float, wet_c: float, ratio: float = 1.0) -> EnergyYear:
    found = energy_year(design_of(text), CATALOG, *_steady(year_of(text), dry_c, wet_c, ratio))
    assert found is not None
    return found


@pytest.mark.parametrize("text", [H100, GB300], ids=["air", "liquid"])
def test_the_design_hour_of_the_year_is_the_design_point(text: str) -> None:
    design = design_of(text)
    place = design.resolved.location
    assert place.extreme_dry_bulb_c is not None
    assert place.extreme_wet_bulb_c is not None
    hour = _run(text, place.extreme_dry_bulb_c, place.extreme_wet_bulb_c)
    assert hour.cooling.electric_kw[0] == pytest.approx(design.power.mechanical_kw, rel=1e-6)
    assert hour.loss_kw[0] == pytest.approx(design.power.loss_kw, rel=1e-6)
    assert hour.site_kw[0] == pytest.approx(design.power.utility_kw, rel=1e-6)


@pytest.mark.parametrize("text", [H100, GB300], ids=["air", "liquid"])
def test_what_the_site_draws_is_what_its_parts_use(text: str) -> None:
    year = year_of(text)
    assert np.allclose(year.site_kw, year.it.kw + year.cooling.electric_kw + year.loss_kw)
    assert year.grid_kw is not None
    assert np.allclose(year.grid_kw, year.site_kw)
    for part in (year.it.kw, year.cooling.electric_kw, year.loss_kw, year.cooling.water_m3_h):
        assert part.shape == (8760,)
        assert np.isfinite(part).all()
        assert (part >= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.floats(-20, 42), st.floats(0, 10), st.floats(0.1, 1.0))
def test_hotter_air_is_never_cheaper(dry_c: float, hotter_k: float, ratio: float) -> None:
    cool, hot = _run(GB300, dry_c, dry_c - 5, ratio), _run(GB300, dry_c + hotter_k, dry_c - 5, ratio)
    assert hot.site_kw[0] >= cool.site_kw[0] * (1 - 1e-6)


@settings(max_examples=20, deadline=None)
@given(st.floats(-20, 42), st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_more_load_never_draws_less(dry_c: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    little, much = _run(GB300, dry_c, dry_c - 5, low), _run(GB300, dry_c, dry_c - 5, high)
    assert much.site_kw[0] >= little.site_kw[0] - 1e-6
    assert much.loss_kw[0] >= little.loss_kw[0] - 1e-6


def test_the_annual_pue_is_below_the_design_pue_and_above_one() -> None:
    for text in (H100, GB300):
        annual = annual_figures(year_of(text))
        point = energy_figures(design_of(text), None)["design_point"]
        assert 1.0 < annual["pue"] < point["design_pue"]


def test_pue_is_that_of_energies_not_a_mean_of_hourly_ratios() -> None:
    year = year_of(GB300)
    assert annual_figures(year)["pue"] == pytest.approx(year.site_kw.sum() / year.it.kw.sum())


def test_a_colder_place_needs_less_cooling() -> None:
    warm = annual_figures(year_of(GB300))
    cold = annual_figures(year_of(GB300.replace("us-tx-austin", "us-ak-sand-point")))
    assert cold["pue"] < warm["pue"]
    assert cold["hours_without_compressors"] > warm["hours_without_compressors"]


def test_utilisation_sets_the_load_between_idle_and_design() -> None:
    def year(utilisation: float, idle: float) -> ItYear:
        load = f"load: {{utilisation_ratio: {utilisation}, idle_ratio: {idle}}}"
        found = it_year(design_of(H100.replace("nodes: 32", f"nodes: 32, {load}")), 8760, None)
        assert found is not None
        return found

    full, half, none = year(1, 0.3), year(0.5, 0.3), year(0, 0.3)
    pool_kw = 32 * 10.2
    assert full.kw.max() == pytest.approx(full.design_kw)
    assert full.kw[0] - none.kw[0] == pytest.approx(0.7 * pool_kw)
    assert half.kw[0] == pytest.approx((full.kw[0] + none.kw[0]) / 2)
    assert none.used_gpu_hours == 0
    assert full.used_gpu_hours == full.gpu_hours == 32 * 8 * 8760


def test_draw_lies_between_rest_and_design() -> None:
    assert draw_ratio(0.5, 0.2) == pytest.approx(0.6)
    assert draw_ratio(np.array([0.0, 1.0]), 0.2) == pytest.approx([0.2, 1.0])


def test_an_oversubscribed_pool_draws_what_its_systems_draw_up_to_what_is_set_aside() -> None:
    def mean_kw(load: str) -> float:
        found = it_year(design_of(H100.replace("nodes: 32", f"nodes: 32, load: {{{load}}}")), 8760, None)
        assert found is not None
        fixed = found.design_kw - 32 * 10.2 / (1.3 if "oversubscription" in load else 1.0)
        return float(found.kw.mean()) - fixed

    usual, tight = "utilisation_ratio: 0.6, idle_ratio: 0.2", "oversubscription_ratio: 1.3"
    assert mean_kw(usual) == pytest.approx(326.4 * 0.68)
    assert mean_kw(f"{usual}, {tight}") == pytest.approx(326.4 * 0.68), "power set aside changes no draw"
    assert mean_kw(f"utilisation_ratio: 1, {tight}") == pytest.approx(326.4 / 1.3), "and caps hold"


def test_the_year_and_the_load_in_time_have_one_mean() -> None:
    grid = "power: {utility: {step_mw: 1000, ramp_mw_per_min: 1000}}\n"
    for text in (GB300, GB300 + grid):
        design = design_of(text)
        found, load = it_year(design, 8760, None), site_load(design, CATALOG)
        assert found is not None
        assert load.mean_kw is not None
        assert load.coincident_kw is not None
        assert found.kw.mean() == pytest.approx(load.mean_kw + found.design_kw - load.coincident_kw)


def test_hours_of_use_are_those_of_accelerators_that_can_be_scheduled() -> None:
    spare = GB300.replace("power_cap_kw: 132", "power_cap_kw: 132, spare_trays_per_rack: 2")
    found = it_year(design_of(spare), 8760, None)
    assert found is not None
    used = found.used_gpu_hours
    assert used == pytest.approx(0.9 * schedulable_gpus(design_of(spare)) * 8760)
    assert found.gpu_hours > used / 0.9


def test_a_grid_connection_for_diverse_pools_has_the_pue_of_the_load_that_it_carries() -> None:
    whole = energy_figures(design_of(GB300), None)["design_point"]
    apart = energy_figures(design_of(GB300 + "power: {load: {diversity_ratio: 0.7}}\n"), None)["design_point"]
    assert apart["utility_kw"] < whole["utility_kw"]
    assert apart["design_pue"] > whole["design_pue"], "the plant stays, the IT that it serves is less"


def test_a_tenants_part_of_a_site_has_no_pue() -> None:
    text = GB300 + "demarcation: colocation\n"
    found = energy_figures(design_of(text), year_of(text))
    assert found["design_point"]["design_pue"] is None
    ratios, water = ("pue", "wue_l_per_kwh", "ere", "erf", "peak_hour_pue"), ("water_m3", "water_peak_m3_day")
    assert {found["annual"][name] for name in (*ratios, *water, "hours_without_compressors")} == {None}
    assert 1 < found["annual"]["ppue"] < annual_figures(year_of(GB300))["pue"]
    assert "landlord" in found["boundary"]


def test_inference_swings_with_the_day_and_training_does_not() -> None:
    text = H100.replace("nodes: 32", "nodes: 32, purpose: PURPOSE, load: {utilisation_ratio: 0.5}")
    swing = text + "energy: {daily_swing_ratio: 0.5}\n"
    inference = it_year(design_of(swing.replace("PURPOSE", "inference")), 8760, None)
    even = it_year(design_of(text.replace("PURPOSE", "inference")), 8760, None)
    training = it_year(design_of(swing.replace("PURPOSE", "training")), 8760, None)
    assert inference is not None
    assert even is not None
    assert training is not None
    assert inference.kw[:24].argmax() == 15
    assert inference.kw.mean() == pytest.approx(even.kw.mean())
    assert np.ptp(training.kw) == 0
    assert day_wave(48)[15] == day_wave(48)[39] == 1.0


def test_the_users_own_load_is_taken(tmp_path: Path) -> None:
    (tmp_path / "load.csv").write_bytes(csv({"it_ratio": 0.4}))
    design = design_of(H100 + "energy: {load_csv: load.csv}\n")
    year = year_of_site(design, CATALOG, tmp_path)
    assert year is not None
    assert year.it.kw.max() == pytest.approx(0.4 * year.it.design_kw)
    assert year.it.used_gpu_hours is None
    assert year_of_site(design, CATALOG, None) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (csv({"it_kw": 5000}), "above the design"),
        (csv({"it_kw": -1}), "negative"),
        (csv({"it_kw": 1, "it_ratio": 1}), "both"),
        (csv({"it_kw": 1}, hours=8784), "8,784 hours"),
        (csv({"kw": 1}), "no column is known"),
    ],
)
def test_a_load_that_cannot_be_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(TableError, match=said):
        read_load_kw(data, "l.csv", 1000.0, 8760)


def test_a_site_whose_load_is_unknown_has_no_year() -> None:
    text = (
        "name: a\nlocation: {climate: us-il-chicago}\npools: [{name: t, system: vera-rubin-nvl72, scalable_units: 1}]\n"
    )
    design = design_of(text)
    known = not design.tables.racks["it_kw"].null_count() and design.power.utility_kw is not None
    assert (year_of_site(design, CATALOG, None) is not None) is known


def test_on_site_generation_lowers_what_the_grid_gives_and_not_what_the_site_uses() -> None:
    sun = "power: {generation: [{name: sun, kind: solar, unit_count: 2, unit_kw: 500}]}\n"
    with_sun, without = year_of(GB300 + sun), year_of(GB300)
    assert np.allclose(with_sun.site_kw, without.site_kw)
    assert with_sun.grid_kw is not None
    used = with_sun.generation[0].used_kw
    assert used is not None
    assert np.allclose(with_sun.grid_kw + used, with_sun.site_kw)
    assert with_sun.grid_kw.min() >= 0


@pytest.mark.parametrize("site", ["llano", "nvl72-pod", "superpod-h100"])
def test_the_sites_of_this_project_have_a_year(site: str) -> None:
    text = (STACKS / site / "site.yaml").read_text(encoding="utf-8")
    if "climate:" not in text:
        text = text.replace("location: {", "location: {climate: us-nc-greensboro, ", 1)
    annual = annual_figures(year_of(text))
    assert annual["unmet_hours"] == 0
    assert 1.02 < annual["pue"] < 1.6
    assert annual["peak_kw"] <= (design_of(text).power.utility_kw or 0)
