"""The ports of a switch: how many at which speed, how each is numbered, and on which cage and lane it is.

Ports are counted after breakout. A cage is split one way only: into `breakout` ports downwards or
`up_breakout` upwards. Numbers start at 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SwitchShape:
    """The ports of a switch.

    port_count: logical ports at the speed of the links below it, after breakout (64 cages of 800G run as
    2x400G are 128 ports). breakout: logical ports of one cabled port.
    uplink_port_count: separate uplink ports after breakout, where the switch has them; `port_count` is then the
    down ports alone. Without them uplinks take cages from the same ports.
    uplink_speedup: speed of an uplink over that of a down port (48x1G with 4x100G: 100).
    uplink_breakout: uplinks of one cabled port; None: as `breakout` on shared cages, 1 on ports of their own.
    spare_port_count, spare_breakout: what separate uplink ports make at the speed of down ports, for a switch with
    nothing above it.
    """

    port_count: int
    breakout: int = 1
    uplink_port_count: int | None = None
    uplink_speedup: float = 1.0
    uplink_breakout: int | None = None
    spare_port_count: int = 0
    spare_breakout: int = 1

    @property
    def has_own_uplinks(self) -> bool:
        """Whether uplinks have ports of their own."""
        return self.uplink_port_count is not None

    @property
    def up_breakout(self) -> int:
        """Uplinks of one cabled port."""
        return self.uplink_breakout or (1 if self.has_own_uplinks else self.breakout)

    @property
    def stride(self) -> int:
        """Port numbers that a cage takes which may look down: as many as it may be split into."""
        return self.breakout if self.has_own_uplinks else max(self.breakout, self.up_breakout)

    @property
    def cage_count(self) -> int:
        """Cabled ports that may look down."""
        return self.port_count // self.breakout

    def top_ports(self, kept: int) -> int:
        """Ports that may look down where nothing is above the switch, beside so many that are kept free.

        Kept ones are among the ports that always look down: spare ports are then left out.
        """
        return self.port_count - kept if kept else self.port_count + self.spare_port_count

    @property
    def port_number_count(self) -> int:
        """Numbers of ports, used or not: 0 to this, exclusive."""
        return self.cage_count * self.stride + (self.uplink_port_count or 0) + self.spare_port_count

    def down_ports(self, places: Column) -> Column:
        """The numbers of the ports that look down, by place; those of spare ports come last."""
        numbers = places
        if self.stride != self.breakout:
            numbers = places // self.breakout * self.stride + places % self.breakout
        if self.spare_port_count and len(places) and places.max() >= self.port_count:
            first_spare = self.cage_count * self.stride + (self.uplink_port_count or 0) - self.port_count
            numbers = np.where(places >= self.port_count, first_spare + places, numbers)
        return numbers.astype(np.int32, copy=False)

    def up_ports(self, reserved: int, places: Column) -> Column:
        """The numbers of the ports that look up, by place, behind `reserved` ports downwards (whole cages)."""
        if self.has_own_uplinks:
            return (self.port_count + places).astype(np.int32)
        cage = reserved // self.breakout + places // self.up_breakout
        return (cage * self.stride + places % self.up_breakout).astype(np.int32)


def ratio(value: float) -> Fraction:
    """An oversubscription or speedup as an exact fraction, so that port counts never hang on rounding."""
    return Fraction(value).limit_denominator(10_000)


def down_port_limit(shape: SwitchShape, oversubscription: float, uplinks_min: int = 1) -> int:
    """Ports that may look down with cages enough left to look up, in whole cages.

    Of C cages split b ways down and u ways up, at uplinks s times as fast: floor(C·m / (m + b)) with m = o·s·u,
    which is floor(P·o / (1 + o)) where all ports are alike. A switch with separate uplink ports uses all its
    other ports downwards.
    """
    if shape.has_own_uplinks:
        return shape.port_count
    carried = ratio(oversubscription) * ratio(shape.uplink_speedup) * shape.up_breakout
    cages = min(
        int(shape.cage_count * carried / (carried + shape.breakout)),
        shape.cage_count - -(-uplinks_min // shape.up_breakout),
    )
    return max(cages, 0) * shape.breakout


def down_ports_beside(shape: SwitchShape, uplink_count: int) -> int:
    """Ports that may look down beside a fixed number of uplinks."""
    if shape.has_own_uplinks:
        return shape.port_count
    return max(shape.cage_count - -(-uplink_count // shape.up_breakout), 0) * shape.breakout


def uplinks_for(down_count: int, shape: SwitchShape, oversubscription: float) -> int:
    """Uplinks that carry `down_count` links at the asked oversubscription: ceil(down / (o · speedup))."""
    per_uplink = ratio(oversubscription) * ratio(shape.uplink_speedup)
    return -int(-down_count // per_uplink)


def cabled_ports(shape: SwitchShape, logical_ports: Column) -> tuple[Column, Column]:
    """The cabled port (from 1) and the lane in it (from 0) of each logical port.

    Separate uplink ports are numbered after the others, and once more where they look down as spare ones.
    """
    shared = shape.cage_count * shape.stride
    cages, lanes = np.divmod(logical_ports, shape.stride)
    if shape.has_own_uplinks:
        behind = ((shared, shape.up_breakout), (shared + (shape.uplink_port_count or 0), shape.spare_breakout))
        for first, breakout in behind:
            own_cages, own_lanes = np.divmod(logical_ports - first, breakout)
            cages = np.where(logical_ports >= first, shape.cage_count + own_cages, cages)
            lanes = np.where(logical_ports >= first, own_lanes, lanes)
    return (cages + 1).astype(np.int32), lanes.astype(np.int32)
