"""Pushing to SONiC over a real sshd; its commands are stood in for by ones that keep a database and checkpoints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigasite.provider.handler import DiffKind
from tests.provider.pushing import fake_sonic
from tests.provider.pushing.life import Life
from tests.realparts.debian import need, need_root
from tests.realparts.linuxswitch import LinuxSwitch

pytestmark = pytest.mark.xdist_group("sonic-switch")  # what it starts is started once

DATABASE: dict[str, Any] = {
    "DEVICE_METADATA": {"localhost": {"hostname": "leaf1"}},
    "BGP_NEIGHBOR": {"10.0.0.9": {"asn": "65009"}},
}


class SonicSwitch(LinuxSwitch):
    """A switch whose `config` and `show` are the stand-ins."""

    def prepare(self) -> str:
        (self.folder / "bin").mkdir()
        (self.folder / "lib/sonic").mkdir()
        for name in ("config", "show"):
            script = self.folder / "bin" / name
            script.write_text(f"#!{sys.executable}\n{Path(fake_sonic.__file__).read_text()}")
            script.chmod(0o755)
        for name in ("running.json", "config_db.json"):
            (self.folder / "lib/sonic" / name).write_text(json.dumps(DATABASE))
        return ""

    def database(self, name: str = "running") -> Any:
        return json.loads((self.folder / "lib/sonic" / f"{name}.json").read_text())

    def checkpoints(self) -> list[str]:
        return [path.name for path in (self.folder / "lib/sonic").glob("*.cp.json")]


@pytest.fixture
def leaf(tmp_path: Path) -> Iterator[SonicSwitch]:
    need_root()
    need("openssh-server", "iproute2")
    switch = SonicSwitch("leaf1", tmp_path / "leaf1")
    switch.folder.mkdir()
    try:
        yield switch.start()
    finally:
        switch.close()


def over_ssh(switch: SonicSwitch, **options: Any) -> Life:
    login = {"user": "root", "keyFile": str(switch.key_file), "knownHosts": str(switch.known_hosts)}
    return Life(apply="push", login=login, patienceSeconds=2, **options)


def at(switch: SonicSwitch, **tables: Any) -> dict[str, dict[str, Any]]:
    return {"leaf1": {"os": "sonic", "address": switch.address, "text": json.dumps({**DATABASE, **tables})}}


def test_a_change_arrives_is_saved_and_leaves_no_checkpoint(project: Path, leaf: SonicSwitch) -> None:
    life = over_ssh(leaf)
    wanted = at(leaf, BGP_NEIGHBOR={"10.0.0.17": {"asn": "65017"}})
    assert life.apply(wanted) == ()
    assert leaf.database() == leaf.database("config_db") == json.loads(wanted["leaf1"]["text"])
    assert leaf.checkpoints() == []
    life.refresh()
    assert life.diff(wanted) == {}
    (leaf.folder / "lib/sonic/running.json").write_text(json.dumps(DATABASE))
    life.refresh()
    assert life.diff(wanted) == {'devices["leaf1"]': DiffKind.UPDATE}


@pytest.mark.slow
def test_a_change_that_cuts_the_switch_off_is_taken_back_by_it(project: Path, leaf: SonicSwitch) -> None:
    (reason,) = over_ssh(leaf, confirmSeconds=10).apply(at(leaf, MGMT_PORT={"eth0": {"admin_status": "down"}}))
    assert "took it back by itself after 10 s" in reason
    assert leaf.database() == leaf.database("config_db") == DATABASE
    assert leaf.checkpoints() == []


def test_a_table_that_sonic_does_not_know_is_refused_by_it(project: Path, leaf: SonicSwitch) -> None:
    (reason,) = over_ssh(leaf).apply(at(leaf, NO_TABLE={}))
    assert "does not accept the configuration: Failed to replace config. Given config is not valid: NO_TABLE" in reason
    assert leaf.database() == DATABASE
    assert leaf.checkpoints() == []
