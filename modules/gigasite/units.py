"""Units: what a key's suffix says, reading `2 MW` as kilowatts, and annotated types for typed models.

Every number in a site file carries its unit in its key (`unit_kw: 2500`). Where a file says `unit_kw: 2.5 MW`
the loader converts; past the loader there are only plain numbers.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field

# Factor of each accepted unit to the unit of the key's suffix. Temperatures are Celsius only: an offset is no factor.
_FACTORS: Final[dict[str, dict[str, float]]] = {
    "kw": {"W": 1e-3, "kW": 1.0, "MW": 1e3, "GW": 1e6},
    "mw": {"W": 1e-6, "kW": 1e-3, "MW": 1.0, "GW": 1e3},
    "kv": {"V": 1e-3, "kV": 1.0},
    "v": {"V": 1.0, "kV": 1e3},
    "a": {"A": 1.0, "kA": 1e3},
    "hz": {"Hz": 1.0},
    "c": {"C": 1.0, "°C": 1.0},
    "k": {"K": 1.0},
    "lpm": {"lpm": 1.0, "l/min": 1.0, "L/min": 1.0},
    "kpa": {"Pa": 1e-3, "kPa": 1.0, "bar": 100.0},
    "gbps": {"Gbps": 1.0, "Gb/s": 1.0, "Tbps": 1e3, "Tb/s": 1e3},
    "mm": {"mm": 1.0, "cm": 10.0, "m": 1e3},
    "m": {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3},
    "m2": {"m2": 1.0, "m²": 1.0, "ha": 1e4},
    "ha": {"m2": 1e-4, "m²": 1e-4, "ha": 1.0, "km2": 100.0, "acre": 0.40468564224},
    "kn": {"N": 1e-3, "kN": 1.0},
    "kg": {"kg": 1.0, "t": 1e3},
    "usd": {"USD": 1.0},
    "min": {"s": 1 / 60, "min": 1.0, "h": 60.0},
    "h": {"min": 1 / 60, "h": 1.0, "d": 24.0},
    "ratio": {"": 1.0, "%": 0.01},
}
_SUFFIXES_WITH_PER: Final = {
    "mw_per_min": {"MW/min": 1.0, "kW/min": 1e-3},
    "m3_day": {"m3/day": 1.0, "m³/day": 1.0},
    "m2_per_mw": {"m2/MW": 1.0, "m²/MW": 1.0},
    "l_per_kw": {"l/kW": 1.0, "L/kW": 1.0},
    "u": {"U": 1.0, "RU": 1.0},
}
_QUANTITY = re.compile(r"^\s*([-+]?\d[\d_ ]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*([^\d\s].*?)?\s*$")

KNOWN_SUFFIXES: Final[tuple[str, ...]] = (*_SUFFIXES_WITH_PER, *_FACTORS)


def suffix_of(key: str) -> str | None:
    """The unit suffix of a key (`unit_kw` -> `kw`, `ramp_mw_per_min` -> `mw_per_min`), or None."""
    for suffix in KNOWN_SUFFIXES:
        if key == suffix or key.endswith(f"_{suffix}"):
            return suffix
    return None


def units_of(suffix: str) -> tuple[str, ...]:
    """The units that a value under this suffix may be written in."""
    return tuple((_SUFFIXES_WITH_PER.get(suffix) or _FACTORS[suffix]).keys())


def parse_quantity(text: str, suffix: str) -> float:
    """`2 MW` under the suffix `kw` is 2000.0.

    Raises ValueError that names the accepted units when the unit is missing or of another kind.
    """
    factors = _SUFFIXES_WITH_PER.get(suffix) or _FACTORS[suffix]
    match = _QUANTITY.match(text)
    accepted = ", ".join(unit for unit in factors if unit)
    if not match:
        raise ValueError(f"{text!r} is not a number with a unit ({accepted})")
    number, unit = match.group(1), (match.group(2) or "")
    if unit not in factors:
        said = f"the unit {unit!r}" if unit else "no unit"
        raise ValueError(f"{text!r} has {said}; write a plain number, or one of {accepted}")
    return float(number.replace("_", "").replace(" ", "")) * factors[unit]


Kilowatts = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra={"unit": "kW"})]
PositiveKilowatts = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False, json_schema_extra={"unit": "kW"})]
Megawatts = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False, json_schema_extra={"unit": "MW"})]
Kilovolts = Annotated[float, Field(gt=0, le=1200, allow_inf_nan=False, json_schema_extra={"unit": "kV"})]
Volts = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False, json_schema_extra={"unit": "V"})]
Kiloamperes = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False, json_schema_extra={"unit": "kA"})]
Amperes = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False, json_schema_extra={"unit": "A"})]
Celsius = Annotated[float, Field(ge=-60, le=100, allow_inf_nan=False, json_schema_extra={"unit": "°C"})]
Kelvins = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, json_schema_extra={"unit": "K"})]
LitresPerMinute = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False, json_schema_extra={"unit": "l/min"})]
Kilopascals = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False, json_schema_extra={"unit": "kPa"})]
Metres = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False, json_schema_extra={"unit": "m"})]
Millimetres = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False, json_schema_extra={"unit": "mm"})]
Kilograms = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False, json_schema_extra={"unit": "kg"})]
SquareMetres = Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False, json_schema_extra={"unit": "m²"})]
Hectares = Annotated[float, Field(gt=0, le=1e5, allow_inf_nan=False, json_schema_extra={"unit": "ha"})]
Kilonewtons = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False, json_schema_extra={"unit": "kN"})]
LitresPerKilowatt = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, json_schema_extra={"unit": "l/kW"})]
RackUnits = Annotated[int, Field(gt=0, le=100, json_schema_extra={"unit": "U"})]
Minutes = Annotated[float, Field(ge=0, le=1e5, allow_inf_nan=False, json_schema_extra={"unit": "min"})]
Hours = Annotated[float, Field(ge=0, le=1e5, allow_inf_nan=False, json_schema_extra={"unit": "h"})]
Gbps = Annotated[float, Field(gt=0, le=1e5, allow_inf_nan=False, json_schema_extra={"unit": "Gb/s"})]
Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra={"unit": "1"})]
PositiveRatio = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False, json_schema_extra={"unit": "1"})]
