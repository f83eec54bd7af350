"""The embedded engine's verbs that run nothing: of stacks, and of the state that a stack has.

Whoever changes a state holds its lock; what a killed run left is recovered before. A state is replaced whole, and
the one before stays as `.bak`, as the CLI keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any, TypeVar

from gigasite.engine import edits
from gigasite.engine.backend import Checkpoint, FileBackend, parse_deployment, version_of
from gigasite.engine.config import StackConfig
from gigasite.engine.held import current, locked
from gigasite.engine.integrity import Row, problems
from gigasite.engine.locks import holders
from gigasite.engine.model import StackInfo, Update, some
from gigasite.engine.project import Project
from gigasite.engine.recovery import Recovery, describe_pending, recover
from gigasite.engine.references import shown_outputs
from gigasite.engine.secrets import Vault, passphrase_from_environment
from gigasite.errors import GigasiteError, UsageError

_Told = TypeVar("_Told")


class LocalVerbs:
    """Stacks and states in a folder. Raises GigasiteError for other backends."""

    # stacks ----------------------------------------------------------------------------------------------

    def outputs(self, project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs; the passphrase is needed only to show secrets."""
        checkpoint = current(FileBackend(project), stack)
        return shown_outputs(checkpoint, show_secrets=show_secrets)

    def export(self, project: Project, stack: str) -> dict[str, Any]:
        """The state as `pulumi stack export` prints it."""
        checkpoint = current(FileBackend(project), stack)
        deployment: dict[str, Any] = {"manifest": dict(checkpoint.manifest)}
        if checkpoint.salt_text:
            deployment["secrets_providers"] = {"type": "passphrase", "state": {"salt": checkpoint.salt_text}}
        if checkpoint.rows:
            deployment["resources"] = checkpoint.rows
        if checkpoint.pending:
            deployment["pending_operations"] = checkpoint.pending
        deployment["metadata"] = dict(checkpoint.metadata)
        return {**version_of(checkpoint.rows), "deployment": deployment}

    def stacks(self, project: Project) -> tuple[StackInfo, ...]:
        return FileBackend(project).stacks()

    def init(self, project: Project, stack: str) -> None:
        """Makes an empty stack, and the salt of its secrets where its stack file has none."""
        FileBackend(project).create(stack)
        config = StackConfig.load(project, stack)
        if not config.salt_text:
            config.vault()
            config.save()

    def remove(self, project: Project, stack: str, force: bool = False) -> None:
        """Forgets a stack; its stack file stays. Raises GigasiteError where it still has resources."""
        backend = FileBackend(project)
        with locked(backend, stack):
            count = len(current(backend, stack).rows)
            if count and not force:
                raise GigasiteError(
                    f"the stack {stack} still has {count} resources", hint="destroy it first, or force it"
                )
            recover(backend, stack, discard=True)
            backend.remove(stack)

    def recover(self, project: Project, stack: str, *, discard_journal: bool = False) -> Recovery | None:
        """Folds what a killed run left into the state; None where there is nothing to do."""
        backend = FileBackend(project)
        backend.read(stack)
        if not backend.journal_path(stack).exists():
            return None
        with locked(backend, stack, recovering=False):
            return recover(backend, stack, discard=discard_journal)

    def history(self, project: Project, stack: str) -> tuple[Update, ...]:
        """What was done to a stack, the latest first."""
        backend = FileBackend(project)
        backend.read(stack)
        return tuple(map(Update.of_record, backend.history(stack)))

    def rename(self, project: Project, stack: str, new: str) -> None:
        """Gives a stack another name: in its state, its history and its stack file; backups keep the old one."""
        backend = FileBackend(project)
        new_file = project.stack_file(new)
        if new_file.exists():
            raise UsageError(f"there is a stack file of {new} already", path=str(new_file), hint="choose another name")
        with locked(backend, stack), locked(backend, new):
            if backend.exists(new):
                raise UsageError(f"the stack {new} exists already", hint="choose another name")
            state = backend.read(stack)
            rows = edits.with_stack_name(state.rows, project.name, stack, new)
            pending = [
                {**item, "resource": edits.with_stack_name([item["resource"]], project.name, stack, new)[0]}
                for item in state.pending
            ]
            backend.create_as(new, self._rendered(backend, new, replace(state, rows=rows, pending=pending)))
            backend.retire(stack, new)
            if project.stack_file(stack).exists():
                project.stack_file(stack).rename(new_file)

    def cancel(self, project: Project, stack: str) -> tuple[str, ...]:
        """Removes every lock of a stack, whoever has it; tells whose they were."""
        backend = FileBackend(project)
        backend.read(stack)
        found = tuple(holders(backend.lock_folder(stack)))
        backend.lock(stack).clear(found)
        return tuple(map(str, found))

    # states ------------------------------------------------------------------------------------------------

    def import_state(
        self, project: Project, stack: str, document: Mapping[str, Any], *, force: bool = False
    ) -> tuple[str, ...]:
        """Takes what `stack export` printed as the stack's state; returns what was doubtful.

        Raises GigasiteError for what this engine cannot carry on with, and, unless `force`, for an unsound state
        or one of another stack. Pending operations are left out, as the CLI does.
        """
        backend = FileBackend(project)
        given = parse_deployment(document)
        doubts = [f"{urn} is of another stack" for urn in edits.of_other_stacks(given.rows, stack)]
        doubts += problems(given.rows)
        if doubts and not force:
            raise GigasiteError(
                f"this is no sound state of {stack}: {some(doubts, edits.NAMED_COUNT)}",
                hint="put it right, or pass --force",
            )
        dropped = [f"left out: {text}, not known to have ended" for text in describe_pending(given.pending)]
        with locked(backend, stack):
            backend.read(stack)
            config = StackConfig.load(project, stack)
            vault = Vault(given.salt_text, passphrase_from_environment()) if given.salt_text else config.vault()
            vault.check()
            rows = edits.sealed(given.rows, vault)
            backend.write(
                stack, self._rendered(backend, stack, replace(given, rows=rows, pending=[], salt_text=vault.salt_text))
            )
        return (*doubts, *dropped)

    def forget(
        self,
        project: Project,
        stack: str,
        names: Sequence[str],
        *,
        target_dependents: bool = False,
        force: bool = False,
    ) -> tuple[str, ...]:
        """Takes resources out of the state; they stay where they are. Returns their URNs."""
        return self._edit(
            project,
            stack,
            lambda rows: edits.forgotten(rows, names, target_dependents=target_dependents, force=force),
        )

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
        return self._edit(
            project, stack, lambda rows: edits.guarded(rows, names, everything=everything, protect=protect)
        )

    def rename_resource(self, project: Project, stack: str, name: str, new_name: str) -> tuple[str, ...]:
        """Gives a resource another name in the state; returns its URN before and after."""

        def rename(rows: list[Row]) -> tuple[list[Row], tuple[str, ...]]:
            result, old, new = edits.renamed(rows, name, new_name)
            return result, (old, new)

        return self._edit(project, stack, rename)

    def repair(self, project: Project, stack: str, *, preview: bool = False) -> tuple[str, ...]:
        """Puts an unsound state right, or only says what that would do; nothing for a sound one."""
        if preview:
            return edits.repaired(current(FileBackend(project), stack).rows)[1]
        return self._edit(project, stack, edits.repaired)

    def _edit(
        self, project: Project, stack: str, edit: Callable[[list[Row]], tuple[list[Row], tuple[str, ...]]]
    ) -> tuple[str, ...]:
        """Changes the rows of a state; where `edit` tells of nothing, nothing is written."""
        backend = FileBackend(project)
        with locked(backend, stack):
            state = backend.read(stack)
            was_sound = not problems(state.rows)
            rows, told = edit(state.rows)
            if was_sound and problems(rows):
                raise GigasiteError(f"the edit would leave an unsound state: {some(problems(rows), edits.NAMED_COUNT)}")
            if told:
                backend.write(stack, self._rendered(backend, stack, replace(state, rows=rows)))
        return told

    @staticmethod
    def _rendered(backend: FileBackend, stack: str, state: Checkpoint) -> bytes:
        written_by = str(state.manifest.get("version") or f"v{version('pulumi')}")
        return backend.render(stack, state.rows, state.pending, state.salt_text, written_by)
