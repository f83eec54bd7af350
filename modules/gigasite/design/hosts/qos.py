"""What a host's NICs are set to, so that switches and hosts agree: derived from the fabric's one `RoceQos`."""

from __future__ import annotations

from dataclasses import dataclass

from gigasite.design.policy import RoceQos

ECN_CAPABLE = 0b10
"""ECT(0) in the two low bits of the traffic class (RFC 3168): only marked packets of such flows are kept."""


@dataclass(frozen=True, slots=True)
class HostQos:
    """The values that `mlnx_qos`, the RDMA sysfs and NCCL take.

    `traffic_class`: DSCP · 4 + ECT(0), the byte behind the IP header's version (RFC 2474, RFC 3168).
    `pfc`: one flag a priority, 0 to 7. `dscp_to_priority`: only what differs from the identity of DSCP / 8.
    """

    trust: str
    pfc: tuple[int, ...]
    dscp_to_priority: tuple[tuple[int, int], ...]
    traffic_class: int
    cnp_dscp: int
    cnp_priority: int
    ecn_priorities: tuple[int, ...]
    adaptive_routing: bool


def host_qos(qos: RoceQos) -> HostQos:
    """The host's half of a fabric's quality of service."""
    marks = ((qos.dscp, qos.priority), (qos.cnp_dscp, qos.cnp_priority))
    return HostQos(
        trust="dscp",
        pfc=tuple(int(qos.lossless and priority == qos.priority) for priority in range(8)),
        # NICs start with priority = DSCP / 8 (the three bits of IP precedence).
        dscp_to_priority=tuple((dscp, priority) for dscp, priority in marks if dscp >> 3 != priority),
        traffic_class=qos.dscp << 2 | ECN_CAPABLE,
        cnp_dscp=qos.cnp_dscp,
        cnp_priority=qos.cnp_priority,
        ecn_priorities=(qos.priority,),
        adaptive_routing=qos.adaptive_routing,
    )
