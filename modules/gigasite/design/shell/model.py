"""What the shell of a design comes to."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.design.shell.trays import Stretch


@dataclass(frozen=True, slots=True)
class HallShell:
    """One hall; all halls are alike but for the plant in them."""

    name: str
    row_count: int
    length_m: float
    """Clear length that the rows ask for, with the way around them."""
    width_m: float
    exit_count: int | None
    """Exits in each of the two walls at the ends of the rows; None: no number keeps the way out short enough."""
    plant_m2: float
    """Floor of CDUs and air handlers with their service room."""
    area_m2: float
    """What the design asks for: rows, aisles, the way around, plant."""
    given_m2: float | None
    """What the site gives; None: not said."""


@dataclass(frozen=True, slots=True)
class ShellDesign:
    """Land, building and floor in sums. None: a fact or a load is unknown, or nobody gave a figure."""

    halls: tuple[HallShell, ...]
    white_m2: float
    """White space of all halls: given where the site gives halls, else what the design asks for."""
    rack_m2: float | None
    """White space for each rack position."""
    it_mw: float | None
    """IT load that areas are related to: what the halls are planned for, else what is built."""
    white_m2_per_mw: float | None
    white_kw_per_m2: float | None
    support_m2: float | None
    gross_m2: float | None
    gross_given_m2: float | None
    footprint_m2: float | None
    land_ha: float | None
    land_given_ha: float | None
    heaviest_rack: str | None
    heaviest_wet_kg: float | None
    coolant_l: float | None
    """Coolant inside all racks."""
    foot_kpa: float | None
    """Most on a rack's own footprint."""
    share_kpa: float | None
    """Most with its share of the aisles."""
    foot_kn: float | None
    """Most on one foot."""
    cable_count: int
    cable_km: float | None
    """Ordered length of all cables; None: one has no place."""
    trays: tuple[Stretch, ...]
    """Fullest stretch of each kind of tray."""
    unmeasured_media: tuple[str, ...]
    """Media whose diameter no source gives: not in `trays`."""
