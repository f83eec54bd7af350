"""Expensive mistakes of cooling, each found by its own check at the limit that the relations of physics give.

Limits are worked out here from tables, catalog sheets and plain relations (Q = ρ·V̇·cp·ΔT, ε-NTU, latent heat); just
beyond them the same site is silent.
"""

from __future__ import annotations

import math

import polars as pl
import pytest

from gigasite.design.model import Design

from .sites import Site, catalog, changed, design_of, numbers, says, serious, site, switches_at

GB300 = site("gb300-nvl72", 36, pool__power_cap_kw=132)
WARM = {"altitude_m": 0, "extreme_dry_bulb_c": 43, "extreme_wet_bulb_c": 27}
WATER_KJ_LK = 995.7 / 1000 * 4.18


def rate_kw_k(lpm: float, fluid: str) -> float:
    """Heat that a flow carries a kelvin: ρ·V̇·cp."""
    sheet = catalog().fluid(fluid)
    return lpm / 60_000 * sheet.density_kg_m3 * sheet.specific_heat_kj_kgk


def plant(design: Design, kind: str) -> pl.DataFrame:
    return design.tables.plant.filter(pl.col("kind") == kind)


def total(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].sum())


# ride-through


def ride_through_s(design: Design, chillers_s: float) -> float:
    """Seconds of full heat without chillers, where they alone reach the supply temperature."""
    return (design.resolved.power.generators.start_s or 0.0) + chillers_s


@pytest.mark.parametrize("chillers_s", [60.0, 120.0, 300.0])
def test_coolant_rides_through_shorter_than_generators_and_chillers_start(chillers_s: float) -> None:
    """Tank + pipes + coolant in the racks against all heat until chillers run: E = V·ρ·cp·ΔT."""
    made = changed(GB300, location=WARM, cooling__rejection=["chiller"], cooling__facility={"pumps_on_ups": True})
    made = changed(made, power__mechanical__chillers_restart_s=chillers_s, cooling__loop={"supply_c": 40})
    design = design_of(made)
    heat_kw = design.cooling.facility_kw or 0.0
    margin_k = 45.0 - 40.0
    rise_k = (design.cooling.facility_return_c or 0.0) - (design.cooling.facility_supply_c or 0.0)
    how = design.resolved.cooling.outside.ride_through
    pg25 = catalog().fluid("pg25")
    racks_kj = (how.coolant_l_per_kw or 0) * heat_kw / 1000 * pg25.density_kg_m3 * pg25.specific_heat_kj_kgk * margin_k
    pipes_kj = (how.water_l_per_kw or 0) * heat_kw * WATER_KJ_LK * margin_k
    missing_kj = heat_kw * ride_through_s(design, chillers_s) - racks_kj - pipes_kj
    tank_m3 = missing_kj / (WATER_KJ_LK * 1000 * rise_k * (how.tank_usable_ratio or 1))
    hit = switches_at(
        lambda m3: changed(made, cooling__outside={"ride_through": {"liquid_buffer_m3": m3}}), tank_m3, "CLG143"
    )
    assert says(hit, round(ride_through_s(design, chillers_s)), margin_k)


def test_pumps_without_ups_leave_coolant_standing_longer_than_it_lasts() -> None:
    """0.25 l a kW warm by 5 K in ΔT·ρ·cp·V seconds: five of them, whatever the rack draws."""
    made = changed(GB300, location=WARM, cooling__loop={"supply_c": 40, "pumps_on_ups": False})
    hit = serious(design_of(made), "CLG143")[0]
    pg25 = catalog().fluid("pg25")
    litres = design_of(made).resolved.cooling.outside.ride_through.coolant_l_per_kw or 0.0
    seconds = litres / 1000 * pg25.density_kg_m3 * pg25.specific_heat_kj_kgk * 5
    assert says(hit, round(seconds))
    assert not serious(design_of(changed(made, cooling__loop__pumps_on_ups=True)), "CLG143")


