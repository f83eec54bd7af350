"""Which endpoint lands on which switch of which group, where switches stand in equal groups.

Each class of endpoints has groups of its own, one after the other; nodes fill them in the order of their slots.
In a rail-optimised group, rail r of its nodes (and of dual-ToR, each side) lands on the r-th part of its switches;
otherwise the ports of a node follow each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigasite.design.clos import ClosRequest
from gigasite.design.unit_parts import GroupParts
from gigasite.errors import GigasiteError

Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ClassGroups:
    """The groups of one class of endpoints: `first` and `count` of its ultimate size, of which `built` stand."""

    request: ClosRequest
    by_rail: bool
    nodes_per_group: int
    first: int
    count: int
    built: int


def class_groups(
    requests: tuple[ClosRequest, ...], switches_per_group: int, endpoints_per_switch: int
) -> tuple[ClassGroups, ...]:
    """Groups of each class. Raises GigasiteError where a node has more ports than a group."""
    found: list[ClassGroups] = []
    first = 0
    for request in requests:
        rails = request.rails * request.sides
        by_rail = (request.rail_optimised or request.sides > 1) and switches_per_group % rails == 0
        if by_rail:
            nodes = switches_per_group // rails * endpoints_per_switch
        else:
            nodes = switches_per_group * endpoints_per_switch // rails
        if nodes < 1:
            raise GigasiteError(
                f"{request.name}: a node has {rails} ports, a group of {switches_per_group} switches with "
                f"{endpoints_per_switch} endpoints each has {switches_per_group * endpoints_per_switch}",
                hint="raise group_switches or endpoints_per_switch",
            )
        slots = request.nodes_per_su
        count = -(-request.build_to_su_count * slots // nodes)
        built = -(-len(request.node_counts) * slots // nodes)
        found.append(ClassGroups(request, by_rail, nodes, first, count, built))
        first += count
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class EndpointPlaces:
    """Columns of equal length, all from 0: the slots that hold a node (or are reserved), port by port."""

    su: Column
    node_slot: Column
    rail: Column
    side: Column
    group: Column
    switch: Column
    port: Column


def endpoint_places(groups: ClassGroups, endpoints_per_switch: int, switches_per_group: int) -> EndpointPlaces:
    """A place for every port of every node slot of the built scalable units."""
    request = groups.request
    ports = request.rails * request.sides
    su, slot, rail = (
        axis.ravel() for axis in np.indices((len(request.node_counts), request.nodes_per_su, ports), np.int32)
    )
    node = su.astype(np.int64) * request.nodes_per_su + slot
    group, place = node // groups.nodes_per_group, node % groups.nodes_per_group
    if groups.by_rail:
        switch = rail * (switches_per_group // ports) + place // endpoints_per_switch
        port = place % endpoints_per_switch
    else:
        endpoint = place * ports + rail
        switch, port = endpoint // endpoints_per_switch, endpoint % endpoints_per_switch
    rail, side = np.divmod(rail, np.int32(request.sides))
    places = (c.astype(np.int32) for c in (group + groups.first, switch, port))
    return EndpointPlaces(su, slot, rail, side, *places)


def unit_parts(groups: ClassGroups, endpoints_per_switch: int) -> GroupParts:
    """Which nodes of a unit share a switch, for each of their ports."""
    request = groups.request
    ports = request.rails * request.sides
    return GroupParts(request.nodes_per_su, ports, groups.by_rail, groups.nodes_per_group, endpoints_per_switch)


def occupied(places: EndpointPlaces, request: ClosRequest) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which places hold a port of a node, and which one of a reserved slot."""
    reserved = np.zeros((len(request.node_counts), request.nodes_per_su), bool)
    for su, slot in request.reserved_slots:
        if su < len(request.node_counts):
            reserved[su, slot] = True
    rank = np.cumsum(~reserved, axis=1)
    present = ~reserved & (rank <= np.array(request.node_counts)[:, None])
    at = (places.su, places.node_slot)
    return present[at], reserved[at]


def rail_of_switch(groups: ClassGroups, switches_per_group: int, switch: Column) -> Column:
    """The rail that a switch of a group serves, from 0; -1: all."""
    if not groups.by_rail:
        return np.full(len(switch), -1, np.int32)
    per_port = switches_per_group // (groups.request.rails * groups.request.sides)
    return (switch // per_port // groups.request.sides).astype(np.int32)


def first_su(groups: ClassGroups, group: Column) -> Column:
    """The scalable unit, from 0, of the first node of each of the class's groups, counted from its first."""
    node = group.astype(np.int64) * groups.nodes_per_group
    return (node // groups.request.nodes_per_su).astype(np.int32)
