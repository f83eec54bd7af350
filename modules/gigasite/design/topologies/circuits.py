"""Circuits of optical circuit switches: a uniform mesh between blocks, in which a new block moves as few as can be.

Every block has `half` fibres on either side of each switch; a circuit joins a port of the first side with one of
the second. Blocks are put in one after the other. Two blocks take all circuits; a further block breaks, for each of
its pairs of ports on a switch, one circuit n - s and makes n - new and new - s of it: no scheme moves fewer, as each
of its ports needs a peer and all others are taken. What is broken is the circuit whose two blocks have most links with
each other and fewest with the new one, so that links between blocks stay even (Poutievski et al., Jupiter Evolving,
SIGCOMM 2022: a uniform mesh over direct connections between aggregation blocks).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int32]


@lru_cache(maxsize=16)
def circuits(block_count: int, ocs_count: int, half: int) -> tuple[Column, Column, Column]:
    """Switch, port of the first side and port of the second side of each circuit, all from 0.

    Block b has ports b·half to b·half + half - 1 on either side of each switch. Deterministic; columns are read-only.
    """
    if block_count < 2:
        none = np.zeros(0, np.int32)
        return none, none, none
    peer = np.full((ocs_count, block_count * half), -1, np.int64)
    places = np.arange(half)
    peer[:, places], peer[:, half + places] = half + places, places
    links = np.zeros((block_count, block_count), np.int64)
    links[0, 1] = links[1, 0] = 2 * ocs_count * half
    for new in range(2, block_count):
        _put_in(new, peer, links, half)
    ocs, first = (axis.ravel().astype(np.int32) for axis in np.indices(peer.shape))
    columns = (ocs, first, peer.ravel().astype(np.int32))
    for column in columns:
        column.setflags(write=False)
    return columns


def links_between_blocks(block_count: int, ocs_count: int, half: int) -> NDArray[np.int64]:
    """Circuits between each two blocks."""
    _, first, second = circuits(block_count, ocs_count, half)
    found = np.zeros((block_count, block_count), np.int64)
    np.add.at(found, (first // half, second // half), 1)
    both: NDArray[np.int64] = found + found.T
    return both


def _put_in(new: int, peer: NDArray[np.int64], links: NDArray[np.int64], half: int) -> None:
    """Puts a block in: on each switch, `half` circuits of other blocks are led through it."""
    standing = np.arange(new * half)
    block = standing // half
    for row in peer:
        broken = np.zeros(len(standing), bool)
        for place in range(half):
            far = row[: len(standing)] // half
            worth = links[block, np.minimum(far, new)] - links[new, block] - links[new, np.minimum(far, new)]
            worth = np.where((far >= new) | broken, np.iinfo(np.int64).min, worth)
            chosen = int(np.argmax(worth))
            here, there = int(block[chosen]), int(far[chosen])
            port = new * half + place
            row[port], row[chosen] = row[chosen], port
            broken[chosen] = True
            for one, other, change in ((here, there, -1), (here, new, 1), (there, new, 1)):
                links[one, other] += change
                links[other, one] += change
