"""Every vector of power and cooling that the design computes, through the general code; the rest by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gigasite.catalog.load import load_catalog
from gigasite.catalog.models import Fluid
from gigasite.design import cooling, power
from gigasite.design.electrical.ratings import busbar_current_a
from gigasite.design.failures import availability

REFERENCE = Path(__file__).parent.parent / "reference"
ENTRIES = {
    entry["id"]: entry
    for name in ("30_power.yaml", "31_cooling.yaml", "90_contradictions.yaml")
    for entry in yaml.safe_load((REFERENCE / name).read_text())["entries"]
}
CATALOG = load_catalog()


def fluid(given: Mapping[str, Any]) -> Fluid:
    return Fluid(
        key="test",
        title="as given",
        at_c=30,
        density_kg_m3=given["rho_kg_m3"],
        specific_heat_kj_kgk=given["cp_kj_kgk"],
    )


def circuit(given: Mapping[str, Any]) -> dict[str, float]:
    volts, amperes, phases = given["line_voltage_v"], given["breaker_a"], given["phases"]
    return {
        "kva_full": power.circuit_kw(volts, amperes, phases=phases),
        "kw_continuous": power.circuit_kw(volts, amperes, phases=phases, derate_ratio=given["derate"]),
    }


def shelves(given: Mapping[str, Any]) -> dict[str, float]:
    system = CATALOG.system(given["system"])
    assert None not in (system.shelf_kw, system.shelf_count, system.psus_per_shelf, system.psu_kw, system.max_kw)
    by_feed = power.supplies_by_feed(system.shelf_count, 2)
    return {
        "shelf_kw": system.shelf_kw,
        "installed_kw": system.shelf_count * system.shelf_kw,
        "shelf_kw_n_plus_1": (system.psus_per_shelf - 1) * system.psu_kw,
        "shelves_needed_n": cooling.units_needed(system.max_kw, system.shelf_kw),
        "half_feed_kw": int(by_feed[1]) * system.shelf_kw,
    }


def four_n_three_r(given: Mapping[str, Any]) -> dict[str, float]:
    load_kw = given["critical_load_mw"] * 1000
    how = power.topology(f"{given['blocks']}N{given['required_blocks']}R")
    assert how.required_count
    unit_kw = load_kw / how.required_count
    sets, per_set = power.blocks_for(load_kw, unit_kw, how)
    assert power.blocks_for(load_kw, unit_kw * 0.999, how)[0] == sets + 1, "a smaller block does not carry it"
    installed = sets * per_set * unit_kw
    return {
        "block_mw_min": unit_kw / 1000,
        "installed_mw": installed / 1000,
        "max_block_utilisation_pct": 100 * load_kw / installed,
    }


def ups_modules(given: Mapping[str, Any]) -> dict[str, float]:
    load, unit = given["critical_load_kw"], given["ups_module_kw"]
    needed = power.blocks_for(load, unit, power.topology("N"))[1]
    return {
        "n": needed,
        "installed_n_plus_1": power.blocks_for(load, unit, power.topology("N+1"))[1],
        "installed_2n": cooling.redundant_count(needed, "2N"),
    }


def chain(given: Mapping[str, Any]) -> dict[str, float]:
    efficiency = power.chained([given[k] for k in ("mv_transformer_eff", "ups_eff", "pdu_eff", "rack_psu_eff")])
    utility = given["it_kw"] / efficiency
    return {"chain_eff": efficiency, "utility_kw": utility, "loss_kw": utility - given["it_kw"]}


def rise(given: Mapping[str, Any]) -> dict[str, float]:
    return {"dt_k": cooling.coolant_rise_k(given["load_kw"], given["flow_lpm"], fluid(given))}


def cdu_rating_point(given: Mapping[str, Any]) -> dict[str, float]:
    rise_k = given["tcs_return_c"] - given["tcs_supply_c"]
    flow = cooling.coolant_flow_lpm(given["load_kw"], rise_k, fluid(given))
    return {
        "approach_k": given["tcs_supply_c"] - given["fws_supply_c"],
        "dt_k": rise_k,
        "mass_flow_kg_s": flow / 60_000 * given["rho_kg_m3"],
        "flow_lpm": flow,
        "lpm_per_kw": flow / given["load_kw"],
    }


def pressure(given: Mapping[str, Any]) -> dict[str, float]:
    curve = CATALOG.system("gb300-nvl72").tcs_pressure_curve
    assert curve
    return {"dp_kpa": cooling.pressure_drop_kpa(given["flow_lpm"], curve)}


def airflow(given: Mapping[str, Any]) -> dict[str, float]:
    return {"dt_k": cooling.air_rise_k(1.0, given["cfm_per_kw"], given["air_rho_cp_kj_m3k"])}


def tier(given: Mapping[str, Any]) -> dict[str, float]:
    return {"downtime_h_per_year": availability.downtime_h_per_year(given["availability_pct"] / 100)}


VECTORS: dict[str, Callable[[Mapping[str, Any]], dict[str, float]]] = {
    "pow-3ph-415v-60a": circuit,
    "pow-3ph-415v-32a": circuit,
    "pow-3ph-208v-60a": circuit,
    "pow-gb300-shelves": shelves,
    "pow-4n3r-case": four_n_three_r,
    "pow-nplus1-ups": ups_modules,
    "pow-chain-efficiency": chain,
    "pow-busbar-current-48v": lambda given: {"current_a": busbar_current_a(given["rack_kw"], given["bus_v"])},
    "cool-15lpm-pg25": rise,
    "cool-15lpm-water": rise,
    "cool-cdu-rating-point": cdu_rating_point,
    "cool-gb300-dp-curve": pressure,
    "cool-airflow-h100-guide": airflow,
    "pow-uptime-tier-i": tier,
    "pow-uptime-tier-ii": tier,
    "pow-uptime-tier-iii": tier,
    "pow-uptime-tier-iv": tier,
}
NOT_DESIGNED_YET = {}


def test_no_vector_is_left_out_in_silence() -> None:
    vectors = {key for key, entry in ENTRIES.items() if entry["kind"] == "vector"}
    assert vectors == set(VECTORS) | set(NOT_DESIGNED_YET)


@pytest.mark.parametrize("key", VECTORS)
def test_published_and_computed_figures_follow_from_the_general_code(key: str) -> None:
    entry = ENTRIES[key]
    found = VECTORS[key](entry["given"])
    for name, expected in entry["expected"].items():
        assert found[name] == pytest.approx(expected, **tolerance(entry, name)), name


def tolerance(entry: Mapping[str, Any], key: str) -> dict[str, float]:
    given = entry["tolerance"]
    if given == "exact":
        return {"rel": 1e-9}
    return dict(given.get(key, {k: v for k, v in given.items() if k in ("rel", "abs")}))


def test_nec_breakers_carry_eighty_percent_continuously_unless_listed_for_all_of_it() -> None:
    rule = ENTRIES["pow-nec-continuous"]["expected"]
    assert power.continuous_ratio("nec", hundred_percent_rated=False) == rule["usable_fraction"]
    assert 1 / rule["usable_fraction"] == rule["ocpd_min_ratio"]
    assert power.continuous_ratio("nec", hundred_percent_rated=True) == 1.0
    assert power.continuous_ratio("iec", hundred_percent_rated=False) == 1.0


@pytest.mark.parametrize(("x", "y"), [(2, 1), (3, 2), (4, 3), (5, 4), (6, 4)])
def test_no_block_of_x_n_y_r_is_loaded_above_y_of_x(x: int, y: int) -> None:
    how = power.topology(f"{x}N{y}R")
    for load_kw in (1.0, 999.0, 7500.0, 7501.0, 123_456.0):
        sets, per_set = power.blocks_for(load_kw, 2500.0, how)
        assert per_set == x
        assert load_kw / (sets * per_set * 2500.0) <= y / x + 1e-9


def test_the_flow_curve_of_gb300_is_met_at_every_published_point() -> None:
    curve = ENTRIES["cool-gb300-flow-curve"]
    system = CATALOG.system("gb300-nvl72")
    for inlet_c, flow in zip(curve["expected"]["inlet_c"], curve["expected"]["flow_lpm"], strict=True):
        found = cooling.curve_flow_lpm(system, curve["given"]["liquid_kw"], inlet_c)
        assert found == pytest.approx(flow, rel=0.01)


def test_flow_rises_with_the_supply_temperature_between_and_beyond_the_published_points() -> None:
    system = CATALOG.system("gb300-nvl72")
    flows = [cooling.curve_flow_lpm(system, 116.0, c) or 0.0 for c in (15, 20, 25, 27.5, 30, 32.5, 35, 40, 45, 50, 54)]
    assert flows == sorted(flows)
    assert 65.1 < flows[4] < 92.6 < flows[7] < 160.0 < flows[9]
    rises = [cooling.coolant_rise_k(116.0, flow, CATALOG.fluid("pg25")) for flow in flows]
    assert rises == sorted(rises, reverse=True), "a fixed temperature rise would be wrong"


def test_a_supply_as_warm_as_the_return_limit_cannot_cool() -> None:
    assert cooling.curve_flow_lpm(CATALOG.system("gb300-nvl72"), 116.0, 80.0) == float("inf")


def test_a_cdu_is_worth_what_its_flow_carries_not_its_name_plate() -> None:
    """1,890 l/min at 1.5 l/min a kW carry 1,260 kW, whatever the plate says."""
    usable, why = cooling.cdu_usable_kw(CATALOG.cdu("boyd-rol4000"), 1.5)
    assert usable == pytest.approx(1260)
    assert why == "flow"
    assert cooling.cdu_usable_kw(CATALOG.cdu("ocp-rating-1mw"), 1.5) == (1000, "name plate")


def test_piping_takes_the_larger_of_system_curve_and_facility_minimum() -> None:
    from gigasite.spec.cooling import LoopSpec

    system = CATALOG.system("gb300-nvl72")
    warm, own = cooling.rack_flow_lpm(system, 116.0, LoopSpec(supply_c=35, flow_lpm_per_kw_min=1.5))
    assert (warm, own) == (pytest.approx(174.0), pytest.approx(92.6, rel=0.01))
    hot, own = cooling.rack_flow_lpm(system, 116.0, LoopSpec(supply_c=48, flow_lpm_per_kw_min=1.5))
    assert hot == own
    assert (own or 0) > 174.0


def test_heat_is_split_as_published_and_never_lost() -> None:
    split = ENTRIES["cool-gb300-heat-split"]["expected"]
    system = CATALOG.system("gb300-nvl72")
    liquid, air = cooling.heat_split(system, system.design_heat_kw)
    assert (liquid, air) == (pytest.approx(split["liquid_kw"]), pytest.approx(split["air_kw"]))
    for heat_kw in (10.0, 126.0, 142.0):
        liquid, air = cooling.heat_split(system, heat_kw)
        assert liquid is not None
        assert air is not None
        assert liquid + air == pytest.approx(heat_kw)
