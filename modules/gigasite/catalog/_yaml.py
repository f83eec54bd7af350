"""Reads a catalog file into values that know their line: YAML without tags, anchors and repeated keys.

Catalog files may come from anywhere (a site's overlay), so the reader takes only what data needs: mappings
with string keys, sequences, strings, whole and finite numbers, true, false and null. `yes` and `1:30` stay
the strings that they look like.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from gigasite.errors import Place

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 24
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?\d{1,30}\Z")
_DECIMAL = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d{1,4})?\Z")
_WORDS: Final = {"null": None, "~": None, "": None, "true": True, "false": False}

Scalar: TypeAlias = str | int | float | bool | None
Plain: TypeAlias = "Scalar | list[Plain] | dict[str, Plain]"


@dataclass(frozen=True, slots=True)
class Marked:
    """A value and where it stands; `keys` are the places of a mapping's keys."""

    value: Scalar | list[Marked] | dict[str, Marked]
    place: Place
    keys: dict[str, Place] | None = None

    def plain(self) -> Plain:
        """The value without places."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value

    def place_of(self, location: tuple[int | str, ...]) -> Place:
        """The place of the innermost part of a path that exists; a mapping's part is placed at its key."""
        here, place = self, self.place
        for step in location:
            if isinstance(here.value, dict) and isinstance(step, str) and step in here.value:
                place = (here.keys or {})[step]
                here = here.value[step]
            elif isinstance(here.value, list) and isinstance(step, int) and step < len(here.value):
                here = here.value[step]
                place = here.place
            else:
                break
        return place


class YamlFault(Exception):  # noqa: N818  (becomes a finding, never reaches a user)
    """The file is not what a catalog file may be."""

    def __init__(self, message: str, place: Place, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a regular file of at most `MAX_BYTES`; raises YamlFault."""
    if not path.is_file():
        raise YamlFault("this is not a file", Place(name), "a catalog folder holds one YAML file a product")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as fault:
        raise YamlFault(f"cannot be read: {fault.strerror}", Place(name)) from fault
    if len(data) > MAX_BYTES:
        raise YamlFault("the file is larger than 1 MiB", Place(name), "write one product a file")
    return data


def parse(data: bytes, name: str) -> Marked:
    """The one document of a file; raises YamlFault with the place of the first thing that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise YamlFault("the file is not UTF-8", Place(name, line), "save it as UTF-8") from fault
    try:
        return _Reader(name, yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        raise YamlFault(fault.problem or fault.context or "this is not YAML", place) from fault
    except yaml.YAMLError as fault:
        raise YamlFault("the file has a character that YAML does not allow", Place(name)) from fault


class _Reader:
    """Builds marked values from the event stream, so that nothing is expanded before it is looked at."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self._name = name
        self._events = events

    def document(self) -> Marked:
        event = self._next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise YamlFault("the file is empty", Place(self._name, 1, 1))
        marked = self._node(event, 0)
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise YamlFault("a second document begins here", self._place(event), "write one product a file")
        return marked

    def _next(self) -> Any:
        return next(self._events)

    def _place(self, event: Any) -> Place:
        return Place(self._name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Any, depth: int) -> Marked:
        place = self._place(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise YamlFault("anchors and aliases are not allowed", place, "write the value out")
        if event.tag is not None and event.tag != "!":
            raise YamlFault(f"the tag {event.tag!r} is not allowed", place, "write plain values")
        if depth > MAX_DEPTH:
            raise YamlFault("the values are nested too deeply", place)
        if isinstance(event, yaml.ScalarEvent):
            return Marked(self._scalar(event, place), place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Marked(self._items(depth), place)
        return self._mapping(place, depth)

    def _items(self, depth: int) -> list[Marked]:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _mapping(self, place: Place, depth: int) -> Marked:
        items: dict[str, Marked] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if isinstance(key.value, list | dict) or key.value is None:
                raise YamlFault("a key must be a name", key.place)
            name = str(event.value)
            if name in items:
                first = keys[name].line
                raise YamlFault(f"{name!r} is given twice", key.place, f"the first is in line {first}")
            keys[name] = key.place
            items[name] = self._node(self._next(), depth + 1)
        return Marked(items, place, keys)

    def _scalar(self, event: Any, place: Place) -> Scalar:
        text: str = event.value
        if event.style:
            return text
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if _INTEGER.match(text):
            return int(text)
        if _DECIMAL.match(text):
            number = float(text)
            if not math.isfinite(number):
                raise YamlFault(f"{text} is too large a number", place)
            return number
        return text
