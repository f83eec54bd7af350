"""Names, devices and endpoint links of fabrics whose switches stand in equal groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.catalog.models import Switch, Technology
from gigasite.design.addresses import asn_of
from gigasite.design.attachments import FabricPlan
from gigasite.design.clos import NodeLeafLinks
from gigasite.design.fabrics import DEVICE_SCHEMA
from gigasite.design.names import padded
from gigasite.design.topologies.groups import ClassGroups, endpoint_places, first_su, occupied, rail_of_switch


@dataclass(frozen=True, slots=True)
class GroupTables:
    """What the groups of a fabric hold: `leaves` and `spines` as devices with an `id`, and endpoints by leaf id.

    Identifiers count plane by plane and group by group at the ultimate size.
    """

    leaves: pl.DataFrame
    spines: pl.DataFrame
    node_leaf: NodeLeafLinks
    manager_leaf: NodeLeafLinks
    """Ports of reserved slots that subnet managers take."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Equal groups at their ultimate size: the groups of each class, and the switches of one."""

    classes: tuple[ClassGroups, ...]
    group_count: int
    leaf_count: int
    """Switches of a group that have endpoints."""
    spine_count: int
    endpoint_count: int
    """Endpoints of one of them."""
    word: str = "group"
    """What names call a group: its first letter stands before its number."""

    @property
    def built(self) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """The groups that stand, ascending."""
        return np.concatenate([np.arange(c.first, c.first + c.built, dtype=np.int32) for c in self.classes])


def group_tables(plan: FabricPlan, groups: Groups, prefix: str, asn_base: int) -> GroupTables:
    """Switches and endpoint links of all planes."""
    return GroupTables(
        leaves=_switches(plan, groups, "leaf", groups.leaf_count, prefix, asn_base),
        spines=_switches(plan, groups, "spine", groups.spine_count, prefix, asn_base),
        node_leaf=_endpoints(plan, groups, managers=False),
        manager_leaf=_endpoints(plan, groups, managers=True),
    )


def site_counts(plan: FabricPlan, groups: Groups) -> tuple[int, int]:
    """Leaves and spines, at the ultimate size and over all planes, that stand in racks of the site."""
    own = zip(groups.classes, plan.attachments, strict=True)
    wide = sum(c.count for c, attachment in own if attachment.pool_index is None)
    return wide * groups.leaf_count * plan.planes, wide * groups.spine_count * plan.planes


def port_count(switch: Switch) -> int:
    return sum(group.count for group in switch.port_groups)


def _switches(plan: FabricPlan, groups: Groups, tier: str, per_group: int, prefix: str, asn_base: int) -> pl.DataFrame:
    """One row a switch of a tier, in the order of identifiers."""
    parts = [
        _class_switches(plan, groups, index, tier, per_group, prefix, asn_base) for index in range(len(groups.classes))
    ]
    return pl.concat(parts).sort("id")


def _class_switches(
    plan: FabricPlan, groups: Groups, index: int, tier: str, per_group: int, prefix: str, asn_base: int
) -> pl.DataFrame:
    own, attachment = groups.classes[index], plan.attachments[index]
    switch = plan.leaf if tier == "leaf" else plan.spine
    plane, group, place = (axis.ravel() for axis in np.indices((plan.planes, own.built, per_group), np.int32))
    is_leaf, in_pool = tier == "leaf", attachment.pool_index is not None
    ident = (plane * groups.group_count + group + own.first) * per_group + place
    site_first = sum(
        c.count
        for c, other in zip(groups.classes[:index], plan.attachments[:index], strict=True)
        if other.pool_index is None
    )
    site_total = sum(
        c.count for c, other in zip(groups.classes, plan.attachments, strict=True) if other.pool_index is None
    )
    site_place = (plane * site_total + site_first + group) * per_group + place
    number = ident if is_leaf else group + own.first
    routed = plan.technology is Technology.ETHERNET
    asn = asn_of(asn_base, plan.index, tier, number) if routed else None
    rail = rail_of_switch(own, groups.leaf_count, place) if is_leaf else np.full(len(place), -1, np.int32)
    # Leaves are numbered behind all spines.
    offset = groups.spine_count * groups.group_count * plan.planes if is_leaf else 0
    return (
        pl.DataFrame(
            {"id": ident, "plane": plane, "group": group + own.first, "place": place, "site_place": site_place}
        )
        .with_columns(
            rail=pl.Series(rail, dtype=pl.Int32),
            su=pl.Series(first_su(own, group) + 1, dtype=pl.Int32) if in_pool else pl.lit(None, pl.Int32),
            asn=pl.Series(asn, dtype=pl.Int64) if asn is not None else pl.lit(None, pl.Int64),
            pool=pl.lit(attachment.owner if in_pool else None, pl.String),
            device=_name(plan, groups, tier, prefix),
        )
        .with_columns(
            kind=pl.lit("switch"),
            model=pl.lit(switch.key),
            fabric=pl.lit(plan.name),
            tier=pl.lit(tier),
            plane_number=pl.col("plane") + 1,
            pod=pl.col("group") + 1,
            index=pl.col("place") + 1,
            home=pl.lit("su" if in_pool else "site"),
            home_rack=pl.lit(None, pl.String),
            home_unit=pl.lit(None, pl.Int32),
            slot=pl.col("id") + offset,
            fabric_index=pl.lit(plan.index, pl.Int32),
            port_count=pl.lit(port_count(switch), pl.Int32),
        )
    )


def _name(plan: FabricPlan, groups: Groups, tier: str, prefix: str) -> pl.Expr:
    plane = pl.format("-p{}", pl.col("plane") + 1) if plan.planes > 1 else pl.lit("")
    letter = groups.word[0]
    group, place = padded(pl.col("group") + 1, 3), padded(pl.col("place") + 1, 2)
    return pl.format(f"{prefix}-{plan.name}-{letter}{{}}{{}}-{tier}{{}}", group, plane, place)


def as_devices(switches: pl.DataFrame) -> pl.DataFrame:
    """The switches as rows of the devices table: planes and rails count from 1, rail 0 is none."""
    numbered = switches.with_columns(plane=pl.col("plane_number"), rail=pl.col("rail") + 1)
    return numbered.select([pl.col(name).cast(dtype) for name, dtype in DEVICE_SCHEMA.items()])


def _endpoints(plan: FabricPlan, groups: Groups, *, managers: bool) -> NodeLeafLinks:
    """Ports of nodes on leaves in every plane, or those of reserved slots that managers take in the first."""
    planes = 1 if managers else plan.planes
    parts: list[list[np.ndarray[tuple[int], np.dtype[np.int32]]]] = []
    for klass, own in enumerate(groups.classes):
        places = endpoint_places(own, groups.endpoint_count, groups.leaf_count)
        present, reserved = occupied(places, own.request)
        rows = np.flatnonzero(reserved)[: own.request.extra_links] if managers else np.flatnonzero(present)
        for plane in range(planes):
            leaf = (plane * groups.group_count + places.group[rows]) * groups.leaf_count + places.switch[rows]
            parts.append(
                [
                    np.full(len(rows), klass, np.int32),
                    places.su[rows],
                    places.node_slot[rows],
                    places.rail[rows],
                    places.side[rows],
                    np.full(len(rows), plane, np.int32),
                    leaf.astype(np.int32),
                    places.port[rows],
                ]
            )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return NodeLeafLinks(*columns)
