"""What the site asks of its power: the utility connection, the chain behind it, and the blocks that feed the racks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gigasite.spec.base import CatalogKey, Model
from gigasite.spec.generation import BessSpec, GenerationSpec, GeneratorsSpec
from gigasite.spec.load import LoadSpec
from gigasite.units import Hours, Kiloamperes, Kilovolts, Minutes, PositiveKilowatts, PositiveRatio, Volts

_TOPOLOGY = re.compile(r"^(?:N|N\+[1-9]|2N|([2-9])N([1-8])R|([1-9])\+([1-3])C)$")
_REDUNDANCY = re.compile(r"^(?:N|N\+[1-9]|2N)$")


def _redundancy(value: str | None) -> str | None:
    if value is not None and not _REDUNDANCY.match(value):
        raise ValueError(f"{value!r} is no redundancy: write N, N+1, N+2 or 2N")
    return value


GridMegawatts = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False, json_schema_extra={"unit": "MW"})]


class UtilitySpec(Model):
    """The connection to the grid."""

    voltage_kv: Kilovolts | None = None
    """Line voltage of the grid connection."""
    circuits: Annotated[int, Field(ge=1, le=16)] | None = None
    """Independent utility circuits."""
    circuits_required: Annotated[int, Field(ge=1, le=16)] | None = None
    """Circuits that carry the site together; fewer than `circuits` where one may be lost."""
    ramp_mw_per_min: Annotated[float, Field(gt=0, le=1e4)] | None = None
    """How fast the site may change its load."""
    step_mw: Annotated[float, Field(gt=0, le=1e4)] | None = None
    """The largest change of load at once that the grid accepts."""
    interruptible_mw: Annotated[float, Field(ge=0, le=1e5)] | None = None
    """The part of the connection that the utility may call back."""
    ride_through_s: Annotated[float, Field(ge=0, le=600)] | None = None
    """How long a voltage dip lasts through which the grid's rules ask the load to stay connected."""
    fault_level_ka: Kiloamperes | None = None
    """Three-phase short-circuit current at the connection, as the utility declares it."""
    available_mw: Mapping[str, GridMegawatts] | GridMegawatts | None = None
    """Grid power: one figure, or by month (`2027-03: 40`) as it becomes available; 0: the site runs by itself."""

    @field_validator("available_mw")
    @classmethod
    def _months(cls, value: Mapping[str, float] | float | None) -> Mapping[str, float] | float | None:
        if isinstance(value, Mapping):
            for month in value:
                if not re.match(r"^\d{4}-(0[1-9]|1[0-2])(-([0-2]\d|3[01]))?$", month):
                    raise ValueError(f"{month!r} is not a date: write YYYY-MM or YYYY-MM-DD")
            if not value:
                raise ValueError("no date given: write YYYY-MM: MW")
        return value

    @property
    def final_mw(self) -> float | None:
        """The connection when all of it is energised."""
        if isinstance(self.available_mw, Mapping):
            return self.available_mw[max(self.available_mw)]
        return self.available_mw


class TransformersSpec(Model):
    """Transformers between the connection and the blocks."""

    mv_kv: Kilovolts | None = None
    """Voltage of the site's own distribution; main transformers stand before it where the grid's is higher."""
    main_count: Annotated[int, Field(ge=1, le=64)] | None = None
    """Main transformers (grid voltage to the site's)."""
    main_mva: Annotated[float, Field(gt=0, le=2000)] | None = None
    """Rating of one main transformer."""
    main_redundancy: str | None = None
    """Of the main transformers: N, N+1, 2N."""
    main_product: CatalogKey | None = None
    """Catalog key of the main transformer's loss data."""
    block_product: CatalogKey | None = None
    """Catalog key of the blocks' transformer (site voltage to low voltage)."""
    block_mva: Annotated[float, Field(gt=0, le=100)] | None = None
    """Rating of a block's transformer."""
    mv_short_circuit_ka: Kiloamperes | None = None
    """What the site's medium-voltage switchgear withstands."""
    transfer_s: Annotated[float, Field(ge=0, le=600)] | None = None
    """Interruption when a transformer changes over to the other medium-voltage bus."""

    _check_redundancy = field_validator("main_redundancy")(_redundancy)


