"""The frozen Design: everything that follows from a site file, as typed summaries and columnar tables.

Tables are polars frames; `COLUMNS` names their columns and types. Every name in them is built from position
(pool, scalable unit, rack, slot), so that what exists keeps its name when a pool grows. Unknown quantities
are null, never zero: a null in a sum makes the sum unknown, and a finding says which fact is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import polars as pl

from gigasite.design.shell.model import ShellDesign
from gigasite.errors import Finding
from gigasite.spec.site import SiteSpec


class Origin(StrEnum):
    """Where a value of the resolved site comes from."""

    SITE = "site"
    REFERENCE_ARCHITECTURE = "reference-architecture"
    CATALOG = "catalog"
    DERIVED = "derived"
    ASSUMPTION = "assumption"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that the design rests on: its dotted path in the site file, the value, and where it came from.

    `decisive` marks what decides a site (voltages, grid MW, extreme bulbs, supernets): `up` refuses while
    such a setting is assumed.
    """

    path: str
    value: Any
    origin: Origin
    why: str
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class PoolDesign:
    """What a pool comes to. `rack_count` counts the racks that hold its nodes; None: unknown facts stop racking."""

    name: str
    system: str
    purpose: str
    reference_architecture: str
    su_count: int
    build_to_su_count: int
    su_node_slots: int
    node_count: int
    gpu_count: int
    spare_node_count: int
    rack_count: int | None
    system_count: int
    """Systems of the catalog product: equals nodes for node systems, racks for rack-scale ones."""
    system_kw: float | None
    """Draw of one system that power is designed for: its maximum, or the pool's cap."""
    compute_fabric: str


@dataclass(frozen=True, slots=True)
class FabricDesign:
    """One fabric's counts, over all planes; the links stand in the tables."""

    name: str
    roles: tuple[str, ...]
    pools: tuple[str, ...]
    technology: str
    switch: str
    spine_switch: str
    core_switch: str | None
    link_gbps: float
    tiers: int
    planes: int
    leaf_count: int
    spine_count: int
    core_count: int
    cables_node_leaf: int
    cables_ufm_leaf: int
    cables_leaf_spine: int
    cables_spine_core: int
    endpoint_count: int
    leaf_oversubscription: float
    """Down to up bandwidth of the fullest leaf, as built."""
    asked_oversubscription: float
    bisection_ratio: float
    """Bandwidth across the narrowest tier over the endpoints' bandwidth, as built."""


@dataclass(frozen=True, slots=True)
class HallDesign:
    """One hall's load against what it offers. None: unknown, or no limit given."""

    name: str
    index: int
    rack_count: int
    rack_positions: int
    it_kw: float | None
    it_limit_kw: float | None
    liquid_kw: float | None
    air_kw: float | None
    flow_lpm: float | None
    """Flow that CDUs and piping carry: the larger of the systems' own curves and the facility minimum."""
    rack_flow_lpm: float | None
    """Sum of what the systems' own curves ask for."""
    cdu_required_count: int | None
    cdu_count: int | None
    air_unit_required_count: int | None
    air_unit_count: int | None
    block_count: int | None
    tank_kw: float | None = None
    """Heat of systems in immersion tanks; in neither `liquid_kw` nor `air_kw`."""
    rear_door_kw: float | None = None
    """Part of `air_kw` that rear doors take."""
    room_kw: float | None = None
    """Heat that the room's air units carry: `air_kw` less rear doors, with liquid-to-air CDUs and losses of tanks."""
    tcs_head_kpa: float | None = None
    """Pressure that the coolant needs: the rack that asks for most at its own flow, and the piping at the loop's."""
    tcs_return_c: float | None = None
    """Coolant back at the CDUs: the whole loop's flow, with what passes the racks by."""
    rack_return_c: float | None = None
    """Coolant as it leaves the hottest rack, at its own flow."""
    airflow_m3_s: float | None = None
    """Air that the hall's units move, bypass included."""
    inlet_c: float | None = None
    """Air into the racks, warmed by what comes back around them."""
    air_return_c: float | None = None
    air_unit_kw: float | None = None
    """Heat that one air unit takes at the hall's return air."""
    cdu_kw: float | None = None
    """Heat that one CDU takes in the hall's tightest group."""


