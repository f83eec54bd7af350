"""The CLI's verbs that run nothing: of stacks, and of the state that a stack has."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from pulumi.automation import LocalWorkspace
from pulumi.automation.errors import CommandError

from gigasite.engine import edits
from gigasite.engine.model import StackInfo, Update
from gigasite.engine.project import Project, backend_folder
from gigasite.engine.pulumi_command import InterruptibleCommand
from gigasite.engine.pulumi_errors import command_failed
from gigasite.engine.pulumi_events import known_values
from gigasite.engine.secrets import passphrase_from_environment
from gigasite.engine.targets import complete_urn
from gigasite.errors import GigasiteError

_EVERY_RECORD: Final = "1000000"


class Workspace(LocalWorkspace):
    """A workspace that leaves the user's selected stack as it is; every command names its stack.

    `options` go to every command, for the Automation API does not know all that the CLI does.
    """

    options: Sequence[str] = ()

    def serialize_args_for_op(self, stack_name: str) -> list[str]:
        return list(self.options)

    def select_stack(self, stack_name: str) -> None:
        pass


class PulumiVerbs:
    """Stacks and states in whatever backend the CLI knows."""

    def outputs(self, project: Project, stack: str, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs; secrets as "[secret]" unless asked for."""
        shown = ["--show-secrets"] if show_secrets else []
        return known_values(json.loads(command(project, stack, ["stack", "output", "--json", *shown])))

    def export(self, project: Project, stack: str) -> dict[str, Any]:
        """The stack's state as `pulumi stack export` prints it; secrets stay encrypted."""
        state: dict[str, Any] = json.loads(command(project, stack, ["stack", "export"]))
        return state

    def stacks(self, project: Project) -> tuple[StackInfo, ...]:
        """The project's stacks in its backend, sorted by name."""
        listed = json.loads(command(project, "", ["stack", "ls", "--json"]))
        found = [
            StackInfo(item["name"].rpartition("/")[2], item.get("resourceCount") or 0, item.get("lastUpdate") or "")
            for item in listed
        ]
        return tuple(sorted(found, key=lambda info: info.name))

    def init(self, project: Project, stack: str) -> None:
        """Makes an empty stack. Raises GigasiteError where there is one of that name."""
        need_passphrase(project, stack)
        command(project, stack, ["stack", "init", "--no-select"])

    def remove(self, project: Project, stack: str, force: bool = False) -> None:
        """Forgets a stack; its stack file stays. Raises GigasiteError where it still has resources."""
        forced = ["--force"] if force else []
        command(project, stack, ["stack", "rm", "--yes", "--preserve-config", *forced])

    def history(self, project: Project, stack: str) -> tuple[Update, ...]:
        """What was done to a stack, the latest first."""
        told = command(project, stack, ["stack", "history", "--json", "--page-size", _EVERY_RECORD])
        records = json.loads(told) if told.lstrip().startswith("[") else []
        times = ({key: _seconds(record.get(key)) for key in ("startTime", "endTime")} for record in records)
        return tuple(Update.of_record({**record, **when}) for record, when in zip(records, times, strict=True))

    def rename(self, project: Project, stack: str, new: str) -> None:
        """Gives a stack another name: in its state, its history and its stack file."""
        command(project, stack, ["stack", "rename", new], edits_state=True)

    def cancel(self, project: Project, stack: str) -> tuple[str, ...]:
        """Removes the locks of a stack; tells whose they were where the backend is a folder."""
        from gigasite.engine.backend import FileBackend
        from gigasite.engine.locks import holders

        found: tuple[str, ...] = ()
        if _is_folder(project):
            found = tuple(map(str, holders(FileBackend(project).lock_folder(stack))))
        workspace = workspace_of(project)
        _ran(workspace, ["cancel", "--yes", "--stack", stack], stack)
        return found

    def import_state(
        self, project: Project, stack: str, document: Mapping[str, Any], *, force: bool = False
    ) -> tuple[str, ...]:
        """Takes what `export` gave as the stack's state; returns what was doubtful, which only `force` lets pass."""
        forced = ["--force"] if force else []
        fold(project, stack, must=True)
        workspace = workspace_of(project, input_text=json.dumps(document))
        told = _ran(workspace, ["stack", "import", *forced, "--stack", stack], stack)
        warnings = (line.partition("warning: ")[2].strip() for line in told.stderr.splitlines() if "warning: " in line)
        return tuple(filter(None, warnings))

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
        before = self._urns(project, stack)
        flags = ["--target-dependents"] * target_dependents + ["--force"] * force
        urns = [complete_urn(name, before) for name in names]
        command(project, stack, ["state", "delete", "--yes", *flags, *urns], edits_state=True)
        after = set(self._urns(project, stack))
        return tuple(sorted({urn for urn in before if urn not in after}))

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
        rows = self._rows(project, stack)
        changed = edits.guarded(rows, names, everything=everything, protect=protect)[1]
        if changed:
            which = ["--all"] if everything else list(changed)
            command(project, stack, ["state", "protect" if protect else "unprotect", "--yes", *which], edits_state=True)
        return changed

    def rename_resource(self, project: Project, stack: str, name: str, new_name: str) -> tuple[str, ...]:
        """Gives a resource another name in the state; returns its URN before and after."""
        _, old, new = edits.renamed(self._rows(project, stack), name, new_name)
        command(project, stack, ["state", "rename", "--yes", old, new_name], edits_state=True)
        return old, new

    def repair(self, project: Project, stack: str, *, preview: bool = False) -> tuple[str, ...]:
        """Puts an unsound state right, or only says what that would do; nothing for a sound one."""
        done = edits.repaired(self._rows(project, stack))[1]
        if done and not preview:
            command(project, stack, ["state", "repair", "--yes"], edits_state=True)
        return done

    def _rows(self, project: Project, stack: str) -> list[dict[str, Any]]:
        return (self.export(project, stack).get("deployment") or {}).get("resources") or []

    def _urns(self, project: Project, stack: str) -> list[str]:
        return [row["urn"] for row in self._rows(project, stack)]


