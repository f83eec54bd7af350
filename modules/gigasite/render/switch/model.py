"""What a switch is configured to be: the one structured model that the templates of every operating system print.

It holds decisions, no defaults: a template neither calculates nor chooses. It holds no credential either: accounts and
keys come to a switch from outside (see docs/switches.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from gigasite.design.policy import RoceQos

Direction = Literal["host", "up", "down", "peer"]
"""What an interface leads to: a host, a higher tier, a lower one, or a switch of the same tier."""


class Interface(NamedTuple):
    """A logical port in use. Null `address`: unnumbered, switched, or without a share of the plan."""

    name: str
    """As the operating system calls it."""
    port: int
    """Logical port in the design's tables, from 1."""
    cage: int
    """Port on the front, from 1."""
    lane: int
    """Part of a split port, from 1."""
    lane_count: int
    """Parts that the port on the front is split into."""
    gbps: int
    """Speed of this part, Gb/s."""
    direction: Direction
    peer: str
    peer_port: str
    description: str
    mtu: int
    """Largest IP packet, bytes."""
    address: str | None
    """IPv4 with its length."""
    ipv6: str | None
    """IPv6 with its length."""
    vlan: int | None
    """VLAN that its untagged frames belong to; None: it is routed."""
    vrf: str | None
    cable_m: int | None
    """Length of its cable, rounded up; None: an end has no place."""
    serdes_count: int | None
    """Electrical lanes that it runs on; None: the operating system does not ask for them."""

    @property
    def is_link_local(self) -> bool:
        """Whether neighbours meet over the link's IPv6 link-local addresses (RFC 5549): no address, and no VRF."""
        return self.direction != "host" and not self.address and not self.vrf


@dataclass(frozen=True, slots=True)
class Cage:
    """A port on the front that is in use: the parts that it is split into, and the speed of each."""

    number: int
    lane_count: int
    gbps: int


@dataclass(frozen=True, slots=True)
class Vlan:
    """A network that several hosts share, with the switch's address in it."""

    number: int
    name: str
    gateway: str | None
    """IPv4 with its length; None: it only carries a VRF's routed traffic."""
    gateway_ipv6: str | None
    vrf: str | None
    members: tuple[str, ...]
    """Names of the interfaces whose untagged frames belong to it."""
    vni: int | None
    """VXLAN network identifier that it is carried in."""


@dataclass(frozen=True, slots=True)
class Vrf:
    """A tenant's routing table on this switch."""

    name: str
    vni: int
    """VXLAN network identifier of its routed traffic."""
    vlan: int
    """VLAN of this switch that stands for `vni`."""
    rd: str
    """Route distinguisher of this switch's routes."""
    route_target: str
    """What marks the tenant's routes, the same on every switch."""
    own: tuple[Prefix, ...]
    """Networks behind this switch, which it originates."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """A network and the lengths within it that a rule accepts: from its own to `longest`. `place` counts from 1."""

    place: int
    network: str
    longest: int
    is_block: bool
    """Whether more specific routes lie in it."""


class Neighbour(NamedTuple):
    """One BGP session over one link."""

    interface: str
    address: str | None
    """Of the peer; None: over the link's IPv6 link-local addresses (RFC 5549)."""
    remote_asn: int
    group: Direction
    description: str


@dataclass(frozen=True, slots=True)
class Bfd:
    """How soon a silent neighbour is given up: `multiplier` packets at `interval_ms`."""

    multiplier: int
    interval_ms: int


@dataclass(frozen=True, slots=True)
class Bgp:
    """External BGP, one session a link; only the fabric's own networks come in or go out."""

    asn: int
    router_id: str
    neighbours: tuple[Neighbour, ...]
    groups: tuple[Direction, ...]
    """Kinds of neighbours that it has."""
    transit: bool
    """Whether routes of one neighbour are told to others: spines and cores do, leaves of a Clos do not."""
    maximum_paths: int
    """Most equal paths to one destination: the most links to neighbours of one AS."""
    fabric: tuple[Prefix, ...]
    """Networks that routes may lie in."""
    fabric_ipv6: tuple[Prefix, ...]
    own: tuple[Prefix, ...]
    """Networks of this switch, which it originates: its loopbacks and the links to its hosts."""
    own_ipv6: tuple[Prefix, ...]
    bfd: Bfd
    keepalive_s: int
    hold_s: int
    connect_s: int
    """Between two tries to open a session."""
    evpn: bool
    """Whether it carries the routes of VRFs."""

    @property
    def unnumbered(self) -> bool:
        """Whether sessions run over IPv6 link-local addresses."""
        return any(neighbour.address is None for neighbour in self.neighbours)


@dataclass(frozen=True, slots=True)
class Management:
    """The port for people and machines that look after the switch; None: no address is planned."""

    interface: str
    address: str | None
    """IPv4 with its length."""
    gateway: str | None
    vrf: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the switch stands; None: it found no place."""

    rack: str | None
    unit: int | None
    hall: int | None
    row: int | None
    position: int | None


@dataclass(frozen=True, slots=True)
class Switch:
    """Everything that the configuration of one switch says."""

    name: str
    site: str
    fabric: str
    tier: str
    """`leaf`, `spine` or `core`."""
    model: str
    """Catalog key."""
    title: str
    """As its maker calls it."""
    os: str
    plane: int
    rail: int
    """0: none."""
    place: Place
    loopback: str | None
    """IPv4 without its length, which is 32."""
    loopback_ipv6: str | None
    vtep: str | None
    """Address that VXLAN tunnels end at."""
    host_mtu: int
    """Largest IP packet of hosts, bytes."""
    mtu: int
    """Largest IP packet of links between switches, bytes: room for a tunnel's header where there are tunnels."""
    cages: tuple[Cage, ...]
    interfaces: tuple[Interface, ...]
    vlans: tuple[Vlan, ...]
    vrfs: tuple[Vrf, ...]
    bgp: Bgp | None
    qos: RoceQos | None
    management: Management
