"""Reads a YAML file into plain values that know their place, taking only what data needs.

One document of mappings with text keys, sequences, text, numbers, true, false and null, as YAML 1.2 reads
them: `yes`, `1:30`, `010` and `2027-03` are text. Tags, anchors and aliases, repeated keys, second documents
and deep nesting are refused, so that no file can expand, construct objects or say two things at once.
"""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from gigasite.errors import Finding, FindingsError, Place, Severity

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 20
MAX_VALUE_COUNT: Final = 50_000
MAX_FAULT_COUNT: Final = 50

UNREADABLE_FILE: Final = "SPC100"
YAML_FAULT: Final = "SPC105"

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,39})")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,4})?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_WORDS: Final[Mapping[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

Path_: TypeAlias = tuple[str | int, ...]
Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A value and where it begins; `keys` are the places of a mapping's keys."""

    value: Scalar | list[Marked] | dict[str, Marked]
    place: Place
    keys: Mapping[str, Place] | None = None

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value

    def child(self, step: str | int) -> Marked | None:
        """A mapping's value or a sequence's item; None where there is none."""
        if isinstance(self.value, dict):
            return self.value.get(step) if isinstance(step, str) else None
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step]
        return None

    def children(self) -> tuple[tuple[str | int, Marked], ...]:
        """What lies directly below, each with its key or index."""
        if isinstance(self.value, dict):
            return tuple(self.value.items())
        return tuple(enumerate(self.value)) if isinstance(self.value, list) else ()

    def place_of_child(self, step: str | int, *, of_key: bool = False) -> Place:
        """Where a part stands: a scalar itself, a section at its key. Raises KeyError."""
        child = self.child(step)
        if child is None:
            raise KeyError(step)
        if isinstance(step, str) and self.keys and (of_key or isinstance(child.value, list | dict)):
            return self.keys[step]
        return child.place


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the file must not hold, and the path of the value that it spoils."""

    finding: Finding
    path: Path_


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says. `faults` did not keep the reader from going on; what they spoil may be null."""

    root: Marked
    faults: tuple[Fault, ...]


class Stop(Exception):  # noqa: N818  (ends the reading; becomes a finding)
    """The file cannot be read further than this."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def dotted(path: Path_) -> str:
    """A path as people write it: `pools[0].system`; keys that are no plain words are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{shown(step)}]"
    return text


def shown(value: object, limit: int = 60) -> str:
    """A value on one line, short, with every odd character escaped."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = value if isinstance(value, str) else str(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return repr(cut) if isinstance(value, str) else cut


def read_document(path: Path) -> Document:
    """The file's one document. Raises FindingsError where nothing of it can be used."""
    name = str(path)
    try:
        data = _read_bytes(path, name)
    except Stop as stop:
        raise FindingsError((stop.finding,)) from None
    return parse(data, name)


def parse(data: bytes, name: str) -> Document:
    """The one document in `data`, which messages call `name`.

    Raises FindingsError at the first fault that keeps the rest from being read, with the faults before it.
    """
    faults: list[Fault] = []
    try:
        text = _decoded(data, name)
        return Document(_Reader(name, yaml.parse(text, Loader=_LOADER), faults).document(), tuple(faults))
    except Stop as stop:
        last = stop.finding
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        problem = error.problem or error.context or "this is not YAML"
        last = _fault(place, f"not YAML from here on: {problem}", _syntax_hint(problem, text, place))
    except yaml.YAMLError:
        last = _fault(_odd_character(text, name), "a character that YAML does not allow", "remove it")
    raise FindingsError((*(fault.finding for fault in faults), last))


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = data.rfind(b"\n", 0, error.start) + 1
        place = Place(name, data.count(b"\n", 0, error.start) + 1, error.start - line_start + 1)
        raise Stop(_unreadable(place, "the file is not UTF-8", "save it as UTF-8")) from None
    if (position := text.find("\0")) >= 0:
        line = text.count("\n", 0, position) + 1
        place = Place(name, line, position - text.rfind("\n", 0, position))
        raise Stop(_unreadable(place, "the file holds a NUL character", "save it as plain text"))
    return text


