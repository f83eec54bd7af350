"""One run, and how it is told: what it came to, what went wrong, what history keeps of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from gigasite.engine.backend import Checkpoint
from gigasite.engine.config import StackConfig
from gigasite.engine.interruption import Interruption
from gigasite.engine.model import Diagnostic, Event, EventKind, OnEvent, Op, RunOptions, RunResult, Step
from gigasite.engine.project import Project
from gigasite.engine.recovery import describe_pending
from gigasite.engine.scrub import Scrub
from gigasite.errors import ApplyError, FindingsError, GigasiteError, UnexpectedChanges

if TYPE_CHECKING:
    from gigasite.engine.steps import StepFailed

_HISTORY_KINDS: Final = {"up": "update", "destroy": "destroy", "refresh": "refresh"}
_NAMED_COUNT: Final = 10


@dataclass
class Run:
    """What one run is about, and what it has told so far."""

    kind: str
    project: Project
    stack: str
    options: RunOptions
    preview: bool
    on_event: OnEvent
    interruption: Interruption
    started_s: float = field(default_factory=time.monotonic)
    started_at_s: int = field(default_factory=lambda: int(time.time()))
    diagnostics: list[Diagnostic] = field(default_factory=list)
    scrub: Scrub = str  # takes the configuration's secrets out of a text, once they are known

    def event(self, event: Event) -> None:
        """Tells an event without the configuration's secrets in its message."""
        event = replace(event, message=self.scrub(event.message))
        if event.kind is EventKind.STEP_FAILED:
            urn = event.step.urn if event.step else ""
            self.diagnostics.append(Diagnostic("error", event.message, urn))
        self._tell(event)

    def say(self, severity: str, message: str, urn: str = "") -> None:
        self.diagnostics.append(Diagnostic(severity, self.scrub(message), urn))
        self._tell(Event(EventKind.DIAGNOSTIC, message=str(self.diagnostics[-1]), severity=severity))

    def _tell(self, event: Event) -> None:
        try:
            self.on_event(event)
        except BrokenPipeError:  # who listened has gone; the run goes on
            self.on_event = ignore

    @property
    def what(self) -> str:
        """`up`, or `preview of up`."""
        return f"preview of {self.kind}" if self.preview else self.kind

    @property
    def after_failure(self) -> str:
        """What to do after a failure."""
        return "" if self.preview else "the state holds what was done; put it right and run it again"


def refuse_changes(result: RunResult) -> None:
    """Raises UnexpectedChanges, naming the first of them, where a run would change something."""
    changed = [str(step) for step in result.changed_steps if step.op.counted or step.op is Op.REFRESH]
    if changed:
        raise UnexpectedChanges(f"changes where none were expected: {_some(changed, ', ')}")


def of_run(error: GigasiteError, *, applies: bool, scrub: Scrub = str) -> GigasiteError:
    """An error as its run ends with it: what stopped an apply, other than findings or wrong use, failed it."""
    error.message = scrub(error.message)
    error.args = (error.message,)
    if not applies or error.exit_code != GigasiteError.exit_code or isinstance(error, FindingsError):
        return error
    return ApplyError(error.message, error.path, error.hint)


def _some(texts: list[str], separator: str) -> str:
    more = f"{separator}and {len(texts) - _NAMED_COUNT} more" if len(texts) > _NAMED_COUNT else ""
    return separator.join(texts[:_NAMED_COUNT]) + more


def counted(steps: list[Step], *, refreshes: bool = False) -> dict[str, int]:
    """Steps by operation, in Pulumi's words and order; `refreshes`: what they found is what the run was about."""
    ops = [step.found if refreshes and step.found else step.op for step in steps if step.counted]
    counts = Counter(op for op in ops if op.counted)
    return {op.value: counts[op] for op in Op if counts[op]}


def in_order(steps: list[Step]) -> list[Step]:
    """Steps in an order that no thread decides: refreshes and the program's by URN, then deletions as they came."""
    deletions = (Op.DELETE, Op.DELETE_REPLACED, Op.DISCARD, Op.DISCARD_REPLACED, Op.REMOVE_PENDING_REPLACE)
    first = [step for step in steps if step.op not in deletions]
    first.sort(key=lambda step: (step.op is not Op.REFRESH, step.urn, list(Op).index(step.op)))
    return [*first, *(step for step in steps if step.op in deletions)]


def history_record(run: Run, config: StackConfig, changes: Mapping[str, int], *, failed: bool) -> dict[str, Any]:
    """The record of a run, as the CLI keeps it; secrets of the configuration stay encrypted."""
    return {
        "kind": _HISTORY_KINDS[run.kind],
        "startTime": run.started_at_s,
        "message": run.options.message,
        "environment": {},
        "config": config.encrypted(),
        "version": 0,
        "result": "failed" if failed else "succeeded",
        "endTime": int(time.time()),
        "resourceChanges": dict(changes),
    }


def about_pending(checkpoint: Checkpoint) -> str:
    """What a user is told of operations that an earlier run left open."""
    return (
        f"operations of an earlier run are not known to have ended: "
        f"{', '.join(describe_pending(checkpoint.pending))}; creations are repeated and find what is there"
    )


def about_failures(run: Run, failures: list[StepFailed]) -> str:
    """What went wrong, by name."""
    named = [f"{failure.urn.rpartition('::')[2]}: {failure.message}" for failure in failures]
    count = f"{len(named)} steps" if len(named) > 1 else "a step"
    return f"the {run.what} failed at {count}: {_some(named, '; ')}"


def ignore(_event: Event) -> None:
    """Nobody listens."""
