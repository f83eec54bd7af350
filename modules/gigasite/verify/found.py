"""What was found: adjacencies as each device tells them, before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

SCHEMA: Final = pl.Schema(
    {
        "device": pl.String(),  # as it calls itself, or as its file is called
        "port": pl.String(),  # as the device's own system calls it; null: it does not say
        "peer": pl.String(),  # null: it has no name
        "peer_port": pl.String(),  # null: it does not say
        "peer_text": pl.String(),  # another name of the peer's port: its description; null: none
        "gbps": pl.Float64(),  # null: it does not say
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one file tells. `systems`: the operating system whose names of ports it speaks, or `infiniband`."""

    rows: pl.DataFrame
    system: str
    seen: frozenset[str] = field(default_factory=frozenset)
    """Devices whose ports it tells all of: what it does not list there is not connected."""
    guids: pl.DataFrame | None = None
    """InfiniBand: name (as in `rows`), guid, of every node."""

    @property
    def technology(self) -> str:
        """`infiniband` or `ethernet`."""
        return "infiniband" if self.system == "infiniband" else "ethernet"


def found_of(rows: Iterable[tuple[Any, ...]], system: str, seen: Collection[str]) -> Found:
    """From rows in the order of `SCHEMA`."""
    return Found(pl.DataFrame(list(rows), schema=SCHEMA, orient="row"), system, frozenset(seen))
