"""Which face each device of a site shows: by system, by tier of its fabric, or as a border switch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.attachments import FabricPlan
from gigasite.design.cabling.faces import BorderFace, Face, Fronts, NodeFace, PlainFace, SwitchFace, fronts
from gigasite.design.pools import PoolPlan

_MANAGER = "ufm"


def site_fronts(
    nodes: pl.DataFrame,
    devices: pl.DataFrame,
    pools: Iterable[PoolPlan],
    plans: Iterable[FabricPlan],
    strides: Mapping[str, int],
    catalog: Catalog,
) -> Fronts:
    """Fronts of the nodes (node, pool) and, behind them, of the devices (device, kind, model, fabric, tier).

    `strides`: of border switches, the numbers of ports that a cage takes.
    """
    faces: dict[str, Face] = {}
    of_pool = {}
    known_pools = {pool.name: pool for pool in pools}
    for pool in known_pools.values():
        of_pool[pool.name] = name = f"system {pool.system.key}"
        faces[name] = NodeFace(pool.system)
    for plan in plans:
        for tier, switch, shape in (
            ("leaf", plan.leaf, plan.shape),
            ("spine", plan.spine, plan.spine_shape),
            ("core", plan.core, plan.core_shape),
        ):
            faces[f"{plan.name} {tier}"] = SwitchFace(switch, shape)
        for attachment in plan.attachments:
            cage = known_pools[attachment.owner].architecture.ufm_cage if attachment.ufm_count else None
            if cage is not None:
                faces[f"{plan.name} {_MANAGER}"] = PlainFace(cage, plan.link_gbps)
    borders = devices.filter(pl.col("device").is_in(list(strides))).select("device", "model")
    of_border = {}
    for device, model in borders.iter_rows():
        of_border[device] = name = f"border {model} {strides[device]}"
        faces.setdefault(name, BorderFace(catalog.switch(model), strides[device]))
    of_nodes = nodes["pool"].replace_strict(of_pool, return_dtype=pl.String)
    use = pl.when(pl.col("kind") == _MANAGER).then(pl.lit(_MANAGER)).otherwise("tier")
    switches = pl.when(pl.col("kind").is_in(["switch", _MANAGER])).then(pl.format("{} {}", "fabric", use))
    own = pl.col("device").replace_strict(of_border, default=None, return_dtype=pl.String)
    of_devices = devices.select(pl.coalesce(own, switches).alias("face")).to_series()
    known = of_devices.is_in(list(faces))
    of_devices = pl.select(pl.when(known).then(of_devices)).to_series()
    return fronts(faces, pl.concat([of_nodes.rename("face"), of_devices.rename("face")]))
