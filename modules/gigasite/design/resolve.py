"""Fills in what a site file leaves open, and remembers where every value came from.

A default comes from the reference architecture of the site's pools or from the catalog where these say
something; what nobody says is an assumption, with its reason. Values that follow from the whole design
(hall counts, rack positions) are left to the subjects that compute them.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import ReferenceArchitecture, System, Technology
from gigasite.design.model import Origin, Setting
from gigasite.spec.base import Model
from gigasite.spec.cooling import Rejection
from gigasite.spec.network import NetworkSpec
from gigasite.spec.pools import FabricSpec, PoolSpec, Role
from gigasite.spec.site import Availability, Demarcation, SiteSpec

PRIVATE_ASN_FIRST = 4_200_000_000  # RFC 6996: 4200000000-4294967294 are for private use
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")  # RFC 1918, RFC 6598
_SUPERNET_LENGTHS = {Role.COMPUTE: 10, Role.STORAGE: 12, Role.INBAND: 14, Role.OOB: 14}


@dataclass(slots=True)
class _Resolver:
    """Collects settings while a copy of the site's parts is completed."""

    settings: list[Setting]

    def part(self, path: str, part: Any, defaults: dict[str, Default]) -> Any:
        """A copy of `part` with its absent fields filled in from `defaults`; every field is noted."""
        update: dict[str, Any] = {}
        for field, default in defaults.items():
            given = getattr(part, field)
            where = f"{path}.{field}"
            if given is not None:
                self.settings.append(Setting(where, plain(given), Origin.SITE, "the site file", default.decisive))
            else:
                update[field] = default.value
                self.settings.append(
                    Setting(where, plain(default.value), default.origin, default.why, default.decisive)
                )
        return part.model_copy(update=update)


@dataclass(frozen=True, slots=True)
class Default:
    """What to take where the site file is silent, and why."""

    value: Any
    why: str
    origin: Origin = Origin.ASSUMPTION
    decisive: bool = False


def plain(value: Any) -> Any:
    """A setting's value as plain data, so that it prints and serialises."""
    if isinstance(value, Model):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def architecture_of(pool: PoolSpec, fabrics: dict[str, FabricSpec], catalog: Catalog) -> ReferenceArchitecture | None:
    """The reference architecture of a pool: named by the site, or the system's own.

    Where a system has several, the one with the compute switch of the pool's fabric is meant, or else one of
    the same link layer.
    """
    if pool.reference_architecture:
        return catalog.reference_architecture(pool.reference_architecture)
    system = catalog.system(pool.system)
    fabric = fabrics.get(pool.fabric or "compute")
    switch = fabric.switch if fabric else None
    candidates = [ra for ra in catalog.reference_architectures if system.key in ra.systems]
    if switch:
        wanted = catalog.switch(switch)
        same = [ra for ra in candidates if ra.compute_switch == wanted.key]
        alike = [ra for ra in candidates if catalog.switch(ra.compute_switch).technology is wanted.technology]
        if len(candidates) > 1 and (same or alike):
            return (same or alike)[0]
    if system.reference_architecture:
        return catalog.reference_architecture(system.reference_architecture)
    return candidates[0] if candidates else None


def resolve(spec: SiteSpec, catalog: Catalog) -> tuple[SiteSpec, tuple[Setting, ...]]:
    """The site with its defaults filled in, and the origin of every setting."""
    settings: list[Setting] = []
    resolver = _Resolver(settings)
    architectures = [architecture_of(pool, dict(spec.fabrics), catalog) for pool in spec.pools]
    location = resolver.part("location", spec.location, _location())
    standards = resolver.part("standards", spec.standards, _standards(spec, catalog))
    feeds = _rack_feeds(spec, architectures, catalog)
    blocks = resolver.part(
        "power.blocks",
        spec.power.blocks,
        _blocks(standards.availability, standards.electrical, spec.racks.feeds or feeds.value),
    )
    utility = spec.power.utility
    if spec.demarcation is Demarcation.OWN:
        utility = resolver.part("power.utility", utility, _utility())
    loop = resolver.part("cooling.loop", spec.cooling.loop, _loop())
    air = resolver.part("cooling.air", spec.cooling.air, _air())
    cooling = resolver.part("cooling", spec.cooling, _cooling()).model_copy(update={"loop": loop, "air": air})
    racks = resolver.part("racks", spec.racks, _racks(standards.electrical, feeds, architectures))
    fabrics = _fabrics(spec, architectures, catalog, settings)
    network = _network(spec, fabrics, catalog, settings)
    naming = resolver.part(
        "naming", spec.naming, {"prefix": Default(spec.prefix, "from the site's name", Origin.DERIVED)}
    )
    resolved = spec.model_copy(
        update={
            "naming": naming,
            "location": location,
            "standards": standards,
            "power": spec.power.model_copy(update={"utility": utility, "blocks": blocks}),
            "cooling": cooling,
            "racks": racks,
            "fabrics": fabrics,
            "network": network,
        }
    )
    return resolved, tuple(settings)


