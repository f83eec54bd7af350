"""Fabrics that are no Clos: dragonflies, and blocks that optical circuit switches join."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gigasite.spec.base import CatalogKey, Model
from gigasite.units import Ratio

PortCount = Annotated[int, Field(ge=1, le=4096)]


class GroupKind(StrEnum):
    """How the switches of a dragonfly group are joined."""

    FULL_MESH = "full-mesh"
    LEAF_SPINE = "leaf-spine"


class OpticalSpec(Model):
    """Blocks of switches that optical circuit switches join: fibres stay, circuits move when a block is added."""

    switch: CatalogKey | None = None
    """Catalog key of the optical circuit switch."""
    block_leaves: PortCount | None = None
    """Leaves of an aggregation block; 1 without spines: each leaf is a block."""
    block_spines: Annotated[int, Field(ge=0, le=4096)] | None = None
    """Spines of a block, which have the fibres; 0: its leaf has them."""
    endpoints_per_leaf: PortCount | None = None
    """Endpoints of a leaf."""
    links_between_switches: Annotated[int, Field(ge=1, le=64)] | None = None
    """Links between a leaf and a spine of a block; as many as half of their ports allow where absent."""
    fibres_per_switch: PortCount | None = None
    """Ports of a spine (or a leaf without spines) that lead to optical circuit switches."""
    optical_switches: PortCount | None = None
    """Optical circuit switches of a plane; as few as carry all blocks where absent."""
    blocks: Annotated[int, Field(ge=1, le=4096)] | None = None
    """The ultimate number of blocks, which fibres are laid out for; what the pools build to where absent."""
    other_loss_db: Annotated[float, Field(ge=0, le=20)] | None = None
    """Loss of circulators, patch panels and connectors of one circuit, beside switch and fibre."""


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
