"""What is plugged in: modules that fit their cages, one kind of media a cage, products that reach."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.cabling_products import Transceiver
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count
from gigasite.errors import Severity

_REPORT = "this is a fault of the design, not of the site file: please report it"


@check("FAB201", Severity.WARNING, "A product of the catalog fits each cage")
def products_fit_cages(context: Context) -> Iterator[Hit]:
    tables = context.tables
    known = tables.ports.group_by("link").agg(pl.col("connector").is_not_null().all()).filter("connector")["link"]
    bare = tables.cables.with_row_index("link").filter(
        pl.col("product").is_null() & pl.col("media").is_not_null() & pl.col("link").is_in(known.implode())
    )
    for (fabric, tier, media), group in bare.group_by("fabric", "tier", "media", maintain_order=True):
        first = group.row(0, named=True)
        yield Hit(
            f"fabric {fabric}: no product of the catalog makes {count(group.height, 'link')} {tier} of {media} in the "
            f"cages of both ends ({first['a_device']} to {first['b_device']})",
            "add a transceiver or a cable to the site's catalog, or choose another switch or speed",
            context.fabric_at(str(fabric)),
        )


@check("FAB202", Severity.ERROR, "One cage holds one module or plug")
def cages_hold_one_module(context: Context) -> Iterator[Hit]:
    tables = context.tables
    media = tables.cables["media"].gather(tables.ports["link"])
    ends = tables.ports.select("device", "module_cage", "fabric", media=media).drop_nulls(["module_cage", "media"])
    mixed = (
        ends.group_by("device", "module_cage", maintain_order=True)
        .agg(pl.col("media").n_unique(), pl.col("fabric").first())
        .filter(pl.col("media") > 1)
    )
    for (fabric,), group in mixed.group_by("fabric", maintain_order=True):
        worst = group.row(0, named=True)
        yield Hit(
            f"fabric {fabric}: {count(group.height, 'cage')} would need modules of several kinds at once "
            f"({worst['device']}, cage {worst['module_cage']})",
            "cable both ports of a twin-port cage to the same distance and speed, or leave one free",
            context.fabric_at(str(fabric)),
        )


@check("FAB203", Severity.ERROR, "No link is longer than its modules reach")
def modules_reach(context: Context) -> Iterator[Hit]:
    tables = context.tables
    reach = {item.key: item.reach_m for item in context.catalog.all_of(Transceiver) if item.reach_m is not None}
    limited = tables.modules.filter(pl.col("product").is_in(list(reach)))
    if limited.is_empty():
        return
    cables = tables.cables.select("fabric", "length_m").with_row_index("link").cast({"link": pl.Int64})
    ends = tables.ports.select("device", "link", cage="module_cage").drop_nulls()
    held = ends.join(limited.select("device", "cage", "product"), on=["device", "cage"], maintain_order="left")
    far = held.join(cables, on="link", how="left", maintain_order="left").filter(
        pl.col("length_m") > pl.col("product").replace_strict(reach, return_dtype=pl.Float64)
    )
    for (fabric, product), group in far.group_by("fabric", "product", maintain_order=True):
        longest_m = group.sort("length_m")["length_m"][-1]
        yield Hit(
            f"fabric {fabric}: {count(group['link'].n_unique(), 'link')} of up to {longest_m:g} m on "
            f"{product}, which reaches {reach[str(product)]:g} m",
            _REPORT,
            context.fabric_at(str(fabric)),
        )
