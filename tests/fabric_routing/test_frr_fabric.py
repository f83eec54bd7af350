"""Generated FRRouting configurations on real routers: a network namespace a switch and a host, a veth pair a cable."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from tests.realparts.debian import need, need_root

from .lab import Lab, wait_until
from .probe import Pair, Probe
from .promises import path_count, reaches, ways_up
from .sites import MTU, Shape, designed

pytestmark = pytest.mark.xdist_group("frr-fabric")  # what it starts is started once

CONVERGED_S = 60  # of patience on a busy machine; it takes a few
PLAIN = ("rail_optimised", "false")

SHAPES = {
    "rails, two links to each spine": Shape(nics=4, su_nodes=4, su_count=1, ports=8),
    "plain, numbered links": Shape(nics=2, su_nodes=4, su_count=2, ports=8, fabric=(PLAIN, ("numbering", "numbered"))),
    "rails, two groups of leaves": Shape(nics=4, su_nodes=4, su_count=2, ports=8),
    "plain, three tiers": Shape(nics=1, su_nodes=4, su_count=4, ports=4, fabric=(PLAIN,)),
}
SLOW = {"plain, numbered links", "rails, two groups of leaves", "plain, three tiers"}


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in SHAPES]
)
def fabric(request: pytest.FixtureRequest) -> Iterator[Running]:
    need_root()
    need("frr", "frr-pythontools", "ifupdown2")
    running = Running(SHAPES[request.param])
    try:
        running.start()
        yield running
    finally:
        running.stop()


class Running:
    """A lab with its probes, and what its design promises."""

    def __init__(self, shape: Shape) -> None:
        self.lab = Lab(*designed(shape))
        self.up = ways_up(self.lab.design, "compute")
        self.probe: Probe | None = None

    def start(self) -> None:
        self.lab.start()
        rows = self.lab.hosts
        self.leaf = rows["switch"].to_list()
        ends = zip(map(self.lab.namespace.__getitem__, rows["node"]), rows["address"], strict=True)
        self.probe = Probe(list(ends))

    def stop(self) -> None:
        if self.probe:
            self.probe.close()
        self.lab.stop()

    def promised(self, lost: Collection[str] = ()) -> set[Pair]:
        assert self.probe
        return {(a, b) for a, b in self.probe.everyone() if reaches(self.up, self.leaf[a], self.leaf[b], lost)}

    def wait_for(self, wanted: set[Pair], what: str, packet_bytes: int = 100) -> None:
        probe = self.probe
        assert probe
        wait_until(lambda: probe.reached(packet_bytes) == wanted, CONVERGED_S, what)

    def wait_for_sessions(self, *switches: str) -> None:
        for name in switches:
            wait_until(lambda name=name: self.all_up(name), CONVERGED_S, f"all sessions of {name}")  # type: ignore[misc]

    def wait_for_paths(self, near: str, network: str, wanted: int) -> None:
        """A route is in the kernel a moment after its session is up."""

        def found() -> bool:
            hops = self.lab.next_hops(near, network.removesuffix("/32"))
            return len(set(hops)) == len(hops) == wanted

        wait_until(found, CONVERGED_S, f"{wanted} paths from {near} to {network}")

    def all_up(self, name: str) -> bool:
        states = self.lab.sessions(name)
        wanted = len(self.lab.switches[name].bgp.neighbours)  # type: ignore[union-attr]
        return len(states) == wanted and set(states.values()) == {"Established"}

    def tier(self, *tiers: str) -> list[str]:
        return [name for name, switch in self.lab.switches.items() if switch.tier in tiers]


def test_all_sessions_establish_and_every_host_reaches_every_host_on_every_rail(fabric: Running) -> None:
    fabric.wait_for_sessions(*fabric.lab.switches)
    promised = fabric.promised()
    assert fabric.probe
    assert promised == fabric.probe.everyone()
    fabric.wait_for(promised, "every host reaches every host")


def test_leaves_have_as_many_equal_paths_as_designed(fabric: Running) -> None:
    for near in fabric.tier("leaf"):
        for far in fabric.tier("leaf"):
            if near != far:
                switch = fabric.lab.switches[far]
                networks = [f"{switch.loopback}/32"] + [p.network for p in switch.bgp.own if p.is_block]  # type: ignore[union-attr]
                wanted = path_count(fabric.up, near, far)
                for network in networks:
                    fabric.wait_for_paths(near, network, wanted)


def test_packets_of_the_designs_size_pass_unbroken_and_larger_ones_do_not(fabric: Running) -> None:
    assert fabric.probe
    fabric.wait_for(fabric.promised(), f"packets of {MTU} bytes pass", MTU)
    assert fabric.probe.reached(MTU + 1) == set()


def test_only_networks_of_the_fabric_are_routed(fabric: Running) -> None:
    """A route that a host, or a hand on a switch, adds beside the plan is told to nobody."""
    leaf, other = fabric.tier("leaf")[:2]
    namespace = fabric.lab.namespace[leaf]
    subprocess.run(["ip", "-n", namespace, "address", "add", "192.0.2.1/32", "dev", "lo"], check=True)
    subprocess.run(["ip", "-n", namespace, "address", "add", "10.64.255.77/32", "dev", "lo"], check=True)
    wait_until(lambda: "192.0.2.1/32" in fabric.lab.vtysh(leaf, "show ip route connected"), 10, "the address is there")
    for network in ("192.0.2.1", "10.64.255.77"):
        assert fabric.lab.next_hops(other, network) == []


def test_losing_any_spine_or_core_loses_no_reachability(fabric: Running) -> None:
    for name in fabric.tier("spine", "core"):
        promised = fabric.promised({name})
        assert promised == fabric.promised()
        fabric.lab.cut(name)
        fabric.wait_for(promised, f"all hosts without {name}")
        fabric.lab.join(name)
        fabric.wait_for_sessions(name)


def test_losing_a_leaf_loses_its_own_rail_of_its_own_hosts_alone_and_it_comes_back(fabric: Running) -> None:
    for name in fabric.tier("leaf"):
        promised = fabric.promised({name})
        assert promised < fabric.promised()
        fabric.lab.cut(name)
        fabric.wait_for(promised, f"all others without {name}")
        fabric.lab.join(name)
    fabric.wait_for(fabric.promised(), "every host again")


def test_switches_that_lost_power_come_back_by_themselves(fabric: Running) -> None:
    lost = {fabric.tier("spine")[0], fabric.tier("leaf")[-1]}
    for name in lost:
        fabric.lab.power_off(name)
    fabric.wait_for(fabric.promised(lost), f"all others without {', '.join(lost)}")
    for name in lost:
        fabric.lab.power_on(name)
    fabric.wait_for_sessions(*fabric.lab.switches)
    fabric.wait_for(fabric.promised(), "every host again")


def test_frr_itself_takes_the_generated_files_and_refuses_broken_ones(fabric: Running, tmp_path: Path) -> None:
    for name, files in fabric.lab.files.items():
        assert _dry_run(files["frr.conf"], tmp_path).returncode == 0, name
    text = files["frr.conf"]
    for good, broken in (("router bgp", "ruoter bgp"), ("maximum-paths ", "maximum-paths x"), (" le 32", " le 33")):
        assert good in text
        assert _dry_run(text.replace(good, broken, 1), tmp_path).returncode != 0, broken


def _dry_run(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "frr.conf"
    file.write_text(text)
    return subprocess.run(["vtysh", "-C", "-f", str(file)], capture_output=True, text=True)
