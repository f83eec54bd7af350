"""One loop of facility water and the ways that cool it: free ones first, compressors lift only what they leave."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigasite.catalog.models import HeatRejection
from gigasite.design.cooling.basics import spare_count
from gigasite.design.cooling.rejection.base import Air, Bank, Floats, Technology, technology_of
from gigasite.design.cooling.rejection.heat_reuse import Reuse, reused
from gigasite.spec.outside import HeatReuseSpec

_UNMET_RATIO = 1e-9
"""Of the heat of a loop: less than that is rounding."""


@dataclass(frozen=True, slots=True)
class Units:
    """Equal units of one way on one loop. `required_count` of them carry its duty on the extreme day."""

    way: str
    product: HeatRejection
    unit_kw: float
    """Heat of one at the rating point."""
    required_count: int
    count: int
    """Installed."""
    given: bool = False
    """Whether the site decided how many there are."""

    @property
    def technology(self) -> Technology:
        return technology_of(self.product)

    def duty_count(self, redundancy: str) -> int:
        """Units that carry the loop: spare ones, which may be out on the extreme day, are not counted on."""
        if not self.given:
            return min(self.required_count, self.count)
        return self.count - spare_count(self.count, redundancy)

    def bank(self, rise_k: float, lost_count: int = 0) -> Bank:
        """The units that are left when some are lost."""
        return Bank(self.product, self.unit_kw * max(self.count - lost_count, 0), rise_k)


@dataclass(frozen=True, slots=True)
class Circuit:
    """The water of the CDUs or of the air handlers: what it takes from the halls and the units that cool it.

    Pumps follow the load, so that the water comes back equally warm at any load.
    """

    loop: str
    """`liquid` or `air`."""
    supply_c: float
    rise_k: float
    heat_kw: float
    """At full load, pumps and fans in the halls included."""
    units: tuple[Units, ...]
    reuse: HeatReuseSpec | None = None

    @property
    def kw_per_k(self) -> float:
        """Heat that the flow at full load carries a kelvin."""
        return self.heat_kw / self.rise_k


@dataclass(frozen=True, slots=True)
class CircuitWork:
    """What the ways of a loop do, hour by hour: kW, water l/h; `taken_kw` and `electric_kw` by way."""

    heat_kw: Floats
    reuse: Reuse
    taken_kw: dict[str, Floats]
    electric_kw: dict[str, Floats]
    compressor_kw: Floats
    evaporated_l_h: Floats
    unmet_kw: Floats
    """Heat that no way takes: the water gets warmer than asked."""
    free_kw: Floats
    """Heat that leaves without compressors."""

    @property
    def total_electric_kw(self) -> Floats:
        return sum(self.electric_kw.values(), self.reuse.electric_kw)


def run(
    circuit: Circuit,
    heat_kw: ArrayLike,
    air: Air,
    *,
    lost: dict[str, int] | None = None,
    reuse_demand_kw: ArrayLike | None = None,
) -> CircuitWork:
    """The loop at any load and any air, with `lost` units of ways gone.

    Of two ways to run it, free coolers ahead of compressors or compressors alone, the one that draws less is taken
    hour by hour: near the return temperature fans cost more than they save.
    """
    heat, _ = np.broadcast_arrays(np.asarray(heat_kw, np.float64), air.dry_bulb_c)
    lost = lost or {}
    kelvin_per_kw = np.divide(circuit.rise_k, heat, out=np.zeros_like(heat), where=heat > 1e-9)
    hot_c = np.full_like(heat, circuit.supply_c + circuit.rise_k)
    reuse = _reuse(circuit, heat, hot_c, reuse_demand_kw)
    left = heat - reuse.from_water_kw
    hot_c = hot_c - reuse.from_water_kw * kelvin_per_kw
    free = [u for u in circuit.units if u.technology.free]
    forced = [u for u in circuit.units if not u.technology.free]
    with_free = _chain(circuit, [*free, *forced], left, hot_c, kelvin_per_kw, air, lost)
    if free and forced:
        without = _chain(circuit, forced, left, hot_c, kelvin_per_kw, air, lost)
        better = (without.unmet_kw <= 1e-9) & (_sum(without.electric_kw, left) < _sum(with_free.electric_kw, left))
        with_free = _either(better, without, with_free)
    return replace(with_free, heat_kw=heat, reuse=reuse)


def _reuse(circuit: Circuit, heat: Floats, hot_c: Floats, demand_kw: ArrayLike | None) -> Reuse:
    if circuit.reuse is None:
        nothing = np.zeros_like(heat)
        return Reuse(nothing, nothing, nothing)
    return reused(circuit.reuse, heat, hot_c, circuit.reuse.heat_kw if demand_kw is None else demand_kw)


def _chain(
    circuit: Circuit,
    units: list[Units],
    heat: Floats,
    hot_c: Floats,
    kelvin_per_kw: Floats,
    air: Air,
    lost: dict[str, int],
) -> CircuitWork:
    """Each way takes what it can of what the ones before it left."""
    left = heat
    taken: dict[str, Floats] = {}
    electric: dict[str, Floats] = {}
    compressor, water, free = np.zeros_like(heat), np.zeros_like(heat), np.zeros_like(heat)
    for unit in units:
        bank, model = unit.bank(circuit.rise_k, lost.get(unit.way, 0)), unit.technology
        part = np.zeros_like(heat)
        if bank.rated_kw > 0:
            part = np.minimum(left, model.most_kw(bank, hot_c, air))
        if model.free:
            part = np.minimum(part, _reachable_kw(unit, hot_c, circuit.rise_k, kelvin_per_kw, air))
        work = model.work(bank, part, hot_c, circuit.supply_c, air)
        taken[unit.way] = taken.get(unit.way, np.zeros_like(heat)) + part
        electric[unit.way] = electric.get(unit.way, np.zeros_like(heat)) + work.electric_kw
        compressor, water = compressor + work.compressor_kw, water + work.evaporated_l_h
        free = free + part if model.free else free
        left = left - part
        hot_c = hot_c - part * kelvin_per_kw
    short = left > _UNMET_RATIO * heat
    for unit in units:
        if unit.technology.free:  # its fans run as fast as they can, and the water is warmer than asked all the same
            bank = unit.bank(circuit.rise_k, lost.get(unit.way, 0))
            most = bank.rated_kw * unit.product.electric_kw_per_heat_kw
            electric[unit.way] = np.where(short, np.maximum(electric[unit.way], most), electric[unit.way])
    zero = np.zeros_like(heat)
    return CircuitWork(heat, Reuse(zero, zero, zero), taken, electric, compressor, water, left, free)


def _reachable_kw(unit: Units, hot_c: Floats, rise_k: float, kelvin_per_kw: Floats, air: Air) -> Floats:
    """Heat of the water at the highest effectiveness that its units are built with, however little heat there is.

    ε = R/(R + a), R the rise of the loop and a the closest approach: water never comes below the bulb.
    """
    effectiveness = rise_k / (rise_k + (unit.product.approach_min_k or 0.0))
    way_k = effectiveness * np.maximum(hot_c - unit.technology.bulb_c(air), 0.0)
    return np.divide(way_k, kelvin_per_kw, out=np.zeros_like(way_k), where=kelvin_per_kw > 0)


def _sum(parts: dict[str, Floats], like: Floats) -> Floats:
    return sum(parts.values(), np.zeros_like(like))


def _either(first: NDArray[np.bool_], a: CircuitWork, b: CircuitWork) -> CircuitWork:
    """Hour by hour the one or the other."""
    zero = np.zeros_like(b.heat_kw)

    def parts(x: dict[str, Floats], y: dict[str, Floats]) -> dict[str, Floats]:
        return {way: np.where(first, x.get(way, zero), y.get(way, zero)) for way in y}

    return CircuitWork(
        heat_kw=b.heat_kw,
        reuse=b.reuse,
        taken_kw=parts(a.taken_kw, b.taken_kw),
        electric_kw=parts(a.electric_kw, b.electric_kw),
        compressor_kw=np.where(first, a.compressor_kw, b.compressor_kw),
        evaporated_l_h=np.where(first, a.evaporated_l_h, b.evaporated_l_h),
        unmet_kw=np.where(first, a.unmet_kw, b.unmet_kw),
        free_kw=np.where(first, a.free_kw, b.free_kw),
    )
