"""A secret of the configuration that a program uses and mishandles: found nowhere in clear."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from gigasite.engine.config import StackConfig
from gigasite.engine.scrub import scrubbed_output, scrubber
from gigasite.errors import GigasiteError
from tests.engine.conftest import Bench

WORD = "hunter2-is-secret"
COMMAND = Path(sys.executable).with_name("gigasite")

PROGRAM = """
    import sys
    from pathlib import Path
    import pulumi
    from gigasite.provider.resources import Tree

    config = pulumi.Config()
    word = config.require_secret("word")
    inside = config.require_secret_object("map")
    lines = [line.read_bytes() for line in Path("/proc").glob("[0-9]*/cmdline")] if sys.platform == "linux" else []
    found = sum(config.require("word").encode() in line for line in lines)
    Path("found").write_text(str(found))
    print("printed", config.require("word"))
    print("told", config.require("word"), file=sys.stderr)
    word.apply(lambda text: pulumi.log.warn(f"logged {text}"))
    inside.apply(lambda values: pulumi.log.warn(f"inside {values['deep']}"))
    Tree("t", word.apply(lambda text: ".build/t"), {"a.csv": "1"})
    pulumi.export("word", word)
    pulumi.export("map", inside)
    pulumi.export("found", found)
    if config.get("ending"):
        raise ValueError(f"ended by {config.require('word')}")
"""

RUN = """
import sys
from pathlib import Path
from gigasite.engine.local import LocalEngine
from gigasite.engine.project import Project
from gigasite.engine.scrub import scrubbed_output, scrubber
from gigasite.errors import GigasiteError
try:
    tell = None if "quietly" in sys.argv else print
    result = getattr(LocalEngine(), sys.argv[1])(Project.load(Path(".")), "dev", on_event=tell)
    (tell or str)(result)
except GigasiteError as error:
    sys.exit(str(error))
"""


@pytest.fixture
def place(bench: Bench) -> Bench:
    """A stack with a secret, one inside of a map, and a program that tells everybody."""
    config = StackConfig.load(bench.project, "dev")
    config.set_secret("word", WORD)
    config.set_secret("deep", WORD + "-deep")
    text = config.text.replace("  sites:deep:\n    secure:", "  sites:map:\n    open: 1\n    deep:\n      secure:")
    bench.project.stack_file("dev").write_text(text)
    (bench.project.main / "__main__.py").write_text(dedent(PROGRAM))
    return bench


def said(place: Bench, *command: str) -> str:
    """Everything that a command says; it runs in the project's folder."""
    done = subprocess.run(command, cwd=place.root, env=os.environ, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_neither_runs_nor_reports_nor_files_hold_a_secret_in_clear(place: Bench) -> None:
    texts = {verb: said(place, sys.executable, "-c", RUN, verb) for verb in ("preview", "up")}
    assert "printed [secret]" in texts["up"]
    assert "told [secret]" in texts["up"]
    assert "logged [secret]" in texts["up"]
    assert "inside [secret]" in texts["up"]
    for words in (("config", "list"), ("stack", "output"), ("stack", "export"), ("stack", "ls")):
        site = [] if words[1] == "ls" else ["dev"]
        engine = [] if words[0] == "config" else ["--engine", "local"]
        texts[" ".join(words)] = said(place, str(COMMAND), *words, *site, *engine, "--format", "json")
    assert "[secret]" in texts["stack output"]
    config = StackConfig.load(place.project, "dev")
    config.set("ending", "yes")
    config.save()
    texts["failing"] = said(place, sys.executable, "-c", RUN, "up")
    assert "ValueError: ended by [secret]" in texts["failing"]
    texts["destroy"] = said(place, sys.executable, "-c", RUN, "destroy")
    assert {verb: text for verb, text in texts.items() if WORD in text} == {}
    files = [file for file in place.root.rglob("*") if file.is_file()]
    assert any(file.parent.name == "dev" and "history" in file.parts for file in files)
    assert [file for file in files if WORD.encode() in file.read_bytes()] == []
    assert (place.project.main / "found").read_text() == "0"


def test_a_program_that_prints_leaves_stdout_to_the_result(place: Bench) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "up", "quietly"],
        cwd=place.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    assert "printed [secret]" in done.stderr


def test_a_tree_refuses_contents_that_hold_a_secret(place: Bench) -> None:
    (place.project.main / "__main__.py").write_text(
        "import pulumi\nfrom gigasite.provider.resources import Tree\n"
        'Tree("t", ".build/t", {"a.conf": f"password={pulumi.Config().require(\'word\')}"})\n'
    )
    with pytest.raises(GigasiteError, match=r"a\.conf: this file would hold the secret sites:word in clear"):
        place.up()
    assert not (place.root / ".state/.gigasite/blobs").exists()


def test_a_stream_that_was_kept_while_a_program_ran_is_the_old_one_afterwards(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with scrubbed_output(scrubber([WORD])):
        kept = sys.stdout, sys.stderr
        print("one", WORD)
    for stream in kept:
        print("two", file=stream)
    captured = capsys.readouterr()
    assert captured.out == "two\n"
    assert captured.err == "one [secret]\ntwo\n"
