"""Expensive mistakes of the power chain: each is found by its own check, at the limit that arithmetic gives.

Every limit is computed here from the tables or from the site's own figures, not by the function that the check uses.
Just beyond it the same site is silent.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from gigasite.catalog.power_products import Generator, Transformer
from gigasite.design.model import Design
from gigasite.errors import Severity

from .sites import Site, catalog, changed, design_of, found, numbers, says, serious, site, switches_at

GB300 = site("gb300-nvl72", 36, pool__power_cap_kw=132)
H100 = site("dgx-h100", 8)


def survivors_kw(design: Design) -> dict[str, float]:
    """The most that each block carries when another is lost: each rack's share moves to its other feeds."""
    racks: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in design.tables.feeds.iter_rows(named=True):
        racks[row["rack"]].append((row["block"], row["load_kw"]))
    worst: dict[str, float] = defaultdict(float)
    for lost in {block for feeds in racks.values() for block, _ in feeds}:
        after: dict[str, float] = defaultdict(float)
        for feeds in racks.values():
            total, gone = sum(kw for _, kw in feeds), sum(kw for block, kw in feeds if block == lost)
            for block, kw in feeds:
                if block != lost and total > gone:
                    after[block] += kw * total / (total - gone)
        for block, kw in after.items():
            worst[block] = max(worst[block], kw)
    return worst


@pytest.mark.parametrize("volts", [208, 400, 415, 480])
@pytest.mark.parametrize(("electrical", "usable"), [("nec", 0.8), ("iec", 1.0)])
def test_feeds_that_cannot_carry_their_racks_alone(volts: float, electrical: str, usable: float) -> None:
    made = changed(
        H100,
        standards={"electrical": electrical},
        power__blocks__rack_voltage_v=volts,
        pool__nodes_per_rack=2,
        pool__power_cap_kw=9,
        racks={"feeds": 2},
    )
    racks = design_of(made).tables.racks
    kw = float(racks.filter(racks["kind"] == "pool")["it_kw"].max())  # type: ignore[arg-type]
    assert kw >= 18.0
    amperes = kw * 1000 / (math.sqrt(3) * volts * usable)
    hit = switches_at(lambda a: changed(made, racks__breaker_a=a), amperes, "PWR101")
    assert says(hit, round(kw, 1))


@pytest.mark.parametrize(("system", "supply_kw", "left"), [("dgx-h100", 3.3, 3), ("dgx-b200", 3.3, 3)])
def test_supplies_on_the_surviving_feed_cannot_carry_the_system(system: str, supply_kw: float, left: int) -> None:
    """Six supplies on two feeds are three when a feed is lost, whatever `4+2` or `5+1` say."""
    hit = switches_at(
        lambda cap: site(system, 8, pool__power_cap_kw=cap, pool__nodes_per_rack=1, racks={"feeds": 2}),
        supply_kw * left,
        "PWR102",
        wrong="above",
    )
    assert says(hit, supply_kw * left)


def test_grid_power_short_at_the_extreme_hour() -> None:
    """What the site draws is counted on its hottest day: the sum of racks, plant and losses of every element."""
    hot = changed(GB300, location={"extreme_dry_bulb_c": 46, "extreme_wet_bulb_c": 28})
    mild = changed(GB300, location={"extreme_dry_bulb_c": 26, "extreme_wet_bulb_c": 20})
    tables = design_of(hot).tables
    kw = (
        float(tables.racks["it_kw"].sum())
        + float(tables.plant["electric_kw"].sum())
        + float(tables.elements["loss_kw"].sum())
    )
    hit = switches_at(lambda mw: changed(hot, power__utility__available_mw=mw), kw / 1000, "PWR121", rel=2e-4)
    assert says(hit, round(kw / 1000, 2))
    assert not serious(design_of(changed(mild, power__utility__available_mw=kw / 1000 * 0.999)), "PWR121")


def test_grid_power_short_at_a_date() -> None:
    kw = design_of(GB300).power.utility_kw or 0.0
    dated = {"2027-03": kw / 1000 * 0.5, "2027-09": kw / 1000 * 0.999, "2028-01": kw / 1000 * 1.01}
    hits = found(design_of(changed(GB300, power__utility__available_mw=dated)), "PWR122")
    assert [f.at.rsplit(".", 1)[-1] for f in hits] == ["2027-03", "2027-09"]
    assert says(hits[0], 50)
    assert not found(design_of(changed(GB300, power__utility__available_mw={"2027-03": kw / 1000 * 1.001})), "PWR122")


