"""Every cable and every session has two ends that agree: in the model, and in what each operating system is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigasite.catalog.load import load_catalog
from gigasite.design.expand import expand
from gigasite.design.model import Design
from gigasite.render.switch.build import build_switches
from gigasite.render.switch.model import Switch
from gigasite.render.switch.platforms import platforms
from gigasite.render.switch.render import rendered, validate
from gigasite.spec.site import SiteSpec
from tests.switches.fabrics import with_policy
from tests.switches.readers import READERS
from tests.switches.variants import MODELS

CATALOG = load_catalog()
SMALL = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def sites(draw: st.DrawFn) -> dict[str, Any]:
    """Small Ethernet fabrics: sizes, rails, planes and oversubscription as they come."""
    system = draw(st.sampled_from(["dgx-h100", "dgx-h200", "dgx-b200"]))
    roles = draw(st.sampled_from([["compute"], ["compute", "storage", "inband"]]))
    return {
        "pools": [{"name": "train", "system": system, "nodes": draw(st.integers(1, 70))}],
        "roles": roles,
        "oversubscription": draw(st.sampled_from([1, 2, 3])),
        "rail_optimised": draw(st.booleans()),
        "qos": draw(st.booleans()),
        "numbering": draw(st.sampled_from(["unnumbered", "numbered"])),
        "overlay": draw(st.sampled_from(["none", "evpn"])),
    }


def switches_of(site: dict[str, Any], os: str) -> tuple[Design, tuple[Switch, ...]]:
    spec = SiteSpec.model_validate(
        {
            "name": "tiny",
            "pools": site["pools"],
            "fabrics": {
                "compute": {
                    "roles": site["roles"],
                    "switch": MODELS.get(os, "sn5600"),
                    "oversubscription": site["oversubscription"],
                    "rail_optimised": site["rail_optimised"],
                    "numbering": site["numbering"],
                    "overlay": site["overlay"],
                }
            },
            "network": {"supernets": {"compute": "10.64.0.0/10", "oob": "10.32.0.0/14"}},
        }
    )
    policy = {"numbering": site["numbering"], "overlay": site["overlay"], **({} if site["qos"] else {"qos": None})}
    design = with_policy(expand(spec, CATALOG), os, **policy)
    return design, build_switches(design, CATALOG, "compute")


@pytest.mark.parametrize("os", sorted(READERS))
@SMALL
@given(site=sites())
def test_every_session_of_the_model_has_two_ends_that_agree(os, site):
    _, switches = switches_of(site, os)
    by_name = {switch.name: switch for switch in switches}
    for switch in switches:
        ports = {port.name: port for port in switch.interfaces}
        for neighbour in switch.bgp.neighbours if switch.bgp else ():
            port = ports[neighbour.interface]
            peer = by_name[port.peer]
            far = {n.interface: n for n in peer.bgp.neighbours}[port.peer_port]
            far_port = {p.name: p for p in peer.interfaces}[port.peer_port]
            assert (far_port.peer, far_port.peer_port) == (switch.name, port.name)
            assert (neighbour.remote_asn, far.remote_asn) == (peer.bgp.asn, switch.bgp.asn)
            assert (far_port.gbps, far_port.mtu) == (port.gbps, port.mtu)
            assert neighbour.address == (far_port.address.split("/")[0] if far_port.address else None)


@pytest.mark.parametrize("os", sorted(READERS))
@SMALL
@given(site=sites())
def test_every_configuration_passes_its_check_and_names_ports_of_the_platform_once(os, site):
    _, switches = switches_of(site, os)
    for switch in switches:
        assert list(validate(switch, rendered(switch))) == []
        names = [port.name for port in switch.interfaces]
        assert len(names) == len(set(names))
        if platforms(os):
            assert all(port.cage <= len(platforms(os)[switch.model].runs) for port in switch.interfaces)


@pytest.mark.parametrize("os", sorted(READERS))
@SMALL
@given(site=sites())
def test_what_each_system_is_told_agrees_with_the_cables_and_with_the_other_end(os, site):
    design, switches = switches_of(site, os)
    said = {switch.name: READERS[os](rendered(switch)) for switch in switches}
    name_of = {(switch.name, port.port): port.name for switch in switches for port in switch.interfaces}
    ends = 0
    for cable in design.tables.cables.filter(fabric="compute").iter_rows(named=True):
        for own, far in (("a", "b"), ("b", "a")):
            name = name_of.get((cable[f"{own}_device"], cable[f"{own}_port"]))
            if name is None:
                assert cable[f"{own}_device"] not in said
                continue
            ends += 1
            device, _, port = said[cable[f"{own}_device"]].descriptions[name].partition(" ")
            assert device == cable[f"{far}_device"]
            if device in said:
                assert port == name_of[device, cable[f"{far}_port"]]
                assert said[device].descriptions[port] == f"{cable[f'{own}_device']} {name}"
    assert ends == sum(len(one.descriptions) for one in said.values())
    port_of = {
        address.split("/")[0]: (name, port) for name, one in said.items() for port, address in one.addresses.items()
    }
    for name, own in said.items():
        for session, asn in own.sessions.items():
            device, port = port_of.get(session) or tuple(own.descriptions[session].split(" "))
            back = said[device].addresses[port].split("/")[0] if session in port_of else port
            near = said[device].descriptions[port].split(" ")[1]
            assert said[device].descriptions[port].split(" ")[0] == name
            assert said[device].asn == asn
            key = own.addresses[near].split("/")[0] if session in port_of else back
            assert said[device].sessions[key] == own.asn
