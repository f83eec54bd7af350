"""Scale-up domains: which GPUs reach each other over NVLink, UALink or their like, and through which chip and port.

A rack is no domain: a rack may hold several, and a domain may span racks. All domains of a pool are built alike, so
that their links are listed once, by the place of a GPU in its domain; `domain_links` names them for one domain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import ScaleUpKind, System
from gigasite.design.columns import COLUMNS
from gigasite.design.model import Design
from gigasite.design.pools import PoolPlan
from gigasite.design.slices import links_by_chip, links_per_peer
from gigasite.errors import Finding, GigasiteError, Severity

Column = NDArray[np.int32]
SWITCH_TRAY = "scale-up-switch"


def domains_table(pools: Sequence[PoolPlan], nodes: pl.DataFrame) -> pl.DataFrame:
    """A row a domain: what it holds, and what joins it. Facts that no source gives are null."""
    found = (
        nodes.drop_nulls("nvlink_domain")
        .group_by("nvlink_domain", maintain_order=True)
        .agg(
            pl.col("pool").first(),
            pl.col("su").first(),
            rack_count=pl.col("rack").n_unique(),
            node_count=pl.len(),
            gpu_count=pl.col("gpu_count").sum(),
        )
        .rename({"nvlink_domain": "domain"})
    )
    facts = pl.DataFrame(
        [_facts(pool.name, pool.system) for pool in pools],
        schema={
            "pool": pl.String,
            "kind": pl.String,
            "whole_gpu_count": pl.Int64,
            "tray_count": pl.Int64,
            "chip_count": pl.Int64,
            "links_per_gpu": pl.Int64,
            "gbyte_s_per_gpu": pl.Float64,
        },
        orient="row",
    )
    return found.join(facts, on="pool", how="left", maintain_order="left").with_columns(
        tbyte_s=pl.col("gpu_count") * pl.col("gbyte_s_per_gpu") / 1000
    )


def links_table(pools: Sequence[PoolPlan]) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """A row a link of a GPU, for one domain of each pool whose system's links are known; the others are left out."""
    parts, findings = [], []
    for pool in pools:
        try:
            part = _links(pool.system)
        except GigasiteError as error:
            at = f"pools[{pool.index}].system"
            findings.append(Finding("FAB171", Severity.ERROR, f"pool {pool.name}: {error.message}", error.hint, at=at))
            continue
        if part is not None:
            parts.append(part.with_columns(pool=pl.lit(pool.name)))
    columns = COLUMNS["scale_up_links"]
    if not parts:
        return pl.DataFrame(schema=columns), tuple(findings)
    return pl.concat(parts).select([pl.col(c).cast(t) for c, t in columns.items()]), tuple(findings)


