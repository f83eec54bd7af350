"""The network ports of a node: numbers, names that say what they are for, and where they sit on the PCI bus.

A name comes from the hardware alone: `rail3` is the third NIC for compute, `stor1` and `inb1` are those for storage
and in-band, `net1` one that serves several. A NIC that shows several ports to the operating system has `rail3p1`,
`rail3p2`; a port that is split over planes shows as several too. The RDMA device of `rail3` is `rdma_rail3`.
Numbers count from 1, as everywhere in the design. Names have at most 15 characters (IFNAMSIZ less one).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from gigasite.catalog.models import FabricRole, Nic, System
from gigasite.design.nic_ports import node_ports

_RAIL = "rail"
_PREFIX = {FabricRole.COMPUTE: _RAIL, FabricRole.STORAGE: "stor", FabricRole.INBAND: "inb", FabricRole.OOB: "oob"}


@dataclass(frozen=True, slots=True)
class HostPort:
    """A port of a NIC. `number` is its number among all NIC ports of the node, as in the tables of links."""

    number: int
    nic_name: str
    """Name of the NIC: that of its interface where it has a single one."""
    nic: Nic
    pci_address: str | None
    """Of the NIC; None: no source states it."""


def host_ports(system: System) -> tuple[HostPort, ...]:
    """All NIC ports of a node in catalog order."""
    found: list[HostPort] = []
    places: dict[str, dict[int, int]] = {}
    for port in node_ports(system):
        prefix = _prefix(port.nic)
        place = places.setdefault(prefix, {}).setdefault(port.nic_number, len(places[prefix]) + 1)
        addresses = system.compute_nic_pci if prefix == _RAIL else ()
        address = addresses[place - 1] if place <= len(addresses) else None
        found.append(HostPort(port.number, f"{prefix}{place}", port.nic, address))
    return tuple(found)


def interface_names(system: System | None, used: pl.DataFrame) -> pl.DataFrame:
    """Names of the interfaces that ports and planes come to: `used` (a_port, plane) with interface, rdma and nic.

    A NIC has as many interfaces as there are pairs of port and plane of it. Without a system each port is a NIC `eth`.
    """
    pairs = (
        used.select(pl.col("a_port").cast(pl.Int32), pl.col("plane").cast(pl.Int32)).unique().sort("a_port", "plane")
    )
    part = pl.int_range(1, pl.len() + 1).over("nic")
    alone = pl.len().over("nic") == 1
    return (
        pairs.join(_numbered(system, pairs["a_port"]), on="a_port", how="inner", maintain_order="left")
        .with_columns(interface=pl.when(alone).then("nic").otherwise(pl.format("{}p{}", "nic", part)))
        .with_columns(rdma=pl.format("rdma_{}", "interface"))
        .select("a_port", "plane", "interface", "rdma", "nic", "nic_model", "pci_address")
    )


def _numbered(system: System | None, used: pl.Series) -> pl.DataFrame:
    rows: list[tuple[int, str, str | None, str | None]]
    if system is None:
        rows = [(number, f"eth{number}", None, None) for number in used.unique().sort()]
    else:
        rows = [(port.number, port.nic_name, port.nic.model, port.pci_address) for port in host_ports(system)]
    schema = {"a_port": pl.Int32, "nic": pl.String, "nic_model": pl.String, "pci_address": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _prefix(nic: Nic) -> str:
    if FabricRole.COMPUTE in nic.roles:
        return _RAIL
    return _PREFIX[nic.roles[0]] if len(nic.roles) == 1 else "net"
