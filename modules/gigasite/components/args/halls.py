"""Arguments of halls and racks.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class HallsArgs(TypedDict):
    """Identical halls: written once, with a count."""

    count: NotRequired[int]
    rack_positions: NotRequired[int]
    it_mw: NotRequired[float]
    floor_kpa: NotRequired[float]
    max_rack_kg: NotRequired[float]
    door_mm: NotRequired[list[float]]
    layout: NotRequired[str]
    length_m: NotRequired[float]
    width_m: NotRequired[float]
    cold_aisle_m: NotRequired[float]
    hot_aisle_m: NotRequired[float]
    end_aisle_m: NotRequired[float]
    gap_m: NotRequired[float]
    aisle_exits: NotRequired[int]
    exit_count: NotRequired[int]
    dead_end_limit_m: NotRequired[float]
    travel_limit_m: NotRequired[float]
    cdu_m2: NotRequired[float]
    air_unit_m2: NotRequired[float]


class RacksArgs(TypedDict):
    """The racks that the site buys, and how they stand."""

    height_u: NotRequired[int]
    width_mm: NotRequired[float]
    depth_mm: NotRequired[float]
    height_mm: NotRequired[float]
    empty_kg: NotRequired[float]
    reserved_u: NotRequired[int]
    max_kw: NotRequired[float]
    row_positions: NotRequired[int]
    pitch_m: NotRequired[float]
    row_pitch_m: NotRequired[float]
    tray_height_m: NotRequired[float]
    slack_ratio: NotRequired[float]
    end_slack_m: NotRequired[float]
    cross_tray_positions: NotRequired[int]
    coolant_l_per_kw: NotRequired[float]
    feeds: NotRequired[int]
    feed: NotRequired[str]
    breaker_a: NotRequired[float]
    server_u: NotRequired[int]
    server_kw: NotRequired[float]
    server_kg: NotRequired[float]
    hundred_percent_rated: NotRequired[bool]
