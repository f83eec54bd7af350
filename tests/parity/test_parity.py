"""Both engines, one program: the same steps, files and state; either continues the other's work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from gigasite.engine import Engine, RunOptions, RunResult, StackConfig, select_engine
from gigasite.errors import GigasiteError

from .conftest import Workplace
from .normal import normal_export
from .programs import PROGRAMS

MakeWorkplace = Callable[[str], Workplace]
NO_CHANGES = RunOptions(expect_no_changes=True)


@pytest.fixture
def engines() -> tuple[Engine, Engine]:
    """The real one, and the embedded one."""
    return select_engine("pulumi"), select_engine("local")


def steps(result: RunResult) -> Counter[tuple[str, str]]:
    return Counter((str(step.op), step.urn) for step in result.steps)


def assert_equal(engines: tuple[Engine, Engine], places: tuple[Workplace, Workplace], stack: str = "dev") -> None:
    """Both projects hold the same files, outputs and state; the embedded engine opens the secrets of both."""
    real, local = (
        {
            "files": place.files(),
            "outputs": engines[1].outputs(place.project, stack, show_secrets=True),
            "export": normal_export(engine.export(place.project, stack)),
        }
        for engine, place in zip(engines, places, strict=True)
    )
    assert local == real


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_version_of_a_program_comes_to_the_same(
    name: str, engines: tuple[Engine, Engine], workplace: MakeWorkplace
) -> None:
    places = workplace("real"), workplace("local")
    for engine, place in zip(engines, places, strict=True):
        engine.init(place.project, "dev")
    for program in PROGRAMS[name]:
        results = []
        for engine, place in zip(engines, places, strict=True):
            place.write(program)
            results.append(engine.up(place.project, "dev"))
        real, local = results
        assert steps(local) == steps(real)
        assert local.changes == real.changes
        assert local.outputs == real.outputs
        assert_equal(engines, places)
        for engine, place in zip(reversed(engines), places, strict=True):
            engine.preview(place.project, "dev", options=NO_CHANGES)
    ends = [engine.destroy(place.project, "dev") for engine, place in zip(reversed(engines), places, strict=True)]
    assert steps(ends[0]) == steps(ends[1])
    assert_equal(engines, places)


def test_each_engine_continues_what_the_other_began(engines: tuple[Engine, Engine], workplace: MakeWorkplace) -> None:
    place, (real, local) = workplace("shared"), engines
    real.init(place.project, "dev")
    for engine, content in ((real, "1"), (local, "2"), (real, "3"), (local, "3")):
        place.write(
            f'''
            Tree("t", ".build/t", {{"a": "{content}"}})
            pulumi.export("secret", pulumi.Output.secret("{content}"))
            '''
        )
        result = engine.up(place.project, "dev")
        assert place.files() == {"t/a": content}
        assert real.outputs(place.project, "dev", show_secrets=True) == {"secret": content}
        assert local.outputs(place.project, "dev", show_secrets=True) == {"secret": content}
    assert set(result.changes) == {"same"}
    local.destroy(place.project, "dev")
    real.remove(place.project, "dev")
    assert not local.stacks(place.project)


def test_a_protected_resource_is_kept_by_both(engines: tuple[Engine, Engine], workplace: MakeWorkplace) -> None:
    places = workplace("real"), workplace("local")
    for engine, place in zip(engines, places, strict=True):
        engine.init(place.project, "dev")
        place.write('Tree("t", ".build/t", {"a": "1"}, pulumi.ResourceOptions(protect=True))')
        engine.up(place.project, "dev")
        place.write("")
        with pytest.raises(GigasiteError, match="protect"):
            engine.up(place.project, "dev")
        assert place.files() == {"t/a": "1"}
    assert_equal(engines, places)


def test_secrets_in_the_configuration_are_the_same_to_both(
    engines: tuple[Engine, Engine], workplace: MakeWorkplace
) -> None:
    place = workplace("shared")
    engines[0].init(place.project, "dev")
    config = StackConfig.load(place.project, "dev")
    config.set_secret("sites:token", "hunter2hunter2")
    config.set("sites:count", "3")
    config.save()
    place.write(
        """
        config = pulumi.Config()
        pulumi.export("token", config.require_secret("token"))
        pulumi.export("count", config.require_int("count"))
        """
    )
    engines[0].up(place.project, "dev")
    engines[1].preview(place.project, "dev", options=NO_CHANGES)
    wanted = {"token": "hunter2hunter2", "count": 3}
    for engine in engines:
        assert engine.outputs(place.project, "dev", show_secrets=True) == wanted
        assert engine.outputs(place.project, "dev") == {**wanted, "token": "[secret]"}
    assert "hunter2hunter2" not in str(engines[0].export(place.project, "dev"))


def test_a_stack_reads_the_outputs_of_another(engines: tuple[Engine, Engine], workplace: MakeWorkplace) -> None:
    places = workplace("real"), workplace("local")
    reading = """
        if pulumi.get_stack() == "base":
            pulumi.export("folder", ".build/from-base")
            pulumi.export("token", pulumi.Output.secret("hunter2hunter2"))
        else:
            base = pulumi.StackReference("organization/sites/base")
            Tree("t", base.require_output("folder"), {"a": "1"})
            pulumi.export("token", base.get_output("token"))
    """
    results = []
    for engine, place in zip(engines, places, strict=True):
        place.write(reading)
        for stack in ("base", "dev"):
            engine.init(place.project, stack)
            results.append(engine.up(place.project, stack))
        assert place.files() == {"from-base/a": "1"}
    assert steps(results[1]) == steps(results[3])
    assert_equal(engines, places)
    for engine, place in zip(reversed(engines), places, strict=True):
        engine.preview(place.project, "dev", options=NO_CHANGES)


def test_a_preview_knows_what_it_cannot_know(engines: tuple[Engine, Engine], workplace: MakeWorkplace) -> None:
    """A change upstream reaches the preview of what depends on it, the same way in both."""
    place = workplace("shared")
    program = """
        a = Tree("a", ".build/a", {{"a": "{content}"}})
        b = Tree("b", a.digest.apply(lambda digest: f".build/{{digest[:8]}}"), {{"b": "1"}})
        pulumi.export("digest", b.digest)
    """
    engines[0].init(place.project, "dev")
    place.write(program.format(content=1))
    engines[0].up(place.project, "dev")
    place.write(program.format(content=2))
    real, local = (engine.preview(place.project, "dev") for engine in engines)
    assert steps(local) == steps(real)
    assert _diffs(local) == _diffs(real)
    assert local.outputs == real.outputs


def _diffs(result: RunResult) -> dict[str, Any]:
    return {
        f"{step.op} {step.name}": [(diff.path, diff.kind, diff.old, diff.new) for diff in step.diffs]
        for step in result.steps
        if step.diffs
    }
