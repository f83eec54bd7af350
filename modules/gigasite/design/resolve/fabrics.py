"""Defaults of the fabrics: which there are, and their switches."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import ReferenceArchitecture, Technology
from gigasite.design.model import Origin, Setting
from gigasite.design.resolve.fabric_layout import layout_settings
from gigasite.spec.pools import FabricSpec, Role
from gigasite.spec.site import SiteSpec

_WHY_ROLE = {Role.INTERCONNECT: "interconnects lead to other sites"}
_USUAL = {Role.OOB: "sn2201"}


def fabrics_of(
    spec: SiteSpec,
    architectures: list[ReferenceArchitecture | None],
    catalog: Catalog,
    settings: list[Setting],
) -> dict[str, FabricSpec]:
    """The site's fabrics in its order, then the ones that its roles still lack."""
    fabrics = dict(spec.fabrics)
    named = {pool.fabric for pool in spec.pools if pool.fabric}
    missing_names = [name for name in sorted(named) if name not in fabrics]
    for name in missing_names:
        fabrics[name] = FabricSpec(roles=(Role.COMPUTE,))
        settings.append(Setting(f"fabrics.{name}.roles", ["compute"], Origin.DERIVED, "a pool's compute fabric"))
    have = {role for fabric in fabrics.values() for role in fabric.roles}
    if any(pool.fabric is None for pool in spec.pools):
        have.discard(Role.COMPUTE)
        have |= {Role.COMPUTE} if "compute" in fabrics else set()
    wanted = [role for role in Role if role is not Role.INTERCONNECT or any(i.to for i in spec.interconnects)]
    for role in wanted:
        if role not in have:
            fabrics[role.value] = FabricSpec(roles=(role,))
            why = _WHY_ROLE.get(role, "every site has this network")
            settings.append(Setting(f"fabrics.{role}.roles", [role.value], Origin.DERIVED, why))
    switched = {
        name: _with_switch(name, fabric, spec, architectures, catalog, settings) for name, fabric in fabrics.items()
    }
    found = {name: _with_spine(name, fabric, catalog, settings) for name, fabric in switched.items()}
    settings += layout_settings(spec, architectures, found, catalog)
    return found


def _with_switch(
    name: str,
    fabric: FabricSpec,
    spec: SiteSpec,
    architectures: list[ReferenceArchitecture | None],
    catalog: Catalog,
    settings: list[Setting],
) -> FabricSpec:
    where = f"fabrics.{name}.switch"
    if fabric.switch:
        settings.append(Setting(where, fabric.switch, Origin.SITE, "the site file"))
        return fabric
    users = [
        ra
        for pool, ra in zip(spec.pools, architectures, strict=True)
        if ra and (Role.COMPUTE not in fabric.roles or (pool.fabric or "compute") == name)
    ]
    for ra in users:
        wanted = getattr(ra, f"{fabric.roles[0]}_switch", None)
        if wanted:
            settings.append(Setting(where, wanted, Origin.REFERENCE_ARCHITECTURE, ra.title))
            return fabric.model_copy(update={"switch": wanted})
    switch = _USUAL.get(fabric.roles[0], "sn5600")
    settings.append(Setting(where, switch, Origin.ASSUMPTION, "no reference architecture names one"))
    return fabric.model_copy(update={"switch": catalog.switch(switch).key})


def _with_spine(name: str, fabric: FabricSpec, catalog: Catalog, settings: list[Setting]) -> FabricSpec:
    """A leaf with uplink ports of their own needs spines of that speed: the slowest catalogued switch that has it."""
    assert fabric.switch is not None
    candidates = spine_candidates(fabric, catalog)
    if not candidates or fabric.spine_switch:
        return fabric
    why = f"the slowest catalogued switch with the speed of {fabric.switch}'s uplinks"
    settings.append(Setting(f"fabrics.{name}.spine_switch", candidates[0], Origin.ASSUMPTION, why))
    return fabric.model_copy(update={"spine_switch": candidates[0]})


def spine_candidates(fabric: FabricSpec, catalog: Catalog) -> list[str]:
    """Switches that can be spines of a leaf with uplink ports of its own, slowest and smallest first."""
    assert fabric.switch is not None
    leaf = catalog.switch(fabric.switch)
    own = next((group.gbps for group in leaf.port_groups if group.use == "up"), None)
    if own is None:
        return []
    up = fabric.trunk_gbps or own
    able = []
    for switch in map(catalog.switch, catalog.keys("switch")):
        if switch.technology is leaf.technology and all(g.use == "any" and g.gbps >= up for g in switch.port_groups):
            able.append((max(g.gbps for g in switch.port_groups), switch.key))
    return [key for _, key in sorted(able)]


def technology_of(fabric: FabricSpec, catalog: Catalog) -> Technology:
    """The link layer of a resolved fabric: that of its switch."""
    assert fabric.switch is not None
    return catalog.switch(fabric.switch).technology
