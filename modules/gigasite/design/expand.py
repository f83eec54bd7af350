"""From a site file and a catalog to the whole physical design.

`expand` reads as a table of contents: each subject has a file of its own and is a pure function. Nothing here
reads a clock, the environment or a file; the same spec and catalog give the same design in any process.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.catalog.optical_products import OpticalSwitch
from gigasite.design import power as electrical
from gigasite.design.address_table import AddressPlan, address_plan
from gigasite.design.attachments import STORAGE_OWNER, FabricPlan, plan_fabric
from gigasite.design.cabling.lay import lay_cables
from gigasite.design.cabling.site_faces import site_fronts
from gigasite.design.clos import FabricTooLarge
from gigasite.design.cooling.inside import inside
from gigasite.design.cooling.plant import plant_table
from gigasite.design.electrical.graph import PowerGraph, power_graph
from gigasite.design.electrical.sums import estimated_mechanical_kw, power_design
from gigasite.design.fabrics import DEVICE_SCHEMA, FabricLayout
from gigasite.design.facility import cooling_design, halls_design
from gigasite.design.interconnect.borders import OFF_SITE, Joined, join_sites
from gigasite.design.layout import Layout, lay_out_site, shelf_of
from gigasite.design.management import Management, lay_out_management
from gigasite.design.management_ports import MANAGEMENT_PORT
from gigasite.design.model import COLUMNS, Design, FabricDesign, Origin, Setting, Tables
from gigasite.design.policy import TenantDesign, policy_of
from gigasite.design.pools import PoolPlan, plan_pools
from gigasite.design.racks import missing_facts, node_table, pool_racks
from gigasite.design.resolve import resolve, spine_candidates
from gigasite.design.scaleup import domains_table, links_table, with_switch_trays
from gigasite.design.shell.bodies import standing_racks
from gigasite.design.shell.paths import trays_of
from gigasite.design.shell.summary import shell_design
from gigasite.design.shell.trays import Bundles, bundles
from gigasite.design.site_racks import SiteGear, SiteRacks, fill_site_racks
from gigasite.design.supply import Supply, supply
from gigasite.design.tenants import tenants_of, unit_vrfs, with_tenants
from gigasite.design.topologies.choose import lay_out_fabric
from gigasite.errors import Finding, GigasiteError, Severity
from gigasite.spec.pools import Role
from gigasite.spec.site import SiteSpec


def expand(spec: SiteSpec, catalog: Catalog) -> Design:
    """The design of a site. Raises GigasiteError only for what cannot be designed at all; the rest are findings."""
    site, settings = resolve(spec, catalog)
    prefix = site.naming.prefix or site.prefix
    findings: list[Finding] = []

    pools, pool_findings = plan_pools(site, catalog)
    findings += pool_findings
    findings += _unknown_facts(pools, catalog)
    nodes = {pool.name: node_table(pool, prefix) for pool in pools}
    appliances = _appliances(site, prefix)
    endpoints = {**nodes, STORAGE_OWNER: appliances}

    fabrics = _fabrics(site, pools, endpoints, catalog, prefix, findings)
    scale_up_links, scale_up_findings = links_table(pools)
    findings += scale_up_findings
    joined = join_sites(site, fabrics, catalog, prefix, findings)
    fabrics = joined.fabrics
    limit_kw = _rack_limit_kw(site, catalog)
    site_racks = _site_racks(site, fabrics, appliances, catalog, limit_kw, prefix)
    management = _management(spec, site, pools, nodes, fabrics, site_racks, catalog, prefix)

    site_racks = replace(site_racks, core_count=max(site_racks.core_count, management.core_rack_count))
    layout = _layout(site, pools, nodes, fabrics, management, site_racks, catalog, limit_kw, prefix, findings)
    how = electrical.topology(site.power.blocks.topology or "2N")
    power = supply(site, how, pools, layout.racks, catalog, prefix, feed_given=spec.racks.feed is not None)

    racks = _typed("racks", power.racks.sort("hall", "row", "position", "rack", nulls_last=True))
    within = inside(site, racks, layout.floor.hall_count, catalog, prefix)
    halls = halls_design(site, racks, layout.floor, power, within)
    cooling = cooling_design(site, racks, halls, within, catalog)
    plant = plant_table(site, halls, cooling, within, catalog, prefix)
    estimate_kw = estimated_mechanical_kw(site, cooling, catalog)
    graph = power_graph(site, how, power, racks, plant, catalog, prefix, estimate_kw)

    tenants = tenants_of(site.tenants)
    tables, book, cables = _tables(
        site, tenants, pools, nodes, joined, scale_up_links, management, layout, racks, power, graph, endpoints, catalog
    )
    return Design(
        site=site.name,
        prefix=prefix,
        spec=spec,
        resolved=site,
        settings=(*_with_spine(settings, management), *(s for _, f in fabrics.values() for s in f.settings)),
        pools={pool.name: pool.design(_rack_count(pool, layout)) for pool in pools},
        fabrics=_in_site_order(site, fabrics, management),
        interconnects=joined.interconnects,
        halls=halls,
        power=power_design(site, how, power, racks, cooling, catalog, graph),
        cooling=cooling,
        address_blocks=book.blocks,
        tables=tables,
        findings=(*findings, *_room_for_growth(pools, layout), *power.findings, *graph.findings, *book.findings),
        catalog_digest=catalog.digest,
        tenants=tenants,
        shell=shell_design(site, halls, tables.racks, tables.plant, cables, catalog),
    )


def _appliances(site: SiteSpec, prefix: str) -> pl.DataFrame:
    """Storage appliances as endpoints: su, slot, node."""
    count = site.storage.appliances if site.storage else 0
    slots = pl.int_range(1, count + 1, dtype=pl.Int32, eager=True)
    frame = pl.DataFrame({"slot": slots}, schema={"slot": pl.Int32})
    number = pl.col("slot").cast(pl.String).str.zfill(3)
    return frame.with_columns(su=pl.lit(1, pl.Int32), node=pl.format(f"{prefix}-storage-{{}}", number))


def _unknown_facts(pools: tuple[PoolPlan, ...], catalog: Catalog) -> list[Finding]:
    found = []
    for pool in pools:
        missing = missing_facts(pool, catalog)
        if missing:
            stops = (
                "its racks, power and cooling stay unknown" if "max_kw" in missing else "what needs them stays unknown"
            )
            found.append(
                Finding(
                    "PHS101",
                    Severity.ERROR,
                    f"pool {pool.name}: no source gives {', '.join(missing)} of {pool.system.key}; {stops}",
                    hint=f"state them with their source in catalog/systems/{pool.system.key}.yaml beside the site file",
                    at=f"pools[{pool.index}].system",
                )
            )
    return found


def _fabrics(
    site: SiteSpec,
    pools: tuple[PoolPlan, ...],
    endpoints: dict[str, pl.DataFrame],
    catalog: Catalog,
    prefix: str,
    findings: list[Finding],
) -> dict[str, tuple[FabricPlan, FabricLayout]]:
    """Every fabric but the management one; one that cannot be laid out becomes a finding."""
    found = {}
    for index, (name, spec) in enumerate(site.fabrics.items()):
        if spec.roles == (Role.OOB,):
            continue
        try:
            plan = plan_fabric(name, index, site, pools, catalog, findings)
            if plan is not None:
                found[name] = (plan, lay_out_fabric(plan, prefix, endpoints, site.network.asn_base or 0))
        except GigasiteError as error:
            code = "FAB101" if isinstance(error, FabricTooLarge) else "FAB102"
            findings.append(
                Finding(code, Severity.ERROR, f"fabric {name}: {error.message}", error.hint, at=f"fabrics.{name}")
            )
    return found


def _rack_limit_kw(site: SiteSpec, catalog: Catalog) -> float:
    """Load of a rack of switches: what its feeds still carry when one is lost."""
    voltage = site.power.blocks.rack_voltage_v or 415.0
    factor = site.power.blocks.power_factor or 1.0
    _, circuit_kw = electrical.feed_circuit_kw(site.racks, catalog, site.standards.electrical or "nec", voltage, factor)
    surviving = max((site.racks.feeds or 1) - 1, 1)
    return min(surviving * circuit_kw, site.racks.max_kw or float("inf"))


def _site_racks(
    site: SiteSpec,
    fabrics: dict[str, tuple[FabricPlan, FabricLayout]],
    appliances: pl.DataFrame,
    catalog: Catalog,
    limit_kw: float,
    prefix: str,
) -> SiteRacks:
    """Racks of site-wide devices, in the order in which racks are filled: what small sites have first, cores last."""
    gear = [
        SiteGear(name, tier, shelf_of(model, catalog, site.racks), count)
        for name, (_, layout) in fabrics.items()
        for tier, model, count in layout.site_gear
    ]
    gear.sort(key=lambda item: ("core", "border").index(item.tier) + 1 if item.tier in ("core", "border") else 0)
    limit_kw = max(limit_kw - _management_kw(site, catalog), 0.0)
    return fill_site_racks(site, _devices(fabrics), gear, appliances, limit_kw, prefix, MANAGEMENT_PORT)


def _management_kw(site: SiteSpec, catalog: Catalog) -> float:
    """Load kept free in each of the site's racks: two management leaves and two management spines."""
    spec = next(spec for spec in site.fabrics.values() if Role.OOB in spec.roles)
    models = (spec.switch or "", spec.spine_switch or spec.switch or "")
    return sum(2 * (catalog.switch(model).max_kw or 0.0) for model in models)


