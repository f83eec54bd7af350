"""Floor and land that are paid for: as the site states them, else as the shell's design needs them."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.design.model import Design


@dataclass(frozen=True, slots=True)
class Areas:
    """Gross floor area and land; None: unknown."""

    gross_m2: float | None
    land_ha: float | None


def areas_of(design: Design) -> Areas:
    """What the site file states first, then what the design of the shell comes to."""
    economics, shell = design.resolved.economics, design.resolved.shell
    needed = design.shell
    gross_m2 = shell.building.gross_m2 or (needed.gross_m2 if needed else None)
    land_ha = economics.land_ha or shell.land.area_ha or (needed.land_ha if needed else None)
    return Areas(gross_m2, land_ha)
