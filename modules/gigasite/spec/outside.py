"""What the site asks of its cooling outside the halls and in time: rejection units, water, heat reuse, ride-through."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gigasite.spec.base import Model
from gigasite.units import Celsius, Kelvins, PositiveKilowatts, Ratio


class Rejection(StrEnum):
    """How heat leaves the site."""

    DRY_COOLER = "dry-cooler"
    ADIABATIC_COOLER = "adiabatic-cooler"
    COOLING_TOWER = "cooling-tower"
    CLOSED_TOWER = "closed-tower"
    TRIM_CHILLER = "trim-chiller"
    CHILLER = "chiller"
    WATER_COOLED_CHILLER = "water-cooled-chiller"
    LANDLORD_WATER = "landlord-water"


class RejectionUnitsSpec(Model):
    """Units of one way to reject heat, where the site decided them; the rest is sized."""

    way: Rejection
    """Which way they are of."""
    loop: Literal["air", "liquid"] | None = None
    """Water of the CDUs or of the air handlers; each of the two has as many where absent."""
    count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Installed units, spare ones included."""
    unit_kw: PositiveKilowatts | None = None
    """Heat that one takes at the rating point of its sheet, at sea level."""


class HeatReuseSpec(Model):
    """Heat that somebody takes from the site's return water."""

    heat_kw: PositiveKilowatts
    """The most that the taker takes, at the handover."""
    supply_c: Celsius
    """Temperature that the taker asks for."""
    way: Literal["exchanger", "heat-pump"] = "exchanger"
    """Through a plate heat exchanger, or lifted by a heat pump."""
    loop: Literal["air", "liquid"] = "liquid"
    """Water whose return gives the heat: of the CDUs, or of the air handlers."""
    approach_k: Kelvins | None = None
    """Between the return water and the taker's, over the exchanger."""
    carnot_ratio: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Part of the ideal coefficient of performance that the heat pump reaches."""


class RideThroughSpec(Model):
    """Heat capacity that carries the site from the loss of the grid until it is cooled again."""

    liquid_buffer_m3: Annotated[float, Field(ge=0, le=1e5)] | None = None
    """Tank in the water of the CDUs; sized to the start of generators and chillers where absent."""
    air_buffer_m3: Annotated[float, Field(ge=0, le=1e5)] | None = None
    """Tank in the water of the air handlers; sized where absent."""
    water_l_per_kw: Annotated[float, Field(ge=0, le=1000)] | None = None
    """Water in the pipes of a loop outside the racks, a kW of its heat."""
    coolant_l_per_kw: Annotated[float, Field(ge=0, le=100)] | None = None
    """Coolant in cold plates, hoses and manifolds of a rack, a kW of its heat."""
    room_m3_per_rack: Annotated[float, Field(ge=0, le=1000)] | None = None
    """Air in a hall, a rack."""
    room_mass_ratio: Ratio | None = None
    """Part of the racks' mass that warms with the room air."""
    tank_usable_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    """Part of a tank that leaves it cold before warm water mixes in."""


class OutsideSpec(Model):
    """The plant that rejects the site's heat."""

    redundancy: Annotated[str, Field(pattern=r"^(N|N\+[1-9]|2N)$")] | None = None
    """Of the units of each way on each loop: N, N+1, 2N."""
    units: tuple[RejectionUnitsSpec, ...] = ()
    """Units that the site decided."""
    liquid_rise_k: Kelvins | None = None
    """How much the water of the CDUs warms at full load, where no sheet gives its flow."""
    air_rise_k: Kelvins | None = None
    """How much the water of the air handlers warms at full load, where no sheet gives its flow."""
    approach_k: Kelvins | None = None
    """Approach of CDUs and air handlers whose sheet gives none."""
    cycles_of_concentration: Annotated[float, Field(gt=1, le=50)] | None = None
    """Dissolved solids in the evaporating water over those in its make-up: what decides the blowdown."""
    speed_min_ratio: Ratio | None = None
    """Lowest speed of pumps and fans, over that at full load."""
    reuse: HeatReuseSpec | None = None
    """Heat that leaves the site for use; none where absent."""
    ride_through: RideThroughSpec = RideThroughSpec()
