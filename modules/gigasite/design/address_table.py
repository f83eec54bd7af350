"""The addresses table: hosts, point-to-point links, loopbacks and management ports, each from its position.

InfiniBand fabrics have none: their subnet manager gives LIDs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gigasite.catalog.models import Technology
from gigasite.design import addresses
from gigasite.design.addresses import INFRASTRUCTURE, Share, address_block, block_size
from gigasite.design.attachments import Attachment, FabricPlan
from gigasite.design.hosts.ports import interface_names
from gigasite.design.management import SITE, Management
from gigasite.design.model import COLUMNS, AddressBlock
from gigasite.spec.network import NetworkSpec

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hosts:
    """Interfaces of one owner on one fabric with their places: unit, slot and port, each from 0."""

    device: pl.Series
    interface: pl.Series
    su: Numbers
    slot: Numbers
    lane: Numbers
    offsets: Numbers
    """From the start of the owner's share."""
    use: str
    prefix_length: int


def address_tables(
    network: NetworkSpec,
    fabrics: list[tuple[FabricPlan, pl.DataFrame, pl.DataFrame]],
    endpoints: dict[str, pl.DataFrame],
    management: Management,
) -> tuple[pl.DataFrame, tuple[AddressBlock, ...]]:
    """The addresses table and the blocks that it draws on.

    `fabrics`: plan, links and devices of each fabric but the management one; `endpoints`: su, slot and node of
    each owner.
    """
    book = _Book(network)
    for plan, links, devices in fabrics:
        if plan.technology is Technology.ETHERNET:
            for attachment in plan.attachments:
                book.endpoints(plan, attachment, links, endpoints[attachment.owner])
            book.loopbacks(plan, devices)
    for attachment in management.plan.attachments:
        book.management(management.plan, attachment, management.endpoints[attachment.owner])
    book.loopbacks(management.plan, management.devices)
    rows = [row for row in book.rows if row.height]
    table = (
        pl.concat(rows).sort("fabric", "use", "device", "interface")
        if rows
        else pl.DataFrame(schema=COLUMNS["addresses"])
    )
    return table, tuple(book.blocks)


