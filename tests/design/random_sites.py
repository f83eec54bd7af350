"""Site files at random, of all kinds of networks, with a pool that grows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

RESERVED = ("10.0.0.0/16", "10.32.0.0/20", "192.168.0.0/16")
IPV6 = ("2001:db8::/32", "2001:db8:40::/40", "2001:db8:7:8000::/50", "fd00::/36", "2001::/28", "fd00::/52")
SYSTEMS = ("dgx-h100", "dgx-b300", "gb200-nvl72", "gb300-nvl72", "instinct-mi355x", "gaudi3-hls3")

_COMPUTE = (
    {},
    {"switch": "qm9700"},
    {"switch": "sn5600"},
    {"switch": "sn5610"},
    {"switch": "7060x6-64pe"},
    {"switch": "sn5600", "roles": ["compute", "storage"]},
    {"switch": "sn5600", "roles": ["compute", "storage", "inband"]},
    {"switch": "sn5600", "topology": "rail-only"},
    {"switch": "sn5600", "topology": "dragonfly", "dragonfly": {"group": "leaf-spine"}},
    {"switch": "sn5600", "topology": "dragonfly"},
)
_LAYOUT = (
    {},
    {},
    {"planes": 2},
    {"dual_tor": True},
    {"rail_optimised": False},
    {"leaf_scope": "rack"},
    {"nodes_per_leaf": 7},
    {"scalable_units_per_pod": 1},
)
_POLICY = ({}, {"numbering": "numbered"}, {"overlay": "evpn"}, {"numbering": "numbered", "overlay": "evpn"})


@st.composite
def growing_sites(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """One site twice: as it begins, and with its pools grown within what they build to."""
    compute = {"roles": ["compute"], **draw(st.sampled_from(_COMPUTE))}
    if compute.get("topology") not in ("rail-only", "dragonfly"):
        compute |= draw(st.sampled_from(_LAYOUT))
    if "switch" in compute and compute["switch"] != "qm9700":
        compute |= draw(st.sampled_from(_POLICY))
    network: dict[str, Any] = {"reserved": list(draw(st.sets(st.sampled_from(RESERVED))))}
    ipv6 = draw(st.one_of(st.none(), st.sampled_from(IPV6)))
    if ipv6:
        network["ipv6"] = ipv6
    site: dict[str, Any] = {"name": "test", "fabrics": {"compute": compute}, "network": network}
    if draw(st.booleans()):
        count, ports = draw(st.integers(1, 70)), draw(st.sampled_from([1, 2, 4]))
        site["storage"] = {"appliances": count, "ports_per_appliance": ports, "port_gbps": 200, "height_u": 2}
        site["storage"] |= {"max_kw": 1, "weight_kg": 30}
    first, second = [], []
    system = draw(st.sampled_from(SYSTEMS))
    for name in ("train", "serve", "lab")[: draw(st.integers(1, 3))]:
        build_to = draw(st.integers(1, 4))
        grown = draw(st.integers(1, build_to))
        pool = {"name": name, "system": system, "build_to_scalable_units": build_to}
        first.append({**pool, "scalable_units": draw(st.integers(1, grown))})
        second.append({**pool, "scalable_units": grown})
    return {**site, "pools": first}, {**site, "pools": second}
