"""From what an IPAM holds to the entries `allocations` and `subnets` of a site file, and what does not fit."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from gigasite.design.address_families import FAMILIES, HOST_USES, Family
from gigasite.design.allocated_subnets import with_allocated_subnets
from gigasite.design.allocations import with_allocations
from gigasite.design.ipam.netbox import Export, Held
from gigasite.design.ipam.units import Unit, Units
from gigasite.design.model import Design
from gigasite.spec.network import AllocationSpec, NetworkSpec, SubnetSpec

_Names = Mapping[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Fit:
    """The entries, how many addresses are as planned already, and what a reader should know, a line each."""

    allocations: tuple[AllocationSpec, ...]
    subnets: tuple[SubnetSpec, ...]
    as_planned_count: int
    moved: tuple[str, ...]
    """Interfaces that make room: their addresses by position belong to others in the IPAM."""
    problems: tuple[str, ...]
    """What does not fit."""

    @property
    def section(self) -> dict[str, Any]:
        """The entries as a part of a site file."""
        lists = {"subnets": self.subnets, "allocations": self.allocations}
        found = {
            name: [entry.model_dump(mode="json", exclude_none=True) for entry in part]
            for name, part in lists.items()
            if part
        }
        return {"network": found}


def fit(design: Design, export: Export) -> Fit:
    """Entries that make the design have what the IPAM holds of its interfaces, as far as that can be.

    `design` is one without such entries. A prefix that holds all known addresses of a subnet's hosts becomes that
    subnet's network; addresses that differ from the plan after that become allocations. Whoever has such an address by
    position, and is not in the export, gets the one that the other leaves. Addresses and prefixes of nobody in the
    design are told where they lie on what it gives out.
    """
    problems = list(export.unread)
    network = design.resolved.network.model_copy(update={"allocations": (), "subnets": ()})
    table, subnets = design.tables.addresses, design.tables.subnets
    ours, strangers = _sorted_out(export, _by_name(table), problems)
    pins = [pin for family in FAMILIES for pin in _subnet_entries(ours, _by_name(table), subnets, export, family)]
    pins = _followed(pins, table, subnets, network, problems)
    network = network.model_copy(update={"subnets": tuple(pins)})
    table, subnets, _ = with_allocated_subnets(table, subnets, network)
    entries: list[AllocationSpec] = []
    moved: list[str] = []
    as_planned = 0
    for family in FAMILIES:
        own = [held for held in ours if ipaddress.ip_interface(held.address).version == family.version]
        units = Units(table.to_dicts(), subnets, family)
        homes = _homes(own, units, network, problems)
        wanted = {number: home for number, home in homes.items() if units.all[number].home != home}
        found = (units.named(held.device or "", held.interface or "") for held in own)
        as_planned += sum(unit is not None and unit.number in homes.keys() - wanted.keys() for unit in found)
        for name, value in _settled(wanted, units, moved, problems).items():
            entries.append(AllocationSpec(device=name[0], interface=name[1], address=value))
    while True:
        asked = network.model_copy(update={"allocations": tuple(entries)})
        after, findings = with_allocations(table, subnets, design.tables.rail_networks, asked)
        if not findings:
            break
        problems += [f"{finding.message} ({finding.hint})" for finding in findings]
        refused = {finding.at for finding in findings}
        entries = [entry for index, entry in enumerate(entries) if f"network.allocations[{index}]" not in refused]
    problems += _in_the_way(strangers, export, after, subnets, design)
    return Fit(tuple(entries), tuple(pins), as_planned, tuple(moved), tuple(problems))


def _by_name(table: pl.DataFrame) -> _Names:
    return {(row["device"], row["interface"]): row for row in reversed(table.to_dicts())}


def _sorted_out(export: Export, rows: _Names, problems: list[str]) -> tuple[list[Held], list[Held]]:
    """Addresses of the design's interfaces, and those of others."""
    interfaces: dict[str, list[str]] = {}
    for device, interface in rows:
        interfaces.setdefault(device, []).append(interface)
    ours, strangers = [], []
    for held in export.addresses:
        if held.device not in interfaces:
            strangers.append(held)
        elif held.interface not in interfaces[held.device]:
            known = ", ".join(sorted(interfaces[held.device])[:6])
            problems.append(f"{held.address}: {held.device} has no interface {held.interface}; it has {known}")
        else:
            ours.append(held)
    return ours, strangers


def _subnet_entries(
    ours: list[Held], rows: _Names, subnets: pl.DataFrame, export: Export, family: Family
) -> Iterator[SubnetSpec]:
    """Subnets whose hosts' known addresses all lie in one prefix that is not theirs."""
    prefixes = [ipaddress.ip_network(text) for text in export.prefixes]
    known = set(subnets[family.network].drop_nulls())
    values: dict[str, list[Any]] = {}
    for held in ours:
        value = ipaddress.ip_interface(held.address).ip
        row = rows[held.device or "", held.interface or ""]
        if value.version != family.version or row["use"] not in HOST_USES or not row[family.address]:
            continue
        subnet = str(ipaddress.ip_network(f"{row[family.address]}/{family.length(row)}", strict=False))
        if subnet in known:
            values.setdefault(subnet, []).append(value)
    for subnet, found in sorted(values.items()):
        planned = ipaddress.ip_network(subnet)
        holding = [
            prefix
            for prefix in prefixes
            if prefix.version == family.version
            and prefix.prefixlen <= planned.prefixlen
            and all(value in prefix for value in found)
        ]
        if holding and not all(value in planned for value in found):
            yield SubnetSpec(subnet=subnet, network=str(max(holding, key=lambda prefix: prefix.prefixlen)))


