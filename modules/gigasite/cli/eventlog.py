"""`--events FILE`: what happens in a run, one JSON object a line, in the words of Pulumi's engine events.

Whatever reads the CLI's `--event-log` reads these. Values are those that steps show: secrets are `[secret]`, and texts
have no secret of the configuration in them. Events of a preview that goes before an apply say `planning`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gigasite.errors import GigasiteError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import TextIO

    from gigasite.engine import Event, Step
    from gigasite.engine.model import PropertyDiff

_KEY: Final = "gigasite.events"
_STEP_EVENTS: Final[Mapping[str, str]] = {
    "step-started": "resourcePreEvent",
    "step-done": "resOutputsEvent",
    "step-failed": "resOpFailedEvent",
}


def _keep(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_KEY] = EventFile(value)


events_option = click.option(
    "--events",
    type=click.Path(path_type=Path, dir_okay=False),
    expose_value=False,
    callback=_keep,
    help="Write what happens to FILE, as Pulumi's engine events in JSON, one a line.",
)


class EventFile:
    """The file of a command's events; its runs follow one another in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sequence = 0

    @contextmanager
    def run(self, *, planning: bool) -> Iterator[Callable[[Event], None]]:
        """Yields the listener of one run. Raises GigasiteError where the file cannot be written."""
        try:
            with self._path.open("a" if self._sequence else "w", encoding="utf-8") as file:
                self._write(file, {"preludeEvent": {"config": {}}})
                yield lambda event: self._note(file, event, planning=planning)
                self._write(file, {"cancelEvent": {}})
        except OSError as error:
            hint = "choose another file"
            raise GigasiteError(f"cannot be written: {error.strerror}", str(self._path), hint) from None

    def _note(self, file: TextIO, event: Event, *, planning: bool) -> None:
        kind = event.kind.value
        if kind in _STEP_EVENTS and event.step is not None:
            said: dict[str, Any] = {"metadata": _metadata(event.step), **({"planning": True} if planning else {})}
            if kind == "step-failed":
                self._write(file, _diagnostic("error", event.message, event.step.urn))
                said = {"metadata": said["metadata"], "status": 0, "steps": 0}
            self._write(file, {_STEP_EVENTS[kind]: said})
        elif kind in ("diagnostic", "step-failed"):
            self._write(file, _diagnostic(event.severity or "info", event.message, ""))
        elif kind == "summary":
            summary = {
                "maybeCorrupt": False,
                "durationSeconds": round(event.duration_s),
                "resourceChanges": dict(event.changes or {}),
                "PolicyPacks": {},
            }
            self._write(file, {"summaryEvent": summary})

    def _write(self, file: TextIO, event: Mapping[str, Any]) -> None:
        line = {"sequence": self._sequence, "timestamp": int(time.time()), **event}
        self._sequence += 1
        file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        file.flush()


def events_of_run(*, planning: bool) -> AbstractContextManager[Callable[[Event], None] | None]:
    """The listener for the command's event file; none where it has no such file."""
    context = click.get_current_context(silent=True)
    found = context.meta.get(_KEY) if context else None
    return found.run(planning=planning) if isinstance(found, EventFile) else nullcontext()


def _diagnostic(severity: str, message: str, urn: str) -> dict[str, Any]:
    return {"diagnosticEvent": {"urn": urn, "message": f"{message}\n", "color": "never", "severity": severity}}


def _metadata(step: Step) -> dict[str, Any]:
    sides = {side: _state(step, values) for side, values in (("old", step.old), ("new", step.new))}
    detailed = {diff.path: {"diffKind": diff.kind, "inputDiff": True} for diff in step.diffs}
    return {
        "op": step.op.value,
        "urn": step.urn,
        "type": step.type,
        **sides,
        "keys": [diff.path for diff in step.diffs if _replaces(diff)] or None,
        "diffs": sorted({diff.path for diff in step.diffs}) or None,
        "detailedDiff": detailed or None,
        "logical": True,
        "provider": step.provider,
    }


def _replaces(diff: PropertyDiff) -> bool:
    return diff.kind.endswith("-replace")


def _state(step: Step, inputs: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if inputs is None:
        return None
    return {
        "type": step.type,
        "urn": step.urn,
        "custom": step.custom,
        "id": "",
        "parent": "",
        **({"protect": True} if step.protect else {}),
        "inputs": dict(inputs),
        "outputs": {},
        "provider": step.provider,
    }
