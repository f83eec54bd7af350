"""The ports of a catalog switch at the speeds of a fabric's links and trunks."""

from __future__ import annotations

from collections.abc import Sequence

from gigasite.catalog.models import PortGroup, Switch
from gigasite.design.clos import SwitchShape
from gigasite.errors import GigasiteError


def switch_shape(switch: Switch, link_gbps: float, trunk_gbps: float | None = None) -> SwitchShape:
    """The ports of a switch at the speed of the links below it and of those above it, split as far as they can be.

    `trunk_gbps`: as `link_gbps` where absent, or the speed of the switch's own uplink ports.
    Raises GigasiteError where no port of the switch runs at such a speed.
    """
    up = uplink_group(switch)
    down, breakout = _widest(switch, [group for group in switch.port_groups if group.use != "up"], link_gbps, "links")
    trunk_gbps = trunk_gbps or uplink_gbps(switch, link_gbps)
    if up is None:
        up_breakout = breakout if trunk_gbps == link_gbps else _widest(switch, [down], trunk_gbps, "trunks")[1]
        return SwitchShape(
            port_count=down.count * breakout,
            breakout=breakout,
            uplink_speedup=trunk_gbps / link_gbps,
            uplink_breakout=up_breakout if up_breakout != breakout else None,
        )
    _, up_breakout = _widest(switch, [up], trunk_gbps, "trunks")
    spare_breakout = _widest(switch, [up], link_gbps, "links")[1] if up.gbps >= link_gbps else 0
    return SwitchShape(
        port_count=down.count * breakout,
        breakout=breakout,
        uplink_port_count=up.count * up_breakout,
        uplink_speedup=trunk_gbps / link_gbps,
        uplink_breakout=up_breakout if up_breakout > 1 else None,
        spare_port_count=up.count * spare_breakout,
        spare_breakout=max(spare_breakout, 1),
    )


def uplink_group(switch: Switch) -> PortGroup | None:
    """The uplink ports of a switch, where it has ports of their own for them."""
    return next((group for group in switch.port_groups if group.use == "up"), None)


def uplink_gbps(switch: Switch, link_gbps: float) -> float:
    """Speed of a switch's uplinks: of its own uplink ports, or that of the links below it."""
    up = uplink_group(switch)
    return up.gbps if up else link_gbps


def downlink_gbps(switch: Switch) -> float:
    """Speed of a switch's fastest ports that may look down."""
    return max(group.gbps for group in switch.port_groups if group.use != "up")


def _widest(switch: Switch, groups: Sequence[PortGroup], gbps: float, what: str) -> tuple[PortGroup, int]:
    """The ports that make most links of a speed, and the links of one of them."""
    most = switch.logical_port_count_max
    found = [
        (group, breakout)
        for group in groups
        for breakout in group.breakouts
        if group.gbps / breakout >= gbps and (most is None or group.count * breakout <= most)
    ]
    # A port that cannot be split as its speed would allow still carries one link.
    found = found or [(group, 1) for group in groups if group.gbps >= gbps]
    if not found:
        fastest = max((group.gbps for group in groups), default=0.0)
        raise GigasiteError(
            f"{switch.title} has ports of {fastest:g} Gb/s; the {what} want {gbps:g}",
            hint="choose a faster switch, more planes, or a lower link_gbps or trunk_gbps",
        )
    return max(found, key=lambda pair: pair[0].count * pair[1])
