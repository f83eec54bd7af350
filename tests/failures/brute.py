"""The rules of a power chain, element by element and without arrays: what the analysis is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field

from gigasite.design.failures.network import LEAST_LOAD_RATIO
from gigasite.design.model import Design


@dataclass
class Brute:
    """One state of a chain after a loss."""

    dark: set[str] = field(default_factory=set)
    load: dict[str, float] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    short: set[str] = field(default_factory=set)


def brute(design: Design, lost: set[str]) -> Brute:
    """Recursive aliveness, then loads from the bottom up, as the contract of the tables says."""
    tables = design.tables
    elements = {row["element"]: row for row in tables.elements.iter_rows(named=True)}
    inputs: dict[str, list[dict[str, object]]] = {name: [] for name in elements}
    for row in tables.connections.iter_rows(named=True):
        inputs[row["target"]].append(row)
    memo: dict[str, bool] = {}

    def alive(name: str) -> bool:
        if name not in memo:
            fed = any(alive(str(way["source"])) for way in inputs[name])
            memo[name] = name not in lost and (bool(elements[name]["is_source"]) or fed)
        return memo[name]

    found = Brute(load=dict.fromkeys(elements, 0.0))
    for rack, feeds in tables.feeds.group_by("rack"):
        rows = list(feeds.iter_rows(named=True))
        total = sum(row["load_kw"] for row in rows)
        live = [row for row in rows if alive(row["source"])]
        if not live:
            found.dark.add(str(rack[0]))
        for row in live:
            found.load[row["source"]] += total * row["load_kw"] / sum(r["load_kw"] for r in live)
    _plant(design, lost, alive, found)
    for name in sorted(elements, key=lambda e: -elements[e]["level"]):
        if not alive(name):
            continue
        ways = [way for way in inputs[name] if alive(str(way["source"]))]
        first = min((way["priority"] for way in ways), default=0)
        ways = [way for way in ways if way["priority"] == first]
        shares = sum(way["share_ratio"] for way in ways)
        row = elements[name]
        measured = max(row["load_kw"] or 0.0, (row["capacity_kw"] or 0.0) * LEAST_LOAD_RATIO)
        ratio = row["loss_kw"] / measured if row["load_kw"] else 0.0
        for way in ways:
            part = way["share_ratio"] / shares if shares else 1 / len(ways)
            found.load[str(way["source"])] += found.load[name] * (1 + ratio) * part
    found.over = {n for n, row in elements.items() if row["capacity_kw"] and found.load[n] > row["capacity_kw"] + 1e-6}
    return found


def _plant(design: Design, lost: set[str], alive: object, found: Brute) -> None:
    units = list(design.tables.plant.iter_rows(named=True))
    for group in {unit["group"] for unit in units}:
        own = [unit for unit in units if unit["group"] == group]
        running = {}
        for unit in own:
            ways = [way for way in (unit["source"], unit["alternate"]) if way and alive(way)]  # type: ignore[operator]
            if ways and unit["unit"] not in lost:
                running[unit["unit"]] = (unit, ways[0])
        heat = sum(unit["heat_kw"] for unit in own)
        left = sum(unit["capacity_kw"] for unit, _ in running.values())
        required = max((unit["required_count"] for unit in own if unit["required_count"] is not None), default=None)
        if heat > left + 1e-6 if required is None else len(running) < required:
            found.short.add(group)
        for unit, way in running.values():
            mine = min(unit["capacity_kw"] / left * heat, unit["capacity_kw"])
            span = unit["capacity_kw"] - unit["heat_kw"]
            slope = (unit["electric_max_kw"] - unit["electric_kw"]) / span if span > 0 else 0.0
            found.load[way] += unit["electric_kw"] + max(mine - unit["heat_kw"], 0.0) * slope
