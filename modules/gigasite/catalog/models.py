"""The catalog's products as typed, frozen models; a fact that no source gives is None.

Field names end in their unit. `origins` says for every field where its value came from, so that a design
can explain each number and a check can list what was only assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class Confidence(StrEnum):
    """How sure a fact is: read in its source, remembered, computed from others, or only assumed."""

    VERIFIED = "verified"
    RECALLED = "recalled"
    COMPUTED = "computed"
    ASSUMED = "assumed"


class Model(BaseModel):
    """Base of catalog models: frozen, nothing unknown accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Model):
    """Where a fact was read.

    `tier` is primary (the publisher), secondary (somebody who quotes it), formula, or assumption.
    """

    doc: str
    loc: str = ""
    url: str | None = None
    tier: Literal["primary", "secondary", "formula", "assumption"]
    confidence: Confidence
    note: str = ""


class Product(Model):
    """What all catalog entries share."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    aliases: tuple[str, ...] = ()
    origins: Mapping[str, Source] = Field(default_factory=dict, exclude=True, repr=False)


class Technology(StrEnum):
    """The link layer of a port."""

    INFINIBAND = "infiniband"
    ETHERNET = "ethernet"


class Form(StrEnum):
    """What a system is: a node in a rack, a whole rack, or something that only a cloud rents out."""

    NODE = "node"
    RACK = "rack"
    CLOUD = "cloud"


class ScaleUpKind(StrEnum):
    """How the GPUs of a scale-up domain are joined: through switch chips, each to each, or as a torus."""

    SWITCHED = "switched"
    MESH = "mesh"
    TORUS = "torus"


class FabricRole(StrEnum):
    """What a network is for."""

    COMPUTE = "compute"
    STORAGE = "storage"
    INBAND = "inband"
    OOB = "oob"
    INTERCONNECT = "interconnect"


class Nic(Model):
    """NIC ports of one node that serve the given roles; shared between the roles where several are listed.

    `count` NICs of which `ports_per_nic` ports each serve these roles. `port_gbps` is what a port is cabled
    for where the other end allows it: a link runs at the lower of its two ends.
    """

    roles: tuple[FabricRole, ...]
    model: str
    count: Annotated[int, Field(gt=0)]
    ports_per_nic: Annotated[int, Field(gt=0)] = 1
    port_gbps: Positive
    technologies: tuple[Technology, ...]


class NicCage(Model):
    """The cages of one line of a node's NICs: which kind, and how many NIC ports share one."""

    cage: str
    """Key of the catalog's cage."""
    ports_per_cage: Annotated[int, Field(gt=0)] = 1
    numbers: tuple[Annotated[int, Field(gt=0)], ...] = ()
    """Of this line's cages, the one of each port; none: ports fill the cages in turn."""
    parts: tuple[Annotated[int, Field(gt=0)], ...] = ()
    """Of its cage, the port that each is; none: in turn."""


