"""Rules, facts and errata of the reference that hold for the facility as a whole, each by its id."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from gigasite.design import cooling, power
from gigasite.design.cooling import airflow
from gigasite.design.electrical.ratings import breaker_needed_a, busbar_current_a, continuous_ratio
from gigasite.design.failures import availability
from gigasite.economics import economics_figures
from gigasite.economics.energy import cue_kg_per_kwh, ere, erf, pue, wue_l_per_kwh

from .sites import catalog, changed, design_of, found, serious, site

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = (
    "30_power.yaml",
    "31_cooling.yaml",
    "40_reliability.yaml",
    "50_cost_carbon.yaml",
    "70_dsx_iren.yaml",
    "90_contradictions.yaml",
)
ENTRIES: dict[str, dict[str, Any]] = {
    entry["id"]: entry
    for name in FILES
    for entry in yaml.safe_load((REFERENCE / name).read_text(encoding="utf-8"))["entries"]
}


def expected(key: str) -> dict[str, Any]:
    found_: dict[str, Any] = ENTRIES[key]["expected"]
    return found_


# power


@pytest.mark.parametrize("load_a", [10.0, 27.5, 48.0, 320.0])
def test_pow_nec_continuous(load_a: float) -> None:
    rule = expected("pow-nec-continuous")
    assert breaker_needed_a(load_a, "nec") == pytest.approx(rule["ocpd_min_ratio"] * load_a)
    assert breaker_needed_a(load_a, "nec", hundred_percent_rated=True) == load_a
    assert breaker_needed_a(load_a, "iec") == load_a
    assert continuous_ratio("nec", is_breaker=False) == 1.0, "transformers and UPS are no overcurrent devices"


@pytest.mark.parametrize("unit_kw", [400.0, 1500.0, 2500.0])
@pytest.mark.parametrize("load_kw", [1.0, 399.0, 2000.0, 9000.0, 41_234.0])
def test_pow_redundancy_rule(load_kw: float, unit_kw: float) -> None:
    """N = ceil(load/unit); N+1 one more; 2N both sides at most half of what is installed; xNyR at most y/x."""
    assert expected("pow-redundancy-rule")["general_xNyR"] == "max utilisation = y/x"
    needed = math.ceil(load_kw / unit_kw)
    assert power.blocks_for(load_kw, unit_kw, power.topology("N")) == (1, needed)
    assert power.blocks_for(load_kw, unit_kw, power.topology("N+1")) == (1, needed + 1)
    assert power.blocks_for(load_kw, unit_kw, power.topology("N+2")) == (1, needed + 2)
    for name, x, y in (("2N", 2, 1), ("4N3R", 4, 3), ("5N4R", 5, 4), ("5N3R", 5, 3), ("3N2R", 3, 2), ("9N8R", 9, 8)):
        sets, per_set = power.blocks_for(load_kw, unit_kw, power.topology(name))
        assert per_set == x
        assert load_kw / (sets * x * unit_kw) <= y / x + 1e-9
        assert load_kw > (sets - 1) * y * unit_kw, "and no set is there for nothing"
    for x, y in ((4, 1), (3, 2)):
        catcher = power.topology(f"{x}+{y}C")
        sets, per_set = power.blocks_for(load_kw, unit_kw, catcher)
        assert per_set == x + y
        assert load_kw <= sets * x * unit_kw * (1 + 1e-9), "catchers stand empty"


def test_pow_800vdc() -> None:
    """800 V DC from the room: 1 MW of rack are 1,250 A, the chain loses less, the first racks are of 2027."""
    fact = expected("pow-800vdc")
    kyber = catalog().system("rubin-ultra-kyber-nvl576")
    assert busbar_current_a(fact["rack_class_mw"] * 1000, fact["bus_vdc"]) == 1250
    assert kyber.roadmap_year == fact["first_volume_year"]
    assert kyber.power_input == "dc-busbar"
    pool = {"name": "train", "system": kyber.key, "nodes": 144, "reference_architecture": "dgx-superpod-gb200"}
    made = {"name": "demo", "pools": [pool]}
    design = design_of(made)
    assert design.resolved.power.distribution.rack_dc_v == fact["bus_vdc"]
    assert design.resolved.power.ups.product == "rectifier-800vdc"
    with_ups = design_of(changed(made, power__ups__product="double-conversion"))
    chain = [
        (d.power.it_kw or 0) / ((d.power.it_kw or 0) + float(d.tables.elements["loss_kw"].sum()))
        for d in (with_ups, design)
    ]
    assert 0 < chain[1] - chain[0] <= fact["end_to_end_efficiency_gain_pct_up_to"] / 100


def test_pow_reference_blocks_and_pow_vertiv_ref() -> None:
    """Racks of 127 and 132 kW are within what feeds and supplies of the general code carry; 7 MW hold 53 of them."""
    siemens, vertiv = expected("pow-reference-blocks"), expected("pow-vertiv-ref")
    gb200 = catalog().system("gb200-nvl72")
    assert siemens["siemens_nvent_rack_kw"] <= vertiv["rack_kw"] == gb200.max_kw
    for rack_kw in (siemens["siemens_nvent_rack_kw"], vertiv["rack_kw"]):
        design = design_of(site("gb200-nvl72", 18, pool__power_cap_kw=rack_kw))
        assert not serious(design, "PWR101") + serious(design, "PWR102")
    most = math.floor(vertiv["block_mw"] * 1000 / vertiv["rack_kw"])
    assert most == 53
    assert power.blocks_for(most * vertiv["rack_kw"], vertiv["block_mw"] * 1000, power.topology("2N")) == (1, 2)
    assert power.blocks_for((most + 1) * vertiv["rack_kw"], vertiv["block_mw"] * 1000, power.topology("2N"))[0] == 2


# cooling


@pytest.mark.parametrize("key", ["water", "pg25"])
@pytest.mark.parametrize(("heat_kw", "rise_k"), [(1.0, 10.0), (116.0, 12.5), (1000.0, 9.6), (25_000.0, 6.0)])
def test_cool_heat_balance(key: str, heat_kw: float, rise_k: float) -> None:
    """Q = ρ·(V̇/60000)·cp·ΔT of liquids; Q = 1.2·1.006·V̇·ΔT of air at sea level."""
    assert "flow_lpm/60000" in expected("cool-heat-balance")["formula"]
    fluid = catalog().fluid(key)
    flow = cooling.coolant_flow_lpm(heat_kw, rise_k, fluid)
    assert fluid.density_kg_m3 * flow / 60_000 * fluid.specific_heat_kj_kgk * rise_k == pytest.approx(heat_kw)
    assert cooling.coolant_rise_k(heat_kw, flow, fluid) == pytest.approx(rise_k)
    moved = airflow.airflow_m3_s(heat_kw, rise_k)
    assert 1.2 * 1.006 * moved * rise_k == pytest.approx(heat_kw)
    assert airflow.airflow_rise_k(heat_kw, moved) == pytest.approx(rise_k)


@pytest.mark.parametrize(("site_kwh", "it_kwh", "reused_kwh"), [(1200.0, 1000.0, 0.0), (1090.0, 1000.0, 300.0)])
def test_cool_pue_definition(site_kwh: float, it_kwh: float, reused_kwh: float) -> None:
    rule = expected("cool-pue-definition")
    assert rule["ERE"] == "(E_dc - E_reused) / E_it"
    assert pue(site_kwh, it_kwh) == site_kwh / it_kwh
    assert wue_l_per_kwh(500.0, it_kwh) == 500.0 / it_kwh
    assert cue_kg_per_kwh(site_kwh * 0.35, it_kwh) == pytest.approx((pue(site_kwh, it_kwh) or 0) * 0.35)
    assert ere(site_kwh, reused_kwh, it_kwh) == pytest.approx((site_kwh - reused_kwh) / it_kwh)
    assert erf(reused_kwh, site_kwh) == reused_kwh / site_kwh


# reliability


def test_rel_llama3_mtbf_and_rel_rsc_mttf_16k() -> None:
    """Parts in series fail by the sum of their rates: mean time of a job = that of a part over their number."""
    llama, rsc = ENTRIES["rel-llama3-mtbf"], ENTRIES["rel-rsc-mttf-16k"]
    given = llama["given"]
    job_h = given["days"] * 24 / given["unexpected"]
    assert job_h == pytest.approx(llama["expected"]["job_mtbf_h"], rel=0.005)
    assert job_h * given["gpus"] == pytest.approx(llama["expected"]["gpu_mtbf_h"], rel=0.005)
    assert 8760 / job_h / given["gpus"] == pytest.approx(llama["expected"]["failures_per_gpu_year"], rel=0.005)
    nodes = rsc["given"]["gpus"] / rsc["given"]["gpus_per_node"]
    mttf_h = 24 / (nodes * rsc["given"]["failures_per_node_day"])
    assert mttf_h == pytest.approx(rsc["expected"]["mttf_h"], rel=0.02)
    repair_h = 0.001
    one = availability.availability(mttf_h * nodes, repair_h)
    together = availability.series([one] * round(nodes))
    assert 1 - together == pytest.approx(repair_h / mttf_h, rel=0.01)


def test_rel_nvl72_spares() -> None:
    fact = expected("rel-nvl72-spares")
    made = site("gb300-nvl72", 36, pool__spare_trays_per_rack=fact["spare_trays"])
    nodes = design_of(made).tables.nodes
    active = nodes.filter(~nodes["spare"])
    assert active.height == 2 * fact["active_trays"]
    assert int(active["gpu_count"].sum()) == 2 * fact["active_gpus"]


# where sources disagree


def test_con_gb200_rack_kw() -> None:
    """Nameplate, design heat and feed capacity are three numbers; 132 kW for power design."""
    design = design_of(site("gb200-nvl72", 18))
    racks = design.tables.racks.filter(design.tables.racks["kind"] == "pool")
    feeds = design.tables.feeds.filter(design.tables.feeds["rack"] == racks["rack"][0])
    nameplate, feed_kw = design.pools["train"].system_kw, float(feeds["usable_kw"].sum())
    assert nameplate == racks["it_kw"][0] == 132
    gb200 = catalog().system("gb200-nvl72")
    assert (racks["liquid_kw"][0], racks["air_kw"][0]) == (gb200.liquid_kw, gb200.air_kw)
    assert feed_kw != nameplate


def test_con_gb300_max_kw() -> None:
    """Fed for 142 kW, cooled for 135: the check says so."""
    design = design_of(site("gb300-nvl72", 36))
    racks = design.tables.racks.filter(design.tables.racks["kind"] == "pool")
    assert set(racks["it_kw"]) == {142.0}
    assert racks["liquid_kw"][0] + racks["air_kw"][0] == pytest.approx(135.3, abs=0.5)
    assert found(design, "CLG113")


def test_con_vera_rubin_rack_kw() -> None:
    """Max-Q 200, Max-P 227; the envelope of 330 is for the layout, and no draw."""
    for profile, kw in (("max-q", 200), ("max-p", 227)):
        design = design_of(site("vera-rubin-nvl72", 18, pool__load={"profile": profile}))
        racks = design.tables.racks.filter(design.tables.racks["kind"] == "pool")
        assert set(racks["it_kw"]) == {float(kw)}
    assert catalog().system("vera-rubin-nvl72").power_profiles_kw["design-envelope"] == 330


def test_con_kyber_kw() -> None:
    kyber = catalog().system("rubin-ultra-kyber-nvl576")
    assert kyber.max_kw == 600
    assert kyber.roadmap_year is not None, "flagged as roadmap"
    assert 600 in ENTRIES["con-kyber-kw"]["published"]["values_kw"]


@pytest.mark.parametrize(("system", "supply_count", "spare"), [("dgx-h100", 6, 2), ("dgx-b200", 6, 1)])
def test_con_psu_is_not_feed_redundancy(system: str, supply_count: int, spare: int) -> None:
    """Supplies back each other up and feeds do not: PWR103 is silent where PWR102 speaks."""
    product = catalog().system(system)
    assert (product.psu_count, product.psu_required_count) == (supply_count, supply_count - spare)
    design = design_of(site(system, 8, racks={"feeds": 2}))
    assert serious(design, "PWR102")
    assert not serious(design, "PWR103")


def test_con_gb300_flow_against_dsx_minimum() -> None:
    """The piping takes the larger, the rack its own curve, and the design says which binds."""
    made = changed(site("gb300-nvl72", 36), cooling__loop={"supply_c": 30, "flow_lpm_per_kw_min": 1.5})
    mild, hot = design_of(made), design_of(changed(made, cooling__loop__supply_c=49))
    assert mild.cooling.flow_bound_by == "facility-minimum"
    assert (mild.cooling.flow_lpm or 0) > (mild.cooling.rack_flow_lpm or 0)
    assert hot.cooling.flow_bound_by == "system-curve"
    assert hot.cooling.flow_lpm == hot.cooling.rack_flow_lpm


def test_con_cdu_rating_point() -> None:
    """1,890 l/min at 1.5 l/min a kW carry 1,260 kW, whatever the name plate says; every CDU has its rating point."""
    usable_kw, why = cooling.cdu_usable_kw(catalog().cdu("boyd-rol4000"), 1.5)
    assert (usable_kw, why) == (pytest.approx(1260), "flow")
    for key in catalog().keys("cdu"):
        cdu = catalog().cdu(key)
        for lpm_per_kw in (0.5, 1.0, 1.5, 2.0):
            usable_kw, _ = cooling.cdu_usable_kw(cdu, lpm_per_kw)
            by_flow = math.inf if cdu.tcs_flow_lpm is None else cdu.tcs_flow_lpm / lpm_per_kw
            assert usable_kw == pytest.approx(min(cdu.capacity_kw, by_flow))


def test_con_65j_smoothing() -> None:
    """What a rack stores lasts milliseconds: steps of seconds are left to floors, ramps and batteries."""
    from gigasite.design.dynamics.swings import buffer_s, residual_swing_kw

    joules = expected("pow-gb300-smoothing")["energy_storage_j_per_gpu"] * 72
    assert buffer_s(joules, 140) == pytest.approx(0.033, abs=0.001)
    assert residual_swing_kw(100, joules / 1000, 0.1, 0.5) < 0.01
    assert residual_swing_kw(100, joules / 1000, 5.0, 0.5) > 0.95 * 100


def test_con_site_kw_per_gpu() -> None:
    """IT kW of a rack, facility kW a GPU and site kW a GPU are three figures."""
    design = design_of(site("gb300-nvl72", 72))
    gpus = design.pools["train"].gpu_count
    rack = (design.pools["train"].system_kw or 0) / 72
    it, whole = ((kw or 0) / gpus for kw in (design.power.it_kw, design.power.utility_kw))
    assert rack < it < whole


def test_con_hardware_share_is_no_input() -> None:
    """A dearer facility lowers the share of the hardware: nobody sets it."""
    made = site("gb200-nvl72", 36, location={"grid": "ercot"})
    cheap, dear = (
        economics_figures(design_of(changed(made, power__blocks__topology=name)), catalog())["economics"]["shares"]
        for name in ("N", "2N")
    )
    assert cheap["accelerators_ratio"] > dear["accelerators_ratio"]
