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


@dataclass(frozen=True, slots=True)
class OpticalFigures:
    """Blocks and the optical circuit switches between them, as built where nothing else is said, over all planes."""

    block_count: int
    build_to_block_count: int
    block_count_max: int
    """So many blocks find ports on the optical switches, with the fibres that each has on one."""
    leaves_per_block: int
    spines_per_block: int
    endpoints_per_block: int
    optical_switch: str
    optical_switch_count: int
    fibres_per_block_and_switch: int
    fibres: int
    circuits: int
    links_between_blocks_min: int
    """Of two blocks, in one plane."""
    links_between_blocks_max: int
    insertion_loss_db: float | None
    """Of an optical switch; None: unknown."""
    other_loss_db: float
    """Of circulators, panels and connectors of one circuit."""
