"""Load that moves: steps and ramps against generators, grid and batteries; dips; flexible and oversubscribed load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from gigasite.catalog.power_products import Ups
from gigasite.catalog.workload_products import LoadRule, PowerControl, Workload
from gigasite.checks.context import Context
from gigasite.checks.power import after_path_loss
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.dynamics.battery import Need, limits_of, needs
from gigasite.design.dynamics.caps import draw_kw, enforced_cap_kw
from gigasite.design.dynamics.flexibility import Flexibility, flexibility
from gigasite.design.dynamics.generators import generator_steps
from gigasite.design.dynamics.loads import SiteLoad, site_load
from gigasite.design.dynamics.meter import meter_ratio
from gigasite.design.dynamics.ridethrough import ride_through
from gigasite.design.dynamics.risk import Exposure, exposures, overload_s
from gigasite.design.model import Origin
from gigasite.errors import Severity

_SLACK = 1 + 1e-9
_DECIDING: Final = (
    *("generators.product", "generators.unit_kw", "generators.count", "generators.step_ratio"),
    *("generators.ramp_ratio_per_s", ".load.idle_ratio", ".load.synchronous_ratio", ".load.power_floor_ratio"),
    ".load.ramp_min",
)
SHORT_CALL_H: Final = 1.0
"""Calls of a grid that lacks power last hours; what lasts less than one needs a word."""
_SMOOTHED: Final = "write a power floor or slower ramps (power_floor_ratio, ramp_min of pools[].load)"


@check("PWR201", Severity.ERROR, "Generators take the steps of the load")
def generators_take_the_steps(context: Context) -> Iterator[Hit]:
    design, spec = context.design, context.design.resolved.power.generators
    steps = generator_steps(design, _load(context), context.catalog)
    if not steps or spec.step_ratio is None:
        return
    worst = steps[0]
    hint = f"{_SMOOTHED}, or choose larger generators: power.generators.unit_kw"
    if worst.step_ratio > spec.step_ratio * _SLACK:
        over = [step for step in steps if step.step_ratio > spec.step_ratio * _SLACK]
        yield Hit(
            f"on generators, jobs move the load by {kilowatts(worst.step_kw)} at once, {worst.step_ratio:.0%} of the "
            f"{kilowatts(worst.rating_kw)} that run for {worst.where}; they take {spec.step_ratio:.0%} "
            f"({some(step.where for step in over)})",
            hint,
            "power.generators.step_ratio",
            _severity(context),
        )
    if spec.ramp_ratio_per_s and worst.ramp_s:
        steepest = max(step.job_kw / step.rating_kw for step in steps) / worst.ramp_s
        if steepest > spec.ramp_ratio_per_s * _SLACK:
            yield Hit(
                f"jobs start and end within {worst.ramp_s:.0f} s, {steepest:.1%} of the generators' rating a second; "
                f"they follow {spec.ramp_ratio_per_s:.1%}",
                hint,
                "power.generators.ramp_ratio_per_s",
                _severity(context),
            )


@check("PWR202", Severity.ERROR, "The grid takes the load's steps, or a battery smooths them")
def the_grid_takes_the_steps(context: Context) -> Iterator[Hit]:
    yield from _unsmoothed(context, "step")


@check("PWR203", Severity.ERROR, "The load changes no faster than the grid takes, or a battery smooths it")
def the_grid_takes_the_ramps(context: Context) -> Iterator[Hit]:
    yield from _unsmoothed(context, "ramp")


@check("PWR204", Severity.ERROR, "The battery has the power, the energy and the speed that smoothing needs")
def the_battery_smooths(context: Context) -> Iterator[Hit]:
    bess = context.design.resolved.power.bess
    if bess is None:
        return
    found = _needs(context)
    for kind, what in (("swing", "the swing of running jobs"), ("job", "the start and end of jobs")):
        wanted = [need for need in found if need.what == kind]
        if not wanted:
            continue
        power_kw = max(need.power_kw for need in wanted)
        energy_kwh = max(need.energy_kwh or 0.0 for need in wanted)
        change = kilowatts(max(need.change_kw for need in wanted))
        severity = _swing_severity(wanted[0])
        if bess.power_kw * _SLACK < power_kw:
            yield Hit(
                f"to smooth {what}, {change} at the meter, the battery must give {kilowatts(power_kw)}; it gives "
                f"{kilowatts(bess.power_kw)}",
                f"raise power.bess.power_kw, or {_SMOOTHED}",
                "power.bess.power_kw",
                severity,
            )
        if bess.energy_kwh * _SLACK < energy_kwh:
            yield Hit(
                f"to smooth {what}, {change} at the meter, the battery must hold {_energy(energy_kwh)}; it holds "
                f"{_energy(bess.energy_kwh)}",
                f"raise power.bess.energy_kwh, or {_SMOOTHED}",
                "power.bess.energy_kwh",
                severity,
            )
        late_s = min(need.response_max_s or 0.0 for need in wanted)
        if kind == "swing" and bess.response_s is not None and bess.response_s > late_s:
            yield Hit(
                f"the battery gives its power after {bess.response_s:g} s; the load swings within {late_s:g} s",
                "choose faster converters, or storage and power floors in the racks: power.bess.response_s",
                "power.bess.response_s",
                severity,
            )


@check("PWR205", Severity.ERROR, "The load rides through the dips that the grid's rules name")
def the_load_rides_through_dips(context: Context) -> Iterator[Hit]:
    ride = ride_through(context.design, context.catalog)
    stays_s, by = ride.stood_s, ride.stood_by
    if ride.claimed_s is not None and ride.claimed_s < stays_s:
        stays_s, by = ride.claimed_s, "power.load.ride_through_s"
    if ride.asked_s is not None and ride.asked_s > stays_s * _SLACK:
        leaves = "" if ride.leaves_kw is None else f"; the grid loses up to {kilowatts(ride.leaves_kw)}"
        yield Hit(
            f"the grid asks to stay through dips of {ride.asked_s:g} s, the racks stay up {stays_s:g} s ({by}){leaves}",
            "give the UPS more minutes: power.blocks.ups_min",
            "power.utility.ride_through_s",
        )
    if ride.claimed_s is not None and ride.claimed_s > ride.stood_s * _SLACK:
        yield Hit(
            f"the load is said to ride through {ride.claimed_s:g} s, {ride.stood_by} carry it {ride.stood_s:g} s",
            "give the UPS more minutes (power.blocks.ups_min), or lower power.load.ride_through_s",
            "power.load.ride_through_s",
        )


@check("PWR206", Severity.ERROR, "What the utility may call back is covered")
def interruptible_power_is_covered(context: Context) -> Iterator[Hit]:
    design = context.design
    called_mw = design.resolved.power.utility.interruptible_mw
    need_kw = design.power.utility_kw
    if not called_mw or need_kw is None:
        return
    flexible = flexibility(design, _load(context), context.catalog)
    given_kw = need_kw if design.power.utility_available_kw is None else design.power.utility_available_kw
    firm_kw = max(given_kw - called_mw * 1000, 0.0)
    missing_kw = need_kw - firm_kw
    if flexible.cover_kw is None:
        return
    if missing_kw <= flexible.cover_kw * _SLACK:
        yield from _battery_lasts(flexible, missing_kw)
        return
    standby = "" if flexible.bess_h is None else f" (the battery for {flexible.bess_h:.1f} h)"
    if flexible.standby_kw:
        standby += f"; standby generators give {kilowatts(flexible.standby_kw)} where their permit lets them"
    yield Hit(
        f"with {kilowatts(called_mw * 1000)} called back the grid gives {kilowatts(firm_kw)}, "
        f"{kilowatts(missing_kw)} less than the site draws; flexible load, battery and own generation cover "
        f"{kilowatts(flexible.cover_kw)}"
        f"{standby}",
        "promise flexible load (power.load.flexible_ratio), add a battery or own generation, or buy firm power",
        "power.utility.interruptible_mw",
    )


def _battery_lasts(flexible: Flexibility, missing_kw: float) -> Iterator[Hit]:
    """How long a battery that a call rests on lasts: nobody says how long the utility calls."""
    of_battery_kw = missing_kw - ((flexible.cover_kw or 0.0) - flexible.bess_kw)
    if flexible.bess_h is None or of_battery_kw <= 0:
        return
    lasts_h = flexible.bess_h * flexible.bess_kw / of_battery_kw
    if lasts_h < SHORT_CALL_H:
        yield Hit(
            f"a call leaves {kilowatts(of_battery_kw)} to the battery, which lasts {lasts_h * 60:,.0f} min",
            "see how long the utility may call its part back: power.bess.energy_kwh",
            "power.bess.energy_kwh",
            Severity.WARNING,
        )


@check("PWR207", Severity.WARNING, "Caps and power profiles can be held")
def caps_can_be_held(context: Context) -> Iterator[Hit]:
    for index, pool in enumerate(context.design.spec.pools):
        system = context.systems[pool.name]
        profile_kw = system.power_profiles_kw.get(pool.load.profile or "")
        idle = context.catalog.of(Workload, pool.purpose.value).idle_ratio
        if profile_kw is not None and system.max_kw is not None and profile_kw > system.max_kw * _SLACK:
            yield Hit(
                f"profile {pool.load.profile} of {system.key} is {kilowatts(profile_kw)}, above the "
                f"{kilowatts(system.max_kw)} that it draws: it caps nothing",
                f"profiles below that: {_profiles_below(system.power_profiles_kw, system.max_kw)}",
                f"pools[{index}].load.profile",
            )
        cap_kw = enforced_cap_kw(pool, system)
        if cap_kw is not None and system.max_kw is not None and idle is not None and cap_kw < idle * system.max_kw:
            yield Hit(
                f"the cap of pool {pool.name}, {kilowatts(cap_kw)} a system, lies below the "
                f"{kilowatts(idle * system.max_kw)} that {system.key} is taken to draw without work",
                "raise power_cap_kw: no firmware holds a system below its idle draw",
                f"pools[{index}].power_cap_kw",
            )


@check("PWR208", Severity.WARNING, "No more power is promised to a pool than such work leaves")
def oversubscription_has_its_reasons(context: Context) -> Iterator[Hit]:
    for exposure in _exposures(context):
        pool = context.design.resolved.pool(exposure.pool)
        together = pool.load.synchronous_ratio or 0.0
        capped = 1 + (context.catalog.of(PowerControl, "polca").extra_gpu_ratio or 0.0)
        safe = exposure.safe_ratio or 1.0
        if exposure.ratio <= safe * _SLACK:
            severity, why = Severity.INFO, f"published peaks of such work leave {safe:.2f}"
        elif together > 0.5:
            severity, why = Severity.ERROR, f"{together:.0%} of it works in step, so that nothing averages out"
        elif exposure.ratio <= capped * _SLACK:
            severity, why = Severity.INFO, f"published for inference up to {capped:.2f}, with frequency caps"
        else:
            severity, why = Severity.WARNING, f"nobody published more than {capped:.2f}"
        yield Hit(
            f"pool {exposure.pool} can draw {kilowatts(exposure.can_draw_kw)} on {kilowatts(exposure.set_aside_kw)}, "
            f"{kilowatts(exposure.above_kw)} above; {why}{_chance(exposure)}{_first_trip(context, exposure)}",
            "see that caps are enforced when a row comes near its limit, or lower oversubscription_ratio",
            f"{context.pool_at(exposure.pool)}.load.oversubscription_ratio",
            severity,
        )


@check("PWR209", Severity.ERROR, "Circuits and supplies carry an oversubscribed rack at its full draw")
def circuits_carry_full_racks(context: Context) -> Iterator[Hit]:
    for exposure in _exposures(context):
        full_kw = draw_kw(context.design.resolved.pool(exposure.pool), context.systems[exposure.pool])
        for what, over in _short_racks(context, exposure):
            worst = over.sort(pl.col("has_kw") / pl.col("needs_kw")).row(0, named=True)
            yield Hit(
                f"{count(over['rack'].n_unique(), 'rack')} of {exposure.pool} at {kilowatts(full_kw or 0.0)} a system: "
                f"{what} {kilowatts(worst['needs_kw'])} on {kilowatts(worst['has_kw'])} "
                f"({some(over['rack'].unique(maintain_order=True))})",
                "what is oversubscribed averages over many racks, never in one: use larger circuits, or a cap",
                context.pool_at(exposure.pool),
            )


@check("PWR210", Severity.ERROR, "The load that is promised to the grid can be shed")
def flexible_load_can_be_shed(context: Context) -> Iterator[Hit]:
    flexible = flexibility(context.design, _load(context), context.catalog)
    if not flexible.claimed_kw or flexible.sheddable_kw is None:
        return
    if flexible.claimed_kw > flexible.sheddable_kw * _SLACK:
        yield Hit(
            f"{kilowatts(flexible.claimed_kw)} of IT load are promised to the grid; after {flexible.notice_min:g} min "
            f"of warning the pools give up {kilowatts(flexible.sheddable_kw)}",
            "promise less, or with a longer warning: training stops within power.load.flexible_notice_min only after "
            "its checkpoint",
            "power.load.flexible_ratio",
        )


@check("PWR211", Severity.WARNING, "The pools' diversity leaves the peaks that such work was seen to have")
def diversity_leaves_the_peaks(context: Context) -> Iterator[Hit]:
    load = _load(context)
    together, peaks, design_kw = load.coincident_kw, load.expected_peak_kw, load.design_kw
    if load.diversity_ratio >= 1 or together is None or peaks is None or not design_kw or peaks <= together * _SLACK:
        return
    yield Hit(
        f"a diversity of {load.diversity_ratio:.2f} leaves the pools {kilowatts(together)} together; by published "
        f"peaks such work reaches {kilowatts(peaks)}, {peaks / design_kw:.0%} of what it can draw",
        "raise power.load.diversity_ratio, or enforce caps: power_cap_kw of the pools",
        "power.load.diversity_ratio",
    )


@check("PWR212", Severity.INFO, "A site that the grid's rules call large says how long it rides through dips")
def large_loads_know_their_rules(context: Context) -> Iterator[Hit]:
    design = context.design
    kw, grid = design.power.utility_kw, design.resolved.location.grid
    if kw is None or grid is None or design.resolved.power.utility.ride_through_s is not None:
        return
    key = context.catalog.grid(grid).key
    for rule in context.catalog.all_of(LoadRule):
        if key in rule.grids and kw >= rule.from_mw * 1000:
            yield Hit(
                f"{rule.title}: sites of {rule.from_mw:g} MW and more are asked {rule.asks}; this one draws "
                f"{kilowatts(kw)}",
                "ask the utility for the curve in force and state its longest dip: power.utility.ride_through_s",
                "power.utility.ride_through_s",
            )


def _unsmoothed(context: Context, limit: str) -> Iterator[Hit]:
    """Changes above a limit of the grid where there is no battery; one that is too small is PWR204's."""
    if context.design.resolved.power.bess is not None:
        return
    for need in _needs(context):
        if need.limit != limit:
            continue
        within = "at once" if limit == "step" else "within a minute"
        what = "running jobs swing by" if need.what == "swing" else "jobs that start or end move the load by"
        energy = "" if need.energy_kwh is None else f" and {_energy(need.energy_kwh)}"
        key = "step_mw" if limit == "step" else "ramp_mw_per_min"
        yield Hit(
            f"{what} {kilowatts(need.change_kw)} at the meter; the grid takes {kilowatts(need.limit_kw)} {within}",
            f"add a battery of {kilowatts(need.power_kw)}{energy} (power.bess), or {_SMOOTHED}{_asked(need)}",
            f"power.utility.{key}",
            _swing_severity(need),
        )


