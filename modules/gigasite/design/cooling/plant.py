"""The cooling plant unit by unit: the table `plant` of the design, before its units hang on power."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling.conditions import UnitGroup, per_unit
from gigasite.design.cooling.inside import Inside
from gigasite.design.cooling.rejection.plant import rejection_plant
from gigasite.design.cooling.technologies import facility_pumps
from gigasite.design.model import COLUMNS, CoolingDesign, HallDesign
from gigasite.spec.site import SiteSpec


def plant_table(
    site: SiteSpec,
    halls: tuple[HallDesign, ...],
    cooling: CoolingDesign,
    within: Inside,
    catalog: Catalog,
    prefix: str,
) -> pl.DataFrame:
    """Units in the halls, and those that reject the site's heat."""
    own = pl.concat([group_rows(within.groups), within.rack_units])
    return pl.concat([own, rejection_plant(site, halls, cooling, catalog, prefix)])


def group_rows(groups: Sequence[UnitGroup]) -> pl.DataFrame:
    """One row a unit; a group of an unknown number of units has none."""
    known = [group for group in groups if group.count]
    frame = pl.DataFrame(
        {
            "kind": [group.kind for group in known],
            "product": [group.product for group in known],
            "hall": [group.hall for group in known],
            "group": [group.group for group in known],
            "required_count": [group.required_count for group in known],
            "capacity_kw": [group.capacity_kw for group in known],
            "heat_kw": [per_unit(group.heat_kw, group.count) for group in known],
            "electric_kw": [group.electric_kw for group in known],
            "electric_max_kw": [group.electric_max_kw for group in known],
            "on_ups": [group.on_ups for group in known],
            "source": [None] * len(known),
            "alternate": [None] * len(known),
            "zone": [group.leak_zone for group in known],
            "number": [list(range(1, (group.count or 0) + 1)) for group in known],
        },
        schema_overrides={
            **{name: kind for name, kind in COLUMNS["plant"].items() if name not in ("unit", "leak_zone")},
            "zone": pl.String,
            "number": pl.List(pl.Int32),
        },
    ).explode("number")
    stem = pl.when(pl.col("kind") == facility_pumps.KIND).then(pl.col("group") + "-pump").otherwise("group")
    unit = pl.format("{}{}", stem, pl.col("number").cast(pl.String).str.zfill(2))
    wet = pl.col("product").is_not_null() & ~pl.col("group").is_in([g.group for g in known if _is_dry(g)])
    frame = frame.with_columns(unit=unit).with_columns(
        # A unit that valves part from the others leaks alone.
        leak_zone=pl.when(wet).then(pl.coalesce("zone", "unit"))
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in COLUMNS["plant"].items())


def _is_dry(group: UnitGroup) -> bool:
    return group.water is None and group.flow_lpm is None
