"""Dips of the grid's voltage: what stays up, for how long, and what the grid loses meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.catalog.workload_products import VoltageCurve
from gigasite.design.model import Design, Origin

SUPPLY_CURVE = "itic"
"""What power supplies stand where no UPS carries them."""


@dataclass(frozen=True, slots=True)
class RideThrough:
    """A dip to nothing at the connection."""

    asked_s: float | None
    """As the grid's rules ask; None: the site names no rule."""
    stood_s: float
    """The IT load stays up."""
    stood_by: str
    claimed_s: float | None
    """What the site file says of its load; None: nothing."""
    leaves_kw: float | None
    """Load that the grid loses during the dip: what UPS or batteries carry, and motors that drop out."""


def stood_s(curve: VoltageCurve, voltage_ratio: float) -> float:
    """How long equipment stands a dip to that voltage: the longest time whose limit it does not fall below.

    Infinite at or above the steady voltage.
    """
    if voltage_ratio >= curve.steady_ratio:
        return float("inf")
    return max((seconds for seconds, least in curve.points if voltage_ratio >= least), default=0.0)


def ride_through(design: Design, catalog: Catalog) -> RideThrough:
    """How the site rides through a dip. A UPS carries the racks; without one their supplies' own storage does."""
    power = design.resolved.power
    ups_s = (power.blocks.ups_min or 0.0) * 60
    supply_s = stood_s(catalog.of(VoltageCurve, SUPPLY_CURVE), 0.0)
    by = "UPS" if ups_s > supply_s else "power supplies"
    given = any(s.path == "power.load.ride_through_s" and s.origin is Origin.SITE for s in design.settings)
    return RideThrough(
        asked_s=power.utility.ride_through_s,
        stood_s=max(ups_s, supply_s),
        stood_by=by,
        claimed_s=power.load.ride_through_s if given else None,
        leaves_kw=design.power.utility_kw,
    )
