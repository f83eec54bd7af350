"""Moist air: saturation, humidity, wet bulb, dew point, enthalpy, and pressure at altitude.

The relations are those of the ASHRAE Handbook of Fundamentals (2017), chapter 1: Hyland and Wexler (1983) for the
saturation pressure over ice and water, -100 to 200 °C, and the ideal-gas relations of moist air. Everything takes
and gives numpy arrays (or plain numbers), so that a year of hours is one call. Humidity ratios are kg of water a kg
of dry air, pressures kPa, enthalpies kJ a kg of dry air.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

WATER_TO_AIR_MASS_RATIO = 0.621945
"""Molar mass of water over that of dry air (eq. 20)."""
DRY_AIR_KJ_KGK = 1.006
LATENT_HEAT_KJ_KG = 2501.0
"""Of evaporation at 0 °C, in the enthalpy of moist air (eq. 30)."""
VAPOUR_KJ_KGK = 1.86
AIR_GAS_CONSTANT_KJ_KGK = 0.287042

_ICE = (-5.6745359e3, 6.3925247, -9.677843e-3, 6.2215701e-7, 2.0747825e-9, -9.484024e-13, 4.1635019)
_WATER = (-5.8002206e3, 1.3914993, -4.8640239e-2, 4.1764768e-5, -1.4452093e-8, 6.5459673)


def pressure_kpa(altitude_m: ArrayLike) -> Floats:
    """Pressure of the standard atmosphere: 101.325·(1 − 2.25577e-5·h)^5.2559 (eq. 3; ISO 2533)."""
    return np.asarray(101.325 * (1 - 2.25577e-5 * _array(altitude_m)) ** 5.2559)


def saturation_pressure_kpa(temperature_c: ArrayLike) -> Floats:
    """Pressure of water vapour over ice below 0 °C and over water above it (eq. 5 and 6)."""
    kelvin = _array(temperature_c) + 273.15
    a, b, c, d, e, f, g = _ICE
    ice = a / kelvin + b + kelvin * (c + kelvin * (d + kelvin * (e + kelvin * f))) + g * np.log(kelvin)
    p, q, r, s, t, u = _WATER
    water = p / kelvin + q + kelvin * (r + kelvin * (s + kelvin * t)) + u * np.log(kelvin)
    return np.asarray(np.exp(np.where(kelvin < 273.15, ice, water)) / 1000)


def saturation_humidity_ratio(temperature_c: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Humidity ratio of saturated air: 0.621945·p_ws / (p − p_ws) (eq. 21); infinite where water boils."""
    vapour = saturation_pressure_kpa(temperature_c)
    dry = _array(pressure) - vapour
    with np.errstate(divide="ignore"):
        return np.where(dry > 0, WATER_TO_AIR_MASS_RATIO * vapour / np.maximum(dry, 1e-12), np.inf)


def humidity_ratio_from_relative(
    dry_bulb_c: ArrayLike, relative_humidity_ratio: ArrayLike, pressure: ArrayLike = 101.325
) -> Floats:
    """Humidity ratio of air at a relative humidity of 0..1 (eq. 20 with 22)."""
    vapour = _array(relative_humidity_ratio) * saturation_pressure_kpa(dry_bulb_c)
    return np.asarray(WATER_TO_AIR_MASS_RATIO * vapour / (_array(pressure) - vapour))


