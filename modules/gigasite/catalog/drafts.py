"""One catalog file becomes a draft: values with their sources, before they are laid over each other.

A draft is checked for its own form only (groups, sources, known fields, nothing stated twice); the values
are checked when the product is built, because an overlay may supply what a file leaves out.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from gigasite.catalog.kinds import MODELS, fact_fields
from gigasite.catalog.models import Confidence, Source
from gigasite.errors import Finding, FindingsError, Place, Severity
from gigasite.spec.yamlmarks import Marked, Stop, parse

CODE: Final = "SPC190"
_M = TypeVar("_M", bound=BaseModel)
_TOP_KEYS: Final = ("kind", "key", "title", "aliases", "facts", "assumptions")


@dataclass(frozen=True, slots=True)
class Stated:
    """A value as a file states it, and where that value is from."""

    value: Marked
    key_place: Place
    source: Source


@dataclass(frozen=True, slots=True)
class Draft:
    """What one file says about a product; `title` is None where the file only adds to a known product."""

    kind: str
    key: str
    title: str | None
    aliases: tuple[str, ...]
    facts: dict[str, Stated]
    place: Place


@dataclass(slots=True)
class Findings:
    """Collects what is wrong, so that all of it is said at once."""

    found: list[Finding] = field(default_factory=list)

    def error(self, place: Place, message: str, hint: str = "") -> None:
        self.found.append(Finding(CODE, Severity.ERROR, message, hint, place=place))


def near(name: str, known: tuple[str, ...]) -> str:
    """A hint with the known names that look like `name`, or with all of them where there are few."""
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= 20 else ""


def place_faults(fault: ValidationError, marked: Marked, findings: Findings, what: str = "") -> None:
    """Turns a model's complaints into findings at the places of the values that they are about."""
    for item in fault.errors(include_url=False):
        path = tuple(step for step in item["loc"] if isinstance(step, int | str))
        name = ".".join(str(step) for step in path)
        label = ".".join(part for part in (what, name) if part)
        findings.error(_place_of(marked, path), f"{label}: {item['msg']}" if label else item["msg"])


def read_draft(data: bytes, name: str, kind: str, findings: Findings) -> Draft | None:
    """The draft of a file that lies in the folder of `kind`; None (with findings) where it has no form."""
    root = _parsed(data, name, findings)
    if root is None:
        return None
    if not isinstance(root.value, dict):
        findings.error(root.place, "a catalog file is a mapping", f"with the keys {', '.join(_TOP_KEYS)}")
        return None
    top, keys = root.value, root.keys or {}
    for key in top:
        if key not in _TOP_KEYS:
            findings.error(keys[key], f"{key!r} is no key of a catalog file", near(key, _TOP_KEYS))
    said = _text(top, "kind", root.place, findings)
    key_text = _text(top, "key", root.place, findings)
    if said is not None and said != kind:
        findings.error(top["kind"].place, f"the kind {said!r} does not belong here", f"expected: {kind}")
    title = _text(top, "title", root.place, findings) if "title" in top else None
    aliases = _aliases(top, findings)
    facts: dict[str, Stated] = {}
    for group in _groups(top, "facts", findings):
        _add_group(group, _source(group, findings), kind, facts, findings)
    for group in _groups(top, "assumptions", findings):
        _add_group(group, _assumption(group, findings), kind, facts, findings)
    if key_text is None or said != kind:
        return None
    return Draft(kind, key_text, title, aliases, facts, top["key"].place)


def _parsed(data: bytes, name: str, findings: Findings) -> Marked | None:
    """What the file says; None where it says nothing that can be used."""
    if not data.strip():
        findings.error(Place(name, 1, 1), "the file is empty", "a product has at least kind, key and title")
        return None
    try:
        document = parse(data, name)
    except Stop as stop:
        faults: tuple[Finding, ...] = (stop.finding,)
    except FindingsError as error:
        faults = error.findings
    else:
        faults = tuple(fault.finding for fault in document.faults)
        if not faults:
            return document.root
    hints = {"a second document begins here": "write one product a file"}
    findings.found += [replace(f, code=CODE, hint=hints.get(f.message, f.hint)) for f in faults]
    return None


