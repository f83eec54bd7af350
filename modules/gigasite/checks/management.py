"""The management network: whatever single thing is lost, the other switches can still be reached."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import FabricRole
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.errors import Severity

_WORD: Final = 64
Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]


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
    losses = list(_suspects(neighbours, parent, racks))
    for loss, splits in zip(losses, _splitting(neighbours, losses), strict=True):
        if not splits:
            continue
        if loss.link and len(neighbours[loss.link[0]]) == 1 and len(neighbours) > 2:
            yield Cut(loss.kind, loss.name, loss.link[:1])  # on its only link
        else:
            yield Cut(loss.kind, loss.name, _stranded(neighbours, loss.without, loss.link))


@dataclass(frozen=True, slots=True)
class _Loss:
    """Switches, or the link between two of them, that are lost together."""

    kind: str
    name: str
    without: frozenset[str] = frozenset()
    link: tuple[str, str] | None = None


def _suspects(
    neighbours: Mapping[str, Mapping[str, int]], parent: Mapping[str, str], racks: Mapping[str, Collection[str]]
) -> Iterator[_Loss]:
    """The losses that may cut something off: those that touch an inner switch of the tree, and single links."""
    inner = {above for above in parent.values() if above}
    for switch in sorted(inner):
        yield _Loss("switch", switch, frozenset({switch}))
    for switch, above in parent.items():
        if above and neighbours[switch][above] == 1:
            if switch not in inner and len(neighbours[switch]) > 1:
                continue
            yield _Loss("link", f"{above} to {switch}", link=(switch, above))
    for rack, members in sorted(racks.items()):
        if len(members) > 1 and not inner.isdisjoint(members):
            yield _Loss("rack", rack, frozenset(members))


def _splitting(neighbours: Mapping[str, Mapping[str, int]], losses: Sequence[_Loss]) -> Iterator[bool]:
    """Whether what each loss leaves falls apart: 64 losses at once, each a bit that spreads along the links."""
    place = {switch: index for index, switch in enumerate(neighbours)}
    pairs = [(place[a], place[b]) for a, others in neighbours.items() for b in others]
    source, target = np.array(pairs, np.int64).reshape(-1, 2).T
    order = np.argsort(target, kind="stable")
    source, target = source[order], target[order]
    starts = np.flatnonzero(np.diff(target, prepend=-1))
    for first in range(0, len(losses), _WORD):
        word = losses[first : first + _WORD]
        alive = np.full(len(neighbours), np.uint64((1 << len(word)) - 1))
        whole = np.full(len(source), alive.max(initial=0))
        for bit, loss in enumerate(word):
            others = ~np.uint64(1 << bit)
            alive[[place[switch] for switch in loss.without if switch in place]] &= others
            if loss.link:
                a, b = (place[switch] for switch in loss.link)
                whole[((source == a) & (target == b)) | ((source == b) & (target == a))] &= others
        split = int(np.bitwise_or.reduce(alive & ~_spread(alive, whole, source, target[starts], starts)))
        yield from (bool(split >> bit & 1) for bit in range(len(word)))


def _spread(alive: Words, whole: Words, source: Numbers, targets: Numbers, starts: Numbers) -> Words:
    """The bits that reach each switch from the first one that is alive for them.

    `whole`: the bits that each link carries; links are in the order of their targets, each from its `starts` on.
    """
    reached = np.zeros_like(alive)
    for bit in range(_WORD):
        here = alive & np.uint64(1 << bit)
        root = int(np.argmax(here))
        reached[root] |= here[root]
    while len(source):
        further = reached.copy()
        further[targets] |= np.bitwise_or.reduceat(reached[source] & whole, starts)
        further &= alive
        if np.array_equal(further, reached):
            break
        reached = further
    return reached


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
