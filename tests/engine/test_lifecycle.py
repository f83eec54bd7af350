"""What becomes of a resource: created, kept, updated, replaced, deleted, read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from gigasite.engine.model import Op
from gigasite.errors import ApplyError, GigasiteError, UnexpectedChanges
from gigasite.provider.calls import current_call
from tests.engine.conftest import Bench
from tests.engine.resources import Counter, Follower, Group, Unique

Options = pulumi.ResourceOptions


def one(**inputs: Any) -> Callable[[], None]:
    def program() -> None:
        Counter("a", **inputs)

    return program


def test_a_new_resource_is_created_and_then_stays_the_same(bench: Bench) -> None:
    assert bench.up(one(size=2)).changes == {"create": 2}
    assert bench.world.of("create") == ["a"]
    assert bench.up(one(size=2)).changes == {"same": 2}
    assert bench.world.calls == []


def test_a_changed_input_updates_in_place_and_tells_the_property(bench: Bench) -> None:
    bench.up(one(size=2))
    result = bench.up(one(size=3))
    assert result.changes == {"same": 1, "update": 1}
    step = next(step for step in result.steps if step.op is Op.UPDATE)
    assert [(d.path, d.kind, d.old, d.new) for d in step.diffs] == [("size", "update", 2, 3)]
    assert bench.rows()["a"]["inputs"] == {"size": 3}
    assert bench.rows()["a"]["created"] < bench.rows()["a"]["modified"]


def test_a_resource_that_leaves_the_program_is_deleted(bench: Bench) -> None:
    bench.up(one())
    assert bench.up(lambda: None).changes == {"same": 1, "delete": 1}
    assert bench.world.names() == set()
    assert set(bench.rows()) == {"sites-dev"}


def test_replacement_creates_first_and_deletes_last(bench: Bench) -> None:
    bench.up(one(kind="x"))
    result = bench.up(one(kind="y"))
    assert bench.world.calls == [("create", "a"), ("delete", "a")]
    assert result.changes == {"same": 1, "replace": 1}
    assert [s.op for s in result.steps if s.name == "a"] == [
        Op.REPLACE,
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
    ]
    assert bench.rows()["a"]["inputs"]["kind"] == "y"


def test_replacement_deletes_first_where_the_provider_or_the_program_says_so(bench: Bench) -> None:
    def program(kind: str) -> Callable[[], None]:
        def body() -> None:
            Unique("a", kind=kind)
            Counter("b", Options(delete_before_replace=kind == "y"), kind=kind)

        return body

    bench.up(program("x"))
    bench.up(program("y"))
    for name in ("a", "b"):
        assert [kind for kind, of in bench.world.calls if of == name] == ["delete", "create"]


def test_replacement_that_deletes_first_takes_dependents_that_it_would_replace(bench: Bench) -> None:
    def program(kind: str) -> Callable[[], None]:
        def body() -> None:
            root = Unique("root", kind=kind)
            Follower("follower", follows=root.address)
            Counter("bystander", Options(depends_on=[root]), size=5)

        return body

    bench.up(program("x"))
    result = bench.up(program("y"))
    calls = [call for call in bench.world.calls if call[1] != "bystander"]
    assert calls == [("delete", "follower"), ("delete", "root"), ("create", "root"), ("create", "follower")]
    assert result.changes == {"same": 2, "replace": 2}
    assert bench.up(program("y")).changes == {"same": 4}


def test_deletions_go_from_dependents_to_what_they_depend_on(bench: Bench) -> None:
    def program() -> None:
        base = Counter("base")
        middle = Counter("middle", Options(depends_on=[base]))
        group = Group("group", Options(depends_on=[middle]))
        Counter("inner", Options(parent=group, depends_on=[middle]))
        Counter("input", size=middle.address)

    bench.up(program)
    assert bench.destroy().changes == {"delete": 6}
    order = bench.world.of("delete")
    assert order.index("middle") < order.index("base")
    assert max(order.index("inner"), order.index("input")) < order.index("middle")
    assert bench.rows() == {}


def test_a_protected_resource_is_neither_deleted_nor_replaced(bench: Bench) -> None:
    bench.up(lambda: Counter("a", Options(protect=True), kind="x") and None)
    with pytest.raises(ApplyError, match="a is protected"):
        bench.up(lambda: None)
    with pytest.raises(ApplyError, match="protected"):
        bench.destroy()
    with pytest.raises(ApplyError, match="protected"):
        bench.preview(lambda: Counter("a", Options(protect=True), kind="y") and None)
    assert bench.world.of("delete") == []
    bench.up(lambda: Counter("a", Options(protect=False), kind="x") and None)
    assert bench.destroy().changes == {"delete": 2}


def test_children_inherit_protection_from_their_parent(bench: Bench) -> None:
    def program() -> None:
        group = Group("group", Options(protect=True))
        Counter("child", Options(parent=group))
        Counter("free", Options(parent=group, protect=False))

    bench.up(program)
    assert bench.rows()["child"]["protect"] is True
    assert "protect" not in bench.rows()["free"]


def test_what_is_retained_or_deleted_with_something_else_only_leaves_the_state(bench: Bench) -> None:
    def program() -> None:
        box = Counter("box")
        Counter("kept", Options(retain_on_delete=True))
        Counter("inside", Options(deleted_with=box))

    bench.up(program)
    bench.destroy()
    assert bench.world.of("delete") == ["box"]
    assert bench.rows() == {}


def test_independent_resources_are_made_side_by_side(bench: Bench) -> None:
    together = threading.Barrier(4, timeout=10)

    def program() -> None:
        for name in "abcd":
            bench.world.hooks["create", name] = together.wait
            Counter(name)

    assert bench.up(program).changes == {"create": 5}
    assert bench.world.most_running_count == 4


def test_parallel_limits_how_many_steps_run_at_once(bench: Bench) -> None:
    def program() -> None:
        for i in range(8):
            Counter(f"c{i}", slow_s=0.01)

    bench.up(program, parallel=2)
    assert 1 <= bench.world.most_running_count <= 2


def test_a_failed_step_stops_what_follows_and_keeps_what_was_done(bench: Bench) -> None:
    def program() -> None:
        good = Counter("good")
        bad = Counter("bad", Options(depends_on=[good]), fail="this")
        Counter("after", Options(depends_on=[bad]))

    with pytest.raises(ApplyError, match="bad: no room for this") as caught:
        bench.up(program)
    assert caught.value.exit_code == 3
    assert set(bench.rows()) == {"sites-dev", "default", "good"}
    assert "after" not in bench.world.of("create")
    assert not bench.journal_file.exists()
    assert list(bench.lock_folder.iterdir()) == []


def test_a_create_that_came_half_way_is_kept_and_finished_by_the_next_run(bench: Bench) -> None:
    with pytest.raises(ApplyError, match="the second half is missing"):
        bench.up(one(half=True))
    assert bench.rows()["a"]["initErrors"] == ["the second half is missing"]
    assert bench.up(one(half=True)).changes == {"same": 1, "update": 1}
    assert "initErrors" not in bench.rows()["a"]


def test_an_update_that_came_half_way_keeps_its_old_inputs_and_comes_again(bench: Bench) -> None:
    bench.up(one(size=1))
    with pytest.raises(ApplyError, match="the other half is missing"):
        bench.up(one(size=2, half_update=True))
    row = bench.rows()["a"]
    assert (row["inputs"], row["outputs"]["size"]) == ({"size": 1}, 2)
    assert row["initErrors"] == ["the other half is missing"]
    assert bench.up(one(size=2)).changes == {"same": 1, "update": 1}
    assert bench.rows()["a"]["inputs"] == {"size": 2}
    assert "initErrors" not in bench.rows()["a"]


def test_a_provider_that_waits_may_see_that_the_run_is_stopped(bench: Bench) -> None:
    cancel = threading.Event()
    ended: list[bool] = []

    def wait() -> None:
        cancel.set()
        ended.append(current_call().wait(60))

    def program() -> None:
        bench.world.hooks["create", "a"] = wait
        Counter("b", Options(depends_on=[Counter("a")]))

    with pytest.raises(ApplyError, match="stopped before"):
        bench.up(program, cancel=cancel)
    assert ended == [True]
    assert "a" in bench.rows()
    assert "b" not in bench.rows()


def test_inputs_that_the_provider_refuses_fail_before_anything_is_made(bench: Bench) -> None:
    with pytest.raises(ApplyError, match="a: bad: is not wanted here"):
        bench.up(one(bad=1))
    assert bench.world.calls == []


def test_a_preview_shows_every_refusal_at_once(bench: Bench) -> None:
    def program() -> None:
        Counter("a", bad=1)
        Counter("b", bad=1)

    with pytest.raises(ApplyError, match="2 steps: ") as caught:
        bench.preview(program)
    assert "a: bad: is not wanted" in str(caught.value)
    assert "b: bad: is not wanted" in str(caught.value)


def test_a_failed_delete_keeps_what_it_depends_on(bench: Bench) -> None:
    def program() -> None:
        base = Counter("base")
        Counter("stays", Options(depends_on=[base]), stays=True)

    bench.up(program)
    with pytest.raises(ApplyError, match="it will not go"):
        bench.destroy()
    assert {"base", "stays"} <= set(bench.rows())


def test_a_preview_calls_no_provider_and_writes_nothing(bench: Bench) -> None:
    bench.up(one(size=1))
    before = bench.state_file.read_bytes()
    assert bench.preview(one(size=2)).changes == {"same": 1, "update": 1}
    assert bench.world.calls == []
    assert bench.state_file.read_bytes() == before


def test_values_that_only_an_apply_knows_are_unknown_in_a_preview(bench: Bench) -> None:
    seen: list[Any] = []

    def program() -> None:
        first = Counter("first")
        Counter("second", size=first.address)
        first.address.apply(seen.append)
        pulumi.export("address", first.address)
        pulumi.export("name", "fixed")

    result = bench.preview(program)
    assert result.outputs == {"address": "[unknown]", "name": "fixed"}
    assert next(s for s in result.steps if s.name == "second").new == {"size": "[unknown]"}
    assert seen == []
    assert bench.up(program).outputs == {"address": "at-first-", "name": "fixed"}
    assert seen == ["at-first-"]


def test_expect_no_changes_is_seen_before_anything_is_applied(bench: Bench) -> None:
    bench.up(one(size=1))
    with pytest.raises(UnexpectedChanges, match="update gigasite:test:Counter a") as caught:
        bench.up(one(size=2), expect_no_changes=True)
    assert caught.value.exit_code == 4
    assert bench.world.calls == []
    assert bench.up(one(size=1), expect_no_changes=True).changes == {"same": 2}


def test_component_outputs_and_stack_outputs_are_kept(bench: Bench) -> None:
    def program() -> None:
        group = Group("group", colour="red")
        group.register_outputs({"count": 3})
        pulumi.export("list", [1, True, None, {"a": 1.5}])

    bench.up(program)
    assert bench.rows()["group"]["outputs"] == {"count": 3}
    assert bench.rows()["group"]["inputs"] == {"colour": "red"}
    assert bench.engine.outputs(bench.project, "dev") == {"list": [1, True, None, {"a": 1.5}]}


def test_outputs_of_a_failed_run_keep_the_old_ones_that_it_did_not_reach(bench: Bench) -> None:
    def program(fail: bool) -> Callable[[], None]:
        def body() -> None:
            pulumi.export("early", 2 if fail else 1)
            if fail:
                raise ValueError("broken")
            pulumi.export("late", 1)

        return body

    bench.up(program(False))
    with pytest.raises(GigasiteError, match="ValueError: broken"):
        bench.up(program(True))
    assert bench.engine.outputs(bench.project, "dev") == {"early": 2, "late": 1}


def test_reading_a_resource_of_others_never_deletes_it(bench: Bench) -> None:
    def program() -> None:
        found = Counter("theirs", Options(id="x-1"))
        pulumi.export("address", found.address)

    result = bench.up(program)
    assert result.changes == {"create": 1}
    assert [step.op for step in result.steps if step.name == "theirs"] == [Op.READ]
    assert result.outputs == {"address": "read-x-1"}
    assert bench.rows()["theirs"]["external"] is True
    bench.destroy()
    assert bench.world.of("delete") == []


def test_reading_what_is_not_there_says_so(bench: Bench) -> None:
    with pytest.raises(ApplyError, match="no gigasite:test:Counter with the id nowhere"):
        bench.up(lambda: Counter("theirs", Options(id="nowhere")) and None)


def test_two_resources_of_one_name_are_refused(bench: Bench) -> None:
    def program() -> None:
        Counter("a")
        Counter("a")

    with pytest.raises(GigasiteError, match="two resources of type gigasite:test:Counter are called a"):
        bench.up(program)


def test_the_order_of_steps_and_state_depends_on_no_thread(bench: Bench) -> None:
    def program() -> None:
        for i in range(20):
            Counter(f"c{i}")

    def shape() -> list[tuple[str, str]]:
        return [(row["urn"], row["type"]) for row in bench.latest()["resources"]]

    steps = [str(step) for step in bench.up(program).steps]
    first = shape()
    bench.destroy()
    assert [str(step) for step in bench.up(program).steps] == steps
    assert shape() == first


def test_a_repeated_up_writes_the_same_resources(bench: Bench) -> None:
    def program() -> None:
        pulumi.export("s", pulumi.Output.secret("x"))
        Counter("a", token=pulumi.Output.secret("y"))

    bench.up(program)
    before = bench.latest()["resources"]
    bench.up(program)
    assert bench.latest()["resources"] == before


def test_the_engine_finds_its_own_providers_configuration(bench: Bench) -> None:
    (bench.root / "stacks" / "Pulumi.dev.yaml").write_text("config:\n  gigasite:nonsense: 1\n")
    with pytest.raises(ApplyError, match="nonsense: is no setting of the provider"):
        bench.up(one())
