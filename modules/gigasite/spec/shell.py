"""Land, building and the way in: what the halls stand in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gigasite.spec.base import Model, Name
from gigasite.units import (
    Celsius,
    Hectares,
    Kilograms,
    Kilonewtons,
    Kilopascals,
    Kilowatts,
    LitresPerMinute,
    Megawatts,
    Metres,
    Millimetres,
    PositiveRatio,
    Ratio,
    SquareMetres,
)


class FloorKind(StrEnum):
    """What the racks stand on."""

    SLAB = "slab"
    RAISED = "raised"


class LandSpec(Model):
    """The plot."""

    area_ha: Hectares | None = None
    """All of the plot."""
    usable_ratio: PositiveRatio | None = None
    """Part of it that buildings and yards may cover: less setbacks, roads, ponds, easements."""
    yard_m2_per_mw: SquareMetres | None = None
    """Yard for generators, transformers and heat rejection, for each MW of IT load."""
    substation_m2: SquareMetres | None = None
    """The site's own substation."""


class BuildingSpec(Model):
    """The building around the halls."""

    stories: Annotated[int, Field(ge=1, le=20)] | None = None
    """Storeys with halls, one above the other."""
    wings: Annotated[int, Field(ge=1, le=200)] | None = None
    """Corridors with halls, side by side on one storey; open: as many as keep a corridor within 200 m."""
    story_height_m: Metres | None = None
    """From floor to floor."""
    gross_m2: SquareMetres | None = None
    """Floor area of all storeys, as built or permitted."""
    support_m2_per_mw: SquareMetres | None = None
    """Electrical and mechanical rooms inside, for each MW of IT load."""
    circulation_ratio: Ratio | None = None
    """Corridors, docks, stores, offices and walls, as a part of halls and rooms together."""


class FloorSpec(Model):
    """What the racks stand and roll on."""

    kind: FloorKind | None = None
    """`slab` or `raised`."""
    load_class: Annotated[int, Field(ge=1, le=6)] | None = None
    """Class of a raised floor after EN 12825, 1 to 6."""
    point_kn: Kilonewtons | None = None
    """The most that one foot may press on the floor."""
    rolling_kn: Kilonewtons | None = None
    """The most that one castor may press on the floor while it rolls."""
    feet_count: Annotated[int, Field(ge=3, le=24)] | None = None
    """Feet, or castors, of a rack."""
    heaviest_foot_ratio: PositiveRatio | None = None
    """Part of a rack's weight on its most loaded foot."""


class DeliveryStep(Model):
    """One thing that a rack passes on its way from the dock to its position."""

    name: Name
    """Its name in findings, e.g. `dock-door`."""
    kind: Literal["door", "corridor", "lift", "ramp", "floor"]
    """`door`, `corridor`, `lift`, `ramp` or `floor`."""
    width_mm: Millimetres | None = None
    """Clear width."""
    height_mm: Millimetres | None = None
    """Clear height."""
    depth_mm: Millimetres | None = None
    """Clear depth of a lift's cabin."""
    turn_mm: Millimetres | None = None
    """Clear width of the corridor that a right-angled corner leads into."""
    max_kg: Kilograms | None = None
    """The most that it carries, trolley and people included."""
    rolling_kn: Kilonewtons | None = None
    """The most that one castor may press on its floor."""
    slope_ratio: Ratio | None = None
    """Rise over run of a ramp: 0.05 is 1 in 20."""
    packed: bool = False
    """Racks pass it in their crate: what the packing adds in size and weight counts."""


class DeliverySpec(Model):
    """How racks come in."""

    charged: bool | None = None
    """Racks roll in with their coolant (true), or are filled in their place (false)."""
    trolley_kg: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] | None = None
    """Trolley or tug that moves a rack, with the people in the lift."""
    clearance_mm: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] | None = None
    """Room to each side and above that a moving rack needs."""
    packing_mm: Annotated[float, Field(ge=0, le=2000, allow_inf_nan=False)] | None = None
    """What the crate adds to width, depth and height."""
    packing_kg: Annotated[float, Field(ge=0, le=5000, allow_inf_nan=False)] | None = None
    """Weight of the crate."""
    slope_limit_ratio: PositiveRatio | None = None
    """The steepest ramp that a rack may roll on."""
    path: tuple[DeliveryStep, ...] = ()
    """What a rack passes, from the dock on."""

    @model_validator(mode="after")
    def _names_are_given_once(self) -> DeliverySpec:
        names = [step.name for step in self.path]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two steps of the path are called {twice[0]!r}")
        return self


class TraysSpec(Model):
    """Cable trays over the rows and across them."""

    width_mm: Millimetres | None = None
    """Width inside."""
    depth_mm: Millimetres | None = None
    """Depth inside, up to the side rails."""
    layer_count: Annotated[int, Field(ge=1, le=20)] | None = None
    """Trays one above the other; open: as many as the cables need."""
    fill_limit_ratio: PositiveRatio | None = None
    """Part of a tray's cross-section that cables may take."""


class LandlordSpec(Model):
    """What a landlord gives, where the building is theirs (`demarcation: colocation`)."""

    hall_kw: Kilowatts | None = None
    """Power for the IT load of one hall."""
    rack_kw: Kilowatts | None = None
    """The most that one rack may draw."""
    feeds: Annotated[int, Field(ge=1, le=8)] | None = None
    """Independent feeds at each rack."""
    feed_kw: Kilowatts | None = None
    """Continuous load of one rack feed."""
    supply_c: Celsius | None = None
    """Warmest facility water at the hand-over on the hottest day."""
    return_c: Celsius | None = None
    """Warmest facility water that the landlord takes back."""
    flow_lpm: LitresPerMinute | None = None
    """Facility water for one hall."""
    air_kw: Kilowatts | None = None
    """Heat of one hall that the landlord's air cooling takes."""
    rack_positions: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Rack positions in one hall or cage."""
    floor_kpa: Kilopascals | None = None
    """Uniform floor load."""
    max_rack_kg: Kilograms | None = None
    """The heaviest rack."""
    site_mw: Megawatts | None = None
    """IT load in all, over all halls."""


class ShellSpec(Model):
    """Land, building and delivery path of an own building, or what a landlord gives."""

    land: LandSpec = LandSpec()
    building: BuildingSpec = BuildingSpec()
    floor: FloorSpec = FloorSpec()
    delivery: DeliverySpec = DeliverySpec()
    trays: TraysSpec = TraysSpec()
    landlord: LandlordSpec = LandlordSpec()
