"""Air-cooled chiller: compressors lift the heat to outside air; behind a free cooler it is the trim chiller."""

from __future__ import annotations

import numpy as np

from gigasite.design.cooling.compressors import KELVIN, carnot_ratio
from gigasite.design.cooling.rejection.base import Air, Bank, Floats, Technology, Work, over, required, technology


def chiller_cop(
    bank: Bank, load_ratio: Floats, leaving_c: float, entering_c: Floats, condenser_ratio: float = 1.0
) -> Floats:
    """COP = η·T_e/(T_c − T_e), η of the rating point; both approaches shrink with the load.

    T_e = leaving water − evaporator approach · load; T_c = entering air or water + condenser approach · load over
    `condenser_ratio` (thin air). Below `lift_min_k` compressors gain nothing more.
    """
    product = bank.product
    evaporator_k, condenser_k = (
        required(product, "evaporator_approach_k"),
        required(product, "condenser_approach_k"),
    )
    eta = carnot_ratio(
        required(product, "cop"),
        required(product, "cop_leaving_c"),
        required(product, "cop_entering_c"),
        evaporator_k,
        condenser_k,
    )
    evaporating_c = leaving_c - evaporator_k * load_ratio
    condensing_c = entering_c + condenser_k / condenser_ratio * load_ratio
    lift_k = np.maximum(condensing_c - evaporating_c, product.lift_min_k or 1.0)
    return np.asarray(eta * (evaporating_c + KELVIN) / lift_k)


@technology("air-cooled-chiller")
class AirCooledChiller(Technology):
    """Any water that is asked for, at a price that follows the lift; condenser fans are in the rating."""

    kind = "chiller"
    free = False
    needs = ("cop", "cop_leaving_c", "cop_entering_c", "evaporator_approach_k", "condenser_approach_k")

    def most_kw(self, bank: Bank, hot_c: Floats, air: Air) -> Floats:
        return capacity_kw(bank, air.dry_bulb_c)

    def work(self, bank: Bank, heat_kw: Floats, hot_c: Floats, cold_c: float, air: Air) -> Work:
        load = over(heat_kw, np.asarray(bank.rated_kw))
        power = heat_kw / chiller_cop(bank, load, cold_c, air.dry_bulb_c, air.density_ratio)
        return Work(power, power, np.zeros_like(power))


def capacity_kw(bank: Bank, entering_c: Floats) -> Floats:
    """Rated heat, less a part for each kelvin of the entering air or water above the rating point."""
    product = bank.product
    above_k = np.maximum(entering_c - required(product, "cop_entering_c"), 0.0)
    return np.asarray(bank.rated_kw * np.maximum(1 - (product.capacity_loss_ratio_per_k or 0.0) * above_k, 0.0))
