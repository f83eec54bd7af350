"""What becomes of one resource: same, created, updated or replaced, and what is deleted for its replacement.

The order of decisions is Pulumi's: check, diff, then a step. A resource is deleted before its replacement is
made only where its provider or the program says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gigasite.engine.deletes import make_step
from gigasite.engine.goal import Goal
from gigasite.engine.ledger import Row
from gigasite.engine.model import Op
from gigasite.engine.providers import handler_of
from gigasite.engine.providers import property_diffs as input_diffs
from gigasite.engine.replacement import dependents_to_replace
from gigasite.engine.secrets import Vault
from gigasite.engine.state import ResourceState
from gigasite.engine.steps import StepFailed, StepRunner, error_text
from gigasite.engine.values import carry_secrets, plain
from gigasite.provider.handler import Diff, DiffKind, Handler


class Decisions:
    """The rows of a state and what a run makes of them; safe to call from several threads.

    `seen` are the URNs that the program has registered, guarded by `lock`; `go_on` raises when no further step
    may start.
    """

    def __init__(
        self,
        rows: list[Row],
        seen: set[str],
        lock: threading.RLock,
        runner: StepRunner,
        vault: Vault,
        go_on: Callable[[], None],
    ) -> None:
        self.rows = rows
        self.handled: set[int] = set()  # rows that this run has settled
        self.replaced: set[int] = set()  # rows that are to be deleted because something took their place
        self._seen = seen
        self._lock = lock
        self._runner = runner
        self._vault = vault
        self._go_on = go_on
        self._index = {row["urn"]: i for i, row in enumerate(rows) if not row.get("delete")}
        self._deleted_first: dict[str, threading.Event] = {}  # by URN; set when the deletion is through
        self._replaced_urns: set[str] = set()

    def old(self, urn: str) -> tuple[int, ResourceState] | None:
        """The row of a resource as the state had it before this run, and its position."""
        index = self._index.get(urn)
        return None if index is None else (index, ResourceState.from_json(self.rows[index], self._vault))

    def settle(self, index: int, *, replaced: bool = False) -> None:
        """Notes that a row is dealt with, or that something took its place."""
        with self._lock:
            (self.replaced if replaced else self.handled).add(index)

    def bring(self, urn: str, goal: Goal, handler: Handler | None, provider: str) -> ResourceState:
        """Carries out what brings one resource to its goal. Raises StepFailed, Stopped."""
        deletion = self._deleted_first.get(urn)
        if deletion is not None:
            deletion.wait()
            self._go_on()
        before = self.old(urn)
        again = deletion is not None
        state = self._wanted(urn, goal, handler, provider, None if before is None or again else before[1])
        if before is None:
            return self._runner.create(make_step(Op.CREATE, state), state, handler)
        index, old = before
        self.settle(index)
        if old.external:
            return self._runner.create(make_step(Op.CREATE, state), state, handler, old=index)
        if again:
            return self._recreate(state, old, index, handler, Diff())
        diff = self._diff(state, old, handler)
        if old.pending_replacement or diff.replaces:
            return self._replace(goal, state, old, index, handler, diff)
        if diff.changed or old.init_errors:
            return self._runner.update(make_step(Op.UPDATE, state, old, diff.details), state, old, index, handler)
        return self._runner.same(make_step(Op.SAME, state, old), state, old, index)

    def _wanted(
        self, urn: str, goal: Goal, handler: Handler | None, provider: str, old: ResourceState | None
    ) -> ResourceState:
        """The state that the program asks for, its inputs checked by the provider."""
        inputs: Mapping[str, Any] = goal.inputs
        if goal.is_provider and goal.version:
            inputs = {**inputs, "version": goal.version, "__internal": {}}
        state = ResourceState(
            urn=urn,
            type=goal.type,
            custom=goal.custom,
            inputs=inputs,
            parent=goal.parent,
            protect=bool(goal.protect),
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            provider=provider,
            additional_secret_outputs=goal.additional_secret_outputs,
            retain_on_delete=bool(goal.retain_on_delete),
            deleted_with=goal.deleted_with,
        )
        return state if handler is None else self._checked(state, handler, old)

    def _checked(self, state: ResourceState, handler: Handler, old: ResourceState | None) -> ResourceState:
        """`state` with the inputs as the provider wants them. Raises StepFailed for those that it refuses."""
        known = None if old is None or old.external else plain(old.inputs)
        try:
            checked = handler.check(state.urn, known, plain(state.inputs))
        except Exception as error:
            raise StepFailed(state.urn, error_text(error, state), make_step(Op.CREATE, state)) from error
        if checked.failures:
            reasons = "; ".join(f"{f.property}: {f.reason}" if f.property else f.reason for f in checked.failures)
            raise StepFailed(state.urn, reasons, make_step(Op.CREATE, state))
        return replace(state, inputs=carry_secrets(checked.inputs, state.inputs))

    def _diff(self, state: ResourceState, old: ResourceState, handler: Handler | None) -> Diff:
        if old.custom != state.custom:
            return Diff({"provider": DiffKind.UPDATE_REPLACE})
        if state.deleted_with and state.deleted_with in self._replaced_urns:
            return Diff({"deletedWith": DiffKind.UPDATE_REPLACE})
        if handler is None:
            return Diff(input_diffs(old.inputs, state.inputs))
        try:
            return handler.diff(state.urn, old.id, plain(old.inputs), plain(old.outputs), plain(state.inputs))
        except Exception as error:
            raise StepFailed(state.urn, error_text(error, state), make_step(Op.UPDATE, state, old)) from error

    def _replace(
        self,
        goal: Goal,
        state: ResourceState,
        old: ResourceState,
        index: int,
        handler: Handler | None,
        diff: Diff,
    ) -> ResourceState:
        if state.protect and old.protect:
            raise StepFailed(
                state.urn,
                f"{state.name} is protected and this change would replace it "
                f"({', '.join(diff.replaces) or 'a replacement is pending'}); take `protect` away first",
                make_step(Op.REPLACE, state, old, diff.details),
            )
        if handler is not None:
            state = self._checked(replace(state, inputs=goal.inputs), handler, None)
        with self._lock:
            self._replaced_urns.add(state.urn)
        delete_first = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        if delete_first or old.pending_replacement:
            if not old.pending_replacement:
                self._delete_dependents_first(state.urn, index)
                self._delete_first(old, index)
            return self._recreate(state, old, index, handler, diff)
        step = make_step(Op.CREATE_REPLACEMENT, state, old, diff.details)
        with self._lock:
            self.handled.discard(index)
            self.replaced.add(index)
        try:
            created = self._runner.create(step, state, handler, mark_delete=index)
        except StepFailed:
            with self._lock:
                self.replaced.discard(index)
                self.handled.add(index)
            raise
        self._runner.note(replace(step, op=Op.REPLACE))
        return created

    def _recreate(
        self, state: ResourceState, old: ResourceState, index: int, handler: Handler | None, diff: Diff
    ) -> ResourceState:
        """The second half of a replacement that deletes first."""
        step = make_step(Op.CREATE_REPLACEMENT, state, old, diff.details)
        self._runner.note(replace(step, op=Op.REPLACE))
        return self._runner.create(step, state, handler, old=index)

    def _delete_first(self, old: ResourceState, index: int) -> None:
        handler = handler_of(old.type) if old.custom and not old.external and not old.retain_on_delete else None
        step = make_step(Op.DELETE_REPLACED, None, old)
        self._runner.delete(step, index, handler, pending_replacement=True)

    def _delete_dependents_first(self, urn: str, index: int) -> None:
        """Deletes what the replacement of `urn` would replace in turn, last dependents first."""
        with self._lock:
            settled = self._seen | self._deleted_first.keys()
            doomed = dependents_to_replace(self.rows, index, settled, self._vault)
            for state, _ in doomed:
                if state.protect:
                    raise StepFailed(
                        urn,
                        f"replacing it would replace {state.name}, which is protected; take `protect` away first",
                    )
            for state, _ in doomed:
                self._deleted_first[state.urn] = threading.Event()
                self._replaced_urns.add(state.urn)
        try:
            for state, at in reversed(doomed):
                self._delete_first(state, at)
        finally:
            for state, _ in doomed:
                self._deleted_first[state.urn].set()
