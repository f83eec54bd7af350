"""Where border switches are linked to a fabric: ports that nothing will use at its ultimate size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from gigasite.catalog.models import Switch
from gigasite.design.attachments import FabricPlan
from gigasite.design.clos import SwitchShape
from gigasite.design.fabrics import FabricLayout
from gigasite.design.topologies.choose import lay_out_fabric
from gigasite.errors import GigasiteError
from gigasite.spec.interconnects import Attach

_TIERS = ("core", "spine", "leaf")


@dataclass(frozen=True, slots=True)
class AttachPorts:
    """Free ports of a tier of a fabric: a row a port of whole free cages, in the order in which they are taken.

    Columns `device`, `port` (from 1), `plane`. `scope_count`: sets of switches (planes, rails with spines of their
    own) each of which a border has to reach, as no switch joins them.
    """

    tier: str
    gbps: float
    ports: pl.DataFrame
    scope_count: int


def attach_ports(plan: FabricPlan, layout: FabricLayout, attach: Attach, prefix: str) -> AttachPorts:
    """Ports for border switches. Raises GigasiteError where the tier is not built, or has no port left.

    Ports are taken from the last of each switch downwards, switch after switch in strides, so that any number of them
    is spread over the switches, and more of them move none.
    """
    whole = _ultimate(plan, prefix)
    tier = _tier(whole, attach)
    switches = whole.devices.filter((pl.col("kind") == "switch") & (pl.col("tier") == tier)).sort("slot")
    standing = layout.devices.filter(pl.col("tier") == tier)["device"]
    if standing.is_empty():
        below = _TIERS[_TIERS.index(tier) + 1]
        raise GigasiteError(
            f"its {tier} switches are not built yet, so that no border switch can be linked to them",
            hint=f"attach the border switches to another tier: attach: {below}",
        )
    switch, gbps = {
        "leaf": (plan.leaf, plan.link_gbps),
        "spine": (plan.spine, plan.trunk_gbps),
        "core": (plan.core, plan.core_trunk_gbps),
    }[tier]
    free = _free_ports(switches, whole.links, registered_shape(plan, switch), switch, gbps)
    free = free.filter(pl.col("device").is_in(standing.implode()))
    if free.is_empty():
        raise GigasiteError(
            f"its {tier} switches have no port left at the size that it builds to",
            hint=f"keep some free (fabrics.{plan.name}.border_ports: 1), or attach them elsewhere (attach)",
        )
    scopes = standing_scopes(layout.devices, tier)
    return AttachPorts(tier, gbps, _in_strides(free, switches), scopes)


def registered_shape(plan: FabricPlan, switch: Switch) -> SwitchShape:
    """The shape by which ports of a model are numbered in a fabric: that of its lowest tier."""
    tiers = ((plan.leaf, plan.shape), (plan.spine, plan.spine_shape), (plan.core, plan.core_shape))
    return next(shape for model, shape in tiers if model.key == switch.key)


def standing_scopes(devices: pl.DataFrame, tier: str) -> int:
    """Sets of switches of a tier that nothing above them joins: planes, and rails whose spines are their own."""
    own = devices.filter(pl.col("tier") == tier)
    return max(own.select("plane", "rail").n_unique() if tier != "leaf" else own["plane"].n_unique(), 1)


def lanes_at(switch: Switch, gbps: float, most: int) -> int:
    """Links of a speed in one cage, at most `most`."""
    group = next(g for g in switch.port_groups if g.use != "up")
    able = [b for b in group.breakouts if b <= most and group.gbps / b >= gbps]
    return max(able, default=1)


def _ultimate(plan: FabricPlan, prefix: str) -> FabricLayout:
    """The fabric as it will be at the size that it builds to, with stand-ins for its endpoints."""
    attachments, endpoints = [], {}
    for attachment in plan.attachments:
        request = attachment.request
        reserved = [sum(su == unit for su, _ in request.reserved_slots) for unit in range(request.build_to_su_count)]
        counts = tuple(request.nodes_per_su - taken for taken in reserved)
        attachments.append(replace(attachment, request=replace(request, node_counts=counts)))
        su, slot = (axis.ravel() + 1 for axis in np.indices((len(counts), request.nodes_per_su), np.int32))
        frame = pl.DataFrame({"su": su, "slot": slot})
        endpoints[attachment.owner] = frame.with_columns(node=pl.format("{}-{}", "su", "slot"))
    return lay_out_fabric(replace(plan, attachments=tuple(attachments)), prefix, endpoints, 0)


def _tier(whole: FabricLayout, attach: Attach) -> str:
    present = set(whole.devices.filter(pl.col("kind") == "switch")["tier"].unique().to_list())
    if attach is Attach.TOP:
        return next(tier for tier in _TIERS if tier in present)
    if attach.value not in present:
        raise GigasiteError(
            f"it has no {attach.value} switches", hint=f"it has {', '.join(t for t in _TIERS if t in present)}"
        )
    return attach.value


def _free_ports(
    switches: pl.DataFrame, links: pl.DataFrame, shape: SwitchShape, switch: Switch, gbps: float
) -> pl.DataFrame:
    """Ports of cages that no link uses: device, plane, cage (from 0), port (from 1)."""
    used = pl.concat(
        [links.select(device=f"{end}_device", number=pl.col(f"{end}_port") - 1) for end in ("a", "b")]
    ).with_columns(cage=(pl.col("number") // shape.stride).cast(pl.Int32))
    lanes = lanes_at(switch, gbps, shape.stride)
    cages = pl.DataFrame({"cage": np.arange(shape.cage_count, dtype=np.int32)})
    free = (
        switches.select("device", "plane")
        .join(cages, how="cross")
        .join(used.select("device", "cage").unique(), on=["device", "cage"], how="anti")
    )
    parts = pl.DataFrame({"lane": np.arange(lanes, dtype=np.int32)})
    return free.join(parts, how="cross").with_columns(port=pl.col("cage") * shape.stride + pl.col("lane") + 1)


def _in_strides(free: pl.DataFrame, switches: pl.DataFrame) -> pl.DataFrame:
    """Free ports in rounds over the switches, the last port of each first.

    Within a round scopes (plane and rail) take turns, and the switches of a scope follow each other in strides near
    the golden ratio, so that the first few of any number lie apart.
    """
    scope = ["plane", "rail"]
    placed = switches.select("device", *scope).with_columns(place=pl.int_range(pl.len()).over(scope))
    count = int(placed["place"].max() or 0) + 1  # type: ignore[arg-type]
    turn = {place: number for number, place in enumerate(_strides(count))}
    ordered = placed.with_columns(turn=pl.col("place").replace_strict(turn, return_dtype=pl.Int64))
    rounds = free.with_columns(number=pl.col("port").rank("ordinal", descending=True).over("device"))
    return (
        rounds.join(ordered.select("device", "rail", "turn"), on="device", how="left")
        .sort("number", "turn", "rail", "plane")
        .select("device", "port", "plane")
    )


def _strides(count: int) -> list[int]:
    """0 to `count` - 1 in steps of the number near count over the golden ratio that has no factor with it."""
    step = max(round(count * 0.6180339887), 1)
    while np.gcd(step, count) != 1:
        step += 1
    return [(place * step) % count for place in range(count)]
