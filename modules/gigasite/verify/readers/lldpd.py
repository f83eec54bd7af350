"""Output of lldpd: `lldpctl -f json` and `-f json0` (hosts, Cumulus' `net show lldp json`). Format: lldpcli(8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gigasite.verify.found import Found, found_of

SYSTEM: Final = "lldpd"


def is_lldpd(document: Any) -> bool:
    """Whether a JSON document is such output."""
    return isinstance(document, Mapping) and set(document) == {"lldp"}


def read_lldpd(document: Mapping[str, Any], device: str) -> Found:
    """The neighbours of a device."""
    rows = []
    for port, interface in _interfaces(document["lldp"]):
        name, chassis = _chassis(interface)
        far = _first(interface.get("port"))
        kind, value = _identifier(far.get("id"))
        text = _text(far.get("descr"))
        # A MAC address says nothing here; the description is then the name of the interface.
        rows.append((device, port, name or chassis, value if kind != "mac" else text, text, None))
    return found_of(rows, SYSTEM, [device])


def _interfaces(lldp: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Names of interfaces with what is told of each: a list of either kind, or one object."""
    for part in lldp if isinstance(lldp, list) else [lldp]:
        found = part.get("interface", []) if isinstance(part, Mapping) else []
        for each in found if isinstance(found, list) else [found]:
            if "name" in each and ("chassis" in each or "port" in each):
                yield str(each["name"]), each
            else:
                yield from ((str(name), told) for name, told in each.items() if isinstance(told, Mapping))


def _chassis(interface: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Name and identifier of the neighbour."""
    chassis = _first(interface.get("chassis"))
    if "id" not in chassis and len(chassis) == 1:
        name, told = next(iter(chassis.items()))
        return str(name), _identifier(_first(told).get("id"))[1]
    return _text(chassis.get("name")), _identifier(chassis.get("id"))[1]


def _identifier(told: Any) -> tuple[str | None, str | None]:
    found = _first(told)
    return found.get("type"), found.get("value")


def _text(told: Any) -> str | None:
    if isinstance(told, str):
        return told
    return _first(told).get("value")


def _first(told: Any) -> Mapping[str, Any]:
    """An object, or the first of a list of them."""
    if isinstance(told, list):
        told = told[0] if told else {}
    return told if isinstance(told, Mapping) else {}
