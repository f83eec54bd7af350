"""`verify cabling`: outputs of switches, hosts and subnet managers against the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.design.infiniband.guids import NO_GUIDS, GuidInventory, unknown_lines
from gigasite.design.infiniband.subnets import subnets
from gigasite.design.model import Design
from gigasite.errors import Finding
from gigasite.verify.compare import compared
from gigasite.verify.ends import design_ends
from gigasite.verify.found import Found
from gigasite.verify.mistakes import mistakes
from gigasite.verify.places import NOWHERE, Standing
from gigasite.verify.resolve import resolved
from gigasite.verify.wording import Wording


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it: findings in the order of a walk, each with the place one goes to, and what is good."""

    findings: tuple[tuple[Standing, Finding], ...]
    good_count: int
    looked_at_count: int


def verify_cabling(
    design: Design,
    catalog: Catalog,
    found: Sequence[Found],
    inventory: GuidInventory = NO_GUIDS,
    *,
    check_speed: bool = True,
) -> Verified:
    """Holds what was found against the cables of the design. Raises GigasiteError where a technology has no fabric."""
    told: list[tuple[Standing, Finding]] = []
    good = looked_at = 0
    for technology in ("infiniband", "ethernet"):
        own = [each for each in found if each.technology == technology]
        if not own:
            continue
        all_subnets = subnets(design, catalog) if technology == "infiniband" else ()
        told += [(NOWHERE, finding) for finding in unknown_lines(inventory, all_subnets)] if all_subnets else []
        ends = design_ends(design, catalog, technology, {each.system for each in own})
        comparison = compared(ends, resolved(own, ends, all_subnets, inventory))
        if not check_speed:
            comparison = comparison.without_speed()
        told += Wording(design, ends).findings(mistakes(ends, comparison))
        good += comparison.good_count
        looked_at += ends.table.height // 2 - len(comparison.unseen)
    order = sorted(told, key=lambda pair: (pair[0], pair[1].code, pair[1].message))
    return Verified(tuple(order), good, looked_at)
