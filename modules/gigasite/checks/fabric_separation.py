"""Fabrics, planes and rails: what is to be apart shares no switch, port or cable, and what is apart is told."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.models import FabricRole
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.errors import Severity

_REPORT = "this is a fault of the design, not of the site file: please report it"


@check("FAB141", Severity.ERROR, "Fabrics and planes share no switch, port or cable")
def fabrics_and_planes_are_apart(context: Context) -> Iterator[Hit]:
    yield from _switches_of_another_fabric(context)
    yield from _ports_of_two_fabrics(context)
    yield from _cables_of_two_fabrics(context)


@check("FAB142", Severity.INFO, "The rails of a node meet in switches")
def rails_meet(context: Context) -> Iterator[Hit]:
    for name, fabric in context.design.fabrics.items():
        if fabric.rails_meet:
            continue
        until = "by design" if fabric.topology == "rail-only" else "until core switches are built with its second pod"
        yield Hit(
            f"fabric {name}: no switch joins its rails, {until}: equal rails reach each other over "
            f"{fabric.diameter_switches} switches at most, other ones only inside a node or its NVLink domain",
            "see that the workload forwards between rails (NCCL: PXN), or choose the topology clos",
            context.fabric_at(name),
        )


def _switches_of_another_fabric(context: Context) -> Iterator[Hit]:
    """Links that end on a switch of another fabric or plane than their own; at border switches they meet on purpose."""
    cables = context.tables.cables
    ends = pl.concat(
        [
            cables.select("fabric", "plane", device="b_device"),
            cables.filter(pl.col("tier") != "node-leaf").select("fabric", "plane", device="a_device"),
        ]
    )
    switches = context.tables.devices.filter(pl.col("kind") == "switch", pl.col("tier") != "border")
    own = switches.select("device", own_fabric="fabric", own_plane="plane")
    # Comparing names is slow: rows are told apart by hashes of 64 bits, which few thousand kinds of them never share.
    marks = ends.select(
        pl.col("fabric").hash() ^ pl.col("plane").hash(seed=1) ^ pl.col("device").hash(seed=2)
    ).to_series()
    wrong = (
        ends[marks.arg_unique()]
        .join(own, on="device", how="inner")
        .filter((pl.col("fabric") != pl.col("own_fabric")) | (pl.col("plane") != pl.col("own_plane")))
        .sort("fabric", "plane", "device")
    )
    for (fabric,), group in wrong.group_by("fabric", maintain_order=True):
        row = group.row(0, named=True)
        yield Hit(
            f"fabric {fabric}: {count(group.height, 'switch')} of another fabric or plane: {row['device']} is of plane "
            f"{row['own_plane']} of {row['own_fabric']} and has links of plane {row['plane']}",
            _REPORT,
            context.fabric_at(str(fabric)),
        )


def _ports_of_two_fabrics(context: Context) -> Iterator[Hit]:
    """NIC ports of nodes that several fabrics use. Management ports are numbered by themselves."""
    oob = pl.col("fabric").is_in(context.fabrics_of(FabricRole.OOB))
    ends = context.tables.cables.filter((pl.col("tier") == "node-leaf") & ~oob)
    # Comparing names is slow: equal ports have equal hashes, and only those of two fabrics are compared by name.
    marks = ends.select("fabric", mark=pl.col("a_device").hash() ^ pl.col("a_port").cast(pl.UInt64).hash())
    per_fabric = sum(group["mark"].n_unique() for _, group in marks.group_by("fabric"))
    if per_fabric == marks["mark"].n_unique():
        return
    ports = ends.select("fabric", device="a_device", port="a_port").unique().sort("fabric", "device", "port")
    twice = ports.filter(pl.struct("device", "port").is_duplicated())
    if twice.height:
        named = twice.select(pl.format("{} port {}", "device", "port")).to_series().unique(maintain_order=True)
        yield Hit(
            f"fabrics {' and '.join(twice['fabric'].unique().sort())} share {count(len(named), 'NIC port')} "
            f"({some(named)})",
            _REPORT,
            "fabrics",
        )


def _cables_of_two_fabrics(context: Context) -> Iterator[Hit]:
    """Cable numbers that links of several fabrics have."""
    cables = context.tables.cables
    # Numbers run from fabric to fabric: where their ranges lie apart, no number is in two of them.
    ranges = cables.group_by("fabric").agg(low=pl.col("cable").min(), high=pl.col("cable").max()).sort("low")
    if (ranges["low"] > ranges["high"].shift(fill_value=-1)).all():
        return
    shared = cables.select("cable", "fabric").unique().filter(pl.col("cable").is_duplicated())
    if shared.height:
        fabrics = " and ".join(shared["fabric"].unique().sort())
        yield Hit(
            f"fabrics {fabrics} share {count(shared['cable'].n_unique(), 'cable')}",
            _REPORT,
            "fabrics",
        )
