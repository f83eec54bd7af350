"""Open cooling tower: water falls through the air and cools by evaporation, a plate exchanger keeps the loop clean."""

from __future__ import annotations

import numpy as np

from gigasite.design.cooling.psychrometrics import saturation_enthalpy_kj_kg
from gigasite.design.cooling.rejection.base import (
    Air,
    Bank,
    Floats,
    Technology,
    Work,
    fan_power_ratio,
    over,
    technology,
)
from gigasite.design.cooling.water import evaporation_l


def wet_capacity_kw(bank: Bank, hot_c: Floats, air: Air) -> Floats:
    """Q = ε·m·(h_s(T_hot) − h_s(T_wb)): what drives the heat is the enthalpy of saturated air.

    Braun, Klein and Mitchell, Effectiveness models for cooling towers and cooling coils, ASHRAE Transactions 95 (1989).
    ε·m is that of the rating point, so in colder air, which holds less water, the approach is greater.
    """
    product = bank.product
    approach_k, wet_c = product.approach_k or 0.0, product.rating_wet_bulb_c or 25.6
    rated = saturation_enthalpy_kj_kg(wet_c + approach_k + bank.rise_k) - saturation_enthalpy_kj_kg(wet_c)
    here = saturation_enthalpy_kj_kg(hot_c, air.pressure_kpa) - saturation_enthalpy_kj_kg(
        air.wet_bulb_c, air.pressure_kpa
    )
    return np.asarray(bank.rated_kw * air.density_ratio * np.maximum(here, 0.0) / rated)


@technology("open-tower")
class OpenTower(Technology):
    """Heat into the wet bulb; fans and pumps by the cube law, water by the latent part of the heat."""

    kind = "cooling-tower"
    free = True
    needs = ("approach_k",)

    def bulb_c(self, air: Air) -> Floats:
        return air.wet_bulb_c

    def most_kw(self, bank: Bank, hot_c: Floats, air: Air) -> Floats:
        return wet_capacity_kw(bank, hot_c, air)

    def work(self, bank: Bank, heat_kw: Floats, hot_c: Floats, cold_c: float, air: Air) -> Work:
        product = bank.product
        speed = over(heat_kw, wet_capacity_kw(bank, hot_c, air))
        fans = bank.rated_kw * product.electric_kw_per_heat_kw * fan_power_ratio(speed, product.speed_min_ratio or 0.0)
        latent_ratio = 1.0 if product.latent_ratio is None else product.latent_ratio
        return Work(fans, np.zeros_like(fans), evaporation_l(np.asarray(heat_kw), latent_ratio))