class System(Product):
    """A product that holds accelerators. Per system, unless a name says per node or per GPU."""

    kind: Literal["system"] = "system"
    form: Form
    vendor: str
    gpu_count: Annotated[int, Field(gt=0)]
    node_count: Annotated[int, Field(gt=0)] = 1
    """Operating-system instances: 1 for a node, 18 compute trays for an NVL72 rack."""
    gpu_memory_gb: Positive | None = None
    """Of one GPU, in units of 1e9 bytes as vendors print it."""
    gpu_memory_tbyte_s: Positive | None = None
    gpu_w: Positive | None = None
    """Thermal design power of one GPU (board or package)."""
    system_memory_tb: Positive | None = None
    cpu_count: Count | None = None
    cpu: str | None = None
    nics: tuple[Nic, ...] = ()
    nic_cages: tuple[NicCage | None, ...] = ()
    """Cages of each line of `nics`, in its order; none: no source states them."""
    compute_nic_pci: tuple[str, ...] = ()
    """PCI addresses of a node's compute NICs, in the order of rails; none: no source states them."""
    scale_up_domain_gpu_count: Count | None = None
    scale_up_gbyte_s_per_gpu: Positive | None = None
    scale_up_switch_tray_count: Count = 0
    scale_up_switch_chip_count: Count | None = None
    scale_up_kind: ScaleUpKind | None = None
    scale_up_links_per_gpu: Annotated[int, Field(gt=0)] | None = None
    """Links of a GPU into its domain."""
    scale_up_links_by_chip: tuple[Annotated[int, Field(gt=0)], ...] = ()
    """Links of a GPU to each switch chip, where they are not spread evenly."""
    max_kw: Positive | None = None
    """The most it draws: what power is designed for."""
    design_heat_kw: Positive | None = None
    power_profiles_kw: Mapping[str, float] = Field(default_factory=dict)
    power_controls: tuple[str, ...] = ()
    """What shapes its draw, by keys of the catalog's power controls."""
    liquid_kw: Annotated[float, Field(ge=0)] | None = None
    """Heat into liquid at `liquid_kw + air_kw` in all; the design scales both to `max_kw`."""
    air_kw: Annotated[float, Field(ge=0)] | None = None
    cooling: Literal["air", "liquid"] | None = None
    """What carries most of its heat away; a liquid-cooled system still gives `air_kw` to the room."""
    power_input: Literal["ac", "dc-busbar"] = "ac"
    """What the site brings to it; a rack with power shelves of its own takes AC."""
    psu_count: Count | None = None
    psu_kw: Positive | None = None
    psu_required_count: Count | None = None
    shelf_count: Count | None = None
    shelf_kw: Positive | None = None
    psus_per_shelf: Count | None = None
    shelf_height_u: Annotated[int, Field(gt=0)] | None = None
    shelf_input_v: tuple[float, float] | None = None
    """The band of line-to-line voltages that a power shelf takes."""
    height_u: Annotated[int, Field(gt=0)] | None = None
    height_mm: Positive | None = None
    depth_mm: Positive | None = None
    width_mm: Positive | None = None
    weight_kg: Positive | None = None
    """As it is delivered, without coolant."""
    coolant_l: Annotated[float, Field(ge=0)] | None = None
    """Coolant that it holds in operation: cold plates, manifolds and hoses of its own."""
    inlet_c_min: float | None = None
    inlet_c_max: float | None = None
    airflow_cfm_per_kw: Positive | None = None
    immersion_ready: bool | None = None
    """Whether its maker lets it run in a dielectric fluid; None: nobody says so."""
    tcs_return_c_max: float | None = None
    """The warmest coolant that may leave it."""
    tcs_supply_c_max: float | None = None
    tcs_flow_curve: tuple[tuple[float, float], ...] = ()
    """Points (supply °C, l/min) that the system asks for at `liquid_kw`."""
    tcs_pressure_curve: tuple[float, float] | None = None
    """dp_kpa = a·q² + b·q, q in l/min."""
    tcs_pressure_curve_lpm_max: Positive | None = None
    oob_ports_per_node: Count = 1
    oob_ports_per_system: Count = 0
    """Management ports beside the nodes': switch trays, power shelves."""
    oob_switch_count: Count = 0
    """Management switches that come inside the system."""
    max_gpus_per_rack: Count | None = None
    rack_position_count: Count | None = None
    """Rack positions that a rack-sized system takes side by side."""
    roadmap_year: Annotated[int, Field(ge=2000, le=2100)] | None = None
    """The year announced for a product that can't be bought yet."""
    reference_architecture: str | None = None

    @property
    def gpus_per_node(self) -> int:
        return self.gpu_count // self.node_count

    def ports(self, role: FabricRole) -> tuple[Nic, ...]:
        """The NICs that serve a role."""
        return tuple(nic for nic in self.nics if role in nic.roles)


class ReferenceArchitecture(Product):
    """The repeating block that a publisher designed around a system: its size, rails, switches and layout."""

    kind: Literal["reference-architecture"] = "reference-architecture"
    systems: tuple[str, ...]
    su_node_count: Annotated[int, Field(gt=0)]
    """Node slots of a scalable unit, reserved ones included."""
    nodes_per_rack: Annotated[int, Field(gt=0)]
    compute_switch: str
    storage_switch: str | None = None
    inband_switch: str | None = None
    oob_switch: str | None = None
    planes: Annotated[int, Field(gt=0)] = 1
    rail_optimised: bool = True
    leaf_scope: Literal["su", "rack"] = "su"
    spine_scope: Literal["shared", "rail"] = "shared"
    pod: Literal["su", "fewest-switches"] = "fewest-switches"
    build_to_su_count: Annotated[int, Field(gt=0)] | None = None
    """The size the published layout is made for, where it shapes even small builds."""
    tested_su_count: Annotated[int, Field(gt=0)] | None = None
    reserved_slot_count: Count = 0
    """Node slots kept for fabric management where the compute fabric is InfiniBand."""
    ufm_cable_count: Count = 0
    ufm_cage: NicCage | None = None
    """What the fabric managers' ports are plugged into."""
    rack_feeds: Mapping[Literal["iec", "nec"], str] = Field(default_factory=dict)
    """Rack feed of the catalog by electrical standard, as the publisher draws it."""
    rack_feed_count: Count | None = None
    rack_feed_required_count: Count | None = None
    """Feeds that must carry the rack when others are lost: 2 of 3 for N+1."""
    rack_pdu_height_u: Count | None = None
    """Height units of a rack that its power distribution takes, all units together."""
    rack_kw: Positive | None = None
    """What the publisher plans for one rack of nodes."""
    su_tdp_kw: Positive | None = None


