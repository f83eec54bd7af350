"""The frozen Design: everything that follows from a site file, as typed summaries and columnar tables.

Tables are polars frames; `columns.COLUMNS` names their columns and types. Every name in them is built from position
(pool, scalable unit, rack, slot), so that what exists keeps its name when a pool grows. Unknown quantities
are null, never zero: a null in a sum makes the sum unknown, and a finding says which fact is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from gigasite.design.columns import COLUMNS as COLUMNS
from gigasite.design.interconnect.figures import InterconnectDesign
from gigasite.design.policy import FabricPolicy, TenantDesign
from gigasite.design.shell.model import ShellDesign
from gigasite.design.topologies.figures import DragonflyFigures, OpticalFigures
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
    topology: str = "clos"
    """`clos`, `rail-only`, `dragonfly`, …: how its switches are joined."""
    trunk_gbps: float | None = None
    """Speed of a link between leaf and spine."""
    core_trunk_gbps: float | None = None
    """Speed of a link between spine and core switch; None: there is none."""
    rails_meet: bool = True
    """Whether switches that are built join the rails of a node; where not, only equal rails reach each other."""
    diameter_switches: int | None = None
    """The most switches on the shortest way between two ports that reach each other: 1, 3 or 5; 2 or 4 in no tree."""
    policy: FabricPolicy | None = None
    """What its switches and hosts are set to; None only in designs that were put together by hand."""
    figures: DragonflyFigures | OpticalFigures | None = None
    """What is special about a fabric that is no Clos."""


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


@dataclass(frozen=True, slots=True)
class Tables:
    """The columnar tables of a design; see `COLUMNS`."""

    racks: pl.DataFrame
    nodes: pl.DataFrame
    devices: pl.DataFrame
    ports: pl.DataFrame
    cables: pl.DataFrame
    modules: pl.DataFrame
    addresses: pl.DataFrame
    subnets: pl.DataFrame
    circuits: pl.DataFrame
    domains: pl.DataFrame
    scale_up_links: pl.DataFrame
    rail_networks: pl.DataFrame
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
    prefix_length: int | None = None
    """Of a site's IPv6 prefix that is too long: the longest that is enough."""


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
    tenants: Mapping[str, TenantDesign] = field(default_factory=dict)
    interconnects: tuple[InterconnectDesign, ...] = ()
    shell: ShellDesign | None = None
    """Land, building, floor and trays; None only in designs that were put together by hand."""

    @property
    def assumptions(self) -> tuple[Setting, ...]:
        """Settings that nobody decided."""
        return tuple(s for s in self.settings if s.origin is Origin.ASSUMPTION)
