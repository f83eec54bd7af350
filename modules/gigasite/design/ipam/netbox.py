"""Exports of NetBox and Nautobot: addresses and prefixes, as CSV or JSON, of pages, REST interface or importer.

Their columns are told apart by name, whatever the case; JSON may nest (`assigned_object.device.name`).
"""

from __future__ import annotations

import csv
import io
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gigasite.errors import GigasiteError

_GONE: Final = ("deprecated",)
_PARENTS: Final = ("device", "device/vm", "parent", "assigned_object_parent", "parent_object")
_INTERFACE: Final = re.compile(r"lo|(eth|rail|stor|inb|net|oob|mgmt|swp)\d+(p\d+)?")


@dataclass(frozen=True, slots=True)
class Held:
    """An address with its length, and whose it is; None: the export does not say."""

    address: str
    device: str | None
    interface: str | None


@dataclass(frozen=True, slots=True)
class Export:
    """What the IPAM holds: addresses, networks, and lines that are neither."""

    addresses: tuple[Held, ...] = ()
    prefixes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def __add__(self, other: Export) -> Export:
        return Export(self.addresses + other.addresses, self.prefixes + other.prefixes, self.unread + other.unread)


def read_export(text: str, name: str = "the export") -> Export:
    """The addresses and prefixes of an export; `name` is what errors call it. Raises GigasiteError."""
    addresses, prefixes, unread = [], [], []
    for place, record in enumerate(_records(text, name), 1):
        if _text(record, "status") in _GONE:
            continue
        prefix, address = _text(record, "prefix"), _text(record, "address", "ip_address")
        try:
            if address is not None:
                addresses.append(_held(record, str(ipaddress.ip_interface(address))))
            elif prefix is not None:
                prefixes.append(str(ipaddress.ip_network(prefix)))
            else:
                unread.append(f"{name}, record {place}: neither an address nor a prefix")
        except ValueError as error:
            unread.append(f"{name}, record {place}: {error}")
    return Export(tuple(addresses), tuple(prefixes), tuple(unread))


def _records(text: str, name: str) -> Iterator[Mapping[str, Any]]:
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith(("[", "{")):
        try:
            found = json.loads(stripped)
        except (ValueError, RecursionError) as error:
            raise GigasiteError(f"{name} is no JSON: {error}") from None
        listed = found.get("results") if isinstance(found, dict) else found
        if not isinstance(listed, list):
            raise GigasiteError(f"{name} holds no list of records", hint="export a list, or an answer with `results`")
        yield from (_lowered(record) for record in listed if isinstance(record, dict))
        return
    try:
        rows = csv.DictReader(io.StringIO(stripped), strict=True)
        if not rows.fieldnames or not {"address", "ip_address", "prefix"} & {_key(f) for f in rows.fieldnames}:
            raise GigasiteError(
                f"{name} has no column Address, IP Address or Prefix",
                hint="export addresses or prefixes of NetBox as CSV or JSON",
            )
        yield from (_lowered({k: v for k, v in row.items() if k is not None}) for row in rows)
    except csv.Error as error:
        raise GigasiteError(f"{name} is no CSV: {error}") from None


def _held(record: Mapping[str, Any], address: str) -> Held:
    port = record.get("assigned_object")
    listed = record.get("interfaces")  # of Nautobot, where an address may have several
    first = listed[0] if isinstance(listed, list) and listed else port
    nested = _lowered(first) if isinstance(first, dict) else {}
    device = _text(record, *_PARENTS) or _text(nested, "device", "parent")
    interface = _text(record, "interface") or _text(nested, "name")
    if interface is None and isinstance(port, str):
        interface = port.strip() or None
    if device is None:
        device, of_name = _of_dns_name(_text(record, "dns_name"))
        interface = interface or of_name
    return Held(address, device, interface)


def _of_dns_name(name: str | None) -> tuple[str | None, str | None]:
    """Device and interface of `HOST.domain`, or of `INTERFACE.HOST.domain`, which only an interface's name begins."""
    if name is None:
        return None, None
    first, _, rest = name.lower().partition(".")
    if _INTERFACE.fullmatch(first) and rest:
        return rest.partition(".")[0], first
    return first, None


def _lowered(record: Mapping[str, Any]) -> dict[str, Any]:
    return {_key(name): value for name, value in record.items()}


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _text(record: Mapping[str, Any], *names: str) -> str | None:
    """The first of these columns that says something; of a nested object its name, value, address or prefix."""
    for name in names:
        value = record.get(name)
        if isinstance(value, dict):
            value = next(
                (value[key] for key in ("name", "value", "address", "prefix", "display") if key in value), None
            )
        if isinstance(value, str) and value.strip():
            text = value.strip()
            return text.lower() if name == "status" else text
    return None
