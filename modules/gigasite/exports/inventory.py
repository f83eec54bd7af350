"""Inventories as Ansible reads them: nodes by pool, scalable unit and rack; switches by fabric and tier.

`ansible-playbook -i <build folder>/inventory` reads all files at once. What the design decided about a host
stands in its variable `gigasite`; playbooks compare machines with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import polars as pl

from gigasite.design.model import Design
from gigasite.exports.folders import Folder, beside, device_places
from gigasite.exports.text import json_rows
from gigasite.spec.pools import Role

_Groups: TypeAlias = Mapping[str, Any]  # an inventory's nested groups

_PLACE = ("rack", "unit", "hall", "row", "position")
_NODE_FACTS = ("pool", "su", "slot", "system", "gpu_count", "nvlink_domain", "spare", *_PLACE)
_SWITCH_FACTS = ("fabric", "tier", "plane", "rail", "pod", "model", "asn", *_PLACE)


def node_inventory(design: Design, pool: str) -> Folder:
    """The pool's nodes, one file a scalable unit, and the groups that the pool belongs to."""
    nodes = design.tables.nodes.filter(pl.col("pool") == pool).rename({"node": "device"})
    managed = [fabric.name for fabric in design.fabrics.values() if Role.OOB in fabric.roles]
    placed = _placed(design, nodes).with_columns(
        pl.lit(design.pools[pool].system).alias("system"), pl.lit(managed).alias("management")
    )
    counted = beside(placed, _port_counts(design, placed), "device")
    hosts = _hosts(design, counted, (*_NODE_FACTS, "ports", "management"), _node_addresses(design))
    pool_group = ansible_group("pool", pool)
    files = {"groups.yml": _yaml({group: {"children": {pool_group: {}}} for group in _roofs(design, pool)})}
    for (su,), part in hosts.partition_by("su", as_dict=True, maintain_order=True).items():
        unit = ansible_group(pool_group, f"su-{su:03d}")
        racks = part.group_by("rack", maintain_order=True).agg("line").iter_rows()
        lines = [
            line for rack, hosts_of in racks for line in _host_group(ansible_group("rack", rack), hosts_of, depth=4)
        ]
        path = ("nodes", pool_group, unit)
        files[f"su-{su:03d}.yml"] = _nested(path, lines)
    return Folder(name="inventory", path=f"inventory/pools/{pool}", files=files)


def switch_inventory(design: Design, fabric: str) -> Folder:
    """The fabric's switches, one file a tier."""
    devices = design.tables.devices.filter((pl.col("kind") == "switch") & (pl.col("fabric") == fabric))
    hosts = _hosts(design, _placed(design, devices), _SWITCH_FACTS, _switch_addresses(design))
    fabric_group = ansible_group("switches", fabric)
    files = {}
    for (tier,), part in hosts.partition_by("tier", as_dict=True, maintain_order=True).items():
        lines = _host_group(ansible_group(fabric_group, str(tier)), part["line"].to_list(), depth=3)
        files[f"{tier}.yml"] = _nested(("switches", fabric_group), lines)
    return Folder(name="inventory", path=f"inventory/fabrics/{fabric}", files=files)


def _roofs(design: Design, pool: str) -> Iterable[str]:
    """Groups that hold the whole pool: its system, its purpose, its fabrics and their roles."""
    yield ansible_group("system", design.pools[pool].system)
    yield ansible_group("purpose", design.pools[pool].purpose)
    attached = [fabric for fabric in design.fabrics.values() if pool in fabric.pools]
    yield from (ansible_group("fabric", fabric.name) for fabric in attached)
    yield from sorted({ansible_group("role", role) for fabric in attached for role in fabric.roles})


def _placed(design: Design, devices: pl.DataFrame) -> pl.DataFrame:
    places = device_places(design).select("device", "hall", "row", "position")
    return beside(devices, places, "device")


def _port_counts(design: Design, devices: pl.DataFrame) -> pl.DataFrame:
    """How many ports on the front of each device are cabled into each fabric: {fabric: count}."""
    ports = design.tables.ports.join(devices.select("device"), on="device", how="semi")
    tall = ports.group_by("device", "fabric").agg(pl.col("cage").n_unique()).sort("fabric")
    counts = tall.pivot("fabric", index="device", values="cage")
    fabrics = [name for name in counts.columns if name != "device"]
    named = pl.struct(pl.col(name).fill_null(0) for name in fabrics) if fabrics else pl.lit(None)
    return counts.select("device", named.alias("ports"))


def _node_addresses(design: Design) -> pl.DataFrame:
    """How a node's operating system is reached: an address in a fabric that carries inband traffic."""
    inband = [fabric.name for fabric in design.fabrics.values() if Role.INBAND in fabric.roles]
    return design.tables.addresses.filter(pl.col("fabric").is_in(inband) & (pl.col("use") == "host"))


def _switch_addresses(design: Design) -> pl.DataFrame:
    """How a switch is reached: its management address, else its loopback."""
    reached = design.tables.addresses.filter(pl.col("use").is_in(["management", "loopback"]))
    return reached.sort(pl.col("use") != "management", maintain_order=True)


def _hosts(design: Design, devices: pl.DataFrame, facts: tuple[str, ...], reached: pl.DataFrame) -> pl.DataFrame:
    """The devices with a column `line`: the host and its variables, as one line of YAML."""
    address = pl.struct("interface", "fabric", "use", "address", "prefix_length")
    own = design.tables.addresses.join(devices, on="device", how="semi", maintain_order="left")
    listed = own.group_by("device", maintain_order=True).agg(address.alias("addresses"))
    first = reached.unique("device", keep="first", maintain_order=True)
    reachable_at = first.select("device", pl.col("address").alias("ansible_host"))
    joined = beside(beside(devices, listed, "device"), reachable_at, "device")
    joined = joined.with_columns(pl.col("addresses").fill_null([]))
    decided = joined.with_columns(pl.struct(*facts, "addresses").alias("gigasite"))
    reachable = json_rows(("ansible_host", "gigasite"))
    variables = pl.when(pl.col("ansible_host").is_null()).then(json_rows(("gigasite",))).otherwise(reachable)
    return decided.with_columns(pl.format('"{}": {}', pl.col("device"), variables).alias("line"))


def _host_group(group: str, hosts: list[str], depth: int) -> list[str]:
    indent = "  " * (2 * depth - 2)
    return [f"{indent}{group}:", f"{indent}  hosts:", *(f"{indent}    {host}" for host in hosts)]


def _nested(path: tuple[str, ...], lines: list[str]) -> str:
    """An inventory file: the groups of `path`, each a child of the one before, around the innermost lines."""
    opening = []
    for depth, group in enumerate(path):
        indent = "  " * (2 * depth)
        opening += [f"{indent}{group}:", f"{indent}  children:"]
    return "\n".join([*opening, *lines, ""])


def _yaml(groups: _Groups) -> str:
    """Small nested groups; JSON is YAML."""
    return json.dumps(groups, indent=2) + "\n"


def ansible_group(*parts: str) -> str:
    """A group's name as Ansible allows it: letters, digits, underscores."""
    return "_".join(part.replace("-", "_").replace(".", "_") for part in parts)
