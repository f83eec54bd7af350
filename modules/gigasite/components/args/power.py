"""Arguments of power: the grid, the chain behind it, the blocks.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class UtilityArgs(TypedDict):
    """The connection to the grid."""

    voltage_kv: NotRequired[float]
    circuits: NotRequired[int]
    circuits_required: NotRequired[int]
    ramp_mw_per_min: NotRequired[float]
    step_mw: NotRequired[float]
    interruptible_mw: NotRequired[float]
    ride_through_s: NotRequired[float]
    fault_level_ka: NotRequired[float]
    available_mw: NotRequired[float]


class GenerationArgs(TypedDict):
    """One plant of equal units: on the site, or contracted and delivered over the grid connection."""

    name: str
    """lower-case letters, digits and hyphens, up to 32 characters"""
    kind: str
    product: NotRequired[str]
    unit_count: int
    unit_kw: float
    required_count: NotRequired[int]
    delivery: NotRequired[str]
    usd_per_mwh: NotRequired[float]


class BessArgs(TypedDict):
    """Battery storage on the site's distribution."""

    product: NotRequired[str]
    power_kw: float
    energy_kwh: float
    response_s: NotRequired[float]
    grid_forming: NotRequired[bool]


class TransformersArgs(TypedDict):
    """Transformers between the connection and the blocks."""

    mv_kv: NotRequired[float]
    main_count: NotRequired[int]
    main_mva: NotRequired[float]
    main_redundancy: NotRequired[str]
    main_product: NotRequired[str]
    block_product: NotRequired[str]
    block_mva: NotRequired[float]
    mv_short_circuit_ka: NotRequired[float]
    transfer_s: NotRequired[float]


class BlocksArgs(TypedDict):
    """The power blocks (transformer, switchgear, UPS, generator) between utility and racks."""

    topology: NotRequired[str]
    unit_kw: NotRequired[float]
    count: NotRequired[int]
    rack_voltage_v: NotRequired[float]
    power_factor: NotRequired[float]
    rooms: NotRequired[int]
    ups_min: NotRequired[float]
    generator_h: NotRequired[float]


class GeneratorsArgs(TypedDict):
    """Standby generators."""

    product: NotRequired[str]
    location: NotRequired[str]
    unit_kw: NotRequired[float]
    count: NotRequired[int]
    redundancy: NotRequired[str]
    start_s: NotRequired[float]
    step_ratio: NotRequired[float]
    ramp_ratio_per_s: NotRequired[float]


class UpsArgs(TypedDict):
    """The UPS of a block."""

    product: NotRequired[str]
    module_kw: NotRequired[float]
    redundancy: NotRequired[str]


class DistributionArgs(TypedDict):
    """From the UPS output to the rack feeds."""

    product: NotRequired[str]
    rating_a: NotRequired[float]
    hundred_percent_rated: NotRequired[bool]
    run_m: NotRequired[float]
    feed_m: NotRequired[float]
    rack_dc_v: NotRequired[float]
    shelf_product: NotRequired[str]
    voltage_drop_max_ratio: NotRequired[float]
    short_circuit_ka: NotRequired[float]
    conductor_milliohm_per_m: NotRequired[float]
    phase_unbalance_max_ratio: NotRequired[float]


class MechanicalArgs(TypedDict):
    """The boards that feed pumps, fans and chillers."""

    redundancy: NotRequired[str]
    on_generators: NotRequired[bool]
    power_factor: NotRequired[float]
    chillers_restart_s: NotRequired[float]
    pumps_restart_s: NotRequired[float]


class LoadArgs(TypedDict):
    """The site's load as it moves in time."""

    diversity_ratio: NotRequired[float]
    flexible_ratio: NotRequired[float]
    flexible_notice_min: NotRequired[float]
    ride_through_s: NotRequired[float]
