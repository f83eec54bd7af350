"""Defaults of how the load of the site and of its pools moves."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.catalog.workload_products import PowerControl, Workload
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.spec.pools import PoolSpec
from gigasite.spec.power import PowerSpec
from gigasite.spec.site import SiteSpec

_FROM_WORKLOAD = ("utilisation_ratio", "idle_ratio", "synchronous_ratio", "swing_period_s", "swing_duty_ratio")


def pools_with_loads(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> tuple[PoolSpec, ...]:
    """The pools, each with the defaults of its load."""
    return tuple(_with_load(resolver, index, pool, spec, catalog) for index, pool in enumerate(spec.pools))


def with_load(resolver: Resolver, power: PowerSpec) -> PowerSpec:
    """The power chain with the defaults of the site's load; its UPS is known already."""
    ups_s = None if power.blocks.ups_min is None else power.blocks.ups_min * 60
    defaults = {
        "diversity_ratio": Default(1.0, "the pools may peak in the same hour"),
        "flexible_ratio": Default(0.0, "no load is promised to the grid"),
        "flexible_notice_min": Default(0.0, "the grid calls without warning"),
        "ride_through_s": Default(ups_s, "as long as the UPS carries the load", Origin.DERIVED),
    }
    return power.model_copy(update={"load": resolver.part("power.load", power.load, defaults)})


def _with_load(resolver: Resolver, index: int, pool: PoolSpec, spec: SiteSpec, catalog: Catalog) -> PoolSpec:
    workload = catalog.of(Workload, pool.purpose.value)
    defaults = {field: _default(workload, field) for field in _FROM_WORKLOAD}
    defaults["oversubscription_ratio"] = Default(1.0, "power is set aside for all that the systems can draw")
    defaults |= _shaping(pool, spec, catalog)
    return pool.model_copy(update={"load": resolver.part(f"pools[{index}].load", pool.load, defaults)})


def _default(workload: Workload, field: str) -> Default:
    """A figure of the kind of work, with what the catalog says of it."""
    source = workload.origins.get(field)
    sourced = source is not None and source.tier != "assumption"
    why = f"{workload.title}: {source.note or source.doc}" if source else f"{workload.title}: nobody says"
    return Default(getattr(workload, field), why, Origin.CATALOG if sourced else Origin.ASSUMPTION)


def _shaping(pool: PoolSpec, spec: SiteSpec, catalog: Catalog) -> dict[str, Default]:
    """Power floor and ramps: systems that can hold them do so where the grid sets limits."""
    utility = spec.power.utility
    controls = [catalog.of(PowerControl, key) for key in catalog.system(pool.system).power_controls]
    floors = [c for c in controls if c.floor_ratio_max is not None]
    ramps = [c for c in controls if c.limits_ramps]
    floor = Default(None, "nothing holds the draw up while a job waits")
    if floors and (utility.step_mw or utility.ramp_mw_per_min):
        floor = Default(floors[0].floor_ratio_max, f"the grid limits steps; {floors[0].title}", Origin.CATALOG)
    if ramps:
        return {
            "power_floor_ratio": floor,
            "ramp_min": Default(None, f"as slow as grid and generators ask; {ramps[0].title}", Origin.CATALOG),
        }
    return {"power_floor_ratio": floor, "ramp_min": Default(0.0, "nothing slows the start and the end of jobs")}
