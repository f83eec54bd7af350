"""The files of each InfiniBand subnet, for its managers and for the tools that compare it with the design.

GUIDs come from the inventory alone. Where one is missing the files name the device and say so, and files that would be
wrong without it are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import jinja2
import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.infiniband.guids import NO_GUIDS, GuidInventory, KnownGuids, known_guids
from gigasite.design.infiniband.partitions import Partition, partitions
from gigasite.design.infiniband.subnets import Subnet, subnets
from gigasite.design.model import Design
from gigasite.errors import GigasiteError
from gigasite.render.environment import environment
from gigasite.render.infiniband.ibsim import ibsim_net
from gigasite.render.infiniband.topology import system_files, topology_file
from gigasite.render.infiniband.ufm import partition_requests
from gigasite.render.infiniband.validate import problems

INSTALLED_AT: Final = "/etc/opensm"
LMC: Final = 0
SWEEP_INTERVAL_S: Final = 10
HIGHEST_PRIORITY: Final = 14
"""Of the first manager; each further one is a step below. 15 is left to whoever has to take over by hand."""
_TOLD_COUNT: Final = 5
_IPOIB_MTU: Final = (2044, 4092)
"""Largest IP packet over links of 2048 and 4096 bytes: four are IPoIB's own (RFC 4391)."""
_MTU_CODES: Final = (4, 5)


@dataclass(frozen=True, slots=True)
class SubnetFiles:
    """The files of a subnet by path, and what of it has no GUID yet."""

    name: str
    fabric: str
    files: Mapping[str, str]
    missing: pl.DataFrame
    """device, port."""


def infiniband_files(
    design: Design,
    catalog: Catalog,
    inventory: GuidInventory = NO_GUIDS,
    fabric: str | None = None,
    installed_at: str = INSTALLED_AT,
) -> tuple[SubnetFiles, ...]:
    """The files of all subnets, or of those of one fabric. `installed_at`: where the managers will find them.

    Raises GigasiteError where a file fails its check.
    """
    return tuple(
        _subnet_files(design, catalog, subnet, known_guids(subnet, inventory), f"{installed_at}/{subnet.name}")
        for subnet in subnets(design, catalog, fabric)
    )


def _subnet_files(design: Design, catalog: Catalog, subnet: Subnet, guids: KnownGuids, folder: str) -> SubnetFiles:
    named = partitions(subnet, design.tenants)
    files: dict[str, str] = {
        **_managers(design, subnet, guids, folder),
        "partitions.conf": _partitions(design, subnet, guids, named),
        "root-guids.conf": _guid_list(subnet.roots.select("device").join(guids.switches, on="device"), "device"),
        **_endpoint_lists(guids),
        "node-name-map": _name_map(guids),
        "topology.topo": topology_file(subnet, catalog),
        **{f"ibnl/{name}.ibnl": text for name, text in system_files(subnet, catalog).items()},
        **{f"ufm/{name}": text for name, text in partition_requests(guids, named).items()},
    }
    missing = guids.missing
    if missing.height:
        files["missing-guids.csv"] = missing.with_columns(guid=pl.lit("")).write_csv()
    else:
        files["rehearsal/ibsim.net"] = ibsim_net(subnet, guids)
    faults = [f"{name}: {problem}" for name, text in files.items() for problem in problems(name, text)]
    if faults:
        told = "; ".join(faults[:_TOLD_COUNT])
        raise GigasiteError(f"{len(faults)} faults in the files of subnet {subnet.name}: {told}")
    return SubnetFiles(subnet.name, subnet.fabric, files, missing)


def routing_engine(design: Design, subnet: Subnet) -> str:
    """Engines in the order in which OpenSM tries them: the fabric's own, and up/down behind a fat tree's.

    Up/down is free of deadlocks where the fat-tree engine gives up, which OpenSM's own last resort is not. A subnet
    without roots is a single switch: there is nothing to choose.
    """
    policy = design.fabrics[subnet.fabric].policy
    engine = (policy.routing_engine if policy else None) or "ftree"
    if engine != "ftree":
        return engine
    return "ftree,updn" if subnet.roots.height else "minhop"


