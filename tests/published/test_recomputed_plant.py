"""Power and cooling of whole sites against figures worked out here, with nothing of the package's arithmetic."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest

from .sites import design_of, errors_of

H100 = {"system": "dgx-h100", "scalable_units": 4}


def circuit_kw(line_v: float, breaker_a: float, share: float) -> float:
    return math.sqrt(3) * line_v * breaker_a * share / 1000


@pytest.mark.parametrize(
    ("electrical", "line_v", "feed", "usable_kw"),
    [
        ("nec", 415, "nec-60a-3ph", circuit_kw(415, 60, 0.8)),
        ("nec", 208, "nec-60a-3ph", circuit_kw(208, 60, 0.8)),
        ("nec", 480, "nec-30a-3ph", circuit_kw(480, 30, 0.8)),
        ("iec", 400, "iec-32a-3ph", circuit_kw(400, 32, 1.0)),
        ("iec", 400, "iec-63a-3ph", circuit_kw(400, 63, 1.0)),
    ],
)
@pytest.mark.parametrize("topology", ["2N", "3N2R", "4N3R", "5N4R"])
@pytest.mark.parametrize("feeds", [2, 3, 4])
def test_what_racks_draw_arrives_at_feeds_and_blocks(
    electrical: str, line_v: float, feed: str, usable_kw: float, topology: str, feeds: int
) -> None:
    blocks = {"topology": topology, "unit_kw": 1000, "rack_voltage_v": line_v}
    site: dict[str, Any] = {"standards": {"electrical": electrical}, "racks": {"feeds": feeds, "feed": feed}}
    design = design_of(H100, power={"blocks": blocks}, **site)
    tables = design.tables
    assert design.power.feed_usable_kw == pytest.approx(usable_kw)
    by_rack = tables.feeds.group_by("rack").agg(pl.col("load_kw").sum()).join(tables.racks, on="rack")
    assert by_rack.filter((pl.col("load_kw") - pl.col("it_kw")).abs() > 1e-6).is_empty()
    fed = tables.feeds.group_by("block").agg(fed_kw=pl.col("load_kw").sum()).join(tables.blocks, on="block")
    assert fed["fed_kw"].sum() == pytest.approx(tables.racks["it_kw"].sum())
    assert fed.filter(pl.col("load_kw") < pl.col("fed_kw") - 1e-6).is_empty()


@pytest.mark.parametrize(("factor", "fires"), [(0.99, True), (1.0001, False), (1.01, False)])
def test_breakers_of_surviving_feeds_are_judged_at_their_exact_limit(factor: float, fires: bool) -> None:
    """Four systems of 10.2 kW on three equal feeds: two carry 20.4 kW each when one is lost."""
    limit_a = 20.4 * 1000 / (math.sqrt(3) * 415 * 0.8)
    design = design_of(
        H100,
        standards={"electrical": "nec"},
        power={"blocks": {"topology": "3N2R", "unit_kw": 2500, "rack_voltage_v": 415}},
        racks={"feeds": 3, "breaker_a": limit_a * factor},
    )
    assert ("PWR101" in errors_of(design, "PWR")) is fires


@pytest.mark.parametrize(("cap_kw", "fires"), [(9.8, False), (9.9, False), (9.99, True)])
def test_three_of_six_supplies_are_judged_at_their_exact_limit(cap_kw: float, fires: bool) -> None:
    pool = {"system": "dgx-h100", "nodes": 8, "power_cap_kw": cap_kw}
    design = design_of(pool, racks={"feeds": 2, "breaker_a": 100}, standards={"electrical": "nec"})
    assert ("PWR102" in errors_of(design, "PWR")) is fires


@pytest.mark.parametrize(("factor", "fires"), [(0.99, True), (1.0, False), (1.01, False)])
def test_the_grid_connection_is_judged_at_its_exact_limit(factor: float, fires: bool) -> None:
    need_mw = (design_of(H100).power.utility_kw or 0.0) / 1000
    design = design_of(H100, power={"utility": {"available_mw": need_mw * factor}})
    assert ("PWR121" in errors_of(design, "PWR")) is fires


# Return temperatures of the published curve (116 kW at 65.1, 92.6, 160 l/min of PG25), joined by lines.
KELVIN_LPM_PER_KW = 60_000 / (1015 * 3.87)
RETURN_C = [(t, t + KELVIN_LPM_PER_KW * 116 / lpm) for t, lpm in ((25, 65.1), (35, 92.6), (45, 160.0))]


def gb300_flow_lpm(supply_c: float) -> float:
    (t0, r0), (t1, r1) = RETURN_C[:2] if supply_c <= 35 else RETURN_C[1:]
    return_c = r0 + (r1 - r0) * (supply_c - t0) / (t1 - t0)
    return KELVIN_LPM_PER_KW * 116 / (return_c - supply_c)


@pytest.mark.parametrize("supply_c", [15, 20, 25, 30, 35, 36, 40, 44.5, 45, 46, 50, 54])
def test_the_flow_of_a_gb300_rack_follows_its_curve(supply_c: float) -> None:
    design = design_of({"system": "gb300-nvl72", "scalable_units": 1}, cooling={"loop": {"supply_c": supply_c}})
    rack = design.tables.racks.filter(pl.col("kind") == "pool").row(0, named=True)
    assert rack["rack_flow_lpm"] == pytest.approx(gb300_flow_lpm(supply_c))
    assert rack["flow_lpm"] == pytest.approx(max(gb300_flow_lpm(supply_c), 1.5 * 116))
    assert (errors_of(design, "CLG") & {"CLG104", "CLG106"} != set()) is (supply_c > 45)


CDUS = {  # catalog key: (heat, kW; flow, l/min)
    "coolit-chx2000": (2000, None),
    "vertiv-coolchip-1350": (1350, None),
    "boyd-rol4000": (2000, 1890),
    "schneider-uniflair-l2l": (1000, None),
    "motivair-mcdu-70": (2500, None),
}


@pytest.mark.parametrize("redundancy", ["N", "N+1", "2N"])
@pytest.mark.parametrize("cdu", CDUS)
def test_a_hall_has_the_cdus_that_heat_and_flow_ask_for(cdu: str, redundancy: str) -> None:
    heat_kw, lpm = CDUS[cdu]
    liquid_kw = 32 * 116
    need = max(math.ceil(liquid_kw / heat_kw), math.ceil(liquid_kw * 1.5 / lpm) if lpm else 0)
    loop = {"supply_c": 40, "cdu": cdu, "redundancy": redundancy}
    design = design_of({"system": "gb300-nvl72", "scalable_units": 4}, halls={"count": 1}, cooling={"loop": loop})
    assert design.cooling.liquid_kw == pytest.approx(liquid_kw)
    assert design.cooling.cdu_installed == {"N": need, "N+1": need + 1, "2N": 2 * need}[redundancy]
    assert ("CLG102" in errors_of(design, "CLG")) is (redundancy == "N")


def test_a_dry_cooler_alone_gives_the_hottest_day_and_its_approach() -> None:
    """31 °C outside and 8 K of the dry cooler are 39 °C; a CDU of 3 K makes coolant of 42 °C of it."""
    design = design_of(
        {"system": "vera-rubin-nvl72", "scalable_units": 1},
        location={"extreme_dry_bulb_c": 31, "extreme_wet_bulb_c": 27},
        cooling={"rejection": ["dry-cooler"], "loop": {"supply_c": 42, "cdu": "schneider-uniflair-l2l"}},
    )
    assert design.cooling.rejection_c_min == pytest.approx(39)
    assert design.cooling.facility_supply_c == pytest.approx(39)
