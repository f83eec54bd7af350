"""What can be lost: each element and unit by itself, and what one cause takes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.design.failures.network import Ints, Network
from gigasite.design.failures.outcomes import Losses
from gigasite.design.model import Tables


@dataclass(frozen=True, slots=True)
class Scenario:
    """A loss: a name, its kind, and the rows of elements and plant units that it takes."""

    name: str
    kind: str
    elements: tuple[int, ...] = ()
    units: tuple[int, ...] = ()


def plants_with_spare_units(elements: pl.DataFrame) -> frozenset[str]:
    """Generation of one's own with more units than it counts on: what is lost or maintained is one of them.

    Their capacity is that of the units counted on, so that the loss of one changes nothing.
    """
    spare = elements.filter(
        pl.col("kind") == "generation", pl.col("required_count") > 0, pl.col("unit_count") > pl.col("required_count")
    )
    return frozenset(spare["element"].to_list())


def single_losses(network: Network, spared: frozenset[str] = frozenset()) -> Losses:
    """Each element, then each unit of the plant. Of `spared` elements only a spare part is lost."""
    elements, units = len(network.chain.names), len(network.loads.units)
    whole = np.array([row for row, name in enumerate(network.chain.names) if name not in spared], np.int64)
    return Losses(
        count=elements + units,
        scenario=whole,
        element=whole,
        unit_scenario=np.arange(elements, elements + units),
        unit=np.arange(units),
    )


def element_losses(network: Network, spared: frozenset[str] = frozenset()) -> Losses:
    """Each element; see `single_losses`."""
    names, nothing = network.chain.names, np.zeros(0, np.int64)
    whole = np.array([row for row, name in enumerate(names) if name not in spared], np.int64)
    return Losses(len(names), whole, whole, nothing, nothing)


def common_causes(network: Network, tables: Tables) -> tuple[Scenario, ...]:
    """What one event takes: a fire in a room, a control system, the whole grid, a leak.

    A single element or unit is no common cause, for it is lost by itself anyway: but a plant with spare units is.
    """
    spared = plants_with_spare_units(tables.elements)
    row = {name: index for index, name in enumerate(network.chain.names)}
    unit = {name: index for index, name in enumerate(network.loads.units)}
    found = [
        *_by_cause(tables.elements, "room", "room", "element", row, spared),
        *_by_cause(tables.elements, "control", "control", "element", row, spared),
    ]
    grid = tuple(index for index, kind in enumerate(network.chain.kinds) if kind == "grid-circuit")
    if len(grid) > 1:
        found.append(("the grid", "utility", grid))
    leaks = _by_cause(tables.plant, "leak_zone", "leak", "unit", unit)
    return (
        *(Scenario(name, _room_or_hall(network, kind, rows), elements=rows) for name, kind, rows in found),
        *(Scenario(name, kind, units=rows) for name, kind, rows in leaks),
    )


def _room_or_hall(network: Network, kind: str, rows: tuple[int, ...]) -> str:
    """A room that holds nothing but busways is the hall of the racks themselves, which it takes along."""
    kinds = {network.chain.kinds[row] for row in rows}
    return "hall" if kind == "room" and kinds == {"busway"} else kind


def _by_cause(
    table: pl.DataFrame,
    column: str,
    kind: str,
    name: str,
    row: Mapping[str, int],
    spared: frozenset[str] = frozenset(),
) -> list[tuple[str, str, tuple[int, ...]]]:
    grouped = table.drop_nulls(column).group_by(column).agg(pl.col(name)).sort(column)
    several = grouped.filter((pl.col(name).list.len() > 1) | pl.col(name).list.first().is_in(list(spared)))
    return [(cause, kind, tuple(sorted(row[n] for n in members))) for cause, members in several.iter_rows()]


def losses_of(scenarios: Sequence[Scenario]) -> Losses:
    """Scenarios as pairs of numbers."""

    def pairs(members: Iterable[tuple[int, ...]]) -> tuple[Ints, Ints]:
        lists = list(members)
        scenario = np.repeat(np.arange(len(lists)), [len(rows) for rows in lists])
        flat = np.array([row for rows in lists for row in rows], np.int64)
        return scenario.astype(np.int64), flat

    scenario, element = pairs(s.elements for s in scenarios)
    unit_scenario, unit = pairs(s.units for s in scenarios)
    return Losses(len(scenarios), scenario, element, unit_scenario, unit)