@pytest.mark.parametrize(("name", "count"), [("2N", 2), ("3N2R", 3), ("4N3R", 4), ("5N4R", 5), ("5N3R", 5)])
def test_a_survivor_is_overloaded_after_a_block_is_lost(name: str, count: int) -> None:
    made = site("gb300-nvl72", 144, pool__power_cap_kw=132, power__blocks={"topology": name, "count": count})
    worst = max(survivors_kw(design_of(changed(made, power__blocks__unit_kw=2500))).values())
    hit = switches_at(lambda unit: changed(made, power__blocks__unit_kw=unit), worst, "PWR112")
    assert says(hit, worst, rel=1e-3)


def test_blocks_on_one_bus_share_what_a_lost_one_leaves() -> None:
    made = site("dgx-h100", 32, power__blocks={"topology": "N+1", "count": 4}, racks={"feeds": 2})
    it_kw = design_of(changed(made, power__blocks__unit_kw=500)).power.it_kw or 0.0
    hit = switches_at(lambda unit: changed(made, power__blocks__unit_kw=unit), it_kw / 3, "PWR112")
    assert says(hit, it_kw / 3)


@pytest.mark.parametrize(("topology", "shared"), [("N", True), ("N+1", True), ("2N", False), ("4N3R", False)])
def test_both_feeds_of_a_rack_come_from_one_bus(topology: str, shared: bool) -> None:
    design = design_of(changed(GB300, power__blocks__topology=topology))
    assert bool(serious(design, "PWR106")) is shared


@pytest.mark.parametrize("code", ["PWR176", "PWR173"])
def test_both_sides_of_a_rack_stand_in_one_room(code: str) -> None:
    promise = "fault-tolerant" if code == "PWR173" else "concurrently-maintainable"
    made = changed(GB300, standards__availability=promise)
    racks = design_of(made).tables.racks.height
    hit = next(f for f in found(design_of(changed(made, power__blocks__rooms=1)), code) if "fire" in f.message)
    assert says(hit, racks)
    assert not [f for f in found(design_of(changed(made, power__blocks__rooms=2)), code) if "fire" in f.message]


@pytest.mark.parametrize(("start_s", "step", "ramp"), [(10.0, 0.5, 0.02), (60.0, 0.25, 0.05), (120.0, 1.0, 0.02)])
def test_batteries_shorter_than_the_start_of_generators(start_s: float, step: float, ramp: float) -> None:
    """They last until the generators, after start and ramp, carry all: else error; a second start: else warning."""
    generators = {"start_s": start_s, "step_ratio": step, "ramp_ratio_per_s": ramp}
    needed_min = (start_s + (1 - step) / ramp) / 60

    def made(minutes: float) -> Site:
        return changed(GB300, power__generators=generators, power__blocks__ups_min=minutes)

    late, tight = design_of(made(needed_min * 0.99)), design_of(made(needed_min * 1.99))
    assert [f.severity for f in serious(late, "PWR146")] == [Severity.ERROR]
    assert [f.severity for f in serious(tight, "PWR146")] == [Severity.WARNING]
    assert not serious(design_of(made(needed_min * 2.01)), "PWR146")
    assert says(serious(late, "PWR146")[0], round(needed_min * 60))


@pytest.mark.parametrize(("step", "idle"), [(0.5, 0.2), (0.25, 0.2), (0.7, 0.1)])
def test_a_step_of_load_above_what_generators_take(step: float, idle: float) -> None:
    """All jobs start at once: (1 - idle) of the pool's racks on each block, over the rating of its generator."""
    load = {"ramp_min": 0, "idle_ratio": idle, "synchronous_ratio": 1}
    made = changed(GB300, pool__load=load, power__generators={"step_ratio": step})
    feeds = design_of(made).tables.feeds
    pool = feeds.filter(feeds["supply_kw"].is_not_null())
    moved = max(_by_block(pool).values()) * (1 - idle)
    hit = switches_at(lambda kw: changed(made, power__generators__unit_kw=kw), moved / step, "PWR201")
    assert says(hit, moved, round(step * 100))


def _by_block(feeds: Any) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for block, kw in feeds.select("block", "load_kw").iter_rows():
        sums[block] += kw
    return sums


def job_step_kw(made: Site) -> float:
    """What PWR202 prints for jobs that start or end at once, at the meter."""
    told = found(design_of(changed(made, power__utility__step_mw=0.01)), "PWR202")
    return numbers(next(f.message for f in told if "start or end" in f.message))[0]