class UpsSpec(Model):
    """The UPS of a block."""

    product: CatalogKey | None = None
    """Catalog key: topology and efficiency curve."""
    module_kw: PositiveKilowatts | None = None
    """Rating of one module."""
    redundancy: str | None = None
    """Of the modules of a block: N, N+1, 2N."""

    _check_redundancy = field_validator("redundancy")(_redundancy)


class DistributionSpec(Model):
    """From the UPS output to the rack feeds."""

    product: CatalogKey | None = None
    """Catalog key: busway, PDU or RPP with its losses."""
    rating_a: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Rated current of one busway or PDU."""
    hundred_percent_rated: bool = False
    """Breakers of boards and busways listed for continuous use at their full rating (NEC)."""
    run_m: Annotated[float, Field(ge=0, le=2000)] | None = None
    """Length from a UPS to the beginning of a row."""
    feed_m: Annotated[float, Field(ge=0, le=200)] | None = None
    """Length of a rack feed from the busway or PDU."""
    rack_dc_v: Volts | None = None
    """Voltage of the DC busbar that the site brings to racks of systems without power supplies of their own."""
    shelf_product: CatalogKey | None = None
    """Catalog key of the power shelves that feed such a busbar inside the rack."""
    voltage_drop_max_ratio: PositiveRatio | None = None
    """The most voltage that may be lost from the UPS to the end of a rack feed."""
    short_circuit_ka: Kiloamperes | None = None
    """What the low-voltage switchgear withstands."""
    conductor_milliohm_per_m: Annotated[float, Field(gt=0, le=100)] | None = None
    """Resistance of one phase conductor of a rack feed."""
    phase_unbalance_max_ratio: PositiveRatio | None = None
    """How far one phase may lie above the mean of the three."""


class MechanicalSpec(Model):
    """The boards that feed pumps, fans and chillers."""

    redundancy: Literal["N", "2N"] | None = None
    """Boards of a hall and of the site's heat rejection: one, or two of which either carries all."""
    on_generators: bool | None = None
    """Whether generators carry the cooling."""
    power_factor: PositiveRatio | None = None
    """Of pumps, fans and chillers together."""
    chillers_restart_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    """From the return of power to full cooling of a chiller."""
    pumps_restart_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    """From the return of power to full flow of pumps that no UPS carries."""


class BlocksSpec(Model):
    """The power blocks (transformer, switchgear, UPS, generator) between utility and racks."""

    topology: str | None = None
    """N, N+1, 2N, xNyR (4N3R: four blocks, any three carry the load), or x+yC (4+1C: four blocks and a catcher)."""
    unit_kw: PositiveKilowatts | None = None
    """What one block carries continuously."""
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Blocks in the whole site; sized from the load where absent."""
    rack_voltage_v: Volts | None = None
    """Line-to-line voltage at the racks."""
    power_factor: PositiveRatio | None = None
    """Of the load at the rack feeds."""
    rooms: Annotated[int, Field(ge=1, le=100)] | None = None
    """Fire compartments of a hall that its blocks are dealt over; one for each block of a set where absent."""
    ups_min: Minutes | None = None
    """How long the UPS carries its load."""
    generator_h: Hours | None = None
    """Fuel on site at full load."""

    @field_validator("topology")
    @classmethod
    def _known_topology(cls, value: str | None) -> str | None:
        if value is None:
            return None
        match = _TOPOLOGY.match(value)
        if not match:
            raise ValueError(f"{value!r} is no topology: write N, N+1, 2N, xNyR such as 4N3R, or 4+1C with a catcher")
        if match.group(1) and int(match.group(2)) >= int(match.group(1)):
            raise ValueError(f"{value!r} has no spare block: y must be less than x")
        return value


class PowerSpec(Model):
    """From the utility to the racks."""

    utility: UtilitySpec = UtilitySpec()
    generation: tuple[GenerationSpec, ...] = ()
    """The site's own or contracted generation."""
    bess: BessSpec | None = None
    """Battery storage at the site's distribution; none where absent."""
    transformers: TransformersSpec = TransformersSpec()
    blocks: BlocksSpec = BlocksSpec()
    generators: GeneratorsSpec = GeneratorsSpec()
    ups: UpsSpec = UpsSpec()
    distribution: DistributionSpec = DistributionSpec()
    mechanical: MechanicalSpec = MechanicalSpec()
    load: LoadSpec = LoadSpec()
