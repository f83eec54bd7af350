"""What holds for every site: energy is conserved, nothing gets better by more load, heat, height or a loss."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gigasite import checks
from gigasite.design.cooling.hours import installed_plan
from gigasite.design.failures import analyse
from gigasite.design.model import Design

from .sites import Site, catalog, changed, design_of
from .strategies import SYSTEMS, sites

INSIDE = ("cdu", "air-unit", "rear-door", "immersion-tank", "facility-pump")
EXACT = {"rel": 1e-6, "abs": 1e-6}
FEW = settings(max_examples=10, deadline=None, derandomize=True)


def total(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].sum())


def is_placed(design: Design) -> bool:
    """Every rack stands somewhere and every feed hangs on an element."""
    tables = design.tables
    return not tables.racks["hall"].null_count() and not tables.feeds["source"].null_count()


@given(sites(known=True))
@settings(FEW, max_examples=25)
def test_energy_is_conserved_from_the_utility_to_the_outside(made: Site) -> None:
    """Meter = racks + plant + losses of the elements = what the sources give; heat of racks, pumps and fans = water."""
    design = design_of(made)
    power, cooling, tables = design.power, design.cooling, design.tables
    assume(power.utility_kw is not None and is_placed(design))
    it_kw, plant_kw = total(tables.racks, "it_kw"), total(tables.plant, "electric_kw")
    assert power.utility_kw == pytest.approx(it_kw + plant_kw + total(tables.elements, "loss_kw"), **EXACT)
    sources = tables.elements.filter(pl.col("is_source"), pl.col("kind").is_in(["grid-circuit", "generation", "bess"]))
    assert total(sources, "load_kw") == pytest.approx(power.utility_kw, **EXACT)
    assert sum(power.loss_by_stage_kw.values()) == pytest.approx(power.loss_kw, **EXACT)
    assert total(tables.feeds, "load_kw") == pytest.approx(it_kw, **EXACT)

    heat_kw = total(tables.racks, "liquid_kw") + total(tables.racks, "air_kw")
    assert heat_kw <= it_kw * (1 + 1e-9)
    inside = tables.plant.filter(pl.col("kind").is_in(INSIDE))
    waters = (cooling.facility_kw, cooling.air_water_kw, cooling.own_condenser_kw)
    assume(None not in waters)
    assert sum(kw or 0.0 for kw in waters) == pytest.approx(heat_kw + total(inside, "electric_kw"), **EXACT)
    for loop, want_kw in (("liquid", cooling.facility_kw), ("air", cooling.air_water_kw)):
        plan = installed_plan(design, catalog())
        circuit = plan.circuit(loop)
        if circuit is not None:
            outside = tables.plant.filter(pl.col("group").str.contains(f"-{loop}-"))
            left_kw = float(plan.at_extreme(circuit).unmet_kw.max())
            on_site = all(units.technology.on_site for units in circuit.units)
            assert not on_site or total(outside, "heat_kw") + left_kw == pytest.approx(want_kw, **EXACT)


@given(sites())
@settings(FEW, max_examples=25)
def test_every_figure_is_a_figure_and_every_message_can_be_read(made: Site) -> None:
    design = design_of(made)
    for name, table in design.tables.items():
        for column in table.columns:
            if table[column].dtype == pl.Float64:
                values = table[column].drop_nulls()
                assert values.is_finite().all(), (name, column)
                assert (values >= -1e-9).all() or column in ("x_m", "y_m"), (name, column)
    for finding in checks.run(design, catalog()):
        words = set(finding.message.replace(",", " ").replace(";", " ").split())
        assert not words & {"None", "nan", "inf", "None.", "-0.0"}, finding.message


@given(sites(known=True, plain=True))
@FEW
def test_pue_of_the_design_hour_is_at_least_one(made: Site) -> None:
    power = design_of(made).power
    assume(power.utility_kw is not None)
    assert (power.utility_kw or 0.0) >= (power.coincident_it_kw or 0.0)
    assert (power.mechanical_kw or 0.0) >= 0.0
    assert 0.0 < power.chain_efficiency_ratio <= 1.0


@pytest.mark.parametrize("key", [key for key in SYSTEMS if catalog().system(key).max_kw is None])
def test_an_unknown_draw_never_becomes_zero(key: str) -> None:
    design = design_of({"name": "demo", "pools": [{"name": "train", "system": key, "nodes": 2}]})
    power, cooling = design.power, design.cooling
    assert design.tables.racks.filter(pl.col("kind") == "pool")["it_kw"].null_count()
    assert (power.it_kw, power.utility_kw, power.loss_kw, power.mechanical_kw) == (None, None, None, None)
    assert (cooling.liquid_kw, cooling.air_kw) == (None, None)
    assert any(f.code == "PHS101" for f in design.findings)


# nothing gets better


def frozen(made: Site, design: Design) -> Site:
    """The site with the plant of its design declared: counts and sizes no longer follow from the load."""
    halls = design.halls
    kept = changed(made, halls={"count": len(halls), "rack_positions": max(h.rack_positions for h in halls)})
    kept = changed(kept, power__blocks__count=design.tables.blocks.height)
    if any(h.cdu_count for h in halls):
        kept = changed(kept, cooling__loop__cdu_count=max(h.cdu_count or 0 for h in halls))
    if any(h.air_unit_count for h in halls):
        kept = changed(kept, cooling__air__unit_count=max(h.air_unit_count or 0 for h in halls))
    elements = design.tables.elements
    own = elements.filter(pl.col("block").is_not_null())
    for kind, path in (("transformer", "power__transformers__block_mva"), ("generator", "power__generators__unit_kw")):
        rated = own.filter(pl.col("kind") == kind)["rated_kva"]
        if len(rated):
            kva = float(rated.max())  # type: ignore[arg-type]
            kept = changed(kept, **{path: kva / 1000 if kind == "transformer" else kva * 0.8})
    units = [
        {"way": units.way, "loop": circuit.loop, "count": units.count, "unit_kw": units.unit_kw}
        for circuit in installed_plan(design, catalog()).circuits
        for units in circuit.units
        if units.technology.on_site and units.unit_kw > 0
    ]
    return changed(kept, cooling__outside__units=units) if units else kept


def margins(design: Design) -> dict[str, float]:
    """What is left of each capacity that `frozen` holds, kW; more is better."""
    power, tables = design.power, design.tables
    found: dict[str, float] = {"grid": -(power.utility_kw or 0.0), "mechanical": -(power.mechanical_kw or 0.0)}
    for kind in ("transformer", "generator"):
        own = tables.elements.filter(pl.col("block").is_not_null(), pl.col("kind") == kind)
        found[kind] = _least(own, pl.col("capacity_kw") - pl.col("load_kw"))
    found["block"] = _least(tables.blocks, pl.col("unit_kw") - pl.col("load_kw"))
    found["feed"] = _least(tables.feeds, pl.col("usable_kw") - pl.col("load_kw"))
    for hall in design.halls:
        if hall.air_unit_kw is not None and hall.room_kw is not None:
            found[f"air {hall.name}"] = (hall.air_unit_count or 0) * hall.air_unit_kw - hall.room_kw
        if hall.cdu_kw is not None and hall.liquid_kw is not None:
            found[f"cdu {hall.name}"] = (hall.cdu_count or 0) * hall.cdu_kw - hall.liquid_kw
    plan = installed_plan(design, catalog())
    for circuit in plan.circuits:
        found[f"rejection {circuit.loop}"] = -float(plan.at_extreme(circuit).unmet_kw.max())
    return found


def _least(table: pl.DataFrame, margin: pl.Expr) -> float:
    values = table.select(margin.alias("m"))["m"].drop_nulls()
    return float(values.min()) if len(values) else math.inf  # type: ignore[arg-type]


def better(before: Design, after: Design) -> Iterator[tuple[str, float, float]]:
    """Margins that grew."""
    first, second = margins(before), margins(after)
    for name in first.keys() & second.keys():
        if second[name] > first[name] + 1e-6 * max(abs(first[name]), 1.0):
            yield name, first[name], second[name]


def fixed(made: Site) -> tuple[Site, Design]:
    design = design_of(made)
    assume(design.power.utility_kw is not None and is_placed(design))
    kept = frozen(made, design)
    again = design_of(kept)
    assume(is_placed(again))
    return kept, again


@given(sites(known=True, plain=True), st.floats(0.3, 0.9), st.floats(1.001, 1.1))
@FEW
def test_more_load_on_the_same_plant_never_raises_a_margin(made: Site, part: float, more: float) -> None:
    most_kw = catalog().system(made["pools"][0]["system"]).max_kw or 1.0
    kept, _ = fixed(made)
    little, much = (design_of(changed(kept, pool__power_cap_kw=most_kw * p)) for p in (part, part * more))
    assert not list(better(little, much))


@pytest.mark.slow
@given(sites(known=True, plain=True), st.floats(0.1, 10.0))
@FEW
def test_hotter_air_never_lowers_the_draw_nor_raises_a_margin(made: Site, kelvin: float) -> None:
    kept, design = fixed(made)
    dry_c = made["location"]["extreme_dry_bulb_c"] + kelvin
    assert not list(better(design, design_of(changed(kept, location__extreme_dry_bulb_c=dry_c))))


@pytest.mark.slow
@given(sites(known=True, plain=True), st.floats(0.1, 5.0))
@FEW
def test_damper_air_never_lowers_the_draw_nor_raises_a_margin(made: Site, kelvin: float) -> None:
    kept, design = fixed(made)
    place = made["location"]
    wet_c = min(place["extreme_wet_bulb_c"] + kelvin, place["extreme_dry_bulb_c"])
    assert not list(better(design, design_of(changed(kept, location__extreme_wet_bulb_c=wet_c))))


@pytest.mark.slow
@given(sites(known=True, plain=True), st.floats(10.0, 1500.0))
@FEW
def test_a_greater_height_never_lowers_the_draw_nor_raises_a_margin(made: Site, metres: float) -> None:
    kept, design = fixed(made)
    height_m = made["location"]["altitude_m"] + metres
    assert not list(better(design, design_of(changed(kept, location__altitude_m=height_m))))


@given(sites(known=True), st.data())
@FEW
def test_a_loss_never_lights_a_rack_and_a_second_one_darkens_no_fewer(made: Site, data: st.DataObject) -> None:
    design = design_of(made)
    assume(is_placed(design))
    names = design.tables.elements["element"].to_list()
    first, second = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    one, both = dark_racks(design, {first}), dark_racks(design, {first, second})
    assert dark_racks(design, set()) == set()
    assert one <= both
    told = analyse(design).singles.filter(pl.col("name") == first)
    assert int(told["dark_rack_count"][0]) == len(one)


def dark_racks(design: Design, lost: set[str]) -> set[str]:
    """Racks without a live feed: alive is a source that works, and what hangs on something that is."""
    tables = design.tables
    alive: set[str] = set()
    above: dict[str, list[str]] = {}
    for source, target in tables.connections.select("source", "target").iter_rows():
        above.setdefault(target, []).append(source)
    for element, is_source in tables.elements.sort("level").select("element", "is_source").iter_rows():
        if element not in lost and (is_source or any(up in alive for up in above.get(element, ()))):
            alive.add(element)
    fed = {rack for rack, source in tables.feeds.select("rack", "source").iter_rows() if source in alive}
    return set(tables.feeds["rack"].to_list()) - fed


# the same site is the same design


SCRIPT = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
from facility.sites import design_of
made = json.loads(sys.argv[2])
design = design_of(made)
digest = hashlib.sha256()
for name, table in design.tables.items():
    digest.update(table.write_csv().encode())
digest.update(repr((design.power, design.cooling, design.halls, design.settings)).encode())
print(digest.hexdigest())
"""


