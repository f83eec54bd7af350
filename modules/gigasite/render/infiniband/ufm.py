"""Partitions as UFM takes them: one body of `POST /ufmRest/resources/pkeys/` for each key.

Keys and members as the UFM Enterprise REST API guide (PKey GUIDs) has them. UFM keeps the default partition, whose
management key is 0x7fff, to itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from gigasite.design.infiniband.guids import KnownGuids
from gigasite.design.infiniband.partitions import DEFAULT_PKEY, Partition


def partition_requests(guids: KnownGuids, named: Iterable[Partition]) -> dict[str, str]:
    """Bodies by file name; members without a GUID are left out, and named in partitions.conf."""
    known = dict(guids.endpoints.select("name", "guid").rows())
    found = {}
    for partition in named:
        members = [guid.removeprefix("0x") for name in partition.full if (guid := known[name])]
        if partition.pkey == DEFAULT_PKEY or not members:
            continue
        body = {
            "pkey": f"0x{partition.pkey:x}",
            "partition_name": partition.name,
            "index0": False,
            "ip_over_ib": True,
            "membership": "full",
            "guids": members,
        }
        found[f"pkey-0x{partition.pkey:04x}.json"] = json.dumps(body, indent=2) + "\n"
    return found
