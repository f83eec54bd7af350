"""Which nodes of a scalable unit share a leaf: the parts of a unit, each behind one leaf (for one port of its nodes).

A part and a place in it follow from position alone, for nodes that are built and for those that are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gigasite.design.clos.leaves import LeafLayout

Numbers = NDArray[np.int64]


class UnitParts(Protocol):
    """Parts of a unit. `port`: a port's place among those of its node, the side running faster than the rail."""

    @property
    def part_count(self) -> int:
        """The most parts of a unit."""

    @property
    def part_nodes(self) -> int:
        """The most nodes of a part."""

    def places(self, su: Numbers, slot: Numbers, port: Numbers) -> tuple[Numbers, Numbers]:
        """Part of each slot and place in that part; all count from 0."""


@dataclass(frozen=True, slots=True)
class TreeParts:
    """Leaves of a Clos fabric: equal parts of a scope (a rack, or the whole unit)."""

    part_count: int
    part_nodes: int
    scope_nodes: int
    parts_per_scope: int

    @classmethod
    def of(cls, leaves: LeafLayout) -> TreeParts:
        return cls(leaves.groups_per_su, leaves.part_nodes, leaves.scope_nodes, leaves.parts_per_scope)

    def places(self, su: Numbers, slot: Numbers, port: Numbers) -> tuple[Numbers, Numbers]:
        scope, in_scope = np.divmod(slot, self.scope_nodes)
        part, place = np.divmod(in_scope, self.part_nodes)
        return scope * self.parts_per_scope + part, place


@dataclass(frozen=True, slots=True)
class GroupParts:
    """Switches of equal groups, which nodes fill one after another, across the borders of units."""

    slots: int
    """Of a unit."""
    ports: int
    """Of a node."""
    by_rail: bool
    """Whether each port of a node has switches of its own in the group."""
    nodes_per_group: int
    endpoints_per_switch: int

    @property
    def part_count(self) -> int:
        if self.by_rail:
            return (self.slots - 1) // self.endpoints_per_switch + 2
        return self.slots * self.ports // self.endpoints_per_switch + self.slots // self.nodes_per_group + 3

    @property
    def part_nodes(self) -> int:
        if self.by_rail:
            return min(self.slots, self.endpoints_per_switch)
        return min(self.slots, (self.endpoints_per_switch - 1) // self.ports + 1)

    def places(self, su: Numbers, slot: Numbers, port: Numbers) -> tuple[Numbers, Numbers]:
        first = su * self.slots
        switch, begin = self._switch(first + slot, port)
        lowest, _ = self._switch(first, port)
        return switch - lowest, first + slot - np.maximum(begin, first)

    def _switch(self, node: Numbers, port: Numbers) -> tuple[Numbers, Numbers]:
        """A number of the switch that rises with the node, and the first node that it has a port of this kind of."""
        if self.by_rail:
            switch = node // self.endpoints_per_switch
            return switch, switch * self.endpoints_per_switch
        group, place = np.divmod(node, self.nodes_per_group)
        in_group = (place * self.ports + port) // self.endpoints_per_switch
        begin = np.maximum(-(-(in_group * self.endpoints_per_switch - port) // self.ports), 0)
        per_group = -(-self.nodes_per_group * self.ports // self.endpoints_per_switch)
        return group * per_group + in_group, group * self.nodes_per_group + begin
