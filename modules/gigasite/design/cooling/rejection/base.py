"""What every way to reject heat answers: the heat that it takes from water at the air's conditions, and what it costs.

Free ways (coolers, towers) cool water towards the air; mechanical ones (chillers, a landlord's water) cool it to what
is asked. Temperatures are °C, heat and electricity kW, water l/h; numbers and arrays of hours go through the same code.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigasite.catalog.models import HeatRejection
from gigasite.design.cooling import psychrometrics
from gigasite.errors import GigasiteError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Air:
    """Outside air, hour by hour, and the pressure of the place."""

    dry_bulb_c: Floats
    wet_bulb_c: Floats
    pressure_kpa: float

    @property
    def density_ratio(self) -> float:
        """Mass that a fan moves over that at sea level, at one temperature: the ratio of pressures."""
        return self.pressure_kpa / 101.325


def outside_air(dry_bulb_c: ArrayLike, wet_bulb_c: ArrayLike, altitude_m: float = 0.0) -> Air:
    """Air of these bulbs at a height."""
    dry, wet = np.broadcast_arrays(np.asarray(dry_bulb_c, np.float64), np.asarray(wet_bulb_c, np.float64))
    return Air(dry, wet, float(psychrometrics.pressure_kpa(altitude_m)))


@dataclass(frozen=True, slots=True)
class Bank:
    """Equal units of one product that run side by side on one loop.

    `rated_kw`: heat of all of them at the rating point, at sea level. `rise_k`: what the loop's water cools by at full
    load, at which the approach of the sheet is taken to hold.
    """

    product: HeatRejection
    rated_kw: float
    rise_k: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a bank draws for the heat that it takes."""

    electric_kw: Floats
    compressor_kw: Floats
    """Of it, compressors; the rest are fans and pumps."""
    evaporated_l_h: Floats


class Technology(ABC):
    """One way to reject heat."""

    kind: str
    """Of its units in the table `plant`."""
    free: bool
    """Whether it only cools towards the air."""
    on_site: bool = True
    """Whether its units stand on the site."""
    needs: tuple[str, ...] = ()
    """Facts of a product without which nothing can be computed."""

    @abstractmethod
    def most_kw(self, bank: Bank, hot_c: Floats, air: Air) -> Floats:
        """Heat that the bank takes at full speed from water that arrives at `hot_c`, whatever is asked."""

    @abstractmethod
    def work(self, bank: Bank, heat_kw: Floats, hot_c: Floats, cold_c: float, air: Air) -> Work:
        """What it draws for `heat_kw`, at most `most_kw`, with water from `hot_c`; a chiller's leaves at `cold_c`."""

    def bulb_c(self, air: Air) -> Floats:
        """The temperature that a free way cools towards."""
        return air.dry_bulb_c


def fan_power_ratio(speed_ratio: Floats, speed_min_ratio: float) -> Floats:
    """Fan power over that at full speed: the cube of the speed; below the lowest speed units stop one by one.

    Affinity laws (ASHRAE Handbook, HVAC Systems and Equipment, Fans).
    """
    slow = speed_ratio * speed_min_ratio**2
    return np.where(speed_ratio >= speed_min_ratio, speed_ratio**3, slow)


def over(heat_kw: Floats, most_kw: Floats) -> Floats:
    """heat / most, 0..1; 0 where there is no heat, 1 where nothing can be taken."""
    ratio = np.divide(
        heat_kw, most_kw, out=np.ones(np.broadcast_shapes(np.shape(heat_kw), np.shape(most_kw))), where=most_kw > 0
    )
    return np.where(heat_kw <= 0, 0.0, np.minimum(ratio, 1.0))


_technologies: dict[str, Technology] = {}


def technology(name: str) -> Callable[[type[Technology]], type[Technology]]:
    """Registers a class as the model that catalog products of `technology: name` follow."""

    def register(found: type[Technology]) -> type[Technology]:
        _technologies[name] = found()
        return found

    return register


@cache
def technologies() -> dict[str, Technology]:
    """Every technology by its name: each file of this folder adds its own."""
    package = importlib.import_module("gigasite.design.cooling.rejection")
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{package.__name__}.{module}")
    return dict(sorted(_technologies.items()))


def technology_of(product: HeatRejection) -> Technology:
    """The model of a product: the one that it names, or what its facts say. Raises GigasiteError for unknown names."""
    known = technologies()
    name = (
        product.technology
        or {
            "none": "water-cooled-chiller" if product.uses_water else "air-cooled-chiller",
            "dry-bulb": "dry-cooler",
            "wet-bulb": "open-tower",
        }[product.against]
    )
    if name not in known:
        raise GigasiteError(
            f"heat rejection {product.key}: there is no technology {name!r}", hint=f"there are {', '.join(known)}"
        )
    return known[name]


def required(product: HeatRejection, fact: str) -> float:
    """A fact that the sizing has made sure of."""
    value = getattr(product, fact)
    assert value is not None, f"{product.key}: {fact}"
    return float(value)
