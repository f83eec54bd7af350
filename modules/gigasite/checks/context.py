"""What a check looks at: the design, the catalog, and what several checks derive from both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from gigasite.catalog.models import FabricRole, Form, System
from gigasite.checks.cdu_groups import CduGroup, cdu_groups
from gigasite.design.cooling.hours import installed_plan
from gigasite.design.cooling.rejection.plan import RejectionPlan
from gigasite.design.cooling.ridethrough import RideThrough, ride_throughs
from gigasite.design.model import Design, Tables
from gigasite.errors import GigasiteError
from gigasite.spec.site import Availability

if TYPE_CHECKING:
    from gigasite.catalog.load import Catalog
    from gigasite.design.failures import FailureReport
    from gigasite.economics.assessment import Assessment
    from gigasite.economics.year import EnergyYear


@dataclass(frozen=True)
class Context:
    """A design and the catalog that it was made with; `folder` is the site file's, where there is one."""

    design: Design
    catalog: Catalog
    folder: Path | None = None

    @property
    def tables(self) -> Tables:
        return self.design.tables

    @property
    def promises_maintenance(self) -> bool:
        """Whether the site promises that the loss of any one path or unit stops nothing."""
        return self.design.resolved.standards.availability is not Availability.BASIC

    @cached_property
    def failures(self) -> FailureReport:
        """What every single loss and every common cause leaves."""
        from gigasite.design.failures import analyse

        return analyse(self.design)

    @cached_property
    def rejection(self) -> RejectionPlan:
        """The heat rejection with the units that stand in the plant table."""
        return installed_plan(self.design, self.catalog)

    @cached_property
    def ride_throughs(self) -> tuple[RideThrough, ...]:
        """Each loop from the loss of the grid until it is cooled again."""
        return ride_throughs(self.design, self.catalog)

    @cached_property
    def cdu_groups(self) -> tuple[CduGroup, ...]:
        """CDU groups: what the racks ask of each, and how many units the plant has."""
        return cdu_groups(self.design, self.catalog)

    @cached_property
    def systems(self) -> dict[str, System]:
        """The catalog's system of each pool."""
        return {name: self.catalog.system(pool.system) for name, pool in self.design.pools.items()}

    @cached_property
    def pool_facts(self) -> pl.DataFrame:
        """One row a pool: `pool`, `system_kw`, `is_rack_scale`, and the outer size of a system that is a rack."""
        pools = list(self.design.pools.values())
        systems = [self.systems[pool.name] for pool in pools]
        return pl.DataFrame(
            {
                "pool": [p.name for p in pools],
                "system_kw": [p.system_kw for p in pools],
                "is_rack_scale": [system.form is Form.RACK for system in systems],
                "system_depth_mm": [s.depth_mm if s.form is Form.RACK else None for s in systems],
                "system_height_mm": [s.height_mm if s.form is Form.RACK else None for s in systems],
            },
            schema={
                "pool": pl.String,
                "system_kw": pl.Float64,
                "is_rack_scale": pl.Boolean,
                "system_depth_mm": pl.Float64,
                "system_height_mm": pl.Float64,
            },
        )

    @cached_property
    def link_ends(self) -> pl.DataFrame:
        """One row an end of a link: `fabric, tier, plane, device, port`."""
        columns = ("fabric", "tier", "plane")
        cables = self.tables.cables
        return pl.concat(
            [
                cables.select(*columns, device="a_device", port="a_port"),
                cables.select(*columns, device="b_device", port="b_port"),
            ]
        )

    @cached_property
    def linked_devices(self) -> pl.Series:
        """The devices at which links end, each once, in the order of the links, their a ends first."""
        cables = self.tables.cables
        ends = [_each_once(cables[name].rename("device")) for name in ("a_device", "b_device")]
        return pl.concat(ends).unique(maintain_order=True)

    @cached_property
    def management_ends(self) -> dict[str, pl.DataFrame]:
        """By management fabric: `end`, `end_rack`, `switch`, `switch_rack`, a row each port and its leaf."""
        tables = self.tables
        racks = pl.concat(
            [tables.devices.select("device", "rack"), tables.nodes.select(device="node", rack="rack")]
        ).unique("device", maintain_order=True)
        ends = racks.rename({"device": "end", "rack": "end_rack"})
        switches = racks.rename({"device": "switch", "rack": "switch_rack"})
        return {
            fabric: tables.cables.filter(pl.col("fabric") == fabric, pl.col("tier") == "node-leaf")
            .select(end="a_device", switch="b_device")
            .join(ends, on="end", how="left", maintain_order="left")
            .join(switches, on="switch", how="left", maintain_order="left")
            for fabric in self.fabrics_of(FabricRole.OOB)
        }

    @cached_property
    def energy_year(self) -> tuple[EnergyYear | None, tuple[tuple[str, str], ...]]:
        """The site's year of hours, None where none can be had; message and hint of each fault of its files."""
        from gigasite.economics.year import faults_of, year_of_site

        try:
            return year_of_site(self.design, self.catalog, self.folder), ()
        except GigasiteError as error:
            return None, faults_of(error)

    @cached_property
    def economics(self) -> Assessment:
        """What the site costs, with the year of hours where there is one; a price file that is broken stays unread."""
        from gigasite.economics.assessment import assess_year

        return assess_year(self.design, self.catalog, self.energy_year[0], self.folder)

    def pool_at(self, name: str | None) -> str:
        """Dotted path of a pool in the site file; of the racks where there is no such pool."""
        for index, pool in enumerate(self.design.spec.pools):
            if pool.name == name:
                return f"pools[{index}]"
        return "racks"

    def fabric_at(self, name: str) -> str:
        """Dotted path of a fabric in the site file, or of what it follows from."""
        if name in self.design.spec.fabrics:
            return f"fabrics.{name}"
        fabric = self.design.fabrics.get(name)
        return self.pool_at(fabric.pools[0]) if fabric and fabric.pools else "fabrics"

    def fabrics_of(self, role: FabricRole) -> tuple[str, ...]:
        """Names of the fabrics that serve a role."""
        return tuple(name for name, fabric in self.design.fabrics.items() if role.value in fabric.roles)


def _each_once(names: pl.Series) -> pl.Series:
    """The names without repetitions; neighbours are compared first, which is quicker than looking each of them up."""
    if len(names) > 1:
        names = names.filter(pl.concat([pl.Series([True]), names[1:] != names[:-1]]))
    return names.unique(maintain_order=True)