def _managers(design: Design, subnet: Subnet, guids: KnownGuids, folder: str) -> dict[str, str]:
    """`opensm.conf`, or one a manager where the design has managers of its own: the first is the master."""
    own = guids.endpoints.filter(pl.col("kind") == "ufm").select("device", "guid").rows()
    is_tree = subnet.roots.height > 0 and subnet.topology != "dragonfly"
    is_node = guids.endpoints["kind"] == "node"
    common = {
        "site": design.site,
        "subnet": subnet.name,
        "missing_count": guids.missing.height,
        "total_count": guids.total_count,
        "subnet_prefix": f"0xfec0{subnet.number:012x}",
        "lmc": LMC,
        "sweep_interval_s": SWEEP_INTERVAL_S,
        "routing_engine": routing_engine(design, subnet),
        "has_roots": subnet.roots.height > 0,
        # OpenSM takes an empty list as a fault, and leaves the fat tree.
        "has_nodes": is_tree and bool(is_node.any()),
        "has_others": is_tree and not bool(is_node.all()),
        "folder": folder,
    }
    template = _template("opensm.conf.j2")
    if not own:
        return {"opensm.conf": template.render(**common, manager=None, guid=None, priority=HIGHEST_PRIORITY)}
    return {
        f"managers/{device}/opensm.conf": template.render(
            **common, manager=device, guid=guid, priority=max(HIGHEST_PRIORITY - place, 0)
        )
        for place, (device, guid) in enumerate(own)
    }


def _partitions(design: Design, subnet: Subnet, guids: KnownGuids, named: Iterable[Partition]) -> str:
    known = dict(guids.endpoints.select("name", "guid").rows())
    rows = []
    for partition in named:
        members = [f"ALL={partition.everybody}"] if partition.everybody else []
        members += ["SELF=full"] if partition.everybody == "limited" else []
        members += [f"{guid}=full" for name in partition.full if (guid := known[name])]
        rows.append(
            {
                "name": partition.name,
                "key": f"0x{partition.pkey:04x}",
                "everybody": partition.everybody,
                "members": members,
                "missing": [name for name in partition.full if not known[name]],
            }
        )
    policy = design.fabrics[subnet.fabric].policy
    return _template("partitions.conf.j2").render(
        site=design.site,
        mtu_code=_mtu_code(policy.mtu if policy else _IPOIB_MTU[0]),
        subnet=subnet.name,
        missing_count=guids.missing.height,
        total_count=guids.total_count,
        partitions=rows,
    )


def _mtu_code(mtu: int) -> int:
    """The code of the largest InfiniBand MTU that an IP packet of `mtu` bytes needs."""
    return next((code for largest, code in zip(_IPOIB_MTU, _MTU_CODES, strict=True) if mtu <= largest), _MTU_CODES[-1])


def _endpoint_lists(guids: KnownGuids) -> dict[str, str]:
    """Ports of compute nodes, and of what serves them: storage and managers."""
    is_node = pl.col("kind") == "node"
    return {
        "cn-guids.conf": _guid_list(guids.endpoints.filter(is_node), "name"),
        "io-guids.conf": _guid_list(guids.endpoints.filter(~is_node), "name"),
    }


def _guid_list(rows: pl.DataFrame, name: str) -> str:
    """A GUID a line, with whom it belongs to as a comment of its own line."""
    line = pl.coalesce(pl.format("{} # {}", "guid", name), pl.format("# missing: {}", name))
    return "".join(f"{text}\n" for text in rows.select(line.alias("line"))["line"])


def _name_map(guids: KnownGuids) -> str:
    """Names by node GUID, as opensm and ibnetdiscover take them (`--node-name-map`)."""
    both = pl.concat(
        [
            guids.switches.select("node_guid", name="device"),
            guids.endpoints.select("node_guid", "name"),
        ]
    )
    line = pl.coalesce(pl.format('{} "{}"', "node_guid", "name"), pl.format("# missing: {}", "name"))
    return "".join(f"{text}\n" for text in both.select(line.alias("line"))["line"])


@cache
def _template(name: str) -> jinja2.Template:
    return environment().get_template(f"infiniband/{name}")
