"""Heat exchangers away from their rating point, by effectiveness and number of transfer units.

ε = Q / (C_min · (T_hot,in − T_cold,in)); counterflow: ε = (1 − e^(−NTU·(1−r))) / (1 − r·e^(−NTU·(1−r))),
NTU/(1 + NTU) for r = C_min/C_max = 1 (Kays and London, Compact Heat Exchangers; Incropera, ch. 11).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

FLOW_EXPONENT = 0.67
"""Of the film coefficients of plate heat exchangers on the flow: Nu ∝ Re^0.6…0.7 (VDI Heat Atlas, plate exchangers)."""

_BALANCED = 1e-9


def effectiveness(ntu: float, capacity_ratio: float) -> float:
    """ε of a counterflow exchanger; `capacity_ratio` is C_min / C_max, 0..1."""
    if abs(1 - capacity_ratio) < _BALANCED:
        return ntu / (1 + ntu)
    falling = math.exp(-ntu * (1 - capacity_ratio))
    return (1 - falling) / (1 - capacity_ratio * falling)


def transfer_units(effect: float, capacity_ratio: float) -> float:
    """NTU of a counterflow exchanger from its ε; raises ValueError for an ε outside 0..1."""
    if not 0 <= effect < 1:
        raise ValueError(f"an effectiveness of {effect:g} is none of a counterflow exchanger")
    if abs(1 - capacity_ratio) < _BALANCED:
        return effect / (1 - effect)
    return math.log((1 - effect * capacity_ratio) / (1 - effect)) / (1 - capacity_ratio)


@dataclass(frozen=True, slots=True)
class Exchanger:
    """A counterflow exchanger as it was rated: its conductance, and the heat rates (ρ·V̇·cp) of both sides, kW/K."""

    ua_kw_k: float
    hot_kw_k: float
    cold_kw_k: float

    def ua_at(self, hot_kw_k: float, cold_kw_k: float) -> float:
        """Conductance at other flows; half of the resistance lies on each side at the rating point.

        1/UA = ½/UA_r · (C_hot/C_hot,r)^−n + ½/UA_r · (C_cold/C_cold,r)^−n, the wall neglected.
        """
        hot = math.pow(hot_kw_k / self.hot_kw_k, -FLOW_EXPONENT)
        cold = math.pow(cold_kw_k / self.cold_kw_k, -FLOW_EXPONENT)
        return 2 * self.ua_kw_k / (hot + cold)

    def effectiveness_at(self, hot_kw_k: float, cold_kw_k: float) -> float:
        """ε at other flows."""
        least, most = sorted((hot_kw_k, cold_kw_k))
        return effectiveness(self.ua_at(hot_kw_k, cold_kw_k) / least, least / most)

    def capacity_kw(self, hot_kw_k: float, cold_kw_k: float, approach_k: float) -> float:
        """Heat that it takes while the hot side leaves `approach_k` above the entering cold side.

        Q = ε·C_min·(T_hot,out + Q/C_hot − T_cold,in), solved for Q. Infinite where any heat is taken at that
        approach; 0 where the hot side would have to leave colder than the cold side enters.
        """
        if approach_k <= 0 or hot_kw_k <= 0 or cold_kw_k <= 0:
            return 0.0
        least = min(hot_kw_k, cold_kw_k)
        strength = self.effectiveness_at(hot_kw_k, cold_kw_k) * least
        left = 1 - strength / hot_kw_k
        return math.inf if left <= _BALANCED else strength * approach_k / left

    def cold_rate_for(self, heat_kw: float, hot_kw_k: float, approach_k: float, most_kw_k: float) -> float | None:
        """The least cold-side heat rate at which it takes this heat at this approach; None: more than `most_kw_k`."""
        if heat_kw <= 0:
            return 0.0
        if self.capacity_kw(hot_kw_k, most_kw_k, approach_k) < heat_kw * (1 - 1e-9):
            return None
        low, high = 0.0, most_kw_k
        for _ in range(40):  # capacity grows with the flow: halving finds it to 1e-12 of the range
            middle = (low + high) / 2
            if self.capacity_kw(hot_kw_k, middle, approach_k) >= heat_kw:
                high = middle
            else:
                low = middle
        return high


def rated(heat_kw: float, approach_k: float, hot_kw_k: float, cold_kw_k: float) -> Exchanger:
    """The exchanger that takes `heat_kw` at its rating point: approach of the hot side's outlet to the cold inlet."""
    rise_k = heat_kw / hot_kw_k
    effect = heat_kw / (min(hot_kw_k, cold_kw_k) * (approach_k + rise_k))
    least, most = sorted((hot_kw_k, cold_kw_k))
    return Exchanger(transfer_units(effect, least / most) * least, hot_kw_k, cold_kw_k)
