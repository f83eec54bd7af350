"""The verbs that run something, the same for every engine: each is one run, or a preview of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from gigasite.engine.model import OnEvent, Program, RunOptions, RunResult
from gigasite.engine.project import Project
from gigasite.engine.run import refuse_changes

_DEFAULTS: Final = RunOptions()


class Runs(ABC):
    """What `up`, `destroy`, `refresh` and their previews are made of `_run`, which each engine has."""

    def preview(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """What `up` would do. Raises UnexpectedChanges where none were expected, ApplyError for failures."""
        return self._preview("up", project, stack, program, options, on_event)

    def up(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """Brings the stack to what the program describes.

        Raises ApplyError where a step failed or Ctrl-C came; the state is good then, and the next run goes
        on from there.
        """
        return self._apply("up", project, stack, program, options, on_event)

    def destroy(
        self,
        project: Project,
        stack: str,
        *,
        program: Program | None = None,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """Deletes every resource, dependents first; a protected one stops it before anything is deleted.

        The program is not run, and changes are what it is for: `expect_no_changes` says nothing here.
        """
        return self._run("destroy", project, stack, None, options, on_event, preview=False)

    def preview_destroy(
        self,
        project: Project,
        stack: str,
        *,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """What `destroy` would do."""
        return self._run("destroy", project, stack, None, options, on_event, preview=True)

    def refresh(
        self,
        project: Project,
        stack: str,
        *,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """Brings the state to what is there; changes no resource. The program is not run."""
        return self._apply("refresh", project, stack, None, options, on_event)

    def preview_refresh(
        self,
        project: Project,
        stack: str,
        *,
        options: RunOptions = _DEFAULTS,
        on_event: OnEvent | None = None,
    ) -> RunResult:
        """What `refresh` would find. Raises UnexpectedChanges where none were expected."""
        return self._preview("refresh", project, stack, None, options, on_event)

    def _preview(
        self,
        kind: str,
        project: Project,
        stack: str,
        program: Program | None,
        options: RunOptions,
        on_event: OnEvent | None,
    ) -> RunResult:
        result = self._run(kind, project, stack, program, options, on_event, preview=True)
        if options.expect_no_changes:
            refuse_changes(result)
        return result

    def _apply(
        self,
        kind: str,
        project: Project,
        stack: str,
        program: Program | None,
        options: RunOptions,
        on_event: OnEvent | None,
    ) -> RunResult:
        if options.expect_no_changes:
            self._preview(kind, project, stack, program, options, None)
        return self._run(kind, project, stack, program, options, on_event, preview=False)

    @abstractmethod
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
        """One run: `kind` is up, destroy or refresh."""
