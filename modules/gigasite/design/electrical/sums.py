"""The power chain in sums, from the racks to the meter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling.technologies.cdu import PUMP_KW_PER_HEAT_KW
from gigasite.design.electrical.chain import chain_of
from gigasite.design.electrical.energy import chain_losses, loads_of, losses_by_kind
from gigasite.design.electrical.graph import PowerGraph
from gigasite.design.electrical.loads import is_mechanical, reactive_kvar
from gigasite.design.electrical.losses import load_flow
from gigasite.design.model import CoolingDesign, PowerDesign
from gigasite.design.power import Topology, chain_efficiency, feed_circuit_kw
from gigasite.design.supply import Supply
from gigasite.design.unknown import column_total
from gigasite.spec.site import Demarcation, SiteSpec


def power_design(
    site: SiteSpec,
    how: Topology,
    power: Supply,
    racks: pl.DataFrame,
    cooling: CoolingDesign,
    catalog: Catalog,
    graph: PowerGraph,
) -> PowerDesign:
    """The chain from rack to meter at the extreme hour: utility = IT + mechanical + losses.

    IT is what the pools draw together at most (`power.load.diversity_ratio`); the plant runs as on the extreme day.
    """
    voltage, factor = site.power.blocks.rack_voltage_v or 415.0, site.power.blocks.power_factor or 1.0
    breaker_a, usable_kw = feed_circuit_kw(site.racks, catalog, site.standards.electrical or "nec", voltage, factor)
    it_kw = column_total(racks["it_kw"])
    coincident = None if it_kw is None else it_kw * (site.power.load.diversity_ratio or 1.0)
    mechanical = mechanical_kw(site, graph.plant, cooling, catalog)
    point, utility = None, None
    if coincident is not None and mechanical is not None:
        point = _point(graph, coincident, mechanical, site, catalog)
        utility = coincident + mechanical + point.loss_kw
    racks_alone = point
    if point is None and coincident is not None:  # what the plant draws is unknown; the racks' chain is not
        racks_alone = _point(replace(graph, plant=graph.plant.clear()), coincident, 0.0, site, catalog)
    available = site.power.utility.final_mw
    own = site.demarcation is Demarcation.OWN
    apparent = math.hypot(utility, point.kvar) if point and utility else None
    return PowerDesign(
        topology=how.name,
        set_block_count=power.set_block_count,
        set_required_count=power.set_required_count,
        unit_kw=site.power.blocks.unit_kw or 0.0,
        block_count=sum(power.blocks_by_hall.values()) if it_kw is not None else None,
        rack_voltage_v=voltage,
        feeds_per_rack=site.racks.feeds or 1,
        breaker_a=breaker_a,
        feed_usable_kw=usable_kw,
        it_kw=it_kw,
        mechanical_kw=mechanical,
        loss_kw=point.loss_kw if point else None,
        utility_kw=utility,
        utility_available_kw=available * 1000 if available is not None and own else None,
        chain_efficiency_ratio=racks_alone.efficiency_ratio if racks_alone else chain_efficiency(catalog),
        coincident_it_kw=coincident,
        loss_by_stage_kw=point.by_stage if point else {},
        power_factor=utility / apparent if utility and apparent else None,
        utility_mva=apparent / 1000 if apparent else None,
        available_mw_by_date=_by_date(site) if own else {},
    )


@dataclass(frozen=True, slots=True)
class _Point:
    """The chain at one pair of loads."""

    loss_kw: float
    kvar: float
    efficiency_ratio: float
    by_stage: Mapping[str, float]


def _point(graph: PowerGraph, it_kw: float, mechanical: float, site: SiteSpec, catalog: Catalog) -> _Point:
    chain = chain_of(graph.elements, graph.connections, site, catalog)
    it, own = loads_of(chain, graph.elements, graph.feeds, graph.plant)
    placed = float(it.sum())
    if not placed:  # no rack has a place: the typical stages stand in for a chain that is not there
        efficiency = chain_efficiency(catalog)
        rest = mechanical / catalog.power_stage("mv-transformer").efficiency_ratio - mechanical
        return _Point(it_kw / efficiency - it_kw + rest, 0.0, efficiency, {})
    scale = it_kw / placed
    losses = chain_losses(graph.elements, graph.connections, graph.feeds, graph.plant, site, catalog, scale)
    loss = float(losses.loss_kw(np.array([it_kw]), np.array([mechanical]))[0])
    flow = load_flow(chain, it * scale + own, reactive_kvar(it * scale, own, site))
    boards = np.array([is_mechanical(name) for name in chain.names])
    of_boards = float(flow.loss_kw[boards].sum())
    return _Point(
        loss_kw=loss,
        kvar=float(losses.kvar(np.array([it_kw]), np.array([mechanical]))[0]),
        efficiency_ratio=it_kw / (it_kw + loss - of_boards) if it_kw else chain_efficiency(catalog),
        by_stage=losses_by_kind(graph.elements, flow),
    )


def _by_date(site: SiteSpec) -> dict[str, float]:
    """Grid power in MW by the date from which it is there; empty where the site gives one figure or none."""
    available = site.power.utility.available_mw
    return dict(sorted(available.items())) if isinstance(available, Mapping) else {}


def mechanical_kw(site: SiteSpec, plant: pl.DataFrame, cooling: CoolingDesign, catalog: Catalog) -> float | None:
    """Electricity of cooling at the design point: of all units of the plant; unknown where one unit's is."""
    if plant.is_empty():
        return estimated_mechanical_kw(site, cooling, catalog)
    return column_total(plant["electric_kw"])


def estimated_mechanical_kw(site: SiteSpec, cooling: CoolingDesign, catalog: Catalog) -> float | None:
    """Electricity of cooling before its plant is known: the dearest of the site's ways to reject heat, pumps, and fans.

    On the extreme day all heat may go the dearest way (a chiller behind dry coolers): the grid connection is
    sized for that hour, not for the yearly mean.
    """
    if cooling.liquid_kw is None or cooling.air_kw is None:
        return None
    heat_kw = cooling.liquid_kw + cooling.air_kw
    ways = [catalog.heat_rejection(way.value) for way in site.cooling.rejection or ()]
    rejection = heat_kw * max((way.electric_kw_per_heat_kw for way in ways), default=0.0)
    cdu, unit = catalog.cdu(cooling.cdu), catalog.air_unit(cooling.air_unit)
    pumps = (
        cdu.pump_power_kw * (cooling.cdu_installed or 0)
        if cdu.pump_power_kw
        else cooling.liquid_kw * PUMP_KW_PER_HEAT_KW
    )
    fans = (unit.fan_kw or 0.0) * (cooling.air_units_installed or 0)
    return rejection + pumps + fans
