"""Flexible load, dips, oversubscription, and the figures of the summary."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog.workload_products import LoadRule, PowerControl, VoltageCurve, Workload
from gigasite.design.dynamics.figures import dynamics_figures, gpus_in_fixed_power, kw_per_gpu
from gigasite.design.dynamics.flexibility import flexibility, sheddable_ratio
from gigasite.design.dynamics.loads import site_load
from gigasite.design.dynamics.meter import meter_ratio
from gigasite.design.dynamics.ridethrough import ride_through, stood_s
from gigasite.design.dynamics.risk import exceedance, normal_exceedance, overload_s
from gigasite.errors import Severity

from .sites import catalog, design_of, entries, found, pool


@pytest.mark.parametrize(
    ("purpose", "notice_min", "ratio"),
    [
        ("training", 0, 0.25),
        ("training", 5, 0.8),
        ("inference", 0, 0.25),
        ("inference", 600, 0.25),
        ("development", 15, 0.8),
    ],
)
def test_work_that_can_stop_sheds_more_when_it_is_warned(purpose: str, notice_min: float, ratio: float) -> None:
    workload = catalog().of(Workload, purpose)
    idle = 0.2 if purpose != "inference" else 0.25
    assert sheddable_ratio(workload, notice_min, idle) == pytest.approx(ratio)


def test_what_was_shed_in_the_field_is_in_the_catalog() -> None:
    shown = catalog().of(PowerControl, "emerald-conductor")
    assert (shown.shed_ratio, shown.shed_h) == (0.25, 3)
    assert catalog().of(Workload, "inference").shed_ratio == shown.shed_ratio


def test_cover_is_flexible_load_battery_and_firm_generation() -> None:
    generation = [
        {"name": "gas", "kind": "gas-turbine", "unit_count": 3, "unit_kw": 20, "required_count": 2},
        {"name": "sun", "kind": "solar", "unit_count": 1, "unit_kw": 500},
        {"name": "far", "kind": "nuclear", "unit_count": 1, "unit_kw": 900, "delivery": "contracted"},
    ]
    power = {"load": {"flexible_ratio": 0.1}, "bess": {"power_kw": 30, "energy_kwh": 60}, "generation": generation}
    design = design_of(pool(), power=power)
    flexible = flexibility(design, site_load(design, catalog()), catalog())
    assert flexible.generation_kw == 40
    assert flexible.bess_h == 2
    it_kw = design.power.it_kw or 0.0
    assert flexible.cover_kw == pytest.approx(0.1 * it_kw * meter_ratio(design, catalog(), 0.1 * it_kw) + 70)


def test_a_call_that_rests_on_a_battery_for_minutes_is_told() -> None:
    power = {"utility": {"available_mw": 0.4, "interruptible_mw": 0.3}}
    design = design_of(pool(), power={**power, "bess": {"power_kw": 400, "energy_kwh": 20}})
    (told,) = found(design, "PWR206")
    missing_kw = (design.power.utility_kw or 0) - 100
    assert told.severity is Severity.WARNING
    assert f"lasts {20 / missing_kw * 60:,.0f} min" in told.message
    assert not found(design_of(pool(), power={**power, "bess": {"power_kw": 400, "energy_kwh": 2000}}), "PWR206")


def test_an_oversubscribed_pool_sheds_no_more_than_is_set_aside_for_it() -> None:
    design = design_of(pool(load={"oversubscription_ratio": 1.5}), power={"load": {"flexible_notice_min": 10}})
    flexible = flexibility(design, site_load(design, catalog()), catalog())
    assert flexible.sheddable_kw == pytest.approx(81.6 / 1.5 - 81.6 * 0.2)


@pytest.mark.parametrize(
    ("voltage", "seconds"), [(0.0, 0.02), (0.69, 0.02), (0.7, 0.5), (0.8, 10), (0.89, 10), (0.9, math.inf)]
)
def test_supplies_stand_the_dips_of_their_curve(voltage: float, seconds: float) -> None:
    assert stood_s(catalog().of(VoltageCurve, "itic"), voltage) == seconds


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_deeper_dip_is_never_stood_longer(a: float, b: float) -> None:
    curve = catalog().of(VoltageCurve, "itic")
    low, high = sorted((a, b))
    assert stood_s(curve, low) <= stood_s(curve, high)


def test_without_a_ups_the_supplies_own_storage_rides_through() -> None:
    ride = ride_through(design_of(pool(), power={"blocks": {"ups_min": 0}}), catalog())
    assert (ride.stood_s, ride.stood_by) == (0.02, "power supplies")
    ride = ride_through(design_of(pool()), catalog())
    assert (ride.stood_s, ride.stood_by, ride.claimed_s) == (300, "UPS", None)


def test_chance_of_independent_systems_shrinks_with_their_number_and_not_of_synchronous_ones() -> None:
    few, many = (exceedance(n, 10, 0.2, 0.6, 0.0, n * 10 * 0.79) for n in (30, 3000))
    assert many < few
    together = exceedance(3000, 10, 0.2, 0.6, 1.0, 3000 * 10 * 0.79)
    assert together == pytest.approx(0.6), "all at work for 60 % of the time"


@given(st.floats(0, 1e4), st.floats(0, 1e3), st.floats(0, 2e4), st.floats(0, 2e4))
def test_a_higher_limit_is_never_exceeded_more_often(mean: float, deviation: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= normal_exceedance(mean, deviation, high) <= normal_exceedance(mean, deviation, low) <= 1


def test_one_deviation_above_the_mean_is_exceeded_for_a_sixth_of_the_time() -> None:
    assert normal_exceedance(100, 10, 110) == pytest.approx(0.1587, abs=1e-4)


@pytest.mark.parametrize(("load", "seconds"), [(0.9, math.inf), (1.05, 3600), (1.25, 600), (1.3, 60), (1.6, 0)])
def test_an_overload_is_stood_for_the_time_of_the_next_point(load: float, seconds: float) -> None:
    assert overload_s([(1.1, 3600), (1.25, 600), (1.5, 60)], load) == seconds


def test_kilowatts_for_each_gpu_are_three_figures() -> None:
    """dsx-maxlps-density, dsx-gw-factory, con-site-kw-per-gpu: both are all-in and both quoted."""
    density, factory = entries()["dsx-maxlps-density"], entries()["dsx-gw-factory"]
    site_kw = kw_per_gpu(density["given"]["site_mw"] * 1000, density["given"]["gpus"])
    assert site_kw == pytest.approx(density["expected"]["kw_per_gpu"], rel=1e-3)
    assert site_kw * 72 == pytest.approx(density["expected"]["site_kw_per_72_gpus"], rel=1e-3)
    gw = factory["given"]["site_gw"] * 1e6
    assert kw_per_gpu(gw, factory["expected"]["hopper_gpus"]) == pytest.approx(1.67, rel=0.01)
    assert kw_per_gpu(gw, factory["expected"]["rubin_gpus"]) == pytest.approx(3.33, rel=0.01)
    figures = dynamics_figures(design_of(pool(), power={"utility": {"available_mw": 1}}), catalog())["kw_per_gpu"]
    assert figures["it"] < figures["facility"] < figures["site"]
    assert figures["site"] == pytest.approx(1000 / 64)


def test_more_accelerators_fit_the_same_power_as_published() -> None:
    expected = entries()["dsx-libraries"]["expected"]
    extra = {key: catalog().of(PowerControl, key).extra_gpu_ratio or 0.0 for key in ("dsx-max-q", "dsx-maxlps")}
    assert extra["dsx-max-q"] == expected["max_q_extra_infra_pct_in_fixed_power"] / 100
    assert extra["dsx-maxlps"] == expected["maxlps_extra_gpus_pct_up_to"] / 100
    assert gpus_in_fixed_power(40_000, extra["dsx-maxlps"]) == 56_000
    assert gpus_in_fixed_power(1000, extra["dsx-max-q"]) == 1300
    assert kw_per_gpu(None, 8) is None


def test_rules_for_large_loads_name_grids_of_the_catalog() -> None:
    for rule in catalog().all_of(LoadRule):
        assert all(catalog().has("grid", grid) for grid in rule.grids)


def test_the_figures_are_plain_data_and_the_same_every_time() -> None:
    utility = {"available_mw": {"2027-01": 0.1, "2027-06": 1}, "step_mw": 0.01, "ramp_mw_per_min": 0.1}
    design = design_of(pool(), power={"utility": utility})
    text = json.dumps(dynamics_figures(design, catalog()), allow_nan=False)
    assert text == json.dumps(dynamics_figures(design, catalog()))
    figures = json.loads(text)
    assert figures["design_kw"] == 81.6
    assert [stage["date"] for stage in figures["grid"]] == ["2027-01", "2027-06"]
    assert {need["for"] for need in figures["battery_needs"]} == {"swing", "job"}
