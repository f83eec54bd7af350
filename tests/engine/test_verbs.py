"""Verbs of stacks and states: what they change, what they refuse, and that nothing is lost."""

from __future__ import annotations

import copy
import json
import os
import socket
from pathlib import Path
from typing import Any

import pulumi
import pytest

from gigasite.engine import StackConfig
from gigasite.engine.integrity import problems
from gigasite.errors import ApplyError, GigasiteError, UsageError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter, Group, Thing

Options = pulumi.ResourceOptions


def program() -> None:
    group = Group("group")
    a = Thing("a", Options(parent=group), size=1)
    b = Thing("b", Options(depends_on=[a], protect=True), size=1)
    Thing("c", Options(parent=a), size=b.size, token=pulumi.Output.secret("hunter2hunter2"))
    Counter("d")
    pulumi.export("secret", pulumi.Output.secret("hunter2hunter2"))


@pytest.fixture
def up(bench: Bench) -> Bench:
    bench.up(program)
    return bench


def backup(bench: Bench) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(f"{bench.state_file}.bak").read_text())
    return document


# state delete, protect, rename -------------------------------------------------------------------------------


def test_forgetting_a_resource_leaves_it_in_the_world_and_keeps_the_state_before(up: Bench) -> None:
    before = json.loads(up.state_file.read_text())
    (gone,) = up.engine.forget(up.project, "dev", ["d"])
    assert gone.endswith("::d")
    assert "d" not in up.rows()
    assert "d" in up.world.names()
    assert backup(up) == before
    assert up.up(program).changes["create"] == 1


def test_what_others_need_is_forgotten_only_with_them(up: Bench) -> None:
    with pytest.raises(GigasiteError, match=r"Group\$gigasite:test:Thing::a is needed by .*::b.*--target-dependents"):
        up.engine.forget(up.project, "dev", ["a"])
    with pytest.raises(GigasiteError, match="b is protected"):
        up.engine.forget(up.project, "dev", ["a"], target_dependents=True)
    gone = up.engine.forget(up.project, "dev", ["a"], target_dependents=True, force=True)
    assert sorted(urn.rpartition("::")[2] for urn in gone) == ["a", "b", "c"]
    assert problems(up.latest()["resources"]) == []


def test_several_are_forgotten_together_in_any_order(up: Bench) -> None:
    up.engine.forget(up.project, "dev", ["a", "c", "b"], force=True)
    assert set(up.rows()) == {"sites-dev", "default", "group", "d"}


def test_one_of_two_copies_is_not_chosen_by_chance(up: Bench) -> None:
    twin = {**up.rows()["d"], "delete": True, "id": "old"}
    up.edit_state(resources=[*up.latest()["resources"], twin])
    with pytest.raises(GigasiteError, match="stands 2 times in the state"):
        up.engine.forget(up.project, "dev", ["d"])


def test_protection_is_set_and_taken_away(up: Bench) -> None:
    assert len(up.engine.protect(up.project, "dev", ["d"])) == 1
    assert up.rows()["d"]["protect"] is True
    assert up.engine.protect(up.project, "dev", ["d"]) == ()
    assert len(up.engine.protect(up.project, "dev", everything=True, protect=False)) == 2
    assert not any("protect" in row for row in up.rows().values())
    up.destroy()


def test_a_renamed_resource_is_the_one_that_the_program_calls_so(up: Bench) -> None:
    old, new = up.engine.rename_resource(up.project, "dev", "a", "first")
    assert (old.rpartition("::")[2], new.rpartition("::")[2]) == ("a", "first")
    assert problems(up.latest()["resources"]) == []

    def renamed() -> None:
        first = Thing("first", Options(parent=Group("group")), size=1)
        b = Thing("b", Options(depends_on=[first], protect=True), size=1)
        Thing("c", Options(parent=first), size=b.size, token=pulumi.Output.secret("hunter2hunter2"))
        Counter("d")

    assert up.up(renamed).changes == {"same": 6}
    with pytest.raises(UsageError, match="already"):
        up.engine.rename_resource(up.project, "dev", "b", "b")


def test_an_unknown_name_is_told_with_the_nearest(up: Bench) -> None:
    with pytest.raises(UsageError, match="no resource of the stack is called groop") as caught:
        up.engine.forget(up.project, "dev", ["groop"])
    assert caught.value.hint == "did you mean group?"


