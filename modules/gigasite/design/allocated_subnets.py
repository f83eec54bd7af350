"""Whole subnets that are elsewhere already: their gateways and hosts go along, each to the same place."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

import polars as pl

from gigasite.design.address_families import FAMILIES, HOST_USES, Family
from gigasite.errors import Finding, Severity
from gigasite.spec.network import NetworkSpec, SubnetSpec

MISFIT = "ADR124"


def with_allocated_subnets(
    table: pl.DataFrame, subnets: pl.DataFrame, network: NetworkSpec
) -> tuple[pl.DataFrame, pl.DataFrame, tuple[Finding, ...]]:
    """The tables `addresses` and `subnets` with the site's own networks in them, and what does not fit."""
    findings: list[Finding] = []
    for family in FAMILIES if network.subnets else ():
        pins = {
            index: pin
            for index, pin in enumerate(network.subnets)
            if ipaddress.ip_network(pin.subnet).version == family.version
        }
        known = subnets.select(family.network, "fabric").drop_nulls(family.network)
        fabric_of = dict(known.iter_rows())
        while True:  # a pin that is refused leaves its subnet where it was, which may be in the way of another one
            problems = _problems(pins, fabric_of, table, network, family)
            if not problems:
                break
            for index, (message, hint) in problems.items():
                findings.append(Finding(MISFIT, Severity.ERROR, message, hint, at=f"network.subnets[{index}]"))
                del pins[index]
        if pins:
            table, subnets = _moved(table, subnets, {pin.subnet: pin.network for pin in pins.values()}, family)
    return table, subnets, tuple(findings)


def _problems(
    pins: Mapping[int, SubnetSpec],
    fabric_of: Mapping[str, str],
    table: pl.DataFrame,
    network: NetworkSpec,
    family: Family,
) -> dict[int, tuple[str, str]]:
    leaving = {pin.subnet for pin in pins.values()}
    staying = [(ipaddress.ip_network(text), text) for text in fabric_of if text not in leaving]
    others = table.filter(~pl.col("use").is_in(list(HOST_USES)))[family.address].drop_nulls().unique()
    single = sorted(int(ipaddress.ip_address(text)) for text in others) if pins else []
    taken: list[Any] = []
    found: dict[int, tuple[str, str]] = {}
    seen: set[str] = set()
    for index, pin in pins.items():
        problem = _problem(pin, fabric_of, network, family)
        wanted: Any = ipaddress.ip_network(pin.network)
        if problem is None and pin.subnet in seen:
            problem = f"{pin.subnet} is listed twice", "keep one of the two"
        if problem is None:
            problem = _in_the_way(pin.network, wanted, taken, staying, single, family)
        seen.add(pin.subnet)
        if problem is None:
            taken.append(wanted)
        else:
            found[index] = problem
    return found


def _problem(
    pin: SubnetSpec, fabric_of: Mapping[str, str], network: NetworkSpec, family: Family
) -> tuple[str, str] | None:
    if pin.subnet not in fabric_of:
        return (
            f"the design gives out no subnet {pin.subnet}",
            "its table of subnets lists them; a pool's growth adds some",
        )
    return family.outside(pin.network, fabric_of[pin.subnet], network)


def _in_the_way(
    text: str, wanted: Any, taken: list[Any], staying: list[tuple[Any, str]], single: list[int], family: Family
) -> tuple[str, str] | None:
    other = next((net for net in taken if net.overlaps(wanted)), None)
    if other is not None:
        return f"{text} overlaps {other}, which another subnet has", "give each subnet a network of its own"
    stays = next((name for net, name in staying if net.overlaps(wanted)), None)
    if stays is not None:
        hint = f"say where {stays} is: one more entry of network.subnets"
        return f"{text} overlaps {stays}, which another subnet of the design has", hint
    low, high = int(wanted.network_address), int(wanted.broadcast_address)
    inside = next((value for value in single if low <= value <= high), None)
    if inside is not None:
        return f"{family.text(inside)} in {text} is a link's or a switch's", "choose a network that holds none of these"
    return None


def _moved(
    table: pl.DataFrame, subnets: pl.DataFrame, moved: Mapping[str, str], family: Family
) -> tuple[pl.DataFrame, pl.DataFrame]:
    networks = {text: (ipaddress.ip_network(text), ipaddress.ip_network(there)) for text, there in moved.items()}

    def shifted(address: str, subnet: str) -> str:
        old, new = networks[subnet]
        return family.text(int(ipaddress.ip_address(address)) - int(old.network_address) + int(new.network_address))

    networks_rows = subnets.to_dicts()
    for row in networks_rows:
        subnet = row[family.network]
        if subnet in networks:
            row[family.gateway] = shifted(row[family.gateway], subnet)
            row[family.network] = moved[subnet]
    rows = table.to_dicts()
    for row in rows:
        if row["use"] not in HOST_USES or not row[family.address]:
            continue
        subnet = str(ipaddress.ip_network(f"{row[family.address]}/{family.length(row)}", strict=False))
        if subnet in networks:
            row[family.address] = shifted(row[family.address], subnet)
            if family.version == 4:
                row["prefix_length"] = networks[subnet][1].prefixlen
    return (
        pl.DataFrame(rows, schema=table.schema, orient="row"),
        pl.DataFrame(networks_rows, schema=subnets.schema, orient="row"),
    )
