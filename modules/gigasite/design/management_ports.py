"""Where every management port has its place: rack by rack in its scalable unit, so that growth moves none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from gigasite.catalog.models import Form
from gigasite.design.nic_ports import node_ports
from gigasite.design.pools import PoolPlan

MANAGEMENT_PORT = 0  # a switch's data ports count from 1


@dataclass(frozen=True, slots=True)
class PoolPorts:
    """The management ports of a pool: places a rack and a unit, the ports, and the equipment that has them.

    `table`: su, slot (from 1), device, port. `equipment`: device, rack, su, pool of what is no node or switch.
    """

    slots_per_rack: int
    slots_per_su: int
    table: pl.DataFrame
    equipment: pl.DataFrame


def pool_ports(pool: PoolPlan, nodes: pl.DataFrame, switches: pl.DataFrame, feed_count: int) -> PoolPorts:
    """Places of a pool's management ports. A rack's come together; the unit's switches follow its racks."""
    per_node = pool.system.oob_ports_per_node
    suffixes = _equipment(pool, feed_count)
    node_slots = pool.nodes_per_rack * per_node
    per_rack = max(node_slots + len(suffixes), 1)
    first_port = len(node_ports(pool.system)) + 1
    ports = pl.DataFrame({"k": np.arange(per_node, dtype=np.int32)})
    of_nodes = (
        nodes.select("su", "rack_in_su", "node_in_rack", device="node")
        .join(ports, how="cross")
        .select(
            "su",
            "device",
            slot=(pl.col("rack_in_su") - 1) * per_rack + (pl.col("node_in_rack") - 1) * per_node + pl.col("k") + 1,
            port=pl.col("k") + first_port,
        )
    )
    racks = nodes.select("su", "rack_in_su", "rack").unique(maintain_order=True)
    gear = pl.DataFrame(
        {
            "suffix": [name for name, _ in suffixes],
            "port": np.array([port for _, port in suffixes], np.int32),
            "k": np.arange(len(suffixes), dtype=np.int32),
        },
        schema={"suffix": pl.String, "port": pl.Int32, "k": pl.Int32},
    )
    of_gear = racks.join(gear, how="cross").select(
        "su",
        "rack",
        "port",
        device=pl.format("{}-{}", "rack", "suffix"),
        slot=(pl.col("rack_in_su") - 1) * per_rack + node_slots + pl.col("k") + 1,
    )
    own = switches.filter((pl.col("pool") == pool.name) & (pl.col("home") == "su"))
    own = own.with_columns(place=pl.int_range(pl.len()).over("su"))
    most = int(own.group_by("su").len()["len"].max() or 0) if own.height else 0  # type: ignore[arg-type]
    own_slots = -(-most // per_rack) * per_rack
    of_switches = own.select(
        "su",
        "device",
        slot=pl.col("place") + pool.racks_per_su * per_rack + 1,
        port=pl.lit(MANAGEMENT_PORT, pl.Int32),
    )
    order = ["su", "slot", "device", "port"]
    casts = [
        pl.col("su").cast(pl.Int32),
        pl.col("slot").cast(pl.Int32),
        "device",
        pl.col("port").cast(pl.Int32),
    ]
    table = pl.concat([part.select(casts) for part in (of_nodes, of_gear, of_switches)]).sort(order)
    return PoolPorts(
        slots_per_rack=per_rack,
        slots_per_su=pool.racks_per_su * per_rack + own_slots,
        table=table,
        equipment=of_gear.select("device", "rack", "su", pool=pl.lit(pool.name)).unique(maintain_order=True),
    )


def _equipment(pool: PoolPlan, feeds: int) -> list[tuple[str, int]]:
    """Management ports of a rack beside its nodes': (name's end, port). Rack PDUs where nodes bring none."""
    system = pool.system
    if system.form is not Form.RACK:
        return [(f"pdu{letter}", 1) for letter in "abcdefgh"[:feeds]]
    trays, shelves, total = (
        system.scale_up_switch_tray_count,
        system.shelf_count or 0,
        system.oob_ports_per_system,
    )
    per_tray = 2 if total >= 2 * trays + shelves else 1
    found = [(f"nvsw{n + 1:02d}", port + 1) for n in range(trays) for port in range(per_tray)]
    found += [(f"pwr{n + 1:02d}", 1) for n in range(shelves)]
    found += [(f"eq{n + 1:02d}", 1) for n in range(total - len(found))]
    return found[:total]
