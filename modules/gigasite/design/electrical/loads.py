"""What hangs on the elements of the chain: racks on busways, plant on mechanical boards."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design.electrical.losses import Chain
from gigasite.spec.site import SiteSpec

Floats = NDArray[np.float64]
_MECHANICAL = re.compile(r"-mech-\d{2,}-[ab](-|$)")


def is_mechanical(element: str) -> bool:
    """Whether an element belongs to a mechanical board."""
    return bool(_MECHANICAL.search(element))


def direct_loads(chain: Chain, frame: pl.DataFrame, element: str, load: str) -> Floats:
    """What hangs on each element, from a table of loads with the element of each; unknown loads count as none. kW."""
    sums = frame.filter(pl.col(element).is_not_null()).group_by(element).agg(pl.col(load).fill_null(0.0).sum())
    direct = np.zeros(len(chain.names))
    rows = [chain.index[name] for name in sums[element].to_list()]
    direct[rows] = sums[load].to_numpy()
    return direct


def reactive_kvar(it_kw: Floats, mechanical_kw: Floats, site: SiteSpec) -> Floats:
    """Reactive power of the loads: Q = P·tan(arccos(cosφ)). kvar."""
    rack = site.power.blocks.power_factor or 1.0
    mechanical = site.power.mechanical.power_factor or 0.9
    return np.asarray(it_kw * np.tan(np.arccos(rack)) + mechanical_kw * np.tan(np.arccos(mechanical)))
