"""The units that reject the site's heat: rows of the table `plant`."""

from __future__ import annotations

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.cooling.rejection.base import Air
from gigasite.design.cooling.rejection.circuit import Circuit, CircuitWork, Units
from gigasite.design.cooling.rejection.heat_reuse import reused
from gigasite.design.cooling.rejection.plan import RejectionPlan, rejection_plan
from gigasite.design.cooling.rejection.reach import needed_count
from gigasite.design.model import COLUMNS, CoolingDesign, HallDesign
from gigasite.spec.site import SiteSpec

HEAT_PUMP = "heat-pump"


def rejection_plant(
    site: SiteSpec,
    halls: tuple[HallDesign, ...],
    cooling: CoolingDesign,
    catalog: Catalog,
    prefix: str,
) -> pl.DataFrame:
    """Coolers, chillers and towers, sized for the extreme day."""
    return plant_rows(rejection_plan(site, cooling, catalog), prefix)


def plant_rows(plan: RejectionPlan, prefix: str) -> pl.DataFrame:
    """One row a unit that stands on the site, named by loop, kind and number; the heat pump of the reuse as well."""
    parts = [pl.DataFrame(schema=COLUMNS["plant"])]
    for circuit in plan.circuits:
        work = plan.at_extreme(circuit)
        for units in circuit.units:
            if units.count and units.technology.on_site:
                parts.append(_rows(plan, circuit, units, work, prefix))
        parts.append(_heat_pump(circuit, prefix))
    return pl.concat(parts)


def _rows(plan: RejectionPlan, circuit: Circuit, units: Units, work: CircuitWork, prefix: str) -> pl.DataFrame:
    heat_kw = float(work.taken_kw[units.way].max()) / units.count
    electric_kw = float(work.electric_kw[units.way].max()) / units.count
    capacity_kw, electric_max_kw = unit_at(circuit, units, plan.extreme)
    group = group_name(prefix, circuit, units)
    number = pl.int_range(1, units.count + 1, dtype=pl.Int32, eager=True).cast(pl.String).str.zfill(3)
    frame = pl.DataFrame({"number": number}).select(
        unit=pl.format(f"{group}-{{}}", pl.col("number")),
        kind=pl.lit(units.technology.kind),
        product=pl.lit(units.product.key),
        hall=pl.lit(None),
        group=pl.lit(group),
        required_count=pl.lit(needed_count(circuit, units, plan)),
        capacity_kw=pl.lit(capacity_kw),
        heat_kw=pl.lit(heat_kw),
        electric_kw=pl.lit(electric_kw),
        electric_max_kw=pl.lit(max(electric_max_kw, electric_kw)),
        on_ups=pl.lit(value=False),
        source=pl.lit(None),
        alternate=pl.lit(None),
        leak_zone=pl.lit(None),
    )
    return frame.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS["plant"].items())


def _heat_pump(circuit: Circuit, prefix: str) -> pl.DataFrame:
    """The heat pump of a loop's reuse: no heat and no draw on the extreme day, its most for the board that feeds it."""
    empty = pl.DataFrame(schema=COLUMNS["plant"])
    if circuit.reuse is None or circuit.reuse.way != "heat-pump":
        return empty
    hot_c = np.array([circuit.supply_c + circuit.rise_k])
    most = reused(circuit.reuse, np.array([circuit.heat_kw]), hot_c, circuit.reuse.heat_kw)
    group = f"{prefix}-{circuit.loop}-{HEAT_PUMP}"
    row = {
        "unit": f"{group}-001",
        "kind": HEAT_PUMP,
        "group": group,
        # Nothing is missed when it fails: the plant is sized as if nobody took any heat.
        "required_count": 0,
        "capacity_kw": float(most.delivered_kw[0]),
        "heat_kw": 0.0,
        "electric_kw": 0.0,
        "electric_max_kw": float(most.electric_kw[0]),
        "on_ups": False,
    }
    return pl.DataFrame([{**dict.fromkeys(empty.columns), **row}], schema=COLUMNS["plant"])


def group_name(prefix: str, circuit: Circuit, units: Units) -> str:
    """`{prefix}-liquid-dry-cooler`: the units of one way on one loop."""
    return f"{prefix}-{circuit.loop}-{units.way}"


def unit_at(circuit: Circuit, units: Units, air: Air) -> tuple[float, float]:
    """Heat that one unit takes at full load of the loop in this air, and what it draws then."""
    model, bank = units.technology, units.bank(circuit.rise_k, units.count - 1)
    hot_c = np.full_like(air.dry_bulb_c, circuit.supply_c + circuit.rise_k)
    most = model.most_kw(bank, hot_c, air)
    if model.free:
        # Fans run at full speed on whatever heat there is.
        return float(most.min()), bank.rated_kw * units.product.electric_kw_per_heat_kw
    return float(most.min()), float(model.work(bank, most, hot_c, circuit.supply_c, air).electric_kw.max())
