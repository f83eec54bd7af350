"""How large the machines of a block and of a mechanical board are: as the site says, or as what hangs on them asks."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from gigasite.catalog.load import Catalog
from gigasite.catalog.power_products import ConductorRun, Generator, Transformer, Ups
from gigasite.design.electrical.losses import ups_loss_kw
from gigasite.design.electrical.ratings import (
    GENERATOR_KW,
    apparent_kva,
    continuous_ratio,
    current_a,
    machine_derate_ratio,
    next_standard,
    standard_amperes,
    standard_kva,
    transformer_derate_ratio,
)
from gigasite.spec.site import SiteSpec

# Engine-generator sets of 4 MW are the largest that makers list; a larger need takes several in parallel.
LARGEST_GENERATOR_KW = GENERATOR_KW[-1]
SMALL_UPS_KW = (10, 20, 30, 40, 60, 80, 100, 125, 160, 200, 250)


@dataclass(frozen=True, slots=True)
class Machine:
    """Equal units side by side: `required_count` of `unit_count` give `capacity_kw`."""

    capacity_kw: float
    rated_kva: float
    unit_count: int = 1
    required_count: int = 1
    limited_by: str = ""


@dataclass(frozen=True, slots=True)
class Power:
    """What sizing needs to know of a site: voltages, rules, air, products."""

    site: SiteSpec
    catalog: Catalog

    @property
    def electrical(self) -> str:
        return self.site.standards.electrical or "nec"

    @property
    def voltage_v(self) -> float:
        return self.site.power.blocks.rack_voltage_v or 415.0

    @property
    def is_direct_current(self) -> bool:
        """Whether runs to the racks carry DC: every system takes it, and no shelf in the rack makes it."""
        spread = self.site.power.distribution
        if spread.rack_dc_v is None or spread.shelf_product is not None:
            return False
        return all(self.catalog.system(pool.system).power_input == "dc-busbar" for pool in self.site.pools)

    @property
    def run_voltage_v(self) -> float:
        """Voltage of the runs to the racks: line to line, or of the DC busbar."""
        return (self.site.power.distribution.rack_dc_v or 800.0) if self.is_direct_current else self.voltage_v

    @property
    def run_phases(self) -> int:
        """Three phases, or one pair of conductors for DC."""
        return 1 if self.is_direct_current else 3

    @property
    def load_power_factor(self) -> float:
        return 1.0 if self.is_direct_current else self.site.power.blocks.power_factor or 1.0

    @property
    def mechanical_power_factor(self) -> float:
        return self.site.power.mechanical.power_factor or 0.9

    @property
    def altitude_m(self) -> float:
        return self.site.location.altitude_m or 0.0

    @property
    def ambient_c(self) -> float:
        value = self.site.location.extreme_dry_bulb_c
        return 40.0 if value is None else value

    @property
    def block_transformer(self) -> Transformer:
        return self.catalog.of(Transformer, self.site.power.transformers.block_product or "liquid-2500kva-doe")

    @property
    def main_transformer(self) -> Transformer:
        return self.catalog.of(Transformer, self.site.power.transformers.main_product or "power-100mva")

    @property
    def ups(self) -> Ups:
        return self.catalog.of(Ups, self.site.power.ups.product or "double-conversion")

    @property
    def generator(self) -> Generator:
        return self.catalog.of(Generator, self.site.power.generators.product or "diesel-standby")

    @property
    def run(self) -> ConductorRun:
        return self.catalog.of(ConductorRun, self.site.power.distribution.product or "busway-copper")

    @property
    def breaker_ratio(self) -> float:
        """Continuous share of boards' and busways' breakers."""
        return continuous_ratio(
            self.electrical, hundred_percent_rated=self.site.power.distribution.hundred_percent_rated
        )

    @property
    def generator_derate_ratio(self) -> float:
        return machine_derate_ratio(
            self.altitude_m, self.ambient_c, self.generator.altitude_points, self.generator.temperature_points
        )

    @property
    def has_fuel(self) -> bool:
        """Whether standby generators run on: diesels only where the site keeps fuel (`power.blocks.generator_h`)."""
        return self.generator.fuel == "gas" or self.site.power.blocks.generator_h != 0

    def transformer_derate_ratio(self, product: Transformer) -> float:
        """What altitude and the hottest day leave of a transformer's rating."""
        return transformer_derate_ratio(
            self.altitude_m,
            self.ambient_c,
            from_m=product.altitude_derate_from_m,
            per_100m=product.altitude_derate_ratio_per_100m,
            ambient_c_max=product.ambient_c_max,
            per_k=product.temperature_derate_ratio_per_k,
        )


def ups_for(need_kw: float, power_factor: float, power: Power, module_kw: float | None = None) -> Machine:
    """Modules that give `need_kw`, with those that may fail; of the site's size where `module_kw` is not given.

    A module's kW are its kVA: at a power factor below one it gives less.
    """
    module_kw = module_kw or power.site.power.ups.module_kw or 250.0
    redundancy = power.site.power.ups.redundancy or "N"
    required = max(math.ceil(need_kw / power_factor / module_kw - 1e-9), 1)
    count = 2 * required if redundancy == "2N" else required + (int(redundancy[2:]) if "+" in redundancy else 0)
    why = f"{required} of {count} modules of {module_kw:g} kW"
    return Machine(required * module_kw * power_factor, count * module_kw, count, required, why)


