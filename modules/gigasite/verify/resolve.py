"""From names that were found to ends of the design.

A device goes by its GUID in the inventory, else by its name: as it is, without its domain, or out of the description
that a switch gives itself (`MF0;leaf01:MQM9700/U1`). A port goes by the names of the system that told of it, then by
those of the fabric's own system, then by those of any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from gigasite.design.infiniband.guids import GuidInventory, known_guids
from gigasite.design.infiniband.subnets import Subnet
from gigasite.verify.ends import DESIGN, HOST, INFINIBAND, Ends
from gigasite.verify.found import Found

_DESCRIPTION: Final = re.compile(r"MF0;(?P<name>[^:]+):.*")


@dataclass(frozen=True, slots=True)
class Adjacency:
    """What was found, by ends of the design.

    `rows`: a_device, a_port, a_end, a_known (whether the design has the device), the same of b, gbps. Ends are null
    where the design connects nothing there. `seen`: ends whose own device told of all its ports.
    """

    rows: pl.DataFrame
    seen: pl.Series


def resolved(found: Sequence[Found], ends: Ends, subnets: Sequence[Subnet], inventory: GuidInventory) -> Adjacency:
    """All that was found of one technology."""
    known = set(ends.table["device"].unique())
    by_guid = _by_guid(subnets, inventory)
    rows, seen = [], []
    for system in sorted({each.system for each in found}):
        told = [each for each in found if each.system == system]
        names = _names(told, known, by_guid)
        frame = pl.concat([each.rows for each in told])
        rows.append(_resolved(frame, names, ends, system))
        devices = sorted({name for each in told for name in each.seen})
        seen.append(_seen(devices, names, ends, system))
        if system == INFINIBAND:
            seen.append(_in_subnets(names["device"], subnets, ends))
    return Adjacency(pl.concat(rows), pl.concat(seen).unique())


def _by_guid(subnets: Sequence[Subnet], inventory: GuidInventory) -> dict[str, str]:
    """Names in the fabric by node GUID and port GUID."""
    found: dict[str, str] = {}
    for subnet in subnets:
        guids = known_guids(subnet, inventory)
        for frame, name in ((guids.endpoints, "name"), (guids.switches, "device")):
            for column in ("guid", "node_guid"):
                found.update(frame.drop_nulls(column).select(column, name).rows())
    return found


def _names(found: Iterable[Found], known: set[str], by_guid: Mapping[str, str]) -> pl.DataFrame:
    """name, as it was found; device, as the design has it; part: what the name says of the port, or null."""
    rows: dict[str, tuple[str, str | None]] = {}
    for each in found:
        guids = dict(each.guids.select("name", "guid").rows()) if each.guids is not None else {}
        names = {*each.rows["device"].unique(), *each.rows["peer"].unique(), *each.seen} - {None}
        for name in names:
            rows[name] = _device(by_guid.get(guids.get(name, ""), name), known)
    data = [(name, device, part) for name, (device, part) in sorted(rows.items())]
    return pl.DataFrame(data, schema={"name": pl.String, "device": pl.String, "part": pl.String}, orient="row")


def _device(name: str, known: set[str]) -> tuple[str, str | None]:
    """The device that a name means, and the adapter of it."""
    match = _DESCRIPTION.fullmatch(name)
    name = match["name"] if match else name
    first, _, rest = name.partition(" ")
    for candidate in (name, name.partition(".")[0]):
        if candidate in known:
            return candidate, None
    for candidate in (first, first.partition(".")[0]):
        if candidate in known:
            return candidate, rest.strip() or None
    return name, None


def _resolved(rows: pl.DataFrame, names: pl.DataFrame, ends: Ends, system: str) -> pl.DataFrame:
    frame = rows.with_row_index("row")
    for side, name, texts in (("a", "device", ("port",)), ("b", "peer", ("peer_port", "peer_text"))):
        frame = frame.join(
            names.rename({"name": name, "device": f"{side}_device", "part": f"{side}_part"}),
            on=name,
            how="left",
            maintain_order="left",
        )
        # An adapter has a single port: its own name says which of the device's ports it is.
        tried = (f"{side}_part",) if system == INFINIBAND else ()
        frame = _with_ends(frame, side, (*tried, *texts), ends, system)
    known = ends.table.select("device").unique()
    for side in "ab":
        mine = known.select(pl.col("device").alias(f"{side}_device"), pl.lit(True).alias(f"{side}_known"))
        frame = frame.join(mine, on=f"{side}_device", how="left", maintain_order="left")
    return frame.select(
        "a_device",
        "a_end",
        pl.col("a_known").fill_null(False),
        a_port=pl.coalesce("a_part", "port"),
        b_device=pl.coalesce("b_device", "peer"),
        b_end="b_end",
        b_known=pl.col("b_known").fill_null(False),
        b_port=pl.coalesce("b_part", "peer_port", "peer_text"),
        gbps="gbps",
    )


def _with_ends(frame: pl.DataFrame, side: str, texts: Sequence[str], ends: Ends, system: str) -> pl.DataFrame:
    """With the end that a device and what is told of its port mean, in the order of `texts` and of systems."""
    rank = (
        pl.when(pl.col("system") == system)
        .then(0)
        .when("own")
        .then(1)
        .when(pl.col("system") == HOST)
        .then(2)
        .when(pl.col("system") == DESIGN)
        .then(4)
        .otherwise(3)
    )
    found: list[pl.DataFrame] = []
    for place, text in enumerate(texts):
        keyed = frame.select("row", pl.col(f"{side}_device").alias("device"), pl.col(text).alias("label")).drop_nulls()
        hits = keyed.join(ends.labels, on=["device", "label"], how="inner").with_columns(rank=rank + 10 * place)
        found.append(hits.select("row", "end", "rank"))
    best = pl.concat(found).sort("rank", "end").unique("row", keep="first", maintain_order=True)
    return frame.join(
        best.select("row", pl.col("end").alias(f"{side}_end")), on="row", how="left", maintain_order="left"
    )


def _seen(devices: Sequence[str], names: pl.DataFrame, ends: Ends, system: str) -> pl.Series:
    """Ends of which a device told: of an adapter its own, of a switch those that its system has names for."""
    mine = names.filter(pl.col("name").is_in(devices)).select("device", "part").unique()
    systems = [INFINIBAND] if system == INFINIBAND else [system, HOST, DESIGN]
    labels = ends.labels.filter(pl.col("system").is_in(systems))
    whole = mine.filter(pl.col("part").is_null()).select("device")
    adapters = mine.drop_nulls("part").rename({"part": "label"})
    of_adapters = ends.labels.filter(pl.col("system") == HOST).join(adapters, on=["device", "label"], how="semi")
    out_of_band = ends.table.filter(pl.col("host") & pl.col("name").str.starts_with("mgmt")).select("end")
    of_whole = labels.join(whole, on="device", how="semi").join(out_of_band, on="end", how="anti")
    return pl.concat([of_whole["end"], of_adapters["end"]])


def _in_subnets(devices: pl.Series, subnets: Sequence[Subnet], ends: Ends) -> pl.Series:
    """All ends of the subnets that a discovery went through: whoever is silent there is not connected."""
    reached = set(devices)
    switches = [name for subnet in subnets if not reached.isdisjoint(own := subnet.switches["device"]) for name in own]
    return ends.table.filter(pl.col("device").is_in(switches))["end"]
