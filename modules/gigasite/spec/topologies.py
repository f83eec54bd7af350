"""Fabrics that are no Clos: dragonflies, and blocks that optical circuit switches join."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gigasite.spec.base import Model
from gigasite.units import Ratio

PortCount = Annotated[int, Field(ge=1, le=4096)]


class GroupKind(StrEnum):
    """How the switches of a dragonfly group are joined."""

    FULL_MESH = "full-mesh"
    LEAF_SPINE = "leaf-spine"


class DragonflySpec(Model):
    """A dragonfly: groups of switches, each group linked to each. What is left out is balanced: a = 2p = 2h."""

    group: GroupKind = GroupKind.FULL_MESH
    """`full-mesh`: every switch of a group is linked to every other; `leaf-spine`: dragonfly+, spines link groups."""
    group_switches: PortCount | None = None
    """Switches of a group that have endpoints (a); of a dragonfly+ its leaves."""
    group_spines: PortCount | None = None
    """Spines of a group; of a dragonfly+ alone."""
    endpoints_per_switch: PortCount | None = None
    """Endpoints of a switch (p)."""
    global_links_per_switch: PortCount | None = None
    """Ports of a switch that are kept for links to other groups (h); of a dragonfly+, of a spine."""
    links_between_switches: Annotated[int, Field(ge=1, le=64)] = 1
    """Links between two switches of a group that are linked."""
    links_between_groups: PortCount | None = None
    """Links between each two groups; as many whole links as the global ports allow where absent."""
    groups: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """The ultimate number of groups, which global links are laid out for; what the pools build to where absent."""
    bisection_ratio_min: Ratio | None = None
    """The least bandwidth between halves of the groups, over that of the endpoints of one half; a check holds it."""
