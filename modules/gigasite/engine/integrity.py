"""What makes the rows of a state sound, by Pulumi's rules, and how an unsound one is put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from gigasite.engine.aliases import renamed_row
from gigasite.engine.state import PROVIDER_PREFIX, qualified_type, urn_in, urn_name

Row: TypeAlias = dict[str, Any]


def problems(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the rows of a state, in words; nothing where the CLI would take them."""
    return [*_of_single_rows(rows), *_of_order(rows), *_of_twins(rows)]


def _of_single_rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for at, row in enumerate(rows):
        for key in ("urn", "type"):
            if not row.get(key):
                yield f"the resource at {at} has no {key}"
        name = row.get("urn", at)
        if not row.get("custom") and row.get("id"):
            yield f"the component {name} has an id"
        if str(row.get("type", "")).startswith(PROVIDER_PREFIX) and not row.get("id"):
            yield f"the provider {name} has no id"


def _of_order(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    everywhere = {row.get("urn") for row in rows}
    providers: set[str] = set()
    before: set[str] = set()
    for row in rows:
        name = row.get("urn", "")
        if str(row.get("type", "")).startswith(PROVIDER_PREFIX):
            providers.add(f"{name}::{row.get('id', '')}")
        provider = row.get("provider")
        if provider and provider not in providers and not row.get("pendingReplacement"):
            yield f"{name} has the provider {provider}, which does not stand before it"
        for what, urn in _references(row):
            if urn not in before:
                yield f"{name} has the {what} {urn}, which {'comes after it' if urn in everywhere else 'is missing'}"
        before.add(name)


def _of_twins(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    live: set[str] = set()
    for row in rows:
        urn = row.get("urn", "")
        if not row.get("delete"):
            if urn in live:
                yield f"{urn} stands twice"
            live.add(urn)


def _references(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a row refers to, its provider left out, and as what."""
    if row.get("parent"):
        yield "parent", row["parent"]
    for urn in row.get("dependencies") or ():
        yield "dependency", urn
    for key, urns in (row.get("propertyDependencies") or {}).items():
        for urn in urns or ():
            yield f"dependency of {key}", urn
    if row.get("deletedWith"):
        yield "deletedWith", row["deletedWith"]
    for urn in row.get("replaceWith") or ():
        yield "replaceWith", urn


def without_dangling(rows: Iterable[Row]) -> list[Row]:
    """Rows without references to what is not there, as a refresh leaves them; names stay.

    A row stands after what it needs. Like the CLI this also drops the empty lists of `propertyDependencies`.
    """
    kept: list[Row] = []
    known: set[str] = set()
    for row in rows:
        kept.append(_only_with(row, known))
        known.add(row["urn"])
    return [row if row.get("parent", "") in known else _without(row, "parent") for row in kept]


def pruned(rows: Iterable[Row]) -> tuple[list[Row], list[str]]:
    """Rows without references to what is not there, and what was done to them.

    A resource whose parent is missing loses the parent's type from its URN, and so do those below it.
    """
    kept: list[Row] = []
    done: list[str] = []
    names: dict[str, str] = {}  # by the URN before
    for row in rows:
        cut = _only_with(row, set(names))
        if row.get("parent") and row["parent"] not in names:
            cut = _without(cut, "parent")
        fixed = renamed_row(cut, names)
        fixed["urn"] = _below(fixed)
        missing = sorted({urn for _, urn in _references(row) if urn not in names})
        if missing:
            done.append(f"{row['urn']} no longer refers to {', '.join(missing)}")
        if fixed["urn"] != row["urn"]:
            done.append(f"{row['urn']} is called {fixed['urn']}")
        names[row["urn"]] = fixed["urn"]
        kept.append(fixed)
    return kept, done


def _below(row: Mapping[str, Any]) -> str:
    """The URN of a row below the parent that it has."""
    urn = row["urn"]
    _, _, stack, rest = urn.split(":", 3)
    parent = row.get("parent")
    type_ = qualified_type(urn).rpartition("$")[2]
    return urn_in(stack, rest[1:].partition("::")[0], qualified_type(parent) if parent else "", type_, urn_name(urn))


def _only_with(row: Row, known: set[str]) -> Row:
    """A row that refers to `known` alone; parent and provider are left as they are."""
    fixed = dict(row)
    for key in ("dependencies", "replaceWith"):
        if key in row:
            fixed[key] = [urn for urn in row[key] or () if urn in known]
    if "propertyDependencies" in row:
        found = {key: [urn for urn in urns or () if urn in known] for key, urns in row["propertyDependencies"].items()}
        fixed["propertyDependencies"] = {key: urns for key, urns in found.items() if urns}
    if row.get("deletedWith") and row["deletedWith"] not in known:
        del fixed["deletedWith"]
    for key in ("dependencies", "replaceWith", "propertyDependencies"):
        if key in fixed and not fixed[key]:
            del fixed[key]
    return fixed


def _without(row: Row, key: str) -> Row:
    return {name: value for name, value in row.items() if name != key}
