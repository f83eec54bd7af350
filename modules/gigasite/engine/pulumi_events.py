"""The CLI's events in the words that every engine speaks."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pulumi.runtime.rpc import UNKNOWN, _special_secret_sig, _special_sig_key

from gigasite.engine.model import (
    SECRET_TEXT,
    UNKNOWN_TEXT,
    Diagnostic,
    Event,
    EventKind,
    OnEvent,
    Op,
    PropertyDiff,
    Step,
)
from gigasite.engine.paths import property_diffs, update_diffs

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent, StepEventMetadata

_COLOURS = re.compile(r"<\{%.*?%\}>")
_STACK_TYPE = "pulumi:pulumi:Stack"
_OPS = {op.value: op for op in Op}
_INTERRUPTED = "KeyboardInterrupt"  # how a program ends that the CLI stops because a step failed


class EventLog:
    """Collects a run's events: steps that were done, those that failed, diagnostics, outputs and counts."""

    def __init__(self, stack: str, on_event: OnEvent | None, cancel: threading.Event | None = None) -> None:
        self.stack = stack
        self.steps: list[Step] = []
        self.failed_steps: list[Step] = []
        self.diagnostics: list[Diagnostic] = []
        self.outputs: Mapping[str, Any] = {}
        self.changes: Mapping[str, int] = {}
        self._refreshing: set[str] = set()
        self._on_event = on_event
        self._cancel = cancel or threading.Event()

    def receive(self, event: EngineEvent) -> None:
        """Takes one event of the CLI."""
        if event.resource_pre_event:
            self._started(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._done(event.res_outputs_event.metadata)
        elif event.res_op_failed_event:
            step = _step(event.res_op_failed_event.metadata)
            self.failed_steps.append(step)
            self._emit(Event(EventKind.STEP_FAILED, step, message=self._last_error(step.urn), severity="error"))
        elif event.diagnostic_event:
            self._diagnose(event.diagnostic_event)
        elif event.stdout_event:
            self._say(Diagnostic("info", _plain(event.stdout_event.message)))
        elif event.summary_event:
            summary = event.summary_event
            self.changes = {str(getattr(op, "value", op)): count for op, count in summary.resource_changes.items()}
            self._emit(Event(EventKind.SUMMARY, changes=self.changes, duration_s=float(summary.duration_seconds)))

    def _started(self, metadata: StepEventMetadata) -> None:
        step = _step(metadata)
        if step.is_default_provider:
            return
        self._emit(Event(EventKind.STEP_STARTED, step))
        if step.op is Op.REFRESH:
            self._refreshing.add(step.urn)
        elif not step.custom:  # a component is there at once; what comes later are its outputs
            self._note(step)

    def _done(self, metadata: StepEventMetadata) -> None:
        step = _step(metadata)
        if step.urn in self._refreshing:
            self._refreshing.discard(step.urn)
            self._note(_refreshed(step, metadata))
        elif step.custom and not step.is_default_provider:
            self._note(step)
        if step.type == _STACK_TYPE and metadata.new is not None:
            self.outputs = known_values(metadata.new.outputs or {})
            self._emit(Event(EventKind.OUTPUTS, step, outputs=self.outputs))

    def _note(self, step: Step) -> None:
        self.steps.append(step)
        self._emit(Event(EventKind.STEP_DONE, step))

    def _diagnose(self, event: Any) -> None:
        message = _plain(event.message)
        if not message or event.severity == "debug" or message.endswith(_INTERRUPTED):
            return
        if self._cancel.is_set() and event.severity == "info#err":
            return  # the traceback of a program that was told to stop
        severity = {"info#err": "info"}.get(event.severity, event.severity)
        self._say(Diagnostic(severity, message.removeprefix(f"{severity}: "), event.urn or ""))

    def _say(self, diagnostic: Diagnostic) -> None:
        if diagnostic.message:
            self.diagnostics.append(diagnostic)
            self._emit(Event(EventKind.DIAGNOSTIC, message=str(diagnostic), severity=diagnostic.severity))

    def _last_error(self, urn: str) -> str:
        return next((item.message for item in reversed(self.diagnostics) if item.urn == urn), "")

    def _emit(self, event: Event) -> None:
        if self._on_event:
            self._on_event(event)


def _step(metadata: StepEventMetadata) -> Step:
    old, new = metadata.old, metadata.new
    of = new or old
    old_inputs = None if old is None else known_values(old.inputs or {})
    new_inputs = None if new is None else known_values(new.inputs or {})
    return Step(
        op=_OPS.get(str(metadata.op.value), Op.READ if "read" in metadata.op.value else Op.DISCARD),
        urn=metadata.urn,
        type=metadata.type,
        name=metadata.urn.rpartition("::")[2],
        custom=bool(of and of.custom),
        old=old_inputs,
        new=new_inputs,
        diffs=_diffs(metadata, old_inputs, new_inputs),
        provider=metadata.provider or "",
        protect=bool(of and of.protect),
    )


def _refreshed(step: Step, metadata: StepEventMetadata) -> Step:
    """A refresh that is through, with what it found; the old side of a diff is what was asked for."""
    found = step.op
    if found is Op.REFRESH:
        found = (
            Op.DELETE if metadata.new is None else Op.UPDATE if metadata.detailed_diff or metadata.diffs else Op.SAME
        )
    if metadata.old is None or metadata.new is None:
        return replace(step, op=Op.REFRESH, found=found, diffs=())
    kinds = {path: item.diff_kind.value for path, item in (metadata.detailed_diff or {}).items()}
    kinds = kinds or dict.fromkeys(metadata.diffs or (), "update")
    wanted = known_values({**(metadata.old.outputs or {}), **(metadata.old.inputs or {})})
    there = known_values({**(metadata.new.inputs or {}), **(metadata.new.outputs or {})})
    return replace(step, op=Op.REFRESH, found=found, diffs=property_diffs(kinds, wanted, there))


def _diffs(
    metadata: StepEventMetadata, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> tuple[PropertyDiff, ...]:
    """Each property that differs; a difference to what a refresh saw shows that on its old side."""
    details = metadata.detailed_diff
    if details is None:
        return property_diffs(dict.fromkeys(metadata.diffs or (), "update"), old, new)
    seen = known_values(metadata.old.outputs or {}) if metadata.old else None
    return update_diffs({path: item.diff_kind.value for path, item in details.items()}, old, seen, new)


def known_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with the signs for secret and unknown in place of Pulumi's own."""
    return {key: _known_value(value) for key, value in values.items()}


def _known_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return SECRET_TEXT if value.get(_special_sig_key) == _special_secret_sig else known_values(value)
    if isinstance(value, list):
        return [_known_value(item) for item in value]
    return UNKNOWN_TEXT if value == UNKNOWN else value


def _plain(text: str) -> str:
    return _COLOURS.sub("", text).strip()
