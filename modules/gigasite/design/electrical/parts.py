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
    """Elements and connections so far: frames of many alike, and single ones by their values."""

    elements: list[pl.DataFrame] = field(default_factory=list)
    connections: list[pl.DataFrame] = field(default_factory=list)
    single_elements: list[dict[str, Any]] = field(default_factory=list)
    single_connections: list[dict[str, Any]] = field(default_factory=list)

    def copy(self) -> Parts:
        """Parts to which more can be added while these stay as they are."""
        return Parts(
            list(self.elements), list(self.connections), list(self.single_elements), list(self.single_connections)
        )

    def add(self, frame: pl.DataFrame, **columns: Any) -> None:
        """An element for each row of `frame`; `columns` are expressions over it or plain values."""
        self.elements.append(
            frame.select(
                **{
                    name: _expression(columns[name]).cast(dtype) if name in columns else pl.lit(None, dtype)
                    for name, dtype in _ELEMENT.items()
                }
            )
        )

    def one(self, name: str, kind: str, **values: Any) -> None:
        """One element by its values."""
        self.single_elements.append({"element": name, "kind": kind, **values})

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
        self.single_connections.append(
            {
                "source": source,
                "target": target,
                "priority": priority,
                "share_ratio": share_ratio,
                "transfer_s": transfer_s,
            }
        )

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Elements by name, and connections by target, priority and source."""
        elements = pl.concat([*self.elements, pl.DataFrame(self.single_elements, schema=_ELEMENT)])
        connections = pl.concat([*self.connections, pl.DataFrame(self.single_connections, schema=_CONNECTION)])
        return elements.sort("element"), connections.sort("target", "priority", "source")


def _expression(value: Any) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def two_digits(column: str) -> pl.Expr:
    """A number of a column as two digits or more."""
    return pl.col(column).cast(pl.String).str.zfill(2)
