"""What a rack presses on the floor: by area, by foot, by castor."""

from __future__ import annotations

from typing import Final, TypeVar

import polars as pl

Amount = TypeVar("Amount", float, pl.Expr)

GRAVITY_M_S2: Final = 9.80665

ULTIMATE_KN: Final = (4.0, 6.0, 8.0, 9.0, 10.0, 12.0)
"""Ultimate load of the classes 1 to 6 of EN 12825:2001, table 1."""
SAFETY_FACTOR: Final = 2.0
"""EN 12825:2001: the working load is the ultimate load over a factor of 2."""


def working_load_kn(load_class: int, safety_factor: float = SAFETY_FACTOR) -> float:
    """Point load that a raised floor of a class (1 to 6) may carry in use."""
    return ULTIMATE_KN[load_class - 1] / safety_factor


def floor_load_kpa(weight_kg: Amount, area_m2: Amount) -> Amount:
    """p = m·g / area."""
    return weight_kg * GRAVITY_M_S2 / 1000 / area_m2


def foot_load_kn(weight_kg: Amount, heaviest_foot_ratio: float) -> Amount:
    """F = m·g·share of the most loaded foot; a quarter each where four feet share alike."""
    return weight_kg * GRAVITY_M_S2 / 1000 * heaviest_foot_ratio


def heaviest_foot_ratio(feet_count: int, given: float | None) -> float:
    """Share of the most loaded foot: never less than an equal share."""
    return max(given or 0.0, 1 / feet_count)


def wet_weight_kg(dry_kg: float, coolant_l: float, density_kg_m3: float) -> float:
    """m = dry + V·ρ; litres and kg/m³."""
    return dry_kg + coolant_l * density_kg_m3 / 1000
