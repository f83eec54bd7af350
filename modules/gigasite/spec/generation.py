"""What makes power at the site: standby generators, own or contracted generation, battery storage."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from gigasite.spec.base import CatalogKey, Model, Name
from gigasite.units import Kilowatts, PositiveKilowatts, Ratio


class GenerationKind(StrEnum):
    """What turns fuel, sun, wind or fission into power."""

    GAS_TURBINE = "gas-turbine"
    RECIPROCATING_ENGINE = "reciprocating-engine"
    FUEL_CELL = "fuel-cell"
    SOLAR = "solar"
    WIND = "wind"
    NUCLEAR = "nuclear"


class GenerationSpec(Model):
    """One plant of equal units: on the site, or contracted and delivered over the grid connection."""

    name: Name
    kind: GenerationKind
    """Technology of its units."""
    product: CatalogKey | None = None
    """Catalog key; the catalog's own of that kind where absent."""
    unit_count: Annotated[int, Field(ge=1, le=10_000)]
    """Installed units."""
    unit_kw: PositiveKilowatts
    """Rated output of one at the reference conditions of its sheet."""
    required_count: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Units that the site's supply counts on; all where absent, none for sun and wind."""
    delivery: Literal["on-site", "contracted"] = "on-site"
    """On the site's own distribution, or bought and delivered by the grid."""
    usd_per_mwh: Annotated[float, Field(ge=0, le=1e4)] | None = None
    """What its energy costs."""


class GeneratorsSpec(Model):
    """Standby generators."""

    product: CatalogKey | None = None
    """Catalog key: step and ramp behaviour, fuel use."""
    location: Literal["block", "site"] | None = None
    """One behind each block, or a common plant on the site's distribution."""
    unit_kw: PositiveKilowatts | None = None
    """Standby rating of one."""
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Units of a common plant; sized from the load where absent."""
    redundancy: Annotated[str, Field(pattern=r"^(N|N\+[1-9]|2N)$")] | None = None
    """Of a common plant: N, N+1, 2N."""
    start_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    """From the loss of the grid to generators that carry load."""
    step_ratio: Ratio | None = None
    """The largest step of load that one takes at once, over its rating."""
    ramp_ratio_per_s: Annotated[float, Field(gt=0, le=10)] | None = None
    """How fast one takes on load after that, over its rating a second."""


class BessSpec(Model):
    """Battery storage on the site's distribution."""

    product: CatalogKey | None = None
    """Catalog key: efficiency and response."""
    power_kw: PositiveKilowatts
    """The most it takes or gives."""
    energy_kwh: Kilowatts
    """Usable energy."""
    response_s: Annotated[float, Field(ge=0, le=60)] | None = None
    """Until it gives its full power."""
    grid_forming: bool = False
    """Whether it keeps the site's voltage when the grid is gone."""