def _location() -> dict[str, Default]:
    return {
        "grid": Default(None, "not given: carbon stays unknown", Origin.DERIVED),
        "extreme_dry_bulb_c": Default(40.0, "a hot place; heat rejection is sized for it", decisive=True),
        "extreme_wet_bulb_c": Default(27.0, "a humid place; evaporative cooling is sized for it", decisive=True),
    }


def _standards(spec: SiteSpec, catalog: Catalog) -> dict[str, Default]:
    grid = catalog.grid(spec.location.grid) if spec.location.grid else None
    frequency = spec.standards.frequency_hz or (grid.frequency_hz if grid else None)
    electrical = Default("iec", "a 50 Hz grid", Origin.DERIVED) if frequency == 50 else Default("nec", "a 60 Hz grid")
    if spec.standards.frequency_hz is None and grid is not None and grid.frequency_hz:
        hertz = Default(grid.frequency_hz, f"grid {grid.key}", Origin.CATALOG)
        electrical = Default(electrical.value, f"a {grid.frequency_hz} Hz grid", Origin.DERIVED)
    else:
        by_rules = 50 if spec.standards.electrical == "iec" else 60
        hertz = Default(by_rules, f"usual where {spec.standards.electrical or electrical.value} holds")
    return {"electrical": electrical, "frequency_hz": hertz}


def _utility() -> dict[str, Default]:
    return {
        "voltage_kv": Default(34.5, "a medium-voltage connection", decisive=True),
        "circuits": Default(2, "one circuit can be maintained while the other carries the site"),
        "available_mw": Default(None, "taken as what the design needs", decisive=True),
    }


def _blocks(availability: Availability, electrical: str, feeds: int) -> dict[str, Default]:
    if availability is Availability.BASIC:
        topology = Default("N", "availability: basic promises no redundancy", Origin.DERIVED)
    elif feeds > 2:
        topology = Default(f"{feeds}N{feeds - 1}R", f"the racks have {feeds} feeds, any {feeds - 1} carry them")
    else:
        topology = Default("2N", f"availability: {availability} with two feeds a rack")
    volts = 400.0 if electrical == "iec" else 415.0
    return {
        "topology": topology,
        "unit_kw": Default(2500.0, "a common size of UPS and generator blocks"),
        "rack_voltage_v": Default(volts, f"three-phase distribution to racks where {electrical} holds", decisive=True),
        "ups_min": Default(5.0, "time to start generators, with margin"),
        "generator_h": Default(24.0, "fuel for a day"),
    }


def _cooling() -> dict[str, Default]:
    return {
        "rejection": Default(
            (Rejection.DRY_COOLER, Rejection.TRIM_CHILLER),
            "chillers and dry coolers, as the DSX facility design",
        )
    }


def _loop() -> dict[str, Default]:
    return {
        "supply_c": Default(30.0, "within every catalogued system's limit"),
        "fluid": Default("pg25", "25 % propylene glycol, the usual TCS fluid"),
        "redundancy": Default(
            "N+1", "DSX facility design: N+1 CDUs a group on shared piping", Origin.REFERENCE_ARCHITECTURE
        ),
        "pumps_on_ups": Default(True, "racks overheat within seconds without flow"),
        "cdu": Default("ocp-rating-1mw", "the OCP rating point of a 1 MW CDU"),
        "flow_lpm_per_kw_min": Default(
            1.5, "DSX facility design: TCS of at least 1.5 l/min a kW", Origin.REFERENCE_ARCHITECTURE
        ),
    }


