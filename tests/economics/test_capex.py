"""Capital line by line: quantities are the design's, prices the catalog's or the site's, nothing is left out."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.design.cabling.pieces import pieces
from gigasite.economics.assessment import assess, schedulable_gpus
from gigasite.economics.cabling import cable_price, cabling_lines, transceiver_price
from gigasite.economics.capex import capex_table, switch_price, with_rating
from gigasite.economics.floors import areas_of
from gigasite.economics.lines import COLUMNS, share, total, unknown_items
from gigasite.economics.prices import PriceBook
from gigasite.spec.economics import PriceSpec

from .sites import CATALOG, GB200, H100, design_of, with_economics

BOOK = PriceBook(CATALOG, {})


@pytest.fixture(scope="module")
def h100() -> pl.DataFrame:
    return capex_table(design_of(H100), CATALOG)


def _amount(frame: pl.DataFrame, item: str) -> tuple[float, float]:
    row = frame.filter(pl.col("item").str.contains(item))
    assert row.height == 1, item
    return row["quantity"][0], row["usd"][0]


def test_the_table_has_the_columns_that_it_promises(h100: pl.DataFrame) -> None:
    assert h100.schema == pl.Schema(COLUMNS)
    assert h100["usd"].null_count() == 0
    low, mid, high = (total(h100, column) or 0 for column in ("usd_low", "usd", "usd_high"))
    assert low < mid < high


def test_systems_are_bought_spares_included(h100: pl.DataFrame) -> None:
    assert _amount(h100, "dgx-h100 of pool train") == (32, 32 * 270_000)
    design = design_of(GB200.replace("scalable_units: 4", "scalable_units: 4, spare_trays_per_rack: 2"))
    assert _amount(capex_table(design, CATALOG), "of pool train")[0] == 32
    assert schedulable_gpus(design) == 32 * 64


def test_every_switch_and_every_cable_is_paid_for(h100: pl.DataFrame) -> None:
    design = design_of(H100)
    switches = design.tables.devices.filter(pl.col("kind") == "switch")
    counted = h100.filter(pl.col("item").str.starts_with("switch "))
    assert counted["quantity"].sum() == switches.height
    tables = design.tables
    modules = h100.filter(pl.col("item").str.starts_with("transceiver "))
    assert modules["quantity"].sum() == tables.modules.height
    optical = pl.col("media").str.contains("mf-")
    bought = pieces(tables.cables)
    assert _amount(h100, "trunk fibre")[0] == bought.filter(optical)["length_m"].sum()
    plugs = h100.filter(pl.col("item").str.starts_with("cable "))
    assert plugs["quantity"].sum() == bought.filter(~optical).height


def test_cabinets_are_bought_for_nodes_and_not_for_systems_that_are_racks(h100: pl.DataFrame) -> None:
    assert _amount(h100, "cabinets")[0] == design_of(H100).tables.racks.height
    rack_scale = design_of(GB200)
    racks = rack_scale.tables.racks
    assert _amount(capex_table(rack_scale, CATALOG), "cabinets")[0] == racks.height - 32


def test_the_chain_is_paid_for_by_installed_capacity(h100: pl.DataFrame) -> None:
    elements = design_of(H100).tables.elements
    kinds = set(elements["kind"]) - {"generation", "bess"}
    assert {"ups", "generator", "transformer"} <= kinds
    lines = h100.filter(pl.col("group") == "power")
    assert {kind.replace("-", " ") for kind in kinds} <= set(lines["item"])
    ups = elements.filter(pl.col("kind") == "ups")
    installed = (ups["capacity_kw"] * ups["unit_count"] / ups["required_count"]).sum()
    assert _amount(h100, "^ups$")[0] == pytest.approx(installed)


def test_longer_batteries_and_more_fuel_cost_more(h100: pl.DataFrame) -> None:
    long = capex_table(design_of(H100 + "power: {blocks: {ups_min: 15, generator_h: 72}}\n"), CATALOG)
    assert _amount(long, "UPS batteries")[0] == pytest.approx(3 * _amount(h100, "UPS batteries")[0])
    assert _amount(long, "fuel and tanks")[0] == pytest.approx(3 * _amount(h100, "fuel and tanks")[0])
    assert (total(long) or 0) > (total(h100) or 0)


def test_a_unit_is_bought_by_its_name_plate_wherever_it_stands() -> None:
    """A cooler that gives nothing on the extreme day still costs what it costs."""
    plant = with_rating(design_of(H100).tables.plant, CATALOG)
    air = plant.filter(pl.col("kind") == "air-unit")
    assert set(air["rated_kw"]) == {CATALOG.air_unit("crah-100kw").capacity_kw}
    for row in plant.filter(pl.col("kind") == "dry-cooler").iter_rows(named=True):
        share = CATALOG.heat_rejection(row["product"]).electric_kw_per_heat_kw
        assert row["rated_kw"] == pytest.approx(row["electric_max_kw"] / share)
        assert row["rated_kw"] > row["capacity_kw"]


def test_the_plant_is_paid_for_unit_by_unit(h100: pl.DataFrame) -> None:
    plant = design_of(H100).tables.plant
    lines = h100.filter((pl.col("group") == "cooling") & ~pl.col("item").str.contains("piping"))
    assert lines["quantity"].sum() == pytest.approx(with_rating(plant, CATALOG)["rated_kw"].sum())


def test_own_generation_and_batteries_are_paid_for_and_contracted_ones_are_not() -> None:
    site = H100 + (
        "power:\n  generation:\n"
        "    - {name: sun, kind: solar, unit_count: 1, unit_kw: 5000}\n"
        "    - {name: far, kind: wind, unit_count: 2, unit_kw: 5000, delivery: contracted}\n"
        "  bess: {power_kw: 500, energy_kwh: 1000}\n"
    )
    frame = capex_table(design_of(site), CATALOG)
    assert _amount(frame, "generation sun") == (5000, 5000 * 1050)
    assert _amount(frame, "battery storage") == (1000, 1000 * 300)
    assert not frame.filter(pl.col("item").str.contains("far")).height


def test_a_tenant_buys_no_plant_no_building_and_no_land() -> None:
    frame = capex_table(design_of(H100 + "demarcation: colocation\n"), CATALOG)
    assert set(frame["group"]) == {"accelerators", "network", "people"}
    assert set(frame["life"]) == {"it"}


def test_a_tenant_brings_what_stands_between_the_landlords_water_and_the_racks() -> None:
    design = design_of(GB200 + "demarcation: colocation\n")
    cooling = capex_table(design, CATALOG).filter(pl.col("group") == "cooling")
    assert set(design.tables.plant["kind"]) & {"cdu"}
    assert cooling["item"].str.starts_with("cdu").all()
    assert cooling.height == 1


def test_a_switch_without_a_price_is_priced_by_its_ports_rates() -> None:
    ports = sum(group.count * group.gbps for group in CATALOG.switch("sn5600").port_groups)
    assert switch_price("sn5600", BOOK).usd == pytest.approx(ports * 1.0)
    assert switch_price("qm9700", BOOK).usd == 35_000
    stated = PriceBook(CATALOG, {"sn5600": PriceSpec(usd=48_000)})
    assert switch_price("sn5600", stated).usd == 48_000


def test_a_twin_port_module_is_bought_once_by_the_rate_of_both_ports_and_copper_by_the_piece() -> None:
    assert transceiver_price("mma4z00-ns", BOOK).usd == pytest.approx(800 * 0.9)
    assert transceiver_price("xdr-dr4-rhs", BOOK).usd == pytest.approx(800 * 1.2)
    assert cable_price("dac-400g", "mcp7y00", 800, BOOK).usd == pytest.approx(800 * 0.4)
    assert cable_price("copper-1g", None, 1, BOOK).usd == 15
    assert cable_price(None, None, 800, BOOK).usd is None
    own = PriceBook(CATALOG, {"mma4z00-ns": PriceSpec(usd=650)})
    assert transceiver_price("mma4z00-ns", own).usd == 650


def test_a_price_for_a_kind_of_link_pays_for_all_of_it() -> None:
    design = design_of(H100)
    own = PriceBook(CATALOG, {"mmf-400g": PriceSpec(usd=1500)})
    lines = {line.item: line for line in cabling_lines(design, own)}
    links = design.tables.cables.filter(pl.col("media") == "mmf-400g").height
    assert lines["mmf-400g links, all of them"].quantity == links
    assert not any(item.startswith(("transceiver mma", "trunk fibre")) for item in lines)


def test_a_system_without_a_price_leaves_the_total_unknown_and_says_so() -> None:
    found = assess(with_economics("{prices: {dgx-h100: {usd: 0}}}"), CATALOG)
    assert found.basis is not None, "a price of nothing is a price"
    site = H100 + "storage: {appliances: 4, port_gbps: 200, height_u: 2, max_kw: 1.2, weight_kg: 30}\n"
    lacking = assess(design_of(site), CATALOG)
    assert lacking.basis is None
    assert total(lacking.capex) is None
    assert "storage appliances: price storage-appliance" in lacking.lacks


def test_a_fabric_that_cannot_be_laid_out_is_not_free() -> None:
    site = "name: demo\npools:\n  - {name: train, system: gb200-nvl72, scalable_units: 90}\nracks: {feeds: 2}\n"
    design = design_of(site)
    assert any(finding.code == "FAB101" for finding in design.findings)
    frame = capex_table(design, CATALOG)
    assert total(frame, group="network") is None
    assert any("fabric compute" in item for item in unknown_items(frame))


def test_the_building_is_paid_for_by_its_area_as_given_or_as_needed() -> None:
    needed = areas_of(design_of(H100))
    given = areas_of(design_of(H100 + "shell: {building: {gross_m2: 4000}, land: {area_ha: 3}}\n"))
    assert (given.gross_m2, given.land_ha) == (4000, 3)
    assert needed.gross_m2 is not None
    assert needed.gross_m2 < 4000
    assert areas_of(with_economics("{land_ha: 7}")).land_ha == 7


def test_shares_are_computed_and_add_up(h100: pl.DataFrame) -> None:
    shares = [share(h100, group) or 0.0 for group in h100["group"].unique()]
    assert sum(shares) == pytest.approx(1.0)
    dearer = capex_table(with_economics("{prices: {dgx-h100: {usd: 540000}}}"), CATALOG)
    assert (share(dearer, "accelerators") or 0) > (share(h100, "accelerators") or 0)


def test_the_reserve_is_on_facility_and_design_and_scales_with_its_ratio() -> None:
    one, two = (capex_table(with_economics(f"{{contingency_ratio: {r}}}"), CATALOG) for r in (0.1, 0.2))
    assert _amount(two, "reserve")[1] == pytest.approx(2 * _amount(one, "reserve")[1])
    base = sum(total(one, group=group) or 0 for group in ("power", "cooling", "building"))
    soft = _amount(one, "design and commissioning")[1]
    assert _amount(one, "reserve")[1] == pytest.approx(0.1 * (base + soft))


def test_links_that_share_a_piece_are_one_piece_of_all_their_rates() -> None:
    links = pl.DataFrame(
        {
            "piece": [7, 3, 3, 7, 5],
            "piece_count": [1, 1, 1, 1, 1],
            "media": ["smf-dr-400g", "dac-400g", "dac-400g", "smf-dr-400g", None],
            "gbps": [400.0, 200.0, 200.0, 400.0, 100.0],
            "length_m": [30.0, 2.0, 2.0, 30.0, None],
        }
    )
    found = pieces(links).select("media", "length_m", "gbps", "links").rows()
    assert found == [("smf-dr-400g", 30.0, 800.0, 2), ("dac-400g", 2.0, 400.0, 2), (None, None, 100.0, 1)]
    assert pieces(links.clear()).height == 0
