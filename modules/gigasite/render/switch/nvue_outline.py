"""Reads a startup.yaml of NVUE without parsing again what other switches have in common with it.

The outline of a file is its object with samples in place of descriptions and addresses of ports. It is sound where the
file is: only values that fit a pattern no wider than the schema's are replaced, by one that fits it too; others stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import yaml12

Node: TypeAlias = Mapping[str, Any]

_PLAIN: Final = r"[^\r\n|>'\"]*"
_REST: Final = rf"(?! ){_PLAIN}(?:'[^'\r\n]*'{_PLAIN})*"
"""What a line says, where it leaves no text open for the lines below it."""
_HEADER: Final = re.compile(rf"(?:#[^\r\n]*\n)?(- header:(?:\n    {_REST})+)")
_SECTION: Final = re.compile(r"    ([a-z]+):")
_ENTRY: Final = re.compile(rf"      {_REST}(?:\n       +{_REST})*")
_PIECES: Final = re.compile(r"\n(?= {4}(?: {2})?[^ ])")
"""Before each section, and each entry of one."""

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS: Final = rf"{_OCTET}(?:\.{_OCTET}){{3}}/(?:3[0-2]|[12]?\d)"
_ADDRESS_IPV6: Final = r"[0-9a-f:]+:[0-9a-f:]*/(?:12[0-8]|1[01]\d|\d{1,2})"
_SAMPLES: Final = {
    # Two words that begin with letters are a string to every reader of YAML.
    r"\n        description: [A-Za-z][\w./-]{1,120} [A-Za-z][\w./-]{1,120}(?=\n        [a-z])": (
        "\n        description: peer port"
    ),
    rf"\n        ipv4: \{{address: \{{{_ADDRESS}: \{{\}}\}}\}}(?=\n)": "\n        ipv4: {address: {192.0.2.1/32: {}}}",
    rf"\n        ipv6: \{{address: \{{'{_ADDRESS_IPV6}': \{{\}}\}}\}}(?=\n)": (
        "\n        ipv6: {address: {'2001:db8::/64': {}}}"
    ),
}
_VALUES: Final = tuple((re.compile(value, re.ASCII), sample) for value, sample in _SAMPLES.items())
_REMEMBERED_COUNT: Final = 2048
"""Ports of several classes of switches, and what is their own in between."""


def outline(text: str) -> list[Any] | None:
    """The object of a file, with samples; to be read, not changed. None: it is printed otherwise, or no YAML.

    Raises ValueError where a section or an entry stands twice, of which readers take the last without a word.
    """
    for value, sample in _VALUES:
        text = value.sub(sample, text)
    head, _, body = text.partition("\n- set:\n")
    header = _HEADER.fullmatch(head)
    first, *pieces = _PIECES.split(f"\n{body.removesuffix(chr(10))}")
    said = _parsed(header[1]) if header else None
    config = None if first else _config(pieces)
    return [*said, {"set": config}] if isinstance(said, list) and config is not None else None


def _config(pieces: list[str]) -> Node | None:
    """Sections of entries; None: something else."""
    config: dict[str, dict[str, Any]] = {}
    section: dict[str, Any] | None = None
    for piece in pieces:
        if piece[4] != " ":
            named = _SECTION.fullmatch(piece)
            if named is None:
                return None
            _once(named[1], config)
            section = config[named[1]] = {}
            continue
        entry = _entry(piece)
        if section is None or entry is None:
            return None
        _once(entry[0], section)
        section[entry[0]] = entry[1]
    return config


def _once(name: str, known: Node) -> None:
    if name in known:
        raise ValueError(f"{name} stands twice")


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _entry(piece: str) -> tuple[str, Any] | None:
    """A key and its value; None: the text is no more than that or less."""
    found = _parsed(piece) if _ENTRY.fullmatch(piece) else None
    return next(iter(found.items())) if isinstance(found, dict) and len(found) == 1 else None


@lru_cache(maxsize=8)
def _parsed(text: str) -> Any:
    """What a part of a file says; None: it is no YAML by itself."""
    try:
        return yaml12.parse_yaml(text)
    except ValueError:
        return None
