"""Addresses that exist already: they take the place of those that follow from position, and move nothing else.

A routed link lies in one /31 (IPv6: /127), so an address of one end moves the other end with it. An address that does
not fit its network is a finding, and the interface keeps the address from its position.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from gigasite.errors import Finding, Severity
from gigasite.spec.network import AllocationSpec, NetworkSpec

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN, UNFIT, TAKEN = "ADR121", "ADR122", "ADR123"
_COLUMNS = {4: "address", 6: "ipv6"}
_IPV6_LENGTHS = {"host": 64, "management": 64, "point-to-point": 127, "loopback": 128, "vtep": 128}
_SHARED, _LINK = ("host", "management"), "point-to-point"
_SHOWN = 10  # findings of one code; what is more is counted in the last
_LOOKED_THROUGH = 2000  # names that are compared for the nearest


@dataclass(frozen=True, slots=True)
class _Pin:
    """An allocation with what the design knows of its interface."""

    index: int
    name: str
    use: str
    row: int
    new: Address
    length: int | None
    """As the site file gives it."""
    own_length: int
    """Of the interface's network."""
    old: Address | None
    """From its position."""
    mate: int | None
    """Row of the other end of its link."""

    @property
    def network(self) -> Network | None:
        """That of the interface, by its position."""
        return ipaddress.ip_network((self.old, self.own_length), strict=False) if self.old else None