def _followed(
    pins: list[SubnetSpec], table: pl.DataFrame, subnets: pl.DataFrame, network: NetworkSpec, problems: list[str]
) -> list[SubnetSpec]:
    """The entries that the design follows; the others are told."""
    asked = network.model_copy(update={"subnets": tuple(pins)})
    _, _, findings = with_allocated_subnets(table, subnets, asked)
    problems += [f"{finding.message} ({finding.hint})" for finding in findings]
    refused = {finding.at for finding in findings}
    return [pin for index, pin in enumerate(pins) if f"network.subnets[{index}]" not in refused]


def _homes(own: list[Held], units: Units, network: NetworkSpec, problems: list[str]) -> dict[int, int]:
    """The home that each unit has in the IPAM, where it may be."""
    wanted: dict[int, int] = {}
    unit_at: dict[int, int] = {}
    for held in own:
        device, interface = held.device or "", held.interface or ""
        unit, value = units.named(device, interface), int(ipaddress.ip_interface(held.address))
        if unit is None:
            problems.append(f"{held.address}: {device} {interface} has no address of that version of IP in the design")
            continue
        home = units.home_for(unit, value)
        problem = _fault(held, unit, units, home, network)
        if problem is None and unit_at.get(home, unit.number) != unit.number:
            problem = f"{units.all[unit_at[home]].name} has it as well"
        if problem is None and wanted.get(unit.number, home) != home:
            problem = "the other end of its link has an address of another pair"
        if problem is not None:
            problems.append(f"{units.text(value)} of {device} {interface}: {problem}")
            continue
        wanted[unit.number], unit_at[home] = home, unit.number
    return wanted


def _fault(held: Held, unit: Unit, units: Units, home: int, network: NetworkSpec) -> str | None:
    value = ipaddress.ip_interface(held.address).ip
    outside = units.family.outside(str(value), unit.fabric, network)
    if outside:
        return f"{outside[0]} ({outside[1]})"
    if unit.is_link and (int(value) & 1) != units.end_of(held.device or "", held.interface or ""):
        return "of a link's two addresses the leaf has the even one, and between switches the upper one has"
    return units.problem(unit, home)


def _settled(
    wanted: Mapping[int, int], units: Units, moved: list[str], problems: list[str]
) -> dict[tuple[str, str], str]:
    """Addresses by interface: those of the IPAM, and those of whoever makes room for them."""
    unit_at = {home: number for number, home in wanted.items()}
    moves = dict(wanted)
    for number, home in wanted.items():
        other = units.at(home)
        if other is None or other.number in wanted:
            continue
        free = units.all[number].home
        while free in unit_at:  # somebody is in the export with what was left: what he leaves, in turn
            free = units.all[unit_at[free]].home
        problem = units.problem(other, free)
        if problem:
            moves.pop(number)
            problems.append(
                f"{units.text(home)} is {other.name}'s by position, who can't have {units.text(free)}: {problem}"
            )
            continue
        moves[other.number] = free
        moved.append(f"{other.name} makes room: {units.text(free)} in place of {units.text(other.home)}")
    found = {}
    for number, home in moves.items():
        unit = units.all[number]
        row = units.rows[unit.rows[0]]
        end = int(ipaddress.ip_address(row[units.family.address])) & 1 if unit.is_link else 0
        found[row["device"], row["interface"]] = units.text(home + end)
    return found


def _in_the_way(
    strangers: list[Held], export: Export, table: pl.DataFrame, subnets: pl.DataFrame, design: Design
) -> Iterator[str]:
    """What others hold of the addresses and networks that the design gives out."""
    for family in FAMILIES:
        owner = {
            text: f"{device} {interface}"
            for device, interface, text in table.select("device", "interface", family.address).iter_rows()
            if text
        }
        gateways = subnets.select(family.gateway, "device").drop_nulls(family.gateway)
        owner |= {text: f"the gateway on {device}" for text, device in gateways.iter_rows()}
        for held in strangers:
            text = str(ipaddress.ip_interface(held.address).ip)
            if text in owner:
                whose = held.device or "somebody who is not named"
                yield f"{text} is {whose}'s, and the design gives it to {owner[text]}"
        yield from _networks_in_the_way(export, subnets, design, family)


def _networks_in_the_way(export: Export, subnets: pl.DataFrame, design: Design, family: Family) -> Iterator[str]:
    """Prefixes that cut through a subnet: neither equal to one nor around whole ones."""
    outer = [design.resolved.network.ipv6] if family.version == 6 else design.resolved.network.supernets.values()
    supernets: list[Any] = [ipaddress.ip_network(text) for text in outer if text]
    own: list[Any] = [ipaddress.ip_network(text) for text in subnets[family.network].drop_nulls()]
    for text in export.prefixes:
        prefix: Any = ipaddress.ip_network(text)
        if prefix.version != family.version or prefix in own or not any(prefix.subnet_of(net) for net in supernets):
            continue
        inside = next((net for net in own if prefix.subnet_of(net)), None)
        if inside is not None:
            yield f"prefix {text} is a part of {inside}, which the design gives out whole"
