"""Defaults of a year of energy."""

from __future__ import annotations

from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.energy import EnergySpec
from gigasite.spec.site import SiteSpec


def energy(resolver: Resolver, spec: SiteSpec) -> EnergySpec:
    """The year of energy with its defaults."""
    defaults = {
        "daily_swing_ratio": Default(0.0, "inference is asked for evenly over the day"),
        "residual_co2e_kg_per_kwh": Default(
            None, "no residual mix is given: the grid's average stands for it", Origin.DERIVED
        ),
    }
    found: EnergySpec = resolver.part("energy", spec.energy, defaults)
    return found