def _read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a regular file; looks at its kind and size before it opens it."""
    place = Place(name)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Stop(_unreadable(place, "this is a directory", "give the site.yaml in it"))
        if not stat.S_ISREG(status.st_mode):
            raise Stop(_unreadable(place, "this is a pipe or a device, not a file", "give a site.yaml"))
        if status.st_size > MAX_BYTES:
            raise Stop(_too_large(place, status.st_size))
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Stop(_unreadable(place, "there is no such file", "`gigasite init` writes one")) from None
    except PermissionError:
        raise Stop(_unreadable(place, "you may not read this file", "give yourself the right")) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Stop(_unreadable(place, f"the file cannot be read: {reason}", "check the path")) from None
    if len(data) > MAX_BYTES:
        raise Stop(_too_large(place, len(data)))
    return data


class _Reader:
    """Builds marked values from the event stream, so that nothing is expanded before it is looked at."""

    def __init__(self, name: str, events: Iterator[Any], faults: list[Fault]) -> None:
        self.faults = faults
        self._name = name
        self._events = events
        self._value_count = 0

    def document(self) -> Marked:
        event = next(self._events)
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            place = Place(self._name, 1, 1)
            raise Stop(_fault(place, "the file is empty", "a site has at least a name and one pool"))
        root = self._node(event, ())
        next(self._events)
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._note(self._place(event), (), "a second document begins here", "write one site a file")
        return root

    def _place(self, event: Any) -> Place:
        return Place(self._name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _note(self, place: Place, path: Path_, message: str, hint: str) -> None:
        self.faults.append(Fault(_fault(place, message, hint, dotted(path)), path))
        if len(self.faults) > MAX_FAULT_COUNT:
            raise Stop(_fault(place, "more faults than are worth listing", "mend the ones above first"))

    def _node(self, event: Any, path: Path_) -> Marked:
        place = self._place(event)
        self._value_count += 1
        if self._value_count > MAX_VALUE_COUNT:
            hint = "identical halls are written once, with a count"
            raise Stop(_fault(place, f"more than {MAX_VALUE_COUNT} values", hint))
        if len(path) > MAX_DEPTH:
            raise Stop(_fault(place, f"nested deeper than {MAX_DEPTH} levels", "no setting lies that deep"))
        if isinstance(event, yaml.AliasEvent):
            self._note(place, path, f"the alias *{_cut(event.anchor)} is not allowed", "write the value out")
            return Marked(None, place)
        if event.anchor:
            message = f"the anchor &{_cut(event.anchor)} is not allowed"
            self._note(place, path, message, "remove it; write each value out")
        if event.tag is not None and event.tag != "!":
            self._note(place, path, f"the tag {shown(event.tag)} is not allowed", "write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            return Marked(self._scalar(event, place, path), place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Marked(self._items(path), place)
        return self._mapping(place, path)

    def _items(self, path: Path_) -> list[Marked]:
        items: list[Marked] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _mapping(self, place: Place, path: Path_) -> Marked:
        items: dict[str, Marked] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            marked_key = self._node(event, (*path, "?"))
            if not isinstance(event, yaml.ScalarEvent):
                self._note(marked_key.place, path, "a key must be a word", "write `key: value`")
                self._node(next(self._events), (*path, "?"))
                continue
            key: str = event.value
            if key == "<<" and not event.style:
                self._note(marked_key.place, path, "the merge key << is not allowed", "write the values out")
                self._node(next(self._events), (*path, "?"))
                continue
            value = self._node(next(self._events), (*path, key))
            if key in keys:
                first = f"the first is in line {keys[key].line}; keep one of the two"
                self._note(marked_key.place, (*path, key), f"the key {shown(key)} is given twice", first)
                continue
            keys[key] = marked_key.place
            items[key] = value
        return Marked(items, place, keys)

    def _scalar(self, event: Any, place: Place, path: Path_) -> Scalar:
        text: str = event.value
        if event.style or event.tag is not None:  # a plain scalar has the style "" or None
            if any("\ud800" <= character <= "\udfff" for character in text):
                self._note(place, path, "a character that is half of a pair", "write the character itself")
                return None
            return text
        if text in _WORDS:
            return _WORDS[text]
        if len(text) <= 64 and text[0] in "+-.0123456789":
            if _INTEGER.fullmatch(text):
                return int(text)
            if _DECIMAL.fullmatch(text):
                number = float(text)
                if not math.isfinite(number):
                    self._note(place, path, f"{text} is too large a number", "check its digits")
                    return None
                return number
        return text


def _cut(name: str | None) -> str:
    return shown(name or "", 40).strip("'\"")


def _odd_character(text: str, name: str) -> Place:
    """Where the first character stands that is neither printable nor white space."""
    match = _CONTROL.search(text)
    if match is None:
        return Place(name)
    start = match.start()
    return Place(name, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))


def _syntax_hint(problem: str, text: str, place: Place) -> str:
    """What most often stands behind a syntax error."""
    lines = text.split("\n", place.line)
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    if "\t" in line[: max(place.column, 1)] or "\\t" in problem:
        return "indent with spaces, not tabs"
    if "mapping values" in problem:
        return "a text that holds a colon needs quotes; check the indentation of this line"
    if "expected" in problem and ("]" in problem or "}" in problem or "," in problem):
        return "a bracket or a comma is missing here or in the lines above"
    return "check indentation, quotes and brackets of this line and the one above"


def _fault(place: Place, message: str, hint: str, at: str = "") -> Finding:
    return Finding(YAML_FAULT, Severity.ERROR, message, hint, at, place)


def _unreadable(place: Place, message: str, hint: str) -> Finding:
    return Finding(UNREADABLE_FILE, Severity.ERROR, message, hint, "", place)


def _too_large(place: Place, size_bytes: int) -> Finding:
    size = f"{size_bytes / MAX_BYTES:.1f} MiB"
    message = f"the file has {size}; a site file has at most 1 MiB"
    return _unreadable(place, message, "is this the right file?")
