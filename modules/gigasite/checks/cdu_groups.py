"""CDU groups as checks look at them: what the racks ask of each now, against the units that the plant has."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling import technologies
from gigasite.design.cooling.conditions import Duty, UnitGroup, conditions_of
from gigasite.design.cooling.inside import cdu_duties
from gigasite.design.cooling.rack_loads import rack_loads
from gigasite.design.model import Design


@dataclass(frozen=True, slots=True)
class CduGroup:
    """A group's duty, the units that would be chosen for it, and how many the plant has."""

    duty: Duty
    sized: UnitGroup
    unit_count: int


def cdu_groups(design: Design, catalog: Catalog) -> tuple[CduGroup, ...]:
    """The CDU groups of all halls. A group of an unknown heat is left out."""
    conditions = conditions_of(design.resolved, catalog)
    loads = rack_loads(design.tables.racks, design.resolved.pools, conditions)
    units = design.tables.plant.filter(pl.col("kind") == "cdu")
    has = dict(units.group_by("group").len().iter_rows())
    cdu = catalog.cdu(design.cooling.cdu)
    size = technologies.coolant_size(cdu)
    found = []
    for number, part in ((int(str(hall)), part) for (hall,), part in loads.group_by("hall", maintain_order=True)):
        for duty in cdu_duties(part, number, conditions, None, f"{design.prefix}-h{number:02d}"):
            if duty.heat_kw is not None and duty.flow_lpm is not None:
                found.append(CduGroup(duty, size(duty, conditions, cdu.key), has.get(duty.group, 0)))
    return tuple(found)
