"""From rack positions to halls, building and land, in square metres."""

from __future__ import annotations

from dataclasses import dataclass

M2_PER_HA = 10_000.0


@dataclass(frozen=True, slots=True)
class BuildingNeed:
    """Floor area that a design asks for, all storeys together, and the land under and around it."""

    white_m2: float
    support_m2: float
    gross_m2: float
    footprint_m2: float
    yard_m2: float
    land_ha: float | None


def gross_m2(white_m2: float, support_m2: float, circulation_ratio: float) -> float:
    """(halls + rooms) · (1 + corridors, docks, offices and walls as a part of both)."""
    return (white_m2 + support_m2) * (1 + circulation_ratio)


def land_ha(footprint_m2: float, yard_m2: float, usable_ratio: float) -> float:
    """What building and yards cover, over the part of the plot that may be covered."""
    return (footprint_m2 + yard_m2) / usable_ratio / M2_PER_HA


def building_need(
    white_m2: float,
    it_mw: float,
    *,
    support_m2_per_mw: float,
    circulation_ratio: float,
    stories: int,
    yard_m2_per_mw: float,
    substation_m2: float,
    usable_ratio: float,
) -> BuildingNeed:
    """Gross area, footprint and land of a design; storeys share the floor area evenly."""
    support_m2 = support_m2_per_mw * it_mw
    gross = gross_m2(white_m2, support_m2, circulation_ratio)
    footprint = gross / stories
    yard_m2 = yard_m2_per_mw * it_mw + substation_m2
    return BuildingNeed(white_m2, support_m2, gross, footprint, yard_m2, land_ha(footprint, yard_m2, usable_ratio))


def white_m2_per_mw(white_m2: float, it_mw: float | None) -> float | None:
    """White space per MW of IT load; None where the load is unknown or nothing."""
    return white_m2 / it_mw if it_mw else None
