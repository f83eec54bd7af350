"""A failed run of the CLI, told in the user's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pulumi.automation.errors import (
    CommandError,
    ConcurrentUpdateError,
    StackAlreadyExistsError,
    StackNotFoundError,
)

from gigasite.engine.model import Diagnostic
from gigasite.engine.pulumi_events import EventLog
from gigasite.engine.run import of_run
from gigasite.engine.secrets import PASSPHRASE_FILE_VARIABLE, PASSPHRASE_VARIABLE
from gigasite.errors import ApplyError, GigasiteError, UsageError

_OWN_ERROR = re.compile(r"^gigasite\.errors\.\w+: ", re.MULTILINE)
_FRAME = re.compile(r'^ *File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)
_PROGRAM_ENDED = ("an unhandled error occurred: ", "Program failed with an unhandled exception:")
_LIST_HEAD = re.compile(r"\d+ errors? occurred:\n")
_WANTS_LOGIN = ("PULUMI_ACCESS_TOKEN must be set", "problem logging in", "pulumi login", "not logged in")
_FOLLOWS = ("update failed", "preview failed", "an unhandled error occurred: program exited with")


def command_failed(error: CommandError, stack: str) -> GigasiteError:
    """What to raise for a command that did no run: no such stack, a lock, a wrong passphrase."""
    if isinstance(error, StackNotFoundError):
        return UsageError(f"there is no stack {stack}", hint=f"make it with `gigasite stack init {stack}`")
    if isinstance(error, StackAlreadyExistsError):
        return GigasiteError(f"there is a stack called {stack} already")
    said = _stderr(error)
    if isinstance(error, ConcurrentUpdateError):
        return ApplyError(
            f"another run holds the lock of {stack}: {said}",
            hint="wait for it; if it was killed, `pulumi cancel` removes its lock",
        )
    if "incorrect passphrase" in said:
        return GigasiteError(
            "incorrect passphrase",
            hint=f"the stack's secrets were made with another one; see {PASSPHRASE_VARIABLE} "
            f"and {PASSPHRASE_FILE_VARIABLE}",
        )
    if "passphrase must be set" in said:
        hint = f"set {PASSPHRASE_VARIABLE} (it may be empty) or {PASSPHRASE_FILE_VARIABLE}"
        return GigasiteError("no passphrase for the secrets of this stack", hint=hint)
    if any(words in said for words in _WANTS_LOGIN):
        return GigasiteError(
            "the Pulumi CLI wants a login to the backend",
            hint="run `pulumi login`, set PULUMI_ACCESS_TOKEN, or set `backend.url` in Pulumi.yaml to a folder",
        )
    if "still has resources" in said or "still contains resources" in said:
        return GigasiteError(f"the stack {stack} still has resources", hint="destroy it first, or force it")
    return GigasiteError(f"Pulumi: {said}")


def run_failed(error: CommandError, log: EventLog, what: str, root: Path, *, applies: bool) -> GigasiteError:
    """What to raise for a preview, up or destroy that failed; `what` is the word for it.

    An error of the program is told with its line in the user's own code, failed steps as an ApplyError.
    """
    errors = [item for item in log.diagnostics if item.severity == "error"]
    telling = [item for item in errors if not item.message.startswith(_FOLLOWS)] or errors
    program_error = next((item for item in telling if _of_program(item)), None)
    if program_error is not None and not log.failed_steps:
        return of_run(_program_failed(program_error.message, root), applies=applies)
    if not telling:
        return of_run(command_failed(error, log.stack), applies=applies)
    named = list(dict.fromkeys(f"{item.urn.rpartition('::')[2]}: {_flat(item.message)}" for item in telling))
    count = f"{len(named)} steps" if len(named) > 1 else "a step"
    hint = "the state holds what was done; put it right and run it again" if applies else ""
    return ApplyError(f"the {what} failed at {count}: {'; '.join(named)}", hint=hint)


def _flat(message: str) -> str:
    """A list of errors (`1 error occurred: * …`) as one line."""
    if not _LIST_HEAD.match(message):
        return message
    return "; ".join(item.strip() for item in message.split("\n\t* ")[1:])


def _of_program(diagnostic: Diagnostic) -> bool:
    return diagnostic.urn == "" or "pulumi:pulumi:Stack" in diagnostic.urn


def _program_failed(message: str, root: Path) -> GigasiteError:
    own = _OWN_ERROR.search(message)
    if own:  # it already says where and what to do
        return GigasiteError(message[own.end() :].strip())
    frames = [(match["file"], match["line"]) for match in _FRAME.finditer(message)]
    if not frames:
        for prefix in _PROGRAM_ENDED:
            message = message.removeprefix(prefix)
        return GigasiteError(message.strip())
    in_project = [(_inside(file, root), line) for file, line in frames if _inside(file, root)]
    unindented = [line for line in message.strip().splitlines() if line[:1].strip()]
    text = unindented[-1].rstrip(":")
    return GigasiteError(text, path=":".join(in_project[-1]) if in_project else "")


def _inside(file: str, root: Path) -> str:
    """The file relative to the project, or nothing where it is a library's."""
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) and "site-packages" not in file else ""


def _stderr(error: CommandError) -> str:
    """What the CLI wrote, from the Automation API's rendering of a failed command."""
    _, _, rest = str(error).partition("stderr:")
    return _joined(line.strip().removeprefix("error: ") for line in rest.splitlines())


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line.strip()) or "the CLI failed and did not say why"