def _devices(fabrics: dict[str, tuple[FabricPlan, FabricLayout]]) -> pl.DataFrame:
    tables = [layout.devices for _, layout in fabrics.values()]
    return pl.concat(tables) if tables else pl.DataFrame(schema=DEVICE_SCHEMA)


def _management(
    spec: SiteSpec,
    site: SiteSpec,
    pools: tuple[PoolPlan, ...],
    nodes: dict[str, pl.DataFrame],
    fabrics: dict[str, tuple[FabricPlan, FabricLayout]],
    site_racks: SiteRacks,
    catalog: Catalog,
    prefix: str,
) -> Management:
    """The management fabric. Spines that nobody chose give way to larger ones where they are too small."""
    name = next(name for name, fabric in site.fabrics.items() if Role.OOB in fabric.roles)
    index = list(site.fabrics).index(name)
    fabric = site.fabrics[name]
    chosen = name in spec.fabrics and spec.fabrics[name].spine_switch is not None
    larger = [] if chosen else [key for key in spine_candidates(fabric, catalog) if key != fabric.spine_switch]
    for spine in (fabric.spine_switch, *larger):
        tried = site.model_copy(
            update={"fabrics": {**site.fabrics, name: fabric.model_copy(update={"spine_switch": spine})}}
        )
        try:
            return lay_out_management(name, index, tried, pools, nodes, _devices(fabrics), site_racks, prefix, catalog)
        except FabricTooLarge as error:
            too_large = error
    raise GigasiteError(f"management fabric: {too_large.message}", path=f"fabrics.{name}", hint=too_large.hint)


