"""`gigasite design`: what follows from a site file, as an overview, as JSON, as tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gigasite.cli.output import format_option, plain_value, print_json, print_table, working
from gigasite.cli.sites import find_site
from gigasite.cli.work import designed
from gigasite.errors import UsageError, errors_of

if TYPE_CHECKING:
    from gigasite.checks.site import DesignedSite
    from gigasite.design.model import Design


@click.command()
@click.argument("site")
@format_option()
@click.option("--explain", "explained", is_flag=True, help="Say where each value came from.")
@click.option("--tables", type=click.Path(path_type=Path), help="Write every table here, as Parquet and CSV.")
def design(site: str, style: str, explained: bool, tables: Path | None) -> int:
    """Show what follows from the file of SITE."""
    from gigasite.preview.figures import site_figures

    whole = designed(find_site(site))
    with working("reckoning …"):
        document = site_figures(whole)
    if explained:
        document = {**document, "settings": _settings(whole), "facts": _facts(whole)}
    if tables is not None:
        write_tables(whole.design, tables)
    if style == "json":
        print_json(document)
    else:
        _overview(document, whole.design)
        if explained:
            _explanation(document)
    errors = errors_of(tuple(whole.loaded.placed(finding) for finding in whole.design.findings))
    sys.stdout.flush()
    for finding in errors:
        print(finding, file=sys.stderr)
    return 1 if errors else 0


def write_tables(design: Design, folder: Path) -> None:
    """Every table of a design as `<name>.parquet` and `<name>.csv`. Raises UsageError where it cannot write."""
    from polars.exceptions import PolarsError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with working("writing tables …"):
            for name, frame in design.tables.items():
                frame.write_parquet(folder / f"{name}.parquet")
                frame.write_csv(folder / f"{name}.csv")
    except (OSError, PolarsError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"tables cannot be written: {reason}", str(folder), "give another folder") from None


def _overview(document: Mapping[str, Any], design: Design) -> None:
    print(f"{document['site']}: {document['racks']:,} racks")
    pools = [
        (name, p["system"], p["nodes"], p["gpus"], p["racks"], design.pools[name].system_kw)
        for name, p in document["pools"].items()
    ]
    print_table("Pools", ("pool", "system", "nodes", "GPUs", "racks", "kW a system"), pools)
    fabrics = [
        (
            name,
            ", ".join(f["roles"]),
            design.fabrics[name].switch,
            f["tiers"],
            f["planes"],
            f["leaf"],
            f["spine"],
            f["core"],
            f["cables_node_leaf"],
            f["cables_leaf_spine"],
            f["cables_spine_core"],
        )
        for name, f in document["fabrics"].items()
    ]
    tiers = ("tiers", "planes", "leaf", "spine", "core", "to leaf", "to spine", "to core")
    header = ("fabric", "roles", "switch", *tiers)
    print_table("Fabrics (switches, and cables to each tier, over all planes)", header, fabrics)
    for name, f in document["fabrics"].items():
        if f["topology"] in f:
            figures = [(key.replace("_", " "), value) for key, value in f[f["topology"]].items()]
            print_table(f"Fabric {name}, {f['topology']}", ("what", "value"), figures)
    links = [
        (i.name, i.fabric, i.to or i.joins, i.circuit_count, i.circuit_gbps, i.distance_km, i.one_way_us, i.optic)
        for i in design.interconnects
    ]
    if links:
        columns = ("interconnect", "fabric", "to", "circuits", "Gb/s", "km", "µs one way", "optic")
        print_table("Interconnects", columns, links)
    halls = [
        (
            h.name,
            f"{h.rack_count}/{h.rack_positions}",
            h.it_kw,
            h.it_limit_kw or "no limit",
            h.liquid_kw,
            h.air_kw,
            h.cdu_count,
        )
        for h in design.halls
    ]
    print_table("Halls", ("hall", "racks", "IT kW", "limit kW", "liquid kW", "air kW", "CDUs"), _folded(halls))
    _facility(document, design)
    deciding = [(a["path"], plain_value(a["value"]), a["why"]) for a in document["assumptions"] if a["decisive"]]
    print_table(
        "Assumptions that decide the site (`up` refuses while there is one)", ("setting", "value", "why"), deciding
    )
    others = len(document["assumptions"]) - len(deciding)
    print(f"\n{others:,} more values are assumed; `gigasite design {document['site']} --explain` says why, each.")


def _facility(document: Mapping[str, Any], design: Design) -> None:
    """Power, cooling, shell, and what the site costs and uses."""
    power, cooling, shell = design.power, design.cooling, document["shell"]
    losses, load = document["power"]["losses_of_one"], document["power"]["load"]
    print_table(
        "Power",
        ("what", "value"),
        [
            ("IT load, kW", power.it_kw),
            ("mechanical load, kW", power.mechanical_kw),
            ("losses, kW", power.loss_kw),
            ("at the utility, kW", power.utility_kw),
            ("utility offers, kW", "not given" if power.utility_available_kw is None else power.utility_available_kw),
            ("blocks", _blocks(design)),
            ("rack feeds", f"{power.feeds_per_rack} of {power.breaker_a:g} A, {power.feed_usable_kw:.1f} kW each"),
            ("largest step of the load, kW", load["step_kw"]),
            ("elements that can be maintained", f"{losses['maintainable']:,} of {losses['elements']:,}"),
        ],
    )
    print_table(
        "Cooling",
        ("what", "value"),
        [
            ("into liquid, kW", cooling.liquid_kw),
            ("into air, kW", cooling.air_kw),
            ("coolant flow, l/min", cooling.flow_lpm),
            *(
                [("warm water, °C", _pair(cooling.facility_supply_c, cooling.facility_return_c))]
                if cooling.liquid_kw
                else []
            ),
            ("cold water, °C", _pair(cooling.air_water_supply_c, cooling.air_water_return_c)),
            *((kind, _units(unit)) for kind, unit in document["cooling"]["plant"].items()),
        ],
    )
    print_table(
        "Shell",
        ("what", "value"),
        [
            ("white space, m²", shell.get("white_m2")),
            ("white space, m² a MW", shell.get("white_m2_per_mw")),
            ("building, m²", shell.get("gross_m2")),
            ("land, ha", shell.get("land_ha")),
            ("cables, km", shell.get("cable_km")),
        ],
    )
    print_table("Cost, energy, carbon", ("what", "value"), list(document["headline"].items()))


def _pair(supply_c: float | None, return_c: float | None) -> str:
    """`36.0 to 46.2`, or what of it is known."""
    known = [f"{value:.1f}" for value in (supply_c, return_c) if value is not None]
    return " to ".join(known) if known else "unknown"


def _units(unit: Mapping[str, Any]) -> str:
    """`80 of ocp-rating-1mw, 72 carry the heat`; none where chillers take it all on the extreme day."""
    need = unit["required_count"]
    of = f" of {', '.join(unit['products'])}" if unit["products"] else ""
    if need is None:
        return f"{unit['count']:,}{of}"
    return f"{unit['count']:,}{of}, " + (f"{need:,} carry the heat" if need else "none needed on the extreme day")


def _folded(halls: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Neighbouring halls of equal figures in one line."""
    rows: list[tuple[object, ...]] = []
    names: list[list[object]] = []
    for hall in halls:
        if rows and rows[-1][1:] == hall[1:]:
            names[-1].append(hall[0])
        else:
            rows.append(hall)
            names.append([hall[0]])
    return [
        (f"{group[0]} … {group[-1]} ({len(group)})" if len(group) > 1 else group[0], *row[1:])
        for group, row in zip(names, rows, strict=True)
    ]


