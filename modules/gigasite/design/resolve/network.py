"""Defaults of supernets and autonomous system numbers."""

from __future__ import annotations

import ipaddress
from typing import Any

from gigasite.catalog.load import Catalog
from gigasite.catalog.models import Technology
from gigasite.design.model import Origin, Setting
from gigasite.design.resolve.fabrics import technology_of
from gigasite.spec.network import NetworkSpec
from gigasite.spec.pools import FabricSpec, Role
from gigasite.spec.site import SiteSpec

PRIVATE_ASN_FIRST = 4_200_000_000  # RFC 6996: 4200000000-4294967294 are for private use
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")  # RFC 1918, RFC 6598
_SUPERNET_LENGTHS = {Role.COMPUTE: 10, Role.STORAGE: 12, Role.INBAND: 14, Role.OOB: 14, Role.INTERCONNECT: 20}


def network(spec: SiteSpec, fabrics: dict[str, FabricSpec], catalog: Catalog, settings: list[Setting]) -> NetworkSpec:
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