def test_a_step_above_what_the_grid_takes_and_no_battery() -> None:
    """At the meter a step is larger than at the racks, by the losses that go with it, less than by all losses."""
    made = changed(GB300, pool__load={"ramp_min": 0, "idle_ratio": 0.2, "synchronous_ratio": 1})
    step_kw = 2 * 132 * 0.8
    meter = job_step_kw(made)
    efficiency = design_of(made).power.chain_efficiency_ratio
    assert step_kw < meter < step_kw / efficiency
    assert switches_at(lambda mw: changed(made, power__utility__step_mw=mw), meter / 1000, "PWR202")
    bess = {"power_kw": meter, "energy_kwh": 1000, "response_s": 0.1}
    helped = changed(made, power__utility={"step_mw": 0.01, "ramp_mw_per_min": 10}, power__bess=bess)
    assert not serious(design_of(helped), "PWR202") + serious(design_of(helped), "PWR204")


@pytest.mark.parametrize("minutes", [0.5, 2.0, 5.0])
def test_a_ramp_above_what_the_grid_takes_and_no_battery(minutes: float) -> None:
    made = changed(GB300, pool__load={"ramp_min": 0, "idle_ratio": 0.2, "synchronous_ratio": 1})
    per_min = job_step_kw(made) * min(1.0, 1 / minutes) / 1000
    slow = changed(made, pool__load__ramp_min=minutes)
    switches_at(lambda mw: changed(slow, power__utility__ramp_mw_per_min=mw), per_min, "PWR203", rel=2e-3)


def test_interruptible_power_that_nothing_covers() -> None:
    kw = design_of(GB300).power.utility_kw or 0.0
    made = changed(GB300, power__utility__available_mw=1.0, power__bess={"power_kw": 50, "energy_kwh": 100})
    hit = switches_at(
        lambda mw: changed(made, power__utility__interruptible_mw=mw), (1000 + 50 - kw) / 1000, "PWR206", wrong="above"
    )
    assert says(hit, 50)
    engine = {"name": "own", "kind": "reciprocating-engine", "unit_count": 1, "unit_kw": 100}
    covered = changed(made, power__generation=[engine], power__utility__interruptible_mw=(1145 - kw) / 1000)
    assert not serious(design_of(covered), "PWR206")


def test_sun_does_not_cover_what_the_grid_calls_back() -> None:
    kw = design_of(GB300).power.utility_kw or 0.0
    solar = {"name": "sun", "kind": "solar", "unit_count": 100, "unit_kw": 1000}
    made = changed(GB300, power__generation=[solar])
    assert serious(design_of(changed(made, power__utility__available_mw=kw / 1000 * 0.999)), "PWR121")
    called = {"available_mw": kw / 1000, "interruptible_mw": 0.05}
    assert serious(design_of(changed(made, power__utility=called)), "PWR206")


@pytest.mark.parametrize("kind", ["solar", "wind"])
def test_sun_and_wind_counted_as_firm(kind: str) -> None:
    plant = {"name": "own", "kind": kind, "unit_count": 10, "unit_kw": 500}
    counted = design_of(changed(GB300, power__generation=[{**plant, "required_count": 1}]))
    assert serious(counted, "PWR151")
    assert not serious(design_of(changed(GB300, power__generation=[plant])), "PWR151")
    assert not serious(design_of(changed(GB300, power__generation=[{**plant, "required_count": 0}])), "PWR151")


@pytest.mark.parametrize(
    ("hours", "severity"), [(0.0, Severity.ERROR), (11.9, Severity.WARNING), (12.0, None), (96.0, None)]
)
def test_fuel_for_too_few_hours(hours: float, severity: Severity | None) -> None:
    hits = serious(design_of(changed(GB300, power__blocks__generator_h=hours)), "PWR145")
    assert [f.severity for f in hits] == ([severity] if severity else [])


def test_generators_of_a_common_plant_are_one_too_few() -> None:
    """The last-but-one must still carry the site: capacity at the site's height and heat, less one unit."""
    made = changed(GB300, location={"altitude_m": 0, "extreme_dry_bulb_c": 25, "extreme_wet_bulb_c": 18})
    made = changed(made, power__generators={"location": "site", "count": 3, "unit_kw": 5000})
    kw = design_of(made).power.utility_kw or 0.0
    assert np.interp(25.0, *zip(*catalog().of(Generator, "diesel-standby").temperature_points, strict=True)) == 1.0
    hit = switches_at(lambda unit: changed(made, power__generators__unit_kw=unit), kw / 2, "PWR144", rel=0.01)
    assert says(hit, kw, rel=0.01)


