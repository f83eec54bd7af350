"""What it costs to build: one line a product or class of plant, from the design's own tables.

Every line is quantity x unit price. Quantities are those of the design; prices come from the site, else from
the catalog. A price that nobody gives makes its line and the total unknown; `lines.unknown_items` says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from gigasite.catalog.cooling_products import ImmersionTank, RearDoor
from gigasite.catalog.kinds import KIND_OF
from gigasite.catalog.load import Catalog
from gigasite.catalog.models import AirUnit, Cdu, Form, Product, Technology
from gigasite.design.model import Design
from gigasite.economics.cabling import cabling_lines
from gigasite.economics.floors import areas_of
from gigasite.economics.lines import Line, part_of, ratio_price, table
from gigasite.economics.prices import PriceBook, UnitPrice
from gigasite.spec.site import Demarcation

FACILITY_GROUPS: Final = ("power", "cooling", "building")
SHARED_KINDS: Final = ("grid-circuit", "mv-bus")
NOT_LAID_OUT: Final = ("FAB101", "FAB102")
"""Findings of the design that leave a fabric without switches and cables."""
TENANTS: Final = ("cdu", "rear-door", "immersion-tank")
"""Plant that a tenant brings along: what stands between the landlord's water and the racks."""
_RATED: Final[Mapping[str, type[Product]]] = {
    "cdu": Cdu,
    "air-unit": AirUnit,
    "rear-door": RearDoor,
    "immersion-tank": ImmersionTank,
}
"""Kinds of plant that are bought by their product's name plate."""


def capex_table(design: Design, catalog: Catalog) -> pl.DataFrame:
    """All that is bought before the site runs, as `lines.COLUMNS`; a landlord's plant and building are not."""
    return table(capex_lines(design, catalog))


def capex_lines(design: Design, catalog: Catalog) -> tuple[Line, ...]:
    """The lines of `capex_table`, in the order in which they are told."""
    book = PriceBook(catalog, design.resolved.economics.prices)
    lines = [*system_lines(design, book), *network_lines(design, book), *storage_lines(design, book)]
    if design.resolved.demarcation is Demarcation.OWN:
        facility = [*power_lines(design, book), *cooling_lines(design, book), *building_lines(design, book)]
        ratio = design.resolved.economics.contingency_ratio or 0.0
        lines += [*facility, *land_lines(design, book), *reserve_lines(facility, ratio, book)]
    else:
        lines += plant_lines(design.tables.plant.filter(pl.col("kind").is_in(TENANTS)), book)
    return (*lines, *people_lines(design, book))


def system_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Systems with accelerators, by pool; spare nodes and trays are bought too."""
    for pool in design.pools.values():
        yield Line(
            "accelerators", f"{pool.system} of pool {pool.name}", pool.system_count, book.find(pool.system), "it"
        )


def network_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Switches by model, transceivers and cables by product, cabinets, management servers, and the work of it."""
    devices, found = design.tables.devices, []
    switches = devices.filter(pl.col("kind") == "switch").group_by("model").len().sort("model")
    for model, count in switches.iter_rows():
        found.append(Line("network", f"switch {model}", count, switch_price(model, book), "it"))
    mirrors = devices.filter(pl.col("kind") == "ocs").group_by("model").len().sort("model")
    for model, count in mirrors.iter_rows():
        found.append(Line("network", f"optical circuit switch {model}", count, book.find(model), "it"))
    found += cabling_lines(design, book)
    for finding in design.findings:
        if finding.code in NOT_LAID_OUT:
            name = finding.at.removeprefix("fabrics.")
            found.append(Line("network", f"fabric {name}, which cannot be laid out", None, book.find("fabric"), "it"))
    yield from found
    work = book.find("network-installation", unit="ratio")
    yield part_of("network", "racking, cabling, test", found, work, "it")
    servers = devices.filter(pl.col("kind").is_in(["ufm", "management-server"])).height
    yield Line("network", "management servers", servers, book.find("management-server"), "it")
    yield Line("network", "cabinets with PDUs", _cabinet_count(design, book.catalog), book.find("cabinet"), "it")


