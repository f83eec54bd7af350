"""Where devices stand, for whoever walks there."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.design.model import Design


@dataclass(frozen=True, slots=True, order=True)
class Standing:
    """A place in the building; what is unknown comes last."""

    hall: int
    row: int
    position: int
    rack: str
    unit: int

    @property
    def rack_text(self) -> str:
        """`hall 1, row 2, position 3, rack X`."""
        if not self.rack:
            return "the site"
        if self.hall == _UNKNOWN:
            return f"rack {self.rack}"
        return f"hall {self.hall}, row {self.row}, position {self.position}, rack {self.rack}"

    @property
    def path(self) -> str:
        """The same as a dotted path, for machines."""
        if not self.rack:
            return ""
        return self.rack if self.hall == _UNKNOWN else f"halls[{self.hall}].rows[{self.row}].racks.{self.rack}"

    def __str__(self) -> str:
        unit = f" U{self.unit}" if self.unit != _UNKNOWN else ""
        return f"{self.rack_text}{unit}"


_UNKNOWN = 1 << 30
NOWHERE = Standing(_UNKNOWN, _UNKNOWN, _UNKNOWN, "", _UNKNOWN)


def standings(design: Design) -> dict[str, Standing]:
    """The place of each node and device."""
    tables = design.tables
    both = pl.concat(
        [tables.nodes.select("rack", "unit", device="node"), tables.devices.select("rack", "unit", "device")]
    )
    racks = tables.racks.select("rack", "hall", "row", "position")
    placed = both.join(racks, on="rack", how="left", maintain_order="left").with_columns(
        pl.col("hall", "row", "position", "unit").fill_null(_UNKNOWN), pl.col("rack").fill_null("")
    )
    columns = placed.select("device", "hall", "row", "position", "rack", "unit").rows()
    return {device: Standing(*place) for device, *place in columns}
