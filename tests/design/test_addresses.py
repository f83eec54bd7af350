"""Shares of a supernet by position: disjoint, inside, independent of sizes; AS numbers and IPv6 likewise."""

from __future__ import annotations

import ipaddress

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from gigasite.design import addresses
from tests.design.sites import design, pool


@given(length=st.integers(4, 22), pools=st.integers(1, 8))
def test_shares_are_disjoint_and_inside_the_supernet(length: int, pools: int) -> None:
    supernet = ipaddress.ip_network((int(ipaddress.ip_address("10.0.0.0")), 8)) if length <= 8 else None
    base = supernet or next(ipaddress.ip_network("10.0.0.0/8").subnets(new_prefix=length))
    owners: list[int | None] = [None, *range(pools)]
    found = [addresses.share("f", str(base), "o", owner) for owner in owners]
    networks = [part.network for part in found if part]
    assert networks
    for i, network in enumerate(networks):
        assert network.subnet_of(base)  # type: ignore[arg-type]
        assert not any(network.overlaps(other) for other in networks[i + 1 :])


@given(slots=st.integers(1, 5000))
def test_a_block_holds_its_hosts_network_gateway_and_broadcast(slots: int) -> None:
    size = addresses.block_size(slots)
    assert size >= slots + 3
    assert size & (size - 1) == 0
    assert size < 2 * (slots + 3) or size <= 4


def test_addresses_beyond_a_share_are_left_open_and_the_block_says_so() -> None:
    found = design(
        pool("gb200-nvl72", scalable_units=8),
        network={"supernets": {"oob": "10.0.0.0/22"}},
    )
    rows = found.tables.addresses.filter(pl.col("fabric") == "oob")
    assert rows["address"].null_count() > 0
    train = next(b for b in found.address_blocks if b.fabric == "oob" and b.owner == "train")
    assert train.needed_count > train.available_count
    inside = ipaddress.ip_network("10.0.0.0/22")
    known = rows["address"].drop_nulls().to_list()
    assert all(ipaddress.ip_address(address) in inside for address in known)


def test_ipv6_hosts_are_valid_unique_and_inside_the_sites_prefix() -> None:
    found = design(pool("gb200-nvl72", scalable_units=2), network={"ipv6": "2001:db8:4::/48"})
    hosts = found.tables.addresses["ipv6"].drop_nulls().to_list()
    prefix = ipaddress.ip_network("2001:db8:4::/48")
    parsed = {ipaddress.ip_address(host) for host in hosts}
    assert len(parsed) == len(hosts) > 0
    assert all(host in prefix for host in parsed)


def test_as_numbers_are_one_a_leaf_and_one_a_pod_of_spines_inside_the_sites_range() -> None:
    base = 4_210_000_000
    found = design(
        pool("dgx-b300", scalable_units=4),
        fabrics={"compute": {"roles": ["compute"], "switch": "sn5600"}},
        network={"asn_base": base},
    )
    devices = found.tables.devices.filter((pl.col("fabric") == "compute") & (pl.col("kind") == "switch"))
    leaves = devices.filter(pl.col("tier") == "leaf")
    assert leaves["asn"].is_unique().all()
    spines = devices.filter(pl.col("tier") == "spine")
    assert not set(spines["asn"]) & set(leaves["asn"])
    assert devices["asn"].min() >= base  # type: ignore[operator]
    assert devices["asn"].max() < base + 8 * addresses.ASN_PER_FABRIC  # type: ignore[operator]


def test_point_to_point_pairs_share_a_slash_31() -> None:
    found = design(pool("dgx-b300", scalable_units=1), fabrics={"compute": {"roles": ["compute"], "switch": "sn5600"}})
    rows = found.tables.addresses.filter((pl.col("fabric") == "compute") & (pl.col("use") == "point-to-point"))
    number = np.array([int(ipaddress.ip_address(a)) for a in rows["address"].to_list()])
    assert (np.bincount((number - number.min() + number.min() % 2) // 2) <= 2).all()
    links = found.tables.cables.filter((pl.col("fabric") == "compute") & (pl.col("tier") == "node-leaf")).height
    assert rows.height == 2 * links
    assert rows["prefix_length"].unique().to_list() == [31]


@given(
    network=st.sampled_from([0x2001_0DB8 << 32, 0xFD00 << 48, (0xFD00 << 48) + 0x8001, 0x2001_0DB8_0000_0001, 1 << 63]),
    host=st.integers(1, 0xFFFF_FFFF),
    number=st.integers(0, 3),
)
def test_ipv6_addresses_are_written_in_their_canonical_form(network: int, host: int, number: int) -> None:
    (text,) = addresses.Ipv6Share(network, 4).render(np.array([number]), np.array([host]))
    assert text == str(ipaddress.IPv6Address(((network + number) << 64) + host))