def switch_price(model: str | None, book: PriceBook) -> UnitPrice:
    """Of a switch: its own price, else that of its technology by the sum of its ports' rates."""
    if model is None:
        return book.find("switch")
    own = book.find(model)
    if own.usd is not None:
        return own
    switch = book.catalog.switch(model)
    gbps = sum(group.count * group.gbps for group in switch.port_groups)
    kind = "infiniband-switch" if switch.technology is Technology.INFINIBAND else "ethernet-switch"
    general = book.find(kind, unit="gbps")
    return own if general.usd is None else general.times(gbps)


def _cabinet_count(design: Design, catalog: Catalog) -> int:
    """Racks that the site buys empty: all but those that are systems themselves."""
    whole = [pool.name for pool in design.pools.values() if catalog.system(pool.system).form is Form.RACK]
    racks = design.tables.racks
    return racks.filter(~((pl.col("kind") == "pool") & pl.col("pool").is_in(whole))).height


def storage_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Storage appliances; no line where the site has none."""
    if design.resolved.storage is not None:
        count = design.resolved.storage.appliances
        yield Line("storage", "storage appliances", count, book.find("storage-appliance"), "it")


def power_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """The power chain by kind of element, at installed capacity; own generation and battery plant by their size."""
    kinds = ("generation", "bess")
    elements = design.tables.elements.filter(~pl.col("kind").is_in(kinds))
    # Circuits and buses of unknown rating stand in for each other: each is bought to carry its part when one is lost.
    standing_in = pl.when(pl.col("kind").is_in(SHARED_KINDS)).then(
        pl.col("load_kw").sum().over("kind") / (pl.len().over("kind") - 1).clip(lower_bound=1)
    )
    bought = pl.coalesce("capacity_kw", standing_in, "load_kw")
    capacity = bought * pl.col("unit_count") / pl.col("required_count")
    sums = elements.group_by("kind", maintain_order=True).agg(capacity.sum(), missing=capacity.null_count())
    if not sums.height:
        yield Line("power", "power chain", None, book.find("ups", unit="kw"), "facility")
    for kind, capacity_kw, missing in sums.iter_rows():
        price = book.find(kind, unit="kw")
        yield Line("power", kind.replace("-", " "), None if missing else capacity_kw, price, "facility")
    yield from _stores(sums, design, book)
    for plant in design.resolved.power.generation:
        if plant.delivery == "on-site":
            price = book.find(plant.product or plant.kind.value, plant.kind.value, unit="kw")
            yield Line("power", f"generation {plant.name}", plant.unit_count * plant.unit_kw, price, "facility")
    bess = design.resolved.power.bess
    if bess is not None:
        yield Line("power", "battery storage", bess.energy_kwh, book.find("bess", unit="kwh"), "facility")
    work = book.find("electrical-installation", unit="kw")
    yield Line("power", "electrical installation", design.power.it_kw, work, "facility")


def _stores(sums: pl.DataFrame, design: Design, book: PriceBook) -> Iterator[Line]:
    """Batteries and fuel of the site's UPS and generators, by the time that they carry their rating."""
    blocks = design.resolved.power.blocks
    hours = {"ups": None if blocks.ups_min is None else blocks.ups_min / 60, "generator": blocks.generator_h}
    stores = {"ups": ("UPS batteries", "ups-battery"), "generator": ("fuel and tanks", "generator-fuel")}
    for kind, capacity_kw, missing in sums.iter_rows():
        if kind in stores:
            item, name = stores[kind]
            lasts_h = hours[kind]
            kwh = None if missing or lasts_h is None else capacity_kw * lasts_h
            yield Line("power", item, kwh, book.find(name, unit="kwh"), "facility")


