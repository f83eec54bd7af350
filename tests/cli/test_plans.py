"""Saved plans and limits: what was not reviewed, or is more than it may be, is not done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gigasite.cli.limits import COUNTS, excesses
from gigasite.engine.model import Op, RunResult, Step

from .conftest import SITE, Run

UP = ("up", "lab", "--engine", "local", "--yes")
GROWN = SITE.replace("scalable_units: 1", "scalable_units: 2")


@pytest.fixture
def site(project: Path) -> Path:
    return project / "stacks" / "lab" / "site.yaml"


@pytest.fixture
def saved(run: Run, project: Path) -> Callable[[], str]:
    """Saves a plan of the site as it is now."""

    def save() -> str:
        done = run("preview", "lab", "--engine", "local", "--save-plan", "plan.json")
        assert done.exit_code == 0, done.stderr
        return "plan.json"

    return save


def state(run: Run) -> str:
    return run("stack", "export", "lab").stdout


def test_a_plan_is_carried_out_once(run: Run, saved: Callable[[], str]) -> None:
    plan = saved()
    done = run(*UP, "--plan", plan)
    assert done.exit_code == 0, done.stderr
    before = state(run)
    again = run(*UP, "--plan", plan)
    assert again.exit_code == 4
    assert "the state changed" in again.stderr
    assert state(run) == before


def test_a_plan_names_its_operations_and_holds_no_contents(saved: Callable[[], str]) -> None:
    plan = json.loads(Path(saved()).read_text())
    assert plan["stack"] == "lab"
    assert {"gigasite", "catalog", "site", "program", "configuration", "state"} == set(plan["grounds"])
    assert {step["op"] for step in plan["steps"]} == {"create"}
    assert all(set(step) == {"op", "urn", "sha256"} for step in plan["steps"])


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("stacks/lab/site.yaml", "the site's files"),
        ("stacks/lab/notes/hours.csv", "the site's files"),
        ("stacks/__main__.py", "the program"),
        ("Pulumi.yaml", "the program"),
        ("stacks/Pulumi.lab.yaml", "the stack's configuration"),
    ],
)
def test_a_plan_is_refused_when_what_it_rests_on_moved(
    run: Run, project: Path, saved: Callable[[], str], path: str, what: str
) -> None:
    plan = saved()
    file = project / path
    file.parent.mkdir(exist_ok=True)
    file.write_text((file.read_text() if file.exists() else "") + "# another word\n")
    done = run(*UP, "--plan", plan)
    assert done.exit_code == 4, done.stdout
    assert f"since then {what} changed" in done.stderr
    assert "resources" not in json.loads(state(run))["deployment"]


def test_a_plan_of_another_catalog_is_refused(run: Run, project: Path, saved: Callable[[], str]) -> None:
    plan = saved()
    assert run("pin", "lab").exit_code == 0
    assert "the site's files" in run(*UP, "--plan", plan).stderr
    document = json.loads((project / plan).read_text())
    document["grounds"]["catalog"] = "0" * 64
    (project / plan).write_text(json.dumps(document))
    assert "since then the catalog, the site's files changed" in run(*UP, "--plan", plan).stderr


def test_operations_that_are_not_in_the_plan_are_refused(run: Run, project: Path, saved: Callable[[], str]) -> None:
    plan = project / saved()
    document = json.loads(plan.read_text())
    gone = document["steps"].pop()
    plan.write_text(json.dumps(document))
    done = run(*UP, "--plan", str(plan))
    assert done.exit_code == 4
    assert f"create {gone['urn'].rpartition('::')[2]} is new" in done.stderr
    assert "resources" not in json.loads(state(run))["deployment"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 9}', "[" * 100_000])
def test_what_is_no_plan_is_said_to_be_none(run: Run, project: Path, text: str) -> None:
    (project / "plan.json").write_text(text)
    done = run(*UP, "--plan", "plan.json")
    assert done.exit_code == 1
    assert "plan.json: this" in done.stderr
    assert "gigasite preview SITE --save-plan FILE" in done.stderr


def test_a_run_that_deletes_more_than_it_may_is_refused(run: Run, project: Path, site: Path) -> None:
    site.write_text(GROWN)
    assert run(*UP).exit_code == 0
    before = state(run)
    site.write_text(SITE)
    (project / "stacks" / "Pulumi.lab.yaml").write_text(
        (project / "stacks" / "Pulumi.lab.yaml").read_text() + "  sites:limits: {deletes: 0}\n"
    )
    shown = run("preview", "lab", "--engine", "local")
    assert shown.exit_code == 0
    assert "up would refuse this: " in shown.stderr
    done = run(*UP)
    assert done.exit_code == 4
    assert " deletes, 0 allowed (" in done.stderr
    assert "--limit deletes=" in done.stderr
    assert state(run) == before
    allowed = done.stderr.rpartition("--limit ")[2].split()[0]
    assert run(*UP, "--limit", allowed).exit_code == 0


@pytest.mark.parametrize("limit", ["deletes", "deletes=-1", "deletes=x", "racks=1", "deletes=1.5"])
def test_what_is_no_limit_is_wrong_use(run: Run, project: Path, limit: str) -> None:
    done = run(*UP, "--limit", limit)
    assert done.exit_code == 2
    assert "limit" in done.stderr


def test_pushed_switches_are_counted_one_by_one() -> None:
    def devices(*shas: str) -> dict[str, object]:
        return {"apply": "push", "devices": {f"leaf{n}": {"sha256": sha} for n, sha in enumerate(shas)}}

    step = Step(
        Op.UPDATE, "u", "gigasite:network:SwitchConfig", "leaves", old=devices("a", "b"), new=devices("a", "c", "d")
    )
    (excess,) = excesses(RunResult(steps=(step,)), {"switches": 1, "changes": 1})
    assert excess.names == ("leaf1", "leaf2")
    assert set(COUNTS) == {"changes", "deletes", "replaces", "switches"}


def test_destroy_asks_for_the_name_of_the_site(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(*UP).exit_code == 0
    monkeypatch.setattr("gigasite.cli.apply.ask_first", lambda *_: None)
    before = state(run)
    done = run("destroy", "lab", "--engine", "local", input="yes\n")
    assert done.exit_code == 2
    assert "nothing was deleted" in done.stderr
    assert state(run) == before
    assert run("destroy", "lab", "--engine", "local", input="lab\n").exit_code == 0
    assert "resources" not in json.loads(state(run))["deployment"]