def command(project: Project, stack: str, arguments: Sequence[str], *, edits_state: bool = False) -> str:
    """Runs a command that changes no resource, and returns what it prints."""
    if stack:
        fold(project, stack, must=edits_state)
    named = ["--stack", stack] if stack else []
    return str(_ran(workspace_of(project), [*arguments, *named], stack).stdout)


def workspace_of(
    project: Project,
    cancel: threading.Event | None = None,
    at_once: threading.Event | None = None,
    input_text: str = "",
) -> Workspace:
    """The project for the Automation API, its backend wherever the process runs from."""
    environment = {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    if project.backend_url:
        environment["PULUMI_BACKEND_URL"] = project.backend_url
    pulumi = InterruptibleCommand(cancel, at_once, input_text)
    return Workspace(work_dir=str(project.root), env_vars=environment, pulumi_command=pulumi)


def need_passphrase(project: Project, stack: str) -> None:
    """Raises GigasiteError where the stack's secrets are under a passphrase and none is given.

    A service keeps them under its own keys, and a stack file may name those of a key management service.
    """
    import yaml

    file = project.stack_file(stack)
    with suppress(OSError, UnicodeDecodeError, yaml.YAMLError):
        document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if document.get("secretsprovider", "passphrase") not in ("passphrase", "default", ""):
            return
        if document.get("encryptionsalt"):
            passphrase_from_environment()
            return
    if project.backend_url.partition("://")[0] not in ("", "https", "http"):
        passphrase_from_environment()


def fold(project: Project, stack: str, *, must: bool) -> None:
    """Folds what a killed embedded run left into the state, since the CLI does not know its journal.

    Raises GigasiteError where that run is still going on; a reader (`must` is False) goes on without it then.
    """
    from gigasite.engine.backend import FileBackend
    from gigasite.engine.local import LocalEngine

    if not _is_folder(project):
        return
    if not FileBackend(project).journal_path(stack).exists():
        return
    with suppress(*(() if must else (GigasiteError,))):
        LocalEngine().recover(project, stack)


def _ran(workspace: Workspace, arguments: list[str], stack: str) -> Any:
    try:
        return workspace.pulumi_command.run(arguments, workspace.work_dir, workspace.env_vars)
    except CommandError as error:
        raise command_failed(error, stack) from None


def _is_folder(project: Project) -> bool:
    return project.backend_url.startswith("file://") and backend_folder(project.backend_url).is_dir()


def _seconds(time: Any) -> int:
    """Seconds since 1970 of a time as the CLI prints it (`2026-01-31T12:00:00.000Z`)."""
    with suppress(TypeError, ValueError):
        return int(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())
    return 0
