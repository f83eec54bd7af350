"""Refresh: the state takes over what is there."""

from __future__ import annotations

import threading
from typing import Any

import pulumi
import pytest

from gigasite.engine import Op, RunResult
from gigasite.engine.integrity import problems
from gigasite.errors import ApplyError, GigasiteError, UnexpectedChanges
from tests.engine.conftest import Bench
from tests.engine.resources import Counter, Group, Thing

Options = pulumi.ResourceOptions


def program() -> None:
    group = Group("group")
    a = Thing("a", Options(parent=group), size=1)
    b = Thing("b", Options(depends_on=[a]), size=1)
    Thing("c", Options(parent=a), size=b.size, token=pulumi.Output.secret("hunter2hunter2"))
    pulumi.export("size", b.size)


def without_empty_dependencies(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a refresh writes it, by the CLI too."""
    kept = {key: urns for key, urns in row.get("propertyDependencies", {}).items() if urns}
    rest = {key: value for key, value in row.items() if key != "propertyDependencies"}
    return rest | ({"propertyDependencies": kept} if kept else {})


def found(result: RunResult) -> dict[str, Op | None]:
    return {step.name: step.found for step in result.steps if step.op is Op.REFRESH}


def test_a_refresh_of_what_is_as_it_was_changes_nothing(bench: Bench) -> None:
    bench.up(program)
    before = {name: without_empty_dependencies(row) for name, row in bench.rows().items()}
    bench.refresh(expect_no_changes=True)
    result = bench.refresh()
    assert result.changes == {"same": 5}
    assert sorted(bench.world.of("read")) == ["a", "b", "c"]
    assert bench.rows() == before
    assert result.outputs == {"size": 1}


def test_drift_is_shown_by_property_and_taken_over(bench: Bench) -> None:
    bench.up(program)
    bench.world.write("::b", {"size": 7})
    result = bench.refresh()
    assert result.changes == {"same": 4, "update": 1}
    (step,) = [step for step in result.steps if step.found is Op.UPDATE]
    assert [(d.path, d.kind, d.old, d.new) for d in step.diffs] == [("size", "update", 1, 7)]
    assert bench.rows()["b"]["outputs"]["size"] == 7
    assert bench.rows()["b"]["inputs"] == {"size": 1}
    again = bench.up(program)
    assert again.changes == {"same": 4, "update": 1}
    (step,) = again.changed_steps
    assert [(d.path, d.kind, d.old, d.new) for d in step.diffs] == [("size", "update", 7, 1)]


def test_what_is_gone_leaves_the_state_and_what_needs_it_stays_valid(bench: Bench) -> None:
    bench.up(program)
    bench.world.forget("::a")
    result = bench.refresh()
    assert result.changes == {"same": 4, "delete": 1}
    assert set(bench.rows()) == {"sites-dev", "default", "group", "b", "c"}
    assert problems(bench.latest()["resources"]) == []
    assert "parent" not in bench.rows()["c"]
    assert "dependencies" not in bench.rows()["b"]
    assert bench.up(program).changes == {"create": 1, "same": 4}


def test_a_preview_of_a_refresh_reads_and_writes_nothing(bench: Bench) -> None:
    bench.up(program)
    bench.world.write("::b", {"size": 7})
    before = bench.state_file.read_bytes()
    assert bench.preview_refresh().changes == {"same": 4, "update": 1}
    assert bench.state_file.read_bytes() == before
    with pytest.raises(UnexpectedChanges, match="refresh gigasite:test:Thing b"):
        bench.refresh(expect_no_changes=True)
    assert bench.state_file.read_bytes() == before


def test_an_up_with_a_refresh_mends_the_drift(bench: Bench) -> None:
    bench.up(program)
    bench.world.write("::b", {"size": 7})
    bench.world.forget("::c")
    result = bench.preview(program, refresh=True)
    assert result.changes == {"create": 1, "same": 3, "update": 1}
    result = bench.up(program, refresh=True)
    assert found(result)["b"] is Op.UPDATE
    assert found(result)["c"] is Op.DELETE
    assert result.changes == {"create": 1, "same": 3, "update": 1}
    assert bench.world.names() == {"a", "b", "c"}
    assert bench.refresh().changes == {"same": 5}


def test_a_destroy_with_a_refresh_leaves_alone_what_is_gone(bench: Bench) -> None:
    bench.up(program)
    bench.world.forget("::c")
    bench.destroy(refresh=True)
    assert sorted(bench.world.of("delete")) == ["a", "b"]
    assert bench.rows() == {}


def test_what_cannot_be_read_stays_and_the_others_are_refreshed(bench: Bench) -> None:
    bench.up(program)
    bench.world.write("::b", {"size": 7})

    def broken() -> None:
        raise GigasiteError("the line is dead")

    bench.world_hooks[("read", "a")] = broken
    with pytest.raises(ApplyError, match="a: the line is dead"):
        bench.refresh()
    assert bench.rows()["a"]["outputs"]["size"] == 1
    assert bench.rows()["b"]["outputs"]["size"] == 7
    with pytest.raises(ApplyError, match="the line is dead"):
        bench.up(program, refresh=True)
    assert bench.world.of("update") == []


def test_secrets_stay_secret_through_a_refresh(bench: Bench) -> None:
    bench.up(program)
    bench.world.write("::c", {"size": 1, "token": "correct battery"})
    result = bench.refresh()
    text = bench.state_file.read_text() + repr(result) + repr(bench.events)
    assert "hunter2hunter2" not in text
    assert "correct battery" not in text
    (step,) = [step for step in result.steps if step.found is Op.UPDATE]
    assert [(d.path, d.old, d.new) for d in step.diffs] == [("token", "[secret]", "[secret]")]


def test_a_refresh_keeps_creations_that_nobody_knows_the_end_of(bench: Bench) -> None:
    bench.up(lambda: Thing("a", size=1) and None)
    row = bench.rows()["a"]
    other = {**row, "urn": "urn:pulumi:dev::sites::gigasite:test:Thing::z"}
    kinds = [("creating", other), ("updating", row), ("deleting", row)]
    bench.edit_state(pending_operations=[{"resource": resource, "type": kind} for kind, resource in kinds])
    bench.refresh()
    assert [op["type"] for op in bench.latest()["pending_operations"]] == ["creating"]


def test_a_stop_keeps_what_was_read_so_far(bench: Bench) -> None:
    bench.up(program)
    for name in ("a", "b", "c"):
        bench.world.write(f"::{name}", {"size": 7})
    cancel = threading.Event()
    bench.world_hooks[("read", "a")] = cancel.set
    with pytest.raises(ApplyError, match="stopped before the refresh was complete"):
        bench.refresh(cancel=cancel, parallel=1)
    assert bench.rows()["a"]["outputs"]["size"] == 7
    assert bench.rows()["b"]["outputs"]["size"] == 1
    assert not bench.journal_file.exists()
    assert not list(bench.lock_folder.glob("*.json"))


def test_resources_of_others_are_compared_by_their_outputs(bench: Bench) -> None:
    def reading() -> None:
        Counter("theirs", Options(id="x-1"))

    bench.up(reading)
    assert bench.refresh().changes == {"same": 2}
    bench.edit_state(lambda row: row.update(outputs={"address": "old"}), "theirs")
    assert bench.refresh().changes == {"same": 1, "update": 1}
    assert bench.rows()["theirs"]["outputs"] == {"address": "read-x-1"}


def test_a_refresh_is_in_the_history(bench: Bench) -> None:
    bench.up(program)
    bench.refresh(message="a look around")
    assert [(r["kind"], r["message"]) for r in bench.history()] == [("refresh", "a look around"), ("update", "")]


@pytest.mark.parametrize("entry_count", range(1, 6))
def test_a_refresh_that_was_killed_leaves_a_valid_state(bench: Bench, entry_count: int) -> None:
    """The journal of an `up` with a refresh, cut after any of its entries, folds into a sound state."""
    bench.up(program)
    bench.world.forget("::a")
    bench.world.write("::b", {"size": 7})
    base = bench.state_file.read_bytes()
    kept: list[bytes] = []

    def spy() -> None:
        kept.append(bench.journal_file.read_bytes())

    bench.world_hooks[("create", "a")] = spy
    bench.up(program, refresh=True)
    lines = kept[0].splitlines(keepends=True)
    bench.state_file.write_bytes(base)
    bench.journal_file.parent.mkdir(parents=True, exist_ok=True)
    bench.journal_file.write_bytes(b"".join(lines[: 1 + entry_count]))
    bench.engine.recover(bench.project, "dev")
    assert problems(bench.latest()["resources"]) == []
    assert {"b", "c", "group"} <= set(bench.rows())
