"""The addresses and subnets of all fabrics: hosts, routed links, loopbacks, management ports; each from its position.

InfiniBand fabrics have none: their subnet manager gives LIDs.

Every port of a node and plane is a lane with an even part of its owner's share; in it each scalable unit has a block.
A routed port (compute on Ethernet) has a /31 with its leaf there, so that one route leads to a rail of a whole pool.
All other ports lie in subnets, one for each part of a unit behind one leaf. Nothing of it moves when a pool grows, and
no subnet has hosts of two units, so that tenants who have whole units share none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import Technology
from gigasite.design import addresses
from gigasite.design.addresses import INFRASTRUCTURE, Ipv6Share, Region, block_size, power_of_two
from gigasite.design.allocated_subnets import with_allocated_subnets
from gigasite.design.allocations import with_allocations
from gigasite.design.attachments import Attachment, FabricPlan
from gigasite.design.fabrics import FabricLayout
from gigasite.design.hosts.ports import interface_names
from gigasite.design.management import SITE, Management
from gigasite.design.model import COLUMNS, AddressBlock
from gigasite.design.unit_parts import UnitParts
from gigasite.errors import Finding
from gigasite.spec.network import NetworkSpec
from gigasite.spec.policy import Numbering, Overlay

Numbers = NDArray[np.int64]
UnitVrfs = Mapping[str, Mapping[int, str]]
"""VRF of each scalable unit that is a tenant's own, by pool."""

FIRST_VLAN = 101
"""VLAN of a leaf's first subnet; numbers mean something on their own leaf alone."""
GATEWAY = 1
"""Place of the gateway in its subnet; hosts come after it."""

