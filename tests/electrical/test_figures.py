"""Fault levels, voltage drops, needs and margins of designed chains."""

from __future__ import annotations

import itertools
import math

import numpy as np
import polars as pl
import pytest

from gigasite import checks
from gigasite.catalog.power_products import Generator, PowerShelf
from gigasite.checks import run
from gigasite.design.electrical import figures, ratings
from gigasite.design.electrical.losses import fuel_l_per_h, supply_loss_kw

from .sites import CATALOG, TOPOLOGIES, design_of, element, flow_of

HIGH = (
    "power: {{utility: {{voltage_kv: 138, fault_level_ka: 40}}, transformers: {{main_mva: 30, main_count: {count}}}}}\n"
)


def test_two_main_transformers_feed_a_bus_each_and_more_of_them_all_together() -> None:
    two = figures.medium_voltage_fault(design_of(HIGH.format(count=2)), CATALOG)
    four = figures.medium_voltage_fault(design_of(HIGH.format(count=4)), CATALOG)
    assert two is not None
    assert four is not None
    grid_mva = math.sqrt(3) * 138 * 40
    one_mva = 1 / (1 / grid_mva + 0.125 / 30)
    assert two.current_ka == pytest.approx(one_mva / (math.sqrt(3) * 34.5))
    assert four.current_ka == pytest.approx(1 / (1 / grid_mva + 0.125 / 120) / (math.sqrt(3) * 34.5))


def test_low_voltage_faults_stand_in_series_with_what_lies_above() -> None:
    with_grid = design_of("power: {utility: {fault_level_ka: 10}, transformers: {block_mva: 3}}\n")
    without = design_of("power: {transformers: {block_mva: 3}}\n")
    infinite = figures.low_voltage_fault(without, CATALOG)
    finite = figures.low_voltage_fault(with_grid, CATALOG)
    assert infinite is not None
    assert finite is not None
    assert infinite.current_ka == pytest.approx(ratings.transformer_fault_ka(3000, 415, 0.0575))
    assert finite.current_ka == pytest.approx(
        ratings.transformer_fault_ka(3000, 415, 0.0575, source_mva=math.sqrt(3) * 34.5 * 10)
    )
    assert finite.current_ka < infinite.current_ka


def test_longer_runs_lower_voltages_and_thinner_conductors_lose_more_voltage() -> None:
    def drop(extra: str) -> float:
        found = figures.largest_drop(design_of(extra), CATALOG)
        assert found is not None
        return found.ratio

    base = drop("power: {distribution: {rating_a: 1600}}\n")
    assert drop("power: {distribution: {rating_a: 1600, run_m: 200}}\n") > base
    assert drop("power: {distribution: {rating_a: 400}}\n") > base
    assert drop("power: {distribution: {rating_a: 1600}, blocks: {rack_voltage_v: 208}}\n") > base
    assert drop("power: {distribution: {rating_a: 1600, product: busway-aluminium}}\n") > base
    assert drop("power: {distribution: {rating_a: 1600, conductor_milliohm_per_m: 5}}\n") > base


def test_a_blocks_parts_give_its_load_with_the_losses_behind_them() -> None:
    design = design_of(TOPOLOGIES["2N"])
    block = "demo-h01-s01-blk01"
    normal = design.tables.blocks.filter(pl.col("block") == block)["load_kw"][0]
    need = figures.block_need(block, normal, design, CATALOG)
    assert need.ups_kw == pytest.approx(element(design, f"{block}-ups")["load_kw"], rel=1e-3)
    assert need.input_kw == pytest.approx(element(design, f"{block}-board")["load_kw"], rel=1e-3)


def test_phases_of_single_phase_circuits_are_unlike_and_of_three_phase_ones_not_asked() -> None:
    three = design_of("")
    assert figures.phase_unbalances(three, CATALOG).is_empty()
    single = design_of("standards: {electrical: iec}\nracks: {feed: iec-32a-1ph, feeds: 6}\n")
    found = figures.phase_unbalances(single, CATALOG)
    assert (found["unbalance_ratio"] >= 0).all()
    assert found.height == single.tables.blocks.height


@pytest.mark.parametrize("name", ["2N", "4N3R", "N+1", "4+1C", "high voltage"])
def test_with_the_plant_held_fixed_more_load_never_raises_a_margin(name: str) -> None:
    design = design_of(TOPOLOGIES[name])
    capacity = design.tables.elements["capacity_kw"].fill_null(np.inf).to_numpy()
    margins = [capacity - flow_of(design, scale=scale)[1].load_kw[:, 0] for scale in (0.2, 0.6, 1.0, 1.1)]
    for lighter, heavier in itertools.pairwise(margins):
        assert (heavier[np.isfinite(capacity)] <= lighter[np.isfinite(capacity)] + 1e-9).all()


