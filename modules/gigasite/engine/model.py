"""What every engine speaks: operations, steps, events, options and results.

Values that a step shows are redacted: a secret is the text "[secret]", a value that only an apply can know is
"[unknown]". Nothing here imports pulumi.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from gigasite.engine.project import Project

SECRET_TEXT: Final = "[secret]"  # noqa: S105
UNKNOWN_TEXT: Final = "[unknown]"
HIDDEN_TEXT: Final = "[hidden]"  # what `hide_diffs` covers

DEFAULT_PARALLEL_COUNT: Final = 16  # the CLI's own default

Program: TypeAlias = Callable[[], Any]  # a Pulumi program in process: may return None or an awaitable


def some(texts: Iterable[str], shown: int) -> str:
    """The first of several texts, and how many there are more."""
    found = list(texts)
    more = f" and {len(found) - shown} more" if len(found) > shown else ""
    return ", ".join(found[:shown]) + more


class Op(StrEnum):
    """What a step does to a resource, in Pulumi's words."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    DELETE = "delete"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    REFRESH = "refresh"

    @property
    def counted(self) -> bool:
        """Whether summaries count it: a replacement counts once, a refresh before a run not at all."""
        return self not in _NOT_COUNTED


_NOT_COUNTED: Final = (
    Op.CREATE_REPLACEMENT,
    Op.DELETE_REPLACED,
    Op.IMPORT_REPLACEMENT,
    Op.READ_REPLACEMENT,
    Op.DISCARD_REPLACED,
    Op.REMOVE_PENDING_REPLACE,
    Op.REFRESH,
)


@dataclass(frozen=True, slots=True)
class PropertyDiff:
    """One property that differs: its path in Pulumi's syntax, how (`add`, `update-replace`), old and new."""

    path: str
    kind: str
    old: Any = None
    new: Any = None


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on one resource; `old` and `new` are its inputs, redacted.

    A refresh says what it `found`: `same`, `update` for one that is not as the state has it, `delete` for one that
    is gone.
    """

    op: Op
    urn: str
    type: str
    name: str
    custom: bool = True
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    diffs: tuple[PropertyDiff, ...] = ()
    provider: str = ""
    protect: bool = False
    counted: bool = True  # reads that saw nothing new are not
    found: Op | None = None

    def __str__(self) -> str:
        return f"{self.op} {self.type} {self.name}"

    @property
    def changes(self) -> bool:
        """Whether it changes something: it is neither `same` nor `read`, nor a refresh that found nothing new."""
        return (self.found or self.op) not in (Op.SAME, Op.READ)

    @property
    def is_default_provider(self) -> bool:
        """Whether the engine made this provider by itself; only others are shown and counted."""
        return self.type.startswith("pulumi:providers:") and self.name.partition("_")[0] == "default"


class EventKind(StrEnum):
    STEP_STARTED = "step-started"
    STEP_DONE = "step-done"
    STEP_FAILED = "step-failed"
    DIAGNOSTIC = "diagnostic"
    OUTPUTS = "outputs"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message to the user: severity is `info`, `warning` or `error`; `urn` says which resource it is on."""

    severity: str
    message: str
    urn: str = ""

    def __str__(self) -> str:
        name = self.urn.rpartition("::")[2]
        return f"{self.severity}: {name + ': ' if name else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened during a run, in the order in which it did."""

    kind: EventKind
    step: Step | None = None
    message: str = ""
    severity: str = ""
    outputs: Mapping[str, Any] | None = None
    changes: Mapping[str, int] | None = None
    duration_s: float = 0.0


OnEvent: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run.

    `expect_no_changes` raises UnexpectedChanges before anything is applied; setting `cancel` does what Ctrl-C
    does: no further step starts, running ones finish. `refresh` reads every resource again before the run.

    `targets` limit a run to these URNs, globs or names, `excludes` to all others; `target_dependents` and
    `exclude_dependents` take what depends on them with them.
    """

    parallel: int = DEFAULT_PARALLEL_COUNT
    expect_no_changes: bool = False
    message: str = ""
    cancel: threading.Event | None = None
    refresh: bool = False
    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    excludes: tuple[str, ...] = ()
    exclude_dependents: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a preview, up or destroy came to; `changes` counts operations in Pulumi's words."""

    steps: tuple[Step, ...] = ()
    changes: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    duration_s: float = 0.0

    @property
    def changed_steps(self) -> tuple[Step, ...]:
        """The steps that change something, be it only the state."""
        return tuple(step for step in self.steps if step.changes)


