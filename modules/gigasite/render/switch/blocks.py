"""Networks as few blocks: thousands of them a fabric, so on whole numbers in place of objects."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Final

BITS: Final = {4: 32, 6: 128}
_FAMILIES: Final = {4: socket.AF_INET, 6: socket.AF_INET6}


def blocks(networks: Iterable[str], version: int) -> list[tuple[str, bool]]:
    """The fewest networks that cover the same addresses, in their order; whether each covers several that were given.

    Bits behind the length of a network are taken as nought.
    """
    bits = BITS[version]
    given = {_number(text, version) for text in networks}
    merged = _merged(given, bits)
    return [(_text(first, length, version), (first, length) not in given) for first, length in merged]


def _number(text: str, version: int) -> tuple[int, int]:
    address, _, length = text.partition("/")
    width = BITS[version] - int(length)
    number = int.from_bytes(socket.inet_pton(_FAMILIES[version], address), "big")
    return number >> width << width, int(length)


def _merged(networks: Iterable[tuple[int, int]], bits: int) -> list[tuple[int, int]]:
    """Pairs of halves become their whole, from the longest length up; then what lies in another goes."""
    by_length: dict[int, set[int]] = {}
    for first, length in networks:
        by_length.setdefault(length, set()).add(first)
    kept: list[tuple[int, int]] = []
    for length in range(bits, -1, -1):
        firsts = by_length.get(length, set())
        half = 1 << (bits - length)
        for first in firsts:
            if length and first ^ half in firsts:
                by_length.setdefault(length - 1, set()).add(first & ~half)
            else:
                kept.append((first, length))
    found: list[tuple[int, int]] = []
    end = -1
    for first, length in sorted(kept):
        if first > end:
            found.append((first, length))
            end = first + (1 << (bits - length)) - 1
    return found


def _text(first: int, length: int, version: int) -> str:
    address = ipaddress.IPv4Address(first) if version == 4 else ipaddress.IPv6Address(first)
    return f"{address}/{length}"
