"""The graph's tables as arrays for load flows: which element loses how, after its product and rating."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.power_products import ConductorRun, TransferSwitch, Transformer, Ups
from gigasite.design.electrical.losses import Chain, LossCurve, ups_loss_points
from gigasite.design.electrical.sizes import Power, rating_of_run, run_loss_per_kva2
from gigasite.spec.site import SiteSpec


def chain_of(elements: pl.DataFrame, connections: pl.DataFrame, site: SiteSpec, catalog: Catalog) -> Chain:
    """Elements and connections as arrays; losses from the catalog's products at the elements' ratings."""
    names = elements["element"].to_list()
    index = {name: row for row, name in enumerate(names)}
    size = len(names)
    no_load, linear, square, reactance = (np.zeros(size) for _ in range(4))
    tangent = np.full(size, np.nan)
    curves: list[LossCurve] = []
    power = Power(site, catalog)
    numbered = elements.with_row_index("row").filter(pl.col("product").is_not_null())
    for (kind, key), group in numbered.group_by("kind", "product", maintain_order=True):
        rows = group["row"].to_numpy().astype(np.int64)
        rated = group["rated_kva"].fill_null(0.0).to_numpy()
        if kind in ("transformer", "main-transformer"):
            transformer = catalog.of(Transformer, str(key))
            no_load[rows] = transformer.no_load_loss_kw / transformer.rated_kva * rated
            square[rows] = transformer.load_loss_kw / transformer.rated_kva / rated
            reactance[rows] = transformer.impedance_ratio / rated
        elif kind == "ups":
            ups = catalog.of(Ups, str(key))
            loads, losses = ups_loss_points(ups.efficiency_points, ups.no_load_loss_ratio)
            curves.append(LossCurve(rows, rated, loads, losses))
            tangent[rows] = math.tan(math.acos(ups.input_power_factor))
        elif kind == "busway":
            run = catalog.of(ConductorRun, str(key))
            for (kva, count), equal in group.group_by("rated_kva", "unit_count", maintain_order=True):
                per_kva2 = run_loss_per_kva2(rating_of_run(float(kva), int(count), power), int(count), power)
                same = equal["row"].to_numpy()
                no_load[same] = run.no_load_loss_ratio * float(kva)
                square[same] = per_kva2 + run.load_loss_ratio / float(kva)
        elif kind == "sts":
            linear[rows] = 1 / catalog.of(TransferSwitch, str(key)).efficiency_ratio - 1
    return Chain(
        names=tuple(names),
        level=elements["level"].to_numpy().astype(np.int64),
        is_source=elements["is_source"].to_numpy().astype(bool),
        source=_rows(connections["source"], index),
        target=_rows(connections["target"], index),
        priority=connections["priority"].to_numpy().astype(np.int64),
        share=connections["share_ratio"].to_numpy().astype(np.float64),
        no_load_kw=no_load,
        linear_ratio=linear,
        square_per_kva=square,
        reactance_per_kva=reactance,
        input_tan=tangent,
        curves=tuple(curves),
    )


def _rows(names: pl.Series, index: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([index[name] for name in names.to_list()], dtype=np.int64)
