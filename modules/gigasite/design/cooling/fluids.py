"""Coolants over temperature: density, specific heat, viscosity.

A fluid's sheet in the catalog gives density and specific heat at one temperature; that pair is what flows are
computed with. Where the catalog also has the fluid's course over temperature (`temperature_points`), the pair
follows it: value(T) = sheet · course(T) / course(T of the sheet). Between points it is linear, beyond the last ones
held: glycol changes by 0.4 % of its specific heat in 5 K, so that a line is closer than sheets agree.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass

from gigasite.catalog.models import Fluid

LITRES_PER_MINUTE_IN_M3_PER_S = 60_000.0

_DENSITY, _SPECIFIC_HEAT, _VISCOSITY = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Properties:
    """A fluid at one temperature; `viscosity_mpa_s` is None where no source gives it."""

    density_kg_m3: float
    specific_heat_kj_kgk: float
    viscosity_mpa_s: float | None

    @property
    def volumetric_kj_m3k(self) -> float:
        """Heat that a cubic metre takes up a kelvin: ρ·cp."""
        return self.density_kg_m3 * self.specific_heat_kj_kgk


def properties(fluid: Fluid, at_c: float | None = None) -> Properties:
    """The fluid at a temperature; its sheet's own values where none is given or no course is known."""
    points = fluid.temperature_points
    if not points:
        return Properties(fluid.density_kg_m3, fluid.specific_heat_kj_kgk, None)
    now, sheet = (at_c if at_c is not None else fluid.at_c), fluid.at_c

    def ratio(column: int) -> float:
        return interpolated(points, column, now) / interpolated(points, column, sheet)

    return Properties(
        density_kg_m3=fluid.density_kg_m3 * ratio(_DENSITY),
        specific_heat_kj_kgk=fluid.specific_heat_kj_kgk * ratio(_SPECIFIC_HEAT),
        viscosity_mpa_s=interpolated(points, _VISCOSITY, now),
    )


def heat_rate_kw_k(flow_lpm: float, fluid: Fluid, at_c: float | None = None) -> float:
    """Heat that a flow takes up a kelvin: C = ρ·V̇·cp."""
    return flow_lpm / LITRES_PER_MINUTE_IN_M3_PER_S * properties(fluid, at_c).volumetric_kj_m3k


def flow_of_heat_rate_lpm(heat_rate_kw_k_: float, fluid: Fluid, at_c: float | None = None) -> float:
    """The flow of a heat rate: V̇ = C / (ρ·cp)."""
    return heat_rate_kw_k_ * LITRES_PER_MINUTE_IN_M3_PER_S / properties(fluid, at_c).volumetric_kj_m3k


def interpolated(points: tuple[tuple[float, ...], ...], column: int, x: float) -> float:
    """Piecewise linear through (x, ...) points, held at both ends."""
    xs = [point[0] for point in points]
    if x <= xs[0]:
        return points[0][column]
    if x >= xs[-1]:
        return points[-1][column]
    above = bisect.bisect_right(xs, x)
    (x0, *_), (x1, *_) = points[above - 1], points[above]
    y0, y1 = points[above - 1][column], points[above][column]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
