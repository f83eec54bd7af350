"""Exports of an IPAM become the allocations of a site file; what does not fit is told."""

from __future__ import annotations

import csv
import io
import ipaddress
import json
import random
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigasite.design.ipam.fit import fit
from gigasite.design.ipam.netbox import Held, read_export
from gigasite.errors import GigasiteError
from tests.design.test_address_plan import assert_behind_one_leaf
from tests.design.test_allocated_subnets import PLAIN, misfits, site

HOSTS = PLAIN.tables.addresses.filter(use="host", fabric="storage", interface="stor1").sort("device")
LINKS = PLAIN.tables.addresses.filter(use="point-to-point", interface="rail1").sort("device")
STORAGE_SUBNET = PLAIN.tables.subnets.filter(fabric="storage").row(0, named=True)

ROWS = HOSTS.select("device", "interface", "address", "prefix_length").head(4).rows()


def as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def ip_rows(addresses: list[str]) -> str:
    """As NetBox exports its table of addresses."""
    return as_csv(
        [
            {"IP Address": address, "Status": "Active", "Parent Object": device, "Interface": interface, "DNS Name": ""}
            for address, (device, interface, *_) in zip(addresses, ROWS, strict=True)
        ]
    )


def test_an_export_of_the_plan_itself_asks_for_nothing() -> None:
    found = fit(PLAIN, read_export(ip_rows([f"{row[2]}/{row[3]}" for row in ROWS])))
    assert found.as_planned_count == len(ROWS)
    assert found.section == {"network": {}}
    assert found.problems == ()


def test_addresses_that_differ_are_pinned_and_the_site_with_them_is_as_the_ipam_says() -> None:
    turned = [ROWS[1][2], ROWS[2][2], ROWS[0][2], ROWS[3][2]]
    found = fit(PLAIN, read_export(ip_rows([f"{address}/26" for address in turned])))
    assert found.problems == ()
    assert found.as_planned_count == 1
    after = site(**found.section["network"])
    assert misfits(after) == []
    for address, (device, interface, *_) in zip(turned, ROWS, strict=True):
        assert after.tables.addresses.filter(device=device, interface=interface)["address"].to_list() == [address]


def test_a_prefix_that_holds_a_subnets_hosts_pins_the_subnet() -> None:
    shift = int(ipaddress.ip_address("10.39.8.0")) - int(ipaddress.ip_network(STORAGE_SUBNET["network"])[0])
    there = [str(ipaddress.ip_address(row[2]) + shift) for row in ROWS]
    prefixes = as_csv([{"Prefix": "10.39.0.0/16", "VLAN": ""}, {"Prefix": "10.39.8.0/24", "VLAN": "storage (12)"}])
    found = fit(PLAIN, read_export(ip_rows(there)) + read_export(prefixes))
    assert found.problems == ()
    assert [(pin.subnet, pin.network) for pin in found.subnets] == [(STORAGE_SUBNET["network"], "10.39.8.0/24")]
    assert found.allocations == ()
    assert found.as_planned_count == len(ROWS)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1 << 16), column=st.sampled_from(["address", "ipv6"]), rows=st.sampled_from([HOSTS, LINKS]))
def test_whoever_has_others_addresses_by_position_makes_room_and_nobody_else_moves(
    seed: int, column: str, rows: pl.DataFrame
) -> None:
    deal = random.Random(seed)
    all_rows = rows.select("device", "interface", column).rows()
    chosen = deal.sample(all_rows, deal.randint(1, 12))
    places = deal.sample([text for _, _, text in all_rows], len(chosen))
    records = [{"address": a, "device": d, "interface": i} for (d, i, _), a in zip(chosen, places, strict=True)]
    found = fit(PLAIN, read_export(json.dumps(records)))
    assert found.problems == ()
    after = site(**found.section["network"])
    assert misfits(after) == []
    for record in records:
        own = after.tables.addresses.filter(device=record["device"], interface=record["interface"])
        assert own[column].to_list() == [record["address"]]
    assert sorted(after.tables.addresses[column].drop_nulls()) == sorted(PLAIN.tables.addresses[column].drop_nulls())
    assert_behind_one_leaf(after)


def test_answers_of_the_rest_interface_are_read() -> None:
    device, interface, address, length = ROWS[0]
    record: dict[str, Any] = {
        "id": 7,
        "address": f"{address}/{length}",
        "status": {"value": "active", "label": "Active"},
        "assigned_object": {"id": 3, "name": interface, "device": {"id": 1, "name": device}},
        "dns_name": "",
    }
    gone = {**record, "address": "10.36.0.77/26", "status": {"value": "deprecated"}}
    found = read_export(json.dumps({"count": 3, "results": [record, gone, {"id": 1, "prefix": "10.36.0.0/26"}]}))
    assert found.addresses == (Held(f"{address}/{length}", device, interface),)
    assert found.prefixes == ("10.36.0.0/26",)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"address": ROWS[0][2] + "/26", "device": "older-one", "interface": "eth0"}, "older-one's, and the design"),
        ({"address": STORAGE_SUBNET["gateway"] + "/26", "dns_name": "old-gw.example"}, "old-gw's, .* the gateway on"),
        ({"address": "10.36.0.9/26", "device": ROWS[0][0], "interface": "eth9"}, "has no interface eth9"),
        ({"address": "192.0.2.4/26", "device": ROWS[0][0], "interface": ROWS[0][1]}, "outside of"),
        ({"address": "10.36.0.9/99"}, "record 1"),
        ({"prefix": "10.36.0.8/29"}, "is a part of"),
    ],
)
def test_what_does_not_fit_is_told(record: dict[str, str], told: str) -> None:
    found = fit(PLAIN, read_export(json.dumps([record])))
    assert found.allocations == ()
    (problem,) = found.problems
    assert re.search(told, problem), problem


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "{", '{"count": 1}', '"x"', "[" * 100_000])
def test_what_is_no_export_is_one_sentence(text: str) -> None:
    with pytest.raises(GigasiteError, match="the export"):
        read_export(text)


@pytest.mark.parametrize(
    "record",
    [
        {"IP Address": "10.36.0.2/26", "Interface": "stor1", "Parent": "n1"},
        {"IP Address": "10.36.0.2/26", "Interface": "stor1", "Device/VM": "n1"},
        {"address": "10.36.0.2/26", "interfaces": [{"name": "stor1", "device": {"display": "n1"}}]},
        {"address": "10.36.0.2/26", "assigned_object": None, "dns_name": "stor1.n1.example.org"},
    ],
    ids=["netbox-4", "netbox-3", "nautobot", "dns-name"],
)
def test_device_and_interface_are_told_in_several_ways(record: dict[str, Any]) -> None:
    assert read_export(json.dumps([record])).addresses == (Held("10.36.0.2/26", "n1", "stor1"),)
