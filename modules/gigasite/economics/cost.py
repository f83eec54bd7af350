"""Money over time: annuities, total cost a year, cost of an accelerator-hour, and what moves it.

Capital recovery factor: r·(1+r)^n / ((1+r)^n - 1), 1/n without interest (any text on engineering economics,
e.g. Newnan, Eschenbach, Lavelle: Engineering Economic Analysis, ch. 4). Costs are real: no inflation, no tax.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

HOURS_PER_YEAR: Final = 8760.0


def capital_recovery_factor(wacc_ratio: float, life_y: float) -> float:
    """Equal yearly payment for one unit of capital over `life_y` years at `wacc_ratio`; 1/life at no interest.

    Raises ValueError for a life that is not above zero or a negative rate.
    """
    if life_y <= 0:
        raise ValueError(f"a life of {life_y:g} years cannot be: state more than 0")
    if wacc_ratio < 0:
        raise ValueError(f"a cost of capital of {wacc_ratio:g} cannot be: state 0 or more")
    if wacc_ratio < 1e-9:
        return 1.0 / life_y
    # wacc / (1 - (1 + wacc)^-life), without losing the digits of a tiny rate.
    return wacc_ratio / -math.expm1(-life_y * math.log1p(wacc_ratio))


def annualised_usd(capital_usd: float, life_y: float | None, wacc_ratio: float) -> float:
    """Yearly cost of capital; `life_y` None: it never wears out (land) and bears interest alone."""
    if life_y is None:
        return capital_usd * wacc_ratio
    return capital_usd * capital_recovery_factor(wacc_ratio, life_y)


def tco_usd_per_year(
    it_usd: float,
    facility_usd: float,
    opex_usd_per_year: float,
    *,
    it_life_y: float = 5.0,
    facility_life_y: float = 14.0,
    wacc_ratio: float = 0.0,
    land_usd: float = 0.0,
) -> float:
    """Total cost of ownership of a year: annuities of IT and facility, interest on land, and running costs."""
    return (
        annualised_usd(it_usd, it_life_y, wacc_ratio)
        + annualised_usd(facility_usd, facility_life_y, wacc_ratio)
        + annualised_usd(land_usd, None, wacc_ratio)
        + opex_usd_per_year
    )


def gpu_hours_per_year(gpu_count: float, utilisation_ratio: float = 1.0) -> float:
    """Accelerator-hours that are used in a year of 8,760 hours."""
    return gpu_count * HOURS_PER_YEAR * utilisation_ratio


def usd_per_gpu_hour(tco_usd: float, gpu_count: float, utilisation_ratio: float) -> float | None:
    """Cost of a used accelerator-hour; None where none is used."""
    hours = gpu_hours_per_year(gpu_count, utilisation_ratio)
    return tco_usd / hours if hours > 0 else None


def worth_of_utilisation_usd(tco_usd: float, utilisation_ratio: float, step_ratio: float = 0.01) -> float | None:
    """What `step_ratio` more utilisation is worth a year: the hours gained, at the cost of an hour before.

    tco / (n·8760·u) x n·8760·step = tco·step/u. None where nothing is used.
    """
    return tco_usd * step_ratio / utilisation_ratio if utilisation_ratio > 0 else None


def share_ratio(part_usd: float, whole_usd: float) -> float | None:
    """Part of the whole; None where the whole is nothing."""
    return part_usd / whole_usd if whole_usd > 0 else None


def breakeven_utilisation_ratio(tco_usd: float, gpu_count: float, sale_usd_per_gpu_hour: float) -> float | None:
    """Utilisation at which sold hours pay the year's cost; above 1 they never do. None where nothing is sold."""
    revenue = gpu_hours_per_year(gpu_count) * sale_usd_per_gpu_hour
    return tco_usd / revenue if revenue > 0 else None


def payback_y(capex_usd: float, revenue_usd_per_year: float, opex_usd_per_year: float) -> float | None:
    """Years until what is left of revenue after running costs repays the capital, interest left out; None: never."""
    left = revenue_usd_per_year - opex_usd_per_year
    return capex_usd / left if left > 0 else None


def usd_per_mw(amount_usd: float, kw: float | None) -> float | None:
    """An amount for each MW; None where the power is unknown or nothing."""
    return amount_usd / (kw / 1000) if kw else None


@dataclass(frozen=True, slots=True)
class CostBasis:
    """What the yearly cost rests on, as plain numbers, so that each can be moved by itself."""

    it_usd: float
    facility_usd: float
    land_usd: float
    energy_usd_per_year: float
    other_opex_usd_per_year: float
    gpu_count: float
    utilisation_ratio: float
    it_life_y: float
    facility_life_y: float
    wacc_ratio: float

    @property
    def tco_usd(self) -> float:
        """Total cost of a year."""
        return tco_usd_per_year(
            self.it_usd,
            self.facility_usd,
            self.energy_usd_per_year + self.other_opex_usd_per_year,
            it_life_y=self.it_life_y,
            facility_life_y=self.facility_life_y,
            wacc_ratio=self.wacc_ratio,
            land_usd=self.land_usd,
        )

    @property
    def gpu_hour_usd(self) -> float | None:
        """Cost of a used accelerator-hour."""
        return usd_per_gpu_hour(self.tco_usd, self.gpu_count, self.utilisation_ratio)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the yearly cost and the accelerator-hour become when one thing is other than reckoned."""

    what: str
    change: str
    tco_usd_per_year: float
    usd_per_gpu_hour: float | None


_VARIED: Final[Mapping[str, str]] = {
    "energy price": "energy_usd_per_year",
    "utilisation": "utilisation_ratio",
    "price of systems and network": "it_usd",
    "price of the facility": "facility_usd",
    "life of systems": "it_life_y",
    "cost of capital": "wacc_ratio",
}


def sensitivity(basis: CostBasis, changes: Sequence[float] = (-0.2, 0.2)) -> tuple[Sensitivity, ...]:
    """Each input moved by each of the changes (ratios), the others held; utilisation ends at 1.

    Energy used is held when utilisation moves: idle accelerators draw power too, and the difference is small
    beside the capital.
    """
    rows = []
    for what, name in _VARIED.items():
        for change in changes:
            value = getattr(basis, name) * (1 + change)
            if name == "utilisation_ratio":
                value = min(value, 1.0)
            moved = replace(basis, **{name: value})
            rows.append(Sensitivity(what, f"{change:+.0%}", moved.tco_usd, moved.gpu_hour_usd))
    return tuple(rows)
