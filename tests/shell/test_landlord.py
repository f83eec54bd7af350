"""A landlord's hall: each figure is checked by itself, at its very limit, and only where there is a landlord."""

from __future__ import annotations

import pytest

from gigasite.checks.registry import Hit
from gigasite.errors import Severity

from .sites import GB200, H100, design_of, hits

CODES = ("RCK141", "RCK142", "RCK143", "RCK144", "RCK145", "RCK146", "RCK147")


def site(text: str, landlord: str, *, demarcation: str = "colocation") -> str:
    return text.replace("name: demo\n", f"name: demo\ndemarcation: {demarcation}\n") + (
        f"shell: {{landlord: {{{landlord}}}}}\n"
    )


def found(text: str) -> dict[str, list[Hit]]:
    return {code: here for code in CODES if (here := hits(text, code))}


def limits() -> dict[str, tuple[str, float, str, float]]:
    """What the GB200 site asks for, and the figure that just gives it: code, figure, key, least good figure."""
    design = design_of(site(GB200, ""))
    (hall,) = design.halls
    water_c = design.cooling.facility_supply_c
    assert None not in (hall.it_kw, hall.air_kw, hall.liquid_kw, hall.flow_lpm, water_c)
    racks = design.tables.racks["it_kw"].max()
    assert isinstance(racks, float)
    return {
        "power": ("RCK141", hall.it_kw or 0.0, "hall_kw", +1),
        "rack": ("RCK142", racks, "rack_kw", +1),
        "water": ("RCK143", water_c or 0.0, "supply_c", -1),
        "flow": ("RCK144", hall.flow_lpm or 0.0, "flow_lpm", +1),
        "air": ("RCK147", hall.air_kw or 0.0, "air_kw", +1),
    }


@pytest.mark.parametrize("what", ["power", "rack", "water", "flow", "air"])
def test_each_figure_is_enough_at_its_limit_and_short_below_it(what: str) -> None:
    code, figure, key, towards = limits()[what]
    assert found(site(GB200, f"{key}: {figure}")) == {}
    short = figure * (1 - 0.001 * towards)
    assert set(found(site(GB200, f"{key}: {short}"))) == {code}


def test_positions_and_feeds_are_counted() -> None:
    racks = design_of(site(H100, "")).halls[0].rack_count
    assert found(site(H100, f"rack_positions: {racks}")) == {}
    assert set(found(site(H100, f"rack_positions: {racks - 1}"))) == {"RCK146"}
    assert set(found(site(H100, "feeds: 1"))) == {"RCK142"}


def test_a_feed_carries_its_rack_when_another_is_lost() -> None:
    """40.8 kW on two feeds: 40.8 kW on the one that is left, 20.4 kW where nothing is promised."""
    two = "racks: {feeds: 2}\n"
    assert set(found(site(H100, "feeds: 2, feed_kw: 40.7") + two)) == {"RCK142"}
    assert found(site(H100, "feeds: 2, feed_kw: 40.9") + two) == {}
    basic = "standards: {availability: basic}\n"
    assert found(site(H100, "feed_kw: 20.5") + two + basic) == {}


@pytest.mark.parametrize(("flow_lpm", "carried"), [(600, False), (800, True)])
def test_water_between_its_temperatures_carries_the_heat_of_the_hall(flow_lpm: int, carried: bool) -> None:
    """995.7 kg/m³ and 4.18 kJ/kgK: 10 K at 1 l/min carry 0.694 kW; the hall leaves some 460 kW."""
    text = site(GB200, f"supply_c: 20, return_c: 30, flow_lpm: {flow_lpm}")
    assert (set(found(text)) == set()) is carried


def test_a_landlord_of_an_own_building_is_not_looked_at_and_told() -> None:
    text = site(GB200, "hall_kw: 1, air_kw: 1", demarcation="own")
    assert found(text) == {}
    (hit,) = hits(text, "RCK149")
    assert hit.severity is Severity.WARNING


def test_what_nobody_wrote_down_is_listed() -> None:
    (hit,) = hits(site(GB200, "hall_kw: 1000, feeds: 4"), "RCK149")
    assert "supply_c" in hit.message
    assert "hall_kw" not in hit.message
    (air,) = hits(site(H100, ""), "RCK149")
    assert "supply_c" not in air.message


def test_a_landlords_building_has_no_land_and_no_gross_area() -> None:
    shell = design_of(site(H100, "")).shell
    assert shell is not None
    assert (shell.gross_m2, shell.land_ha) == (None, None)
    assert shell.white_m2 > 0
