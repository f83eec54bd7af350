"""How findings put many identical things into one sentence."""

from __future__ import annotations

from collections.abc import Iterable


def count(number: int, noun: str) -> str:
    """`1 rack`, `640 racks`, `12 switches`."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{number:,} {noun}es"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def some(names: Iterable[str], shown: int = 3, total: int | None = None) -> str:
    """The first names, then how many more: `a, b, c and 637 more`. `total` also counts names left out."""
    listed = list(names)
    whole = len(listed) if total is None else total
    head = ", ".join(listed[:shown])
    return head if whole <= shown else f"{head} and {whole - shown:,} more"


def kilowatts(value: float) -> str:
    """`9.9 kW`, `142 kW`, `117.3 MW`: three or four digits that matter."""
    if abs(value) >= 10_000:
        return f"{value / 1000:,.1f} MW"
    return f"{value:,.1f} kW" if abs(value) < 1000 else f"{value:,.0f} kW"
