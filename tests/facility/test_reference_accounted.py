"""Every entry of the reference that is about the facility is tested by general code, or listed with a reason.

A new entry, one that is gone, and a test that is renamed or no longer names its entry fail here.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from .test_reference_rules import ENTRIES

TESTS = Path(__file__).parents[1]

RULES = "facility/test_reference_rules.py"
VECTORS = "design/test_facility_reference.py::test_published_and_computed_figures_follow_from_the_general_code"
SYSTEMS = "catalog/test_reference_facts.py::test_a_system_is_as_its_source_says"
CDUS = "catalog/test_reference_facts.py::test_a_cdu_is_as_its_source_says"
DECIDED = "catalog/test_reference_facts.py::test_where_sources_disagree_the_catalog_keeps_the_decided_figure"
CLASSES = "cooling/test_air.py::test_classes_are_ashraes"

TESTED: dict[str, tuple[str, ...]] = {
    "pow-nec-continuous": (
        f"{RULES}::test_pow_nec_continuous",
        "electrical/test_ratings.py::test_the_eighty_percent_rule_is_for_breakers_under_the_nec_alone",
    ),
    **dict.fromkeys(("pow-3ph-415v-60a", "pow-3ph-415v-32a", "pow-3ph-208v-60a"), (VECTORS,)),
    "pow-orv3-shelf": ("electrical/test_ratings.py::test_the_orv3_shelf_is_as_its_deck_says",),
    "pow-gb300-shelves": (VECTORS, SYSTEMS, "electrical/test_ratings.py::test_shelves_of_racks_add_up"),
    "pow-vr-nvl72-shelves": (SYSTEMS, "electrical/test_ratings.py::test_shelves_of_racks_add_up"),
    "pow-busbar-current-48v": (VECTORS, "electrical/test_ratings.py::test_busbar_current_is_power_over_voltage"),
    "pow-800vdc": (f"{RULES}::test_pow_800vdc",),
    "pow-gb300-smoothing": ("dynamics/test_swings.py::test_the_storage_of_a_gb300_rack_is_as_published",),
    "pow-polca": ("dynamics/test_loads.py::test_the_published_peaks_of_rows_are_in_the_catalog",),
    "pow-polca-headroom": ("dynamics/test_loads.py::test_the_published_peaks_of_rows_are_in_the_catalog",),
    **{
        f"pow-uptime-tier-{tier}": (
            VECTORS,
            "failures/test_availability.py::test_hours_down_a_year_follow_from_the_percentages_of_the_tiers",
        )
        for tier in ("i", "ii", "iii", "iv")
    },
    "pow-redundancy-rule": (
        f"{RULES}::test_pow_redundancy_rule",
        "electrical/test_ratings.py::test_block_redundant_is_another_topology_than_distributed_redundant",
    ),
    "pow-4n3r-case": (VECTORS,),
    "pow-nplus1-ups": (VECTORS,),
    "pow-chain-efficiency": (VECTORS,),
    "pow-reference-blocks": (f"{RULES}::test_pow_reference_blocks_and_pow_vertiv_ref",),
    "pow-vertiv-ref": (f"{RULES}::test_pow_reference_blocks_and_pow_vertiv_ref",),
    "cool-heat-balance": (f"{RULES}::test_cool_heat_balance",),
    "cool-coolant-properties": (
        "catalog/test_reference_facts.py::test_fluids_are_as_their_sources_say",
        "cooling/test_fluids.py::test_the_sheets_are_the_reference_points",
    ),
    "cool-oai-flow-rule": ("cooling/test_flow_curves.py::test_the_ocp_flow_rule_gives_its_rises",),
    "cool-15lpm-pg25": (VECTORS,),
    "cool-15lpm-water": (VECTORS,),
    "cool-cdu-rating-point": (VECTORS, "cooling/test_cdus.py::test_the_ocp_rating_point_is_met"),
    "cool-gb300-heat-split": (
        SYSTEMS,
        "design/test_facility_reference.py::test_heat_is_split_as_published_and_never_lost",
        "rejection/test_reference.py::test_cool_gb300_heat_split_leaves_over_two_waters",
    ),
    "cool-gb300-flow-curve": (
        SYSTEMS,
        "design/test_facility_reference.py::test_the_flow_curve_of_gb300_is_met_at_every_published_point",
    ),
    "cool-gb300-dp-curve": (SYSTEMS, VECTORS),
    "cool-gb200-rack": (
        SYSTEMS,
        "shell/test_reference_shell.py::test_cool_gb200_rack_weighs_what_the_floor_is_checked_for",
    ),
    "cool-liquid-split-gb200-recalled": (SYSTEMS,),
    "cool-dsx-tcs": (
        "cooling/test_flow_curves.py::test_defaults_are_those_of_the_published_facility_design",
        "rejection/test_reference.py::test_cool_dsx_tcs_rejects_by_chillers_and_dry_coolers",
    ),
    **dict.fromkeys((key for key in ENTRIES if key.startswith("cdu-")), (CDUS,)),
    **dict.fromkeys(("cool-ashrae-w", "cool-ashrae-s", "cool-ashrae-air", "cool-ashrae-h1"), (CLASSES,)),
    "cool-airflow-h100-guide": (VECTORS, "cooling/test_air.py::test_published_airflows_give_their_rise"),
    "cool-pue-definition": (
        f"{RULES}::test_cool_pue_definition",
        "energy/test_carbon.py::test_cool_pue_definition",
        "energy/test_year.py::test_pue_is_that_of_energies_not_a_mean_of_hourly_ratios",
    ),
    "cool-pue-published": ("energy/test_carbon.py::test_published_pue_and_wue_are_plausible_for_our_years",),
    "cool-wue-published": (
        "energy/test_carbon.py::test_published_pue_and_wue_are_plausible_for_our_years",
        "rejection/test_reference.py::test_cool_wue_published_lies_between_dry_coolers_and_towers",
    ),
    "cool-wue-published-others": (
        "rejection/test_reference.py::test_cool_wue_published_lies_between_dry_coolers_and_towers",
    ),
    "cool-evaporation": ("rejection/test_reference.py::test_cool_evaporation",),
    "rel-llama3-mtbf": (f"{RULES}::test_rel_llama3_mtbf_and_rel_rsc_mttf_16k",),
    "rel-rsc-mttf-16k": (f"{RULES}::test_rel_llama3_mtbf_and_rel_rsc_mttf_16k",),
    "rel-nvl72-spares": (f"{RULES}::test_rel_nvl72_spares",),
    "cost-bernstein-gb200": (
        "economics/test_reference.py::test_cost_bernstein_gb200_is_the_price_of_the_rack",
        "economics/test_reference.py::test_cost_bernstein_gb200_is_met_for_each_gigawatt_of_it",
    ),
    "cost-epoch-1gw": (
        "economics/test_reference.py::test_cost_epoch_1gw_totals_follow_from_annuities_at_seven_percent",
        "economics/test_reference.py::test_cost_epoch_1gw_is_met_by_the_general_code",
    ),
    "cost-facility-per-mw": ("economics/test_reference.py::test_cost_facility_per_mw_is_met",),
    "carbon-egrid2023": ("energy/test_carbon.py::test_factors_of_grids_are_those_of_their_vintage",),
    "carbon-annual-case": ("energy/test_carbon.py::test_carbon_annual_case",),
    "carbon-ercot": ("energy/test_carbon.py::test_other_factors_of_ercot_stand_apart_from_the_average",),
    "energy-price-examples": ("economics/test_reference.py::test_energy_price_examples_are_the_catalogs",),
    "dsx-cabinet": (
        "shell/test_reference_shell.py::test_dsx_cabinet",
        "shell/test_reference_shell.py::test_dsx_cabinet_rows_hold_no_more_racks_than_the_layout_allows",
    ),
    "dsx-libraries": ("dynamics/test_promises.py::test_more_accelerators_fit_the_same_power_as_published",),
    "dsx-maxlps-density": ("dynamics/test_promises.py::test_kilowatts_for_each_gpu_are_three_figures",),
    "dsx-rack-bom": (SYSTEMS,),
    "dsx-vr-pod": ("shell/test_reference_shell.py::test_dsx_vr_pod_has_the_racks_of_one_scalable_unit_of_the_layout",),
    "dsx-gw-factory": (
        "economics/test_reference.py::"
        "test_dsx_gw_factory_lies_between_what_systems_draw_and_what_their_site_is_built_for",
    ),
    "con-gb200-rack-kw": (f"{RULES}::test_con_gb200_rack_kw", DECIDED),
    "con-vera-rubin-rack-kw": (
        f"{RULES}::test_con_vera_rubin_rack_kw",
        "dynamics/test_loads.py::test_a_profile_caps_as_a_cap_does",
        DECIDED,
    ),
    "con-kyber-kw": (f"{RULES}::test_con_kyber_kw", DECIDED),
    "con-b300-memory": (DECIDED,),
    "con-gb300-max-kw": (f"{RULES}::test_con_gb300_max_kw", DECIDED),
    "con-w40": (CLASSES,),
    "con-pg25": ("cooling/test_fluids.py::test_every_pair_that_is_published_for_pg25_can_be_used",),
    "con-meta-pod-blocking": ("design/test_clos_reference.py::test_published_numbers_come_out_of_the_general_code",),
    "con-fireflyer-zone": ("design/test_clos_reference.py::test_published_numbers_come_out_of_the_general_code",),
    "con-capex-per-gw": (
        "economics/test_reference.py::test_con_capex_per_gw_shows_the_basis_of_each_published_figure",
    ),
    "con-uptime-tier2": ("failures/test_availability.py::test_tier_two_is_computed_from_its_availability_not_printed",),
    "con-psu-is-not-feed-redundancy": (
        f"{RULES}::test_con_psu_is_not_feed_redundancy",
        "failures/test_engine.py::test_supplies_on_a_dead_feed_give_nothing",
    ),
    "con-gb300-flow-against-dsx-minimum": (
        f"{RULES}::test_con_gb300_flow_against_dsx_minimum",
        "cooling/test_flow_curves.py::test_the_design_says_which_flow_binds",
    ),
    "con-cdu-rating-point": (
        f"{RULES}::test_con_cdu_rating_point",
        "cooling/test_cdus.py::test_a_flow_of_1890_lpm_carries_1260_kw_at_one_and_a_half",
    ),
    "con-hardware-share": (
        "economics/test_reference.py::test_con_hardware_share_is_computed",
        f"{RULES}::test_con_hardware_share_is_no_input",
    ),
    "con-site-kw-per-gpu": (
        f"{RULES}::test_con_site_kw_per_gpu",
        "economics/test_reference.py::test_con_site_kw_per_gpu_keeps_three_figures_apart",
    ),
    "con-65j-smoothing": (
        f"{RULES}::test_con_65j_smoothing",
        "dynamics/test_swings.py::test_65_joules_a_gpu_smooth_milliseconds_not_steps_of_seconds",
    ),
}

_JOBS = "how often jobs stop and what checkpoints cost is of training software; the facility has no model of jobs"
NOT_OF_THE_FACILITY: dict[str, str] = {
    "rel-llama3-top-causes": _JOBS,
    "rel-llama3-totals": _JOBS,
    "rel-rsc-rates": _JOBS,
    "rel-ettr-formula": _JOBS,
    "rel-ettr-case-a": _JOBS,
    "rel-daly-case-a": _JOBS,
    "rel-daly-case-b": _JOBS,
    "con-rsc-small-jobs": _JOBS,
    "rel-xid-actions": "what to do at an error of a GPU is of operation, not of the design of a site",
    "iren-deal": "a company's announcement; nothing of it can be computed",
}

# Tests of whole tables: the entry is there as a row, under this name.
ROWS = {
    "con-meta-pod-blocking": "fab-meta-roce-24k",
    "con-fireflyer-zone": "fab-fireflyer2",
    "con-b300-memory": "dgx-b300",
    "con-kyber-kw": "rubin-ultra-kyber-nvl576",
    "con-gb200-rack-kw": "gb200-nvl72",
    "con-gb300-max-kw": "gb300-nvl72",
    "con-vera-rubin-rack-kw": "vera-rubin-nvl72",
    "con-w40": "con-w40",
}


def test_every_entry_is_tested_or_listed_with_a_reason() -> None:
    assert not set(TESTED) & set(NOT_OF_THE_FACILITY)
    assert set(ENTRIES) == set(TESTED) | set(NOT_OF_THE_FACILITY)


@pytest.mark.parametrize("key", TESTED)
def test_the_tests_of_an_entry_are_there_and_name_it(key: str) -> None:
    words = {key, key.replace("-", "_"), ROWS.get(key, key)}
    named = False
    for name in TESTED[key]:
        path, function = name.split("::")
        text = _text(path)
        assert re.search(rf"^def {function}\(", text, re.MULTILINE), f"{name} is gone"
        named = named or any(word in text for word in words) or _by_prefix(key, text)
    assert named, f"none of the tests of {key} names it"


@cache
def _text(path: str) -> str:
    return (TESTS / path).read_text(encoding="utf-8")


def _by_prefix(key: str, text: str) -> bool:
    """Tables that take all entries of a kind: `startswith("cdu-")`; families named `cool-ashrae-w, -s, -air, -h1`."""
    family, _, last = key.rpartition("-")
    return f'startswith("{key.split("-")[0]}-")' in text or (f"{family}-" in text and f"-{last}" in text)
