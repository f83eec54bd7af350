"""Losses of machines, and load flows over small chains: textbook values and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog import load_catalog
from gigasite.catalog.power_products import Ups
from gigasite.design.electrical.losses import (
    Chain,
    LossCurve,
    levels,
    live,
    load_flow,
    transformer_loss_kw,
    ups_loss_kw,
    ups_loss_points,
)

UPSES = load_catalog().all_of(Ups)


def chain(links: list[tuple[str, str, int, float]], sources: set[str], losses: dict[str, float] | None = None) -> Chain:
    """A chain of named elements; `losses`: share of its output that an element loses."""
    names = tuple(dict.fromkeys(name for link in links for name in link[:2]))
    size = len(names)
    index = {name: row for row, name in enumerate(names)}
    zero = np.zeros(size)
    return Chain(
        names=names,
        level=levels(names, [a for a, *_ in links], [b for _, b, *_ in links]),
        is_source=np.array([name in sources for name in names]),
        source=np.array([index[a] for a, *_ in links]),
        target=np.array([index[b] for _, b, *_ in links]),
        priority=np.array([p for *_, p, _ in links]),
        share=np.array([s for *_, s in links]),
        no_load_kw=zero,
        linear_ratio=np.array([(losses or {}).get(name, 0.0) for name in names]),
        square_per_kva=zero,
        reactance_per_kva=zero,
        input_tan=np.full(size, math.nan),
    )


def test_a_transformer_loses_iron_always_and_copper_with_the_square() -> None:
    assert transformer_loss_kw(0, 1000, 1.2, 9) == 1.2
    assert transformer_loss_kw(1000, 1000, 1.2, 9) == pytest.approx(10.2)
    assert transformer_loss_kw(500, 1000, 1.2, 9) == pytest.approx(3.45)


@pytest.mark.parametrize("ups", UPSES, ids=lambda ups: ups.key)
def test_a_ups_has_its_published_efficiency_at_every_published_point(ups: Ups) -> None:
    for load, efficiency in ups.efficiency_points:
        loss = ups_loss_kw(load * 1000, 1000, ups.efficiency_points, ups.no_load_loss_ratio)
        assert load * 1000 / (load * 1000 + loss) == pytest.approx(efficiency, abs=1e-6)


@pytest.mark.parametrize("ups", UPSES, ids=lambda ups: ups.key)
def test_a_ups_never_loses_less_at_more_load(ups: Ups) -> None:
    loads, losses = ups_loss_points(ups.efficiency_points, ups.no_load_loss_ratio)
    grid = np.interp(np.linspace(0, 1.5, 200), loads, losses)
    assert (np.diff(grid) >= -1e-12).all()
    assert grid[0] == ups.no_load_loss_ratio


def test_load_is_shared_by_the_ways_of_the_first_priority() -> None:
    net = chain([("a", "bus", 1, 1.0), ("b", "bus", 1, 3.0), ("gen", "bus", 2, 1.0)], {"a", "b", "gen"})
    flow = load_flow(net, np.array([100.0 if name == "bus" else 0.0 for name in net.names]))
    load = dict(zip(net.names, flow.load_kw[:, 0], strict=True))
    assert load == {"a": 25.0, "b": 75.0, "gen": 0.0, "bus": 100.0}


def test_a_standby_way_takes_over_only_when_all_before_it_are_dead() -> None:
    net = chain([("a", "bus", 1, 1.0), ("b", "bus", 1, 1.0), ("gen", "bus", 2, 1.0)], {"a", "b", "gen"})
    working = np.ones((4, 3), bool)
    working[net.index["a"], 1] = False
    working[[net.index["a"], net.index["b"]], 2] = False
    flow = load_flow(net, np.array([100.0 if name == "bus" else 0.0 for name in net.names]), working=working)
    assert flow.load_kw[net.index["b"]].tolist() == [50.0, 100.0, 0.0]
    assert flow.load_kw[net.index["gen"]].tolist() == [0.0, 0.0, 100.0]


def test_what_hangs_on_a_dead_element_is_not_carried() -> None:
    net = chain([("a", "bus", 1, 1.0)], {"a"})
    alive, _ = live(net, np.array([[False], [True]]))
    assert not alive.any()
    flow = load_flow(net, np.array([0.0, 10.0]), working=np.array([[False], [True]]))
    assert flow.load_kw.sum() == 0


def test_elements_that_feed_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        levels(["a", "b"], ["a", "b"], ["b", "a"])


def test_a_ups_draws_at_a_power_factor_of_its_own() -> None:
    net = chain([("grid", "ups", 1, 1.0)], {"grid"})
    tangent = np.array([math.nan, 0.2])
    curve = LossCurve(np.array([1]), np.array([100.0]), np.array([0.0, 1.0]), np.array([0.01, 0.05]))
    net = Chain(**{**vars_of(net), "input_tan": tangent, "curves": (curve,)})
    flow = load_flow(net, np.array([0.0, 50.0]), np.array([0.0, 30.0]))
    assert flow.loss_kw[1, 0] == pytest.approx(3.0)
    assert flow.load_kw[0, 0] == pytest.approx(53.0)
    assert flow.load_kvar[0, 0] == pytest.approx(53.0 * 0.2)


def vars_of(net: Chain) -> dict[str, object]:
    return {name: getattr(net, name) for name in Chain.__dataclass_fields__}


@st.composite
def layered(draw: st.DrawFn) -> tuple[Chain, np.ndarray]:
    """Chains of three to five layers, each element fed by one or two of the layer before."""
    widths = draw(st.lists(st.integers(1, 4), min_size=3, max_size=5))
    links = []
    for layer in range(1, len(widths)):
        for place in range(widths[layer]):
            ups = draw(st.sets(st.integers(0, widths[layer - 1] - 1), min_size=1, max_size=2))
            links += [
                (f"{layer - 1}.{up}", f"{layer}.{place}", draw(st.integers(1, 2)), draw(st.floats(0.1, 3)))
                for up in ups
            ]
    sources = {f"0.{place}" for place in range(widths[0])}
    names = dict.fromkeys(name for link in links for name in link[:2])
    net = chain(links, sources, {name: draw(st.floats(0, 0.2)) for name in names})
    loads = np.array(draw(st.lists(st.floats(0, 1000), min_size=len(net.names), max_size=len(net.names))))
    return net, loads


@settings(max_examples=60, deadline=None)
@given(layered())
def test_energy_is_conserved_at_every_element(case: tuple[Chain, np.ndarray]) -> None:
    net, direct = case
    flow = load_flow(net, direct)
    alive, shares = live(net, np.ones((len(net.names), 1), bool))
    given_on = np.zeros(len(net.names))
    np.add.at(given_on, net.source, flow.input_kw[net.target, 0] * shares[:, 0])
    assert np.allclose(flow.load_kw[:, 0], np.where(alive[:, 0], direct, 0) + given_on)
    made = flow.input_kw[net.is_source, 0].sum()
    carried = direct[alive[:, 0]].sum()
    assert made == pytest.approx(carried + flow.loss_kw.sum(), rel=1e-9, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(layered(), st.integers(0, 30), st.floats(0.1, 500))
def test_more_load_never_lightens_an_element(case: tuple[Chain, np.ndarray], place: int, more: float) -> None:
    net, direct = case
    heavier = direct.copy()
    heavier[place % len(direct)] += more
    assert (load_flow(net, heavier).load_kw >= load_flow(net, direct).load_kw - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(layered(), st.integers(0, 30))
def test_losing_an_element_revives_none(case: tuple[Chain, np.ndarray], place: int) -> None:
    net, _ = case
    working = np.ones((len(net.names), 2), bool)
    working[place % len(net.names), 1] = False
    alive, _ = live(net, working)
    assert (alive[:, 1] <= alive[:, 0]).all()
