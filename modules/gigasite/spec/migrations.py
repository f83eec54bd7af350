"""Versions of the site file: older ones are read as they are, and rewritten where their owner asks for it.

A migration leads from one version to the next. It renames keys, and writes down the defaults of its own time that
the next version changed, so that no site changes because Gigasite did. A file without `schema_version` is of version 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from gigasite.errors import Finding, Place, Severity
from gigasite.spec.yamlmarks import Marked, Scalar, parse

VERSION_KEY: Final = "schema_version"
FIRST_VERSION: Final = 1
UNKNOWN_VERSION: Final = "SPC106"
_NOTHING = re.compile(r"null|Null|NULL|~")
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_STEP = re.compile(r"([^.\[\]]+)(\[\])?")


@dataclass(frozen=True, slots=True)
class Renamed:
    """A key with another name. `path` is as in `pools[].nodes`: every item of a list; `*` is every key of a map."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a key meant where a file did not give it, written into files that lack it."""

    path: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Migration:
    """From version `to - 1` to version `to`."""

    to: int
    changes: tuple[Renamed | Kept, ...]


MIGRATIONS: Final[tuple[Migration, ...]] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that are read: from the first one to that which the last migration leads to."""

    migrations: tuple[Migration, ...] = MIGRATIONS

    @property
    def current(self) -> int:
        """The version that files are written in."""
        return self.migrations[-1].to if self.migrations else FIRST_VERSION

    def fault_of(self, root: Marked) -> Finding | None:
        """What is wrong with a file's version; None where it can be read, or is no number at all."""
        given = root.child(VERSION_KEY)
        if given is None or not isinstance(given.value, int) or FIRST_VERSION <= given.value <= self.current:
            return None
        known = f"{FIRST_VERSION} to {self.current}" if self.current > FIRST_VERSION else str(FIRST_VERSION)
        newer = given.value > self.current
        return Finding(
            UNKNOWN_VERSION,
            Severity.ERROR,
            f"this file is of version {given.value}, and this Gigasite reads {known}",
            "install the Gigasite that wrote it, or a later one" if newer else f"versions begin at {FIRST_VERSION}",
            VERSION_KEY,
            given.place,
        )

    def is_old(self, root: Marked) -> bool:
        """Whether a file can be rewritten in a later version."""
        return bool(self._ahead(root))

    def understood(self, root: Marked) -> Marked:
        """The file as the current version would say it; places stay those of the file."""
        ahead = self._ahead(root)
        for migration in ahead:
            for change in migration.changes:
                if isinstance(change, Renamed):
                    root = _renamed(root, _steps(change.path), change.to)
                else:
                    root = _kept(root, _steps(change.path), change.value)
        return _with(root, VERSION_KEY, self.current) if ahead else root

    def rewritten(self, text: str, name: str) -> str:
        """A file's text in the current version. Only lines of what changed change; comments stay."""
        root = parse(text.encode(), name).root
        ahead = self._ahead(root)
        if not ahead:
            return text
        for change in (change for migration in ahead for change in migration.changes):
            text = _edited(text, _edits(change, parse(text.encode(), name).root, text))
        root = parse(text.encode(), name).root
        given = root.child(VERSION_KEY)
        if given is not None:
            return _edited(text, (_Edit(given.place, len(str(given.value)), str(self.current)),))
        return _edited(text, _addition(root, VERSION_KEY, str(self.current)))

    def _ahead(self, root: Marked) -> tuple[Migration, ...]:
        given = root.child(VERSION_KEY)
        version = given.value if given is not None and isinstance(given.value, int) else FIRST_VERSION
        return tuple(migration for migration in self.migrations if migration.to > version)


def _steps(path: str) -> tuple[str, ...]:
    """`pools[].nodes` as `pools`, `[]`, `nodes`."""
    return tuple(part for match in _STEP.finditer(path) for part in match.groups() if part)


def _renamed(here: Marked, steps: Sequence[str], to: str) -> Marked:
    if len(steps) > 1:
        return _below(here, steps[0], lambda child: _renamed(child, steps[1:], to))
    if not isinstance(here.value, dict) or steps[0] not in here.value:
        return here
    names = {steps[0]: to}
    keys = {names.get(key, key): place for key, place in (here.keys or {}).items()}
    return replace(here, value={names.get(key, key): item for key, item in here.value.items()}, keys=keys)


def _kept(here: Marked, steps: Sequence[str], value: Scalar) -> Marked:
    if len(steps) > 1:
        if isinstance(here.value, dict) and steps[0] not in ("[]", "*") and here.child(steps[0]) is None:
            here = _with(here, steps[0], None)
        return _below(here, steps[0], lambda child: _kept(_as_section(child), steps[1:], value))
    return here if here.child(steps[0]) is not None else _with(here, steps[0], value)


