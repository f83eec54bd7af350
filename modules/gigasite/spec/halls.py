"""Halls and racks: the floor the design has to fit on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gigasite.spec.base import CatalogKey, Model
from gigasite.units import (
    Amperes,
    Kilograms,
    Kilopascals,
    Kilowatts,
    LitresPerKilowatt,
    Megawatts,
    Metres,
    Millimetres,
    RackUnits,
    Ratio,
    SquareMetres,
)


class HallsSpec(Model):
    """Identical halls: written once, with a count."""

    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Identical halls."""
    rack_positions: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Rack positions of one hall."""
    it_mw: Megawatts | None = None
    """IT load that one hall can feed and cool."""
    floor_kpa: Kilopascals | None = None
    """Uniform floor load."""
    max_rack_kg: Kilograms | None = None
    """The heaviest rack that floor and lifts take."""
    door_mm: tuple[Millimetres, Millimetres] | None = None
    """Clear width and height on the delivery path."""
    layout: CatalogKey | None = None
    """Catalog key of the rules by which rows are laid out, e.g. `nvidia-dsx-facilities`."""
    length_m: Metres | None = None
    """Clear length of a hall, along its rows."""
    width_m: Metres | None = None
    """Clear width of a hall, across its rows."""
    cold_aisle_m: Metres | None = None
    """Width of the aisle at the racks' fronts."""
    hot_aisle_m: Metres | None = None
    """Width of the aisle at the racks' backs."""
    end_aisle_m: Metres | None = None
    """Clear way around the rows, to walls and plant."""
    gap_m: Metres | None = None
    """From the last rack of a hall to the first of the next: end aisles, walls, the rooms between."""
    aisle_exits: Literal[1, 2] | None = None
    """Ends of an aisle that are open: one leaves a dead end."""
    exit_count: Annotated[int, Field(ge=1, le=100)] | None = None
    """Exits in each of the two walls at the ends of the rows; open: as many as the fire code asks for."""
    dead_end_limit_m: Metres | None = None
    """The longest dead end that the fire code allows."""
    travel_limit_m: Metres | None = None
    """The longest way to an exit of the hall that the fire code allows."""
    cdu_m2: SquareMetres | None = None
    """Floor of a coolant distribution unit in the hall, with the room to service it."""
    air_unit_m2: SquareMetres | None = None
    """Floor of an air handler in the hall, with the room to service it."""


class RacksSpec(Model):
    """The racks that the site buys, and how they stand."""

    height_u: RackUnits | None = None
    """Height inside."""
    width_mm: Millimetres | None = None
    """Outer width."""
    depth_mm: Millimetres | None = None
    """Outer depth."""
    height_mm: Millimetres | None = None
    """Outer height."""
    empty_kg: Kilograms | None = None
    """Rack, PDUs and cabling without equipment."""
    reserved_u: Annotated[int, Field(ge=0, le=40)] | None = None
    """Units kept free for PDUs, patch panels and air."""
    max_kw: Kilowatts | None = None
    """The most that one rack may draw."""
    row_positions: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Rack positions of a row."""
    pitch_m: Metres | None = None
    """Distance from rack to rack in a row."""
    row_pitch_m: Metres | None = None
    """Distance from row to row, aisle included."""
    tray_height_m: Metres | None = None
    """Height of the cable tray above the middle of the racks."""
    slack_ratio: Ratio | None = None
    """Cable length added for dressing, as a share."""
    end_slack_m: Metres | None = None
    """Cable length added at each end, from the port to the side of the rack."""
    cabling_spare_ratio: Ratio | None = None
    """Spare transceivers, cables and fibres in the bills of materials, as a share of each product and length."""
    cross_tray_positions: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Rack positions between two trays that cross the rows; the ends of rows always have one."""
    coolant_l_per_kw: LitresPerKilowatt | None = None
    """Coolant inside a liquid-cooled rack for each kW of its liquid heat, where the catalog has no figure."""
    feeds: Annotated[int, Field(ge=1, le=8)] | None = None
    """Independent feeds of a rack, each from another block."""
    feed: str | None = None
    """Catalog key of the rack feed (breaker), e.g. `nec-60a-3ph`."""
    breaker_a: Amperes | None = None
    """Breaker of a feed, in place of the catalog's."""
    server_u: RackUnits | None = None
    """Height of a management server or fabric manager."""
    server_kw: Kilowatts | None = None
    """Draw of a management server or fabric manager."""
    server_kg: Kilograms | None = None
    """Weight of a management server or fabric manager."""
    hundred_percent_rated: bool = False
    """Breakers listed for continuous use at their full rating (NEC)."""
