"""Holds a configuration of tables, rows and fields against a strict description of them, references included.

The description is data beside the templates of an operating system (`tables.yaml`, which explains itself); what it does
not name is an error, as the operating system would pass over it in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

Tables = Mapping[str, Mapping[str, Mapping[str, str]]]
_REMEMBERED_COUNT: Final = 10_000
Test = Callable[[str, Tables], str | None]
"""What is wrong with a value, in words; None: nothing."""


@dataclass(frozen=True, slots=True)
class Table:
    """What one table may hold."""

    shapes: Mapping[int, tuple[Test, ...]]
    """Tests of the parts of a key, by their number."""
    fields: Mapping[str, Test]
    needed: frozenset[str]
    entries: tuple[Test, Test] | None
    """Tests of name and value where field names are data."""


@lru_cache(maxsize=8)
def table_model(path: Path) -> Mapping[str, Table]:
    """The tables that a description allows."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    tests = _Tests(text["types"])
    return {name: _table(rules, tests) for name, rules in text["tables"].items()}


def table_problems(config: Mapping[str, Any], model: Mapping[str, Table]) -> Iterator[str]:
    """All that is wrong with a configuration, each with its table, key and field."""
    for name, rows in config.items():
        table = model.get(name)
        if table is None:
            yield f"{name}: no such table"
        elif not isinstance(rows, Mapping):
            yield f"{name}: rows expected"
        else:
            yield from (f"{name}|{problem}" for problem in _rows_problems(rows, table, config))


def _rows_problems(rows: Mapping[str, Any], table: Table, config: Tables) -> Iterator[str]:
    # Most rows say what others say, for another port: their parts and fields are looked at once.
    sound_parts: set[tuple[Test, str]] = set()
    sound_fields: set[tuple[Any, ...]] = set()
    least = min(table.shapes)
    for key, row in rows.items():
        parts = key.split("|")
        length = len(parts)
        tests = table.shapes.get(length)
        if tests is None:
            yield f"{key}: a key of other parts expected"
            continue
        for part in zip(tests, parts, strict=True):
            if part not in sound_parts:
                problem = part[0](part[1], config)
                if problem is None:
                    sound_parts.add(part)
                else:
                    yield f"{key}: {problem}"
        if not isinstance(row, dict) or list in map(type, row.values()) or dict in map(type, row.values()):
            yield f"{key}: fields of text expected"
            continue
        fields = (length, *row.items())
        if fields in sound_fields:
            continue
        if not all(isinstance(value, str) for value in row.values()):
            yield f"{key}: fields of text expected"
            continue
        # A row with an address only says that it belongs to the row above it.
        found = list(_field_problems(row, table, table.needed if length == least else frozenset(), config))
        yield from (f"{key}: {problem}" for problem in found)
        if not found:
            sound_fields.add(fields)


def _field_problems(row: Mapping[str, str], table: Table, needed: frozenset[str], config: Tables) -> Iterator[str]:
    for field, value in row.items():
        if table.entries:
            for text, entry in zip((field, value), table.entries, strict=True):
                if problem := entry(text, config):
                    yield f"{field}: {problem}"
        elif field not in table.fields:
            yield f"{field}: no such field"
        elif problem := table.fields[field](value, config):
            yield f"{field}: {problem}"
    yield from (f"{field}: missing" for field in sorted(needed - row.keys()))


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
    """Makes tests from rules: `row TABLE`, `rows TABLE`, the name of a type, or an expression."""

    def __init__(self, types: Mapping[str, Any]) -> None:
        self.types = types

    def of(self, rule: str) -> Test:
        kind, _, table = rule.partition(" ")
        if kind == "row":
            return _row_test(table)
        if kind == "rows":
            one = _row_test(table)
            return lambda value, config: next(filter(None, (one(part, config) for part in value.split(","))), None)
        named = self.types.get(rule, rule)
        return _range_test(named["from"], named["to"]) if isinstance(named, Mapping) else _pattern_test(named)


def _remembered(test: Test) -> Test:
    """The same test, which knows values that were sound before: thousands of rows say the same."""
    sound: set[str] = set()

    def known(value: str, config: Tables) -> str | None:
        if value in sound:
            return None
        problem = test(value, config)
        if problem is None and len(sound) < _REMEMBERED_COUNT:
            sound.add(value)
        return problem

    return known


def _row_test(rule: str) -> Test:
    table, _, word = rule.partition("|")

    def test(value: str, config: Tables) -> str | None:
        if (word and value == word) or ("|" not in value and value in config.get(table, {})):
            return None
        return f"no {value} in {table}"

    return test


def _range_test(least: int, most: int) -> Test:
    @_remembered
    def test(value: str, config: Tables) -> str | None:
        if re.fullmatch(r"-?\d{1,20}", value) and least <= int(value) <= most:
            return None
        return f"{value} is no whole number of {least} to {most}"

    return test


def _pattern_test(pattern: str) -> Test:
    compiled = re.compile(pattern)

    @_remembered
    def test(value: str, config: Tables) -> str | None:
        return None if compiled.fullmatch(value) else f"{value!r} does not fit {pattern}"

    return test
