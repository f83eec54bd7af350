"""Arguments of power: the grid, the chain behind it, the blocks.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class UtilityArgs(TypedDict):
    """The connection to the grid."""

    voltage_kv: NotRequired[float]
    """Line voltage of the grid connection."""
    circuits: NotRequired[int]
    """Independent utility circuits."""
    circuits_required: NotRequired[int]
    """Circuits that carry the site together; fewer than `circuits` where one may be lost."""
    ramp_mw_per_min: NotRequired[float]
    """How fast the site may change its load."""
    step_mw: NotRequired[float]
    """The largest change of load at once that the grid accepts."""
    interruptible_mw: NotRequired[float]
    """The part of the connection that the utility may call back."""
    ride_through_s: NotRequired[float]
    """How long a voltage dip lasts through which the grid's rules ask the load to stay connected."""
    fault_level_ka: NotRequired[float]
    """Three-phase short-circuit current at the connection, as the utility declares it."""
    available_mw: NotRequired[float]
    """Grid power: one figure, or by month (`2027-03: 40`) as it becomes available; 0: the site runs by itself."""


class GenerationArgs(TypedDict):
    """One plant of equal units: on the site, or contracted and delivered over the grid connection."""

    name: str
    """lower-case letters, digits and hyphens, up to 32 characters"""
    kind: str
    """Technology of its units."""
    product: NotRequired[str]
    """Catalog key; the catalog's own of that kind where absent."""
    unit_count: int
    """Installed units."""
    unit_kw: float
    """Rated output of one at the reference conditions of its sheet."""
    required_count: NotRequired[int]
    """Units that the site's supply counts on; all where absent, none for sun and wind."""
    delivery: NotRequired[str]
    """On the site's own distribution, or bought and delivered by the grid."""
    usd_per_mwh: NotRequired[float]
    """What its energy costs."""


class BessArgs(TypedDict):
    """Battery storage on the site's distribution."""

    product: NotRequired[str]
    """Catalog key: efficiency and response."""
    power_kw: float
    """The most it takes or gives."""
    energy_kwh: float
    """Usable energy."""
    response_s: NotRequired[float]
    """Until it gives its full power."""
    grid_forming: NotRequired[bool]
    """Whether it keeps the site's voltage when the grid is gone."""


class TransformersArgs(TypedDict):
    """Transformers between the connection and the blocks."""

    mv_kv: NotRequired[float]
    """Voltage of the site's own distribution; main transformers stand before it where the grid's is higher."""
    main_count: NotRequired[int]
    """Main transformers (grid voltage to the site's)."""
    main_mva: NotRequired[float]
    """Rating of one main transformer."""
    main_redundancy: NotRequired[str]
    """Of the main transformers: N, N+1, 2N."""
    main_product: NotRequired[str]
    """Catalog key of the main transformer's loss data."""
    block_product: NotRequired[str]
    """Catalog key of the blocks' transformer (site voltage to low voltage)."""
    block_mva: NotRequired[float]
    """Rating of a block's transformer."""
    mv_short_circuit_ka: NotRequired[float]
    """What the site's medium-voltage switchgear withstands."""
    transfer_s: NotRequired[float]
    """Interruption when a transformer changes over to the other medium-voltage bus."""


class BlocksArgs(TypedDict):
    """The power blocks (transformer, switchgear, UPS, generator) between utility and racks."""

    topology: NotRequired[str]
    """N, N+1, 2N, xNyR (4N3R: four blocks, any three carry the load), or x+yC (4+1C: four blocks and a catcher)."""
    unit_kw: NotRequired[float]
    """What one block carries continuously."""
    count: NotRequired[int]
    """Blocks in the whole site; sized from the load where absent."""
    rack_voltage_v: NotRequired[float]
    """Line-to-line voltage at the racks."""
    power_factor: NotRequired[float]
    """Of the load at the rack feeds."""
    rooms: NotRequired[int]
    """Fire compartments of a hall that its blocks are dealt over; one for each block of a set where absent."""
    ups_min: NotRequired[float]
    """How long the UPS carries its load."""
    generator_h: NotRequired[float]
    """Fuel on site at full load."""


class GeneratorsArgs(TypedDict):
    """Standby generators."""

    product: NotRequired[str]
    """Catalog key: step and ramp behaviour, fuel use."""
    location: NotRequired[str]
    """One behind each block, or a common plant on the site's distribution."""
    unit_kw: NotRequired[float]
    """Standby rating of one."""
    count: NotRequired[int]
    """Units of a common plant; sized from the load where absent."""
    redundancy: NotRequired[str]
    """Of a common plant: N, N+1, 2N."""
    start_s: NotRequired[float]
    """From the loss of the grid to generators that carry load."""
    step_ratio: NotRequired[float]
    """The largest step of load that one takes at once, over its rating."""
    ramp_ratio_per_s: NotRequired[float]
    """How fast one takes on load after that, over its rating a second."""


class UpsArgs(TypedDict):
    """The UPS of a block."""

    product: NotRequired[str]
    """Catalog key: topology and efficiency curve."""
    module_kw: NotRequired[float]
    """Rating of one module."""
    redundancy: NotRequired[str]
    """Of the modules of a block: N, N+1, 2N."""


class DistributionArgs(TypedDict):
    """From the UPS output to the rack feeds."""

    product: NotRequired[str]
    """Catalog key: busway, PDU or RPP with its losses."""
    rating_a: NotRequired[float]
    """Rated current of one busway or PDU."""
    hundred_percent_rated: NotRequired[bool]
    """Breakers of boards and busways listed for continuous use at their full rating (NEC)."""
    run_m: NotRequired[float]
    """Length from a UPS to the beginning of a row."""
    feed_m: NotRequired[float]
    """Length of a rack feed from the busway or PDU."""
    rack_dc_v: NotRequired[float]
    """Voltage of the DC busbar that the site brings to racks of systems without power supplies of their own."""
    shelf_product: NotRequired[str]
    """Catalog key of the power shelves that feed such a busbar inside the rack."""
    voltage_drop_max_ratio: NotRequired[float]
    """The most voltage that may be lost from the UPS to the end of a rack feed."""
    short_circuit_ka: NotRequired[float]
    """What the low-voltage switchgear withstands."""
    conductor_milliohm_per_m: NotRequired[float]
    """Resistance of one phase conductor of a rack feed."""
    phase_unbalance_max_ratio: NotRequired[float]
    """How far one phase may lie above the mean of the three."""


class MechanicalArgs(TypedDict):
    """The boards that feed pumps, fans and chillers."""

    redundancy: NotRequired[str]
    """Boards of a hall and of the site's heat rejection: one, or two of which either carries all."""
    on_generators: NotRequired[bool]
    """Whether generators carry the cooling."""
    power_factor: NotRequired[float]
    """Of pumps, fans and chillers together."""
    chillers_restart_s: NotRequired[float]
    """From the return of power to full cooling of a chiller."""
    pumps_restart_s: NotRequired[float]
    """From the return of power to full flow of pumps that no UPS carries."""


class LoadArgs(TypedDict):
    """The site's load as it moves in time."""

    diversity_ratio: NotRequired[float]
    """The most that all pools draw together, over the sum of what each can draw."""
    flexible_ratio: NotRequired[float]
    """Part of the IT load that may be curtailed when the grid asks."""
    flexible_notice_min: NotRequired[float]
    """Warning that curtailing needs."""
    ride_through_s: NotRequired[float]
    """How long the IT load stays up through a dip of the grid's voltage; from UPS where absent."""
