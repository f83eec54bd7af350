"""Refresh: every resource is read again, and the state takes over what is there.

What a step shows is the way back: how the resource is against what the program last asked for. A resource that
is gone leaves the state, with every reference to it; one that could not be read stays as it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

from gigasite.engine.deletes import make_step
from gigasite.engine.ignoring import without_ignored
from gigasite.engine.ledger import Row, with_outputs
from gigasite.engine.model import Event, EventKind, Op, Step
from gigasite.engine.paths import property_diffs
from gigasite.engine.providers import STACK_REFERENCE, handler_of
from gigasite.engine.references import referenced
from gigasite.engine.secrets import Vault
from gigasite.engine.state import ResourceState, now
from gigasite.engine.steps import Recorder, StepFailed, StepRunner, Stopped, error_text
from gigasite.engine.values import carry_secrets, make_secret, plain, redact, same, to_json
from gigasite.provider.calls import serving
from gigasite.provider.handler import Created, DiffKind, PartialFailure, input_part

_INVERTED: Final[Mapping[DiffKind, DiffKind]] = {
    DiffKind.ADD: DiffKind.DELETE,
    DiffKind.ADD_REPLACE: DiffKind.DELETE_REPLACE,
    DiffKind.DELETE: DiffKind.ADD,
    DiffKind.DELETE_REPLACE: DiffKind.ADD_REPLACE,
}


@dataclass(frozen=True, slots=True)
class Refresh:
    """Reads rows again; `stack_outputs` answers the outputs of other stacks."""

    runner: StepRunner
    recorder: Recorder
    vault: Vault
    cancel: threading.Event
    stack_outputs: Callable[[str], Mapping[str, Any]]

    def run(self, indices: Iterable[int], parallel: int) -> list[StepFailed]:
        """Refreshes these rows, several at once, and makes what they came to the base of the run.

        Returns the failures. Raises Stopped where the user asked to; what was read until then counts.
        """
        failures: list[StepFailed] = []
        read: set[str] = set()

        def refresh(index: int) -> None:
            if self.cancel.is_set():
                return
            try:
                read.add(self._row(index))
            except StepFailed as failure:
                failures.append(failure)
                event = Event(EventKind.STEP_FAILED, failure.step, message=failure.message, severity="error")
                self.runner.emit(event)

        try:
            with ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="refresh") as pool:
                list(pool.map(refresh, indices))
        finally:
            open_urns = {operation["resource"]["urn"] for operation in self.recorder.ledger.pending}
            self.recorder.rebase({"e": "rebuild", "read": sorted(read & open_urns)})
        if self.cancel.is_set():
            raise Stopped
        return failures

    def _row(self, index: int) -> str:
        """Refreshes a row; returns its URN."""
        row = self.recorder.ledger.base[index]
        old = ResourceState.from_json(row, self.vault)
        step = make_step(Op.REFRESH, old, old)
        self.runner.emit(Event(EventKind.STEP_STARTED, step))
        if not old.custom or old.is_provider or old.pending_replacement:
            self.runner.note(replace(step, found=Op.SAME))
            return old.urn
        try:
            found = self._read(old)
        except Exception as error:
            raise StepFailed(old.urn, error_text(error, old), step) from error
        if found is None:
            self.recorder.rebase({"e": "refresh", "old": index})
            self.runner.note(replace(step, found=Op.DELETE, new=None))
            return old.urn
        details = self._drift(old, found, step)
        changed = bool(details) if not old.external else not same(old.outputs, found.outputs)
        fixed = self._refreshed(row, old, found)
        if fixed != row:
            self.recorder.rebase({"e": "refresh", "old": index, "row": fixed})
        wanted, there = redact({**old.outputs, **old.inputs}), redact({**found.inputs, **found.outputs})
        diffs = property_diffs(details, wanted, there, old.hide_diff)
        self.runner.note(replace(step, found=Op.UPDATE if changed else Op.SAME, new=redact(found.inputs), diffs=diffs))
        return old.urn

    def _read(self, old: ResourceState) -> ResourceState | None:
        """The resource as it is there, None where it is gone."""
        reasons: tuple[str, ...] = ()
        created: Created | None
        if old.type == STACK_REFERENCE:
            return replace(old, outputs=referenced(old.inputs, old.id, self.stack_outputs))
        handler = handler_of(old.type)
        try:
            with serving(old.custom_timeouts_s.get("read"), self.cancel):
                created = handler.read(old.urn, old.id, plain(old.inputs), plain(old.outputs))
        except PartialFailure as partial:
            created, reasons = Created(partial.id, partial.outputs), partial.reasons
            self.runner.say("warning", f"is not healthy: {error_text(partial, old)}", old.urn)
        if created is None or not created.id:
            return None
        outputs = carry_secrets(carry_secrets(created.outputs, old.inputs), old.outputs)
        inputs = old.inputs or carry_secrets(input_part(handler, created.outputs), outputs)
        outputs = make_secret(outputs, old.additional_secret_outputs)
        return replace(old, id=created.id, inputs=inputs, outputs=outputs, init_errors=reasons)

    def _drift(self, old: ResourceState, found: ResourceState, step: Step) -> dict[str, DiffKind]:
        """How the resource is against what was asked for, by path; nothing for one that others manage."""
        if old.external:
            return {}
        wanted, _ = without_ignored(old.inputs, found.inputs, old.ignore_changes)
        try:
            handler = handler_of(old.type)
            diff = handler.diff(old.urn, found.id, plain(found.inputs), plain(found.outputs), plain(wanted))
        except Exception as error:
            raise StepFailed(old.urn, error_text(error, found), step) from error
        return {path: _INVERTED.get(kind, kind) for path, kind in diff.details.items()}

    def _refreshed(self, row: Row, old: ResourceState, found: ResourceState) -> Row:
        """The row as the state has it from now on; what did not change keeps its ciphertexts."""
        fixed = {key: value for key, value in row.items() if key != "initErrors"}
        fixed["id"] = found.id
        if found.init_errors:
            fixed["initErrors"] = list(found.init_errors)
        inputs_changed = not same(old.inputs, found.inputs)
        outputs_changed = not same(old.outputs, found.outputs)
        if inputs_changed:
            fixed["inputs"] = to_json(found.inputs, self.vault)
        if outputs_changed:
            kept = {key: value for key, value in fixed.items() if key != "outputs"}
            fixed = with_outputs(kept, to_json(found.outputs, self.vault))
        if inputs_changed or outputs_changed:
            fixed["modified"] = now()
        return fixed
