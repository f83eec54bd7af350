"""Holds a configuration of indented command lines against a strict description of them, references included.

The description is data beside the templates of an operating system (`lines.yaml`, which explains itself); a line that
it does not allow where it stands is an error, and so is a name that nothing defines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_PLACE = re.compile(r"\{([+@]?)([a-z0-9-]+)(?::([a-z0-9-]+))?\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that may stand somewhere; `names` are the kinds of its groups, `+` defines one, `@` refers to one."""

    pattern: str
    names: tuple[tuple[str, str], ...]
    below: LineModel | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The lines that begin with one word, as one expression: an alternative a rule."""

    pattern: re.Pattern[str]
    rules: Mapping[str, tuple[Rule, int]]
    """By the name of the alternative: its rule, and the number of the group before its own."""


@dataclass(frozen=True, slots=True)
class LineModel:
    """The lines that may stand in one block, by their first word."""

    choices: Mapping[str, Choice]


@lru_cache(maxsize=8)
def line_model(path: Path) -> LineModel:
    """The lines that a description allows."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _model(text["lines"], text["types"])


def line_problems(text: str, model: LineModel, comment: str = "!") -> Iterator[str]:
    """All that is wrong with a configuration, each with its line; comments and empty lines are left out."""
    defined: dict[tuple[str, str], int] = {}
    used: list[tuple[str, str, int]] = []
    yield from _walk(text, model, comment, defined, used)
    for kind, name, number in used:
        if (kind, name) not in defined:
            yield f"line {number}: no {kind} {name}"


def _walk(
    text: str,
    model: LineModel,
    comment: str,
    defined: dict[tuple[str, str], int],
    used: list[tuple[str, str, int]],
) -> Iterator[str]:
    """What stands deeper than the line before is its block; the open blocks are a stack, None: not looked at."""
    blocks: list[tuple[int, LineModel | None]] = [(0, model)]
    number, depth, said, below, sound = 0, 0, "the beginning", None, True
    for number_now, depth_now, said_now in _rows(text, comment):
        if depth_now > depth:
            if below is None and sound:
                yield f"line {number}: {said!r} opens no block"
            blocks.append((depth_now, below))
        while depth_now < blocks[-1][0]:
            blocks.pop()
        number, depth, said = number_now, depth_now, said_now
        here = blocks[-1][1]
        found = _match(said, here) if here else None
        sound = found is not None
        if found is None:
            below = None
            if here:
                yield f"line {number}: {said!r} may not stand here"
            continue
        rule, names = found
        below = rule.below
        for (mark, kind), name in zip(rule.names, names, strict=True):
            if mark == "@":
                used.append((kind, name, number))
            elif (kind, name) in defined:
                yield f"line {number}: {kind} {name} stands in line {defined[kind, name]} already"
            else:
                defined[kind, name] = number


def _rows(text: str, comment: str) -> list[tuple[int, int, str]]:
    """Number, depth and words of each line that says something."""
    return [
        (number, len(line) - len(bare), bare.rstrip())
        for number, line in enumerate(text.splitlines(), 1)
        if (bare := line.lstrip()) and not bare.startswith(comment)
    ]


def _match(text: str, model: LineModel) -> tuple[Rule, tuple[str, ...]] | None:
    """The first rule that a line keeps, and the names in it."""
    choice = model.choices.get(text.split(" ", 1)[0])
    match = choice.pattern.fullmatch(text) if choice else None
    if choice is None or match is None or match.lastgroup is None:
        return None
    rule, before = choice.rules[match.lastgroup]
    return rule, match.groups()[before : before + len(rule.names)]


def _model(rules: Sequence[Any], types: Mapping[str, str]) -> LineModel:
    by_word: dict[str, list[Rule]] = {}
    for entry in rules:
        text, below = next(iter(entry.items())) if isinstance(entry, Mapping) else (entry, None)
        made = _rule(text, types, None if below is None else _model(below, types))
        by_word.setdefault(text.split(" ", 1)[0], []).append(made)
    return LineModel({word: _choice(found) for word, found in by_word.items()})


def _choice(rules: Sequence[Rule]) -> Choice:
    by_name, patterns, before = {}, [], 0
    for number, rule in enumerate(rules):
        name = f"rule{number}"
        before += 1
        by_name[name] = (rule, before)
        patterns.append(f"(?P<{name}>{rule.pattern})")
        before += len(rule.names)
    return Choice(re.compile("|".join(patterns)), by_name)


def _rule(text: str, types: Mapping[str, str], below: LineModel | None) -> Rule:
    """`{type}` is of a type; `{+kind}` defines a name, `{@kind}` refers to one; `{+kind:type}` says its type."""
    names: list[tuple[str, str]] = []

    def group(place: re.Match[str]) -> str:
        mark, kind, named = place.groups()
        if not mark:
            return f"(?:{types[kind]})"
        names.append((mark, kind))
        return f"({types[named or kind]})"

    pattern, end = "", 0
    for place in _PLACE.finditer(text):
        pattern += re.escape(text[end : place.start()]) + group(place)
        end = place.end()
    return Rule(pattern + re.escape(text[end:]), tuple(names), below)
