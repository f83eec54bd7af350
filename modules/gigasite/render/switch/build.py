"""From the tables of a design to the models of a fabric's switches.

Tables are joined as columns; the only loop over rows makes the objects that templates read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import polars as pl

from gigasite.catalog.load import Catalog
from gigasite.design.hosts.interfaces import network_of
from gigasite.design.model import Design, FabricDesign
from gigasite.design.policy import FabricPolicy
from gigasite.errors import GigasiteError
from gigasite.render.switch.blocks import BITS, blocks
from gigasite.render.switch.model import (
    Bfd,
    Bgp,
    Cage,
    Interface,
    Management,
    Neighbour,
    Place,
    Prefix,
    Switch,
    Vlan,
    Vrf,
)
from gigasite.render.switch.ports import switch_ports, switches_of, trunk_mtu
from gigasite.render.switch.systems import OperatingSystem, operating_system
from gigasite.spec.pools import Role

BFD = Bfd(multiplier=3, interval_ms=1000)
"""Loss of light is seen without it; it catches links that carry one way only, and must not flap on a busy switch."""
KEEPALIVE_S, HOLD_S = 3, 9
"""Of BGP sessions: the values that FRRouting and Cumulus Linux take in data centres."""
CONNECT_S = 3
"""A switch that comes back is waited for no longer than that; a try on a link of its own costs nothing."""
MANAGEMENT_VRF = "mgmt"
ROUTE_TARGET_ADMIN = 64512
"""Two-octet number before a VNI in a route target (RFC 4360, 5668): after one of four octets no VNI has room."""
_FIRST_VRF_VLAN = 4000

_INTERFACE_COLUMNS = (
    *("name", "port", "cage", "lane", "lane_count", "gbps", "direction", "peer", "peer_name"),
    *("description", "mtu", "address", "ipv6", "vlan", "vrf", "cable_m", "serdes_count"),
)
_Item = TypeVar("_Item")
ManagementAddresses: TypeAlias = dict[str, tuple[str | None, int, str | None]]
"""By switch: address, its length, gateway."""
_NEIGHBOUR_COLUMNS = ("name", "peer_address", "peer_asn", "direction", "description")


def build_switches(design: Design, catalog: Catalog, fabric: str) -> tuple[Switch, ...]:
    """The switches of an Ethernet fabric, by name.

    Raises GigasiteError where the fabric has no policy, or its policy no operating system.
    """
    return tuple(switches_in_turn(design, catalog, fabric))


def switches_in_turn(design: Design, catalog: Catalog, fabric: str) -> Iterator[Switch]:
    """The same, each made when it is asked for: all ports of thousands of switches are no light load."""
    found = design.fabrics[fabric]
    policy = found.policy
    if policy is None or policy.os is None:
        raise GigasiteError(
            f"fabric {fabric}: nobody says what its switches run", hint="state its `os` in the site file"
        )
    system = operating_system(policy.os)
    ports = switch_ports(design, catalog, found, policy, system)
    builder = _Builder(design, catalog, found, policy, system)
    interfaces = _ByDevice(ports, Interface, _INTERFACE_COLUMNS)
    neighbours = _ByDevice(ports.filter(pl.col("direction") != "host"), Neighbour, _NEIGHBOUR_COLUMNS)
    for row in switches_of(design, found).sort("device").iter_rows(named=True):
        yield builder.switch(row, interfaces.of(row["device"]), neighbours.of(row["device"]))


class _ByDevice(Generic[_Item]):
    """Objects from the rows of a table that is sorted by device, one device at a time."""

    def __init__(self, rows: pl.DataFrame, kind: Callable[..., _Item], columns: Sequence[str]) -> None:
        runs = rows.group_by("device", maintain_order=True).len().with_columns(pl.col("len").cum_sum().alias("end"))
        self.spans = {device: (end - length, length) for device, length, end in runs.iter_rows()}
        self.rows, self.kind = rows.select(columns), kind

    def of(self, device: str) -> tuple[_Item, ...]:
        """Those of one device, in the order of its rows."""
        if device not in self.spans:
            return ()
        own = self.rows.slice(*self.spans[device])
        return tuple(map(self.kind, *(column.to_list() for column in own.iter_columns())))


class _Builder:
    """What the switches of one fabric have in common."""

    def __init__(
        self, design: Design, catalog: Catalog, fabric: FabricDesign, policy: FabricPolicy, system: OperatingSystem
    ) -> None:
        self.design, self.fabric, self.policy, self.system = design, fabric, policy, system
        network = design.resolved.network
        supernets = [network.supernets[fabric.name]] if fabric.name in network.supernets else []
        self.supernets = _prefixes(supernets, 32)
        self.supernets_ipv6 = _prefixes([network.ipv6] if network.ipv6 else [], 128)
        self.titles = {
            key: catalog.switch(key).title
            for key in {fabric.switch, fabric.spine_switch, fabric.core_switch} - {None}
            if key is not None
        }
        self.loopbacks = _own_addresses(design, fabric.name, "loopback")
        self.vteps = _own_addresses(design, fabric.name, "vtep")
        self.places = {
            row[0]: Place(*row[1:])
            for row in switches_of(design, fabric)
            .select("device", "rack", "unit")
            .join(design.tables.racks.select("rack", "hall", "row", "position"), on="rack", how="left")
            .iter_rows()
        }
        self.managements = management_addresses(design)
        self.subnets = {
            str(key[0]): part.sort("vlan")
            for key, part in design.tables.subnets.filter(
                (pl.col("fabric") == fabric.name) & pl.col("vlan").is_not_null() & pl.col("device").is_not_null()
            )
            .partition_by("device", as_dict=True)
            .items()
        }
        self.vnis = {
            system.vrf_name(tenant.vrf): tenant.vni for tenant in design.tenants.values() if tenant.vrf and tenant.vni
        }

    def switch(
        self, row: dict[str, Any], interfaces: tuple[Interface, ...], neighbours: tuple[Neighbour, ...]
    ) -> Switch:
        name = row["device"]
        loopback, loopback_ipv6 = self.loopbacks.get(name, (None, None))
        vlans = self._vlans(name, interfaces)
        vrfs = self._vrfs(interfaces, vlans, loopback) if loopback else ()
        return Switch(
            name=name,
            site=self.design.site,
            fabric=self.fabric.name,
            tier=row["tier"],
            model=row["model"],
            title=self.titles[row["model"]],
            os=self.system.key,
            plane=row["plane"],
            rail=row["rail"],
            place=self.places[name],
            loopback=loopback,
            loopback_ipv6=loopback_ipv6,
            vtep=self.vteps.get(name, (None, None))[0],
            host_mtu=self.policy.mtu,
            mtu=trunk_mtu(self.policy),
            cages=_cages(interfaces),
            interfaces=interfaces,
            vlans=vlans,
            vrfs=vrfs,
            bgp=self._bgp(row, neighbours, interfaces, vlans, loopback, loopback_ipv6),
            qos=self.policy.qos,
            management=self._management(name),
        )

    def _vlans(self, device: str, interfaces: Sequence[Interface]) -> tuple[Vlan, ...]:
        rows = self.subnets.get(device)
        if rows is None:
            return ()
        members: dict[int, list[str]] = {}
        for interface in interfaces:
            if interface.vlan is not None:
                members.setdefault(interface.vlan, []).append(interface.name)
        return tuple(
            Vlan(
                number=row["vlan"],
                name=f"{row['owner']}-su{row['su']:03d}-{row['use']}",
                gateway=_with_length(row["gateway"], row["network"]),
                gateway_ipv6=_with_length(row["ipv6_gateway"], row["ipv6_network"]),
                vrf=self.system.vrf_name(row["vrf"]),
                members=tuple(members.get(row["vlan"], ())),
                vni=None,
            )
            for row in rows.iter_rows(named=True)
        )

    def _vrfs(self, interfaces: Sequence[Interface], vlans: Sequence[Vlan], loopback: str) -> tuple[Vrf, ...]:
        """The VRFs that something on this switch belongs to, each with a VLAN of its own, counted down."""
        seen = {interface.vrf for interface in interfaces} | {vlan.vrf for vlan in vlans}
        names = sorted(name for name in seen if name is not None and name in self.vnis)
        taken = {vlan.number for vlan in vlans}
        free = (number for number in range(_FIRST_VRF_VLAN, 1, -1) if number not in taken)
        found = []
        for name in names:
            vlan, vni = next(free), self.vnis[name]
            own = _own_prefixes(interfaces, vlans, None, name, version=4)
            found.append(Vrf(name, vni, vlan, f"{loopback}:{vlan}", f"{ROUTE_TARGET_ADMIN}:{vni}", own))
        return tuple(found)

    def _bgp(
        self,
        row: dict[str, Any],
        neighbours: tuple[Neighbour, ...],
        interfaces: Sequence[Interface],
        vlans: Sequence[Vlan],
        loopback: str | None,
        loopback_ipv6: str | None,
    ) -> Bgp | None:
        """None where it has no loopback, no AS number, or no neighbour."""
        if loopback is None or row["asn"] is None or not neighbours:
            return None
        vtep = self.vteps.get(row["device"], (None, None))[0]
        loops = [f"{address}/32" for address in (loopback, vtep) if address]
        is_v6 = loopback_ipv6 is not None or any(interface.ipv6 for interface in interfaces)
        loops_ipv6 = [f"{loopback_ipv6}/128"] if loopback_ipv6 else []
        return Bgp(
            asn=row["asn"],
            router_id=loopback,
            neighbours=neighbours,
            groups=tuple(way for way in ("up", "down", "peer") if any(n.group == way for n in neighbours)),
            transit=row["tier"] != "leaf" or any(n.group == "peer" for n in neighbours),
            maximum_paths=max(Counter(neighbour.remote_asn for neighbour in neighbours).values()),
            fabric=self.supernets,
            fabric_ipv6=self.supernets_ipv6 if is_v6 else (),
            own=_own_prefixes(interfaces, vlans, loops, None, version=4),
            own_ipv6=_own_prefixes(interfaces, vlans, loops_ipv6, None, version=6) if is_v6 else (),
            bfd=BFD,
            keepalive_s=KEEPALIVE_S,
            hold_s=HOLD_S,
            connect_s=CONNECT_S,
            evpn=self.policy.overlay == "evpn",
        )

    def _management(self, device: str) -> Management:
        address, length, gateway = self.managements.get(device, (None, None, None))
        with_length = f"{address}/{length}" if address else None
        return Management(self.system.management, with_length, gateway, MANAGEMENT_VRF)


def _own_addresses(design: Design, fabric: str, use: str) -> dict[str, tuple[str | None, str | None]]:
    rows = design.tables.addresses.filter((pl.col("fabric") == fabric) & (pl.col("use") == use))
    return {row[0]: (row[1], row[2]) for row in rows.select("device", "address", "ipv6").iter_rows()}


def management_addresses(design: Design) -> ManagementAddresses:
    """Address, length and gateway of every switch's management port."""
    oob = [name for name, fabric in design.fabrics.items() if Role.OOB in fabric.roles]
    switches = design.tables.devices.filter(pl.col("kind") == "switch").select("device")
    rows = (
        design.tables.addresses.filter(pl.col("fabric").is_in(oob) & (pl.col("use") == "management"))
        .join(switches, on="device", how="semi", maintain_order="left")
        .with_columns(network=network_of("address", "prefix_length"))
        .join(
            design.tables.subnets.select("network", "gateway").unique("network"),
            on="network",
            how="left",
            maintain_order="left",
        )
    )
    return {row[0]: row[1:] for row in rows.select("device", "address", "prefix_length", "gateway").iter_rows()}


