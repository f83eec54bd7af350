"""How full the trays are: every cable laid along its way, the fullest stretch of each kind of tray by name.

Places in a row are counted in half positions: position p (from 0) is at 2p + 1, the ends of the row are at 0 and
2·positions, cross trays at even numbers. Cables of one rack pair take one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, pi

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.design.cabling.pieces import diameters_mm, first_links, legs
from gigasite.design.codes import numbered
from gigasite.design.shell.paths import Trays
from gigasite.spec.shell import TraysSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The fullest stretch of one kind of tray."""

    kind: str
    """`row`, `cross`, `corridor` or `spine`."""
    name: str
    cable_mm2: float
    """Cross-section of all cables in it."""
    fill_ratio: float
    """Of one tray, or of all layers where the site gives their number."""
    layer_count: int
    """Trays one above the other that keep the fill limit."""


def cable_area_mm2(diameter_mm: float) -> float:
    """A = π·d²/4."""
    return pi * diameter_mm**2 / 4


def layers_needed(cable_mm2: float, width_mm: float, depth_mm: float, fill_limit_ratio: float) -> int:
    """Trays one above the other: cables over the part of a tray's cross-section that they may take; at least one."""
    return max(ceil(cable_mm2 / (width_mm * depth_mm * fill_limit_ratio) - 1e-9), 1)


@dataclass(frozen=True, slots=True)
class Bundles:
    """Cables by the two racks that they join."""

    pairs: pl.DataFrame
    """rack_a, rack_b, mm2: cross-section of all cables between two racks, each pair once."""
    cable_count: int
    cable_km: float | None
    """None: an end has no place."""
    unmeasured_media: tuple[str, ...]
    """Media whose diameter no source gives: their cables are not in `pairs`."""