def test_a_generator_behind_a_block_carries_the_survivor_with_its_losses() -> None:
    worst = max(survivors_kw(design_of(GB300)).values())
    hit = serious(design_of(changed(GB300, power__generators__unit_kw=worst)), "PWR144")
    need = numbers(hit[0].message)[-1]
    assert worst / 0.9 > need > worst / 0.985  # a UPS at 15 % of its rating is a poor one
    switches_at(lambda kw: changed(GB300, power__generators__unit_kw=kw), need, "PWR144", rel=2e-3)


@pytest.mark.parametrize("code", ["PWR144", "CLG145"])
def test_cooling_is_not_on_generators(code: str) -> None:
    assert serious(design_of(changed(GB300, power__mechanical__on_generators=False)), code)
    assert not serious(design_of(changed(GB300, power__mechanical__on_generators=True)), code)


@pytest.mark.parametrize("volts", [208, 415, 480])
@pytest.mark.parametrize("mva", [1.0, 2.5])
def test_a_fault_level_above_the_low_voltage_switchgear(volts: float, mva: float) -> None:
    """Ik = S / (√3 · U · uk) behind an infinite grid."""
    power: Site = {"blocks": {"rack_voltage_v": volts}, "transformers": {"block_mva": mva}}
    product = catalog().of(Transformer, "liquid-2500kva-doe")
    assert product.impedance_ratio
    current = mva * 1e3 / (math.sqrt(3) * volts * product.impedance_ratio)
    hit = switches_at(
        lambda ka: changed(site("dgx-h100", 8), power={**power, "distribution": {"short_circuit_ka": ka}}),
        current,
        "PWR147",
    )
    assert says(hit, round(current, 1))


def test_a_fault_level_above_the_medium_voltage_switchgear() -> None:
    """1/Sk = 1/Sk_grid + uk/S: the grid in series with the main transformers of a bus."""
    utility = {"voltage_kv": 138, "fault_level_ka": 20}
    made = changed(GB300, power={"utility": utility, "transformers": {"main_mva": 40, "mv_kv": 34.5, "main_count": 2}})
    product = catalog().of(Transformer, "power-100mva")
    grid_mva = math.sqrt(3) * 138 * 20
    each = 1 / (1 / grid_mva + (product.impedance_ratio or 1) / 40)
    both = 1 / (1 / grid_mva + (product.impedance_ratio or 1) / 80)
    ways = [mva / (math.sqrt(3) * 34.5) for mva in (each, both)]
    printed = serious(design_of(changed(made, power__transformers__mv_short_circuit_ka=1)), "PWR148")[0]
    current = next(ka for ka in ways if says(printed, round(ka, 1)))
    switches_at(lambda ka: changed(made, power__transformers__mv_short_circuit_ka=ka), current, "PWR148")


def test_a_voltage_drop_above_the_limit() -> None:
    """Twice the run lose twice the voltage of the run: the drop is a straight line of its length."""

    def drop(run_m: float) -> float:
        made = changed(H100, power__distribution={"run_m": run_m, "voltage_drop_max_ratio": 1e-6, "rating_a": 400})
        return numbers(serious(design_of(made), "PWR149")[0].message)[0]

    near, middle, far = drop(100), drop(300), drop(500)
    assert far - middle == pytest.approx(middle - near, abs=0.11)
    assert far > near
    made = changed(H100, power__distribution={"run_m": 300, "rating_a": 400})
    limit = middle / 100
    assert serious(design_of(changed(made, power__distribution__voltage_drop_max_ratio=limit - 6e-4)), "PWR149")
    assert not serious(design_of(changed(made, power__distribution__voltage_drop_max_ratio=limit + 6e-4)), "PWR149")


def test_a_single_utility_circuit() -> None:
    assert serious(design_of(changed(GB300, power__utility={"circuits": 1})), "PWR154")
    assert serious(design_of(changed(GB300, power__utility={"circuits": 2, "circuits_required": 2})), "PWR154")
    assert not serious(design_of(changed(GB300, power__utility={"circuits": 2})), "PWR154")
    engines = {"name": "own", "kind": "reciprocating-engine", "unit_count": 3, "unit_kw": 5000, "required_count": 2}
    assert not serious(design_of(changed(GB300, power__utility={"circuits": 1}, power__generation=[engines])), "PWR154")
