"""How often elements of the power chain fail, and how long that lasts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.catalog.models import Positive, Product

_Ratio = Annotated[float, Field(ge=0, le=1)]


class Reliability(Product):
    """Failures of one kind of element; the key is the kind (`ups`), or a product's own key, which goes before."""

    kind: Literal["reliability"] = "reliability"
    failures_per_year: Annotated[float, Field(ge=0)] | None = None
    """Of one unit that works."""
    repair_h: Annotated[float, Field(ge=0)] | None = None
    """From a failure until the unit works again."""
    standby_unavailable_ratio: _Ratio | None = None
    """Of a unit that waits: part of the time in which it could not be started, for work on it."""
    start_failure_ratio: _Ratio | None = None
    """Of a unit that waits: starts that fail."""
    common_cause_ratio: _Ratio | None = None
    """Part of the failures that takes all units of the kind at once: the beta factor."""
    uncertainty_factor: Annotated[Positive, Field(ge=1)] | None = None
    """The true rate may be this many times lower or higher."""
