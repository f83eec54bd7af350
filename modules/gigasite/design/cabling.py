"""Cables with lengths and media, and the ports at their ends.

A cable runs from its port up to the tray, along the trays as `shell.paths` says, and down again:
length = run · (1 + slack) + 2 · slack at each end, rounded up to half a metre, and then to the next length that
its kind is sold in. Inside a rack the run is the distance between the units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.design.clos import SwitchShape, cabled_ports
from gigasite.design.shell.paths import Places, Trays, cable_m, rise_m, route_m
from gigasite.spec.halls import RacksSpec

UNIT_M = 0.04445  # EIA-310: one rack unit is 44.45 mm
STEP_M = 0.5


@dataclass(frozen=True, slots=True)
class Cabling:
    """The cables table, and the rows of both ends in the table of places."""

    table: pl.DataFrame
    a_lane: NDArray[np.int32]
    """Part of the port at end a that a node's link runs over, from 1."""
    a_row: NDArray[np.uint32]
    b_row: NDArray[np.uint32]


def with_lengths(
    links: pl.DataFrame,
    places: pl.DataFrame,
    technology: Mapping[str, str],
    racks: RacksSpec,
    trays: Trays,
    catalog: Catalog,
) -> Cabling:
    """The cables table from named links. `places`: device (each once), model, rack, unit, rack_u (height of the
    rack; null where `unit` is no rack unit), hall, row, x_m, y_m.

    Links of one cable stand together and have one `cable_key`; `technology` is that of each fabric.
    """
    names = pl.Enum(places["device"])
    a, b = (links[f"{end}_device"].cast(names).to_physical().to_numpy() for end in "ab")
    length_m = _lengths(places, a, b, racks, trays)
    media, length_m = _media(links, length_m, technology, catalog)
    table = links.select(
        _cable_numbers(links),
        "fabric",
        "tier",
        pl.col("plane").cast(pl.Int32),
        pl.col("rail").cast(pl.Int32),
        "a_device",
        pl.col("a_port").cast(pl.Int32),
        "b_device",
        pl.col("b_port").cast(pl.Int32),
        "gbps",
        pl.Series("length_m", length_m).fill_nan(None),
        media,
    )
    return Cabling(table, links["a_lane"].to_numpy(), a, b)


def _lengths(
    places: pl.DataFrame, a: NDArray[np.uint32], b: NDArray[np.uint32], racks: RacksSpec, trays: Trays
) -> NDArray[np.float64]:
    """Length of each link in metres; NaN where an end has no place."""

    def column(name: str) -> NDArray[np.float64]:
        found: NDArray[np.float64] = places[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return found

    unit = column("unit")
    rack = places["rack"].rank("dense").fill_null(0).to_numpy()
    stands = Places(column("hall") - 1, column("row") - 1, column("x_m"), column("y_m"))
    rise = rise_m(racks.tray_height_m or 0.0, column("rack_u"), unit, UNIT_M)
    over_trays = route_m(stands, a, b, trays) + rise[a] + rise[b]
    inside = np.nan_to_num(np.abs(unit[a] - unit[b])) * UNIT_M
    run = np.where((rack[a] == rack[b]) & ~np.isnan(over_trays), inside, over_trays)
    return cable_m(run, racks.slack_ratio or 0.0, racks.end_slack_m or 0.0, STEP_M)


def _cable_numbers(links: pl.DataFrame) -> pl.Series:
    """Running numbers, from 1, of neighbouring links with one key in one tier of one fabric."""
    codes = [links[name].cast(pl.Categorical).to_physical().to_numpy() for name in ("fabric", "tier")]
    columns = [*codes, links["cable_key"].to_numpy()]
    starts = np.ones(links.height, bool)
    if links.height > 1:
        starts[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return pl.Series("cable", np.cumsum(starts), dtype=pl.Int64)


def _media(
    links: pl.DataFrame, length_m: NDArray[np.float64], technology: Mapping[str, str], catalog: Catalog
) -> tuple[pl.Series, NDArray[np.float64]]:
    """The first kind of cable, in the catalog's order of preference, that has the speed and the reach.

    And the length to order: the next one that the kind is sold in. Fibres to optical circuit switches need a
    kind of one pair of fibres, whose loss budget is known.
    """
    fabrics = pl.Enum(list(technology))
    fabric = links["fabric"].cast(fabrics).to_physical().to_numpy()
    speaks = list(technology.values())
    gbps = links["gbps"].to_numpy()
    kinds = catalog.cables
    choice = np.full(links.height, len(kinds), np.int16)
    ordered_m = length_m.copy()
    through_mirrors = links["tier"].str.ends_with("-ocs").to_numpy()
    for place in range(len(kinds) - 1, -1, -1):
        kind = kinds[place]
        able = np.array([t in {k.value for k in kind.technologies} for t in speaks], bool)
        reaches = (length_m <= kind.reach_m) & np.isin(gbps, np.array(kind.gbps, float)) & able[fabric]
        fits = reaches & (through_mirrors <= (kind.channel_loss_db is not None))
        choice[fits] = place
    for place, kind in enumerate(kinds):
        if kind.lengths_m:
            own = choice == place
            ordered_m[own] = sold_length_m(length_m[own], kind.lengths_m)
    keys = pl.Series("media", [*(kind.key for kind in kinds), None], dtype=pl.String)
    return keys.gather(choice.astype(np.uint32)), ordered_m


def sold_length_m(length_m: NDArray[np.float64], lengths_m: tuple[float, ...]) -> NDArray[np.float64]:
    """The shortest length sold that is long enough; what is longer than all stays as it is, made to order."""
    sold = np.array(sorted(lengths_m))
    place = np.searchsorted(sold, length_m - 1e-9)
    return np.where(place < len(sold), sold[np.minimum(place, len(sold) - 1)], length_m)


def ports_table(cabling: Cabling, places: pl.DataFrame, shapes: Mapping[tuple[str, str], SwitchShape]) -> pl.DataFrame:
    """Both ends of every link: the logical port, and the port on the front and the lane that it is.

    `shapes`: by fabric and model; the ports of other devices (nodes, appliances) have the lanes of their links.
    """
    table = cabling.table
    both = pl.concat(
        [
            table.select(
                pl.col(f"{end}_device").alias("device"),
                pl.col(f"{end}_port").alias("port"),
                "fabric",
                "plane",
                "gbps",
                link=pl.int_range(pl.len(), dtype=pl.Int64),
            )
            for end in "ab"
        ]
    )
    model = places["model"].cast(pl.Categorical)
    model_of = (
        model.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()[np.concatenate((cabling.a_row, cabling.b_row))]
    )
    fabric = both["fabric"].cast(pl.Categorical)
    fabric_of = fabric.to_physical().to_numpy()
    codes = {name: int(code) for name, code in zip(model.unique(), model.unique().to_physical(), strict=True) if name}
    fabrics = dict(zip(fabric.unique().to_list(), fabric.unique().to_physical().to_list(), strict=True))
    port = both["port"].to_numpy()
    cage, lane = port.copy(), np.concatenate([cabling.a_lane, np.ones(table.height, np.int32)])
    for (name, key), shape in shapes.items():
        if name not in fabrics or key not in codes:
            continue
        own = (fabric_of == fabrics[name]) & (model_of == codes[key])
        front, part = cabled_ports(shape, (port[own] - 1).astype(np.int32))
        cage[own], lane[own] = front, part + 1
    return both.with_columns(cage=pl.Series(cage, dtype=pl.Int32), lane=pl.Series(lane, dtype=pl.Int32)).select(
        "device", "port", "cage", "lane", "fabric", "plane", "gbps", "link"
    )
