"""What Ansible and Kubernetes get of the host side agrees with the switches, and grows by adding."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from gigasite.design.hosts.interfaces import host_interfaces
from gigasite.design.model import Design
from gigasite.exports.hosts import host_network
from gigasite.exports.inventory import node_inventory
from tests.design.sites import CATALOG, design, pool

ETHERNET = {"compute": {"roles": ["compute"], "switch": "sn5600"}}
CONVERGED = {"all": {"roles": ["compute", "storage", "inband"], "switch": "sn5600"}}
SITES = {
    "rails": (pool("dgx-h100", nodes=40), ETHERNET),
    "planes": (pool("dgx-b300", nodes=70), ETHERNET),
    "converged": (pool("dgx-h100", nodes=9) | {"fabric": "all"}, CONVERGED),
    "racks": (pool("gb200-nvl72"), {"compute": {"roles": ["compute"], "switch": "qm9700"}}),
}


def site(name: str, **more: Any) -> Design:
    of, fabrics = SITES[name]
    return design(of | more, fabrics=fabrics, network={"ipv6": "2001:db8::/36"})


@pytest.fixture(params=SITES)
def built(request: pytest.FixtureRequest) -> Design:
    return site(request.param)


def interfaces(of: Design) -> pl.DataFrame:
    return host_interfaces(of, "train", CATALOG.system(of.pools["train"].system))


def test_every_cabled_nic_port_is_an_interface_of_its_own_name(built: Design) -> None:
    rows = interfaces(built)
    managed = [name for name, fabric in built.fabrics.items() if "oob" in fabric.roles]
    links = built.tables.cables.filter((pl.col("tier") == "node-leaf") & ~pl.col("fabric").is_in(managed))
    nodes = links.filter(pl.col("a_device").is_in(built.tables.nodes["node"].implode()))
    assert rows.height == nodes.height
    assert not rows.select("node", "interface").is_duplicated().any()


def test_the_gateway_of_a_routed_port_is_the_switchs_end_of_its_link(built: Design) -> None:
    addresses = built.tables.addresses
    at = {(d, i): a for d, i, a in addresses.select("device", "interface", "address").iter_rows()}
    rows = interfaces(built).filter(pl.col("table").is_not_null())
    for row in rows.iter_rows(named=True):
        assert row["gateway"] == at[row["switch"], f"swp{row['switch_port']}"]
        link = ipaddress.ip_interface(f"{row['address']}/31").network
        assert ipaddress.ip_address(row["gateway"]) in link


def test_every_other_port_on_ethernet_has_a_gateway_in_its_subnet(built: Design) -> None:
    rows = interfaces(built).filter((pl.col("technology") == "ethernet") & pl.col("table").is_null())
    for row in rows.iter_rows(named=True):
        subnet = ipaddress.ip_interface(f"{row['address']}/{row['prefix_length']}").network
        assert ipaddress.ip_address(row["gateway"]) in subnet
        assert row["gateway"] != row["address"]


def test_a_subnet_lies_behind_one_leaf_and_its_hosts_hang_on_it(built: Design) -> None:
    subnets = built.tables.subnets.filter(pl.col("use") == "host")
    assert subnets["network"].is_unique().all()
    leaf_of = dict(subnets.select("network", "device").iter_rows())
    rows = interfaces(built).filter((pl.col("technology") == "ethernet") & pl.col("table").is_null())
    for row in rows.iter_rows(named=True):
        network = ipaddress.ip_interface(f"{row['address']}/{row['prefix_length']}").network
        assert leaf_of[str(network)] == row["switch"]


def _variables(files: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in files.items():
        if name.startswith("network-su"):
            for line in text.splitlines()[2:]:
                host, _, variables = line.strip().partition(": ")
                found[json.loads(host)] = json.loads(variables)["gigasite_interfaces"]
    return found


def test_routed_rails_lead_home_by_themselves_and_to_their_own_rail() -> None:
    built = site("rails")
    inventory, _ = host_network(built, "train", CATALOG)
    rails = built.tables.rail_networks.filter(pl.col("su").is_null())
    supernet = built.resolved.network.supernets["compute"]
    for host in _variables(dict(inventory.files)).values():
        tables = [nic["table"] for nic in host if nic["table"]]
        assert len(set(tables)) == len(tables) == 8
        for nic in host:
            if nic["table"] is None:
                continue
            (network,) = rails.filter(pl.col("rail") == nic["rail"])["network"]
            assert {"to": network, "via": nic["gateway"], "table": None, "metric": None} in nic["routes"]
            assert {"to": supernet, "via": nic["gateway"], "table": nic["table"], "metric": None} in nic["routes"]
            assert ipaddress.ip_address(nic["address"]) in ipaddress.ip_network(network)


def test_inband_leads_everywhere_by_one_port_after_the_other() -> None:
    inventory, _ = host_network(site("rails"), "train", CATALOG)
    for host in _variables(dict(inventory.files)).values():
        everywhere = [route for nic in host for route in nic["routes"] if route["to"] == "0.0.0.0/0"]
        assert [route["metric"] for route in everywhere] == [100, 101]


@pytest.mark.parametrize("name", SITES)
def test_growth_adds_files_and_changes_none_of_what_exists(name: str) -> None:
    size = {"scalable_units": 1, "build_to_scalable_units": 3, "nodes": None}
    small, large = (site(name, **{**size, "scalable_units": units}) for units in (1, 2))
    before, after = (host_network(of, "train", CATALOG)[0].files for of in (small, large))
    assert set(before) < set(after)
    reserved = "network-su-001.yml"
    assert after[reserved] == before[reserved]


def test_kubernetes_gets_one_entry_a_rail_with_the_addresses_of_its_nodes() -> None:
    built = site("rails", virtual_functions=4)
    _, hosts = host_network(built, "train", CATALOG)
    rails = json.loads(hosts.files["rails.json"])["rails"]
    assert [rail["interface"] for rail in rails] == [f"rail{n}" for n in range(1, 9)]
    taken = []
    for rail in rails:
        assert rail["sriov"]["policy"]["nicSelector"] == {"pfNames": [rail["interface"]]}
        assert len(rail["sriov"]["functions"]) == 4
        for pool_of_unit in rail["cidr_pools"]:
            cidr = ipaddress.ip_network(pool_of_unit["spec"]["cidr"])
            prefixes = [ipaddress.ip_network(a["prefix"]) for a in pool_of_unit["spec"]["staticAllocations"]]
            assert all(prefix.subnet_of(cidr) for prefix in prefixes)  # type: ignore[arg-type]
            taken += prefixes
    assert len(set(taken)) == len(taken) == 40 * 8


def test_a_topology_file_is_there_for_guests_alone() -> None:
    cpu = {"arch": "x86_64", "vendor": "GenuineIntel", "family_id": 6, "model_id": 143}
    pci = {f"{of}_pci": [f"{n:04x}:0{k}:00.0" for n in range(8)] for k, of in enumerate(("gpu", "nic"))}
    bare, guest = site("rails"), site("rails", guest={**pci, "cpu": cpu})
    assert "nccl-topology.xml" not in host_network(bare, "train", CATALOG)[1].files
    files = host_network(guest, "train", CATALOG)[1].files
    assert "<system" in files["nccl-topology.xml"]
    assert "NCCL_TOPO_FILE=" in files["nccl.conf"]


def test_ansible_reads_the_inventory(tmp_path: Path) -> None:
    built = site("racks")
    files = {**node_inventory(built, "train").files, **host_network(built, "train", CATALOG)[0].files}
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(tmp_path), "ANSIBLE_HOME": str(tmp_path / "ansible")}
    folder = tmp_path / "inventory"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "ansible", "inventory", "-i", str(folder), "--list"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    hosts = json.loads(run.stdout)["_meta"]["hostvars"]
    assert len(hosts) == 144
    first = hosts["test-train-su001-r01-n01"]
    assert [nic["interface"] for nic in first["gigasite_interfaces"]][:4] == ["rail1", "rail2", "rail3", "rail4"]
    assert first["gigasite_fabrics"]["compute"]["technology"] == "infiniband"
