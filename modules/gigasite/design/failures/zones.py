"""Which parts of a network hang together once the common elements are taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Zones:
    """The zone of each element (-1: common), rack and cooling group."""

    elements: Ints
    racks: Ints
    groups: Ints


def components(
    element_count: int,
    common: NDArray[np.bool_],
    source: Ints,
    target: Ints,
    feed_rack: Ints,
    feed_source: Ints,
    unit_group: Ints,
    unit_sources: Ints,
) -> tuple[Zones, int]:
    """Zones and their number. Racks and groups tie the elements that feed them; common elements tie nothing.

    `unit_sources` has a row a unit of the plant and a column each for its source and its alternate.
    """
    rack_count = int(feed_rack.max()) + 1 if len(feed_rack) else 0
    group_count = int(unit_group.max()) + 1 if len(unit_group) else 0
    groups_at = element_count + rack_count
    pairs = [
        np.column_stack([source, target]),
        np.column_stack([feed_source, element_count + feed_rack]),
        *(np.column_stack([column, groups_at + unit_group]) for column in unit_sources.T),
    ]
    edges = np.concatenate([p.astype(np.int64).reshape(-1, 2) for p in pairs])
    inside = np.concatenate([~common, np.ones(rack_count + group_count, np.bool_)])
    edges = edges[(edges >= 0).all(axis=1)]
    edges = edges[inside[edges].all(axis=1)]
    labels = connected(groups_at + group_count, edges)
    labels[~inside] = -1
    kept = np.unique(labels[labels >= 0])
    labels = np.where(labels >= 0, np.searchsorted(kept, labels), -1)
    return Zones(labels[:element_count], labels[element_count:groups_at], labels[groups_at:]), len(kept)


def connected(count: int, edges: Ints) -> Ints:
    """The lowest node that each node hangs together with: labels travel along edges and jump over labels."""
    labels = np.arange(count, dtype=np.int64)
    a, b = edges[:, 0], edges[:, 1]
    while True:
        low = np.minimum(labels[a], labels[b])
        before = labels.copy()
        np.minimum.at(labels, a, low)
        np.minimum.at(labels, b, low)
        np.minimum.at(labels, before[a], low)
        np.minimum.at(labels, before[b], low)
        labels = labels[labels]
        if (labels == before).all():
            return labels
