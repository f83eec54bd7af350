"""Fills in what a site file leaves open, and remembers where every value came from.

A default comes from the reference architecture of the site's pools or from the catalog where these say
something; what nobody says is an assumption, with its reason. Values that follow from the whole design
(hall counts, rack positions) are left to the subjects that compute them. One file a part of the site.
"""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.model import Origin, Setting
from gigasite.design.resolve import cooling, economics, energy, location, power, racks, shell
from gigasite.design.resolve.architecture import architecture_of
from gigasite.design.resolve.base import Default, Resolver
from gigasite.design.resolve.fabrics import fabrics_of, spine_candidates, technology_of
from gigasite.design.resolve.halls import halls_and_racks
from gigasite.design.resolve.network import PRIVATE_NETWORKS, network
from gigasite.design.resolve.policy import fabric_policy
from gigasite.design.resolve.pools import pools_with_loads, with_load
from gigasite.spec.site import SiteSpec

__all__ = ["PRIVATE_NETWORKS", "architecture_of", "resolve", "spine_candidates", "technology_of"]


def resolve(spec: SiteSpec, catalog: Catalog) -> tuple[SiteSpec, tuple[Setting, ...]]:
    """The site with its defaults filled in, and the origin of every setting."""
    settings: list[Setting] = []
    resolver = Resolver(settings)
    architectures = [architecture_of(pool, dict(spec.fabrics), catalog) for pool in spec.pools]
    place = resolver.part("location", spec.location, location.location(spec, catalog))
    standards = resolver.part("standards", spec.standards, location.standards(spec, catalog))
    feeds = racks.rack_feeds(spec, architectures, catalog)
    feed_count = spec.racks.feeds or feeds.value
    fabrics = {
        name: fabric_policy(resolver, name, fabric, catalog)
        for name, fabric in fabrics_of(spec, architectures, catalog, settings).items()
    }
    rack_defaults = racks.racks(standards.electrical, feeds, architectures)
    halls, site_racks = halls_and_racks(resolver, spec, catalog, rack_defaults)
    prefix = Default(spec.prefix, "from the site's name", Origin.DERIVED)
    resolved = spec.model_copy(
        update={
            "naming": resolver.part("naming", spec.naming, {"prefix": prefix}),
            "location": place,
            "standards": standards,
            "power": with_load(resolver, power.power(resolver, spec, standards, feed_count, architectures, catalog)),
            "cooling": cooling.cooling(resolver, spec, catalog),
            "shell": shell.shell(resolver, spec, catalog),
            "halls": halls,
            "racks": site_racks,
            "pools": pools_with_loads(resolver, spec, catalog),
            "fabrics": fabrics,
            "network": network(spec, fabrics, catalog, settings),
            "economics": economics.economics(resolver, spec, catalog),
            "energy": energy.energy(resolver, spec),
        }
    )
    return resolved, tuple(settings)
