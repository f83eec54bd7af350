"""Subnets that exist already elsewhere: gateway and hosts go along, all else stays, misfits are told."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

from gigasite.design.model import Design
from tests.design.sites import design, pool
from tests.design.test_address_plan import IPV6, assert_behind_one_leaf

SUPERNETS = {"compute": "10.64.0.0/12", "storage": "10.36.0.0/14", "inband": "10.40.0.0/14", "oob": "10.32.0.0/14"}


def site(units: int = 1, **network: Any) -> Design:
    return design(
        pool("dgx-h100", scalable_units=units, build_to_scalable_units=4),
        fabrics={
            "compute": {"roles": ["compute"], "switch": "sn5600", "numbering": "numbered"},
            "storage": {"roles": ["storage"], "switch": "sn5600"},
        },
        network={"supernets": SUPERNETS, "ipv6": IPV6, **network},
    )


def misfits(found: Design) -> list[str]:
    return [finding.message for finding in found.findings if finding.code.startswith("ADR12")]


PLAIN = site()
STORAGE = PLAIN.tables.subnets.filter(fabric="storage")["network"].to_list()


@pytest.mark.parametrize("there", ["10.39.240.0/24", "10.39.240.64/26"])
def test_a_subnet_takes_its_gateway_and_hosts_along(there: str) -> None:
    row = PLAIN.tables.subnets.filter(fabric="storage").row(0, named=True)
    found = site(subnets=[{"subnet": row["network"], "network": there}])
    assert misfits(found) == []
    moved = found.tables.subnets.filter(device=row["device"], vlan=row["vlan"]).row(0, named=True)
    assert moved["network"] == there
    assert_behind_one_leaf(found)
    inside = found.tables.addresses.filter(pl.col("address").str.starts_with("10.39.240."))
    assert inside["prefix_length"].unique().to_list() == [int(there.partition("/")[2])]
    same = found.tables.addresses.join(inside, on=["device", "interface", "use"], how="anti")
    assert same.height == found.tables.addresses.height - inside.height
    assert same.join(PLAIN.tables.addresses, on=same.columns, how="anti", nulls_equal=True).height == 0


def test_an_ipv6_subnet_moves_by_itself() -> None:
    row = PLAIN.tables.subnets.filter(fabric="storage").row(0, named=True)
    there = "2001:db8:4f:ffff::/64"
    found = site(subnets=[{"subnet": row["ipv6_network"], "network": there}])
    assert misfits(found) == []
    assert found.tables.subnets.filter(network=row["network"])["ipv6_gateway"].to_list() == ["2001:db8:4f:ffff::1"]
    assert_behind_one_leaf(found)


def test_two_subnets_that_change_places_do() -> None:
    one, other = STORAGE[:2]
    found = site(subnets=[{"subnet": one, "network": other}, {"subnet": other, "network": one}])
    assert misfits(found) == []
    assert_behind_one_leaf(found)


def test_growth_leaves_a_subnet_that_is_elsewhere_there() -> None:
    entries = [{"subnet": STORAGE[0], "network": "10.39.240.0/24"}]
    before, after = site(1, subnets=entries).tables.addresses, site(3, subnets=entries).tables.addresses
    grown = {row[:4]: row for row in after.iter_rows()}
    assert all(grown[row[:4]] == row for row in before.iter_rows())


@pytest.mark.parametrize(
    ("subnet", "network", "message"),
    [
        ("10.36.255.0/26", "10.39.0.0/26", "gives out no subnet"),
        (STORAGE[0], "10.50.0.0/26", "outside of"),
        (STORAGE[0], STORAGE[1], "overlaps .* which another subnet of the design has"),
        (STORAGE[0], "10.38.0.0/24", "is a link's or a switch's"),
    ],
)
def test_what_does_not_fit_is_told_and_changes_nothing(subnet: str, network: str, message: str) -> None:
    found = site(subnets=[{"subnet": subnet, "network": network}])
    (told,) = misfits(found)
    assert re.search(message, told), told
    assert found.tables.addresses.equals(PLAIN.tables.addresses)


def test_a_subnet_whose_way_is_barred_by_a_refused_one_is_refused_too() -> None:
    one, other = STORAGE[:2]
    found = site(subnets=[{"subnet": one, "network": "10.50.0.0/26"}, {"subnet": other, "network": one}])
    assert len(misfits(found)) == 2
    assert found.tables.addresses.equals(PLAIN.tables.addresses)


@pytest.mark.parametrize("network", ["10.39.0.0/27", "2001:db8::/64"])
def test_a_network_that_can_not_hold_the_subnet_is_refused_when_it_is_read(network: str) -> None:
    with pytest.raises(ValueError, match=r"smaller|two versions"):
        site(subnets=[{"subnet": STORAGE[0], "network": network}])