def bundles(
    cables: pl.DataFrame,
    rack: pl.Series,
    a_row: NDArray[np.unsignedinteger],
    b_row: NDArray[np.unsignedinteger],
    catalog: Catalog,
) -> Bundles:
    """Bundles of cables (`piece, piece_count, media, product, gbps, length_m`), whose ends stand in `rack` at the rows
    `a_row` and `b_row`.

    Links that share a piece from device to device count once; each leg of a splitter counts. A product's own diameter
    goes before that of its kind of link.
    """
    own = legs(cables, a_row, b_row)
    table = cables.select("media", "product", "length_m", "piece_count")
    table = table if len(own) == table.height else table[own]
    media = table["media"].drop_nulls().unique().sort().to_list()
    products = diameters_mm(catalog)
    diameters = {key: catalog.cable(key).diameter_mm for key in media}
    kinds = table.group_by("media", "product").len().drop_nulls("media")
    unmeasured = {
        name for name, product, _ in kinds.iter_rows() if products.get(product) is None and diameters[name] is None
    }
    wide = pl.coalesce(
        pl.col("product").replace_strict(products, default=None, return_dtype=pl.Float64),
        pl.col("media").replace_strict(diameters, default=None, return_dtype=pl.Float64),
    )
    area = table.select((wide**2 * (pi / 4) * pl.col("piece_count")).fill_null(0.0)).to_series().to_numpy()
    names = rack.drop_nulls().unique().sort()
    code = rack.cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    a, b = code[a_row[own]], code[b_row[own]]
    length_m = (table["length_m"].fill_null(np.nan) * table["piece_count"]).to_numpy()
    laid = (a != b) & (a >= 0) & (b >= 0) & (area > 0)
    key = np.minimum(a[laid], b[laid]) * max(len(names), 1) + np.maximum(a[laid], b[laid])
    keys, place = numbered(key)
    pairs = pl.DataFrame(
        {
            "rack_a": names.gather(keys // max(len(names), 1)),
            "rack_b": names.gather(keys % max(len(names), 1)),
            "mm2": np.bincount(place, weights=area[laid], minlength=len(keys)),
        },
        schema={"rack_a": pl.String, "rack_b": pl.String, "mm2": pl.Float64},
    )
    total_m = float(length_m.sum())
    return Bundles(
        pairs,
        int(cables["piece_count"].to_numpy()[first_links(cables["piece"].to_numpy())].sum()),
        None if np.isnan(total_m) else total_m / 1000,
        tuple(sorted(unmeasured)),
    )


def tray_loads(found: Bundles, racks: pl.DataFrame, trays: Trays) -> dict[str, tuple[str, float]]:
    """By kind of tray: name and cable area (mm²) of its fullest stretch; racks without a place count nowhere."""
    spots = racks.select("rack", hall=pl.col("hall") - 1, row=pl.col("row") - 1, place=2 * pl.col("position") - 1)
    pairs = found.pairs
    for end in "ab":
        spot = spots.drop_nulls().rename({"rack": f"rack_{end}", **{n: f"{n}_{end}" for n in ("hall", "row", "place")}})
        pairs = pairs.join(spot, on=f"rack_{end}", how="inner", maintain_order="left")
    if not pairs.height:
        return {}
    most = pairs.select(pl.max_horizontal("hall_a", "hall_b").max(), pl.max_horizontal("row_a", "row_b").max()).row(0)
    ways = _Ways(trays, int(most[0]) + 1, int(most[1]) + 1)
    ways.lay(pairs.drop("rack_a", "rack_b"))
    return ways.fullest()


def stretches(loads: dict[str, tuple[str, float]], spec: TraysSpec) -> tuple[Stretch, ...]:
    """The fullest stretch of each kind against the site's trays."""
    width, depth, limit = spec.width_mm or 600.0, spec.depth_mm or 100.0, spec.fill_limit_ratio or 0.5
    found = []
    for kind, (name, area) in loads.items():
        layers = layers_needed(area, width, depth, limit)
        found.append(Stretch(kind, name, area, area / (width * depth * (spec.layer_count or layers)), layers))
    return tuple(found)


class _Ways:
    """Cross-sections on every stretch of tray, gathered as differences and summed at the end."""

    def __init__(self, trays: Trays, hall_count: int, row_count: int) -> None:
        self.trays, self.halls, self.rows = trays, hall_count, row_count
        self.length = 2 * trays.rows.row_positions
        self.step = 2 * trays.cross_every
        self.crosses = -(-self.length // self.step) + 1
        self.columns = min(trays.halls_per_corridor, hall_count)
        self.corridors = -(-hall_count // trays.halls_per_corridor)
        self.row = np.zeros((hall_count, row_count, self.length + 1))
        # Stretch 0 of a cross tray leads from the corridor to row 0, stretch r from row r-1 to row r.
        self.cross = np.zeros((hall_count, self.crosses, row_count + 1))
        self.corridor = np.zeros((self.corridors, 2 * self.columns + 1))
        self.spine = 0.0

    def lay(self, pairs: pl.DataFrame) -> None:
        """Adds the cables of all pairs."""
        part = {name: pairs[name].to_numpy().astype(np.int64) for name in pairs.columns if name != "mm2"}
        mm2 = pairs["mm2"].to_numpy()
        near = part["hall_a"] == part["hall_b"]
        row = near & (part["row_a"] == part["row_b"])
        self._along_row(part["hall_a"][row], part["row_a"][row], part["place_a"][row], part["place_b"][row], mm2[row])
        hall = near & ~row
        self._within({name: values[hall] for name, values in part.items()}, mm2[hall])
        self._between({name: values[~near] for name, values in part.items()}, mm2[~near])

    def _along_row(self, hall: Ints, row: Ints, start: Ints, end: Ints, mm2: Floats) -> None:
        np.add.at(self.row, (hall, row, np.minimum(start, end)), mm2)
        np.add.at(self.row, (hall, row, np.maximum(start, end)), -mm2)

    def _along_cross(self, hall: Ints, cross: Ints, start: Ints, end: Ints, mm2: Floats) -> None:
        """From row `start` to row `end`; -1 is the corridor."""
        np.add.at(self.cross, (hall, cross, np.minimum(start, end) + 1), mm2)
        np.add.at(self.cross, (hall, cross, np.maximum(start, end) + 1), -mm2)

    def _within(self, part: dict[str, Ints], mm2: Floats) -> None:
        low = np.minimum(part["place_a"], part["place_b"])
        high = np.maximum(part["place_a"], part["place_b"])
        before = low // self.step * self.step
        behind = np.minimum(before + self.step, self.length)
        back = (behind > high) & (low - before < behind - high)
        place = np.where(back, before, behind)
        cross = -(-place // self.step)
        for end in "ab":
            self._along_row(part["hall_a"], part[f"row_{end}"], part[f"place_{end}"], place, mm2)
        self._along_cross(part["hall_a"], cross, part["row_a"], part["row_b"], mm2)

    def _between(self, part: dict[str, Ints], mm2: Floats) -> None:
        per_corridor = self.trays.halls_per_corridor
        column = {end: part[f"hall_{end}"] % per_corridor for end in "ab"}
        corridor = {end: part[f"hall_{end}"] // per_corridor for end in "ab"}
        level = corridor["a"] == corridor["b"]
        spine = np.full(len(mm2), self.columns)  # in the middle: a hall has two ends, so there are 2 · columns
        gate = {}
        for end, other in (("a", "b"), ("b", "a")):
            right = np.where(level, column[end] < column[other], 2 * column[end] + 1 <= spine)
            gate[end] = 2 * column[end] + right
            hall, row = part[f"hall_{end}"], part[f"row_{end}"]
            self._along_row(hall, row, part[f"place_{end}"], np.where(right, self.length, 0), mm2)
            cross = np.where(right, self.crosses - 1, 0)
            self._along_cross(hall, cross, np.full(len(row), -1), row, mm2)
            self._along_corridor(corridor[end][~level], gate[end][~level], spine[~level], mm2[~level])
        self._along_corridor(corridor["a"][level], gate["a"][level], gate["b"][level], mm2[level])
        self.spine += float(mm2[~level].sum())

    def _along_corridor(self, corridor: Ints, start: Ints, end: Ints, mm2: Floats) -> None:
        np.add.at(self.corridor, (corridor, np.minimum(start, end)), mm2)
        np.add.at(self.corridor, (corridor, np.maximum(start, end)), -mm2)

    def fullest(self) -> dict[str, tuple[str, float]]:
        """Name and cross-section of the fullest stretch of each kind that holds cables."""
        found = {}
        rows = np.cumsum(self.row, axis=2)
        hall, row, place = np.unravel_index(int(rows.argmax()), rows.shape)
        position = min(int(place) // 2 + 1, self.trays.rows.row_positions)
        found["row"] = (f"h{hall + 1:02d} row {row + 1} at position {position}", float(rows.max()))
        cross = np.cumsum(self.cross, axis=2)
        hall, tray, stretch = np.unravel_index(int(cross.argmax()), cross.shape)
        to = "between the corridor and row 1" if stretch == 0 else f"between rows {stretch} and {stretch + 1}"
        found["cross"] = (f"h{hall + 1:02d} cross tray {tray + 1} {to}", float(cross.max()))
        corridor = np.cumsum(self.corridor, axis=1)
        number, place = np.unravel_index(int(corridor.argmax()), corridor.shape)
        found["corridor"] = (
            f"corridor {number + 1} at hall h{self._hall_at(number, place):02d}",
            float(corridor.max()),
        )
        found["spine"] = ("the spine between corridors and storeys", self.spine)
        return {kind: item for kind, item in found.items() if item[1] > 1e-6}

    def _hall_at(self, corridor: np.intp, place: np.intp) -> int:
        return min(int(corridor) * self.trays.halls_per_corridor + int(place) // 2 + 1, self.halls)
