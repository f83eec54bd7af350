"""What is plugged in: modules that fit their cages, one kind of media a cage, products that reach."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
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
    bare = tables.cables.with_row_index("link").filter(pl.col("product").is_null() & pl.col("media").is_not_null())
    if bare.height:
        unknown = tables.ports.filter(pl.col("connector").is_null())["link"].unique()
        bare = bare.filter(~pl.col("link").is_in(unknown.implode()))
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
    ports, media = context.tables.ports, context.tables.cables["media"].cast(pl.Categorical).to_physical()
    code = media.cast(pl.Int64).fill_null(-1).to_numpy()[ports["link"].to_numpy()]
    own = np.flatnonzero((code >= 0) & ports["module_cage"].is_not_null().to_numpy())
    cage = ports["site_cage"].to_numpy()
    held = np.full(int(cage.max(initial=-1)) + 1, -1)
    held[cage[own]] = code[own]
    mixed = ports[own[held[cage[own]] != code[own]]].unique("site_cage", keep="first", maintain_order=True)
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
    modules = tables.modules["product"].replace_strict(reach, default=None, return_dtype=pl.Float64)
    cage = tables.ports["site_cage"].to_numpy()
    limit_m = np.full(int(cage.max(initial=-1)) + 1, np.inf)
    limit_m[tables.modules["site_cage"].to_numpy()] = modules.fill_null(np.inf).to_numpy()
    length_m = tables.cables["length_m"].fill_null(0.0).to_numpy()[tables.ports["link"].to_numpy()]
    beyond = np.flatnonzero(length_m > limit_m[cage])
    far = (
        tables.ports[beyond]
        .select("fabric", "link", "site_cage", length_m=pl.Series(length_m[beyond], dtype=pl.Float64))
        .join(tables.modules.select("site_cage", "product"), on="site_cage", how="left", maintain_order="left")
    )
    for (fabric, product), group in far.group_by("fabric", "product", maintain_order=True):
        longest_m = group.sort("length_m")["length_m"][-1]
        yield Hit(
            f"fabric {fabric}: {count(group['link'].n_unique(), 'link')} of up to {longest_m:g} m on "
            f"{product}, which reaches {reach[str(product)]:g} m",
            _REPORT,
            context.fabric_at(str(fabric)),
        )
