"""Arguments of pools of nodes.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class PoolLoadArgs(TypedDict):
    """How the load of a pool moves."""

    profile: NotRequired[str]
    utilisation_ratio: NotRequired[float]
    idle_ratio: NotRequired[float]
    synchronous_ratio: NotRequired[float]
    swing_period_s: NotRequired[float]
    swing_duty_ratio: NotRequired[float]
    power_floor_ratio: NotRequired[float]
    ramp_min: NotRequired[float]
    oversubscription_ratio: NotRequired[float]


class PoolCoolingArgs(TypedDict):
    """What a pool's racks have in place of the hall's way to cool them."""

    rear_door: NotRequired[str]
    immersion: NotRequired[str]


class PoolArgs(TypedDict):
    """Nodes of one system with one purpose. Its size is `scalable_units` or `nodes`, one of the two."""

    name: str
    """lower-case letters, digits and hyphens, up to 32 characters"""
    purpose: NotRequired[str]
    system: str
    """a key of the catalog"""
    scalable_units: NotRequired[int]
    nodes: NotRequired[int]
    build_to_scalable_units: NotRequired[int]
    fabric: NotRequired[str]
    reference_architecture: NotRequired[str]
    nodes_per_rack: NotRequired[int]
    spare_trays_per_rack: NotRequired[int]
    power_cap_kw: NotRequired[float]
    load: NotRequired[PoolLoadArgs]
    cooling: NotRequired[PoolCoolingArgs]
