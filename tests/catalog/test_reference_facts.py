"""The catalog says what the reference facts say: each fact by its id, within its tolerance.

An expected key is compared through a table of values; a key that no product states is listed with the
reason, and so is a fact that belongs to another stage. Nothing is passed over without a word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gigasite.catalog import load_catalog
from gigasite.catalog.models import FabricRole, Nic, ReferenceArchitecture, System

REFERENCE = Path(__file__).parents[1] / "reference"
GIB_GB = 2**30 / 1e9
CATALOG = load_catalog()


def _entries(file: str) -> dict[str, dict[str, Any]]:
    loaded = yaml.safe_load((REFERENCE / file).read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in loaded["entries"]}


FILES = {
    name: _entries(name)
    for name in (
        "10_compute_systems.yaml",
        "20_superpod_fabrics.yaml",
        "21_fabrics_other.yaml",
        "30_power.yaml",
        "31_cooling.yaml",
        "50_cost_carbon.yaml",
        "60_storage.yaml",
        "70_dsx_iren.yaml",
        "90_contradictions.yaml",
    )
}
ENTRIES = {key: entry for entries in FILES.values() for key, entry in entries.items()}


def _nics(system: System, *roles: FabricRole) -> tuple[Nic, ...]:
    return tuple(nic for nic in system.nics if set(nic.roles) & set(roles))


def _compute(system: System) -> Nic:
    (nic,) = _nics(system, FabricRole.COMPUTE)
    return nic


def _host(system: System) -> tuple[Nic, ...]:
    return _nics(system, FabricRole.STORAGE, FabricRole.INBAND)


def _host_card_count(system: System) -> int:
    """Cards: where storage and in-band take one port each of the same cards, these count once."""
    return max(nic.count for nic in _host(system))


def _terabytes(system: System) -> float:
    return system.gpu_count * (system.gpu_memory_gb or math.nan) / 1000


def _scale_up_tb_s(system: System) -> float:
    return system.gpu_count * (system.scale_up_gbyte_s_per_gpu or math.nan) / 1000


def _liquid_ratio(system: System) -> float:
    if system.liquid_kw is None or system.air_kw is None:
        return 0.0 if system.cooling == "air" else math.nan
    return system.liquid_kw / (system.liquid_kw + system.air_kw)


def _redundancy(system: System) -> str:
    assert system.psu_count is not None
    assert system.psu_required_count is not None
    return f"{system.psu_required_count}+{system.psu_count - system.psu_required_count}"


def _gaudi_scale_out_ports(system: System) -> float:
    nic = _compute(system)
    return nic.count * nic.ports_per_nic * nic.port_gbps / 200 / system.gpu_count


SYSTEM_VALUES: dict[str, Callable[[System], Any]] = {
    **dict.fromkeys(("gpus", "accelerators", "chips", "gpu_packages", "pod_chips"), lambda s: s.gpu_count),
    **dict.fromkeys(("gpu_mem_gb", "gpu_mem_gb_per_gpu", "hbm_gb"), lambda s: s.gpu_memory_gb),
    **dict.fromkeys(("gpu_mem_tb_s", "hbm_tb_s", "hbm_tb_s_per_gpu"), lambda s: s.gpu_memory_tbyte_s),
    **dict.fromkeys(("gpu_w", "accelerator_w"), lambda s: s.gpu_w),
    **dict.fromkeys(("nvlink_domain", "scale_up_domain"), lambda s: s.scale_up_domain_gpu_count),
    **dict.fromkeys(("nvlink_tb_s", "nvlink_tb_s_total", "scale_up_tb_s", "domain_nvlink_tb_s"), _scale_up_tb_s),
    **dict.fromkeys(
        ("nvlink_gbyte_s_per_gpu", "neuronlink_gbyte_s_per_chip", "gbyte_s_per_gpu_bidir"),
        lambda s: s.scale_up_gbyte_s_per_gpu,
    ),
    **dict.fromkeys(("max_kw", "approx_kw", "rack_kw", "rack_max_kw"), lambda s: s.max_kw),
    **dict.fromkeys(("compute_trays", "instances"), lambda s: s.node_count),
    **dict.fromkeys(("compute_nics", "compute_nics_per_tray"), lambda s: _compute(s).count),
    **dict.fromkeys(("storage_mgmt_nics", "dpus_per_tray"), _host_card_count),
    **dict.fromkeys(("storage_mgmt_nic", "dpu"), lambda s: _host(s)[0].model),
    **dict.fromkeys(("power_shelves", "shelves"), lambda s: s.shelf_count),
    **dict.fromkeys(("oob_switches", "tor_oob_units"), lambda s: s.oob_switch_count),
    **dict.fromkeys(("nvswitches", "nvlink_chips"), lambda s: s.scale_up_switch_chip_count),
    "gpu_mem_gb_total": lambda s: _terabytes(s) * 1000,
    "hbm_tb": _terabytes,
    "hbm_gib": lambda s: _terabytes(s) * 1000 / GIB_GB,
    "cpus": lambda s: s.cpu_count,
    "cpu": lambda s: s.cpu,
    "system_mem_tb": lambda s: s.system_memory_tb,
    "host_mem_gib": lambda s: s.system_memory_tb * 1000 / GIB_GB,
    "compute_nic": lambda s: _compute(s).model,
    "compute_nic_gbps": lambda s: _compute(s).port_gbps,
    "storage_mgmt_ports_per_nic": lambda s: sum(nic.ports_per_nic for nic in _host(s)),
    "nvlink_switch_trays": lambda s: s.scale_up_switch_tray_count,
    "nvlink_chips_per_tray": lambda s: s.scale_up_switch_chip_count // s.scale_up_switch_tray_count,
    "gpu_nvlink_tb_s": lambda s: s.scale_up_gbyte_s_per_gpu / 1000,
    "psus": lambda s: s.psu_count,
    "psu_kw": lambda s: s.psu_kw,
    "psu_redundancy": _redundancy,
    "psus_per_shelf": lambda s: s.psus_per_shelf,
    "shelf_kw": lambda s: s.shelf_kw,
    "shelf_height_u": lambda s: s.shelf_height_u,
    "installed_kw": lambda s: s.shelf_count * s.shelf_kw,
    "half_feed_kw": lambda s: s.shelf_count / 2 * s.shelf_kw,
    "shelves_needed_n": lambda s: math.ceil(s.max_kw / s.shelf_kw),
    "input_vac_min": lambda s: s.shelf_input_v[0],
    "input_vac_max": lambda s: s.shelf_input_v[1],
    "height_u": lambda s: s.height_u,
    "height_mm": lambda s: s.height_mm,
    "depth_mm": lambda s: s.depth_mm,
    "weight_kg": lambda s: s.weight_kg,
    "inlet_c": lambda s: [s.inlet_c_min, s.inlet_c_max],
    "liquid_fraction": _liquid_ratio,
    "cooling": lambda s: s.cooling,
    "power": lambda s: s.power_input,
    "gpus_per_tray": lambda s: s.gpus_per_node,
    "liquid_kw": lambda s: s.liquid_kw,
    "air_kw": lambda s: s.air_kw,
    "total_kw": lambda s: s.design_heat_kw,
    "max_q_kw": lambda s: s.power_profiles_kw["max-q"],
    "max_p_kw": lambda s: s.power_profiles_kw["max-p"],
    "tcs_supply_c_max": lambda s: s.tcs_supply_c_max,
    "year": lambda s: s.roadmap_year,
    "max_gpus_per_rack": lambda s: s.max_gpus_per_rack,
    "scale_out_ports": _gaudi_scale_out_ports,
    "ici_gbps_per_chip": lambda s: s.scale_up_gbyte_s_per_gpu * 8,
    "ici_gbyte_s_bidir_per_chip": lambda s: s.scale_up_gbyte_s_per_gpu,
    "max_slice_chips": lambda s: s.scale_up_domain_gpu_count,
    "cfm_per_kw": lambda s: s.airflow_cfm_per_kw,
    "cfm_at_max_kw": lambda s: s.airflow_cfm_per_kw * s.max_kw,
}

ARCHITECTURE_VALUES: dict[str, Callable[[ReferenceArchitecture], Any]] = {
    **dict.fromkeys(("nodes_per_su", "compute_trays_per_su"), lambda r: r.su_node_count),
    "nodes_per_rack": lambda r: r.nodes_per_rack,
    "planes": lambda r: r.planes,
    "tested_su": lambda r: r.tested_su_count,
    "tested_nodes": lambda r: r.tested_su_count * r.su_node_count,
    "fully_drawn_nodes": lambda r: r.tested_su_count * r.su_node_count,
    "rack_power_kw": lambda r: r.rack_kw,
    "rack_pdus": lambda r: r.rack_feed_count,
    "rack_pdu_height_u": lambda r: r.rack_pdu_height_u / r.rack_feed_count,
    "racks_per_su": lambda r: r.su_node_count / r.nodes_per_rack,
    "gpus_per_su": lambda r: r.su_node_count * CATALOG.system(r.systems[0]).gpus_per_node,
    "su_tdp_mw": lambda r: r.su_tdp_kw / 1000,
    "max_racks_quoted": lambda r: r.build_to_su_count * r.su_node_count / r.nodes_per_rack,
    "max_gpus_quoted": lambda r: r.build_to_su_count * r.su_node_count * CATALOG.system(r.systems[0]).gpus_per_node,
    "compute_fabric_gbps": lambda r: CATALOG.switch(r.compute_switch).port_groups[0].gbps,
    "storage_switch": lambda r: r.storage_switch,
    "gpu_link_gbps_per_plane": lambda r: CATALOG.switch(r.compute_switch).port_groups[0].gbps / r.planes,
}

PERFORMANCE = "arithmetic performance is no part of a site's design"
NOT_STATED = {
    **dict.fromkeys(
        ("fp4_pflops", "fp4_exaflops", "fp8_pflops", "fp8_tflops", "bf16_tflops", "pod_fp8_exaflops"),
        PERFORMANCE,
    ),
    "system_mem_tb_max": "an option, not what is bought by default",
    "compute_osfp_ports": "cages: two logical ports each; the catalog counts logical ports",
    "gpu_dies": "GPUs are counted in packages",
    "scale_up": "words; the domain and its rate are stated",
    "xgmi_links": "the rate per GPU is stated",
    "gbyte_s_per_link_bidir": "the rate per GPU is stated",
    "rack": "words; the catalog states the rack positions",
    "scale_out_tb_s": "printed for the rack; NICs were not read",
    "ports_200g": "scale-up ports never leave the server",
    "scale_up_ports": "scale-up ports never leave the server",
    "pod_hbm_pb": "follows from chips and memory a chip",
    "inter_instance": "a cloud's own network",
    "inter_instance_gbyte_s_per_chip": "a cloud's own network",
    **dict.fromkeys(("topology", "cube", "cubes", "ocs", "vcpus", "efa_gbps", "efa_gbps_printed"), "cloud only"),
}

# Keys of one fact that differ from the table: another value, or a reason why there is none.
SPECIAL: dict[str, dict[str, Callable[[System], Any] | str]] = {
    "fab-tpu-v5p-chip": {
        "hbm_gib": lambda s: round(s.gpu_memory_gb / GIB_GB, 3),
        **dict.fromkeys(("max_slice_shape", "dcn_gbps_per_chip", "max_multislice_chips"), "cloud only"),
    },
    "cool-gb300-heat-split": {"liquid_fraction_headline": "the template's headline contradicts its own kW"},
    "cool-gb300-flow-curve": {
        "inlet_c": lambda s: [point[0] for point in s.tcs_flow_curve],
        "flow_lpm": lambda s: [point[1] for point in s.tcs_flow_curve],
    },
    "cool-gb300-dp-curve": {
        "dp_kpa": lambda s: s.tcs_pressure_curve[0] * 160**2 + s.tcs_pressure_curve[1] * 160,
    },
    "cool-gb200-rack": {
        "rack_kw_quoted": "four figures; the one for power design is stated, see the erratum",
        "heat": "words; the split in kW is stated",
        "copper_cable_km": "inside the rack",
    },
    "pow-gb300-shelves": {"shelf_kw_n_plus_1": lambda s: (s.psus_per_shelf - 1) * s.psu_kw},
    "sp-gb200-nvlink": dict.fromkeys(("links_per_gpu", "links_per_gpu_per_chip"), "inside the rack"),
}

SYSTEM_OF = {
    "sys-dgx-h100-airflow": "dgx-h100",
    "sys-instinct-mi300x-scaleup": "instinct-mi300x",
    "cool-gb300-dp-curve": "gb300-nvl72",
    "fab-tpu-v5p-chip": "tpu-v5p",
    "dsx-rack-bom": "gb300-nvl72",
}
SYSTEM_FACTS = [
    *FILES["10_compute_systems.yaml"],
    "sp-gb200-nvlink",
    "fab-tpu-v5p-chip",
    "pow-vr-nvl72-shelves",
    "pow-gb300-shelves",
    "cool-gb300-heat-split",
    "cool-gb300-flow-curve",
    "cool-gb300-dp-curve",
    "cool-gb200-rack",
    "cool-liquid-split-gb200-recalled",
    "dsx-rack-bom",
]


def tolerance_of(entry: dict[str, Any], key: str) -> dict[str, float]:
    """`exact`, one tolerance for every key, or one of its own beside the general one."""
    stated = entry["tolerance"]
    if stated == "exact":
        return {}
    if key in stated:
        return stated[key]
    return {name: value for name, value in stated.items() if name in ("rel", "abs")}


def agree(actual: Any, expected: Any, tolerance: dict[str, float]) -> bool:
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(
            agree(a, e, tolerance) for a, e in zip(actual, expected, strict=True)
        )
    if isinstance(expected, bool | str):
        return actual == expected
    return actual == pytest.approx(
        expected, rel=tolerance.get("rel", 1e-9), abs=tolerance.get("abs", 1e-9 * abs(expected))
    )


def _system(entry_id: str) -> System:
    return CATALOG.system(SYSTEM_OF.get(entry_id) or ENTRIES[entry_id]["given"]["system"])


def _system_keys() -> Iterator[tuple[str, str]]:
    for entry_id in SYSTEM_FACTS:
        for key in ENTRIES[entry_id]["expected"]:
            yield entry_id, key


@pytest.mark.parametrize(("entry_id", "key"), list(_system_keys()))
def test_a_system_is_as_its_source_says(entry_id: str, key: str) -> None:
    entry = ENTRIES[entry_id]
    value = SPECIAL.get(entry_id, {}).get(key) or SYSTEM_VALUES.get(key) or NOT_STATED.get(key)
    assert value is not None, f"{entry_id}.{key} is neither compared nor listed with a reason"
    if callable(value):
        actual = value(_system(entry_id))
        assert agree(actual, entry["expected"][key], tolerance_of(entry, key)), actual


ARCHITECTURE_OF = {
    "sp-b200-rack": "dgx-superpod-b200",
    "sp-b300-eth-facts": "dgx-superpod-b300-ethernet",
    "sp-b300-xdr-facts": "dgx-superpod-b300-xdr",
    "sp-gb200-su": "dgx-superpod-gb200",
    "sp-rubin-nvl8-facts": "dgx-superpod-rubin-nvl8",
}
NOT_OF_AN_ARCHITECTURE = {
    "rack_power_kw_exceeds": "a bound; compared below",
    "storage_transport": "the fabric's protocol is the site's",
    "facility_class_min": "words",
    "rails": "the NICs of the system",
    "leaf_per_su": "follows in the fabric's layout",
    **dict.fromkeys(
        ("hbm_total_gb", "compute_nics", "compute_nic", "compute_nic_gbps", "cooling", "power"),
        "the system's facts",
    ),
}


@pytest.mark.parametrize(("entry_id", "key"), [(e, key) for e in ARCHITECTURE_OF for key in ENTRIES[e]["expected"]])
def test_an_architecture_is_as_its_source_says(entry_id: str, key: str) -> None:
    entry = ENTRIES[entry_id]
    if key not in ARCHITECTURE_VALUES:
        assert key in NOT_OF_AN_ARCHITECTURE, f"{entry_id}.{key} is neither compared nor listed with a reason"
        return
    actual = ARCHITECTURE_VALUES[key](CATALOG.reference_architecture(ARCHITECTURE_OF[entry_id]))
    assert agree(actual, entry["expected"][key], tolerance_of(entry, key)), actual


@pytest.mark.parametrize("entry_id", ["sp-b200-rack", "sp-b300-eth-facts"])
def test_a_rack_of_nodes_draws_more_than_the_published_bound(entry_id: str) -> None:
    architecture = CATALOG.reference_architecture(ARCHITECTURE_OF[entry_id])
    rack_kw = architecture.nodes_per_rack * CATALOG.system(architecture.systems[0]).max_kw
    assert rack_kw > ENTRIES[entry_id]["expected"]["rack_power_kw_exceeds"]


CDU_FACTS = [key for key in FILES["31_cooling.yaml"] if key.startswith("cdu-")]


@pytest.mark.parametrize("entry_id", CDU_FACTS)
def test_a_cdu_is_as_its_source_says(entry_id: str) -> None:
    entry = ENTRIES[entry_id]
    cdu = CATALOG.cdu(entry["given"]["cdu"])
    for key, expected in entry["expected"].items():
        assert agree(getattr(cdu, key), expected, tolerance_of(entry, key)), key


def test_the_cdu_rating_point_is_the_quoted_condition() -> None:
    entry = ENTRIES["cool-cdu-rating-point"]
    given, expected = entry["given"], entry["expected"]
    cdu = CATALOG.cdu("ocp-rating-1mw")
    assert cdu.rating_fluid is not None
    fluid = CATALOG.fluid(cdu.rating_fluid)
    assert cdu.capacity_kw == given["load_kw"]
    assert (fluid.density_kg_m3, fluid.specific_heat_kj_kgk) == (given["rho_kg_m3"], given["cp_kj_kgk"])
    flow_lpm = 60_000 * cdu.capacity_kw / (fluid.density_kg_m3 * fluid.specific_heat_kj_kgk * cdu.tcs_rise_k)
    actual = {
        "approach_k": cdu.approach_k,
        "dt_k": cdu.tcs_rise_k,
        "mass_flow_kg_s": flow_lpm / 60_000 * fluid.density_kg_m3,
        "flow_lpm": cdu.tcs_flow_lpm,
        "lpm_per_kw": cdu.tcs_flow_lpm / cdu.capacity_kw,
    }
    assert actual.keys() == expected.keys()
    assert all(agree(actual[key], expected[key], tolerance_of(entry, key)) for key in expected)


def test_fluids_are_as_their_sources_say() -> None:
    entry = ENTRIES["cool-coolant-properties"]
    water, pg25 = CATALOG.fluid("water"), CATALOG.fluid("pg25")
    actual = {
        "water_30c": {"rho_kg_m3": water.density_kg_m3, "cp_kj_kgk": water.specific_heat_kj_kgk},
        "pg25_35c": {"rho_kg_m3": pg25.density_kg_m3, "cp_kj_kgk": pg25.specific_heat_kj_kgk},
        "pg25_rho_band": list(pg25.density_band_kg_m3),
        "pg25_cp_band": list(pg25.specific_heat_band_kj_kgk),
        "pg25_viscosity_ratio_to_water_25c": pg25.viscosity_ratio_to_water,
    }
    assert actual == entry["expected"]
    assert (water.at_c, pg25.at_c) == (30, 35)


@pytest.mark.parametrize("grid", ["us", "rfce", "camx"])
def test_the_carbon_of_a_grid_is_that_of_egrid(grid: str) -> None:
    entry = ENTRIES["carbon-egrid2023"]
    expected = entry["expected"]
    actual = CATALOG.grid(grid).co2e_kg_per_kwh
    assert agree(actual, expected[f"{grid}_kg_per_kwh"], entry["tolerance"])
    assert agree(actual / 0.45359237 * 1000, expected[f"{grid}_lb_per_mwh"], entry["tolerance"])


def test_the_carbon_of_ercot_is_that_of_egrid() -> None:
    entry = ENTRIES["carbon-ercot"]
    assert agree(CATALOG.grid("ercot").co2e_kg_per_kwh, entry["expected"]["co2e_kg_per_kwh"], entry["tolerance"])
    assert CATALOG.grid("erct").key == "ercot"


def test_the_power_chain_multiplies_to_the_quoted_efficiency() -> None:
    entry = ENTRIES["pow-chain-efficiency"]
    stages = {f"{key.replace('-', '_')}_eff": key for key in CATALOG.keys("power-stage")}
    given = {name: value for name, value in entry["given"].items() if name.endswith("_eff")}
    assert stages.keys() == given.keys()
    assert all(CATALOG.power_stage(stages[name]).efficiency_ratio == value for name, value in given.items())
    chain = math.prod(CATALOG.power_stage(key).efficiency_ratio for key in stages.values())
    assert agree(chain, entry["expected"]["chain_eff"], entry["tolerance"])


def test_a_51_terabit_switch_has_the_ports_of_its_radix() -> None:
    switch = CATALOG.switch("sn5600")
    assert switch.tbps == ENTRIES["fab-switch-radix-51t2"]["given"]["switch_tbps"]
    for gbps in (800, 400, 200, 100):
        group = switch.port_groups[0]
        assert 800 // gbps in group.breakouts
        assert group.count * 800 // gbps == ENTRIES["fab-switch-radix-51t2"]["expected"][f"ports_at_{gbps}g"]


def test_where_sources_disagree_the_catalog_keeps_the_decided_figure() -> None:
    gb200, gb300, rubin = (CATALOG.system(k) for k in ("gb200-nvl72", "gb300-nvl72", "vera-rubin-nvl72"))
    assert gb200.max_kw == 132
    assert (gb300.max_kw, round(gb300.design_heat_kw)) == (142, 135)
    assert dict(rubin.power_profiles_kw) == {"max-q": 200, "max-p": 227, "design-envelope": 330}
    assert rubin.max_kw == rubin.power_profiles_kw["max-p"]
    assert CATALOG.system("rubin-ultra-kyber-nvl576").max_kw == 600
    assert CATALOG.system("dgx-b300").gpu_memory_gb * 8 == 2304
    assert CATALOG.cdu("boyd-rol4000").tcs_flow_lpm / 1.5 == pytest.approx(1260)


def test_trays_of_a_gb200_have_the_storage_links_of_their_architecture() -> None:
    assert ENTRIES["sto-gb200-eth"]["expected"]["node_side_links_per_tray"].startswith("4x200GbE")
    nics = _host(CATALOG.system("dgx-gb200-nvl72"))
    assert sum(nic.count * nic.ports_per_nic for nic in nics) == 4
    assert {nic.port_gbps for nic in nics} == {200}


OTHER_STAGES = {
    "pow-orv3-shelf": "compared in tests/electrical/test_ratings.py",
    "pow-busbar-current-48v": "arithmetic, tests/design/test_facility_reference.py",
    "pow-800vdc": "compared in tests/facility/test_reference_rules.py",
    "pow-gb300-smoothing": "compared in tests/dynamics",
    **dict.fromkeys(("pow-polca", "pow-polca-headroom"), "compared in tests/dynamics"),
    **dict.fromkeys(("pow-reference-blocks", "pow-vertiv-ref"), "compared in tests/facility/test_reference_rules.py"),
    **dict.fromkeys(("cool-oai-flow-rule", "cool-dsx-tcs"), "rules of the facility design"),
    **dict.fromkeys(("cool-ashrae-w", "cool-ashrae-s", "cool-ashrae-air", "cool-ashrae-h1"), "limits of checks"),
    **dict.fromkeys(
        ("cool-pue-published", "cool-wue-published", "cool-wue-published-others", "cool-evaporation"),
        "operation of a site",
    ),
    **dict.fromkeys(
        ("cost-bernstein-gb200", "cost-epoch-1gw", "cost-facility-per-mw", "energy-price-examples"),
        "economics",
    ),
    **dict.fromkeys(("carbon-egrid2023", "carbon-ercot", "cool-coolant-properties"), "compared above"),
}


@pytest.mark.parametrize("file", ["10_compute_systems.yaml", "30_power.yaml", "31_cooling.yaml", "50_cost_carbon.yaml"])
def test_every_fact_is_compared_or_listed_with_a_reason(file: str) -> None:
    facts = {key for key, entry in FILES[file].items() if entry["kind"] == "fact"}
    assert facts <= {*SYSTEM_FACTS, *CDU_FACTS, *OTHER_STAGES}
