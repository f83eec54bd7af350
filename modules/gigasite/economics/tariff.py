"""What energy costs: flat prices, time of use, a series of hourly prices, demand charges with ratchets.

A year is 8,760 or (leap) 8,784 hours in local standard time, hour 0 being the first of January from midnight.
Everything is an array over its hours; nothing loops over hours.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gigasite.economics.tables import HOURS, Hourly
from gigasite.spec.economics import DemandChargeSpec, EnergyBlockSpec, TariffSpec

_DAYS: Final = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
DEFAULT_YEAR: Final = 2026


@dataclass(frozen=True, slots=True)
class Calendar:
    """Of each hour of a year: its month (1 to 12), its hour of the day (0 to 23), its weekday (0 is Monday)."""

    month: NDArray[np.int64]
    hour: NDArray[np.int64]
    weekday: NDArray[np.int64]

    def chosen(
        self, months: Collection[int] | None = None, hours: Collection[int] | None = None, days: str = "all"
    ) -> NDArray[np.bool_]:
        """Which hours lie in these months, hours of the day and days (`all`, `weekdays`, `weekends`)."""
        mask = np.ones(self.month.size, np.bool_)
        if months is not None:
            mask &= np.isin(self.month, list(months))
        if hours is not None:
            mask &= np.isin(self.hour, list(hours))
        if days != "all":
            mask &= (self.weekday < 5) == (days == "weekdays")
        return mask


@lru_cache(maxsize=8)
def calendar(hour_count: int = 8760, year: int = DEFAULT_YEAR) -> Calendar:
    """The calendar of a year; ValueError where it has neither 8,760 nor 8,784 hours.

    `year` only tells the weekday of the first of January.
    """
    if hour_count not in HOURS:
        raise ValueError(f"a year has 8760 or 8784 hours, not {hour_count}")
    days = _DAYS.copy()
    days[1] += hour_count == 8784
    day_count = hour_count // 24
    month = np.repeat(np.repeat(np.arange(1, 13), days), 24)
    first = int((np.datetime64(f"{year:04d}-01-01", "D").astype(np.int64) + 3) % 7)  # 1970-01-01 was a Thursday
    weekday = np.repeat((np.arange(day_count) + first) % 7, 24)
    return Calendar(month, np.tile(np.arange(24), day_count), weekday)


def hourly_usd_per_mwh(
    flat_usd_per_mwh: float,
    when: Calendar,
    *,
    blocks: Collection[EnergyBlockSpec] = (),
    series_usd_per_mwh: Hourly | None = None,
    delivery_usd_per_mwh: float = 0.0,
) -> Hourly:
    """Price of energy in each hour: the series, else the first block that names the hour, else the flat price.

    Raises ValueError where the series has another number of hours than the year.
    """
    if series_usd_per_mwh is not None:
        if series_usd_per_mwh.size != when.month.size:
            raise ValueError(f"the price series has {series_usd_per_mwh.size} hours, the year {when.month.size}")
        return series_usd_per_mwh + delivery_usd_per_mwh
    price = np.full(when.month.size, float(flat_usd_per_mwh))
    for block in reversed(tuple(blocks)):  # the first one written last: it holds where blocks overlap
        price[when.chosen(block.months, block.hours, block.days)] = block.usd_per_mwh
    return price + delivery_usd_per_mwh


def energy_usd(power_kw: Hourly | float, usd_per_mwh: Hourly | float) -> float:
    """Cost of energy: sum over hours of kW x 1 h / 1000 x USD/MWh; plain numbers stand for a mean over 8,760 h."""
    power, price = np.asarray(power_kw, float), np.asarray(usd_per_mwh, float)
    if power.ndim == 0 and price.ndim == 0:
        return float(power * price / 1000 * HOURS[0])
    return float(np.sum(power * price) / 1000)


def monthly_peaks_kw(power_kw: Hourly, when: Calendar, mask: NDArray[np.bool_] | None = None) -> Hourly:
    """Highest hourly power of each of the twelve months, in the hours of `mask`; 0 where a month has none."""
    power = power_kw if mask is None else np.where(mask, power_kw, 0.0)
    starts = np.searchsorted(when.month, np.arange(1, 13))
    peaks: Hourly = np.maximum(np.maximum.reduceat(power, starts), 0.0)
    return peaks


def billed_demand_kw(peaks_kw: Hourly, ratchet_ratio: float = 0.0) -> Hourly:
    """Demand that is billed each month: its peak, at least `ratchet_ratio` of the highest of the other eleven.

    The year is taken as one of many alike, so that December's peak ratchets January's bill.
    """
    if not 0 <= ratchet_ratio <= 1:
        raise ValueError(f"a ratchet of {ratchet_ratio:g} cannot be: state 0 to 1")
    highest = np.array([np.delete(peaks_kw, month).max(initial=0.0) for month in range(peaks_kw.size)])
    billed: Hourly = np.maximum(peaks_kw, ratchet_ratio * highest)
    return billed


def demand_usd(power_kw: Hourly, charge: DemandChargeSpec, when: Calendar) -> float:
    """A year of one demand charge."""
    peaks = monthly_peaks_kw(power_kw, when, when.chosen(None, charge.hours, charge.days))
    billed = billed_demand_kw(peaks, charge.ratchet_ratio)
    levied = np.isin(np.arange(1, 13), list(charge.months or range(1, 13)))
    return float(np.sum(billed[levied]) * charge.usd_per_kw_month)


@dataclass(frozen=True, slots=True)
class Bill:
    """A year's bill of grid energy."""

    energy_usd: float
    demand_usd: float
    standing_usd: float
    energy_mwh: float
    peak_kw: float

    @property
    def total_usd(self) -> float:
        """All of it."""
        return self.energy_usd + self.demand_usd + self.standing_usd

    @property
    def usd_per_mwh(self) -> float | None:
        """What a MWh costs on average, everything included; None where none is drawn."""
        return self.total_usd / self.energy_mwh if self.energy_mwh > 0 else None


def bill(
    power_kw: Hourly, tariff: TariffSpec, flat_usd_per_mwh: float, series_usd_per_mwh: Hourly | None = None
) -> Bill:
    """The bill of a year of hourly grid power under a tariff; `flat_usd_per_mwh` where no block names an hour."""
    when = calendar(power_kw.size, tariff.year or DEFAULT_YEAR)
    price = hourly_usd_per_mwh(
        flat_usd_per_mwh,
        when,
        blocks=tariff.blocks,
        series_usd_per_mwh=series_usd_per_mwh,
        delivery_usd_per_mwh=tariff.delivery_usd_per_mwh,
    )
    return Bill(
        energy_usd=energy_usd(power_kw, price),
        demand_usd=sum(demand_usd(power_kw, charge, when) for charge in tariff.demand),
        standing_usd=12 * tariff.usd_per_month,
        energy_mwh=float(power_kw.sum()) / 1000,
        peak_kw=float(power_kw.max(initial=0.0)),
    )
