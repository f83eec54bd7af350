"""What shares cages: links hang together where they meet in a cage, and so must be made alike.

A group of links is a star where all of them meet in one cage, the head: a cable with plugs of its own can make it,
straight where there is one other cage, a splitter where there are several. Any other group takes modules and fibres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Links by group. Cages are numbered from 0, used ones only."""

    a_cage: Ints
    b_cage: Ints
    cage_count: int
    group: Ints
    """Of each link."""
    group_count: int
    head: Ints
    """Of each group: the cage in which all its links meet; -1: there is none."""
    peers: Ints
    """Of each group: cages beside one."""
    tail_links: Ints
    """Of each group: most links in one cage beside the head."""
    links: Ints
    """Of each group."""


def grouped(a_key: Ints, b_key: Ints) -> Groups:
    """Groups of links by the keys of the cages at their ends: small numbers, each cage with one of its own."""
    a, b, count = _numbered(a_key, b_key)
    roots = _roots(a, b, count)
    is_root = np.zeros(count, bool)
    is_root[roots] = True
    number = np.cumsum(is_root) - 1
    of_cage = number[roots]
    group, group_count = of_cage[a], int(number[-1]) + 1 if count else 0
    degree = np.bincount(a, minlength=count) + np.bincount(b, minlength=count)
    links = np.bincount(group, minlength=group_count)
    head = np.full(group_count, -1, np.int64)
    meets = np.flatnonzero(degree == links[of_cage])[::-1]  # written last: the first cage
    head[of_cage[meets]] = meets
    tail_links = np.zeros(group_count, np.int64)
    is_tail = head[of_cage] != np.arange(count)
    np.maximum.at(tail_links, of_cage[is_tail], degree[is_tail])
    peers = np.bincount(of_cage, minlength=group_count) - 1
    return Groups(a, b, count, group, group_count, head, peers, tail_links, links)


def _numbered(a_key: Ints, b_key: Ints) -> tuple[Ints, Ints, int]:
    """Used keys numbered in their order."""
    if not len(a_key):
        return a_key, b_key, 0
    used = np.zeros(int(max(a_key.max(), b_key.max())) + 1, bool)
    used[a_key] = used[b_key] = True
    number = np.cumsum(used) - 1
    return number[a_key], number[b_key], int(number[-1]) + 1


def _roots(a: Ints, b: Ints, count: int) -> Ints:
    """For each cage the lowest one of those that hang together with it."""
    root = np.arange(count)
    while True:
        before = root.copy()
        lower = np.minimum(root[a], root[b])
        np.minimum.at(root, a, lower)
        np.minimum.at(root, b, lower)
        np.minimum.at(root, before, root)
        root = root[root]
        if np.array_equal(root, before):
            return root
