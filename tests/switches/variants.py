"""A switch with everything that a configuration can say at once, and some with less: for tests of templates."""

from __future__ import annotations

from dataclasses import replace

from gigasite.render.switch.build import build_switches
from gigasite.render.switch.model import Bgp, Interface, Prefix, Switch, Vlan, Vrf
from tests.switches.fabrics import design_of

MODELS = {"eos": "7060x6-64pe"}
"""Switches that the system runs on, where the default one is not among them."""


def leaf_and_spine(os: str) -> tuple[Switch, Switch]:
    """Of a small rail-optimised fabric."""
    design, catalog = design_of(os, fabric={"switch": MODELS.get(os, "sn5600")})
    switches = build_switches(design, catalog, "compute")
    return next(s for s in switches if s.tier == "leaf"), next(s for s in switches if s.tier == "spine")


def everything(os: str) -> Switch:
    """A leaf with VLANs, a VRF with tunnels, IPv6, numbered links, and a managed port."""
    leaf, _ = leaf_and_spine(os)
    assert leaf.bgp is not None
    vrf = {"sonic": "Vrf-lab-a"}.get(os, "lab-a")
    hosts = [interface for interface in leaf.interfaces if interface.direction == "host"]
    switched = hosts[1]._replace(address=None, vlan=100)
    tenant = hosts[2]._replace(vrf=vrf)
    changed = {hosts[1].port: switched, hosts[2].port: tenant}
    changed[hosts[0].port] = hosts[0]._replace(ipv6="2001:db8::1/127")
    trunks = [interface for interface in leaf.interfaces if interface.direction != "host"]
    numbered = {t.port: t._replace(address=f"10.70.0.{2 * n}/31") for n, t in enumerate(trunks)}
    interfaces = tuple({**{i.port: i for i in leaf.interfaces}, **changed, **numbered}[i.port] for i in leaf.interfaces)
    neighbours = tuple(x._replace(address=f"10.70.0.{2 * n + 1}") for n, x in enumerate(leaf.bgp.neighbours))
    return replace(
        leaf,
        interfaces=interfaces,
        vlans=(Vlan(100, "train-su001-host", "10.72.1.1/24", "2001:db8:1::1/64", vrf, (switched.name,), None),),
        vrfs=(Vrf(vrf, 50_001, 4000, f"{leaf.loopback}:4000", "1:50001", ()),),
        loopback_ipv6="2001:db8::ff",
        vtep="10.72.255.1",
        management=replace(leaf.management, address="10.32.0.5/24", gateway="10.32.0.1"),
        bgp=_with_ipv6(replace(leaf.bgp, neighbours=neighbours, evpn=True)),
    )


def without_hosts_addresses(switch: Switch) -> Switch:
    """As where the site has no supernet for the fabric: no address, no routing."""
    bare: tuple[Interface, ...] = tuple(i._replace(address=None, ipv6=None) for i in switch.interfaces)
    return replace(switch, interfaces=bare, loopback=None, bgp=None)


def _with_ipv6(bgp: Bgp) -> Bgp:
    fabric = (Prefix(1, "2001:db8::/32", 128, True),)
    own = (Prefix(1, "2001:db8::ff/128", 128, False), Prefix(2, "2001:db8:1::/64", 128, True))
    return replace(bgp, fabric_ipv6=fabric, own_ipv6=own)