# Parts of the infrastructure's share: what is numbered by switch, by link, and the site's own hosts.
_LOOPBACKS, _VTEPS, _LINKS, _HOSTS = (0.0, 0.125), (0.125, 0.25), (0.25, 0.5), (0.5, 1.0)
_SWITCHES = (0.0, 0.5)
_LOOPBACK_NETWORK, _LINK_NETWORK = 0, 1  # /64 of IPv6, among those of switches
_TUNNEL_TIERS = ("leaf", "border")


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """The tables `addresses`, `subnets` and `rail_networks`, the blocks drawn on, and allocations that do not fit."""

    table: pl.DataFrame
    subnets: pl.DataFrame
    rails: pl.DataFrame
    blocks: tuple[AddressBlock, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ground:
    """A part of an owner's share, in IPv4 and in IPv6."""

    fabric: str
    owner: str
    pool_index: int | None
    four: Region
    six: Ipv6Share | None
    fraction: float
    """Of the owner's share."""


def address_plan(
    network: NetworkSpec,
    fabrics: list[tuple[FabricPlan, FabricLayout]],
    endpoints: Mapping[str, pl.DataFrame],
    management: Management,
    vrfs: UnitVrfs,
) -> AddressPlan:
    """The address plan. `fabrics`: all but the management one; `endpoints`: su, slot and node of each owner."""
    book = _Book(network)
    names = _interface_names(fabrics, endpoints)
    for plan, layout in fabrics:
        if plan.technology is not Technology.ETHERNET:
            continue
        own_vrfs = vrfs if plan.spec.overlay is Overlay.EVPN else {}
        for attachment, parts in zip(plan.attachments, layout.parts, strict=True):
            hosts = endpoints[attachment.owner].select("su", "slot", a_device="node")
            rows = _port_rows(plan, attachment, layout.links, hosts, names[attachment.owner], own_vrfs)
            routed = pl.col("a_port").is_in(list(attachment.routed_ports))
            book.routed(plan, attachment, rows.filter(routed))
            book.behind_leaves(plan, attachment, parts, rows.filter(~routed), "host")
        book.switches(plan, layout.devices, layout.links)
    plan = management.plan
    links = management.links.filter(pl.col("tier") == "node-leaf")
    for attachment, parts in zip(plan.attachments, management.parts, strict=True):
        hosts = management.endpoints[attachment.owner].rename({"device": "a_device", "port": "a_port"})
        rows = (
            links.join(hosts, on=["a_device", "a_port"], how="inner", maintain_order="left")
            .with_columns(name=pl.format("mgmt{}", "a_port"), lane=pl.lit(0, pl.Int64), vrf=pl.lit(None, pl.String))
            .with_columns(port_place=pl.lit(0, pl.Int64))
        )
        book.behind_leaves(plan, attachment, parts, rows, "management")
    book.switches(plan, management.devices, management.links)
    found = book.plan()
    table, subnets, misfits = with_allocated_subnets(found.table, found.subnets, network)
    table, findings = with_allocations(table, subnets, found.rails, network)
    return replace(found, table=table, subnets=subnets, findings=(*misfits, *findings))


def _interface_names(
    fabrics: list[tuple[FabricPlan, FabricLayout]], endpoints: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Of each owner's ports: a_port, plane, name. A NIC may have ports on several fabrics, so all are looked at."""
    used: dict[str, list[pl.DataFrame]] = {}
    systems = {}
    for plan, layout in fabrics:
        links = layout.links.filter(pl.col("tier") == "node-leaf").select("a_device", "a_port", "plane")
        for attachment in plan.attachments:
            own = links.join(endpoints[attachment.owner], left_on="a_device", right_on="node", how="semi")
            used.setdefault(attachment.owner, []).append(own.select("a_port", "plane").unique())
            systems[attachment.owner] = attachment.system
    return {
        owner: interface_names(systems[owner], pl.concat(parts)).select("a_port", "plane", name="interface")
        for owner, parts in used.items()
    }


def _port_rows(
    plan: FabricPlan,
    attachment: Attachment,
    links: pl.DataFrame,
    hosts: pl.DataFrame,
    names: pl.DataFrame,
    vrfs: UnitVrfs,
) -> pl.DataFrame:
    """The links of an owner's ports with su, slot, lane, name, VRF, and the port's place among those of its node."""
    used = links.filter((pl.col("tier") == "node-leaf") & pl.col("a_port").is_in(list(attachment.ports)))
    lanes = pl.DataFrame(
        [(port, place % plan.planes + 1, place // plan.planes) for place, port in enumerate(attachment.rails.ports)],
        schema={"a_port": pl.Int32, "plane": pl.Int32, "port_place": pl.Int64},
        orient="row",
    ).sort("a_port", "plane")
    routed = pl.col("a_port").is_in(list(attachment.routed_ports))
    lanes = lanes.with_columns(lane=(pl.int_range(1, pl.len() + 1).over(routed) - 1).cast(pl.Int64))
    own_vrfs = vrfs.get(attachment.owner, {})
    return (
        used.join(names, on=["a_port", "plane"], how="inner", maintain_order="left")
        .join(lanes, on=["a_port", "plane"], how="inner", maintain_order="left")
        .join(hosts, on="a_device", how="inner", maintain_order="left")
        .with_columns(
            vrf=pl.col("su").replace_strict(own_vrfs, default=None, return_dtype=pl.String)
            if own_vrfs
            else pl.lit(None, pl.String)
        )
    )


class _Book:
    """Collects the rows of the tables and the blocks that they need."""

    def __init__(self, network: NetworkSpec) -> None:
        self.network = network
        self.rows: list[pl.DataFrame] = []
        self.subnets: list[pl.DataFrame] = []
        self.rails: list[pl.DataFrame] = []
        self.blocks: list[AddressBlock] = []

    def plan(self) -> AddressPlan:
        def together(name: str, parts: list[pl.DataFrame], by: tuple[str | pl.Expr, ...]) -> pl.DataFrame:
            found = [part for part in parts if part.height]
            return pl.concat(found).sort(by) if found else pl.DataFrame(schema=COLUMNS[name])

        # One text is sorted much faster than four; no name has a character before the zero.
        whole = pl.concat_str("fabric", "use", "device", "interface", separator="\0")
        return AddressPlan(
            table=together("addresses", self.rows, (whole,)),
            subnets=together("subnets", self.subnets, ("fabric", "device", "vlan")),
            rails=together("rail_networks", self.rails, ("fabric", "owner", "rail", "plane", "su", "network")),
            blocks=tuple(self.blocks),
        )

    def routed(self, plan: FabricPlan, attachment: Attachment, own: pl.DataFrame) -> None:
        """A /31 (and a /127) for each link: the even address is the leaf's."""
        if not own.height:
            return
        mixed = set(attachment.ports) != attachment.routed_ports
        ground = self._ground(plan, attachment, (0.0, 0.5 if mixed else 1.0))
        count = power_of_two(int(own["lane"].max()) + 1)  # type: ignore[arg-type]
        per_lane, per_unit = ground.four.size // count, power_of_two(attachment.request.nodes_per_su * 2)
        su, slot, lane = _from_zero(own["su"]), _from_zero(own["slot"]), own["lane"].to_numpy()
        in_lane = su * per_unit + slot * 2
        start = np.where(in_lane + 1 < per_lane, lane * per_lane + in_lane, ground.four.size)
        units = attachment.request.build_to_su_count
        self._need(ground, count * per_unit * units)
        six = ground.six if self._has_ipv6(ground, count * units) else None
        network = lane * (six.count // count if six else 0) + su
        own = own.with_columns(leaf_port=pl.format("swp{}", "b_port"))
        for device, name, end in (("a_device", "name", 1), ("b_device", "leaf_port", 0)):
            # RFC 6164 keeps the first 128 addresses of a /64 out of a /127: the all-zero one is every router's.
            ipv6 = six.render(network, slot * 2 + 128 + end) if six else None
            address = ground.four.render(start + end)
            self._add(plan.name, own[device], own[name], "point-to-point", address, 31, ipv6, own["vrf"])
        self._rail_networks(ground, own, count, per_unit, six)

    def _rail_networks(
        self, ground: _Ground, own: pl.DataFrame, count: int, per_unit: int, six: Ipv6Share | None
    ) -> None:
        """One network for each lane, by its rail and plane, and in it one for each unit."""
        per_lane = ground.four.size // count
        units = own.select("rail", "plane", "lane", "su").unique().sort("lane", "su")
        lanes = units.drop("su").unique().sort("lane").with_columns(su=pl.lit(None, pl.Int32))
        for rows, size, of_units in ((lanes, per_lane, False), (units, min(per_unit, per_lane), True)):
            lane = rows["lane"].to_numpy()
            su = _from_zero(rows["su"]) if of_units else np.zeros_like(lane)
            bases = ground.four.render(
                np.where(su * per_unit < per_lane, lane * per_lane + su * per_unit, ground.four.size)
            )
            length = 32 - (max(size, 1).bit_length() - 1)
            per_lane_six = six.count // count if six else 0
            ipv6 = six.networks(lane * per_lane_six + su, 1 if of_units else per_lane_six) if six else None
            self.rails.append(
                rows.select(
                    fabric=pl.lit(ground.fabric),
                    owner=pl.lit(ground.owner),
                    rail="rail",
                    plane="plane",
                    su="su",
                    network=pl.format(f"{{}}/{length}", bases),
                    ipv6_network=pl.lit(None, pl.String) if ipv6 is None else ipv6,
                )
                .filter(pl.col("network").is_not_null() if size > 1 else pl.lit(False))
                .cast(COLUMNS["rail_networks"])  # type: ignore[arg-type]
            )

    def behind_leaves(
        self, plan: FabricPlan, attachment: Attachment, parts: UnitParts, own: pl.DataFrame, use: str
    ) -> None:
        """Hosts in subnets, each of one lane, one unit and one leaf, which is its gateway."""
        if not own.height:
            return
        ground = self._ground(plan, attachment, self._subnet_part(attachment))
        count = power_of_two(int(own["lane"].max()) + 1)  # type: ignore[arg-type]
        per_subnet = block_size(parts.part_nodes)
        units = attachment.request.build_to_su_count
        su, slot, lane = _from_zero(own["su"]), _from_zero(own["slot"]), own["lane"].to_numpy()
        part, place = parts.places(su, slot, own["port_place"].to_numpy())
        in_lane = su * parts.part_count + part
        per_lane = ground.four.size // count // per_subnet
        number = np.where(in_lane < per_lane, lane * per_lane + in_lane, ground.four.size)
        network_count = count * units * parts.part_count
        self._need(ground, network_count * per_subnet)
        six = ground.six if self._has_ipv6(ground, network_count) else None
        networks = lane * (six.count // count if six else 0) + in_lane
        length = 32 - (per_subnet - 1).bit_length()
        address = ground.four.render(number * per_subnet + GATEWAY + 1 + place)
        ipv6 = six.render(networks, GATEWAY + 1 + place) if six else None
        self._add(plan.name, own["a_device"], own["name"], use, address, length, ipv6, own["vrf"])
        keyed = own.with_columns(number=pl.Series(lane * (in_lane.max() + 1) + in_lane), row=pl.int_range(pl.len()))
        found = keyed.unique("number", keep="first", maintain_order=True).sort("b_device", "su", "number")
        rows = found["row"].to_numpy()
        starts = number[rows] * per_subnet
        self.subnets.append(
            found.select(
                fabric=pl.lit(plan.name),
                owner=pl.lit(ground.owner),
                su="su",
                use=pl.lit(use),
                device="b_device",
                network=pl.format(f"{{}}/{length}", ground.four.render(starts)),
                gateway=ground.four.render(starts + GATEWAY),
                ipv6_network=six.networks(networks[rows]) if six else pl.lit(None, pl.String),
                ipv6_gateway=six.render(networks[rows], np.full(len(rows), GATEWAY))
                if six
                else pl.lit(None, pl.String),
                vlan=pl.int_range(pl.len()).over("b_device") + FIRST_VLAN,
                vrf="vrf",
            ).cast(COLUMNS["subnets"])  # type: ignore[arg-type]
        )

    @staticmethod
    def _subnet_part(attachment: Attachment) -> tuple[float, float]:
        """What of an owner's share its subnets have: routed ports and the switches' own addresses lie before them."""
        if attachment.pool_index is None:
            return _HOSTS
        return (0.5, 1.0) if attachment.routed_ports else (0.0, 1.0)

    def switches(self, plan: FabricPlan, devices: pl.DataFrame, links: pl.DataFrame) -> None:
        """Loopbacks, tunnel ends and numbered links, by the place of a switch among all that the fabric builds to."""
        own = devices.filter((pl.col("fabric") == plan.name) & (pl.col("kind") == "switch"))
        numbered, evpn = plan.spec.numbering is Numbering.NUMBERED, plan.spec.overlay is Overlay.EVPN
        ground = self._owner_ground(plan, None, INFRASTRUCTURE, _SWITCHES)
        six = ground.six if own.height and self._has_ipv6(ground, _LINK_NETWORK + 1) else None
        self._switch_addresses(plan, own, "loopback", _LOOPBACKS if numbered or evpn else (0.0, _HOSTS[0]), six)
        if evpn:
            ends = own.filter(pl.col("tier").is_in(list(_TUNNEL_TIERS)))
            self._switch_addresses(plan, ends, "vtep", _VTEPS, None)
        if numbered:
            self._numbered(plan, own, links, six)

    def _switch_addresses(
        self, plan: FabricPlan, own: pl.DataFrame, use: str, fractions: tuple[float, float], six: Ipv6Share | None
    ) -> None:
        """A /32 (and a /128) for each switch."""
        if not own.height:
            return
        ground = self._owner_ground(plan, None, f"{INFRASTRUCTURE} {use}s", fractions)
        slot = own["slot"].to_numpy().astype(np.int64)
        names = pl.Series(["lo"] * own.height, dtype=pl.String)
        ipv6 = six.render(np.full_like(slot, _LOOPBACK_NETWORK), slot + 1) if six else None
        self._add(plan.name, own["device"], names, use, ground.four.render(slot + 2), 32, ipv6, None)
        self._need(ground, int(slot.max(initial=0)) + 3)

    def _numbered(self, plan: FabricPlan, switches: pl.DataFrame, links: pl.DataFrame, six: Ipv6Share | None) -> None:
        """A /31 (and a /127) for each link between switches, by the place and port of its lower switch."""
        slots = switches.select("slot", a_device="device")
        own = links.join(slots, on="a_device", how="inner", maintain_order="left")
        if not own.height:
            return
        ports = max(shape.port_number_count for shape in (plan.shape, plan.spine_shape, plan.core_shape))
        slot, port = own["slot"].to_numpy().astype(np.int64), own["a_port"].to_numpy().astype(np.int64)
        pair = (slot * power_of_two(ports) + port - 1) * 2
        ground = self._owner_ground(plan, None, f"{INFRASTRUCTURE} links", _LINKS)
        for end, other in (("a", 1), ("b", 0)):
            names = own.select(pl.format("swp{}", f"{end}_port")).to_series()
            ipv6 = six.render(np.full_like(pair, _LINK_NETWORK), pair + 128 + other) if six else None
            address = ground.four.render(pair + other)
            self._add(plan.name, own[f"{end}_device"], names, "point-to-point", address, 31, ipv6, None)
        self._need(ground, int(pair.max(initial=0)) + 2)

    def _ground(self, plan: FabricPlan, attachment: Attachment, fractions: tuple[float, float]) -> _Ground:
        owner = INFRASTRUCTURE if attachment.owner == SITE else attachment.owner
        return self._owner_ground(plan, attachment.pool_index, owner, fractions)

    def _owner_ground(
        self, plan: FabricPlan, pool_index: int | None, owner: str, fractions: tuple[float, float]
    ) -> _Ground:
        supernet = self.network.supernets.get(plan.name)
        share = addresses.share(plan.name, supernet, owner, pool_index) if supernet else None
        six = addresses.ipv6_share(self.network.ipv6, plan.index, pool_index) if self.network.ipv6 else None
        four = addresses.region(share, *fractions)
        extent = fractions[1] - fractions[0]
        return _Ground(plan.name, owner, pool_index, four, six.part(*fractions) if six else None, extent)

    def _need(self, ground: _Ground, address_count: int) -> None:
        """Notes what an owner needs against what it has."""
        network = ground.four.network or self.network.supernets.get(ground.fabric, "no supernet")
        self.blocks.append(AddressBlock(ground.fabric, ground.owner, network, address_count, ground.four.size))

    def _has_ipv6(self, ground: _Ground, network_count: int) -> bool:
        """Whether there are so many networks of /64; notes it where the site's prefix is too long for them."""
        available = ground.six.count if ground.six else 0
        if self.network.ipv6 is not None and network_count > available:
            length = addresses.ipv6_needed_length(ground.pool_index, round(network_count / ground.fraction))
            owner = f"{ground.owner} (IPv6, networks of /64)"
            block = AddressBlock(ground.fabric, owner, self.network.ipv6, network_count, available, length)
            self.blocks.append(block)
        return network_count <= available

    def _add(
        self,
        fabric: str,
        device: pl.Series,
        interface: pl.Series,
        use: str,
        address: pl.Series,
        prefix_length: int,
        ipv6: pl.Series | None,
        vrf: pl.Series | None,
    ) -> None:
        frame = pl.DataFrame({"device": device, "interface": interface, "address": address})
        self.rows.append(
            frame.select(
                "device",
                "interface",
                pl.lit(fabric).alias("fabric"),
                pl.lit(use).alias("use"),
                "address",
                pl.lit(prefix_length, pl.Int32).alias("prefix_length"),
                (pl.lit(None, pl.String) if ipv6 is None else ipv6).alias("ipv6"),
                (pl.lit(None, pl.String) if vrf is None else vrf).alias("vrf"),
            ).cast(COLUMNS["addresses"])  # type: ignore[arg-type]
        )


def _from_zero(column: pl.Series) -> Numbers:
    return column.to_numpy().astype(np.int64) - 1
