"""How heat leaves the site: one file a technology.

`base` says what each technology answers, `circuit` runs the ways of one loop one after the other, `sizing` counts
their units for the extreme day, `plan` does so for the site's loops, `plant` writes the units into the table.
"""

from __future__ import annotations

from gigasite.catalog.models import HeatRejection
from gigasite.spec.site import LocationSpec


def coldest_facility_water_c(rejection: tuple[HeatRejection, ...], location: LocationSpec) -> float | None:
    """Coldest facility water on the extreme day without compression; None where a chiller gives any.

    A dry cooler reaches the dry bulb and its approach, a tower the wet bulb and its approach.
    """
    if any(way.against == "none" for way in rejection):
        return None
    reached: list[float] = []
    for way in rejection:
        bulb = location.extreme_dry_bulb_c if way.against == "dry-bulb" else location.extreme_wet_bulb_c
        if bulb is not None and way.approach_k is not None:
            reached.append(bulb + way.approach_k)
    return min(reached) if reached else None