@dataclass(frozen=True, slots=True)
class PowerDesign:
    """The chain from utility to rack, in sums. `topology`: N of `block_count_per_set` blocks carry the load."""

    topology: str
    set_block_count: int
    """Blocks of one set (x of xNyR; 2 of 2N; needed+spare of N+k)."""
    set_required_count: int
    """Blocks of a set that carry its load (y of xNyR)."""
    unit_kw: float
    block_count: int | None
    rack_voltage_v: float
    feeds_per_rack: int
    breaker_a: float
    feed_usable_kw: float
    """Continuous load of one rack feed: sqrt(3)·V·I·derate, at unity power factor."""
    it_kw: float | None
    mechanical_kw: float | None
    loss_kw: float | None
    utility_kw: float | None
    utility_available_kw: float | None
    chain_efficiency_ratio: float
    """From the meter to the racks' inputs at the design load, losses of mechanical boards left out."""
    coincident_it_kw: float | None = None
    """The most that all racks draw together."""
    loss_by_stage_kw: Mapping[str, float] = field(default_factory=dict)
    """Losses at the design load by kind of element."""
    power_factor: float | None = None
    """At the meter."""
    utility_mva: float | None = None
    available_mw_by_date: Mapping[str, float] = field(default_factory=dict)
    """Grid power by the date from which it is there; empty where the site gives no dates."""


@dataclass(frozen=True, slots=True)
class CoolingDesign:
    """Heat, flow and plant, in sums."""

    supply_c: float
    fluid: str
    cdu: str
    cdu_usable_kw: float
    """Heat that one CDU takes at the design's flow per kW: the least of name plate and flow."""
    cdu_limited_by: str
    air_unit: str
    air_unit_kw: float
    liquid_kw: float | None
    air_kw: float | None
    flow_lpm: float | None
    rack_flow_lpm: float | None
    flow_bound_by: str
    """`system-curve` or `facility-minimum`: what decides the piping."""
    cdu_installed: int | None
    air_units_installed: int | None
    facility_supply_c: float | None
    """Facility water that the CDUs need: supply less their approach."""
    rejection_c_min: float | None
    """Coldest facility water that the heat rejection alone gives on the extreme day; None: any (chillers)."""
    cdu_limits_kw: Mapping[str, float | None] = field(default_factory=dict)
    """Capacity of one CDU of the tightest group by each limit; None: a fact is missing. What takes any heat is left
    out."""
    tcs_head_kpa: float | None = None
    """Pressure that the coolant of the hardest hall needs."""
    tcs_return_c: float | None = None
    """Coolant back at the CDUs of the hottest hall."""
    rack_return_c: float | None = None
    """Coolant as it leaves the hottest rack, at its own flow."""
    facility_return_c: float | None = None
    """Warm facility water behind the CDUs, its pumps' heat included."""
    facility_lpm: float | None = None
    """Warm facility water to CDUs and tanks."""
    facility_kw: float | None = None
    """Heat in the warm facility water on its way to the rejection: coolant, tanks, pumps."""
    air_water_supply_c: float | None = None
    """Cold facility water that air units and rear doors need; None: none does, or a fact is missing."""
    air_water_return_c: float | None = None
    air_water_lpm: float | None = None
    air_water_kw: float | None = None
    """Heat in the cold facility water on its way to the rejection: room air, rear doors, fans, pumps."""
    own_condenser_kw: float | None = None
    """Heat that air conditioners give to condensers of their own; in neither of the two waters."""
    water_class: str = ""
    """ASHRAE class of the facility water that the CDUs need (W17 … W45, W+)."""
    coolant_class: str = ""
    """ASHRAE class of the coolant into the racks (S20 … S50)."""


