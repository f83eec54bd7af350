"""Climates: typical years of weather, each hour of which lies in a file beside the product's own."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product

DATA_SUFFIX: Final = ".csv.gz"
"""The hours of a climate lie in `climates/<key>.csv.gz`; one without `data_sha256` is made from its statistics."""

Temperature = Annotated[float, Field(ge=-90, le=60, allow_inf_nan=False)]


class Climate(Product):
    """A typical year of weather at one station: made for energy, not for extremes."""

    kind: Literal["climate"] = "climate"
    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]
    altitude_m: Annotated[float, Field(ge=-430, le=5500)]
    utc_offset_h: Annotated[float, Field(ge=-12, le=14)]
    """Local standard time of the hours, without summer time."""
    zone: str | None = None
    """The kind of climate, in words."""
    station: str | None = None
    dataset: str | None = None
    years: str | None = None
    """Years that its months were chosen from."""
    licence: str | None = None
    data_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Digest of the file of hours; absent: the year is synthetic."""
    dry_bulb_mean_c: Temperature
    dry_bulb_min_c: Temperature | None = None
    dry_bulb_max_c: Temperature | None = None
    wet_bulb_max_c: Temperature | None = None
    annual_amplitude_k: Positive | None = None
    """Synthetic: warmest day's mean over the year's mean."""
    daily_amplitude_k: Positive | None = None
    """Synthetic: warmest hour over the day's mean."""
    dew_point_depression_k: Positive | None = None
    """Synthetic: daily mean of the dry bulb over the dew point."""
    wind_mean_m_s: Positive | None = None