def _blocks(design: Design) -> str:
    power = design.power
    return f"{_known(power.block_count)} of {power.unit_kw:,.0f} kW, {power.topology}"


def _known(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"


def _settings(whole: DesignedSite) -> list[dict[str, Any]]:
    return [
        {
            "path": s.path,
            "value": s.value,
            "origin": s.origin.value,
            "why": s.why,
            "decisive": s.decisive,
            "line": whole.loaded.places[s.path].line if s.path in whole.loaded.places else None,
        }
        for s in whole.design.settings
    ]


def _facts(whole: DesignedSite) -> list[dict[str, Any]]:
    """What the catalog says of the products that the design uses, each fact with its source."""
    facts = []
    for kind, product in used_products(whole):
        for name, value in product.model_dump(mode="json").items():
            source = product.origins.get(name)
            if source is not None and value is not None:
                facts.append(
                    {
                        "product": f"{kind}/{product.key}",
                        "fact": name,
                        "value": value,
                        "source": source.doc,
                        "at": source.loc,
                        "tier": source.tier,
                        "confidence": source.confidence.value,
                    }
                )
    return facts


def used_products(whole: DesignedSite) -> list[tuple[str, Any]]:
    """The catalog's products that stand behind a design, as (kind, product), each once."""
    design, catalog = whole.design, whole.catalog
    wanted: list[tuple[str, str]] = []
    for pool in design.pools.values():
        wanted += [("system", pool.system), ("reference-architecture", pool.reference_architecture)]
    for fabric in design.fabrics.values():
        switches = (fabric.switch, fabric.spine_switch, fabric.core_switch)
        wanted += [("switch", switch) for switch in switches if switch]
    cooling = design.cooling
    wanted += [("cdu", cooling.cdu), ("fluid", cooling.fluid), ("air-unit", cooling.air_unit)]
    if design.resolved.racks.feed:
        wanted.append(("rack-feed", design.resolved.racks.feed))
    if design.resolved.location.grid:
        wanted.append(("grid", design.resolved.location.grid))
    lookup = {kind: getattr(catalog, kind.replace("-", "_")) for kind, _ in wanted}
    return [(kind, lookup[kind](key)) for kind, key in dict.fromkeys(wanted) if catalog.has(kind, key)]


def _explanation(document: Mapping[str, Any]) -> None:
    settings = [
        (s["path"], plain_value(s["value"]), s["origin"] + (" (decides the site)" if s["decisive"] else ""), s["why"])
        for s in document["settings"]
    ]
    print_table("Settings", ("setting", "value", "from", "why"), settings)
    facts = [
        (
            f["product"],
            f["fact"],
            plain_value(f["value"])[:40],
            f"{f['tier']}, {f['confidence']}",
            f"{f['source']} {f['at']}".strip(),
        )
        for f in document["facts"]
    ]
    print_table("Facts of the catalog", ("product", "fact", "value", "confidence", "source"), facts)
