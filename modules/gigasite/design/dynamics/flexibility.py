"""Load that can make room when the grid asks: how much, after which warning, and what else covers a call."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.catalog.workload_products import Workload
from gigasite.design.dynamics.loads import PoolLoad, SiteLoad
from gigasite.design.dynamics.meter import meter_ratio
from gigasite.design.model import Design
from gigasite.design.unknown import total
from gigasite.spec.generation import GenerationKind

WEATHER_BOUND = (GenerationKind.SOLAR, GenerationKind.WIND)


@dataclass(frozen=True, slots=True)
class Flexibility:
    """What the site promises and what it can keep, at the rack feeds or at the meter as named."""

    notice_min: float
    claimed_kw: float | None
    """IT load that the site says may be curtailed."""
    sheddable_kw: float | None
    """IT load that its pools can give up after that warning."""
    claimed_meter_kw: float | None
    """What the grid sees of the claim that can be kept."""
    bess_kw: float
    bess_h: float | None
    """How long the battery gives its power; None: there is none."""
    generation_kw: float
    """Own generation on the site that the supply counts on."""
    standby_kw: float | None
    """Standby generators, where their permit lets them run for the grid; None: unknown."""

    @property
    def cover_kw(self) -> float | None:
        """What a call of the grid can be answered with: flexible load, battery, own generation."""
        return None if self.claimed_meter_kw is None else self.claimed_meter_kw + self.bess_kw + self.generation_kw


def sheddable_ratio(workload: Workload, notice_min: float, idle_ratio: float) -> float:
    """Part of the design draw that a kind of work gives up after a warning.

    Work that can stop falls to idle, given time for its checkpoint; other work, or without that time, is slowed.
    """
    slowed = min(workload.shed_ratio or 0.0, 1 - idle_ratio)
    stops = bool(workload.pausable) and notice_min >= (workload.pause_notice_min or 0.0)
    return max(1 - idle_ratio, slowed) if stops else slowed


def sheddable_kw(pool: PoolLoad, workload: Workload, notice_min: float) -> float | None:
    """What a pool gives up of the power that is set aside for it; None: unknown.

    An oversubscribed pool draws no more than that, and rests at the idle draw of all of its systems.
    """
    drawn_kw, idle_kw = pool.set_aside_kw, pool.idle_kw
    if drawn_kw is None or idle_kw is None or not drawn_kw:
        return drawn_kw
    return drawn_kw * sheddable_ratio(workload, notice_min, min(idle_kw / drawn_kw, 1.0))


def flexibility(design: Design, load: SiteLoad, catalog: Catalog) -> Flexibility:
    """The site's flexible load against what its pools can shed, and what else covers an interruptible connection.

    The meter sees the shed load and what the chain loses less for it; what cooling saves beside it is not counted.
    """
    power, spec = design.resolved.power, design.resolved.power.load
    notice = spec.flexible_notice_min or 0.0
    shed = total(sheddable_kw(p, catalog.of(Workload, p.purpose), notice) for p in load.pools)
    it_kw = design.power.coincident_it_kw
    claimed = None if it_kw is None else it_kw * (spec.flexible_ratio or 0.0)
    kept = None if claimed is None or shed is None else min(claimed, shed)
    bess = power.bess
    own = [
        g.unit_kw * (g.unit_count if g.required_count is None else g.required_count)
        for g in power.generation
        if g.delivery == "on-site" and g.kind not in WEATHER_BOUND
    ]
    return Flexibility(
        notice_min=notice,
        claimed_kw=claimed,
        sheddable_kw=shed,
        claimed_meter_kw=kept * meter_ratio(design, catalog, kept) if kept else kept,
        bess_kw=bess.power_kw if bess else 0.0,
        bess_h=bess.energy_kwh / bess.power_kw if bess else None,
        generation_kw=sum(own),
        standby_kw=_standby_kw(design),
    )


def _standby_kw(design: Design) -> float | None:
    spec = design.resolved.power.generators
    count = spec.count if spec.location == "site" else design.power.block_count
    unit_kw = spec.unit_kw or (design.power.unit_kw if spec.location == "block" else None)
    return None if spec.location is None or count is None or unit_kw is None else count * unit_kw
