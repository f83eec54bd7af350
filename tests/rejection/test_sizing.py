"""Units for the extreme day: counts, spare ones, altitude, what the site decided."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.design.cooling.basics import air_density_ratio, redundant_count
from gigasite.design.cooling.hours import plant_hours
from gigasite.design.cooling.rejection.circuit import run
from gigasite.design.cooling.rejection.plan import rejection_plan

from .sites import CATALOG, GB300, H100, air, design, loop

CHAINS = [
    ("dry-cooler",),
    ("adiabatic-cooler",),
    ("cooling-tower",),
    ("closed-tower",),
    ("chiller",),
    ("water-cooled-chiller",),
    ("dry-cooler", "trim-chiller"),
    ("cooling-tower", "trim-chiller"),
    ("dry-cooler", "cooling-tower", "chiller"),
]


@pytest.mark.parametrize("ways", CHAINS, ids="+".join)
@settings(deadline=None, max_examples=20)
@given(
    heat_kw=st.floats(50, 100_000),
    supply_c=st.floats(17, 45),
    dry_c=st.floats(15, 48),
    depression_k=st.floats(5, 20),
    altitude_m=st.floats(0, 2500),
)
def test_what_is_sized_holds_with_one_unit_lost_wherever_the_water_can_be_reached(
    ways: tuple[str, ...], heat_kw: float, supply_c: float, dry_c: float, depression_k: float, altitude_m: float
) -> None:
    extreme = air(dry_c, dry_c - depression_k, altitude_m)
    circuit = loop(ways, extreme, heat_kw=heat_kw, supply_c=supply_c)
    alone = CATALOG.heat_rejection(ways[0])
    bulb_c = dry_c if alone.against == "dry-bulb" else dry_c - depression_k
    if len(ways) == 1 and alone.against != "none" and bulb_c + (alone.approach_k or 0) > supply_c:
        return
    for lost in ({}, *({units.way: 1} for units in circuit.units if units.count)):
        assert float(run(circuit, heat_kw, extreme, lost=lost).unmet_kw[0]) <= 1e-5 * heat_kw


@pytest.mark.parametrize("altitude_m", [0.0, 1000.0, 2200.0])
def test_a_high_site_needs_more_coolers(altitude_m: float) -> None:
    """11 MW at the rating point: coolers of 1,200 kW, each of which takes less in thin air."""
    circuit = loop(("dry-cooler",), air(22, 15, altitude_m), heat_kw=11_000, supply_c=30)
    assert circuit.units[0].required_count == math.ceil(11_000 / (1200 * air_density_ratio(altitude_m)) - 1e-3)


def test_water_far_above_the_air_needs_fewer_coolers() -> None:
    """36 °C water in air of 18 °C: 28 K in place of the 18 K of the rating point."""
    circuit = loop(("dry-cooler",), air(18, 15), heat_kw=10_000, supply_c=36)
    assert circuit.units[0].required_count == math.ceil(10_000 * 18 / 28 / 1200)


@pytest.mark.parametrize("redundancy", ["N", "N+1", "N+2", "2N"])
def test_the_asked_redundancy_is_installed(redundancy: str) -> None:
    circuit = loop(("dry-cooler", "trim-chiller"), air(40, 27), heat_kw=9000, redundancy=redundancy)
    for units in circuit.units:
        assert units.count == redundant_count(units.required_count, redundancy)


def test_units_of_the_site_are_kept() -> None:
    units = [{"way": "chiller", "loop": "liquid", "count": 7, "unit_kw": 250}, {"way": "chiller", "count": 2}]
    (found,) = loop(("chiller",), air(35, 25), units=units).units
    assert (found.count, found.unit_kw, found.required_count, found.given) == (7, 250, 4, True)


def test_the_two_waters_are_cooled_apart() -> None:
    """Dry coolers give the CDUs water of 36 °C on a day of 25 °C; the air handlers' 19 °C need a chiller."""
    made = design(GB300, cooling={"loop": {"supply_c": 40}}, location={"extreme_dry_bulb_c": 25})
    plan = rejection_plan(made.resolved, made.cooling, CATALOG)
    liquid, cold = plan.circuit("liquid"), plan.circuit("air")
    assert liquid
    assert cold
    assert liquid.supply_c == pytest.approx(36)
    assert cold.supply_c == pytest.approx(19)
    assert float(plan.at_extreme(liquid).compressor_kw) == 0
    assert float(plan.at_extreme(cold).compressor_kw) > 0


@pytest.mark.parametrize("pool", [GB300, H100])
def test_the_heat_of_racks_pumps_and_fans_leaves_the_site(pool: dict[str, object]) -> None:
    made = design(pool)
    outside = made.tables.plant.filter(pl.col("kind").is_in(["dry-cooler", "chiller"]))
    inside = made.tables.plant.filter(~pl.col("kind").is_in(["dry-cooler", "chiller"]))
    racks = made.tables.racks
    heat_kw = racks["liquid_kw"].sum() + racks["air_kw"].sum() + inside["electric_kw"].sum()
    assert outside["heat_kw"].sum() == pytest.approx(heat_kw, rel=1e-3)


def test_rows_have_names_capacities_and_no_place_in_a_hall() -> None:
    rows = design(GB300).tables.plant.filter(pl.col("kind") == "chiller")
    assert rows["unit"].n_unique() == rows.height
    assert rows["hall"].null_count() == rows.height
    assert not rows["on_ups"].any()
    assert rows.filter(pl.col("heat_kw") > pl.col("capacity_kw") * 1.000001).is_empty()
    assert rows.filter(pl.col("electric_kw") > pl.col("electric_max_kw")).is_empty()


def test_a_landlord_rejects_the_heat_of_a_colocation() -> None:
    made = design(GB300, demarcation="colocation")
    kinds = set(made.tables.plant["kind"])
    assert kinds == {"cdu", "air-unit", "facility-pump"}


def test_air_conditioners_with_their_own_condensers_leave_nothing_to_reject() -> None:
    made = design(H100, cooling={"air": {"unit": "crac-100kw"}})
    assert set(made.tables.plant["kind"]) == {"air-unit"}


def test_the_heat_pump_of_the_reuse_has_a_board_and_draws_nothing_on_the_extreme_day() -> None:
    reuse = {"heat_kw": 300.0, "supply_c": 70.0, "way": "heat-pump"}
    bare, made = design(GB300), design(GB300, cooling={"outside": {"reuse": reuse}})
    pump = made.tables.plant.filter(pl.col("kind") == "heat-pump").row(0, named=True)
    assert pump["electric_kw"] == pump["heat_kw"] == pump["required_count"] == 0
    assert pump["capacity_kw"] == pytest.approx(300)
    assert 300 / 8 < pump["electric_max_kw"] < 300 / 2
    assert pump["source"] in set(made.tables.elements["element"])
    assert made.power.mechanical_kw == pytest.approx(bare.power.mechanical_kw)
    year = plant_hours(made, CATALOG, dry_bulb_c=10.0, wet_bulb_c=5.0, it_ratio=1.0)
    assert year is not None
    assert float(year.reuse_electric_kw) == pytest.approx(pump["electric_max_kw"])


def test_an_exchanger_of_the_reuse_needs_no_power() -> None:
    made = design(GB300, cooling={"outside": {"reuse": {"heat_kw": 300.0, "supply_c": 30.0}}})
    assert made.tables.plant.filter(pl.col("kind") == "heat-pump").is_empty()
