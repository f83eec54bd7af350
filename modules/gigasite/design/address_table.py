"""The addresses and subnets of all fabrics: hosts, routed links, loopbacks, management ports; each from its position.

InfiniBand fabrics have none: their subnet manager gives LIDs.

A routed port (compute on Ethernet) has a /31 with its leaf. Rail by rail each has an even part of its owner's share, so
that one route leads to a rail of a whole pool. All other ports lie in subnets, each behind one leaf: its place is that
of the leaf, and a host's place in it is the leaf's port. Nothing of it moves when a pool grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import Technology
from gigasite.design import addresses
from gigasite.design.addresses import INFRASTRUCTURE, Region, Share, block_size
from gigasite.design.attachments import Attachment, FabricPlan
from gigasite.design.fabrics import FabricLayout
from gigasite.design.hosts.ports import interface_names
from gigasite.design.management import SITE, Management
from gigasite.design.model import COLUMNS, AddressBlock
from gigasite.spec.network import NetworkSpec
from gigasite.spec.policy import Numbering, Overlay

Numbers = NDArray[np.int64]

FIRST_VLAN = 101
"""VLAN of a leaf's first subnet; numbers mean something on their own leaf alone."""
_LARGEST_GROUP = 0xFFFF  # of an IPv6 address
GATEWAY = 1
"""Place of the gateway in its subnet; hosts come after it."""


# Parts of the infrastructure's share: what is numbered by switch, by link, and by leaf.
_LOOPBACKS, _VTEPS, _LINKS, _SUBNETS = (0.0, 0.125), (0.125, 0.25), (0.25, 0.5), (0.5, 1.0)
_SWITCHES = (0.0, 0.5)


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """The tables `addresses`, `subnets` and `rail_networks`, and the blocks drawn on."""

    table: pl.DataFrame
    subnets: pl.DataFrame
    rails: pl.DataFrame
    blocks: tuple[AddressBlock, ...]


def address_plan(
    network: NetworkSpec,
    fabrics: list[tuple[FabricPlan, FabricLayout]],
    endpoints: dict[str, pl.DataFrame],
    management: Management,
) -> AddressPlan:
    """The address plan. `fabrics`: all but the management one; `endpoints`: su, slot and node of each owner."""
    book = _Book(network)
    for plan, layout in fabrics:
        if plan.technology is not Technology.ETHERNET:
            continue
        for attachment in plan.attachments:
            hosts = endpoints[attachment.owner].select("su", "slot", a_device="node")
            names = _interface_names(attachment, layout.links)
            book.endpoints(plan, attachment, layout, hosts, names)
        book.switches(plan, layout.devices, layout.links)
    plan = management.plan
    for attachment in plan.attachments:
        hosts = management.endpoints[attachment.owner].select("su", "slot", a_device="device").unique("a_device")
        ports = management.links.filter(pl.col("tier") == "node-leaf").select("a_port", "plane").unique()
        names = ports.with_columns(name=pl.format("mgmt{}", "a_port"))
        book.behind_leaves(plan, attachment, management.devices, management.links, hosts, names, "management")
    book.switches(plan, management.devices, management.links)
    return book.plan()


def _interface_names(attachment: Attachment, links: pl.DataFrame) -> pl.DataFrame:
    """Name of each port and plane of an owner's hosts: a_port, plane, name."""
    used = links.filter((pl.col("tier") == "node-leaf") & pl.col("a_port").is_in(list(attachment.ports)))
    return interface_names(attachment.system, used).select("a_port", "plane", name="interface")


