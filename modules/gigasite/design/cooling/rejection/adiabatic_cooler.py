"""Adiabatic cooler: a dry cooler whose air passes wet pads when it is too hot."""

from __future__ import annotations

import numpy as np

from gigasite.design.cooling.psychrometrics import DRY_AIR_KJ_KGK
from gigasite.design.cooling.rejection.base import (
    Air,
    Bank,
    Floats,
    Technology,
    Work,
    fan_power_ratio,
    over,
    required,
    technology,
)
from gigasite.design.cooling.rejection.dry_cooler import dry_capacity_kw
from gigasite.design.cooling.water import LATENT_HEAT_KJ_KG


@technology("adiabatic-cooler")
class AdiabaticCooler(Technology):
    """Dry as long as fans suffice; then, at full speed, pads cool the air just as far as is needed.

    Its approach is to the wet bulb, and holds what the pads leave of the way there.
    """

    kind = "adiabatic-cooler"
    free = True
    needs = ("approach_k", "air_kg_s_per_kw")

    def bulb_c(self, air: Air) -> Floats:
        return air.wet_bulb_c

    def most_kw(self, bank: Bank, hot_c: Floats, air: Air) -> Floats:
        return dry_capacity_kw(bank, hot_c, air.wet_bulb_c, air.density_ratio)

    def work(self, bank: Bank, heat_kw: Floats, hot_c: Floats, cold_c: float, air: Air) -> Work:
        product = bank.product
        dry_kw = dry_capacity_kw(bank, hot_c, air.dry_bulb_c, air.density_ratio)
        speed = over(heat_kw, dry_kw)
        fans = bank.rated_kw * product.electric_kw_per_heat_kw * fan_power_ratio(speed, product.speed_min_ratio or 0.0)
        kw_per_k = dry_capacity_kw(bank, np.asarray(1.0), np.asarray(0.0), air.density_ratio)
        needed_k = heat_kw / kw_per_k if bank.rated_kw > 0 else np.zeros_like(heat_kw)
        cooled_k = np.clip(air.dry_bulb_c - (hot_c - needed_k), 0.0, air.dry_bulb_c - air.wet_bulb_c)
        air_kg_s = required(product, "air_kg_s_per_kw") * bank.rated_kw * air.density_ratio
        water = np.where(heat_kw > 0, air_kg_s * DRY_AIR_KJ_KGK * cooled_k / LATENT_HEAT_KJ_KG * 3600, 0.0)
        return Work(fans, np.zeros_like(fans), water)
