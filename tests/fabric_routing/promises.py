"""What a design promises of its fabric, from its tables: whom one reaches when switches are lost, by how many paths."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from gigasite.design.model import Design

Graph = Mapping[str, Counter[str]]


def ways_up(design: Design, fabric: str) -> Graph:
    """The switches directly above each switch, each with its number of links."""
    rows = design.tables.cables.filter(fabric=fabric)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for tier, low, high in rows.select("tier", "a_device", "b_device").iter_rows():
        if tier in ("leaf-spine", "spine-core"):
            found[low][high] += 1
    return found


def reaches(up: Graph, a: str, b: str, lost: Collection[str] = ()) -> bool:
    """Whether traffic of leaf `a` comes to leaf `b`: up to a switch that is above both, and down again."""
    return bool(_above(up, a, lost) & _above(up, b, lost))


def path_count(up: Graph, a: str, b: str) -> int:
    """Links of leaf `a` over which a shortest way to leaf `b` begins."""
    near, beyond = set(up[a]), set(up[b])
    if near & beyond:
        return sum(count for spine, count in up[a].items() if spine in beyond)
    return sum(
        count for spine, count in up[a].items() if any(_above(up, spine, ()) & _above(up, s, ()) for s in beyond)
    )


def _above(up: Graph, switch: str, lost: Collection[str]) -> set[str]:
    """The switch and all that it reaches upwards."""
    if switch in lost:
        return set()
    return {switch}.union(*(_above(up, higher, lost) for higher in up.get(switch, ())))
