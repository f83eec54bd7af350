"""Single steps: each one's intent is journalled, the provider is called, its answer is journalled.

A step returns only when its result is durable. A preview calls the provider in its preview mode and records
nothing.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gigasite.engine.journal import Journal
from gigasite.engine.ledger import Entry, Ledger, Row
from gigasite.engine.model import Event, EventKind, OnEvent, Step
from gigasite.engine.scrub import scrubber, secret_texts
from gigasite.engine.secrets import Vault
from gigasite.engine.state import ResourceState, now
from gigasite.engine.values import carry_secrets, make_secret, number, plain, same
from gigasite.errors import GigasiteError
from gigasite.provider.calls import serving
from gigasite.provider.handler import Created, Handler, PartialFailure, input_part

if TYPE_CHECKING:
    from gigasite.engine.hooks import Hooks

_HOOKED: Final = {"creating": "Create", "updating": "Update"}


class StepFailed(Exception):  # noqa: N818  (the program's registration ends with it)
    """A step that did not succeed; `message` is for the user."""

    def __init__(self, urn: str, message: str, step: Step | None = None) -> None:
        super().__init__(message)
        self.urn = urn
        self.message = message
        self.step = step


class Stopped(Exception):  # noqa: N818  (ends the program, not a fault)
    """No further step starts: a step failed, or the user asked to stop."""


class Recorder:
    """Changes ledger and journal together; without a journal (previews) it records nothing."""

    def __init__(self, ledger: Ledger, journal: Journal | None) -> None:
        self.ledger = ledger
        self._journal = journal
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """A number for an intent."""
        return next(self._numbers)

    def record(self, entry: Entry, *, durable: bool = True) -> None:
        """Applies an entry; returns when it is on the disk, unless its loss would change nothing."""
        if self._journal is None:
            return
        with self._lock:
            self.ledger.apply(entry)
            ticket = self._journal.append(entry)
        if durable:
            self._journal.wait(ticket)

    def rebase(self, entry: Entry) -> None:
        """Applies an entry of a refresh, in previews too; losing it means reading once more."""
        with self._lock:
            self.ledger.apply(entry)
            if self._journal is not None:
                self._journal.append(entry)


class StepRunner:
    """Carries out steps; safe to call from several threads."""

    def __init__(
        self,
        recorder: Recorder,
        vault: Vault,
        *,
        preview: bool,
        on_event: OnEvent,
        say: Callable[[str, str, str], None],
        cancel: threading.Event,
        hooks: Hooks,
    ) -> None:
        self.say = say  # tells the user something: severity, message, URN
        self.hooks = hooks
        self.late_failures: list[StepFailed] = []  # hooks that failed after their step was done
        self._recorder = recorder
        self._vault = vault
        self._preview = preview
        self._on_event = on_event
        self._cancel = cancel
        self._lock = threading.Lock()
        self._unfinished: dict[str, tuple[str, Step, ResourceState | None]] = {}  # components before their outputs
        self.steps: list[Step] = []

    def emit(self, event: Event) -> None:
        """Passes an event on, one at a time; default providers are nobody's business."""
        if event.step is None or not event.step.is_default_provider:
            with self._lock:
                self._on_event(event)

    def note(self, step: Step) -> None:
        """Counts and reports a step that is through."""
        if step.is_default_provider:
            return
        with self._lock:
            self.steps.append(step)
            self._on_event(Event(EventKind.STEP_DONE, step))

    # resources that stay or come --------------------------------------------------------------------------

    def same(self, step: Step, state: ResourceState, old: ResourceState, index: int) -> ResourceState:
        """Keeps a resource, with what the program now says of it (parent, protection, dependencies)."""
        state = replace(state, id=old.id, outputs=old.outputs, created=old.created, modified=old.modified)
        if not self._preview:
            old_row = self._recorder.ledger.base[index]
            row = state.to_json(self._vault, _kept(state, old, old_row))
            changed = row != old_row
            entry: dict[str, Any] = {"e": "same", "old": index}
            self._recorder.record({**entry, "row": row} if changed else entry, durable=changed)
        self.note(step)
        return state

    def keep(self, step: Step, index: int) -> None:
        """Keeps a resource as the state has it, whatever the program says of it."""
        self._recorder.record({"e": "same", "old": index}, durable=False)
        self.note(step)

    def create(
        self,
        step: Step,
        state: ResourceState,
        handler: Handler | None,
        *,
        old: int | None = None,
        mark_delete: int | None = None,
    ) -> ResourceState:
        """Makes a resource; `old` is the base row that it settles, `mark_delete` one to be deleted later."""

        def call() -> tuple[str, Mapping[str, Any]]:
            if handler is None:
                return "", {}
            with self._serving(state, "create"):
                created = handler.create(state.urn, plain(state.inputs), preview=self._preview)
            return created.id, created.outputs

        moment = now()
        ending: dict[str, Any] = {} if old is None else {"old": old}
        if mark_delete is not None:
            ending["mark"] = {str(mark_delete): "delete"}
        return self._change(step, replace(state, created=moment, modified=moment), handler, "creating", call, ending)

    def take_over(
        self, step: Step, state: ResourceState, handler: Handler, *, mark_delete: int | None = None
    ) -> ResourceState:
        """Imports a resource by its id, with the inputs that it has; `mark_delete` is a row to be deleted later."""
        found: Created | None = None

        def call() -> tuple[str, Mapping[str, Any]]:
            if found is None:
                raise GigasiteError(f"there is no {state.type} with the id {state.import_id}")
            return found.id or state.import_id, found.outputs

        try:
            with self._serving(state, "read"):
                found = handler.read(state.urn, state.import_id, {}, {})
        except Exception as error:
            raise StepFailed(state.urn, error_text(error, state), step) from error
        moment = now()
        inputs = {} if found is None else input_part(handler, found.outputs)
        ending = {} if mark_delete is None else {"mark": {str(mark_delete): "delete"}}
        state = replace(state, inputs=carry_secrets(inputs, state.inputs), created=moment, modified=moment)
        return self._change(step, state, None, "importing", call, ending)

    def update(
        self, step: Step, state: ResourceState, old: ResourceState, index: int | None, handler: Handler | None
    ) -> ResourceState:
        """Brings a resource to its new inputs; without an `index` it was imported just now."""

        def call() -> tuple[str, Mapping[str, Any]]:
            if handler is None:
                return "", {}
            with self._serving(state, "update"):
                outputs = handler.update(
                    state.urn,
                    old.id,
                    plain(old.inputs),
                    plain(old.outputs),
                    plain(state.inputs),
                    preview=self._preview,
                )
            return old.id, outputs

        modified = now() if handler is not None else old.modified
        state = replace(state, id=old.id, created=old.created, modified=modified)
        ending = {} if index is None else {"old": index}
        return self._change(step, state, handler, "updating", call, ending, old)

    def read(
        self,
        step: Step,
        state: ResourceState,
        read: Callable[[], tuple[str, Mapping[str, Any]] | None],
        before: ResourceState | None = None,
        *,
        old: int | None = None,
        mark_delete: int | None = None,
    ) -> ResourceState:
        """Reads a resource that somebody else manages; the state keeps it as external.

        It counts where something has changed since `before`.
        """

        def call() -> tuple[str, Mapping[str, Any]]:
            found = read()
            if found is None:
                raise GigasiteError(f"there is no {state.type} with the id {state.id}")
            return found

        ending: dict[str, Any] = {} if old is None else {"old": old}
        if mark_delete is not None:
            ending["mark"] = {str(mark_delete): "delete"}
        return self._change(step, state, None, "reading", call, ending, before)

    def outputs(
        self, state: ResourceState, outputs: Mapping[str, Any], old: ResourceState | None, row: Row | None
    ) -> ResourceState:
        """Gives a component its outputs; what did not change keeps its ciphertexts."""
        state = replace(state, outputs=outputs)
        if not self._preview:
            kept = _kept(state, old, row or {})
            rendered = kept.get("outputs") if "outputs" in kept else state.to_json(self._vault).get("outputs", {})
            entry = {"e": "outputs", "urn": state.urn, "outputs": rendered}
            self._recorder.record(entry, durable=False)
        if state.urn in self._unfinished:
            kind, step, before = self._unfinished.pop(state.urn)
            self._after(kind, step, state, before)
        return state

    # resources that go ------------------------------------------------------------------------------------

    def delete(self, step: Step, index: int, handler: Handler | None, *, pending_replacement: bool = False) -> None:
        """Removes a resource of the base; without a handler only from the state."""
        ending: dict[str, Any] = {"mark": {str(index): "pendingReplacement"}} if pending_replacement else {"old": index}
        row = self._recorder.ledger.base[index]
        state = None if handler is None and not row.get("resourceHooks") else ResourceState.from_json(row, self._vault)
        if state is not None and state.hooks:
            self._before("BeforeDelete", step, None, state)
        if not self._preview:
            self._start(step)
            if handler is None or state is None:
                self._recorder.record({"e": "end", **ending})
            else:
                self._delete(step, row, state, handler, ending)
        if state is not None and state.hooks:
            self._after("AfterDelete", step, None, state)
        self.note(step)

    def _delete(self, step: Step, row: Row, state: ResourceState, handler: Handler, ending: Mapping[str, Any]) -> None:
        number = self._recorder.number()
        self._recorder.record({"e": "intent", "n": number, "op": "deleting", "row": row})

        def call() -> None:
            with self._serving(state, "delete"):
                handler.delete(state.urn, state.id, plain(state.inputs), plain(state.outputs))

        try:
            self.hooks.retried("delete", None, state, call)
        except Exception as error:
            self._recorder.record({"e": "fail", "n": number})
            if isinstance(error, Stopped):
                raise
            raise StepFailed(state.urn, error_text(error, state), step) from error
        self._recorder.record({"e": "end", "n": number, **ending})

    # inside -----------------------------------------------------------------------------------------------

    def _change(
        self,
        step: Step,
        state: ResourceState,
        handler: Handler | None,
        operation: str,
        call: Callable[[], tuple[str, Mapping[str, Any]]],
        ending: Mapping[str, Any],
        old: ResourceState | None = None,
    ) -> ResourceState:
        """Calls and records; an update that came half way keeps its `old` inputs, for it is not what was asked."""
        self._start(step)
        hooked = _HOOKED.get(operation, "")
        if hooked and state.hooks:
            self._before(f"Before{hooked}", step, state, old)
        number = 0
        if handler is not None and not self._preview:
            number = self._recorder.number()
            intent = {"e": "intent", "n": number, "op": operation, "row": state.to_json(self._vault)}
            self._recorder.record(intent)
        failure: StepFailed | None = None
        try:
            id_, outputs = self.hooks.retried(hooked.lower(), state, old, call) if hooked and handler else call()
            state = replace(state, id=id_ or state.id, outputs=_marked(state, outputs), init_errors=())
        except PartialFailure as partial:
            state = replace(state, id=partial.id, outputs=_marked(state, partial.outputs), init_errors=partial.reasons)
            failure = StepFailed(state.urn, _scrubbed("; ".join(partial.reasons), state), step)
            if operation == "updating" and old is not None:
                state = replace(state, inputs=old.inputs)
        except Stopped:
            if number:
                self._recorder.record({"e": "fail", "n": number})
            raise
        except Exception as error:
            failure = StepFailed(state.urn, error_text(error, state), step)
            if number:
                self._recorder.record({"e": "fail", "n": number})
            raise failure from error
        if not self._preview:
            entry: dict[str, Any] = {"e": "end", "row": state.to_json(self._vault), **ending}
            self._recorder.record({**entry, "n": number} if number else entry)
        if failure is not None:
            raise failure
        if hooked and state.hooks and handler is None:
            self._unfinished[state.urn] = (f"After{hooked}", step, old)
        elif hooked and state.hooks:
            self._after(f"After{hooked}", step, state, old)
        if operation == "reading":
            step = replace(step, counted=old is not None and not same(old.outputs, state.outputs))
        self.note(step)
        return state

    def _before(self, kind: str, step: Step, new: ResourceState | None, old: ResourceState | None) -> None:
        """Runs hooks that may keep a step from happening. Raises StepFailed."""
        try:
            self.hooks.run(kind, new, old)
        except GigasiteError as error:
            raise StepFailed(step.urn, str(error), step) from error

    def _after(self, kind: str, step: Step, new: ResourceState | None, old: ResourceState | None) -> None:
        """Runs hooks after a step; one that fails fails the run, but what was done is done."""
        try:
            self.hooks.run(kind, new, old, outputs=True)
        except GigasiteError as error:
            self.late_failures.append(StepFailed(step.urn, str(error), step))
            self.emit(Event(EventKind.STEP_FAILED, step, message=str(error), severity="error"))

    @contextmanager
    def _serving(self, state: ResourceState, kind: str) -> Iterator[None]:
        """A call of a provider, which may see how long it should take; one that took longer is named."""
        with serving(state.custom_timeouts_s.get(kind), self._cancel) as call:
            yield
        if call.timeout_s is not None and call.elapsed_s > call.timeout_s:
            allowed = f"more than the {number(call.timeout_s)} s of its custom_timeouts"
            self.say("warning", f"its {kind} took {call.elapsed_s:.1f} s, {allowed}", state.urn)

    def _start(self, step: Step) -> None:
        self.emit(Event(EventKind.STEP_STARTED, step))


def _marked(state: ResourceState, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs with their secrets: those that came in as inputs, and those that the program names."""
    return make_secret(carry_secrets(outputs, state.inputs), state.additional_secret_outputs)


def _kept(state: ResourceState, old: ResourceState | None, row: Row) -> dict[str, Any]:
    """The parts of an old row that still say what `state` says."""
    if old is None:
        return {}
    kept: dict[str, Any] = {}
    if same(state.inputs, old.inputs):
        kept["inputs"] = row.get("inputs", {})
    if same(state.outputs, old.outputs):
        kept["outputs"] = row.get("outputs", {})
    if same(state.replacement_trigger, old.replacement_trigger):
        kept["replacementTrigger"] = row.get("replacementTrigger")
    return kept


def error_text(error: Exception, state: ResourceState) -> str:
    """What to tell the user of a provider's error; a GigasiteError speaks for itself."""
    text = str(error) if isinstance(error, GigasiteError) else f"{type(error).__name__}: {error}"
    return _scrubbed(text, state)


def _scrubbed(text: str, state: ResourceState) -> str:
    """`text` without the secrets of a resource."""
    return scrubber([*secret_texts(state.inputs), *secret_texts(state.outputs)])(text)
