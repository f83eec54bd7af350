"""The inputs with which Arista's AVD designs the same two-tier Clos: same switches, cables, host links and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gigasite.catalog.load import Catalog
from gigasite.design.model import Design
from gigasite.render.switch.build import build_switches
from gigasite.render.switch.model import Interface, Switch


def avd_inputs(design: Design, catalog: Catalog, fabric: str) -> dict[str, dict[str, Any]]:
    """`eos_designs` inputs of each switch, by name: eBGP over unnumbered links, hosts on routed /31."""
    switches = build_switches(design, catalog, fabric)
    leaves = [switch for switch in switches if switch.tier == "leaf"]
    spines = [switch for switch in switches if switch.tier == "spine"]
    common = {
        "fabric_name": fabric,
        "design": {"type": "l3ls-evpn"},
        "underlay_routing_protocol": "ebgp",
        "overlay_routing_protocol": "none",
        "underlay_rfc5549": True,
        "mgmt_gateway": "172.16.0.1",
        "p2p_uplinks_mtu": switches[0].mtu,
        "bgp_maximum_paths": 64,
        "bgp_ecmp": 64,
        "spine": _nodes(spines, "10.254.0.0/16", [{} for _ in spines], {}),
        "l3leaf": _nodes(leaves, "10.255.0.0/16", [_uplinks(leaf) for leaf in leaves], {"mlag": False, "vtep": False}),
        "tenants": [{"name": "hosts", "vrfs": [{"name": "default", "l3_interfaces": _host_links(leaves)}]}],
    }
    kinds = {"leaf": "l3leaf", "spine": "spine"}
    return {switch.name: {**common, "type": kinds[switch.tier]} for switch in switches}


def _nodes(
    switches: Sequence[Switch], loopbacks: str, more: Sequence[dict[str, Any]], defaults: dict[str, Any]
) -> dict[str, Any]:
    nodes = [
        {
            "name": switch.name,
            "id": number,
            "bgp_as": str(switch.bgp.asn if switch.bgp else 0),
            "mgmt_ip": f"172.16.{number // 250}.{number % 250 + 2}/16",
            **own,
        }
        for number, (switch, own) in enumerate(zip(switches, more, strict=True), 1)
    ]
    return {"defaults": {"platform": "7060X6", "loopback_ipv4_pool": loopbacks, **defaults}, "nodes": nodes}


def _uplinks(leaf: Switch) -> dict[str, Any]:
    up = [port for port in leaf.interfaces if port.direction == "up"]
    return {
        "uplink_switches": [port.peer for port in up],
        "uplink_interfaces": [port.name for port in up],
        "uplink_switch_interfaces": [port.peer_port for port in up],
    }


def _host_links(leaves: Sequence[Switch]) -> list[dict[str, Any]]:
    def of(leaf: Switch, hosts: Sequence[Interface]) -> dict[str, Any]:
        return {
            "interfaces": [port.name for port in hosts],
            "nodes": [leaf.name] * len(hosts),
            "ip_addresses": [port.address for port in hosts],
            "descriptions": [port.description for port in hosts],
            "enabled": True,
            "mtu": leaf.host_mtu,
        }

    return [of(leaf, [port for port in leaf.interfaces if port.direction == "host"]) for leaf in leaves]
