"""What resource options do to steps and to the state."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from gigasite.engine.model import Op, RunResult
from gigasite.errors import ApplyError, GigasiteError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter, Follower, Group, Unique

Options = pulumi.ResourceOptions


def one(options: Options | None = None, name: str = "a", **inputs: Any) -> Callable[[], None]:
    def program() -> None:
        Counter(name, options, **inputs)

    return program


def ops(result: RunResult, name: str = "a") -> list[Op]:
    return [step.op for step in result.steps if step.name == name]


# ignore_changes ----------------------------------------------------------------------------------------------


def test_ignored_changes_keep_what_the_state_says(bench: Bench) -> None:
    bench.up(one(size={"racks": [{"u": 1}, {"u": 2}], "row": "a"}, kind="x"))
    ignoring = Options(ignore_changes=["size.racks[*].u", 'size["row"]', "kind"])
    result = bench.up(one(ignoring, size={"racks": [{"u": 7}, {"u": 8}], "row": "b"}, kind="y"))
    assert result.changes == {"same": 2}
    assert bench.rows()["a"]["inputs"] == {"size": {"racks": [{"u": 1}, {"u": 2}], "row": "a"}, "kind": "x"}
    assert bench.rows()["a"]["ignoreChanges"] == ["size.racks[*].u", 'size["row"]', "kind"]
    assert bench.up(one(size=1, kind="x")).changes == {"same": 1, "update": 1}
    assert "ignoreChanges" not in bench.rows()["a"]


def test_a_path_that_adds_an_element_cannot_be_ignored_and_says_so(bench: Bench) -> None:
    bench.up(one(size=[1]))
    result = bench.up(one(Options(ignore_changes=["size[1]"]), size=[1, 2]))
    assert result.changes == {"same": 1, "update": 1}
    assert 'cannot ignore changes in added or removed elements of the path: "size[1]"' in str(result.diagnostics[0])


def test_a_secret_that_is_ignored_stays_secret(bench: Bench) -> None:
    bench.up(lambda: Counter("a", token=pulumi.Output.secret("old")) and None)
    bench.up(one(Options(ignore_changes=["token"]), token="new"))
    assert "ciphertext" in bench.rows()["a"]["inputs"]["token"]


# replace_on_changes, replacement_trigger, replace_with -------------------------------------------------------


@pytest.mark.parametrize(("paths", "replaces"), [(["size"], True), (["*"], True), (["kind"], False)])
def test_changes_replace_where_the_program_says_so(bench: Bench, paths: list[str], replaces: bool) -> None:
    bench.up(one(size=1))
    result = bench.up(one(Options(replace_on_changes=paths), size=2))
    assert result.changes == {"same": 1, "replace" if replaces else "update": 1}
    assert bench.rows()["a"]["replaceOnChanges"] == paths
    assert bench.up(one(Options(replace_on_changes=paths), size=2)).changes == {"same": 2}


def test_what_is_half_done_is_replaced_where_every_change_replaces(bench: Bench) -> None:
    always = Options(replace_on_changes=["*"])
    with pytest.raises(ApplyError, match="second half"):
        bench.up(one(always, half=True))
    assert bench.preview(one(always, half=True)).changes == {"same": 1, "replace": 1}


def test_dependents_that_replace_on_changes_are_deleted_first_too(bench: Bench) -> None:
    def program(kind: str) -> Callable[[], None]:
        def body() -> None:
            root = Unique("root", kind=kind)
            Counter("dependent", Options(replace_on_changes=["size"]), size=root.address)

        return body

    bench.up(program("x"))
    bench.up(program("y"))
    assert bench.world.calls == [
        ("delete", "dependent"),
        ("delete", "root"),
        ("create", "root"),
        ("create", "dependent"),
    ]


def test_a_replacement_trigger_replaces_when_it_becomes_another(bench: Bench) -> None:
    def secretly(version: int) -> Callable[[], None]:
        def program() -> None:
            Counter("a", Options(replacement_trigger=pulumi.Output.secret({"v": version})))

        return program

    assert bench.up(one()).changes == {"create": 2}
    assert bench.up(one(Options(replacement_trigger=1))).changes == {"same": 2}
    assert bench.rows()["a"]["replacementTrigger"] == 1
    assert bench.up(secretly(2)).changes == {"same": 1, "replace": 1}
    before = bench.rows()["a"]
    assert "ciphertext" in before["replacementTrigger"]
    assert bench.up(secretly(2)).changes == {"same": 2}
    assert bench.rows()["a"] == before
    assert bench.up(secretly(3)).changes == {"same": 1, "replace": 1}
    assert bench.up(one()).changes == {"same": 2}
    assert "replacementTrigger" not in bench.rows()["a"]


def test_a_trigger_that_only_an_apply_knows_replaces_in_a_preview(bench: Bench) -> None:
    def program(size: int) -> Callable[[], None]:
        def body() -> None:
            first = Counter("first", kind=size)
            Counter("a", Options(replacement_trigger=first.address))

        return body

    bench.up(program(1))
    assert bench.preview(program(2)).changes == {"same": 1, "replace": 2}
    assert bench.up(program(2)).changes == {"same": 1, "replace": 2}


def test_a_resource_is_replaced_with_another(bench: Bench) -> None:
    def program(kind: str) -> Callable[[], None]:
        def body() -> None:
            first = Counter("first", kind=kind)
            Counter("second", Options(replace_with=[first]))

        return body

    bench.up(program("x"))
    assert bench.rows()["second"]["replaceWith"] == [bench.rows()["first"]["urn"]]
    assert bench.up(program("y")).changes == {"same": 1, "replace": 2}
    document = bench.engine.export(bench.project, "dev")
    assert (document["version"], document["features"]) == (4, ["replaceWith"])
    assert bench.up(program("y")).changes == {"same": 3}


def test_what_is_bound_to_a_resource_that_is_deleted_first_goes_before_it(bench: Bench) -> None:
    def program(kind: str) -> Callable[[], None]:
        def body() -> None:
            root = Unique("root", kind=kind)
            Counter("with", Options(replace_with=[root]))
            Counter("inside", Options(deleted_with=root))

        return body

    bench.up(program("x"))
    assert bench.up(program("y")).changes == {"same": 1, "replace": 3}
    assert bench.world.calls[:2] == [("delete", "with"), ("delete", "root")]
    assert sorted(bench.world.of("create")) == ["inside", "root", "with"]
    assert bench.up(program("y")).changes == {"same": 4}


# aliases -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "renamed"),
    [
        (lambda urn: pulumi.Alias(name="a"), lambda o: Counter("b", o, size=1)),
        (lambda urn: urn, lambda o: Counter("b", o, size=1)),
        (lambda urn: pulumi.Alias(type_="gigasite:test:Counter"), lambda o: Follower("a", o, size=1)),
        (
            lambda urn: pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE),
            lambda o: Counter("a", Options.merge(o, Options(parent=Group("g"))), size=1),
        ),
    ],
)
def test_an_alias_keeps_a_renamed_resource(bench: Bench, alias: Any, renamed: Any) -> None:
    bench.up(one(size=1))
    urn = bench.rows()["a"]["urn"]
    result = bench.up(lambda: renamed(Options(aliases=[alias(urn)])) and None)
    assert result.changes["same"] == 2
    assert "delete" not in result.changes
    assert bench.world.of("create") == bench.world.of("delete") == []
    assert urn not in [row["urn"] for row in bench.rows().values()]
    assert all("aliases" not in row for row in bench.rows().values())


def test_children_of_a_renamed_parent_keep_their_place(bench: Bench) -> None:
    def program(name: str, *aliases: pulumi.Alias) -> Callable[[], None]:
        def body() -> None:
            group = Group(name, Options(aliases=list(aliases)))
            child = Counter(f"{name}-child", Options(parent=group))
            Counter("grandchild", Options(parent=child), size=child.address)

        return body

    bench.up(program("old"))
    assert bench.up(program("new", pulumi.Alias(name="old"))).changes == {"same": 4}
    assert set(bench.rows()) == {"sites-dev", "default", "new", "new-child", "grandchild"}
    assert bench.up(program("new")).changes == {"same": 4}


def test_an_alias_of_nothing_creates_and_two_of_the_same_are_refused(bench: Bench) -> None:
    def both() -> None:
        Counter("b", Options(aliases=[pulumi.Alias(name="a")]))
        Counter("c", Options(aliases=[pulumi.Alias(name="a")]))

    assert bench.up(one(Options(aliases=[pulumi.Alias(name="nobody")]))).changes == {"create": 2}
    with pytest.raises(GigasiteError, match=r"two resources are what the state calls .*::a"):
        bench.up(both)


def test_a_replaced_resource_with_an_alias_is_one_replacement(bench: Bench) -> None:
    bench.up(one(kind="x"))
    result = bench.up(one(Options(aliases=[pulumi.Alias(name="a")]), name="b", kind="y"))
    assert result.changes == {"same": 1, "replace": 1}
    assert bench.world.of("create") == ["b"]


def test_what_a_failed_run_did_not_reach_follows_the_new_names(bench: Bench) -> None:
    def program(name: str, fail: bool) -> Callable[[], None]:
        def body() -> None:
            group = Group(name, Options(aliases=[pulumi.Alias(name="old")]))
            if fail:
                raise ValueError("broken")
            first = Counter("first", Options(parent=group))
            Counter("second", Options(depends_on=[group, first]), size=first.address)

        return body

    bench.up(program("old", fail=False))
    with pytest.raises(GigasiteError, match="broken"):
        bench.up(program("new", fail=True))
    rows = bench.rows()
    assert rows["first"]["parent"] == rows["new"]["urn"]
    assert rows["second"]["dependencies"] == [rows["first"]["urn"]]
    assert rows["second"]["propertyDependencies"] == {"size": [rows["first"]["urn"]]}
    assert bench.up(program("new", fail=False)).changes == {"same": 4}
    assert bench.world.calls == []


def test_what_a_killed_run_did_not_reach_follows_the_new_names_after_recovery(bench: Bench) -> None:
    kept = bench.root / "kept"
    state = bench.root / ".state"

    def program(name: str, *names: str) -> Callable[[], None]:
        def body() -> None:
            group = Group(name, Options(aliases=[pulumi.Alias(name="old")]))
            before: list[pulumi.Resource] = []
            for child in names:
                before = [Counter(child, Options(parent=group, depends_on=before))]

        return body

    def killed() -> None:
        shutil.copytree(state, kept)

    def renamed() -> None:
        bench.world.hooks["create", "new"] = killed
        program("renamed", "first", "new", "last")()

    bench.up(program("old", "first", "last"))
    bench.up(renamed)
    shutil.rmtree(state)
    kept.rename(state)
    shutil.rmtree(bench.lock_folder)
    bench.engine.recover(bench.project, bench.stack)
    rows = bench.rows()
    assert set(rows) == {"sites-dev", "default", "renamed", "first", "last"}
    assert {rows[name]["parent"] for name in ("first", "last")} == {rows["renamed"]["urn"]}
    assert rows["last"]["dependencies"] == [rows["first"]["urn"]]


# import_ -----------------------------------------------------------------------------------------------------


def test_an_import_takes_over_what_exists(bench: Bench) -> None:
    bench.world.write("urn::mine", {"size": 3})
    bench.world.calls.clear()
    result = bench.up(one(Options(import_="mine"), size=3))
    assert result.changes == {"create": 1, "import": 1}
    assert bench.world.calls == [("read", "a")]
    row = bench.rows()["a"]
    assert (row["id"], row["importID"], row["inputs"]) == ("mine", "mine", {"size": 3})
    assert bench.up(one(Options(import_="mine"), size=3)).changes == {"same": 2}
    assert bench.up(one(size=3)).changes == {"same": 2}
    assert "importID" not in bench.rows()["a"]


def test_an_import_that_differs_is_updated_to_what_the_program_says(bench: Bench) -> None:
    bench.world.write("urn::mine", {"size": 3})
    result = bench.preview(one(Options(import_="mine"), size=4))
    assert result.changes == {"create": 1, "import": 1, "update": 1}
    assert bench.up(one(Options(import_="mine"), size=4)).changes == {"create": 1, "update": 1, "import": 1}
    assert bench.world.of("update") == ["a"]
    assert bench.rows()["a"]["inputs"] == {"size": 4}


def test_an_import_that_would_be_replaced_is_refused(bench: Bench) -> None:
    bench.world.write("urn::mine", {"size": 3, "kind": "x"})
    with pytest.raises(ApplyError, match=r"would replace it \(kind\); take `import_` away first"):
        bench.up(one(Options(import_="mine"), size=3, kind="y"))
    assert bench.rows()["a"]["inputs"] == {"size": 3, "kind": "x"}
    assert bench.world.of("create") == []
    result = bench.preview(one(Options(import_="mine"), size=3, kind="y"))
    assert "would replace it" in str(result.diagnostics[0])


def test_an_import_takes_the_place_of_a_resource_with_another_id(bench: Bench) -> None:
    bench.up(one(size=3))
    bench.world.write("urn::mine", {"size": 3})
    result = bench.up(one(Options(import_="mine"), size=3))
    assert ops(result) == [Op.REPLACE, Op.IMPORT_REPLACEMENT, Op.DELETE_REPLACED]
    assert result.changes == {"same": 1, "replace": 1}
    assert bench.world.names() == {"mine"}


def test_importing_what_is_not_there_says_so(bench: Bench) -> None:
    with pytest.raises(ApplyError, match="no gigasite:test:Counter with the id nowhere"):
        bench.up(one(Options(import_="nowhere")))
    assert "a" not in bench.rows()


def test_what_was_read_before_is_created_in_its_place(bench: Bench) -> None:
    bench.up(lambda: Counter("a", Options(id="theirs")) and None)
    result = bench.up(one())
    assert ops(result) == [Op.REPLACE, Op.CREATE_REPLACEMENT, Op.DISCARD_REPLACED]
    assert bench.world.of("delete") == []
    result = bench.up(lambda: Counter("a", Options(id="theirs")) and None)
    assert ops(result) == [Op.REPLACE, Op.READ_REPLACEMENT, Op.DELETE_REPLACED]
    assert bench.world.of("delete") == ["a"]


# custom_timeouts, hide_diffs ---------------------------------------------------------------------------------


def test_time_outs_reach_the_provider_and_the_state(bench: Bench) -> None:
    limits = Options(custom_timeouts=pulumi.CustomTimeouts(create="1m30s", delete="0.5h"))
    bench.up(one(limits))
    assert bench.world.timeouts_s["create"] == 90
    assert bench.rows()["a"]["customTimeouts"] == {"create": 90, "delete": 1800}


def test_a_step_that_overruns_its_time_out_is_named(bench: Bench) -> None:
    limits = Options(custom_timeouts=pulumi.CustomTimeouts(create="10ms"))
    result = bench.up(one(limits, slow_s=0.05))
    assert result.changes == {"create": 2}
    assert "more than the 0.01 s of its custom_timeouts" in str(result.diagnostics[0])


def test_a_time_out_that_is_none_is_refused(bench: Bench) -> None:
    with pytest.raises(GigasiteError, match="'soon' is no duration"):
        bench.up(one(Options(custom_timeouts=pulumi.CustomTimeouts(create="soon"))))


def test_hidden_diffs_change_without_showing_how(bench: Bench) -> None:
    bench.up(one(size=1, kind={"deep": 1}))
    result = bench.preview(one(Options(hide_diffs=["size"]), size=2, kind={"deep": 1}))
    step = next(step for step in result.steps if step.op is Op.UPDATE)
    assert [(d.path, d.old, d.new) for d in step.diffs] == [("size", "[hidden]", "[hidden]")]
    bench.up(one(Options(hide_diffs=["size"]), size=2, kind={"deep": 1}))
    assert bench.rows()["a"]["hideDiff"] == ["size"]
