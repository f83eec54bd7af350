"""`gigasite whatif`: what a loss leaves of a site, or which losses are the worst."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from gigasite.cli.output import format_option, print_json, print_table, working
from gigasite.cli.sites import find_site
from gigasite.cli.work import designed

if TYPE_CHECKING:
    import polars as pl

    from gigasite.design.failures import Effect, FailureReport, RackAvailability, Target
    from gigasite.design.model import Design

SHOWN: Final = 15


@click.command()
@click.argument("site")
@click.option("--lose", "names", multiple=True, metavar="NAME", help="What is lost; repeatable, patterns allowed.")
@click.option("--while", "out", multiple=True, metavar="NAME", help="What is out for maintenance meanwhile.")
@click.option("--cascade", is_flag=True, help="Let what is overloaded trip, until nothing is.")
@click.option("--pairs", is_flag=True, help="Without --lose: also losses while another element is out.")
@format_option()
def whatif(site: str, names: tuple[str, ...], out: tuple[str, ...], cascade: bool, pairs: bool, style: str) -> int:
    """Play the loss of NAME through the power and cooling of SITE; without --lose, of everything in turn.

    NAME is an element, power.blocks.b2, power.utility.circuits.1, halls.h01, rooms.ROOM, racks.RACK,
    plant.UNIT, or a pattern such as '*-ups'. Exit 1 where a rack goes dark or is interrupted, something is
    overloaded or cooling is short; without --lose, where that breaks what the site promises.
    """
    whole = designed(find_site(site))
    design = whole.design
    with working("playing losses …"):
        if names or out:
            from gigasite.design.failures import lose

            effect = lose(design, names, out=out, cascade=cascade)
            return _show_effect(design, effect, names, out, style)
        from gigasite.design.failures import analyse, site_availability

        available = site_availability(design, whole.catalog)
        return _show_report(design, analyse(design), available, style, with_pairs=pairs)


def _show_effect(design: Design, effect: Effect, names: Sequence[str], out: Sequence[str], style: str) -> int:
    if style == "json":
        print_json({"site": design.site, "lose": list(names), "while": list(out), **effect_document(effect)})
        return 0 if effect.is_harmless else 1
    lost = effect.lost
    print(f"{design.site}: without {_listed(names)}{f' while {_listed(out)} is out' if out else ''}")
    print(f"lost: {_count(lost)}")
    rows = [
        ("racks dark", len(effect.dark_racks), _some(effect.dark_racks)),
        ("racks whose feeds are too small", len(effect.over_feed_racks), _some(effect.over_feed_racks)),
        ("racks whose supplies are too small", len(effect.over_supply_racks), _some(effect.over_supply_racks)),
        ("racks interrupted", len(effect.interrupted_racks), _gap(effect)),
        ("elements overloaded", len(effect.overloads), _some(o.element for o in effect.overloads)),
        ("cooling groups short", len(effect.shortages), _some(s.group for s in effect.shortages)),
        ("scalable units touched", len(effect.touched_units), _some(f"{p} {su}" for p, su in effect.touched_units)),
    ]
    if effect.tripped:
        rows.append(("tripped in turn", len(effect.tripped), _some(effect.tripped)))
    print_table("What it leaves", ("what", "count", "which"), rows)
    pools = [
        (p.pool or "network", p.rack_count, p.node_count, p.gpu_count, _ranges(p.scalable_units)) for p in effect.pools
    ]
    print_table("Down by pool", ("pool", "racks", "nodes", "GPUs", "scalable units"), pools)
    print_table(
        "Overloaded",
        ("element", "kind", "carries kW", "of kW"),
        [(o.element, o.kind, o.load_kw, o.capacity_kw) for o in effect.overloads[:SHOWN]],
    )
    print_table(
        "Short of cooling",
        ("group", "units left", "required", "left kW", "heat kW"),
        [(s.group, s.left_count, s.required_count, s.left_kw, s.heat_kw) for s in effect.shortages[:SHOWN]],
    )
    if effect.unknown_load:
        print("\nThe load of some racks or cooling units is unknown: overloads above them can't be told.")
    print(f"\n{_verdict(effect)}")
    return 0 if effect.is_harmless else 1


def effect_document(effect: Effect) -> dict[str, Any]:
    """An effect as plain data."""
    lost = effect.lost
    return {
        "lost": {
            "elements": list(lost.elements),
            "plant": list(lost.units),
            "feeds": list(lost.feeds),
            "racks": list(lost.racks),
        },
        "harmless": effect.is_harmless,
        "dark_racks": list(effect.dark_racks),
        "over_feed_racks": list(effect.over_feed_racks),
        "over_supply_racks": list(effect.over_supply_racks),
        "interrupted_racks": list(effect.interrupted_racks),
        "longest_gap_s": effect.longest_gap_s,
        "pools": [
            {
                "pool": p.pool,
                "racks": p.rack_count,
                "nodes": p.node_count,
                "gpus": p.gpu_count,
                "scalable_units": list(p.scalable_units),
            }
            for p in effect.pools
        ],
        "touched_scalable_units": [{"pool": pool, "scalable_unit": su} for pool, su in effect.touched_units],
        "overloaded": [
            {"element": o.element, "kind": o.kind, "load_kw": o.load_kw, "capacity_kw": o.capacity_kw}
            for o in effect.overloads
        ],
        "cooling_short": [
            {
                "group": s.group,
                "hall": s.hall,
                "left_count": s.left_count,
                "required_count": s.required_count,
                "left_kw": s.left_kw,
                "heat_kw": s.heat_kw,
            }
            for s in effect.shortages
        ],
        "grid_shortfall_kw": effect.grid_shortfall_kw,
        "generation_shortfall_kw": effect.generation_shortfall_kw,
        "tripped": list(effect.tripped),
        "unknown_load": effect.unknown_load,
    }


def _show_report(
    design: Design,
    report: FailureReport,
    available: Sequence[RackAvailability],
    style: str,
    *,
    with_pairs: bool,
) -> int:
    from gigasite.spec.site import Availability

    promise = design.resolved.standards.availability
    broken = _broken(report, promise is not Availability.BASIC, promise is Availability.FAULT_TOLERANT)
    if style == "json":
        document: dict[str, Any] = {
            "site": design.site,
            "promise": promise.value,
            "kept": not broken,
            "singles": report.singles.to_dicts(),
            "commons": report.commons.to_dicts(),
            "availability": [asdict(racks) for racks in available],
        }
        if with_pairs:
            document["pairs"] = report.pairs.pairs.to_dicts()
        print_json(document)
        return 1 if broken else 0
    elements = report.singles.height
    kept = int(report.singles["maintainable"].sum())
    print(f"{design.site} promises to be {promise.value}: {kept:,} of {elements:,} elements and units can be taken out")
    print_table("Worst single losses", _HEADER, [_row(row) for row in _worst(report.singles)])
    print_table("Common causes", _HEADER, [_row(row) for row in _worst(report.commons)])
    if with_pairs:
        pairs = report.pairs.pairs.head(SHOWN)
        columns = ("out", "lost", "dark_rack_count", "dark_gpu_count", "hurt_rack_count")
        header = ("out", "lost", "racks dark", "GPUs dark", "dark or on too little")
        print_table("Losses while another is out", header, pairs.select(columns).rows())
    _show_availability(available)
    print(f"\n{broken or 'The promise is kept.'}")
    return 1 if broken else 0


def _show_availability(available: Sequence[RackAvailability]) -> None:
    """Power at the racks, by class of racks."""
    rows = []
    for racks in available[:SHOWN]:
        ratio, hours = racks.available_ratio, racks.downtime_h_per_year
        if ratio is None or hours is None:
            rows.append((racks.example, racks.rack_count, f"no figures for {', '.join(racks.missing)}", "", ""))
            continue
        worst = racks.cut_sets[0] if racks.cut_sets else None
        rows.append(
            (
                racks.example,
                racks.rack_count,
                f"{ratio.mid:.5%} ({ratio.low:.4%} to {ratio.high:.5%})",
                f"{60 * hours.mid:.1f} ({60 * hours.low:.1f} to {60 * hours.high:.0f})",
                " and ".join(worst.events) if worst else "",
            )
        )
    header = ("rack, and those like it", "racks", "power is there", "minutes without a year", "mostly through")
    print_table("Availability of power at the rack, of figures that are partly assumed", header, rows)


_HEADER: Final = ("lost", "kind", "racks dark", "GPUs dark", "on too little", "interrupted", "overloaded", "no cooling")


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    over = ""
    if row["overloaded_count"]:
        ratio = row["worst_load_kw"] / max(row["worst_capacity_kw"], 1e-9)
        over = f"{row['overloaded_count']} (worst {row['worst_overloaded']} at {ratio:.0%})"
    little = max(row["over_feed_rack_count"], row["over_supply_rack_count"])
    more = row["like_count"] - 1
    return (
        f"{row['name']} and {more:,} like it" if more else row["name"],
        row["kind"] or "",
        row["dark_rack_count"],
        row["dark_gpu_count"],
        little,
        row["interrupted_rack_count"],
        over,
        row["worst_short_group"] or "",
    )


def _worst(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Losses that do harm, the worst first; equal ones in one row, with the first one's name and their number."""
    import polars as pl

    harm = ("dark_rack_count", "over_supply_rack_count", "over_feed_rack_count", "overloaded_count")
    order = [*harm, "short_group_count", "interrupted_rack_count"]
    shown = ["kind", *order, "dark_gpu_count", "worst_overloaded", "worst_short_group"]
    folded = (
        rows.filter(pl.sum_horizontal(order) > 0)
        .group_by(shown, maintain_order=True)
        .agg(pl.col("name").first(), pl.col("worst_load_kw", "worst_capacity_kw").first(), like_count=pl.len())
    )
    return folded.sort(order, descending=True, maintain_order=True).head(SHOWN).to_dicts()


