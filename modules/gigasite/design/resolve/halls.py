"""Defaults of aisles, the way around the rows, and what fire codes ask of both."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Form
from gigasite.catalog.shell_products import HallLayout
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default, Resolver
from gigasite.design.shell.geometry import aisles
from gigasite.spec.halls import HallsSpec, RacksSpec
from gigasite.spec.site import SiteSpec

USUAL_AISLE_M = 1.8


def halls_and_racks(
    resolver: Resolver, spec: SiteSpec, catalog: Catalog, rack_defaults: dict[str, Default]
) -> tuple[HallsSpec, RacksSpec]:
    """Halls and racks with their defaults: aisles and the pitch of rows follow from each other."""
    halls, racks = spec.halls, spec.racks
    depth_m = deepest_rack_m(spec, racks.depth_mm or rack_defaults["depth_mm"].value, catalog)
    found = aisles(halls.cold_aisle_m, halls.hot_aisle_m, racks.row_pitch_m, depth_m, USUAL_AISLE_M)
    pitch = Default(found.row_pitch_m, "the deepest rack and half of both aisles", Origin.DERIVED)
    rack_defaults = {**rack_defaults, "row_pitch_m": pitch, **_by_layout(halls, catalog)}
    by_pitch = racks.row_pitch_m is not None
    return (
        resolver.part(
            "halls",
            halls,
            {
                "cold_aisle_m": _aisle(found.cold_m, by_pitch, "a rack is turned into its place from this aisle"),
                "hot_aisle_m": _aisle(found.hot_m, by_pitch, "manifolds and cables are served from this aisle"),
                "end_aisle_m": Default(1.8, "racks and their trolleys pass around the rows"),
                "gap_m": Default(10.0, "two ends of rows, walls, and the rooms between two halls"),
                "aisle_exits": Default(2, "aisles are open at both ends"),
                "dead_end_limit_m": Default(15.2, "IBC 1020.5: 50 ft with sprinklers in group B"),
                "travel_limit_m": Default(91.4, "IBC table 1017.2: 300 ft with sprinklers in group B"),
                "cdu_m2": Default(4.0, "a cabinet of 0.9 m x 1.2 m with 1.2 m of room at front and back"),
                "air_unit_m2": Default(7.0, "a unit of 2.5 m x 0.9 m with 1.8 m of room at its front"),
            },
        ),
        resolver.part("racks", racks, rack_defaults),
    )


def deepest_rack_m(spec: SiteSpec, site_depth_mm: float, catalog: Catalog) -> float:
    """Depth of the deepest rack that stands in the rows: the site's own, or one that is a system."""
    systems = [catalog.system(pool.system) for pool in spec.pools]
    own = [s.depth_mm for s in systems if s.form is Form.RACK and s.depth_mm is not None]
    return max([site_depth_mm, *own]) / 1000


def _aisle(width_m: float, by_pitch: bool, why: str) -> Default:
    if by_pitch:
        return Default(width_m, "the pitch of rows less the deepest rack", Origin.DERIVED)
    return Default(width_m, why)


def _by_layout(halls: HallsSpec, catalog: Catalog) -> dict[str, Default]:
    """Rows as long as the rules of the site's layout allow."""
    if halls.layout is None:
        return {}
    layout = catalog.of(HallLayout, halls.layout)
    if layout.row_rack_count_max is None:
        return {}
    return {"row_positions": Default(layout.row_rack_count_max, layout.title, Origin.CATALOG)}