def test_room_air_rides_through_shorter_than_its_cooling_starts() -> None:
    """A tank of n m³ more lasts E = V·ρ·cp·ΔT longer; where the room's own mass lasts, none is needed."""
    made = changed(site("dgx-h100", 8), location=WARM, cooling__rejection=["chiller"], cooling__air={"supply_c": 24})
    assert not serious(design_of(made), "CLG144"), "left out, the tank is sized"
    small, larger = (serious(design_of(_with_air_tank(made, m3)), "CLG144") for m3 in (0.0, 0.1))
    lasts = [numbers(hits[0].message)[-1 if index == 0 else -2] for index, hits in enumerate((small, larger))]
    assert lasts[1] >= lasts[0]
    assert not serious(design_of(_with_air_tank(made, 50.0)), "CLG144")
    assert serious(design_of(changed(made, cooling__air__fans_on_ups=False)), "CLG144")


def _with_air_tank(made: Site, m3: float) -> Site:
    return changed(made, cooling__outside={"ride_through": {"air_buffer_m3": m3}})


# outside


@pytest.mark.parametrize(("system", "nodes"), [("gb300-nvl72", 36), ("gb200-nvl72", 18)])
@pytest.mark.parametrize("supply_c", [30.0, 40.0, 44.0])
def test_dry_coolers_that_miss_the_supply_temperature_on_the_extreme_day(
    system: str, nodes: int, supply_c: float
) -> None:
    """Coolant = dry bulb + approach of the cooler + approach of the CDU: no redundancy makes up for a kelvin."""
    made = site(system, nodes, cooling={"rejection": ["dry-cooler"], "loop": {"supply_c": supply_c}})
    cooler, cdu = catalog().heat_rejection("dry-cooler"), catalog().cdu(design_of(made).cooling.cdu)
    assert cooler.approach_k is not None
    assert cdu.approach_k is not None
    dry_c = supply_c - cooler.approach_k - cdu.approach_k
    hit = switches_at(
        lambda c: changed(made, location={"extreme_dry_bulb_c": c, "extreme_wet_bulb_c": 15}),
        dry_c,
        "CLG105",
        wrong="above",
    )
    assert says(hit, supply_c, supply_c - cdu.approach_k)
    for redundancy in ("N+1", "2N"):
        hot = {"extreme_dry_bulb_c": dry_c + 0.5, "extreme_wet_bulb_c": 15}
        assert serious(design_of(changed(made, location=hot, cooling__outside={"redundancy": redundancy})), "CLG105")


def test_dry_coolers_that_miss_the_water_of_the_rooms() -> None:
    made = site("dgx-h100", 8, cooling={"rejection": ["dry-cooler"], "air": {"supply_c": 27}})
    unit = catalog().air_unit(design_of(made).cooling.air_unit)
    dry_c = 27 - (unit.approach_k or 0) - (catalog().heat_rejection("dry-cooler").approach_k or 0)
    switches_at(
        lambda c: changed(made, location={"extreme_dry_bulb_c": c, "extreme_wet_bulb_c": 5}),
        dry_c,
        "CLG114",
        wrong="above",
    )


def test_coolers_that_are_one_too_few_on_the_extreme_day() -> None:
    made = changed(GB300, location=WARM, cooling={"rejection": ["chiller"]})
    chillers = plant(design_of(made), "chiller").filter(pl.col("unit").str.contains("-liquid-"))
    need = int(chillers["required_count"][0])

    def counted(count: int) -> Site:
        units = [{"way": "chiller", "loop": "liquid", "count": count, "unit_kw": 100}]
        return changed(made, cooling__outside={"units": units})

    heat_kw = design_of(made).cooling.facility_kw or 0.0
    least = next(n for n in range(1, 20) if not serious(design_of(counted(n)), "CLG141"))
    unit_kw = float(
        plant(design_of(counted(least)), "chiller").filter(pl.col("unit").str.contains("-liquid-"))["capacity_kw"][0]
    )
    assert need >= 1
    assert least == math.ceil(heat_kw / unit_kw - 1e-9)
    assert serious(design_of(counted(least)), "CLG142")
    assert not serious(design_of(counted(least + 1)), "CLG142")


