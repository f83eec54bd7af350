"""Holds a configuration of tables, rows and fields against a strict description of them, references included.

The description is data beside the templates of an operating system (`tables.yaml`, which explains itself); what it does
not name is an error, as the operating system would pass over it in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from gigasite.render.switch.members import Member

Tables: TypeAlias = Mapping[str, Mapping[str, Mapping[str, str]]]
Test: TypeAlias = Callable[[str], str | None]
"""What is wrong with a value, in words; None: nothing."""
_REMEMBERED_COUNT: Final = 10_000
_TABLE_COUNT: Final = 64
_TEXT_EXPECTED: Final = "fields of text expected"


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that is a key of one part in a table, or `word`; with `many`, several of them with commas between."""

    table: str
    word: str
    many: bool

    def keys(self, values: Collection[str]) -> Iterator[tuple[str, str]]:
        """Each value, and each key that it needs."""
        for value in values:
            for key in value.split(",") if self.many else (value,):
                if not self.word or key != self.word:
                    yield value, key


Rule: TypeAlias = Test | Reference


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What one table may hold."""

    shapes: Mapping[int, tuple[Rule, ...]]
    """Rules for the parts of a key, by their number."""
    fields: Mapping[str, Rule]
    needed: frozenset[str]
    entries: tuple[Rule, Rule] | None
    """Rules for name and value where field names are data."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One table by itself: what is wrong with it, and what it needs of others."""

    problems: tuple[str, ...]
    needs: Mapping[str, Mapping[str, str]]
    """By table: the keys that it must have, each with a place that names it."""


