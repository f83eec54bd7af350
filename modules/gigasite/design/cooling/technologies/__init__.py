"""The cooling technologies of the halls: one file each, found by the name of what a site chose.

A technology of a group is a function `size(duty, conditions, product) -> UnitGroup`; adding one is a file, a product
in the catalog, and a line here. Rear doors and tanks belong to a rack each: theirs are functions over all racks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from gigasite.catalog.models import Cdu
from gigasite.design.cooling.conditions import Conditions, Duty, UnitGroup
from gigasite.design.cooling.technologies import air_units, cdu, facility_pumps, liquid_to_air

Size = Callable[[Duty, Conditions, str], UnitGroup]

LIQUID: Final[Mapping[str, Size]] = MappingProxyType(
    {"liquid-to-liquid": cdu.size, "liquid-to-air": liquid_to_air.size}
)
"""What cools the coolant of racks, by what takes the heat."""

AIR: Final[Mapping[str, Size]] = MappingProxyType(
    {"crah": air_units.size, "fan-wall": air_units.size, "crac": air_units.size},
)
"""What cools the room's air, by the form of the unit."""

WATER: Final[Size] = facility_pumps.size
"""What moves facility water."""


def coolant_size(unit: Cdu) -> Size:
    """How CDUs like this one are sized."""
    return LIQUID["liquid-to-air" if unit.is_liquid_to_air else "liquid-to-liquid"]
