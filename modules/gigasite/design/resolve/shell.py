"""Defaults of land, building, floor, trays and delivery path."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.design.shell.floor_loads import working_load_kn
from gigasite.spec.shell import FloorKind, FloorSpec, ShellSpec
from gigasite.spec.site import Demarcation, SiteSpec


def shell(resolver: Resolver, spec: SiteSpec, catalog: Catalog) -> ShellSpec:
    """The shell with its defaults; a landlord's land and building have none."""
    given = spec.shell
    update = {
        "floor": resolver.part("shell.floor", given.floor, _floor(given.floor)),
        "delivery": resolver.part("shell.delivery", given.delivery, _delivery()),
        "trays": resolver.part("shell.trays", given.trays, _trays()),
    }
    if spec.demarcation is Demarcation.OWN:
        update["land"] = resolver.part("shell.land", given.land, _land())
        update["building"] = resolver.part("shell.building", given.building, _building())
    return given.model_copy(update=update)


def _land() -> dict[str, Default]:
    return {
        "usable_ratio": Default(0.6, "setbacks, roads, ponds and easements take two fifths"),
        "yard_m2_per_mw": Default(300.0, "generators, transformers and heat rejection side by side, one storey"),
        "substation_m2": Default(4000.0, "two bays and two transformers behind a fence"),
    }


def _building() -> dict[str, Default]:
    return {
        "stories": Default(1, "a building of one storey"),
        "wings": Default(None, "as many as keep a corridor within 200 m", Origin.DERIVED),
        "story_height_m": Default(7.0, "racks, trays, pipes and ducts below a beam"),
        "support_m2_per_mw": Default(
            180.0, "electrical and mechanical rooms; with the halls within the 250 to 313 m² per MW of RLB (2024)"
        ),
        "circulation_ratio": Default(0.25, "corridors, docks, stores, offices and walls"),
    }


def _floor(given: FloorSpec) -> dict[str, Default]:
    raised = given.load_class is not None
    kind = Default(FloorKind.RAISED.value, "it has a class of EN 12825", Origin.DERIVED)
    point = Default(None, "not given: foot loads are shown, not judged", Origin.DERIVED)
    if given.load_class is not None:
        why = f"class {given.load_class} of EN 12825: its ultimate load over a safety factor of 2"
        point = Default(working_load_kn(given.load_class), why, Origin.DERIVED)
    return {
        "kind": kind if raised else Default(FloorKind.SLAB.value, "liquid-cooled racks stand on the slab"),
        "point_kn": point,
        "rolling_kn": Default(given.point_kn, "as for a foot that stands", Origin.DERIVED)
        if given.point_kn is not None
        else Default(point.value, point.why, Origin.DERIVED),
        "feet_count": Default(4, "four feet, and four castors beside them"),
        "heaviest_foot_ratio": Default(0.3, "a quarter each on level ground, a fifth more on the worst"),
    }


def _delivery() -> dict[str, Default]:
    return {
        "charged": Default(True, "the heavier case: the rack rolls in with its coolant"),
        "trolley_kg": Default(200.0, "a tug and two people"),
        "clearance_mm": Default(50.0, "room for hands and for packing"),
        "packing_mm": Default(300.0, "a crate on a pallet; no publisher's figure was read"),
        "packing_kg": Default(150.0, "crate, pallet and ramp; no publisher's figure was read"),
        "slope_limit_ratio": Default(1 / 12, "1 in 12, the steepest ramp of ADA 405.2; heavy racks ask for less"),
    }


def _trays() -> dict[str, Default]:
    return {
        "width_mm": Default(600.0, "as wide as a rack"),
        "depth_mm": Default(100.0, "side rails of 100 mm"),
        "fill_limit_ratio": Default(0.5, "TIA-569: at most half of a tray's cross-section"),
    }
