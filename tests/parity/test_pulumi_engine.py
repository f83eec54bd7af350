"""What the engine `pulumi` answers, and how it tells what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from gigasite.engine import Event, EventKind, RunOptions
from gigasite.engine.journal import Journal
from gigasite.engine.pulumi_cli import PulumiEngine
from gigasite.errors import ApplyError, GigasiteError, UnexpectedChanges
from gigasite.provider.resources import Tree

from .conftest import Workplace

TREE = 'Tree("t", ".build/t", {"a": "1"})'


@pytest.fixture
def engine() -> PulumiEngine:
    return PulumiEngine()


@pytest.fixture
def place(workplace: Callable[[str], Workplace], engine: PulumiEngine) -> Workplace:
    place = workplace("project")
    engine.init(place.project, "dev")
    return place


def test_stacks_are_made_listed_and_forgotten(engine: PulumiEngine, place: Workplace) -> None:
    with pytest.raises(GigasiteError, match="a stack called dev already"):
        engine.init(place.project, "dev")
    engine.init(place.project, "more")
    assert [info.name for info in engine.stacks(place.project)] == ["dev", "more"]
    engine.remove(place.project, "more")
    assert [info.name for info in engine.stacks(place.project)] == ["dev"]
    for ask in (engine.outputs, engine.export, engine.preview):
        with pytest.raises(GigasiteError, match="there is no stack more"):
            ask(place.project, "more")


def test_a_stack_with_resources_is_forgotten_only_by_force(engine: PulumiEngine, place: Workplace) -> None:
    place.write(TREE)
    engine.up(place.project, "dev")
    assert engine.stacks(place.project)[0].resource_count == 3  # with the stack itself and the provider
    with pytest.raises(GigasiteError, match="still has resources"):
        engine.remove(place.project, "dev")
    engine.remove(place.project, "dev", force=True)
    assert engine.stacks(place.project) == ()
    assert (place.root / "stacks/Pulumi.dev.yaml").is_file()


def test_events_tell_a_run_in_order(engine: PulumiEngine, place: Workplace) -> None:
    place.write(f'{TREE}\npulumi.export("x", pulumi.Output.secret(1))\npulumi.log.warn("careful")')
    events: list[Event] = []
    result = engine.up(place.project, "dev", on_event=events.append)
    told = [(event.kind, event.step.name) for event in events if event.step and event.kind != EventKind.OUTPUTS]
    assert told == [
        (EventKind.STEP_STARTED, "sites-dev"),
        (EventKind.STEP_DONE, "sites-dev"),
        (EventKind.STEP_STARTED, "t"),
        (EventKind.STEP_DONE, "t"),
    ]
    assert [event.message for event in events if event.kind == EventKind.DIAGNOSTIC] == ["warning: careful"]
    assert events[-1].kind == EventKind.SUMMARY
    assert result.changes == events[-1].changes == {"create": 2}
    assert result.outputs == {"x": "[secret]"}


def test_a_program_in_this_process_runs_too(engine: PulumiEngine, place: Workplace) -> None:
    def program() -> None:
        Tree("t", ".build/t", {"a": "1"})

    engine.up(place.project, "dev", program=program)
    assert place.files() == {"t/a": "1"}
    engine.preview(place.project, "dev", program=program, options=RunOptions(expect_no_changes=True))


def test_unexpected_changes_are_named_and_not_applied(engine: PulumiEngine, place: Workplace) -> None:
    place.write(TREE)
    expecting = RunOptions(expect_no_changes=True)
    with pytest.raises(UnexpectedChanges, match="create gigasite:files:Tree t"):
        engine.up(place.project, "dev", options=expecting)
    assert place.files() == {}
    engine.up(place.project, "dev")
    engine.up(place.project, "dev", options=expecting)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("\nraise ValueError('boom')", r"^stacks/__main__\.py:4: ValueError: boom$"),
        ("raise pulumi.RunError('not like this')", "^not like this$"),
        (
            "from gigasite.errors import GigasiteError\n"
            "raise GigasiteError('no such system', path='site.yaml:3:1', hint='see the catalog')",
            r"^site\.yaml:3:1: no such system \(hint: see the catalog\)$",
        ),
    ],
)
def test_an_error_of_the_program_is_told_without_a_traceback(
    engine: PulumiEngine, place: Workplace, program: str, message: str
) -> None:
    place.write(program)
    with pytest.raises(GigasiteError, match=message):
        engine.preview(place.project, "dev")


def test_a_failed_step_is_told_by_name_and_the_rest_is_kept(engine: PulumiEngine, place: Workplace) -> None:
    (place.root / ".build/t/a/in-the-way").mkdir(parents=True)
    place.write(f'{TREE}\nTree("u", ".build/u", {{"a": "1"}})')
    with pytest.raises(ApplyError, match=r"the up failed at a step: t: .*a folder is in the way"):
        engine.up(place.project, "dev")
    (place.root / ".build/t/a/in-the-way").rmdir()
    (place.root / ".build/t/a").rmdir()
    engine.up(place.project, "dev")
    assert place.files() == {"t/a": "1", "u/a": "1"}


def test_a_cancelled_run_ends_as_one_that_can_go_on(engine: PulumiEngine, place: Workplace) -> None:
    cancel = threading.Event()

    def on_event(event: Event) -> None:
        if event.kind == EventKind.STEP_DONE and event.step and event.step.name == "t":
            cancel.set()

    place.write(f"{TREE}\nimport asyncio\npulumi.Output.from_input(1).apply(lambda _: asyncio.sleep(60))")
    with pytest.raises(ApplyError, match="stopped before the up was complete"):
        engine.up(place.project, "dev", options=RunOptions(cancel=cancel), on_event=on_event)
    place.write(TREE)
    assert engine.up(place.project, "dev").changes.keys() <= {"same", "create"}
    assert place.files() == {"t/a": "1"}


def test_passphrases_are_asked_for_and_checked(
    engine: PulumiEngine, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    with pytest.raises(GigasiteError, match="incorrect passphrase"):
        engine.preview(place.project, "dev")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    with pytest.raises(GigasiteError, match="PULUMI_CONFIG_PASSPHRASE"):
        engine.preview(place.project, "dev")


def test_what_a_killed_embedded_run_left_is_folded_before_the_cli_sees_the_state(
    engine: PulumiEngine, place: Workplace
) -> None:
    from gigasite.engine import LocalEngine
    from gigasite.engine.backend import FileBackend

    place.write(TREE)
    LocalEngine().up(place.project, "dev")
    backend = FileBackend(place.project)
    checkpoint = backend.read("dev")
    header = {
        "stack": backend.qualified("dev"),
        "base_sha256": checkpoint.sha256,
        "salt": checkpoint.salt_text,
        "manifest_version": checkpoint.manifest["version"],
    }
    journal = Journal(backend.journal_path("dev"), header)
    tree = next(row for row in checkpoint.rows if row["type"] == "gigasite:files:Tree")
    journal.wait(journal.append({"e": "intent", "n": 1, "op": "updating", "row": tree}))
    journal.close(remove=False)
    assert backend.journal_path("dev").exists()
    engine.preview(place.project, "dev", options=RunOptions(expect_no_changes=True))
    assert not backend.journal_path("dev").exists()
    assert len(engine.export(place.project, "dev")["deployment"]["pending_operations"]) == 1
