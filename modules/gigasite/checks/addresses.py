"""Addresses, autonomous system numbers and names."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from itertools import combinations

import polars as pl

from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check, declare
from gigasite.checks.wording import count, some
from gigasite.design.model import AddressBlock
from gigasite.design.resolve import PRIVATE_NETWORKS
from gigasite.errors import Severity
from gigasite.spec.network import MAX_ASN

DNS_LABEL_LENGTH_MAX = 63
_PRIVATE_ASNS = ((64_512, 65_534), (4_200_000_000, MAX_ASN))
_RESERVED_ASNS = (
    (0, 0),  # RFC 7607
    (23_456, 23_456),  # RFC 6793: AS_TRANS
    (64_496, 64_511),  # RFC 5398: documentation
    (65_535, 65_551),  # RFC 7300, and RFC 5398: documentation
    (65_552, 131_071),  # IANA: reserved
    (4_294_967_295, 4_294_967_295),  # RFC 7300
)
_REPORT = "this is a fault of the design, not of the site file: please report it"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

declare("ADR121", Severity.ERROR, "Allocations are of interfaces that exist")
declare("ADR122", Severity.ERROR, "Allocated addresses lie in the networks of their interfaces")
declare("ADR123", Severity.ERROR, "An allocated address is nobody else's")
declare("ADR124", Severity.ERROR, "Subnets that exist already elsewhere fit there")


@check("ADR101", Severity.ERROR, "Networks hold the addresses that are needed")
def networks_are_large_enough(context: Context) -> Iterator[Hit]:
    short = [b for b in context.design.address_blocks if b.needed_count > b.available_count]
    for block in (b for b in short if not _is_ipv6(b)):
        what = f"fabric {block.fabric}: {block.owner} needs {block.needed_count:,} addresses"
        where = f"network.supernets.{block.fabric}"
        at = _supernet_at(context, block.fabric)
        if _is_network(block):
            has = f"{block.network} has {block.available_count:,}"
            yield Hit(f"{what}, {has}", f"give a larger supernet: {where}", at)
        else:
            yield Hit(f"{what}, no private network is free for it", f"give one of your networks: {where}", at)
    six = [b for b in short if _is_ipv6(b)]
    if six:
        length = min(b.prefix_length for b in six if b.prefix_length is not None)
        owners = (f"{b.owner.partition(' (')[0]} on {b.fabric}" for b in six)
        yield Hit(
            f"{six[0].network} is too long for a /64 for each subnet and each unit of a rail ({some(owners)})",
            f"give a prefix of /{length} or shorter",
            "network.ipv6",
        )


@check("ADR102", Severity.ERROR, "The site's networks leave reserved networks alone")
def reserved_networks_are_left_alone(context: Context) -> Iterator[Hit]:
    reserved = [ipaddress.ip_network(text) for text in context.design.resolved.network.reserved]
    for index, taken in enumerate(reserved):
        touched = [name for name, network in _own(context) if _overlap(network, taken)]
        if touched:
            yield Hit(
                f"{taken} is reserved, and the site's networks overlap it: {some(touched)}",
                "choose supernets outside of network.reserved",
                f"network.reserved[{index}]",
            )


@check("ADR103", Severity.ERROR, "The site's networks do not overlap each other")
def own_networks_are_apart(context: Context) -> Iterator[Hit]:
    given = context.design.resolved.network.supernets
    supernets = {name: ipaddress.ip_network(text) for name, text in given.items()}
    for (name, first), (other, second) in combinations(supernets.items(), 2):
        # Fabrics of one role may share that role's supernet; what they take of it is compared below.
        if first != second and _overlap(first, second):
            yield Hit(
                f"the supernets of {name} ({first}) and {other} ({second}) overlap",
                "give each fabric a supernet of its own",
                f"network.supernets.{other}",
            )
    # An owner's hosts, links and loopbacks have a row each in one network.
    taken = [b for b in context.design.address_blocks if b.available_count and not _is_ipv6(b)]
    owned = {(block.fabric, block.network): block for block in reversed(taken)}
    blocks = list(reversed(owned.values()))
    for one, two in _overlapping([ipaddress.ip_network(block.network) for block in blocks]):
        a, b = blocks[one], blocks[two]
        yield Hit(
            f"{a.network} of {a.owner} in {a.fabric} overlaps {b.network} of {b.owner} in {b.fabric}",
            "give each fabric a supernet of its own",
            _supernet_at(context, b.fabric),
        )


@check("ADR104", Severity.ERROR, "No address is given twice")
def addresses_are_unique(context: Context) -> Iterator[Hit]:
    # What the site allocates is ADR123's, with the other ends of its links.
    pinned = [ipaddress.ip_interface(a.address).ip for a in context.design.resolved.network.allocations]
    allocated = {str(end) for ip in pinned for end in (ip, type(ip)(int(ip) ^ 1))}
    for column in ("address", "ipv6"):
        given = context.tables.addresses.drop_nulls(column).filter(~pl.col(column).is_in(allocated))
        if given[column].n_unique() == given.height:
            continue
        twice = given.filter(pl.col(column).is_duplicated()).sort(column, maintain_order=True)
        first = twice.filter(pl.col(column) == twice[column][0])
        yield Hit(
            f"{count(twice[column].n_unique(), 'address')} given twice: {first[column][0]} to {some(first['device'])}",
            "look for supernets that overlap (ADR103); otherwise please report it",
            "network.supernets",
        )


@check("ADR105", Severity.ERROR, "Autonomous system numbers are valid and stay in their range")
def asns_are_valid(context: Context) -> Iterator[Hit]:
    asns = context.tables.devices.select("device", "asn").drop_nulls("asn")
    base = context.design.resolved.network.asn_base
    if not asns.height:
        return
    reserved = pl.any_horizontal(pl.col("asn").is_between(low, high) for low, high in _RESERVED_ASNS)
    invalid = asns.filter(~pl.col("asn").is_between(1, MAX_ASN) | reserved)
    if invalid.height:
        row = invalid.row(0, named=True)
        yield Hit(
            f"{count(invalid.height, 'switch')} with a number that is reserved or does not exist: "
            f"{row['device']} has {row['asn']}",
            "lower network.asn_base: the private range of RFC 6996 begins at 4200000000",
            "network.asn_base",
        )
    private = next(((low, high) for low, high in _PRIVATE_ASNS if base is not None and low <= base <= high), None)
    if private:
        outside = asns.filter(~pl.col("asn").is_between(*private))
        if outside.height > invalid.height:
            yield Hit(
                f"{count(outside.height, 'switch')} with a number outside of the private range {private[0]} "
                f"to {private[1]} that network.asn_base {base} lies in ({some(outside['device'])})",
                "start at 4200000000, where 94,967,295 private numbers follow (RFC 6996)",
                "network.asn_base",
            )


@check("ADR106", Severity.ERROR, "Names are valid in DNS")
def names_are_dns_labels(context: Context) -> Iterator[Hit]:
    names = _names(context)
    long = names.filter(pl.col("name").str.len_bytes() > DNS_LABEL_LENGTH_MAX)
    if long.height:
        yield Hit(
            f"{count(long.height, 'name')} longer than {DNS_LABEL_LENGTH_MAX} characters ({some(long['name'], 1)})",
            "shorten naming.prefix or the pools' and fabrics' names",
            "naming.prefix",
        )
    odd = names.filter(~pl.col("name").str.contains(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))
    if odd.height:
        yield Hit(
            f"{count(odd.height, 'name')} that DNS does not accept ({some(odd['name'], 3)})",
            _REPORT,
            "naming",
        )


@check("ADR107", Severity.ERROR, "A name stands for one thing")
def names_are_unique(context: Context) -> Iterator[Hit]:
    names = _names(context)
    if names["name"].n_unique() == names.height:
        return
    twice = names.filter(pl.col("name").is_duplicated())["name"].unique(maintain_order=True)
    yield Hit(
        f"{count(len(twice), 'name')} of more than one node, device or rack ({some(twice)})",
        "rename a pool or fabric so that their names do not run together",
        "pools",
    )


@check(
    "ADR108",
    Severity.ERROR,
    "A device has its own autonomous system number, or shares it with its tier alone",
)
def asns_are_not_shared_across_tiers(context: Context) -> Iterator[Hit]:
    devices = context.tables.devices.drop_nulls("asn")
    # Spines of one group may share a number (RFC 7938, 5.2.1): leaves, and switches of two tiers, may not.
    shared = devices.group_by("asn", maintain_order=True).agg(
        pl.col("device"),
        tiers=pl.struct("fabric", "tier").n_unique(),
        leaves=(pl.col("tier") == "leaf").sum(),
    )
    wrong = shared.filter((pl.col("tiers") > 1) | (pl.col("leaves") > 1))
    if wrong.height:
        row = wrong.row(0, named=True)
        yield Hit(
            f"{count(wrong.height, 'number')} shared by switches that exchange routes: {row['asn']} by "
            f"{some(row['device'])}",
            _REPORT,
            "network.asn_base",
        )


@check("ADR109", Severity.WARNING, "Networks and autonomous system numbers come from private ranges")
def numbers_are_private(context: Context) -> Iterator[Hit]:
    supernets = context.design.resolved.network.supernets.items()
    for name, text in supernets:
        network = ipaddress.IPv4Network(text)
        if not any(network.subnet_of(ipaddress.IPv4Network(private)) for private in PRIVATE_NETWORKS):
            yield Hit(
                f"the supernet of {name}, {text}, is public address space",
                "use a private network (RFC 1918, RFC 6598), unless this one is yours",
                f"network.supernets.{name}",
            )
    asns = context.tables.devices["asn"].drop_nulls().unique().sort()
    base = context.design.resolved.network.asn_base
    began_private = any(base is not None and low <= base <= high for low, high in _PRIVATE_ASNS)  # that is ADR105's
    private = pl.any_horizontal(pl.col("asn").is_between(low, high) for low, high in _PRIVATE_ASNS)
    public = asns.to_frame().filter(~private)["asn"]
    if len(public) and not began_private:
        yield Hit(
            f"{count(len(public), 'autonomous system number')} from {public[0]} to {public[-1]} outside of the private "
            "ranges",
            "set network.asn_base to 4200000000, where the private numbers of RFC 6996 begin, unless these are yours",
            "network.asn_base",
        )


def _is_network(block: AddressBlock) -> bool:
    """Whether there is a network at all: a fabric that none was free for has words in its place."""
    return "/" in block.network


def _is_ipv6(block: AddressBlock) -> bool:
    return ":" in block.network


def _names(context: Context) -> pl.DataFrame:
    tables = context.tables
    return pl.concat(
        [tables.nodes.select(name="node"), tables.devices.select(name="device"), tables.racks.select(name="rack")]
    )


def _own(context: Context) -> Iterator[tuple[str, Network]]:
    """The site's supernets, then what it hands out; each network once."""
    seen: set[str] = set()
    network = context.design.resolved.network
    listed = [(text, f"{text} ({name})") for name, text in network.supernets.items()]
    listed += [(network.ipv6, f"{network.ipv6} (ipv6)")] if network.ipv6 else []
    listed += [
        (block.network, f"{block.network} ({block.fabric})")
        for block in context.design.address_blocks
        if _is_network(block)
    ]
    for text, name in listed:
        if text not in seen:
            seen.add(text)
            yield name, ipaddress.ip_network(text)


def _overlap(a: Network, b: Network) -> bool:
    return a.version == b.version and a.overlaps(b)


def _overlapping(networks: Sequence[Network]) -> Iterator[tuple[int, int]]:
    """Pairs that overlap. Networks nest or are apart: sorted, one lies in the widest before it or in none."""

    def place(index: int) -> tuple[int, int, int]:
        network = networks[index]
        return network.version, int(network.network_address), network.prefixlen

    widest: int | None = None
    for index in sorted(range(len(networks)), key=place):
        if widest is not None and _overlap(networks[widest], networks[index]):
            yield widest, index
        else:
            widest = index


def _supernet_at(context: Context, fabric: str) -> str:
    return f"network.supernets.{fabric}" if fabric in context.design.resolved.network.supernets else "network.supernets"