def test_water_above_its_limit() -> None:
    """Evaporation carries the heat: 1.47 l a kWh, and blowdown beside it: make-up = E · c / (c - 1)."""
    made = changed(
        GB300,
        location={"altitude_m": 0, "extreme_dry_bulb_c": 35, "extreme_wet_bulb_c": 24},
        cooling={"rejection": ["cooling-tower"], "loop": {"supply_c": 40}, "air": {"supply_c": 32}},
    )
    told = serious(design_of(changed(made, cooling__water_limit_m3_day=0.001)), "CLG109")[0]
    makeup, evaporated, cycles = (n for n in numbers(told.message)[:3])
    assert makeup == pytest.approx(evaporated * cycles / (cycles - 1), abs=1.0)
    heat_kw = sum(h or 0.0 for h in (design_of(made).cooling.facility_kw, design_of(made).cooling.air_water_kw))
    assert evaporated <= heat_kw * 24 * 1.47 / 1000 * 1.05
    assert evaporated >= heat_kw * 24 * 1.47 / 1000 * 0.6, "most of a tower's heat leaves as vapour"
    assert serious(design_of(changed(made, cooling__water_limit_m3_day=makeup - 0.6)), "CLG109")
    assert not serious(design_of(changed(made, cooling__water_limit_m3_day=makeup + 0.6)), "CLG109")


# inside


def test_coolant_flow_short_at_the_head() -> None:
    """Along H₀ - (H₀ - H_r)·(V̇/V̇_r)² with H₀ = 1.2·H_r, the head at which one CDU moves what the racks ask."""
    made = site("gb300-nvl72", 144, pool__power_cap_kw=132)
    cdus = catalog().all_of(type(catalog().cdu("boyd-rol4000")))
    cdu = max((c for c in cdus if c.tcs_head_kpa), key=lambda c: c.tcs_flow_lpm or 0.0)
    made = changed(made, cooling__loop={"supply_c": 40, "cdu": cdu.key, "cdu_count": 2, "rack_dp_kpa": 100})
    design = design_of(changed(made, cooling__loop__piping_dp_kpa=10))
    flow = design.cooling.flow_lpm or 0.0
    rack_kpa = (design.cooling.tcs_head_kpa or 0.0) - 10
    assert cdu.tcs_flow_lpm
    assert cdu.tcs_head_kpa
    share = flow / cdu.tcs_flow_lpm  # one of two may be lost
    assert share < 1
    piping_kpa = 1.2 * cdu.tcs_head_kpa - 0.2 * cdu.tcs_head_kpa * share**2 - rack_kpa
    hit = switches_at(lambda kpa: changed(made, cooling__loop__piping_dp_kpa=kpa), piping_kpa, "CLG121", wrong="above")
    assert says(hit, round(flow))


def test_a_heat_exchanger_short_at_the_approach() -> None:
    """At a balanced rating point Q = C·(ε/(1-ε))·approach; rated flows on both sides leave UA as it was rated."""
    made = site(
        "gb300-nvl72",
        36,
        pool__power_cap_kw=132,
        cooling__loop={"supply_c": 40, "cdu": "ocp-rating-1mw", "cdu_count": 2},
    )
    design = design_of(made)
    cdu, heat_kw, flow = (
        catalog().cdu("ocp-rating-1mw"),
        design.cooling.liquid_kw or 0.0,
        design.cooling.flow_lpm or 0.0,
    )
    assert cdu.tcs_flow_lpm
    assert cdu.approach_k
    hot_r = rate_kw_k(cdu.tcs_flow_lpm, cdu.rating_fluid or "pg25")
    cold_r = rate_kw_k(cdu.facility_flow_lpm, "water") if cdu.facility_flow_lpm else hot_r
    ntu_r = _ntu(cdu.capacity_kw / (min(hot_r, cold_r) * (cdu.approach_k + cdu.capacity_kw / hot_r)), hot_r, cold_r)
    ua_r = ntu_r * min(hot_r, cold_r)
    hot = rate_kw_k(flow, "pg25")
    ua = 2 * ua_r / ((hot / hot_r) ** -0.67 + 1.0)
    strength = _effect(ua / min(hot, cold_r), hot, cold_r) * min(hot, cold_r)
    approach_k = heat_kw * (1 - strength / hot) / strength
    assert 0 < approach_k < 10
    hit = switches_at(lambda k: changed(made, cooling__facility={"supply_c": 40 - k}), approach_k, "CLG122", rel=0.01)
    assert says(hit, heat_kw, rel=1e-3)


