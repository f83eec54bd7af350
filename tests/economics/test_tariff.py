"""Bills: flat, time of use, series, demand charges with ratchets."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.economics.tariff import bill, billed_demand_kw, calendar, energy_usd, hourly_usd_per_mwh, monthly_peaks_kw
from gigasite.spec.economics import DemandChargeSpec, EnergyBlockSpec, TariffSpec

FLAT = np.full(8760, 1000.0)


@pytest.mark.parametrize(("hours", "year"), [(8760, 2026), (8784, 2028), (8760, 1999), (8784, 2000)])
def test_the_calendar_is_that_of_the_year(hours: int, year: int) -> None:
    when = calendar(hours, year)
    start = datetime.datetime(year, 1, 1)
    for hour in (0, 23, 24, 1416, 4000, hours - 1):
        then = start + datetime.timedelta(hours=hour)
        assert (when.month[hour], when.hour[hour], when.weekday[hour]) == (then.month, then.hour, then.weekday())


def test_a_year_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="8760 or 8784"):
        calendar(8000)


def test_a_flat_price_is_energy_times_price() -> None:
    """1 MW for a year at 85: 8,760 x 85."""
    assert energy_usd(1000.0, 85.0) == pytest.approx(744_600)
    assert bill(FLAT, TariffSpec(usd_per_mwh=85), 85).total_usd == pytest.approx(744_600)
    assert bill(np.full(8784, 1000.0), TariffSpec(), 85).energy_usd == pytest.approx(8784 * 85)


def test_of_blocks_that_overlap_the_first_holds() -> None:
    peak = EnergyBlockSpec(name="peak", usd_per_mwh=140, months=(7, 8), hours=(16, 17))
    summer = EnergyBlockSpec(name="summer", usd_per_mwh=80, months=(6, 7, 8, 9))
    when = calendar()
    price = hourly_usd_per_mwh(60, when, blocks=(peak, summer))
    assert price[when.chosen((7,), (16,))].tolist() == [140] * 31
    assert set(price[when.chosen((7,), (15,))]) == {80}
    assert set(price[when.chosen((1,))]) == {60}
    assert energy_usd(FLAT, price) == pytest.approx(60 * 8760 + 20 * 122 * 24 + 60 * 62 * 2)


def test_weekdays_and_weekends_divide_the_year() -> None:
    when = calendar(8760, 2026)
    assert (when.chosen(days="weekdays").sum() + when.chosen(days="weekends").sum()) == 8760
    assert when.chosen(days="weekends").sum() == 104 * 24


def test_a_series_takes_the_place_of_prices_and_delivery_comes_on_top() -> None:
    series = np.linspace(-10, 100, 8760)
    tariff = TariffSpec(delivery_usd_per_mwh=12)
    found = bill(FLAT, tariff, 0.0, series)
    assert found.energy_usd == pytest.approx((45 + 12) * 8760)
    with pytest.raises(ValueError, match="the year 8760"):
        hourly_usd_per_mwh(0, calendar(), series_usd_per_mwh=series[:100])


def test_demand_is_billed_by_the_peak_of_each_month() -> None:
    power = FLAT.copy()
    when = calendar()
    power[np.flatnonzero(when.month == 3)[5]] = 1500.0
    tariff = TariffSpec(usd_per_mwh=0, demand=(DemandChargeSpec(usd_per_kw_month=10),), usd_per_month=500)
    found = bill(power, tariff, 0)
    assert found.demand_usd == pytest.approx(10 * (11 * 1000 + 1500))
    assert found.standing_usd == 6000
    assert found.peak_kw == 1500


def test_a_ratchet_keeps_the_highest_demand_in_every_bill() -> None:
    peaks = np.array([1000.0] * 6 + [2000.0] + [1000.0] * 5)
    assert billed_demand_kw(peaks, 0.8).tolist() == [1600.0] * 6 + [2000.0] + [1600.0] * 5
    assert billed_demand_kw(peaks, 0.0).tolist() == peaks.tolist()
    with pytest.raises(ValueError, match="ratchet"):
        billed_demand_kw(peaks, 1.5)


def test_demand_counts_in_its_hours_and_months_alone() -> None:
    when = calendar()
    power = np.where(when.hour == 3, 5000.0, 1000.0)
    charge = DemandChargeSpec(usd_per_kw_month=8, hours=(14, 15, 16), months=(6, 7, 8))
    assert bill(power, TariffSpec(usd_per_mwh=0, demand=(charge,)), 0).demand_usd == pytest.approx(8 * 3 * 1000)


@given(
    levels=st.lists(st.floats(0, 1e6), min_size=12, max_size=12),
    ratchet=st.floats(0, 1),
    extra=st.floats(0, 1e5),
)
def test_more_load_never_makes_a_bill_smaller(levels: list[float], ratchet: float, extra: float) -> None:
    power = np.asarray(levels)[calendar().month - 1]
    tariff = TariffSpec(usd_per_mwh=50, demand=(DemandChargeSpec(usd_per_kw_month=9, ratchet_ratio=ratchet),))
    assert bill(power + extra, tariff, 50).total_usd >= bill(power, tariff, 50).total_usd * (1 - 1e-12)
    assert monthly_peaks_kw(power, calendar()).tolist() == levels
    billed = billed_demand_kw(np.asarray(levels), ratchet)
    assert (billed >= np.asarray(levels)).all()
    assert billed.max() == max(levels)


def test_a_bill_without_energy_has_no_mean_price() -> None:
    assert bill(np.zeros(8760), TariffSpec(), 50).usd_per_mwh is None
