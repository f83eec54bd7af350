"""Verbs of stacks and states on both engines: the same states, files and refusals."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gigasite.engine import Engine, RunOptions, select_engine
from gigasite.errors import GigasiteError

from .conftest import Workplace, set_up
from .normal import normal_export

Both = tuple[tuple[Engine, Workplace], tuple[Engine, Workplace]]
NO_CHANGES = RunOptions(expect_no_changes=True)

PROGRAM = """
class Hall(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("sites:index:Hall", name)

a = Tree("a", ".build/a", {"x": "1"}, pulumi.ResourceOptions(parent=Hall("hall")))
b = Tree("b", ".build/b", {"x": "1"}, pulumi.ResourceOptions(depends_on=[a], protect=True))
c = Tree("c", a.folder.apply(lambda folder: ".build/c"), {"x": "1"}, pulumi.ResourceOptions(parent=a))
pulumi.export("token", pulumi.Output.secret("hunter2hunter2"))
"""


@pytest.fixture(scope="module")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("up")
    with pytest.MonkeyPatch.context() as patch:
        set_up(patch, root)
        for kind in ("pulumi", "local"):
            engine, place = select_engine(kind), Workplace(root / kind)
            place.write(PROGRAM)
            engine.init(place.project, "dev")
            engine.up(place.project, "dev", options=RunOptions(message="first"))
    return root


@pytest.fixture
def both(brought_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Both:
    set_up(monkeypatch, tmp_path)
    shutil.copytree(brought_up, tmp_path, dirs_exist_ok=True)
    real, local = ((select_engine(kind), Workplace.at(tmp_path / kind)) for kind in ("pulumi", "local"))
    return real, local


def compare(both: Both, work: Callable[[Engine, Workplace], Any], stack: str = "dev") -> Any:
    """Does the same on both: what it told, the states and the names of the backend's files must be the same."""
    real, local = (work(engine, place) for engine, place in both)
    assert local == real
    exports = [normal_export(engine.export(place.project, stack)) for engine, place in both]
    assert exports[1] == exports[0]
    assert files(both[1][1]) == files(both[0][1])
    return local


def files(place: Workplace) -> list[str]:
    """The backend's files by name, times left out; the tags that the CLI keeps beside each are nobody's business."""
    folder = place.root / ".state" / ".pulumi"
    names = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return sorted(re.sub(r"\d{19}", "NS", name) for name in names if not name.endswith(".attrs"))


EDITS: dict[str, Callable[[Engine, Workplace], Any]] = {
    "delete": lambda e, p: e.forget(p.project, "dev", ["c"]),
    "delete with dependents": lambda e, p: e.forget(p.project, "dev", ["a"], target_dependents=True, force=True),
    "delete several": lambda e, p: e.forget(p.project, "dev", ["a", "b", "c"], force=True),
    "unprotect": lambda e, p: e.protect(p.project, "dev", ["b"], protect=False),
    "protect all": lambda e, p: e.protect(p.project, "dev", everything=True),
    "unprotect all": lambda e, p: e.protect(p.project, "dev", everything=True, protect=False),
    "rename": lambda e, p: e.rename_resource(p.project, "dev", "a", "first"),
    "repair": lambda e, p: e.repair(p.project, "dev"),
}


@pytest.mark.parametrize("name", EDITS)
def test_edits_of_a_state_come_to_the_same(name: str, both: Both) -> None:
    compare(both, EDITS[name])
    compare(both, lambda e, p: sorted(str(s) for s in e.preview(p.project, "dev").steps))


def test_what_is_needed_or_protected_is_refused_by_both(both: Both) -> None:
    for engine, place in both:
        for names, more in ((["a"], {}), (["b"], {}), (["a"], {"target_dependents": True})):
            with pytest.raises(GigasiteError, match=r"target-dependents|protected"):
                engine.forget(place.project, "dev", names, **more)
    compare(both, lambda e, p: None)


def test_either_takes_the_export_of_the_other(both: Both) -> None:
    (real, there), (local, here) = both
    exports = [engine.export(place.project, "dev") for engine, place in both]
    real.import_state(there.project, "dev", exports[1])
    local.import_state(here.project, "dev", exports[0])
    compare(both, lambda e, p: e.outputs(p.project, "dev", show_secrets=True))
    compare(both, lambda e, p: e.preview(p.project, "dev", options=NO_CHANGES).changes)


def test_doubtful_states_are_refused_by_both_and_taken_by_force(both: Both) -> None:
    for engine, place in both:
        export = engine.export(place.project, "dev")
        export["deployment"]["resources"].reverse()
        with pytest.raises(GigasiteError):
            engine.import_state(place.project, "dev", export)
        assert engine.import_state(place.project, "dev", export, force=True)
        assert both[1][0].repair(place.project, "dev", preview=True)
    pending = both[1][0].export(both[1][1].project, "dev")
    assert pending["deployment"]["resources"][0]["urn"].endswith(("::c", "::b"))


def test_a_reversed_state_is_repaired_by_both(both: Both) -> None:
    def spoil(engine: Engine, place: Workplace) -> None:
        file = place.root / ".state/.pulumi/stacks/sites/dev.json"
        document = json.loads(file.read_text())
        rows = [r for r in document["checkpoint"]["latest"]["resources"] if not r["urn"].endswith("Tree::a")]
        document["checkpoint"]["latest"]["resources"] = rows[::-1]
        file.write_text(json.dumps(document))
        file.with_name("dev.json.attrs").unlink(missing_ok=True)

    for engine, place in both:
        spoil(engine, place)
    compare(both, lambda e, p: len(e.repair(p.project, "dev")))
    compare(both, lambda e, p: e.repair(p.project, "dev"))


def test_a_renamed_stack_goes_on_under_both(both: Both) -> None:
    def rename(engine: Engine, place: Workplace) -> list[str]:
        engine.rename(place.project, "dev", "prod")
        return sorted(file.name for file in (place.root / "stacks").glob("Pulumi.*"))

    assert compare(both, rename, "prod") == ["Pulumi.prod.yaml"]
    compare(both, lambda e, p: e.up(p.project, "prod", options=NO_CHANGES).changes, "prod")
    for engine, place in zip((both[1][0], both[0][0]), (both[0][1], both[1][1]), strict=True):
        engine.preview(place.project, "prod", options=NO_CHANGES)


def test_histories_are_read_alike_and_by_either(both: Both) -> None:
    for engine, place in both:
        engine.refresh(place.project, "dev", options=RunOptions(message="a look"))

    def history(engine: Engine, place: Workplace) -> Any:
        return [(u.kind, u.result, u.message, dict(u.changes)) for u in engine.history(place.project, "dev")]

    assert [kind for kind, *_ in compare(both, history)] == ["refresh", "update"]
    crossed = [history(both[1 - at][0], both[at][1]) for at in (0, 1)]
    assert crossed[0] == crossed[1] == history(*both[0])


def test_records_of_the_history_have_the_same_fields(both: Both) -> None:
    def record(place: Workplace) -> dict[str, Any]:
        (file,) = (place.root / ".state/.pulumi/history").rglob("*.history.json")
        found: dict[str, Any] = json.loads(file.read_text())
        return {key: value for key, value in found.items() if key not in ("startTime", "endTime", "environment")}

    assert record(both[1][1]) == record(both[0][1])


def test_both_remove_locks_and_say_whose(both: Both) -> None:
    holder = {"pid": 1, "username": "kim", "hostname": "there", "timestamp": "2026-01-01T00:00:00Z"}
    for _, place in both:
        folder = place.root / ".state/.pulumi/locks/organization/sites/dev"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "x.json").write_text(json.dumps(holder))
    whose = compare(both, lambda e, p: e.cancel(p.project, "dev"))
    assert whose == ("kim@there (pid 1) since 2026-01-01T00:00:00Z",)