class PortGroup(Model):
    """Equal ports of a switch: `count` ports of `gbps`, each splittable into `breakouts` logical ports.

    `cage`: key of the catalog's cage that they are in, `ports_per_cage` of them in each; None: unknown.
    """

    count: Annotated[int, Field(gt=0)]
    gbps: Positive
    breakouts: tuple[int, ...] = (1,)
    use: Literal["any", "down", "up"] = "any"
    cage: str | None = None
    ports_per_cage: Annotated[int, Field(gt=0)] = 1


class Switch(Product):
    """A network switch."""

    kind: Literal["switch"] = "switch"
    vendor: str
    technology: Technology
    port_groups: tuple[PortGroup, ...]
    logical_port_count_max: Annotated[int, Field(gt=0)] | None = None
    """Ports that the switch can run at most after splitting, whatever its cages would allow."""
    tbps: Positive | None = None
    height_u: Annotated[int, Field(gt=0)] | None = None
    typical_kw: Positive | None = None
    """With passive cables, as publishers print it; never enough to power a switch with optics."""
    max_kw: Positive | None = None
    weight_kg: Positive | None = None
    liquid_ratio: Annotated[float, Field(ge=0, le=1)] | None = None
    psu_count: Count | None = None
    os: str | None = None
    """Operating system that its maker delivers it with, a folder of templates/switch; `opensm` on InfiniBand."""
    adaptive_routing: bool | None = None
    """Whether it spreads packets of one RDMA flow over equal paths; None: nobody says so."""


class CableKind(Product):
    """A kind of link media at some speeds, with its reach."""

    kind: Literal["cable"] = "cable"
    media: Literal["dac", "acc", "aec", "aoc", "mmf", "smf", "copper"]
    technologies: tuple[Technology, ...]
    gbps: tuple[Positive, ...]
    """Speeds of one link that it carries."""
    reach_m: Positive
    preference: int
    """Lower is tried first."""
    channel_loss_db: Positive | None = None
    """Loss that a pair of fibres with one light each way may have; None: of another kind, or unknown."""
    diameter_mm: Positive | None = None
    """Outer diameter of the cable of one link; of a duplex or twin cable, the circle of the same area."""
    lengths_m: tuple[Positive, ...] = ()
    """Lengths that it is sold in where no product of its kind is known; none: cut to length."""
    cables_per_link: Annotated[int, Field(gt=0)] | None = None
    """Fibre cables that one link takes, where it takes more than one."""


class Cdu(Product):
    """A coolant distribution unit with its rating point; away from it capacity is derived, not read off."""

    kind: Literal["cdu"] = "cdu"
    capacity_kw: Positive
    approach_k: Positive | None = None
    tcs_flow_lpm: Positive | None = None
    pump_power_kw: Positive | None = None
    tcs_rise_k: Positive | None = None
    """Temperature rise of the technology coolant at the rating point."""
    rating_fluid: str | None = None
    tcs_head_kpa: Positive | None = None
    """Pressure that its pumps leave for piping and racks at `tcs_flow_lpm`."""
    facility_flow_lpm: Positive | None = None
    """Facility water at the rating point; the most that it takes."""
    heat_to: Literal["facility-water", "room-air"] | None = None
    """Where it leaves the heat: liquid-to-liquid, or liquid-to-air; the first where its sheet does not say."""
    fan_kw: Positive | None = None
    """Of a liquid-to-air unit, at its rating point."""

    @property
    def is_liquid_to_air(self) -> bool:
        """Whether its heat goes into the air of the room."""
        return self.heat_to == "room-air"


class Fluid(Product):
    """A coolant at a reference temperature."""

    kind: Literal["fluid"] = "fluid"
    at_c: float
    density_kg_m3: Positive
    specific_heat_kj_kgk: Positive
    density_band_kg_m3: tuple[float, float] | None = None
    specific_heat_band_kj_kgk: tuple[float, float] | None = None
    viscosity_ratio_to_water: Positive | None = None
    temperature_points: tuple[tuple[float, float, float, float], ...] = ()
    """Its course: (°C, density kg/m³, specific heat kJ/(kg·K), viscosity mPa·s), by rising temperature."""


