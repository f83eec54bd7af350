"""NCCL's topology file for virtual machines, whose PCI tree the hypervisor hides.

GPU and NIC of a rail stand below one bridge, so that NCCL pairs them; bridges are dealt evenly over the NUMA nodes.
The form is that of `NCCL_TOPO_DUMP_FILE` and of the files that clouds publish for such machines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar
from xml.sax.saxutils import quoteattr

from gigasite.spec.guest import GuestSpec

_Item = TypeVar("_Item")

_BRIDGE = "ffff:ff:{:02x}.0"


class PciClass(StrEnum):
    """PCI class codes (PCI Code and ID Assignment Specification)."""

    BRIDGE = "0x060400"
    GPU = "0x030200"
    INFINIBAND = "0x020700"
    ETHERNET = "0x020000"


def guest_topology(guest: GuestSpec, infiniband: bool) -> str:
    """The file's text. Rails beyond the smaller number of GPUs and NICs share a bridge with their neighbours."""
    bridges = min(len(guest.gpu_pci), len(guest.nic_pci))
    network = PciClass.INFINIBAND if infiniband else PciClass.ETHERNET
    lines = ['<system version="1">']
    for numa in range(guest.numa_count):
        lines.append("  " + _cpu(guest, numa))
        for bridge in _share(range(bridges), numa, guest.numa_count):
            lines.append(f"    <pci {_pci(_BRIDGE.format(bridge + 1), PciClass.BRIDGE)}>")
            lines += [f"      <pci {_pci(at, PciClass.GPU)}/>" for at in _share(guest.gpu_pci, bridge, bridges)]
            lines += [f"      <pci {_pci(at, network)}/>" for at in _share(guest.nic_pci, bridge, bridges)]
            lines.append("    </pci>")
        lines.append("  </cpu>")
    return "\n".join([*lines, "</system>", ""])


def _cpu(guest: GuestSpec, numa: int) -> str:
    cpu = guest.cpu
    facts = {"numaid": numa, "arch": cpu.arch, "vendor": cpu.vendor, "familyid": cpu.family_id, "modelid": cpu.model_id}
    return f"<cpu {_attributes(facts)}>"


def _pci(address: str, kind: PciClass) -> str:
    # Link speed and width are those of a 5th generation slot of 16 lanes, whose value only has to be equal everywhere.
    return _attributes({"busid": address, "class": kind.value, "link_speed": "32.0 GT/s PCIe", "link_width": 16})


def _attributes(facts: Mapping[str, str | int]) -> str:
    return " ".join(f"{name}={quoteattr(str(value))}" for name, value in facts.items())


def _share(items: Sequence[_Item], part: int, parts: int) -> Sequence[_Item]:
    """The part of so many equal ones."""
    size = len(items) // parts
    return items[part * size : (part + 1) * size]
