"""SwitchConfig without any switch: what is refused, what differs, and the files that are the default."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from gigasite.errors import GigasiteError
from gigasite.provider.handler import UNKNOWN, DiffKind
from gigasite.provider.location import project_root
from gigasite.provider.resources import store_contents
from gigasite.provider.switches import validators
from tests.provider.pushing.life import HANDLER, URN, Life

FOLDER = ".build/llano/switches"
SHA = "0" * 64
SWITCH = {"os": "frr", "address": "leaf1.example", "sha256": SHA}
LOGIN = {"user": "admin"}


def frr(text: str, **more: Any) -> dict[str, Any]:
    return {"os": "frr", "text": text, **more}


def on_disk() -> dict[str, str]:
    folder = project_root() / FOLDER
    return {path.name: path.read_text() for path in folder.iterdir()} if folder.exists() else {}


def test_configurations_are_files_named_for_switch_and_system(project: Path) -> None:
    life = Life(folder=FOLDER)
    life.apply({"leaf1": frr("a"), "leaf2": {"os": "sonic", "text": "{}"}, "leaf3": {"os": "eos", "text": "c"}})
    assert on_disk() == {"leaf1.conf": "a", "leaf2.json": "{}", "leaf3.cfg": "c"}
    life.apply({"leaf1": {"os": "nvue", "text": "- set: {}"}, "leaf3": {"os": "eos", "text": "d"}})
    assert on_disk() == {"leaf1.yaml": "- set: {}", "leaf3.cfg": "d"}
    life.delete()
    assert on_disk() == {}


def test_another_folder_takes_the_files_along(project: Path) -> None:
    life = Life(folder=f"{FOLDER}/old")
    life.apply({"leaf1": frr("a")})
    life.options["folder"] = FOLDER
    assert life.diff({"leaf1": frr("a")}) == {"folder": DiffKind.UPDATE, 'devices["leaf1"]': DiffKind.UPDATE}
    life.apply({"leaf1": frr("a")})
    assert on_disk() == {"leaf1.conf": "a"}


def test_a_file_changed_by_hand_is_seen_by_a_refresh_and_brought_back(project: Path) -> None:
    life = Life(folder=FOLDER)
    wanted = {"leaf1": frr("a"), "leaf2": frr("b")}
    life.apply(wanted)
    assert life.diff(wanted) == {}
    (project / FOLDER / "leaf1.conf").write_text("edited")
    life.refresh()
    assert life.diff(wanted) == {'devices["leaf1"]': DiffKind.UPDATE}
    life.apply(wanted)
    assert on_disk() == {"leaf1.conf": "a", "leaf2.conf": "b"}


def test_a_file_that_cannot_be_written_keeps_no_other_from_being_written(project: Path) -> None:
    (project / FOLDER / "leaf1.conf").mkdir(parents=True)
    life = Life(folder=FOLDER)
    wanted = {"leaf1": frr("a"), "leaf2": frr("b")}
    (reason,) = life.apply(wanted)
    assert "a folder is in the way" in reason
    assert str(project) not in reason
    assert life.diff(wanted) == {'devices["leaf1"]': DiffKind.UPDATE}
    (project / FOLDER / "leaf1.conf").rmdir()
    assert life.apply(wanted) == ()
    assert on_disk() == {"leaf1.conf": "a", "leaf2.conf": "b"}


def test_files_of_an_update_that_came_half_way_are_not_forgotten(project: Path) -> None:
    life = Life(folder=FOLDER)
    life.apply({"leaf1": frr("a")})
    (project / FOLDER / "leaf2.conf").mkdir()
    assert life.apply({"leaf1": frr("a"), "leaf2": frr("b"), "leaf3": frr("c")})
    (project / FOLDER / "leaf2.conf").rmdir()
    assert life.apply({"leaf1": frr("a")}) == ()
    assert on_disk() == {"leaf1.conf": "a"}


def test_the_diff_names_switches_that_come_go_move_and_change(project: Path) -> None:
    life = Life(folder=FOLDER)
    life.apply({"leaf1": frr("a"), "leaf2": frr("b"), "leaf3": frr("c"), "leaf4": frr("d")})
    new = {"leaf1": frr("a"), "leaf2": frr("B"), "leaf3": frr("c", address="leaf3.example"), "leaf5": frr("e")}
    assert life.diff(new) == {
        'devices["leaf2"]': DiffKind.UPDATE,
        'devices["leaf3"]': DiffKind.UPDATE,
        'devices["leaf4"]': DiffKind.DELETE,
        'devices["leaf5"]': DiffKind.ADD,
    }


def test_previews_touch_nothing_and_bear_unknown_values_anywhere(project: Path) -> None:
    inputs = Life(folder=FOLDER).wanted({"leaf1": frr("a")})
    made = HANDLER.create(URN, inputs, preview=True).outputs
    assert made["arrived"] == store_contents({"leaf1": "a"})
    assert on_disk() == {}
    for unknown in (
        {**inputs, "folder": UNKNOWN},
        {**inputs, "devices": UNKNOWN},
        {**inputs, "devices": {"leaf1": UNKNOWN}},
        {**inputs, "devices": {"leaf1": {**inputs["devices"]["leaf1"], "address": UNKNOWN}}},
        {**inputs, "apply": UNKNOWN},
        {"devices": inputs["devices"], "apply": "push", "login": UNKNOWN, "confirmSeconds": UNKNOWN},
    ):
        checked = HANDLER.check(URN, None, unknown)
        assert not [f for f in checked.failures if not f.property.endswith("address")]
        assert HANDLER.create(URN, checked.inputs, preview=True).outputs["arrived"] is UNKNOWN
        assert HANDLER.diff(URN, "leaves", inputs, made, checked.inputs).changed


@pytest.mark.parametrize(
    ("inputs", "where", "reason"),
    [
        ({}, "devices", "missing"),
        ({"devices": []}, "devices", "must map"),
        ({"devices": {"../x": SWITCH}}, "devices", "no name of a switch"),
        ({"devices": {"a": SWITCH, "A": SWITCH}}, "devices", "only in case"),
        ({"devices": {"leaf1": "x"}}, 'devices["leaf1"]', "object"),
        ({"devices": {"leaf1": {**SWITCH, "os": "ios"}}}, 'devices["leaf1"].os', "one of eos, frr, nvue, sonic"),
        ({"devices": {"leaf1": {**SWITCH, "port": 0}}}, 'devices["leaf1"].port', "from 1 to 65535"),
        ({"devices": {"leaf1": {**SWITCH, "address": "-oProxy=x"}}}, 'devices["leaf1"].address', "host name"),
        ({"devices": {"leaf1": {**SWITCH, "sha256": "x"}}}, 'devices["leaf1"].sha256', "SHA-256"),
        ({"devices": {"leaf1": {**SWITCH, "text": "x"}}}, 'devices["leaf1"].text', "no property"),
        ({"folder": "/etc"}, "folder", "relative"),
        ({"folder": None}, "folder", "missing"),
        ({"apply": "tell"}, "apply", "`files` or `push`"),
        ({"login": LOGIN}, "login", "only with `apply: push`"),
        ({"insecure": True}, "insecure", "no property"),
        ({"apply": "push", "login": LOGIN}, "folder", "only with `apply: files`"),
        ({"apply": "push", "folder": None}, "login", "missing"),
        ({"apply": "push", "folder": None, "login": {"user": "a b"}}, "login.user", "user's name"),
        ({"apply": "push", "folder": None, "login": {**LOGIN, "verify": "no"}}, "login.verify", "no property"),
        (
            {"apply": "push", "folder": None, "login": {**LOGIN, "passwordVariable": "hunter2!"}},
            "login.passwordVariable",
            "not a password",
        ),
        ({"apply": "push", "folder": None, "login": LOGIN, "confirmSeconds": 1}, "confirmSeconds", "from 10 to 3600"),
        ({"apply": "push", "folder": None, "login": LOGIN, "concurrency": True}, "concurrency", "from 1 to 256"),
        ({"apply": "push", "folder": None, "login": LOGIN, "canaries": ["spine1"]}, "canaries[0]", "none of the"),
        ({"apply": "push", "folder": None, "login": LOGIN, "onFailure": "hope"}, "onFailure", "`rollback` or `stop`"),
        (
            {"apply": "push", "folder": None, "login": LOGIN, "devices": {"leaf1": {"os": "frr", "sha256": SHA}}},
            'devices["leaf1"].address',
            "missing",
        ),
    ],
)
def test_inputs_that_cannot_be_carried_out_are_refused_where_they_stand(
    project: Path, inputs: dict[str, Any], where: str, reason: str
) -> None:
    devices = {} if inputs == {} else {"devices": {"leaf1": SWITCH}}
    failures = HANDLER.check(URN, None, {**devices, "folder": FOLDER, **inputs}).failures
    assert [failure.property for failure in failures] == [where]
    assert reason in failures[0].reason


def test_pushing_without_the_extra_says_what_to_install(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    inputs = {"devices": {"leaf1": SWITCH}, "apply": "push", "login": LOGIN}
    (failure,) = HANDLER.check(URN, None, inputs).failures
    assert "pip install 'gigasite[switches]'" in failure.reason
    assert not HANDLER.check(URN, None, {"devices": {"leaf1": SWITCH}, "folder": FOLDER}).failures


@pytest.mark.parametrize(
    ("os_name", "text", "reason"),
    [
        ("frr", " \n", "is empty"),
        ("frr", "hostname a\n\x1b[2J", "line 2 holds a control character"),
        ("sonic", "{", "is no JSON"),
        ("sonic", '{"PORT": []}', "no config_db.json"),
        ("nvue", "- set: [", "is no YAML"),
        ("nvue", "set: {}", "no start-up file"),
    ],
)
def test_a_text_that_is_no_configuration_is_refused_before_anything_happens(
    project: Path, os_name: str, text: str, reason: str
) -> None:
    with pytest.raises(GigasiteError, match=reason):
        Life(folder=FOLDER).apply({"leaf1": {"os": os_name, "text": text}})
    assert on_disk() == {}


def test_strict_validators_come_from_whoever_renders(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validators, "_added", lambda os_name: (lambda text: ["names no neighbour, password hunter2"],))
    with pytest.raises(GigasiteError, match=r"leaf1 names no neighbour, password \[secret\]"):
        Life(folder=FOLDER).apply({"leaf1": frr("hostname a")})


def test_a_text_that_is_not_stored_is_named(project: Path) -> None:
    with pytest.raises(GigasiteError, match=r"no stored configuration for leaf1 \(000000000000…\)"):
        HANDLER.create(URN, {"devices": {"leaf1": SWITCH}, "apply": "files", "folder": FOLDER}, preview=False)