class Grid(Product):
    """A power grid: frequency and the carbon of its energy."""

    kind: Literal["grid"] = "grid"
    frequency_hz: Literal[50, 60] | None = None
    co2e_kg_per_kwh: Positive | None = None
    """CO2 equivalent of the energy that the grid's plants make, its average."""
    co2_kg_per_kwh: Positive | None = None
    """Of it, CO2 alone."""
    nonbaseload_co2e_kg_per_kwh: Positive | None = None
    """Of plants that follow the load: what a change of load changes. Never for a site's inventory."""
    dataset: str | None = None
    data_year: Annotated[int, Field(ge=1990, le=2100)] | None = None
    """Year that the dataset is of; factors of other years differ."""


class PowerStage(Product):
    """One stage of the power chain with its efficiency."""

    kind: Literal["power-stage"] = "power-stage"
    efficiency_ratio: Annotated[float, Field(gt=0, le=1)]


class RackFeed(Product):
    """A rack feed: breaker and phases; its voltage is the site's."""

    kind: Literal["rack-feed"] = "rack-feed"
    breaker_a: Positive
    phases: Literal[1, 3]
    connector: str | None = None


class HeatRejection(Product):
    """A way to give heat to the outside: its approach to the air's dry or wet bulb, its electric share.

    Coolers and towers are rated at `approach_k` above the bulb, at sea level; chillers at `cop`, with water leaving
    at `cop_leaving_c` and air or condenser water entering at `cop_entering_c`.
    """

    kind: Literal["heat-rejection"] = "heat-rejection"
    technology: str | None = None
    """The model that it follows (`dry-cooler`, `open-tower`, …); from the other facts where absent."""
    against: Literal["dry-bulb", "wet-bulb", "none"]
    approach_k: Positive | None = None
    electric_kw_per_heat_kw: Annotated[float, Field(ge=0)]
    """At full load: fans and spray pumps of coolers and towers; all of a chiller in hot weather."""
    uses_water: bool = False
    unit_kw: Positive | None = None
    """The largest usual unit: heat that it takes at the rating point."""
    approach_min_k: Positive | None = None
    """The closest that water comes to the bulb while it cools by the rise of its loop, however little heat there is."""
    rating_wet_bulb_c: float | None = None
    """Wet bulb at the rating point: a kelvin of it carries the more heat the warmer it is."""
    speed_min_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    """Lowest fan speed over the rated one."""
    latent_ratio: Annotated[float, Field(ge=0, le=1)] | None = None
    """Part of the heat that evaporation takes; by the balance of the moist air where absent."""
    air_kg_s_per_kw: Positive | None = None
    """Air through the unit at full speed, a kW of rated heat."""
    cop: Positive | None = None
    """Heat taken over electricity at the rating point."""
    cop_leaving_c: float | None = None
    cop_entering_c: float | None = None
    evaporator_approach_k: Positive | None = None
    """Leaving water above the evaporating temperature at full load."""
    condenser_approach_k: Positive | None = None
    """Condensing temperature above the air or water that enters the condenser, at full load."""
    condenser_rise_k: Positive | None = None
    """What condenser water warms by at full load."""
    lift_min_k: Positive | None = None
    """The least difference of condensing and evaporating temperature that its compressor works at."""
    capacity_loss_ratio_per_k: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Part of its capacity that each kelvin of entering air or water above the rating point takes."""
    tower_kw_per_heat_kw: Annotated[float, Field(ge=0)] | None = None
    """Tower fans and condenser pumps over the heat that towers reject."""


class AirUnit(Product):
    """A computer-room air handler on facility water."""

    kind: Literal["air-unit"] = "air-unit"
    capacity_kw: Positive
    approach_k: Positive | None = None
    """Supply air above the facility water that cools it, at capacity."""
    fan_kw: Positive | None = None
    form: Literal["crah", "crac", "fan-wall"] = "crah"
    """On facility water, with a compressor and a condenser of its own, or a wall of fans on facility water."""
    air_rise_k: Positive | None = None
    """Return air above supply air at capacity: with it, the airflow."""
    water_rise_k: Positive | None = None
    """Rise of the facility water at capacity."""
    cop: Positive | None = None
    """Heat over compressor and condenser power of a unit with a compressor, at its rating point."""
    cop_supply_c: float | None = None
    """Supply air of the room at the rating point."""
    cop_entering_c: float | None = None
    """Outside air into its condenser there."""
    evaporator_approach_k: Positive | None = None
    """Supply air above the evaporating temperature at full load."""
    condenser_approach_k: Positive | None = None
    """Condensing temperature above the outside air, at full load."""
    lift_min_k: Positive | None = None
    """The least difference of condensing and evaporating temperature that its compressor works at."""
