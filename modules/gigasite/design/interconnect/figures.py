"""What an interconnect comes to: switches, bandwidth, delay, and the optics that carry it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gigasite.catalog.line_products import LineOptic

LIGHT_KM_S: Final = 299_792.458
GROUP_INDEX: Final = 1.468
"""Of standard single-mode fibre at 1550 nm (ITU-T G.652; makers print 1.4677 to 1.4682)."""


@dataclass(frozen=True, slots=True)
class InterconnectDesign:
    """One interconnect, as designed. Lengths are of the fibre; None where it joins two fabrics of the site."""

    name: str
    fabric: str
    to: str | None
    joins: str | None
    border: str
    border_devices: tuple[str, ...]
    uplink_count: int
    """Links of one border switch into each fabric that it joins."""
    uplink_gbps: float
    """Bandwidth of one border switch into the fabric that it gives least."""
    circuit_count: int
    circuit_gbps: float | None
    distance_km: float | None
    amplified: bool
    one_way_us: float | None
    round_trip_us: float | None
    bandwidth_delay_mbyte: float | None
    """Data under way on one circuit in a round trip: what one end must hold back when the other stops it at once."""
    optic: str | None
    """Catalog key; None: no catalogued optic carries the circuits so far."""


def one_way_us(distance_km: float) -> float:
    """Delay in fibre: d · n / c, 4.9 µs a kilometre, n the group index."""
    return distance_km * GROUP_INDEX / LIGHT_KM_S * 1e6


def bandwidth_delay_mbyte(gbps: float, round_trip_us: float) -> float:
    """Rate times round trip, in 10⁶ bytes: Gb/s · µs / 8000."""
    return gbps * round_trip_us / 8000


def reach_km(optic: LineOptic, *, amplified: bool) -> float:
    """How far an optic carries a circuit; 0: not at all on such a line."""
    return (optic.amplified_km if amplified else optic.reach_km) or 0.0


def optic_for(
    optics: Iterable[LineOptic], technology: str, gbps: float, distance_km: float, *, amplified: bool
) -> LineOptic | None:
    """The optic of the least reach that suffices; of equal ones the first by key."""
    able = [
        optic
        for optic in optics
        if technology in optic.technologies
        and gbps in optic.gbps
        and reach_km(optic, amplified=amplified) >= distance_km
    ]
    return min(able, key=lambda optic: (reach_km(optic, amplified=amplified), optic.key), default=None)
