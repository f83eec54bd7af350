"""What moves as one in the table of addresses: an interface, or both ends of a routed link."""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from gigasite.design.address_families import HOST_USES, Family


@dataclass(slots=True)
class Unit:
    """An interface, or the two of a link. `home`: its address as a number; of a link the even one of its two."""

    number: int
    name: str
    fabric: str
    use: str
    home: int
    rows: list[int] = field(default_factory=list)

    @property
    def is_link(self) -> bool:
        return self.use == "point-to-point"


class Units:
    """All units of a family, and the subnets that hosts lie in."""

    def __init__(self, rows: list[dict[str, Any]], subnets: pl.DataFrame, family: Family) -> None:
        self.rows, self.family = rows, family
        self.all: list[Unit] = []
        self._at: dict[int, int] = {}
        self._named: dict[tuple[str, str], int] = {}
        self._ends: dict[tuple[str, str], int] = {}
        for number, row in enumerate(rows):
            if row[family.address]:
                self._add(number, row)
        known = sorted(
            (ipaddress.ip_network(network), int(ipaddress.ip_address(gateway)))
            for network, gateway in subnets.select(family.network, family.gateway).drop_nulls().iter_rows()
        )
        self._starts = [int(network.network_address) for network, _ in known]
        self._subnets = known

    def _add(self, number: int, row: dict[str, Any]) -> None:
        value = int(ipaddress.ip_address(row[self.family.address]))
        link = row["use"] == "point-to-point"
        home = value & ~1 if link else value
        name = (row["device"], row["interface"])
        if link and home in self._at:
            unit = self.all[self._at[home]]
        else:
            unit = Unit(len(self.all), f"{row['device']} {row['interface']}", row["fabric"], row["use"], home)
            self.all.append(unit)
            self._at[home] = unit.number
        unit.rows.append(number)
        self._named.setdefault(name, unit.number)  # of a switch's `lo` the loopback, which comes before the tunnel end
        self._ends.setdefault(name, value & 1)

    def named(self, device: str, interface: str) -> Unit | None:
        number = self._named.get((device, interface))
        return None if number is None else self.all[number]

    def end_of(self, device: str, interface: str) -> int:
        """Which end of its link an interface is: 0 the even one."""
        return self._ends[device, interface]

    def home_for(self, unit: Unit, value: int) -> int:
        return value & ~1 if unit.is_link else value

    def at(self, home: int) -> Unit | None:
        """Who has a home by plan."""
        number = self._at.get(home)
        return None if number is None else self.all[number]

    def text(self, value: int) -> str:
        return self.family.text(value)

    def problem(self, unit: Unit, home: int) -> str | None:
        """Why a unit can't have a home: hosts stay in their subnet, nobody else is in one, and links have pairs."""
        subnet = self._subnet_of(home)
        if unit.use in HOST_USES:
            own = self._subnet_of(unit.home)
            if subnet is None or own is None or subnet[0] != own[0]:
                return f"its subnet is {own[0] if own else 'unknown'}"
            network, gateway = subnet
            if home == gateway:
                return f"it is the gateway of {network}"
            ends = (int(network.network_address), int(network.broadcast_address))
            return f"it is no host's address in {network}" if home in ends else None
        if subnet is not None:
            return f"it lies in {subnet[0]}, whose hosts are others"
        neighbours = (home, home + 1) if unit.is_link else (home, home & ~1)
        others = (self.at(place) for place in neighbours)
        clash = next((o for o in others if o is not None and o.is_link != unit.is_link), None)
        return f"it is {clash.name}'s" if clash is not None else None

    def _subnet_of(self, value: int) -> tuple[Any, int] | None:
        place = bisect_right(self._starts, value) - 1
        if place < 0 or value > int(self._subnets[place][0].broadcast_address):
            return None
        return self._subnets[place]

    def move(self, unit: Unit, home: int) -> None:
        """Gives a unit's rows their addresses at a home."""
        for number in unit.rows:
            row = self.rows[number]
            end = int(ipaddress.ip_address(row[self.family.address])) & 1 if unit.is_link else 0
            row[self.family.address] = self.family.text(home + end)
