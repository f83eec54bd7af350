"""The host side of a pool, as Ansible and Kubernetes take it.

For Ansible, files of the inventory: `network-su-001.yml` gives each host `gigasite_interfaces`, and `network.yml` gives
all hosts of the pool `gigasite_fabrics` and `gigasite_nccl`. For Kubernetes, `rails.json`: for each rail the fields of
a SriovNetworkNodePolicy and of CIDRPools. `nccl.conf` is /etc/nccl.conf; `nccl-topology.xml` is there for guests alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Technology
from gigasite.design.hosts.interfaces import host_interfaces
from gigasite.design.hosts.nccl import nccl_settings
from gigasite.design.hosts.qos import host_qos
from gigasite.design.hosts.routes import with_routes
from gigasite.design.hosts.topology import guest_topology
from gigasite.design.model import Design, FabricDesign
from gigasite.exports.folders import Folder
from gigasite.exports.inventory import ansible_group
from gigasite.exports.text import json_rows
from gigasite.spec.pools import PoolSpec, Role

_FIELDS: Final = (
    *("interface", "rdma", "nic_model", "pci_address", "fabric", "technology", "rail", "plane", "gbps", "mtu"),
    *("address", "prefix_length", "gateway", "ipv6", "vrf", "table", "routes", "switch", "switch_port"),
)


def host_network(design: Design, pool: str, catalog: Catalog) -> tuple[Folder, Folder]:
    """The inventory's files of the pool's host side, and the folder of what nodes and clusters take."""
    system = catalog.system(design.pools[pool].system)
    spec = next(spec for spec in design.resolved.pools if spec.name == pool)
    interfaces = _with_routes(design, host_interfaces(design, pool, system))
    fabrics = [design.fabrics[name] for name in interfaces["fabric"].unique(maintain_order=True)]
    nccl = _nccl(design, spec, interfaces)
    inventory = Folder("network", f"inventory/pools/{pool}/network", _inventory(pool, interfaces, fabrics, nccl))
    return inventory, Folder("hosts", f"hosts/{pool}", _files(design, spec, interfaces, nccl))


def _inventory(
    pool: str, interfaces: pl.DataFrame, fabrics: list[FabricDesign], nccl: dict[str, str]
) -> dict[str, str]:
    common = {"gigasite_fabrics": {fabric.name: _fabric(fabric) for fabric in fabrics}, "gigasite_nccl": nccl}
    files = {"network.yml": json.dumps({ansible_group("pool", pool): {"vars": common}}, indent=2) + "\n"}
    listed = pl.format("[{}]", json_rows(_FIELDS).str.join(", "))
    hosts = interfaces.group_by("su", "node", maintain_order=True).agg(listed.alias("listed"))
    for (su,), part in hosts.partition_by("su", as_dict=True, maintain_order=True).items():
        group = ansible_group("pool", pool, f"su-{su:03d}")
        rows = [
            f'    "{node}": {{"gigasite_interfaces": {of}}}' for node, of in part.select("node", "listed").iter_rows()
        ]
        files[f"network-su-{su:03d}.yml"] = "\n".join([f"{group}:", "  hosts:", *rows, ""])
    return files


def _fabric(fabric: FabricDesign) -> dict[str, Any]:
    """What all hosts on a fabric have in common."""
    policy = fabric.policy
    qos = host_qos(policy.qos) if policy and policy.qos else None
    return {
        "technology": fabric.technology,
        "roles": list(fabric.roles),
        "link_gbps": fabric.link_gbps,
        "mtu": policy.mtu if policy else None,
        "qos": asdict(qos) if qos else None,
    }


def _with_routes(design: Design, interfaces: pl.DataFrame) -> pl.DataFrame:
    roles = {name: fabric.roles for name, fabric in design.fabrics.items()}
    rails = design.tables.rail_networks.filter(pl.col("su").is_null()).select("fabric", "rail", "plane", "network")
    return with_routes(interfaces, design.resolved.network.supernets, roles, rails)


def _nccl(design: Design, spec: PoolSpec, interfaces: pl.DataFrame) -> dict[str, str]:
    pool = design.pools[spec.name]
    compute = design.fabrics.get(pool.compute_fabric)
    inband = [name for name, fabric in design.fabrics.items() if Role.INBAND in fabric.roles]
    names = interfaces.unique("interface", maintain_order=True)
    rails = names.filter(pl.col("nic").str.starts_with("rail"))
    sockets = names.filter(pl.col("fabric").is_in(inband) & ~pl.col("nic").str.starts_with("rail"))
    found = nccl_settings(
        compute,
        rails["rdma"].to_list(),
        sockets["interface"].to_list(),
        rails_meet=compute is None or compute.rails_meet,
        is_guest=spec.guest is not None,
    )
    return dict(found)


def _files(design: Design, spec: PoolSpec, interfaces: pl.DataFrame, nccl: dict[str, str]) -> dict[str, str]:
    rails = interfaces.filter(pl.col("nic").str.starts_with("rail"))
    units = design.tables.rail_networks.filter((pl.col("owner") == spec.name) & pl.col("su").is_not_null())
    joined = rails.join(
        units.select("fabric", "rail", "plane", "su", unit_network="network"),
        on=["fabric", "rail", "plane", "su"],
        how="left",
        maintain_order="left",
    )
    files = {
        "nccl.conf": "".join(f"{name}={value}\n" for name, value in nccl.items()),
        "rails.json": json.dumps({"rails": _rails(spec, joined)}, indent=1) + "\n",
    }
    if spec.guest is not None:
        compute = design.fabrics.get(design.pools[spec.name].compute_fabric)
        infiniband = compute is not None and compute.technology == Technology.INFINIBAND.value
        files["nccl-topology.xml"] = guest_topology(spec.guest, infiniband)
    return files


def _rails(spec: PoolSpec, rails: pl.DataFrame) -> list[dict[str, Any]]:
    """One entry an interface of the compute rails, in order."""
    return [
        {
            "interface": name,
            "rdma": first["rdma"],
            "rail": first["rail"],
            "plane": first["plane"],
            "sriov": _sriov(spec, name, first),
            "cidr_pools": _cidr_pools(spec.name, name, part),
        }
        for (name,), part in rails.partition_by("interface", as_dict=True, maintain_order=True).items()
        for first in [part.row(0, named=True)]
    ]


def _sriov(spec: PoolSpec, name: str, first: dict[str, Any]) -> dict[str, Any] | None:
    """Fields of a SriovNetworkNodePolicy, and what the virtual functions are called; None: the site asks for none."""
    if spec.virtual_functions is None:
        return None
    count = spec.virtual_functions
    policy = {
        "resourceName": name,
        "nicSelector": {"pfNames": [name]},
        "numVfs": count,
        "mtu": first["mtu"],
        "linkType": "ib" if first["technology"] == Technology.INFINIBAND.value else "eth",
        "deviceType": "netdevice",
        "isRdma": True,
    }
    functions = [{"interface": f"{name}v{n}", "rdma": f"{first['rdma']}v{n}"} for n in range(count)]
    return {"policy": {key: value for key, value in policy.items() if value is not None}, "functions": functions}


def _cidr_pools(pool: str, name: str, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Fields of a CIDRPool for each unit: the host's pair of addresses on this rail, by node."""
    routed = rows.filter(pl.col("table").is_not_null() & pl.col("address").is_not_null())
    return [
        {
            "name": f"{pool}-su-{su:03d}-{name}",
            "spec": {
                "cidr": part["unit_network"][0],
                "perNodeNetworkPrefix": 31,
                "gatewayIndex": 0,
                "staticAllocations": [
                    {"nodeName": node, "prefix": f"{gateway}/31", "gateway": gateway}
                    for node, gateway in part.select("node", "gateway").iter_rows()
                ],
            },
        }
        for (su,), part in routed.partition_by("su", as_dict=True, maintain_order=True).items()
    ]
