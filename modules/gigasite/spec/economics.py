"""Money, utilisation and climate: what the site costs, uses and emits."""

from __future__ import annotations

from gigasite.spec.base import Model


class EconomicsSpec(Model):
    """Prices, tariff, staff, horizon."""
