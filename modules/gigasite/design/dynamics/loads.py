"""What each pool draws: nameplate, design maximum, idle, in step with itself, as measured elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.catalog.workload_products import PowerControl, Workload
from gigasite.design.dynamics.caps import draw_kw
from gigasite.design.dynamics.swings import residual_swing_kw
from gigasite.design.model import Design
from gigasite.design.unknown import total


@dataclass(frozen=True, slots=True)
class PoolLoad:
    """The systems of one pool, switches left out. None: the system's draw is unknown."""

    pool: str
    purpose: str
    gpu_count: int
    nameplate_kw: float | None
    """All systems at their maximum."""
    design_kw: float | None
    """All systems at their maximum, or at the cap that the site enforces."""
    set_aside_kw: float | None
    """What the site's power is designed for: that over the pool's oversubscription."""
    idle_ratio: float
    floor_ratio: float
    """What the draw does not fall below while a job waits; the idle ratio where nothing holds it up."""
    peak_excess_ratio: float
    """What firmware that holds the floor leaves of peaks above it."""
    synchronous_ratio: float
    swing_period_s: float
    swing_duty_ratio: float
    utilisation_ratio: float
    peak_ratio: float | None
    """Highest draw of rows of such work, over the design, as published."""
    oversubscription_ratio: float
    ramp_s: float | None
    """Time that starting and stopping jobs take; None: as long as the limits ask."""
    storage_kj: float
    """Energy storage inside the systems."""

    @property
    def idle_kw(self) -> float | None:
        return _times(self.design_kw, self.idle_ratio)

    @property
    def step_kw(self) -> float | None:
        """Change when its synchronous job starts or ends at once: synchronous · (design - idle)."""
        return _times(self.design_kw, self.synchronous_ratio * (1 - self.idle_ratio))

    @property
    def raw_swing_kw(self) -> float | None:
        """Change between compute and communication, before storage: synchronous · design · (1 - floor + peaks)."""
        ratio = min(1 - self.floor_ratio + self.peak_excess_ratio, 1 - self.idle_ratio)
        return _times(self.design_kw, self.synchronous_ratio * max(ratio, 0.0))

    @property
    def swing_kw(self) -> float | None:
        """What the storage inside the systems leaves of it."""
        if self.raw_swing_kw is None:
            return None
        storage_kj = self.storage_kj * self.synchronous_ratio
        return residual_swing_kw(self.raw_swing_kw, storage_kj, self.swing_period_s, self.swing_duty_ratio)

    @property
    def expected_peak_kw(self) -> float | None:
        """What rows of such work were seen to draw at most."""
        return None if self.peak_ratio is None else _times(self.design_kw, self.peak_ratio)

    @property
    def mean_kw(self) -> float | None:
        """Idle while it waits, design while it works, never above what is set aside."""
        drawn_kw = _times(self.design_kw, mean_ratio(self.idle_ratio, self.utilisation_ratio))
        return None if drawn_kw is None or self.set_aside_kw is None else min(drawn_kw, self.set_aside_kw)


@dataclass(frozen=True, slots=True)
class SiteLoad:
    """The pools together. A sum with an unknown part is unknown."""

    pools: tuple[PoolLoad, ...]
    diversity_ratio: float

    @property
    def nameplate_kw(self) -> float | None:
        return total(p.nameplate_kw for p in self.pools)

    @property
    def design_kw(self) -> float | None:
        return total(p.design_kw for p in self.pools)

    @property
    def coincident_kw(self) -> float | None:
        """What all pools draw together at most: Σ power set aside · diversity."""
        return _times(total(p.set_aside_kw for p in self.pools), self.diversity_ratio)

    @property
    def expected_peak_kw(self) -> float | None:
        return total(p.expected_peak_kw for p in self.pools)

    @property
    def mean_kw(self) -> float | None:
        return total(p.mean_kw for p in self.pools)

    @property
    def step_kw(self) -> float | None:
        """All synchronous jobs start or end in the same instant."""
        return total(p.step_kw for p in self.pools)

    @property
    def swing_kw(self) -> float | None:
        """All synchronous jobs wait in the same instant."""
        return total(p.swing_kw for p in self.pools)


def mean_ratio(idle_ratio: float, utilisation_ratio: float) -> float:
    """Mean draw over the design draw of systems that are idle or at work: idle + u · (1 - idle)."""
    return idle_ratio + utilisation_ratio * (1 - idle_ratio)


def site_load(design: Design, catalog: Catalog) -> SiteLoad:
    """The load of all pools, from the resolved site."""
    pools = tuple(_pool_load(design, name, catalog) for name in design.pools)
    return SiteLoad(pools, design.resolved.power.load.diversity_ratio or 1.0)


def _pool_load(design: Design, name: str, catalog: Catalog) -> PoolLoad:
    pool, spec = design.pools[name], design.resolved.pool(name).load
    system = catalog.system(pool.system)
    workload = catalog.of(Workload, pool.purpose)
    controls = [catalog.of(PowerControl, key) for key in system.power_controls]
    idle = spec.idle_ratio or 0.0
    held = spec.power_floor_ratio is not None and spec.power_floor_ratio > idle
    excess = max(
        (c.swing_ratio - (1 - c.floor_ratio_max) for c in controls if c.swing_ratio and c.floor_ratio_max), default=0.0
    )
    return PoolLoad(
        pool=name,
        purpose=pool.purpose,
        gpu_count=pool.gpu_count,
        nameplate_kw=_times(system.max_kw, pool.system_count),
        design_kw=_times(draw_kw(design.resolved.pool(name), system), pool.system_count),
        set_aside_kw=_times(pool.system_kw, pool.system_count),
        idle_ratio=idle,
        floor_ratio=max(spec.power_floor_ratio or 0.0, idle),
        peak_excess_ratio=max(excess, 0.0) if held else 0.0,
        synchronous_ratio=spec.synchronous_ratio or 0.0,
        swing_period_s=spec.swing_period_s or 1.0,
        swing_duty_ratio=0.5 if spec.swing_duty_ratio is None else spec.swing_duty_ratio,
        utilisation_ratio=1.0 if spec.utilisation_ratio is None else spec.utilisation_ratio,
        peak_ratio=workload.peak_ratio,
        oversubscription_ratio=spec.oversubscription_ratio or 1.0,
        ramp_s=None if spec.ramp_min is None else spec.ramp_min * 60,
        storage_kj=sum(c.storage_j_per_gpu or 0.0 for c in controls) * pool.gpu_count / 1000,
    )


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