def with_allocations(
    table: pl.DataFrame, subnets: pl.DataFrame, rails: pl.DataFrame, network: NetworkSpec
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The table `addresses` with the site's own addresses in it, and what does not fit."""
    if not network.allocations:
        return table, ()
    numbered = table.with_row_index("row")
    asked = _asked(network.allocations)
    known = _known(asked, numbered)
    unknown = asked.join(known, on="index", how="anti").sort("index")
    findings = _limited(UNKNOWN, unknown.height, _unknown(unknown, table))
    for version, column in _COLUMNS.items():
        pins = _pins(known.filter(pl.col("version") == version), numbered, version)
        if not pins:
            continue
        rules = _Rules(pins, subnets, rails, network.reserved, version)
        faults = [(pin, fault) for pin in pins if (fault := rules.fault(pin))]
        findings += _limited(UNFIT, len(faults), ((p.index, f"{p.name}: {p.new} {fault}", "") for p, fault in faults))
        unfit = {pin.row for pin, _ in faults}
        moved = _moved([pin for pin in pins if pin.row not in unfit])
        table = _put(table, column, moved)
        twice = _twice(table, column, moved, {pin.row: pin.index for pin in pins})
        findings += _limited(TAKEN, len(twice), twice)
    return table, tuple(findings)


def _asked(allocations: Sequence[AllocationSpec]) -> pl.DataFrame:
    """One row an allocation: index, device, interface, wanted, new, version, length."""
    found = [ipaddress.ip_interface(entry.address) for entry in allocations]
    rows = [
        (
            index,
            entry.device,
            entry.interface,
            entry.use.value if entry.use else None,
            str(one.ip),
            one.version,
            one.network.prefixlen if "/" in entry.address else None,
        )
        for index, (entry, one) in enumerate(zip(allocations, found, strict=True))
    ]
    schema = {
        **dict.fromkeys(("index",), pl.Int64),
        **dict.fromkeys(("device", "interface", "wanted", "new"), pl.String),
        **dict.fromkeys(("version", "length"), pl.Int64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _known(asked: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """The allocations whose interface exists, with its row of the table; without a use, the first in order."""
    wanted = pl.col("wanted").is_null() | (pl.col("wanted") == pl.col("use"))
    found = asked.join(numbered, on=["device", "interface"], how="inner").filter(wanted)
    return found.sort("index", "use").unique("index", keep="first", maintain_order=True)


def _pins(known: pl.DataFrame, numbered: pl.DataFrame, version: int) -> list[_Pin]:
    """What is known, as objects; the other end of a link is the one whose address is the pair's other."""
    column = _COLUMNS[version]
    others = [
        str(type(old)(int(old) ^ 1)) if text and (old := ipaddress.ip_address(text)) else None for text in known[column]
    ]
    links = numbered.filter(pl.col("use") == _LINK).select("fabric", "use", other=column, mate="row")
    links = links.drop_nulls("other").unique(["fabric", "other"], keep="first", maintain_order=True)
    known = known.with_columns(other=pl.Series(others, dtype=pl.String))
    known = known.join(links, on=["fabric", "use", "other"], how="left", maintain_order="left")
    return [
        _Pin(
            index=row["index"],
            name=f"{row['device']} {row['interface']}",
            use=row["use"],
            row=row["row"],
            new=ipaddress.ip_address(row["new"]),
            length=row["length"],
            own_length=row["prefix_length"] if version == 4 else _IPV6_LENGTHS[row["use"]],
            old=ipaddress.ip_address(row[column]) if row[column] else None,
            mate=row["mate"],
        )
        for row in known.iter_rows(named=True)
    ]


class _Rules:
    """What an address must fulfil in its interface's place, for one version of IP."""

    def __init__(
        self,
        pins: Sequence[_Pin],
        subnets: pl.DataFrame,
        rails: pl.DataFrame,
        reserved: Sequence[str],
        version: int,
    ) -> None:
        self.by_row = {pin.row: pin for pin in pins}
        self.reserved = [network for network in map(ipaddress.ip_network, reserved) if network.version == version]
        column = "network" if version == 4 else "ipv6_network"
        self.subnets = _Networks(subnets[column])
        self.rails = _Networks(rails.filter(pl.col("su").is_null())[column])

    def fault(self, pin: _Pin) -> str | None:
        """Why the address does not fit, as the end of a sentence; None where it does."""
        other = self.by_row[pin.row]
        if other.new != pin.new:
            return f"and {other.new} are both given to it"
        taken = next((network for network in self.reserved if pin.new in network), None)
        if taken:
            return f"lies in {taken}, which network.reserved keeps free"
        if pin.length not in (None, pin.own_length):
            return f"is given with /{pin.length}, and its network has /{pin.own_length}"
        if pin.use in _SHARED:
            return _fault_in_subnet(pin)
        if pin.use == _LINK:
            return self._fault_of_link(pin)
        if pin.use == "vtep" and pin.new.version == 6:
            return "is of IPv6, and tunnels end at IPv4 addresses"
        return self._fault_among_others(pin)

    def _fault_of_link(self, pin: _Pin) -> str | None:
        if pin.mate is None:
            return "stands alone: the fabric has no network for the link, so that its other end is not known"
        other = self.by_row.get(pin.mate)
        if other and int(other.new) != int(pin.new) ^ 1:
            return f"and {other.new} of {other.name} are no pair of a /{pin.own_length}, and are one link"
        rail = self.rails.around(pin.old) if pin.old else None
        if rail is None:
            return self._fault_among_others(pin)
        return None if pin.new in rail else f"is outside of its rail's network {rail}, which one route leads to"

    def _fault_among_others(self, pin: _Pin) -> str | None:
        """Loopbacks and links between switches lie anywhere but among hosts."""
        around = self.subnets.around(pin.new) or self.rails.around(pin.new)
        return f"lies in {around}, a network of hosts" if around else None


def _fault_in_subnet(pin: _Pin) -> str | None:
    network = pin.network
    if network is None:
        return "stands alone: the fabric has no network for its subnet"
    if pin.new not in network:
        return f"is outside of its subnet {network}"
    place = int(pin.new) - int(network.network_address)
    if place == 0:
        return f"is the subnet {network} itself"
    if place == 1:
        return f"is the gateway of its subnet {network}"
    if network.version == 4 and place == network.num_addresses - 1:
        return f"is the broadcast address of its subnet {network}"
    return None


class _Networks:
    """Networks that are apart from each other, looked up by an address inside."""

    def __init__(self, texts: Sequence[str | None] | pl.Series) -> None:
        found = sorted({ipaddress.ip_network(text) for text in texts if text}, key=lambda n: int(n.network_address))
        self.networks: list[Network] = found
        self.starts = [int(network.network_address) for network in found]

    def around(self, address: Address) -> Network | None:
        place = bisect_right(self.starts, int(address)) - 1
        network = self.networks[place] if place >= 0 else None
        return network if network and address in network else None


def _moved(pins: Sequence[_Pin]) -> dict[int, str]:
    """The new address of each row: of the pins, and of the other ends of links."""
    mates = {
        pin.mate: str(type(pin.new)(int(pin.new) ^ 1)) for pin in pins if pin.use == _LINK and pin.mate is not None
    }
    return {**mates, **{pin.row: str(pin.new) for pin in pins}}


def _put(table: pl.DataFrame, column: str, moved: Mapping[int, str]) -> pl.DataFrame:
    rows = pl.Series(list(moved), dtype=pl.UInt32)
    return table.with_columns(table[column].clone().scatter(rows, list(moved.values()))) if moved else table


def _twice(
    table: pl.DataFrame, column: str, moved: Mapping[int, str], indices: Mapping[int, int]
) -> list[tuple[int, str, str]]:
    """Addresses that a pinned interface now shares with others."""
    new = pl.Series(column, list(moved.values()), dtype=pl.String).unique()
    same = (
        table.with_row_index("row").join(new.to_frame(), on=column, how="semi").filter(pl.col(column).is_duplicated())
    )
    found = []
    for (text,), rows in same.sort("row").partition_by(column, as_dict=True, maintain_order=True).items():
        who = [
            f"{device} {interface} ({'pinned' if row in moved else 'by its position'})"
            for row, device, interface in rows.select("row", "device", "interface").head(3).iter_rows()
        ]
        index = min((indices[row] for row in rows["row"] if row in indices), default=0)
        found.append((index, f"{text} belongs to {' and '.join(who)}", "pin the other interface as well, or neither"))
    return sorted(found)


def _unknown(pins: pl.DataFrame, table: pl.DataFrame) -> Iterator[tuple[int, str, str]]:
    devices = table["device"].unique().sort()
    for index, device, interface, wanted in pins.select("index", "device", "interface", "wanted").iter_rows():
        own = table.filter(pl.col("device") == device)["interface"].unique().sort()
        if not len(own):
            yield index, f"no device with an address is called {device}", _nearest(device, devices)
            continue
        what = f"{interface} with the use {wanted}" if wanted else interface
        near = _nearest(interface, own) or f"its interfaces are {', '.join(own.head(12))}"
        yield index, f"{device} has no interface {what} with an address", near


def _nearest(name: str, names: pl.Series) -> str:
    """A hint with the nearest names; of very many, those that begin alike are compared."""
    alike = names.filter(names.str.starts_with(name[: max(len(name) // 2, 1)]))
    near = get_close_matches(name, (alike if len(alike) else names).head(_LOOKED_THROUGH).to_list(), n=3)
    return f"did you mean {', '.join(near)}?" if near else ""


def _limited(
    code: str, total: int, found: Iterator[tuple[int, str, str]] | Sequence[tuple[int, str, str]]
) -> list[Finding]:
    """The first of many findings of one code (index, message, hint)."""
    shown = [one for one, _ in zip(found, range(_SHOWN), strict=False)]
    more = f"; {total - _SHOWN:,} more like it" if total > _SHOWN else ""
    return [
        Finding(
            code,
            Severity.ERROR,
            message + (more if place == len(shown) - 1 else ""),
            hint or _HINTS[code],
            at=f"network.allocations[{index}]",
        )
        for place, (index, message, hint) in enumerate(shown)
    ]


_HINTS = {
    UNKNOWN: "`gigasite design --tables` writes the table `addresses` with all names",
    UNFIT: "leave it out, so that the address follows from position, or choose network.supernets in which it fits",
    TAKEN: "pin the other interface as well, or neither",
}
