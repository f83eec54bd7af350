"""SwitchConfig on both engines: the same life of files and of switches, and no password in either state."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from gigasite.engine import Engine, RunOptions, RunResult, StackConfig, select_engine
from gigasite.errors import ApplyError, GigasiteError
from tests.provider.pushing.authority import Authority
from tests.provider.pushing.servers import PASSWORD, USER, FakeEos

from .conftest import REPOSITORY, Workplace
from .normal import normal_export
from .test_parity import steps

MakeWorkplace = Callable[[str], Workplace]
NO_CHANGES = RunOptions(expect_no_changes=True)
ENGINES = ("pulumi", "local")
SWITCHES = "gigasite:network:SwitchConfig"
IMPORT = "from gigasite.provider.resources import SwitchConfig\n"
EOS = "hostname leaf\nrouter bgp 65001\n   router-id 10.0.0.1\n"
CHANGED = EOS.replace("10.0.0.1", "10.0.0.7")
FRR = "frr defaults datacenter\nhostname leaf\n!\n"

SITE = """\
schema_version: 1
name: lab
pools:
  - {name: train, system: dgx-h100, nodes: 8, fabric: compute}
fabrics:
  compute: {roles: [compute], switch: sn5600, os: nvue}
  converged: {roles: [storage, inband], switch: sn5600}
  oob: {roles: [oob], switch: sn2201}
network:
  supernets: {compute: 10.64.0.0/12, converged: 10.80.0.0/14, oob: 127.64.0.0/14}
"""


@dataclass
class Bench:
    """One engine in a project of its own."""

    engine: Engine
    place: Workplace

    def write(self, program: str) -> None:
        self.place.write(IMPORT + dedent(program))

    def up(self) -> RunResult:
        return self.engine.up(self.place.project, "dev")

    def fail(self) -> str:
        """What an `up` says that comes half way."""
        with pytest.raises(ApplyError) as raised:
            self.up()
        return str(raised.value)

    def state(self) -> dict[str, Any]:
        return normal_export(self.engine.export(self.place.project, "dev"))

    def row(self) -> dict[str, Any]:
        """The SwitchConfig of the state."""
        (row,) = (row for row in self.state()["deployment"]["resources"] if row["type"] == SWITCHES)
        return dict(row)

    def written(self) -> str:
        """Everything that lies in the backend, as text."""
        files = [path for path in (self.place.root / ".state").rglob("*") if path.is_file()]
        return "\n".join(path.read_text(errors="replace") for path in files)


@pytest.fixture
def benches(workplace: MakeWorkplace) -> tuple[Bench, Bench]:
    """The real engine, and the embedded one; the stack has the switches' password as a secret."""
    benches = [Bench(select_engine(name), workplace(name)) for name in ENGINES]
    for bench in benches:
        bench.engine.init(bench.place.project, "dev")
        config = StackConfig.load(bench.place.project, "dev")
        config.set_secret("sites:pushPassword", PASSWORD)
        config.save()
    return benches[0], benches[1]


def both(benches: tuple[Bench, Bench], program: str) -> RunResult:
    """Brings a program up on both, sees that all is the same and stays so; the embedded engine's result."""
    results = []
    for bench in benches:
        bench.write(program)
        results.append(bench.up())
    real, local = results
    assert steps(local) == steps(real)
    assert local.changes == real.changes
    assert benches[1].state() == benches[0].state()
    for bench, other in zip(benches, reversed(benches), strict=True):
        other.engine.preview(bench.place.project, "dev", options=NO_CHANGES)
    return local


# files ----------------------------------------------------------------------------------------------------


def files_program(**texts: str) -> str:
    switches = {name: {"os": "frr", "text": text} for name, text in texts.items()}
    return f'SwitchConfig("leaves", {switches!r}, folder=".build/leaves")'


def test_files_of_switches_live_the_same_life(benches: tuple[Bench, Bench]) -> None:
    for texts in ({"leaf1": FRR, "leaf2": FRR}, {"leaf1": f"{FRR}!\n", "leaf3": FRR}):
        both(benches, files_program(**texts))
        for bench in benches:
            assert bench.place.files() == {f"leaves/{name}.conf": text for name, text in texts.items()}
    both(benches, files_program(leaf1=f"{FRR}!\n", leaf3=FRR).replace(".build/leaves", ".build/moved"))
    assert benches[0].place.files() == benches[1].place.files()
    both(benches, "")
    for bench in benches:
        assert bench.place.files() == {}


