"""Defaults of the racks that the site buys, their feeds and their places."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import ReferenceArchitecture, System
from gigasite.design.dynamics.caps import draw_kw
from gigasite.design.model import Origin
from gigasite.design.resolve.base import Default
from gigasite.spec.pools import PoolSpec
from gigasite.spec.site import Availability, SiteSpec


def rack_feeds(spec: SiteSpec, architectures: list[ReferenceArchitecture | None], catalog: Catalog) -> Default:
    """Feeds of a rack: as the architecture draws them, or the fewest whose loss the supplies outlive.

    Topology N has one path; the circuits that an architecture draws then all hang on it.
    """
    published = [ra.rack_feed_count for ra in architectures if ra and ra.rack_feed_count]
    if published:
        return Default(max(published), "racks of the reference architecture", Origin.REFERENCE_ARCHITECTURE)
    if spec.power.blocks.topology == "N" or (
        spec.power.blocks.topology is None and spec.standards.availability is Availability.BASIC
    ):
        return Default(1, "topology N has one path", Origin.DERIVED)
    enough = max(_feeds_outlived(pool, catalog.system(pool.system)) for pool in spec.pools)
    if enough > 2:
        return Default(enough, "of fewer feeds, losing one leaves too few supplies for a rack at its maximum")
    return Default(2, "two paths to each rack")


def _feeds_outlived(pool: PoolSpec, system: System) -> int:
    """The fewest feeds (2 to 4) that leave supplies enough when one is lost; 2 where none of them does."""
    shelves = bool(system.shelf_count and system.shelf_kw)
    count, each_kw = (system.shelf_count, system.shelf_kw) if shelves else (system.psu_count, system.psu_kw)
    if not count or not each_kw or system.max_kw is None:
        return 2
    kw = draw_kw(pool, system) or system.max_kw
    for feeds in (2, 3, 4):
        if (count - -(-count // feeds)) * each_kw >= kw:
            return feeds
    return 2


def racks(electrical: str, feeds: Default, architectures: list[ReferenceArchitecture | None]) -> dict[str, Default]:
    usual = "iec-63a-3ph" if electrical == "iec" else "nec-60a-3ph"
    published = [ra for ra in architectures if ra and ra.rack_feeds.get(electrical)]  # type: ignore[call-overload]
    feed = Default(usual, f"a usual rack circuit where {electrical} holds")
    if published:
        circuit = published[0].rack_feeds[electrical]  # type: ignore[index]
        feed = Default(circuit, published[0].title, Origin.REFERENCE_ARCHITECTURE)
    return {
        "height_u": Default(48, "a 48U rack"),
        "width_mm": Default(600.0, "a usual rack"),
        "depth_mm": Default(1200.0, "a usual rack"),
        "height_mm": Default(2300.0, "a 48U rack on castors"),
        "empty_kg": Default(150.0, "rack, PDUs and cabling"),
        "reserved_u": Default(2, "patch panels and air"),
        "row_positions": Default(16, "two groups of eight racks share an aisle"),
        "pitch_m": Default(0.6, "racks stand side by side"),
        "row_pitch_m": Default(None, "follows from depth and aisles", Origin.DERIVED),
        "tray_height_m": Default(1.5, "from the middle of a rack to the tray above it"),
        "slack_ratio": Default(0.1, "one tenth for dressing"),
        "end_slack_m": Default(0.5, "from a port to the side of its rack, and a hand's width"),
        "cabling_spare_ratio": Default(0.02, "two in a hundred of each, at least one; no publisher's figure was read"),
        "cross_tray_positions": Default(8, "a tray across the rows between two groups of eight racks"),
        "coolant_l_per_kw": Default(0.2, "cold plates, hoses and manifolds of a rack; no publisher's figure was read"),
        "feeds": feeds,
        "feed": feed,
        "server_u": Default(1, "a management server or fabric manager"),
        "server_kw": Default(0.8, "a management server or fabric manager under load"),
        "server_kg": Default(20.0, "a management server or fabric manager"),
    }