def _cages(interfaces: Sequence[Interface]) -> tuple[Cage, ...]:
    found = {interface.cage: interface for interface in interfaces}
    return tuple(Cage(number, found[number].lane_count, found[number].gbps) for number in sorted(found))


def _own_prefixes(
    interfaces: Sequence[Interface],
    vlans: Sequence[Vlan],
    loopbacks: Sequence[str] | None,
    vrf: str | None,
    *,
    version: int,
) -> tuple[Prefix, ...]:
    """Loopbacks, then the networks of hosts, neighbouring ones as one block."""
    hosts = blocks(_host_networks(interfaces, vlans, vrf, version), version)
    alone = [(loopback, False) for loopback in loopbacks or ()]
    return tuple(
        Prefix(place, text, BITS[version] if is_block else int(text.rpartition("/")[2]), is_block)
        for place, (text, is_block) in enumerate((*alone, *hosts), 1)
    )


def _host_networks(
    interfaces: Sequence[Interface], vlans: Sequence[Vlan], vrf: str | None, version: int
) -> Iterator[str]:
    for interface in interfaces:
        text = interface.address if version == 4 else interface.ipv6
        if interface.direction == "host" and text and interface.vrf == vrf:
            yield text
    for vlan in vlans:
        text = vlan.gateway if version == 4 else vlan.gateway_ipv6
        if text and vlan.vrf == vrf:
            yield text


def _prefixes(networks: Sequence[str], longest: int) -> tuple[Prefix, ...]:
    return tuple(Prefix(place, network, longest, True) for place, network in enumerate(networks, 1))


def _with_length(address: str | None, network: str | None) -> str | None:
    return f"{address}/{network.rpartition('/')[2]}" if address and network else None
