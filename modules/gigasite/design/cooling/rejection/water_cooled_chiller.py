"""Water-cooled chiller: compressors lift the heat to condenser water, towers give it to the air."""

from __future__ import annotations

import numpy as np

from gigasite.design.cooling.rejection.air_cooled_chiller import capacity_kw, chiller_cop
from gigasite.design.cooling.rejection.base import Air, Bank, Floats, Technology, Work, over, required, technology
from gigasite.design.cooling.rejection.open_tower import evaporated_l_h


@technology("water-cooled-chiller")
class WaterCooledChiller(Technology):
    """Condenser water at the wet bulb and the towers' approach; towers reject heat and compressor power alike."""

    kind = "chiller"
    free = False
    needs = (
        "cop",
        "cop_leaving_c",
        "cop_entering_c",
        "evaporator_approach_k",
        "condenser_approach_k",
        "approach_k",
        "tower_kw_per_heat_kw",
    )

    def bulb_c(self, air: Air) -> Floats:
        return air.wet_bulb_c

    def most_kw(self, bank: Bank, hot_c: Floats, air: Air) -> Floats:
        return capacity_kw(bank, air.wet_bulb_c + (bank.product.approach_k or 0.0))

    def work(self, bank: Bank, heat_kw: Floats, hot_c: Floats, cold_c: float, air: Air) -> Work:
        product = bank.product
        load = over(heat_kw, np.asarray(bank.rated_kw))
        entering_c = air.wet_bulb_c + (product.approach_k or 0.0) * load
        compressors = heat_kw / chiller_cop(bank, load, cold_c, entering_c)
        rejected = heat_kw + compressors
        towers = rejected * required(product, "tower_kw_per_heat_kw")
        # Fans slow down with the load, so that the towers' water keeps about its full-load mean.
        mean_c = air.wet_bulb_c + (product.approach_k or 0.0) + (product.condenser_rise_k or 0.0) / 2
        return Work(compressors + towers, compressors, evaporated_l_h(product, rejected, mean_c, air))
