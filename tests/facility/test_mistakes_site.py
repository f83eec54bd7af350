"""Expensive mistakes of the shell, of a landlord's hall and of management, each found by its own check."""

from __future__ import annotations

import polars as pl
import pytest

from gigasite.design.shell.bodies import rack_bodies

from .sites import Site, catalog, changed, design_of, says, serious, site, switches_at, with_feeds

GB300 = site("gb300-nvl72", 36, pool__power_cap_kw=132)
G = 9.80665


def worst_rack(column: str, made: Site) -> float:
    design = design_of(made)
    return float(rack_bodies(design.tables.racks, design.resolved, catalog())[column].max())  # type: ignore[arg-type]


def test_a_wet_rack_is_too_heavy_for_the_floor() -> None:
    """With coolant: the dry mass and 0.2 l a kW of its heat."""
    system = catalog().system("gb300-nvl72")
    wet_kg = worst_rack("wet_kg", GB300)
    assert wet_kg > (system.weight_kg or 0.0)
    hit = switches_at(lambda kg: changed(GB300, halls__max_rack_kg=kg), wet_kg, "RCK102")
    assert says(hit, wet_kg, rel=1e-3)


def test_a_wet_rack_presses_more_than_the_floor_bears() -> None:
    kpa = worst_rack("foot_kpa", GB300)
    assert kpa == pytest.approx(worst_rack("wet_kg", GB300) * G / 1000 / (0.6 * 1.068), rel=0.25)
    switches_at(lambda limit: changed(GB300, halls__floor_kpa=limit), kpa, "RCK103")


@pytest.mark.parametrize(("key", "limit_of"), [("width_mm", "narrow"), ("height_mm", "height")])
def test_racks_do_not_pass_a_door(key: str, limit_of: str) -> None:
    width, depth, height = (worst_rack(name, GB300) for name in ("width_mm", "depth_mm", "height_mm"))
    limit = min(width, depth) if limit_of == "narrow" else height
    door = [5000.0, 5000.0]

    def made(mm: float) -> Site:
        size = [mm, door[1]] if limit_of == "narrow" else [door[0], mm]
        return changed(GB300, halls__door_mm=size)

    assert key
    switches_at(made, limit, "RCK107")


def test_a_lift_carries_rack_trolley_and_people() -> None:
    made = changed(GB300, shell__delivery={"trolley_kg": 200, "charged": False})
    dry_kg = worst_rack("weight_kg", made)

    def lift(kg: float) -> Site:
        return changed(made, shell__delivery__path=[{"name": "lift", "kind": "lift", "max_kg": kg}])

    hit = switches_at(lift, dry_kg + 200, "RCK125")
    assert "lift" in hit.message
    charged = changed(lift(dry_kg + 201), shell__delivery__charged=True)
    assert serious(design_of(charged), "RCK125"), "the coolant of a charged rack rides with it"


COLO = changed(GB300, demarcation="colocation")


@pytest.mark.parametrize(
    ("key", "code", "asks"),
    [
        ("hall_kw", "RCK141", lambda d: d.halls[0].it_kw),
        ("rack_kw", "RCK142", lambda d: d.tables.racks["it_kw"].max()),
        ("feed_kw", "RCK142", lambda d: d.tables.racks["it_kw"].max()),
        ("air_kw", "RCK147", lambda d: d.halls[0].air_kw),
        ("max_rack_kg", "RCK145", lambda d: rack_bodies(d.tables.racks, d.resolved, catalog())["wet_kg"].max()),
    ],
)
def test_a_landlord_gives_too_little(key: str, code: str, asks) -> None:  # type: ignore[no-untyped-def]
    hit = switches_at(lambda value: changed(COLO, shell__landlord={key: value}), float(asks(design_of(COLO))), code)
    assert hit.at == f"shell.landlord.{key}"


def test_a_landlords_water_is_too_warm() -> None:
    made = changed(COLO, cooling__loop={"supply_c": 40})
    cdu = catalog().cdu(design_of(made).cooling.cdu)
    switches_at(
        lambda c: changed(made, shell__landlord={"supply_c": c}), 40 - (cdu.approach_k or 0), "RCK143", wrong="above"
    )


def test_a_landlords_water_is_too_little() -> None:
    """Q = ρ·V̇·cp·(return - supply) of plain water."""
    hall = design_of(COLO).halls[0]
    heat_kw = (hall.liquid_kw or 0.0) + (hall.air_kw or 0.0)
    water = catalog().fluid("water")
    lpm = heat_kw / (water.density_kg_m3 * water.specific_heat_kj_kgk * 10) * 60_000
    given = {"supply_c": 20, "return_c": 30}
    switches_at(lambda v: changed(COLO, shell__landlord={**given, "flow_lpm": v}), lpm, "RCK144")


def test_a_management_switch_that_one_feed_alone_powers_is_dark_with_it() -> None:
    design = design_of(site("dgx-h100", 8))
    assert not serious(design, "OPS101")
    switches = design.tables.devices.filter(pl.col("fabric") == "oob", pl.col("tier") == "leaf")
    switches = switches.filter(pl.col("pool") == "train")
    rack = switches["rack"][0]
    feeds = design.tables.feeds.filter(pl.col("rack") == rack)
    assert feeds.height > 1
    one = pl.when(pl.col("rack") == rack)
    dark = with_feeds(
        design,
        source=one.then(pl.lit(feeds["source"][0])).otherwise("source"),
        block=one.then(pl.lit(feeds["block"][0])).otherwise("block"),
    )
    assert switches["device"][0] in serious(dark, "OPS101")[0].message