def _air() -> dict[str, Default]:
    return {
        "unit": Default("crah-100kw", "a usual size of air handler"),
        "redundancy": Default("N+1", "one air handler can be maintained"),
        "supply_c": Default(24.0, "within ASHRAE's recommended 18-27 °C"),
    }


def _rack_feeds(spec: SiteSpec, architectures: list[ReferenceArchitecture | None], catalog: Catalog) -> Default:
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
    enough = max(_feeds_outlived(catalog.system(pool.system), pool.power_cap_kw) for pool in spec.pools)
    if enough > 2:
        return Default(enough, "of fewer feeds, losing one leaves too few supplies for a rack at its maximum")
    return Default(2, "two paths to each rack")


def _feeds_outlived(system: System, cap_kw: float | None) -> int:
    """The fewest feeds (2 to 4) that leave supplies enough when one is lost; 2 where none of them does."""
    shelves = bool(system.shelf_count and system.shelf_kw)
    count, each_kw = (system.shelf_count, system.shelf_kw) if shelves else (system.psu_count, system.psu_kw)
    if not count or not each_kw or system.max_kw is None:
        return 2
    draw_kw = min(system.max_kw, cap_kw or system.max_kw)
    for feeds in (2, 3, 4):
        if (count - -(-count // feeds)) * each_kw >= draw_kw:
            return feeds
    return 2


def _racks(electrical: str, feeds: Default, architectures: list[ReferenceArchitecture | None]) -> dict[str, Default]:
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
        "row_pitch_m": Default(3.0, "rack depth and aisle"),
        "tray_height_m": Default(1.5, "from the middle of a rack to the tray above it"),
        "slack_ratio": Default(0.1, "one tenth for dressing"),
        "feeds": feeds,
        "feed": feed,
        "server_u": Default(1, "a management server or fabric manager"),
        "server_kw": Default(0.8, "a management server or fabric manager under load"),
        "server_kg": Default(20.0, "a management server or fabric manager"),
    }


def _fabrics(
    spec: SiteSpec,
    architectures: list[ReferenceArchitecture | None],
    catalog: Catalog,
    settings: list[Setting],
) -> dict[str, FabricSpec]:
    """The site's fabrics in its order, then the ones that its roles still lack."""
    fabrics = dict(spec.fabrics)
    named = {pool.fabric for pool in spec.pools if pool.fabric}
    missing_names = [name for name in sorted(named) if name not in fabrics]
    for name in missing_names:
        fabrics[name] = FabricSpec(roles=(Role.COMPUTE,))
        settings.append(Setting(f"fabrics.{name}.roles", ["compute"], Origin.DERIVED, "a pool's compute fabric"))
    have = {role for fabric in fabrics.values() for role in fabric.roles}
    if any(pool.fabric is None for pool in spec.pools):
        have.discard(Role.COMPUTE)
        have |= {Role.COMPUTE} if "compute" in fabrics else set()
    for role in Role:
        if role not in have:
            fabrics[role.value] = FabricSpec(roles=(role,))
            settings.append(
                Setting(f"fabrics.{role}.roles", [role.value], Origin.DERIVED, "every site has this network")
            )
    switched = {
        name: _with_switch(name, fabric, spec, architectures, catalog, settings) for name, fabric in fabrics.items()
    }
    return {name: _with_spine(name, fabric, catalog, settings) for name, fabric in switched.items()}


def _with_switch(
    name: str,
    fabric: FabricSpec,
    spec: SiteSpec,
    architectures: list[ReferenceArchitecture | None],
    catalog: Catalog,
    settings: list[Setting],
) -> FabricSpec:
    where = f"fabrics.{name}.switch"
    if fabric.switch:
        settings.append(Setting(where, fabric.switch, Origin.SITE, "the site file"))
        return fabric
    users = [
        ra
        for pool, ra in zip(spec.pools, architectures, strict=True)
        if ra and (Role.COMPUTE not in fabric.roles or (pool.fabric or "compute") == name)
    ]
    for ra in users:
        wanted = getattr(ra, f"{fabric.roles[0]}_switch")
        if wanted:
            settings.append(Setting(where, wanted, Origin.REFERENCE_ARCHITECTURE, ra.title))
            return fabric.model_copy(update={"switch": wanted})
    usual = {Role.COMPUTE: "sn5600", Role.STORAGE: "sn5600", Role.INBAND: "sn5600", Role.OOB: "sn2201"}
    switch = usual[fabric.roles[0]]
    settings.append(Setting(where, switch, Origin.ASSUMPTION, "no reference architecture names one"))
    return fabric.model_copy(update={"switch": catalog.switch(switch).key})


def _with_spine(name: str, fabric: FabricSpec, catalog: Catalog, settings: list[Setting]) -> FabricSpec:
    """A leaf with uplink ports of their own needs spines of that speed: the slowest catalogued switch that has it."""
    assert fabric.switch is not None
    candidates = spine_candidates(fabric, catalog)
    if not candidates or fabric.spine_switch:
        return fabric
    why = f"the slowest catalogued switch with the speed of {fabric.switch}'s uplinks"
    settings.append(Setting(f"fabrics.{name}.spine_switch", candidates[0], Origin.ASSUMPTION, why))
    return fabric.model_copy(update={"spine_switch": candidates[0]})


def spine_candidates(fabric: FabricSpec, catalog: Catalog) -> list[str]:
    """Switches that can be spines of a leaf with uplink ports of its own, slowest and smallest first."""
    assert fabric.switch is not None
    leaf = catalog.switch(fabric.switch)
    up = next((group.gbps for group in leaf.port_groups if group.use == "up"), None)
    if up is None:
        return []
    able = []
    for switch in map(catalog.switch, catalog.keys("switch")):
        if switch.technology is leaf.technology and all(g.use == "any" and g.gbps >= up for g in switch.port_groups):
            able.append((max(g.gbps for g in switch.port_groups), switch.key))
    return [key for _, key in sorted(able)]


def _network(spec: SiteSpec, fabrics: dict[str, FabricSpec], catalog: Catalog, settings: list[Setting]) -> NetworkSpec:
    """Supernets by fabric: given by name or role, or the first free private ones."""
    given = dict(spec.network.supernets)
    taken = [ipaddress.ip_network(text) for text in (*given.values(), *spec.network.reserved)]
    taken = [network for network in taken if network.version == 4]
    supernets: dict[str, str] = {}
    for name, fabric in fabrics.items():
        by_role = next((given[role] for role in fabric.roles if role in given), None)
        found = given.get(name) or by_role
        where = f"network.supernets.{name}"
        if found:
            supernets[name] = found
            settings.append(Setting(where, found, Origin.SITE, "the site file", decisive=True))
            continue
        if technology_of(fabric, catalog) is Technology.INFINIBAND:
            continue  # its subnet manager gives LIDs
        free = _first_free(min(_SUPERNET_LENGTHS[role] for role in fabric.roles), taken)
        if free is None:
            continue  # the address plan says what is missing
        taken.append(free)
        supernets[name] = str(free)
        settings.append(Setting(where, str(free), Origin.ASSUMPTION, "free in the private networks", decisive=True))
    asn = spec.network.asn_base
    settings.append(
        Setting("network.asn_base", asn, Origin.SITE, "the site file")
        if asn
        else Setting("network.asn_base", PRIVATE_ASN_FIRST, Origin.ASSUMPTION, "start of the private range, RFC 6996")
    )
    return spec.network.model_copy(update={"supernets": supernets, "asn_base": asn or PRIVATE_ASN_FIRST})


def _first_free(length: int, taken: list[Any]) -> ipaddress.IPv4Network | None:
    """The first private network of that length that nobody has; where there is none, a smaller one, down to /20."""
    for longer in range(length, 21):
        for private in map(ipaddress.IPv4Network, PRIVATE_NETWORKS):
            if longer < private.prefixlen:
                continue
            for candidate in private.subnets(new_prefix=longer):
                if not any(candidate.overlaps(network) for network in taken):
                    return candidate
    return None


def technology_of(fabric: FabricSpec, catalog: Catalog) -> Technology:
    """The link layer of a resolved fabric: that of its switch."""
    assert fabric.switch is not None
    return catalog.switch(fabric.switch).technology
