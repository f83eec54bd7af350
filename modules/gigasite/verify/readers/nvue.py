"""Output of NVUE on Cumulus Linux: `nv show interface lldp`, as a table or as JSON (`-o json`).

Table: NVUE reference, Show Commands, LLDP. JSON: the objects `interface`, `lldp`, `neighbor` of NVUE's REST API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gigasite.verify.found import Found, found_of
from gigasite.verify.readers.columns import fixed_columns

SYSTEM: Final = "nvue"
_HEADER: Final = re.compile(r"^Interface\s+Speed\s+Type\s+Remote Host\s+Remote Port\s*$", re.MULTILINE)
_SPEED: Final = re.compile(r"(\d+(?:\.\d+)?)([GM])")
_MAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)


def is_nvue_table(text: str) -> bool:
    """Whether a text is the table."""
    return bool(_HEADER.search(text))


def is_nvue(document: Any) -> bool:
    """Whether a JSON document is such output: interfaces with neighbours."""
    return isinstance(document, Mapping) and any(_neighbours(told) for told in document.values())


def read_nvue_table(text: str, device: str) -> Found:
    """The neighbours of a switch."""
    rows = []
    for port, speed, _, peer, far in fixed_columns(text, 5):
        rows.append((device, port, peer or None, _name(far), None, _gbps(speed)))
    return found_of((row for row in rows if row[2]), SYSTEM, [device])


def read_nvue(document: Mapping[str, Any], device: str) -> Found:
    """The neighbours of a switch."""
    return found_of(_rows(document, device), SYSTEM, [device])


def _rows(document: Mapping[str, Any], device: str) -> Iterator[tuple[Any, ...]]:
    for port, interface in document.items():
        for name, neighbour in _neighbours(interface).items():
            told = neighbour if isinstance(neighbour, Mapping) else {}
            chassis, far = told.get("chassis", {}), told.get("port", {})
            peer = chassis.get("system-name") or name
            gbps = _gbps(str(interface.get("link", {}).get("speed", "")))
            yield device, port, peer, _name(far.get("name")), far.get("description"), gbps


def _neighbours(interface: Any) -> Mapping[str, Any]:
    if not isinstance(interface, Mapping):
        return {}
    lldp = interface.get("lldp")
    found = (lldp if isinstance(lldp, Mapping) else interface).get("neighbor")
    return found if isinstance(found, Mapping) else {}


def _name(text: Any) -> str | None:
    return str(text) if text and not _MAC.fullmatch(str(text)) else None


def _gbps(text: str) -> float | None:
    found = _SPEED.fullmatch(text.strip())
    return float(found[1]) / (1 if found[2] == "G" else 1000) if found else None
