"""What keeps power can be reached: management switches and controllers after any single loss of power."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from gigasite.catalog.models import FabricRole, Form
from gigasite.checks.context import Context
from gigasite.checks.management import cuts_of
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, some
from gigasite.errors import Severity


@check("OPS101", Severity.ERROR, "Whatever keeps power after a single loss can still be managed")
def management_outlives_any_loss_of_power(context: Context) -> Iterator[Hit]:
    if not context.promises_maintenance:
        return
    for fabric in context.fabrics_of(FabricRole.OOB):
        switches = _switches(context, fabric)
        losses = _losses(context, switches)
        if not losses.height:
            continue
        cut_off = pl.concat([losses, _cut_off(context, fabric, switches, losses)])
        ends = context.management_ends[fabric].join(cut_off, left_on="switch", right_on="device", maintain_order="left")
        hidden = ends.join(
            _dark(context), left_on=["name", "end_rack"], right_on=["name", "rack"], how="anti", maintain_order="left"
        )
        by_loss = hidden.group_by("name", maintain_order=True).agg(pl.len(), pl.col("end"), pl.col("switch").unique())
        if by_loss.height:
            worst = by_loss.sort("len", descending=True, maintain_order=True).row(0, named=True)
            yield Hit(
                f"fabric {fabric}: {count(by_loss.height, 'single loss')} of power cut off what keeps power: without "
                f"{worst['name']} {count(len(worst['switch']), 'management switch')} (such as {worst['switch'][0]}) "
                f"and with it {count(worst['len'], 'controller')} ({some(worst['end'])})",
                "give the switch two supplies on feeds of different blocks, or move it to a rack that has them",
                context.fabric_at(fabric),
            )


@check("OPS102", Severity.WARNING, "No controller of a feed or power shelf hangs on a switch that only it powers")
def power_is_never_switched_off_for_good(context: Context) -> Iterator[Hit]:
    for fabric in context.fabrics_of(FabricRole.OOB):
        traps = _traps(context, fabric)
        if traps.height:
            yield Hit(
                f"fabric {fabric}: {count(traps.height, 'controller')} of power would cut themselves off for good: "
                f"{traps['end'][0]} is reached through {traps['switch'][0]}, which only it powers "
                f"({some(traps['end'])})",
                "give the rack a second feed, or reach its power through a switch of another rack: racks.feeds",
                "racks.feeds",
            )


@check("OPS103", Severity.INFO, "A controller with a single management port is unseen while its switch is lost")
def switches_that_hide_controllers(context: Context) -> Iterator[Hit]:
    for fabric in context.fabrics_of(FabricRole.OOB):
        ends = context.management_ends[fabric]
        often = ends["end"].is_duplicated()
        pairs = ends.select("end", "switch")
        pairs = pl.concat([pairs.filter(~often), pairs.filter(often).unique()])
        single = pairs.filter(pl.col("end").is_unique())
        by_switch = single.group_by("switch").len().sort("len", "switch", descending=[True, False])
        if by_switch.height:
            switch, ends_count = by_switch.row(0)
            total = single.height
            yield Hit(
                f"fabric {fabric}: {count(total, 'controller')} with one port each; the loss of a management switch "
                f"hides up to {ends_count:,} of them ({switch}), which run on",
                "keep a spare management switch at hand: what it hid runs on, but cannot be seen or switched",
                context.fabric_at(fabric),
            )


def _switches(context: Context, fabric: str) -> pl.DataFrame:
    """`device`, `rack`, `is_single`: whether it has a single supply, which hangs on the rack's first feed."""
    own = context.tables.devices.filter(pl.col("fabric") == fabric, pl.col("kind") == "switch")
    models = own["model"].drop_nulls().unique().to_list()
    single = {model: context.catalog.switch(model).psu_count == 1 for model in models}
    is_single = pl.col("model").replace_strict(single, default=False, return_dtype=pl.Boolean)
    return own.select("device", "rack", is_single=is_single)


def _losses(context: Context, switches: pl.DataFrame) -> pl.DataFrame:
    """`name`, `device`: management switches that are without power after each single loss."""
    touched = context.failures.touched_racks
    dead = (pl.col("live_bits") == 0) | (pl.col("is_single") & (pl.col("live_bits") % 2 == 0))
    return touched.join(switches, on="rack", maintain_order="left").filter(dead).select("name", "device")


def _dark(context: Context) -> pl.DataFrame:
    return context.failures.touched_racks.filter(pl.col("live_bits") == 0).select("name", "rack")


def _cut_off(context: Context, fabric: str, switches: pl.DataFrame, losses: pl.DataFrame) -> pl.DataFrame:
    """`name`, `device`: switches with power that the others no longer reach."""
    cables = context.tables.cables
    trunks = cables.filter(pl.col("fabric") == fabric, pl.col("tier").is_in(["leaf-spine", "spine-core"]))
    sets = losses.group_by("name", maintain_order=True).agg(pl.col("device").sort())
    groups: dict[tuple[str, ...], str] = {}
    for name, devices in sets.iter_rows():
        groups.setdefault(tuple(devices), name)
    alike: Mapping[str, tuple[str, ...]] = {name: devices for devices, name in groups.items()}
    links = trunks.select("a_device", "b_device").iter_rows()
    cuts = [c for c in cuts_of(switches["device"].to_list(), links, alike) if c.kind == "rack"]
    rows = [(cut.lost, device) for cut in cuts for device in cut.stranded]
    first = pl.DataFrame(rows, schema={"first": pl.String, "device": pl.String}, orient="row")
    names = sets.with_columns(
        first=pl.Series([groups[tuple(devices)] for devices in sets["device"].to_list()], dtype=pl.String)
    )
    return names.select("name", "first").join(first, on="first").select("name", "device")


def _traps(context: Context, fabric: str) -> pl.DataFrame:
    """Controllers of rack PDUs and power shelves behind a switch of their rack that nothing else powers."""
    racks = context.tables.racks.select("rack", "pool", "kind").join(_shelves(context), on="pool", how="left")
    feeds = context.tables.feeds.group_by("rack").agg(feed_count=pl.len(), first=pl.col("letter").sort().first())
    ends = context.management_ends[fabric].filter(pl.col("end_rack") == pl.col("switch_rack"))
    letter = pl.col("end").str.extract(r"-pdu([a-h])$").str.to_uppercase()
    shelf = pl.col("end").str.extract(r"-pwr(\d+)$")
    single = _switches(context, fabric).select(switch="device", is_single="is_single")
    joined = (
        ends.with_columns(letter=letter, shelf=shelf)
        .filter(pl.col("letter").is_not_null() | pl.col("shelf").is_not_null())
        .join(racks, left_on="end_rack", right_on="rack", how="left", maintain_order="left")
        .join(feeds, left_on="end_rack", right_on="rack", how="left", maintain_order="left")
        .join(single, on="switch", how="left", maintain_order="left")
    )
    only_feed = (pl.col("letter") == pl.col("first")) & ((pl.col("feed_count") == 1) | pl.col("is_single"))
    only_shelf = pl.col("shelf").is_not_null() & (pl.col("kind") == "pool") & (pl.col("shelf_count") == 1)
    return joined.filter(only_feed.fill_null(value=False) | only_shelf.fill_null(value=False))


def _shelves(context: Context) -> pl.DataFrame:
    rows = [(name, s.shelf_count if s.form is Form.RACK else None) for name, s in context.systems.items()]
    return pl.DataFrame(rows, schema={"pool": pl.String, "shelf_count": pl.Int64}, orient="row")
