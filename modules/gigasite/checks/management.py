"""The management network: whatever single thing is lost, the other switches can still be reached."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from gigasite.catalog.models import FabricRole
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.errors import Severity


@check(
    "FAB121",
    Severity.ERROR,
    "Every management switch is reachable after the loss of any one switch, link or rack",
)
def management_survives_any_single_loss(context: Context) -> Iterator[Hit]:
    devices, cables = context.tables.devices, context.tables.cables
    for fabric in context.fabrics_of(FabricRole.OOB):
        switches = devices.filter(pl.col("fabric") == fabric, pl.col("kind") == "switch")
        trunks = cables.filter(pl.col("fabric") == fabric, pl.col("tier").is_in(["leaf-spine", "spine-core"]))
        racks: dict[str, list[str]] = defaultdict(list)
        for device, rack in switches.select("device", "rack").drop_nulls().iter_rows():
            racks[rack].append(device)
        links = trunks.select("a_device", "b_device").iter_rows()
        cuts = tuple(cuts_of(switches["device"].to_list(), links, racks))
        for kind in dict.fromkeys(cut.kind for cut in cuts):
            same = [cut for cut in cuts if cut.kind == kind]
            worst = max(same, key=lambda cut: len(cut.stranded))
            more = f"; {count(len(same) - 1, kind)} more do the like" if len(same) > 1 else ""
            lost = f"without {kind} {worst.lost}, " if worst.lost else ""
            yield Hit(
                f"fabric {fabric}: {lost}{count(len(worst.stranded), 'management switch')} cannot be reached "
                f"({some(worst.stranded)}){more}",
                "give each management switch uplinks to two others in different racks",
                context.fabric_at(fabric),
            )


@dataclass(frozen=True, slots=True)
class Cut:
    """A loss that leaves switches unreachable. An empty `lost`: they are unreachable with nothing lost."""

    kind: str
    """switch, link, rack, or network"""
    lost: str
    stranded: tuple[str, ...]


def cuts_of(
    switches: Collection[str], links: Iterable[tuple[str, str]], racks: Mapping[str, Collection[str]]
) -> Iterator[Cut]:
    """Single losses after which some of the remaining switches no longer reach the largest group of them.

    A spanning tree tells most losses apart without a search: what is at the end of a branch carries no other
    switch. Only losses that touch an inner switch of the tree are searched; a leaf-spine network has few.
    """
    neighbours: dict[str, dict[str, int]] = {switch: defaultdict(int) for switch in switches}
    for a, b in links:
        if a in neighbours and b in neighbours and a != b:
            neighbours[a][b] += 1
            neighbours[b][a] += 1
    if not neighbours:
        return
    root = max(sorted(neighbours), key=lambda switch: len(neighbours[switch]))
    parent = _tree(neighbours, root)
    if len(parent) < len(neighbours):
        yield Cut("network", "", _stranded(neighbours, frozenset()))
        return
    inner = {above for above in parent.values() if above}
    for switch in sorted(inner):
        yield from _cut("switch", switch, neighbours, frozenset({switch}))
    for switch, above in parent.items():
        if above and neighbours[switch][above] == 1:
            if switch not in inner and len(neighbours[switch]) > 1:
                continue
            yield from _cut("link", f"{above} to {switch}", neighbours, frozenset(), (switch, above))
    for rack, members in sorted(racks.items()):
        if len(members) > 1 and not inner.isdisjoint(members):
            yield from _cut("rack", rack, neighbours, frozenset(members))


def _cut(
    kind: str,
    lost: str,
    neighbours: Mapping[str, Mapping[str, int]],
    without: frozenset[str],
    link: tuple[str, str] | None = None,
) -> Iterator[Cut]:
    stranded = _stranded(neighbours, without, link)
    if stranded:
        yield Cut(kind, lost, stranded)


def _stranded(
    neighbours: Mapping[str, Mapping[str, int]], without: frozenset[str], link: tuple[str, str] | None = None
) -> tuple[str, ...]:
    """The switches outside of the largest group that hangs together, sorted."""
    left = set(neighbours) - without
    groups = []
    while left:
        group = set(_tree(neighbours, min(left), without, link))
        groups.append(group)
        left -= group
    largest = max(groups, key=len, default=set())
    return tuple(sorted(set(neighbours) - without - largest))


def _tree(
    neighbours: Mapping[str, Mapping[str, int]],
    root: str,
    without: frozenset[str] = frozenset(),
    link: tuple[str, str] | None = None,
) -> dict[str, str]:
    """Breadth-first tree from `root`: each switch that it reaches, with the one above ("" for the root)."""
    parent = {root: ""}
    queue = deque([root])
    while queue:
        here = queue.popleft()
        for there in neighbours[here]:
            if there not in parent and there not in without and (here, there) != link and (there, here) != link:
                parent[there] = here
                queue.append(there)
    return parent
