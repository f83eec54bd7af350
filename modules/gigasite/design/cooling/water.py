"""Water that evaporating coolers take: evaporation, blowdown, drift, make-up."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Quantity = TypeVar("Quantity", float, NDArray[np.float64])

LATENT_HEAT_KJ_KG = 2450.0
"""Of water at the temperatures of cooling towers, about 22 °C."""
EVAPORATION_L_PER_KWH = 3600 / LATENT_HEAT_KJ_KG
"""Water that takes one kWh of heat by evaporation."""


def evaporation_l(heat_kwh: Quantity, latent_ratio: float = 1.0) -> Quantity:
    """Litres that evaporate: heat · latent share · 3600/2450 l/kWh."""
    return heat_kwh * (latent_ratio * EVAPORATION_L_PER_KWH)


def makeup_l(evaporated_l: Quantity, cycles_of_concentration: float) -> Quantity:
    """Litres drawn for what evaporates: E·c/(c − 1), the balance of dissolved solids.

    What leaves as drift carries solids away like blowdown and is a part of it.
    """
    return evaporated_l * (cycles_of_concentration / (cycles_of_concentration - 1))


def blowdown_l(evaporated_l: Quantity, cycles_of_concentration: float) -> Quantity:
    """Litres that leave as water, drift included: E/(c − 1)."""
    return evaporated_l / (cycles_of_concentration - 1)


def makeup_m3_day(heat_kw: float, cycles_of_concentration: float, latent_ratio: float = 1.0) -> float:
    """Water drawn in a day for a constant heat, m³."""
    return makeup_l(evaporation_l(heat_kw * 24, latent_ratio), cycles_of_concentration) / 1000


def evaporation_m3_day(heat_kw: float, latent_ratio: float = 1.0) -> float:
    """Water that evaporates in a day at a constant heat, m³."""
    return evaporation_l(heat_kw * 24, latent_ratio) / 1000
