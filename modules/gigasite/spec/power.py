"""What the site asks of its power: the utility connection and the blocks that feed the racks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from gigasite.spec.base import Model
from gigasite.units import Hours, Kilovolts, Megawatts, Minutes, PositiveKilowatts, Volts

_TOPOLOGY = re.compile(r"^(?:N|N\+[1-9]|2N|([2-9])N([1-8])R)$")


class UtilitySpec(Model):
    """The connection to the grid."""

    voltage_kv: Kilovolts | None = None
    """Line voltage of the grid connection."""
    circuits: Annotated[int, Field(ge=1, le=16)] | None = None
    """Independent utility circuits."""
    ramp_mw_per_min: Annotated[float, Field(gt=0, le=1e4)] | None = None
    """How fast the site may change its load."""
    available_mw: Mapping[str, Megawatts] | Megawatts | None = None
    """Grid power: one figure, or by month (`2027-03: 40`) as it becomes available."""

    @field_validator("available_mw")
    @classmethod
    def _months(cls, value: Mapping[str, float] | float | None) -> Mapping[str, float] | float | None:
        if isinstance(value, Mapping):
            for month in value:
                if not re.match(r"^\d{4}-(0[1-9]|1[0-2])(-([0-2]\d|3[01]))?$", month):
                    raise ValueError(f"{month!r} is not a date: write YYYY-MM or YYYY-MM-DD")
            if not value:
                raise ValueError("no date given: write YYYY-MM: MW")
        return value

    @property
    def final_mw(self) -> float | None:
        """The connection when all of it is energised."""
        if isinstance(self.available_mw, Mapping):
            return self.available_mw[max(self.available_mw)]
        return self.available_mw


class BlocksSpec(Model):
    """The power blocks (transformer, switchgear, UPS, generator) between utility and racks."""

    topology: str | None = None
    """N, N+1, 2N, or xNyR (4N3R: four blocks, any three carry the load)."""
    unit_kw: PositiveKilowatts | None = None
    """What one block carries continuously."""
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Blocks in the whole site; sized from the load where absent."""
    rack_voltage_v: Volts | None = None
    """Line-to-line voltage at the racks."""
    ups_min: Minutes | None = None
    """How long the UPS carries its load."""
    generator_h: Hours | None = None
    """Fuel on site at full load."""

    @field_validator("topology")
    @classmethod
    def _known_topology(cls, value: str | None) -> str | None:
        if value is None:
            return None
        match = _TOPOLOGY.match(value)
        if not match:
            raise ValueError(f"{value!r} is no topology: write N, N+1, 2N, or xNyR such as 4N3R")
        if match.group(1) and int(match.group(2)) >= int(match.group(1)):
            raise ValueError(f"{value!r} has no spare block: y must be less than x")
        return value


class PowerSpec(Model):
    """Utility and blocks."""

    utility: UtilitySpec = UtilitySpec()
    blocks: BlocksSpec = BlocksSpec()
