"""InfiniBand subnets: one for each part of a plane whose switches reach each other, each with a manager of its own.

A port of a node is a channel adapter with a single port: NVIDIA's adapters show each of their ports, and each plane of
a port, as a device of its own. It is called `<node> <RDMA device>`, as rdma-ndd (`%h %d`) describes it to the fabric.
A switch's port numbers are the design's logical ports: on a switch with twin-port cages, port p of cage c is 2(c-1)+p.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.load import Catalog
from gigasite.design.hosts.ports import interface_names
from gigasite.design.model import Design, FabricDesign
from gigasite.design.packet_links import packet_links
from gigasite.spec.pools import Role

TIERS: Final = ("leaf", "spine", "core")
_DOWN: Final = ("node-leaf", "ufm-leaf")
_ENDPOINTS: Final[dict[str, Any]] = {
    "name": pl.String,  # as the fabric knows it
    "device": pl.String,
    "port": pl.Int32,  # of the device, in the design's tables
    "plane": pl.Int32,
    "interface": pl.String,
    "rdma": pl.String,
    "kind": pl.String,  # node | storage | ufm
    "pool": pl.String,
    "system": pl.String,  # catalog key; null: storage appliances and managers
    "tenant": pl.String,
}


@dataclass(frozen=True, slots=True)
class Subnet:
    """What one subnet manager sees."""

    fabric: str
    part: str
    """`plane-1`; `plane-1-rail-2` where the rails of a plane do not meet."""
    number: int
    """Of the fabric, plane and part among all of the site: what its subnet prefix ends in."""
    topology: str
    endpoints: pl.DataFrame
    """Channel adapters by node and port: name, device, port, plane, interface, rdma, kind, pool, system, tenant."""
    switches: pl.DataFrame
    """device, tier, model, port_count; top tier last."""
    links: pl.DataFrame
    """a, a_port, b, b_port, gbps, tier: names of adapters or switches, with InfiniBand port numbers."""

    @property
    def name(self) -> str:
        """`compute-plane-1`: a file's or folder's name."""
        return f"{self.fabric}-{self.part}"

    @property
    def roots(self) -> pl.DataFrame:
        """The switches of the highest tier that is built; none where a single tier is."""
        present = [tier for tier in TIERS if (self.switches["tier"] == tier).any()]
        if len(present) < 2:
            return self.switches.clear()
        return self.switches.filter(pl.col("tier") == present[-1])


def subnets(design: Design, catalog: Catalog, fabric: str | None = None) -> tuple[Subnet, ...]:
    """All subnets of the site's InfiniBand fabrics, or of one of them, in the order of the site file."""
    found: list[Subnet] = []
    for index, each in enumerate(design.fabrics.values(), start=1):
        if each.technology == "infiniband" and fabric in (None, each.name):
            found += _of_fabric(design, catalog, each, index)
    return tuple(found)


def _of_fabric(design: Design, catalog: Catalog, fabric: FabricDesign, index: int) -> list[Subnet]:
    switches = design.tables.devices.filter((pl.col("kind") == "switch") & (pl.col("fabric") == fabric.name))
    cables = packet_links(design, fabric.name)
    endpoints = _endpoints(design, catalog, cables)
    links = _links(cables, endpoints, switches)
    parts = _parts(switches, links)
    at_a = links.join(parts, left_on="b", right_on="device", how="inner", maintain_order="left")
    hangs_on = at_a.filter(pl.col("tier").is_in(_DOWN)).select(name="a", part="part")
    placed = endpoints.join(hangs_on, on="name", how="inner", maintain_order="left")
    switches = switches.join(parts, on="device", how="inner", maintain_order="left")
    rank = pl.col("tier").replace_strict({tier: n for n, tier in enumerate(TIERS)}, default=len(TIERS))
    own = switches.sort(rank, "device").select("device", "tier", "model", "port_count", "part")
    names = list(dict.fromkeys(parts.sort("plane", "place")["part"].to_list()))
    return [
        Subnet(
            fabric=fabric.name,
            part=part,
            number=index << 8 | place,
            topology=fabric.topology,
            endpoints=placed.filter(pl.col("part") == part).drop("part").sort("device", "port", "plane"),
            switches=own.filter(pl.col("part") == part).drop("part"),
            links=at_a.filter(pl.col("part") == part).select("a", "a_port", "b", "b_port", "gbps", "tier"),
        )
        for place, part in enumerate(names, start=1)
    ]


