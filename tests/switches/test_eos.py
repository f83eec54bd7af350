"""EOS beside pyavd: the structured configuration is valid there, and comes out as the very same command lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyavd
import pytest
import yaml

from gigasite.render.switch.model import Switch
from gigasite.render.switch.render import rendered, validate
from gigasite.render.switch.validate import problems
from tests.switches.readers import Line, read_lines
from tests.switches.variants import everything, leaf_and_spine, without_hosts_addresses


def cases() -> dict[str, Switch]:
    leaf, spine = leaf_and_spine("eos")
    return {
        "leaf": leaf,
        "spine": spine,
        "everything": everything("eos"),
        "without-rdma": replace(leaf, qos=None),
        "without-addresses": without_hosts_addresses(leaf),
        "without-watchdog": replace(leaf, qos=replace(leaf.qos, pfc_watchdog_ms=None, adaptive_routing=False)),
    }


CASES = cases()


def structured(switch: Switch) -> dict[str, Any]:
    return yaml.safe_load(rendered(switch)["structured-config.yml"])


def blocks(text: str) -> list[Any]:
    """Lines and what is below each, in an order of their own: EOS takes them in any."""

    def of(lines: tuple[Line, ...]) -> list[Any]:
        return sorted((line.text, of(line.below)) for line in lines if line.text != "end")

    return of(read_lines(text))


@pytest.mark.parametrize("name", CASES)
def test_our_lines_pass_our_own_check(name):
    switch = CASES[name]
    assert list(validate(switch, rendered(switch))) == []


@pytest.mark.parametrize("name", CASES)
def test_the_structured_configuration_is_valid_for_pyavd(name):
    result = pyavd.validate_structured_config(structured(CASES[name])).validation_result
    assert (list(result.violations), list(result.ignored_eos_config_keys)) == ([], [])


@pytest.mark.parametrize("name", CASES)
def test_pyavd_makes_the_same_lines_of_it(name):
    switch = CASES[name]
    theirs = pyavd.get_device_config(structured(switch))
    assert blocks(theirs) == blocks(rendered(switch)["startup-config"])


@pytest.mark.parametrize(
    "broken",
    [
        {"ethernet_interfaces": [{"name": "Ethernet1/1", "mtu": 70_000}]},
        {"ethernet_interfaces": [{"name": "Ethernet1/1", "speed": "450g-4"}]},
        {"router_bgp": {"as": "1", "peer_groups": [{"name": "UP", "maximum_routes": -1}]}},
        {"vlans": [{"number": 100}]},
        {"hostname": ["a", "b"]},
    ],
)
def test_pyavd_refuses_a_broken_structured_configuration(broken):
    text = {**structured(CASES["leaf"]), **broken}
    assert list(pyavd.validate_structured_config(text).validation_result.violations)


@pytest.mark.parametrize(
    ("good", "broken", "problem"),
    [
        ("speed 400g-4", "speed 450g-4", "'speed 450g-4' may not stand here"),
        ("service-profile ROCE", "service-profile ROCEV2", "no qos-profile ROCEV2"),
        ("maximum-paths 32 ecmp 32", "maximum-paths 32 ecpm 32", "may not stand here"),
        ("interface Ethernet33/1", "interface Ethernet33/2", "no interface Ethernet33/1"),
        ("ssl profile SWITCH\n      tls", "ssl profile SWITCHES\n      tls", "no ssl-profile SWITCH"),
        ("   no switchport", "   no switchprot", "may not stand here"),
    ],
)
def test_we_refuse_broken_lines(good, broken, problem):
    text = rendered(CASES["leaf"])["startup-config"]
    assert good in text
    assert any(problem in found for found in problems("eos", text.replace(good, broken, 1)))


def test_names_and_speeds_are_those_of_the_electrical_lanes():
    leaf = CASES["leaf"]
    assert [port.name for port in leaf.interfaces[:3]] == ["Ethernet1/1", "Ethernet1/5", "Ethernet2/1"]
    assert [port.serdes_count for port in leaf.interfaces[:2]] == [4, 4]
    whole = replace(leaf, interfaces=tuple(p._replace(lane_count=1, gbps=800, serdes_count=8) for p in leaf.interfaces))
    assert "   speed 800g-8\n" in rendered(whole)["startup-config"]
    slow = replace(leaf, interfaces=tuple(p._replace(lane_count=1, gbps=200, serdes_count=8) for p in leaf.interfaces))
    assert "   speed 200g\n" in rendered(slow)["startup-config"]
