"""SwitchConfig in programs on the embedded engine: previews, secrets in the state, a run that is killed."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gigasite.cli.changes import document, print_run
from gigasite.engine.local import LocalEngine
from gigasite.engine.model import RunOptions, RunResult
from gigasite.engine.project import Project
from gigasite.errors import ApplyError
from gigasite.provider.location import working_in
from gigasite.provider.resources import PushArgs, SwitchConfig
from tests.provider.pushing.authority import Authority
from tests.provider.pushing.servers import PASSWORD, USER, FakeEos

EOS = "hostname leaf1\nrouter bgp 65001\n   router-id 10.0.0.1\n"
REPOSITORY = Path(__file__).resolve().parents[3]


class Stack:
    """One stack `dev`, whose program brings a text to one EOS switch."""

    def __init__(self, root: Path, switch: FakeEos, bundle: Path) -> None:
        self.root = root
        self.switch = switch
        self.push: PushArgs = {"user": USER, "password": PASSWORD, "ca_bundle": str(bundle), "patience_s": 1}
        self.push["confirm_s"] = 10
        self.project = Project.load(root)
        self.engine = LocalEngine()
        self.engine.init(self.project, "dev")

    def program(self, *texts: str) -> Callable[[], None]:
        place = {"os": "eos", "address": "127.0.0.1", "port": self.switch.port}
        switches: dict[str, Any] = {f"leaf{number}": {**place, "text": text} for number, text in enumerate(texts, 1)}
        return lambda: SwitchConfig("leaves", switches, push=self.push) and None

    def up(self, *texts: str) -> RunResult:
        return self.engine.up(self.project, "dev", program=self.program(*texts), options=RunOptions())

    def preview(self, *texts: str) -> RunResult:
        return self.engine.preview(self.project, "dev", program=self.program(*texts), options=RunOptions())

    def told(self, result: RunResult) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            print_run(result, self.project, everything=True, with_diff=True)
        return out.getvalue()

    def everything_written(self) -> str:
        files = [path for path in (self.root / ".state").rglob("*") if path.is_file()]
        return "\n".join(path.read_text(errors="replace") for path in files)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for variable in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE", "GIGASITE_BLOBS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    root = tmp_path / "project"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text(
        "name: sites\nruntime: python\nmain: stacks\nstackConfigDir: stacks\n"
        "backend: {url: 'file://.state?create_dir=true'}\n"
    )
    authority = Authority(tmp_path)
    switch = FakeEos(EOS)
    with switch.serving(*authority.certificate("leaf1")), working_in(root):
        yield Stack(root, switch, authority.bundle)


def test_a_preview_shows_the_lines_and_asks_no_switch(stack: Stack) -> None:
    stack.up(EOS)
    stack.switch.requests.clear()
    result = stack.preview(EOS.replace("10.0.0.1", "10.0.0.7"))
    text = stack.told(result)
    assert "-   router-id 10.0.0.1" in text
    assert "+   router-id 10.0.0.7" in text
    assert stack.switch.requests == []
    (step,) = document("dev", "local", result, [], stack.project)["steps"]
    assert step["changes"] == [
        {"path": 'devices["leaf1"]', "kind": "changed", "lines_added": 1, "lines_removed": 1},
    ]


def test_up_pushes_and_a_second_one_changes_nothing(stack: Stack) -> None:
    changed = EOS.replace("10.0.0.1", "10.0.0.7")
    assert "(1 switch)" in stack.told(stack.up(changed))
    assert stack.switch.running == stack.switch.startup == changed.splitlines()
    stack.switch.requests.clear()
    assert stack.up(changed).changes == {"same": 2}
    assert stack.switch.requests == []


def test_no_password_is_readable_in_anything_that_a_run_writes(stack: Stack) -> None:
    stack.up(EOS.replace("10.0.0.1", "10.0.0.7"))
    written = stack.everything_written()
    assert "ciphertext" in written
    assert PASSWORD not in written
    assert "router-id" not in Path(stack.root / ".state/.pulumi/stacks/sites/dev.json").read_text()


def test_what_did_not_arrive_is_kept_in_mind_and_brought_by_the_next_run(stack: Stack) -> None:
    with pytest.raises(ApplyError, match="does not accept this"):
        stack.up(EOS, f"{EOS}bogus\n")
    assert 'devices["leaf2"]: once more' in stack.told(stack.preview(EOS, f"{EOS}bogus\n"))
    preview = stack.preview(EOS, EOS)
    assert "leaf2 +0 -1" in stack.told(preview)
    assert "leaf1 +" not in stack.told(preview)
    stack.up(EOS, EOS)
    assert stack.up(EOS, EOS).changes == {"same": 2}


_CHILD = """
import sys
from pathlib import Path
from gigasite.engine.local import LocalEngine
from gigasite.engine.model import RunOptions
from gigasite.engine.project import Project
from gigasite.provider.location import working_in
from gigasite.provider.resources import SwitchConfig
root, port, bundle, text, user, password = sys.argv[1:]
switches = {"leaf1": {"os": "eos", "address": "127.0.0.1", "port": int(port), "text": text}}
push = {"user": user, "password": password, "ca_bundle": bundle}
with working_in(Path(root)):
    program = lambda: SwitchConfig("leaves", switches, push=push) and None
    LocalEngine().up(Project.load(Path(root)), "dev", program=program, options=RunOptions())
"""


def test_a_run_killed_while_a_switch_waits_for_its_confirmation_is_completed_by_the_next(stack: Stack) -> None:
    changed = EOS.replace("10.0.0.1", "10.0.0.7")
    arguments = [str(stack.root), str(stack.switch.port), str(stack.push["ca_bundle"]), changed, USER, PASSWORD]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "modules")}
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments], env=environment)
    try:
        while not any(session["state"] == "pendingCommitTimer" for session in list(stack.switch.sessions.values())):
            assert child.poll() is None
            time.sleep(0.002)
        stack.switch.silent = True  # whatever the run asks now, it gets no answer before it dies
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    stack.switch.silent = False
    assert stack.switch.startup == EOS.splitlines()
    result = stack.up(changed)
    assert any("creat" in diagnostic.message for diagnostic in result.diagnostics)
    assert stack.switch.running == stack.switch.startup == changed.splitlines()
    assert stack.up(changed).changes == {"same": 2}
