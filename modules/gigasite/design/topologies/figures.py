"""What is special about a fabric that is no Clos: counts beside those that every fabric has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DragonflyFigures:
    """A dragonfly's groups and links, as built where nothing else is said, over all planes."""

    group_count: int
    build_to_group_count: int
    group_count_max: int
    """a·h + 1: so many groups its switches can link, each to each."""
    switches_per_group: int
    """Those with endpoints."""
    spines_per_group: int
    """Of a dragonfly+; 0: the switches of a group are a full mesh."""
    endpoints_per_switch: int
    global_links_per_switch: int
    """Kept for global links."""
    links_per_group_pair: int
    cables_local: int
    cables_global: int
    bisection_ratio_min: float | None
    """What the site asks for."""
