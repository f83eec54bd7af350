"""Pushing to real FRR over a real sshd, in network namespaces."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigasite.provider.blobs import BlobStore
from gigasite.provider.handler import DiffKind
from gigasite.provider.location import blob_folder
from tests.provider.pushing.life import Life
from tests.realparts.debian import need, need_root
from tests.realparts.linuxswitch import BASE_CONFIG, FrrSwitch

pytestmark = pytest.mark.xdist_group("frr-switch")  # what it starts is started once

CONFIRM_S = 60  # machines that run tests are slow at times


@pytest.fixture(scope="module")
def leaf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrrSwitch]:
    need_root()
    need("frr", "frr-pythontools", "openssh-server", "iproute2")
    switch = FrrSwitch("leaf1", tmp_path_factory.mktemp("leaf1"))
    try:
        yield switch.start()
    finally:
        switch.close()


def config(name: str = "leaf1", *, peer: str = "10.0.0.9", peer_asn: int = 65009, more: str = "") -> str:
    return (
        BASE_CONFIG.format(name=name) + f"{more}router bgp 65001\n bgp router-id 10.0.0.1\n"
        f" neighbor {peer} remote-as {peer_asn}\nexit\n!\n"
    )


CUT = "interface eth0\n shutdown\nexit\n!\n"


def over_ssh(switch: FrrSwitch, **options: Any) -> Life:
    login = {"user": "root", "keyFile": str(switch.key_file), "knownHosts": str(switch.known_hosts)}
    return Life(apply="push", login=login, confirmSeconds=CONFIRM_S, patienceSeconds=2, **options)


def at(switch: FrrSwitch, text: str) -> dict[str, Any]:
    return {"os": "frr", "address": switch.address, "text": text}


def test_a_neighbour_changes_on_the_switch_and_in_its_startup_configuration(project: Path, leaf: FrrSwitch) -> None:
    life = over_ssh(leaf)
    first, second = config(), config(peer="10.0.0.17", peer_asn=65017)
    assert life.apply({"leaf1": at(leaf, first)}) == ()
    assert "neighbor 10.0.0.9 remote-as 65009" in leaf.running()
    assert life.diff({"leaf1": at(leaf, first)}) == {}
    assert life.diff({"leaf1": at(leaf, second)}) == {'devices["leaf1"]': DiffKind.UPDATE}
    assert life.apply({"leaf1": at(leaf, second)}) == ()
    for text in (leaf.running(), leaf.stored()):
        assert "neighbor 10.0.0.17 remote-as 65017" in text
        assert "10.0.0.9" not in text
    assert not list((leaf.folder / "run/gigasite").iterdir())


def test_a_create_that_is_repeated_changes_nothing(project: Path, leaf: FrrSwitch) -> None:
    over_ssh(leaf).apply({"leaf1": at(leaf, config())})
    before = (leaf.running(), (leaf.folder / "etc/frr.conf").stat().st_mtime_ns)
    again = over_ssh(leaf)
    assert again.apply({"leaf1": at(leaf, config())}) == ()
    assert (leaf.running(), (leaf.folder / "etc/frr.conf").stat().st_mtime_ns) == before


def test_a_text_that_frr_prints_in_other_words_is_brought_once(project: Path, leaf: FrrSwitch) -> None:
    unnumbered = (
        " neighbor DOWN peer-group\n neighbor swp1 interface remote-as 65009\n neighbor swp1 peer-group DOWN\nexit\n"
    )
    wanted = {"leaf1": at(leaf, config().replace("exit\n", unnumbered))}
    life = over_ssh(leaf)
    assert life.apply(wanted) == ()
    assert "neighbor swp1 interface peer-group DOWN" in leaf.running()
    life.refresh()
    assert life.outputs["remarks"] == {}
    before = (leaf.folder / "etc/frr.conf").stat().st_mtime_ns
    assert over_ssh(leaf).apply(wanted) == ()
    assert (leaf.folder / "etc/frr.conf").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_change_that_cuts_the_management_connection_is_taken_back_by_the_switch(
    project: Path, leaf: FrrSwitch
) -> None:
    life = over_ssh(leaf)
    life.apply({"leaf1": at(leaf, config())})
    before = leaf.running()
    life.options["confirmSeconds"] = 10
    reasons = life.apply({"leaf1": at(leaf, config(more=CUT))})
    life.options["confirmSeconds"] = CONFIRM_S
    assert len(reasons) == 1
    assert "could not be reached after the change and took it back by itself" in reasons[0]
    assert leaf.running() == before
    assert "shutdown" not in leaf.stored()
    assert life.outputs["arrived"] == {}
    assert life.apply({"leaf1": at(leaf, config())}) == ()


def test_drift_is_seen_by_a_refresh_stored_without_secrets_and_brought_back(project: Path, leaf: FrrSwitch) -> None:
    life = over_ssh(leaf)
    wanted = {"leaf1": at(leaf, config())}
    life.apply(wanted)
    commands = ("configure", "router bgp 65001", "neighbor 10.0.0.9 password hunter2", "neighbor 10.0.0.33 remote-as 1")
    leaf.vtysh(*commands)
    life.refresh()
    remark = life.outputs["remarks"]["leaf1"]
    stored = BlobStore(blob_folder(project)).get(remark.rpartition(" ")[2])
    assert stored is not None
    assert b"no neighbor 10.0.0.33 remote-as 1" in stored
    assert b"hunter2" not in stored
    assert life.diff(wanted) == {'devices["leaf1"]': DiffKind.UPDATE}
    assert life.apply(wanted) == ()
    assert "10.0.0.33" not in leaf.running()
    life.refresh()
    assert life.diff(wanted) == {}
    assert life.outputs["remarks"] == {}


def test_another_host_key_is_refused(project: Path, leaf: FrrSwitch, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    key = (tmp_path / "other.pub").read_text().split()
    known = tmp_path / "known_hosts"
    known.write_text(f"{leaf.address} {key[0]} {key[1]}\n")
    life = over_ssh(leaf)
    life.options["login"]["knownHosts"] = str(known)
    (reason,) = life.apply({"leaf1": at(leaf, config(peer="10.0.0.41"))})
    assert "its host key is not the one in known_hosts" in reason
    known.write_text("")
    (reason,) = life.apply({"leaf1": at(leaf, config(peer="10.0.0.41"))})
    assert "its host key is not the one in known_hosts" in reason
    assert "10.0.0.41" not in leaf.running()


def test_a_configuration_that_the_switch_does_not_accept_is_refused_by_it(project: Path, leaf: FrrSwitch) -> None:
    life = over_ssh(leaf)
    life.apply({"leaf1": at(leaf, config())})
    before = leaf.running()
    (reason,) = life.apply({"leaf1": at(leaf, config().replace("remote-as", "remoteas"))})
    assert reason.startswith("leaf1: does not accept the configuration: line ")
    assert leaf.running() == before
    assert not list((leaf.folder / "run/gigasite").iterdir())


@pytest.mark.slow
def test_a_configuration_that_fails_while_it_is_applied_is_taken_back(project: Path, leaf: FrrSwitch) -> None:
    """A peer group that does not exist passes the parser and is refused by bgpd."""
    life = over_ssh(leaf)
    life.apply({"leaf1": at(leaf, config())})
    before = leaf.running()
    (reason,) = life.apply(
        {"leaf1": at(leaf, config().replace("exit\n", " neighbor 10.0.0.9 peer-group NONE\nexit\n"))}
    )
    assert "refused while it was applied" in reason or "lines did not take" in reason
    assert leaf.running() == before


def test_a_dead_switch_keeps_no_other_from_its_configuration(project: Path, leaf: FrrSwitch, tmp_path: Path) -> None:
    second = FrrSwitch("leaf2", tmp_path / "leaf2")
    second.folder.mkdir()
    try:
        second.start()
        both = tmp_path / "known_hosts"
        both.write_text(leaf.known_hosts.read_text() + second.known_hosts.read_text())
        (second.folder / "user_key.pub").write_text((leaf.folder / "user_key.pub").read_text())
        life = over_ssh(leaf)
        life.options["login"]["knownHosts"] = str(both)
        dead = {"os": "frr", "address": "127.0.0.1", "port": 9, "text": config("leaf3")}
        wanted = {"leaf1": at(leaf, config(peer="10.0.0.49")), "leaf2": at(second, config("leaf2")), "leaf3": dead}
        (reason,) = life.apply(wanted)
        assert reason.startswith("leaf3: no connection")
        assert set(life.outputs["arrived"]) == {"leaf1", "leaf2"}
        assert life.diff(wanted) == {'devices["leaf3"]': DiffKind.UPDATE}
        assert "10.0.0.49" in leaf.running()
        assert "router bgp 65001" in second.running()
        life.refresh()
        assert life.outputs["remarks"]["leaf3"].startswith("not compared: no connection")
    finally:
        second.close()


@pytest.mark.slow
def test_a_failed_canary_holds_the_others_back(project: Path, leaf: FrrSwitch) -> None:
    dead = {"os": "frr", "address": "127.0.0.1", "port": 9, "text": config("leaf0")}
    life = over_ssh(leaf, canaries=["leaf0"])
    reasons = life.apply({"leaf0": dead, "leaf1": at(leaf, config(peer="10.0.0.57"))})
    assert reasons[1] == "leaf1: not begun, since the canary leaf0 failed"
    assert "10.0.0.57" not in leaf.running()


@pytest.mark.parametrize(("on_failure", "keeps"), [("rollback", False), ("stop", True)])
@pytest.mark.slow
def test_a_failed_canary_brings_those_before_it_back_where_asked(
    project: Path, leaf: FrrSwitch, on_failure: str, keeps: bool
) -> None:
    life = over_ssh(leaf)
    life.apply({"leaf1": at(leaf, config())})
    life.options |= {"canaries": ["leaf1", "leaf9"], "onFailure": on_failure}
    dead = {"os": "frr", "address": "127.0.0.1", "port": 9, "text": config("leaf9")}
    reasons = life.apply({"leaf1": at(leaf, config(peer="10.0.0.65")), "leaf9": dead})
    assert ("10.0.0.65" in leaf.running()) is keeps
    assert ("leaf1" in life.outputs["arrived"]) is keeps
    assert any("brought back" in reason for reason in reasons) is not keeps


_KILLED = """
import json, sys
from pathlib import Path
from gigasite.provider.location import working_in
from tests.provider.pushing.life import Life
wanted = json.load(sys.stdin)
with working_in(Path(wanted["project"])):
    Life(**wanted["options"]).apply(wanted["switches"])
"""


@pytest.mark.slow
def test_a_change_whose_run_was_killed_is_taken_back_or_taken_up_by_the_next_run(
    project: Path, leaf: FrrSwitch
) -> None:
    life = over_ssh(leaf)
    life.apply({"leaf1": at(leaf, config())})
    wanted = {"leaf1": at(leaf, config(more=CUT))}
    repository = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{repository / 'modules'}:{repository}"}
    child = subprocess.Popen([sys.executable, "-c", _KILLED], stdin=subprocess.PIPE, text=True, env=environment)
    assert child.stdin is not None
    child.stdin.write(json.dumps({"project": str(project), "options": life.options, "switches": wanted}))
    child.stdin.close()
    try:
        while not list((leaf.folder / "run/gigasite").glob("*/done")):
            assert child.poll() is None
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert "shutdown" in leaf.running()
    leaf.vtysh("configure", "interface eth0", "no shutdown")  # the console brings the connection back
    assert life.apply({"leaf1": at(leaf, config(peer="10.0.0.73"))}) == ()
    assert "neighbor 10.0.0.73" in leaf.running()
    assert "shutdown" not in leaf.running()
    assert not list((leaf.folder / "run/gigasite").iterdir())
