"""Models of switches: what the design decided, per port and per session."""

from __future__ import annotations

import pytest

from gigasite.errors import GigasiteError
from gigasite.render.switch.build import build_switches
from gigasite.render.switch.model import Switch
from tests.switches.fabrics import design_of, with_policy


@pytest.fixture(scope="module")
def switches() -> dict[str, Switch]:
    design, catalog = design_of()
    return {switch.name: switch for switch in build_switches(design, catalog, "compute")}


def test_every_used_port_of_a_switch_is_an_interface_with_its_peer(switches):
    design, _ = design_of()
    cables = design.tables.cables.filter(fabric="compute")
    to_hosts = cables.filter(tier="node-leaf").height
    assert sum(len(switch.interfaces) for switch in switches.values()) == 2 * cables.height - to_hosts
    leaf = switches["test-compute-train-su001-leaf01"]
    first = leaf.interfaces[0]
    assert (first.name, first.peer, first.peer_port) == ("swp1s0", "test-train-su001-r01-n01", "rail1")
    assert (first.direction, first.gbps, first.lane_count, first.mtu) == ("host", 400, 2, 9000)
    assert first.address == "10.64.0.0/31"
    uplink = next(interface for interface in leaf.interfaces if interface.direction == "up")
    far = {interface.name: interface for interface in switches[uplink.peer].interfaces}[uplink.peer_port]
    assert (far.peer, far.peer_port, far.direction) == (leaf.name, uplink.name, "down")


def test_a_session_runs_over_every_link_between_switches_and_none_to_hosts(switches):
    for switch in switches.values():
        links = [interface.name for interface in switch.interfaces if interface.direction != "host"]
        assert [neighbour.interface for neighbour in switch.bgp.neighbours] == links
        for neighbour in switch.bgp.neighbours:
            peer = next(i.peer for i in switch.interfaces if i.name == neighbour.interface)
            assert neighbour.remote_asn == switches[peer].bgp.asn


def test_leaves_use_all_uplinks_as_equal_paths(switches):
    leaf = switches["test-compute-train-su001-leaf01"]
    assert leaf.bgp.maximum_paths == sum(interface.direction == "up" for interface in leaf.interfaces)


def test_a_leaf_originates_its_hosts_as_blocks_and_carries_no_transit(switches):
    leaf = switches["test-compute-train-su001-leaf01"]
    assert [prefix.network for prefix in leaf.bgp.own] == [f"{leaf.loopback}/32", "10.64.0.0/26"]
    assert not leaf.bgp.transit
    assert switches["test-compute-spine001"].bgp.transit


def test_a_fabric_whose_system_nobody_states_is_refused():
    design, catalog = design_of(None)
    with pytest.raises(GigasiteError, match="nobody says what its switches run"):
        build_switches(design, catalog, "compute")


def test_an_unknown_system_is_refused_with_those_that_are_known():
    design, catalog = design_of()
    with pytest.raises(GigasiteError, match="no switch operating system 'ios'"):
        build_switches(with_policy(design, "ios"), catalog, "compute")
