"""The inventory of GUIDs: a CSV file beside the site file, filled in as the hardware arrives.

    device,port,guid,node_guid
    lln1-train-su001-r01-n01,rail1,0x946dae0300f5a3c2,
    lln1-compute-spine001,,0xfc6a1c0300c4d8e0,

`port` is the interface (`rail1`), its RDMA device (`rdma_rail1`) or its number in the design; empty for a switch.
`guid` is the port's; `node_guid` may be left empty where it is the same, as on NVIDIA's adapters and switches.
No GUID is ever made up: what is missing here is missing in the files.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from gigasite.design.infiniband.subnets import Subnet
from gigasite.errors import Finding, FindingsError, GigasiteError, Place, Severity

FILE: Final = "guids.csv"
CODE: Final = "DEP101"
_NEEDED: Final = ("device", "port", "guid")
_COLUMNS: Final = (*_NEEDED, "node_guid")
_GUID: Final = re.compile(r"(?:0x)?([0-9a-fA-F]{16})|([0-9a-fA-F]{4}(?::[0-9a-fA-F]{4}){3})")
_SCHEMA: Final[dict[str, Any]] = {
    "device": pl.String,
    "key": pl.String,
    "guid": pl.String,
    "node_guid": pl.String,
    "line": pl.Int32,
}


@dataclass(frozen=True, slots=True)
class GuidInventory:
    """GUIDs by device and port, as 0x and 16 lower-case digits: device, key, guid, node_guid, line."""

    rows: pl.DataFrame
    source: str = FILE


NO_GUIDS: Final = GuidInventory(pl.DataFrame(schema=_SCHEMA))


@dataclass(frozen=True, slots=True)
class KnownGuids:
    """A subnet's adapters and switches with the GUIDs that the inventory has of them; null: missing."""

    endpoints: pl.DataFrame
    """As in the subnet, with guid and node_guid."""
    switches: pl.DataFrame
    """As in the subnet, with guid and node_guid."""

    @property
    def missing(self) -> pl.DataFrame:
        """What has no GUID yet: device, port (the interface; empty for a switch)."""
        ends = self.endpoints.filter(pl.col("guid").is_null()).select("device", port="interface")
        switches = self.switches.filter(pl.col("guid").is_null()).select("device", port=pl.lit(""))
        return pl.concat([switches, ends])

    @property
    def total_count(self) -> int:
        """Adapters and switches."""
        return self.endpoints.height + self.switches.height


def read_guids(text: str, source: str = FILE) -> GuidInventory:
    """The inventory from CSV text. Raises FindingsError with a finding for each line that is wrong."""
    reader = csv.DictReader(io.StringIO(text))
    header = tuple(name.strip() for name in reader.fieldnames or ())
    if not set(_NEEDED) <= set(header) <= set(_COLUMNS):
        message = (
            f"columns are {', '.join(header) or 'missing'}; device, port, guid and, if it differs, node_guid expected"
        )
        raise FindingsError([_wrong(message, source, 1)])
    reader.fieldnames = list(header)
    rows: list[tuple[str, str, str, str, int]] = []
    problems: list[Finding] = []
    for row in reader:
        line = reader.line_num
        cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
        if None in row:
            problems.append(_wrong("more cells than columns", source, line))
            continue
        if not cells["guid"]:
            continue  # a line prepared for hardware that has not arrived
        guids = [_guid(cells[name]) if cells[name] else None for name in ("guid", "node_guid")]
        for name, guid in zip(("guid", "node_guid"), guids, strict=True):
            if cells[name] and guid is None:
                problems.append(_wrong(f"{name} {cells[name]!r:.40} is no GUID of 64 bits", source, line))
        if not cells["device"]:
            problems.append(_wrong("no device", source, line))
        if guids[0] is not None:
            rows.append((cells["device"], cells["port"], guids[0], guids[1] or guids[0], line))
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    problems += _twice(frame, source)
    if problems:
        raise FindingsError(sorted(problems, key=lambda finding: finding.place.line if finding.place else 0))
    return GuidInventory(frame, source)


def load_guids(file: Path) -> GuidInventory:
    """The inventory of a file. Raises FindingsError for what is wrong in it, GigasiteError where it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8-sig")  # spreadsheets write a mark before the header
    except OSError as error:
        raise GigasiteError(f"cannot be read: {error.strerror}", path=str(file)) from None
    except UnicodeDecodeError:
        raise GigasiteError("is not text in UTF-8", path=str(file)) from None
    return read_guids(text, file.name)


def known_guids(subnet: Subnet, inventory: GuidInventory) -> KnownGuids:
    """The subnet with the GUIDs of the inventory."""
    guids = inventory.rows.select("device", "key", "guid", "node_guid")
    several = pl.len().over("device", "port") > 1  # planes of one port: the number alone says too little
    ends = subnet.endpoints.with_columns(
        number=pl.when(~several).then(pl.col("port").cast(pl.String)),
    )
    keyed = pl.concat([ends.select("name", "device", key=key) for key in ("interface", "rdma", "number")])
    found = keyed.join(guids, on=["device", "key"], how="inner").unique("name", keep="first", maintain_order=True)
    switches = guids.filter(pl.col("key").is_in(["", "0"])).drop("key").unique("device", keep="first")
    return KnownGuids(
        ends.drop("number").join(
            found.select("name", "guid", "node_guid"), on="name", how="left", maintain_order="left"
        ),
        subnet.switches.join(switches, on="device", how="left", maintain_order="left"),
    )


def unknown_lines(inventory: GuidInventory, subnets: tuple[Subnet, ...]) -> Iterator[Finding]:
    """Lines of the inventory that name nothing of these subnets."""
    used = set()
    for subnet in subnets:
        known = known_guids(subnet, inventory)
        used |= set(known.endpoints["guid"].drop_nulls()) | set(known.switches["guid"].drop_nulls())
    for row in inventory.rows.filter(~pl.col("guid").is_in(sorted(used))).iter_rows(named=True):
        port = f" port {row['key']}" if row["key"] else ""
        yield Finding(
            CODE,
            Severity.WARNING,
            f"{row['device']}{port} is nothing that the design connects to InfiniBand",
            "names of devices and ports are those of the design",
            place=Place(inventory.source, row["line"]),
        )


def _guid(text: str) -> str | None:
    match = _GUID.fullmatch(text)
    if match is None:
        return None
    digits = (match[1] or match[2].replace(":", "")).lower()
    return None if digits.strip("0") == "" else f"0x{digits}"


def _twice(frame: pl.DataFrame, source: str) -> Iterator[Finding]:
    """A GUID on two lines, and a port on two lines."""
    for columns, what in ((["guid"], "GUID {guid}"), (["device", "key"], "{device} {key}")):
        first = pl.col("line").min().over(columns)
        again = frame.with_columns(first=first).filter(pl.col("line") > pl.col("first"))
        for row in again.iter_rows(named=True):
            yield _wrong(f"{what.format(**row).strip()} stands already on line {row['first']}", source, row["line"])


def _wrong(message: str, source: str, line: int) -> Finding:
    return Finding(CODE, Severity.ERROR, message, "see docs/infiniband.md", place=Place(source, line))
