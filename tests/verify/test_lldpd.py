"""Real lldpd on hosts and switches: what it prints is what `verify cabling` reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from gigasite.cli.app import app
from tests.infiniband.sites import site
from tests.realparts.debian import need, need_root
from tests.realparts.lldp import PACKAGES, LldpNetwork

pytestmark = pytest.mark.xdist_group("lldpd")  # what it starts is started once

POOLS = "- {name: train, system: dgx-h100, nodes: 4, nodes_per_scalable_unit: 4}"


def links() -> dict[tuple[str, str], tuple[str, str]]:
    """Where each in-band interface of a node belongs: a leaf and the name of its port."""
    cables = site(POOLS).design.tables.cables.filter((pl.col("fabric") == "inband") & (pl.col("tier") == "node-leaf"))
    first = cables["a_port"].min()
    rows = cables.select("a_device", "a_port", "b_device", "b_port").rows()
    return {(node, f"inb{port - first + 1}"): (leaf, f"swp{far}") for node, port, leaf, far in rows}  # type: ignore[operator]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[LldpNetwork]:
    need_root()
    need(*PACKAGES)
    made = LldpNetwork(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("style", ["json", "json0"])
def test_a_swapped_pair_among_hosts_with_lldpd_is_found(style: str, network: LldpNetwork, tmp_path: Path) -> None:
    plugged = links()
    nodes = sorted({node for node, _ in plugged})
    one, other = (nodes[0], "inb1"), (nodes[1], "inb1")
    plugged[one], plugged[other] = plugged[other], plugged[one]
    for (node, interface), (leaf, port) in plugged.items():
        network.cable(node, interface, leaf, port)
    network.start()
    folder = tmp_path / "lldp"
    folder.mkdir()
    for node in nodes:
        (folder / f"{node}.json").write_text(network.neighbours(node, style, 2))
    (tmp_path / "site.yaml").write_text(f"name: demo\npools:\n  {POOLS}\n")
    done = CliRunner().invoke(app, ["verify", "cabling", str(tmp_path / "site.yaml"), "--lldp", str(folder)])
    assert done.exit_code == 1, done.output
    (told,) = re.findall(r"^  (DEP\d+ error: .*)\n    (.*)$", done.stdout, re.MULTILINE)
    leaf, port = plugged[one]
    assert told[0].startswith(f"DEP113 error: two cables are exchanged: {nodes[0]} inb1 ")
    assert f"goes to {leaf} {port} " in told[0]
    assert told[1] == f"swap the plugs at {leaf} {port} and {plugged[other][0]} {plugged[other][1]}"
    assert f"{len(plugged) - 2} of {len(plugged)} cables that were looked at" in done.stdout
