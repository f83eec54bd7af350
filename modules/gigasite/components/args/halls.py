"""Arguments of halls and racks.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class HallsArgs(TypedDict):
    """Identical halls: written once, with a count."""

    count: NotRequired[int]
    """Identical halls."""
    rack_positions: NotRequired[int]
    """Rack positions of one hall."""
    it_mw: NotRequired[float]
    """IT load that one hall can feed and cool."""
    floor_kpa: NotRequired[float]
    """Uniform floor load."""
    max_rack_kg: NotRequired[float]
    """The heaviest rack that floor and lifts take."""
    door_mm: NotRequired[list[float]]
    """Clear width and height on the delivery path."""
    layout: NotRequired[str]
    """Catalog key of the rules by which rows are laid out, e.g. `nvidia-dsx-facilities`."""
    length_m: NotRequired[float]
    """Clear length of a hall, along its rows."""
    width_m: NotRequired[float]
    """Clear width of a hall, across its rows."""
    cold_aisle_m: NotRequired[float]
    """Width of the aisle at the racks' fronts."""
    hot_aisle_m: NotRequired[float]
    """Width of the aisle at the racks' backs."""
    end_aisle_m: NotRequired[float]
    """Clear way around the rows, to walls and plant."""
    gap_m: NotRequired[float]
    """From the last rack of a hall to the first of the next: end aisles, walls, the rooms between."""
    aisle_exits: NotRequired[int]
    """Ends of an aisle that are open: one leaves a dead end."""
    exit_count: NotRequired[int]
    """Exits in each of the two walls at the ends of the rows; open: as many as the fire code asks for."""
    dead_end_limit_m: NotRequired[float]
    """The longest dead end that the fire code allows."""
    travel_limit_m: NotRequired[float]
    """The longest way to an exit of the hall that the fire code allows."""
    cdu_m2: NotRequired[float]
    """Floor of a coolant distribution unit in the hall, with the room to service it."""
    air_unit_m2: NotRequired[float]
    """Floor of an air handler in the hall, with the room to service it."""


class RacksArgs(TypedDict):
    """The racks that the site buys, and how they stand."""

    height_u: NotRequired[int]
    """Height inside."""
    width_mm: NotRequired[float]
    """Outer width."""
    depth_mm: NotRequired[float]
    """Outer depth."""
    height_mm: NotRequired[float]
    """Outer height."""
    empty_kg: NotRequired[float]
    """Rack, PDUs and cabling without equipment."""
    reserved_u: NotRequired[int]
    """Units kept free for PDUs, patch panels and air."""
    max_kw: NotRequired[float]
    """The most that one rack may draw."""
    row_positions: NotRequired[int]
    """Rack positions of a row."""
    pitch_m: NotRequired[float]
    """Distance from rack to rack in a row."""
    row_pitch_m: NotRequired[float]
    """Distance from row to row, aisle included."""
    tray_height_m: NotRequired[float]
    """Height of the cable tray above the middle of the racks."""
    slack_ratio: NotRequired[float]
    """Cable length added for dressing, as a share."""
    end_slack_m: NotRequired[float]
    """Cable length added at each end, from the port to the side of the rack."""
    cabling_spare_ratio: NotRequired[float]
    """Spare transceivers, cables and fibres in the bills of materials, as a share of each product and length."""
    cross_tray_positions: NotRequired[int]
    """Rack positions between two trays that cross the rows; the ends of rows always have one."""
    coolant_l_per_kw: NotRequired[float]
    """Coolant inside a liquid-cooled rack for each kW of its liquid heat, where the catalog has no figure."""
    feeds: NotRequired[int]
    """Independent feeds of a rack, each from another block."""
    feed: NotRequired[str]
    """Catalog key of the rack feed (breaker), e.g. `nec-60a-3ph`."""
    breaker_a: NotRequired[float]
    """Breaker of a feed, in place of the catalog's."""
    server_u: NotRequired[int]
    """Height of a management server or fabric manager."""
    server_kw: NotRequired[float]
    """Draw of a management server or fabric manager."""
    server_kg: NotRequired[float]
    """Weight of a management server or fabric manager."""
    hundred_percent_rated: NotRequired[bool]
    """Breakers listed for continuous use at their full rating (NEC)."""