def pump_ups_for(need_kw: float, power: Power) -> Machine:
    """A UPS for pumps: modules of a size that suits a small need."""
    factor, site_kw = power.mechanical_power_factor, power.site.power.ups.module_kw or 250.0
    return ups_for(need_kw, factor, power, min(next_standard(need_kw / factor, SMALL_UPS_KW), site_kw))


def ups_input_kw(output_kw: float, machine: Machine, power: Power) -> float:
    """What a UPS draws at an output."""
    ups = power.ups
    return output_kw + ups_loss_kw(output_kw, machine.rated_kva, ups.efficiency_points, ups.no_load_loss_ratio)


def transformer_for(need_kw: float, power_factor: float, power: Power, given_mva: float | None = None) -> Machine:
    """A block's or a board's transformer: as given, or the next standard rating for what the weather leaves of it."""
    derate = power.transformer_derate_ratio(power.block_transformer)
    rated_kva = (
        given_mva * 1000
        if given_mva
        else next_standard(need_kw / power_factor / max(derate, 1e-3), standard_kva(power.electrical))
    )
    why = f"{rated_kva:,.0f} kVA at a power factor of {power_factor:.2f}"
    if derate < 1:
        why += f", {derate:.0%} of it at this altitude and on the hottest day"
    return Machine(rated_kva * derate * power_factor, rated_kva, limited_by=why)


def board_for(need_kw: float, power_factor: float, power: Power) -> Machine:
    """A low-voltage board; beyond the largest breaker, several incomers side by side."""
    sizes = standard_amperes(power.electrical)
    amperes = current_a(need_kw, power.voltage_v, power_factor=power_factor) / power.breaker_ratio
    count = max(math.ceil(amperes / sizes[-1] - 1e-9), 1)
    rating_a = next_standard(amperes / count, sizes)
    return _conductors(rating_a, count, power_factor, power, power.voltage_v, 3)


def run_of(rating_a: float, count: int, power: Power) -> Machine:
    """Busways of a rating to the racks."""
    return _conductors(rating_a, count, power.load_power_factor, power, power.run_voltage_v, power.run_phases)


def _conductors(
    rating_a: float, count: int, power_factor: float, power: Power, voltage_v: float, phases: int
) -> Machine:
    """Boards or busways of a rating: √3·V·I (V·I of DC), of which breakers may carry a part continuously."""
    kva = apparent_kva(voltage_v, rating_a, phases=phases) * count
    many = f"{count} x " if count > 1 else ""
    why = f"{many}{rating_a:g} A at {voltage_v:g} V"
    if power.breaker_ratio < 1:
        why += f", {power.breaker_ratio:.0%} for continuous load"
    return Machine(kva * power.breaker_ratio * power_factor, kva, count, count, why)


def generator_for(need_kw: float, power: Power, given_kw: float | None = None) -> Machine:
    """A standby generator, or equal ones in parallel beyond the largest, after what the weather leaves of them."""
    derate = max(power.generator_derate_ratio, 1e-3)
    if given_kw:
        unit_kw, count = given_kw, 1
    else:
        count = max(math.ceil(need_kw / derate / LARGEST_GENERATOR_KW - 1e-9), 1)
        unit_kw = next_standard(need_kw / derate / count, GENERATOR_KW)
    why = f"{count} x {unit_kw:g} kW" if count > 1 else f"{unit_kw:g} kW"
    if derate < 1:
        why += f", {derate:.0%} of it at this altitude and on the hottest day"
    return Machine(count * unit_kw * derate, count * unit_kw / power.generator.rated_power_factor, count, count, why)


def run_length_m(site: SiteSpec) -> float:
    """Length of a busway whose square of current loses as much as the run and the taps along the row do.

    Load that is tapped evenly along a row loses a third of what it would at the row's end.
    """
    row_m = (site.racks.row_positions or 16) * (site.racks.pitch_m or 0.6)
    return (site.power.distribution.run_m or 0.0) + row_m / 3


def run_loss_per_kva2(rating_a: float, count: int, power: Power) -> float:
    """Loss of a run in kW over the square of its load in kVA: R·L / V², of DC 2·R·L / V²; side by side a share each."""
    conductors = 1 if power.run_phases == 3 else 2
    milliohm_m = run_impedance(rating_a, power.run)[0]
    return conductors * milliohm_m * run_length_m(power.site) / power.run_voltage_v**2 / count


def run_impedance(rating_a: float, product: ConductorRun) -> tuple[float, float]:
    """Resistance and reactance of a phase in milliohm/m at a rating."""
    r = _interpolated([(a, r) for a, r, _ in product.impedance_points], rating_a)
    x = _interpolated([(a, x) for a, _, x in product.impedance_points], rating_a)
    return r, x


def rating_of_run(rated_kva: float, count: int, power: Power) -> float:
    """Rated current of one of `count` equal runs."""
    return current_a(rated_kva / count, power.run_voltage_v, phases=power.run_phases)


def _interpolated(points: list[tuple[float, float]], rating_a: float) -> float:
    """Between published ratings linear; beyond them in inverse proportion to the rating (equal current density)."""
    first, last = points[0], points[-1]
    if rating_a <= first[0]:
        return first[1] * first[0] / rating_a
    if rating_a >= last[0]:
        return last[1] * last[0] / rating_a
    for (a, ra), (b, rb) in itertools.pairwise(points):
        if rating_a <= b:
            return ra + (rb - ra) * (rating_a - a) / (b - a)
    return last[1]
