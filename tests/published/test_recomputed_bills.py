"""Bills, annuities and carbon of other cases than the printed ones, recomputed hour by hour in plain Python."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from gigasite.economics import cost
from gigasite.economics.carbon import Contract, market_based_kg
from gigasite.economics.energy import annual_site_mwh, ere, erf, pue
from gigasite.economics.tariff import bill
from gigasite.spec.economics import TariffSpec

TARIFF = {
    "usd_per_mwh": 40,
    "delivery_usd_per_mwh": 7,
    "usd_per_month": 99,
    "blocks": [
        {"name": "peak", "usd_per_mwh": 200, "months": [7, 8], "hours": [16, 17], "days": "weekdays"},
        {"name": "night", "usd_per_mwh": -5, "hours": [2, 3], "days": "weekends"},
        {"name": "july", "usd_per_mwh": 90, "months": [7], "hours": [16]},
    ],
    "demand": [
        {"usd_per_kw_month": 9, "ratchet_ratio": 0.9, "months": [6, 7, 8]},
        {"usd_per_kw_month": 3, "hours": [17, 18], "days": "weekdays"},
    ],
}


def _usd_per_mwh(when: dt.datetime) -> float:
    weekend = when.weekday() >= 5
    if when.month in (7, 8) and when.hour in (16, 17) and not weekend:
        return 200
    if when.hour in (2, 3) and weekend:
        return -5
    return 90 if when.month == 7 and when.hour == 16 else 40


@pytest.mark.parametrize("year", [2023, 2024, 2026])
def test_a_bill_of_an_uneven_year_by_the_calendar_of_the_standard_library(year: int) -> None:
    start = dt.datetime(year, 1, 1)
    hours = int((dt.datetime(year + 1, 1, 1) - start).total_seconds() // 3600)
    kw = np.random.default_rng(year).uniform(0, 5000, hours)
    energy, peaks, evenings = 0.0, dict.fromkeys(range(1, 13), 0.0), dict.fromkeys(range(1, 13), 0.0)
    for index, drawn in enumerate(kw.tolist()):
        when = start + dt.timedelta(hours=index)
        energy += drawn / 1000 * (_usd_per_mwh(when) + 7)
        peaks[when.month] = max(peaks[when.month], drawn)
        if when.hour in (17, 18) and when.weekday() < 5:
            evenings[when.month] = max(evenings[when.month], drawn)
    ratcheted = sum(9 * max(peaks[m], 0.9 * max(kw for k, kw in peaks.items() if k != m)) for m in (6, 7, 8))
    found = bill(kw, TariffSpec.model_validate({**TARIFF, "year": year}), 40.0)
    assert found.energy_usd == pytest.approx(energy)
    assert found.demand_usd == pytest.approx(ratcheted + 3 * sum(evenings.values()))
    assert found.standing_usd == 12 * 99


@pytest.mark.parametrize(("rate", "years"), [(0.0, 3), (0.045, 7), (0.07, 14), (0.12, 20)])
def test_an_annuity_pays_a_loan_back_to_the_cent(rate: float, years: int) -> None:
    owed, payment = 1e9, cost.annualised_usd(1e9, years, rate)
    for _ in range(years):
        owed = owed * (1 + rate) - payment
    assert owed == pytest.approx(0, abs=0.01)


def test_an_accelerator_hour_of_a_small_cloud_by_hand() -> None:
    """2,048 GPUs: 90 M of IT over 4 years, 30 M of plant over 12, at 9 %; 1 M of land; 11 M to run; 63 % used."""
    it = 90e6 * 0.09 / (1 - 1.09**-4)
    plant = 30e6 * 0.09 / (1 - 1.09**-12)
    whole = it + plant + 1e6 * 0.09 + 11e6
    found = cost.tco_usd_per_year(90e6, 30e6, 11e6, it_life_y=4, facility_life_y=12, wacc_ratio=0.09, land_usd=1e6)
    assert found == pytest.approx(whole)
    assert cost.usd_per_gpu_hour(found, 2048, 0.63) == pytest.approx(whole / (2048 * 8760 * 0.63))


def test_energy_and_carbon_of_a_site_with_reuse_and_two_contracts_by_hand() -> None:
    """37 MW of IT at 71 % and a PUE of 1.19; 55,000 MWh reused; half by wind, 40 GWh by gas, the rest at 0.42."""
    it_mwh = 37 * 0.71 * 8760
    site_mwh = annual_site_mwh(37, 0.71, 1.19)
    assert pue(site_mwh, it_mwh) == pytest.approx(1.19)
    assert ere(site_mwh, 55_000, it_mwh) == pytest.approx((1 - (erf(55_000, site_mwh) or 0)) * 1.19)
    contracts = (
        Contract("wind", "ppa", 0.011, True, share_ratio=0.5),
        Contract("gas", "supplier", 0.37, False, kwh=40e6),
    )
    by_hand = site_mwh * 500 * 0.011 + 40e6 * 0.37 + (site_mwh * 500 - 40e6) * 0.42
    assert market_based_kg(site_mwh * 1000, contracts, 0.42) == pytest.approx(by_hand)
