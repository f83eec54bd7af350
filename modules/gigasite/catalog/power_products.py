"""Products of the power chain: what each loses at its load, how it reacts, and what the weather takes from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gigasite.catalog.models import Positive, Product

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Point = tuple[float, float]


def _rising(name: str, points: tuple[tuple[float, ...], ...]) -> None:
    places = [point[0] for point in points]
    if places != sorted(set(places)):
        raise ValueError(f"{name} must stand in rising order of their first figure, none of them twice")


class Transformer(Product):
    """A three-phase transformer. Of another rating than its own it is scaled: losses in proportion to the rating."""

    kind: Literal["transformer"] = "transformer"
    rated_kva: Positive
    no_load_loss_kw: NotNegative
    """Iron losses, whenever it has voltage."""
    load_loss_kw: NotNegative
    """Copper losses at rated load; they go with the square of the load."""
    impedance_ratio: Annotated[float, Field(gt=0, lt=1)]
    """Short-circuit voltage uk over rated voltage."""
    insulation: Literal["liquid", "dry"] = "liquid"
    altitude_derate_from_m: Positive | None = None
    """Above this it gives less."""
    altitude_derate_ratio_per_100m: Share | None = None
    ambient_c_max: float | None = None
    """Warmest day at which it carries its rating."""
    temperature_derate_ratio_per_k: Share | None = None
    """Rating lost for each kelvin above `ambient_c_max`."""


class Ups(Product):
    """An uninterruptible power supply with the efficiency that it has at its load."""

    kind: Literal["ups"] = "ups"
    topology: Literal["double-conversion", "eco", "line-interactive", "rotary", "dc"]
    efficiency_points: tuple[Point, ...]
    """(load over rating, efficiency), from light to full load."""
    no_load_loss_ratio: NotNegative
    """Loss without load, over the rating."""
    input_power_factor: Annotated[float, Field(gt=0, le=1)]
    module_kw: Positive | None = None
    """Size of one module of a modular unit."""
    overload_points: tuple[Point, ...] = ()
    """(load over rating, seconds that it stands it)."""

    @model_validator(mode="after")
    def _curve(self) -> Ups:
        if not self.efficiency_points:
            raise ValueError("efficiency_points must not be empty")
        _rising("efficiency_points", self.efficiency_points)
        if any(load <= 0 or not 0 < efficiency <= 1 for load, efficiency in self.efficiency_points):
            raise ValueError("efficiency_points are pairs (load above 0, efficiency in 0..1)")
        return self


class Generator(Product):
    """A standby generator set."""

    kind: Literal["generator"] = "generator"
    fuel: Literal["diesel", "gas", "hvo"]
    start_s: Positive
    """From the loss of the grid until it takes load."""
    step_ratio: Annotated[float, Field(gt=0, le=1)]
    """Largest step of load at once, over its rating."""
    ramp_ratio_per_s: Positive
    fuel_points: tuple[Point, ...] = ()
    """(load over rating, litres of fuel a kWh of electricity)."""
    fuel_kwh_per_l: Positive | None = None
    """Lower heating value of a litre."""
    co2e_kg_per_l: NotNegative | None = None
    rated_power_factor: Annotated[float, Field(gt=0, le=1)] = 0.8
    altitude_points: tuple[Point, ...] = ()
    """(altitude in m, share of the rating that is left)."""
    temperature_points: tuple[Point, ...] = ()
    """(outside air in °C, share of the rating that is left)."""
    subtransient_reactance_ratio: Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _curves(self) -> Generator:
        for name in ("fuel_points", "altitude_points", "temperature_points"):
            _rising(name, getattr(self, name))
        return self


class ConductorRun(Product):
    """What carries power from a UPS to the rack feeds: a busway, or a PDU or remote panel with its cables."""

    kind: Literal["conductor-run"] = "conductor-run"
    form: Literal["busway", "pdu", "rpp"]
    impedance_points: tuple[tuple[float, float, float], ...]
    """(rated current in A, resistance and reactance of a phase in milliohm/m)."""
    no_load_loss_ratio: NotNegative = 0.0
    """Of a PDU with a transformer: iron losses over its rating."""
    load_loss_ratio: NotNegative = 0.0
    """Of a PDU with a transformer: copper losses at its rating, over it."""
    short_circuit_points: tuple[Point, ...] = ()
    """(rated current in A, short-circuit current that it stands in kA)."""

    @model_validator(mode="after")
    def _curves(self) -> ConductorRun:
        if not self.impedance_points:
            raise ValueError("impedance_points must not be empty")
        _rising("impedance_points", self.impedance_points)
        _rising("short_circuit_points", self.short_circuit_points)
        return self


class TransferSwitch(Product):
    """A static transfer switch between two sources."""

    kind: Literal["transfer-switch"] = "transfer-switch"
    transfer_s: NotNegative
    efficiency_ratio: Annotated[float, Field(gt=0, le=1)]


class Bess(Product):
    """Battery storage with its converters."""

    kind: Literal["bess"] = "bess"
    round_trip_ratio: Annotated[float, Field(gt=0, le=1)]
    response_s: NotNegative
    duration_h: Positive | None = None


class GenerationUnit(Product):
    """A unit that makes power all year: its fuel and carbon, its year, and what site and weather take from it."""

    kind: Literal["generation-unit"] = "generation-unit"
    technology: Literal["gas-turbine", "reciprocating-engine", "fuel-cell", "solar", "wind", "nuclear"]
    is_firm: bool
    """Whether it gives its power when the site asks for it."""
    efficiency_ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    """Electricity over the lower heating value of its fuel, at full load."""
    heat_rate_kj_per_kwh: Positive | None = None
    co2e_kg_per_kwh: NotNegative | None = None
    """Emitted where it stands, a kWh of electricity."""
    capacity_factor_ratio: Share | None = None
    """Energy of a year over what its rating would give."""
    ramp_ratio_per_min: Positive | None = None
    step_ratio: Share | None = None
    start_s: Positive | None = None
    rated_power_factor: Annotated[float, Field(gt=0, le=1)] | None = None
    subtransient_reactance_ratio: Annotated[float, Field(gt=0, lt=1)] | None = None
    """x″d over the rated apparent power; of inverters rated current over fault current. None: nothing is told."""
    altitude_points: tuple[Point, ...] = ()
    """(altitude in m, share of the rating that is left)."""
    temperature_points: tuple[Point, ...] = ()
    """(outside air in °C, share of the rating that is left)."""

    @model_validator(mode="after")
    def _curves(self) -> GenerationUnit:
        _rising("altitude_points", self.altitude_points)
        _rising("temperature_points", self.temperature_points)
        return self


class PowerShelf(Product):
    """A shelf of power supplies that feeds the DC busbar of a rack."""

    kind: Literal["power-shelf"] = "power-shelf"
    psu_count: Annotated[int, Field(gt=0)]
    psu_kw: Positive
    efficiency_points: tuple[Point, ...] = ()
    """(load over rating, efficiency)."""
    output_v: Positive
    input_v_min: Positive | None = None
    """Lowest input voltage, line to neutral unless `input_is_line_to_line`."""
    input_v_max: Positive | None = None
    input_is_line_to_line: bool = False
    height_u: Annotated[int, Field(gt=0)] | None = None

    @property
    def rated_kw(self) -> float:
        """All supplies together."""
        return self.psu_count * self.psu_kw

    @property
    def redundant_kw(self) -> float:
        """With one supply lost (N+1)."""
        return (self.psu_count - 1) * self.psu_kw
