"""The power chain in sums, from the racks to the meter."""

from __future__ import annotations

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.model import CoolingDesign, PowerDesign
from gigasite.design.power import Topology, chain_efficiency, feed_circuit_kw
from gigasite.design.supply import Supply
from gigasite.spec.site import Demarcation, SiteSpec

# Pumps of a CDU whose sheet gives no power: as the Vertiv CoolChip 1350, 13.7 kW for 1,350 kW.
PUMP_KW_PER_HEAT_KW = 13.7 / 1350


def power_design(
    site: SiteSpec,
    how: Topology,
    power: Supply,
    racks: pl.DataFrame,
    cooling: CoolingDesign,
    catalog: Catalog,
) -> PowerDesign:
    """The chain from rack to meter: utility = IT / chain efficiency + mechanical / transformer efficiency."""
    voltage = site.power.blocks.rack_voltage_v or 415.0
    breaker_a, usable_kw = feed_circuit_kw(site.racks, catalog, site.standards.electrical or "nec", voltage)
    it_kw = _column_total(racks["it_kw"])
    chain = chain_efficiency(catalog)
    mechanical = _mechanical_kw(site, cooling, catalog)
    transformer = catalog.power_stage("mv-transformer").efficiency_ratio
    utility = None if it_kw is None or mechanical is None else it_kw / chain + mechanical / transformer
    available = site.power.utility.final_mw
    own = site.demarcation is Demarcation.OWN
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
        loss_kw=None if utility is None or it_kw is None or mechanical is None else utility - it_kw - mechanical,
        utility_kw=utility,
        utility_available_kw=available * 1000 if available is not None and own else None,
        chain_efficiency_ratio=chain,
    )


def _mechanical_kw(site: SiteSpec, cooling: CoolingDesign, catalog: Catalog) -> float | None:
    """Electricity of cooling at design heat: the dearest of the site's ways to reject heat, pumps, and fans.

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


def _column_total(column: pl.Series) -> float | None:
    """A sum that is unknown as soon as one part is."""
    return None if column.null_count() else float(column.sum())
