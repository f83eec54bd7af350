"""Holds a startup.yaml of NVUE against its JSON Schema, and what it refers to against what it defines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema_rs
import yaml
import yaml12

from gigasite.render.switch.nvue_outline import outline

Node: TypeAlias = Mapping[str, Any]


def nvue_problems(text: str, schema: Path) -> Iterator[str]:
    """All that is wrong with a startup.yaml; references are looked at once its form is sound."""
    validator = _validator(schema)
    try:
        document = outline(text)
    except ValueError as error:
        yield str(error)
        return
    # What is wrong is told from the file itself, whose values the outline leaves out.
    if document is None or not validator.is_valid(document) or any(_references(document[1]["set"])):
        yield from _problems(text, validator)


def _problems(text: str, validator: jsonschema_rs.Draft7Validator) -> Iterator[str]:
    try:
        document: Any = yaml12.parse_yaml(text)  # PyYAML takes ten times as long
    except ValueError as error:
        yield f"no YAML: {error}"
        return
    faults = [_told(error) for error in validator.iter_errors(document)]
    yield from faults or _references(document[1]["set"])


def _references(config: Node) -> Iterator[str]:
    yield from _interfaces(config)
    yield from _policies(config)
    yield from _sessions(config)


@lru_cache(maxsize=4)
def _validator(schema: Path) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(yaml.safe_load(schema.read_text(encoding="utf-8")))


def _told(error: jsonschema_rs.ValidationError) -> str:
    return f"{'.'.join(map(str, error.instance_path[2:]))}: {error.message}"


def _interfaces(config: Node) -> Iterator[str]:
    """VLANs and VRFs that interfaces belong to; parts of a port exist where the port is split into as many."""
    vlans = config.get("bridge", {}).get("domain", {}).get("br_default", {}).get("vlan", {})
    interfaces = config["interface"]
    for name, interface in interfaces.items():
        vlan = interface.get("vlan") or interface.get("bridge", {}).get("domain", {}).get("br_default", {}).get(
            "access"
        )
        if vlan is not None and str(vlan) not in vlans:
            yield f"interface {name}: no VLAN {vlan} in br_default"
        vrf = interface.get("vrf", "mgmt")
        if vrf != "mgmt" and vrf not in config.get("vrf", {}):
            yield f"interface {name}: no VRF {vrf}"
        port, split, part = _parts(name)
        if split:
            modes = interfaces.get(port, {}).get("link", {}).get("breakout", {})
            if not any(int(part) < int(mode.removesuffix("x")) for mode in modes):
                yield f"interface {name}: {port} is not split so"


def _parts(name: str) -> tuple[str, str, str]:
    """`swp1s0`: the port, a mark where it is a part of one, and which."""
    port, split, part = name.removeprefix("swp").partition("s")
    return f"swp{port}", split, part


def _policies(config: Node) -> Iterator[str]:
    policy = config.get("router", {}).get("policy", {})
    for name, route_map in policy.get("route-map", {}).items():
        for rule in route_map["rule"].values():
            prefixes = rule["match"]["ip-prefix-list"]
            if prefixes not in policy["prefix-list"]:
                yield f"route-map {name}: no prefix-list {prefixes}"


def _sessions(config: Node) -> Iterator[str]:
    """Peer groups, interfaces, route maps and profiles that BGP rests on."""
    router = config.get("router", {})
    maps = router.get("policy", {}).get("route-map", {})
    for name, vrf in config.get("vrf", {}).items():
        bgp = vrf["router"]["bgp"]
        groups = bgp.get("peer-group", {})
        for neighbour, session in bgp.get("neighbor", {}).items():
            if session["peer-group"] not in groups:
                yield f"neighbor {neighbour}: no peer-group {session['peer-group']}"
            if session["type"] == "unnumbered" and neighbour not in config["interface"]:
                yield f"neighbor {neighbour}: no such interface"
        used = [family["redistribute"]["connected"].get("route-map") for family in _families(bgp["address-family"])]
        for group in groups.values():
            if group["bfd"]["profile"] not in router["bfd"]["profile"]:
                yield f"vrf {name}: no BFD profile {group['bfd']['profile']}"
            for family in _families(group["address-family"]):
                used += [family["policy"][way]["route-map"] for way in ("inbound", "outbound")]
        yield from (f"vrf {name}: no route-map {wanted}" for wanted in used if wanted and wanted not in maps)


def _families(families: Node) -> list[Node]:
    return [family for key, family in families.items() if key != "l2vpn-evpn"]
