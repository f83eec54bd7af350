"""Closed-circuit tower (fluid cooler): the loop's water stays in a coil over which water is sprayed."""

from __future__ import annotations

from gigasite.design.cooling.rejection.base import technology
from gigasite.design.cooling.rejection.open_tower import OpenTower


@technology("closed-tower")
class ClosedTower(OpenTower):
    """As an open tower; the coil's approach and the spray pump stand in the product."""
