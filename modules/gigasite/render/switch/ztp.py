"""Files with which a new switch finds its configuration: one set an operating system, by HTTPS alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from typing import Final

from gigasite.errors import GigasiteError
from gigasite.render.environment import environment
from gigasite.render.switch.build import ManagementAddresses
from gigasite.render.switch.systems import operating_system

_SERVER: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~-]+)*")


def management_hosts(known: ManagementAddresses, os: str, switches: Set[str]) -> str:
    """What a DHCP server needs to know of switches, as JSON: who gets which address, and the option that leads to ZTP.

    They are told apart by name: serial numbers and MAC addresses come with the hardware.
    """
    hosts = [
        {"hostname": name, "address": address, "prefix_length": length, "gateway": gateway}
        for name in sorted(known.keys() & switches)
        for address, length, gateway in [known[name]]
    ]
    return json.dumps({"os": os, "ztp_option": operating_system(os).ztp_option, "hosts": hosts}, indent=1) + "\n"


def ztp_files(os: str, server: str) -> Mapping[str, str]:
    """The files of an operating system by name; `server` is where they are served, without a slash behind.

    Raises GigasiteError where `server` is no plain HTTPS address.
    """
    if not _SERVER.fullmatch(server):
        raise GigasiteError(
            f"{server!r} is no plain https:// address", hint="such as https://provision.example.com/switches"
        )
    return {
        file.name: environment().get_template(f"switch/{os}/{file.template}").render(server=server)
        for file in operating_system(os).ztp
    }
