"""The shell: floor loads by foot, the way in, rows and aisles, halls, building, land and trays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import polars as pl

from gigasite.catalog.shell_products import HallLayout
from gigasite.checks.context import Context
from gigasite.checks.grouping import by_pool, most, racks_of
from gigasite.checks.registry import Hit, check
from gigasite.checks.wording import count, kilowatts, some
from gigasite.design.shell.bodies import rack_bodies
from gigasite.design.shell.delivery import Load, Miss, missed_limits
from gigasite.design.shell.floor_loads import heaviest_foot_ratio
from gigasite.design.shell.geometry import dead_end_m, rows_of, way_out_m
from gigasite.errors import Severity

_SLACK = 1 + 1e-9
COLD_AISLE_M = 1.2
"""ANSI/TIA-942: at least 1.2 m in front of racks is what it prefers."""
HOT_AISLE_M = 0.914
"""NEC 110.26(A)(1): 3 ft of working depth."""


@check("RCK121", Severity.ERROR, "A rack's feet press no more than the floor takes")
def feet_stand(context: Context) -> Iterator[Hit]:
    limit_kn = context.design.resolved.shell.floor.point_kn
    if limit_kn is None:
        return
    for pool, group in by_pool(bodies(context).filter(pl.col("foot_kn") > limit_kn * _SLACK)):
        worst = group.sort("foot_kn", descending=True, maintain_order=True).row(0, named=True)
        yield Hit(
            f"{racks_of(group, pool)}: {worst['foot_kn']:.2f} kN on the most loaded foot of {worst['wet_kg']:,.0f} kg "
            f"with coolant, the floor takes {limit_kn:.2f} kN ({some(group['rack'])})",
            "spread the load with plates, stand the racks on the slab, or take a stronger floor: shell.floor",
            "shell.floor",
        )
    yield from _unweighed(context, "shell.floor.point_kn")


@check("RCK122", Severity.ERROR, "A rolling rack presses no more on the floor than it takes")
def castors_roll(context: Context) -> Iterator[Hit]:
    floor, delivery = context.design.resolved.shell.floor, context.design.resolved.shell.delivery
    if floor.rolling_kn is None:
        return
    moved = "wet_kg" if delivery.charged else "weight_kg"
    castor_kn = pl.col("foot_kn") * pl.col(moved) / pl.col("wet_kg")
    for pool, group in by_pool(
        bodies(context).with_columns(castor_kn=castor_kn).filter(pl.col("castor_kn") > floor.rolling_kn * _SLACK)
    ):
        yield Hit(
            f"{racks_of(group, pool)}: {most(group, 'castor_kn'):.2f} kN on one castor of {most(group, moved):,.0f} "
            f"kg, the floor takes {floor.rolling_kn:.2f} kN while it rolls ({some(group['rack'])})",
            "lay plates on the way, use a trolley with more wheels, or fill the racks in their place: "
            "shell.floor.rolling_kn, shell.delivery.charged",
            "shell.floor",
        )


@check("RCK123", Severity.ERROR, "Racks pass every opening on their way in")
def racks_pass_openings(context: Context) -> Iterator[Hit]:
    yield from _missed(context, ("width", "height", "depth"))


@check("RCK124", Severity.ERROR, "Racks pass every corner on their way in")
def racks_pass_corners(context: Context) -> Iterator[Hit]:
    yield from _missed(context, ("corner",))


@check("RCK125", Severity.ERROR, "What racks roll over and ride on carries them")
def steps_carry_racks(context: Context) -> Iterator[Hit]:
    yield from _missed(context, ("weight", "castor"))


@check("RCK126", Severity.ERROR, "No ramp on the way in is too steep")
def ramps_are_flat_enough(context: Context) -> Iterator[Hit]:
    delivery = context.design.resolved.shell.delivery
    limit = delivery.slope_limit_ratio
    for step in delivery.path:
        if step.slope_ratio is not None and limit is not None and step.slope_ratio > limit * _SLACK:
            yield Hit(
                f"{step.name}: the ramp rises {step.slope_ratio:.1%} (1 in {1 / step.slope_ratio:.1f}), racks roll "
                f"up to {limit:.1%} (1 in {1 / limit:.1f})",
                "make the ramp longer, or use a lift: shell.delivery.path",
                "shell.delivery.path",
            )


@check("RCK127", Severity.ERROR, "A hall is as large as its rows and plant ask for")
def halls_are_large_enough(context: Context) -> Iterator[Hit]:
    shell, spec = context.design.shell, context.design.resolved.halls
    if shell is None:
        return
    for (side, given_m), wanted in (
        (("length", spec.length_m), max((hall.length_m for hall in shell.halls), default=0.0)),
        (("width", spec.width_m), max((hall.width_m for hall in shell.halls), default=0.0)),
    ):
        if given_m and wanted > given_m * _SLACK:
            yield Hit(
                f"{count(len(shell.halls), 'hall')}: rows and the ways around them ask for {wanted:.1f} m of {side}, "
                f"the hall has {given_m:.1f} m",
                f"use more halls, other rows (racks.row_positions), narrower aisles, or larger halls (halls.{side}_m)",
                f"halls.{side}_m",
            )
    short = [hall for hall in shell.halls if hall.given_m2 and hall.area_m2 > hall.given_m2 * _SLACK]
    if short:
        worst = max(short, key=lambda hall: hall.area_m2)
        yield Hit(
            f"{count(len(short), 'hall')}: {worst.name} asks for {worst.area_m2:,.0f} m² ({worst.plant_m2:,.0f} m² of "
            f"them for coolant distribution and air handlers) and has {worst.given_m2 or 0:,.0f} m²",
            "use more halls, place plant outside of them (halls.cdu_m2, halls.air_unit_m2), or enlarge them",
            "halls.length_m",
        )


@check("RCK128", Severity.ERROR, "The building holds its halls and rooms")
def building_is_large_enough(context: Context) -> Iterator[Hit]:
    shell = context.design.shell
    given = context.design.resolved.shell.building.gross_m2
    if shell is None or given is None or shell.gross_m2 is None or shell.gross_m2 <= given * _SLACK:
        return
    yield Hit(
        f"halls of {shell.white_m2:,.0f} m², rooms of {shell.support_m2 or 0:,.0f} m² and the ways between them ask "
        f"for {shell.gross_m2:,.0f} m² gross, the building has {given:,.0f} m²",
        "enlarge the building, or state what its rooms really take: shell.building",
        "shell.building.gross_m2",
        None if shell.white_m2 > given else Severity.WARNING,
    )


@check("RCK129", Severity.ERROR, "The plot holds building and yards")
def plot_is_large_enough(context: Context) -> Iterator[Hit]:
    shell, land = context.design.shell, context.design.resolved.shell.land
    if shell is None or land.area_ha is None or shell.land_ha is None or shell.footprint_m2 is None:
        return
    if shell.land_ha > land.area_ha * _SLACK:
        usable = land.usable_ratio or 1.0
        yield Hit(
            f"a building of {shell.footprint_m2:,.0f} m² on the ground and its yards ask for {shell.land_ha:,.1f} ha "
            f"of which {usable:.0%} may be covered, the plot has {land.area_ha:,.1f} ha",
            "build more storeys, take more land, or state what yards and setbacks really take: shell.land",
            "shell.land.area_ha",
            None if shell.footprint_m2 / 10_000 > land.area_ha * usable else Severity.WARNING,
        )


@check("RCK130", Severity.ERROR, "A row holds no more racks than the layout allows")
def rows_are_short_enough(context: Context) -> Iterator[Hit]:
    layout = _layout(context)
    if layout is None or layout.row_rack_count_max is None:
        return
    compute = context.tables.racks.filter(pl.col("kind") == "pool").drop_nulls(["hall", "row"])
    rows = compute.group_by("hall", "row").len().filter(pl.col("len") > layout.row_rack_count_max)
    if rows.height:
        worst = rows.sort("len", "hall", "row", descending=[True, False, False]).row(0, named=True)
        yield Hit(
            f"{count(rows.height, 'row')} with more than {layout.row_rack_count_max} racks of compute, the most that "
            f"{layout.title} allows: row {worst['row']} of h{worst['hall']:02d} holds {worst['len']}",
            f"make rows shorter: racks.row_positions of {layout.row_rack_count_max}",
            "racks.row_positions",
        )


@check("RCK131", Severity.ERROR, "Aisles leave room to bring racks in and to serve them")
def aisles_are_wide_enough(context: Context) -> Iterator[Hit]:
    site = context.design.resolved
    clearance_mm = site.shell.delivery.clearance_mm or 0.0
    deepest = bodies(context).sort("depth_mm", "rack", descending=[True, False], nulls_last=True)
    depth_mm = deepest["depth_mm"][0] if deepest.height else None
    cold_m, hot_m = site.halls.cold_aisle_m or 0.0, site.halls.hot_aisle_m or 0.0
    if depth_mm is not None and cold_m * 1000 * _SLACK < depth_mm + clearance_mm:
        yield Hit(
            f"{deepest['rack'][0]} is {depth_mm:,.0f} mm deep and {clearance_mm:,.0f} mm of room goes with it: it "
            f"cannot be brought in through a cold aisle of {cold_m:.2f} m",
            "widen the aisle: halls.cold_aisle_m, racks.row_pitch_m",
            "halls.cold_aisle_m",
        )
    for name, width_m, least_m, rule in (
        ("cold", cold_m, COLD_AISLE_M, "TIA-942 prefers"),
        ("hot", hot_m, HOT_AISLE_M, "NEC 110.26 asks for"),
    ):
        if width_m * _SLACK < least_m:
            yield Hit(
                f"the {name} aisle is {width_m:.2f} m wide, {rule} {least_m:.2f} m",
                f"widen the aisle: halls.{name}_aisle_m, racks.row_pitch_m",
                f"halls.{name}_aisle_m",
                Severity.WARNING,
            )


@check("RCK132", Severity.ERROR, "Ways out of a hall are no longer than the fire code allows")
def ways_out_are_short(context: Context) -> Iterator[Hit]:
    site, shell = context.design.resolved, context.design.shell
    halls = site.halls
    positions = max((hall.rack_positions for hall in context.design.halls), default=0)
    rows = rows_of(halls, site.racks)
    row_m = min(positions, rows.row_positions) * rows.pitch_m
    dead_m = dead_end_m(row_m, halls.aisle_exits or 2)
    if halls.dead_end_limit_m is not None and dead_m > halls.dead_end_limit_m * _SLACK:
        yield Hit(
            f"aisles that are open at one end are {dead_m:.1f} m long, a dead end may be "
            f"{halls.dead_end_limit_m:.1f} m",
            "open aisles at both ends (halls.aisle_exits), or make rows shorter (racks.row_positions)",
            "halls.aisle_exits",
        )
    if shell is None or halls.travel_limit_m is None:
        return
    for hall in shell.halls[:1]:
        way_m = way_out_m(hall.length_m, hall.width_m, hall.exit_count or 100)
        if way_m > halls.travel_limit_m * _SLACK:
            yield Hit(
                f"from the middle of {hall.name}, {hall.length_m:.0f} m by {hall.width_m:.0f} m, the way to an exit is "
                f"{way_m:.0f} m, the limit {halls.travel_limit_m:.0f} m",
                "add exits (halls.exit_count), or use more and smaller halls (halls.count, racks.row_positions)",
                "halls.exit_count",
            )


@check("RCK133", Severity.ERROR, "The pitch of rows is that of racks and aisles")
def pitch_agrees_with_aisles(context: Context) -> Iterator[Hit]:
    site = context.design.resolved
    rows = rows_of(site.halls, site.racks)
    depths = [site.racks.depth_mm or 0.0, *(s.depth_mm or 0.0 for s in context.systems.values() if s.form == "rack")]
    wanted_m = max(depths) / 1000 + (rows.cold_aisle_m + rows.hot_aisle_m) / 2
    if abs(wanted_m - rows.row_pitch_m) > 0.001:
        yield Hit(
            f"racks of {max(depths):,.0f} mm with a cold aisle of {rows.cold_aisle_m:.2f} m and a hot one of "
            f"{rows.hot_aisle_m:.2f} m make rows {wanted_m:.2f} m apart, the site says {rows.row_pitch_m:.2f} m",
            "leave one of them out: racks.row_pitch_m, halls.cold_aisle_m, halls.hot_aisle_m",
            "racks.row_pitch_m",
        )


@check("RCK134", Severity.ERROR, "Cables fit their trays")
def cables_fit_their_trays(context: Context) -> Iterator[Hit]:
    shell, trays = context.design.shell, context.design.resolved.shell.trays
    if shell is None or trays.layer_count is None:
        return
    limit = trays.fill_limit_ratio or 0.5
    for stretch in shell.trays:
        if stretch.kind != "spine" and stretch.fill_ratio > limit * _SLACK:
            yield Hit(
                f"{stretch.name}: cables of {stretch.cable_mm2 / 100:,.0f} cm² fill {stretch.fill_ratio:.0%} of "
                f"{count(trays.layer_count, 'layer')} of {trays.width_mm or 0:,.0f} mm x "
                f"{trays.depth_mm or 0:,.0f} mm, the limit is {limit:.0%}: "
                f"{count(stretch.layer_count, 'layer')} keep it",
                "more layers or wider trays (shell.trays), or more trays across the rows (racks.cross_tray_positions)",
                "shell.trays",
            )
    if shell.unmeasured_media:
        yield Hit(
            f"no source gives the diameter of {some(shell.unmeasured_media)}: they are left out of the trays",
            "state diameter_mm with its source in the site's own catalog folder, under cables",
            "shell.trays",
            Severity.WARNING,
        )


@check("RCK136", Severity.WARNING, "Cabinets draw no more than the layout is made for")
def cabinets_are_within_the_layout(context: Context) -> Iterator[Hit]:
    layout = _layout(context)
    if layout is None or layout.cabinet_kw_max is None:
        return
    for pool, group in by_pool(bodies(context).filter(pl.col("it_kw") > layout.cabinet_kw_max * _SLACK)):
        yield Hit(
            f"{racks_of(group, pool)}: {kilowatts(most(group, 'it_kw'))}, {layout.title} is made for cabinets of up "
            f"to {kilowatts(layout.cabinet_kw_max)}",
            "cap the rack (power_cap_kw of the pool), or choose another layout: halls.layout",
            "halls.layout",
        )


def bodies(context: Context) -> pl.DataFrame:
    """The racks with their sizes, wet weights and floor loads."""
    return rack_bodies(context.tables.racks, context.design.resolved, context.catalog)


def _layout(context: Context) -> HallLayout | None:
    key = context.design.resolved.halls.layout
    return context.catalog.of(HallLayout, key) if key else None


def _missed(context: Context, kinds: tuple[str, ...]) -> Iterator[Hit]:
    """What racks miss on the way in, told once for each body: equal racks of a pool are one."""
    site = context.design.resolved
    delivery, floor = site.shell.delivery, site.shell.floor
    if not delivery.path:
        return
    weight = "wet_kg" if delivery.charged else "weight_kg"
    foot_ratio = heaviest_foot_ratio(floor.feet_count or 4, floor.heaviest_foot_ratio)
    size = ("width_mm", "depth_mm", "height_mm", weight)
    each = bodies(context).group_by("pool", "kind", *size, maintain_order=True).agg(racks="rack")
    found: list[tuple[Miss, dict[str, object]]] = []
    for body in each.iter_rows(named=True):
        load = Load(body["width_mm"], body["depth_mm"], body["height_mm"], body[weight], foot_ratio)
        found += [(miss, body) for miss in missed_limits(load, delivery) if miss.what in kinds]
    found.sort(key=lambda item: (item[0].step, item[0].what, -(item[0].figure or float("inf"))))
    for _, same in groupby(found, key=lambda item: (item[0].step, item[0].what)):
        listed = list(same)
        miss, _ = listed[0]
        names = [str(name) for _, body in listed for name in body["racks"]]  # type: ignore[attr-defined]
        yield Hit(_sentence(miss, len(names), names), _HINTS[miss.what], "shell.delivery.path")


_HINTS = {
    "width": "widen it, or take another way: shell.delivery.path",
    "height": "raise it, or choose lower racks: shell.delivery.path, racks.height_mm",
    "depth": "use a deeper cabin, or take another way: shell.delivery.path",
    "corner": "widen one of the corridors: width_mm, turn_mm of the step in shell.delivery.path",
    "weight": "bring racks in without coolant (shell.delivery.charged: false) or without trays, or strengthen it",
    "castor": "lay plates, or use a trolley with more wheels: rolling_kn of the step in shell.delivery.path",
}


def _sentence(miss: Miss, rack_count: int, names: list[str]) -> str:
    racks = f"{count(rack_count, 'rack')} ({some(names)})"
    if miss.figure is None:
        known = "weight" if miss.what in ("weight", "castor") else "size"
        return f"{miss.step}: nobody can tell whether {racks} pass, for no source gives their {known}"
    if miss.what == "corner":
        return f"{miss.step}: {racks}, {miss.figure:,.0f} mm long, turn no corner into {miss.limit:,.0f} mm"
    digits = 2 if miss.unit == "kN" else 0
    what = {"weight": "weight with its trolley", "castor": "load of one castor"}.get(
        miss.what, f"{miss.what} with room"
    )
    return (
        f"{miss.step}: {racks}: {what} {miss.figure:,.{digits}f} {miss.unit}, "
        f"the limit is {miss.limit:,.{digits}f} {miss.unit}"
    )


def _unweighed(context: Context, at: str) -> Iterator[Hit]:
    unknown = bodies(context).filter(pl.col("wet_kg").is_null())
    if unknown.height:
        yield Hit(
            f"no source gives the weight of {count(unknown.height, 'rack')} ({some(unknown['rack'])}): "
            "nobody can tell what their feet press",
            "state weight_kg with its source in the site's own catalog folder",
            at,
            Severity.WARNING,
        )
