"""Small hand-made power chains, hung into a real design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import polars as pl

from gigasite.catalog import load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import COLUMNS, Design
from gigasite.spec.loader import load_text

H100 = "name: demo\npools:\n  - {name: train, system: dgx-h100, nodes: 8}\n"


@cache
def base(text: str = H100) -> Design:
    """A real design of a site file."""
    catalog = load_catalog()
    return expand(load_text(text, catalog=catalog).spec, catalog)


@dataclass
class Chain:
    """Builds the tables of a chain. Elements are dicts of columns; connections (source, target, priority, share, s)."""

    elements: dict[str, dict[str, Any]] = field(default_factory=dict)
    connections: list[tuple[str, str, int, float, float]] = field(default_factory=list)
    racks: dict[str, dict[str, float]] = field(default_factory=dict)
    """Load by element that a feed hangs on."""
    rack_facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    plant: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, kind: str = "lv-board", *, source: bool = False, **columns: Any) -> Chain:
        """An element; its hall is 1 unless told otherwise."""
        self.elements[name] = {"element": name, "kind": kind, "hall": 1, "is_source": source, **columns}
        return self

    def link(self, source: str, target: str, priority: int = 1, share: float = 1.0, transfer_s: float = 0.0) -> Chain:
        self.connections.append((source, target, priority, share, transfer_s))
        return self

    def rack(self, name: str, feeds: Mapping[str, float], **facts: Any) -> Chain:
        """A rack with a feed of so many kW on each element; facts: usable_kw, supply_kw, blocks."""
        self.racks[name] = dict(feeds)
        self.rack_facts[name] = facts
        return self

    def unit(self, name: str, group: str, source: str | None, alternate: str | None = None, **columns: Any) -> Chain:
        self.plant.append({"unit": name, "group": group, "source": source, "alternate": alternate, **columns})
        return self

    def design(self, over: Design | None = None) -> Design:
        """The design with these tables; other tables are those of a small real site."""
        design = over or base()
        levels = self._levels()
        rows = [{**row, "level": levels[name]} for name, row in self.elements.items()]
        order = ("source", "target", "priority", "share_ratio", "transfer_s")
        links = [dict(zip(order, link, strict=True)) for link in self.connections]
        racks, feeds = [], []
        for rack, sources in self.racks.items():
            facts = self.rack_facts[rack]
            racks.append(
                {
                    "rack": rack,
                    "kind": facts.get("kind", "pool"),
                    "pool": "train",
                    "su": 1,
                    "hall": facts.get("hall", 1),
                    "it_kw": sum(sources.values()),
                    "system_count": facts.get("system_count", 0),
                }
            )
            blocks = facts.get("blocks", list(sources))
            for place, (source, load_kw) in enumerate(sources.items()):
                letter = "ABCDEFGH"[place]
                feeds.append(
                    {
                        "feed": f"{rack}-{letter.lower()}",
                        "rack": rack,
                        "letter": letter,
                        "block": blocks[place],
                        "usable_kw": facts.get("usable_kw", 1e6),
                        "supply_kw": facts.get("supply_kw", 1e6),
                        "load_kw": load_kw,
                        "source": source,
                    }
                )
        nodes = [
            {"node": f"{rack}-n1", "pool": "train", "su": 1, "slot": 1, "rack": rack, "gpu_count": 8}
            for rack in self.racks
        ]
        tables = replace(
            design.tables,
            elements=frame("elements", rows),
            connections=frame("connections", links),
            racks=frame("racks", racks),
            feeds=frame("feeds", feeds),
            nodes=frame("nodes", nodes),
            plant=frame("plant", self.plant),
        )
        return replace(design, tables=tables)

    def _levels(self) -> dict[str, int]:
        levels = dict.fromkeys(self.elements, 0)
        for _ in self.elements:
            for source, target, *_ in self.connections:
                levels[target] = max(levels[target], levels[source] + 1)
        return levels


def frame(name: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A table with the columns of the model; what rows leave out is null."""
    full = [{column: row.get(column) for column in COLUMNS[name]} for row in rows]
    return pl.DataFrame(full, schema=COLUMNS[name])


def two_sides(load_kw: float = 10.0, capacity_kw: float = 100.0, rack_count: int = 4) -> Chain:
    """2N: one grid connection with two circuits, two buses, two boards behind a UPS each, racks on both."""
    chain = Chain()
    for circuit in ("c1", "c2"):
        chain.add(circuit, "grid-circuit", source=True, hall=None, capacity_kw=2 * capacity_kw)
    for side in ("a", "b"):
        chain.add(f"mv-{side}", "mv-bus", hall=None, room=f"room-{side}", capacity_kw=2 * capacity_kw)
        chain.link("c1", f"mv-{side}", share=0.5).link("c2", f"mv-{side}", share=0.5)
        chain.add(f"gen-{side}", "generator", source=True, block=f"blk-{side}", capacity_kw=2 * capacity_kw)
        chain.add(f"lv-{side}", "lv-board", room=f"room-{side}", block=f"blk-{side}", capacity_kw=2 * capacity_kw)
        chain.add(f"ups-{side}", "ups", room=f"room-{side}", block=f"blk-{side}", capacity_kw=capacity_kw)
        chain.link(f"mv-{side}", f"lv-{side}").link(f"gen-{side}", f"lv-{side}", 2, transfer_s=15.0)
        chain.link(f"lv-{side}", f"ups-{side}")
    for rack in range(1, rack_count + 1):
        sources = {"ups-a": load_kw / 2, "ups-b": load_kw / 2}
        chain.rack(f"r{rack:02d}", sources, blocks=["blk-a", "blk-b"])
    return chain
