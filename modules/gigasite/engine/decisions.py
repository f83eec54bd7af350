"""What becomes of one resource: same, created, imported, updated or replaced, and what goes for its replacement.

The order of decisions is Pulumi's: import, check, diff, then a step. A resource is deleted before its
replacement is made only where its provider or the program says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gigasite.engine.claims import Claims
from gigasite.engine.deletes import make_step
from gigasite.engine.goal import Goal
from gigasite.engine.ignoring import without_ignored
from gigasite.engine.ledger import Row
from gigasite.engine.model import Op
from gigasite.engine.providers import handler_of
from gigasite.engine.replacement import cascading, dependents_to_replace
from gigasite.engine.secrets import Vault
from gigasite.engine.state import ResourceState
from gigasite.engine.steps import StepFailed, StepRunner
from gigasite.engine.values import contains_unknown, plain
from gigasite.engine.wanted import checked, difference, wanted_inputs, wanted_state
from gigasite.errors import GigasiteError
from gigasite.provider.handler import Diff, Handler


class Decisions:
    """The rows of a state and what a run makes of them; safe to call from several threads.

    `claims` knows the rows by URN and alias, `lock` guards what the program has registered; `go_on` raises when
    no further step may start. `uncertain` are resources whose deletion an earlier run began and nobody saw end.
    """

    def __init__(
        self,
        rows: list[Row],
        claims: Claims,
        lock: threading.RLock,
        runner: StepRunner,
        vault: Vault,
        go_on: Callable[[], None],
        *,
        preview: bool,
        uncertain: frozenset[str] = frozenset(),
    ) -> None:
        self.rows = rows
        self._uncertain = uncertain
        self.handled: set[int] = set()  # rows that this run has settled
        self.replaced: set[int] = set()  # rows that are to be deleted because something took their place
        self.deleted_urns: set[str] = set()  # what was deleted before its replacement was made
        self._claims = claims
        self._lock = lock
        self._runner = runner
        self._vault = vault
        self._go_on = go_on
        self._preview = preview
        self._deleted_first: dict[str, threading.Event] = {}  # by the state's URN; set when the deletion is through
        self._replaced_urns: set[str] = set()

    def settle(self, index: int, *, replaced: bool = False) -> None:
        """Notes that a row is dealt with, or that something took its place."""
        with self._lock:
            (self.replaced if replaced else self.handled).add(index)

    def bring(
        self,
        urn: str,
        goal: Goal,
        handler: Handler | None,
        provider: str,
        before: tuple[int, ResourceState] | None,
    ) -> ResourceState:
        """Carries out what brings one resource from its row `before` to its goal. Raises StepFailed, Stopped."""
        state = wanted_state(urn, goal, provider)
        if before is None:
            if goal.custom and goal.import_id:
                return self._import(goal, state, handler, None)
            state = checked(state, handler, None)
            return self._runner.create(make_step(Op.CREATE, state), state, handler)
        index, old = before
        if self.was_deleted(old.urn):
            self.settle(index)
            return self._recreate(checked(state, handler, None), old, index, handler, Diff())
        if goal.custom and goal.import_id and (old.external or (old.import_id or old.id) != goal.import_id):
            return self._import(goal, state, handler, before)
        if old.external:
            return self._replace_later(Op.CREATE_REPLACEMENT, checked(state, handler, None), old, index, handler)
        self.settle(index)
        if old.urn in self._uncertain and handler is not None and self._is_gone(old, handler):
            state = checked(state, handler, None)
            return self._runner.create(make_step(Op.CREATE, state), state, handler, old=index)
        return self._compare(goal, state, old, index, handler)

    @staticmethod
    def _is_gone(old: ResourceState, handler: Handler) -> bool:
        """Whether a deletion that nobody saw end went through. What cannot be read is there, as the state says."""
        try:
            return handler.read(old.urn, old.id, plain(old.inputs), plain(old.outputs)) is None
        except Exception:
            return False

    def _compare(
        self, goal: Goal, state: ResourceState, old: ResourceState, index: int | None, handler: Handler | None
    ) -> ResourceState:
        """Brings what stands to its goal; without an `index` it was imported just now."""
        state = checked(self._kept_where_ignored(state, old), handler, old)
        if contains_unknown(state.replacement_trigger) and not self._preview:
            raise StepFailed(state.urn, "its replacement_trigger is not known", make_step(Op.REPLACE, state, old))
        diff = difference(state, old, handler, self._replaced_urns.__contains__)
        if old.pending_replacement or diff.replaces:
            return self._replace(goal, state, old, index, handler, diff)
        if diff.changed or old.init_errors:
            return self._runner.update(make_step(Op.UPDATE, state, old, diff.details), state, old, index, handler)
        return old if index is None else self._runner.same(make_step(Op.SAME, state, old), state, old, index)

    def _kept_where_ignored(self, state: ResourceState, old: ResourceState) -> ResourceState:
        if not state.ignore_changes:
            return state
        inputs, bad = without_ignored(state.inputs, old.inputs, state.ignore_changes)
        if bad:
            paths = ", ".join(bad)
            self._runner.say(
                "info", f'cannot ignore changes in added or removed elements of the path: "{paths}"', state.urn
            )
        return replace(state, inputs=inputs)

    # imports ---------------------------------------------------------------------------------------------

    def _import(
        self,
        goal: Goal,
        state: ResourceState,
        handler: Handler | None,
        before: tuple[int, ResourceState] | None,
    ) -> ResourceState:
        """Takes over a resource that exists, in place of the row `before`, then brings it to its goal."""
        if handler is None:
            raise GigasiteError(f"{state.type} cannot be imported", path=state.urn)
        if before is None:
            imported = self._runner.take_over(make_step(Op.IMPORT, state), state, handler)
        else:
            imported = self._replace_later(Op.IMPORT_REPLACEMENT, state, before[1], before[0], handler)
        return self._compare(goal, replace(state, replacement_trigger=None), imported, None, handler)

    # replacements ----------------------------------------------------------------------------------------

    def _replace(
        self,
        goal: Goal,
        state: ResourceState,
        old: ResourceState,
        index: int | None,
        handler: Handler | None,
        diff: Diff,
    ) -> ResourceState:
        self._refuse_replacement(state, old, diff)
        with self._lock:
            self._replaced_urns.add(state.urn)
        state = checked(replace(state, inputs=wanted_inputs(goal)), handler, None)
        delete_first = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        if index is None:  # only previews come so far
            step = make_step(Op.REPLACE, state, old, diff.details)
            self._runner.note(step)
            return self._runner.create(replace(step, op=Op.CREATE_REPLACEMENT), state, handler)
        if delete_first or old.pending_replacement:
            if not old.pending_replacement:
                self._delete_dependents_first(state.urn, old, index)
            return self._recreate(state, old, index, handler, diff)
        return self._replace_later(Op.CREATE_REPLACEMENT, state, old, index, handler, diff.details)

    def _refuse_replacement(self, state: ResourceState, old: ResourceState, diff: Diff) -> None:
        """Raises StepFailed where a resource must not be replaced."""
        reasons = ", ".join(diff.replaces) or "a replacement is pending"
        step = make_step(Op.REPLACE, state, old, diff.details)
        if state.protect and old.protect:
            raise StepFailed(
                state.urn,
                f"{state.name} is protected and this change would replace it ({reasons}); take `protect` away first",
                step,
            )
        if state.import_id:
            message = (
                f"{state.name} was imported as {state.import_id} and still says so, but this change would "
                f"replace it ({reasons}); take `import_` away first"
            )
            if not self._preview:
                raise StepFailed(state.urn, message, step)
            self._runner.say("warning", message, state.urn)

    def _replace_later(
        self,
        op: Op,
        state: ResourceState,
        old: ResourceState,
        index: int,
        handler: Handler | None,
        details: Mapping[str, Any] | None = None,
    ) -> ResourceState:
        """Makes or imports a replacement first; the row at `index` is deleted at the end of the run."""
        step = make_step(op, state, old, details)
        with self._lock:
            self.handled.discard(index)
            self.replaced.add(index)
        try:
            if op is Op.IMPORT_REPLACEMENT and handler is not None:
                made = self._runner.take_over(step, state, handler, mark_delete=index)
            else:
                made = self._runner.create(step, state, handler, mark_delete=index)
        except StepFailed:
            with self._lock:
                self.replaced.discard(index)
                self.handled.add(index)
            raise
        self._runner.note(replace(step, op=Op.REPLACE))
        return made

    def _recreate(
        self, state: ResourceState, old: ResourceState, index: int, handler: Handler | None, diff: Diff
    ) -> ResourceState:
        """The second half of a replacement that deletes first."""
        with self._lock:
            self._replaced_urns.add(state.urn)
        step = make_step(Op.CREATE_REPLACEMENT, state, old, diff.details)
        self._runner.note(replace(step, op=Op.REPLACE))
        return self._runner.create(step, state, handler, old=index)

    def was_deleted(self, urn: str) -> bool:
        """Whether this run deleted a resource of the state already, waiting for the deletion to end."""
        deletion = self._deleted_first.get(urn)
        if deletion is None:
            return False
        deletion.wait()
        self._go_on()
        return True

    def _delete_dependents_first(self, urn: str, old: ResourceState, index: int) -> None:
        """Deletes a resource before its replacement is made, and before it what has to be replaced in turn."""
        with self._lock:
            settled = self._claims.settled() | self._deleted_first.keys()
            doomed = dependents_to_replace(self.rows, index, settled, self._vault)
            known = {at for _, at in doomed}
            settled |= {state.urn for state, _ in doomed}
            doomed += [
                (state, at) for state, at in cascading(self.rows, old.urn, settled, self._vault) if at not in known
            ]
            for state, _ in doomed:
                if state.protect:
                    raise StepFailed(
                        urn,
                        f"replacing it would replace {state.name}, which is protected; take `protect` away first",
                    )
            for state, _ in doomed:
                self._deleted_first[state.urn] = threading.Event()
            self.deleted_urns |= {old.urn, *(state.urn for state, _ in doomed)}
        try:
            for state, at in reversed(doomed):
                self._delete_first(state, at)
        finally:
            for state, _ in doomed:
                self._deleted_first[state.urn].set()
        self._delete_first(old, index)

    def _delete_first(self, old: ResourceState, index: int) -> None:
        forgotten = old.external or old.retain_on_delete or old.deleted_with in self.deleted_urns
        handler = handler_of(old.type) if old.custom and not forgotten else None
        step = make_step(Op.DELETE_REPLACED, None, old)
        self._runner.delete(step, index, handler, pending_replacement=True)