@lru_cache(maxsize=8)
def table_model(path: Path) -> Mapping[str, Table]:
    """The tables that a description allows."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    tests = _Tests(text["types"])
    return {name: _table(rules, tests) for name, rules in text["tables"].items()}


def table_problems(members: Sequence[Member], model: Mapping[str, Table]) -> Iterator[str]:
    """All that is wrong with a configuration, each with its table, key and field."""
    keys = {member.name: member.value.keys() for member in members if isinstance(member.value, dict)}
    for member in members:
        table = model.get(member.name)
        if table is None:
            yield f"{member.name}: no such table"
            continue
        examined = _examined(member, table)
        yield from (f"{member.name}{problem}" for problem in examined.problems)
        for wanted, places in examined.needs.items():
            for key in places.keys() - keys.get(wanted, frozenset()):
                yield f"{member.name}|{places[key]}: no {key} in {wanted}"


@lru_cache(maxsize=_TABLE_COUNT)
def _examined(member: Member, table: Table) -> Examined:
    """A table by itself, once for all switches that have it in common."""
    if not isinstance(member.value, dict):
        return Examined((": rows expected",), {})
    looking = _Looking(table, {})
    problems = tuple(f"|{problem}" for problem in looking.rows_problems(member.value))
    return Examined(problems, looking.needs)


class _Looking:
    """Goes through the rows of one table by column: thousands of rows say what others say, for another port."""

    def __init__(self, table: Table, needs: dict[str, dict[str, str]]) -> None:
        self.table, self.needs = table, needs

    def rows_problems(self, rows: Mapping[str, Any]) -> Iterator[str]:
        """Rows whose keys have as many parts, and which have the same fields, are looked at together."""
        alike: dict[tuple[Any, ...], list[str]] = {}
        for key, row in rows.items():
            if isinstance(row, dict):
                alike.setdefault((key.count("|") + 1, *row), []).append(key)
            else:
                yield f"{key}: {_TEXT_EXPECTED}"
        for (length, *fields), keys in alike.items():
            parts = self.table.shapes.get(length)
            if parts is None:
                yield from (f"{key}: a key of other parts expected" for key in keys)
                continue
            for rule, column in zip(parts, zip(*(key.split("|") for key in keys), strict=True), strict=True):
                yield from self._column_problems(rule, column, keys)
            # A row with an address only says that it belongs to the row above it.
            needed = self.table.needed if length == min(self.table.shapes) else frozenset()
            missing = sorted(needed.difference(fields))
            yield from (f"{key}: {field}: missing" for field in missing for key in keys)
            if fields:
                columns = zip(*(rows[key].values() for key in keys), strict=True)
                yield from self._fields_problems(fields, columns, keys)

    def _fields_problems(
        self, fields: Sequence[str], columns: Iterator[tuple[Any, ...]], keys: Sequence[str]
    ) -> Iterator[str]:
        for field, column in zip(fields, columns, strict=True):
            places = [f"{key}: {field}" for key in keys]
            if self.table.entries:
                name, value = self.table.entries
                yield from self._column_problems(name, (field,), places[:1])
                yield from self._column_problems(value, column, places)
            elif field in self.table.fields:
                yield from self._column_problems(self.table.fields[field], column, places)
            else:
                yield from (f"{place}: no such field" for place in places)

    def _column_problems(self, rule: Rule, column: Sequence[Any], places: Sequence[str]) -> Iterator[str]:
        """Each value once, and named wherever it stands if it is wrong; what it refers to goes to the needs."""
        if set(map(type, column)) != {str}:
            yield from (
                f"{place}: {_TEXT_EXPECTED}"
                for place, value in zip(places, column, strict=True)
                if type(value) is not str
            )
            return
        first = dict(zip(reversed(column), reversed(places), strict=True))
        if isinstance(rule, Reference):
            needs = self.needs.setdefault(rule.table, {})
            for value, key in rule.keys(first):
                if "|" in key:
                    yield f"{first[value]}: no {key} in {rule.table}"
                else:
                    needs.setdefault(key, first[value])
            return
        faults = {value: problem for value in first if (problem := rule(value)) is not None}
        if faults:
            yield from (
                f"{place}: {faults[value]}" for place, value in zip(places, column, strict=True) if value in faults
            )


def _table(rules: Mapping[str, Any], tests: _Tests) -> Table:
    keys = rules["keys"] if "keys" in rules else [rules["key"]]
    fields = rules.get("fields", {})
    entries = rules.get("entries")
    return Table(
        shapes={len(parts): tuple(tests.of(part) for part in parts) for parts in keys},
        fields={field: tests.of(rule.removesuffix("!")) for field, rule in fields.items()},
        needed=frozenset(field for field, rule in fields.items() if rule.endswith("!")),
        entries=(tests.of(entries[0]), tests.of(entries[1])) if entries else None,
    )


class _Tests:
    """Makes rules from their texts: `row TABLE`, `rows TABLE`, the name of a type, or an expression."""

    def __init__(self, types: Mapping[str, Any]) -> None:
        self.types = types

    def of(self, rule: str) -> Rule:
        kind, _, rest = rule.partition(" ")
        if kind in ("row", "rows"):
            table, _, word = rest.partition("|")
            return Reference(table, word, many=kind == "rows")
        named = self.types.get(rule, rule)
        return _range_test(named["from"], named["to"]) if isinstance(named, Mapping) else _pattern_test(named)


def _remembered(test: Test) -> Test:
    """The same test, which knows values that were sound before: thousands of rows say the same."""
    sound: set[str] = set()

    def known(value: str) -> str | None:
        if value in sound:
            return None
        problem = test(value)
        if problem is None and len(sound) < _REMEMBERED_COUNT:
            sound.add(value)
        return problem

    return known


def _range_test(least: int, most: int) -> Test:
    @_remembered
    def test(value: str) -> str | None:
        if re.fullmatch(r"-?\d{1,20}", value) and least <= int(value) <= most:
            return None
        return f"{value} is no whole number of {least} to {most}"

    return test


def _pattern_test(pattern: str) -> Test:
    compiled = re.compile(pattern)

    def test(value: str) -> str | None:
        return None if compiled.fullmatch(value) else f"{value!r} does not fit {pattern}"

    return test
