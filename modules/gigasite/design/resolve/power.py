"""Defaults of the utility connection, the power chain and its blocks."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.power import PowerSpec
from gigasite.spec.site import Availability, Demarcation, SiteSpec, StandardsSpec


def power(resolver: Resolver, spec: SiteSpec, standards: StandardsSpec, feed_count: int, catalog: Catalog) -> PowerSpec:
    """The power chain with its defaults; a landlord's utility connection has none."""
    electrical = standards.electrical or "nec"
    blocks = resolver.part("power.blocks", spec.power.blocks, _blocks(standards.availability, electrical, feed_count))
    utility = spec.power.utility
    if spec.demarcation is Demarcation.OWN:
        utility = resolver.part("power.utility", utility, _utility())
    return spec.power.model_copy(update={"utility": utility, "blocks": blocks})


def _utility() -> dict[str, Default]:
    return {
        "voltage_kv": Default(34.5, "a medium-voltage connection", decisive=True),
        "circuits": Default(2, "one circuit can be maintained while the other carries the site"),
        "available_mw": Default(None, "taken as what the design needs", decisive=True),
    }


def _blocks(availability: Availability, electrical: str, feeds: int) -> dict[str, Default]:
    if availability is Availability.BASIC:
        topology = Default("N", "availability: basic promises no redundancy", Origin.DERIVED)
    elif feeds > 2:
        topology = Default(f"{feeds}N{feeds - 1}R", f"the racks have {feeds} feeds, any {feeds - 1} carry them")
    else:
        topology = Default("2N", f"availability: {availability} with two feeds a rack")
    volts = 400.0 if electrical == "iec" else 415.0
    return {
        "topology": topology,
        "unit_kw": Default(2500.0, "a common size of UPS and generator blocks"),
        "rack_voltage_v": Default(volts, f"three-phase distribution to racks where {electrical} holds", decisive=True),
        "ups_min": Default(5.0, "time to start generators, with margin"),
        "generator_h": Default(24.0, "fuel for a day"),
    }
