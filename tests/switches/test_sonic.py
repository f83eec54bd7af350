"""SONiC: tables that its models allow, on the lanes of the platform."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gigasite.errors import GigasiteError
from gigasite.render.switch.build import build_switches
from gigasite.render.switch.model import Switch
from gigasite.render.switch.platforms import platforms
from gigasite.render.switch.render import rendered, validate
from gigasite.render.switch.validate import problems
from tests.switches.fabrics import design_of
from tests.switches.variants import everything, leaf_and_spine, without_hosts_addresses


def cases() -> dict[str, Switch]:
    leaf, spine = leaf_and_spine("sonic")
    return {
        "leaf": leaf,
        "spine": spine,
        "everything": everything("sonic"),
        "without-rdma": replace(leaf, qos=None),
        "without-addresses": without_hosts_addresses(leaf),
        "on-tomahawk": replace(leaf, model="7060x6-64pe"),
        "priority-0": replace(leaf, qos=replace(leaf.qos, priority=0, cnp_priority=1)),
    }


CASES = cases()


def config(name: str) -> dict[str, dict[str, dict[str, str]]]:
    return json.loads(rendered(CASES[name])["config_db.json"])


@pytest.mark.parametrize("name", CASES)
def test_all_files_pass_their_checks(name):
    switch = CASES[name]
    assert list(validate(switch, rendered(switch))) == []


@pytest.mark.parametrize(
    ("good", "broken", "problem"),
    [
        ('"speed": "400000"', '"speed": "4000000"', "4000000 is no whole number"),
        ('"admin_status": "up"', '"admin_state": "up"', "admin_state: no such field"),
        ('"Ethernet0|10.64.0.0/31"', '"Ethernet512|10.64.0.0/31"', "no Ethernet512 in INTERFACE"),
        ('"lanes": "4,5,6,7"', '"lanes": "3,4,5,6"', "lane 3 is in 2 ports"),
        ('"wred_profile": "ROCE"', '"wred_profile": "RED"', "no RED in WRED_PROFILE"),
        ('"INTERFACE": {', '"INTERFACES": {', "INTERFACES: no such table"),
        ("{", "", "no JSON"),
    ],
)
def test_a_broken_configuration_is_refused(good, broken, problem):
    text = rendered(CASES["leaf"])["config_db.json"]
    assert problems("sonic", text) == ()
    assert good in text
    assert any(problem in found for found in problems("sonic", text.replace(good, broken, 1)))


def test_ports_stand_on_the_lanes_of_the_platform():
    ports = config("leaf")["PORT"]
    assert (ports["Ethernet0"]["lanes"], ports["Ethernet0"]["alias"]) == ("0,1,2,3", "etp1a")
    assert (ports["Ethernet12"]["lanes"], ports["Ethernet12"]["alias"]) == ("12,13,14,15", "etp2b")
    assert config("on-tomahawk")["PORT"]["Ethernet0"]["lanes"] == "17,18,19,20"


def test_buffers_are_left_to_the_hardware_where_its_start_file_holds_them():
    assert "BUFFER_POOL" in config("leaf")
    assert not [table for table in config("on-tomahawk") if table.startswith("BUFFER")]


def test_lossless_headroom_knows_the_length_of_each_cable():
    lengths = config("leaf")["CABLE_LENGTH"]["AZURE"]
    assert {f"{port.cable_m}m" for port in CASES["leaf"].interfaces} == set(lengths.values())


@pytest.mark.parametrize("key", platforms("sonic"))
def test_no_lane_of_a_platform_is_in_two_ports(key):
    platform = platforms("sonic")[key]
    lanes = [lane for cage in range(1, len(platform.runs) + 1) for lane in platform.lanes(cage, 1, 1).split(",")]
    assert len(lanes) == len(set(lanes))
    names = [name for cage, (run, place) in enumerate(platform.runs) for name in [run.name + place * run.lanes]]
    assert names == sorted(set(names))


def test_a_switch_whose_lanes_nobody_states_is_refused():
    design, catalog = design_of("sonic", fabric={"switch": "sn5610"})
    with pytest.raises(GigasiteError, match="SONiC says nothing of the switch sn5610"):
        build_switches(design, catalog, "compute")
