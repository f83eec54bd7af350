"""Reads JSON objects that have most members in common with others: each distinct text of a member is parsed once.

The result is what `json.loads` gives: where every piece between two commas is a sound member by itself, so are all in a
row. A text that is not printed like that, or not sound, is read as a whole.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_BEGINNING: Final = '{\n  "'
_END: Final = "\n}\n"
_BETWEEN: Final = ',\n  "'
"""No JSON string holds a line break, so that this stands between members alone, be they of the object or deeper."""
_REMEMBERED_COUNT: Final = 64
"""Several classes of switches follow each other by name, each with a dozen members in common."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A member of an object, known by identity: equal texts of many files are one member. Its value stays as it is."""

    name: str
    value: Any


def read_members(text: str) -> tuple[Member, ...] | None:
    """The members of the object that a text is, each name once; None: it is no object.

    Raises ValueError where it is no JSON, or one printed as ours has a name twice.
    """
    found = _pieces(text)
    if found is None:
        value = json.loads(text)
        return tuple(Member(*item) for item in value.items()) if isinstance(value, dict) else None
    return found


def _pieces(text: str) -> tuple[Member, ...] | None:
    """None: the text is printed otherwise, or wrong."""
    if not (text.startswith(_BEGINNING) and text.endswith(_END)):
        return None
    pieces = text[len(_BEGINNING) : -len(_END)].split(_BETWEEN)
    members = tuple(member for piece in pieces if (member := _member(piece)) is not None)
    if len(members) < len(pieces):
        return None
    twice = [name for name, count in Counter(member.name for member in members).items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0]} stands twice")
    return members


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _member(piece: str) -> Member | None:
    """What a piece of text says behind its first quotation mark; None: it is not exactly one member."""
    try:
        value = json.loads(f'{{"{piece}}}')
    except ValueError:
        return None
    return Member(*value.popitem()) if len(value) == 1 else None
