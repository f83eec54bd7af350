"""Which reference architecture a pool follows."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import ReferenceArchitecture
from gigasite.spec.pools import FabricSpec, PoolSpec


def architecture_of(pool: PoolSpec, fabrics: dict[str, FabricSpec], catalog: Catalog) -> ReferenceArchitecture | None:
    """The reference architecture of a pool: named by the site, or the system's own.

    Where a system has several, the one with the compute switch of the pool's fabric is meant, or else one of
    the same link layer. A scalable unit of another size has no published size to build to.
    """
    found = _published(pool, fabrics, catalog)
    if found is None or pool.nodes_per_scalable_unit in (None, found.su_node_count):
        return found
    return found.model_copy(update={"su_node_count": pool.nodes_per_scalable_unit, "build_to_su_count": None})


def _published(pool: PoolSpec, fabrics: dict[str, FabricSpec], catalog: Catalog) -> ReferenceArchitecture | None:
    if pool.reference_architecture:
        return catalog.reference_architecture(pool.reference_architecture)
    system = catalog.system(pool.system)
    fabric = fabrics.get(pool.fabric or "compute")
    switch = fabric.switch if fabric else None
    candidates = [ra for ra in catalog.reference_architectures if system.key in ra.systems]
    if switch:
        wanted = catalog.switch(switch)
        same = [ra for ra in candidates if ra.compute_switch == wanted.key]
        alike = [ra for ra in candidates if catalog.switch(ra.compute_switch).technology is wanted.technology]
        if len(candidates) > 1 and (same or alike):
            return (same or alike)[0]
    if system.reference_architecture:
        return catalog.reference_architecture(system.reference_architecture)
    return candidates[0] if candidates else None