def _endpoints(design: Design, catalog: Catalog, cables: pl.DataFrame) -> pl.DataFrame:
    """The adapters that the fabric's cables end on."""
    nodes = design.tables.nodes.select("pool", "tenant", device="node", kind=pl.lit("node"))
    others = design.tables.devices.filter(pl.col("kind").is_in(["storage", "ufm"]))
    known = pl.concat([nodes, others.select("device", "kind")], how="diagonal")
    ends = (
        cables.filter(pl.col("tier").is_in(_DOWN))
        .select("plane", device="a_device", a_port="a_port")
        .join(known, on="device", how="inner", maintain_order="left")
    )
    # A NIC with ports on several fabrics names them by all.
    managed = [name for name, fabric in design.fabrics.items() if Role.OOB.value in fabric.roles]
    attached = design.tables.cables.filter((pl.col("tier") == "node-leaf") & ~pl.col("fabric").is_in(managed))
    found = []
    for (pool,), part in ends.partition_by("pool", as_dict=True, maintain_order=True).items():
        system = catalog.system(design.pools[str(pool)].system) if pool is not None else None
        used = attached.join(part, left_on="a_device", right_on="device", how="semi") if system else part
        names = interface_names(system, used.select("a_port", "plane")).select("a_port", "plane", "interface", "rdma")
        named = part.join(names, on=["a_port", "plane"], how="left", maintain_order="left")
        found.append(named.with_columns(system=pl.lit(system.key if system else None, pl.String)))
    if not found:
        return pl.DataFrame(schema=_ENDPOINTS)
    both = pl.concat(found).with_columns(name=pl.format("{} {}", "device", "rdma"), port="a_port")
    return both.select([pl.col(name).cast(kind) for name, kind in _ENDPOINTS.items()])


def _links(cables: pl.DataFrame, endpoints: pl.DataFrame, switches: pl.DataFrame) -> pl.DataFrame:
    """The cables between adapters and switches, by their names there. Lines to other sites are left out."""
    adapters = endpoints.select("plane", "name", a_device="device", a_port="port")
    down = pl.col("tier").is_in(_DOWN)
    ours = switches.select("device")
    return (
        cables.join(adapters, on=["a_device", "a_port", "plane"], how="left", maintain_order="left")
        .join(ours, left_on="b_device", right_on="device", how="semi", maintain_order="left")
        .join(
            ours.with_columns(is_switch=True), left_on="a_device", right_on="device", how="left", maintain_order="left"
        )
        .filter(pl.when(down).then(pl.col("name").is_not_null()).otherwise(pl.col("is_switch")))
        .select(
            "gbps",
            "tier",
            "b_port",
            a=pl.when(down).then("name").otherwise("a_device"),
            a_port=pl.when(down).then(pl.lit(1, pl.Int32)).otherwise("a_port"),
            b="b_device",
        )
    )


def _parts(switches: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The part that each switch belongs to: device, part, plane, place (order within the plane)."""
    names = pl.Enum(switches["device"])
    trunks = links.filter(~pl.col("tier").is_in(_DOWN)).select("a", "b").unique(maintain_order=True)
    ends = [trunks[end].cast(names).to_physical().to_numpy().astype(np.int64) for end in "ab"]
    label = _joined(switches.height, *ends)
    rows = switches.select("device", "plane", "rail", "tier").with_columns(label=pl.Series(label))
    leaf_rail = pl.col("rail").filter(pl.col("tier") == "leaf")
    rows = rows.with_columns(
        rail=pl.when(leaf_rail.n_unique().over("label") == 1).then(leaf_rail.first().over("label")),
        place=pl.col("label").rank("dense").over("plane").cast(pl.Int32),
    )
    alone = pl.col("label").n_unique().over("plane") == 1
    by_rail = (pl.col("rail").is_not_null() & (pl.col("rail") > 0) & pl.col("rail").is_unique()).all()
    per_label = rows.unique("label", maintain_order=True).with_columns(by_rail=by_rail.over("plane"))
    rows = rows.join(per_label.select("label", "by_rail"), on="label", how="left", maintain_order="left")
    whole = pl.format("plane-{}", "plane")
    part = (
        pl.when(alone)
        .then(whole)
        .when("by_rail")
        .then(pl.format("{}-rail-{}", whole, "rail"))
        .otherwise(pl.format("{}-part-{}", whole, "place"))
    )
    return rows.select("device", "plane", "place", part=part)


def _joined(count: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """The least number of a switch that each of `count` switches reaches over the links a-b."""
    label = np.arange(count, dtype=np.int64)
    while True:
        lower = label.copy()
        np.minimum.at(lower, a, label[b])
        np.minimum.at(lower, b, label[a])
        lower = lower[lower]
        if np.array_equal(lower, label):
            return label
        label = lower
