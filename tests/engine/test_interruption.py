"""A run in a process of its own that is stopped: what ends, what is left, and how the next run goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pulumi
import pytest

from gigasite.engine.journal import read_journal
from gigasite.engine.locks import holders
from gigasite.errors import ApplyError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter

REPOSITORY = Path(__file__).resolve().parents[2]
COUNT = 40

RUN = """
import resource, signal, sys
sys.path[:0] = [{repository!r}]
if {ignoring}:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
if {largest_bytes}:
    resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_bytes}, {largest_bytes}))
from pathlib import Path
import pulumi
import tests.engine.world
from tests.engine.test_interruption import program
from gigasite.engine.local import LocalEngine
from gigasite.engine.project import Project
from gigasite.engine.model import RunOptions
from gigasite.errors import GigasiteError

try:
    options = RunOptions(parallel=4)
    LocalEngine().up(Project.load(Path({root!r})), "dev", program=lambda: program({slow_s}), options=options)
except GigasiteError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


def program(slow_s: float) -> None:
    """Resources of which every third waits for the one before it."""
    before = None
    for i in range(COUNT):
        options = pulumi.ResourceOptions(depends_on=[before] if before and i % 3 == 0 else [])
        before = Counter(f"c{i:02}", options, slow_s=slow_s)


def start(bench: Bench, *, slow_s: float, ignoring: bool = False, largest_bytes: int = 0) -> subprocess.Popen[str]:
    """Starts `up`; no file of it grows beyond `largest_bytes`, unless that is 0."""
    code = RUN.format(
        repository=str(REPOSITORY),
        root=str(bench.root),
        slow_s=slow_s,
        ignoring=ignoring,
        largest_bytes=largest_bytes,
    )
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, cwd=REPOSITORY)


def until_begun(bench: Bench, process: subprocess.Popen[str], count: int) -> None:
    """Returns once so many creations have begun."""
    deadline_s = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline_s:
        if bench.journal_file.exists() and bench.journal_file.read_bytes().count(b'"creating"') >= count:
            return
        time.sleep(0.002)
    pytest.fail(f"it ended first: {process.communicate()[1]}")


def made(bench: Bench) -> set[str]:
    return {name for name in bench.rows() if name.startswith("c")}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("count", [1, 17])
def test_a_signal_lets_running_steps_finish_and_the_next_run_goes_on(
    bench: Bench, number: signal.Signals, count: int
) -> None:
    process = start(bench, slow_s=0.02)
    until_begun(bench, process, count)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 3, said
    assert "stopping: what runs is finished first" in said
    assert "stopped before the up was complete" in said
    assert "Traceback" not in said
    assert made(bench) == bench.world.names()
    assert count - 1 <= len(made(bench)) < COUNT
    assert not bench.journal_file.exists()
    assert list(holders(bench.lock_folder)) == []
    bench.up(lambda: program(0.02), parallel=16)
    assert len(made(bench)) == len(bench.world.names()) == COUNT


def test_a_second_signal_ends_at_once_and_loses_nothing(bench: Bench) -> None:
    process = start(bench, slow_s=60.0)
    until_begun(bench, process, 1)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)  # one Ctrl-C that comes twice is one
    time.sleep(1.2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130
    journal = read_journal(bench.journal_file)
    assert journal is not None
    assert len(list(holders(bench.lock_folder))) == 1
    recovery = bench.engine.recover(bench.project, "dev")
    assert recovery is not None
    assert recovery.unfinished[0] == "creating c00"
    assert list(holders(bench.lock_folder)) == []


def test_a_run_in_the_background_of_a_shell_does_not_hear_ctrl_c(bench: Bench) -> None:
    process = start(bench, slow_s=0.01, ignoring=True)
    until_begun(bench, process, 1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert len(made(bench)) == COUNT


def test_a_second_run_is_refused_while_the_first_goes_on_unharmed(bench: Bench) -> None:
    process = start(bench, slow_s=0.05)
    until_begun(bench, process, 1)
    with pytest.raises(ApplyError, match=rf"locked by .*\(pid {process.pid}\)") as caught:
        bench.up(lambda: program(0.0))
    assert caught.value.exit_code == 3
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert len(made(bench)) == COUNT


@pytest.mark.parametrize("largest_bytes", [1_000, 9_000, 30_000])
def test_a_disk_that_is_full_ends_the_run_and_loses_nothing(bench: Bench, largest_bytes: int) -> None:
    process = start(bench, slow_s=0.0, largest_bytes=largest_bytes)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 3, said
    assert "cannot be written: File too large" in said
    assert "Traceback" not in said
    before = bench.world.names()
    assert len(before) < COUNT
    bench.engine.recover(bench.project, "dev")
    pending = bench.latest().get("pending_operations", [])
    known = made(bench) | {operation["resource"]["urn"].rpartition("::")[2] for operation in pending}
    assert before <= known
    bench.up(lambda: program(0.0))
    assert len(made(bench)) == len(bench.world.names()) == COUNT
    assert list(holders(bench.lock_folder)) == []
    assert not list(bench.state_file.parent.glob(".*.tmp"))
