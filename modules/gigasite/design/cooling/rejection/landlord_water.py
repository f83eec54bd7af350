"""A landlord's cooling water: heat leaves at the demarcation, and the rest is the landlord's."""

from __future__ import annotations

import numpy as np

from gigasite.design.cooling.rejection.base import Air, Bank, Floats, Technology, Work, technology


@technology("landlord-water")
class LandlordWater(Technology):
    """As much heat as the contract says, without electricity or water on the site's meters."""

    kind = "landlord-water"
    free = False
    on_site = False

    def most_kw(self, bank: Bank, hot_c: Floats, air: Air) -> Floats:
        return np.full(np.broadcast(hot_c, air.dry_bulb_c).shape, bank.rated_kw)

    def work(self, bank: Bank, heat_kw: Floats, hot_c: Floats, cold_c: float, air: Air) -> Work:
        nothing = np.zeros_like(np.asarray(heat_kw, np.float64))
        return Work(nothing, nothing, nothing)
