"""Arguments of cooling: the coolant loop, room air, facility water, heat rejection.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class LoopArgs(TypedDict):
    """What the site asks of its technology cooling system (TCS), the loop through the racks; sizing is the design's."""

    supply_c: NotRequired[float]
    fluid: NotRequired[str]
    redundancy: NotRequired[str]
    pumps_on_ups: NotRequired[bool]
    cdu: NotRequired[str]
    cdu_count: NotRequired[int]
    flow_lpm_per_kw_min: NotRequired[float]
    group: NotRequired[str]
    isolation: NotRequired[str]
    leak_racks_max: NotRequired[int]
    piping_dp_kpa: NotRequired[float]
    rack_dp_kpa: NotRequired[float]
    s_class: NotRequired[str]
    return_c_max: NotRequired[float]


class AirArgs(TypedDict):
    """Room air: what liquid does not take."""

    unit: NotRequired[str]
    unit_count: NotRequired[int]
    redundancy: NotRequired[str]
    supply_c: NotRequired[float]
    containment: NotRequired[str]
    bypass_ratio: NotRequired[float]
    recirculation_ratio: NotRequired[float]
    rise_k: NotRequired[float]
    fans_on_ups: NotRequired[bool]
    dew_point_c: NotRequired[float]


class FacilityWaterArgs(TypedDict):
    """Facility water: what carries heat from the halls to the rejection, the landlord's where it is his."""

    supply_c: NotRequired[float]
    air_supply_c: NotRequired[float]
    fluid: NotRequired[str]
    flow_lpm_per_kw: NotRequired[float]
    capacity_kw: NotRequired[float]
    flow_lpm_max: NotRequired[float]
    w_class: NotRequired[str]
    head_kpa: NotRequired[float]
    pump: NotRequired[str]
    pump_count: NotRequired[int]
    pump_redundancy: NotRequired[str]
    pumps_on_ups: NotRequired[bool]


class RejectionUnitsArgs(TypedDict):
    """Units of one way to reject heat, where the site decided them; the rest is sized."""

    way: str
    loop: NotRequired[str]
    count: NotRequired[int]
    unit_kw: NotRequired[float]


class HeatReuseArgs(TypedDict):
    """Heat that somebody takes from the site's return water."""

    heat_kw: float
    supply_c: float
    way: NotRequired[str]
    loop: NotRequired[str]
    approach_k: NotRequired[float]
    carnot_ratio: NotRequired[float]


class RideThroughArgs(TypedDict):
    """Heat capacity that carries the site from the loss of the grid until it is cooled again."""

    liquid_buffer_m3: NotRequired[float]
    air_buffer_m3: NotRequired[float]
    water_l_per_kw: NotRequired[float]
    coolant_l_per_kw: NotRequired[float]
    room_m3_per_rack: NotRequired[float]
    room_mass_ratio: NotRequired[float]
    tank_usable_ratio: NotRequired[float]


class OutsideArgs(TypedDict):
    """The plant that rejects the site's heat."""

    redundancy: NotRequired[str]
    units: NotRequired[list[RejectionUnitsArgs]]
    liquid_rise_k: NotRequired[float]
    air_rise_k: NotRequired[float]
    approach_k: NotRequired[float]
    cycles_of_concentration: NotRequired[float]
    speed_min_ratio: NotRequired[float]
    reuse: NotRequired[HeatReuseArgs]
    ride_through: NotRequired[RideThroughArgs]