def test_switches_that_come_go_and_change_are_previewed_the_same(benches: tuple[Bench, Bench]) -> None:
    seen = []
    for bench in benches:
        bench.write(files_program(leaf1=FRR, leaf2=FRR))
        bench.up()
        bench.write(files_program(leaf1=f"{FRR}!\n", leaf3=FRR))
        result = bench.engine.preview(bench.place.project, "dev")
        (step,) = (step for step in result.steps if step.type == SWITCHES)
        seen.append((step.op, [(diff.path, diff.kind, diff.old, diff.new) for diff in step.diffs]))
    assert seen[1] == seen[0]
    assert [path for path, *_ in seen[0][1]] == ['devices["leaf1"]', 'devices["leaf2"]', 'devices["leaf3"]']


def test_files_of_an_update_that_came_half_way_go_with_the_next(benches: tuple[Bench, Bench]) -> None:
    states = []
    for bench in benches:
        bench.write(files_program(leaf1=FRR))
        bench.up()
        (bench.place.root / ".build/leaves/leaf2.conf").mkdir()
        bench.write(files_program(leaf1=FRR, leaf2=FRR, leaf3=FRR))
        assert "a folder is in the way" in bench.fail()
        states.append(bench.state())
        (bench.place.root / ".build/leaves/leaf2.conf").rmdir()
        bench.write(files_program(leaf1=FRR))
        bench.up()
        assert bench.place.files() == {"leaves/leaf1.conf": FRR}
        states.append(bench.state())
    assert states[2:] == states[:2]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ('SwitchConfig("leaves", {"leaf1": {"os": "ios", "text": ""}}, folder=".build/l")', "must be one of eos, frr"),
        ('SwitchConfig("leaves", {"leaf1": {"os": "frr", "text": ""}}, folder="/etc")', "folder"),
        (f'SwitchConfig("leaves", {{"leaf1": {{"os": "frr", "text": "{PASSWORD}"}}}}, folder=".build/l")', "secret"),
        ('SwitchConfig("leaves", {"leaf1": {"os": "sonic", "text": "{"}}, folder=".build/l")', "leaf1"),
    ],
    ids=["system", "folder", "secret", "form"],
)
def test_what_could_not_be_carried_out_is_refused_by_both(
    benches: tuple[Bench, Bench], program: str, message: str
) -> None:
    for bench in benches:
        bench.write(program)
        for run in (bench.engine.preview, bench.engine.up):
            with pytest.raises(GigasiteError, match=message) as raised:
                run(bench.place.project, "dev")
            assert "Traceback" not in str(raised.value)
        assert bench.place.files() == {}
    assert benches[1].state() == benches[0].state()


# switches -------------------------------------------------------------------------------------------------


@dataclass
class Lab:
    """Two EOS switches, and the authority that signed their certificates."""

    leaf1: FakeEos
    leaf2: FakeEos
    bundle: Path

    def program(self, leaf1: str, leaf2: str, *, protect: bool = False) -> str:
        """A program that brings a text to each."""
        texts = zip((self.leaf1, self.leaf2), (leaf1, leaf2), strict=True)
        switches = {
            f"leaf{number}": {"os": "eos", "address": "127.0.0.1", "port": switch.port, "text": text}
            for number, (switch, text) in enumerate(texts, 1)
        }
        push = {"user": USER, "ca_bundle": str(self.bundle), "confirm_s": 10, "patience_s": 1}
        return (
            f'password = pulumi.Config("sites").require_secret("pushPassword")\n'
            f"options = pulumi.ResourceOptions(protect={protect})\n"
            f'leaves = SwitchConfig("leaves", {switches!r}, push={{**{push!r}, "password": password}}, opts=options)\n'
            f'pulumi.export("arrived", leaves.arrived)\n'
        )

    def reset(self) -> None:
        """As before any engine came: the next one finds what the first one found."""
        for switch in (self.leaf1, self.leaf2):
            switch.running = switch.startup = EOS.splitlines()
            switch.sessions.clear()
            switch.requests.clear()
            switch.silent = False


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    authority = Authority(tmp_path)
    lab = Lab(FakeEos(EOS), FakeEos(EOS), authority.bundle)
    with ExitStack() as stack:
        stack.enter_context(lab.leaf1.serving(*authority.certificate("leaf1")))
        stack.enter_context(lab.leaf2.serving(*authority.certificate("leaf2")))
        yield lab


