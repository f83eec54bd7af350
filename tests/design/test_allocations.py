"""Addresses that exist stay as they are, and move nothing but the other end of their link."""

from __future__ import annotations

import ipaddress
import random
from typing import Any

import polars as pl
import pytest

from gigasite.design.model import Design
from tests.design.sites import design, pool

NUMBERED = {"compute": {"roles": ["compute"], "switch": "sn5600", "numbering": "numbered", "overlay": "evpn"}}


def site(*allocations: tuple[str, ...], **network: Any) -> Design:
    keys = ("device", "interface", "address", "use")
    entries = [dict(zip(keys, entry, strict=False)) for entry in allocations]
    return design(
        pool("dgx-b300", nodes=8),
        fabrics=NUMBERED,
        network={"ipv6": "2001:db8::/40", "allocations": entries, **network},
    )


PLAIN = site()
TABLE = PLAIN.tables.addresses


def one(use: str, fabric: str, column: str = "address", nth: int = 0) -> dict[str, Any]:
    rows = TABLE.filter((pl.col("use") == use) & (pl.col("fabric") == fabric)).drop_nulls(column)
    return rows.row(nth, named=True)


def changed(found: Design, column: str = "address") -> dict[tuple[str, str, str], str]:
    """Device, interface and use of the rows whose address is another one, and the address."""
    assert found.tables.addresses.drop("address", "ipv6").equals(TABLE.drop("address", "ipv6"))
    other = found.tables.addresses.filter(found.tables.addresses[column].ne_missing(TABLE[column]))
    return {tuple(row[:3]): row[3] for row in other.select("device", "interface", "use", column).iter_rows()}


def codes(found: Design) -> list[str]:
    return [finding.code for finding in found.findings if finding.code.startswith("ADR12")]


def key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["device"], row["interface"], row["use"]


@pytest.mark.parametrize(("use", "fabric"), [("host", "inband"), ("management", "oob")])
def test_a_host_keeps_a_free_address_of_its_subnet(use: str, fabric: str) -> None:
    row = one(use, fabric)
    network = ipaddress.ip_interface(f"{row['address']}/{row['prefix_length']}").network
    free = str(network.broadcast_address - 1)
    found = site((row["device"], row["interface"], f"{free}/{network.prefixlen}"))
    assert changed(found) == {key(row): free}
    assert codes(found) == []


@pytest.mark.parametrize(("use", "address"), [("loopback", "192.0.2.7"), ("vtep", "192.0.2.8")])
def test_a_switch_keeps_loopback_and_tunnel_end_apart(use: str, address: str) -> None:
    row = one(use, "compute")
    found = site((row["device"], "lo", address, use))
    assert changed(found) == {key(row): address}
    assert codes(found) == []


def test_without_a_use_the_loopback_is_meant() -> None:
    row = one("loopback", "compute")
    assert changed(site((row["device"], "lo", "192.0.2.7"))) == {key(row): "192.0.2.7"}


@pytest.mark.parametrize("column", ["address", "ipv6"])
def test_the_other_end_of_a_routed_link_comes_along(column: str) -> None:
    row = one("point-to-point", "compute", column)
    old = ipaddress.ip_address(row[column])
    # A place of its rail that is free: the last pair of it, or of the unit's 16 bits.
    rails = PLAIN.tables.rail_networks.filter(pl.col("su").is_null())["network"].to_list()
    rail = next((n for n in map(ipaddress.ip_network, rails) if old in n), None)
    new = rail[-1] if rail else type(old)(int(old) | 0xFFFF)
    found = changed(site((row["device"], row["interface"], str(new))), column)
    assert len(found) == 2
    assert found.pop(key(row)) == str(new)
    (((_, _, use), other),) = found.items()
    assert (use, int(ipaddress.ip_address(other))) == ("point-to-point", int(new) ^ 1)


def test_an_ipv6_host_keeps_an_address_of_its_subnet_and_its_ipv4_address() -> None:
    row = one("host", "inband", "ipv6")
    new = str(ipaddress.ip_address(row["ipv6"]) + 0xABC0000)
    found = site((row["device"], row["interface"], f"{new}/64"))
    assert changed(found, "ipv6") == {key(row): new}
    assert changed(found) == {}
    assert codes(found) == []


def test_two_hosts_of_a_subnet_may_change_places() -> None:
    a, b = one("host", "inband"), one("host", "inband", nth=1)
    b = next(
        row
        for row in TABLE.filter((pl.col("use") == "host") & (pl.col("fabric") == "inband")).iter_rows(named=True)
        if row["address"] != a["address"] and row["address"].rsplit(".", 1)[0] == a["address"].rsplit(".", 1)[0]
    )
    found = site((a["device"], a["interface"], b["address"]), (b["device"], b["interface"], a["address"]))
    assert changed(found) == {key(a): b["address"], key(b): a["address"]}
    assert codes(found) == []


