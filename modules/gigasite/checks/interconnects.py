"""Links to other sites: optics, bandwidth, ports of border switches, delay."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from gigasite.catalog.line_products import LineOptic
from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, some
from gigasite.design.interconnect.figures import reach_km
from gigasite.errors import Severity

declare("FAB181", Severity.ERROR, "An interconnect can be laid out with its border switches")


@check("FAB182", Severity.ERROR, "An optic carries the circuits of an interconnect as far as they go")
def optics_reach_the_other_site(context: Context) -> Iterator[Hit]:
    for index, found in enumerate(context.design.interconnects):
        if found.to is None or found.optic is not None:
            continue
        able = [optic for optic in context.catalog.all_of(LineOptic) if found.circuit_gbps in optic.gbps]
        reaches = [
            max(reach_km(optic, amplified=amplified) for optic in able) if able else 0.0 for amplified in (False, True)
        ]
        line = "amplified line" if found.amplified else "dark fibre"
        yield Hit(
            f"interconnect {found.name}: no optic of the catalog carries {found.circuit_gbps:g} Gb/s over "
            f"{found.distance_km:g} km of {line} (at most {reaches[0]:g} km dark, {reaches[1]:g} km amplified)",
            "amplify the line (amplified: true), take slower circuits, regenerate on the way, or add a line-optic to "
            "the site's catalog",
            _at(index),
        )


@check("FAB183", Severity.ERROR, "A port of a border switch holds one link, whatever fabric it is of")
def border_ports_hold_one_link(context: Context) -> Iterator[Hit]:
    borders = [name for found in context.design.interconnects for name in found.border_devices]
    if not borders:
        return
    ports = context.tables.ports.filter(pl.col("device").is_in(borders), pl.col("port") > 0)
    shared = ports.group_by("device", "cage").agg(
        pl.col("fabric").n_unique(), twice=pl.col("lane").is_duplicated().any()
    )
    bad = shared.filter((pl.col("fabric") > 1) | pl.col("twice")).sort("device", "cage")
    if bad.height:
        named = [f"{device} port {cage}" for device, cage in bad.select("device", "cage").head(3).iter_rows()]
        yield Hit(
            f"{count(bad.height, 'port')} of border switches with more than one link ({some(named, total=bad.height)})",
            "this is a fault of the design, not of the site file: please report it",
            "interconnects",
        )


@check("FAB184", Severity.WARNING, "Border switches carry their circuits into the fabric, one of them lost too")
def borders_carry_their_circuits(context: Context) -> Iterator[Hit]:
    for index, found in enumerate(context.design.interconnects):
        total = found.circuit_count * (found.circuit_gbps or 0.0)
        if found.to is None:
            continue
        switches = len(found.border_devices)
        if found.uplink_gbps * switches < total - 1e-6:
            yield Hit(
                f"interconnect {found.name}: {count(switches, 'border switch')} of {found.uplink_gbps:g} Gb/s each "
                f"into fabric {found.fabric} carry less than its circuits of {total:g} Gb/s",
                "raise uplink_gbps, or leave it out",
                _at(index),
            )
        if switches < 2 or found.circuit_count < 2:
            yield Hit(
                f"interconnect {found.name}: the loss of one {'border switch' if switches < 2 else 'circuit'} parts "
                f"{context.design.site} from {found.to}",
                "take two border switches and two circuits at least, on separate ways",
                _at(index),
            )


@check("FAB185", Severity.INFO, "What distance does to a circuit is told")
def distance_is_told(context: Context) -> Iterator[Hit]:
    for index, found in enumerate(context.design.interconnects):
        if found.bandwidth_delay_mbyte is None:
            continue
        yield Hit(
            f"interconnect {found.name}: {found.one_way_us:,.0f} µs one way; {found.bandwidth_delay_mbyte:,.1f} MB are "
            f"under way on a circuit in a round trip, which a lossless class needs as headroom in the border switch",
            "keep priority flow control off the circuits unless buffers hold that, and size windows of hosts by it",
            _at(index),
        )


@check("FAB186", Severity.ERROR, "Two sites say the same of the circuits between them")
def circuits_lead_to_another_site(context: Context) -> Iterator[Hit]:
    """Alone, a site can only be asked whether it leads to itself; `disagreements` compares it with another."""
    for index, found in enumerate(context.design.interconnects):
        if found.to == context.design.site:
            yield Hit(
                f"interconnect {found.name} leads to {found.to}, the site itself",
                "name the other site in `to`; fabrics of one site are joined with `joins`",
                _at(index),
            )


def _at(index: int) -> str:
    return f"interconnects[{index}]"