def _place_of(marked: Marked, path: tuple[int | str, ...]) -> Place:
    """The place of the innermost part of a path that exists; a mapping's part is placed at its key."""
    here, place = marked, marked.place
    for step in path:
        keys, below = here.keys or {}, here.child(step)
        if below is None:
            break
        place = keys[step] if isinstance(step, str) else below.place
        here = below
    return place


def _text(top: dict[str, Marked], key: str, place: Place, findings: Findings) -> str | None:
    if key not in top:
        findings.error(place, f"{key!r} is missing")
        return None
    value = top[key].value
    if not isinstance(value, str) or not value.strip():
        findings.error(top[key].place, f"{key!r} must be a text")
        return None
    return value


def _aliases(top: dict[str, Marked], findings: Findings) -> tuple[str, ...]:
    if "aliases" not in top:
        return ()
    items = top["aliases"].value
    if isinstance(items, list) and all(isinstance(item.value, str) for item in items):
        return tuple(str(item.value) for item in items)
    findings.error(top["aliases"].place, "'aliases' must be a list of names")
    return ()


def _groups(top: dict[str, Marked], key: str, findings: Findings) -> list[Marked]:
    if key not in top:
        return []
    items = top[key].value
    if not isinstance(items, list):
        findings.error(top[key].place, f"{key!r} must be a list of groups")
        return []
    allowed = ("source", "values") if key == "facts" else ("why", "values")
    groups = []
    for item in items:
        values = item.value.get("values") if isinstance(item.value, dict) else None
        if not isinstance(item.value, dict) or values is None or not isinstance(values.value, dict):
            findings.error(item.place, f"a group of {key} is a mapping with {' and '.join(allowed)}")
            continue
        for name in item.value:
            if name not in allowed:
                findings.error((item.keys or {})[name], f"{name!r} is no key here", near(name, allowed))
        groups.append(item)
    return groups


def _source(group: Marked, findings: Findings) -> Source | None:
    assert isinstance(group.value, dict)
    if "source" not in group.value:
        findings.error(group.place, "facts need a source", "values without one go under assumptions")
        return None
    marked = group.value["source"]
    source = _model(Source, marked, findings)
    if source is not None and Confidence.ASSUMED in (source.confidence, source.tier):
        findings.error(marked.place, "an assumption is no fact", "move the values under assumptions")
    return source


def _model(model: type[Source], marked: Marked, findings: Findings) -> Source | None:
    try:
        return strictly(model, marked.plain())
    except ValidationError as fault:
        place_faults(fault, marked, findings, "source")
        return None


def strictly(model: type[_M], values: object) -> _M:
    """A model from plain values without coercion: "8" is no number, 8.5 no count; raises ValidationError."""
    return model.model_validate_json(json.dumps(values), strict=True)


def _assumption(group: Marked, findings: Findings) -> Source | None:
    assert isinstance(group.value, dict)
    why = _text(group.value, "why", group.place, findings)
    if why is None:
        return None
    return Source(doc=why, tier="assumption", confidence=Confidence.ASSUMED)


def _add_group(group: Marked, source: Source | None, kind: str, facts: dict[str, Stated], findings: Findings) -> None:
    assert isinstance(group.value, dict)
    values = group.value["values"]
    assert isinstance(values.value, dict)
    known = fact_fields(kind) if kind in MODELS else ()
    for name, marked in values.value.items():
        place = (values.keys or {})[name]
        if name not in known:
            findings.error(place, f"{name!r} is no fact of a {kind}", near(name, known))
        elif name in facts:
            first = facts[name].key_place
            findings.error(place, f"{name!r} is stated twice", f"the first is in line {first.line}")
        elif source is not None:
            facts[name] = Stated(marked, place, source)
