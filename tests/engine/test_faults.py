"""Faults at every file operation of a run and every call of a provider: the state stays good, the next run goes on."""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
import pytest

from gigasite.engine.locks import holders
from gigasite.errors import GigasiteError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter, Group
from tests.engine.test_durability import dead_pid
from tests.engine.world import _Base

MOST_OPERATIONS = 400


class Faults:
    """Counts what is done to files below a folder; the operation of one number fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = f"{folder}{os.sep}"
        self.fails_at: int | None = None
        self.error = errno.ENOSPC
        self.count = 0
        self.failed = ""

    def note(self, what: str, path: Any) -> None:
        """Counts an operation. Raises OSError where it is the one that fails."""
        if isinstance(path, int):
            try:
                path = os.readlink(f"/proc/self/fd/{path}")
            except OSError:
                return
        if not isinstance(path, str | os.PathLike) or not str(path).startswith(self.folder):
            return
        self.count += 1
        if self.count == self.fails_at:
            self.failed = f"{what} {path}"
            raise OSError(self.error, os.strerror(self.error), str(path))

    @contextmanager
    def at(self, number: int | None, error: int = errno.ENOSPC) -> Iterator[None]:
        """Lets the operation of that number fail; None: only counts."""
        self.count, self.fails_at, self.error, self.failed = 0, number, error, ""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("write", "fsync", "replace", "rename", "unlink", "mkdir", "link", "open"):
                patch.setattr(os, name, self._watched(f"os.{name}", getattr(os, name)))
            for module in (builtins, io):
                patch.setattr(module, "open", self._watched("open", module.open, opens=True))
            yield

    def _watched(self, what: str, real: Callable[..., Any], *, opens: bool = False) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            mode = named.get("mode", arguments[1] if len(arguments) > 1 else "r")
            if arguments and (not opens or not isinstance(mode, str) or set(mode) & set("wax+")):
                self.note(what, arguments[0])
            return real(*arguments, **named)

        return call


def program(size: int) -> Callable[[], None]:
    def body() -> None:
        group = Group("g")
        before = None
        for number in range(4):
            needed = pulumi.ResourceOptions(parent=group, depends_on=[before] if before else [])
            before = Counter(f"c{number}", needed, size=size, token=pulumi.Output.secret("hush-hush"))
        pulumi.export("size", before.size if before else 0)

    return body


def end_process(bench: Bench, gone: int) -> None:
    """A lock that a run had to leave is one of a process that has ended, as it is where a run is a process."""
    for lock in bench.lock_folder.glob("*.json"):
        lock.write_text(json.dumps({**json.loads(lock.read_text()), "pid": gone}))


def is_good(bench: Bench, size: int) -> None:
    """A run without faults comes through, and nothing is left open."""
    bench.up(program(size))
    assert {name for name in bench.rows() if name.startswith("c")} == bench.world.names() == {"c0", "c1", "c2", "c3"}
    assert all(bench.rows()[f"c{number}"]["inputs"]["size"] == size for number in range(4))
    urns = [row["urn"] for row in bench.latest()["resources"]]
    assert len(urns) == len(set(urns))
    assert "pending_operations" not in bench.latest()
    assert not bench.journal_file.exists()
    assert list(holders(bench.lock_folder)) == []
    assert "hush-hush" not in bench.state_file.read_text()


@pytest.mark.parametrize(
    "error",
    [errno.ENOSPC, *(pytest.param(error, marks=pytest.mark.slow) for error in (errno.EIO, errno.EACCES))],
)
@pytest.mark.parametrize("verb", ["up", "update", "destroy"])
def test_a_file_operation_that_fails_loses_nothing(bench: Bench, verb: str, error: int) -> None:
    state = bench.root / ".state"
    faults = Faults(state)
    clean = bench.root.parent / "clean"
    if verb != "up":
        bench.up(program(1))
    shutil.copytree(state, clean / "state")
    shutil.copytree(bench.world.folder, clean / "world") if bench.world.folder.exists() else None

    def run() -> None:
        if verb == "destroy":
            bench.destroy()
        else:
            bench.up(program(2))

    with faults.at(None):
        run()
    total, gone = faults.count, dead_pid()
    bad: list[str] = []
    assert 5 < total < MOST_OPERATIONS
    for number in range(1, total + 1):
        for folder, kept in ((state, clean / "state"), (bench.world.folder, clean / "world")):
            shutil.rmtree(folder, ignore_errors=True)
            if kept.exists():
                shutil.copytree(kept, folder)
        with faults.at(number, error):
            try:
                run()
            except GigasiteError:
                pass  # the user is told
            except Exception as fault:
                bad.append(f"{faults.failed}: ended with {fault!r}")
        end_process(bench, gone)
        try:
            is_good(bench, 2)
        except (GigasiteError, AssertionError) as wrong:
            bad.append(f"{faults.failed}: then {wrong!r:.300}")
    assert bad == [], "\n".join(bad)


class OddError(Exception):
    """What no provider should raise."""


@pytest.mark.parametrize("fault", [OddError("odd"), OSError(errno.EIO, "no disk"), KeyError("x"), RecursionError()])
@pytest.mark.parametrize("call", ["check", "diff", "create", "update", "delete"])
def test_a_call_of_the_provider_that_fails_loses_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, call: str, fault: Exception
) -> None:
    if call != "create":
        bench.up(program(1))
    real = getattr(_Base, call)

    def failing(self: Any, urn: str, *arguments: Any, **named: Any) -> Any:
        if urn.endswith("::c2"):
            raise fault
        return real(self, urn, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(_Base, call, failing)
        run = bench.destroy if call == "delete" else lambda: bench.up(program(2))
        with pytest.raises(GigasiteError, match="c2"):
            run()
    assert list(holders(bench.lock_folder)) == []
    assert not bench.journal_file.exists()
    assert {name for name in bench.rows() if name.startswith("c")} == bench.world.names()
    is_good(bench, 2)
