"""`gigasite state`, and the verbs of `gigasite stack` that change a stack or its state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import invoke, make_project

LOCAL = ("--engine", "local")


@pytest.fixture(scope="module")
def up_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("up"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
        assert invoke("up", "lab", "--yes", "-m", "first", *LOCAL).exit_code == 0
    return root


@pytest.fixture
def there(up_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(up_once)
    return up_once


def names() -> set[str]:
    export = json.loads(invoke("stack", "export", "lab", *LOCAL).stdout)
    return {row["urn"].rpartition("::")[2] for row in export["deployment"]["resources"]}


def told(*words: str, **more: Any) -> Any:
    ended = invoke(*words, "--format", "json", *LOCAL, **more)
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def test_a_resource_is_forgotten_and_the_export_brings_it_back(there: Path) -> None:
    export = invoke("stack", "export", "lab", *LOCAL).stdout
    assert invoke("state", "delete", "lab", "lab-documents", *LOCAL).exit_code == 2  # nobody to ask
    gone = told("state", "delete", "lab", "lab-documents", "--yes")
    assert [urn.rpartition("::")[2] for urn in gone["resources"]] == ["lab-documents"]
    assert "lab-documents" not in names()
    assert told("stack", "import", "lab", input=export)["imported"] is True
    assert "lab-documents" in names()
    assert invoke("preview", "lab", "--expect-no-changes", *LOCAL).exit_code == 0


def test_what_others_need_stays_and_the_message_says_what_to_do(there: Path) -> None:
    ended = invoke("state", "delete", "lab", "lab", "--yes", *LOCAL)
    assert ended.exit_code == 1
    assert "--target-dependents" in ended.stderr


def test_protection_and_names_are_edited(there: Path) -> None:
    assert len(told("state", "protect", "lab", "lab-documents", "--yes")["resources"]) == 1
    ended = invoke("state", "unprotect", "lab", "lab-documents", "--yes", *LOCAL)
    assert ended.stdout.startswith("unprotected: urn:pulumi:lab::")
    assert invoke("state", "protect", "lab", "--yes", *LOCAL).exit_code == 2
    told("state", "rename", "lab", "lab-documents", "papers", "--yes")
    assert "papers" in names()
    told("state", "rename", "lab", "papers", "lab-documents", "--yes")
    assert invoke("state", "repair", "lab", *LOCAL).stdout == "the state is sound\n"


def test_the_history_is_a_table(there: Path) -> None:
    shown = invoke("stack", "history", "lab", *LOCAL)
    assert "succeeded" in shown.stdout
    assert told("stack", "history", "lab")[-1]["message"] == "first"


def test_a_lock_is_removed_and_its_holder_named(there: Path) -> None:
    assert invoke("stack", "cancel", "lab", "--yes", *LOCAL).stdout == "lab is not locked\n"
    (folder,) = (there / ".state/.pulumi/locks").rglob("lab")
    (folder / "x.json").write_text(json.dumps({"pid": 1, "username": "kim", "hostname": "there", "timestamp": "t"}))
    assert invoke("refresh", "lab", "--yes", *LOCAL).exit_code == 3
    assert "kim@there (pid 1)" in invoke("stack", "cancel", "lab", "--yes", *LOCAL).stdout


def test_a_renamed_stack_keeps_its_resources_and_warns_of_names_in_the_program(there: Path) -> None:
    ended = invoke("stack", "rename", "lab", "west", "--yes", *LOCAL)
    assert ended.stdout == "renamed the stack lab to west\n"
    assert "look at `gigasite preview west`" in ended.stderr
    assert not (there / "stacks/Pulumi.lab.yaml").exists()
    assert {row["name"]: row["resources"] > 40 for row in told("stack", "ls")} == {"lab": False, "west": True}
    assert told("stack", "rename", "west", "lab", "--yes") == {"stack": "lab", "was": "west"}
    assert invoke("preview", "lab", "--expect-no-changes", *LOCAL).exit_code == 0


@pytest.mark.parametrize(("text", "message"), [("{", "this is no JSON"), ("{}", "this is no state")])
def test_what_is_no_state_is_refused(there: Path, text: str, message: str) -> None:
    ended = invoke("stack", "import", "lab", *LOCAL, input=text)
    assert ended.exit_code == 1
    assert message in ended.stderr
