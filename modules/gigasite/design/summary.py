"""The summary of a design as plain data: what `gigasite design --format json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gigasite.design.facility_summary import cooling_summary, power_summary, rounded
from gigasite.design.model import Design, FabricDesign, PoolDesign


def summary(design: Design) -> dict[str, Any]:
    """Counts and loads of a design. A figure that a missing fact makes unknown is null."""
    return {
        "site": design.site,
        "pools": {name: _pool(pool) for name, pool in design.pools.items()},
        "fabrics": {name: _fabric(fabric) for name, fabric in design.fabrics.items()},
        **({"interconnects": [asdict(link) for link in design.interconnects]} if design.interconnects else {}),
        "halls": {
            hall.name: {
                "racks": hall.rack_count,
                "rack_positions": hall.rack_positions,
                "it_kw": rounded(hall.it_kw),
                "it_limit_kw": rounded(hall.it_limit_kw),
                "liquid_kw": rounded(hall.liquid_kw),
                "air_kw": rounded(hall.air_kw),
                "cdu_installed": hall.cdu_count,
                "air_units_installed": hall.air_unit_count,
                "blocks": hall.block_count,
            }
            for hall in design.halls
        },
        "power": power_summary(design),
        "cooling": cooling_summary(design),
        "racks": design.tables.racks.height,
        "assumptions": [
            {"path": s.path, "value": s.value, "why": s.why, "decisive": s.decisive} for s in design.assumptions
        ],
    }


def _pool(pool: PoolDesign) -> dict[str, Any]:
    return {
        "system": pool.system,
        "purpose": pool.purpose,
        "reference_architecture": pool.reference_architecture,
        "scalable_units": pool.su_count,
        "build_to_scalable_units": pool.build_to_su_count,
        "nodes": pool.node_count,
        "spare_nodes": pool.spare_node_count,
        "gpus": pool.gpu_count,
        "racks": pool.rack_count,
        "system_kw": pool.system_kw,
    }


def _fabric(fabric: FabricDesign) -> dict[str, Any]:
    return {
        "roles": list(fabric.roles),
        "pools": list(fabric.pools),
        "technology": fabric.technology,
        "switch": fabric.switch,
        "topology": fabric.topology,
        "link_gbps": fabric.link_gbps,
        "trunk_gbps": fabric.trunk_gbps,
        "leaf": fabric.leaf_count,
        "spine": fabric.spine_count,
        "core": fabric.core_count,
        "planes": fabric.planes,
        "tiers": fabric.tiers,
        "rails_meet": fabric.rails_meet,
        "diameter_switches": fabric.diameter_switches,
        "endpoints": fabric.endpoint_count,
        "cables_node_leaf": fabric.cables_node_leaf,
        "cables_ufm_leaf": fabric.cables_ufm_leaf,
        "cables_leaf_spine": fabric.cables_leaf_spine,
        "cables_spine_core": fabric.cables_spine_core,
        "oversubscription": round(fabric.leaf_oversubscription, 4),
        "bisection_ratio": round(fabric.bisection_ratio, 4),
        **({fabric.topology: asdict(fabric.figures)} if fabric.figures else {}),
    }
