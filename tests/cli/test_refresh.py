"""`gigasite refresh`, and the options that say what a run is about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import invoke, make_project

LOCAL = ("--engine", "local")


@pytest.fixture(scope="module")
def up_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("up"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
        assert invoke("up", "lab", "--yes", *LOCAL).exit_code == 0
    return root


@pytest.fixture
def drifted(up_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is up, with a file that somebody edited."""
    monkeypatch.chdir(up_once)
    file = next((up_once / ".build").rglob("design.md"))
    file.write_text("edited")
    return up_once


def test_a_refresh_shows_drift_by_property_and_takes_it_over(drifted: Path) -> None:
    shown = invoke("refresh", "lab", "--preview-only", *LOCAL)
    assert shown.exit_code == 0, shown.output
    assert "~ refresh  gigasite:files:Tree  lab-documents" in shown.stdout
    assert 'files["design.md"]: ' in shown.stdout
    assert invoke("refresh", "lab", "--expect-no-changes", *LOCAL).exit_code == 4
    told = json.loads(invoke("refresh", "lab", "--yes", "--format", "json", *LOCAL).stdout)
    assert told["operations"]["update"] == 1
    (step,) = told["steps"]
    assert (step["op"], step["found"], step["name"]) == ("refresh", "update", "lab-documents")
    assert "~ update   gigasite:files:Tree  lab-documents" in invoke("preview", "lab", *LOCAL).stdout
    assert invoke("up", "lab", "--yes", "--refresh", *LOCAL).exit_code == 0
    assert invoke("refresh", "lab", "--expect-no-changes", *LOCAL).exit_code == 0
    assert invoke("preview", "lab", "--refresh", "--expect-no-changes", *LOCAL).exit_code == 0


def test_a_refresh_asks_and_says_so_where_it_cannot(drifted: Path) -> None:
    ended = invoke("refresh", "lab", *LOCAL)
    assert ended.exit_code == 2
    assert "--yes" in ended.stderr


def test_targets_limit_what_is_shown_and_done(drifted: Path) -> None:
    told = json.loads(
        invoke("preview", "lab", "--refresh", "--target", "lab-documents", "--format", "json", *LOCAL).stdout
    )
    assert {step["name"] for step in told["steps"]} == {"lab-documents"}
    assert invoke("up", "lab", "--yes", "--refresh", "--target", "**::lab-documents", *LOCAL).exit_code == 0
    assert invoke("refresh", "lab", "--expect-no-changes", *LOCAL).exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "a", "--exclude", "b"], "targets or exclusions, not both"),
        (["--target-dependents"], "--target-dependents without --target"),
        (["--exclude-dependents", "--target", "a"], "--exclude-dependents without --exclude"),
        (["--target", "lab-document"], "no resource of the stack is called lab-document\nhint: did you mean lab-doc"),
    ],
)
def test_contradictions_and_unknown_names_are_wrong_use(drifted: Path, words: list[str], message: str) -> None:
    ended = invoke("refresh", "lab", "--preview-only", *words, *LOCAL)
    assert ended.exit_code == 2
    assert message in ended.stderr
