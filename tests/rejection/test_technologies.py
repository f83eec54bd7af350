"""Each way to reject heat: what it takes, what it draws, what it evaporates, in any air."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog.models import HeatRejection
from gigasite.design.cooling.basics import air_density_ratio
from gigasite.design.cooling.compressors import carnot_ratio
from gigasite.design.cooling.psychrometrics import driest_wet_bulb_c
from gigasite.design.cooling.rejection.air_cooled_chiller import chiller_cop
from gigasite.design.cooling.rejection.base import Bank, fan_power_ratio, outside_air, technologies, technology_of
from gigasite.design.cooling.rejection.circuit import run
from gigasite.design.cooling.rejection.dry_cooler import leaving_c
from gigasite.design.cooling.rejection.heat_reuse import heat_pump_cop
from gigasite.design.cooling.rejection.open_tower import evaporated_l_h, latent_ratio
from gigasite.errors import GigasiteError
from gigasite.spec.outside import Rejection

from .sites import CATALOG, air, loop

FREE = ("dry-cooler", "adiabatic-cooler", "cooling-tower", "closed-tower")
CHILLERS = ("chiller", "trim-chiller", "water-cooled-chiller")
ALONE = [*((way,) for way in (*FREE, *CHILLERS))]
CHAINS = [*ALONE, *((free, "trim-chiller") for free in FREE), ("dry-cooler", "cooling-tower", "chiller")]


def bank(way: str, rated_kw: float = 1000.0, rise_k: float = 10.0) -> Bank:
    return Bank(CATALOG.heat_rejection(way), rated_kw, rise_k)


def test_every_way_of_the_site_file_has_a_product_and_a_model() -> None:
    for way in Rejection:
        assert technology_of(CATALOG.heat_rejection(way.value)) in technologies().values()


def test_every_product_has_the_facts_that_its_model_needs() -> None:
    for product in CATALOG.all_of(HeatRejection):
        assert all(getattr(product, fact) is not None for fact in technology_of(product).needs), product.key


def test_an_unknown_model_is_told_with_those_that_there_are() -> None:
    product = CATALOG.heat_rejection("chiller").model_copy(update={"technology": "magic"})
    with pytest.raises(GigasiteError, match="no technology 'magic'") as caught:
        technology_of(product)
    assert "dry-cooler" in caught.value.hint


@pytest.mark.parametrize("rise_k", [5.0, 10.0, 14.0])
@pytest.mark.parametrize("dry_bulb_c", [-5.0, 20.0, 43.0])
def test_a_dry_cooler_reaches_the_dry_bulb_and_its_approach_at_rated_heat(dry_bulb_c: float, rise_k: float) -> None:
    units = bank("dry-cooler", rise_k=rise_k)
    hot_c = np.array([dry_bulb_c + 8 + rise_k])
    taken = technology_of(units.product).most_kw(units, hot_c, air(dry_bulb_c))
    assert float(taken[0]) == pytest.approx(1000)


@settings(deadline=None)
@given(st.floats(0.05, 1.0))
def test_the_approach_is_proportional_to_the_heat_at_a_fixed_airflow(load: float) -> None:
    """Half the heat in the same water and air: half the rise, half the approach."""
    units = bank("dry-cooler")
    hot_c = np.array([30 + load * (8 + 10)])
    assert float(technology_of(units.product).most_kw(units, hot_c, air(30))[0]) == pytest.approx(1000 * load)
    assert float(leaving_c(units, np.array([1000 * load]), np.array([30.0]))[0]) == pytest.approx(30 + 8 * load)


@pytest.mark.parametrize("altitude_m", [0.0, 300.0, 1600.0, 2500.0])
def test_thin_air_takes_less_heat(altitude_m: float) -> None:
    units = bank("dry-cooler")
    taken = technology_of(units.product).most_kw(units, np.array([48.0]), air(30, altitude_m=altitude_m))
    assert float(taken[0]) == pytest.approx(1000 * air_density_ratio(altitude_m), rel=1e-4)


def test_a_tower_reaches_the_wet_bulb_and_its_approach_at_its_rating_point() -> None:
    units = bank("cooling-tower")
    taken = technology_of(units.product).most_kw(units, np.array([25.6 + 6 + 10]), air(35, 25.6))
    assert float(taken[0]) == pytest.approx(1000)


def test_a_tower_takes_less_heat_a_kelvin_in_colder_air() -> None:
    """Saturated air holds less water: the same 16 K above the wet bulb carry less."""
    units = bank("cooling-tower")
    model = technology_of(units.product)
    taken = [float(model.most_kw(units, np.array([wet + 16]), air(40, wet))[0]) for wet in (5.0, 15.0, 25.6, 30.0)]
    assert taken == sorted(taken)
    assert taken[0] < 0.6 * taken[2] < taken[2] < taken[3]


@pytest.mark.parametrize("speed", [0.3, 0.5, 0.8, 1.0])
def test_fans_follow_the_cube_law(speed: float) -> None:
    assert float(fan_power_ratio(np.array([speed]), 0.2)[0]) == pytest.approx(speed**3)


def test_below_their_lowest_speed_units_stop_one_by_one() -> None:
    assert float(fan_power_ratio(np.array([0.1]), 0.2)[0]) == pytest.approx(0.2**3 / 2)
    assert float(fan_power_ratio(np.array([0.0]), 0.2)[0]) == 0


@pytest.mark.parametrize("way", ["chiller", "trim-chiller", "water-cooled-chiller"])
def test_a_chiller_has_its_rated_cop_at_its_rating_point(way: str) -> None:
    units = bank(way)
    product = units.product
    cop = chiller_cop(units, np.array([1.0]), product.cop_leaving_c or 0, np.array([product.cop_entering_c or 0]))
    assert float(cop[0]) == pytest.approx(product.cop)


def test_the_lift_decides_what_a_chiller_draws() -> None:
    """AHRI point: 2.8 over a lift of 46.3 K; water at 36 °C in air of 43 °C leaves 25 K to lift."""
    eta = carnot_ratio(2.8, 6.7, 35.0, 3.0, 15.0)
    assert eta == pytest.approx(2.8 * (50 - 3.7) / (3.7 + 273.15))
    warm = chiller_cop(bank("trim-chiller"), np.array([1.0]), 36.0, np.array([43.0]))
    assert float(warm[0]) == pytest.approx(eta * (33 + 273.15) / 25)


@pytest.mark.parametrize("ways", CHAINS, ids="+".join)
@settings(deadline=None, max_examples=20)
@given(dry_c=st.floats(-20, 40), depression_k=st.floats(0, 15), load=st.floats(0, 1))
def test_heat_that_comes_goes_or_stays(ways: tuple[str, ...], dry_c: float, depression_k: float, load: float) -> None:
    circuit = loop(ways, air(40, 27))
    work = run(circuit, 1000 * load, air(dry_c, dry_c - depression_k))
    taken = sum(work.taken_kw.values())
    assert float((taken + work.unmet_kw)[0]) == pytest.approx(1000 * load, abs=1e-6)
    for part in (*work.taken_kw.values(), *work.electric_kw.values(), work.evaporated_l_h, work.unmet_kw):
        assert float(part[0]) >= -1e-9


@pytest.mark.parametrize("ways", CHAINS[:-1], ids="+".join)
@pytest.mark.parametrize("load", [0.2, 0.6, 1.0])
def test_hotter_air_is_never_cheaper(ways: tuple[str, ...], load: float) -> None:
    """With all heat taken, and one free way at most: two of them trade fans for water."""
    circuit = loop(ways, air(40, 27), supply_c=36.0)
    dry = np.linspace(-20, 40, 400)
    work = run(circuit, 1000 * load, outside_air(dry, np.minimum(dry - 2, 27)))
    drawn = work.total_electric_kw[work.unmet_kw < 1e-6]
    assert drawn.size > 100
    assert (np.diff(drawn) >= -1e-6).all()


@pytest.mark.parametrize("way", [*FREE, "water-cooled-chiller"])
def test_hotter_air_never_takes_less_water_for_the_same_heat(way: str) -> None:
    circuit = loop((way,), air(40, 27), supply_c=36.0)
    dry = np.linspace(0, 40, 300)
    for wet in (np.minimum(dry - 1, 27), np.minimum(dry, 12.0)):
        work = run(circuit, 1000, outside_air(dry, wet))
        assert (np.diff(work.evaporated_l_h) >= -1e-6).all()


@pytest.mark.parametrize("ways", CHAINS, ids="+".join)
@settings(deadline=None, max_examples=20)
@given(dry_c=st.floats(-10, 40), less=st.floats(0.01, 0.99))
def test_more_heat_never_draws_less(ways: tuple[str, ...], dry_c: float, less: float) -> None:
    circuit = loop(ways, air(40, 27))
    here = air(dry_c, min(dry_c - 1, 27))
    low, high = run(circuit, 1000 * less, here), run(circuit, 1000, here)
    assert float(low.total_electric_kw[0]) <= float(high.total_electric_kw[0]) + 1e-6
    assert float(low.evaporated_l_h[0]) <= float(high.evaporated_l_h[0]) + 1e-6 or len(ways) > 1
    assert float(low.unmet_kw[0]) <= float(high.unmet_kw[0]) + 1e-6


def test_a_trim_chiller_lifts_only_what_the_cooler_leaves() -> None:
    """Water back at 46 °C in air of 43 °C: 3 of the 18 K of the rating point."""
    circuit = loop(("dry-cooler", "trim-chiller"), air(43, 27), supply_c=36.0, heat_kw=70_000)
    units = circuit.units[0]
    bare = replace(circuit, units=tuple(replace(u, count=u.required_count) for u in circuit.units))
    work = run(bare, 70_000, air(43, 27))
    assert units.required_count == math.ceil(70_000 / 1200)
    assert float(work.taken_kw["dry-cooler"][0]) == pytest.approx(70_000 * 3 / 18)
    assert float(work.taken_kw["trim-chiller"][0]) == pytest.approx(70_000 * 15 / 18)


def test_coolers_stop_where_their_fans_cost_more_than_they_save() -> None:
    circuit = loop(("dry-cooler", "trim-chiller"), air(40, 27), supply_c=30.0)
    work = run(circuit, 1000, air(39.8, 27))
    assert float(work.taken_kw["dry-cooler"][0]) == 0


def test_pads_are_wet_only_when_fans_do_not_suffice() -> None:
    circuit = loop(("adiabatic-cooler",), air(43, 27), supply_c=36.0)
    cool, hot = run(circuit, 1000, air(24, 15)), run(circuit, 1000, air(43, 27))
    assert float(cool.evaporated_l_h[0]) == 0
    assert float(hot.evaporated_l_h[0]) > 0
    assert float(hot.unmet_kw[0]) == 0


def test_the_compressor_heat_of_a_water_cooled_chiller_goes_over_its_towers() -> None:
    circuit = loop(("water-cooled-chiller",), air(40, 27), supply_c=19.0)
    work = run(circuit, 1000, air(40, 27))
    rejected = 1000 + float(work.compressor_kw[0])
    assert float(work.evaporated_l_h[0]) == pytest.approx(rejected * 3600 / 2450)
    assert float(work.total_electric_kw[0]) == pytest.approx(float(work.compressor_kw[0]) + 0.025 * rejected)


@pytest.mark.parametrize(("source_c", "supply_c"), [(40.0, 70.0), (46.0, 60.0), (25.0, 80.0)])
def test_a_heat_pump_reaches_its_part_of_carnot(source_c: float, supply_c: float) -> None:
    assert float(heat_pump_cop(source_c, supply_c, 0.5)) == pytest.approx(
        0.5 * (supply_c + 273.15) / (supply_c - source_c)
    )


REUSE = {"heat_kw": 400.0, "supply_c": 40.0, "approach_k": 3.0, "carnot_ratio": 0.5}


@pytest.mark.parametrize(("supply_c", "warm"), [(36.9, True), (37.0, True), (37.1, False)])
def test_an_exchanger_hands_over_what_is_warm_enough(supply_c: float, *, warm: bool) -> None:
    """Return at 40 °C, 37 °C behind the exchanger."""
    circuit = loop(("chiller",), air(40, 27), reuse={**REUSE, "supply_c": supply_c})
    work = run(circuit, 1000, air(20, 15))
    assert float(work.reuse.delivered_kw[0]) == (400 if warm else 0)


def test_a_heat_pump_delivers_water_heat_and_its_own_electricity() -> None:
    circuit = loop(("chiller",), air(40, 27), reuse={**REUSE, "supply_c": 70.0, "way": "heat-pump"})
    work = run(circuit, 1000, air(20, 15))
    given, taken, drawn = (
        float(x[0]) for x in (work.reuse.delivered_kw, work.reuse.from_water_kw, work.reuse.electric_kw)
    )
    assert given == pytest.approx(taken + drawn) == pytest.approx(400)
    assert drawn == pytest.approx(400 / (0.5 * 343.15 / 33))
    assert float(work.taken_kw["chiller"][0]) == pytest.approx(1000 - taken)


@settings(deadline=None)
@given(dry_c=st.floats(-30, 45), depression_k=st.floats(0, 20), above_k=st.floats(1, 40), height_m=st.floats(0, 3000))
def test_a_tower_evaporates_no_more_than_all_of_its_heat(
    dry_c: float, depression_k: float, above_k: float, height_m: float
) -> None:
    here = air(dry_c, float(np.maximum(dry_c - depression_k, driest_wet_bulb_c(dry_c))), height_m)
    share = float(latent_ratio(here.wet_bulb_c + above_k, here)[0])
    assert 0 < share <= 1


def test_towers_evaporate_less_in_cold_air_by_the_balance_of_the_air() -> None:
    """4/3 °C in, saturated at 25 °C out: Δω = 0.0157, Δh = 61 kJ/kg from tables of moist air: 0.63 of the heat."""
    assert float(latent_ratio(np.array([25.0]), air(4, 3))[0]) == pytest.approx(2450 * 0.0157 / 61.1, rel=0.01)
    stated = CATALOG.heat_rejection("cooling-tower").model_copy(update={"latent_ratio": 0.9})
    assert float(evaporated_l_h(stated, np.array([100.0]), np.array([25.0]), air(4, 3))[0]) == pytest.approx(
        100 * 0.9 * 3600 / 2450
    )


def test_the_same_heat_takes_less_water_in_alaska_than_in_arizona() -> None:
    circuit = loop(("cooling-tower",), air(40, 27))
    cold, hot = run(circuit, 1000, air(4, 3)), run(circuit, 1000, air(35, 18))
    assert float(cold.evaporated_l_h[0]) < 0.75 * float(hot.evaporated_l_h[0])
    assert float(hot.evaporated_l_h[0]) <= 1000 * 3600 / 2450


@pytest.mark.parametrize(("leaving_c", "floor_air_c"), [(6.7, 3.7), (19.0, 16.0), (36.0, 33.0)])
def test_colder_air_helps_a_chiller_down_to_its_least_lift(leaving_c: float, floor_air_c: float) -> None:
    """At full load it condenses 15 K above the air and evaporates 3 K below the water: the floor is at water - 3 K."""
    product = CATALOG.heat_rejection("chiller")
    bank = Bank(product, 1000.0, 10.0)
    one = np.array([1.0])
    above = [float(chiller_cop(bank, one, leaving_c, one * (floor_air_c + k))[0]) for k in (0, 1, 5, 20)]
    assert above == sorted(above, reverse=True)
    assert len(set(above)) == 4
    below = [float(chiller_cop(bank, one, leaving_c, one * (floor_air_c - k))[0]) for k in (1, 10, 30)]
    assert below == pytest.approx([above[0]] * 3)
