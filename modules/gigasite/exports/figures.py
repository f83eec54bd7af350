"""What others ask a site for: its capacity and its margins. Unknown figures are left out, never zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from gigasite.design.model import Design, FabricDesign, HallDesign, PoolDesign

Figures: TypeAlias = dict[str, Any]  # figures and nested figures, as Pulumi outputs take them


def site_capacity(design: Design) -> Figures:
    """Nodes, GPUs, racks, and what they draw."""
    pools = design.pools.values()
    return known(
        {
            "gpu_count": sum(pool.gpu_count for pool in pools),
            "node_count": sum(pool.node_count for pool in pools),
            "rack_count": design.tables.racks.height,
            "it_kw": design.power.it_kw,
            "utility_kw": design.power.utility_kw,
        }
    )


def site_margins(design: Design) -> Figures:
    """What is left: of the utility connection, and of each hall in power and positions."""
    return known(
        {
            "utility_margin_kw": _margin(design.power.utility_available_kw, design.power.utility_kw),
            "halls": {hall.name: hall_margins(hall) for hall in design.halls},
        }
    )


def hall_margins(hall: HallDesign) -> Figures:
    """IT load and rack positions that the hall has left; CDUs and air units beyond the required ones."""
    return known(
        {
            "it_margin_kw": _margin(hall.it_limit_kw, hall.it_kw),
            "position_margin": hall.rack_positions - hall.rack_count,
            "cdu_spare_count": _margin(hall.cdu_count, hall.cdu_required_count),
            "air_unit_spare_count": _margin(hall.air_unit_count, hall.air_unit_required_count),
        }
    )


def pool_figures(pool: PoolDesign) -> Figures:
    """A pool's size and draw."""
    return known(
        {
            "system": pool.system,
            "node_count": pool.node_count,
            "gpu_count": pool.gpu_count,
            "spare_node_count": pool.spare_node_count,
            "rack_count": pool.rack_count,
            "scalable_units": pool.su_count,
            "compute_fabric": pool.compute_fabric,
            "it_kw": None if pool.system_kw is None else pool.system_kw * pool.system_count,
        }
    )


def fabric_figures(fabric: FabricDesign) -> Figures:
    """A fabric's switches, cables and the bandwidth that they leave."""
    return known(
        {
            "roles": list(fabric.roles),
            "pools": list(fabric.pools),
            "topology": fabric.topology,
            "tiers": fabric.tiers,
            "planes": fabric.planes,
            "rails_meet": fabric.rails_meet,
            "diameter_switches": fabric.diameter_switches,
            "leaf_count": fabric.leaf_count,
            "spine_count": fabric.spine_count,
            "core_count": fabric.core_count,
            "switch_count": fabric.leaf_count + fabric.spine_count + fabric.core_count,
            "cable_count": fabric.cables_node_leaf
            + fabric.cables_ufm_leaf
            + fabric.cables_leaf_spine
            + fabric.cables_spine_core,
            "endpoint_count": fabric.endpoint_count,
            "bisection_ratio": fabric.bisection_ratio,
        }
    )


def power_figures(design: Design) -> Figures:
    """The power chain in sums."""
    power = design.power
    return known(
        {
            "it_kw": power.it_kw,
            "mechanical_kw": power.mechanical_kw,
            "loss_kw": power.loss_kw,
            "utility_kw": power.utility_kw,
            "utility_mva": power.utility_mva,
            "power_factor": power.power_factor,
            "utility_available_kw": power.utility_available_kw,
            "utility_margin_kw": _margin(power.utility_available_kw, power.utility_kw),
            "block_count": power.block_count,
            "unit_kw": power.unit_kw,
            "topology": power.topology,
            "feed_usable_kw": power.feed_usable_kw,
            "feeds_per_rack": power.feeds_per_rack,
        }
    )


def cooling_figures(design: Design) -> Figures:
    """Heat, flow and plant in sums."""
    cooling = design.cooling
    return known(
        {
            "liquid_kw": cooling.liquid_kw,
            "air_kw": cooling.air_kw,
            "flow_lpm": cooling.flow_lpm,
            "supply_c": cooling.supply_c,
            "cdu": cooling.cdu,
            "cdu_installed": cooling.cdu_installed,
            "air_units_installed": cooling.air_units_installed,
            "coolant_class": cooling.coolant_class or None,
            "water_class": cooling.water_class or None,
            "warm_water_kw": cooling.facility_kw,
            "warm_water_supply_c": cooling.facility_supply_c,
            "cold_water_kw": cooling.air_water_kw,
            "cold_water_supply_c": cooling.air_water_supply_c,
            "units": {
                str(kind): count for kind, count in design.tables.plant.group_by("kind").len().sort("kind").rows()
            },
        }
    )


def address_networks(design: Design, *, fabric: str | None = None, owner: str | None = None) -> dict[str, str]:
    """Networks of one fabric by owner, or of one owner (a pool) by fabric."""
    if fabric is not None:
        return {block.owner: block.network for block in design.address_blocks if block.fabric == fabric}
    return {block.fabric: block.network for block in design.address_blocks if block.owner == owner}


def known(figures: Mapping[str, Any]) -> Figures:
    """Without what is unknown; with three decimals, which are watts: more is noise of the arithmetic."""
    rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}
    return {name: value for name, value in rounded.items() if value is not None}


def _margin(offered: float | None, needed: float | None) -> float | None:
    """What is left of an offer; unknown where either is."""
    return None if offered is None or needed is None else offered - needed
