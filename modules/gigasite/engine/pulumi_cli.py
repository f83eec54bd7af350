"""The engine `pulumi`: the CLI found on PATH, driven through Pulumi's Automation API."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

from pulumi.automation import LocalWorkspace, Stack
from pulumi.automation.errors import (
    CommandError,
    ConcurrentUpdateError,
    StackAlreadyExistsError,
    StackNotFoundError,
)

from gigasite.engine.model import Diagnostic, OnEvent, Op, Program, RunOptions, RunResult, StackInfo, Step
from gigasite.engine.program import interruptible
from gigasite.engine.project import Project
from gigasite.engine.pulumi_command import InterruptibleCommand
from gigasite.engine.pulumi_events import EventLog
from gigasite.engine.secrets import passphrase_from_environment
from gigasite.errors import ApplyError, GigasiteError, UnexpectedChanges
from gigasite.provider.location import working_in

_NAMED_LIMIT = 5
_DEFAULTS = RunOptions()
_OWN_ERROR = re.compile(r"^gigasite\.errors\.\w+: ", re.MULTILINE)


class _Workspace(LocalWorkspace):
    """A workspace that leaves the user's selected stack as it is; every command names its stack."""

    def select_stack(self, stack_name: str) -> None:
        pass


class PulumiEngine:
    """Runs the real Pulumi. A callable program runs in this process, the project's own in the CLI's."""

    name = "pulumi"

    def preview(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """What `up` would do. Raises UnexpectedChanges where the options expect none."""
        result = self._run(project, stack, "preview", program, options, on_event)
        if options.expect_no_changes:
            _refuse_changes(result)
        return result

    def up(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """Brings the stack to what the program describes. Raises ApplyError where a step failed."""
        if options.expect_no_changes:
            _refuse_changes(self._run(project, stack, "preview", program, options, None))
        return self._run(project, stack, "up", program, options, on_event)

    def destroy(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """Deletes every resource of the stack. Raises ApplyError where a step failed."""
        return self._run(project, stack, "destroy", program, options, on_event)

    def outputs(self, project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs; secrets as "[secret]" unless asked for."""
        shown = ["--show-secrets"] if show_secrets else []
        outputs: dict[str, Any] = json.loads(
            self._command(project, stack, ["stack", "output", "--json", *shown])
        )
        return outputs

    def export(self, project: Project, stack: str) -> dict[str, Any]:
        """The stack's state as `pulumi stack export` prints it; secrets stay encrypted."""
        state: dict[str, Any] = json.loads(self._command(project, stack, ["stack", "export"]))
        return state

    def stacks(self, project: Project) -> tuple[StackInfo, ...]:
        """The project's stacks in its backend, sorted by name."""
        listed = json.loads(self._command(project, None, ["stack", "ls", "--json"]))
        return tuple(
            StackInfo(
                name=item["name"].rpartition("/")[2],
                resource_count=item.get("resourceCount") or 0,
                last_update=item.get("lastUpdate") or "",
            )
            for item in sorted(listed, key=lambda item: str(item["name"]))
        )

    def init(self, project: Project, stack: str) -> None:
        """Makes an empty stack. Raises GigasiteError where there is one of that name."""
        self._command(project, None, ["stack", "init", stack, "--no-select"])

    def remove(self, project: Project, stack: str, force: bool = False) -> None:
        """Forgets a stack, its stack file stays; one that still has resources only with `force`."""
        forced = ["--force"] if force else []
        self._command(project, None, ["stack", "rm", stack, "--yes", "--preserve-config", *forced])

    def _run(
        self,
        project: Project,
        stack: str,
        verb: str,
        program: Program | None,
        options: RunOptions,
        on_event: OnEvent | None,
    ) -> RunResult:
        """Runs preview, up or destroy; Ctrl-C and `options.cancel` let running steps finish."""
        passphrase_from_environment()
        log = EventLog(on_event)
        cancel = options.cancel or threading.Event()
        handle = Stack.select(stack, _workspace(project, cancel))
        arguments: dict[str, Any] = {
            "parallel": options.parallel,
            "message": options.message or None,
            "color": "never",
            "on_event": log.receive,
        }
        if verb != "destroy" and program is not None:
            arguments["program"] = program
        begin = time.monotonic()
        try:
            with working_in(project.root):
                _wait_for(lambda: getattr(handle, verb)(**arguments), cancel)
        except CommandError as error:
            _explain(error, log, verb, stack, cancelled=cancel.is_set())
        return RunResult(
            steps=tuple(log.steps),
            changes=log.changes,
            outputs={} if verb == "destroy" else log.outputs,
            diagnostics=tuple(log.diagnostics),
            duration_s=time.monotonic() - begin,
        )

    def _command(self, project: Project, stack: str | None, arguments: Sequence[str]) -> str:
        workspace = _workspace(project, threading.Event())
        named = ["--stack", stack] if stack else []
        try:
            return workspace.pulumi_command.run(
                [*arguments, *named], workspace.work_dir, workspace.env_vars
            ).stdout
        except CommandError as error:
            _explain(error, EventLog(None), "", stack or "", cancelled=False)


def _workspace(project: Project, cancel: threading.Event) -> _Workspace:
    environment = {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    if project.backend_url:
        environment["PULUMI_BACKEND_URL"] = project.backend_url
    return _Workspace(
        work_dir=str(project.root), env_vars=environment, pulumi_command=InterruptibleCommand(cancel)
    )


def _wait_for(work: Callable[[], object], cancel: threading.Event) -> None:
    """Runs `work` in a thread, so that Ctrl-C only sets `cancel` and the command still comes to its end."""
    with interruptible(cancel), ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        while True:
            try:
                future.result()
                return
            except KeyboardInterrupt:
                continue


def _refuse_changes(result: RunResult) -> None:
    changed = [step for step in result.steps if step.op not in (Op.SAME, Op.READ)]
    if changed:
        raise UnexpectedChanges(f"changes where none were expected: {_named(changed)}")


def _named(steps: Sequence[Step]) -> str:
    named = ", ".join(str(step) for step in steps[:_NAMED_LIMIT])
    more = len(steps) - _NAMED_LIMIT
    return f"{named} and {more} more" if more > 0 else named


def _explain(error: CommandError, log: EventLog, verb: str, stack: str, *, cancelled: bool) -> NoReturn:
    """Tells a failed command in the user's words."""
    if isinstance(error, StackNotFoundError):
        raise GigasiteError(
            f"no stack called {stack}", hint=f"make it with `gigasite stack init {stack}`"
        ) from None
    if isinstance(error, StackAlreadyExistsError):
        raise GigasiteError("there is a stack of this name already") from None
    if isinstance(error, ConcurrentUpdateError):
        raise GigasiteError(
            f"another run holds the lock of {stack}: {_stderr(error)}",
            hint="wait for it; if it was killed, `pulumi cancel` removes its lock",
        ) from None
    if cancelled and verb != "preview":
        raise ApplyError(f"{verb} of {stack} was interrupted; what was done is in the state") from None
    reasons = "\n".join(_reason(item) for item in log.errors) or _stderr(error)
    if log.failed_steps and verb != "preview":
        raise ApplyError(f"{_named(log.failed_steps)} failed:\n{reasons}", path=stack) from None
    raise GigasiteError(reasons, path=stack) from None


def _reason(diagnostic: Diagnostic) -> str:
    """A diagnostic's message; of a Gigasite error in the program its message alone."""
    own = _OWN_ERROR.search(diagnostic.message)
    return diagnostic.message[own.end() :] if own else str(diagnostic)


def _stderr(error: CommandError) -> str:
    """What the CLI wrote, from the Automation API's rendering of a failed command."""
    _, _, rest = str(error).partition("stderr:")
    lines = [line.removeprefix("error: ") for line in rest.strip().splitlines() if line.strip()]
    return "\n".join(lines) or "the Pulumi CLI failed and did not say why"