def domain_links(design: Design, domain: str) -> pl.DataFrame:
    """The links of one domain with the names of nodes and switch trays; KeyError where there is none of that name.

    Columns of `scale_up_links`, and `node`, `rack`, `tray_device` (null: the chips are inside the node).
    """
    tables = design.tables
    nodes = tables.nodes.filter(pl.col("nvlink_domain") == domain).sort("su", "slot")
    if nodes.is_empty():
        raise KeyError(domain)
    own = tables.scale_up_links.filter(pl.col("pool") == nodes["pool"][0])
    numbered = nodes.select("node", "rack", node_in_domain=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
    racks = nodes["rack"].unique(maintain_order=True)
    trays = (
        tables.devices.filter(pl.col("kind") == SWITCH_TRAY, pl.col("rack").is_in(racks.implode()))
        .sort("rack", "index")
        .select(tray_device="device", tray=pl.int_range(1, pl.len() + 1, dtype=pl.Int32))
    )
    return own.join(numbered, on="node_in_domain", maintain_order="left").join(
        trays, on="tray", how="left", maintain_order="left"
    )


def with_switch_trays(gear: pl.DataFrame) -> pl.DataFrame:
    """The equipment of racks, in which switch trays are devices of a kind of their own, numbered in their rack."""
    number = pl.col("device").str.extract(r"-nvsw(\d+)$").cast(pl.Int32)
    is_tray = number.is_not_null()
    return gear.with_columns(
        kind=pl.when(is_tray).then(pl.lit(SWITCH_TRAY)).otherwise("kind"),
        tier=pl.when(is_tray).then(pl.lit("scale-up")),
        index=number,
    )


def racks_per_domain(system: System, nodes_per_rack: int) -> int:
    """Racks that a whole domain takes."""
    nodes = -(-(system.scale_up_domain_gpu_count or 1) // system.gpus_per_node)
    return max(-(-nodes // nodes_per_rack), 1)


def _facts(pool: str, system: System) -> tuple[str | int | float | None, ...]:
    whole = system.scale_up_domain_gpu_count
    systems = _systems(system)
    trays = round(system.scale_up_switch_tray_count * systems)
    chips = system.scale_up_switch_chip_count
    return (
        pool,
        system.scale_up_kind.value if system.scale_up_kind else None,
        whole,
        trays,
        round(chips * systems) if chips is not None else None,
        system.scale_up_links_per_gpu,
        system.scale_up_gbyte_s_per_gpu,
    )


def _systems(system: System) -> float:
    """Systems whose switches a domain uses: domains that share a system share its switch chips."""
    return max((system.scale_up_domain_gpu_count or 0) / system.gpu_count, 1.0)


def _links(system: System) -> pl.DataFrame | None:
    gpus, links = system.scale_up_domain_gpu_count, system.scale_up_links_per_gpu
    if not gpus or not links:
        return None
    if system.scale_up_kind is ScaleUpKind.MESH:
        return _mesh(system, gpus, links)
    if system.scale_up_kind is ScaleUpKind.SWITCHED and system.scale_up_switch_chip_count:
        return _switched(system, gpus, links)
    return None


def _switched(system: System, gpus: int, links: int) -> pl.DataFrame:
    """Each GPU to each chip; a chip's ports follow the places of the GPUs."""
    systems = _systems(system)
    chips = round((system.scale_up_switch_chip_count or 0) * systems)
    trays = round(system.scale_up_switch_tray_count * systems)
    per_chip = np.array(links_by_chip(links, chips, system.scale_up_links_by_chip), np.int32)
    gpu, link = (axis.ravel() for axis in np.indices((gpus, links), np.int32))
    chip = np.repeat(np.arange(chips, dtype=np.int32), per_chip)[link]
    place = np.concatenate([np.arange(count, dtype=np.int32) for count in per_chip])[link]
    tray = chip // max(chips // trays, 1) + 1 if trays else np.zeros(len(chip), np.int32)
    return _rows(system, gpu, link).with_columns(
        tray=pl.Series(tray),
        chip=pl.Series(chip + 1),
        chip_port=pl.Series(gpu * per_chip[chip] + place + 1),
        peer=pl.lit(None, pl.Int32),
        peer_link=pl.lit(None, pl.Int32),
    )


def _mesh(system: System, gpus: int, links: int) -> pl.DataFrame:
    """Each GPU to each other; its links follow the places of the peers."""
    per_peer = links_per_peer(gpus, links)
    gpu, link = (axis.ravel() for axis in np.indices((gpus, links), np.int32))
    place, part = np.divmod(link, np.int32(per_peer))
    peer = np.where(place < gpu, place, place + 1).astype(np.int32)
    back = np.where(gpu < peer, gpu, gpu - 1) * per_peer + part
    return _rows(system, gpu, link).with_columns(
        tray=pl.lit(None, pl.Int32),
        chip=pl.lit(None, pl.Int32),
        chip_port=pl.lit(None, pl.Int32),
        peer=pl.Series(peer + 1),
        peer_link=pl.Series((back + 1).astype(np.int32)),
    )


def _rows(system: System, gpu: Column, link: Column) -> pl.DataFrame:
    per_node = system.gpus_per_node
    return pl.DataFrame(
        {
            "gpu": gpu + 1,
            "node_in_domain": gpu // per_node + 1,
            "gpu_in_node": gpu % per_node + 1,
            "link": link + 1,
        }
    )
