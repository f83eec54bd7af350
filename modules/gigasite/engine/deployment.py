"""A run: registrations come in, each becomes steps, and what was not registered is deleted at the end.

A resource is deleted only when nothing in the state needs it any more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gigasite.engine.aliases import Named
from gigasite.engine.claims import Claims
from gigasite.engine.decisions import Decisions
from gigasite.engine.deletes import Condemned, condemned_rows, delete_in_order, make_step
from gigasite.engine.goal import Goal, ReadGoal
from gigasite.engine.ledger import Row
from gigasite.engine.model import Event, EventKind, Op
from gigasite.engine.providers import (
    STACK_REFERENCE,
    check_package,
    default_provider_inputs,
    default_provider_name,
    handler_of,
)
from gigasite.engine.references import referenced
from gigasite.engine.secrets import Vault
from gigasite.engine.state import PROVIDER_PREFIX, STACK_TYPE, ResourceState, make_urn
from gigasite.engine.steps import StepFailed, StepRunner, Stopped
from gigasite.engine.targets import Selection, references_of
from gigasite.engine.values import UNKNOWN_TOKEN, plain
from gigasite.engine.wanted import wanted_state
from gigasite.errors import GigasiteError


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to a registration; in previews a failed one lets the program go on."""

    urn: str
    id: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False
    unknown: bool = False  # not made, for it was not among the targets


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run needs to know of its stack: names, configuration, and the outputs of other stacks."""

    project: str
    stack: str
    config: Mapping[str, str]
    secret_keys: frozenset[str]
    stack_outputs: Callable[[str], Mapping[str, Any]]


class Deployment:
    """One preview, up or destroy of a stack. Called from several threads by the program's registrations."""

    def __init__(
        self,
        surroundings: Surroundings,
        rows: list[Row],
        runner: StepRunner,
        vault: Vault,
        *,
        preview: bool,
        cancel: threading.Event,
        selection: Selection | None = None,
        uncertain: frozenset[str] = frozenset(),
    ) -> None:
        self.failures: list[StepFailed] = []
        self.hooks = runner.hooks
        self.states: dict[str, ResourceState] = {}
        self._around = surroundings
        self._runner = runner
        self._vault = vault
        self._preview = preview
        self._cancel = cancel
        self._selection = selection or Selection()
        self._seen: set[str] = set()
        self._stack_outputs: Mapping[str, Any] | None = None
        self._rest_is_deleted = False
        self._lock = threading.RLock()
        self._provider_lock = threading.RLock()
        self._claims = Claims(rows, self._seen, self._lock, vault)
        self._decisions = Decisions(
            rows, self._claims, self._lock, runner, vault, self._go_on, preview=preview, uncertain=uncertain
        )

    # what the program asks for ---------------------------------------------------------------------------

    def register(self, goal: Goal) -> Registered:
        """Brings one resource to its goal. Raises StepFailed, Stopped, or GigasiteError for a bad goal."""
        self._go_on()
        goal = self._inherit(goal)
        urn = self._enter(goal.parent, goal.type, goal.name)
        before = self._claims.claim(urn, self._named(goal), goal.aliases)
        try:
            handler = handler_of(goal.type) if goal.custom else None
            provider = self.provide(goal.package, goal.version, goal.provider) if self._needs_provider(goal) else ""
            if not self._takes(urn, goal, provider, before):
                return self._pass_over(urn, goal, provider, before)
            state = self._decisions.bring(urn, goal, handler, provider, before)
        except StepFailed as failure:
            return self._fail(failure)
        with self._lock:
            self.states[urn] = state
        return Registered(urn, state.id, state.outputs if goal.custom else {})

    def read(self, goal: ReadGoal) -> Registered:
        """Reads a resource that this stack does not manage."""
        self._go_on()
        urn = self._enter(goal.parent, goal.type, goal.name)
        try:
            provider = self.provide(goal.package, goal.version, goal.provider)
            state = self._read(urn, goal, provider)
        except StepFailed as failure:
            return self._fail(failure)
        with self._lock:
            self.states[urn] = state
        return Registered(urn, state.id, state.outputs)

    def register_outputs(self, urn: str, outputs: Mapping[str, Any]) -> None:
        """Takes a component's outputs; those of the stack wait for the end of the run."""
        with self._lock:
            state = self.states.get(urn)
        if state is None:
            raise GigasiteError(f"outputs for {urn}, which is not registered")
        if self._selection.is_skipped(urn):
            return
        if state.type == STACK_TYPE:
            self._stack_outputs = outputs
            return
        self._give_outputs(state, outputs)

    def resource(self, urn: str) -> ResourceState:
        """A resource of this run, for references to it."""
        with self._lock:
            if urn not in self.states:
                raise GigasiteError(f"there is no resource {urn}")
            return self.states[urn]

    # the end of a run ------------------------------------------------------------------------------------

    def delete_rest(self, parallel: int) -> None:
        """Deletes what was replaced or not registered, dependents first; only once. Raises Stopped."""
        if self._rest_is_deleted:
            return
        self._rest_is_deleted = True
        decisions = self._decisions
        condemned = condemned_rows(decisions.rows, self._claims.settled(), decisions.handled, decisions.replaced)
        if self._selection.constrained:
            condemned = self._among_targets(condemned)
            if self.failures:
                return
        delete_in_order(
            condemned,
            self._runner,
            lambda row: ResourceState.from_json(row, self._vault),
            decisions.deleted_urns,
            parallel=parallel,
            go_on=self._go_on,
            failed=self._note_failure,
        )

    def finish_outputs(self, *, succeeded: bool) -> Mapping[str, Any]:
        """Settles the stack's outputs; after a failure old ones that the program did not reach stay."""
        self.failures += self._runner.late_failures
        succeeded = succeeded and not self.failures
        state = next((s for s in self.states.values() if s.type == STACK_TYPE), None)
        if state is None:
            return {}
        if self._stack_outputs is not None:
            outputs = self._stack_outputs if succeeded else {**state.outputs, **self._stack_outputs}
            state = self._give_outputs(state, outputs)
        return state.outputs

    # inside: targets ---------------------------------------------------------------------------------------

    def _takes(self, urn: str, goal: Goal, provider: str, before: tuple[int, ResourceState] | None) -> bool:
        """Whether the run is about a resource. Raises StepFailed where it needs one that the run does not make."""
        if not self._selection.constrained:
            return True
        references = list(references_of(goal, provider))
        with self._lock:
            taken = self._selection.takes(urn, references)
            missing = self._selection.missing(references)
        if before is not None and self._decisions.was_deleted(before[1].urn):
            taken = True
        if missing and taken:
            message = f"it needs {missing}, which is not there yet and not among the targets; name that too"
            raise StepFailed(urn, message, make_step(Op.CREATE, wanted_state(urn, goal, provider)))
        return taken

    def _pass_over(self, urn: str, goal: Goal, provider: str, before: tuple[int, ResourceState] | None) -> Registered:
        """Leaves a resource as it is, or does not make it."""
        if before is None:
            state = wanted_state(urn, goal, provider)
            with self._lock:
                self._selection.skip(urn)
                self.states[urn] = state
            self._runner.note(make_step(Op.SAME, state, state))
            return Registered(urn, unknown=True)
        index, old = before
        with self._lock:
            self._selection.keep(old.urn)
            self._seen.add(old.urn)
            self.states[old.urn] = old
        self._decisions.settle(index)
        self._runner.keep(make_step(Op.SAME, old, old), index)
        return Registered(old.urn, old.id, old.outputs if goal.custom else {})

    def _among_targets(self, condemned: list[Condemned]) -> list[Condemned]:
        """What of `condemned` the run may delete; the rest stays. Notes a failure for what nobody named."""
        may_go = self._selection.to_delete() or set()
        going: list[Condemned] = []
        for item in condemned:
            if item.index in self._decisions.replaced:
                going.append(item)
                continue
            old = ResourceState.from_json(item.row, self._vault)
            if old.urn not in may_go:
                self._runner.note(make_step(Op.SAME, old, old))
                continue
            going.append(item)
            if not self._selection.named(old.urn):
                message = "a target that it depends on is deleted; name it too, or pass --target-dependents"
                self._note_failure(StepFailed(old.urn, message, make_step(Op.DELETE, None, old)))
        return going

    # inside: names, parents, providers --------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._cancel.is_set() or (self.failures and not self._preview):
            raise Stopped

    def _note_failure(self, failure: StepFailed) -> None:
        with self._lock:
            self.failures.append(failure)
        self._runner.emit(Event(EventKind.STEP_FAILED, failure.step, message=failure.message, severity="error"))

    def _fail(self, failure: StepFailed) -> Registered:
        self._note_failure(failure)
        if not self._preview:
            raise failure
        return Registered(failure.urn, failed=True)

    def _inherit(self, goal: Goal) -> Goal:
        """What a child takes from its parent where it does not say itself."""
        parent = self.states.get(goal.parent)
        if parent is None:
            return goal
        return replace(
            goal,
            protect=parent.protect if goal.protect is None else goal.protect,
            retain_on_delete=parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete,
            deleted_with=goal.deleted_with or parent.deleted_with,
        )

    def _enter(self, parent: str, type_: str, name: str) -> str:
        """The URN of a new registration. Raises GigasiteError where the parent is missing or it is taken."""
        urn = make_urn(self._around.stack, self._around.project, parent, type_, name)
        with self._lock:
            if parent and parent not in self.states:
                raise GigasiteError(f"the parent {parent} is not registered", path=urn)
            if urn in self._seen:
                raise GigasiteError(
                    f"two resources of type {type_} are called {name}",
                    path=urn,
                    hint="names are unique in their parent",
                )
            self._seen.add(urn)
        return urn

    def _named(self, goal: Goal | ReadGoal) -> Named:
        return Named(goal.name, goal.type, goal.parent, self._around.project, self._around.stack)

    @staticmethod
    def _needs_provider(goal: Goal) -> bool:
        return goal.custom and not goal.is_provider

    def provide(self, package: str, version: str, explicit: str) -> str:
        """The provider reference of a resource or an invoke: the program's own, else the package's default provider."""
        if explicit:
            return explicit
        name = default_provider_name(version)
        type_ = PROVIDER_PREFIX + package
        check_package(package, type_)
        urn = make_urn(self._around.stack, self._around.project, "", type_, name)
        with self._provider_lock:
            if urn not in self._seen:
                inputs = default_provider_inputs(package, version, self._around.config, self._around.secret_keys)
                self.register(Goal(type=type_, name=name, custom=True, parent="", inputs=inputs))
            if urn not in self.states:
                raise Stopped
        return f"{urn}::{self.states[urn].id or UNKNOWN_TOKEN}"

    def _read(self, urn: str, goal: ReadGoal, provider: str) -> ResourceState:
        before = self._claims.claim(urn, self._named(goal))
        index, old = before or (None, None)
        state = ResourceState(
            urn=urn,
            type=goal.type,
            custom=True,
            id=goal.id,
            inputs=goal.inputs,
            parent=goal.parent,
            external=True,
            dependencies=goal.dependencies,
            provider=provider,
            additional_secret_outputs=goal.additional_secret_outputs,
            created=old.created if old else "",
            modified=old.modified if old else "",
        )
        taken_over = old is not None and not old.external and old.id != goal.id
        if index is not None:
            self._decisions.settle(index, replaced=taken_over)
        step = make_step(Op.READ_REPLACEMENT if taken_over else Op.READ, state, old)

        def read() -> tuple[str, Mapping[str, Any]] | None:
            if goal.id == UNKNOWN_TOKEN:
                return "", {}
            if goal.type == STACK_REFERENCE:
                return goal.id, referenced(goal.inputs, goal.id, self._around.stack_outputs)
            found = handler_of(goal.type).read(urn, goal.id, plain(goal.inputs), plain(goal.inputs))
            return None if found is None else (found.id, found.outputs)

        found = self._runner.read(
            step,
            state,
            read,
            old,
            old=None if taken_over else index,
            mark_delete=index if taken_over else None,
        )
        if taken_over:
            self._runner.note(replace(step, op=Op.REPLACE))
        return found

    def _give_outputs(self, state: ResourceState, outputs: Mapping[str, Any]) -> ResourceState:
        before = self._claims.old(state.urn)
        index, old = before or (None, None)
        row = None if index is None else self._decisions.rows[index]
        given = self._runner.outputs(state, outputs, old, row)
        with self._lock:
            self.states[state.urn] = given
        return given