@pytest.mark.parametrize("system", ["gb300-nvl72", "dgx-h100"])
def test_the_same_site_gives_the_same_bytes_in_another_process(system: str) -> None:
    made = {"name": "demo", "pools": [{"name": "train", "system": system, "nodes": 36}]}
    made |= {"power": {"blocks": {"topology": "4N3R"}}, "standards": {"electrical": "iec"}}
    here = os.path.dirname(os.path.dirname(__file__))
    digests = set()
    for seed in ("0", "1"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, here, json.dumps(made)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": "2" if seed == "0" else "1"},
        )
        digests.add(run.stdout)
    assert len(digests) == 1


@given(sites(known=True, plain=True), st.integers(1, 2), st.integers(1, 2))
@FEW
def test_growth_renames_no_feed_block_or_cooling_unit(made: Site, built: int, more: int) -> None:
    """Positions are planned for the size that the site builds to; what stands keeps its name."""
    pool: dict[str, Any] = {**made["pools"][0], "build_to_scalable_units": built + more}
    pool.pop("nodes")
    small = design_of({**made, "pools": [{**pool, "scalable_units": built}]})
    large = design_of({**made, "pools": [{**pool, "scalable_units": built + more}]})
    assume(is_placed(small) and is_placed(large))
    for table, column in (("feeds", "feed"), ("racks", "rack"), ("nodes", "node"), ("blocks", "block")):
        before, after = set(getattr(small.tables, table)[column]), set(getattr(large.tables, table)[column])
        assert before <= after, (table, sorted(before - after)[:3])
    kinds = ("grid-circuit", "mv-bus", "transformer", "lv-board", "ups")
    before, after = (
        set(d.tables.elements.filter(pl.col("kind").is_in(kinds))["element"].to_list()) for d in (small, large)
    )
    assert before <= after, sorted(before - after)[:3]
    shared = small.tables.feeds.join(large.tables.feeds, on="feed")
    assert shared.height
