"""ASHRAE TC 9.9 classes of facility water (W), coolant (S) and room air (A, H).

Thermal Guidelines for Data Processing Environments, 5th edition (2021); S classes: cold-plate resiliency (2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

W_CLASSES_C: Final[Mapping[str, float]] = MappingProxyType({"W17": 17, "W27": 27, "W32": 32, "W40": 40, "W45": 45})
"""Warmest facility water of each class; W+ is above."""
W_OLD_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"W1": "W17", "W2": "W27", "W3": "W32", "W4": "W45", "W5": "W+"}
)
W_LOWEST_C: Final = 2.0
"""Coldest facility water of every class."""
S_CLASSES_C: Final[Mapping[str, float]] = MappingProxyType(
    {"S20": 20, "S25": 25, "S30": 30, "S35": 35, "S40": 40, "S45": 45, "S50": 50}
)
"""Warmest coolant into racks of each class."""
AIR_ALLOWABLE_C: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"A1": (15, 32), "A2": (10, 35), "A3": (5, 40), "A4": (5, 45), "H1": (5, 25)}
)
AIR_RECOMMENDED_C: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"A1": (18, 27), "A2": (18, 27), "A3": (18, 27), "A4": (18, 27), "H1": (18, 22)}
)


def w_class(supply_c: float) -> str:
    """The class of facility water at a temperature: the coldest class that still covers it; W+ above 45 °C."""
    return next((name for name, limit in W_CLASSES_C.items() if supply_c <= limit), "W+")


def s_class(supply_c: float) -> str:
    """The class of coolant at a temperature; `above S50` beyond the last."""
    return next((name for name, limit in S_CLASSES_C.items() if supply_c <= limit), "above S50")


def w_limit_c(name: str) -> float | None:
    """Warmest facility water of a class, by its name of today or before 2021; None: no limit (W+).

    Raises KeyError for what is no class.
    """
    known = W_OLD_NAMES.get(name, name)
    return None if known == "W+" else W_CLASSES_C[known]


def s_limit_c(name: str) -> float:
    """Warmest coolant of a class. Raises KeyError for what is no class."""
    return S_CLASSES_C[name]


def air_classes(inlet_c: float) -> tuple[str, ...]:
    """The classes of air-cooled equipment that allow an inlet temperature."""
    return tuple(name for name, (low, high) in AIR_ALLOWABLE_C.items() if low <= inlet_c <= high)


def is_recommended(inlet_c: float, air_class: str) -> bool:
    """Whether an inlet temperature is within what is recommended for a class."""
    low, high = AIR_RECOMMENDED_C[air_class]
    return low <= inlet_c <= high


def inlet_derate_k(altitude_m: float) -> float:
    """How much cooler the warmest allowed air into systems has to be in thin air: 1 K for each 300 m above 900 m.

    ASHRAE TC 9.9, Thermal Guidelines, 5th edition, classes A1 and A2 (recalled); what a vendor states goes before it.
    """
    return max(altitude_m - 900.0, 0.0) / 300.0
