"""The load in time as plain figures, for summaries and reports."""

from __future__ import annotations

from typing import Any

from gigasite.catalog.load import Catalog
from gigasite.design.dynamics.battery import limits_of, needs
from gigasite.design.dynamics.flexibility import flexibility
from gigasite.design.dynamics.generators import GeneratorStep, cold_start, full_load_s, generator_steps
from gigasite.design.dynamics.loads import PoolLoad, site_load
from gigasite.design.dynamics.meter import meter_ratio
from gigasite.design.dynamics.ridethrough import ride_through
from gigasite.design.dynamics.risk import exposures
from gigasite.design.dynamics.stages import grid_stages
from gigasite.design.dynamics.swings import buffer_s, voltage_change_max_ratio
from gigasite.design.electrical.figures import firm_generation_kw
from gigasite.design.model import Design


def kw_per_gpu(kw: float | None, gpu_count: int) -> float | None:
    """Power for each accelerator. Say of what: the systems (IT), the facility at the meter, or the connection."""
    return None if kw is None or not gpu_count else kw / gpu_count


def gpus_in_fixed_power(gpu_count: int, extra_gpu_ratio: float) -> int:
    """Accelerators in the same power when each draws 1 / (1 + extra) of it, rounded down to whole ones."""
    return int(gpu_count * (1 + extra_gpu_ratio) + 1e-9)


def dynamics_figures(design: Design, catalog: Catalog) -> dict[str, Any]:
    """How the load moves, as plain data; a figure that a missing fact makes unknown is null."""
    load, power = site_load(design, catalog), design.power
    gpus = sum(pool.gpu_count for pool in design.pools.values())
    meter = meter_ratio(design, catalog, load.step_kw or 0.0)
    flexible = flexibility(design, load, catalog)
    ride = ride_through(design, catalog)
    hardest = next(iter(generator_steps(design, load, catalog)), None)
    counts = {name: pool.system_count for name, pool in design.pools.items()}
    utility = design.resolved.power.utility
    ramp = limits_of(design).ramp_kw_per_min
    step = None if load.step_kw is None else load.step_kw * meter
    bound = (
        voltage_change_max_ratio(step, utility.voltage_kv, utility.fault_level_ka)
        if step is not None and utility.voltage_kv and utility.fault_level_ka
        else None
    )
    return {
        "nameplate_kw": _kw(load.nameplate_kw),
        "design_kw": _kw(load.design_kw),
        "coincident_kw": _kw(load.coincident_kw),
        "expected_peak_kw": _kw(load.expected_peak_kw),
        "mean_kw": _kw(load.mean_kw),
        "step_kw": _kw(load.step_kw),
        "step_meter_kw": _kw(step),
        "swing_kw": _kw(load.swing_kw),
        "ramp_min": None if step is None or not ramp else round(step / ramp, 3),
        "voltage_change_max_ratio": None if bound is None else round(bound, 5),
        "kw_per_gpu": {
            "it": _kw(kw_per_gpu(power.it_kw, gpus)),
            "facility": _kw(kw_per_gpu(power.utility_kw, gpus)),
            "site": _kw(kw_per_gpu(power.utility_available_kw, gpus)),
        },
        "pools": {p.pool: _pool(p) for p in load.pools},
        "generators": None
        if hardest is None
        else {
            "hardest_at": hardest.where,
            "step_ratio": round(hardest.step_ratio, 4),
            "load_ratio": round(hardest.load_ratio, 4),
            "full_load_s": _full_load_s(design, hardest),
        },
        "cold_start": _cold_start(design, hardest),
        "battery_needs": [
            {
                "for": need.what,
                "limit": need.limit,
                "change_kw": _kw(need.change_kw),
                "power_kw": _kw(need.power_kw),
                "energy_kwh": _kw(need.energy_kwh),
            }
            for need in needs(load, limits_of(design), meter) or ()
        ],
        "ride_through": {"asked_s": ride.asked_s, "stood_s": ride.stood_s, "leaves_kw": _kw(ride.leaves_kw)},
        "flexible": {
            "notice_min": flexible.notice_min,
            "claimed_kw": _kw(flexible.claimed_kw),
            "sheddable_kw": _kw(flexible.sheddable_kw),
            "cover_kw": _kw(flexible.cover_kw),
            "battery_h": flexible.bess_h,
        },
        "oversubscribed": {
            e.pool: {"ratio": e.ratio, "above_kw": _kw(e.above_kw), "probability": e.probability}
            for e in exposures(load.pools, counts)
        },
        "grid": [
            {
                "date": stage.date or None,
                "available_kw": _kw(stage.available_kw),
                "firm_kw": _kw(stage.firm_kw),
                "scalable_units": dict(stage.su_counts),
                "firm_scalable_units": dict(stage.firm_su_counts),
                "used_kw": _kw(stage.used_kw),
            }
            for stage in grid_stages(design, firm_generation_kw(design, catalog))
        ],
    }


def _full_load_s(design: Design, plant: GeneratorStep) -> float | None:
    spec = design.resolved.power.generators
    if spec.start_s is None or spec.step_ratio is None:
        return None
    seconds = full_load_s(spec.start_s, plant.load_ratio, spec.step_ratio, spec.ramp_ratio_per_s)
    return None if seconds is None else round(seconds, 1)


def _cold_start(design: Design, plant: GeneratorStep | None) -> dict[str, Any] | None:
    """Stages in which a common plant of generators picks up the dark site's blocks."""
    spec = design.resolved.power.generators
    loads = design.tables.blocks["load_kw"].to_list()
    if plant is None or spec.location != "site" or spec.step_ratio is None or None in loads or not sum(loads):
        return None
    at_plant = [kw * plant.load_kw / sum(loads) for kw in loads]
    stages, seconds = cold_start(at_plant, plant.rating_kw, spec.step_ratio, spec.ramp_ratio_per_s)
    return {"stages": len(stages), "s": None if seconds is None else round(seconds, 1)}


def _pool(pool: PoolLoad) -> dict[str, Any]:
    return {
        "nameplate_kw": _kw(pool.nameplate_kw),
        "design_kw": _kw(pool.design_kw),
        "set_aside_kw": _kw(pool.set_aside_kw),
        "idle_kw": _kw(pool.idle_kw),
        "expected_peak_kw": _kw(pool.expected_peak_kw),
        "mean_kw": _kw(pool.mean_kw),
        "step_kw": _kw(pool.step_kw),
        "swing_kw": _kw(pool.swing_kw),
        "storage_s": round(buffer_s(pool.storage_kj * 1000, pool.design_kw), 4) if pool.design_kw else None,
        "system_kw_per_gpu": _kw(kw_per_gpu(pool.design_kw, pool.gpu_count)),
    }


def _kw(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
