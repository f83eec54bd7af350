"""Pushing to EOS and NVUE: the same behaviour over two protocols, against servers with real TLS and real timers."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from gigasite.provider.handler import DiffKind
from tests.provider.pushing.authority import Authority
from tests.provider.pushing.life import Life
from tests.provider.pushing.servers import PASSWORD, USER, FakeEos, FakeNvue, FakeSwitch

pytestmark = pytest.mark.xdist_group("https-switch")  # what it starts is started once

EOS = """\
hostname leaf1
banner login
!

Welcome
EOF
interface Management1
   ip address 127.0.0.1/8
router bgp 65001
   router-id 10.0.0.1
"""
NVUE: dict[str, Any] = {"system": {"hostname": "leaf1"}, "router": {"bgp": {"autonomous-system": 65001}}}


@dataclass
class Case:
    """One system: its server, and texts that are good, changed, wrong, or cut the switch off."""

    os: str
    switch: FakeSwitch
    authority: Authority
    running: Callable[[], str]
    saved: Callable[[], str]
    good: str
    changed: str
    wrong: str
    cutting: str

    def life(self, **options: Any) -> Life:
        login = {"user": USER, "caBundle": str(self.authority.bundle)}
        options = {"confirmSeconds": 10, "patienceSeconds": 2, "login": login, "password": PASSWORD, **options}
        return Life(apply="push", **options)

    def at(self, text: str) -> dict[str, Any]:
        return {"leaf1": {"os": self.os, "address": "127.0.0.1", "port": self.switch.port, "text": text}}


def _eos(authority: Authority) -> Case:
    switch = FakeEos(EOS)
    return Case(
        "eos",
        switch,
        authority,
        running=lambda: "\n".join([*switch.running, ""]),
        saved=lambda: "\n".join([*switch.startup, ""]),
        good=EOS,
        changed=EOS.replace("10.0.0.1", "10.0.0.7"),
        wrong=f"{EOS}bogus password hunter3\n",
        cutting=EOS.replace("   ip address 127.0.0.1/8", "   shutdown"),
    )


def _text(tree: dict[str, Any]) -> str:
    return yaml.safe_dump([{"header": {"model": "any"}}, {"set": tree}])


def _nvue(authority: Authority) -> Case:
    switch = FakeNvue(copy.deepcopy(NVUE))
    down = {**NVUE, "interface": {"eth0": {"link": {"state": "down"}}}}
    return Case(
        "nvue",
        switch,
        authority,
        running=lambda: _text(switch.applied),
        saved=lambda: _text(switch.saved),
        good=_text(NVUE),
        changed=_text({**NVUE, "router": {"bgp": {"autonomous-system": 65007}}}),
        wrong=_text({**NVUE, "bogus": {}}),
        cutting=_text(down),
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=[_eos, _nvue], ids=["eos", "nvue"])
def case(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Case]:
    made: Case = request.param(authority)
    with ExitStack() as stack:
        stack.enter_context(made.switch.serving(*authority.certificate("leaf1")))
        yield made


def test_a_change_is_confirmed_and_stored(project: Path, case: Case) -> None:
    life = case.life()
    assert life.apply(case.at(case.changed)) == ()
    assert case.running() == case.saved() == case.changed
    assert life.diff(case.at(case.changed)) == {}
    life.refresh()
    assert life.diff(case.at(case.changed)) == {}
    assert life.outputs["remarks"] == {}


def test_a_switch_that_runs_the_wanted_already_is_left_alone(project: Path, case: Case) -> None:
    assert case.life().apply(case.at(case.good)) == ()
    assert not [request for request in case.switch.requests if request.startswith("PATCH /nvue_v1/revision")]
    assert case.running() == case.good


@pytest.mark.slow
def test_a_change_that_cuts_the_switch_off_is_taken_back_by_it(project: Path, case: Case) -> None:
    life = case.life()
    (reason,) = life.apply(case.at(case.cutting))
    assert "took it back by itself after 10 s" in reason
    assert case.running() == case.saved() == case.good
    assert life.outputs["arrived"] == {}


def test_what_the_switch_does_not_accept_is_refused_and_nothing_stays(project: Path, case: Case) -> None:
    life = case.life()
    (reason,) = life.apply(case.at(case.wrong))
    assert reason.startswith("leaf1: does not accept this: ")
    assert "hunter3" not in reason
    assert case.running() == case.saved() == case.good


def test_drift_is_seen_and_brought_back(project: Path, case: Case) -> None:
    life = case.life()
    life.apply(case.at(case.changed))
    if isinstance(case.switch, FakeEos):
        case.switch.running.append("ip route 0.0.0.0/0 10.9.9.9")
    elif isinstance(case.switch, FakeNvue):
        case.switch.applied["system"]["timezone"] = "Mars/Olympus"
    life.refresh()
    assert life.outputs["remarks"]["leaf1"].startswith("1 line differs")
    assert life.diff(case.at(case.changed)) == {'devices["leaf1"]': DiffKind.UPDATE}
    assert life.apply(case.at(case.changed)) == ()
    assert case.running() == case.changed


def test_a_change_that_an_earlier_run_left_unconfirmed_is_taken_back_first(project: Path, case: Case) -> None:
    if isinstance(case.switch, FakeEos):
        case.switch.sessions["gigasite-old"] = {"state": "pending", "lines": ["hostname forgotten"]}
        case.switch._session("gigasite-old", ["commit", "timer", "01:00:00"])
    elif isinstance(case.switch, FakeNvue):
        case.switch.revisions["old"] = {"state": "pending", "tree": {"system": {"hostname": "forgotten"}}}
        case.switch._move(case.switch.revisions["old"], {"state": "apply", "state-controls": {"confirm": 3600}})
    assert "forgotten" in case.running()
    assert case.life().apply(case.at(case.good)) == ()
    assert case.running() == case.good


def test_a_certificate_of_another_authority_is_refused(project: Path, case: Case, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    for login in ({"user": USER, "caBundle": str(other.bundle)}, {"user": USER}):
        (reason,) = case.life(login=login).apply(case.at(case.changed))
        assert "its certificate cannot be verified" in reason
    assert case.switch.requests == []


def test_a_wrong_password_is_refused_once_and_told_nowhere(project: Path, case: Case) -> None:
    life = case.life(password="wrong-wrong")
    (reason,) = life.apply(case.at(case.changed))
    assert "the login of admin was refused" in reason
    assert "wrong-wrong" not in reason + json.dumps(life.outputs)


def test_the_password_comes_from_the_environment_where_asked(
    project: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITCHES", PASSWORD)
    login = {"user": USER, "caBundle": str(case.authority.bundle), "passwordVariable": "SWITCHES"}
    life = case.life(login=login, password=None)
    assert life.apply(case.at(case.changed)) == ()
    assert PASSWORD not in json.dumps([life.inputs, life.outputs])


def test_an_apply_that_nvue_finds_invalid_is_told_with_its_reason(project: Path, authority: Authority) -> None:
    case = _nvue(authority)
    with case.switch.serving(*authority.certificate("leaf1")):
        wrong = _text({**NVUE, "router": {"bgp": {"autonomous-system": 0}}})
        (reason,) = case.life().apply(case.at(wrong))
    assert "refused while it was applied: the autonomous system must not be 0" in reason
    assert case.running() == case.good
