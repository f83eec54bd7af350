"""Pools: how many scalable units, nodes and racks each comes to."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Form, ReferenceArchitecture, System, Technology
from gigasite.design.dynamics.caps import draw_kw, set_aside_kw
from gigasite.design.model import PoolDesign
from gigasite.design.resolve import architecture_of, technology_of
from gigasite.errors import Finding, GigasiteError, Severity
from gigasite.spec.pools import PoolSpec
from gigasite.spec.site import SiteSpec


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """A pool with its products and its layout in scalable units, before it has a place."""

    index: int
    spec: PoolSpec
    system: System
    architecture: ReferenceArchitecture
    compute_fabric: str
    node_counts: tuple[int, ...]
    """Nodes of each scalable unit that is built."""
    reserved_slot_count: int
    """Slots at the end of the first unit that fabric management takes."""
    build_to_su_count: int
    nodes_per_rack: int
    system_kw: float | None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def su_count(self) -> int:
        return len(self.node_counts)

    @property
    def node_count(self) -> int:
        return sum(self.node_counts)

    @property
    def racks_per_su(self) -> int:
        """Racks of a full scalable unit."""
        return -(-self.architecture.su_node_count // self.nodes_per_rack)

    @property
    def systems_per_rack(self) -> int:
        return 1 if self.system.form is Form.RACK else self.nodes_per_rack

    @property
    def design_heat_kw(self) -> float | None:
        """Heat that cooling is designed for: the published design heat, never above the draw."""
        heat = self.system.design_heat_kw or self.system.max_kw
        if heat is None or self.system_kw is None:
            return None
        return min(heat, self.system_kw)

    def design(self, rack_count: int | None) -> PoolDesign:
        """The pool's summary once its racks are known."""
        trays = -(-self.node_count // self.system.node_count)
        return PoolDesign(
            name=self.name,
            system=self.system.key,
            purpose=self.spec.purpose.value,
            reference_architecture=self.architecture.key,
            su_count=self.su_count,
            build_to_su_count=self.build_to_su_count,
            su_node_slots=self.architecture.su_node_count,
            node_count=self.node_count,
            gpu_count=self.node_count * self.system.gpus_per_node,
            spare_node_count=self.spec.spare_trays_per_rack * -(-self.node_count // self.nodes_per_rack),
            rack_count=rack_count,
            system_count=trays,
            system_kw=self.system_kw,
            compute_fabric=self.compute_fabric,
        )


def plan_pools(site: SiteSpec, catalog: Catalog) -> tuple[tuple[PoolPlan, ...], tuple[Finding, ...]]:
    """Every pool's layout in scalable units.

    Raises GigasiteError for what cannot be designed at all: a system that only clouds have, one without any
    reference architecture.
    """
    findings: list[Finding] = []
    plans = tuple(_plan(index, pool, site, catalog, findings) for index, pool in enumerate(site.pools))
    return plans, tuple(findings)


def _plan(index: int, pool: PoolSpec, site: SiteSpec, catalog: Catalog, findings: list[Finding]) -> PoolPlan:
    where = f"pools[{index}]"
    system = catalog.system(pool.system)
    if system.form is Form.CLOUD:
        raise GigasiteError(
            f"{system.title} is a system that only clouds have: it cannot be bought and racked",
            path=f"{where}.system",
            hint="rent it as instances, or choose a system of the catalog with form node or rack",
        )
    fabrics = dict(site.fabrics)
    architecture = architecture_of(pool, fabrics, catalog)
    if architecture is None:
        raise GigasiteError(
            f"no reference architecture says how {system.key} is laid out",
            path=f"{where}.system",
            hint="name one with reference_architecture, or add one to the site's catalog folder",
        )
    compute_fabric = pool.fabric or "compute"
    infiniband = technology_of(fabrics[compute_fabric], catalog) is Technology.INFINIBAND
    reserved = architecture.reserved_slot_count if infiniband else 0
    nodes_per_rack = _nodes_per_rack(pool, system, architecture, site)
    node_counts = _node_counts(pool, architecture.su_node_count, reserved)
    if system.form is Form.RACK and sum(node_counts) % system.node_count:
        findings.append(
            Finding(
                "POL110",
                Severity.ERROR,
                f"{sum(node_counts)} nodes are no whole number of {system.key} racks of {system.node_count} nodes",
                hint=f"give a multiple of {system.node_count} as nodes",
                at=f"{where}.nodes",
            )
        )
    build_to = pool.build_to_scalable_units or architecture.build_to_su_count or len(node_counts)
    return PoolPlan(
        index=index,
        spec=pool,
        system=system,
        architecture=architecture,
        compute_fabric=compute_fabric,
        node_counts=node_counts,
        reserved_slot_count=reserved,
        build_to_su_count=max(build_to, len(node_counts)),
        nodes_per_rack=nodes_per_rack,
        system_kw=set_aside_kw(pool, system),
    )


def _node_counts(pool: PoolSpec, su_slots: int, reserved: int) -> tuple[int, ...]:
    """Nodes of each unit. Reserved slots are the last of the first unit, where they stay when the pool grows."""
    if pool.scalable_units is not None:
        nodes = max(pool.scalable_units * su_slots - reserved, 1)
    else:
        assert pool.nodes is not None
        nodes = pool.nodes
    first = min(nodes, max(su_slots - reserved, 1))
    full, rest = divmod(nodes - first, su_slots)
    return (first, *(su_slots,) * full, *((rest,) if rest else ()))


def _nodes_per_rack(pool: PoolSpec, system: System, architecture: ReferenceArchitecture, site: SiteSpec) -> int:
    """Nodes of a rack: the site's figure, or the architecture's as far as height and rack kW allow."""
    if system.form is Form.RACK:
        return system.node_count
    if pool.nodes_per_rack:
        return pool.nodes_per_rack
    limits = [architecture.nodes_per_rack]
    racks = site.racks
    if system.height_u and racks.height_u:
        limits.append((racks.height_u - (racks.reserved_u or 0)) // system.height_u)
    draw = draw_kw(pool, system)
    if draw and racks.max_kw:
        limits.append(int(racks.max_kw // draw))
    return max(min(limits), 1)
