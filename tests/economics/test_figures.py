"""Figures for people and pull requests: plain data, units in names, unknown where something lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gigasite import checks
from gigasite.economics import economics_figures

from .sites import CATALOG, GB200, H100, design_of, with_economics

STACKS = Path(__file__).parents[2] / "stacks"


def test_the_sections_are_plain_data_and_the_same_every_time() -> None:
    one, two = (economics_figures(design_of(H100), CATALOG) for _ in range(2))
    assert list(one) == ["economics", "energy", "carbon", "headline", "faults"]
    assert json.dumps(one) == json.dumps(two)


@pytest.mark.parametrize("site", sorted(STACKS.glob("*/site.yaml")), ids=lambda path: path.parent.name)
def test_the_sites_of_this_project_have_every_headline_of_cost(site: Path) -> None:
    found = economics_figures(design_of(site.read_text(encoding="utf-8")), CATALOG, site.parent)
    headline = found["headline"]
    assert found["faults"] == []
    assert found["economics"]["lacks"] == []
    for key in ("capex_usd", "opex_usd_per_year", "tco_usd_per_year", "usd_per_gpu_hour", "accelerator_share_ratio"):
        assert headline[key] > 0, key
    assert 25e6 < headline["capex_usd_per_it_mw"] < 70e6


def test_lines_add_up_to_groups_and_groups_to_the_total() -> None:
    capex = economics_figures(design_of(GB200), CATALOG)["economics"]["capex"]
    assert sum(capex["by_group"].values()) == pytest.approx(capex["total_usd"], abs=20)
    assert sum(line["usd"] for line in capex["lines"]) == pytest.approx(capex["total_usd"], abs=60)


def test_what_lacks_leaves_totals_null_and_is_named() -> None:
    storage = "storage: {appliances: 4, port_gbps: 200, height_u: 2, max_kw: 1.2, weight_kg: 30}\n"
    found = economics_figures(design_of(H100 + storage), CATALOG)
    assert found["headline"]["capex_usd"] is None
    assert found["headline"]["usd_per_gpu_hour"] is None
    assert found["economics"]["capex"]["known_usd"] > 0
    assert found["economics"]["sensitivity"] == []
    assert found["economics"]["lacks"][0] == "storage appliances: price storage-appliance"


def test_a_change_of_one_price_changes_the_figures_by_it() -> None:
    before = economics_figures(with_economics("{prices: {dgx-h100: {usd: 270000}}}"), CATALOG)["headline"]
    after = economics_figures(with_economics("{prices: {dgx-h100: {usd: 280000}}}"), CATALOG)["headline"]
    assert after["capex_usd"] - before["capex_usd"] == pytest.approx(32 * 10_000, abs=2)
    assert after["usd_per_gpu_hour"] > before["usd_per_gpu_hour"]


def test_sales_show_break_even_margin_and_payback() -> None:
    assert economics_figures(design_of(H100), CATALOG)["economics"]["sales"] is None
    sold = economics_figures(with_economics("{sale_usd_per_gpu_hour: 8, utilisation_ratio: 0.8}"), CATALOG)
    sales, cost = sold["economics"]["sales"], sold["headline"]
    assert sales["breakeven_utilisation_ratio"] == pytest.approx(0.8 * cost["usd_per_gpu_hour"] / 8, abs=1e-4)
    assert sales["revenue_usd_per_year"] - sales["margin_usd_per_year"] == pytest.approx(
        cost["tco_usd_per_year"], abs=2
    )


def test_with_weather_the_headline_has_the_standards_ratios() -> None:
    found = economics_figures(design_of(H100 + "location: {climate: us-il-chicago, grid: rfce}\n"), CATALOG)
    headline = found["headline"]
    assert 1 < headline["pue"] < headline["design_pue"]
    assert headline["location_based_tco2e_per_year"] > 0
    assert headline["site_mwh_per_year"] == pytest.approx(found["economics"]["grid_mwh_per_year"], rel=1e-3)
    assert economics_figures(design_of(H100), CATALOG)["headline"]["pue"] is None


def test_straight_line_leaves_interest_out() -> None:
    annuity = economics_figures(with_economics("{annualisation: capital-recovery}"), CATALOG)["headline"]
    straight = economics_figures(with_economics("{annualisation: straight-line}"), CATALOG)["headline"]
    assert straight["capex_usd"] == annuity["capex_usd"]
    assert straight["tco_usd_per_year"] < annuity["tco_usd_per_year"]


def test_broken_files_of_hours_are_told_and_leave_the_rest_standing(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("usd_per_mwh\n1\n")
    design = with_economics("{tariff: {price_csv: prices.csv}}")
    found = economics_figures(design, CATALOG, tmp_path)
    assert found["headline"]["capex_usd"] > 0
    assert found["headline"]["tco_usd_per_year"] is None
    assert "prices.csv" in found["faults"][0]
    hits = checks.run(design, CATALOG, {"ECO122"}, tmp_path)
    assert [hit.code for hit in hits] == ["ECO122"]
    assert "prices.csv" in hits[0].message


@pytest.mark.parametrize("code", ["ECO123", "ECO125", "ECO126", "ECO128", "ECO129", "ECO131", "ECO132"])
def test_a_site_that_says_nothing_of_money_gets_no_warning_of_it(code: str) -> None:
    for site in (H100, GB200, H100 + "demarcation: colocation\n"):
        assert not checks.run(design_of(site), CATALOG, {code})
