"""What the site asks of its cooling: heat rejection, the liquid loop, room air, water."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator

from gigasite.spec.base import CatalogKey, Model
from gigasite.units import Celsius, LitresPerMinute


class Rejection(StrEnum):
    """How heat leaves the site."""

    DRY_COOLER = "dry-cooler"
    TRIM_CHILLER = "trim-chiller"
    CHILLER = "chiller"
    COOLING_TOWER = "cooling-tower"


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

    _check_redundancy = field_validator("redundancy")(_redundancy)


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

    _check_redundancy = field_validator("redundancy")(_redundancy)


class CoolingSpec(Model):
    """Heat rejection, liquid loop, air, water."""

    rejection: tuple[Rejection, ...] | None = None
    """Ways that heat leaves the site, the preferred first."""
    loop: LoopSpec = LoopSpec()
    air: AirSpec = AirSpec()
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