def test_edits_wait_for_nobody_who_holds_the_lock(up: Bench) -> None:
    up.lock_folder.mkdir(parents=True, exist_ok=True)
    holder = {"pid": os.getpid(), "username": "kim", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}
    lock = up.lock_folder / "other.json"
    lock.write_text(json.dumps(holder))
    before = up.state_file.read_bytes()
    for edit in (
        lambda: up.engine.forget(up.project, "dev", ["d"]),
        lambda: up.engine.rename(up.project, "dev", "other"),
        lambda: up.engine.import_state(up.project, "dev", up.engine.export(up.project, "dev")),
    ):
        with pytest.raises(ApplyError, match="locked by kim@elsewhere"):
            edit()
    assert up.state_file.read_bytes() == before
    assert up.engine.cancel(up.project, "dev") == (f"kim@elsewhere (pid {os.getpid()}) since 2026-01-01T00:00:00Z",)
    assert up.engine.cancel(up.project, "dev") == ()
    up.engine.forget(up.project, "dev", ["d"])


def test_an_edit_folds_what_a_killed_run_left_first(up: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    base = up.state_file.read_bytes()
    kept: list[bytes] = []
    up.world_hooks[("create", "e")] = lambda: kept.append(up.journal_file.read_bytes())

    def more() -> None:
        program()
        Counter("e", Options(depends_on=[Counter("before-e")]))

    up.up(more)
    up.state_file.write_bytes(base)
    up.journal_file.write_bytes(kept[0])
    dead = {"pid": 2**22 + 1, "username": "kim", "hostname": socket.gethostname(), "timestamp": "2026-01-01T00:00:00Z"}
    (up.lock_folder / "dead.json").write_text(json.dumps(dead))
    up.engine.forget(up.project, "dev", ["d"])
    assert "before-e" in up.rows()
    assert "d" not in up.rows()
    assert not up.journal_file.exists()
    assert not list(up.lock_folder.glob("*.json"))


# repair ------------------------------------------------------------------------------------------------------


def test_a_sound_state_is_left_alone(up: Bench) -> None:
    before = up.state_file.read_bytes()
    assert up.engine.repair(up.project, "dev") == ()
    assert up.state_file.read_bytes() == before


def test_an_unsound_state_is_put_right(up: Bench) -> None:
    rows = [row for row in reversed(up.latest()["resources"]) if not row["urn"].endswith("::a")]
    up.edit_state(resources=rows)
    assert problems(up.latest()["resources"]) != []
    would = up.engine.repair(up.project, "dev", preview=True)
    assert problems(up.latest()["resources"]) != []
    assert up.engine.repair(up.project, "dev") == would
    assert problems(up.latest()["resources"]) == []
    assert up.rows()["c"]["urn"] == "urn:pulumi:dev::sites::gigasite:test:Thing::c"
    assert "dependencies" not in up.rows()["b"]


def test_what_cannot_be_repaired_says_so(up: Bench) -> None:
    rows = up.latest()["resources"]
    up.edit_state(resources=[*rows, rows[-1]])
    with pytest.raises(GigasiteError, match=r"cannot be repaired by itself: .* stands twice"):
        up.engine.repair(up.project, "dev")


# stack import -----------------------------------------------------------------------------------------------


def test_an_export_comes_back_as_it_was(up: Bench) -> None:
    export = up.engine.export(up.project, "dev")
    up.destroy(excludes=("b",))
    assert up.engine.import_state(up.project, "dev", export) == ()
    again = up.engine.export(up.project, "dev")
    for document in (export, again):
        document["deployment"].pop("manifest")
    assert again == export
    assert up.engine.outputs(up.project, "dev", show_secrets=True) == {"secret": "hunter2hunter2"}


def test_secrets_of_an_export_in_clear_are_encrypted_again(up: Bench) -> None:
    export = up.engine.export(up.project, "dev")
    for row in export["deployment"]["resources"]:
        for value in (row.get("outputs") or {}).values():
            if isinstance(value, dict) and "ciphertext" in value:
                del value["ciphertext"]
                value["plaintext"] = json.dumps("correct battery")
    up.engine.import_state(up.project, "dev", export)
    assert "correct battery" not in up.state_file.read_text()
    assert up.engine.outputs(up.project, "dev", show_secrets=True) == {"secret": "correct battery"}


def _spoilt(export: dict[str, Any], how: str) -> dict[str, Any]:
    spoilt = copy.deepcopy(export)
    rows = spoilt["deployment"]["resources"]
    if how == "order":
        rows.reverse()
    elif how == "twice":
        rows.append(rows[-1])
    elif how == "missing":
        rows[:] = [row for row in rows if not row["urn"].endswith("::a")]
    elif how == "another stack":
        for row in rows:
            row["urn"] = row["urn"].replace(":dev::", ":prod::")
            row["parent"] = row.get("parent", "").replace(":dev::", ":prod::")
    elif how == "version":
        spoilt["version"] = 5
    elif how == "manifest":
        spoilt["deployment"]["manifest"]["magic"] = "0" * 64
    elif how == "field":
        rows[-1]["weather"] = "fine"
    elif how == "salt":
        spoilt["deployment"]["secrets_providers"]["state"]["salt"] = "v1:AAAAAAAAAAA=:v1:AAAA:BBBB"
    return spoilt


@pytest.mark.parametrize(
    ("how", "message", "forced"),
    [
        ("order", "comes after it", True),
        ("twice", "stands twice", True),
        ("missing", "is missing", True),
        ("another stack", "is of another stack", True),
        ("version", "of version 5", False),
        ("manifest", "manifest of this state does not fit", False),
        ("field", "does not know weather", False),
        ("salt", "incorrect passphrase", False),
    ],
)
def test_a_doubtful_state_is_taken_only_by_force_and_an_unknown_one_never(
    up: Bench, how: str, message: str, forced: bool
) -> None:
    spoilt = _spoilt(up.engine.export(up.project, "dev"), how)
    before = up.state_file.read_bytes()
    with pytest.raises(GigasiteError, match=message):
        up.engine.import_state(up.project, "dev", spoilt)
    assert up.state_file.read_bytes() == before
    if forced:
        assert any(message in doubt for doubt in up.engine.import_state(up.project, "dev", spoilt, force=True))
    else:
        with pytest.raises(GigasiteError, match=message):
            up.engine.import_state(up.project, "dev", spoilt, force=True)
        assert up.state_file.read_bytes() == before


def test_pending_operations_are_left_out_and_told(up: Bench) -> None:
    export = up.engine.export(up.project, "dev")
    export["deployment"]["pending_operations"] = [
        {"resource": export["deployment"]["resources"][-1], "type": "creating"}
    ]
    (told,) = up.engine.import_state(up.project, "dev", export)
    assert told.startswith("left out: creating ")
    assert "pending_operations" not in up.latest()


@pytest.mark.parametrize("document", [{}, [], {"version": 3}, {"version": 3, "deployment": []}, "text"])
def test_what_is_no_export_is_refused(bench: Bench, document: Any) -> None:
    with pytest.raises(GigasiteError, match="this is no state"):
        bench.engine.import_state(bench.project, "dev", document)


# stack rename and history ------------------------------------------------------------------------------------


def test_a_renamed_stack_goes_on_with_its_resources_secrets_and_history(up: Bench) -> None:
    config = StackConfig.load(up.project, "dev")
    config.set_secret("sites:token", "hunter2hunter2")
    config.save()
    up.engine.rename(up.project, "dev", "prod")
    assert [stack.name for stack in up.engine.stacks(up.project)] == ["prod"]
    assert not up.project.stack_file("dev").exists()
    assert StackConfig.load(up.project, "prod").get("token") == "hunter2hunter2"
    assert Path(f"{up.state_file}.bak").exists()
    up.stack = "prod"
    assert "dev" not in json.dumps(up.latest()["resources"])
    assert "sites-prod" in up.rows()
    assert problems(up.latest()["resources"]) == []
    assert [update.kind for update in up.engine.history(up.project, "prod")] == ["update"]
    assert up.up(program).changes == {"same": 6}
    assert [update.kind for update in up.engine.history(up.project, "prod")] == ["update", "update"]
    assert len(up.history()) == 2


def test_a_stack_that_was_never_brought_up_can_be_renamed(bench: Bench) -> None:
    bench.engine.rename(bench.project, "dev", "prod")
    bench.stack = "prod"
    bench.up(program)


def test_a_name_that_is_taken_or_bad_is_refused(up: Bench) -> None:
    up.engine.init(up.project, "other")
    before = up.state_file.read_bytes()
    for name in ("other", "../other", ""):
        with pytest.raises(UsageError):
            up.engine.rename(up.project, "dev", name)
    up.project.stack_file("other").unlink()
    with pytest.raises(UsageError, match="the stack other exists already"):
        up.engine.rename(up.project, "dev", "other")
    assert up.state_file.read_bytes() == before
    assert sorted(stack.name for stack in up.engine.stacks(up.project)) == ["dev", "other"]


def test_the_history_tells_runs_and_what_they_came_to(up: Bench) -> None:
    with pytest.raises(ApplyError):
        up.up(lambda: Counter("x", bad=1) and None, message="a mistake")
    last, first = up.engine.history(up.project, "dev")
    assert (last.kind, last.result, last.message) == ("update", "failed", "a mistake")
    assert (first.result, first.changes) == ("succeeded", {"create": 6})
    assert first.started_s <= first.ended_s
    with pytest.raises(UsageError, match="there is no stack nowhere"):
        up.engine.history(up.project, "nowhere")
