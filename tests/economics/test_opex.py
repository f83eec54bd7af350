"""A year of running costs: energy, contracts, own plants, upkeep, staff, licences, water, rent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from gigasite.design.model import Design
from gigasite.economics.assessment import Assessment, assess, assess_year, price_series
from gigasite.economics.lines import total
from gigasite.economics.opex import Consumption, flat_consumption, utilisation_ratio
from gigasite.economics.tables import TableError
from gigasite.economics.year import year_of_site

from .sites import CATALOG, H100, design_of, with_economics

SHARED = "power: {load: {diversity_ratio: 0.8}}\n"
USE = Consumption(np.full(8760, 500.0), 1000.0, {}, {}, "a constant load")


def _line(found: Assessment, item: str) -> tuple[float | None, float | None]:
    rows = found.opex.filter(pl.col("item").str.contains(item))
    assert rows.height == 1, (item, found.opex["item"].to_list())
    return rows["quantity"][0], rows["usd"][0]


def _assess(design: Design, use: Consumption = USE) -> Assessment:
    return assess(design, CATALOG, use)


def test_energy_is_paid_for_by_the_tariff() -> None:
    assert _line(_assess(with_economics("{tariff: {usd_per_mwh: 60}}")), "energy from the grid") == (4380, 4380 * 60)
    delivered = _assess(with_economics("{tariff: {usd_per_mwh: 60, delivery_usd_per_mwh: 15}}"))
    assert _line(delivered, "energy from the grid")[1] == pytest.approx(4380 * 75)


def test_without_a_tariff_the_price_of_the_grid_is_assumed_and_said() -> None:
    setting = next(s for s in design_of(H100).settings if s.path == "economics.tariff.usd_per_mwh")
    assert setting.value == 85
    europe = design_of(H100 + "location: {grid: entso-e}\nstandards: {electrical: iec, frequency_hz: 50}\n")
    assert europe.resolved.economics.tariff.usd_per_mwh == 120


def test_demand_charges_have_a_line_of_their_own() -> None:
    tariff = "{tariff: {usd_per_mwh: 60, demand: [{usd_per_kw_month: 12, ratchet_ratio: 0.8}], usd_per_month: 100}}"
    assert _line(_assess(with_economics(tariff)), "demand and standing")[1] == pytest.approx(12 * 500 * 12 + 1200)


def test_a_contract_takes_the_place_of_grid_energy_and_certificates_come_on_top() -> None:
    site = H100 + (
        "economics: {tariff: {usd_per_mwh: 60}}\n"
        "energy:\n  contracts:\n"
        "    - {name: wind, share_ratio: 0.5, co2e_kg_per_kwh: 0, usd_per_mwh: 40}\n"
        "    - {name: paper, kind: certificates, mwh_per_year: 1000, co2e_kg_per_kwh: 0, usd_per_mwh: 2}\n"
        "    - {name: unpriced, kind: supplier, mwh_per_year: 10, co2e_kg_per_kwh: 0.1}\n"
    )
    found = _assess(design_of(site))
    assert _line(found, "energy from the grid") == (2190, 2190 * 60)
    assert _line(found, "contract wind") == (2190, 2190 * 40)
    assert _line(found, "certificates paper") == (1000, 2000)
    assert not found.opex.filter(pl.col("item").str.contains("unpriced")).height


def test_own_plants_cost_their_fuel_and_the_sun_costs_none() -> None:
    site = H100 + (
        "power:\n  generation:\n"
        "    - {name: gas, kind: gas-turbine, unit_count: 1, unit_kw: 5000}\n"
        "    - {name: sun, kind: solar, unit_count: 1, unit_kw: 500}\n"
        "    - {name: far, kind: wind, unit_count: 1, unit_kw: 500, delivery: contracted, usd_per_mwh: 38}\n"
    )
    use = Consumption(np.full(8760, 100.0), None, {"gas": 2000.0, "sun": 900.0}, {"far": 500.0}, "given")
    found = _assess(design_of(site), use)
    assert _line(found, "energy of gas") == (2000, 2000 * 45)
    assert _line(found, "energy of sun") == (900, 0)
    assert _line(found, "energy of far") == (500, 500 * 38)
    assert _line(found, "energy from the grid")[0] == pytest.approx(876 - 500)


def test_energy_of_unknown_amount_leaves_the_year_unknown() -> None:
    site = H100 + "power:\n  generation:\n    - {name: sun, kind: solar, unit_count: 1, unit_kw: 500}\n"
    found = _assess(design_of(site), Consumption(None, None, {"sun": None}, {}, "unknown"))
    assert total(found.opex, group="energy") is None
    assert found.basis is None
    assert any("energy from the grid" in item for item in found.lacks)


def test_upkeep_and_insurance_are_parts_of_the_price() -> None:
    found = _assess(with_economics("{maintenance_it_ratio: 0.03, insurance_ratio: 0.01}"))
    it, whole = total(found.capex, life="it"), total(found.capex)
    assert it is not None
    assert whole is not None
    assert _line(found, "upkeep of systems")[1] == pytest.approx(0.03 * it)
    assert _line(found, "insurance")[1] == pytest.approx(0.01 * whole)


def test_staff_is_as_stated_or_by_power() -> None:
    assert _line(_assess(with_economics("{staff_count: 12}")), "^staff$") == (12, 12 * 150_000)
    design = design_of(H100)
    assert design.power.it_kw is not None
    assert _line(_assess(design), "^staff$")[0] == pytest.approx(0.5 * design.power.it_kw / 1000)


def test_licences_are_paid_for_every_accelerator() -> None:
    found = _assess(with_economics("{software: [nvidia-ai-enterprise]}"))
    assert _line(found, "nvidia-ai-enterprise") == (256, 256 * 4500)
    unknown = _assess(with_economics("{software: [our-scheduler]}"))
    assert any("our-scheduler" in item for item in unknown.lacks)


def test_water_is_paid_for_where_a_year_of_it_is_known() -> None:
    assert _line(_assess(design_of(H100)), "^water$") == (1000, 2000)
    assert not assess(design_of(H100), CATALOG).opex.filter(pl.col("item") == "water").height


def test_a_tenant_pays_rent_for_what_is_contracted_or_needed() -> None:
    tenant = H100 + "demarcation: colocation\n"
    asked = design_of(tenant)
    assert asked.power.it_kw is not None
    assert _line(_assess(asked), "rent") == pytest.approx((asked.power.it_kw * 12, asked.power.it_kw * 12 * 184))
    found = _assess(with_economics("{rent_usd_per_kw_month: 150, rent_kw: 600}", tenant))
    assert _line(found, "rent") == (7200, 7200 * 150)
    assert not found.opex.filter(pl.col("item").str.contains("facility")).height


def test_utilisation_is_the_pools_mean_by_accelerators_or_as_stated() -> None:
    two = (
        "name: demo\npools:\n"
        "  - {name: a, system: dgx-h100, nodes: 24, load: {utilisation_ratio: 0.9}}\n"
        "  - {name: b, system: dgx-h100, nodes: 8, load: {utilisation_ratio: 0.5}}\n"
    )
    assert utilisation_ratio(design_of(two)) == pytest.approx((24 * 0.9 + 8 * 0.5) / 32)
    assert utilisation_ratio(with_economics("{utilisation_ratio: 0.6}", two)) == 0.6


def test_without_weather_the_design_point_holds_all_year_at_the_pools_load() -> None:
    busy = design_of(H100.replace("nodes: 32", "nodes: 32, load: {utilisation_ratio: 1}"))
    use = flat_consumption(busy, CATALOG)
    assert use.grid_kw is not None
    assert use.grid_kw == pytest.approx(np.full(8760, busy.power.utility_kw))
    idle = flat_consumption(design_of(H100.replace("nodes: 32", "nodes: 32, load: {utilisation_ratio: 0.3}")), CATALOG)
    assert idle.grid_kw is not None
    assert idle.grid_kw.max() < use.grid_kw.max()
    assert "no weather" in use.basis


def test_without_weather_own_plants_carry_the_site_and_their_fuel_is_paid_for() -> None:
    gas = "power: {generation: [{name: gas, kind: gas-turbine, unit_count: 2, unit_kw: 5000}]}\n"
    found = assess(design_of(H100 + gas), CATALOG)
    alone = assess(design_of(H100), CATALOG)
    assert found.use.grid_kw is not None
    assert found.use.grid_kw.max() == 0
    assert _line(found, "energy from the grid")[1] == 0
    assert _line(found, "energy of gas")[0] == pytest.approx(_line(alone, "energy from the grid")[0])
    sun = "power: {generation: [{name: sun, kind: solar, unit_count: 1, unit_kw: 100}]}\n"
    some = assess(design_of(H100 + sun), CATALOG)
    made, bought = _line(some, "energy of sun")[0] or 0, _line(some, "energy from the grid")[0] or 0
    assert 0.1 < made / 876 < 0.4
    assert made + bought == pytest.approx(_line(alone, "energy from the grid")[0])


def test_pools_that_never_peak_together_pay_for_what_they_draw() -> None:
    apart = design_of(H100.replace("nodes: 32", "nodes: 32, load: {utilisation_ratio: 1}") + SHARED)
    use = flat_consumption(apart, CATALOG)
    assert use.grid_kw is not None
    assert apart.power.it_kw is not None
    assert use.grid_kw.max() == pytest.approx((apart.power.utility_kw or 0) / 0.8)


def test_a_contracted_plant_without_a_price_is_bought_at_the_tariff_and_never_free() -> None:
    site = H100 + (
        "economics: {tariff: {usd_per_mwh: 60}}\n"
        "power: {generation: [{name: far, kind: solar, unit_count: 1, unit_kw: 500, delivery: contracted}]}\n"
    )
    found = _assess(design_of(site), Consumption(np.full(8760, 500.0), None, {}, {"far": 900.0}, "given"))
    assert _line(found, "energy from the grid") == (4380, 4380 * 60)
    assert total(found.opex, group="energy") == pytest.approx(4380 * 60)


def test_delivery_is_paid_on_contracted_energy_too() -> None:
    site = H100 + (
        "economics: {tariff: {usd_per_mwh: 60, delivery_usd_per_mwh: 15}}\n"
        "energy: {contracts: [{name: wind, share_ratio: 0.5, co2e_kg_per_kwh: 0, usd_per_mwh: 40}]}\n"
    )
    found = _assess(design_of(site))
    assert _line(found, "delivery") == (4380, 4380 * 15)
    assert _line(found, "energy from the grid")[1] == pytest.approx(2190 * 60)
    assert total(found.opex, group="energy") == pytest.approx(4380 * 15 + 2190 * 60 + 2190 * 40)


def test_with_weather_the_year_is_cheaper_than_its_extreme_hour() -> None:
    design = design_of(H100 + "location: {climate: us-il-chicago}\n")
    year = year_of_site(design, CATALOG, None)
    assert year is not None
    found, flat = assess_year(design, CATALOG, year, None), assess(design, CATALOG)
    assert (total(found.opex, group="energy") or 0) < (total(flat.opex, group="energy") or 0)
    assert "us-il-chicago" in found.use.basis


def test_hourly_prices_beside_the_site_file_are_read_and_their_faults_told(tmp_path: Path) -> None:
    design = with_economics("{tariff: {price_csv: prices.csv}}")
    rows = [f"{hour},{40 + hour % 24}" for hour in range(8760)]
    (tmp_path / "prices.csv").write_text("\n".join(["hour,usd_per_mwh", *rows]))
    series = price_series(design, tmp_path)
    assert series is not None
    found = assess(design, CATALOG, USE, series)
    assert _line(found, "energy from the grid")[1] == pytest.approx(4380 * (40 + 11.5))
    assert price_series(design, None) is None
    assert total(assess_year(design, CATALOG, None, None).opex) is None, "unread prices are no price of zero"
    (tmp_path / "prices.csv").write_text("\n".join(["hour,usd_per_mwh", *rows[:4], "4,", *rows[5:]]))
    with pytest.raises(TableError, match="usd_per_mwh has no number"):
        price_series(design, tmp_path)
    broken = assess_year(design, CATALOG, None, tmp_path)
    assert broken.basis is None
    assert broken.lacks == ("energy from the grid: price economics.tariff.usd_per_mwh",), "how much is known"


def test_a_leap_year_of_prices_serves_a_common_year_and_the_other_way_round(tmp_path: Path) -> None:
    design = with_economics("{tariff: {price_csv: prices.csv}}")
    long = np.full(8784, 50.0)
    assert assess(design, CATALOG, USE, long).bill is not None
    leap = Consumption(np.full(8784, 500.0), None, {}, {}, "leap")
    assert assess(design, CATALOG, leap, long[:8760]).bill is not None
