"""Availability of what is in series, in parallel, or k of n, with a common cause; and how sure that is.

Plain functions of plain numbers. An availability A is the part of time in which something works: A = MTBF /
(MTBF + MTTR), with MTBF taken as the mean time to failure. The relations are those of IEEE Std 493 and of any
textbook (Billinton and Allan, Reliability Evaluation of Engineering Systems); the common cause is the beta-factor
model (IEC 61508-6, annex D).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

HOURS_PER_YEAR: Final = 8760.0


def availability(mtbf_h: float, mttr_h: float) -> float:
    """A = MTBF / (MTBF + MTTR), both in hours. Raises ValueError where they are no times."""
    if not mtbf_h > 0 or not mttr_h >= 0:
        raise ValueError(f"{mtbf_h} h between failures, {mttr_h} h to repair: no times")
    return 1.0 if math.isinf(mtbf_h) else mtbf_h / (mtbf_h + mttr_h)


def availability_of_rate(failures_per_year: float, repair_h: float) -> float:
    """A = 1 / (1 + λ·r / 8760), for λ failures a year of r hours each (IEEE Std 493: λ·r hours a year)."""
    if not failures_per_year >= 0 or not repair_h >= 0:
        raise ValueError(f"{failures_per_year} failures a year of {repair_h} h: neither may be negative")
    return 1.0 / (1.0 + failures_per_year * repair_h / HOURS_PER_YEAR)


def downtime_h_per_year(available_ratio: float) -> float:
    """(1 - A) · 8760 hours."""
    _ratio(available_ratio)
    return (1.0 - available_ratio) * HOURS_PER_YEAR


def availability_of_downtime(hours_per_year: float) -> float:
    """A = 1 - hours / 8760."""
    if not 0 <= hours_per_year <= HOURS_PER_YEAR:
        raise ValueError(f"{hours_per_year} hours are no part of a year")
    return 1.0 - hours_per_year / HOURS_PER_YEAR


def series(parts: Iterable[float]) -> float:
    """All must work: A = ∏ Aᵢ. Nothing in series always works."""
    return math.prod(_ratio(part) for part in parts)


def parallel(parts: Iterable[float]) -> float:
    """Any one is enough: A = 1 - ∏ (1 - Aᵢ). Nothing in parallel never works."""
    return 1.0 - math.prod(1.0 - _ratio(part) for part in parts)


def k_of_n(required_count: int, installed_count: int, part: float) -> float:
    """At least k of n equal, independent parts work: A = Σᵢ₌ₖⁿ C(n, i)·Aⁱ·(1 - A)ⁿ⁻ⁱ."""
    _ratio(part)
    if required_count < 0 or installed_count < 0:
        raise ValueError(f"{required_count} of {installed_count}: no counts")
    if required_count <= 0:
        return 1.0
    if required_count > installed_count:
        return 0.0
    # The shorter tail, so that nothing is lost of figures close to one.
    failing = sum(_binomial(installed_count, i, part) for i in range(required_count))
    return (
        1.0 - failing
        if failing < 0.5
        else sum(_binomial(installed_count, i, part) for i in range(required_count, installed_count + 1))
    )


def k_of_unequal(required_count: int, parts: Iterable[float]) -> float:
    """At least k of unequal, independent parts work: by the number that works, part after part."""
    chances = [1.0]  # of exactly 0, 1, 2, ... at work
    for part in parts:
        _ratio(part)
        down = [chance * (1.0 - part) for chance in chances] + [0.0]
        up = [0.0] + [chance * part for chance in chances]
        chances = [a + b for a, b in zip(down, up, strict=True)]
    return math.fsum(chances[max(required_count, 0) :])


def k_of_n_with_common_cause(required_count: int, installed_count: int, part: float, beta_ratio: float) -> float:
    """k of n with the part β of each unavailability common to all: A = (1 - β·q) · k-of-n(1 - (1 - β)·q), q = 1 - A.

    Without redundancy there is nothing in common to lose: β counts only where more are installed than required.
    """
    _ratio(beta_ratio)
    unavailable = 1.0 - _ratio(part)
    if required_count <= 0:
        return 1.0
    if required_count >= installed_count:
        return k_of_n(required_count, installed_count, part)
    alone = k_of_n(required_count, installed_count, 1.0 - (1.0 - beta_ratio) * unavailable)
    return (1.0 - beta_ratio * unavailable) * alone


def standby(required: float, start_failure_ratio: float) -> float:
    """Availability of what must also start: A · (1 - chance that it does not start)."""
    return _ratio(required) * (1.0 - _ratio(start_failure_ratio))


def _binomial(count: int, working: int, part: float) -> float:
    return float(math.comb(count, working) * part**working * (1.0 - part) ** (count - working))


def _ratio(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is no part of one")
    return value


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the least and the most that its inputs allow; `low` <= `mid` <= `high`."""

    low: float
    mid: float
    high: float

    def map(self, function: Callable[[float], float]) -> Interval:
        """The interval of a function that rises, or falls, throughout."""
        low, high = sorted((function(self.low), function(self.high)))
        return Interval(low, function(self.mid), high)


def around(value: float, factor: float) -> Interval:
    """A figure that is known to a factor: value / factor to value · factor (an error factor, as of a lognormal)."""
    if not factor >= 1:
        raise ValueError(f"a factor of {factor} is no uncertainty: at least 1")
    return Interval(value / factor, value, value * factor)
