"""Dry cooler: water through finned coils, outside air by fans."""

from __future__ import annotations

import numpy as np

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


def dry_capacity_kw(bank: Bank, hot_c: Floats, air_c: Floats, density_ratio: float) -> Floats:
    """Q = ε·C·(T_hot − T_air) with ε·C of the rating point: rated heat over approach and rise, and thin air takes less.

    At a fixed airflow the effectiveness is constant, so the approach is proportional to the heat. Fans move a fixed
    volume: heat falls with the density of the air (Kays and London, Compact Heat Exchangers; conservative, as the
    effectiveness rises a little when the air is thinner).
    """
    approach_k = bank.product.approach_k or 0.0
    kw_per_k = bank.rated_kw / (approach_k + bank.rise_k)
    return kw_per_k * density_ratio * np.maximum(hot_c - air_c, 0.0)


def leaving_c(bank: Bank, heat_kw: Floats, air_c: Floats, density_ratio: float = 1.0) -> Floats:
    """Water that leaves at full fan speed and the rated flow: the approach falls and rises with the heat.

    T_air + ((a + R)/σ − R)·load, a and R the rated approach and rise, σ the density of the air.
    """
    approach_k = bank.product.approach_k or 0.0
    load = heat_kw / bank.rated_kw
    return np.asarray(air_c + ((approach_k + bank.rise_k) / density_ratio - bank.rise_k) * load)


@technology("dry-cooler")
class DryCooler(Technology):
    """Sensible heat into outside air; fans follow the load by the cube law."""

    kind = "dry-cooler"
    free = True
    needs = ("approach_k",)

    def most_kw(self, bank: Bank, hot_c: Floats, air: Air) -> Floats:
        return dry_capacity_kw(bank, hot_c, air.dry_bulb_c, air.density_ratio)

    def work(self, bank: Bank, heat_kw: Floats, hot_c: Floats, cold_c: float, air: Air) -> Work:
        speed = over(heat_kw, self.most_kw(bank, hot_c, air))
        product = bank.product
        fans = bank.rated_kw * product.electric_kw_per_heat_kw * fan_power_ratio(speed, product.speed_min_ratio or 0.0)
        return Work(fans, np.zeros_like(fans), np.zeros_like(fans))
