"""How each fabric is laid out where the site does not say: told as settings, each with its origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import ReferenceArchitecture
from gigasite.design.model import Origin, Setting
from gigasite.spec.pools import FabricSpec, Role, Topology
from gigasite.spec.site import SiteSpec

# What the site may state of a fabric's layout; its switches have settings of their own.
_KEYS = (
    "topology",
    "planes",
    "dual_tor",
    "rail_optimised",
    "leaf_scope",
    "spine_scope",
    "nodes_per_leaf",
    "uplinks_per_leaf",
    "spines_per_pod",
    "core_switches_per_plane",
    "scalable_units_per_pod",
    "racks_per_pod",
    "leaves_per_pod",
    "oversubscription",
    "spine_oversubscription",
    "link_gbps",
    "trunk_gbps",
    "core_trunk_gbps",
)
_OWN_RULES = {Role.OOB, Role.INTERCONNECT}  # management and interconnects are not laid out by these keys


def layout_settings(
    spec: SiteSpec,
    architectures: Sequence[ReferenceArchitecture | None],
    fabrics: Mapping[str, FabricSpec],
    catalog: Catalog,
) -> Iterator[Setting]:
    """A setting for each key that the site states, and for each default that the layout rests on."""
    for name, fabric in fabrics.items():
        for key in _KEYS:
            value = getattr(fabric, key)
            if value is not None:
                yield Setting(f"fabrics.{name}.{key}", getattr(value, "value", value), Origin.SITE, "the site file")
        if not set(fabric.roles) & _OWN_RULES and fabric.topology in (None, Topology.CLOS, Topology.RAIL_ONLY):
            pairs = zip(spec.pools, architectures, strict=True)
            users = [ra for pool, ra in pairs if ra and (pool.fabric or "compute") == name]
            alone = len(users) == 1 and set(fabric.roles) == {Role.COMPUTE} and spec.storage is None
            yield from _defaults(name, fabric, users[0] if users else None, catalog, alone=alone)


def _defaults(
    name: str, fabric: FabricSpec, ra: ReferenceArchitecture | None, catalog: Catalog, *, alone: bool
) -> Iterator[Setting]:
    """The same rules as `design.fabric_rules` follows. `alone`: one pool's compute ports are all that it carries."""
    published = Origin.REFERENCE_ARCHITECTURE
    found: dict[str, tuple[object, Origin, str]] = {}
    if fabric.topology is None:
        found["topology"] = ("clos", Origin.DERIVED, "no other one was asked")
    if ra is not None:
        found["planes"] = (ra.planes, published, ra.title)
        if fabric.topology is not Topology.RAIL_ONLY:
            found["rail_optimised"] = (ra.rail_optimised, published, ra.title)
        as_published = catalog.switch(fabric.switch or "").key == ra.compute_switch
        if as_published and fabric.nodes_per_leaf is None:
            found["leaf_scope"] = ("rack" if ra.leaf_scope == "rack" else "scalable-unit", published, ra.title)
        if as_published and alone and fabric.topology is not Topology.RAIL_ONLY:
            found["spine_scope"] = (ra.spine_scope, published, ra.title)
    else:
        found["planes"] = (1, Origin.DERIVED, "nobody asked for copies of this fabric")
    if fabric.uplinks_per_leaf is None:
        why = "as reference architectures are: no leaf has less bandwidth up than down"
        found["oversubscription"] = (1.0, published if ra else Origin.ASSUMPTION, why)
    for key, (value, origin, why) in found.items():
        if getattr(fabric, key) is None:
            yield Setting(f"fabrics.{name}.{key}", value, origin, why)
