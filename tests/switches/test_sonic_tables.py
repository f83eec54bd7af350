"""SONiC's tables against their description: every kind of break is named, as SONiC itself would not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from gigasite.render.switch.members import read_members
from gigasite.render.switch.validate import problems

Config = dict[str, dict[str, dict[str, str]]]

GOOD: Config = {
    "DEVICE_METADATA": {
        "localhost": {
            "hostname": "leaf01",
            "platform": "x86_64-nvidia_sn5600-r0",
            "hwsku": "ACS-SN5600",
            "type": "LeafRouter",
            "docker_routing_config_mode": "split-unified",
            "frr_mgmt_framework_config": "true",
            "buffer_model": "dynamic",
            "synchronous_mode": "enable",
            "default_pfcwd_status": "disable",
        }
    },
    "PORT": {
        "Ethernet0": {
            "lanes": "0,1,2,3",
            "alias": "etp1a",
            "index": "1",
            "speed": "400000",
            "mtu": "9216",
            "admin_status": "up",
            "fec": "rs",
            "description": "node-01 eth1",
        },
        "Ethernet4": {
            "lanes": "4,5,6,7",
            "alias": "etp1b",
            "index": "1",
            "speed": "400000",
            "mtu": "9216",
            "admin_status": "up",
            "fec": "rs",
        },
    },
    "INTERFACE": {"Ethernet0": {"ipv6_use_link_local_only": "enable"}, "Ethernet0|10.0.0.0/31": {}},
    "VLAN": {"Vlan100": {"vlanid": "100"}},
    "VLAN_MEMBER": {"Vlan100|Ethernet4": {"tagging_mode": "untagged"}},
    "VLAN_INTERFACE": {"Vlan100": {}, "Vlan100|10.1.0.1/24": {}},
    "DSCP_TO_TC_MAP": {"ROCE": {"0": "0", "26": "3"}},
    "TC_TO_QUEUE_MAP": {"ROCE": {"0": "0", "3": "3"}},
    "TC_TO_PRIORITY_GROUP_MAP": {"ROCE": {"0": "0", "3": "3"}},
    "MAP_PFC_PRIORITY_TO_QUEUE": {"ROCE": {"3": "3"}},
    "PORT_QOS_MAP": {
        "Ethernet0": {
            "dscp_to_tc_map": "ROCE",
            "tc_to_queue_map": "ROCE",
            "tc_to_pg_map": "ROCE",
            "pfc_to_queue_map": "ROCE",
            "pfc_enable": "3",
        }
    },
    "SCHEDULER": {"data": {"type": "DWRR", "weight": "50"}},
    "WRED_PROFILE": {
        "ROCE": {
            "ecn": "ecn_all",
            **{f"wred_{colour}_enable": "true" for colour in ("green", "yellow", "red")},
            **{f"{colour}_min_threshold": "150000" for colour in ("green", "yellow", "red")},
            **{f"{colour}_max_threshold": "1500000" for colour in ("green", "yellow", "red")},
            **{f"{colour}_drop_probability": "10" for colour in ("green", "yellow", "red")},
        }
    },
    "QUEUE": {"Ethernet0|3": {"scheduler": "data", "wred_profile": "ROCE"}},
    "PFC_WD": {
        "GLOBAL": {"POLL_INTERVAL": "100"},
        "Ethernet0": {"action": "drop", "detection_time": "200", "restoration_time": "200"},
    },
}


def broken(change: Callable[[Any], object]) -> tuple[str, ...]:
    config = copy.deepcopy(GOOD)
    change(config)
    return problems("sonic", json.dumps(config))


def printed(config: Config) -> str:
    """As our template prints it: a line a row, tables two spaces in."""
    tables = (f'"{name}": {json.dumps(rows)}' for name, rows in config.items())
    return "{\n  " + ",\n  ".join(tables) + "\n}\n"


def test_a_sound_configuration_has_no_problem():
    assert problems("sonic", json.dumps(GOOD)) == ()
    assert problems("sonic", printed(GOOD)) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.update(PORTS={}), "PORTS: no such table"),
        (lambda c: c["PORT"]["Ethernet0"].update(sped="1"), "PORT|Ethernet0: sped: no such field"),
        (lambda c: c["PORT"]["Ethernet0"].pop("lanes"), "PORT|Ethernet0: lanes: missing"),
        (lambda c: c["PORT"]["Ethernet0"].update(mtu="9217"), "9217 is no whole number of 68 to 9216"),
        (lambda c: c["PORT"]["Ethernet0"].update(mtu=["9100"]), "fields of text expected"),
        (lambda c: c["PORT"]["Ethernet0"].update(mtu=9100), "fields of text expected"),
        (lambda c: c["PORT"].update(swp1=c["PORT"].pop("Ethernet4")), "'swp1' does not fit"),
        (lambda c: c["PORT"]["Ethernet4"].update(lanes="3,4,5,6"), "PORT: lane 3 is in 2 ports"),
        (lambda c: c["PORT"]["Ethernet4"].update(alias="etp1a"), "alias etp1a stands in 2 rows"),
        (lambda c: c["INTERFACE"].pop("Ethernet0"), "INTERFACE|Ethernet0|10.0.0.0/31: no Ethernet0 in INTERFACE"),
        (lambda c: c["INTERFACE"].update({"Ethernet8": {}}), "no Ethernet8 in PORT"),
        (lambda c: c["INTERFACE"].update({"Ethernet0|10.0.0/31": {}}), "does not fit"),
        (lambda c: c["INTERFACE"]["Ethernet0"].update(vrf_name="Vrf1"), "no Vrf1 in VRF"),
        (lambda c: c["INTERFACE"].update({"Ethernet4": {}}), "VLAN_MEMBER: Ethernet4 is a routed interface"),
        (lambda c: c["VLAN"]["Vlan100"].update(vlanid="101"), "vlanid 101 is another one"),
        (lambda c: c["DSCP_TO_TC_MAP"]["ROCE"].update({"64": "3"}), "64 is no whole number of 0 to 63"),
        (lambda c: c["DSCP_TO_TC_MAP"]["ROCE"].pop("26"), "no DSCP leads to the paused priority 3"),
        (lambda c: c["QUEUE"]["Ethernet0|3"].update(wred_profile="other"), "no other in WRED_PROFILE"),
        (lambda c: c["QUEUE"]["Ethernet0|3"].pop("wred_profile"), "a paused queue has no wred_profile"),
        (lambda c: c["WRED_PROFILE"]["ROCE"].update(green_max_threshold="1"), "green_max_threshold is below"),
        (lambda c: c["PFC_WD"]["GLOBAL"].update(POLL_INTERVAL="400"), "detection_time is below POLL_INTERVAL"),
        (lambda c: c["PORT_QOS_MAP"]["Ethernet0"].pop("tc_to_pg_map"), "has no map to its group and queue"),
        (lambda c: c["PORT_QOS_MAP"]["Ethernet0"].update(pfc_enable="8"), "'8' does not fit"),
    ],
)
def test_each_kind_of_break_is_named(change: Callable[[Any], object], says: str):
    assert any(says in problem for problem in broken(change))


def test_tables_that_were_sound_elsewhere_are_refused_where_what_they_refer_to_is_missing():
    assert problems("sonic", printed(GOOD)) == ()
    other = copy.deepcopy(GOOD)
    other["PORT"]["Ethernet8"] = other["PORT"].pop("Ethernet4")
    assert problems("sonic", printed(other)) == ("VLAN_MEMBER|Vlan100|Ethernet4: no Ethernet4 in PORT",)
    other = copy.deepcopy(GOOD)
    del other["DSCP_TO_TC_MAP"]["ROCE"]["26"]
    assert problems("sonic", printed(other)) == ("PORT_QOS_MAP|Ethernet0: no DSCP leads to the paused priority 3",)


def test_a_problem_stands_whether_the_file_was_seen_before_or_not():
    bad = printed(GOOD).replace('"mtu": "9216"', '"mtu": "9217"')
    assert problems("sonic", bad) == problems("sonic", bad) != ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{\n  "PORT": {},\n  "VLAN" {}\n}\n',
        '{\n  "PORT": {}, }\n}\n',
        '{\n  "PORT": {},\n  "PORT": {}\n}\n',
    ],
)
def test_what_is_no_object_or_says_a_name_twice_is_refused(text: str):
    assert problems("sonic", text) != ()


def test_a_file_reads_the_same_however_it_is_printed():
    for text in (printed(GOOD), json.dumps(GOOD), json.dumps(GOOD, indent=2) + "\n"):
        members = read_members(text)
        assert members is not None
        assert {member.name: member.value for member in members} == GOOD