def humidity_ratio_from_wet_bulb(dry_bulb_c: ArrayLike, wet_bulb_c: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Humidity ratio of air of a dry and a wet bulb (eq. 33; 35 where the wet bulb is ice). Negative: impossible."""
    dry, wet = _array(dry_bulb_c), _array(wet_bulb_c)
    saturated = saturation_humidity_ratio(wet, pressure)
    water = ((2501 - 2.326 * wet) * saturated - 1.006 * (dry - wet)) / (2501 + 1.86 * dry - 4.186 * wet)
    ice = ((2830 - 0.24 * wet) * saturated - 1.006 * (dry - wet)) / (2830 + 1.86 * dry - 2.1 * wet)
    return np.where(wet < 0, ice, water)


def humidity_ratio_from_dew_point(dew_point_c: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Humidity ratio of air that is saturated at its dew point."""
    return saturation_humidity_ratio(dew_point_c, pressure)


def relative_humidity_ratio(dry_bulb_c: ArrayLike, humidity_ratio: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Relative humidity, 0..1, of air of a humidity ratio."""
    ratio = _array(humidity_ratio)
    vapour = _array(pressure) * ratio / (WATER_TO_AIR_MASS_RATIO + ratio)
    return np.asarray(vapour / saturation_pressure_kpa(dry_bulb_c))


def wet_bulb_c(dry_bulb_c: ArrayLike, humidity_ratio: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Thermodynamic wet bulb, by bisection of `humidity_ratio_from_wet_bulb`: within 1e-6 K."""
    dry, ratio, absolute = np.broadcast_arrays(_array(dry_bulb_c), _array(humidity_ratio), _array(pressure))
    return _bisected(lambda wet: humidity_ratio_from_wet_bulb(dry, wet, absolute) - ratio, dry - 80.0, dry)


def wet_bulb_from_relative_c(
    dry_bulb_c: ArrayLike, relative_humidity: ArrayLike, pressure: ArrayLike = 101.325
) -> Floats:
    """Thermodynamic wet bulb of air of a relative humidity of 0..1."""
    return wet_bulb_c(dry_bulb_c, humidity_ratio_from_relative(dry_bulb_c, relative_humidity, pressure), pressure)


def dew_point_c(humidity_ratio: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Temperature at which air of a humidity ratio begins to give off water, -100 to 100 °C; within 1e-6 K."""
    ratio, absolute = np.broadcast_arrays(_array(humidity_ratio), _array(pressure))
    vapour = absolute * ratio / (WATER_TO_AIR_MASS_RATIO + ratio)
    low, high = np.full(vapour.shape, -100.0), np.full(vapour.shape, 100.0)
    return _bisected(lambda at: saturation_pressure_kpa(at) - vapour, low, high)


def enthalpy_kj_kg(dry_bulb_c: ArrayLike, humidity_ratio: ArrayLike) -> Floats:
    """Enthalpy of moist air a kg of dry air: 1.006·t + W·(2501 + 1.86·t) (eq. 30)."""
    dry, ratio = _array(dry_bulb_c), _array(humidity_ratio)
    return np.asarray(DRY_AIR_KJ_KGK * dry + ratio * (LATENT_HEAT_KJ_KG + VAPOUR_KJ_KGK * dry))


def saturation_enthalpy_kj_kg(temperature_c: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Enthalpy of saturated air: what drives an evaporative cooler from wet bulb to warm water."""
    return enthalpy_kj_kg(temperature_c, saturation_humidity_ratio(temperature_c, pressure))


def density_kg_m3(dry_bulb_c: ArrayLike, humidity_ratio: ArrayLike = 0.0, pressure: ArrayLike = 101.325) -> Floats:
    """Mass of moist air in a cubic metre: (1 + W) / v, with v of eq. 26."""
    dry, ratio = _array(dry_bulb_c), _array(humidity_ratio)
    volume = AIR_GAS_CONSTANT_KJ_KGK * (dry + 273.15) * (1 + 1.607858 * ratio) / _array(pressure)
    return np.asarray((1 + ratio) / volume)


def driest_wet_bulb_c(dry_bulb_c: ArrayLike, pressure: ArrayLike = 101.325) -> Floats:
    """Wet bulb of air without any water: no air of this dry bulb has a lower one."""
    return wet_bulb_c(dry_bulb_c, np.zeros_like(_array(dry_bulb_c)), pressure)


def _bisected(rises: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Zero of a rising function between two arrays of limits: 28 halvings of 100 K are below 1e-6 K."""
    low, high = low.astype(np.float64), high.astype(np.float64)
    for _ in range(28):
        middle = (low + high) / 2
        above = rises(middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return (low + high) / 2


def _array(value: ArrayLike) -> Floats:
    return np.asarray(value, np.float64)
