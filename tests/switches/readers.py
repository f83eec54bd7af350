"""Small readers of configurations: what a switch says of its AS, its ports and its sessions, by operating system."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_EOS_SESSION = re.compile(r"neighbor (?:interface )?(\S+) (?:peer-group \S+ )?remote-as (\d+)")


class Line(NamedTuple):
    """One line of a configuration with those below it; `number` counts from 1."""

    number: int
    text: str
    below: tuple[Line, ...]


def read_lines(text: str, comment: str = "!") -> tuple[Line, ...]:
    """The tree of an indented configuration, comments and empty lines left out."""
    rows = [
        (number, len(line) - len(bare), bare.rstrip())
        for number, line in enumerate(text.splitlines(), 1)
        if (bare := line.lstrip()) and not bare.startswith(comment)
    ]
    lines, end = _block(rows, 0, rows[0][1] if rows else 0)
    assert end == len(rows) or rows[end][1] < rows[0][1]
    return lines


def _block(rows: Sequence[tuple[int, int, str]], start: int, indent: int) -> tuple[tuple[Line, ...], int]:
    lines: list[Line] = []
    place = start
    while place < len(rows) and rows[place][1] >= indent:
        number, _, text = rows[place]
        below: tuple[Line, ...] = ()
        place += 1
        if place < len(rows) and rows[place][1] > indent:
            below, place = _block(rows, place, rows[place][1])
        lines.append(Line(number, text, below))
    return tuple(lines), place


@dataclass
class Said:
    """What the files of one switch say. Ports by name."""

    asn: int | None = None
    descriptions: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    """AS number behind each port, or behind each address of a peer."""


def read_eos(files: Mapping[str, str]) -> Said:
    said = Said()
    for line in read_lines(files["startup-config"]):
        if line.text.startswith("interface Ethernet"):
            _port(said, line.text.split()[1], line)
        elif match := re.fullmatch(r"router bgp (\d+)", line.text):
            said.asn = int(match[1])
            for below in line.below:
                if session := _EOS_SESSION.fullmatch(below.text):
                    said.sessions[session[1]] = int(session[2])
    return said


def read_frr(files: Mapping[str, str]) -> Said:
    said = read_routing(files)
    for port, block in re.findall(r"^iface (swp\S+)\n((?: +.*\n)*)", files["interfaces"], re.MULTILINE):
        if address := re.search(r"address ([\d.]+/\d+)", block):
            said.addresses[port] = address[1]
    return said


def read_routing(files: Mapping[str, str]) -> Said:
    """What a frr.conf says, wherever FRRouting runs."""
    said = Said()
    for line in read_lines(files["frr.conf"]):
        if line.text.startswith("interface "):
            _port(said, line.text.split()[1], line)
        elif match := re.fullmatch(r"router bgp (\d+)", line.text):
            said.asn = int(match[1])
            for below in line.below:
                if session := re.fullmatch(r"neighbor (\S+) (?:interface )?remote-as (\d+)", below.text):
                    said.sessions[session[1]] = int(session[2])
    return said


def read_sonic(files: Mapping[str, str]) -> Said:
    said = read_routing(files)
    config = json.loads(files["config_db.json"])
    said.descriptions = {name: row["description"] for name, row in config["PORT"].items()}
    said.addresses = dict(key.split("|") for key in config["INTERFACE"] if "|" in key and ":" not in key)
    return said


READERS: Final[Mapping[str, Callable[[Mapping[str, str]], Said]]] = {
    "eos": read_eos,
    "frr": read_frr,
    "sonic": read_sonic,
}


def _port(said: Said, name: str, line: Line) -> None:
    for below in line.below:
        if below.text.startswith("description "):
            said.descriptions[name] = below.text.removeprefix("description ")
        elif match := re.fullmatch(r"ip address (\S+)", below.text):
            said.addresses[name] = match[1]
