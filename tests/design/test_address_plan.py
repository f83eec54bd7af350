"""Laws of the address plan, in both families: unique, inside, behind one leaf, apart, unmoved by growth."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigasite.design.hosts.interfaces import host_interfaces
from gigasite.design.model import Design
from tests.design.sites import CATALOG, design, pool

SUPERNETS = {"compute": "10.64.0.0/10", "storage": "10.36.0.0/14", "inband": "10.40.0.0/14", "oob": "10.32.0.0/14"}
IPV6 = "2001:db8:40::/42"
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])

COMPUTE: Mapping[str, dict[str, Any]] = {
    "rails": {"switch": "sn5600"},
    "plain": {"switch": "sn5600", "rail_optimised": False},
    "numbered": {"switch": "sn5600", "numbering": "numbered", "overlay": "evpn"},
    "small leaves": {"switch": "sn5600", "nodes_per_leaf": 12},
    "planes": {"switch": "sn5600", "planes": 2},
    "dragonfly": {"switch": "sn5600", "topology": "dragonfly", "dragonfly": {"group": "leaf-spine"}},
    "converged dragonfly": {
        "switch": "sn5600",
        "roles": ["compute", "storage", "inband"],
        "topology": "dragonfly",
        "dragonfly": {"group": "leaf-spine"},
    },
    "converged": {"switch": "sn5600", "roles": ["compute", "storage", "inband"]},
}


def site(kind: str, built: int, build_to: int, system: str = "dgx-h100", **more: Any) -> Design:
    fabric = {"roles": ["compute"], **COMPUTE[kind]}
    size = {"scalable_units": built, "build_to_scalable_units": build_to}
    supernets = {name: net for name, net in SUPERNETS.items() if name not in fabric["roles"] or name == "compute"}
    return design(
        pool(system, "train", **size),
        fabrics={"compute": fabric},
        network={"supernets": supernets, "ipv6": IPV6},
        storage={"appliances": 70, "port_gbps": 200, "height_u": 2, "max_kw": 1, "weight_kg": 30},
        **more,
    )


def networks(column: pl.Series) -> list[Any]:
    return [ipaddress.ip_network(text) for text in column.drop_nulls().to_list()]


def assert_sound(found: Design) -> None:
    table, subnets = found.tables.addresses, found.tables.subnets
    for column in ("address", "ipv6"):
        known = table.drop_nulls(column)
        assert known.height
        assert known.select(column, pl.col("vrf").fill_null("")).is_unique().all()
    supernets = {name: ipaddress.ip_network(net) for name, net in found.resolved.network.supernets.items()}
    prefix = ipaddress.ip_network(IPV6)
    for fabric, address, ipv6 in table.select("fabric", "address", "ipv6").drop_nulls("address").iter_rows():
        assert ipaddress.ip_address(address) in supernets[fabric]
        assert ipv6 is None or ipaddress.ip_address(ipv6) in prefix
    assert_behind_one_leaf(found)
    for column in ("network", "ipv6_network"):
        in_order = sorted(networks(subnets[column]))
        assert all(not a.overlaps(b) for a, b in pairwise(in_order)), column
    assert subnets.select("device", "vlan").is_unique().all()


def assert_behind_one_leaf(found: Design) -> None:
    """Every host lies in one subnet, whose gateway is the switch that it is cabled to."""
    table = found.tables.addresses.filter(pl.col("use").is_in(["host", "management"]))
    by_network = {row["network"]: row for row in found.tables.subnets.iter_rows(named=True)}
    cables = found.tables.cables.filter(pl.col("tier") == "node-leaf")
    leaves: dict[tuple[str, str], set[str]] = {}
    for fabric, device, leaf in cables.select("fabric", "a_device", "b_device").iter_rows():
        leaves.setdefault((fabric, device), set()).add(leaf)
    hosts: dict[tuple[str, str], set[str]] = {}
    for row in table.iter_rows(named=True):
        inside = str(ipaddress.ip_interface(f"{row['address']}/{row['prefix_length']}").network)
        subnet = by_network[inside]
        assert subnet["device"] in leaves[row["fabric"], row["device"]]
        assert subnet["gateway"] != row["address"]
        assert ipaddress.ip_address(row["ipv6"]) in ipaddress.ip_network(subnet["ipv6_network"])
        assert subnet["vrf"] == row["vrf"]
        hosts.setdefault((row["fabric"], row["device"]), set()).add(subnet["device"])
    for key, gateways in hosts.items():
        routed = found.tables.addresses.filter(
            (pl.col("fabric") == key[0]) & (pl.col("device") == key[1]) & (pl.col("use") == "point-to-point")
        )
        if not routed.height:
            assert gateways == leaves[key]


@SLOW
@given(kind=st.sampled_from(sorted(COMPUTE)), built=st.integers(1, 4))
def test_addresses_are_unique_inside_and_behind_their_own_leaf(kind: str, built: int) -> None:
    assert_sound(site(kind, built, 5))


@pytest.mark.slow
@SLOW
@given(kind=st.sampled_from(sorted(COMPUTE)), built=st.integers(1, 3), more=st.integers(1, 3))
def test_growth_moves_no_address_and_no_subnet(kind: str, built: int, more: int) -> None:
    before, after = site(kind, built, 6).tables, site(kind, built + more, 6).tables
    grown = {row[:4]: row for row in after.addresses.iter_rows()}
    moved = [(row, grown.get(row[:4])) for row in before.addresses.iter_rows() if grown.get(row[:4]) != row]
    assert not moved, moved[:3]
    subnets = {row["network"]: row for row in after.subnets.iter_rows(named=True)}
    for row in before.subnets.iter_rows(named=True):
        assert subnets[row["network"]] == row


@pytest.mark.parametrize("kind", sorted(COMPUTE))
def test_one_network_leads_to_a_rail_and_holds_all_its_hosts(kind: str) -> None:
    found = site(kind, 2, 4)
    rails = found.tables.rail_networks
    assert rails.height
    for column in ("network", "ipv6_network"):
        whole = rails.filter(pl.col("su").is_null()).with_columns(net=pl.col(column))
        nets = sorted(networks(whole["net"]))
        assert all(not a.overlaps(b) for a, b in pairwise(nets))
        units = rails.filter(pl.col("su").is_not_null())
        assert all(any(net.subnet_of(one) for one in nets) for net in networks(units[column]))
    cables = found.tables.cables.filter((pl.col("fabric") == "compute") & (pl.col("tier") == "node-leaf"))
    hosts = found.tables.addresses.filter((pl.col("fabric") == "compute") & (pl.col("use") == "point-to-point"))
    leaf_ends = cables.select("rail", "plane", device="b_device", interface=pl.format("swp{}", "b_port")).join(
        hosts, on=["device", "interface"]
    )
    for (rail, plane), part in leaf_ends.partition_by("rail", "plane", as_dict=True).items():
        own = networks(rails.filter(pl.col("su").is_null(), rail=rail, plane=plane)["network"])
        assert all(any(ipaddress.ip_address(a) in net for net in own) for a in part["address"])


@pytest.mark.parametrize("system", ["gb300-nvl72", "dgx-b300"])
def test_subnets_of_racks_with_management_switches_lie_behind_them(system: str) -> None:
    assert_sound(site("rails", 2, 3, system=system))


def test_numbered_links_have_two_ends_in_one_network() -> None:
    found = site("numbered", 1, 2)
    switches = found.tables.devices.filter(pl.col("kind") == "switch")["device"].implode()
    ends = found.tables.addresses.filter(
        (pl.col("fabric") == "compute") & (pl.col("use") == "point-to-point") & pl.col("device").is_in(switches)
    )
    trunks = found.tables.cables.filter((pl.col("fabric") == "compute") & (pl.col("tier") == "leaf-spine"))
    named = {(row[0], row[1]): row[2:] for row in ends.select("device", "interface", "address", "ipv6").iter_rows()}
    for a, a_port, b, b_port in trunks.select("a_device", "a_port", "b_device", "b_port").iter_rows():
        one, other = named[a, f"swp{a_port}"], named[b, f"swp{b_port}"]
        assert int(ipaddress.ip_address(one[0])) ^ int(ipaddress.ip_address(other[0])) == 1
        assert int(ipaddress.ip_address(one[1])) ^ int(ipaddress.ip_address(other[1])) == 1


def test_a_supernet_that_is_too_small_gives_no_wrong_address() -> None:
    found = design(
        pool("dgx-h100", scalable_units=2),
        fabrics={"compute": {"roles": ["compute"], "switch": "sn5600"}},
        network={"supernets": {"compute": "10.0.0.0/28", "storage": "10.1.0.0/30", "inband": "10.2.0.0/29"}},
    )
    table = found.tables.addresses
    assert table.filter(pl.col("fabric") == "compute")["address"].null_count() > 0
    known = table.drop_nulls("address")
    assert known["address"].is_unique().all()
    for fabric, address in known.select("fabric", "address").iter_rows():
        assert ipaddress.ip_address(address) in ipaddress.ip_network(found.resolved.network.supernets[fabric])


def test_a_nic_with_ports_on_two_fabrics_has_an_interface_and_an_address_on_each() -> None:
    found = design(pool("gb300-nvl72", scalable_units=1))
    table = found.tables.addresses
    assert table.select("device", "interface", "use").is_unique().all()
    hosts = host_interfaces(found, "train", CATALOG.system("gb300-nvl72"))
    ethernet = hosts.filter(pl.col("technology") == "ethernet")
    assert ethernet.height == 2 * found.pools["train"].node_count
    assert ethernet["address"].null_count() == 0
