"""Output of Arista EOS: `show lldp neighbors detail | json`. Format: EOS command API, `lldpNeighbors`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gigasite.verify.found import Found, found_of

SYSTEM: Final = "eos"


def is_eos(document: Any) -> bool:
    """Whether a JSON document is such output."""
    return isinstance(document, Mapping) and isinstance(document.get("lldpNeighbors"), Mapping)


def read_eos(document: Mapping[str, Any], device: str) -> Found:
    """The neighbours of a switch."""
    rows = []
    for port, told in document["lldpNeighbors"].items():
        for neighbour in told.get("lldpNeighborInfo", []):
            far = neighbour.get("neighborInterfaceInfo", {})
            name = far.get("interfaceId_v2") or str(far.get("interfaceId", "")).strip('"') or None
            text = far.get("interfaceDescription") or None
            if far.get("interfaceIdType") == "macAddress":
                name = text
            rows.append((device, port, neighbour.get("systemName") or neighbour.get("chassisId"), name, text, None))
    return found_of(rows, SYSTEM, [device])
