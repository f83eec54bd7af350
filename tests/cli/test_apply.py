"""`preview`, `up` and `destroy` through the embedded engine."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import SITE, Run, invoke, make_project

LOCAL = ("--engine", "local")


@pytest.fixture(scope="module")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose site is up; tests leave it as it is."""
    root = make_project(tmp_path_factory.mktemp("up"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
        ended = invoke("up", "lab", "--yes", *LOCAL)
    assert ended.exit_code == 0, ended.output
    return root


@pytest.fixture
def up_there(brought_up: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(brought_up)
    return brought_up


@pytest.fixture
def edited(up_there: Path) -> Iterator[Path]:
    """The site as it is up, its file asking for one node rack more."""
    file = up_there / "stacks" / "lab" / "site.yaml"
    file.write_text(SITE.replace("scalable_units: 1", "scalable_units: 2"))
    yield up_there
    file.write_text(SITE)


def test_up_writes_the_files_and_makes_the_stack(up_there: Path) -> None:
    assert list((up_there / ".build").rglob("*.csv"))
    (stack,) = json.loads(invoke("stack", "ls", *LOCAL, "--format", "json").stdout)
    assert (stack["name"], stack["made"]) == ("lab", True)


def test_a_second_preview_expects_no_changes(up_there: Path) -> None:
    assert invoke("preview", "lab", "--expect-no-changes", *LOCAL).exit_code == 0
    assert invoke("up", "lab", "--yes", "--expect-no-changes", *LOCAL).exit_code == 0


def test_changes_where_none_were_expected_end_with_4_and_apply_nothing(edited: Path) -> None:
    for verb in ("preview", "up"):
        assert invoke(verb, "lab", "--expect-no-changes", *LOCAL).exit_code == 4
    (edited / "stacks" / "lab" / "site.yaml").write_text(SITE)
    assert invoke("preview", "lab", "--expect-no-changes", *LOCAL).exit_code == 0


def test_preview_says_which_files_change_and_by_how_many_lines(edited: Path) -> None:
    shown = invoke("preview", "lab", *LOCAL).stdout
    assert "~ update   gigasite:files:Tree  lab-documents" in shown
    assert "\n    design.md +" in shown
    assert "operations: " in shown
    assert "-| train |" in invoke("preview", "lab", "--diff", *LOCAL).stdout


def test_preview_as_json_has_the_promised_shape(edited: Path) -> None:
    told = json.loads(invoke("preview", "lab", "--format", "json", *LOCAL).stdout)
    assert {"site", "engine", "operations", "steps", "outputs", "findings"} <= set(told)
    assert told["engine"] == "local"
    assert told["operations"]["update"] > 0
    changed = {step["name"]: step["changes"] for step in told["steps"]}
    assert 'files["design.md"]' in {change["path"] for change in changed["lab-documents"]}
    assert told["outputs"]["node_count"] == 63
    assert told["findings"]


def test_nothing_is_applied_without_yes_where_nobody_can_be_asked(run: Run, project: Path) -> None:
    for arguments in (("up", "lab"), ("destroy", "lab"), ("up", "lab", "--format", "json")):
        ended = run(*arguments, *LOCAL)
        assert ended.exit_code == 2
        assert "--yes" in ended.stderr
    assert not (project / ".build").exists()


def test_up_refuses_while_what_decides_a_site_is_assumed(run: Run, project: Path) -> None:
    file = project / "stacks" / "lab" / "site.yaml"
    file.write_text(SITE.replace("voltage_kv: 34.5, ", ""))
    ended = run("up", "lab", "--yes", *LOCAL)
    assert ended.exit_code == 1
    assert "power.utility.voltage_kv" in ended.stderr
    assert "--accept-assumptions" in ended.stderr
    assert not (project / ".build").exists()
    assert run("up", "lab", "--yes", "--accept-assumptions", *LOCAL).exit_code == 0


def test_up_refuses_a_design_with_errors(run: Run, project: Path) -> None:
    (project / "stacks" / "lab" / "site.yaml").write_text(SITE.replace("available_mw: 5", "available_mw: 0.1"))
    for verb in ("preview", "up"):
        arguments = (verb, "lab", *LOCAL, *(["--yes"] if verb == "up" else []))
        ended = run(*arguments)
        assert ended.exit_code == 1
        assert "site.yaml:6:" in ended.stderr
    assert not (project / ".build").exists()


def test_a_missing_passphrase_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    ended = run("preview", "lab", *LOCAL)
    assert ended.exit_code == 1
    assert "PULUMI_CONFIG_PASSPHRASE" in ended.stderr


def test_a_wrong_passphrase_is_a_sentence(up_there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    ended = invoke("preview", "lab", *LOCAL)
    assert ended.exit_code in (1, 2)
    assert "passphrase" in ended.stderr
    assert "Traceback" not in ended.output


def test_outputs_and_state_can_be_read(up_there: Path) -> None:
    assert invoke("stack", "output", "lab", "gpu_count", *LOCAL).stdout == "248\n"
    assert json.loads(invoke("stack", "output", "lab", "--format", "json", *LOCAL).stdout)["node_count"] == 31
    assert json.loads(invoke("stack", "export", "lab", *LOCAL).stdout)["version"] == 3
    ended = invoke("stack", "output", "lab", "gpu_cont", *LOCAL)
    assert ended.exit_code == 2
    assert "gpu_count" in ended.stderr


def test_destroy_needs_no_readable_site_file_and_leaves_the_stack(run: Run, project: Path) -> None:
    assert run("up", "lab", "--yes", *LOCAL).exit_code == 0
    (project / "stacks" / "lab" / "site.yaml").write_text("name: [")
    ended = run("destroy", "lab", "--yes", *LOCAL)
    assert ended.exit_code == 0, ended.output
    assert not list((project / ".build").rglob("*.csv"))
    (stack,) = json.loads(run("stack", "ls", *LOCAL, "--format", "json").stdout)
    assert (stack["made"], stack["resources"]) == (True, 0)
    assert run("stack", "rm", "lab", "--yes", *LOCAL).exit_code == 0


def test_a_stack_whose_files_are_gone_can_still_be_destroyed(run: Run, project: Path) -> None:
    assert run("up", "lab", "--yes", *LOCAL).exit_code == 0
    (project / "stacks" / "lab" / "site.yaml").unlink()
    assert run("design", "lab").exit_code == 1
    assert run("destroy", "lab", "--yes", *LOCAL).exit_code == 0
    assert run("destroy", "never-made", "--yes", *LOCAL).exit_code != 0


@pytest.mark.parametrize("answer", ["n", "y"])
def test_on_a_terminal_up_shows_the_plan_and_asks(tmp_path: Path, answer: str) -> None:
    root = make_project(tmp_path)
    code, shown = _on_a_terminal(root, f"{answer}\n", "up", "lab", *LOCAL)
    assert "Bring up lab?" in shown
    assert (root / ".build").exists() == (answer == "y")
    assert code == (0 if answer == "y" else 130)


@pytest.mark.slow
def test_colours_are_for_terminals_that_want_them(up_there: Path, edited: Path) -> None:
    arguments = ("preview", "lab", *LOCAL)
    assert "\x1b[33m" in _on_a_terminal(edited, "", *arguments)[1]
    assert "\x1b[33m" not in _on_a_terminal(edited, "", *arguments, NO_COLOR="1")[1]
    assert "\x1b" not in invoke(*arguments).output


def _on_a_terminal(folder: Path, typed: str, *arguments: str, **more: str) -> tuple[int, str]:
    """Runs the command line with a terminal as stdin, stdout and stderr."""
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"} | more
    process = subprocess.Popen(
        [sys.executable, "-c", "from gigasite.cli import main; main()", *arguments],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return process.wait(60), shown.decode(errors="replace")


def test_preview_says_that_growth_as_planned_only_adds_cables(up_there: Path) -> None:
    """The site was built to one unit: a second one recables what its layout had not foreseen, and says how much."""
    file = up_there / "stacks" / "lab" / "site.yaml"
    try:
        file.write_text(SITE.replace("scalable_units: 1", "scalable_units: 2"))
        told = json.loads(invoke("preview", "lab", "--format", "json", *LOCAL).stdout)
        text = invoke("preview", "lab", *LOCAL).stdout
    finally:
        file.write_text(SITE)
    changes = {change["fabric"]: change for change in told["recabling"]}
    compute = changes["compute"]
    assert compute["moved"] > 0
    assert f"fabric compute: {compute['stay']:,} cables stay, {compute['new']:,} new, {compute['moved']:,} move" in text
    assert json.loads(invoke("preview", "lab", "--format", "json", *LOCAL).stdout)["recabling"] == []