class _Book:
    """Collects the rows of the tables and the blocks that they need."""

    def __init__(self, network: NetworkSpec) -> None:
        self.network = network
        self.rows: list[pl.DataFrame] = []
        self.subnets: list[pl.DataFrame] = []
        self.rails: list[pl.DataFrame] = []
        self.blocks: list[AddressBlock] = []

    def plan(self) -> AddressPlan:
        def together(name: str, parts: list[pl.DataFrame], by: tuple[str, ...]) -> pl.DataFrame:
            found = [part for part in parts if part.height]
            return pl.concat(found).sort(by) if found else pl.DataFrame(schema=COLUMNS[name])

        return AddressPlan(
            table=together("addresses", self.rows, ("fabric", "use", "device", "interface")),
            subnets=together("subnets", self.subnets, ("fabric", "device", "vlan")),
            rails=together("rail_networks", self.rails, ("fabric", "owner", "rail", "plane", "su")),
            blocks=tuple(self.blocks),
        )

    def share(self, plan: FabricPlan, pool_index: int | None, owner: str) -> Share | None:
        supernet = self.network.supernets.get(plan.name)
        return addresses.share(plan.name, supernet, owner, pool_index) if supernet else None

    def endpoints(
        self,
        plan: FabricPlan,
        attachment: Attachment,
        layout: FabricLayout,
        hosts: pl.DataFrame,
        names: pl.DataFrame,
    ) -> None:
        """NIC ports of one owner: those that are routed by rail, the others behind their leaves."""
        routed = attachment.routed_ports
        links = layout.links.filter(pl.col("tier") == "node-leaf")
        if routed:
            self._routed(plan, attachment, links.filter(pl.col("a_port").is_in(list(routed))), hosts, names)
        if set(attachment.ports) - routed:
            others = links.filter(~pl.col("a_port").is_in(list(routed)))
            self.behind_leaves(plan, attachment, layout.devices, others, hosts, names, "host")

    def _routed(
        self, plan: FabricPlan, attachment: Attachment, links: pl.DataFrame, hosts: pl.DataFrame, names: pl.DataFrame
    ) -> None:
        """A /31 for each link: the even address is the leaf's. Each port and plane has an even part of the region."""
        part = self.share(plan, attachment.pool_index, attachment.owner)
        mixed = bool(set(attachment.ports) - attachment.routed_ports)
        fractions = (0.0, 0.5 if mixed else 1.0)
        whole = addresses.region(part, *fractions)
        lanes = names.filter(pl.col("a_port").is_in(list(attachment.routed_ports))).sort("a_port", "plane")
        lanes = lanes.with_columns(lane=pl.int_range(pl.len(), dtype=pl.Int64))
        count = addresses.power_of_two(lanes.height)
        per_unit = block_size(attachment.request.nodes_per_su * 2)
        own = (
            links.join(lanes, on=["a_port", "plane"], how="inner", maintain_order="left")
            .join(hosts, on="a_device", how="inner", maintain_order="left")
            .with_columns(leaf_port=pl.format("swp{}", "b_port"))
        )
        su, slot, lane = _from_zero(own["su"]), _from_zero(own["slot"]), own["lane"].to_numpy()
        in_lane = su * per_unit + slot * 2
        per_lane = whole.size // count
        beyond = np.int64(whole.size)
        offsets = np.where(in_lane < per_lane, lane * per_lane + in_lane, beyond)
        ends = (slot * 2 + 2, slot * 2 + 3)
        six = [self._ipv6(plan, attachment.pool_index, fractions, su, lane + 1, end) for end in ends]
        for device, name, end in (("a_device", "name", 1), ("b_device", "leaf_port", 0)):
            self._add(plan.name, own[device], own[name], "point-to-point", whole.render(offsets + end), 31, six[end])
        self._rail_networks(plan, attachment, own, whole, count, per_unit)
        self._need(plan, attachment.owner, whole, count * per_unit * attachment.request.build_to_su_count)

    def _rail_networks(
        self,
        plan: FabricPlan,
        attachment: Attachment,
        own: pl.DataFrame,
        whole: Region,
        count: int,
        per_unit: int,
    ) -> None:
        """One network for each rail and plane, and in it one for each unit."""
        if whole.share is None or not own.height:
            return
        per_lane = whole.size // count
        lanes = own.select("rail", "plane", "lane").unique().sort("lane").with_columns(su=pl.lit(None, pl.Int32))
        units = own.select("rail", "plane", "lane", "su").unique().sort("lane", "su")
        both = pl.concat([lanes.with_columns(size=per_lane), units.with_columns(size=min(per_unit, per_lane))])
        start = (
            both["lane"].to_numpy() * per_lane + (both["su"].fill_null(1).to_numpy().astype(np.int64) - 1) * per_unit
        )
        length = both.select(32 - (pl.col("size") - 1).cast(pl.Float64).log(2).floor().cast(pl.Int64) - 1).to_series()
        self.rails.append(
            both.with_columns(base=whole.render(start), length=length)
            .filter(pl.col("base").is_not_null() & (pl.col("size") > 1))
            .select(
                fabric=pl.lit(plan.name),
                owner=pl.lit(attachment.owner),
                rail="rail",
                plane="plane",
                su="su",
                network=pl.format("{}/{}", "base", "length"),
            )
            .cast(COLUMNS["rail_networks"])  # type: ignore[arg-type]
        )

    def behind_leaves(
        self,
        plan: FabricPlan,
        attachment: Attachment,
        devices: pl.DataFrame,
        links: pl.DataFrame,
        hosts: pl.DataFrame,
        names: pl.DataFrame,
        use: str,
    ) -> None:
        """Hosts in subnets: one for each leaf, and one more for each further port of a host on the same leaf."""
        owner = INFRASTRUCTURE if attachment.owner == SITE else attachment.owner
        part = self.share(plan, attachment.pool_index, owner)
        fractions = self._subnet_part(attachment)
        whole = addresses.region(part, *fractions)
        leaves = devices.filter(pl.col("kind") == "switch").select(leaf_slot="slot", b_device="device")
        own = (
            links.filter(pl.col("tier") == "node-leaf")
            .join(hosts, on="a_device", how="inner", maintain_order="left")
            .join(names, on=["a_port", "plane"], how="inner", maintain_order="left")
            .join(leaves, on="b_device", how="inner", maintain_order="left")
        )
        if not own.height:
            return
        nth = pl.struct("a_port", "plane").rank("dense").over("a_device", "b_device").cast(pl.Int64) - 1
        own = own.with_columns(nth=nth if attachment.rails.rail_count > 1 else pl.lit(0, pl.Int64))
        per_subnet = block_size(plan.shape.cage_count * plan.shape.stride)
        lanes = addresses.power_of_two(int(own["nth"].max()) + 1)  # type: ignore[arg-type]
        first = int(own["leaf_slot"].min())  # type: ignore[arg-type]
        leaf = own["leaf_slot"].to_numpy().astype(np.int64) - first
        subnet = leaf * lanes + own["nth"].to_numpy()
        port = own["b_port"].to_numpy().astype(np.int64)
        length = 32 - (per_subnet - 1).bit_length()
        address = whole.render(subnet * per_subnet + GATEWAY + port)
        six = self._ipv6(plan, attachment.pool_index, fractions, subnet, None, GATEWAY + port)
        self._add(plan.name, own["a_device"], own["name"], use, address, length, six)
        gateways = self._ipv6(plan, attachment.pool_index, fractions, subnet, None, np.full_like(subnet, GATEWAY))
        own = own.with_columns(number=pl.Series(subnet), ipv6_gateway=gateways)
        self._add_subnets(plan.name, owner, own, use, whole, per_subnet)
        # Leaves follow the units, so those of the ultimate size are to the built ones as its units are.
        built, ultimate = len(attachment.request.node_counts), attachment.request.build_to_su_count
        leaf_count = -(-(int(leaf.max(initial=0)) + 1) * ultimate // built)
        self._need(plan, attachment.owner, whole, leaf_count * lanes * per_subnet)

    def _add_subnets(
        self, fabric: str, owner: str, own: pl.DataFrame, use: str, whole: Region, per_subnet: int
    ) -> None:
        """The subnets that hosts lie in, once each."""
        length = 32 - (per_subnet - 1).bit_length()
        found = own.unique("number", maintain_order=True)
        number = found["number"].to_numpy()
        networks = whole.render(number * per_subnet)
        self.subnets.append(
            found.select(
                fabric=pl.lit(fabric),
                owner=pl.lit(owner),
                su="su",
                use=pl.lit(use),
                device="b_device",
                network=pl.format(f"{{}}/{length}", networks.alias("network")),
                gateway=whole.render(number * per_subnet + GATEWAY),
                ipv6_network=pl.format("{}/64", pl.col("ipv6_gateway").str.strip_suffix("1")),
                ipv6_gateway="ipv6_gateway",
                vlan=pl.col("nth") + FIRST_VLAN,
                vrf=pl.lit(None, pl.String),
            ).cast(COLUMNS["subnets"])  # type: ignore[arg-type]
        )

    @staticmethod
    def _subnet_part(attachment: Attachment) -> tuple[float, float]:
        """What of an owner's share its subnets have: routed ports and the switches' own addresses lie before them."""
        if attachment.pool_index is None:
            return _SUBNETS
        return (0.5, 1.0) if attachment.routed_ports else (0.0, 1.0)

    def switches(self, plan: FabricPlan, devices: pl.DataFrame, links: pl.DataFrame) -> None:
        """Loopbacks, tunnel ends and numbered links, by the place of a switch among all that the fabric builds to."""
        own = devices.filter((pl.col("fabric") == plan.name) & (pl.col("kind") == "switch"))
        part = self.share(plan, None, INFRASTRUCTURE)
        slot = own["slot"].to_numpy().astype(np.int64)
        last = int(slot.max(initial=0))
        numbered, evpn = plan.spec.numbering is Numbering.NUMBERED, plan.spec.overlay is Overlay.EVPN
        uses = [("loopback", "lo", _LOOPBACKS if numbered or evpn else (0.0, _SUBNETS[0]))]
        uses += [("vtep", "lo", _VTEPS)] if evpn else []
        for place, (use, name, fractions) in enumerate(uses):
            whole = addresses.region(part, *fractions)
            six = self._ipv6(plan, None, _SWITCHES, np.zeros_like(slot), np.full_like(slot, place + 1), slot + 1)
            names = pl.Series([name] * own.height, dtype=pl.String)
            self._add(plan.name, own["device"], names, use, whole.render(slot + 2), 32, six)
            self._need(plan, f"{INFRASTRUCTURE} {use}s", whole, last + 3)
        if numbered:
            self._numbered(plan, own, links, part)

    def _numbered(self, plan: FabricPlan, switches: pl.DataFrame, links: pl.DataFrame, part: Share | None) -> None:
        """A /31 for each link between switches, by the place and port of its lower switch."""
        slots = switches.select("slot", a_device="device")
        own = links.join(slots, on="a_device", how="inner", maintain_order="left")
        ports = max(shape.port_number_count for shape in (plan.shape, plan.spine_shape, plan.core_shape))
        slot, port = own["slot"].to_numpy().astype(np.int64), own["a_port"].to_numpy().astype(np.int64)
        pair = (slot * addresses.power_of_two(ports) + port - 1) * 2
        whole = addresses.region(part, *_LINKS)
        for end, other in (("a", 1), ("b", 0)):
            names = own.select(pl.format("swp{}", f"{end}_port")).to_series()
            six = self._ipv6(plan, None, _SWITCHES, slot + 1, None, port * 2 + other)
            self._add(plan.name, own[f"{end}_device"], names, "point-to-point", whole.render(pair + other), 31, six)
        self._need(plan, f"{INFRASTRUCTURE} links", whole, int(pair.max(initial=0)) + 2)

    def _add(
        self,
        fabric: str,
        device: pl.Series,
        interface: pl.Series,
        use: str,
        address: pl.Series,
        prefix_length: int,
        ipv6: pl.Series | None,
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
                pl.lit(None, pl.String).alias("vrf"),
            ).cast(COLUMNS["addresses"])  # type: ignore[arg-type]
        )

    def _need(self, plan: FabricPlan, owner: str, whole: Region, needed: int) -> None:
        """Notes what an owner needs against what it has."""
        name = INFRASTRUCTURE if owner == SITE else owner
        network = whole.network or self.network.supernets.get(plan.name, "no supernet")
        self.blocks.append(AddressBlock(plan.name, name, network, needed, whole.size))

    def _ipv6(
        self,
        plan: FabricPlan,
        pool_index: int | None,
        fractions: tuple[float, float],
        subnet: Numbers,
        high: Numbers | None,
        low: Numbers,
    ) -> pl.Series:
        """Hosts in networks of /64, counted from a part of the owner's range.

        Null without a prefix, or with too long a one.
        """
        nothing = pl.Series([None] * len(subnet), dtype=pl.String)
        if self.network.ipv6 is None or not len(subnet):
            return nothing
        found = addresses.ipv6_subnet(self.network.ipv6, plan.index, _owner_index(pool_index))
        first, count = found or (0, 0)
        start, available = int(count * fractions[0]), int(count * (fractions[1] - fractions[0]))
        needed = int(subnet.max()) + 1
        if needed > available or int(low.max()) > _LARGEST_GROUP:
            owner = f"{INFRASTRUCTURE if pool_index is None else f'pool {pool_index + 1}'} (IPv6, networks of /64)"
            share = round(1 / (fractions[1] - fractions[0]))
            self.blocks.append(AddressBlock(plan.name, owner, self.network.ipv6, needed * share, count))
            return nothing
        return addresses.render_ipv6(first + start, subnet, high, low)


def _from_zero(column: pl.Series) -> Numbers:
    return column.to_numpy().astype(np.int64) - 1


def _owner_index(pool_index: int | None) -> int:
    """Owners in the order of their shares: pool 0, infrastructure, pool 1, ..."""
    return 1 if pool_index is None else (0 if pool_index == 0 else pool_index + 1)