def _swing_severity(need: Need) -> Severity | None:
    """A warning where a swing meets a limit of ramps: the rule may mean changes of the mean, or every change."""
    return Severity.WARNING if (need.what, need.limit) == ("swing", "ramp") else None


def _asked(need: Need) -> str:
    if _swing_severity(need) is None:
        return ""
    return "; ask the utility whether its ramp counts swings about a steady mean, and state power.utility.step_mw"


def _needs(context: Context) -> tuple[Need, ...]:
    load, limits = _load(context), limits_of(context.design)
    if limits.step_kw is None and limits.ramp_kw_per_min is None:
        return ()
    meter = meter_ratio(context.design, context.catalog, load.step_kw or 0.0)
    return needs(load, limits, meter) or ()


def _load(context: Context) -> SiteLoad:
    return site_load(context.design, context.catalog)


def _exposures(context: Context) -> tuple[Exposure, ...]:
    counts = {name: pool.system_count for name, pool in context.design.pools.items()}
    return exposures(_load(context).pools, counts)


def _short_racks(context: Context, exposure: Exposure) -> Iterator[tuple[str, pl.DataFrame]]:
    """Racks of a pool that circuits or supplies do not carry at the systems' full draw: `rack, needs_kw, has_kw`."""
    racks = context.tables.racks.filter(pl.col("pool") == exposure.pool, pl.col("kind") == "pool").select("rack")
    feeds = context.tables.feeds.join(racks, on="rack", how="semi", maintain_order="left")
    full_kw = pl.col("load_kw") * exposure.ratio
    cases = [("a feed carries", feeds.select("rack", needs_kw=full_kw, has_kw="usable_kw"))]
    if context.promises_maintenance:
        after = after_path_loss(context).join(racks, on="rack", how="semi", maintain_order="left")
        carries = after.select("rack", needs_kw=pl.col("after_kw") * exposure.ratio, has_kw="usable_kw")
        cases.append(("with a path lost, a feed carries", carries))
        known = feeds.filter(pl.col("supply_kw").is_not_null().all().over("rack"))
        supplies = known.with_columns(
            needs_kw=pl.col("load_kw").sum().over("rack") * exposure.ratio,
            has_kw=pl.col("supply_kw").sum().over("rack") - pl.col("supply_kw"),
        ).filter(pl.col("has_kw") > 0)
        cases.append(("with a feed lost, the supplies left carry", supplies.select("rack", "needs_kw", "has_kw")))
    for what, rows in cases:
        over = rows.filter(pl.col("needs_kw") > pl.col("has_kw") * _SLACK)
        if over.height:
            yield what, over
            return


