"""Which Pulumi CLI the engine `pulumi` accepts, and how it is asked to stop."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from gigasite.engine.pulumi_command import InterruptibleCommand
from gigasite.errors import GigasiteError


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test puts its own `pulumi`; no other is on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "pulumi"


def install(cli: Path, script: str) -> None:
    cli.write_text(f"#!/bin/sh\n{script}\n")
    cli.chmod(0o755)


def test_a_missing_cli_is_said_with_what_to_do(cli: Path) -> None:
    with pytest.raises(GigasiteError, match=r"not on PATH.*--engine local"):
        InterruptibleCommand()


@pytest.mark.parametrize("version", ["v3.100.0", "v2.0.0"])
def test_an_old_cli_is_refused_with_the_version_that_is_needed(cli: Path, version: str) -> None:
    install(cli, f"echo {version}")
    with pytest.raises(GigasiteError, match=r"too old.*at least 3\.206\.0"):
        InterruptibleCommand()


@pytest.mark.parametrize("script", ["exit 3", "echo nonsense"])
def test_something_else_called_pulumi_is_refused(cli: Path, script: str) -> None:
    install(cli, script)
    with pytest.raises(GigasiteError):
        InterruptibleCommand()


def test_a_cancelled_command_is_interrupted_and_may_finish(cli: Path, tmp_path: Path) -> None:
    install(
        cli,
        'if [ "$1" = version ]; then echo v3.260.0; exit; fi\n'
        "trap 'sleep 0.3; echo finished; exit 0' INT\necho started\nwhile true; do sleep 0.05; done",
    )
    cancel = threading.Event()
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        cancel.set()

    begin = time.monotonic()
    result = InterruptibleCommand(cancel).run(["up"], str(tmp_path), {}, on_line)
    assert result.code == 0
    assert lines == ["started", "finished"]
    assert time.monotonic() - begin < 10


def test_a_command_that_goes_on_is_interrupted_again_when_it_has_to_end_at_once(cli: Path, tmp_path: Path) -> None:
    install(
        cli,
        'if [ "$1" = version ]; then echo v3.260.0; exit; fi\n'
        "trap 'trap \"echo ended; exit 0\" INT; echo waiting' INT\necho started\nwhile true; do sleep 0.05; done",
    )
    stops = {"started": threading.Event(), "waiting": threading.Event()}
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        if line in stops:
            stops[line].set()

    InterruptibleCommand(stops["started"], stops["waiting"]).run(["up"], str(tmp_path), {}, on_line)
    assert lines == ["started", "waiting", "ended"]


def test_ctrl_c_in_this_process_does_not_reach_the_command(cli: Path, tmp_path: Path) -> None:
    """The terminal interrupts a whole process group; the command is in one of its own."""
    install(cli, 'if [ "$1" = version ]; then echo v3.260.0; exit; fi\nps -o pgid= -p $$')
    result = InterruptibleCommand().run(["up"], str(tmp_path), {})
    assert int(result.stdout) != os.getpgrp()
