"""`--events`: a run's events as Pulumi tells them, without secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .conftest import SITE, Run

FILE = "events.jsonl"


def events(project: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project / FILE).read_text().splitlines()]


def kinds(found: list[dict[str, Any]]) -> list[str]:
    return [next(key for key in event if key not in ("sequence", "timestamp")) for event in found]


def test_a_run_is_told_from_its_prelude_to_its_end(run: Run, project: Path) -> None:
    assert run("up", "lab", "--engine", "local", "--yes", "--events", FILE).exit_code == 0
    found = events(project)
    assert [event["sequence"] for event in found] == list(range(len(found)))
    told = kinds(found)
    assert (told[0], told[-1]) == ("preludeEvent", "cancelEvent")
    assert told.count("summaryEvent") == 1
    summary = found[told.index("summaryEvent")]["summaryEvent"]
    pres, outs = (
        {event[kind]["metadata"]["urn"] for event in found if kind in event}
        for kind in ("resourcePreEvent", "resOutputsEvent")
    )
    assert pres <= outs
    assert len(outs) == sum(summary["resourceChanges"].values())
    tree = next(e["resOutputsEvent"]["metadata"] for e in found if "files:Tree" in json.dumps(e.get("resOutputsEvent")))
    assert tree["op"] == "create"
    assert tree["old"] is None
    assert tree["new"]["inputs"]["folder"].startswith(".build/lab")


def test_previews_plan_and_changes_name_their_properties(run: Run, project: Path) -> None:
    assert run("up", "lab", "--engine", "local", "--yes").exit_code == 0
    site = project / "stacks" / "lab" / "site.yaml"
    site.write_text(SITE.replace("scalable_units: 1", "scalable_units: 2"))
    assert run("preview", "lab", "--engine", "local", "--events", FILE).exit_code == 0
    updates = [
        event["resOutputsEvent"]
        for event in events(project)
        if event.get("resOutputsEvent", {}).get("metadata", {}).get("op") == "update"
    ]
    assert updates
    for update in updates:
        assert update["planning"] is True
        assert set(update["metadata"]["detailedDiff"]) == set(update["metadata"]["diffs"])


def test_no_secret_is_told(run: Run, project: Path) -> None:
    secret = "correct-battery-staple"
    assert run("config", "set", "lab", "sites:pushPassword", secret, "--secret").exit_code == 0
    (project / "stacks" / "__main__.py").write_text(
        "import pulumi\n"
        "password = pulumi.Config('sites').require_secret('pushPassword')\n"
        "class Group(pulumi.ComponentResource):\n"
        "    pass\n"
        "Group('ours:index:Group', 'g', {'password': password, 'nested': [{'again': password}]})\n"
        "pulumi.log.warn('it is correct-battery-staple')\n"
    )
    done = run("up", "lab", "--engine", "local", "--yes", "--events", FILE)
    assert done.exit_code == 0, done.stderr
    text = (project / FILE).read_text()
    assert secret not in text
    assert "[secret]" in text


def test_a_file_that_cannot_be_written_is_named_before_anything_happens(run: Run, project: Path) -> None:
    done = run("up", "lab", "--engine", "local", "--yes", "--events", "no/such/folder/events")
    assert done.exit_code == 1
    assert "no/such/folder/events: cannot be written" in done.stderr
    assert "resources" not in json.loads(run("stack", "export", "lab").stdout)["deployment"]
