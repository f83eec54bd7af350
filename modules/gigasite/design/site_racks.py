"""Racks that serve the whole site: spines, cores, fabric managers and storage, with their management ports.

Equal devices go to the two racks of a pair in turn, so that neighbours never share one. Room is kept for the
size that the site builds to, so that nothing moves when it grows. The top of every rack holds its management
switches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.design import names
from gigasite.design.racks import Filled, Shelf, fill_in_order
from gigasite.spec.site import SiteSpec

MANAGEMENT_U = 6  # two management leaves and two management spines of 2U


@dataclass(frozen=True, slots=True)
class SiteGear:
    """A run of equal devices that serve the whole site: how many there will be at the ultimate size."""

    fabric: str
    tier: str
    shelf: Shelf
    count: int


@dataclass(frozen=True, slots=True)
class SiteRacks:
    """Devices with their racks, and the places of the racks' management ports.

    `slots_per_rack` places a rack; `endpoints`: su (1), slot, device, port of what is built.
    """

    devices: pl.DataFrame
    core_count: int
    storage_count: int
    slots_per_rack: int
    top_unit: int
    """Lowest unit of the room for management switches."""
    endpoints: pl.DataFrame
    equipment: pl.DataFrame

    @property
    def rack_count(self) -> int:
        return self.core_count + self.storage_count


def fill_site_racks(
    site: SiteSpec,
    devices: pl.DataFrame,
    gear: list[SiteGear],
    appliances: pl.DataFrame,
    limit_kw: float,
    prefix: str,
    management_port: int,
) -> SiteRacks:
    """Fills racks with the site-wide devices of all fabrics but the management one, and with storage."""
    usable_u = max((site.racks.height_u or 48) - (site.racks.reserved_u or 0) - MANAGEMENT_U, 1)
    own, sides = _gear_places(devices, gear, usable_u, limit_kw)
    core_count = 2 * max(1, *(side.rack_count for side in sides))
    rack, unit, turn = _paired(sides, own["place"].to_numpy())
    wide = own.with_columns(rack_in_su=pl.Series(rack + 1), unit=pl.Series(unit), turn=pl.Series(turn)).with_columns(
        rack=names.site_rack(prefix, "core"), ordinal=pl.col("rack_in_su") - 1
    )
    boxes, storage_count = _appliances(appliances, site, usable_u, limit_kw, prefix)
    boxes = boxes.with_columns(ordinal=pl.col("rack_in_su") - 1 + core_count)
    everything = pl.concat([wide, boxes], how="diagonal")
    turns = boxes["turn"].to_numpy()
    most = max(*(_most(side) for side in sides), int(turns.max(initial=-1)) + 1)
    letters = "abcdefgh"[: site.racks.feeds or 1]
    per_rack = most + len(letters)
    ports = everything.select(
        su=pl.lit(1, pl.Int32),
        slot=(pl.col("ordinal") * per_rack + pl.col("turn") + 1).cast(pl.Int32),
        device="device",
        port=pl.lit(management_port, pl.Int32),
    )
    racks = everything.select("rack", "ordinal").unique(maintain_order=True)
    pdus = racks.join(pl.DataFrame({"k": range(len(letters)), "letter": list(letters)}), how="cross").select(
        su=pl.lit(1, pl.Int32),
        slot=(pl.col("ordinal") * per_rack + most + pl.col("k") + 1).cast(pl.Int32),
        device=pl.format("{}-pdu{}", "rack", "letter"),
        port=pl.lit(1, pl.Int32),
        rack="rack",
    )
    return SiteRacks(
        devices=everything.drop("place", "turn", "ordinal"),
        core_count=core_count,
        storage_count=storage_count,
        slots_per_rack=per_rack,
        top_unit=usable_u + 1,
        endpoints=pl.concat([ports, pdus.drop("rack")]).sort("slot"),
        equipment=pdus.select("device", "rack"),
    )


def _gear_places(
    devices: pl.DataFrame, gear: list[SiteGear], usable_u: int, limit_kw: float
) -> tuple[pl.DataFrame, tuple[Filled, Filled]]:
    """Each device's place in the order of filling, and what fills the two racks of each pair."""
    own = devices.filter((pl.col("home") == "site") & pl.col("home_rack").is_null())
    start, first = {}, 0
    sides: tuple[list[tuple[Shelf, int]], list[tuple[Shelf, int]]] = ([], [])
    for item in gear:
        start[f"{item.fabric}:{item.tier}"] = first
        for side in (0, 1):
            sides[side].append((item.shelf, (item.count + (first + side + 1) % 2) // 2))
        first += item.count
    key = pl.format("{}:{}", "fabric", pl.coalesce("tier", pl.lit("ufm")))
    offset = key.replace_strict(start, return_dtype=pl.Int32) if start else pl.lit(0)
    placed = own.with_columns(place=(offset + pl.col("site_place")).cast(pl.Int32))
    left, right = (fill_in_order(side, usable_u, limit_kw) for side in sides)
    return placed, (left, right)


def _most(filled: Filled) -> int:
    """Devices of the fullest rack."""
    return int(np.bincount(filled.rack).max()) if len(filled.rack) else 0


def _paired(
    filled: tuple[Filled, Filled], place: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Rack, unit and rank in the rack (ranks and racks from 0) of each place: even places left, odd ones right."""
    side, turn = place % 2, place // 2
    rack, unit, rank = (np.zeros(len(place), np.int32) for _ in range(3))
    for s in (0, 1):
        mine = side == s
        own = filled[s].rack[turn[mine]]
        rack[mine] = own * 2 + s
        unit[mine] = filled[s].unit[turn[mine]]
        rank[mine] = turn[mine] - np.searchsorted(filled[s].rack, own)
    return rack, unit, rank


def _appliances(
    appliances: pl.DataFrame, site: SiteSpec, usable_u: int, limit_kw: float, prefix: str
) -> tuple[pl.DataFrame, int]:
    """Storage appliances in racks of their own."""
    storage = site.storage
    shelf = Shelf(storage.height_u, storage.max_kw, storage.weight_kg) if storage else Shelf(1, None, None)
    filled = fill_in_order([(shelf, appliances.height)], usable_u, limit_kw)
    frame = appliances.select(
        device="node",
        kind=pl.lit("storage"),
        home=pl.lit("site"),
        index=pl.col("slot").cast(pl.Int32),
        rack_in_su=pl.Series(filled.rack + 1),
        turn=pl.Series((np.arange(len(filled.rack)) - np.searchsorted(filled.rack, filled.rack)).astype(np.int32)),
        unit=pl.Series(filled.unit),
        port_count=pl.lit(storage.ports_per_appliance if storage else None, pl.Int32),
        own_kw=pl.lit(shelf.max_kw, pl.Float64),
        own_kg=pl.lit(shelf.weight_kg, pl.Float64),
        own_u=pl.lit(shelf.height_u, pl.Int32),
    ).with_columns(rack=names.site_rack(prefix, "storage"))
    return frame, filled.rack_count
