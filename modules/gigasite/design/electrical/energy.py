"""Losses of the chain at any load, for design sums and for the hours of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.design.electrical.chain import chain_of
from gigasite.design.electrical.loads import direct_loads, is_mechanical, reactive_kvar
from gigasite.design.electrical.losses import Chain, Flow, load_flow
from gigasite.design.model import Design
from gigasite.spec.site import SiteSpec

Floats = NDArray[np.float64]

# Scales of the design's loads at which a side is computed; 1 is one of them, and between them losses are as good as
# straight: a step of 1/32 leaves a parabola's error below 2 in 10,000 of its square part.
_SCALES = np.linspace(0.0, 1.25, 41)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the chain below the medium-voltage buses: what it loses and draws at scales of its load."""

    base_kw: float
    scales: Floats
    loss_kw: Floats
    kvar: Floats

    def at(self, load_kw: Floats) -> tuple[Floats, Floats]:
        """Loss (kW) and reactive power (kvar) at the buses; beyond the last scale they go on straight."""
        scale = load_kw / self.base_kw if self.base_kw > 0 else np.zeros_like(load_kw)
        return _straight(scale, self.scales, self.loss_kw), _straight(scale, self.scales, self.kvar)


@dataclass(frozen=True, slots=True)
class ChainLosses:
    """Losses of a site's chain as a function of IT and mechanical load."""

    it: Side
    mechanical: Side
    main_no_load_kw: float
    main_square_per_kva: float
    """Losses of the main transformers over the square of the apparent power at the buses."""
    main_reactance_per_kva: float

    def loss_kw(self, it_kw: Floats, mechanical_kw: Floats) -> Floats:
        """Loss from the meter to the racks and the plant. Rises with either load. kW."""
        it_loss, it_kvar = self.it.at(it_kw)
        own_loss, own_kvar = self.mechanical.at(mechanical_kw)
        power = it_kw + mechanical_kw + it_loss + own_loss
        square = power**2 + (it_kvar + own_kvar) ** 2
        return it_loss + own_loss + self.main_no_load_kw + self.main_square_per_kva * square

    def kvar(self, it_kw: Floats, mechanical_kw: Floats) -> Floats:
        """Reactive power at the meter. kvar."""
        it_loss, it_kvar = self.it.at(it_kw)
        own_loss, own_kvar = self.mechanical.at(mechanical_kw)
        power = it_kw + mechanical_kw + it_loss + own_loss
        reactive: Floats = it_kvar + own_kvar
        return reactive + self.main_reactance_per_kva * (power**2 + reactive**2)


def chain_loss_kw(design: Design, catalog: Catalog, it_kw: Floats, mechanical_kw: Floats) -> Floats:
    """Losses from the meter to the racks' inputs and the cooling plant, for each pair of loads. kW.

    At the design's load it is the design's loss; it rises with either load. Loads spread over the site as they do
    at the design point.
    """
    tables = design.tables
    losses = chain_losses(tables.elements, tables.connections, tables.feeds, tables.plant, design.resolved, catalog)
    return losses.loss_kw(np.asarray(it_kw, np.float64), np.asarray(mechanical_kw, np.float64))


def chain_losses(
    elements: pl.DataFrame,
    connections: pl.DataFrame,
    feeds: pl.DataFrame,
    plant: pl.DataFrame,
    site: SiteSpec,
    catalog: Catalog,
    it_scale: float = 1.0,
) -> ChainLosses:
    """The chain's losses as a function of its loads. `it_scale`: a scale of IT load at which it is exact."""
    chain = chain_of(elements, connections, site, catalog)
    it_kw, mechanical_kw = loads_of(chain, elements, feeds, plant)
    own = np.array([is_mechanical(name) for name in chain.names])
    kinds = np.array(elements["kind"].to_list())
    main = kinds == "main-transformer"
    scales = np.unique(np.append(_SCALES, it_scale))
    it = _side(chain, it_kw, np.zeros_like(it_kw), scales, ~own & ~main, site)
    mechanical = _side(chain, np.zeros_like(it_kw), mechanical_kw, _SCALES, own, site)
    flow = load_flow(chain, it_kw + mechanical_kw, reactive_kvar(it_kw, mechanical_kw, site))
    buses = kinds == "mv-bus"
    whole = float(np.hypot(flow.load_kw[buses].sum(), flow.load_kvar[buses].sum()))
    parts = np.hypot(flow.load_kw[main, 0], flow.load_kvar[main, 0]) / whole if whole else np.zeros(int(main.sum()))
    return ChainLosses(
        it=it,
        mechanical=mechanical,
        main_no_load_kw=float(chain.no_load_kw[main].sum()),
        main_square_per_kva=float((chain.square_per_kva[main] * parts**2).sum()),
        main_reactance_per_kva=float((chain.reactance_per_kva[main] * parts**2).sum()),
    )


def loads_of(chain: Chain, elements: pl.DataFrame, feeds: pl.DataFrame, plant: pl.DataFrame) -> tuple[Floats, Floats]:
    """IT and mechanical load that hangs on each element, as the design's tables have it. kW."""
    it_kw = direct_loads(chain, feeds, "source", "load_kw")
    if plant.is_empty():  # an estimate stands on the boards
        boards = elements.filter(pl.col("kind") == "mechanical-board")
        return it_kw, direct_loads(chain, boards, "element", "load_kw")
    return it_kw, direct_loads(chain, plant, "source", "electric_kw")


def losses_by_kind(elements: pl.DataFrame, flow: Flow) -> Mapping[str, float]:
    """Loss of each kind of element that loses something. kW."""
    lost = elements.select("kind").with_columns(loss_kw=pl.Series(flow.loss_kw[:, 0]))
    sums = lost.group_by("kind").agg(pl.col("loss_kw").sum()).filter(pl.col("loss_kw") > 0).sort("kind")
    return dict(sums.iter_rows())


def _side(
    chain: Chain, it_kw: Floats, mechanical_kw: Floats, scales: Floats, own: NDArray[np.bool_], site: SiteSpec
) -> Side:
    direct = (it_kw + mechanical_kw)[:, None] * scales
    kvar = reactive_kvar(it_kw, mechanical_kw, site)[:, None] * scales
    flow = load_flow(chain, direct, kvar)
    tops = _tops(chain, own)
    square = flow.load_kw[tops] ** 2 + flow.load_kvar[tops] ** 2
    drawn = flow.load_kvar[tops] + chain.reactance_per_kva[tops][:, None] * square
    return Side(float((it_kw + mechanical_kw).sum()), scales, flow.loss_kw[own].sum(axis=0), drawn.sum(axis=0))


def _tops(chain: Chain, own: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Transformers of a side: those of its elements that take reactive power."""
    return np.flatnonzero(own & (chain.reactance_per_kva > 0))


def _straight(x: Floats, places: Floats, values: Floats) -> Floats:
    inside = np.interp(x, places, values)
    slope = (values[-1] - values[-2]) / (places[-1] - places[-2])
    return np.asarray(inside + np.maximum(x - places[-1], 0.0) * slope)
