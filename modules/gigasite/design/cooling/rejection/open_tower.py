"""Open cooling tower: water falls through the air and cools by evaporation, a plate exchanger keeps the loop clean."""

from __future__ import annotations

import numpy as np

from gigasite.catalog.models import HeatRejection
from gigasite.design.cooling.psychrometrics import (
    enthalpy_kj_kg,
    humidity_ratio_from_wet_bulb,
    saturation_enthalpy_kj_kg,
    saturation_humidity_ratio,
)
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
from gigasite.design.cooling.water import LATENT_HEAT_KJ_KG, evaporation_l


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


def latent_ratio(water_c: Floats, air: Air) -> Floats:
    """Part of a tower's heat that evaporation takes: 2450·Δω / Δh, at most 1.

    Air comes in at its bulbs and leaves saturated at the water's mean temperature (`water_c`); of its enthalpy Δh, what
    the water in it (Δω) does not take warms the air. Balance of moist air, ASHRAE Fundamentals (2017), chapter 1; state
    of the leaving air as in ASHRAE HVAC Systems and Equipment, Cooling Towers. In air that is hotter than the water the
    balance gives more than 1: the air then cools down, and its own heat evaporates water too, which is left out.
    """
    inside = np.maximum(humidity_ratio_from_wet_bulb(air.dry_bulb_c, air.wet_bulb_c, air.pressure_kpa), 0.0)
    leaving = saturation_humidity_ratio(water_c, air.pressure_kpa)
    with np.errstate(invalid="ignore"):
        gained_kj = enthalpy_kj_kg(water_c, leaving) - enthalpy_kj_kg(air.dry_bulb_c, inside)
        vapour_kj = LATENT_HEAT_KJ_KG * (leaving - inside)
    usable = np.isfinite(gained_kj) & (gained_kj > 1e-6)
    ratio = np.divide(vapour_kj, gained_kj, out=np.ones_like(gained_kj), where=usable)
    return np.clip(ratio, 0.0, 1.0)


def evaporated_l_h(product: HeatRejection, heat_kw: Floats, water_c: Floats, air: Air) -> Floats:
    """Litres an hour: by the balance of the air, or by the latent share that the product states."""
    share = latent_ratio(water_c, air) if product.latent_ratio is None else product.latent_ratio
    return np.asarray(evaporation_l(np.asarray(heat_kw * share)))


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
        # The water of the tower never comes below the wet bulb, whatever is asked of those behind it.
        mean_c = (hot_c + np.maximum(cold_c, air.wet_bulb_c)) / 2
        return Work(fans, np.zeros_like(fans), evaporated_l_h(product, heat_kw, mean_c, air))