def cooling_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """The cooling plant, and the work around it by IT power."""
    if design.tables.plant.height:
        yield from plant_lines(design.tables.plant, book)
    else:
        yield Line("cooling", "cooling plant", None, book.find("cdu", unit="kw"), "facility")
    work = book.find("mechanical-installation", unit="kw")
    yield Line("cooling", "piping, controls, labour", design.power.it_kw, work, "facility")


def plant_lines(plant: pl.DataFrame, book: PriceBook) -> Iterator[Line]:
    """Units of the plant by product: by the piece where their product has such a price, else by `rated_kw`."""
    groups = (
        with_rating(plant, book.catalog)
        .group_by("kind", "product", maintain_order=True)
        .agg(pl.len(), pl.col("rated_kw").sum(), missing=pl.col("rated_kw").null_count())
        .sort("kind", "product", nulls_last=True)
    )
    for kind, product, count, rated_kw, missing in groups.iter_rows():
        label = f"{kind.replace('-', ' ')} {'' if product in (None, kind) else product}".strip()
        each = book.find(product or kind)
        if each.usd is not None:
            yield Line("cooling", label, count, each, "facility")
            continue
        names = dict.fromkeys(name for name in (product, kind) if name)
        price = book.find(*names, unit="kw")
        yield Line("cooling", label, None if missing else rated_kw, price, "facility")


def with_rating(plant: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The plant with `rated_kw`, the heat by which a unit is bought: its name plate, whatever it takes at this site.

    Coolers and towers have none: their fans at full speed over the fans' share of the rated heat. Chillers and
    pumps are sized for the site and bought by what they take at its design point.
    """
    plates: dict[str, float] = {}
    shares: dict[str, float] = {}
    for kind, product in plant.select("kind", "product").unique().drop_nulls().iter_rows():
        model = _RATED.get(kind)
        if model is not None and catalog.has(KIND_OF[model], product):
            plates[product] = float(getattr(catalog.of(model, product), "capacity_kw", 0.0))
        elif catalog.has("heat-rejection", product) and catalog.heat_rejection(product).cop is None:
            shares[product] = catalog.heat_rejection(product).electric_kw_per_heat_kw
    known, fans = (
        pl.col("product").replace_strict(values, default=None, return_dtype=pl.Float64) for values in (plates, shares)
    )
    by_fans = pl.when(fans > 0).then(pl.col("electric_max_kw") / fans)
    return plant.with_columns(rated_kw=pl.coalesce(known, pl.max_horizontal("capacity_kw", by_fans)))


def building_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Shell and fit-out by floor area, or the building by IT power where no area is known."""
    areas = areas_of(design)
    if areas.gross_m2 is None:
        yield Line("building", "building", design.power.it_kw, book.find("building", unit="kw"), "facility")
        return
    yield Line("building", "shell", areas.gross_m2, book.find("building-shell", unit="m2"), "facility")
    yield Line("building", "fit-out", areas.gross_m2, book.find("building-fit-out", unit="m2"), "facility")


def land_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """The plot."""
    yield Line("land", "land", areas_of(design).land_ha, book.find("land", unit="ha"), "land")


def reserve_lines(facility: list[Line], contingency_ratio: float, book: PriceBook) -> Iterator[Line]:
    """Design, permits and commissioning on power, cooling and building; and the reserve on all of these."""
    work = book.find("design-and-commissioning", unit="ratio")
    soft = part_of("people", "design and commissioning", facility, work, "facility")
    yield soft
    reserve = ratio_price("contingency_ratio", contingency_ratio, "economics.contingency_ratio")
    yield part_of("contingency", "reserve on the facility", [*facility, soft], reserve, "facility")


def people_lines(design: Design, book: PriceBook) -> Iterator[Line]:
    """Delivery, installation and burn-in of racks."""
    yield Line("people", "installation of racks", design.tables.racks.height, book.find("deployment"), "it")
