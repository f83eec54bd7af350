"""The graph of a site: what stands in it, what feeds what, and that it is sized to hold."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from gigasite import checks
from gigasite.design.model import Design

from .sites import CATALOG, POOL, TOPOLOGIES, design_of, element, flow_of

ALL = pytest.mark.parametrize("site", TOPOLOGIES.values(), ids=TOPOLOGIES)


def kinds(design: Design) -> dict[str, int]:
    return dict(design.tables.elements.group_by("kind").len().iter_rows())


def ways(design: Design, target: str) -> list[tuple[str, int]]:
    rows = design.tables.connections.filter(pl.col("target") == target).sort("priority", "source")
    return list(rows.select("source", "priority").iter_rows())


@ALL
def test_every_feed_and_every_plant_unit_hangs_on_an_element(site: str) -> None:
    design = design_of(site)
    names = set(design.tables.elements["element"])
    placed = design.tables.feeds.join(design.tables.racks.drop_nulls("hall"), on="rack", how="semi")
    assert set(placed["source"]) <= names
    assert not placed["source"].null_count()
    assert set(design.tables.plant["source"]) | set(design.tables.plant["alternate"].drop_nulls()) <= names
    assert not design.tables.plant["source"].null_count()


@ALL
def test_names_are_unique_and_connections_join_them_upwards_in_level(site: str) -> None:
    tables = design_of(site).tables
    assert tables.elements["element"].is_unique().all()
    level = dict(tables.elements.select("element", "level").iter_rows())
    for source, target in tables.connections.select("source", "target").iter_rows():
        assert level[source] < level[target]


@ALL
def test_the_sources_give_what_racks_plant_and_losses_take(site: str) -> None:
    design = design_of(site)
    elements = design.tables.elements
    made = elements.filter(pl.col("level") == 0).select(pl.col("load_kw") + pl.col("loss_kw")).sum().item()
    taken = design.tables.feeds["load_kw"].sum() + (design.power.mechanical_kw or 0.0)
    assert made == pytest.approx(taken + elements["loss_kw"].sum(), rel=1e-9)
    assert design.power.utility_kw == pytest.approx(made, rel=1e-9)


@ALL
def test_what_the_design_sizes_by_itself_carries_its_load(site: str) -> None:
    design = design_of(site)
    found = [f for f in checks.run(design, CATALOG, ("PWR",)) if f.code in {"PWR141", "PWR142", "PWR143", "PWR144"}]
    assert found == []
    elements = design.tables.elements.drop_nulls("capacity_kw")
    assert (elements["load_kw"] <= elements["capacity_kw"] * (1 + 1e-9)).all()


def test_blocks_of_2n_draw_from_different_buses_and_stand_in_different_rooms() -> None:
    design = design_of(TOPOLOGIES["2N"])
    a, b = (f"demo-h01-s01-blk0{n}" for n in (1, 2))
    assert ways(design, f"{a}-tx") == [("demo-mv-a", 1), ("demo-mv-b", 2)]
    assert ways(design, f"{b}-tx") == [("demo-mv-b", 1), ("demo-mv-a", 2)]
    assert ways(design, f"{a}-board") == [(f"{a}-tx", 1), (f"{a}-gen", 3)]
    assert element(design, f"{a}-ups")["room"] != element(design, f"{b}-ups")["room"]


def test_a_site_may_put_all_blocks_into_one_room() -> None:
    design = design_of("power: {blocks: {topology: 2N, rooms: 1}}\nracks: {feeds: 2}\n")
    ups = design.tables.elements.filter((pl.col("kind") == "ups") & pl.col("block").is_not_null())
    assert ups["room"].n_unique() == 1


def test_the_blocks_of_n_plus_k_share_a_bus_and_the_control_of_their_ups() -> None:
    design = design_of(TOPOLOGIES["N+1"])
    bus = "demo-h01-s01-bus"
    assert all(priority == 1 for _, priority in ways(design, bus))
    assert len(ways(design, bus)) == design.power.block_count
    ups = design.tables.elements.filter((pl.col("kind") == "ups") & pl.col("block").is_not_null())
    assert ups["control"].unique().to_list() == [f"{bus}-control"]
    assert set(design.tables.feeds["source"].drop_nulls().str.slice(-2)) == {"-a", "-b"}


def test_racks_of_block_redundant_hang_on_one_block_behind_switches_to_an_idle_catcher() -> None:
    design = design_of(TOPOLOGIES["4+1C"])
    feeds = design.tables.feeds
    assert feeds.group_by("rack").agg(pl.col("block").n_unique())["block"].to_list() == [1] * feeds["rack"].n_unique()
    assert "demo-h01-s01-blk05" not in set(feeds["block"])
    assert element(design, "demo-h01-s01-blk05-ups")["load_kw"] == 0
    assert element(design, "demo-h01-s01-blk05-ups")["loss_kw"] > 0
    switch = design.tables.elements.filter(pl.col("kind") == "sts")["element"][0]
    block = switch.rpartition("-r")[0]
    assert ways(design, switch) == [(f"{block}-ups", 1), ("demo-h01-s01-blk05-ups", 2)]
    assert checks.run(design, CATALOG, ("PWR106", "PWR112", "PWR105")) == ()


def test_a_catcher_takes_over_a_lost_block_whole() -> None:
    design = design_of(TOPOLOGIES["4+1C"])
    chain, _ = flow_of(design)
    working = np.ones((len(chain.names), 2), bool)
    working[chain.index["demo-h01-s01-blk01-ups"], 1] = False
    _, flow = flow_of(design, working)
    lost, catcher = chain.index["demo-h01-s01-blk01-ups"], chain.index["demo-h01-s01-blk05-ups"]
    assert flow.load_kw[catcher, 1] == pytest.approx(flow.load_kw[lost, 0])


def test_main_transformers_stand_only_before_a_grid_of_higher_voltage() -> None:
    assert "main-transformer" not in kinds(design_of(TOPOLOGIES["2N"]))
    design = design_of(TOPOLOGIES["high voltage"])
    assert kinds(design)["main-transformer"] == 2
    assert kinds(design)["grid-circuit"] == 3
    assert len(ways(design, "demo-main-t1")) == 3
    assert ways(design, "demo-mv-a") == [("demo-main-t1", 1), ("demo-main-t2", 2)]


def test_circuits_give_what_the_grid_gives_over_those_that_are_required() -> None:
    design = design_of("power: {utility: {circuits: 3, circuits_required: 2, available_mw: 9}}\n")
    circuits = design.tables.elements.filter(pl.col("kind") == "grid-circuit")
    assert circuits["capacity_kw"].to_list() == [4500.0] * 3


def test_a_basic_site_has_one_bus_and_one_mechanical_board() -> None:
    design = design_of(TOPOLOGIES["N"])
    assert kinds(design)["mv-bus"] == 1
    assert design.tables.plant["alternate"].null_count() == design.tables.plant.height


def test_common_generators_stand_on_the_buses() -> None:
    design = design_of(TOPOLOGIES["common generators"])
    generators = design.tables.elements.filter(pl.col("kind") == "generator")
    assert generators["control"].unique().to_list() == ["demo-gen-control"]
    need = design.power.utility_kw or 0.0
    assert generators["capacity_kw"].sum() - generators["capacity_kw"].max() >= need * 0.98
    assert ("demo-gen-01", 3) in ways(design, "demo-mv-a")


def test_own_generation_shares_with_the_grid_and_sun_is_no_source() -> None:
    design = design_of(TOPOLOGIES["own generation"])
    plant = element(design, "demo-generation-gt")
    assert plant["capacity_kw"] == pytest.approx(2 * 500 * 0.79 + 2 * 500 * 0.07 * 0.5, rel=0.06)
    assert 0 < plant["load_kw"] <= plant["capacity_kw"]
    assert dict(ways(design, "demo-mv-a"))["demo-grid-c1"] == dict(ways(design, "demo-mv-a"))["demo-grid-c2"] == 1
    sunny = design_of("power: {generation: [{name: sun, kind: solar, unit_count: 1, unit_kw: 500}]}\n")
    assert not element(sunny, "demo-generation-sun")["is_source"]
    assert ways(sunny, "demo-mv-a") == [("demo-grid-c1", 1), ("demo-grid-c2", 2)]


def test_a_battery_stands_in_for_the_grid_only_where_it_lasts_as_long_as_fuel_must() -> None:
    need_kw = design_of().power.utility_kw or 0.0
    bess = "power: {{bess: {{power_kw: 2000, energy_kwh: {:.0f}, grid_forming: {}}}}}\n"
    assert element(design_of(bess.format(12.1 * need_kw, "true")), "demo-bess")["is_source"]
    for hours, forming in ((11.9, "true"), (1, "true"), (12.1, "false")):
        design = design_of(bess.format(hours * need_kw, forming))
        assert not element(design, "demo-bess")["is_source"]
        assert "demo-bess" not in dict(ways(design, "demo-mv-a"))


def test_diesels_without_fuel_run_on_nothing() -> None:
    empty = "power: {{blocks: {{generator_h: 0}}, generators: {{product: {}, location: {}}}}}\n"
    for product, location, runs in (
        ("diesel-standby", "block", False),
        ("diesel-standby", "site", False),
        ("gas-standby", "block", True),
    ):
        sets = design_of(empty.format(product, location)).tables.elements.filter(pl.col("kind") == "generator")
        assert sets.height
        assert sets["is_source"].unique().to_list() == [runs]


def test_buses_carry_alike_whatever_the_number_of_blocks_in_a_set() -> None:
    pool = "name: demo\npools:\n  - {name: train, system: gb300-nvl72, scalable_units: 8}\n"
    design = design_of("power: {blocks: {topology: 3N2R, unit_kw: 500}}\nracks: {feeds: 3}\n", pool)
    assert design.tables.blocks["power_set"].max() > 4
    a, b = (element(design, f"demo-mv-{side}")["load_kw"] for side in "ab")
    assert a == pytest.approx(b, rel=0.1)


def test_pumps_on_ups_hang_on_a_ups_of_their_board() -> None:
    pool = "name: demo\npools:\n  - {name: train, system: gb200-nvl72, scalable_units: 1}\n"
    plant = design_of("cooling: {loop: {pumps_on_ups: true}}\n", pool).tables.plant
    assert plant.filter("on_ups").height
    assert plant.filter("on_ups")["source"].str.ends_with("-ups").all()
    assert not plant.filter(~pl.col("on_ups"))["source"].str.ends_with("-ups").any()


def test_elements_keep_their_names_when_a_pool_grows() -> None:
    small = design_of("power: {blocks: {topology: 2N}}\nracks: {feeds: 2}\nhalls: {count: 1, rack_positions: 64}\n")
    large = design_of(
        "power: {blocks: {topology: 2N}}\nracks: {feeds: 2}\nhalls: {count: 1, rack_positions: 64}\n",
        POOL.replace("nodes: 32", "nodes: 64"),
    )
    assert set(small.tables.elements["element"]) <= set(large.tables.elements["element"])


def test_the_design_is_the_same_in_any_run() -> None:
    from gigasite.design.expand import expand

    design = design_of(TOPOLOGIES["4+1C"])
    again = expand(design.spec, CATALOG)
    assert again.tables.elements.equals(design.tables.elements)
    assert again.tables.connections.equals(design.tables.connections)


def test_racks_without_supplies_get_shelves_enough_for_the_loss_of_a_feed() -> None:
    design = design_of("", "name: demo\npools:\n  - {name: train, system: dgx-rubin-nvl8, nodes: 32}\n")
    feeds = design.tables.feeds.join(design.tables.racks.filter(pl.col("kind") == "pool"), on="rack", how="semi")
    assert design.resolved.power.distribution.rack_dc_v == 50
    assert (feeds["circuit_count"] == 7).all()
    assert (feeds["supply_kw"] == 7 * 33).all()
    codes = {f.code for f in checks.run(design, CATALOG, ("PWR",))}
    assert not codes & {"PWR101", "PWR102", "PWR104", "PWR153"}


def test_runs_of_direct_current_have_two_conductors_and_no_power_factor() -> None:
    from gigasite.design.electrical.sizes import (
        Power,
        rating_of_run,
        run_impedance,
        run_length_m,
        run_loss_per_kva2,
        run_of,
    )
    from gigasite.design.resolve import resolve
    from gigasite.spec.loader import load_text

    text = "name: demo\npools:\n  - {name: train, system: rubin-ultra-kyber-nvl576, nodes: 144}\n"
    site, _ = resolve(load_text(text, catalog=CATALOG).spec, CATALOG)
    power = Power(site, CATALOG)
    assert site.power.ups.product == "rectifier-800vdc"
    assert (power.run_voltage_v, power.run_phases) == (800, 1)
    run = run_of(1000, 1, power)
    assert run.rated_kva == pytest.approx(800)
    assert run.capacity_kw == pytest.approx(640), "80 % of the breaker"
    assert rating_of_run(run.rated_kva, 1, power) == pytest.approx(1000)
    ohms = run_impedance(1000, power.run)[0] / 1000 * run_length_m(site)
    assert run_loss_per_kva2(1000, 1, power) * 500**2 == pytest.approx(2 * (500e3 / 800) ** 2 * ohms / 1000)


def test_units_of_single_racks_are_dealt_over_both_boards() -> None:
    """Doors and tanks are groups of one each, so that turns within a group would put all on one side."""
    doors = "{name: train, system: dgx-h100, nodes: 64, cooling: {rear_door: rear-door-active-70kw}}"
    plant = design_of(pool=f"name: demo\npools:\n  - {doors}\n").tables.plant
    sides = plant.filter(pl.col("kind") == "rear-door").group_by("hall", "source").len()["len"].to_list()
    assert len(sides) == 2
    assert abs(sides[0] - sides[1]) <= 1
    assert sum(sides) > 4


def test_groups_that_back_each_other_up_stay_on_their_boards_in_turn() -> None:
    plant = design_of().tables.plant.filter(pl.len().over("group") > 1)
    counts = plant.group_by("group", "source").len().group_by("group").agg("len")
    assert counts.height
    for _, each in counts.iter_rows():
        assert len(each) == 2
        assert max(each) - min(each) <= 1
