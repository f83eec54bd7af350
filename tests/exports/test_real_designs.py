"""What holds for the files of every site, whatever its size."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.catalog.load import load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.exports import facility, inventory, nodes, racks, switches
from gigasite.exports.folders import Folder
from gigasite.spec.loader import load_text

SIZES = st.tuples(st.sampled_from(["dgx-h100", "dgx-b300", "gb200-nvl72", "gb300-nvl72"]), st.integers(1, 40))


def designed(system: str, node_count: int, build_to: int = 4) -> Design:
    pool = {"name": "train", "system": system, "nodes": node_count, "build_to_scalable_units": build_to}
    catalog = load_catalog()
    return expand(load_text(json.dumps({"name": "a", "pools": [pool]}), "a", catalog).spec, catalog)


def folders(design: Design) -> Iterator[Folder]:
    """Every folder that a site registers, documents excepted."""
    for fabric in design.fabrics:
        yield from switches.switch_groups(design, fabric)
        yield inventory.switch_inventory(design, fabric)
    for pool in design.pools:
        yield nodes.pool_folder(design, pool)
        yield inventory.node_inventory(design, pool)
    yield from (row.folder for row in racks.rack_rows(design))
    yield from facility.power_folders(design)
    yield from facility.cooling_folders(design)


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@settings(max_examples=12, deadline=None)
@given(SIZES)
def test_every_link_is_scheduled_once_and_every_port_knows_its_peer(size: tuple[str, int]) -> None:
    design = designed(*size)
    for fabric in design.fabrics:
        groups = switches.switch_groups(design, fabric)
        links = [
            (row["a_device"], int(row["a_port"]), row["b_device"], int(row["b_port"]))
            for group in groups
            for row in _rows(group.files["cables.csv"])
        ]
        own = design.tables.cables.filter(design.tables.cables["fabric"] == fabric)
        assert sorted(links) == sorted(own.select("a_device", "a_port", "b_device", "b_port").rows())
        ends = {(a, a_port): (b, b_port) for a, a_port, b, b_port in links}
        ends |= {(b, b_port): (a, a_port) for a, a_port, b, b_port in links}
        for group in groups:
            for device in json.loads(group.files["devices.json"])["devices"]:
                for port in device["ports"]:
                    assert ends[device["device"], port["port"]] == (port["peer"], port["peer_port"])


@settings(max_examples=8, deadline=None)
@given(SIZES)
def test_no_two_folders_share_a_path_and_no_rack_is_lost(size: tuple[str, int]) -> None:
    design = designed(*size)
    paths = [folder.path for folder in folders(design)]
    assert len(paths) == len(set(paths))
    listed = [rack for row in racks.rack_rows(design) for rack in row.racks]
    assert sorted(listed) == sorted(design.tables.racks["rack"])


def test_growth_leaves_cables_and_inventories_of_existing_units_as_they_are() -> None:
    before = {
        f"{folder.path}/{name}": text
        for folder in folders(designed("dgx-h100", 64))
        for name, text in folder.files.items()
    }
    after = {
        f"{folder.path}/{name}": text
        for folder in folders(designed("dgx-h100", 96))
        for name, text in folder.files.items()
    }
    existing = [path for path in before if "su-001" in path or path.endswith("cables.csv")]
    assert len(existing) > 8
    for path in existing:
        assert set(before[path].splitlines()) <= set(after[path].splitlines()), path


def test_files_are_the_same_in_every_process() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_real_designs import *\n"
        "text = json.dumps([[f.path, dict(f.files)] for f in folders(designed('gb200-nvl72', 36))])\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    seen = set()
    for seed in ("0", "1"):
        command = [sys.executable, "-c", script, str(Path(__file__).parent)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        seen.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    text = json.dumps([[f.path, dict(f.files)] for f in folders(designed("gb200-nvl72", 36))])
    seen.add(hashlib.sha256(text.encode()).hexdigest() + "\n")
    assert len(seen) == 1


@pytest.mark.parametrize("system", ["dgx-h100", "gb300-nvl72"])
def test_ansible_reads_the_whole_inventory_folder(system: str, tmp_path: Path) -> None:
    design = designed(system, 20)
    for folder in folders(design):
        if folder.path.startswith("inventory/"):
            for name, text in folder.files.items():
                file = tmp_path / folder.path / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
    command = [sys.executable, "-m", "ansible", "inventory", "-i", str(tmp_path / "inventory"), "--list"]
    environment = {**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "ANSIBLE_HOME": str(tmp_path / "home")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "WARN" not in done.stderr
    groups = json.loads(done.stdout)
    hosts = groups["_meta"]["hostvars"]
    assert sum("gpu_count" in variables["gigasite"] for variables in hosts.values()) == 20
    switch_count = design.tables.devices.filter(design.tables.devices["kind"] == "switch").height
    assert sum("tier" in variables["gigasite"] for variables in hosts.values()) == switch_count
    assert "pool_train" in groups["role_compute"]["children"]
