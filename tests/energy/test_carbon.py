"""The standards' ratios and carbon: the reference's definitions, vectors and facts through the general code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gigasite.catalog.models import Grid
from gigasite.economics import carbon, energy
from gigasite.economics.carbon import Contract, carbon_figures, carbon_year
from gigasite.economics.year import year_of_site

from .years import CATALOG, GB300, csv, design_of, year_of

REFERENCE = Path(__file__).parents[1] / "reference"
ENTRIES = {
    entry["id"]: entry
    for name in ("31_cooling.yaml", "50_cost_carbon.yaml")
    for entry in yaml.safe_load((REFERENCE / name).read_text(encoding="utf-8"))["entries"]
}
Energy = st.floats(1, 1e9)


def test_carbon_annual_case() -> None:
    given_, expected = ENTRIES["carbon-annual-case"]["given"], ENTRIES["carbon-annual-case"]["expected"]
    mwh = energy.annual_site_mwh(given_["it_mw"], given_["load_factor"], given_["pue"])
    assert mwh == pytest.approx(expected["facility_mwh"], rel=1e-9)
    assert carbon.annual_tco2e(mwh, given_["grid_kg_per_kwh"]) == pytest.approx(expected["tco2e"], rel=1e-3)


@pytest.mark.parametrize(
    ("entry", "prefixes"), [("carbon-egrid2023", ("us", "rfce", "camx")), ("carbon-ercot", ("co2e",))]
)
def test_factors_of_grids_are_those_of_their_vintage(entry: str, prefixes: tuple[str, ...]) -> None:
    """carbon-egrid2023, carbon-ercot: pounds a MWh become kilograms a kWh, and the catalog holds them."""
    expected = ENTRIES[entry]["expected"]
    for prefix in prefixes:
        found = carbon.kg_per_kwh(expected[f"{prefix}_lb_per_mwh"])
        assert found == pytest.approx(expected[f"{prefix}_kg_per_kwh"], rel=1e-3)
        grid = CATALOG.of(Grid, "ercot" if prefix == "co2e" else prefix)
        assert grid.co2e_kg_per_kwh == pytest.approx(found, rel=1e-3)
        assert (grid.dataset, grid.data_year) == ("EPA eGRID2023 rev2", 2023)


def test_other_factors_of_ercot_stand_apart_from_the_average() -> None:
    expected, grid = ENTRIES["carbon-ercot"]["expected"], CATALOG.of(Grid, "ercot")
    assert grid.co2_kg_per_kwh == pytest.approx(carbon.kg_per_kwh(expected["co2_only_lb_per_mwh"]), rel=1e-4)
    marginal = carbon.kg_per_kwh(expected["nonbaseload_lb_per_mwh"])
    assert grid.nonbaseload_co2e_kg_per_kwh == pytest.approx(marginal, rel=1e-4)


@given(Energy, st.floats(1, 2), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e9))
def test_cool_pue_definition(it: float, above: float, reused_share: float, factor: float, water_l: float) -> None:
    site, reused = it * above, it * above * reused_share
    assert energy.pue(site, it) == pytest.approx(above)
    assert energy.wue_l_per_kwh(water_l, it) == pytest.approx(water_l / it)
    assert energy.cue_kg_per_kwh(site * factor, it) == pytest.approx(above * factor)
    assert energy.erf(reused, site) == pytest.approx(reused_share)
    assert energy.ere(site, reused, it) == pytest.approx((1 - reused_share) * above, abs=1e-9)


def test_ratios_of_unknown_or_nothing_are_unknown() -> None:
    assert energy.pue(None, 1.0) is None
    assert energy.pue(1.0, 0.0) is None
    assert energy.ere(1.0, None, 1.0) is None
    assert energy.ref(5.0, 4.0) == 1.0


def test_published_pue_and_wue_are_plausible_for_our_years() -> None:
    """cool-pue-published, cool-wue-published: what fleets publish brackets what a warm-water site comes to."""
    published = ENTRIES["cool-pue-published"]["expected"]
    found = energy.annual_figures(year_of(GB300))["pue"]
    assert published["google_fleet_2024"] - 0.06 < found < published["uptime_survey_average_2024"]
    towers = GB300 + "cooling: {rejection: [cooling-tower, chiller]}\n"
    wue = energy.annual_figures(year_of(towers))["wue_l_per_kwh"]
    assert 0.3 < wue < 3 * ENTRIES["cool-wue-published"]["expected"]["google_fleet_l_per_kwh"]


contracts = st.lists(
    st.builds(
        Contract,
        name=st.just("c"),
        kind=st.just("ppa"),
        co2e_kg_per_kwh=st.floats(0, 1),
        renewable=st.booleans(),
        kwh=st.floats(0, 1e9),
    ),
    max_size=4,
).map(tuple)


@given(Energy, contracts, st.floats(0, 1))
def test_contracts_never_cover_more_than_there_is(grid_kwh: float, bought: tuple[Contract, ...], rest: float) -> None:
    found = carbon.covered(grid_kwh, bought)
    assert sum(part.kwh for part in found) <= grid_kwh * (1 + 1e-9)
    for part, contract in zip(found, bought, strict=True):
        assert part.kwh + part.surplus_kwh == pytest.approx(contract.kwh)
        assert part.kwh >= 0
    kg = carbon.market_based_kg(grid_kwh, bought, rest)
    assert kg is not None
    factors = [rest, *(c.co2e_kg_per_kwh or 0.0 for c in bought)]
    assert grid_kwh * min(factors) * (1 - 1e-9) - 1e-6 <= kg <= grid_kwh * max(factors) * (1 + 1e-9) + 1e-6


def test_without_contracts_both_methods_agree() -> None:
    found = carbon_year(design_of(GB300), CATALOG, year_of(GB300), None)
    assert found.market_based_kg == pytest.approx(found.location_based_kg)
    annual = carbon_figures(design_of(GB300), CATALOG, year_of(GB300))["annual"]
    pue = energy.annual_figures(year_of(GB300))["pue"]
    assert annual["cue_location_based_kg_per_kwh"] == pytest.approx(pue * 0.3341)
    assert annual["residual_is_grid_average"]


def test_a_contract_lowers_the_market_based_figure_alone() -> None:
    text = GB300 + "energy: {contracts: [{name: sun, share_ratio: 0.5, co2e_kg_per_kwh: 0, renewable: true}]}\n"
    bare, bought = (carbon_year(design_of(t), CATALOG, year_of(t), None) for t in (GB300, text))
    assert bought.location_based_kg == pytest.approx(bare.location_based_kg)
    assert bought.market_based_kg == pytest.approx((bare.market_based_kg or 0) / 2)
    assert carbon_figures(design_of(text), CATALOG, year_of(text))["annual"]["ref_ratio"] == pytest.approx(0.5)


def test_the_residual_mix_holds_for_what_no_contract_covers() -> None:
    text = GB300 + (
        "energy: {residual_co2e_kg_per_kwh: 0.5, "
        "contracts: [{name: hydro, kind: supplier, share_ratio: 0.25, co2e_kg_per_kwh: 0.01}]}\n"
    )
    found = carbon_year(design_of(text), CATALOG, year_of(text), None)
    assert found.grid_kwh is not None
    assert found.market_based_kg == pytest.approx(found.grid_kwh * (0.25 * 0.01 + 0.75 * 0.5))


def test_a_grid_without_a_factor_leaves_carbon_unknown() -> None:
    text = GB300.replace(", grid: ercot", "")
    found = carbon_figures(design_of(text), CATALOG, year_of(text))
    assert found["grid"] is None
    assert found["annual"]["location_based_tco2e"] is None
    assert found["annual"]["market_based_tco2e"] is None
    assert found["annual"]["scope_1_own_generation_tco2e"] == 0


def test_carbon_without_a_year_tells_the_design_hour_only() -> None:
    design = design_of(GB300)
    found = carbon_figures(design, CATALOG, None)
    assert found["annual"] is None
    assert found["design_point_co2e_kg_per_h"] == pytest.approx((design.power.utility_kw or 0) * 0.3341)


def test_factors_by_the_hour_weigh_the_hours(tmp_path: Path) -> None:
    factors: list[object] = [0.1 if hour % 24 < 12 else 0.5 for hour in range(8760)]
    (tmp_path / "grid.csv").write_bytes(csv({"co2e_kg_per_kwh": factors}))
    design = design_of(GB300 + "energy: {grid_co2e_csv: grid.csv}\n")
    year = year_of_site(design, CATALOG, tmp_path)
    assert year is not None
    assert year.grid_kw is not None
    found = carbon_year(design, CATALOG, year, tmp_path)
    assert found.location_based_kg == pytest.approx(float((year.grid_kw * np.array(factors, float)).sum()))


def test_own_generation_is_counted_where_it_burns() -> None:
    text = GB300 + "power: {generation: [{name: gas, kind: gas-turbine, unit_count: 1, unit_kw: 1000}]}\n"
    found = carbon_year(design_of(text), CATALOG, year_of(text), None)
    used = year_of(text).generation[0].used_kw
    assert used is not None
    assert found.own_generation_kg == pytest.approx(float(used.sum()) * 0.531)
    assert (found.location_based_kg or 0) < (
        carbon_year(design_of(GB300), CATALOG, year_of(GB300), None).location_based_kg or 0
    )


def test_contracted_plants_cover_the_year_and_are_matched_by_the_hour() -> None:
    text = (
        GB300 + "power: {generation: [{name: sun, kind: solar, unit_count: 1, unit_kw: 20000, delivery: contracted}]}\n"
    )
    found = carbon_year(design_of(text), CATALOG, year_of(text), None)
    assert found.covered[0].contract.kind == "plant"
    assert found.hourly_matched_ratio is not None
    assert 0.3 < found.hourly_matched_ratio < 0.6
    assert found.renewable_kwh == pytest.approx(found.covered[0].kwh)


def test_embodied_carbon_is_told_with_its_source_or_not_at_all() -> None:
    text = GB300 + "energy: {embodied: {tco2e: 12000, life_years: 6, source: study of the builder}}\n"
    assert carbon_year(design_of(text), CATALOG, year_of(text), None).embodied_t_per_year == 2000
    assert carbon_year(design_of(GB300), CATALOG, year_of(GB300), None).embodied_t_per_year is None
