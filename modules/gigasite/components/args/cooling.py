"""Arguments of cooling: the coolant loop, room air, facility water, heat rejection.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class LoopArgs(TypedDict):
    """What the site asks of its technology cooling system (TCS), the loop through the racks; sizing is the design's."""

    supply_c: NotRequired[float]
    """Coolant temperature into the racks."""
    fluid: NotRequired[str]
    """Catalog key of the coolant."""
    redundancy: NotRequired[str]
    """Of the CDUs of a hall: N, N+1, 2N."""
    pumps_on_ups: NotRequired[bool]
    """Whether coolant flows while generators start."""
    cdu: NotRequired[str]
    """Catalog key of the coolant distribution unit."""
    cdu_count: NotRequired[int]
    """CDUs a hall; sized from heat and flow where absent."""
    flow_lpm_per_kw_min: NotRequired[float]
    """The least flow that the facility piping is laid out for."""
    group: NotRequired[str]
    """Whose CDUs share piping and back each other up: those of a hall, or of a row."""
    isolation: NotRequired[str]
    """What valves cut off when coolant leaks: the piping of a hall, a row or a rack."""
    leak_racks_max: NotRequired[int]
    """The most racks that one leak may take."""
    piping_dp_kpa: NotRequired[float]
    """Pressure drop of piping, hoses and manifolds between CDUs and racks at the design flow."""
    rack_dp_kpa: NotRequired[float]
    """Pressure drop of a rack whose system publishes no pressure curve, at its design flow."""
    s_class: NotRequired[str]
    """ASHRAE class that the coolant into the racks keeps."""
    return_c_max: NotRequired[float]
    """The warmest coolant that may come back to the CDUs, mixed over the loop; a rack has the limit of its sheet."""


class AirArgs(TypedDict):
    """Room air: what liquid does not take."""

    unit: NotRequired[str]
    """Catalog key of the air handler."""
    unit_count: NotRequired[int]
    """Air handlers a hall; sized from the heat where absent."""
    redundancy: NotRequired[str]
    """Of the air handlers of a hall: N, N+1, 2N."""
    supply_c: NotRequired[float]
    """Air into the cold aisles."""
    containment: NotRequired[str]
    """What keeps hot and cold air apart."""
    bypass_ratio: NotRequired[float]
    """Part of the supply air that goes back without passing a rack."""
    recirculation_ratio: NotRequired[float]
    """Part of the air into racks that comes from their own exhaust."""
    rise_k: NotRequired[float]
    """Rise of the air through racks whose system publishes no airflow."""
    fans_on_ups: NotRequired[bool]
    """Whether air moves while generators start."""
    dew_point_c: NotRequired[float]
    """The highest dew point of the room air that is let in."""


class FacilityWaterArgs(TypedDict):
    """Facility water: what carries heat from the halls to the rejection, the landlord's where it is his."""

    supply_c: NotRequired[float]
    """Water to the CDUs; the loop's supply less the approach of the CDU where absent."""
    air_supply_c: NotRequired[float]
    """Water to air handlers; the room's supply air less their approach where absent."""
    fluid: NotRequired[str]
    """Catalog key of what fills it."""
    flow_lpm_per_kw: NotRequired[float]
    """The most water that the CDUs get for a kW of heat; as much as they are rated for where absent."""
    capacity_kw: NotRequired[float]
    """The most heat that it takes from the site, where a landlord sets a limit."""
    flow_lpm_max: NotRequired[float]
    """The most water that the site gets, of both temperatures, where a landlord sets a limit."""
    w_class: NotRequired[str]
    """ASHRAE class that the water to the CDUs keeps; names before 2021 (W1 to W5) are understood."""
    head_kpa: NotRequired[float]
    """Pressure that its pumps give: piping, CDUs or coils, valves and the rejection."""
    pump: NotRequired[str]
    """Catalog key of the pump."""
    pump_count: NotRequired[int]
    """Pumps for the water to the CDUs; sized from the flow where absent."""
    pump_redundancy: NotRequired[str]
    """Of the pumps: N, N+1, 2N."""
    pumps_on_ups: NotRequired[bool]
    """Whether facility water flows while generators start."""


class RejectionUnitsArgs(TypedDict):
    """Units of one way to reject heat, where the site decided them; the rest is sized."""

    way: str
    """Which way they are of."""
    loop: NotRequired[str]
    """Water of the CDUs or of the air handlers; each of the two has as many where absent."""
    count: NotRequired[int]
    """Installed units, spare ones included."""
    unit_kw: NotRequired[float]
    """Heat that one takes at the rating point of its sheet, at sea level."""


class HeatReuseArgs(TypedDict):
    """Heat that somebody takes from the site's return water."""

    heat_kw: float
    """The most that the taker takes, at the handover."""
    supply_c: float
    """Temperature that the taker asks for."""
    way: NotRequired[str]
    """Through a plate heat exchanger, or lifted by a heat pump."""
    loop: NotRequired[str]
    """Water whose return gives the heat: of the CDUs, or of the air handlers."""
    approach_k: NotRequired[float]
    """Between the return water and the taker's, over the exchanger."""
    carnot_ratio: NotRequired[float]
    """Part of the ideal coefficient of performance that the heat pump reaches."""


class RideThroughArgs(TypedDict):
    """Heat capacity that carries the site from the loss of the grid until it is cooled again."""

    liquid_buffer_m3: NotRequired[float]
    """Tank in the water of the CDUs; sized to the start of generators and chillers where absent."""
    air_buffer_m3: NotRequired[float]
    """Tank in the water of the air handlers; sized where absent."""
    water_l_per_kw: NotRequired[float]
    """Water in the pipes of a loop outside the racks, a kW of its heat."""
    coolant_l_per_kw: NotRequired[float]
    """Coolant in cold plates, hoses and manifolds of a rack, a kW of its heat."""
    room_m3_per_rack: NotRequired[float]
    """Air in a hall, a rack."""
    room_mass_ratio: NotRequired[float]
    """Part of the racks' mass that warms with the room air."""
    tank_usable_ratio: NotRequired[float]
    """Part of a tank that leaves it cold before warm water mixes in."""


class OutsideArgs(TypedDict):
    """The plant that rejects the site's heat."""

    redundancy: NotRequired[str]
    """Of the units of each way on each loop: N, N+1, 2N."""
    units: NotRequired[list[RejectionUnitsArgs]]
    """Units that the site decided."""
    liquid_rise_k: NotRequired[float]
    """How much the water of the CDUs warms at full load, where no sheet gives its flow."""
    air_rise_k: NotRequired[float]
    """How much the water of the air handlers warms at full load, where no sheet gives its flow."""
    approach_k: NotRequired[float]
    """Approach of CDUs and air handlers whose sheet gives none."""
    cycles_of_concentration: NotRequired[float]
    """Dissolved solids in the evaporating water over those in its make-up: what decides the blowdown."""
    speed_min_ratio: NotRequired[float]
    """Lowest speed of pumps and fans, over that at full load."""
    reuse: NotRequired[HeatReuseArgs]
    """Heat that leaves the site for use; none where absent."""
    ride_through: NotRequired[RideThroughArgs]
    """How cooling lasts from the loss of the grid until generators carry it."""
