"""Products of cooling beside CDUs and air handlers: rear doors, immersion tanks, pumps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product


class RearDoor(Product):
    """A heat exchanger in a rack's rear door: it cools the exhaust air before it reaches the room."""

    kind: Literal["rear-door"] = "rear-door"
    capacity_kw: Positive
    """Heat that it takes at its rating point."""
    approach_k: Positive | None = None
    """Air behind the door above the water into it, at capacity."""
    air_rise_k: Positive | None = None
    """Air into the door above the air behind it, at capacity: with it, the airflow."""
    water_rise_k: Positive | None = None
    fan_kw: Annotated[float, Field(ge=0)] | None = None
    """Of its own fans; 0 for a passive door, whose air the systems' fans move."""


class ImmersionTank(Product):
    """A tank of dielectric fluid with the pump and the heat exchanger that give its heat to facility water."""

    kind: Literal["immersion-tank"] = "immersion-tank"
    capacity_kw: Positive
    approach_k: Positive | None = None
    """Fluid into the systems above the facility water, at capacity."""
    fluid_c_max: float | None = None
    """The warmest fluid that may enter the systems."""
    fluid_rise_k: Positive | None = None
    water_rise_k: Positive | None = None
    height_u: Annotated[int, Field(gt=0)] | None = None
    """Rack units of equipment that it holds."""
    pump_kw: Positive | None = None
    lost_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Part of the heat that its walls and lid give to the room."""


class Pump(Product):
    """A centrifugal pump on a variable-speed drive, at its duty point."""

    kind: Literal["pump"] = "pump"
    flow_lpm: Positive
    head_kpa: Positive
    efficiency_ratio: Annotated[float, Field(gt=0, le=1)]
    """Hydraulic power over electric power at the duty point, drive and motor included."""