def _as_section(marked: Marked) -> Marked:
    return replace(marked, value={}, keys={}) if marked.value is None else marked


def _with(here: Marked, key: str, value: Scalar) -> Marked:
    """A mapping with one more key, which stands where the mapping begins, or with another value of it."""
    if not isinstance(here.value, dict):
        return here
    known = here.value.get(key)
    place = known.place if known else here.place
    keys = {**(here.keys or {})}
    keys.setdefault(key, place)
    return replace(here, value={**here.value, key: Marked(value, place)}, keys=keys)


def _below(here: Marked, step: str, change: Callable[[Marked], Marked]) -> Marked:
    if isinstance(here.value, list) and step == "[]":
        return replace(here, value=[change(item) for item in here.value])
    if not isinstance(here.value, dict):
        return here
    named = here.value if step == "*" else {step}
    return replace(here, value={key: change(item) if key in named else item for key, item in here.value.items()})


@dataclass(frozen=True, slots=True)
class _Edit:
    """`length` characters at a place give way to `text`."""

    place: Place
    length: int
    text: str


def _edits(change: Renamed | Kept, root: Marked, text: str) -> Iterator[_Edit]:
    """What a change comes to in a file."""
    steps = _steps(change.path)
    for mapping in _mappings(root, steps[:-1]):
        assert isinstance(mapping.value, dict)
        if isinstance(change, Renamed):
            if steps[-1] in mapping.value and mapping.keys:
                yield _Edit(mapping.keys[steps[-1]], len(steps[-1]), change.to)
        elif steps[-1] not in mapping.value:
            yield from _addition(mapping, steps[-1], _yaml(change.value))
    if isinstance(change, Kept):
        yield from _new_section(root, steps, _yaml(change.value), text)


def _mappings(here: Marked, steps: Sequence[str]) -> Iterator[Marked]:
    """The mappings that a path leads to, as far as the file has them."""
    if not steps:
        if isinstance(here.value, dict):
            yield here
        return
    for step, child in here.children():
        if steps[0] in ("[]", "*") or step == steps[0]:
            yield from _mappings(child, steps[1:])


def _addition(mapping: Marked, key: str, said: str) -> Iterator[_Edit]:
    """A key in front of the others of a section that the file has; on its own line where they are."""
    if not mapping.keys:
        if mapping.value == {}:  # written as {}
            place = replace(mapping.place, column=mapping.place.column + 1)
            yield _Edit(place, 0, f"{key}: {said}")
        return
    first = min(mapping.keys.values(), key=lambda place: (place.line, place.column))
    is_flow = (mapping.place.line, mapping.place.column) != (first.line, first.column)
    ending = ", " if is_flow else "\n" + " " * (first.column - 1)
    yield _Edit(first, 0, f"{key}: {said}{ending}")


def _new_section(root: Marked, steps: Sequence[str], said: str, text: str) -> Iterator[_Edit]:
    """A key in sections that the file does not have at all, or left empty."""
    here, depth = root, 0
    while depth < len(steps) - 1 and steps[depth] not in ("[]", "*"):
        child = here.child(steps[depth])
        if child is None or child.value is None:
            break
        here, depth = child, depth + 1
    if depth == len(steps) - 1 or steps[depth] in ("[]", "*"):
        return
    for step in reversed(steps[depth + 1 :]):
        said = f"{{{step}: {said}}}"
    empty = here.child(steps[depth])
    if empty is None:
        yield from _addition(here, steps[depth], said)
    elif here.keys:
        word = _NOTHING.match(text, _offset(text, empty.place))
        if word:
            yield _Edit(empty.place, len(word[0]), said)
        else:  # nothing stands behind the colon
            key = here.keys[steps[depth]]
            colon = text.index(":", _offset(text, key) + len(steps[depth]))
            behind = replace(key, column=key.column + colon + 1 - _offset(text, key))
            yield _Edit(behind, 0, f" {said}")


def _yaml(value: Scalar) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z][\w-]*", value):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def _edited(text: str, made: Iterable[_Edit]) -> str:
    """The text with all edits; of two at one place the first one comes first. Keys may stand in quotes."""
    edits = list(made)
    order = sorted(range(len(edits)), key=lambda at: (edits[at].place.line, edits[at].place.column, at), reverse=True)
    for at in order:
        edit = edits[at]
        start = _offset(text, edit.place)
        start += edit.length > 0 and text[start] in "'\""
        text = text[:start] + edit.text + text[start + edit.length :]
    return text


def _offset(text: str, place: Place) -> int:
    """Where a place is in a text; lines end as YAML has them."""
    start = 0
    for match in islice(_LINE_END.finditer(text), place.line - 1):
        start = match.end()
    return start + place.column - 1