def test_what_is_allocated_as_it_follows_from_position_changes_nothing() -> None:
    rows = list(TABLE.filter(pl.col("address").is_not_null()).iter_rows(named=True))
    rows = random.Random(7).sample(rows, 60)
    four = [(r["device"], r["interface"], f"{r['address']}/{r['prefix_length']}", r["use"]) for r in rows]
    six = [(r["device"], r["interface"], r["ipv6"], r["use"]) for r in rows if r["ipv6"]]
    found = site(*four, *six)
    assert (changed(found), changed(found, "ipv6"), codes(found)) == ({}, {}, [])


def of(code: str, found: Design) -> str:
    (finding,) = [f for f in found.findings if f.code == code]
    assert finding.at.startswith("network.allocations[")
    return f"{finding.message} {finding.hint}"


def test_an_address_that_somebody_has_by_position_names_both_and_moves_neither() -> None:
    a = one("loopback", "compute")
    b = one("loopback", "compute", nth=1)
    found = site((a["device"], "lo", b["address"]))
    said = of("ADR123", found)
    assert f"{a['device']} lo (pinned)" in said
    assert f"{b['device']} lo (by its position)" in said
    assert changed(found) == {key(a): b["address"]}


@pytest.mark.parametrize(
    ("use", "fabric", "address", "said"),
    [
        ("host", "inband", "192.0.2.9", "outside of its subnet"),
        ("host", "inband", "2001:db8:f::9", "outside of its subnet"),
        ("point-to-point", "compute", "192.0.2.9", "outside of its rail's network"),
        ("loopback", "compute", "198.51.100.9", "reserved"),
        ("loopback", "compute", "192.0.2.9/24", "/24, and its network has /32"),
    ],
)
def test_an_address_that_does_not_fit_is_told_and_left_out(use: str, fabric: str, address: str, said: str) -> None:
    row = one(use, fabric) if use != "point-to-point" else host_link()
    found = site((row["device"], row["interface"], address), reserved=["198.51.100.0/24"])
    assert said in of("ADR122", found)
    assert (changed(found), changed(found, "ipv6")) == ({}, {})


def host_link() -> dict[str, Any]:
    rows = TABLE.filter((pl.col("use") == "point-to-point") & pl.col("device").str.contains("-n01$"))
    return rows.row(0, named=True)


@pytest.mark.parametrize(("place", "said"), [(0, "itself"), (1, "gateway"), (-1, "broadcast")])
def test_a_host_has_none_of_the_subnets_own_addresses(place: int, said: str) -> None:
    row = one("host", "inband")
    network = ipaddress.ip_interface(f"{row['address']}/{row['prefix_length']}").network
    assert said in of("ADR122", site((row["device"], row["interface"], str(network[place]))))


def test_ends_of_one_link_that_are_no_pair_are_told() -> None:
    rows = TABLE.filter((pl.col("use") == "point-to-point") & (pl.col("fabric") == "compute"))
    links = {str(ipaddress.ip_address(r["address"])): r for r in rows.iter_rows(named=True)}
    a = host_link()
    b = links[str(ipaddress.ip_address(int(ipaddress.ip_address(a["address"])) ^ 1))]
    found = site((a["device"], a["interface"], "10.0.9.1"), (b["device"], b["interface"], "10.0.9.4"))
    assert codes(found) == ["ADR122", "ADR122"]
    assert changed(found) == {}


def test_a_loopback_among_hosts_is_told() -> None:
    inside = one("host", "inband")["address"]
    assert "a network of hosts" in of("ADR122", site((one("loopback", "compute")["device"], "lo", inside)))


def test_names_that_the_design_lacks_come_with_the_nearest() -> None:
    row = one("host", "inband")
    said = of("ADR121", site((row["device"] + "x", row["interface"], row["address"])))
    assert f"did you mean {row['device']}" in said
    assert row["interface"] in of("ADR121", site((row["device"], row["interface"] + "0", row["address"])))
    assert "with the use vtep" in of("ADR121", site((row["device"], row["interface"], row["address"], "vtep")))


def test_many_of_one_kind_are_counted() -> None:
    found = site(*((f"none-{number}", "lo", "192.0.2.1") for number in range(500)))
    messages = [f.message for f in found.findings if f.code == "ADR121"]
    assert len(messages) == 10
    assert messages[-1].endswith("490 more like it")


@pytest.mark.parametrize("address", ["10.0.0", "10.0.0.1/33", "host", "10.0.0.1 ", "::g"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        site(("a", "lo", address))


def test_one_interface_has_one_address_of_a_kind() -> None:
    with pytest.raises(ValueError, match=r"two addresses: 192\.0\.2\.1 and 192\.0\.2\.2"):
        site(("a", "lo", "192.0.2.1"), ("a", "lo", "192.0.2.2"))


def test_one_address_of_an_interface_is_given_once_with_and_without_its_use() -> None:
    name = one("loopback", "compute")["device"]
    found = site((name, "lo", "192.0.2.1"), (name, "lo", "192.0.2.2", "loopback"))
    assert "both given" in of("ADR122", found)
