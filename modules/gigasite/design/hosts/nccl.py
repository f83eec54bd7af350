"""NCCL's settings for the nodes of a pool: only what NCCL cannot find out by itself.

Names and meanings: NVIDIA NCCL user guide, "Environment Variables", system configuration. A topology file
(NCCL_TOPO_FILE) is no part of them on bare metal, where NCCL reads the PCI tree; see `topology`. The GID index is left
to NCCL, which has chosen the RoCE v2 one by itself since 2.21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gigasite.design.hosts.qos import host_qos
from gigasite.design.model import FabricDesign

TOPOLOGY_FILE = "/etc/nccl-topology.xml"


def nccl_settings(
    compute: FabricDesign | None,
    rdma_devices: Iterable[str],
    socket_interfaces: Iterable[str],
    *,
    rails_meet: bool = True,
    is_guest: bool = False,
) -> Mapping[str, str]:
    """Settings by name, in NCCL's spelling.

    `rdma_devices`: those of the compute rails; `socket_interfaces`: those for bootstrap traffic. `rails_meet`: whether
    switches join the rails, or only the scale-up domain does. `is_guest`: in a virtual machine that hides the PCI tree.
    """
    devices, interfaces = list(rdma_devices), list(socket_interfaces)
    found: dict[str, str] = {}
    if devices:
        found["NCCL_IB_HCA"] = "=" + ",".join(devices)
    if interfaces:
        found["NCCL_SOCKET_IFNAME"] = "=" + ",".join(interfaces)
    if not rails_meet:
        found["NCCL_CROSS_NIC"] = "0"
    qos = compute.policy.qos if compute and compute.policy else None
    if qos is not None:
        found["NCCL_IB_TC"] = str(host_qos(qos).traffic_class)
        if qos.adaptive_routing:
            found["NCCL_IB_ADAPTIVE_ROUTING"] = "1"
    if is_guest:
        found["NCCL_TOPO_FILE"] = TOPOLOGY_FILE
    return found