def _ntu(effect: float, hot: float, cold: float) -> float:
    r = min(hot, cold) / max(hot, cold)
    return effect / (1 - effect) if abs(1 - r) < 1e-9 else math.log((1 - effect * r) / (1 - effect)) / (1 - r)


def _effect(ntu: float, hot: float, cold: float) -> float:
    r = min(hot, cold) / max(hot, cold)
    if abs(1 - r) < 1e-9:
        return ntu / (1 + ntu)
    falling = math.exp(-ntu * (1 - r))
    return (1 - falling) / (1 - r * falling)


def test_residual_heat_of_liquid_cooled_racks_above_the_air_handlers() -> None:
    """What liquid leaves over goes into the room: n units, one of which may be lost, each of its capacity."""
    design = design_of(GB300)
    racks = design.tables.racks
    wet = racks.filter(pl.col("liquid_kw") > 0)
    heat = catalog().system("gb300-nvl72")
    assert total(wet, "air_kw") / total(wet, "liquid_kw") == pytest.approx((heat.air_kw or 0) / (heat.liquid_kw or 1))
    dry = racks.filter(pl.col("liquid_kw") == 0)
    assert total(dry, "air_kw") == pytest.approx(total(dry, "it_kw"))
    hall = design.halls[0]
    need = math.ceil((hall.room_kw or 0.0) / (hall.air_unit_kw or 1.0) - 1e-9)
    assert need > 1
    for count in (0, need - 1, need):
        hit = serious(design_of(changed(GB300, cooling__air={"unit_count": count})), "CLG107")
        assert hit, count
        assert says(hit[0], hall.room_kw or 0.0, rel=0.01)
    assert not serious(design_of(changed(GB300, cooling__air={"unit_count": need + 1})), "CLG107")


@pytest.mark.parametrize("promise", ["basic", "concurrently-maintainable"])
def test_a_cdu_too_few(promise: str) -> None:
    made = site("gb300-nvl72", 288, pool__power_cap_kw=132, standards__availability=promise)
    design = design_of(made)
    hall = design.halls[0]
    need = max(math.ceil(h) for h in ((hall.liquid_kw or 0) / design.cooling.cdu_usable_kw, 1.0))
    spare = 1 if promise != "basic" else 0
    assert hall.cdu_required_count == need
    code = "CLG102" if spare else "CLG101"
    assert serious(design_of(changed(made, cooling__loop={"cdu_count": need - 1 + spare})), code)
    assert not serious(design_of(changed(made, cooling__loop={"cdu_count": need + spare})), code)


@pytest.mark.parametrize("dew_c", [12.0, 17.0, 22.0])
def test_coolant_below_the_dew_point(dew_c: float) -> None:
    made = changed(GB300, cooling__air={"dew_point_c": dew_c})
    wet = serious(design_of(changed(made, cooling__loop={"supply_c": dew_c - 0.1})), "CLG125")
    near = serious(design_of(changed(made, cooling__loop={"supply_c": dew_c + 1.9})), "CLG125")
    assert [f.severity.value for f in wet] == ["error"]
    assert [f.severity.value for f in near] == ["warning"]
    assert not serious(design_of(changed(made, cooling__loop={"supply_c": dew_c + 2.0})), "CLG125")


def test_one_leak_takes_more_racks_than_the_site_allows() -> None:
    made = site("gb300-nvl72", 288, pool__power_cap_kw=132, cooling__loop={"isolation": "row"})
    racks = design_of(made).tables.racks.filter(pl.col("liquid_kw") > 0)
    longest = int(racks.group_by("hall", "row").len()["len"].max())  # type: ignore[arg-type]
    assert serious(design_of(changed(made, cooling__loop__leak_racks_max=longest - 1)), "CLG131")
    assert not serious(design_of(changed(made, cooling__loop__leak_racks_max=longest)), "CLG131")
    assert not serious(design_of(changed(made, cooling__loop={"isolation": "rack", "leak_racks_max": 1})), "CLG131")
