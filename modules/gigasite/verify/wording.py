"""Mistakes as findings: both ends of each cable with rack, unit and port, and what to do, in the order of a walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gigasite.design.model import Design
from gigasite.errors import Finding, Severity
from gigasite.verify.ends import Ends
from gigasite.verify.mistakes import Kind, Mistake, Move, Spot
from gigasite.verify.places import NOWHERE, Standing, standings

CODES: Final[Mapping[Kind, tuple[str, Severity]]] = {
    Kind.MISSING: ("DEP111", Severity.ERROR),
    Kind.WRONG: ("DEP112", Severity.ERROR),
    Kind.STRANGER: ("DEP112", Severity.ERROR),
    Kind.EXCHANGED: ("DEP113", Severity.ERROR),
    Kind.PARALLEL: ("DEP113", Severity.WARNING),
    Kind.RAILS: ("DEP114", Severity.ERROR),
    Kind.DEVICES: ("DEP115", Severity.ERROR),
    Kind.SILENT: ("DEP116", Severity.ERROR),
    Kind.EXTRA: ("DEP117", Severity.WARNING),
    Kind.SLOW: ("DEP118", Severity.ERROR),
    Kind.UNSEEN: ("DEP119", Severity.INFO),
    Kind.CONTRADICTION: ("DEP120", Severity.WARNING),
}
_LISTED: Final = 8
"""Cables of one mistake that are told one by one; a node has seldom more rails."""


class Wording:
    """Turns mistakes of a design into findings."""

    def __init__(self, design: Design, ends: Ends) -> None:
        self._places = standings(design)
        self._device = ends.table["device"]
        self._name = ends.table["name"]
        self._fabric = ends.table["fabric"]
        self._gbps = ends.table["gbps"]

    def findings(self, mistakes: Iterable[Mistake]) -> list[tuple[Standing, Finding]]:
        """Each mistake with the place that one goes to first, in the order of a walk."""
        told = [(self._place(mistake), self._finding(mistake)) for mistake in mistakes]
        return sorted(told, key=lambda pair: (pair[0], pair[1].code, pair[1].message))

    def _place(self, mistake: Mistake) -> Standing:
        if mistake.kind is Kind.UNSEEN:
            return NOWHERE
        if mistake.devices:
            return self._of(mistake.devices[0])
        if mistake.moves:
            move = mistake.moves[0]
            return min(self._of(move.at.device), self._of(move.held.device))
        return self._of(self._device[2 * mistake.links[0]])

    def _finding(self, mistake: Mistake) -> Finding:
        code, severity = CODES[mistake.kind]
        message, hint = getattr(self, f"_{mistake.kind.value}")(mistake)
        return Finding(code, severity, message, hint, at=self._place(mistake).path)

    def _missing(self, mistake: Mistake) -> tuple[str, str]:
        a, b = self._ends(mistake.links[0])
        return f"no cable between {a} and {b}", "plug it in; if it is there, look at transceivers and the port's state"

    def _wrong(self, mistake: Mistake) -> tuple[str, str]:
        (move,) = mistake.moves
        assert move.to is not None
        message = f"{self._spot(move.held)} goes to {self._spot(move.at)}, instead of {self._end(move.to)}"
        if not move.at.known:
            message = f"{self._spot(move.held)} goes to {move.at.device}, which the design does not know, instead of "
            message += self._end(move.to)
            return message, "find out what it is: a machine with another name, or a cable to somewhere else"
        taken = f", which belongs to {self._end(move.at.end ^ 1)}" if move.at.end is not None else ""
        return f"{message}{taken}", f"move its end from {move.at.device} {_port(move.at)} to {self._short(move.to)}"

    def _stranger(self, mistake: Mistake) -> tuple[str, str]:
        device, stranger = mistake.devices
        ports = ", ".join(f"{move.held.device} {_port(move.held)}" for move in mistake.moves[:_LISTED])
        more = f" and {len(mistake.moves) - _LISTED} more" if len(mistake.moves) > _LISTED else ""
        message = (
            f"{len(mistake.moves)} cables go to {stranger}, which the design does not know, instead of {device} "
            f"({self._of(device)}): those at {ports}{more}"
        )
        return message, f"is {stranger} the machine that should be {device}? Then its name or its GUIDs are wrong"

    def _exchanged(self, mistake: Mistake) -> tuple[str, str]:
        moves = mistake.moves
        listed = "; ".join(self._told(move) for move in moves)
        if len(moves) == 2:
            first, second = (f"{move.at.device} {_port(move.at)}" for move in moves)
            return f"two cables are exchanged: {listed}", f"swap the plugs at {first} and {second}"
        return f"{len(moves)} cables are in each other's ports: {listed}", "move each to where it belongs"

    def _parallel(self, mistake: Mistake) -> tuple[str, str]:
        message, hint = self._exchanged(mistake)
        return f"{message} (between the same two switches: traffic takes either)", hint

    def _rails(self, mistake: Mistake) -> tuple[str, str]:
        (node,) = mistake.devices
        moves = sorted(mistake.moves, key=lambda move: move.held.end or 0)
        listed = "; ".join(f"{_port(move.held)} is at {self._spot(move.at)}" for move in moves[:_LISTED])
        belongs = ", ".join(f"{_port(move.held)} at {self._short(move.to)}" for move in moves[:_LISTED] if move.to)
        more = f"; and {len(moves) - _LISTED} more" if len(moves) > _LISTED else ""
        message = f"{node} ({self._of(node)}): {len(moves)} of its cables are in each other's ports: {listed}{more}"
        return message, f"they belong: {belongs}{more}"

    def _devices(self, mistake: Mistake) -> tuple[str, str]:
        one, other = mistake.devices
        message = (
            f"{one} ({self._of(one)}) and {other} ({self._of(other)}) are in each other's place: "
            f"all {len(mistake.moves)} cables of both lead to what the other's should, port by port"
        )
        return message, "exchange their names or GUIDs if those are mixed up; else the machines, or all their cables"

    def _silent(self, mistake: Mistake) -> tuple[str, str]:
        (device,) = mistake.devices
        message = f"nothing is seen of {device} ({self._of(device)}): none of its {len(mistake.links)} cables"
        return message, "is it on, is it called so, and does it speak (LLDP, or a subnet manager that reaches it)?"

    def _extra(self, mistake: Mistake) -> tuple[str, str]:
        (move,) = mistake.moves
        message = f"a cable that the design does not have: from {self._spot(move.held)} to {self._spot(move.at)}"
        return message, "take it out, or put it into the site file"

    def _slow(self, mistake: Mistake) -> tuple[str, str]:
        (device,) = mistake.devices
        links = mistake.links
        designed = self._gbps[2 * links[0]]
        ports = ", ".join(self._name[2 * link + 1] for link in links[:_LISTED])
        more = f" and {len(links) - _LISTED} more" if len(links) > _LISTED else ""
        cables = "1 cable runs" if len(links) == 1 else f"{len(links)} cables run"
        message = (
            f"{device} ({self._of(device)}): {cables} at {mistake.gbps:g} Gb/s instead of {designed:g}: {ports}{more}"
        )
        return message, "look at transceivers, cables and settings of speed and lanes at both ends"

    def _unseen(self, mistake: Mistake) -> tuple[str, str]:
        (count,) = mistake.links
        message = f"fabric {mistake.fabric}: {count:,} cables were not looked at, as neither end's output was given"
        return message, "give the output of the devices at one end of them"

    def _contradiction(self, mistake: Mistake) -> tuple[str, str]:
        (move,) = mistake.moves
        message = (
            f"one device tells of a cable between {self._spot(move.held)} and {self._spot(move.at)}, "
            "another that one of these ports is as designed"
        )
        return message, "collect all outputs again, at one time: neighbours are remembered for two minutes"

    def _told(self, move: Move) -> str:
        assert move.to is not None
        return f"{self._spot(move.held)} goes to {self._spot(move.at)}, instead of {self._short(move.to)}"

    def _ends(self, link: int) -> tuple[str, str]:
        return self._end(2 * link), self._end(2 * link + 1)

    def _end(self, end: int) -> str:
        return f"{self._short(end)} ({self._of(self._device[end])})"

    def _short(self, end: int) -> str:
        return f"{self._device[end]} {self._name[end]}"

    def _spot(self, spot: Spot) -> str:
        where = f" ({self._of(spot.device)})" if spot.known else " (unknown)"
        return f"{spot.device} {_port(spot)}{where}"

    def _of(self, device: str) -> Standing:
        return self._places.get(device, NOWHERE)


def _port(spot: Spot) -> str:
    if spot.port is None:
        return "at a port that it does not name"
    return spot.port if spot.end is not None or not spot.port.isdigit() else f"port {spot.port}"
