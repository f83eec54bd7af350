"""The Pulumi CLI as a child process that can be asked to stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import InvalidVersionError, create_command_error
from semver import VersionInfo

from gigasite.errors import GigasiteError

OLDEST_VERSION = VersionInfo(3, 206, 0)  # the first whose events come over gRPC

_INSTALL_HINT = "see https://www.pulumi.com/docs/install/, or use --engine local"
_LOOK_S = 0.1  # how often to look for a wish to stop
_OnLine = Callable[[str], object]


class InterruptibleCommand(PulumiCommand):
    """Runs the CLI on PATH; once `cancel` is set, the command is interrupted and may finish its steps.

    `input_text` is what it reads. Once `at_once` is set too it is interrupted again, which ends it without waiting
    for its steps.
    """

    def __init__(
        self,
        cancel: threading.Event | None = None,
        at_once: threading.Event | None = None,
        input_text: str = "",
    ) -> None:
        """Raises GigasiteError where the CLI is missing, cannot be run, or is too old."""
        if shutil.which("pulumi") is None:
            raise GigasiteError("the Pulumi CLI is not on PATH", hint=_INSTALL_HINT)
        try:
            super().__init__(version=OLDEST_VERSION)
        except InvalidVersionError as error:
            raise GigasiteError(
                f"this Pulumi CLI is too old: {error}",
                path=shutil.which("pulumi") or "",
                hint=f"at least {OLDEST_VERSION} is needed; {_INSTALL_HINT}",
            ) from None
        except (OSError, subprocess.CalledProcessError) as error:
            raise GigasiteError(
                f"the Pulumi CLI cannot be run: {error}",
                path=shutil.which("pulumi") or "",
                hint=_INSTALL_HINT,
            ) from None
        self._input_text = input_text
        self._stops = (cancel or threading.Event(), at_once or threading.Event())

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: _OnLine | None = None,
        on_error: _OnLine | None = None,
    ) -> CommandResult:
        """Runs one command without prompts. Raises CommandError where it fails."""
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        command = [self.command, "--non-interactive", *args]
        # its own process group: Ctrl-C reaches this process, which decides when the CLI hears of it
        with subprocess.Popen(  # noqa: S603  (a fixed program, no shell)
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE if self._input_text else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            process_group=0,
        ) as process:
            finished = threading.Event()
            interrupter = threading.Thread(target=self._interrupt, args=(process, finished), daemon=True)
            interrupter.start()
            lines: list[list[str]] = [[], []]
            readers = [
                threading.Thread(target=_read, args=(stream, callback, into))
                for stream, callback, into in zip(
                    (process.stdout, process.stderr), (on_output, on_error), lines, strict=True
                )
            ]
            for reader in readers:
                reader.start()
            if process.stdin is not None:
                with suppress(BrokenPipeError), process.stdin as stdin:
                    stdin.write(self._input_text)
            for reader in readers:
                reader.join()
            code = process.wait()
            finished.set()
        result = CommandResult(stdout="\n".join(lines[0]), stderr="\n".join(lines[1]), code=code)
        if code != 0:
            raise create_command_error(result)
        return result

    def _interrupt(self, process: subprocess.Popen[str], finished: threading.Event) -> None:
        for stop in self._stops:
            while not stop.wait(_LOOK_S):
                if finished.is_set():
                    return
            process.send_signal(signal.SIGINT)


def _read(stream: IO[str], callback: _OnLine | None, into: list[str]) -> None:
    for line in stream:
        into.append(line.rstrip())
        if callback:
            callback(into[-1])
