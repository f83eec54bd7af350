"""The engine `pulumi`: the CLI found on PATH, driven through Pulumi's Automation API."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from pulumi.automation import OutputMap, Stack, UpdateSummary
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import CommandError

from gigasite.engine.interruption import Interruption
from gigasite.engine.model import OnEvent, Program, RunOptions, RunResult
from gigasite.engine.project import Project
from gigasite.engine.pulumi_errors import run_failed
from gigasite.engine.pulumi_events import EventLog
from gigasite.engine.pulumi_verbs import PulumiVerbs, fold, need_passphrase, workspace_of
from gigasite.engine.run import in_order
from gigasite.engine.runs import Runs
from gigasite.engine.targets import Selection, completed, is_short, refuse_unmatched
from gigasite.errors import ApplyError, UsageError
from gigasite.provider.location import working_in


class _Stack(Stack):
    """A stack whose runs end with the CLI: its events already told what three more commands would."""

    def outputs(self) -> OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        now = datetime.now(UTC)
        return UpdateSummary("", now, "", {}, {}, "succeeded", now)


class PulumiEngine(Runs, PulumiVerbs):
    """Runs the real Pulumi. A callable program runs in this process, the project's own in the CLI's."""

    name = "pulumi"

    def _run(
        self,
        kind: str,
        project: Project,
        stack: str,
        program: Program | None,
        options: RunOptions,
        on_event: OnEvent | None,
        *,
        preview: bool,
    ) -> RunResult:
        """Runs one verb of the Automation API; Ctrl-C and `options.cancel` let running steps finish."""
        verb = ("preview" if kind == "up" else f"preview_{kind}") if preview else kind
        if options.parallel < 1:
            raise UsageError("at least one step runs at a time", hint="parallel is 1 or more")
        need_passphrase(project, stack)
        fold(project, stack, must=not preview)
        given = options
        options, known = self._with_urns(verb, project, stack, options)
        cancel, at_once = options.cancel or threading.Event(), threading.Event()
        log = EventLog(stack, on_event, cancel)
        workspace = workspace_of(project, cancel, at_once)
        workspace.options = _flags(verb, options)
        handle = _Stack(stack, workspace, StackInitMode.SELECT)
        arguments: dict[str, Any] = {
            "parallel": options.parallel,
            "message": options.message or None,
            "color": "never",
            "on_event": log.receive,
        }
        if program is not None:
            arguments["program"] = program
        begin_s = time.monotonic()
        try:
            with working_in(project.root):
                _wait_for(lambda: getattr(handle, verb)(**arguments), Interruption(cancel, at_once.set))
        except CommandError as error:
            if cancel.is_set():
                raise ApplyError(
                    f"stopped before the {_what(verb)} was complete",
                    hint="" if preview else "what was done is in the state; run it again",
                ) from None
            raise run_failed(error, log, _what(verb), project.root, applies=not preview) from None
        if options != given:  # the CLI looks at whole URNs itself
            refuse_unmatched(Selection(options, [*known, *({"urn": step.urn} for step in log.steps)]))
        outputs = {} if "destroy" in verb else log.outputs
        if "refresh" in verb and (options.targets or options.excludes):  # nobody looked at the stack itself
            outputs = self.outputs(project, stack)
        return RunResult(
            steps=tuple(in_order(list(log.steps))),
            changes=log.changes,
            outputs=outputs,
            diagnostics=tuple(log.diagnostics),
            duration_s=time.monotonic() - begin_s,
        )

    def _with_urns(
        self, verb: str, project: Project, stack: str, options: RunOptions
    ) -> tuple[RunOptions, list[dict[str, Any]]]:
        """`options` with short names as URNs, which is all that the CLI knows, and the rows of the state."""
        if not any(is_short(name) for name in (*options.targets, *options.excludes)):
            return options, []
        rows = self._rows(project, stack)
        return completed(options, rows, may_be_new=verb in ("up", "preview")), rows


def _flags(verb: str, options: RunOptions) -> list[str]:
    """The CLI's flags for what a run is about."""
    refresh = ["--refresh"] if options.refresh and "refresh" not in verb else []
    targets = [part for urn in options.targets for part in ("--target", urn)]
    excludes = [part for urn in options.excludes for part in ("--exclude", urn)]
    dependents = ["--target-dependents"] if options.targets and options.target_dependents else []
    if options.excludes and options.exclude_dependents and "destroy" not in verb:
        dependents.append("--exclude-dependents")
    return [*refresh, *targets, *excludes, *dependents]


def _wait_for(work: Callable[[], object], interruption: Interruption) -> None:
    """Runs `work` in a thread, so that signals are only noted and the command still comes to its end."""
    with interruption.handled(), ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def _what(verb: str) -> str:
    return f"preview of {verb.partition('_')[2] or 'up'}" if verb.startswith("preview") else verb
