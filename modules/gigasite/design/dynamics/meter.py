"""Changes of load at the racks as the grid's meter sees them."""

from __future__ import annotations

import numpy as np

from gigasite.catalog.load import Catalog
from gigasite.design.electrical.energy import chain_loss_kw
from gigasite.design.model import Design


def meter_ratio(design: Design, catalog: Catalog, change_kw: float) -> float:
    """Kilowatts at the meter for each kilowatt by which the IT load falls from its design value.

    1 + (loss at design - loss after) / change: losses without load stay, so that this is less than one over the
    efficiency. The plant is taken not to follow within seconds. 1 over the efficiency where the chain is unknown.
    """
    it_kw, mechanical_kw = design.power.coincident_it_kw, design.power.mechanical_kw
    if not it_kw or mechanical_kw is None or design.tables.elements.is_empty():
        return 1 / design.power.chain_efficiency_ratio
    change_kw = min(change_kw if change_kw > 0 else it_kw, it_kw)
    loads = np.array([it_kw, it_kw - change_kw])
    before, after = chain_loss_kw(design, catalog, loads, np.full(2, mechanical_kw)).tolist()
    return float(1 + (before - after) / change_kw)