def _with_spine(settings: tuple[Setting, ...], management: Management) -> tuple[Setting, ...]:
    """The settings, with the management spine that was needed in the end."""
    path, key = f"fabrics.{management.plan.name}.spine_switch", management.plan.spine.key
    why = "the slowest catalogued switch with the speed of the uplinks and ports enough"
    return tuple(
        replace(s, value=key, why=why) if s.path == path and s.value != key and s.origin is Origin.ASSUMPTION else s
        for s in settings
    )


def _layout(
    site: SiteSpec,
    pools: tuple[PoolPlan, ...],
    nodes: dict[str, pl.DataFrame],
    fabrics: dict[str, tuple[FabricPlan, FabricLayout]],
    management: Management,
    site_racks: SiteRacks,
    catalog: Catalog,
    limit_kw: float,
    prefix: str,
    findings: list[Finding],
) -> Layout:
    """Racks with places."""
    devices = pl.concat([_devices(fabrics), management.devices])
    loop = site.cooling.loop
    coolant = catalog.fluid(loop.fluid) if loop.fluid else None
    racks = {pool.name: pool_racks(pool, nodes[pool.name], site.racks, loop, coolant) for pool in pools}
    findings += _unknown_switches(devices, catalog)
    return lay_out_site(site, pools, racks, devices, site_racks, catalog, limit_kw, prefix)


def _unknown_switches(devices: pl.DataFrame, catalog: Catalog) -> list[Finding]:
    """Facts that racking and feeding a switch needs."""
    found = []
    models = devices.filter(pl.col("model").is_not_null()).select("model", "kind").unique().sort("model")
    for model, kind in models.iter_rows():
        product = catalog.of(OpticalSwitch, model) if kind == "ocs" else catalog.switch(model)
        missing = catalog.unknown_facts(product, ("height_u", "max_kw", "weight_kg"))
        if missing:
            found.append(
                Finding(
                    "PHS103",
                    Severity.ERROR,
                    f"no source gives {', '.join(missing)} of switch {model}; the loads of its racks stay unknown",
                    hint=f"state them with their source in catalog/switches/{model}.yaml beside the site file",
                )
            )
    return found


def _room_for_growth(pools: tuple[PoolPlan, ...], layout: Layout) -> list[Finding]:
    """Pools whose ultimate size the halls do not hold: no room is kept for it."""
    return [
        Finding(
            "RCK110",
            Severity.WARNING,
            f"the halls hold what is built of pool {pool.name}, {pool.su_count} of the "
            f"{pool.build_to_su_count} scalable units that it builds to; the rest has no room",
            hint="plan more positions, power or halls, or lower build_to_scalable_units",
            at=f"pools[{pool.index}]",
        )
        for pool in pools
        if layout.floor.has_no_room_to_grow(pool.name, pool.su_count, pool.build_to_su_count)
    ]