class _Book:
    """Collects the rows of the table and the blocks that they need."""

    def __init__(self, network: NetworkSpec) -> None:
        self.network = network
        self.rows: list[pl.DataFrame] = []
        self.blocks: list[AddressBlock] = []

    def share(self, plan: FabricPlan, pool_index: int | None, owner: str) -> Share | None:
        supernet = self.network.supernets.get(plan.name)
        return addresses.share(plan.name, supernet, owner, pool_index) if supernet else None

    def endpoints(self, plan: FabricPlan, attachment: Attachment, links: pl.DataFrame, hosts: pl.DataFrame) -> None:
        """NIC ports of one owner: /31 pairs with the leaf for compute, else a host in its unit's subnet.

        Every port of a node has a block of its own in the unit's, so that adding one moves none.
        """
        slots, routed = attachment.request.nodes_per_su, attachment.routed_ports
        per_lane = block_size(slots * 2 * plan.planes if routed else slots)
        per_unit = per_lane * (1 << (len(attachment.ports) - 1).bit_length())
        part = self.share(plan, attachment.pool_index, attachment.owner)
        start = _after_loopbacks(part, attachment.pool_index)
        lanes = {port: lane for lane, port in enumerate(attachment.ports)}
        linked = links.filter((pl.col("tier") == "node-leaf") & pl.col("a_port").is_in(list(attachment.ports)))
        names = interface_names(attachment.system, linked.select("a_port", "plane")).rename({"interface": "name"})
        own = (
            linked.join(names, on=["a_port", "plane"], how="left", maintain_order="left")
            .join(hosts.select("su", "slot", a_device="node"), on="a_device", how="inner", maintain_order="left")
            .with_columns(
                lane=pl.col("a_port").replace_strict(lanes, return_dtype=pl.Int64),
                leaf_port=pl.format("swp{}", "b_port"),
            )
        )
        for is_routed in (True, False):
            rows = own.filter(pl.col("a_port").is_in(list(routed)) == is_routed)
            su, slot, lane = _from_zero(rows["su"]), _from_zero(rows["slot"]), rows["lane"].to_numpy()
            place = start + su * per_unit + lane * per_lane

            if is_routed:
                pair = place + (slot * plan.planes + _from_zero(rows["plane"])) * 2
                ends = (("a_device", "name", pair + 1, True), ("b_device", "leaf_port", pair, False))
                for device, name, offsets, ipv6 in ends:
                    found = Hosts(rows[device], rows[name], su, slot, lane, offsets, "point-to-point", 31)
                    self._add(plan, part, attachment.pool_index, found, ipv6=ipv6)
            else:
                length = 32 - (per_lane - 1).bit_length()
                found = Hosts(rows["a_device"], rows["name"], su, slot, lane, place + slot + 2, "host", length)
                self._add(plan, part, attachment.pool_index, found)
        self._need(plan, attachment.owner, part, start + per_unit * attachment.request.build_to_su_count)

    def loopbacks(self, plan: FabricPlan, devices: pl.DataFrame) -> None:
        """A /32 for each switch, by its place among all that the fabric builds to."""
        own = devices.filter((pl.col("fabric") == plan.name) & (pl.col("kind") == "switch"))
        part = self.share(plan, None, INFRASTRUCTURE)
        slot = own["slot"].to_numpy().astype(np.int64)
        zero = np.zeros_like(slot)
        lo = pl.Series(["lo"] * own.height, dtype=pl.String)
        self._add(plan, part, None, Hosts(own["device"], lo, zero, slot, zero, slot + 2, "loopback", 32), ipv6=False)
        self._need(plan, INFRASTRUCTURE, part, int(slot.max(initial=0)) + 3, half=True)

    def management(self, plan: FabricPlan, attachment: Attachment, endpoints: pl.DataFrame) -> None:
        """An address for every management port, in its unit's subnet."""
        owner = INFRASTRUCTURE if attachment.owner == SITE else attachment.owner
        part = self.share(plan, attachment.pool_index, owner)
        start = _after_loopbacks(part, attachment.pool_index)
        per_unit = block_size(attachment.request.nodes_per_su)
        su, slot = _from_zero(endpoints["su"]), _from_zero(endpoints["slot"])
        interface = endpoints.select(pl.format("mgmt{}", "port")).to_series()
        length = 32 - (per_unit - 1).bit_length()
        offsets = start + su * per_unit + slot + 2
        lane = np.zeros_like(slot)
        self._add(
            plan,
            part,
            attachment.pool_index,
            Hosts(endpoints["device"], interface, su, slot, lane, offsets, "management", length),
        )
        self._need(plan, attachment.owner, part, start + per_unit * attachment.request.build_to_su_count)

    def _need(self, plan: FabricPlan, owner: str, part: Share | None, needed: int, *, half: bool = False) -> None:
        """Notes what an owner needs; loopbacks have half of the infrastructure's share."""
        name = INFRASTRUCTURE if owner == SITE else owner
        if part is None:
            network = self.network.supernets.get(plan.name, "no supernet")
            self.blocks.append(AddressBlock(plan.name, name, network, needed, 0))
            return
        block = address_block(part, needed)
        if half:
            block = AddressBlock(part.fabric, f"{part.owner} loopbacks", block.network, needed, part.size // 2)
        self.blocks.append(block)

    def _add(
        self, plan: FabricPlan, part: Share | None, pool_index: int | None, hosts: Hosts, *, ipv6: bool = True
    ) -> None:
        count = len(hosts.device)
        nothing = pl.Series([None] * count, dtype=pl.String)
        self.rows.append(
            pl.DataFrame(
                {
                    "device": hosts.device,
                    "interface": hosts.interface,
                    "fabric": pl.Series([plan.name] * count, dtype=pl.String),
                    "use": pl.Series([hosts.use] * count, dtype=pl.String),
                    "address": nothing if part is None else addresses.render(part.network, hosts.offsets),
                    "prefix_length": pl.Series([hosts.prefix_length] * count, dtype=pl.Int32),
                    "ipv6": self._ipv6(plan, pool_index, hosts) if ipv6 else nothing,
                    "vrf": nothing,
                },
                schema=COLUMNS["addresses"],
            )
        )

    def _ipv6(self, plan: FabricPlan, pool_index: int | None, hosts: Hosts) -> pl.Series:
        """One /64 a scalable unit; the host part tells port and slot. None without a prefix, or with too long a one."""
        nothing = pl.Series([None] * len(hosts.device), dtype=pl.String)
        if self.network.ipv6 is None or not len(hosts.su):
            return nothing
        subnets = addresses.ipv6_subnet(self.network.ipv6, plan.index, _owner_index(pool_index))
        units, available = int(hosts.su.max()) + 1, subnets[1] if subnets else 0
        if subnets is None or units > available or int(hosts.slot.max()) >= 65_535:
            owner = f"{INFRASTRUCTURE if pool_index is None else f'pool {pool_index + 1}'} (IPv6, networks of /64)"
            self.blocks.append(AddressBlock(plan.name, owner, self.network.ipv6, units, available))
            return nothing
        return addresses.render_ipv6(subnets[0], hosts.su, hosts.lane, hosts.slot)


def _from_zero(column: pl.Series) -> Numbers:
    return column.to_numpy().astype(np.int64) - 1


def _owner_index(pool_index: int | None) -> int:
    """Owners in the order of their shares: pool 0, infrastructure, pool 1, ..."""
    return 1 if pool_index is None else (0 if pool_index == 0 else pool_index + 1)


def _after_loopbacks(part: Share | None, pool_index: int | None) -> int:
    """Loopbacks take the first half of the infrastructure's share."""
    return part.size // 2 if part is not None and pool_index is None else 0
