"""Optical circuit switches: ports, evenness of the mesh, light that is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.design.model import FabricDesign
from gigasite.design.topologies.figures import OpticalFigures
from gigasite.errors import Severity

_REPORT = "this is a fault of the design, not of the site file: please report it"
FIBRE_DB_KM: Final = 0.4
"""Loss of single-mode fibre at 1310 nm (ITU-T G.652, maximum)."""
EVEN_WITHIN: Final = 2
"""Links of two pairs of blocks differ by so many at most."""


@check("FAB161", Severity.ERROR, "A port of an optical circuit switch has one fibre and one circuit")
def optical_ports_have_one_circuit(context: Context) -> Iterator[Hit]:
    circuits = context.tables.circuits
    ends = pl.concat([circuits.select("fabric", "ocs", port=f"ocs_port_{end}", far=f"{end}_device") for end in "ab"])
    twice = ends.filter(pl.struct("ocs", "port").is_duplicated())
    dark = ends.filter(pl.col("far").is_null())
    for what, rows in (("in two circuits", twice), ("in a circuit without a fibre", dark)):
        for (fabric,), group in rows.group_by("fabric", maintain_order=True):
            named = group.select(pl.format("{} port {}", "ocs", "port")).to_series().unique(maintain_order=True)
            yield Hit(
                f"fabric {fabric}: {count(len(named), 'port')} {what} ({some(named)})",
                _REPORT,
                context.fabric_at(str(fabric)),
            )


@check("FAB162", Severity.ERROR, "Every two blocks of an optical fabric have circuits, and nearly as many")
def mesh_of_blocks_is_even(context: Context) -> Iterator[Hit]:
    for name, _, figures in _opticals(context):
        few, many = figures.links_between_blocks_min, figures.links_between_blocks_max
        if figures.block_count < 2:
            continue
        if few == 0:
            yield Hit(
                f"fabric {name}: two of its {figures.block_count} blocks have no circuit",
                "give each block more fibres: fibres_per_switch, or fewer and larger blocks",
                context.fabric_at(name),
            )
        elif many - few > EVEN_WITHIN:
            yield Hit(
                f"fabric {name}: two blocks have {few} circuits, two others {many}", _REPORT, context.fabric_at(name)
            )


@check("FAB163", Severity.ERROR, "The transceivers of a circuit bridge fibres and optical switch")
def light_suffices(context: Context) -> Iterator[Hit]:
    for name, _, figures in _opticals(context):
        kinds = {kind.key: kind for kind in context.catalog.cables}
        fibres = context.tables.cables.filter(pl.col("fabric") == name, pl.col("tier").str.ends_with("-ocs"))
        if figures.insertion_loss_db is None:
            yield Hit(
                f"fabric {name}: the loss of {figures.optical_switch} is unknown: light is not checked",
                "state insertion_loss_db with its source in the site's catalog",
                context.fabric_at(name),
                Severity.WARNING,
            )
            continue
        worst = fibres.group_by("media").agg(pl.col("length_m").max()).drop_nulls()
        for media, length_m in worst.sort("media").iter_rows():
            budget, run_m = kinds[media].channel_loss_db or 0.0, 2 * length_m
            loss = figures.insertion_loss_db + figures.other_loss_db + FIBRE_DB_KM * run_m / 1000
            if loss > budget + 1e-9 or run_m > kinds[media].reach_m:
                yield Hit(
                    f"fabric {name}: a circuit over {run_m:,.0f} m loses {loss:.1f} dB, {media} bridges {budget:g} dB "
                    f"and {kinds[media].reach_m:,.0f} m",
                    "use an optical switch of less loss, or a cable kind with a larger budget in the site's catalog",
                    context.fabric_at(name),
                )


def _opticals(context: Context) -> Iterator[tuple[str, FabricDesign, OpticalFigures]]:
    for name, fabric in context.design.fabrics.items():
        if isinstance(fabric.figures, OpticalFigures):
            yield name, fabric, fabric.figures
