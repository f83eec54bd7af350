"""How many units of each way a loop needs: for the extreme day, at the altitude of the site, with spare ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gigasite.catalog.models import HeatRejection
from gigasite.design.cooling.basics import redundant_count, units_needed
from gigasite.design.cooling.rejection.base import Air, Bank, technology_of
from gigasite.design.cooling.rejection.circuit import Circuit, Units, run
from gigasite.spec.outside import OutsideSpec, RejectionUnitsSpec

UNLIMITED_KW = 1e12


def sized(circuit: Circuit, ways: tuple[tuple[str, HeatRejection], ...], outside: OutsideSpec, air: Air) -> Circuit:
    """The loop with its units: free ways in the order given, then those that compress.

    A free way is sized for the hottest air at which it alone gives the water that is asked for, or for the extreme day
    where it reaches that; a way behind others for what they leave over on the extreme day with no spare unit
    running, of units that the site counts as of others.
    """
    spare = outside.redundancy or "N"
    ordered = sorted(ways, key=lambda way: not technology_of(way[1]).free)
    bare, units, left_kw = replace(circuit, units=(), reuse=None), circuit.units[:0], circuit.heat_kw
    for way, product in ordered:
        rated_kw = _rated_kw(circuit, product, left_kw, air)
        units = (*units, _units(way, product, rated_kw, spare, _given(outside, way, circuit.loop)))
        bare = replace(bare, units=tuple(replace(u, count=u.duty_count(spare)) for u in units))
        left_kw = _left_kw(bare, air)
    return replace(circuit, units=units)


def _left_kw(circuit: Circuit, air: Air) -> float:
    """Heat that the ways so far leave over on the extreme day; reuse is not counted on."""
    left = float(np.max(run(circuit, circuit.heat_kw, air).unmet_kw))
    return left if left > 1e-6 * circuit.heat_kw else 0.0


def _rated_kw(circuit: Circuit, product: HeatRejection, heat_kw: float, air: Air) -> float:
    """Heat at the rating point that the units must have together to take `heat_kw` at the design point."""
    if heat_kw <= 0:
        return 0.0
    model = technology_of(product)
    hot_c = np.asarray(circuit.supply_c + heat_kw / circuit.kw_per_k)
    at = air
    if model.free:
        # Colder air than the extreme day's where the way does not reach the asked water then.
        bulb_c = np.minimum(model.bulb_c(air), circuit.supply_c - (product.approach_k or 0.0))
        at = Air(bulb_c, bulb_c, air.pressure_kpa)
    one_kw = float(np.min(model.most_kw(Bank(product, 1.0, circuit.rise_k), hot_c, at)))
    return heat_kw / one_kw if one_kw > 0 else heat_kw


def _units(
    way: str, product: HeatRejection, rated_kw: float, redundancy: str, given: RejectionUnitsSpec | None
) -> Units:
    """Units of the usual size or a little smaller, all equal; as many and as large as the site says where it does."""
    model = technology_of(product)
    if not model.on_site:
        limit_kw = (given.unit_kw if given else None) or product.unit_kw or UNLIMITED_KW
        return Units(way, product, limit_kw, 1, 1)
    unit_kw = given.unit_kw if given else None
    if unit_kw is None and given is not None and given.count is not None:
        unit_kw = product.unit_kw
    if unit_kw is None:
        largest_kw = product.unit_kw or rated_kw or 1.0
        needed = max(units_needed(rated_kw, largest_kw), 1 if rated_kw > 0 else 0)
        unit_kw = rated_kw / needed if needed else largest_kw
    needed = units_needed(rated_kw, unit_kw)
    count = given.count if given and given.count is not None else redundant_count(needed, redundancy)
    return Units(way, product, unit_kw, needed, count, given=given is not None and given.count is not None)


def _given(outside: OutsideSpec, way: str, loop: str) -> RejectionUnitsSpec | None:
    """What the site says of a way on a loop; what names the loop goes before what does not."""
    said = [units for units in outside.units if units.way.value == way and units.loop in (loop, None)]
    return min(said, key=lambda units: units.loop is None) if said else None
