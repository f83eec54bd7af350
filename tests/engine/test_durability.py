"""Nothing is lost: locks, the journal, kills at any moment, Ctrl-C, disks that refuse."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pulumi
import pytest

from gigasite.engine.journal import Journal, read_journal
from gigasite.engine.locks import holders
from gigasite.engine.model import EventKind, RunOptions
from gigasite.errors import ApplyError, GigasiteError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter

REPOSITORY = Path(__file__).resolve().parents[2]


def one() -> None:
    Counter("a")


def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def write_lock(bench: Bench, **content: Any) -> Path:
    bench.lock_folder.mkdir(parents=True, exist_ok=True)
    file = bench.lock_folder / "11111111-2222-4333-8444-555555555555.json"
    holder = {
        "pid": os.getpid(),
        "username": "ada",
        "hostname": socket.gethostname(),
        "timestamp": "2026-01-02T03:04:05.123456789+01:00",
    }
    file.write_text(json.dumps({**holder, **content}))
    return file


# locks ---------------------------------------------------------------------------------------------------


def test_a_second_run_is_told_who_holds_the_lock(bench: Bench) -> None:
    seen: list[str] = []

    def second() -> None:
        with pytest.raises(GigasiteError, match=r"locked by .*\(pid \d+\)") as caught:
            bench.engine.up(bench.project, "dev", program=one)
        seen.append(str(caught.value))

    def program() -> None:
        bench.world.hooks["create", "a"] = second
        one()

    bench.up(program)
    assert f"pid {os.getpid()}" in seen[0]
    assert list(bench.lock_folder.iterdir()) == []


def test_previews_take_no_lock_and_mind_none(bench: Bench) -> None:
    lock = write_lock(bench, hostname="elsewhere")
    assert bench.preview(one).changes == {"create": 2}
    assert list(bench.lock_folder.iterdir()) == [lock]


@pytest.mark.parametrize("content", [{"hostname": "elsewhere"}, {"pid": "x"}, {"pid": os.getppid()}])
def test_a_lock_that_may_be_alive_is_never_taken_over(bench: Bench, content: dict[str, Any]) -> None:
    lock = write_lock(bench, **{"timestamp": "2999-01-01T00:00:00Z", **content})
    with pytest.raises(GigasiteError, match="locked by ada@"):
        bench.up(one)
    assert list(bench.lock_folder.iterdir()) == [lock]


def test_the_lock_of_a_dead_process_of_this_host_is_taken_over(bench: Bench) -> None:
    write_lock(bench, pid=dead_pid())
    result = bench.up(one)
    assert any("took over the lock of ada@" in d.message for d in result.diagnostics)
    assert list(bench.lock_folder.iterdir()) == []


def test_a_lock_of_a_process_number_that_was_given_out_again_is_dead(bench: Bench) -> None:
    write_lock(bench, timestamp="2001-01-01T00:00:00Z")
    bench.up(one)
    assert list(bench.lock_folder.iterdir()) == []


def test_a_damaged_lock_is_not_taken_over(bench: Bench) -> None:
    write_lock(bench).write_text("{")
    with pytest.raises(GigasiteError, match="locked by somebody@an unknown host"):
        bench.up(one)


def test_the_lock_has_what_the_cli_writes(bench: Bench) -> None:
    seen: list[dict[str, Any]] = []

    def program() -> None:
        bench.world.hooks["create", "a"] = lambda: seen.extend(
            json.loads(file.read_text()) for file in bench.lock_folder.glob("*.json")
        )
        one()

    bench.up(program)
    assert len(seen) == 1
    assert seen[0].keys() == {"pid", "username", "hostname", "timestamp"}
    assert seen[0]["pid"] == os.getpid()


# the journal ---------------------------------------------------------------------------------------------


def test_an_intent_is_durable_before_the_provider_is_called(bench: Bench) -> None:
    seen: list[list[tuple[str, str]]] = []

    def look() -> None:
        content = read_journal(bench.journal_file)
        assert content is not None
        rows = [(e.get("op", e["e"]), e.get("row", {}).get("urn", "")[-3:]) for e in content.entries]
        seen.append(rows)

    def program() -> None:
        bench.world.hooks["create", "b"] = look
        a = Counter("a")
        Counter("b", pulumi.ResourceOptions(depends_on=[a]))

    bench.up(program)
    rows = seen[0]
    assert rows.index(("creating", "::a")) < rows.index(("end", "::a")) < rows.index(("creating", "::b"))
    assert not bench.journal_file.exists()


def test_a_step_is_reported_done_only_when_it_is_durable(bench: Bench) -> None:
    def on_event(event: Any) -> None:
        if event.kind is EventKind.STEP_DONE and event.step.name == "a":
            content = read_journal(bench.journal_file)
            assert content is not None
            ends = [e["row"]["urn"] for e in content.entries if e["e"] == "end"]
            assert any(urn.endswith("::a") for urn in ends)
            seen.append(event)

    seen: list[Any] = []
    bench.engine.up(bench.project, "dev", program=one, on_event=on_event)
    assert len(seen) == 1


def test_a_run_that_changes_nothing_leaves_no_journal_behind(bench: Bench) -> None:
    bench.up(one)
    bench.up(one)
    assert not bench.journal_file.exists()


def test_one_sync_serves_everybody_who_waits(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl", {})
    tickets = [journal.append({"e": "same", "old": i}) for i in range(50)]
    threads = [threading.Thread(target=journal.wait, args=(t,)) for t in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = read_journal(tmp_path / "j.jsonl")
    assert content is not None
    assert [e["old"] for e in content.entries] == list(range(50))


def test_a_torn_last_line_is_left_out_and_a_torn_middle_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    whole = b'{"e":"begin","version":1}\n{"e":"same","old":0}\n'
    path.write_bytes(whole + b'{"e":"sa')
    content = read_journal(path)
    assert content is not None
    assert len(content.entries) == 1
    path.write_bytes(whole + b'{"e":\n{"e":"same","old":1}\n')
    with pytest.raises(GigasiteError, match="damaged at line 3"):
        read_journal(path)
    path.write_bytes(b'{"e":"begin","version":99}\n')
    with pytest.raises(GigasiteError, match="version 99"):
        read_journal(path)
    path.write_bytes(b"")
    assert read_journal(path) is None


# kills ---------------------------------------------------------------------------------------------------

KILLED_PROGRAM = """
import os, sys, time
sys.path[:0] = [{repository!r}]
from pathlib import Path
import pulumi
import tests.engine.world
from tests.engine.resources import Counter
from gigasite.engine.local import LocalEngine
from gigasite.engine.project import Project
from gigasite.engine.model import RunOptions

