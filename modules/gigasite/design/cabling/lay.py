"""Lays all cables of a site: lengths, cages, products."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.design.cabling.choose import choose
from gigasite.design.cabling.faces import Fronts, Spots
from gigasite.design.cabling.groups import Groups, grouped
from gigasite.design.cabling.lengths import cable_numbers, lengths_m
from gigasite.design.cabling.links import Links
from gigasite.design.cabling.tables import Cabling, cables_table, modules_table, ports_table
from gigasite.design.cabling.ways import products
from gigasite.design.shell.paths import Trays
from gigasite.spec.halls import RacksSpec


def lay_cables(
    links: pl.DataFrame,
    places: pl.DataFrame,
    fronts: Fronts,
    technology: Mapping[str, str],
    racks: RacksSpec,
    trays: Trays,
    catalog: Catalog,
) -> Cabling:
    """The tables of cabling from named links. `places`: device (each once), rack, unit, rack_u (height of the rack;
    null where `unit` is no rack unit), hall, row, x_m, y_m; `fronts` are those of its devices.

    Links of one cable stand together and have one `cable_key`; `technology` is that of each fabric.
    """
    names = pl.Enum(places["device"])
    a, b = (links[f"{end}_device"].cast(names).to_physical().to_numpy() for end in "ab")
    gbps = links["gbps"].to_numpy()
    part = links["a_lane"].cast(pl.Int32).to_numpy()
    ends = [
        fronts.spots(row, links[f"{end}_port"].cast(pl.Int32).to_numpy(), lane, gbps)
        for end, row, lane in (("a", a, part), ("b", b, np.ones_like(part)))
    ]
    speaks = list(technology.values())
    told = tuple(dict.fromkeys(speaks))
    fabric = links["fabric"].cast(pl.Enum(list(technology))).to_physical().to_numpy()
    choice = choose(
        Links(
            technologies=told,
            technology=np.array([told.index(name) for name in speaks], np.int64)[fabric],
            gbps=gbps,
            length_m=lengths_m(places, a, b, racks, trays),
            a=ends[0],
            b=ends[1],
            sockets=fronts.sockets,
            single_pair=links["tier"].str.ends_with("-ocs").to_numpy(),
            groups=_groups(a, b, ends),
        ),
        products(catalog),
    )
    cables = cables_table(links, cable_numbers(links), choice)
    return Cabling(
        cables,
        ports_table(cables, ends[0], ends[1], choice.links),
        modules_table(cables, choice, places["device"], a, b),
        a,
        b,
    )


def _groups(a: NDArray[np.uint32], b: NDArray[np.uint32], ends: list[Spots]) -> Groups:
    """Links that share cages, told by device and cage."""
    if not len(a):
        return grouped(np.zeros(0, np.int64), np.zeros(0, np.int64))
    keyed = [(row.astype(np.int64), spots.cage.astype(np.int64)) for row, spots in zip((a, b), ends, strict=True)]
    most = np.zeros(int(max(a.max(), b.max())) + 1, np.int64)
    for row, cage in keyed:
        np.maximum.at(most, row, cage)  # fast where both are of one type
    first = np.cumsum(most + 1) - most - 1
    return grouped(*(first[row] + cage for row, cage in keyed))
