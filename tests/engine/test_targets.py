"""Targets: what a run is about, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from gigasite.engine.integrity import problems
from gigasite.engine.targets import Patterns
from gigasite.errors import ApplyError, GigasiteError, UsageError
from tests.engine.conftest import Bench
from tests.engine.resources import Group, Thing

Options = pulumi.ResourceOptions


def program(size: int, *more: str) -> Callable[[], None]:
    def body() -> None:
        group = Group("group")
        a = Thing("a", Options(parent=group), size=size)
        b = Thing("b", size=a.size)
        Thing("c", Options(depends_on=[b]), size=size)
        for name in more:
            Thing(name, size=size)
        pulumi.export("a", a.size)

    return body


def sizes(bench: Bench) -> dict[str, Any]:
    return {name: row["inputs"].get("size") for name, row in bench.rows().items() if "inputs" in row}


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({"targets": ("a",)}, "a"),
        ({"targets": ("a", "c")}, "ac"),
        ({"targets": ("urn:pulumi:dev::sites::gigasite:test:Thing::c",)}, "c"),
        ({"targets": ("**::c",)}, "c"),
        ({"targets": ("urn:pulumi:dev::sites::gigasite:test:Thing::*",)}, "bc"),
        ({"targets": ("a",), "target_dependents": True}, "abc"),
        ({"excludes": ("b",)}, "ac"),
        ({"excludes": ("b",), "exclude_dependents": True}, "a"),
    ],
)
def test_only_what_is_targeted_changes(bench: Bench, options: dict[str, Any], changed: str) -> None:
    bench.up(program(1))
    bench.up(program(2), **options)
    assert sorted(bench.world.of("update")) == [name for name in changed if name != "b" or "a" in changed]
    assert problems(bench.latest()["resources"]) == []
    for name in "ac":
        assert sizes(bench)[name] == (2 if name in changed else 1)


def test_what_is_not_targeted_keeps_its_old_state_to_the_letter(bench: Bench) -> None:
    bench.up(program(1))
    before = bench.rows()
    bench.up(program(2), targets=("c",))
    after = bench.rows()
    for name in ("group", "a", "b", "default"):
        assert after[name] == before[name]


def test_a_new_resource_that_is_not_targeted_is_not_made(bench: Bench) -> None:
    bench.up(program(1))
    result = bench.up(program(1, "d", "e"), targets=("d",))
    assert result.changes == {"create": 1, "same": 6}
    assert bench.world.names() == {"a", "b", "c", "d"}


def test_a_target_that_needs_a_new_resource_which_is_none_is_refused(bench: Bench) -> None:
    def needing() -> None:
        a = Thing("a", size=1)
        Thing("b", size=a.size)

    with pytest.raises(ApplyError, match=r"b: it needs urn:.*::a, which is not there yet and not among the targets"):
        bench.preview(needing, targets=("b",))
    with pytest.raises(ApplyError, match="not among the targets"):
        bench.up(needing, targets=("b",))
    assert bench.world.names() == set()
    bench.up(needing, targets=("a", "b"))
    assert bench.world.names() == {"a", "b"}


def test_what_left_the_program_goes_only_where_it_is_targeted(bench: Bench) -> None:
    bench.up(program(1, "d", "e"))
    bench.up(program(1), targets=("a",))
    assert bench.world.names() == {"a", "b", "c", "d", "e"}
    bench.up(program(1), targets=("d",))
    assert bench.world.names() == {"a", "b", "c", "e"}
    bench.up(program(1), excludes=("a",))
    assert bench.world.names() == {"a", "b", "c"}


def test_a_destroy_of_one_target_names_what_depends_on_it(bench: Bench) -> None:
    bench.up(program(1))
    with pytest.raises(ApplyError, match=r"2 steps: .*target-dependents"):
        bench.destroy(targets=("a",))
    assert bench.world.of("delete") == []
    bench.destroy(targets=("c",))
    assert bench.world.names() == {"a", "b"}
    bench.destroy(targets=("a",), target_dependents=True)
    assert bench.world.names() == set()
    assert "group" in bench.rows()


def test_a_destroy_leaves_what_is_excluded_and_what_that_needs(bench: Bench) -> None:
    bench.up(program(1, "d"))
    bench.destroy(excludes=("b",))
    assert bench.world.names() == {"a", "b"}
    assert set(bench.rows()) == {"sites-dev", "default", "group", "a", "b"}


def test_a_refresh_reads_only_its_targets(bench: Bench) -> None:
    bench.up(program(1))
    bench.refresh(targets=("b",))
    assert bench.world.of("read") == ["b"]
    bench.refresh(targets=("a",), target_dependents=True)
    assert sorted(bench.world.of("read")) == ["a", "b", "c"]
    bench.refresh(excludes=("a",), exclude_dependents=True)
    assert bench.world.of("read") == []


def test_names_are_completed_where_they_are_one_resources(bench: Bench) -> None:
    def twins() -> None:
        Thing("a", Options(parent=Group("g")), size=1)
        Thing("a", Options(parent=Thing("h", size=1)), size=1)

    bench.up(twins)
    with pytest.raises(UsageError, match="2 resources are called a: urn:"):
        bench.refresh(targets=("a",))
    with pytest.raises(UsageError, match="no resource of the stack is called gg") as caught:
        bench.destroy(targets=("gg",))
    assert caught.value.hint == "did you mean g?"
    bench.refresh(targets=("gigasite:test:Group$gigasite:test:Thing::a",))
    assert bench.world.of("read") == ["a"]


@pytest.mark.parametrize("name", ["nobody", "urn:pulumi:dev::sites::gigasite:test:Thing::nobody"])
def test_a_target_that_nobody_has_is_an_error(bench: Bench, name: str) -> None:
    bench.up(program(1))
    for run in (bench.up, bench.preview):
        with pytest.raises(GigasiteError, match="neither the stack nor its program has"):
            run(program(2), targets=(name,))
    with pytest.raises(UsageError, match="no resource of the stack is called"):
        bench.refresh(targets=(name,))


def test_targets_and_exclusions_together_are_refused(bench: Bench) -> None:
    with pytest.raises(UsageError, match="targets or exclusions, not both"):
        bench.up(program(1), targets=("a",), excludes=("b",))


@pytest.mark.parametrize(
    ("glob", "urn", "matches"),
    [
        ("**", "urn:pulumi:s::p::t::n", True),
        ("urn:pulumi:s::p::*::n", "urn:pulumi:s::p::t::n", True),
        ("urn:pulumi:s::p::*::n", "urn:pulumi:s::p::a:b:T::n", False),
        ("urn:pulumi:s::p::**::n", "urn:pulumi:s::p::a:b:T::n", True),
        ("**::rack-*", "urn:pulumi:s::p::a:b:T::rack-1", True),
        ("**::rack-*", "urn:pulumi:s::p::a:b:T::rack-1:2", False),
        ("**::a.c", "urn:pulumi:s::p::a:b:T::abc", False),
    ],
)
def test_globs_are_read_as_the_cli_reads_them(glob: str, urn: str, matches: bool) -> None:
    assert Patterns.of([glob]).matches(urn) is matches