@dataclass(frozen=True, slots=True)
class StackInfo:
    """A stack of the project: resources in its state, when it was last written (ISO 8601, "" if never)."""

    name: str
    resource_count: int = 0
    last_update: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """Something that was done to a stack: times in seconds since 1970, operations counted in Pulumi's words."""

    kind: str
    result: str
    started_s: int
    ended_s: int
    message: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Update:
        """An update as the history keeps it."""
        return cls(
            kind=str(record.get("kind", "")),
            result=str(record.get("result", "")),
            started_s=int(record.get("startTime", 0)),
            ended_s=int(record.get("endTime", 0)),
            message=str(record.get("message", "")),
            changes=dict(record.get("resourceChanges") or {}),
        )


class Engine(Protocol):
    """What both engines do: the real Pulumi, and the embedded one."""

    name: str

    def preview(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = ...,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """What `up` would do; changes nothing."""

    def up(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = ...,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """Brings the stack to what the program describes. Raises ApplyError where a step failed."""

    def destroy(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = ...,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """Deletes every resource of the stack; the stack itself stays."""

    def preview_destroy(
        self, project: Project, stack: str, *, options: RunOptions = ..., on_event: OnEvent | None = None
    ) -> RunResult:
        """What `destroy` would do."""

    def refresh(
        self, project: Project, stack: str, *, options: RunOptions = ..., on_event: OnEvent | None = None
    ) -> RunResult:
        """Brings the state to what is there; changes no resource, runs no program."""

    def preview_refresh(
        self, project: Project, stack: str, *, options: RunOptions = ..., on_event: OnEvent | None = None
    ) -> RunResult:
        """What `refresh` would find. Raises UnexpectedChanges where none were expected."""

    def outputs(self, project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs; secrets as "[secret]" unless asked for."""

    def export(self, project: Project, stack: str) -> dict[str, Any]:
        """The stack's state as `pulumi stack export` prints it; secrets stay encrypted."""

    def stacks(self, project: Project) -> tuple[StackInfo, ...]:
        """The project's stacks in its backend, sorted by name."""

    def init(self, project: Project, stack: str) -> None:
        """Makes an empty stack."""

    def remove(self, project: Project, stack: str, force: bool = False) -> None:
        """Forgets a stack; one that still has resources only with `force`."""

    def history(self, project: Project, stack: str) -> tuple[Update, ...]:
        """What was done to a stack, the latest first."""

    def rename(self, project: Project, stack: str, new: str) -> None:
        """Gives a stack another name: in its state, its history and its stack file."""

    def cancel(self, project: Project, stack: str) -> tuple[str, ...]:
        """Removes the locks of a stack, whoever has them; tells whose they were, as far as the backend says."""

    def import_state(
        self, project: Project, stack: str, document: Mapping[str, Any], *, force: bool = False
    ) -> tuple[str, ...]:
        """Takes what `export` gave as the stack's state; returns what was doubtful, which only `force` lets pass."""

    def forget(
        self,
        project: Project,
        stack: str,
        names: Sequence[str],
        *,
        target_dependents: bool = False,
        force: bool = False,
    ) -> tuple[str, ...]:
        """Takes resources out of the state, not out of the world; returns their URNs."""

    def protect(
        self,
        project: Project,
        stack: str,
        names: Sequence[str] = (),
        *,
        everything: bool = False,
        protect: bool = True,
    ) -> tuple[str, ...]:
        """Sets or takes away the protection of resources; returns the URNs whose it was."""

    def rename_resource(self, project: Project, stack: str, name: str, new_name: str) -> tuple[str, ...]:
        """Gives a resource another name in the state; returns its URN before and after."""

    def repair(self, project: Project, stack: str, *, preview: bool = False) -> tuple[str, ...]:
        """Puts an unsound state right, or only says what that would do; nothing for a sound one."""
