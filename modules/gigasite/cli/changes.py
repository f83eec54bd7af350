"""What a run does or did, folded for a reader: operations, resources, files, lines."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from gigasite.cli.output import on_terminal
from gigasite.errors import Finding

if TYPE_CHECKING:
    from gigasite.engine import RunResult, Step
    from gigasite.engine.model import PropertyDiff
    from gigasite.engine.project import Project
    from gigasite.preview.recabling import CableChange
    from gigasite.provider.blobs import BlobStore

LISTED_COUNT: Final = 20
DIFF_LINES: Final = 40
_CONTENT = re.compile(r'(?P<property>files|devices)\["(?P<name>.*)"\]')
_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "create": ("+", "green"),
    "import": ("=", "green"),
    "import-replacement": ("=", "magenta"),
    "update": ("~", "yellow"),
    "replace": ("±", "magenta"),
    "create-replacement": ("+", "magenta"),
    "delete-replaced": ("-", "magenta"),
    "delete": ("-", "red"),
    "refresh": ("~", "cyan"),
}


@dataclass(frozen=True, slots=True)
class FileChange:
    """How one file of a tree, or the configuration of one switch, changes.

    Line counts are None where a content is not stored or not text.
    """

    name: str
    kind: str
    added: int | None
    removed: int | None
    old_sha: str | None
    new_sha: str | None

    def __str__(self) -> str:
        if self.added is None or self.removed is None:
            return f"{self.name} ({self.kind})"
        return f"{self.name} +{self.added} -{self.removed}"


def document(
    site: str, engine: str, result: RunResult, findings: Iterable[Finding], project: Project
) -> dict[str, Any]:
    """A run as plain data, without secrets: `site, engine, operations, steps, recabling, outputs, findings`."""
    store = _store(project)
    return {
        "site": site,
        "engine": engine,
        "operations": dict(result.changes),
        "steps": [_step(step, store) for step in result.steps if _sign(step)],
        "recabling": [_recabling(change) for change in _cable_changes(result, store)],
        "outputs": _plain(result.outputs),
        "findings": [_finding(finding) for finding in findings],
        "diagnostics": [asdict(diagnostic) for diagnostic in result.diagnostics],
        "duration_s": round(result.duration_s, 3),
    }


def print_run(result: RunResult, project: Project, *, everything: bool, with_diff: bool) -> None:
    """A run for people: a line a resource, its files below it, then the counts and the outputs."""
    from gigasite.provider.filediff import file_diff

    store = _store(project)
    for step in _cut(result.steps, everything=everything):
        if isinstance(step, str):
            print(step)
            continue
        sign, colour = _SIGNS[(step.found or step.op).value]
        print(_coloured(f"{sign} {step.op.value:8} {step.type}  {step.name}", colour) + _size(step))
        for line in _property_lines(step):
            print(f"    {line}")
        files = tuple(file_changes(step, store))
        for change in files if everything else files[:LISTED_COUNT]:
            print(f"    {change}")
            if with_diff:
                text = file_diff(store, change.name, change.old_sha, change.new_sha, limit_lines=DIFF_LINES)
                print("".join(f"      {line}\n" for line in text.splitlines()), end="")
        if len(files) > LISTED_COUNT and not everything:
            print(f"    … {len(files) - LISTED_COUNT} more files (--all lists them)")
    for cables in _cable_changes(result, store):
        print(cables)
    counts = ", ".join(f"{count:,} {op}" for op, count in result.changes.items() if count) or "nothing"
    print(f"operations: {counts} ({result.duration_s:.1f} s)")
    for name, value in sorted(_plain(result.outputs).items()):
        print(f"  {name}: {_short(value)}")


def file_changes(step: Step, store: BlobStore) -> Iterator[FileChange]:
    """The files of a tree, or switches of a group, that an update changes, with the lines that come and go."""
    if step.op.value not in ("update", "replace"):
        return
    old, new = (_contents(side)[1] for side in (step.old, step.new))
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        kind = "new" if before is None else "gone" if after is None else "changed"
        yield FileChange(name, kind, *_line_counts(store, before, after), before, after)


def _cable_changes(result: RunResult, store: BlobStore) -> tuple[CableChange, ...]:
    """What the run means for cables; nothing where it changes nothing, and polars stays out of the process."""
    if not any(_sign(step) for step in result.steps):
        return ()
    from gigasite.preview.recabling import cable_changes

    return cable_changes(result.steps, lambda sha: _content(store, sha))


def _recabling(change: CableChange) -> dict[str, Any]:
    found = change.counts
    names = ("stay", "new", "moved", "removed")
    counts = [found.stay_count, found.new_count, found.moved_count, found.removed_count] if found else [None] * 4
    return {"fabric": change.fabric, **dict(zip(names, counts, strict=True))}


def _contents(side: Mapping[str, Any] | None) -> tuple[str, dict[str, str]]:
    """The property that holds contents, and their SHA-256 by name: files of a tree, or configurations of switches."""
    files, devices = ((side or {}).get(name) for name in ("files", "devices"))
    if isinstance(files, Mapping):
        return "files", dict(files)
    if not isinstance(devices, Mapping):
        return "", {}
    switches = {name: device for name, device in devices.items() if isinstance(device, Mapping)}
    return "devices", {name: device["sha256"] for name, device in switches.items() if "sha256" in device}


def _line_counts(store: BlobStore, old: str | None, new: str | None) -> tuple[int | None, int | None]:
    """Lines that are only in the new content, and only in the old one; order is not looked at."""
    sides = [b"" if sha is None else _content(store, sha) for sha in (old, new)]
    if sides[0] is None or sides[1] is None or b"\0" in sides[0] or b"\0" in sides[1]:
        return None, None
    before, after = (Counter(side.splitlines()) for side in sides if side is not None)
    return (after - before).total(), (before - after).total()


def _content(store: BlobStore, sha: str) -> bytes | None:
    from gigasite.provider.blobs import is_sha256

    return store.get(sha) if is_sha256(sha) else None


def _cut(steps: Sequence[Step], *, everything: bool) -> Iterator[Step | str]:
    """The steps that change something; of many equal ones the first, and how many follow."""
    wanted = [step for step in steps if _sign(step)]
    counts = Counter((step.op, step.type) for step in wanted)
    seen: Counter[tuple[Any, str]] = Counter()
    for step in wanted:
        kind = (step.op, step.type)
        seen[kind] += 1
        if everything or counts[kind] <= LISTED_COUNT + 1 or seen[kind] <= LISTED_COUNT:
            yield step
        elif seen[kind] == counts[kind]:
            more = counts[kind] - LISTED_COUNT
            yield f"  … {more:,} more {step.op.value} {step.type} (--all lists them)"


def _property_lines(step: Step) -> Iterator[str]:
    """What changes beside contents; a switch whose configuration has not arrived changes nothing else."""
    if step.found and step.found.value == "delete":
        yield "is gone"
    if step.op.value not in ("update", "replace", "refresh"):
        return
    for diff in step.diffs:
        if step.op.value == "refresh" or not _is_content(diff, step):
            again = diff.old is not None and diff.old == diff.new
            yield f"{diff.path}: {'once more' if again else f'{_short(diff.old)} -> {_short(diff.new)}'}"


def _is_content(diff: PropertyDiff, step: Step) -> bool:
    """Whether a difference is told as a change of a content."""
    found = _CONTENT.fullmatch(diff.path)
    if found is None:
        return diff.path == "files"
    if found["property"] == "files":
        return True
    return len({_contents(side)[1].get(found["name"]) for side in (step.old, step.new)}) > 1


def _step(step: Step, store: BlobStore) -> dict[str, Any]:
    files = [
        {
            "path": f"{_contents(step.new)[0]}[{json.dumps(c.name)}]",
            "kind": c.kind,
            "lines_added": c.added,
            "lines_removed": c.removed,
        }
        for c in file_changes(step, store)
    ]
    others = [
        {"path": diff.path, "kind": diff.kind, "old": _plain(diff.old), "new": _plain(diff.new)}
        for diff in step.diffs
        if not (files and _is_content(diff, step))
    ]
    return {
        "op": step.op.value,
        **({"found": step.found.value} if step.found else {}),
        "urn": step.urn,
        "type": step.type,
        "name": step.name,
        "changes": [*others, *files],
    }


def _sign(step: Step) -> str:
    return _SIGNS.get((step.found or step.op).value, ("", ""))[0]


def _size(step: Step) -> str:
    name, contents = _contents(step.new or step.old)
    if step.op.value not in ("create", "delete") or not name:
        return ""
    one, many = ("file", "files") if name == "files" else ("switch", "switches")
    return f"  ({len(contents)} {one if len(contents) == 1 else many})"


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        "at": finding.at,
        "file": place.file if place else None,
        "line": place.line if place else None,
    }


def _plain(value: Any) -> Any:
    """Values as JSON has them; keys sorted, as engines give them in any order."""
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _coloured(text: str, colour: str) -> str:
    if not on_terminal():
        return text
    import click

    from gigasite.cli.output import colours_wanted

    return click.style(text, fg=colour) if colours_wanted() else text


def _store(project: Project) -> BlobStore:
    from gigasite.provider.blobs import BlobStore
    from gigasite.provider.location import blob_folder

    return BlobStore(blob_folder(project.root))