def _rack_count(pool: PoolPlan, layout: Layout) -> int | None:
    if pool.system.height_u is None and pool.systems_per_rack > 1:
        return None
    return layout.racks.filter((pl.col("kind") == "pool") & (pl.col("pool") == pool.name)).height


def _in_site_order(
    site: SiteSpec, fabrics: dict[str, tuple[FabricPlan, FabricLayout]], management: Management
) -> dict[str, FabricDesign]:
    found = {name: layout.design for name, (_, layout) in fabrics.items()}
    found[management.plan.name] = management.design
    return {
        name: replace(found[name], policy=policy_of(spec, found[name].technology))
        for name, spec in site.fabrics.items()
        if name in found
    }


def _tables(  # the one place where the subjects' tables meet
    site: SiteSpec,
    tenants: dict[str, TenantDesign],
    pools: tuple[PoolPlan, ...],
    nodes: dict[str, pl.DataFrame],
    joined: Joined,
    scale_up_links: pl.DataFrame,
    management: Management,
    layout: Layout,
    racks: pl.DataFrame,
    power: Supply,
    graph: PowerGraph,
    endpoints: dict[str, pl.DataFrame],
    catalog: Catalog,
) -> tuple[Tables, AddressPlan, Bundles]:
    all_nodes = with_tenants(pl.concat([nodes[pool.name] for pool in pools]), tenants)
    gear = management.equipment.with_columns(kind=pl.lit("rack-equipment"), unit=pl.lit(None, pl.Int32))
    gear = with_switch_trays(gear)
    fabrics = joined.fabrics
    off_site = _devices(fabrics).filter(pl.col("home") == OFF_SITE)
    devices = pl.concat([layout.devices, gear, off_site], how="diagonal")
    places = (
        pl.concat(
            [
                all_nodes.select("rack", pl.col("unit").cast(pl.Int32), device="node"),
                devices.select("rack", pl.col("unit").cast(pl.Int32), "device"),
            ],
            how="diagonal",
        )
        .join(standing_racks(racks, catalog), on="rack", how="left", maintain_order="left")
        .select("device", "rack", "unit", "rack_u", "hall", "row", "x_m", "y_m")
    )
    plans = [plan for plan, _ in fabrics.values()] + [management.plan]
    technology = {plan.name: plan.technology.value for plan in plans}
    links = pl.concat([*(fabric.links for _, fabric in fabrics.values()), management.links])
    trays = trays_of(site, layout.floor.hall_count, layout.floor.rack_positions)
    fronts = site_fronts(all_nodes, devices, pools, plans, joined.strides, catalog)
    cabling = lay_cables(links, places, fronts, technology, site.racks, trays, catalog)
    book = address_plan(site.network, list(fabrics.values()), endpoints, management, unit_vrfs(tenants))
    tables = Tables(
        racks=racks,
        nodes=_typed("nodes", all_nodes),
        devices=_typed("devices", devices.sort("device")),
        ports=_typed("ports", cabling.ports),
        cables=_typed("cables", cabling.cables),
        modules=_typed("modules", cabling.modules),
        addresses=_typed("addresses", book.table),
        subnets=_typed("subnets", book.subnets),
        rail_networks=_typed("rail_networks", book.rails),
        circuits=_circuits(fabrics),
        domains=_typed("domains", domains_table(pools, all_nodes)),
        scale_up_links=scale_up_links,
        feeds=_typed("feeds", graph.feeds),
        blocks=_typed("blocks", power.blocks),
        elements=_typed("elements", graph.elements),
        connections=_typed("connections", graph.connections),
        plant=_typed("plant", graph.plant),
    )
    return tables, book, bundles(cabling.cables, places["rack"], cabling.a_row, cabling.b_row, catalog)


def _circuits(fabrics: dict[str, tuple[FabricPlan, FabricLayout]]) -> pl.DataFrame:
    found = [layout.circuits for _, layout in fabrics.values() if layout.circuits is not None]
    return pl.concat(found) if found else pl.DataFrame(schema=COLUMNS["circuits"])


def _typed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with exactly the columns and types that the model promises, each column in one piece."""
    columns = []
    for column, dtype in COLUMNS[name].items():
        source = pl.col(column) if column in frame.columns else pl.lit(None)
        columns.append(source.cast(dtype).alias(column))
    return frame.select(columns).rechunk()