COLUMNS: Final[dict[str, dict[str, Any]]] = {
    "racks": {
        "rack": pl.String,  # name
        "kind": pl.String,  # pool | network | core | storage
        "pool": pl.String,
        "su": pl.Int32,  # scalable unit, from 1
        "rack_in_su": pl.Int32,  # from 1
        "hall": pl.Int32,  # from 1; null where it found no place
        "row": pl.Int32,
        "position": pl.Int32,
        "x_m": pl.Float64,
        "y_m": pl.Float64,
        "system": pl.String,  # catalog key of what fills it
        "system_count": pl.Int32,
        "height_u": pl.Int32,
        "used_u": pl.Int32,
        "it_kw": pl.Float64,
        "liquid_kw": pl.Float64,
        "air_kw": pl.Float64,
        "flow_lpm": pl.Float64,  # the larger of curve and facility minimum
        "rack_flow_lpm": pl.Float64,  # what the system's curve asks for
        "weight_kg": pl.Float64,
        "power_set": pl.Int32,  # set of power blocks within the hall, from 1
    },
    "nodes": {
        "node": pl.String,
        "pool": pl.String,
        "su": pl.Int32,
        "slot": pl.Int32,  # slot in the scalable unit, from 1
        "rack": pl.String,
        "unit": pl.Int32,  # lowest rack unit, or the tray's number in a rack-scale system; null: unknown
        "gpu_count": pl.Int32,
        "nvlink_domain": pl.String,
        "spare": pl.Boolean,
    },
    "devices": {  # everything with a management port that is not a node: switches, servers, shelves, CDUs
        "device": pl.String,
        "kind": pl.String,  # switch | ufm | management-server | storage | rack-equipment | cdu
        "model": pl.String,
        "fabric": pl.String,
        "tier": pl.String,  # leaf | spine | core
        "plane": pl.Int32,
        "rail": pl.Int32,  # 0: none
        "pool": pl.String,
        "su": pl.Int32,
        "pod": pl.Int32,
        "index": pl.Int32,
        "rack": pl.String,
        "unit": pl.Int32,
        "asn": pl.Int64,
        "port_count": pl.Int32,
    },
    "ports": {  # every used logical port
        "device": pl.String,
        "port": pl.Int32,  # logical port, from 1; 0: the management port of a switch
        "cage": pl.Int32,  # port on the front, from 1
        "lane": pl.Int32,  # part of a split port, from 1
        "fabric": pl.String,
        "plane": pl.Int32,
        "gbps": pl.Float64,
        "link": pl.Int64,  # row in cables
    },
    "cables": {  # one row a logical link; links that share a cable share its number
        "cable": pl.Int64,
        "fabric": pl.String,
        "tier": pl.String,  # node-leaf | ufm-leaf | leaf-spine | spine-core
        "plane": pl.Int32,
        "rail": pl.Int32,
        "a_device": pl.String,
        "a_port": pl.Int32,
        "b_device": pl.String,
        "b_port": pl.Int32,
        "gbps": pl.Float64,
        "length_m": pl.Float64,  # null: an end has no place
        "media": pl.String,  # catalog key of the cable kind; null: none reaches
    },
    "addresses": {
        "device": pl.String,
        "interface": pl.String,
        "fabric": pl.String,
        "use": pl.String,  # host | point-to-point | loopback | management
        "address": pl.String,  # null: the share of the supernet is exhausted
        "prefix_length": pl.Int32,
        "ipv6": pl.String,  # null: the site has no IPv6 prefix
    },
    "feeds": {  # one row a rack feed
        "feed": pl.String,
        "rack": pl.String,
        "letter": pl.String,  # A, B, ...
        "block": pl.String,  # the block, or the bus of a set whose blocks share one (N, N+k)
        "circuit_count": pl.Int32,  # breakers of this feed: one a power shelf, one a rack otherwise
        "breaker_a": pl.Float64,
        "usable_kw": pl.Float64,  # continuous load of all its circuits
        "supply_kw": pl.Float64,  # rating of the PSUs or shelves of the rack that hang on this feed; null: unknown
        "load_kw": pl.Float64,  # share of the rack in normal operation
        "source": pl.String,  # element that the feed hangs on; null: the rack has no place
    },
    "blocks": {
        "block": pl.String,
        "hall": pl.Int32,
        "power_set": pl.Int32,
        "index": pl.Int32,
        "bus": pl.String,  # what feeds name as their block: its own name, or the bus that it shares
        "unit_kw": pl.Float64,
        "load_kw": pl.Float64,  # normal operation
    },
    "elements": {  # one row an element of the power chain, from the grid connection to the busways
        "element": pl.String,
        # grid-circuit | generation | bess | main-transformer | mv-bus | transformer | generator | lv-board | ups |
        # sts | busway | mechanical-board
        "kind": pl.String,
        "product": pl.String,  # catalog key of its losses and behaviour; null: none
        "hall": pl.Int32,  # null: common to the site
        "block": pl.String,  # the block that it belongs to; null: common
        "room": pl.String,  # fire compartment: what one fire or flood takes
        "control": pl.String,  # control system that it hangs on: a common cause; null: none
        "unit_count": pl.Int32,  # modules or units inside
        "required_count": pl.Int32,  # of them, to carry `capacity_kw`
        "capacity_kw": pl.Float64,  # real power that it gives continuously; null: no limit is known
        "limited_by": pl.String,  # what binds `capacity_kw`, in words
        "rated_kva": pl.Float64,  # name plate of all its units at reference conditions; null: it has none
        "load_kw": pl.Float64,  # output in normal operation
        "loss_kw": pl.Float64,  # at that load
        "level": pl.Int32,  # longest way from a source: sources 0; every connection leads to a higher level
        "is_source": pl.Boolean,  # makes power by itself: grid circuits, generators, generation, grid-forming BESS
    },
    "connections": {  # which element feeds which
        "source": pl.String,
        "target": pl.String,
        "priority": pl.Int32,  # 1: normal operation; 2, 3, ...: taken when all of lower number are dead
        "share_ratio": pl.Float64,  # part of the target's input over this one among live ones of its priority
        "transfer_s": pl.Float64,  # interruption when it takes over; 0: none
    },
    "plant": {  # one row a unit of the cooling plant
        "unit": pl.String,
        # cdu | air-unit | rear-door | immersion-tank | facility-pump | dry-cooler | adiabatic-cooler |
        # cooling-tower | chiller | heat-pump | ...
        "kind": pl.String,
        "product": pl.String,  # catalog key
        "hall": pl.Int32,  # null: common to the site
        "group": pl.String,  # units that back each other up
        "required_count": pl.Int32,  # of the group, to carry its duty
        "capacity_kw": pl.Float64,  # heat that one takes at the site's design point
        "heat_kw": pl.Float64,  # heat that one takes in normal operation at the design point, all units running
        "electric_kw": pl.Float64,  # what one draws then
        "electric_max_kw": pl.Float64,  # what one draws at its capacity
        "on_ups": pl.Boolean,  # rides through the start of generators
        "source": pl.String,  # element that feeds it
        "alternate": pl.String,  # element that feeds it when `source` is dead; null: none
        "leak_zone": pl.String,  # what one leak takes; null: dry
    },
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The columnar tables of a design; see `COLUMNS`."""

    racks: pl.DataFrame
    nodes: pl.DataFrame
    devices: pl.DataFrame
    ports: pl.DataFrame
    cables: pl.DataFrame
    addresses: pl.DataFrame
    feeds: pl.DataFrame
    blocks: pl.DataFrame
    elements: pl.DataFrame
    connections: pl.DataFrame
    plant: pl.DataFrame

    def items(self) -> tuple[tuple[str, pl.DataFrame], ...]:
        """Name and frame of each table, in a fixed order."""
        return tuple((name, getattr(self, name)) for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """A network that the plan hands out: of which fabric, to whom, and how much of it is used."""

    fabric: str
    owner: str
    """A pool's name, or `infrastructure`."""
    network: str
    needed_count: int
    available_count: int


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that follows from one site file and one catalog. Nothing changes it."""

    site: str
    prefix: str
    spec: SiteSpec
    """As its author wrote it."""
    resolved: SiteSpec
    """With every default filled in; `settings` says where each came from."""
    settings: tuple[Setting, ...]
    pools: Mapping[str, PoolDesign]
    fabrics: Mapping[str, FabricDesign]
    halls: tuple[HallDesign, ...]
    power: PowerDesign
    cooling: CoolingDesign
    address_blocks: tuple[AddressBlock, ...]
    tables: Tables
    findings: tuple[Finding, ...] = field(default=())
    """What came up while designing: unknown facts, systems that only clouds have, racks without a place."""
    catalog_digest: str = ""
    shell: ShellDesign | None = None
    """Land, building, floor and trays; None only in designs that were put together by hand."""

    @property
    def assumptions(self) -> tuple[Setting, ...]:
        """Settings that nobody decided."""
        return tuple(s for s in self.settings if s.origin is Origin.ASSUMPTION)
