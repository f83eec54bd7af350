"""Transforms, hooks and invokes: what the engine asks the program and the provider's functions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from gigasite.errors import ApplyError, GigasiteError
from tests.engine.conftest import Bench
from tests.engine.resources import Counter, Group

Options = pulumi.ResourceOptions


# transforms --------------------------------------------------------------------------------------------------


def test_transforms_change_inputs_and_options_nearest_first(bench: Bench) -> None:
    def adding(text: str) -> Any:
        def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
            if args.type_ != "gigasite:test:Counter":
                return None
            options = Options.merge(args.opts, Options(protect=True, ignore_changes=["kind"]))
            return pulumi.ResourceTransformResult({**args.props, "size": args.props["size"] + text}, options)

        return transform

    def program() -> None:
        pulumi.runtime.register_resource_transform(adding("stack"))
        group = Group("group", Options(transforms=[adding("parent ")]))
        first = Counter("first", Options(parent=group, transforms=[adding("own ")]), size="")
        Counter("second", Options(depends_on=[first]), size="")

    bench.up(program)
    rows = bench.rows()
    assert rows["first"]["inputs"]["size"] == "own parent stack"
    assert rows["second"]["inputs"]["size"] == "stack"
    assert rows["second"]["dependencies"] == [rows["first"]["urn"]]
    assert (rows["second"]["protect"], rows["second"]["ignoreChanges"]) == (True, ["kind"])
    assert "protect" not in rows["default"]
    assert bench.up(program).changes == {"same": 4}


def test_transforms_see_secrets_and_what_is_not_known_and_keep_them(bench: Bench) -> None:
    seen: list[Any] = []

    def look(args: pulumi.ResourceTransformArgs) -> None:
        seen.append(args.props)

    def keep(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        return pulumi.ResourceTransformResult(args.props, args.opts)

    def program() -> None:
        first = Counter("first")
        Counter("a", Options(transforms=[look, keep]), size=first.address, token=pulumi.Output.secret("word"))

    bench.preview(program)
    bench.up(program)
    assert isinstance(seen[-1]["token"], pulumi.Output)
    assert "ciphertext" in bench.rows()["a"]["inputs"]["token"]
    assert bench.rows()["a"]["dependencies"] == [bench.rows()["first"]["urn"]]
    assert bench.rows()["a"]["inputs"]["size"] == "at-first-"


def test_a_transform_that_only_looks_keeps_the_dependencies_of_properties(bench: Bench) -> None:
    def program() -> None:
        first = Counter("first")
        Counter("a", Options(transforms=[lambda args: None]), size=first.address, kind=1)

    bench.up(program)
    rows = bench.rows()
    assert rows["a"]["propertyDependencies"] == {"size": [rows["first"]["urn"]], "kind": []}


def test_a_transform_that_fails_names_its_line(bench: Bench) -> None:
    def broken(args: pulumi.ResourceTransformArgs) -> None:
        raise ValueError("not like this")

    with pytest.raises(GigasiteError, match=r"a transform of a failed: not like this:\n.*test_callbacks.py"):
        bench.up(lambda: Counter("a", Options(transforms=[broken])) and None)


# invokes -----------------------------------------------------------------------------------------------------


def test_functions_of_the_provider_answer(bench: Bench) -> None:
    def program() -> None:
        numbers = [1, 2, pulumi.Output.secret(3)]
        pulumi.export("sum", pulumi.runtime.invoke_output("gigasite:test:sum", {"numbers": numbers}))
        pulumi.export("plain", pulumi.runtime.invoke("gigasite:test:sum", {"numbers": [1.5]}).value)
        first = Counter("first")
        pulumi.export("later", pulumi.runtime.invoke_output("gigasite:test:sum", {"numbers": [first.id.apply(len)]}))

    assert bench.preview(program).outputs["later"] == "[unknown]"
    result = bench.up(program)
    assert result.outputs["sum"] == "[secret]"
    assert result.outputs["plain"] == {"sum": 1.5, "of": [1.5]}
    assert result.outputs["later"]["sum"] == len("id-first")
    assert "default" in bench.rows()


def test_a_function_that_refuses_fails_the_run_with_its_words(bench: Bench) -> None:
    with pytest.raises(GigasiteError, match="there is nothing to add"):
        bench.up(lambda: pulumi.runtime.invoke("gigasite:test:sum", {"numbers": []}) and None)


def test_invoke_transforms_change_what_is_asked(bench: Bench) -> None:
    def double(args: pulumi.InvokeTransformArgs) -> pulumi.InvokeTransformResult:
        return pulumi.InvokeTransformResult({"numbers": [2 * n for n in args.args["numbers"]]}, args.opts)

    def program() -> None:
        pulumi.runtime.register_invoke_transform(double)
        pulumi.export("sum", pulumi.runtime.invoke_output("gigasite:test:sum", {"numbers": [1, 2]}))

    assert bench.up(program).outputs["sum"]["sum"] == 6


# hooks -------------------------------------------------------------------------------------------------------

Seen = list[tuple[str, str]]


def hooks_of(seen: Seen, **options: bool) -> pulumi.ResourceHookBinding:
    kinds = ("before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete")

    def hook(kind: str) -> pulumi.ResourceHook:
        def told(args: pulumi.ResourceHookArgs) -> None:
            seen.append((kind, args.name))

        return pulumi.ResourceHook(kind, told, pulumi.ResourceHookOptions(**options))

    return pulumi.ResourceHookBinding(**{kind: [hook(kind)] for kind in kinds})


def test_hooks_run_around_each_step(bench: Bench) -> None:
    seen: Seen = []

    def program(size: int, keep: bool = True) -> Callable[[], None]:
        def body() -> None:
            binding = hooks_of(seen)
            if keep:
                Counter("a", Options(hooks=binding), size=size)

        return body

    bench.preview(program(1))
    assert seen == []
    bench.up(program(1))
    assert bench.rows()["a"]["resourceHooks"]["BeforeCreate"] == ["before_create"]
    assert bench.engine.export(bench.project, "dev")["features"] == ["hooks"]
    bench.up(program(1))
    bench.up(program(2))
    bench.up(program(2, keep=False))
    assert [kind for kind, _ in seen] == [
        *("before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete")
    ]
    assert bench.world.names() == set()


def test_hooks_of_components_hear_of_their_outputs(bench: Bench) -> None:
    seen: list[Any] = []

    def program() -> None:
        told = pulumi.ResourceHook("told", lambda args: seen.append(args.new_outputs))
        group = Group("group", Options(hooks=pulumi.ResourceHookBinding(after_create=[told])))
        group.register_outputs({"count": 3})

    bench.up(program)
    assert seen == [{"count": 3}]


def test_a_hook_that_fails_before_a_step_keeps_it_from_happening(bench: Bench) -> None:
    def program() -> None:
        no = pulumi.ResourceHook("no", lambda args: (_ for _ in ()).throw(ValueError("not today")))
        Counter("a", Options(hooks=pulumi.ResourceHookBinding(before_create=[no])))

    with pytest.raises(ApplyError, match="the BeforeCreate hook no failed: not today"):
        bench.up(program)
    assert bench.world.calls == []


def test_a_hook_that_fails_after_a_step_fails_the_run_and_keeps_what_was_done(bench: Bench) -> None:
    def program() -> None:
        no = pulumi.ResourceHook("no", lambda args: (_ for _ in ()).throw(ValueError("too late")))
        binding = pulumi.ResourceHookBinding(after_create=[no])
        Counter("b", Options(depends_on=[Counter("a", Options(hooks=binding))]))

    with pytest.raises(ApplyError, match="the AfterCreate hook no failed: too late"):
        bench.up(program)
    assert {"a", "b"} <= set(bench.rows())


def test_a_hook_may_ask_to_try_again(bench: Bench) -> None:
    tries: list[list[str]] = []

    def again(args: pulumi.ErrorHookArgs) -> bool:
        tries.append(list(args.errors))
        return len(tries) < 3

    def program() -> None:
        hook = pulumi.ErrorHook("again", again)
        Counter("a", Options(hooks=pulumi.ResourceHookBinding(on_error=[hook])), fail="this")

    with pytest.raises(ApplyError, match="no room for this"):
        bench.up(program)
    assert bench.world.of("create") == ["a"] * 3
    assert [len(errors) for errors in tries] == [1, 2, 3]
    assert tries[0] == ["no room for this"]


def test_a_destroy_that_would_leave_out_a_hook_is_refused(bench: Bench) -> None:
    bench.up(lambda: Counter("a", Options(hooks=hooks_of([]))) and None)
    with pytest.raises(ApplyError, match="the hook before_delete of a is not registered"):
        bench.destroy()
    assert bench.world.calls == []


def test_cancelling_does_not_wait_for_the_program_to_answer(bench: Bench) -> None:
    cancel = threading.Event()

    async def forever(args: pulumi.ResourceHookArgs) -> None:
        cancel.set()
        raise KeyboardInterrupt

    def program() -> None:
        hook = pulumi.ResourceHook("forever", forever)
        Counter("a", Options(hooks=pulumi.ResourceHookBinding(before_create=[hook])))

    with pytest.raises(ApplyError, match="stopped before"):
        bench.up(program, cancel=cancel)
    assert "a" not in bench.rows()
