"""Dragonflies: links within and between groups, how far apart switches are, what crosses, how it is routed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from gigasite.catalog.models import Technology
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count
from gigasite.design.model import FabricDesign
from gigasite.design.topologies.figures import DragonflyFigures
from gigasite.errors import Severity

_REPORT = "this is a fault of the design, not of the site file: please report it"
_ENGINES: Final = {True: ("dfp", "dfp2"), False: ("dfsssp", "lash")}
"""Engines of OpenSM that route without deadlock: for leaf-spine groups, and for groups that are a full mesh."""


@check("FAB151", Severity.ERROR, "Every two switches of a dragonfly group, and every two groups, have as many links")
def dragonfly_links_are_balanced(context: Context) -> Iterator[Hit]:
    for name, fabric, _ in _dragonflies(context):
        links = _links(context, name)
        tiers = (
            ("local", ("plane", "a_group", "a_device", "b_device"), "two switches of a group"),
            ("leaf-spine", ("plane", "a_group", "a_device", "b_device"), "a leaf and a spine of a group"),
            ("global", ("plane", "low", "high"), "two groups"),
        )
        for tier, pair, what in tiers:
            counts = links.filter(pl.col("tier") == tier).group_by(pair).len()["len"].unique().sort().to_list()
            if len(counts) > 1:
                yield Hit(
                    f"fabric {name}: {what} have {counts[0]} links, others {counts[-1]}",
                    _REPORT,
                    context.fabric_at(name),
                )
        ends = links.filter(pl.col("tier") == "global").select(pl.concat_list("a_device", "b_device").explode())
        per_switch = ends.to_series().value_counts()["count"].sort().to_list() or [0]
        if _is_whole(fabric) and per_switch[-1] - per_switch[0] > 1:
            yield Hit(
                f"fabric {name}: a switch has {per_switch[0]} global links, another {per_switch[-1]}",
                _REPORT,
                context.fabric_at(name),
            )


@check("FAB152", Severity.ERROR, "Two switches of a dragonfly are a local, a global and a local link apart at most")
def dragonfly_groups_meet(context: Context) -> Iterator[Hit]:
    for name, fabric, figures in _dragonflies(context):
        links = _links(context, name)
        groups = figures.group_count
        met = links.filter(pl.col("tier") == "global").select("plane", "low", "high").n_unique()
        wanted = groups * (groups - 1) // 2 * fabric.planes
        if met < wanted:
            yield Hit(
                f"fabric {name}: {count(wanted - met, 'pair')} of {count(groups, 'group')} without a link of their own",
                _REPORT,
                context.fabric_at(name),
            )
        inside = links.filter(pl.col("tier") != "global").select("a_device", "b_device").n_unique()
        size = figures.switches_per_group
        own = size * figures.spines_per_group or size * (size - 1) // 2
        if inside < own * groups * fabric.planes:
            yield Hit(
                f"fabric {name}: {count(own * groups * fabric.planes - inside, 'pair')} of switches of one group "
                "without a link of their own",
                _REPORT,
                context.fabric_at(name),
            )


@check("FAB153", Severity.ERROR, "The bandwidth between halves of a dragonfly is what was asked")
def dragonfly_bisection_is_what_was_asked(context: Context) -> Iterator[Hit]:
    for name, fabric, figures in _dragonflies(context):
        asked = figures.bisection_ratio_min
        if asked is not None and fabric.bisection_ratio < asked - 1e-9:
            yield Hit(
                f"fabric {name}: half of its groups reach the other half at {fabric.bisection_ratio:.1%} of their "
                f"endpoints' bandwidth, {asked:.1%} was asked",
                "fewer endpoints_per_switch, more global_links_per_switch, or fewer groups to build to",
                context.fabric_at(name),
            )


@check("FAB154", Severity.ERROR, "An InfiniBand dragonfly has a routing engine that knows it")
def dragonfly_is_routed(context: Context) -> Iterator[Hit]:
    for name, fabric, figures in _dragonflies(context):
        if fabric.technology != Technology.INFINIBAND or fabric.policy is None:
            continue
        able = _ENGINES[figures.spines_per_group > 0]
        if fabric.policy.routing_engine not in able:
            yield Hit(
                f"fabric {name}: routing engine {fabric.policy.routing_engine} deadlocks on a dragonfly, or does not "
                "know it",
                f"use {' or '.join(able)}",
                context.fabric_at(name),
            )


def _dragonflies(context: Context) -> Iterator[tuple[str, FabricDesign, DragonflyFigures]]:
    for name, fabric in context.design.fabrics.items():
        if isinstance(fabric.figures, DragonflyFigures):
            yield name, fabric, fabric.figures


def _is_whole(fabric: FabricDesign) -> bool:
    """Whether all groups stand that the links are laid out for."""
    figures = fabric.figures
    return isinstance(figures, DragonflyFigures) and figures.group_count == figures.build_to_group_count


def _links(context: Context, fabric: str) -> pl.DataFrame:
    """Links between switches with the groups of both ends, and these in ascending order."""
    tables = context.tables
    group = tables.devices.filter(pl.col("fabric") == fabric).select("device", "pod")
    links = tables.cables.filter(
        pl.col("fabric") == fabric, pl.col("tier").is_in(["local", "leaf-spine", "global"])
    ).select("tier", "plane", "a_device", "b_device")
    for end in "ab":
        names = {"device": f"{end}_device", "pod": f"{end}_group"}
        links = links.join(group.rename(names), on=f"{end}_device", how="left", maintain_order="left")
    return links.with_columns(low=pl.min_horizontal("a_group", "b_group"), high=pl.max_horizontal("a_group", "b_group"))