def test_switches_are_created_changed_left_and_kept_the_same_way(benches: tuple[Bench, Bench], lab: Lab) -> None:
    seen: list[list[Any]] = []
    for bench in benches:
        lab.reset()
        mine: list[Any] = []
        for texts in ((CHANGED, EOS), (CHANGED, CHANGED), (CHANGED, CHANGED)):
            lab.leaf1.requests.clear()
            bench.write(lab.program(*texts))
            result = bench.up()
            assert (lab.leaf1.running, lab.leaf2.running) == tuple(text.splitlines() for text in texts)
            assert (lab.leaf1.startup, lab.leaf2.startup) == tuple(text.splitlines() for text in texts)
            mine.append((steps(result), result.changes, result.outputs, bench.state()))
        assert lab.leaf1.requests == []  # nothing changed, and nobody asked
        ended = bench.engine.destroy(bench.place.project, "dev")
        assert lab.leaf1.running == CHANGED.splitlines()
        mine.append((steps(ended), bench.state()))
        seen.append(mine)
    assert seen[1] == seen[0]
    assert seen[0][2][1] == {"same": 2}


def test_each_engine_takes_over_the_switches_of_the_other(benches: tuple[Bench, Bench], lab: Lab) -> None:
    bench, other = benches
    bench.write(lab.program(EOS, CHANGED))
    bench.up()
    other.engine.preview(bench.place.project, "dev", options=NO_CHANGES)
    bench.write(lab.program(CHANGED, CHANGED))
    assert other.engine.up(bench.place.project, "dev").changes == {"same": 1, "update": 1}
    assert lab.leaf1.running == CHANGED.splitlines()
    assert bench.up().changes == {"same": 2}


def test_no_password_is_readable_in_any_state(benches: tuple[Bench, Bench], lab: Lab) -> None:
    for bench in benches:
        lab.reset()
        bench.write(lab.program(CHANGED, EOS))
        result = bench.up()
        assert bench.row()["inputs"]["password"]["ciphertext"] == "CIPHERTEXT"
        assert "password" not in bench.row()["outputs"]
        written = bench.written()
        assert "ciphertext" in written
        assert PASSWORD not in written + str(result)


def test_a_configuration_that_a_switch_refuses_is_the_same_to_both(benches: tuple[Bench, Bench], lab: Lab) -> None:
    said, states = [], []
    for bench in benches:
        lab.reset()
        bench.write(lab.program(CHANGED, f"{EOS}bogus\n"))
        said.append(bench.fail())
        assert lab.leaf1.running == CHANGED.splitlines()
        assert lab.leaf2.running == EOS.splitlines()
        assert set(bench.row()["outputs"]["arrived"]) == {"leaf1"}
        states.append(bench.state())
        bench.write(lab.program(CHANGED, CHANGED))
        assert bench.up().changes == {"same": 1, "update": 1}
        assert "initErrors" not in bench.row()
        states.append(bench.state())
        lab.leaf1.requests.clear()
        bench.engine.up(bench.place.project, "dev", options=NO_CHANGES)
        assert lab.leaf1.requests == []
    assert "does not accept this" in said[0]
    assert said[1] == said[0]
    assert states[2:] == states[:2]


@pytest.mark.parametrize("made", [False, True], ids=["create", "update"])
def test_a_dead_switch_keeps_the_other_not_back_on_either_engine(
    benches: tuple[Bench, Bench], lab: Lab, made: bool
) -> None:
    said, states = [], []
    for bench in benches:
        lab.reset()
        if made:
            bench.write(lab.program(EOS, EOS))
            bench.up()
        lab.leaf2.silent = True
        bench.write(lab.program(CHANGED, CHANGED))
        said.append(bench.fail())
        states.append(bench.state())
        assert lab.leaf1.running == CHANGED.splitlines()
        assert lab.leaf2.running == EOS.splitlines()
        said.append(bench.fail())  # it is still dead
        lab.leaf2.silent = False
        lab.leaf1.requests.clear()
        assert bench.up().changes == {"same": 1, "update": 1}
        assert lab.leaf2.running == CHANGED.splitlines()
        assert lab.leaf1.requests == []
        states.append(bench.state())
    assert "leaf2" in said[0]
    assert "leaf1" not in said[0]
    assert said[2:] == said[:2]
    assert states[2:] == states[:2]


