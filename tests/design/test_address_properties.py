"""The address plan of any site: every address is unique, in its place, behind its own leaf, and stays when it grows."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import HealthCheck, assume, given, settings

from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.errors import GigasiteError
from gigasite.spec.site import SiteSpec
from tests.design.random_sites import growing_sites
from tests.design.sites import CATALOG

TRIED = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def built(site: dict[str, Any]) -> Design:
    try:
        found = expand(SiteSpec.model_validate(site), CATALOG)
    except (GigasiteError, ValueError):
        assume(False)
    # A fabric that its switches cannot make has no addresses.
    assume("compute" in found.fabrics)
    return found


def networks(texts: Iterable[str | None]) -> list[Network]:
    """In order, so that overlaps are beside each other."""
    found: list[Network] = [ipaddress.ip_network(text) for text in texts if text is not None]
    return sorted(found, key=lambda network: (int(network.network_address), network.prefixlen))


def around(ordered: list[Network], address: str) -> str:
    """The network that an address lies in, of networks that are apart."""
    number = ipaddress.ip_address(address)
    place = bisect_right(ordered, int(number), key=lambda network: int(network.network_address)) - 1
    assert place >= 0, address
    assert number in ordered[place], address
    return str(ordered[place])


@TRIED
@given(growing_sites())
def test_every_address_is_in_its_place(sites: tuple[dict[str, Any], dict[str, Any]]) -> None:
    found = built(sites[1])
    assert_unique_and_canonical(found)
    assert_inside(found)
    assert_behind_one_leaf(found)
    assert_links_are_pairs(found)
    assert_rails_are_apart(found)
    assert_reserved_is_free(found)


@TRIED
@given(growing_sites())
def test_nothing_moves_when_pools_grow(sites: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, after = built(sites[0]).tables, built(sites[1]).tables
    for name, key in (
        ("addresses", ["fabric", "use", "device", "interface"]),
        ("subnets", ["fabric", "use", "network"]),
        ("rail_networks", ["fabric", "owner", "rail", "plane", "su", "network"]),
    ):
        old, new = getattr(before, name), getattr(after, name)
        # Racks that only the larger site has may move what stands in them; what stays keeps all that it had.
        both = old.join(new, on=key, how="semi", nulls_equal=True)
        assert both.join(new, on=old.columns, how="anti", nulls_equal=True).height == 0, name
    asns = before.devices.select("device", "asn").join(
        after.devices.select("device", "asn"), on="device", suffix="_new"
    )
    assert asns.filter(pl.col("asn").ne_missing(pl.col("asn_new"))).height == 0
    missing = before.addresses.join(after.addresses, on=["fabric", "use", "device", "interface"], how="anti")
    assert missing.height == 0, missing.head()


_DIGEST = """
import hashlib
from tests.design.sites import design, pool
fabrics = {"compute": {"roles": ["compute"], "switch": "sn5600", "numbering": "numbered", "overlay": "evpn"}}
tables = design(pool("dgx-b300", scalable_units=1), fabrics=fabrics, network={"ipv6": "2001:db8::/40"}).tables
text = "".join(frame.write_csv() for frame in (tables.addresses, tables.subnets, tables.rail_networks))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_another_process_comes_to_the_same_bytes() -> None:
    def digest(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert digest("1") == digest("2") != ""


def assert_unique_and_canonical(found: Design) -> None:
    table = found.tables.addresses
    assert table.select("device", "interface", "use").is_unique().all()
    for column, kind in (("address", ipaddress.IPv4Address), ("ipv6", ipaddress.IPv6Address)):
        known = table.drop_nulls(column)
        assert known.select("vrf", column).is_unique().all()
        assert all(str(kind(text)) == text for text in known[column])


def assert_inside(found: Design) -> None:
    network = found.resolved.network
    supernets = {name: ipaddress.ip_network(text) for name, text in network.supernets.items()}
    site = ipaddress.ip_network(network.ipv6) if network.ipv6 else None
    for fabric, address, ipv6 in found.tables.addresses.select("fabric", "address", "ipv6").iter_rows():
        assert address is None or ipaddress.ip_address(address) in supernets[fabric]
        assert ipv6 is None or (site is not None and ipaddress.ip_address(ipv6) in site)
    for name in ("subnets", "rail_networks"):
        for six in networks(getattr(found.tables, name)["ipv6_network"]):
            assert site is not None
            assert six.subnet_of(site)  # type: ignore[arg-type]


def assert_behind_one_leaf(found: Design) -> None:
    """A subnet's hosts are cabled to its device by the cable of the interface that has the address."""
    subnets = found.tables.subnets
    assert subnets.select("device", "vlan").is_unique().all()
    for address, network in (("address", "network"), ("ipv6", "ipv6_network")):
        ordered = networks(subnets[network])
        assert all(not a.overlaps(b) for a, b in pairwise(ordered))
        hosts = found.tables.addresses.filter(pl.col("use").is_in(["host", "management"])).drop_nulls(address)
        homes = pl.Series("home", [around(ordered, text) for text in hosts[address]], dtype=pl.String)
        gateways = subnets.select(
            pl.col(network).alias("home"),
            home_fabric="fabric",
            leaf="device",
            home_vrf="vrf",
            gateway=("gateway" if address == "address" else "ipv6_gateway"),
        )
        joined = hosts.with_columns(homes).join(gateways, on="home", how="left")
        assert joined["leaf"].null_count() == 0
        assert (joined["fabric"] == joined["home_fabric"]).all()
        assert joined["vrf"].equals(joined["home_vrf"], null_equal=True)
        assert (joined[address] != joined["gateway"]).all()
        cables = found.tables.cables.filter(pl.col("tier") == "node-leaf")
        pairs = cables.select("fabric", device="a_device", leaf="b_device")
        assert joined.join(pairs, on=["fabric", "device", "leaf"], how="anti").height == 0
        # As many addresses of a device behind a leaf as it has cables to it, where none is routed.
        counts = (
            joined.group_by("fabric", "device", "leaf")
            .len()
            .join(pairs.group_by("fabric", "device", "leaf").len("cables"), on=["fabric", "device", "leaf"])
        )
        assert (counts["len"] <= counts["cables"]).all()


def assert_links_are_pairs(found: Design) -> None:
    links = found.tables.addresses.filter(pl.col("use") == "point-to-point")
    cables = found.tables.cables.select("fabric", "a_device", "b_device")
    for column in ("address", "ipv6"):
        ends = links.drop_nulls(column)
        numbers = [int(ipaddress.ip_address(text)) for text in ends[column]]
        ends = ends.select("fabric", "device", "vrf").with_columns(
            pair=pl.Series([str(n >> 1) for n in numbers], dtype=pl.String),
            even=pl.Series([n % 2 == 0 for n in numbers], dtype=pl.Boolean),
        )
        lower, upper = ends.filter("even"), ends.filter(~pl.col("even"))
        both = lower.join(upper, on="pair", suffix="_b")
        assert both.height * 2 == ends.height
        assert (both["fabric"] == both["fabric_b"]).all()
        assert both["vrf"].equals(both["vrf_b"], null_equal=True)
        keys = {"fabric": both["fabric"], "a_device": both["device_b"], "b_device": both["device"]}
        assert pl.DataFrame(keys).join(cables, on=["fabric", "a_device", "b_device"], how="anti").height == 0


def assert_rails_are_apart(found: Design) -> None:
    rails = found.tables.rail_networks
    leaves = found.tables.cables.filter(pl.col("tier") == "node-leaf").select(
        "fabric", "rail", "plane", device="b_device", interface=pl.format("swp{}", "b_port")
    )
    ends = found.tables.addresses.filter(pl.col("use") == "point-to-point").join(
        leaves, on=["fabric", "device", "interface"]
    )
    for address, network in (("address", "network"), ("ipv6", "ipv6_network")):
        whole = rails.filter(pl.col("su").is_null()).drop_nulls(network)
        ordered = networks(whole[network])
        assert all(not a.overlaps(b) for a, b in pairwise(ordered))
        known = ends.drop_nulls(address)
        homes = pl.Series("home", [around(ordered, text) for text in known[address]], dtype=pl.String)
        joined = known.with_columns(homes).join(
            whole.select("fabric", "rail", "plane", pl.col(network).alias("home")),
            on=["fabric", "rail", "plane", "home"],
            how="anti",
        )
        assert joined.height == 0
        units = rails.filter(pl.col("su").is_not_null()).drop_nulls(network)
        parts = networks(units[network])
        assert all(not a.overlaps(b) for a, b in pairwise(parts))
        for part in parts:
            around(ordered, str(part[0]))


def assert_reserved_is_free(found: Design) -> None:
    reserved = [ipaddress.ip_network(text) for text in found.resolved.network.reserved]
    own = [ipaddress.ip_network(text) for text in found.resolved.network.supernets.values()]
    assert not [(a, b) for a in reserved for b in own if a.version == b.version and a.overlaps(b)]
