"""Reads a site file: typed, checked against itself and the catalog, with the line of every value.

All that is wrong comes at once, one message a problem, in the order of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

from gigasite.errors import Finding, FindingsError, Place, Severity
from gigasite.spec.crosschecks import ProductNames, cross_findings
from gigasite.spec.messages import WRONG_KIND, explain, place_of, wrong_quantity
from gigasite.spec.migrations import Versions
from gigasite.spec.shape import ROOT, Field
from gigasite.spec.site import SiteSpec
from gigasite.spec.yamlmarks import Document, Marked, Path_, dotted, parse, read_document
from gigasite.units import parse_quantity

MAX_FINDING_COUNT: Final = 100

_Found: TypeAlias = list[tuple[Path_, Finding]]
_STEP = re.compile(r"\[(\d+)\]|\[['\"]?([^\]]*?)['\"]?\]|([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class LoadedSite:
    """A site file as it was understood. `places` maps dotted paths (`pools[0].system`) to their spots."""

    spec: SiteSpec
    places: Mapping[str, Place]
    file: Path
    root: Marked

    def place_of(self, at: str) -> Place:
        """The place of a dotted path, or of the nearest part above it that the file has.

        Items of a list may also be called by their name: `pools.train.system`, `pools[train]`.
        """
        path: list[str | int] = []
        here = self.root
        for step in _steps(at):
            found = _step_into(here, step)
            if found is None:
                break
            path.append(found)
            child = here.child(found)
            assert child is not None
            here = child
        return place_of(self.root, tuple(path)) if path else Place(str(self.file), 1, 1)

    def scalars(self) -> tuple[tuple[str, Any], ...]:
        """Every single value of the file with its dotted path, in the order of the file, as it is written."""
        return tuple(
            (dotted(path), marked.value)
            for path, marked in _walk(self.root)
            if not isinstance(marked.value, list | dict)
        )

    def placed(self, finding: Finding) -> Finding:
        """The finding with its line, where it is about something in this file."""
        if finding.place is not None:
            return finding
        return replace(finding, place=self.place_of(finding.at))


def load_site(path: Path, catalog: ProductNames | None = None) -> LoadedSite:
    """The site of a file. Without a catalog, names of products are not looked up.

    Raises FindingsError with everything that is wrong.
    """
    return _understand(read_document(path), path, catalog)


def load_text(text: str | bytes, name: str = "site.yaml", catalog: ProductNames | None = None) -> LoadedSite:
    """The site that a text describes; `name` is what messages call it. Raises FindingsError."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return _understand(parse(data, name), Path(name), catalog)


def _understand(document: Document, file: Path, catalog: ProductNames | None) -> LoadedSite:
    root = document.root
    spoiled = {fault.path for fault in document.faults}
    found: _Found = []
    if not isinstance(root.value, dict):
        message, hint = (
            "expected `key: value` lines, got something else",
            "a site has at least a name and one pool",
        )
        finding = Finding(WRONG_KIND, Severity.ERROR, message, hint, "", root.place)
        raise FindingsError((*(fault.finding for fault in document.faults), finding))
    versions = Versions()
    if (fault := versions.fault_of(root)) is not None:
        raise FindingsError((*(fault.finding for fault in document.faults), fault))  # the rest may mean other things
    root = versions.understood(root)
    plain = _settle(root, ROOT, (), root, found)
    spoiled.update(path for path, _ in found)
    crossed = islice(cross_findings(root, catalog), MAX_FINDING_COUNT + 1)
    found.extend(item for item in crossed if item[0] not in spoiled)
    spec = None
    try:
        spec = SiteSpec.model_validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)[: 4 * MAX_FINDING_COUNT]
        spoiled.update(path for path, _ in found)
        found.extend(item for item in explain(errors, root) if not _below(item[0], spoiled))
    findings = [*(fault.finding for fault in document.faults), *(finding for _, finding in found)]
    if findings or spec is None:
        raise FindingsError(_in_order(findings, root))
    return LoadedSite(spec, _places(root), file, root)


def _settle(marked: Marked, field: Field | None, path: Path_, root: Marked, found: _Found) -> Any:
    """Plain values, with `2 MW` as a number in the key's unit; sections without content are left out."""
    value = marked.value
    if isinstance(value, dict):
        below = {key: (child, field.child(key) if field else None) for key, child in value.items()}
        return {
            key: _settle(child, inner, (*path, key), root, found)
            for key, (child, inner) in below.items()
            if child.value is not None or not _is_section(inner)
        }
    if isinstance(value, list):
        return [
            _settle(child, field.child(index) if field else None, (*path, index), root, found)
            for index, child in enumerate(value)
        ]
    if isinstance(value, str) and field is not None and field.is_number and field.unit_suffix:
        try:
            number = parse_quantity(value, field.unit_suffix)
        except ValueError as error:
            found.append((path, wrong_quantity(path, field, value, str(error), root)))
            return value
        return int(number) if field.is_whole and number.is_integer() else number
    return value


def _is_section(field: Field | None) -> bool:
    """Whether a key holds keys or a list: left empty it says nothing."""
    if field is None:
        return False
    return bool(field.model or field.child("x") or field.child(0))


def _below(path: Path_, spoiled: set[Path_]) -> bool:
    return any(path[:length] in spoiled for length in range(1, len(path) + 1))


def _in_order(findings: list[Finding], root: Marked) -> list[Finding]:
    """By place; beyond the first hundred only their number."""
    places = ((finding.place or root.place, finding) for finding in dict.fromkeys(findings))
    ordered = [f for _, f in sorted(places, key=lambda item: (item[0].line, item[0].column, item[1].code))]
    if len(ordered) <= MAX_FINDING_COUNT:
        return ordered
    more = len(ordered) - MAX_FINDING_COUNT
    message = f"{more} more problems"
    last = Finding(WRONG_KIND, Severity.ERROR, message, "mend the ones above first", "", root.place)
    return [*ordered[:MAX_FINDING_COUNT], last]


def _places(root: Marked) -> dict[str, Place]:
    places = {"": root.place}
    for path, marked in _walk(root):
        for step, _ in marked.children():
            places[dotted((*path, step))] = marked.place_of_child(step)
    return places


def _walk(marked: Marked, path: Path_ = ()) -> Iterator[tuple[Path_, Marked]]:
    yield path, marked
    for step, child in marked.children():
        yield from _walk(child, (*path, step))


def _steps(at: str) -> list[str]:
    return [next(part for part in match.groups() if part is not None) for match in _STEP.finditer(at)]


def _step_into(here: Marked, step: str) -> str | int | None:
    """The step as this value knows it: a key, an index, or the index of the item of that name."""
    if isinstance(here.value, dict):
        return step if step in here.value else None
    if isinstance(here.value, list):
        if step.isdecimal():
            return int(step) if int(step) < len(here.value) else None
        for index, item in enumerate(here.value):
            name = item.child("name")
            if name is not None and name.value == step:
                return index
    return None
