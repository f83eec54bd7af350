"""Which cage of a device each end of a link is in, and of which kind it is.

A port on the front is what an operating system names; a cage is what one module or plug fills. A twin-port cage has
two ports. Cages of a switch count through its groups of ports, those of a node through its NICs, both from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import Switch, System
from gigasite.design.management_ports import MANAGEMENT_PORT

Ints = NDArray[np.int32]

SOCKET = "rj45"
"""Cage of a management port of a switch, and of whatever a link of `SOCKET_GBPS` leads to."""
SOCKET_GBPS = 1.0
UNKNOWN = 0


@dataclass(frozen=True, slots=True)
class Front:
    """The cages of one model, by port on its front (from 1; place 0 is empty): number, and code of the kind."""

    cage: Ints
    connector: Ints


@dataclass(frozen=True, slots=True)
class EndCages:
    """The cages of all ends of links, the first ends before the second."""

    names: tuple[str | None, ...]
    """Keys of kinds of cages by code; the first is unknown."""
    cage: Ints
    """Number on its device, from 1; 0: unknown, or a socket that takes no module."""
    connector: Ints
    """Code of its kind."""
    row: NDArray[np.int64]
    """Of the device, in the table of places."""

    def columns(self) -> tuple[pl.Series, pl.Series]:
        """`connector` and `module_cage` of the ports table."""
        kinds = pl.Series("connector", list(self.names), dtype=pl.String).gather(self.connector)
        cage = pl.Series("module_cage", self.cage, dtype=pl.Int32)
        return kinds, pl.select(pl.when(cage > 0).then(cage).alias("module_cage")).to_series()


def switch_front(switch: Switch, codes: Mapping[str, int]) -> Front:
    """The cages of a switch: ports that look down before those that look up."""
    groups = sorted(switch.port_groups, key=lambda group: group.use == "up")
    cages, kinds = [0], [UNKNOWN]
    for group in groups:
        before = max(cages)
        cages += [before + 1 + port // group.ports_per_cage for port in range(group.count)]
        kinds += [codes.get(group.cage or "", UNKNOWN)] * group.count
    return _front(cages, kinds)


def system_front(system: System, codes: Mapping[str, int]) -> Front:
    """The cages of a node's NIC ports, in the order in which they are numbered."""
    cages, kinds = [0], [UNKNOWN]
    lines = system.nic_cages or (None,) * len(system.nics)
    for nic, line in zip(system.nics, lines, strict=True):
        before, count = max(cages), nic.count * nic.ports_per_nic
        if line is None:
            cages += [before + 1 + port for port in range(count)]
        elif line.numbers:
            cages += [before + number for number in line.numbers]
        else:
            cages += [before + 1 + port // line.ports_per_cage for port in range(count)]
        kinds += [codes.get(line.cage if line else "", UNKNOWN)] * count
    return _front(cages, kinds)


def end_cages(
    ports: pl.DataFrame,
    row: NDArray[np.unsignedinteger],
    product: pl.Series,
    products: Iterable[Switch | System],
    management: str,
    cage_kinds: Iterable[str],
) -> EndCages:
    """The cages of ports (`port, cage, fabric, gbps`), whose devices stand at `row` in `product`.

    `product` is the key of each device's switch or system; null: it has no cages that anybody knows.
    """
    names = (None, *cage_kinds)
    codes = {name: code for code, name in enumerate(names) if name}
    known = {item.key: item for item in products}
    order = sorted(known)
    fronts = [Front(np.zeros(1, np.int32), np.zeros(1, np.int32))]
    for key in order:
        item = known[key]
        fronts.append(switch_front(item, codes) if isinstance(item, Switch) else system_front(item, codes))
    place = product.cast(pl.Enum(order), strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy() + 1
    which = place[row]
    width = max(len(front.cage) for front in fronts)
    cages, kinds = np.zeros((len(fronts), width), np.int32), np.zeros((len(fronts), width), np.int32)
    for number, front in enumerate(fronts):
        cages[number, : len(front.cage)], kinds[number, : len(front.cage)] = front.cage, front.connector
    is_node = np.array([False, *(isinstance(known[key], System) for key in order)])
    port = np.where(is_node[which], ports["port"].to_numpy(), ports["cage"].to_numpy())
    port = np.where((port < 0) | (port >= width), 0, port)
    cage, connector = cages[which, port], kinds[which, port]
    is_management = (ports["fabric"] == management).to_numpy()
    numbered = ports["port"].to_numpy()
    foreign = is_management & (is_node[which] | (numbered == MANAGEMENT_PORT) | (which == 0))
    socket = foreign & (ports["gbps"].to_numpy() <= SOCKET_GBPS)
    cage[foreign], connector[foreign] = 0, UNKNOWN
    connector[socket] = codes.get(SOCKET, UNKNOWN)
    return EndCages(names, cage, connector, row.astype(np.int64))


def _front(cages: list[int], kinds: list[int]) -> Front:
    return Front(np.array(cages, np.int32), np.array(kinds, np.int32))