@pytest.mark.parametrize("name", ["2N", "4N3R", "N+1", "4+1C", "high voltage", "own generation"])
def test_one_pass_plays_the_loss_of_every_element(name: str) -> None:
    design = design_of(TOPOLOGIES[name])
    size = design.tables.elements.height
    working = ~np.eye(size, dtype=bool)
    chain, flow = flow_of(design, working)
    _, whole = flow_of(design)
    assert not flow.alive[np.arange(size), np.arange(size)].any()
    assert (flow.alive <= whole.alive).all()
    racks = design.tables.feeds.drop_nulls("source")
    rows = np.array([chain.index[source] for source in racks["source"]])
    lit = np.zeros((racks["rack"].n_unique(), size), bool)
    number = racks["rack"].rank("dense").to_numpy() - 1
    np.logical_or.at(lit, number, flow.alive[rows])
    buses = [chain.index[n] for n in chain.names if n.endswith("-bus")]
    others = [row for row in range(size) if row not in buses]
    assert lit[:, others].all(), "no single loss but that of a shared bus darkens a rack"


def test_declared_sizes_that_are_too_small_are_found() -> None:
    found = {f.code for f in checks.run(design_of("power: {transformers: {block_mva: 0.05}}\n"), CATALOG, ("PWR",))}
    assert {"PWR141", "PWR142"} <= found


def test_a_shelf_loses_after_its_curve_and_a_generator_burns_after_its_own() -> None:
    shelf = CATALOG.of(PowerShelf, "orv3-18kw")
    assert supply_loss_kw(18, 18, shelf.efficiency_points) == pytest.approx(18 * (1 / 0.965 - 1))
    assert supply_loss_kw(9, 18, shelf.efficiency_points) == pytest.approx(9 * (1 / 0.975 - 1))
    diesel = CATALOG.of(Generator, "diesel-standby")
    assert fuel_l_per_h(2500, 2500, diesel.fuel_points) == pytest.approx(605)
    efficiency = 2500 / (605 * diesel.fuel_kwh_per_l)
    assert 0.35 < efficiency < 0.45


def test_own_generation_adds_to_the_fault_level_of_its_buses() -> None:
    plant = (
        "power: {{utility: {{voltage_kv: 138, fault_level_ka: 40}}, transformers: {{main_mva: 30, main_count: 2}}{}}}\n"
    )
    turbines = ", generation: [{name: gt, kind: gas-turbine, unit_count: 4, unit_kw: 30000}]"
    sun = ", generation: [{name: sun, kind: solar, unit_count: 4, unit_kw: 30000}]"
    without, own, sunny = (
        figures.medium_voltage_fault(design_of(plant.format(extra)), CATALOG) for extra in ("", turbines, sun)
    )
    assert without is not None
    assert own is not None
    assert sunny is not None
    # With generation the two transformers stand in parallel; 4 x 30 MW at 0.8 behind 15 % are 1,000 MVA.
    grid_mva, uk = math.sqrt(3) * 138 * 40, 0.125
    wanted_mva = 1 / (1 / grid_mva + uk / 60) + 4 * 30 / 0.8 / 0.15
    assert own.current_ka == pytest.approx(wanted_mva / (math.sqrt(3) * 34.5), rel=1e-6)
    assert without.current_ka == pytest.approx(1 / (1 / grid_mva + uk / 30) / (math.sqrt(3) * 34.5), rel=1e-6)
    assert sunny.current_ka == pytest.approx(without.current_ka)


def test_faults_where_iec_holds_have_the_voltage_factor() -> None:
    """IEC 60909-0: 2,500 kVA of 6 % at 400 V behind an infinite grid drive 1.1 · 60.1 kA."""
    fault = figures.low_voltage_fault(
        design_of("standards: {electrical: iec}\npower: {transformers: {block_mva: 2.5}}\n"), CATALOG
    )
    assert fault is not None
    assert fault.current_ka == pytest.approx(1.1 * 2500 / (math.sqrt(3) * 400 * 0.06), rel=1e-9)
    assert fault.current_ka == pytest.approx(66.16, rel=1e-3)


@pytest.mark.parametrize(("kv", "told"), [(4.16, True), (13.8, False)])
def test_buses_that_nobody_makes_are_told(kv: float, told: bool) -> None:
    pool = "name: demo\npools:\n  - {name: train, system: gb300-nvl72, scalable_units: 24}\n"
    extra = f"power: {{utility: {{voltage_kv: 138}}, transformers: {{mv_kv: {kv}}}}}\n"
    design = design_of(extra, pool)
    amperes = (design.power.utility_mva or 0.0) * 1e6 / (math.sqrt(3) * kv * 1000)
    assert (amperes > 4000) is told
    messages = [f.message for f in run(design, CATALOG, only=["PWR156"])]
    assert bool(messages) is told
    assert all(f"{amperes:,.0f} A" in message for message in messages)
