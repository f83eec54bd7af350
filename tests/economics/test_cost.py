"""Annuities, total cost, accelerator-hours: known values, and what must hold for all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.economics import cost

RATES = st.floats(0, 0.5)
LIVES = st.floats(0.5, 60)
MONEY = st.floats(0, 1e12)
RATIOS = st.floats(0.01, 1)


@pytest.mark.parametrize(
    ("wacc", "life", "factor"),
    [
        (0.0, 5, 0.2),
        (0.07, 5, 0.243891),
        (0.08, 10, 0.149029),
        (0.10, 20, 0.117460),
        (0.07, 14, 0.114345),
        (0.05, 1, 1.05),
    ],
)
def test_the_capital_recovery_factor_is_that_of_the_tables(wacc: float, life: float, factor: float) -> None:
    assert cost.capital_recovery_factor(wacc, life) == pytest.approx(factor, abs=1e-6)


@given(wacc=RATES, life=LIVES)
def test_an_annuity_pays_back_the_capital_with_its_interest(wacc: float, life: float) -> None:
    factor = cost.capital_recovery_factor(wacc, life)
    present = life if wacc < 1e-9 else -math.expm1(-life * math.log1p(wacc)) / wacc
    assert factor * present == pytest.approx(1.0, rel=1e-6)
    assert factor >= max(1 / life, wacc) * (1 - 1e-9)


@given(wacc=RATES, life=LIVES, longer=st.floats(0.1, 20))
def test_a_longer_life_never_costs_more_a_year(wacc: float, life: float, longer: float) -> None:
    assert cost.capital_recovery_factor(wacc, life + longer) <= cost.capital_recovery_factor(wacc, life) * (1 + 1e-9)


@pytest.mark.parametrize(("wacc", "life"), [(0.07, 0), (0.07, -1), (-0.01, 5)])
def test_what_cannot_be_is_refused(wacc: float, life: float) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        cost.capital_recovery_factor(wacc, life)


def test_without_interest_the_price_is_spread_over_the_life() -> None:
    assert cost.tco_usd_per_year(25e9, 13e9, 0.9e9) == pytest.approx(25e9 / 5 + 13e9 / 14 + 0.9e9)


def test_land_bears_interest_and_never_wears_out() -> None:
    assert cost.annualised_usd(1e6, None, 0.07) == pytest.approx(70_000)
    assert cost.tco_usd_per_year(0, 0, 0, land_usd=1e6, wacc_ratio=0.05) == pytest.approx(50_000)
    assert cost.tco_usd_per_year(0, 0, 0, land_usd=1e6) == 0


@given(tco=st.floats(1, 1e11), gpus=st.integers(1, 10**6), used=RATIOS)
def test_the_cost_of_used_hours_is_the_cost_of_the_year(tco: float, gpus: int, used: float) -> None:
    each = cost.usd_per_gpu_hour(tco, gpus, used)
    assert each is not None
    assert each * cost.gpu_hours_per_year(gpus, used) == pytest.approx(tco)


def test_an_accelerator_hour_of_a_gigawatt() -> None:
    """8.5 billion a year over 500,000 accelerators at 80 %: 8.5e9 / (500e3 x 8760 x 0.8)."""
    assert cost.usd_per_gpu_hour(8.5e9, 500_000, 0.8) == pytest.approx(2.4258, abs=1e-4)
    assert cost.usd_per_gpu_hour(8.5e9, 500_000, 0.0) is None
    assert cost.usd_per_gpu_hour(8.5e9, 0, 0.8) is None


def test_one_percent_more_use_is_worth_the_hours_gained() -> None:
    gained = cost.gpu_hours_per_year(1000, 0.81) - cost.gpu_hours_per_year(1000, 0.80)
    each = cost.usd_per_gpu_hour(20e6, 1000, 0.80)
    assert each is not None
    assert cost.worth_of_utilisation_usd(20e6, 0.80) == pytest.approx(gained * each)
    assert cost.worth_of_utilisation_usd(20e6, 0.0) is None


@given(tco=st.floats(1, 1e11), gpus=st.integers(1, 10**6), rate=st.floats(0.01, 100))
def test_at_break_even_an_hour_costs_what_it_sells_for(tco: float, gpus: int, rate: float) -> None:
    even = cost.breakeven_utilisation_ratio(tco, gpus, rate)
    assert even is not None
    assert cost.usd_per_gpu_hour(tco, gpus, even) == pytest.approx(rate)


def test_what_sells_for_nothing_has_no_break_even_and_never_pays_back() -> None:
    assert cost.breakeven_utilisation_ratio(1e9, 1000, 0.0) is None
    assert cost.payback_y(1e9, 1e8, 1e8) is None
    assert cost.payback_y(1e9, 3e8, 1e8) == pytest.approx(5.0)


def test_amounts_for_each_megawatt() -> None:
    assert cost.usd_per_mw(38e9, 1e6) == pytest.approx(38e6)
    assert cost.usd_per_mw(38e9, None) is None
    assert cost.share_ratio(3.0, 0.0) is None
    assert cost.share_ratio(2.3, 5.9) == pytest.approx(0.39, abs=0.001)


BASIS = cost.CostBasis(
    it_usd=25e9,
    facility_usd=12e9,
    land_usd=1e8,
    energy_usd_per_year=6e8,
    other_opex_usd_per_year=3e8,
    gpu_count=500_000,
    utilisation_ratio=0.8,
    it_life_y=5,
    facility_life_y=14,
    wacc_ratio=0.07,
)


def test_dearer_energy_costs_its_share_and_more_use_makes_hours_cheaper() -> None:
    rows = {(row.what, row.change): row for row in cost.sensitivity(BASIS)}
    assert rows["energy price", "+20%"].tco_usd_per_year == pytest.approx(BASIS.tco_usd + 0.2 * 6e8)
    more = rows["utilisation", "+20%"]
    assert more.tco_usd_per_year == BASIS.tco_usd
    assert more.usd_per_gpu_hour == pytest.approx((BASIS.gpu_hour_usd or 0) / 1.2)


def test_use_never_moves_above_all_hours() -> None:
    from dataclasses import replace

    full = cost.sensitivity(replace(BASIS, utilisation_ratio=0.95))
    row = next(r for r in full if r.what == "utilisation" and r.change == "+20%")
    assert row.usd_per_gpu_hour == pytest.approx(cost.usd_per_gpu_hour(BASIS.tco_usd, 500_000, 1.0))


@given(change=st.floats(0.01, 0.9))
def test_every_price_that_rises_makes_the_year_dearer(change: float) -> None:
    rows = {row.what: row.tco_usd_per_year for row in cost.sensitivity(BASIS, (change,))}
    for what in ("energy price", "price of systems and network", "price of the facility", "cost of capital"):
        assert rows[what] > BASIS.tco_usd
    assert rows["life of systems"] < BASIS.tco_usd
