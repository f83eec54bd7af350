"""Arguments that several components take. All are plain values: a design needs to know its inputs.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so this module and those of the components import no `annotations`.
"""

from typing import NotRequired, TypedDict


class PoolArgs(TypedDict):
    """Nodes of one system with one purpose. Its size is `scalable_units` or `nodes`, one of the two."""

    name: str
    """Lower-case letters, digits and hyphens."""
    system: str
    """Catalog key of the system, e.g. `dgx-h100`."""
    purpose: NotRequired[str]
    """training, inference or development."""
    scalable_units: NotRequired[int]
    """Scalable units of the reference architecture."""
    nodes: NotRequired[int]
    """Operating-system instances; an NVL72 rack has 18."""
    build_to_scalable_units: NotRequired[int]
    """The ultimate size, which the compute fabric is laid out for."""
    fabric: NotRequired[str]
    """Name of its compute fabric."""
    reference_architecture: NotRequired[str]
    """Catalog key, where the system has several."""
    nodes_per_rack: NotRequired[int]
    """Node systems in one rack."""
    spare_trays_per_rack: NotRequired[int]
    """Trays a rack that are powered and cabled but not scheduled."""
    power_cap_kw: NotRequired[float]
    """Enforced limit of one system's draw, kW."""


class UtilityArgs(TypedDict):
    """The connection to the grid."""

    voltage_kv: NotRequired[float]
    """Line voltage, kV."""
    circuits: NotRequired[int]
    """Independent circuits."""
    available_mw: NotRequired[float]
    """Power of the connection, MW."""


class BlocksArgs(TypedDict):
    """The power blocks that feed the racks."""

    topology: NotRequired[str]
    """N, N+1, 2N, or xNyR such as 4N3R."""
    unit_kw: NotRequired[float]
    """What one block carries continuously, kW."""
    rack_voltage_v: NotRequired[float]
    """Line-to-line voltage at the racks, V."""


class LoopArgs(TypedDict):
    """The coolant loop through the racks."""

    supply_c: NotRequired[float]
    """Coolant temperature into the racks, °C."""
    fluid: NotRequired[str]
    """Catalog key of the coolant."""
    redundancy: NotRequired[str]
    """Of the CDUs of a hall: N, N+1, 2N."""
    cdu: NotRequired[str]
    """Catalog key of the CDU."""


class HallsArgs(TypedDict):
    """Identical halls."""

    count: NotRequired[int]
    """How many."""
    rack_positions: NotRequired[int]
    """Rack positions of one hall."""
    it_mw: NotRequired[float]
    """IT load that one hall can feed and cool, MW."""


class RacksArgs(TypedDict):
    """The racks that are bought."""

    height_u: NotRequired[int]
    """Height in rack units."""
    max_kw: NotRequired[float]
    """The most that one rack may draw, kW."""
    feeds: NotRequired[int]
    """Independent feeds of a rack."""
    feed: NotRequired[str]
    """Catalog key of the rack feed."""
