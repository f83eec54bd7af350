"""Collects elements and connections while the graph is built, and the names that they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from gigasite.design.model import COLUMNS

_ELEMENT = COLUMNS["elements"]
_CONNECTION = COLUMNS["connections"]


@dataclass(slots=True)
class Parts:
    """Elements and connections so far, as frames of the design's columns."""

    elements: list[pl.DataFrame] = field(default_factory=list)
    connections: list[pl.DataFrame] = field(default_factory=list)

    def add(self, frame: pl.DataFrame, **columns: Any) -> pl.DataFrame:
        """A row for each row of `frame`; `columns` are expressions over it or plain values. Returns the rows."""
        rows = frame.select(
            **{
                name: _expression(columns[name]).cast(dtype) if name in columns else pl.lit(None, dtype)
                for name, dtype in _ELEMENT.items()
            }
        )
        self.elements.append(rows)
        return rows

    def one(self, name: str, kind: str, **columns: Any) -> None:
        """One element by its values."""
        self.add(pl.DataFrame({"_": [0]}), element=name, kind=kind, **columns)

    def connect(self, frame: pl.DataFrame, **columns: Any) -> None:
        """A connection for each row of `frame`."""
        defaults: dict[str, Any] = {"priority": 1, "share_ratio": 1.0, "transfer_s": 0.0}
        self.connections.append(
            frame.select(**{n: _expression({**defaults, **columns}[n]).cast(t) for n, t in _CONNECTION.items()})
        )

    def link(
        self, source: str, target: str, *, priority: int = 1, share_ratio: float = 1.0, transfer_s: float = 0.0
    ) -> None:
        """One connection by its values."""
        self.connect(
            pl.DataFrame({"_": [0]}),
            source=source,
            target=target,
            priority=priority,
            share_ratio=share_ratio,
            transfer_s=transfer_s,
        )

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Elements by name, and connections by target, priority and source."""
        elements = pl.concat(self.elements) if self.elements else pl.DataFrame(schema=_ELEMENT)
        connections = pl.concat(self.connections) if self.connections else pl.DataFrame(schema=_CONNECTION)
        return elements.sort("element"), connections.sort("target", "priority", "source")


def _expression(value: Any) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def two_digits(column: str) -> pl.Expr:
    """A number of a column as two digits or more."""
    return pl.col(column).cast(pl.String).str.zfill(2)