def _energy(kwh: float) -> str:
    return f"{kwh * 1000:,.0f} Wh" if kwh < 1 else f"{kwh:,.0f} kWh"


def _severity(context: Context) -> Severity | None:
    """Info where nobody decided anything about the step or the generators: an error rests on what somebody stated."""
    stated = [s.path for s in context.design.settings if s.origin is Origin.SITE]
    return None if any(path.endswith(_DECIDING) for path in stated) else Severity.INFO


def _profiles_below(profiles: Mapping[str, float], most_kw: float) -> str:
    return ", ".join(name for name, kw in profiles.items() if kw < most_kw) or "none; write power_cap_kw"


def _chance(exposure: Exposure) -> str:
    if exposure.probability is None:
        return ""
    return f"; uncapped it would be above {exposure.probability:.2%} of the time"


def _first_trip(context: Context, exposure: Exposure) -> str:
    """What gives way first when the whole pool draws all it can: the UPS of its blocks."""
    product = context.design.resolved.power.ups.product
    racks = context.tables.racks.filter(pl.col("pool") == exposure.pool).select("rack")
    buses = context.tables.feeds.join(racks, on="rack", how="semi")["block"].unique()
    blocks = context.tables.blocks.filter(pl.col("bus").is_in(buses.implode()), pl.col("load_kw").is_not_null())
    if product is None or not blocks.height:
        return ""
    ratio = float((blocks["load_kw"] * exposure.ratio / blocks["unit_kw"]).max() or 0.0)  # type: ignore[arg-type]
    if ratio <= 1:
        return f"; the blocks would carry it, {ratio:.0%} of their rating"
    seconds = overload_s(context.catalog.of(Ups, product).overload_points, ratio)
    return f"; the UPS of a block would carry {ratio:.0%}, which it stands {seconds:.0f} s"