def program():
    before = None
    for i in range({count}):
        options = pulumi.ResourceOptions(depends_on=[before] if before and i % 3 == 0 else [])
        before = Counter(f"c{{i:02}}", options, slow_s=0.004, size={size}, token=pulumi.Output.secret("hush"))

print("ready", flush=True)
LocalEngine().up(Project.load(Path({root!r})), "dev", program=program, options=RunOptions(parallel=4))
"""


COUNT = 30


def run_and_kill(bench: Bench, *, made_count: int | None, after_s: float = 0.0) -> int:
    """Runs `up` in a process of its own; it is killed a while after so many resources are made."""
    code = KILLED_PROGRAM.format(repository=str(REPOSITORY), root=str(bench.root), count=COUNT, size=1)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.stderr.read() if process.stderr else ""
    if made_count is not None:
        while len(bench.world.names()) < made_count and process.poll() is None:
            time.sleep(0.0005)
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert made_count is not None or process.returncode == 0, errors
    return process.returncode


def in_state(bench: Bench) -> set[str]:
    return {name for name in bench.rows() if name.startswith("c")}


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_at_any_moment_loses_nothing_and_doubles_nothing(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    run_and_kill(bench, made_count=chance.randrange(COUNT + 1), after_s=chance.random() * 0.01)
    made = bench.world.names()
    recovery = bench.engine.recover(bench.project, "dev")
    known = in_state(bench) | {
        operation["resource"]["urn"].rpartition("::")[2]
        for operation in bench.latest().get("pending_operations", [])
        if operation["type"] == "creating"
    }
    assert made <= known, f"made but not known after {recovery}"
    assert in_state(bench) <= made

    assert run_and_kill(bench, made_count=None) == 0
    assert in_state(bench) == bench.world.names() == {f"c{i:02}" for i in range(COUNT)}
    urns = [row["urn"] for row in bench.latest()["resources"]]
    assert len(urns) == len(set(urns))
    assert "pending_operations" not in bench.latest()
    assert not bench.journal_file.exists()
    assert list(holders(bench.lock_folder)) == []


def test_a_killed_run_is_recovered_by_the_next_one_and_seen_by_previews(bench: Bench) -> None:
    """A kill in the middle of a create, made certain by a handler that never returns."""
    code = (
        KILLED_PROGRAM.format(repository=str(REPOSITORY), root=str(bench.root), count=3, size=1)
        .replace("slow_s=0.004", "slow_s=60.0 if i == 2 else 0.0")
        .replace("i % 3 == 0", "True")
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=REPOSITORY)
    journal = bench.journal_file
    deadline_s = time.monotonic() + 20
    while not (journal.exists() and b"creating" in journal.read_bytes().split(b"c02")[0].rsplit(b"\n", 1)[-1]):
        if journal.exists() and b'::c02"' in journal.read_bytes():
            break
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    process.kill()
    process.communicate()

    assert len(list(holders(bench.lock_folder))) == 1
    assert set(in_state(bench)) == set()
    export = bench.engine.export(bench.project, "dev")["deployment"]
    assert [op["type"] for op in export["pending_operations"]] == ["creating"]

    def program() -> None:
        before = None
        for i in range(3):
            options = pulumi.ResourceOptions(depends_on=[before] if before else [])
            token = pulumi.Output.secret("hush")
            before = Counter(f"c{i:02}", options, slow_s=60.0 if i == 2 else 0.0, size=1, token=token)

    assert bench.preview(program).changes == {"same": 3, "create": 1}
    assert journal.exists()

    recovery = bench.engine.recover(bench.project, "dev")
    assert recovery is not None
    assert recovery.unfinished == ("creating c02",)
    assert in_state(bench) == {"c00", "c01"}
    assert bench.engine.recover(bench.project, "dev") is None
    assert list(holders(bench.lock_folder)) == []

    result = bench.up(lambda: None)
    assert any("creating c02" in d.message for d in result.diagnostics)
    assert [op["type"] for op in bench.latest()["pending_operations"]] == ["creating"]


def leave_journal(bench: Bench, entries: bytes = b"") -> None:
    bench.journal_file.parent.mkdir(parents=True, exist_ok=True)
    bench.journal_file.write_bytes(b'{"e":"begin","version":1,"base_sha256":"0"}\n' + entries)
    write_lock(bench, pid=dead_pid())


def test_a_journal_is_not_folded_into_a_state_that_somebody_else_wrote(bench: Bench) -> None:
    leave_journal(bench)
    with pytest.raises(GigasiteError, match="written by somebody else") as caught:
        bench.up(one)
    assert "--discard-journal" in caught.value.hint
    assert bench.journal_file.exists()
    assert len(list(holders(bench.lock_folder))) == 1
    bench.engine.recover(bench.project, "dev", discard_journal=True)
    assert bench.up(one).changes == {"create": 2}


def test_a_journal_whose_checkpoint_was_written_already_is_dropped(bench: Bench) -> None:
    from gigasite.engine.journal import content_sha256

    bench.up(one)
    sha256 = content_sha256(bench.state_file.read_bytes())
    leave_journal(bench, b'{"e":"commit","sha256":"%s"}\n' % sha256.encode())
    assert bench.up(one).changes == {"same": 2}
    assert not bench.journal_file.exists()


def test_a_recovery_that_is_killed_is_recovered_itself(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from gigasite.engine import recovery
    from gigasite.engine.journal import content_sha256

    bench.up(one)
    row = {**bench.rows()["a"], "urn": bench.rows()["a"]["urn"].replace("::a", "::b")}
    header = {
        "e": "begin",
        "version": 1,
        "base_sha256": content_sha256(bench.state_file.read_bytes()),
        "salt": bench.latest()["secrets_providers"]["state"]["salt"],
        "manifest_version": "v3",
    }
    lines = [header, {"e": "end", "row": row}]
    bench.journal_file.write_text("".join(f"{json.dumps(line)}\n" for line in lines) + '{"e":"torn')

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for function, known in (("commit", {"a"}), ("_remove", {"a", "b"})):
        with monkeypatch.context() as patch:
            patch.setattr(recovery, function, killed)
            with pytest.raises(KeyboardInterrupt):
                bench.engine.recover(bench.project, "dev")
        assert known == {"a", "b"} & set(bench.rows())
        assert bench.journal_file.exists()
    assert bench.engine.recover(bench.project, "dev") is not None
    assert {"a", "b"} <= set(bench.rows())
    assert not bench.journal_file.exists()


# stopping ------------------------------------------------------------------------------------------------


def chain(count: int) -> None:
    before = None
    for i in range(count):
        before = Counter(f"c{i:02}", pulumi.ResourceOptions(depends_on=[before] if before else []))


def test_stopping_finishes_what_runs_and_starts_nothing_more(bench: Bench) -> None:
    cancel = threading.Event()

    def program() -> None:
        bench.world.hooks["create", "c02"] = cancel.set
        chain(10)

    with pytest.raises(ApplyError, match="stopped before the up was complete") as caught:
        bench.up(program, cancel=cancel)
    assert caught.value.exit_code == 3
    assert in_state(bench) == {"c00", "c01", "c02"} == bench.world.names()
    assert not bench.journal_file.exists()
    assert list(holders(bench.lock_folder)) == []
    assert bench.up(lambda: chain(10)).changes == {"same": 4, "create": 7}


def test_ctrl_c_leaves_a_good_state(bench: Bench) -> None:
    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)

    def program() -> None:
        bench.world.hooks["create", "c02"] = interrupt
        chain(10)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ApplyError, match="stopped"):
        bench.up(program)
    assert signal.getsignal(signal.SIGINT) is before
    assert in_state(bench) == {"c00", "c01", "c02"} == bench.world.names()
    assert not bench.journal_file.exists()
    assert list(holders(bench.lock_folder)) == []


def test_ctrl_c_during_deletions_leaves_a_good_state(bench: Bench) -> None:
    bench.up(lambda: chain(10))

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)

    bench.world.hooks["delete", "c07"] = interrupt
    with pytest.raises(ApplyError, match="stopped before the destroy"):
        bench.engine.destroy(bench.project, "dev", options=RunOptions())
    assert in_state(bench) == bench.world.names() == {f"c{i:02}" for i in range(7)}


# disks that refuse ---------------------------------------------------------------------------------------


def test_a_journal_that_cannot_be_written_stops_before_the_provider_is_called(bench: Bench) -> None:
    bench.journal_file.parent.parent.mkdir(parents=True, exist_ok=True)
    bench.journal_file.parent.write_text("a file in the way")
    with pytest.raises(GigasiteError, match=r"journal cannot be (written|read)"):
        bench.up(one)
    assert bench.world.calls == []


def test_a_state_that_cannot_be_written_is_named(bench: Bench) -> None:
    backup = Path(f"{bench.state_file}.bak")
    backup.mkdir()
    with pytest.raises(GigasiteError, match="the state cannot be written") as caught:
        bench.up(one)
    assert caught.value.path == str(backup)
    assert bench.journal_file.exists()


def test_a_checkpoint_that_cannot_be_written_keeps_journal_and_lock(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gigasite.engine.backend import FileBackend

    def refuse(*_: object) -> None:
        raise GigasiteError("the state cannot be written: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(FileBackend, "write", refuse)
        with pytest.raises(GigasiteError, match="No space left"):
            bench.up(one)
    assert bench.journal_file.exists()
    [holder] = holders(bench.lock_folder)
    content = json.loads(holder.path.read_text())
    holder.path.write_text(json.dumps({**content, "pid": dead_pid()}))
    assert bench.up(one).changes == {"same": 2}
    assert in_state(bench) == set()
    assert "a" in bench.rows()


def test_lines_of_a_journal_that_could_not_be_written_are_written_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "j.jsonl", {})
    journal.wait(journal.append({"e": "same", "old": 0}))

    def torn(handle: int, data: memoryview) -> int:
        write(handle, data[:5])
        raise OSError(28, "No space left on device")

    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", torn)
        with pytest.raises(ApplyError, match="No space left") as caught:
            journal.wait(journal.append({"e": "same", "old": 1}))
    assert caught.value.exit_code == 3
    journal.wait(journal.append({"e": "same", "old": 2}))
    content = read_journal(tmp_path / "j.jsonl")
    assert content is not None
    assert [entry["old"] for entry in content.entries] == [0, 1, 2]


def test_a_history_that_cannot_be_written_is_a_warning_for_the_state_is(bench: Bench) -> None:
    history = bench.root / ".state/.pulumi/history"
    history.parent.mkdir(parents=True, exist_ok=True)
    history.write_text("a file in the way")
    result = bench.up(one)
    assert any("the history lacks this run" in d.message for d in result.diagnostics)
    assert "a" in bench.rows()
    assert not bench.journal_file.exists()


def test_a_state_folder_that_cannot_be_locked_is_named_and_nothing_done(bench: Bench) -> None:
    locks = bench.lock_folder.parents[2]
    shutil.rmtree(locks)
    locks.write_text("a file in the way")
    with pytest.raises(ApplyError, match=r"the (stack cannot be locked|locks cannot be read)") as caught:
        bench.up(one)
    assert caught.value.exit_code == 3
    assert bench.world.calls == []


def test_what_ends_an_apply_has_the_code_of_an_apply_that_failed(bench: Bench) -> None:
    def broken() -> None:
        raise ValueError("boom")

    with pytest.raises(GigasiteError, match="ValueError: boom") as caught:
        bench.preview(broken)
    assert caught.value.exit_code == 1
    with pytest.raises(ApplyError, match="ValueError: boom"):
        bench.up(broken)


def test_a_run_goes_on_when_nobody_listens_any_more(bench: Bench) -> None:
    heard: list[Any] = []

    def on_event(event: Any) -> None:
        heard.append(event)
        raise BrokenPipeError

    bench.engine.up(bench.project, "dev", program=lambda: chain(3), on_event=on_event)
    assert len(heard) == 1
    assert in_state(bench) == {"c00", "c01", "c02"}