# components -----------------------------------------------------------------------------------------------


def fabric_arguments(**more: Any) -> dict[str, Any]:
    """Arguments of a small Ethernet fabric."""
    return {"system": "dgx-h100", "scalable_units": 1, "switch": "sn5600", "os": "nvue", **more}


FABRICS = {
    "numbered": {"numbering": "numbered", "mtu": 9000, "qos": {"profile": "lossless", "pfc_watchdog_ms": 300}},
    "overlay": {"overlay": "evpn", "asn_base": 4200000000, "supernet": "10.64.0.0/12"},
    "sonic": {"os": "sonic", "prefix": "x1", "border_ports": 2, "adaptive_routing": True},
}


@pytest.mark.parametrize("name", FABRICS)
def test_a_fabric_comes_to_the_same_on_both_engines(benches: tuple[Bench, Bench], name: str) -> None:
    arguments = fabric_arguments(**FABRICS[name])
    program = f"""
        from gigasite.components import Fabric
        fabric = Fabric("compute", {arguments!r})
        pulumi.export("figures", fabric.figures)
        pulumi.export("networks", fabric.networks)
    """
    both(benches, program)
    files = benches[0].place.files()
    assert any("leaf" in path for path in files)
    assert benches[1].place.files() == files


def camel(arguments: Any) -> Any:
    """Arguments as programs in other languages write them."""
    if not isinstance(arguments, Mapping):
        return arguments
    return {re.sub(r"_(\w)", lambda part: part[1].upper(), key): camel(value) for key, value in arguments.items()}


@pytest.mark.parametrize("name", FABRICS)
def test_a_served_fabric_takes_the_same_arguments(benches: tuple[Bench, Bench], name: str) -> None:
    real, local = benches
    arguments = fabric_arguments(**FABRICS[name])
    real.write(
        f"""
        class Fabric(pulumi.ComponentResource):
            def __init__(self, name, arguments):
                outputs = {{"figures": None}}
                super().__init__("gigasite:index:Fabric", name, {{**arguments, **outputs}}, remote=True)

        pulumi.export("figures", Fabric("compute", {camel(arguments)!r}).figures)
        """
    )
    local.write(
        f"""
        from gigasite.components import Fabric
        pulumi.export("figures", Fabric("compute", {arguments!r}).figures)
        """
    )
    served, own = real.up(), local.up()
    assert served.outputs == own.outputs
    assert real.place.files() == local.place.files()
    real.engine.preview(real.place.project, "dev", options=NO_CHANGES)


def test_a_site_pushes_to_switches_with_the_password_of_the_stack(benches: tuple[Bench, Bench]) -> None:
    """Nothing listens at these addresses: both come half way, and to the same state."""
    states, previews = [], []
    for bench in benches:
        shutil.copy(REPOSITORY / "stacks/__main__.py", bench.place.root / "stacks")
        (bench.place.root / "stacks/dev").mkdir()
        (bench.place.root / "stacks/dev/site.yaml").write_text(SITE)
        told = {"compute": {"user": USER, "patience_s": 1, "confirm_s": 10}}
        file = bench.place.project.stack_file("dev")
        settings = yaml.safe_load(file.read_text())
        settings["config"]["sites:push"] = told
        file.write_text(yaml.safe_dump(settings))
        preview = bench.engine.preview(bench.place.project, "dev")
        previews.append([(step.op, step.urn, step.new) for step in preview.steps])
        assert "leaf01: no connection" in bench.fail()
        states.append(bench.state())
        assert PASSWORD not in bench.written() + str(preview.steps)
    assert sum(urn.split("::")[2].endswith(SWITCHES) for _, urn, _ in previews[0]) >= 2
    assert previews[1] == previews[0]
    assert states[1] == states[0]
