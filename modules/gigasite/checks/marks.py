"""What switches and hosts agree on for RDMA: marks that can be told apart, thresholds in order."""

from __future__ import annotations

from collections.abc import Iterator

from gigasite.checks.context import Context
from gigasite.checks.registry import Hit, check
from gigasite.errors import Severity


@check("FAB192", Severity.ERROR, "RDMA data and congestion notifications are told apart")
def marks_are_told_apart(context: Context) -> Iterator[Hit]:
    for name, fabric in context.design.fabrics.items():
        qos = fabric.policy.qos if fabric.policy else None
        if qos is None:
            continue
        at = f"{context.fabric_at(name)}.qos"
        if qos.dscp == qos.cnp_dscp or qos.priority == qos.cnp_priority:
            yield Hit(
                f"fabric {name}: RDMA data has DSCP {qos.dscp} and priority {qos.priority}, congestion notifications "
                f"have DSCP {qos.cnp_dscp} and priority {qos.cnp_priority}",
                "give both their own: notifications must not wait behind what they slow down",
                at,
            )
        if qos.ecn_min_kbyte > qos.ecn_max_kbyte:
            yield Hit(
                f"fabric {name}: marking begins at {qos.ecn_min_kbyte:g} kB and ends at {qos.ecn_max_kbyte:g} kB",
                "lower qos.ecn_min_kbyte",
                at,
            )
