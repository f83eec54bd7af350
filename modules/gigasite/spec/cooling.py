"""What the site asks of its cooling: heat rejection, the liquid loop, room air, water."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gigasite.spec.base import CatalogKey, Model
from gigasite.spec.outside import OutsideSpec, Rejection
from gigasite.units import Celsius, Kelvins, Kilopascals, LitresPerMinute, PositiveKilowatts

_REDUNDANCY = re.compile(r"^(N|N\+[1-9]|2N)$")


def _redundancy(value: str | None) -> str | None:
    if value is not None and not _REDUNDANCY.match(value):
        raise ValueError(f"{value!r} is no redundancy: write N, N+1, N+2 or 2N")
    return value


class LoopSpec(Model):
    """What the site asks of its technology cooling system (TCS), the loop through the racks; sizing is the design's."""

    supply_c: Celsius | None = None
    """Coolant temperature into the racks."""
    fluid: CatalogKey | None = None
    """Catalog key of the coolant."""
    redundancy: str | None = None
    """Of the CDUs of a hall: N, N+1, 2N."""
    pumps_on_ups: bool | None = None
    """Whether coolant flows while generators start."""
    cdu: CatalogKey | None = None
    """Catalog key of the coolant distribution unit."""
    cdu_count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """CDUs a hall; sized from heat and flow where absent."""
    flow_lpm_per_kw_min: Annotated[float, Field(gt=0, le=10)] | None = None
    """The least flow that the facility piping is laid out for."""
    group: Literal["hall", "row"] | None = None
    """Whose CDUs share piping and back each other up: those of a hall, or of a row."""
    isolation: Literal["hall", "row", "rack"] | None = None
    """What valves cut off when coolant leaks: the piping of a hall, a row or a rack."""
    leak_racks_max: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """The most racks that one leak may take."""
    piping_dp_kpa: Kilopascals | None = None
    """Pressure drop of piping, hoses and manifolds between CDUs and racks at the design flow."""
    rack_dp_kpa: Kilopascals | None = None
    """Pressure drop of a rack whose system publishes no pressure curve, at its design flow."""
    s_class: Literal["S20", "S25", "S30", "S35", "S40", "S45", "S50"] | None = None
    """ASHRAE class that the coolant into the racks keeps."""
    return_c_max: Celsius | None = None
    """The warmest coolant that may come back to the CDUs, mixed over the loop; a rack has the limit of its sheet."""

    _check_redundancy = field_validator("redundancy")(_redundancy)


class FacilityWaterSpec(Model):
    """Facility water: what carries heat from the halls to the rejection, the landlord's where it is his."""

    supply_c: Celsius | None = None
    """Water to the CDUs; the loop's supply less the approach of the CDU where absent."""
    air_supply_c: Celsius | None = None
    """Water to air handlers; the room's supply air less their approach where absent."""
    fluid: CatalogKey | None = None
    """Catalog key of what fills it."""
    flow_lpm_per_kw: Annotated[float, Field(gt=0, le=20)] | None = None
    """The most water that the CDUs get for a kW of heat; as much as they are rated for where absent."""
    capacity_kw: PositiveKilowatts | None = None
    """The most heat that it takes from the site, where a landlord sets a limit."""
    flow_lpm_max: LitresPerMinute | None = None
    """The most water that the site gets, of both temperatures, where a landlord sets a limit."""
    w_class: Literal["W17", "W27", "W32", "W40", "W45", "W+", "W1", "W2", "W3", "W4", "W5"] | None = None
    """ASHRAE class that the water to the CDUs keeps; names before 2021 (W1 to W5) are understood."""
    head_kpa: Kilopascals | None = None
    """Pressure that its pumps give: piping, CDUs or coils, valves and the rejection."""
    pump: CatalogKey | None = None
    """Catalog key of the pump."""
    pump_count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Pumps for the water to the CDUs; sized from the flow where absent."""
    pump_redundancy: str | None = None
    """Of the pumps: N, N+1, 2N."""
    pumps_on_ups: bool | None = None
    """Whether facility water flows while generators start."""

    _check_redundancy = field_validator("pump_redundancy")(_redundancy)


class PoolCoolingSpec(Model):
    """What a pool's racks have in place of the hall's way to cool them."""

    rear_door: CatalogKey | None = None
    """Catalog key of the heat exchanger in the rear door of each rack."""
    immersion: CatalogKey | None = None
    """Catalog key of the tank that the systems stand in, in place of racks in air."""


class AirSpec(Model):
    """Room air: what liquid does not take."""

    unit: CatalogKey | None = None
    """Catalog key of the air handler."""
    unit_count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """Air handlers a hall; sized from the heat where absent."""
    redundancy: str | None = None
    """Of the air handlers of a hall: N, N+1, 2N."""
    supply_c: Celsius | None = None
    """Air into the cold aisles."""
    containment: Literal["hot-aisle", "cold-aisle", "none"] | None = None
    """What keeps hot and cold air apart."""
    bypass_ratio: Annotated[float, Field(ge=0, lt=0.9)] | None = None
    """Part of the supply air that goes back without passing a rack."""
    recirculation_ratio: Annotated[float, Field(ge=0, lt=0.9)] | None = None
    """Part of the air into racks that comes from their own exhaust."""
    rise_k: Kelvins | None = None
    """Rise of the air through racks whose system publishes no airflow."""
    fans_on_ups: bool | None = None
    """Whether air moves while generators start."""
    dew_point_c: Celsius | None = None
    """The highest dew point of the room air that is let in."""

    _check_redundancy = field_validator("redundancy")(_redundancy)


class CoolingSpec(Model):
    """Heat rejection, liquid loop, air, water."""

    rejection: tuple[Rejection, ...] | None = None
    """Ways that heat leaves the site, the preferred first."""
    loop: LoopSpec = LoopSpec()
    air: AirSpec = AirSpec()
    facility: FacilityWaterSpec = FacilityWaterSpec()
    outside: OutsideSpec = OutsideSpec()
    water_limit_m3_day: Annotated[float, Field(ge=0, le=1e7)] | None = None
    """The most water that the site may draw."""
    facility_flow_lpm_max: LitresPerMinute | None = None
    """Flow that existing facility piping carries, where it is given."""

    @field_validator("rejection")
    @classmethod
    def _not_empty(cls, value: tuple[Rejection, ...] | None) -> tuple[Rejection, ...] | None:
        if value is not None and not value:
            raise ValueError("heat has to leave the site: name at least one way")
        return value
