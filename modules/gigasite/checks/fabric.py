"""Fabrics: bandwidth, ports, links, cables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from gigasite.catalog.models import FabricRole, System
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, some
from gigasite.design.model import FabricDesign
from gigasite.errors import Severity

_SLACK = 1e-9
_REPORT = "this is a fault of the design, not of the site file: please report it"

declare("FAB101", Severity.ERROR, "A fabric is no larger than its switches can join")
declare("FAB102", Severity.ERROR, "A fabric can be laid out with its switches")
declare("FAB110", Severity.ERROR, "A pool's NICs speak the link layer of their fabric")


@check("FAB111", Severity.ERROR, "A leaf is no more oversubscribed than was asked")
def leaves_are_not_oversubscribed(context: Context) -> Iterator[Hit]:
    for name, fabric in context.design.fabrics.items():
        if not is_clos(fabric):
            continue
        if fabric.leaf_oversubscription > fabric.asked_oversubscription * (1 + _SLACK):
            yield Hit(
                f"fabric {name}: leaves are oversubscribed {fabric.leaf_oversubscription:.3g}:1, "
                f"{fabric.asked_oversubscription:.3g}:1 was asked",
                "choose a leaf switch with more or faster uplinks, or ask for the higher figure: oversubscription",
                context.fabric_at(name),
            )


@check("FAB112", Severity.ERROR, "The bandwidth across a fabric is what was asked")
def bisection_is_what_was_asked(context: Context) -> Iterator[Hit]:
    for name, fabric in context.design.fabrics.items():
        spec = context.design.resolved.fabrics.get(name)
        thin = fabric.roles == (FabricRole.OOB.value,) and not (spec and spec.spine_oversubscription)
        if thin or not is_clos(fabric):  # management traffic is thin by design, unless the site asks for more
            continue
        above = max(spec.spine_oversubscription or 1.0, 1.0) if spec and fabric.tiers > 2 else 1.0
        asked = 1 / (fabric.asked_oversubscription * above)
        if fabric.bisection_ratio < asked * (1 - _SLACK):
            yield Hit(
                f"fabric {name}: its narrowest tier carries {fabric.bisection_ratio:.0%} of the endpoints' "
                f"bandwidth, {asked:.0%} was asked",
                "choose larger switches, or ask for less: oversubscription, spine_oversubscription",
                context.fabric_at(name),
            )


@check("FAB103", Severity.ERROR, "A port holds one link")
def ports_hold_one_link(context: Context) -> Iterator[Hit]:
    ends = context.link_ends
    # Comparing half a million names is slow: equal ends have equal hashes, and only these are compared by name.
    plane_port = pl.col("plane").fill_null(0).cast(pl.UInt64) * 2**32 + pl.col("port").cast(pl.UInt64)
    mark = pl.col("device").hash() ^ plane_port.hash()
    marks = ends.select(mark=mark)["mark"]
    if marks.n_unique() == ends.height:
        return
    end = ["fabric", "plane", "device", "port"]
    twice = ends.filter(marks.is_duplicated()).filter(pl.struct(end).is_duplicated())
    for (fabric,), group in twice.group_by("fabric", maintain_order=True):
        ports = group.unique(end, maintain_order=True)
        named = [f"{device} port {port}" for device, port in ports.select("device", "port").head(3).iter_rows()]
        yield Hit(
            f"fabric {fabric}: {count(ports.height, 'port')} with more than one link "
            f"({some(named, total=ports.height)})",
            _REPORT,
            context.fabric_at(str(fabric)),
        )


@check("FAB104", Severity.ERROR, "A link ends on a port that its switch has")
def ports_exist(context: Context) -> Iterator[Hit]:
    # A switch's management port lies in another fabric than its own and outside of its numbered ports.
    devices = context.tables.devices.select("device", "fabric", "port_count").drop_nulls(["fabric", "port_count"])
    ports = context.tables.ports
    fewest = dict(devices.group_by("fabric").agg(pl.col("port_count").min()).iter_rows())
    beyond_any = [
        (pl.col("fabric") == name) & ((pl.col("cage") > few) | (pl.col("cage") < 1)) for name, few in fewest.items()
    ]
    suspects = ports.filter(pl.any_horizontal(beyond_any)) if beyond_any else ports.clear()
    used = suspects.group_by("fabric", "device").agg(pl.col("cage").max(), low=pl.col("cage").min())
    beyond = used.join(devices, on=["device", "fabric"]).filter(
        (pl.col("cage") > pl.col("port_count")) | (pl.col("low") < 1)
    )
    for (fabric,), group in beyond.sort("device").group_by("fabric", maintain_order=True):
        worst = group.row(0, named=True)
        yield Hit(
            f"fabric {fabric}: {count(group.height, 'device')} with links beyond its ports: "
            f"{worst['device']} has {worst['port_count']} and uses "
            f"{worst['low'] if worst['low'] < 1 else worst['cage']}",
            _REPORT,
            context.fabric_at(str(fabric)),
        )


@check("FAB105", Severity.ERROR, "A switch has as many links to each switch above it")
def trunks_are_balanced(context: Context) -> Iterator[Hit]:
    trunks = context.tables.cables.filter(pl.col("tier").is_in(["leaf-spine", "spine-core"]))
    if trunks.is_empty() or _is_balanced(trunks):
        return
    pairs = trunks.group_by("fabric", "a_device", "b_device").len()
    uneven = (
        pairs.group_by("fabric", "a_device")
        .agg(fewest=pl.col("len").min(), most=pl.col("len").max())
        .filter(pl.col("fewest") < pl.col("most"))
        .sort("a_device")
    )
    for (fabric,), group in uneven.group_by("fabric", maintain_order=True):
        worst = group.row(0, named=True)
        yield Hit(
            f"fabric {fabric}: {count(group.height, 'switch')} with uneven trunks: {worst['a_device']} has "
            f"{worst['fewest']} links to one switch and {worst['most']} to another",
            _REPORT,
            context.fabric_at(str(fabric)),
        )


@check("FAB106", Severity.ERROR, "A cable exists for each length")
def cables_reach(context: Context) -> Iterator[Hit]:
    short = context.tables.cables.filter(pl.col("media").is_null(), pl.col("length_m").is_not_null())
    for (fabric, tier), group in short.group_by("fabric", "tier", maintain_order=True):
        worst = group.sort("length_m", descending=True, maintain_order=True).row(0, named=True)
        yield Hit(
            f"fabric {fabric}: no cable of the catalog reaches {worst['length_m']:,.0f} m at "
            f"{worst['gbps']:g} Gb/s for {count(group.height, 'link')} {tier} ({worst['a_device']} to "
            f"{worst['b_device']})",
            "place the switches nearer, use fewer and larger halls, or add a cable kind to the site's catalog",
            context.fabric_at(str(fabric)),
        )


@check("FAB107", Severity.ERROR, "Every network port of every node is connected once")
def nics_are_connected(context: Context) -> Iterator[Hit]:
    oob = pl.col("fabric").is_in(context.fabrics_of(FabricRole.OOB))
    links = context.tables.cables.filter(pl.col("tier") == "node-leaf")
    nics = {name: _nic_port_count(context, system) for name, system in context.systems.items()}
    yield from _unconnected(context, links.filter(~oob), nics, "NIC port")
    if context.fabrics_of(FabricRole.OOB):
        bmcs = {name: system.oob_ports_per_node for name, system in context.systems.items()}
        yield from _unconnected(context, links.filter(oob), bmcs, "management port")


@check("FAB108", Severity.ERROR, "Every switch is connected")
def switches_are_connected(context: Context) -> Iterator[Hit]:
    switches = context.tables.devices.filter(pl.col("kind") == "switch")
    idle = switches.filter(~pl.col("device").is_in(context.linked_devices.implode()))
    for (fabric,), group in idle.group_by("fabric", maintain_order=True):
        yield Hit(
            f"fabric {fabric}: {count(group.height, 'switch')} without any link ({some(group['device'])})",
            _REPORT,
            context.fabric_at(str(fabric)),
        )


@check("FAB109", Severity.ERROR, "A link ends on devices that exist")
def links_end_on_devices(context: Context) -> Iterator[Hit]:
    tables = context.tables
    known = pl.concat([tables.nodes["node"], tables.devices["device"]])
    lost = context.linked_devices.filter(~context.linked_devices.is_in(known.implode()))
    if len(lost):
        yield Hit(
            f"links end on {count(len(lost), 'device')} that the design does not hold ({some(lost)})",
            _REPORT,
            "fabrics",
        )


@check("FAB131", Severity.INFO, "A pool is no larger than its publisher tested")
def pools_are_of_a_tested_size(context: Context) -> Iterator[Hit]:
    for name, pool in context.design.pools.items():
        if not pool.reference_architecture:
            continue
        tested = context.catalog.reference_architecture(pool.reference_architecture).tested_su_count
        if tested is not None and pool.su_count > tested:
            yield Hit(
                f"pool {name} has {pool.su_count} scalable units; {pool.reference_architecture} was tested "
                f"with {tested}",
                "ask the vendor about this size before you order",
                context.pool_at(name),
            )


def is_clos(fabric: FabricDesign) -> bool:
    """Whether its bandwidth is asked for tier by tier."""
    return fabric.topology in ("clos", "rail-only")


def _is_balanced(trunks: pl.DataFrame) -> bool:
    """Whether every device surely has as many links to each of those above it.

    Grouping millions of names is slow: pairs are told apart by 32 bits of the hash of either name. Names that share
    them only make an even trunk look uneven, and what looks uneven is then counted by name.
    """
    below, above = (trunks[name].hash().to_numpy() >> np.uint64(32) for name in ("a_device", "b_device"))
    pairs = np.sort(below << np.uint64(32) | above)
    starts = np.flatnonzero(pairs[1:] != pairs[:-1]) + 1
    first = np.concatenate([[0], starts])
    counts = np.diff(first, append=len(pairs))
    owner = pairs[first] >> np.uint64(32)
    same_owner = owner[1:] == owner[:-1]
    return not bool((same_owner & (counts[1:] != counts[:-1])).any())


def _unconnected(context: Context, links: pl.DataFrame, port_counts: Mapping[str, int], noun: str) -> Iterator[Hit]:
    """Nodes whose ports are fewer or more than the wanted ones, or differ from plane to plane."""
    planes = _mapping("fabric", "planes", {name: f.planes for name, f in context.design.fabrics.items()})
    connected = (
        links.group_by("a_device", "fabric")
        .agg(links=pl.len(), ports=pl.col("a_port").n_unique(), plane_sum=pl.col("plane").sum())
        .join(planes, on="fabric")
        # As many links in each plane: a multiple of the planes, whose mean is the middle one.
        .with_columns(
            uneven=(pl.col("links") % pl.col("planes") != 0)
            | (pl.col("plane_sum") * 2 != pl.col("links") * (pl.col("planes") + 1))
        )
        .group_by(node="a_device")
        .agg(pl.col("ports").sum(), pl.col("uneven").any())
    )
    nodes = (
        context.tables.nodes.select("node", "pool")
        .join(_mapping("pool", "wanted", port_counts), on="pool", maintain_order="left")
        .join(connected, on="node", how="left", maintain_order="left")
        .with_columns(pl.col("ports").fill_null(0), pl.col("uneven").fill_null(False))
        .filter((pl.col("ports") != pl.col("wanted")) | pl.col("uneven"))
    )
    for (pool,), group in nodes.group_by("pool", maintain_order=True):
        row = group.row(0, named=True)
        uneven = " unevenly over the planes" if row["uneven"] else ""
        yield Hit(
            f"pool {pool}: {count(group.height, 'node')} with a {noun} that is not connected once: "
            f"{row['node']} has {row['wanted']}, and {row['ports']} are connected{uneven}",
            "see that a fabric of the site serves each role of the NICs; otherwise please report it",
            context.pool_at(str(pool)),
        )


def _mapping(key: str, value: str, items: Mapping[str, int]) -> pl.DataFrame:
    return pl.DataFrame(list(items.items()), schema={key: pl.String, value: pl.Int64}, orient="row")


def _nic_port_count(context: Context, system: System) -> int:
    """NIC ports of a node that serve a role of some fabric of the site."""
    roles = {role for fabric in context.design.fabrics.values() for role in fabric.roles}
    return sum(nic.count * nic.ports_per_nic for nic in system.nics if any(r.value in roles for r in nic.roles))
