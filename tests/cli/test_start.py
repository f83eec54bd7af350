"""The command line starts light, and ends with a code that says how it went."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gigasite.cli import app as application
from gigasite.cli.app import VERBS, app
from gigasite.errors import Finding, FindingsError, GigasiteError, Severity

from .conftest import SITE, Run, invoke, make_project

HEAVY = ("pulumi", "polars", "pydantic", "rich", "yaml", "grpc", "numpy", "jinja2", "cryptography")
START = """\
import sys
from gigasite.cli.app import app
sys.argv = ['gigasite', *{arguments}]
try:
    app()
except SystemExit:
    print('MODULES', *sys.modules)
"""


def _modules_after(*arguments: str) -> set[str]:
    script = START.format(arguments=list(arguments))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("MODULES ")[2].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("no-such-verb",)])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not _modules_after(*arguments) & set(HEAVY)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_imports_neither_pulumi_nor_tables(verb: str) -> None:
    assert not _modules_after(verb, "--help") & {"pulumi", "polars", "pydantic", "grpc", "numpy"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_a_line_in_the_list(verb: str) -> None:
    shown = invoke(verb, "--help")
    assert shown.exit_code == 0
    assert "Usage: gigasite " + verb in shown.output
    assert f"  {verb} " in invoke("--help").output


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_its_parts_can_answer_in_json(verb: str) -> None:
    import click

    command = app.get_command(click.Context(app), verb)
    assert command is not None
    parts = command.commands.values() if isinstance(command, click.Group) else (command,)
    for part in parts:
        choices = [option.type.choices for option in part.params if option.name == "style"]
        assert choices, f"{verb} {part.name}"
        assert "json" in choices[0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--version",), 0),
        ((), 2),
        (("frobnicate",), 2),
        (("check",), 2),
        (("check", "lab", "--no-such-option"), 2),
        (("check", "nowhere"), 2),
        (("check", "no/such.yaml"), 2),
        (("check", "lab", "--only", "XYZ"), 2),
        (("explain", "PWR999"), 2),
        (("design", ""), 2),
    ],
)
def test_wrong_use_ends_with_2(run: Run, arguments: tuple[str, ...], code: int) -> None:
    assert run(*arguments).exit_code == code


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (GigasiteError("it broke", "a.yaml", "mend it"), 1, "error: a.yaml: it broke\nhint: mend it\n"),
        (FindingsError([Finding("X", Severity.ERROR, "two\nlines")]), 1, "X error: two lines\n1 error found\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (ValueError("odd\nthing"), 70, "gigasite has a fault: ValueError: odd thing\n"),
        (RecursionError("deep"), 70, "gigasite has a fault: RecursionError: deep\n"),
    ],
)
def test_errors_are_sentences_and_codes(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("gigasite.cli.check.find_site", fail)
    ended = invoke("check", "lab")
    assert ended.exit_code == code
    assert ended.stderr.lstrip().startswith(said)
    assert "Traceback" not in ended.output


def test_debug_shows_the_traceback_wherever_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr("gigasite.cli.check.find_site", fail)
    for arguments in (("--debug", "check", "lab"), ("check", "lab", "--debug")):
        assert isinstance(invoke(*arguments).exception, ValueError)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    make_project(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", "from gigasite.cli import main; main()", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(30) == application.EXIT_NO_READER
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_text_that_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(SITE.replace("name: lab", "name: größe"))
    done = subprocess.run(
        [sys.executable, "-c", "from gigasite.cli import main; main()", "check", str(file)],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert done.returncode == 1
    assert rb"gr\xf6\xdfe" in done.stdout
