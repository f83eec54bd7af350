"""The embedded engine: Pulumi's meaning in this process, on Pulumi's file backend."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from gigasite.engine.backend import Checkpoint, FileBackend
from gigasite.engine.config import StackConfig
from gigasite.engine.held import Held, current, locked
from gigasite.engine.interruption import Interruption
from gigasite.engine.journal import Journal, content_sha256
from gigasite.engine.ledger import Ledger
from gigasite.engine.model import (
    Event,
    EventKind,
    OnEvent,
    Program,
    RunOptions,
    RunResult,
    Step,
)
from gigasite.engine.project import Project
from gigasite.engine.recovery import resealed, uncertain_deletions
from gigasite.engine.references import StackOutputs, recorded_outputs
from gigasite.engine.run import (
    Run,
    about_failures,
    about_pending,
    counted,
    history_record,
    ignore,
    in_order,
    of_run,
)
from gigasite.engine.runs import Runs
from gigasite.engine.scrub import scrubber
from gigasite.engine.secrets import Vault
from gigasite.engine.verbs import LocalVerbs
from gigasite.errors import ApplyError, GigasiteError, UsageError


class LocalEngine(Runs, LocalVerbs):
    """Previews, brings up and destroys stacks without the Pulumi CLI.

    It runs Gigasite's own provider, keeps state in a folder and secrets under a passphrase; whatever else a
    project asks for is refused by name. Errors are GigasiteError and its children.
    """

    name = "local"

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
        from gigasite.provider.location import working_in

        if options.parallel < 1:
            raise UsageError("at least one step runs at a time", hint="parallel is 1 or more")
        interruption = Interruption(options.cancel or threading.Event())
        run = Run(kind, project, stack, options, preview, on_event or ignore, interruption)
        backend = FileBackend(project)
        with working_in(project.root), run.interruption.handled():
            try:
                if preview:
                    return self._carry_out(run, backend, current(backend, stack), program)
                if not backend.exists(stack):
                    backend.read(stack)  # says that there is no such stack
                with locked(backend, stack, say=run.say) as lock:
                    lock.keep = True  # until the journal is closed
                    return self._carry_out(run, backend, backend.read(stack), program, lock)
            except GigasiteError as error:
                ended = of_run(error, applies=not preview, scrub=run.scrub)
                raise ended from (None if ended is error else error)
            except OSError as error:  # of journal, lock or state, where nobody nearer to it had more to say
                hint = "nothing is lost: put it right and run it again, which goes on from there"
                raise ApplyError(f"cannot be used: {error.strerror}", str(error.filename or ""), hint) from None

    def _carry_out(
        self,
        run: Run,
        backend: FileBackend,
        checkpoint: Checkpoint,
        program: Program | None,
        lock: Held | None = None,
    ) -> RunResult:
        config = StackConfig.load(run.project, run.stack)
        had_salt = bool(config.salt_text)
        vault = config.vault(checkpoint.salt_text)
        vault.start()

        from gigasite.engine.callbacks import Callbacks
        from gigasite.engine.deployment import Deployment, Surroundings
        from gigasite.engine.hooks import Hooks
        from gigasite.engine.monitor import Monitor  # noqa: F401  (imports pulumi while the key is derived)
        from gigasite.engine.steps import Recorder, StepRunner
        from gigasite.engine.targets import Selection, completed

        vault.check()
        if not had_salt and not run.preview:
            config.save()
        run.options = completed(run.options, checkpoint.rows, may_be_new=run.kind == "up")
        rows = resealed(checkpoint.rows, checkpoint.salt_text, vault.salt_text)
        texts, secret_keys = config.resolved()
        run.scrub = scrubber(config.secret_texts())
        manifest_version = f"v{version('pulumi')}"
        header = {
            "stack": backend.qualified(run.stack),
            "base_sha256": checkpoint.sha256,
            "salt": vault.salt_text,
            "manifest_version": manifest_version,
        }
        journal = None if run.preview else Journal(backend.journal_path(run.stack), header)
        ledger = Ledger(rows, checkpoint.pending)
        recorder = Recorder(ledger, journal)
        cancel = run.interruption.cancel
        callbacks = Callbacks(cancel, run.scrub)
        runner = StepRunner(
            recorder,
            vault,
            preview=run.preview,
            on_event=run.event,
            say=run.say,
            cancel=cancel,
            hooks=Hooks(callbacks.call, run.say, preview=run.preview),
        )
        references = StackOutputs(backend, vault, run.say)
        around = Surroundings(run.project.name, run.stack, texts, secret_keys, references.read)
        if checkpoint.pending:
            run.say("warning", about_pending(checkpoint))
        error: BaseException | None = None
        outputs: Mapping[str, Any] = {}
        try:
            failures, error = self._refresh(run, runner, recorder, vault, references)
            selection = Selection(run.options, ledger.base)
            deployment = Deployment(
                around,
                list(ledger.base),
                runner,
                vault,
                preview=run.preview,
                cancel=cancel,
                selection=selection,
                uncertain=uncertain_deletions(checkpoint.pending),
            )
            deployment.failures += failures
            if error is None and not failures and run.kind != "refresh":
                error = self._steps(run, deployment, selection, callbacks, program, texts, secret_keys)
            outputs = deployment.finish_outputs(succeeded=error is None)
            if run.kind == "refresh":
                outputs = recorded_outputs(ledger.base, vault)
        finally:
            callbacks.close()
            if journal is not None and lock is not None:
                data = backend.render(
                    run.stack, ledger.rows(), ledger.pending_operations(), vault.salt_text, manifest_version
                )
                if journal.is_open:
                    journal.wait(journal.append({"e": "commit", "sha256": content_sha256(data)}))
                backend.write(run.stack, data)
                journal.close(remove=True)
                lock.keep = False
        changes = counted(runner.steps, refreshes=run.kind == "refresh")
        if journal is not None:
            failed = error is not None or bool(deployment.failures)
            try:
                backend.add_history(run.stack, history_record(run, config, changes, failed=failed))
            except GigasiteError as problem:  # the state itself is written
                run.say("warning", f"the history lacks this run: {problem.path}: {problem.message}")
        return self._conclude(run, deployment, runner.steps, changes, outputs, error)

    @staticmethod
    def _refresh(
        run: Run, runner: Any, recorder: Any, vault: Vault, references: StackOutputs
    ) -> tuple[list[Any], BaseException | None]:
        """Reads the resources again where the run asks for it; returns failures, and what ended it early."""
        from gigasite.engine.refresh import Refresh
        from gigasite.engine.steps import Stopped
        from gigasite.engine.targets import Selection

        if not (run.options.refresh or run.kind == "refresh"):
            return [], None
        refresh = Refresh(runner, recorder, vault, run.interruption.cancel, references.read)
        chosen = Selection(run.options, recorder.ledger.base).to_refresh()
        try:
            return refresh.run(chosen, run.options.parallel), None
        except (Stopped, GigasiteError) as stopped:
            return [], stopped

    def _steps(
        self,
        run: Run,
        deployment: Any,
        selection: Any,
        callbacks: Any,
        program: Program | None,
        texts: Mapping[str, str],
        secret_keys: frozenset[str],
    ) -> BaseException | None:
        """Runs the program, then the deletions; returns what ended either early."""
        from gigasite.engine.program import ProgramSettings, run_program
        from gigasite.engine.steps import Stopped
        from gigasite.engine.targets import refuse_unmatched

        if run.kind == "up":
            from gigasite.engine.monitor import EngineLog, Monitor
            from gigasite.engine.transforms import Transforms

            settings = ProgramSettings(
                run.project, run.stack, texts, secret_keys, run.preview, run.options.parallel, run.scrub
            )
            monitor = Monitor(
                deployment,
                Transforms(callbacks.call, deployment.states),
                project=run.project.name,
                stack=run.stack,
                preview=run.preview,
                parallel=run.options.parallel,
            )
            error = run_program(settings, monitor, EngineLog(run.say), program, run.interruption)
            if error is not None or (deployment.failures and not run.preview):
                return error
        try:
            deployment.delete_rest(run.options.parallel)
            refuse_unmatched(selection)
        except (Stopped, GigasiteError) as stopped:
            return stopped
        return None

    def _conclude(
        self,
        run: Run,
        deployment: Any,
        steps: list[Step],
        changes: Mapping[str, int],
        outputs: Mapping[str, Any],
        error: BaseException | None,
    ) -> RunResult:
        from gigasite.engine.values import redact

        duration_s = time.monotonic() - run.started_s
        shown = redact(outputs)
        run.event(Event(EventKind.OUTPUTS, outputs=shown))
        run.event(Event(EventKind.SUMMARY, changes=changes, duration_s=duration_s))
        if isinstance(error, GigasiteError) and not deployment.failures:
            raise error
        if deployment.failures:
            raise ApplyError(about_failures(run, deployment.failures), hint=run.after_failure)
        if error is not None:
            raise ApplyError(
                f"stopped before the {run.what} was complete",
                hint="what was done is in the state; run it again",
            )
        return RunResult(tuple(in_order(steps)), changes, shown, False, tuple(run.diagnostics), duration_s)
