"""`config`, `init` and `stack init`: what they write is what the next verb reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gigasite.spec.loader import load_site

from .conftest import Run, invoke


def test_values_are_set_listed_read_and_removed(run: Run, project: Path) -> None:
    assert run("config", "set", "lab", "note", "hello").exit_code == 0
    assert run("config", "get", "lab", "note").stdout == "hello\n"
    listed = {
        item["key"]: item["value"] for item in json.loads(run("config", "list", "lab", "--format", "json").stdout)
    }
    assert listed == {"sites:note": "hello", "sites:site": "lab/site.yaml"}
    assert run("config", "rm", "lab", "note").exit_code == 0
    assert run("config", "get", "lab", "note").exit_code == 2


def test_secrets_are_ciphertext_in_the_file_and_hidden_in_lists(run: Run, project: Path) -> None:
    assert run("config", "set", "lab", "bmc", "hunter2", "--secret").exit_code == 0
    assert "hunter2" not in (project / "stacks" / "Pulumi.lab.yaml").read_text()
    assert "hunter2" not in run("config", "list", "lab").stdout
    assert "hunter2" in run("config", "list", "lab", "--show-secrets").stdout
    assert run("config", "get", "lab", "bmc").stdout == "hunter2\n"


def test_a_value_may_come_from_stdin(run: Run) -> None:
    assert run("config", "set", "lab", "bmc", "--secret", input="from a pipe\n").exit_code == 0
    assert run("config", "get", "lab", "bmc").stdout == "from a pipe\n"


def test_config_of_no_stack_is_wrong_use(run: Run) -> None:
    assert run("config", "list", "lap").exit_code == 2
    assert run("config", "set", "lab", "a b", "x").exit_code == 2
    assert run("config", "rm", "lab", "nothing").exit_code == 2


def test_init_in_an_empty_folder_makes_a_project_that_comes_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("init", "first").exit_code == 0
    assert load_site(tmp_path / "stacks" / "first" / "site.yaml").spec.name == "first"
    ended = invoke("up", "first", "--yes", "--accept-assumptions", "--engine", "local")
    assert ended.exit_code == 0, ended.output
    assert invoke("preview", "first", "--expect-no-changes", "--engine", "local").exit_code == 0


def test_the_comments_of_a_new_site_file_hold_when_they_are_uncommented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    invoke("init", "first")
    file = tmp_path / "stacks" / "first" / "site.yaml"
    head, _, rest = file.read_text().partition("# These decide a site.")
    _, _, settings = rest.partition("\n")
    file.write_text(head + settings.replace("\n# ", "\n").removeprefix("# "))
    site = load_site(file).spec
    assert site.power.utility.voltage_kv == 34.5
    assert site.halls.count == 1


def test_init_adds_a_site_to_the_project(run: Run, project: Path) -> None:
    ended = run("init", "second", "--system", "gb200-nvl72", "--format", "json")
    assert json.loads(ended.stdout)["files"] == ["stacks/second/site.yaml", "stacks/Pulumi.second.yaml"]
    assert run("design", "second").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("lab",), 2),
        (("Lab",), 2),
        (("a/b",), 2),
        (("new", "--system", "dgx-h10"), 1),
        (("new", "--system", "tpu-v5p"), 1),
    ],
)
def test_init_overwrites_nothing_and_refuses_what_cannot_be(
    run: Run, project: Path, arguments: tuple[str, ...], code: int
) -> None:
    before = {file: file.read_text() for file in project.rglob("*") if file.is_file()}
    assert run("init", *arguments).exit_code == code
    assert {file: file.read_text() for file in project.rglob("*") if file.is_file()} == before


def test_stacks_can_be_made_and_removed_by_hand(run: Run) -> None:
    assert run("stack", "init", "lab", "--engine", "local").exit_code == 0
    assert run("stack", "init", "lab", "--engine", "local").exit_code != 0
    assert run("stack", "recover", "lab").stdout == "nothing to recover\n"
    assert run("stack", "rm", "lab", "--engine", "local").exit_code == 2
    assert run("stack", "rm", "lab", "--yes", "--engine", "local").exit_code == 0