def _broken(report: FailureReport, maintainable: bool, tolerant: bool) -> str:
    """What of a promise is broken, in a sentence; nothing where it is kept."""
    import polars as pl

    single = report.singles.filter(~pl.col("maintainable")) if maintainable else report.singles.clear()
    if single.height:
        return f"The promise is broken: {single.height:,} losses stop, overload or overheat something."
    causes = report.commons.filter(~pl.col("tolerated"), pl.col("kind") != "hall")
    faults = report.singles.filter(~pl.col("tolerated")).height + causes.height
    if tolerant and faults:
        return f"The promise is broken: {faults:,} single faults or common causes stop or interrupt something."
    return ""


def _verdict(effect: Effect) -> str:
    if effect.is_harmless:
        return "Nothing goes dark, nothing is overloaded, no cooling is short."
    if effect.down_racks:
        gpus = sum(p.gpu_count for p in effect.pools)
        return f"{len(effect.down_racks):,} racks with {gpus:,} GPUs stop."
    return "Racks keep power, but not all is well."


def _count(lost: Target) -> str:
    parts = (
        ("elements", lost.elements),
        ("units of the cooling plant", lost.units),
        ("feeds", lost.feeds),
        ("racks", lost.racks),
    )
    return "; ".join(f"{len(names):,} {noun} ({_some(names)})" for noun, names in parts if names)


def _gap(effect: Effect) -> str:
    if not effect.interrupted_racks:
        return ""
    return f"{_some(effect.interrupted_racks)}, up to {effect.longest_gap_s:g} s"


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3:,} more" if len(listed) > 3 else "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing more"


def _ranges(numbers: Sequence[int]) -> str:
    """`1, 3-5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
