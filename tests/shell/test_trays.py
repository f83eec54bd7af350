"""Trays: every cable is laid along its way, and the fullest stretch is found."""

from __future__ import annotations

from math import pi

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.design.shell.geometry import Rows
from gigasite.design.shell.paths import Trays
from gigasite.design.shell.trays import bundles, cable_area_mm2, layers_needed, stretches, tray_loads
from gigasite.spec.shell import TraysSpec

from .sites import H100, design_of

MEDIUM = "mmf-400g"
ROWS = Rows(16, 0.6, 3.0, 1.8, 1.8, 1.8)
Spot = tuple[int, int, int]


def area() -> float:
    diameter = load_catalog().cable(MEDIUM).diameter_mm
    assert diameter is not None
    return pi * diameter**2 / 4


def loads(links: list[tuple[Spot, Spot]], halls_per_corridor: int = 8) -> dict[str, tuple[str, float]]:
    """Fullest stretches of one cable a link between places (hall, row, position, all from 1)."""
    spots = sorted({spot for link in links for spot in link})
    names = {spot: "-".join(map(str, spot)) for spot in spots}
    racks = pl.DataFrame([(names[s], *s) for s in spots], schema=["rack", "hall", "row", "position"], orient="row")
    cables = pl.DataFrame(
        {
            "piece": list(range(1, len(links) + 1)),
            "piece_count": [1] * len(links),
            "gbps": [400.0] * len(links),
            "media": [MEDIUM] * len(links),
            "product": pl.Series([None] * len(links), dtype=pl.String),
            "length_m": [1.0] * len(links),
        }
    )
    a, b = (np.array([spots.index(link[end]) for link in links], np.uint32) for end in (0, 1))
    found = bundles(cables, racks["rack"], a, b, load_catalog())
    assert (found.unmeasured_media, found.cable_count) == ((), len(links))
    return tray_loads(found, racks, Trays(ROWS, 8, 10.0, halls_per_corridor, 2, 7.0, 40.0))


def counts(links: list[tuple[Spot, Spot]], halls_per_corridor: int = 8) -> dict[str, float]:
    return {kind: mm2 / area() for kind, (_, mm2) in loads(links, halls_per_corridor).items()}


def test_cables_of_one_row_meet_where_their_ways_overlap() -> None:
    found = counts([((1, 1, 1), (1, 1, 9)), ((1, 1, 5), (1, 1, 16)), ((1, 1, 6), (1, 1, 7))])
    assert found == {"row": pytest.approx(3)}


def test_the_fullest_stretch_is_named() -> None:
    links = [((2, 3, 4), (2, 3, 6)), ((2, 3, 4), (2, 3, 5)), ((1, 1, 1), (1, 1, 2))]
    assert loads(links)["row"][0] == "h02 row 3 at position 4"


def test_cables_over_an_aisle_fill_a_cross_tray() -> None:
    found = counts([((1, 1, 2), (1, 4, 3)), ((1, 2, 1), (1, 3, 1))])
    assert found["cross"] == pytest.approx(2)
    assert set(found) == {"row", "cross"}


def test_cables_between_halls_fill_the_corridor() -> None:
    found = counts([((1, 2, 1), (3, 1, 1)), ((2, 1, 8), (4, 1, 8)), ((1, 1, 1), (2, 1, 1))])
    assert found["corridor"] == pytest.approx(2)


def test_cables_between_corridors_fill_the_spine() -> None:
    found = counts([((1, 2, 1), (3, 1, 1)), ((1, 2, 1), (2, 1, 1))], halls_per_corridor=2)
    assert found["spine"] == pytest.approx(1)


def test_cables_inside_a_rack_lie_in_no_tray() -> None:
    assert loads([((1, 1, 1), (1, 1, 1))]) == {}


spot = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 16))


@settings(deadline=None)
@given(links=st.lists(st.tuples(spot, spot), min_size=1, max_size=12), more=st.tuples(spot, spot))
def test_another_cable_never_empties_a_tray(links: list[tuple[Spot, Spot]], more: tuple[Spot, Spot]) -> None:
    before, after = counts(links), counts([*links, more])
    for kind, value in before.items():
        assert after[kind] >= value - 1e-6
        assert value <= len(links) * 2 + 1e-6


@given(mm2=st.floats(0, 1e6), width=st.sampled_from([100.0, 300.0, 600.0]), limit=st.floats(0.1, 1))
def test_as_many_layers_as_needed_keep_the_limit(mm2: float, width: float, limit: float) -> None:
    layers = layers_needed(mm2, width, 100.0, limit)
    assert mm2 / (width * 100 * layers) <= limit * (1 + 1e-6)
    assert layers == 1 or mm2 / (width * 100 * (layers - 1)) > limit


def test_an_area_of_a_circle() -> None:
    assert cable_area_mm2(10) == pytest.approx(78.5398, rel=1e-5)


def test_open_layers_are_filled_within_the_limit() -> None:
    (stretch,) = stretches({"row": ("here", 100_000.0)}, TraysSpec(width_mm=600, depth_mm=100, fill_limit_ratio=0.5))
    assert (stretch.layer_count, stretch.fill_ratio) == (4, pytest.approx(100_000 / 240_000))


def test_every_cable_kind_of_the_catalog_has_a_diameter() -> None:
    assert all(kind.diameter_mm for kind in load_catalog().cables)


def test_growth_within_the_ultimate_size_moves_no_rack_and_changes_no_cable() -> None:
    pool = "name: demo\npools:\n  - {name: train, system: dgx-h100, scalable_units: %d, build_to_scalable_units: 4}\n"
    before, after = design_of(pool % 2), design_of(pool % 3)
    place = ["rack", "hall", "row", "position", "x_m", "y_m"]
    stood = before.tables.racks.filter(pl.col("kind") != "core").select(place)
    assert stood.join(after.tables.racks.select(place), on=place, how="anti", nulls_equal=True).is_empty()
    ends = ["a_device", "a_port", "b_device", "b_port", "length_m", "media"]
    nodes = pl.col("tier") == "node-leaf"
    laid = before.tables.cables.filter(nodes, pl.col("fabric") == "compute").select(ends)
    assert laid.join(after.tables.cables.select(ends), on=ends, how="anti").is_empty()


def test_no_cable_of_a_design_is_shorter_than_the_way_between_its_racks() -> None:
    design = design_of("name: demo\npools:\n  - {name: train, system: dgx-h100, scalable_units: 2}\n")
    tables = design.tables
    rack = pl.concat([tables.nodes.select("rack", d="node"), tables.devices.select("rack", d="device")])
    at = rack.join(tables.racks.select("rack", "x_m", "y_m"), on="rack")
    ends = tables.cables.join(at, left_on="a_device", right_on="d").join(
        at, left_on="b_device", right_on="d", suffix="_b"
    )
    grid = (pl.col("x_m") - pl.col("x_m_b")).abs() + (pl.col("y_m") - pl.col("y_m_b")).abs()
    assert ends.filter(pl.col("length_m") < grid).is_empty()
    assert np.isfinite(ends["length_m"].to_numpy()).all()


def test_figures_of_the_shell_are_plain_data() -> None:
    import json

    from gigasite.design.shell.summary import shell_figures

    figures = shell_figures(design_of(H100))
    assert json.loads(json.dumps(figures)) == figures
    assert figures["white_m2_per_mw"] == pytest.approx(figures["white_m2"] / figures["it_mw"], rel=1e-3)
