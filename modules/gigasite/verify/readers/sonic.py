"""Output of SONiC: the table of `show lldp table`. Format: SONiC command reference, LLDP."""

from __future__ import annotations

import re
from typing import Final

from gigasite.verify.found import Found, found_of
from gigasite.verify.readers.columns import fixed_columns

SYSTEM: Final = "sonic"
_HEADER: Final = re.compile(
    r"^LocalPort\s+RemoteDevice\s+RemotePortID\s+Capability\s+RemotePortDescr\s*$", re.MULTILINE
)
_MAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)


def is_sonic(text: str) -> bool:
    """Whether a text is such output."""
    return bool(_HEADER.search(text))


def read_sonic(text: str, device: str) -> Found:
    """The neighbours of a switch."""
    rows = []
    for port, peer, far, _, about in fixed_columns(text, 5):
        rows.append((device, port, peer or None, about if _MAC.fullmatch(far) else far or None, about or None, None))
    return found_of(rows, SYSTEM, [device])
