"""Refresh and targets on both engines: the same findings, steps and states."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gigasite.engine import Engine, RunOptions, RunResult, select_engine
from gigasite.errors import ApplyError, GigasiteError

from .conftest import Workplace, set_up
from .normal import normal_export

Both = tuple[tuple[Engine, Workplace], tuple[Engine, Workplace]]

EVERYTHING = RunOptions()
PROGRAM = """
class Hall(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("sites:index:Hall", name)

hall = Hall("hall")
a = Tree("a", ".build/a", {"x": "1", "y": "2"}, pulumi.ResourceOptions(parent=hall))
b = Tree("b", ".build/b", {"x": "1"}, pulumi.ResourceOptions(depends_on=[a]))
c = Tree("c", a.folder.apply(lambda folder: ".build/c"), {"x": "1"}, pulumi.ResourceOptions(parent=a))
d = Tree("d", pulumi.Output.secret(".build/d"), {"x": "1"}, pulumi.ResourceOptions(depends_on=[b]))
pulumi.export("digest", d.digest)
"""


@pytest.fixture(scope="module")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two projects in which the program is up, one by each engine; tests work on copies."""
    root = tmp_path_factory.mktemp("up")
    with pytest.MonkeyPatch.context() as patch:
        set_up(patch, root)
        for kind in ("pulumi", "local"):
            engine, place = select_engine(kind), Workplace(root / kind)
            place.write(PROGRAM)
            engine.init(place.project, "dev")
            engine.up(place.project, "dev")
    return root


@pytest.fixture
def both(brought_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Both:
    """The real engine and the embedded one, each with its project."""
    set_up(monkeypatch, tmp_path)
    shutil.copytree(brought_up, tmp_path, dirs_exist_ok=True)
    real, local = ((select_engine(kind), Workplace.at(tmp_path / kind)) for kind in ("pulumi", "local"))
    return real, local


def told(result: RunResult) -> list[Any]:
    return sorted(
        (str(s.op), str(s.found), s.urn, [(d.path, d.kind, d.old, d.new) for d in s.diffs]) for s in result.steps
    )


def compare(both: Both, verb: str, options: RunOptions = EVERYTHING) -> RunResult:
    """Runs a verb on both; steps, counts, outputs and states must be the same. Returns the embedded one's result."""
    results = [getattr(engine, verb)(place.project, "dev", options=options) for engine, place in both]
    assert told(results[1]) == told(results[0])
    assert results[1].changes == results[0].changes
    assert results[1].outputs == results[0].outputs
    assert_same_state(both)
    return results[1]


def assert_same_state(both: Both) -> None:
    real, local = (normal_export(engine.export(place.project, "dev")) for engine, place in both)
    assert local == real
    assert both[1][1].files() == both[0][1].files()


def drift(both: Both) -> None:
    for _, place in both:
        shutil.rmtree(place.root / ".build/a")
        (place.root / ".build/b/x").write_text("drifted")
        (place.root / ".build/d/x").unlink()
        (place.root / ".build/d/more").write_text("not ours")


def test_a_refresh_finds_the_same_drift_and_leaves_the_same_state(both: Both) -> None:
    drift(both)
    compare(both, "preview_refresh")
    compare(both, "refresh")
    compare(both, "refresh")
    compare(both, "preview")
    compare(both, "up")


@pytest.mark.parametrize("verb", ["preview", "up", "destroy"])
def test_a_refresh_before_a_run_comes_to_the_same(verb: str, both: Both) -> None:
    drift(both)
    compare(both, verb, RunOptions(refresh=True))


NEXT = PROGRAM.replace('{"x": "1"', '{"x": "9"').replace("d = ", 'e = Tree("e", ".build/e", {"x": "1"})\nd = ')
NEXT += 'pulumi.export("e", e.digest)'

TARGETS = {
    "one": RunOptions(targets=("b",)),
    "two": RunOptions(targets=("a", "urn:pulumi:dev::sites::gigasite:files:Tree::b")),
    "globs": RunOptions(targets=("**Tree::[ab]", "**::b", "urn:pulumi:dev::sites::*:*:Tree::d")),
    "new": RunOptions(targets=("e",)),
    "with dependents": RunOptions(targets=("a",), target_dependents=True),
    "without one": RunOptions(excludes=("b",)),
    "without one and its dependents": RunOptions(excludes=("b",), exclude_dependents=True),
}


@pytest.mark.parametrize("name", TARGETS)
def test_targeted_runs_come_to_the_same(name: str, both: Both) -> None:
    options = TARGETS[name]
    for _, place in both:
        place.write(NEXT)
    compare(both, "preview", options)
    compare(both, "up", options)
    if "new" not in name:
        compare(both, "up", replace(options, refresh=True))
        drift(both)
        compare(both, "refresh", options)


SHRUNK = PROGRAM.replace("c = Tree", "# c = Tree")


@pytest.mark.parametrize(
    ("program", "options"),
    [
        (SHRUNK, RunOptions(targets=("b",))),
        (SHRUNK, RunOptions(targets=("c",))),
        (SHRUNK, RunOptions(excludes=("c",))),
        (SHRUNK, RunOptions(excludes=("d",))),
        ("", RunOptions(targets=("d", "c"))),
        ("", RunOptions(excludes=("b",))),
        ("", RunOptions(targets=("b",), target_dependents=True)),
    ],
)
def test_targeted_runs_delete_the_same(program: str, options: RunOptions, both: Both) -> None:
    for _, place in both:
        place.write(program)
    compare(both, "preview", options)
    compare(both, "up", options)


@pytest.mark.parametrize(
    "options",
    [
        RunOptions(targets=("d",)),
        RunOptions(targets=("b",), target_dependents=True),
        RunOptions(excludes=("c",)),
        RunOptions(excludes=("**Hall::*",)),
    ],
)
def test_targeted_destroys_come_to_the_same(options: RunOptions, both: Both) -> None:
    compare(both, "preview_destroy", options)
    compare(both, "destroy", options)


@pytest.mark.parametrize(
    ("verb", "options", "message"),
    [
        ("up", RunOptions(targets=("f",)), "e"),
        ("destroy", RunOptions(targets=("b",)), "target"),
        ("up", RunOptions(targets=("urn:pulumi:dev::sites::gigasite:files:Tree::nobody",)), "nobody"),
        ("up", RunOptions(targets=("nobody",)), "nobody"),
        ("refresh", RunOptions(targets=("nobody",)), "nobody"),
        ("destroy", RunOptions(targets=("nobody",)), "nobody"),
    ],
)
def test_both_refuse_what_cannot_be_done(verb: str, options: RunOptions, message: str, both: Both) -> None:
    for engine, place in both:
        place.write(PROGRAM + 'e = Tree("e", ".build/e", {"x": "1"})\nTree("f", e.folder, {"z": "1"})')
        with pytest.raises(GigasiteError, match=message) as caught:
            getattr(engine, verb)(place.project, "dev", options=options)
        assert "nobody" in message or isinstance(caught.value, ApplyError)
    assert_same_state(both)
