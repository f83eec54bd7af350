"""The engine `pulumi` in a process of its own: told to stop, and with a secret that its program mishandles."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from gigasite.engine import StackConfig, select_engine

from .conftest import Workplace

WORD = "hunter2-is-secret"

UP = """
import sys
from pathlib import Path
from gigasite.engine import Project, select_engine
from gigasite.errors import GigasiteError
try:
    print(select_engine("pulumi").up(Project.load(Path(".")), "dev", on_event=print))
except GigasiteError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def place(workplace: Callable[[str], Workplace]) -> Workplace:
    place = workplace("project")
    select_engine("pulumi").init(place.project, "dev")
    return place


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_cli_and_leaves_a_state_to_go_on_with(place: Workplace, number: signal.Signals) -> None:
    place.write(
        """
        import asyncio
        t = Tree("t", ".build/t", {"a": "1"})
        t.digest.apply(lambda _: asyncio.sleep(60))
        """
    )
    command = [sys.executable, "-c", UP]
    with subprocess.Popen(command, cwd=place.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as up:
        deadline_s = time.monotonic() + 60
        while not place.files() and time.monotonic() < deadline_s:
            time.sleep(0.05)
        time.sleep(0.5)
        up.send_signal(number)
        told, said = up.communicate(timeout=30)
    assert up.returncode == 3, said
    assert "stopped before the up was complete" in said
    assert "Traceback" not in told + said
    place.write('Tree("t", ".build/t", {"a": "2"})')
    select_engine("local").up(place.project, "dev")
    assert place.files() == {"t/a": "2"}


def test_a_secret_that_a_program_mishandles_is_found_nowhere_in_clear(place: Workplace) -> None:
    config = StackConfig.load(place.project, "dev")
    config.set_secret("word", WORD)
    config.save()
    place.write(
        """
        from pathlib import Path
        config = pulumi.Config()
        word = config.require_secret("word")
        plain = config.require("word")
        lines = [line.read_bytes() for line in Path("/proc").glob("[0-9]*/cmdline")]
        pulumi.export("found", sum(plain.encode() in line for line in lines))
        print("printed", plain)
        word.apply(lambda text: pulumi.log.warn(f"logged {text}"))
        Tree("t", word.apply(lambda text: ".build/t"), {"a": "1"})
        pulumi.export("word", word)
        """
    )
    done = subprocess.run([sys.executable, "-c", UP], cwd=place.root, capture_output=True, text=True, check=True)
    assert "printed [secret]" in done.stdout
    assert "logged [secret]" in done.stdout
    engine = select_engine("pulumi")
    assert engine.outputs(place.project, "dev") == {"word": "[secret]", "found": 0}
    assert WORD not in done.stdout + done.stderr + json.dumps(engine.export(place.project, "dev"))
    assert [f for f in place.root.rglob("*") if f.is_file() and WORD.encode() in f.read_bytes()] == []
