"""Generated files on real parts: OpenSM brings up simulated subnets with them, and what it sees is the design."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from gigasite.design.infiniband.subnets import Subnet, subnets
from gigasite.render.infiniband.files import infiniband_files
from gigasite.verify.readers.ibnetdiscover import read_ibnetdiscover
from tests.realparts.debian import need
from tests.realparts.ibsim import PACKAGES, IbSim

from .sites import Site, inventory, site, superpod, with_tenants

pytestmark = pytest.mark.xdist_group("ibsim")  # what it starts is started once


@contextmanager
def brought_up(found: Site, folder: Path, fabric: str = "compute") -> Iterator[tuple[IbSim, str, Subnet, Path]]:
    """The first subnet of a fabric in ibsim, managed with its own files: the simulator, OpenSM's log, the folder."""
    need(*PACKAGES)
    subnet = subnets(found.design, found.catalog, fabric)[0]
    written = infiniband_files(found.design, found.catalog, inventory(found), fabric, installed_at=str(folder))[0]
    own = folder / written.name
    for name, text in written.files.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text)
    simulator = IbSim(folder, written.files["rehearsal/ibsim.net"])
    try:
        simulator.start()
        config = sorted(own.glob("**/opensm.conf"))[0]
        yield simulator, simulator.manage(config), subnet, own
    finally:
        simulator.close()


def seen_links(simulator: IbSim, own: Path) -> set[frozenset[tuple[str, int]]]:
    """The cables that ibnetdiscover sees, with the names of the name map."""
    text = simulator.ask("ibnetdiscover", "--node-name-map", str(own / "node-name-map"))
    rows = read_ibnetdiscover(text).rows.select("device", "port", "peer", "peer_port").rows()
    return {frozenset({(device, int(port)), (peer, int(far))}) for device, port, peer, far in rows}


def designed_links(subnet: Subnet) -> set[frozenset[tuple[str, int]]]:
    return {frozenset({(a, p), (b, q)}) for a, p, b, q in subnet.links.select("a", "a_port", "b", "b_port").rows()}


B300 = "- {name: train, system: dgx-b300, scalable_units: 1, reference_architecture: dgx-superpod-b300-xdr}"
GB200 = "- {name: train, system: gb200-nvl72, scalable_units: 2, build_to_scalable_units: 16}"
CASES = {
    "h100-1-su": (superpod, 1),
    "h100-4-su": (superpod, 4),
    "b300-xdr-1-su": (site, B300),
    "gb200-2-su": (site, GB200),
}


@pytest.mark.parametrize("case", CASES)
def test_a_subnet_comes_up_as_designed(case: str, tmp_path: Path) -> None:
    make, argument = CASES[case]
    found = make(argument)  # type: ignore[operator]
    with brought_up(found, tmp_path) as (simulator, log, subnet, own):
        assert complaints(log) == []
        assert "ftree tables configured on all switches" in log
        assert f"{subnet.endpoints.filter(pl.col('kind') == 'node').height} of them CNs" in log
        assert f"Fabric has {subnet.roots.height} switches at rank 0 (roots)" in log
        assert seen_links(simulator, own) == designed_links(subnet)
        assert_every_port_has_a_lid(simulator, subnet)
        assert_every_leaf_reaches_every_adapter(simulator, subnet)


def complaints(log: str) -> list[str]:
    """Faults that OpenSM tells, and files that it gives up reading."""
    return re.findall(r".*\bERR\b.*|.*ERROR.*|.*in error.*", log)


def lids_of(simulator: IbSim) -> list[tuple[str, int]]:
    """Names and LIDs of all adapters and switches, as they have them themselves."""
    text = simulator.ask("ibnetdiscover")
    switches = re.findall(r'^Switch\t.*# "(.*)" .* lid (\d+) lmc 0$', text, re.MULTILINE)
    adapters = re.findall(r'^Ca\t.*# "(.*)"\n\[1\].*# lid (\d+) lmc 0 ', text, re.MULTILINE)
    return [(name, int(lid)) for name, lid in (*switches, *adapters)]


def assert_every_port_has_a_lid(simulator: IbSim, subnet: Subnet) -> None:
    """Adapters and switches, each with a LID of its own."""
    lids = lids_of(simulator)
    assert {name for name, _ in lids} == {*subnet.endpoints["name"], *subnet.switches["device"]}
    assert len({lid for _, lid in lids if lid > 0}) == subnet.endpoints.height + subnet.switches.height


def assert_every_leaf_reaches_every_adapter(simulator: IbSim, subnet: Subnet) -> None:
    """The forwarding tables of the first and the last leaf have a port for the LID of every adapter."""
    lids = dict(lids_of(simulator))
    adapters = {lids[name] for name in subnet.endpoints["name"]}
    if max(lids.values()) % 64 == 0:
        adapters.discard(max(lids.values()))  # ibroute prints blocks of 64, and never begins the last one
    leaves = subnet.switches.filter(pl.col("tier") == "leaf")["device"]
    for leaf in (leaves[0], leaves[-1]):
        table = simulator.ask("ibroute", str(lids[leaf]))
        assert adapters <= {int(lid, 16) for lid in re.findall(r"^(0x[0-9A-Fa-f]+) \d+ ", table, re.MULTILINE)}


def test_partitions_are_set_as_designed(tmp_path: Path) -> None:
    found = with_tenants(superpod(4))
    with brought_up(found, tmp_path) as (simulator, log, subnet, _):
        assert complaints(log) == []
        lids = dict(lids_of(simulator))
        ends = subnet.endpoints
        for tenant, keys in (("lab-a", {0x7FFF, 0x8011}), ("lab-b", {0x7FFF, 0x8012}), (None, {0x7FFF, 0xFFFE})):
            own = ends.filter((pl.col("kind") == "node") & pl.col("tenant").eq_missing(tenant))
            for name in (own["name"][0], own["name"][-1]):
                assert pkeys(simulator, lids[name]) == keys, name
        for name in ends.filter(pl.col("kind") == "ufm")["name"]:
            assert pkeys(simulator, lids[name]) == {0xFFFF}, name


def pkeys(simulator: IbSim, lid: int) -> set[int]:
    """The partition table of an adapter's port."""
    table = simulator.ask("smpquery", "pkeys", str(lid), "1")
    rows = re.findall(r"^ *\d+: (.*)$", table, re.MULTILINE)
    return {int(key, 16) for row in rows for key in row.split()} - {0}


def test_the_topology_file_is_what_ibdm_reads(tmp_path: Path) -> None:
    """The library behind ibdiagnet: it knows all systems, counts all nodes, and finds the same distances."""
    need("ibutils")
    found = superpod(1)
    (written,) = infiniband_files(found.design, found.catalog, inventory(found), "compute")
    (tmp_path / "ibnl").mkdir()
    for name, text in written.files.items():
        if name.startswith("ibnl/") or name == "topology.topo":
            (tmp_path / name).write_text(text)
    command = ["/usr/bin/ibdmchk", "-t", "topology.topo", "-n", "demo-compute-ufm01/eth1", "-p", "1"]
    environment = {"IBDM_IBNL_PATH": str(tmp_path / "ibnl"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert "Defined 47/264 systems/nodes" in done.stdout
    assert "no credit loops found" in done.stdout
    assert "-E-" not in done.stdout
    assert re.findall(r"^  (\d)   (\d+)$", done.stdout, re.MULTILINE)[:2] == [("2", "7688"), ("4", "55564")]
